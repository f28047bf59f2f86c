// Which database does this installation use? Its own embedded one, or the one that DATABASE_URL names.
import { mkdir } from 'node:fs/promises'
import type { Config } from './config.ts'
import { bootstrap } from './platform/bootstrap.ts'
import { createPool } from './platform/db.ts'
import { startEmbeddedPostgres } from './platform/embedded-postgres.ts'
import { migrate } from './platform/migrate.ts'
import { refuseUnsafe } from './platform/refusals.ts'

export interface Database {
  serviceUrl: string
  embedded: boolean
  stop(): Promise<void>
}

/** Started, migrated and checked. @throws Error with a sentence that says why it cannot be used. */
export async function openDatabase(
  config: Pick<Config, 'dataDir' | 'databaseUrl' | 'databaseOwnerUrl'>,
  told: (line: string) => void = () => {},
): Promise<Database> {
  const database = config.databaseUrl
    ? { serviceUrl: config.databaseUrl, ownerUrl: config.databaseOwnerUrl, stop: async () => {} }
    : await embedded(config.dataDir, told)
  try {
    if (database.ownerUrl) {
      const applied = await migrate(database.ownerUrl)
      if (applied.length > 0) told(`database brought to the present: ${applied.join(', ')}`)
    }
    const pool = createPool(database.serviceUrl, 1)
    await refuseUnsafe(pool).finally(() => pool.end())
    return { serviceUrl: database.serviceUrl, embedded: config.databaseUrl === undefined, stop: database.stop }
  } catch (error) {
    await database.stop()
    throw error
  }
}

async function embedded(dataDir: string, told: (line: string) => void) {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const postgres = await startEmbeddedPostgres({ dataDir, log: told })
  const urls = await bootstrap(postgres.adminUrl, 'lotse').catch(async (error: unknown) => {
    await postgres.stop()
    throw error
  })
  return { ...urls, stop: () => postgres.stop() }
}
