// On which databases does the service refuse to start, and does it say why?
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/database.ts'
import { bootstrap, type Urls } from '../../src/platform/bootstrap.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { migrate } from '../../src/platform/migrate.ts'

// Roles belong to a whole server: what is done to them here must not meet the other tests.
let folder = ''
let postgres: EmbeddedPostgres
let urls: Urls
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lotse-refusals-'))
  postgres = await startEmbeddedPostgres({ dataDir: folder })
  urls = await bootstrap(postgres.adminUrl, 'lotse')
})
afterAll(async () => {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

async function asSuperuser(sql: string) {
  const url = new URL(postgres.adminUrl)
  url.pathname = '/lotse'
  const client = new pg.Client({ connectionString: url.toString() })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

const told: string[] = []
const open = (databaseUrl = urls.serviceUrl, databaseOwnerUrl?: string, databaseWorkerUrl?: string) =>
  openDatabase({ dataDir: folder, databaseUrl, databaseOwnerUrl, databaseWorkerUrl }, (line) =>
    told.push(line),
  )

test('a database that has not been migrated is refused; as its owner, the start migrates it', async () => {
  await expect(open()).rejects.toThrow('npm run migrate')
  await expect(open(urls.serviceUrl, urls.ownerUrl)).resolves.toMatchObject({ embedded: false })
  await expect(open()).resolves.toMatchObject({ embedded: false })
  expect(await migrate(urls.ownerUrl)).toEqual([])
})

test('a database from before there was a queue is told in one sentence what it needs, and gets it', async () => {
  await asSuperuser(`
    drop schema graphile_worker cascade; drop schema jobs cascade;
    delete from migrations.applied where name in ('0004_jobs.sql', 'jobs');
    drop owned by lotse_worker; drop role lotse_worker`)
  await expect(open()).rejects.toThrow('npm run migrate')
  await expect(migrate(urls.ownerUrl)).rejects.toThrow(
    'The role lotse_worker is missing: let a superuser run migrations/roles.sql once more',
  )
  await asSuperuser(await readFile(new URL('../../migrations/roles.sql', import.meta.url), 'utf8'))
  await asSuperuser(`alter role lotse_worker password 'worker'`)
  expect(await migrate(urls.ownerUrl)).toEqual(['0004_jobs.sql', 'access', 'jobs'])
  expect(await migrate(urls.ownerUrl)).toEqual([])
  const workerUrl = Object.assign(new URL(urls.workerUrl), { password: 'worker' }).toString()
  await expect(open(urls.serviceUrl, undefined, workerUrl)).resolves.toMatchObject({ workerUrl })
  // Twice is as good as once.
  await asSuperuser(await readFile(new URL('../../migrations/roles.sql', import.meta.url), 'utf8'))
  await expect(open(urls.serviceUrl, undefined, workerUrl)).resolves.toMatchObject({ workerUrl })
})

test('for the queue, a role that reaches the tables is refused, and so is one that does not own it', async () => {
  for (const [url, sentence] of [
    [urls.serviceUrl, 'meant for the queue only'],
    [urls.ownerUrl, 'meant for the queue only'],
    [postgres.adminUrl.replace(/\/[^/]*$/, '/lotse'), 'bypass row-level security'],
  ] as const)
    await expect(open(urls.serviceUrl, undefined, url), sentence).rejects.toThrow(sentence)
  await expect(open(urls.serviceUrl, undefined, urls.serviceUrl)).rejects.toThrow('does not own the queue')
})

test('the role that owns the tables, and a superuser, are refused', async () => {
  await expect(open(urls.ownerUrl)).rejects.toThrow('owns tables')
  const url = new URL(postgres.adminUrl)
  url.pathname = '/lotse'
  await expect(open(url.toString())).rejects.toThrow('can bypass row-level security')
})

test.each([
  [
    'alter role lotse_service bypassrls',
    'alter role lotse_service nobypassrls',
    'can bypass row-level security',
  ],
  [
    'grant lotse_owner to lotse_service',
    'revoke lotse_owner from lotse_service',
    'member of the role that does',
  ],
  [
    'revoke lotse_audit from lotse_service',
    'grant lotse_audit to lotse_service with inherit false, set true',
    'lotse_audit',
  ],
  [
    'grant lotse_worker to lotse_service',
    'revoke lotse_worker from lotse_service',
    'could change jobs that wait',
  ],
  [
    'alter table cases no force row level security',
    'alter table cases force row level security',
    'lacks FORCE',
  ],
  [
    'alter table cases disable row level security',
    'alter table cases enable row level security',
    'lacks FORCE',
  ],
  ['create table stray (id int)', 'drop table stray', 'lacks FORCE'],
  [
    'alter role lotse_service set synchronous_commit = off',
    'alter role lotse_service reset synchronous_commit',
    'could be lost',
  ],
])('"%s" is refused', async (damage, repair, sentence) => {
  await asSuperuser(damage)
  try {
    await expect(open()).rejects.toThrow(sentence)
  } finally {
    await asSuperuser(repair)
  }
  await expect(open()).resolves.toBeDefined()
})

/** Of what comes through this door, the first is never answered and the second hears that the server still starts. */
async function slowDoor(url: string) {
  const { port } = new URL(url)
  const error = Buffer.from('SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0')
  const length = Buffer.alloc(4)
  length.writeInt32BE(error.length + 4)
  const ways = [
    (socket: Socket) => void socket.resume(),
    (socket: Socket) => void socket.end(Buffer.concat([Buffer.from('E'), length, error])),
  ]
  const door = createServer((socket) => {
    socket.on('error', () => {})
    const way = ways.shift()
    if (way) return way(socket)
    const behind = connect(Number(port), '127.0.0.1').on('error', () => {})
    socket.pipe(behind).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const through = Object.assign(new URL(url), { port: String((door.address() as AddressInfo).port) })
  return { url: through.toString(), ways, close: () => door.close() }
}

test('a database that is slow, or still starting itself, is asked again', { timeout: 30_000 }, async () => {
  // Both at once: what is never answered takes five seconds. Whoever migrates at the start comes first as the owner.
  const [service, owner] = await Promise.all([slowDoor(urls.serviceUrl), slowDoor(urls.ownerUrl)])
  try {
    told.length = 0
    await Promise.all([open(service.url), open(urls.serviceUrl, owner.url)])
    expect(told).toEqual(Array(4).fill('PostgreSQL does not answer yet; asking again'))
    expect([service.ways, owner.ways]).toEqual([[], []])
    // What it refuses for another reason is said at once.
    await asSuperuser('create table stray (id int)')
    await expect(open(service.url)).rejects.toThrow('lacks FORCE')
    expect(told).toHaveLength(4)
  } finally {
    await asSuperuser('drop table if exists stray')
    service.close()
    owner.close()
  }
})
