// How does a fresh PostgreSQL become one that Lotse can use? Its roles and one database, made by a superuser.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { connect } from './pool.ts'

export interface Urls {
  serviceUrl: string
  ownerUrl: string
  workerUrl: string
}

/** Makes roles and database where they are missing, and gives the login roles fresh passwords. */
export async function bootstrap(adminUrl: string, database: string): Promise<Urls> {
  const client = await connect(adminUrl)
  try {
    await client.query(await readFile(new URL('../../migrations/roles.sql', import.meta.url), 'utf8'))
    const passwords = {
      lotse_owner: randomBytes(24).toString('hex'),
      lotse_service: randomBytes(24).toString('hex'),
      lotse_worker: randomBytes(24).toString('hex'),
    }
    for (const [role, password] of Object.entries(passwords))
      await client.query(`alter role ${role} password '${password}'`)
    const name = pg.escapeIdentifier(database)
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database])
    if (!rowCount) await client.query(`create database ${name} owner lotse_owner`)
    await client.query(`revoke all on database ${name} from public`)
    await client.query(`grant connect on database ${name} to lotse_service, lotse_worker`)
    const url = (role: keyof typeof passwords) => {
      const made = new URL(adminUrl)
      made.username = role
      made.password = passwords[role]
      made.pathname = `/${database}`
      return made.toString()
    }
    return { serviceUrl: url('lotse_service'), ownerUrl: url('lotse_owner'), workerUrl: url('lotse_worker') }
  } finally {
    await client.end()
  }
}
