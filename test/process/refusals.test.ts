// On which databases does the service refuse to start, and does it say why?
import { mkdtemp, rm } from 'node:fs/promises'
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

const open = (databaseUrl = urls.serviceUrl, databaseOwnerUrl?: string) =>
  openDatabase({ dataDir: folder, databaseUrl, databaseOwnerUrl })

test('a database that has not been migrated is refused; as its owner, the start migrates it', async () => {
  await expect(open()).rejects.toThrow('npm run migrate')
  await expect(open(urls.serviceUrl, urls.ownerUrl)).resolves.toMatchObject({ embedded: false })
  await expect(open()).resolves.toMatchObject({ embedded: false })
  expect(await migrate(urls.ownerUrl)).toEqual([])
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
