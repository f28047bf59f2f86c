// Does a backup come back whole, and is what is damaged, foreign or in the way refused?
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { adminDatabase } from '../../src/database.ts'
import { backUp, bringBack, readManifest, tool } from '../../src/platform/backup.ts'
import { lotse } from '../support/app.ts'
import { nora } from '../support/cast.ts'
import { at } from '../support/run.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const { urls, aKnownClient, sql, as } = await lotse()
const { masterKey, adminUrl } = inject('run')

const missing = await tool('pg_dump', 18).then(
  () => undefined,
  (error: Error) => error.message,
)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lotse-backup-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A command with nothing of this environment but what a shell has. */
async function lotseCommand(name: 'backup' | 'restore', args: string[], env: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = process.env
  const given = {
    PATH,
    HOME,
    DATA_DIR: join(folder, 'data'),
    DATABASE_URL: urls.service,
    DATABASE_ADMIN_URL: urls.admin,
    MASTER_KEY: masterKey,
    ...env,
  }
  return run(process.execPath, ['src/run.mjs', `commands/${name}`, ...args], {
    cwd: root,
    env: given,
  }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr, stdout }: { code: number; stderr: string; stdout: string }) => ({
      code,
      said: stdout + stderr,
    }),
  )
}

const databases = async () =>
  (await sql<{ datname: string }>(`select datname from pg_database where datname like '%drill%'`)).length

describe('with the tools of PostgreSQL 18', { timeout: 120_000 }, () => {
  let file = ''

  test('what is put away is everything of one moment, for nobody else to read', async ({ skip }) => {
    if (missing) skip(missing)
    await aKnownClient({ identity: { familyName: 'Vogelsang' } })
    const { code, said } = await lotseCommand('backup', [join(folder, 'kept')])
    expect(said).toContain('The master key is not in it')
    expect(code).toBe(0)
    const kept = join(folder, 'kept')
    expect((await stat(kept)).mode & 0o777).toBe(0o700)
    const names = await readdir(kept)
    expect(names).toHaveLength(2)
    for (const name of names) expect((await stat(join(kept, name))).mode & 0o777).toBe(0o600)
    file = join(
      kept,
      names.find((name) => name.endsWith('.dump'))!,
    )
    const text = await readFile(file.replace('.dump', '.json'), 'utf8')
    const manifest = JSON.parse(text) as { rows: Record<string, number>; migrations: Record<string, string> }
    // FORCE row-level security hides nothing from a backup: every row of every municipality is in it.
    for (const table of ['clients', 'users', 'audit_events', 'tenants'])
      expect(manifest.rows[table]).toBe(
        Number((await sql<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n),
      )
    expect(Object.keys(manifest.migrations)).toContain('access')
    // Names stay sealed, and what opens them is elsewhere.
    const bytes = await readFile(file)
    for (const secret of [masterKey, 'Vogelsang'])
      expect(bytes.includes(secret) || text.includes(secret), secret).toBe(false)
  })

  test('a drill brings it back, counts, starts the service on it, opens a name, and leaves nothing', async ({
    skip,
  }) => {
    if (missing) skip(missing)
    const { code, said } = await lotseCommand('restore', ['--drill', file])
    expect(said).toMatch(/^clients +(\d+) +\1$/m)
    expect(said).toMatch(/service +starts and is ready/)
    expect(said).toMatch(/sealed name +opened with the master key/)
    expect(code).toBe(0)
    expect(await databases()).toBe(0)
  })

  test('into an empty database it comes back for good; over anything, never', async ({ skip }) => {
    if (missing) skip(missing)
    const fresh = `lotse_again_${randomBytes(4).toString('hex')}`
    const env = { DATABASE_ADMIN_URL: at(adminUrl, fresh) }
    try {
      const first = await lotseCommand('restore', [file], env)
      expect(first.said).toContain('row-level security is forced on every table')
      expect(first.code).toBe(0)
      await expect(bringBack(env.DATABASE_ADMIN_URL, file, await readManifest(file))).rejects.toThrow(
        'is not empty: nothing is restored over anything',
      )
    } finally {
      await sql(`drop database if exists ${fresh} with (force)`)
    }
    await expect(bringBack(urls.admin, file, await readManifest(file))).rejects.toThrow('is not empty')
    // What was there is there.
    expect((await (await as(nora)).get('/v1/clients')).status).toBe(200)
  })

  test('a backup from before the queue was changed comes back too', async ({ skip }) => {
    if (missing) skip(missing)
    const older = join(folder, 'older')
    const [now] = await sql<{ hash: string }>(`select hash from migrations.applied where name = 'jobs'`)
    await sql(`update migrations.applied set hash = 'older' where name = 'jobs'`)
    try {
      expect((await lotseCommand('backup', [older])).code).toBe(0)
    } finally {
      await sql(`update migrations.applied set hash = $1 where name = 'jobs'`, [now!.hash])
    }
    const name = (await readdir(older)).find((one) => one.endsWith('.dump'))!
    const { code, said } = await lotseCommand('restore', ['--drill', join(older, name)])
    expect(said).toMatch(/migrations +brought to the present: jobs/)
    expect(said).toMatch(/service +starts and is ready/)
    expect(code).toBe(0)
  })

  test('a damaged file, another key, or a file alone is refused before anything is done', async ({
    skip,
  }) => {
    if (missing) skip(missing)
    const copy = async (name: string) => {
      const path = join(folder, name)
      await copyFile(file, path)
      await copyFile(file.replace('.dump', '.json'), path.replace('.dump', '.json'))
      return path
    }
    const damaged = await copy('damaged.dump')
    await appendFile(damaged, 'x')
    await expect(readManifest(damaged)).rejects.toThrow('is damaged or another file')
    const alone = join(folder, 'alone.dump')
    await copyFile(file, alone)
    await expect(readManifest(alone)).rejects.toThrow('what has to be in it is not known')
    const otherKey = { MASTER_KEY: randomBytes(32).toString('base64') }
    expect((await lotseCommand('restore', ['--drill', file], otherKey)).said).toContain(
      'not the master key of this backup',
    )
    expect((await lotseCommand('restore', ['--drill', file], { MASTER_KEY: '' })).said).toContain(
      'MASTER_KEY is missing',
    )
    expect(await databases()).toBe(0)
  })

  test('a row that is missing is found', async ({ skip }) => {
    if (missing) skip(missing)
    const path = join(folder, 'fewer.dump')
    await copyFile(file, path)
    const manifest = JSON.parse(await readFile(file.replace('.dump', '.json'), 'utf8')) as {
      rows: Record<string, number>
    }
    manifest.rows['clients']! += 1
    await writeFile(path.replace('.dump', '.json'), JSON.stringify(manifest))
    const { code, said } = await lotseCommand('restore', ['--drill', path])
    expect(said).toContain('Not the same number of rows: clients.')
    expect(code).toBe(1)
    expect(await databases()).toBe(0)
  })

  test('a role that does not see every row makes no backup', async ({ skip }) => {
    if (missing) skip(missing)
    for (const url of [urls.owner, urls.service])
      await expect(backUp(url, join(folder, 'holes'), { version: '', keys: undefined })).rejects.toThrow(
        'does not see every row',
      )
    await expect(readdir(join(folder, 'holes'))).rejects.toThrow('ENOENT')
  })
})

test(
  'a backup whose connection is lost ends with a sentence, and leaves nothing that looks like one',
  { timeout: 30_000 },
  async () => {
    // Only what it says of itself is true: meanwhile the connection that holds the snapshot waits.
    const tools = join(folder, 'tools')
    await mkdir(tools)
    await writeFile(
      join(tools, 'pg_dump'),
      '#!/bin/sh\ncase "$1" in --version) echo "pg_dump (PostgreSQL) 99.0" ;; *) sleep 3 ;; esac\n',
      { mode: 0o755 },
    )
    const lost = join(folder, 'lost')
    const ended = lotseCommand('backup', [lost], { PATH: `${tools}:${process.env['PATH']}` })
    const found = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction' and query like '%migrations.applied%'`
    await expect.poll(async () => (await sql(found)).length, { timeout: 15_000, interval: 50 }).toBe(1)
    const { code, said } = await ended
    expect([code, said]).toEqual([1, expect.stringMatching(/^[^\n]+\n$/)])
    expect(await readdir(lost)).toEqual([])
  },
)

test('without the tools, or with older ones, one sentence says what to install', async () => {
  await expect(tool('pg_dump', 99)).rejects.toThrow(
    /^pg_dump of PostgreSQL 99 or newer is missing( \(here is [\d, ]+\))?\. Debian and Ubuntu: postgresql-client-99 /,
  )
})

test('a database of one’s own needs a superuser for it', async () => {
  const given = { dataDir: folder, databaseUrl: urls.service, databaseOwnerUrl: urls.owner }
  await expect(adminDatabase({ ...given, databaseAdminUrl: undefined })).rejects.toThrow(
    'DATABASE_ADMIN_URL is missing',
  )
})
