// Does the embedded PostgreSQL keep its promises: start, end, survive, refuse, be silent?
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'

const onLinux = process.platform === 'linux'
const launcher = new URL('../../src/platform/embedded-postgres.ts', import.meta.url).href

const temporaryFolder = () => mkdtemp(join(tmpdir(), 'lotse-embedded-'))
const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 5 })

async function emptyFolder(): Promise<string> {
  const path = await temporaryFolder()
  onTestFinished(() => remove(path))
  return path
}

// One folder for all tests that are not about the first start: whatever a test does to it, the next one starts.
let dataDir = ''
beforeAll(async () => {
  dataDir = await temporaryFolder()
})
afterAll(() => remove(dataDir))

async function start(path = dataDir): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir: path })
  onTestFinished(() => postgres.stop())
  return postgres
}

async function query(url: string, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows
  } finally {
    await client.end()
  }
}

/** A service in a process of its own, in a process group of its own as in a terminal. It says what `script` says. */
function service(script: string, path = dataDir) {
  const source = `
    import pg from ${JSON.stringify(import.meta.resolve('pg'))}
    import { startEmbeddedPostgres } from ${JSON.stringify(launcher)}
    const start = () => startEmbeddedPostgres({ dataDir: ${JSON.stringify(path)} })
    ${script}`
  const args = ['--import', 'tsx/esm', '--input-type=module', '--eval', source]
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  return { child, lines, pid: child.pid ?? 0 }
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const begin = Date.now(); !(await condition()); await sleep(10)) {
    if (Date.now() - begin > 8_000) throw new Error(`waited in vain until ${what}`)
  }
}

const pidFile = () => join(dataDir, 'postgres', 'data', 'postmaster.pid')
const serverPid = async () => Number.parseInt(await readFile(pidFile(), 'utf8'))
const parentOf = async (pid: number) =>
  Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

test('data, port and password survive a restart', async () => {
  const first = await start()
  await query(first.adminUrl, `drop table if exists note; create table note as select 'Grüne' as word`)
  await first.stop()
  const begin = Date.now()
  const second = await start()
  expect(Date.now() - begin).toBeLessThan(1_500) // 90 ms on an idle machine
  expect(await query(second.adminUrl, 'select word, upper(word) from note')).toEqual([
    { word: 'Grüne', upper: 'GRÜNE' },
  ])
  expect(second.adminUrl).toBe(first.adminUrl)
})

test('it stops within seconds, twice is once, and nothing is left running', async () => {
  const postgres = await start()
  const client = new pg.Client(postgres.adminUrl)
  client.on('error', () => {})
  await client.connect()
  const sleeping = client.query('select pg_sleep(60)').catch((error: { code?: string }) => error.code)
  const pid = await serverPid()
  const begin = Date.now()
  await Promise.all([postgres.stop(), postgres.stop()])
  expect(Date.now() - begin).toBeLessThan(3_000)
  expect(await sleeping).toBe('57P01')
  expect(isRunning(pid)).toBe(false)
  expect(existsSync(pidFile())).toBe(false)
})

test('it listens on loopback only, by password only, and writes durably', async () => {
  const { adminUrl, port } = await start()
  expect(await answers('127.0.0.1', port)).toBe(true)
  expect(await answers('127.0.0.2', port)).toBe(false) // would answer on 0.0.0.0
  expect(await answers('::1', port)).toBe(false)
  const wrong = adminUrl.replace(/:[^:@]+@/, ':wrong@')
  await expect(query(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  expect((await stat(join(dataDir, 'postgres', 'password'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700)

  const settings = await query(
    adminUrl,
    `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
       current_setting('synchronous_commit') as commit, current_setting('unix_socket_directories') as sockets,
       current_setting('timezone') as zone, current_setting('server_encoding') as encoding,
       datlocprovider as provider, datlocale as locale from pg_database where datname = 'postgres'`,
  )
  const durable = { fsync: 'on', pages: 'on', commit: 'on', sockets: '', zone: 'UTC' }
  expect(settings).toEqual([{ ...durable, encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' }])
})

test('no value of a statement, of a row or of an error reaches the log', async () => {
  const { adminUrl } = await start()
  await query(adminUrl, 'drop table if exists person')
  await query(adminUrl, 'create table person (name text primary key, born date)')
  const insert = 'insert into person (name, born) values ($1, $2)'
  await query(adminUrl, insert, ['Geheimrat', '1980-01-01'])
  for (const [sql, values] of [
    [insert, ['Geheimrat', '1980-01-01']], // the detail of a duplicate quotes the row
    [insert, ['Other', 'Geheimrat']], // a bad date is quoted
    [`insert into person (name) select 'Geheimrat' from nowhere`, []],
    [`Geheimrat`, []], // a syntax error quotes the word
    [`do $$ begin raise warning 'Geheimrat'; raise exception 'Geheimrat'; end $$`, []],
  ] as const) {
    await expect(query(adminUrl, sql, [...values])).rejects.toThrow()
  }
  // A crashed backend makes the server report the statement it was at.
  const victim = new pg.Client(adminUrl)
  victim.on('error', () => {})
  await victim.connect()
  const [row] = (await victim.query<{ pid: number }>('select pg_backend_pid() as pid')).rows
  const lost = victim.query(`select pg_sleep(60), 'Geheimrat'`).catch(() => 'lost')
  await until('the statement runs', async () => {
    return (await query(adminUrl, `select 1 from pg_stat_activity where wait_event = 'PgSleep'`)).length === 1
  })
  process.kill(row?.pid ?? Number.NaN, 'SIGKILL')
  expect(await lost).toBe('lost')
  await until('the server is back', () => query(adminUrl, 'select 1').then(Boolean, () => false))

  const log = () => readFile(join(dataDir, 'postgres', 'postgres.log'), 'utf8')
  expect(await log()).toContain('signal 9')
  expect(await log()).not.toContain('Geheimrat')
})

test('a second service on the same folder is refused, in its own process or in another', async () => {
  const { adminUrl } = await start()
  const refusal = new RegExp(`Another Lotse \\(process ${process.pid}\\) is using .*Stop it first`)
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(refusal)
  const other = service(`await start().catch((error) => console.log(error.message))`)
  await once(other.child, 'exit')
  expect(other.lines).toEqual([expect.stringMatching(refusal)])
  expect(await query(adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('of two first starts at the same moment exactly one wins', async () => {
  const path = await emptyFolder()
  const starts = await Promise.allSettled([start(path), start(path)])
  expect(starts.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  for (const one of starts) {
    if (one.status === 'rejected') expect(String(one.reason)).toContain('Another Lotse')
  }
  expect(await readdir(path)).toEqual(['postgres'])
})

const writing = `
  const postgres = await start()
  const client = new pg.Client(postgres.adminUrl)
  await client.connect()
  await client.query('drop table if exists entry')
  await client.query('create table entry (n int)')
  for (let n = 1; ; n++) {
    await client.query('insert into entry values ($1)', [n])
    console.log(n)
  }`

test('kill -9 of the service while it writes: no server is left, and what was acknowledged is there', async () => {
  const { child, lines } = service(writing)
  await until('it has written', () => lines.length > 100)
  const pid = await serverPid()
  await kill(child)
  await until('the guard has ended the server', () => !isRunning(pid))
  const acknowledged = Number(lines.at(-1))
  const { adminUrl } = await start()
  const [row] = await query(adminUrl, 'select count(*)::int as n from entry')
  expect(row?.n).toBeGreaterThanOrEqual(acknowledged)
  expect(row?.n).toBeLessThanOrEqual(acknowledged + 1)
})

test('kill -9 of the service, and the next one starts without waiting', async () => {
  const { child, lines } = service(writing)
  await until('it has written', () => lines.length > 10)
  await kill(child)
  const { adminUrl } = await start()
  const [row] = await query(adminUrl, 'select count(*)::int as n from entry')
  expect(row?.n).toBeGreaterThanOrEqual(Number(lines.at(-1)))
})

test.runIf(onLinux)(
  'kill -9 of service, guard and server together blocks nothing and loses nothing',
  async () => {
    const { child, lines } = service(writing)
    await until('it has written', () => lines.length > 10)
    const pid = await serverPid()
    const guard = await parentOf(pid)
    process.kill(guard, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    await kill(child)
    const { adminUrl } = await start()
    const [row] = await query(adminUrl, 'select count(*)::int as n from entry')
    expect(row?.n).toBeGreaterThanOrEqual(Number(lines.at(-1)))
  },
)

test.runIf(onLinux)('a server whose service and guard were killed is found and ended', async () => {
  const { child, lines } = service(`await start(); console.log('ready'); setInterval(() => {}, 1000)`)
  await until('it is ready', () => lines.length > 0)
  const orphan = await serverPid()
  process.kill(await parentOf(orphan), 'SIGKILL')
  await kill(child)
  await sleep(100)
  expect(isRunning(orphan)).toBe(true)

  const said: string[] = []
  const postgres = await startEmbeddedPostgres({ dataDir, log: (line) => said.push(line) })
  onTestFinished(() => postgres.stop())
  expect(said).toEqual([expect.stringContaining(`process ${orphan}`)])
  expect(await serverPid()).not.toBe(orphan)
})

test.runIf(onLinux)('a service whose guard was killed still stops its server', async () => {
  const postgres = await start()
  const pid = await serverPid()
  process.kill(await parentOf(pid), 'SIGKILL')
  expect(await query(postgres.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  await postgres.stop()
  expect(existsSync(pidFile())).toBe(false)
})

test('kill -9 in the middle of the first start does not block the next', async () => {
  const path = await emptyFolder()
  const { child } = service(`await start()`, path)
  await until('initdb is at work', async () => {
    const [draft] = await readdir(path)
    return draft !== undefined && existsSync(join(path, draft, 'data', 'base'))
  })
  await kill(child)
  expect(existsSync(join(path, 'postgres'))).toBe(false)
  const { adminUrl } = await start(path)
  expect(await query(adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  await until('the draft is removed', async () => (await readdir(path)).join() === 'postgres')
})

test('a stale pid file is no obstacle, even when its number belongs to another process', async () => {
  const first = await start()
  const text = await readFile(pidFile(), 'utf8')
  await first.stop()
  for (const stale of [text, text.replace(/^\d+/, `${process.pid}`), '']) {
    await writeFile(pidFile(), stale, { mode: 0o600 })
    const postgres = await start()
    expect(await query(postgres.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    await postgres.stop()
  }
})

test('Ctrl-C in the terminal leaves the service its database until it has finished', async () => {
  const { child, lines, pid } = service(
    `
    const postgres = await start()
    process.once('SIGINT', async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      const client = new pg.Client(postgres.adminUrl)
      await client.connect()
      const { rows } = await client.query("select 'finished' as word")
      await client.end()
      await postgres.stop()
      console.log(rows[0].word)
      clearInterval(timer)
    })
    const timer = setInterval(() => {}, 1000)
    console.log('ready')`,
  )
  await until('it is ready', () => lines.length > 0)
  const gone = once(child, 'exit')
  process.kill(-pid, 'SIGINT') // the whole group, as a terminal does
  expect(await gone).toEqual([0, null])
  expect(lines).toEqual(['ready', 'finished'])
  expect(existsSync(pidFile())).toBe(false)
})

test('a port taken by somebody else is exchanged for another', async () => {
  const first = await start()
  await first.stop()
  const squatter = createServer().listen(first.port, '127.0.0.1')
  await once(squatter, 'listening')
  onTestFinished(() => void squatter.close())
  const second = await start()
  expect(second.port).not.toBe(first.port)
  expect(await query(second.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('copies of one folder that start at the same moment each get a server of their own', async () => {
  await (await start()).stop()
  const copies = [await emptyFolder(), await emptyFolder()]
  for (const copy of copies) await promisify(execFile)('cp', ['-a', `${dataDir}/.`, copy])
  const port = await readFile(join(dataDir, 'postgres', 'port'), 'utf8')
  // The one that is later finds the port free until the other one has it, and may be answered by that one first.
  for (const later of [0, 20, 30, 40, 50]) {
    for (const copy of copies) await writeFile(join(copy, 'postgres', 'port'), port)
    const servers = await Promise.all(copies.map((copy, n) => sleep(n * later).then(() => start(copy))))
    const folders = await Promise.all(servers.map(({ adminUrl }) => query(adminUrl, 'show data_directory')))
    expect(folders.flat()).toEqual(copies.map((copy) => ({ data_directory: join(copy, 'postgres', 'data') })))
    await Promise.all(servers.map((server) => server.stop()))
  }
})
