// How does a database get to the present? Numbered files once, by their hash; access files and the queue when they change.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { connect, withOptions } from './pool.ts'

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
/** As long as another process may take that migrates the same database just now. */
const longestMigration = 600_000

// Whoever waits for a lock holds up everybody who comes behind, so a migration waits for a moment only, lets the traffic
// pass, and tries again. Shorter than PostgreSQL waits before it looks for a deadlock (1 s), at whose end it might have
// chosen a request.
const patience = 800
const enough = 60
const pauses = { first: 500, most: 4_000 }

/**
 * Brings the database of `ownerUrl` to the present; answers the names of what was applied.
 * A numbered file that was applied once and has changed since stops everything: never edit the past.
 */
export async function migrate(ownerUrl: string, { tries = enough } = {}): Promise<string[]> {
  const client = await connect(ownerUrl, `-c lock_timeout=${longestMigration}`)
  try {
    await client.query('select pg_advisory_lock($1)', [lock])
    await client.query(`set lock_timeout = ${patience}`)
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
      await patiently(client, name, tries, async () => {
        await client.query(sql)
        await client.query('insert into migrations.applied (name, hash) values ($1, $2)', [name, hash])
      })
      done.push(name)
    }

    const present = await access()
    if (done.length > 0 || applied.get('access') !== hashOf(present)) {
      await patiently(client, 'access', tries, async () => {
        await client.query(lockEveryTable)
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
    await inTransaction(client, async () => void (await client.query(countOn)))
    return done
  } finally {
    await client.end()
  }
}

// The trail is sealed in the order of its transactions. Restored from a dump on another server, whose numbers are lower,
// what is new would come before what is sealed: from here on it counts on from the highest. As the sealer, because FORCE
// binds the owner too.
const countOn = `
  do $$ declare one uuid; highest xid8 := '0'; begin
    for one in select id from jobs.municipalities loop
      perform set_config('app.tenant_id', one::text, true), set_config('app.role', 'sealer', true);
      highest := greatest(highest,
        (select xid from audit_events where tenant_id = one order by xid desc, id desc limit 1),
        (select last_xid from audit_heads where tenant_id = one order by number desc limit 1));
    end loop;
    if highest >= lotse.counted_on(pg_snapshot_xmax(pg_current_snapshot())) then
      execute format('create or replace function lotse.counted_on(xid8) returns xid8 language sql immutable
        return ($1::text::bigint + %s)::text::xid8', highest);
    end if;
  end $$`

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
  const pgPool = new pg.Pool({ connectionString: withOptions(ownerUrl, '-c role=lotse_worker'), max: 1 })
  try {
    await runMigrations({ pgPool, logger: new Logger(() => () => {}) })
  } finally {
    await pgPool.end()
    await client.query(`revoke create on database ${database} from lotse_worker`)
  }
}

/**
 * All of them or none: one by one, those that are held already would wait for each one that is not. The doors come first:
 * whoever has asked `lotse.enter` holds one of them until its end, and whoever comes waits there, holding nothing else
 * that this waits for.
 */
const lockEveryTable = `
  set local statement_timeout = ${patience};
  do $$ declare every text; begin
    select string_agg(format('%I.%I', nspname, relname), ', '
      order by array_position('{sessions,tenants}', relname::text), relname) into every
      from pg_class join pg_namespace on pg_namespace.oid = relnamespace where nspname = 'public' and relkind = 'r';
    if every is not null then execute 'lock table ' || every || ' in access exclusive mode'; end if;
  end $$;
  set local statement_timeout = 0`

const held = ['55P03', '57014', '40P01']

async function patiently(client: pg.Client, name: string, tries: number, work: () => Promise<void>) {
  for (let left = tries, pause = pauses.first; ; left--, pause = Math.min(2 * pause, pauses.most)) {
    try {
      return await inTransaction(client, work)
    } catch (error) {
      const { code, cause } = error as { code?: string; cause?: { code?: string } }
      if (!held.includes(code ?? cause?.code ?? '')) throw error
      if (left === 1)
        throw new Error(
          `${name} was tried ${tries} times, and each time somebody else held a table that it changes. Nothing of it was done; end the long transaction (see pg_stat_activity) or try again later.`,
          { cause: error },
        )
      await sleep(pause)
    }
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
