// What do faults happen to? A PostgreSQL and a service, each a process of its own that can be killed and comes back.
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createApp } from '../../src/app.ts'
import { bootstrap, type Urls } from '../../src/platform/bootstrap.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createLog } from '../../src/platform/log.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { createClient } from '../support/http.ts'
import { makeCast } from '../support/make.ts'
import type { Made } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const database = 'lotse'

export interface Service {
  url: string
  child: ChildProcess
  /** What it has written so far, for the moment in which it ends though nobody asked. */
  said: () => string
  /** SIGKILL: it has no time for anything. */
  kill(): Promise<void>
  end(): Promise<number | null>
}

export type City = Awaited<ReturnType<typeof openCity>>

/** A whole installation with the cast in it. What is opened here is closed by `close`. */
export async function openCity() {
  const folder = await mkdtemp(join(tmpdir(), 'lotse-chaos-'))
  const masterKey = randomBytes(32)
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir: folder })
  const urls: Urls = await bootstrap(postgres.adminUrl, database)
  await migrate(urls.ownerUrl)
  const cast = await peopled(urls.serviceUrl, masterKey)
  const children = new Set<ChildProcess>()

  async function sql<R>(text: string, values: unknown[] = []): Promise<R[]> {
    const url = new URL(postgres.adminUrl)
    url.pathname = `/${database}`
    const client = new pg.Client({ connectionString: url.toString() })
    client.on('error', () => {})
    await client.connect()
    return client
      .query(text, values)
      .then(({ rows }) => rows as R[])
      .finally(() => client.end().catch(() => {}))
  }

  /** `env` is what a fault changes: another address of the database, another clock. */
  async function startService(env: Record<string, string> = {}): Promise<Service> {
    const port = env['PORT'] ?? String(await freePort())
    const child = spawn(process.execPath, ['src/run.mjs', 'main'], {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        HOST: '127.0.0.1',
        DATABASE_URL: urls.serviceUrl,
        DATABASE_WORKER_URL: urls.workerUrl,
        MASTER_KEY: masterKey.toString('base64'),
        DATA_DIR: join(folder, 'service'),
        LOAD_DEMO: 'false',
        LOG_LEVEL: 'error',
        // A load is no attack.
        REQUESTS_PER_MINUTE: '1000000',
        ...env,
        PORT: port,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(child)
    let text = ''
    const ended = once(child, 'close').then(([code]) => {
      children.delete(child)
      return code as number | null
    })
    const serves = new Promise<void>((resolve, reject) => {
      const read = (piece: Buffer) => {
        text = (text + piece.toString()).slice(-20_000)
        if (text.includes('Lotse runs on')) resolve()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      void ended.then((code) => reject(new Error(`the service ended (${code}) before it served: ${text}`)))
    })
    await serves
    return {
      url: `http://127.0.0.1:${port}`,
      child,
      said: () => text,
      async kill() {
        child.kill('SIGKILL')
        await ended
      },
      async end() {
        child.kill('SIGTERM')
        return ended
      },
    }
  }

  /** SIGKILL to the server and to every process of it: nobody has time to write anything down. */
  async function killPostgres() {
    const pid = Number.parseInt(await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8'))
    const backends = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
    for (const one of [pid, ...backends.map(Number)]) {
      try {
        process.kill(one, 'SIGKILL')
      } catch {
        // It has ended in between.
      }
    }
    await postgres.lost
  }

  /** At the same address as before: whoever was connected finds it again. */
  async function startPostgres() {
    const before = postgres.port
    postgres = await startEmbeddedPostgres({ dataDir: folder })
    if (postgres.port !== before) throw new Error('PostgreSQL came back at another port')
  }

  return {
    folder,
    urls,
    cast,
    masterKey,
    sql,
    startService,
    killPostgres,
    startPostgres,
    stopPostgres: () => postgres.stop(),
    get postgres() {
      return postgres
    },
    async close() {
      for (const child of children) child.kill('SIGKILL')
      await postgres.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function peopled(serviceUrl: string, masterKey: Buffer): Promise<Made> {
  const { app, db } = await createApp({
    databaseUrl: serviceUrl,
    databasePool: 4,
    keys: keysFrom(masterKey),
    log: createLog('silent'),
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  try {
    return await makeCast(db, (token) => createClient(address, () => {}, token))
  } finally {
    await app.close()
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export async function until(what: string, holds: () => Promise<boolean>, within = 10_000): Promise<number> {
  const began = performance.now()
  for (;;) {
    if (await holds().catch(() => false)) return performance.now() - began
    if (performance.now() - began > within) throw new Error(`not within ${within} ms: ${what}`)
    await sleep(20)
  }
}
