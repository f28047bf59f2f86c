// How does a database get to the present? Numbered files once, by their hash; access files and the queue when they change.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'

const folder = new URL('../../migrations/', import.meta.url)

interface File {
  name: string
  sql: string
  hash: string
}

async function files(path: string): Promise<File[]> {
  const names = (await readdir(new URL(path, folder))).filter(
    (name) => /^\d{4}_.*\.sql$|^access\//.test(`${path}${name}`) && name.endsWith('.sql'),
  )
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(new URL(`${path}${name}`, folder), 'utf8')
      return { name, sql, hash: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

const numbered = () => files('')
const access = () => files('access/')
const hashOf = (all: File[]) =>
  createHash('sha256')
    .update(all.map(({ hash }) => hash).join())
    .digest('hex')

/** The queue of jobs: graphile-worker brings its own migrations, known by its version; jobs.sql is ours. */
async function queue() {
  const sql = await readFile(new URL('jobs.sql', folder), 'utf8')
  const { dependencies } = JSON.parse(await readFile(new URL('../package.json', folder), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const hash = createHash('sha256').update(`${dependencies['graphile-worker']}\n${sql}`).digest('hex')
  return { sql, hash }
}

// Any constant: it keeps two migrations of one database apart.
const lock = 7_305_921_443

/**
 * Brings the database of `ownerUrl` to the present; answers the names of what was applied.
 * A numbered file that was applied once and has changed since stops everything: never edit the past.
 */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl, options: '-c lock_timeout=10000' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [lock])
    await client.query('create schema if not exists migrations')
    await client.query(
      'create table if not exists migrations.applied (name text primary key, hash text not null, at timestamptz not null default now())',
    )
    const { rows } = await client.query<{ name: string; hash: string }>(
      'select name, hash from migrations.applied',
    )
    const applied = new Map(rows.map(({ name, hash }) => [name, hash]))
    const done: string[] = []
    const jobs = await queue()
    if (applied.get('jobs') !== jobs.hash) await demandWorker(client)

    for (const { name, sql, hash } of await numbered()) {
      if (applied.get(name) === hash) continue
      if (applied.has(name)) throw new Error(`migration ${name} has changed after it was applied`)
      await inTransaction(client, async () => {
        await client.query(sql)
        await client.query('insert into migrations.applied (name, hash) values ($1, $2)', [name, hash])
      })
      done.push(name)
    }

    const present = await access()
    if (done.length > 0 || applied.get('access') !== hashOf(present)) {
      await inTransaction(client, async () => {
        for (const { name, sql } of present) {
          await client.query(sql).catch((error: Error) => {
            throw new Error(`access/${name}: ${error.message}`, { cause: error })
          })
        }
        await client.query(
          `insert into migrations.applied (name, hash) values ('access', $1)
           on conflict (name) do update set hash = excluded.hash, at = now()`,
          [hashOf(present)],
        )
      })
      done.push('access')
    }

    if (applied.get('jobs') !== jobs.hash) {
      await makeQueue(client, ownerUrl)
      await inTransaction(client, async () => {
        await client.query('set local role lotse_worker')
        await client.query(jobs.sql)
        await client.query('reset role')
        await client.query(
          `insert into migrations.applied (name, hash) values ('jobs', $1)
           on conflict (name) do update set hash = excluded.hash, at = now()`,
          [jobs.hash],
        )
      })
      done.push('jobs')
    }
    return done
  } finally {
    await client.end()
  }
}

/** A database of an earlier version has no such role yet, and only a superuser makes one. */
async function demandWorker(client: pg.Client) {
  const { rowCount } = await client.query(
    `select 1 from pg_roles where rolname = 'lotse_worker' and pg_has_role(current_user, oid, 'set')`,
  )
  if (!rowCount)
    throw new Error(
      'The role lotse_worker is missing: let a superuser run migrations/roles.sql once more (see migrations/README.md).',
    )
}

/** graphile-worker's own migrations, as the role that owns the queue; it makes a schema now and never again. */
async function makeQueue(client: pg.Client, ownerUrl: string) {
  const { rows } = await client.query<{ name: string }>('select quote_ident(current_database()) as name')
  const database = rows[0]!.name
  await client.query(`grant connect, create on database ${database} to lotse_worker`)
  // Loaded only here: a start that has nothing to migrate has no time for it.
  const { Logger, runMigrations } = await import('graphile-worker')
  const pgPool = new pg.Pool({ connectionString: ownerUrl, max: 1, options: '-c role=lotse_worker' })
  try {
    await runMigrations({ pgPool, logger: new Logger(() => () => {}) })
  } finally {
    await pgPool.end()
    await client.query(`revoke create on database ${database} from lotse_worker`)
  }
}

async function inTransaction(client: pg.Client, work: () => Promise<void>) {
  await client.query('begin')
  try {
    await work()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}
