// npm run restore: does a backup come back whole, so that the service starts on it and sealed names open?
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { adminDatabase } from '../database.ts'
import { opened } from '../modules/clients/index.ts'
import { bringBack, compare, fingerprintOf, readManifest, removeDatabase } from '../platform/backup.ts'
import { keysFrom, presentMasterKey, type Keys } from '../platform/keys.ts'
import { createLog } from '../platform/log.ts'
import { migrate } from '../platform/migrate.ts'
import { connect, createPool, withOptions } from '../platform/pool.ts'
import { refuseUnsafe } from '../platform/refusals.ts'
import { createVault } from '../platform/seal.ts'
import { command } from './command.ts'

/** The superuser, as one of the roles: their passwords may not be set yet. */
const as = (url: string, role: string) => withOptions(url, `-c role=${role}`)

/** Every promise that a start rests on, and the service itself. */
async function starts(url: string, keys: Keys) {
  const databaseUrl = as(url, 'lotse_service')
  const pool = createPool(databaseUrl, 1)
  await refuseUnsafe(pool).finally(() => pool.end())
  const { app } = await createApp({ databaseUrl, databasePool: 2, keys, log: createLog('silent') })
  try {
    const { statusCode, body } = await app.inject('/health/ready')
    if (statusCode !== 200) throw new Error(`The service starts, but is not ready: ${body}`)
  } finally {
    await app.close()
  }
}

async function opensAName(url: string, keys: Keys): Promise<string> {
  const client = await connect(url)
  try {
    const { rows } = await client.query<Parameters<typeof opened>[1]>(
      'select tenant_id as "tenantId", id, wrapped_key as "wrappedKey", sealed from clients where sealed is not null limit 1',
    )
    if (!rows[0]) return 'there is none in it'
    opened(createVault(keys), rows[0])
    return 'opened with the master key'
  } catch (error) {
    throw new Error('A sealed name does not open: this is not the master key of this backup.', {
      cause: error,
    })
  } finally {
    await client.end()
  }
}

await command(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { drill: { type: 'boolean', default: false } },
  })
  const [file] = positionals
  if (!file) throw new Error('Which one? npm run restore -- [--drill] backups/lotse-….dump')
  const config = readConfig()
  const manifest = await readManifest(file)
  const key = await presentMasterKey(config.masterKey, config.dataDir)
  if (!key)
    throw new Error('MASTER_KEY is missing: without it the sealed names of this backup stay closed for good.')
  const keys = keysFrom(key)
  const { fingerprint } = manifest.masterKey
  if (fingerprint !== null && fingerprint !== fingerprintOf(keys))
    throw new Error('This is not the master key of this backup: its fingerprint is another one.')

  const began = Date.now()
  const database = await adminDatabase(config, console.log)
  const target = new URL(database.url)
  if (values.drill) target.pathname = `/lotse_drill_${randomBytes(4).toString('hex')}`
  const url = target.toString()
  try {
    await bringBack(url, file, manifest)
    const compared = await compare(url, manifest)
    const width = Math.max(...compared.map(({ table }) => table.length))
    console.log(`${'table'.padEnd(width)}  ${'backup'.padStart(9)}  ${'restored'.padStart(9)}`)
    for (const { table, backup, restored } of compared)
      console.log(`${table.padEnd(width)}  ${String(backup).padStart(9)}  ${String(restored).padStart(9)}`)
    const differing = compared.filter(({ backup, restored }) => backup !== restored)
    if (differing.length > 0)
      throw new Error(`Not the same number of rows: ${differing.map(({ table }) => table).join(', ')}.`)
    const applied = await migrate(as(url, 'lotse_owner'))
    await starts(url, keys)
    const name = await opensAName(url, keys)
    console.log(`
rows         the same in ${compared.length} tables
migrations   ${applied.length > 0 ? `brought to the present: ${applied.join(', ')}` : 'at the present'}
walls        row-level security is forced on every table
service      starts and is ready
sealed name  ${name}
seconds      ${((Date.now() - began) / 1000).toFixed(1)}`)
    if (values.drill) console.log('A drill: the database made for it is gone again.')
    else if (config.databaseUrl)
      console.log(
        `Now the roles need passwords: alter role lotse_owner password '…', and so lotse_service and lotse_worker.`,
      )
  } finally {
    if (values.drill) await removeDatabase(url)
    await database.stop()
  }
})
