// npm run migrate: is the database at the present? Afterwards it is.
import { readConfig } from '../config.ts'
import { joinDatabase } from '../database.ts'
import { migrate } from '../platform/migrate.ts'
import { whenReady } from '../platform/pool.ts'
import { command } from './command.ts'

await command(async () => {
  const config = readConfig()
  const { databaseOwnerUrl } = config
  if (databaseOwnerUrl) {
    const applied = await whenReady(() => migrate(databaseOwnerUrl), console.log)
    console.log(
      applied.length > 0 ? `Applied: ${applied.join(', ')}.` : 'The database is at the present already.',
    )
  } else if (config.databaseUrl) {
    throw new Error(
      'DATABASE_OWNER_URL is missing: the role of DATABASE_URL owns nothing, so it cannot migrate.',
    )
  } else {
    // The embedded one is migrated by whoever starts it.
    const database = await joinDatabase(config, console.log)
    await database.stop()
    console.log('The embedded database is at the present.')
  }
})
