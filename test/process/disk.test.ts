// What happens when the disk of the database is full? Nothing half done, no process ends, and afterwards all goes on.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { bootstrap } from '../../src/platform/bootstrap.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createLog } from '../../src/platform/log.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { createChecker, type OpenApi } from '../support/answers.ts'
import { createClient } from '../support/http.ts'
import { makeCast } from '../support/make.ts'
import { password } from '../support/people.ts'
import { unhurried } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const mount = 'mount -t tmpfs -o size=160m,mode=0711 lotse "$0"'
const mayMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-m', 'sh', '-c', mount, tmpdir()], { timeout: 5_000 }).status === 0

const ending: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ending.reverse()) await end()
})

/** A PostgreSQL on a disk of 160 MB that nobody else sees. */
async function smallDisk() {
  const folder = await mkdtemp(join(tmpdir(), 'lotse-disk-'))
  const script = [process.execPath, '--import', 'tsx/esm', 'test/support/small-disk.ts', folder]
  const child: ChildProcess = spawn(
    'unshare',
    ['-m', 'sh', '-c', `${mount} && exec "$@"`, folder, ...script],
    {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const heard: { word: string; adminUrl?: string }[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => {
    heard.push(JSON.parse(line) as (typeof heard)[number])
    child.emit('heard')
  })
  ending.push(async () => {
    child.stdin!.end()
    await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  })
  async function hears(word: string) {
    for (;;) {
      const at = heard.findIndex((line) => line.word === word)
      if (at >= 0) return heard.splice(at, 1)[0]!
      await once(child, 'heard')
    }
  }
  const tell = (word: string, answer: string) => {
    child.stdin!.write(`${word}\n`)
    return hears(answer)
  }
  return {
    adminUrl: (await hears('started')).adminUrl!,
    fill: () => tell('fill', 'full'),
    free: () => tell('free', 'free'),
    start: () => tell('start', 'started'),
    lost: () => hears('lost'),
  }
}

test(
  'a full disk refuses what does not fit, whole and in words, and takes it again when there is room',
  { timeout: 120_000 },
  async ({ skip }) => {
    if (!mayMount) skip('a disk of its own needs Linux, root and `unshare -m`')
    const disk = await smallDisk()
    const urls = await bootstrap(disk.adminUrl, 'lotse')
    await migrate(urls.ownerUrl)
    const lines: string[] = []
    const made = await createApp({
      databaseUrl: urls.serviceUrl,
      databasePool: 4,
      keys: keysFrom(Buffer.alloc(32, 7)),
      log: createLog('info', { write: (line) => void lines.push(line) }),
      requestsPerMinute: unhurried,
    })
    ending.push(() => made.app.close())
    const address = await made.app.listen({ host: '127.0.0.1', port: 0 })
    const check = createChecker(made.routes.document() as unknown as OpenApi)
    const open = (token?: string) => createClient(address, check, token)
    const { members } = await makeCast(made.db, open)
    const { municipality, email } = members.nora
    const { body } = await open().post('/v1/auth/token', { municipality, email, password })
    const nora = open(String(body['accessToken']))
    const ready = async () => {
      const response = await fetch(`${address}/health/ready`)
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    const atLotse = new URL(disk.adminUrl)
    atLotse.pathname = '/lotse'
    async function sql(text: string) {
      const client = new pg.Client({ connectionString: atLotse.toString() })
      client.on('error', () => {})
      await client.connect()
      return client.query<{ n: string }>(text).finally(() => client.end())
    }
    const count = async (text: string) => Number((await sql(text)).rows[0]!.n)
    const add = () =>
      nora.post('/v1/clients', { identificationLevel: 'anonymous', district: 'x'.repeat(100) })
    const clients = () => count(`select count(*) as n from clients where district like 'xxx%'`)
    const audited = () =>
      count(`select count(*) as n from audit_events where action = 'clients.create' and status = 201`)

    expect(await ready()).toEqual({ status: 200, body: { status: 'ok', failing: [] } })
    expect((await add()).status).toBe(201)

    // Room in the log, none for the tables: so it begins.
    await sql('select pg_switch_wal()')
    await sql('checkpoint')
    await disk.fill()
    let acknowledged = 1
    let refused = 0
    for (let tries = 0; tries < 500 && refused < 5; tries++) {
      const answer = await add()
      if (answer.status === 201) acknowledged++
      else {
        expect(answer.status).toBe(503)
        expect(['out_of_room', 'try_again']).toContain(answer.body.code)
        expect(answer.headers['retry-after']).toBeTruthy()
        refused++
      }
    }
    expect(refused).toBe(5)
    // Whole or not at all, and each with its audit row.
    expect(await clients()).toBe(acknowledged)
    expect(await audited()).toBe(acknowledged)
    expect(lines.join('')).toContain('"code":"53100"')

    // A read writes its audit row: it is answered as long as that fits, and then not at all.
    const reads: number[] = []
    for (let tries = 0; tries < 500 && !reads.includes(503); tries++) {
      const answer = await nora.get('/v1/clients?limit=1')
      reads.push(answer.status)
      if (answer.status === 503) expect(answer.text).not.toContain('xxx')
      else expect(answer.status).toBe(200)
    }
    expect(reads).toContain(503)
    expect((await ready()).status).toBe(503)
    // Whatever asks for no data is answered, and so is whether it works.
    expect((await open().get('/v1/vocabularies')).status).toBe(200)
    expect((await fetch(`${address}/health/live`)).status).toBe(200)
    await expect.poll(ready, { timeout: 15_000, interval: 500 }).toEqual({
      status: 200,
      body: { status: 'degraded', failing: ['writes'] },
    })

    await disk.free()
    expect((await add()).status).toBe(201)
    expect((await nora.get('/v1/clients?limit=1')).status).toBe(200)
    await expect.poll(ready, { timeout: 8_000, interval: 250 }).toEqual({
      status: 200,
      body: { status: 'ok', failing: [] },
    })

    // Worse: no room for the log itself. PostgreSQL ends, the service stays and says so.
    await disk.fill()
    for (let tries = 0; tries < 60; tries++)
      if (
        await sql(`select pg_logical_emit_message(false, 'x', repeat('x', 2000000))`).then(
          () => false,
          () => true,
        )
      )
        break
    await disk.lost()
    expect((await add()).status).toBe(503)
    expect((await ready()).status).toBe(503)
    expect((await fetch(`${address}/health/live`)).status).toBe(200)
    await disk.free()
    await disk.start()
    const again = async () => (await nora.get('/v1/clients?limit=1')).status
    await expect.poll(again, { timeout: 10_000 }).toBe(200)
    expect((await add()).status).toBe(201)
    expect(await clients()).toBe(acknowledged + 2)
    expect(await audited()).toBe(acknowledged + 2)
  },
)
