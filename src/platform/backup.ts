// How is the database put away and brought back? By PostgreSQL's own tools, with a list of what has to be there again.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { z } from 'zod'
import type { Keys } from './keys.ts'
import { connect } from './pool.ts'

const run = promisify(execFile)

const Manifest = z.object({
  lotse: z.string(),
  madeAt: z.iso.datetime(),
  database: z.string(),
  server: z.int(),
  sha256: z.string(),
  migrations: z.record(z.string(), z.string()),
  rows: z.record(z.string(), z.int()),
  /** The master key is not in a backup; this says which one opens its sealed names, and nothing else. */
  masterKey: z.object({ inside: z.literal(false), fingerprint: z.string().nullable() }),
})
export type Manifest = z.output<typeof Manifest>

export const fingerprintOf = (keys: Keys) => keys.derive('fingerprint').toString('hex').slice(0, 16)

// ── The tools ────────────────────────────────────────────────────────────────────────────────────────────────

/** Debian keeps each version in a folder of its own, and puts an older one into PATH. */
async function candidates(name: string): Promise<string[]> {
  const debian = '/usr/lib/postgresql'
  const [inPath, versions] = await Promise.all([
    run('sh', ['-c', `command -v ${name}`]).then(
      ({ stdout }) => [stdout.trim()],
      () => [],
    ),
    readdir(debian).catch(() => []),
  ])
  return [...inPath, ...versions.map((version) => join(debian, version, 'bin', name))]
}

/** @throws Error with a sentence that says what to install. */
export async function tool(name: 'pg_dump' | 'pg_restore', server: number): Promise<string> {
  const found = new Set<number>()
  for (const path of await candidates(name)) {
    const { stdout } = await run(path, ['--version']).catch(() => ({ stdout: '' }))
    const major = Number(/\) (\d+)/.exec(stdout)?.[1] ?? 0)
    if (major >= server) return path
    if (major > 0) found.add(major)
  }
  const there = found.size > 0 ? ` (here is ${[...found].join(', ')})` : ''
  throw new Error(
    `${name} of PostgreSQL ${server} or newer is missing${there}. Debian and Ubuntu: postgresql-client-${server} from apt.postgresql.org. With Docker: docker compose run --rm operations.`,
  )
}

/** The password goes by the environment: what stands in a command line, everybody on the machine can read. */
function environment(url: string) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const name = searchParams.get('sslmode')
  return {
    LC_ALL: 'C',
    PGHOST: hostname,
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGCONNECT_TIMEOUT: '10',
    ...(name && { PGSSLMODE: name }),
  }
}

async function call(program: string, args: string[], url: string) {
  await run(program, args, { env: environment(url), maxBuffer: 16 * 1024 * 1024 }).catch(
    ({ stderr, message }: { stderr?: string; message: string }) => {
      // What it says may quote a row; its first line names the step.
      throw new Error(`${program} failed: ${(stderr || message).trim().split('\n')[0]}`)
    },
  )
}

// ── What is in a database ────────────────────────────────────────────────────────────────────────────────────

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(url)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function rowsOf(client: pg.Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; from: string }>(
    `select relname as name, format('%I.%I', nspname, relname) as from from pg_class
     join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = 'public' and relkind = 'r' order by relname`,
  )
  const counts: Record<string, number> = {}
  for (const { name, from } of rows) {
    const { rows: counted } = await client.query<{ n: string }>(`select count(*) as n from ${from}`)
    counts[name] = Number(counted[0]!.n)
  }
  return counts
}

async function migrationsOf(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; hash: string }>(
    'select name, hash from migrations.applied order by name',
  )
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]))
}

/** Row-level security is forced on everybody but these: a dump by anybody else would be refused, or have holes. */
async function demandEverything(client: pg.Client) {
  const { rowCount } = await client.query(
    'select from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)',
  )
  if (!rowCount)
    throw new Error(
      'The role of DATABASE_ADMIN_URL does not see every row: it has to be a superuser (or have BYPASSRLS).',
    )
}

async function serverOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: string }>(`select current_setting('server_version_num') as n`)
  return Math.floor(Number(rows[0]!.n) / 10_000)
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

// ── There ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Everything of one moment, while the service goes on. The name appears when all of it is there. */
export async function backUp(
  url: string,
  folder: string,
  { version, keys }: { version: string; keys: Keys | undefined },
): Promise<{ file: string; manifest: Manifest }> {
  return connected(url, async (client) => {
    await demandEverything(client)
    const server = await serverOf(client)
    const dump = await tool('pg_dump', server)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)

    const madeAt = new Date().toISOString()
    const file = join(folder, `lotse-${madeAt.replace(/[-:]|\.\d+/g, '')}.dump`)
    const draft = `${file}.part`
    // The file of a killed backup is never mistaken for one.
    await writeFile(draft, '', { mode: 0o600 })
    try {
      await client.query('begin isolation level repeatable read, read only')
      const { rows: exported } = await client.query<{ id: string }>('select pg_export_snapshot() as id')
      const args = ['--format=custom', '--no-password', `--snapshot=${exported[0]!.id}`, `--file=${draft}`]
      const [rows, migrations] = [await rowsOf(client), await migrationsOf(client)]
      await call(dump, args, url)
      await client.query('commit')
      const manifest: Manifest = {
        lotse: version,
        madeAt,
        database: environment(url).PGDATABASE,
        server,
        sha256: await sha256(draft),
        migrations,
        rows,
        masterKey: { inside: false, fingerprint: keys ? fingerprintOf(keys) : null },
      }
      await writeFile(manifestOf(file), `${JSON.stringify(manifest, null, 2)}\n`, {
        mode: 0o600,
        flush: true,
      })
      await rename(draft, file)
      return { file, manifest }
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  })
}

const manifestOf = (file: string) => file.replace(/(\.dump)?$/, '.json')

// ── And back ─────────────────────────────────────────────────────────────────────────────────────────────────

/** @throws Error when the file is not the one that was written. */
export async function readManifest(file: string): Promise<Manifest> {
  const text = await readFile(manifestOf(file), 'utf8').catch(() => {
    throw new Error(`Beside ${file} there is no ${manifestOf(file)}: what has to be in it is not known.`)
  })
  const manifest = Manifest.parse(JSON.parse(text))
  if ((await sha256(file)) !== manifest.sha256)
    throw new Error(`${file} is damaged or another file: its SHA-256 is not the one of the manifest.`)
  return manifest
}

const identifier = (url: string) => pg.escapeIdentifier(environment(url).PGDATABASE)
const beside = (url: string, database: string) => {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.toString()
}

/** Into a database that does not exist yet, or is empty. The roles first: everything in it belongs to one of them. */
export async function bringBack(url: string, file: string, manifest: Manifest): Promise<void> {
  const name = identifier(url)
  const restore = await connected(beside(url, 'postgres'), async (client) => {
    await demandEverything(client)
    const path = await tool('pg_restore', Math.max(await serverOf(client), manifest.server))
    await client.query(await readFile(new URL('../../migrations/roles.sql', import.meta.url), 'utf8'))
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      environment(url).PGDATABASE,
    ])
    if (!rowCount) await client.query(`create database ${name} owner lotse_owner template template0`)
    return path
  })
  await connected(url, async (client) => {
    const { rowCount } = await client.query(
      `select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where nspname !~ '^pg_' and nspname <> 'information_schema' limit 1`,
    )
    if (rowCount) throw new Error(`The database ${name} is not empty: nothing is restored over anything.`)
  })
  // One transaction: afterwards everything is there, or nothing.
  const args = ['--exit-on-error', '--single-transaction', '--no-password']
  await call(restore, [...args, `--dbname=${environment(url).PGDATABASE}`, file], url)
  await connected(url, async (client) => {
    await client.query(`revoke all on database ${name} from public`)
    await client.query(`grant connect on database ${name} to lotse_service, lotse_worker`)
    await client.query('analyze')
  })
}

export async function removeDatabase(url: string): Promise<void> {
  await connected(beside(url, 'postgres'), (client) =>
    client.query(`drop database if exists ${identifier(url)} with (force)`),
  )
}

export interface Compared {
  table: string
  backup: number
  restored: number
}

/** What was counted when the backup was made, beside what is there now; and whether the same migrations were applied. */
export async function compare(url: string, manifest: Manifest): Promise<Compared[]> {
  return connected(url, async (client) => {
    const migrations = await migrationsOf(client)
    for (const [name, hash] of Object.entries(manifest.migrations))
      if (migrations[name] !== hash) throw new Error(`The migration ${name} is not the one of the backup.`)
    const rows = await rowsOf(client)
    return [...new Set([...Object.keys(manifest.rows), ...Object.keys(rows)])].sort().map((table) => ({
      table,
      backup: manifest.rows[table] ?? -1,
      restored: rows[table] ?? -1,
    }))
  })
}
