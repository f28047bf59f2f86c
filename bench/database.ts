// On which PostgreSQL is measured, and are its databases seeded? The embedded one, or the server that DATABASE_URL names.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { bootstrap, type Urls } from '../src/platform/bootstrap.ts'
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts'
import { migrate } from '../src/platform/migrate.ts'
import { seed } from './seed.ts'
import { casesOf, id, referralNumber, sampled, supply, type Size } from './layout.ts'

export interface Server {
  adminUrl: string
  embedded: boolean
  stop(): Promise<void>
}

export interface Database extends Urls {
  size: Size
  admin: pg.Client
  adminUrl: string
}

type Told = (line: string) => void

export const dataDir = fileURLToPath(new URL('.data', import.meta.url))

export async function openServer(told: Told): Promise<Server> {
  const adminUrl = process.env['DATABASE_URL']
  if (adminUrl) return { adminUrl, embedded: false, stop: async () => {} }
  const postgres = await startEmbeddedPostgres({ dataDir, log: told })
  return { adminUrl: postgres.adminUrl, embedded: true, stop: () => postgres.stop() }
}

const at = (url: string, database: string) =>
  Object.assign(new URL(url), { pathname: `/${database}` }).toString()

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Of what decides which rows are there; the tables are brought to the present, as an update of the service would. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of ['seed.ts', 'layout.ts']) hash.update(await readFile(new URL(name, import.meta.url)))
  return hash.digest('hex')
}

/** One database per size; a seeded one is used again as long as the seed is the same. */
export async function openDatabases(
  server: Server,
  sizes: readonly Size[],
  fresh: boolean,
  told: Told,
): Promise<Database[]> {
  const wanted = await fingerprint()
  const root = await connect(server.adminUrl)
  let urls!: Urls
  for (const size of sizes) {
    const name = `lotse_bench_${size}`
    const { rows } = await root.query<{ mark: string | null }>(
      `select shobj_description(oid, 'pg_database') as mark from pg_database where datname = $1`,
      [name],
    )
    const present = !fresh && rows[0]?.mark === wanted
    if (!present) await root.query(`drop database if exists ${name} with (force)`)
    urls = await bootstrap(server.adminUrl, name)
    await migrate(urls.ownerUrl)
    if (present) continue
    told(`seeding ${size} (once; kept for the next run)`)
    const begin = performance.now()
    const clients = await Promise.all([1, 2].map(() => connect(at(server.adminUrl, name))))
    await seed(clients, size, told).finally(() => Promise.all(clients.map((client) => client.end())))
    told(`seeded ${size} in ${Math.round((performance.now() - begin) / 1000)} s`)
    await root.query(`comment on database ${name} is '${wanted}'`)
  }
  await root.end()
  return Promise.all(
    sizes.map(async (size) => {
      const name = `lotse_bench_${size}`
      const adminUrl = at(server.adminUrl, name)
      const admin = await connect(adminUrl)
      await admin.query('truncate audit_events, idempotency_keys, notices')
      const database = {
        size,
        admin,
        adminUrl,
        serviceUrl: at(urls.serviceUrl, name),
        ownerUrl: at(urls.ownerUrl, name),
        workerUrl: at(urls.workerUrl, name),
      }
      await refill(database)
      return database
    }),
  )
}

/** After a round of writing: what was finished waits again, what was accepted is sent again, and dead rows go. */
export async function refill({ admin, size }: Database) {
  const waiting = sampled.flatMap((t) =>
    Array.from({ length: supply }, (_, at) => ({ t, n: casesOf(size, t) - at })),
  )
  const tenants = sampled.map((t) => id('tenant', t, 0))
  const again = async (sql: string, ids: string[]) => (await admin.query(sql, [tenants, ids])).rowCount ?? 0
  const changed =
    (await again(
      `update referrals set status = 'sent', answered_at = null, answered_by_name = null, version = 1
       where tenant_id = any ($1) and id = any ($2) and status <> 'sent'`,
      waiting.map(({ t, n }) => id('referral', t, referralNumber(n, 3))),
    )) +
    (await again(
      `update clearings set status = 'started', audit_c = null, finished_at = null, version = 1
       where tenant_id = any ($1) and id = any ($2) and status <> 'started'`,
      waiting.map(({ t, n }) => id('clearing', t, 2 * n)),
    )) +
    (await again(
      `update cases set phase = 'assessment', version = 1 where tenant_id = any ($1) and id = any ($2) and phase <> 'assessment'`,
      waiting.map(({ t, n }) => id('case', t, n)),
    ))
  // Who was told of it goes too: the driver says the same ids again.
  if (changed > 0) await admin.query('truncate notices')
  if (changed > 0) await admin.query('vacuum referrals, clearings, cases')
}

/** The load generator hangs up in the middle of requests: what the service goes on writing has to be written first. */
export async function atRest({ admin }: Database) {
  const busy = `select 1 from pg_stat_activity where usename = 'lotse_service' and datname = current_database() and state <> 'idle'`
  for (let quiet = 0; quiet < 3; await sleep(20))
    quiet = (await admin.query(busy)).rowCount === 0 ? quiet + 1 : 0
}
