// Which database does this installation use? Its own embedded one, or the one that DATABASE_URL names.
import { mkdir } from 'node:fs/promises'
import type { Config } from './config.ts'
import { bootstrap } from './platform/bootstrap.ts'
import { findEmbeddedPostgres, startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { migrate } from './platform/migrate.ts'
import { createPool, whenReady, withOptions } from './platform/pool.ts'
import { refuseUnsafe, refuseUnsafeWorker } from './platform/refusals.ts'

export interface Database {
  serviceUrl: string
  /** As the role of the queue; without it, nothing happens by itself in this process. */
  workerUrl: string | undefined
  embedded: boolean
  /** Resolves when the embedded one has ended by itself. */
  lost: Promise<void>
  stop(): Promise<void>
}

type Given = Pick<Config, 'dataDir' | 'databaseUrl' | 'databaseOwnerUrl'> &
  Partial<Pick<Config, 'databaseWorkerUrl'>>
type Told = (line: string) => void

const name = 'lotse'
const never = new Promise<void>(() => {})

/** Started, migrated and checked. @throws Error with a sentence that says why it cannot be used. */
export async function openDatabase(config: Given, told: Told = () => {}): Promise<Database> {
  const database = config.databaseUrl
    ? {
        serviceUrl: config.databaseUrl,
        ownerUrl: config.databaseOwnerUrl,
        workerUrl: config.databaseWorkerUrl,
        lost: never,
        stop: async () => {},
      }
    : await embedded(config.dataDir, told)
  try {
    const { ownerUrl } = database
    if (ownerUrl) {
      const applied = await whenReady(() => migrate(ownerUrl), told)
      if (applied.length > 0) told(`database brought to the present: ${applied.join(', ')}`)
    }
    const pool = createPool(database.serviceUrl, 1)
    await whenReady(() => refuseUnsafe(pool), told).finally(() => pool.end())
    const { serviceUrl, workerUrl, lost, stop } = database
    if (config.databaseUrl !== undefined && workerUrl) {
      const queue = createPool(workerUrl, 1)
      await whenReady(() => refuseUnsafeWorker(queue), told).finally(() => queue.end())
    }
    return { serviceUrl, workerUrl, embedded: config.databaseUrl === undefined, lost, stop }
  } catch (error) {
    await database.stop()
    throw error
  }
}

/** For a command: the embedded database of a service that runs just now, or else one opened for the while. */
export async function joinDatabase(config: Given, told?: Told): Promise<Database> {
  const adminUrl = config.databaseUrl ? undefined : await findEmbeddedPostgres(config.dataDir)
  if (adminUrl === undefined) return openDatabase(config, told)
  // The passwords of the roles are known to the running service only.
  const as = (role: string) => {
    const url = new URL(adminUrl)
    url.pathname = `/${name}`
    return withOptions(url.toString(), `-c role=${role}`)
  }
  return {
    serviceUrl: as('lotse_service'),
    workerUrl: as('lotse_worker'),
    embedded: true,
    lost: never,
    stop: async () => {},
  }
}

/** For backup and restore: as a superuser, whom row-level security does not bind. */
export async function adminDatabase(
  { dataDir, databaseUrl, databaseAdminUrl }: Given & Pick<Config, 'databaseAdminUrl'>,
  told: Told = () => {},
) {
  if (databaseAdminUrl) return { url: databaseAdminUrl, stop: async () => {} }
  if (databaseUrl)
    throw new Error(
      'DATABASE_ADMIN_URL is missing: row-level security hides rows from every other role, also from the owner.',
    )
  const of = (adminUrl: string) => Object.assign(new URL(adminUrl), { pathname: `/${name}` }).toString()
  const running = await findEmbeddedPostgres(dataDir)
  if (running !== undefined) return { url: of(running), stop: async () => {} }
  const postgres = await startEmbeddedPostgres({ dataDir, log: told })
  return { url: of(postgres.adminUrl), stop: () => postgres.stop() }
}

async function embedded(dataDir: string, told: Told) {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const postgres = await startEmbeddedPostgres({ dataDir, log: told })
  const urls = await whenReady(() => bootstrap(postgres.adminUrl, name), told).catch(
    async (error: unknown) => {
      await postgres.stop()
      throw error
    },
  )
  return { ...urls, lost: postgres.lost, stop: () => postgres.stop() }
}
