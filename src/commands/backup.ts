// npm run backup: is everything put away that a restore needs, but for the one secret?
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { adminDatabase } from '../database.ts'
import { backUp } from '../platform/backup.ts'
import { keysFrom, presentMasterKey } from '../platform/keys.ts'
import { command } from './command.ts'

await command(async () => {
  const { positionals } = parseArgs({ allowPositionals: true })
  const [folder = 'backups'] = positionals
  const config = readConfig()
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const key = await presentMasterKey(config.masterKey, config.dataDir)
  const database = await adminDatabase(config, console.log)
  try {
    const { file, manifest } = await backUp(database.url, folder, {
      version,
      keys: key && keysFrom(key),
    })
    const rows = Object.values(manifest.rows).reduce((sum, count) => sum + count, 0)
    console.log(`${file}: ${rows} rows in ${Object.keys(manifest.rows).length} tables.
It holds what is known about people: keep it as safe as the database. The master key is not in it, and must not lie beside it.
Whether it can be brought back: npm run restore -- --drill ${file}`)
  } finally {
    await database.stop()
  }
})
