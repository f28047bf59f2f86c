// npm run openapi: what do the routes and the migrations come to? Written down, or with --check compared.
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../app.ts'
import { bootstrap } from '../platform/bootstrap.ts'
import { startEmbeddedPostgres } from '../platform/embedded-postgres.ts'
import { keysFrom } from '../platform/keys.ts'
import { createLog } from '../platform/log.ts'
import { migrate } from '../platform/migrate.ts'
import { olderOf } from '../platform/openapi-3.0.ts'
import { dumpSchema } from '../platform/schema-dump.ts'
import { command } from './command.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFile(new URL(path, root), 'utf8')

/** The document of the routes, and the schema of a database that all migrations have just made. */
async function generated(): Promise<Record<string, string>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lotse-generate-'))
  const postgres = await startEmbeddedPostgres({ dataDir })
  try {
    const { ownerUrl, serviceUrl } = await bootstrap(postgres.adminUrl, 'lotse')
    await migrate(ownerUrl)
    const keys = keysFrom(Buffer.alloc(32))
    const { app, routes } = await createApp({
      databaseUrl: serviceUrl,
      databasePool: 2,
      keys,
      log: createLog('silent'),
    })
    const document = routes.document()
    await app.close()
    return {
      'openapi/openapi.json': `${JSON.stringify(document, null, 2)}\n`,
      'openapi/openapi-3.0.json': `${JSON.stringify(await olderOf(document), null, 2)}\n`,
      'migrations/schema.sql': await dumpSchema(ownerUrl),
    }
  } finally {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** What `drizzle-kit generate` would put into the next migration. */
async function missingMigration(): Promise<string[]> {
  const journal = JSON.parse(await read('migrations/meta/_journal.json')) as { entries: { tag: string }[] }
  const number = journal.entries.at(-1)!.tag.slice(0, 4)
  const last = JSON.parse(await read(`migrations/meta/${number}_snapshot.json`)) as ReturnType<
    typeof generateDrizzleJson
  >
  const modules = await readdir(new URL('src/modules/', root))
  const paths = ['src/platform/tables.ts', ...modules.map((name) => `src/modules/${name}/table.ts`)]
  const files = await Promise.all(
    paths.map(async (path) => {
      const exists = await readFile(new URL(path, root)).catch(() => undefined)
      return exists ? ((await import(new URL(path, root).href)) as Record<string, unknown>) : {}
    }),
  )
  const present = generateDrizzleJson(Object.assign({}, ...files) as Record<string, unknown>, last.id)
  return generateMigration(last, present)
}

function firstDifference(path: string, committed: string, made: string): string | undefined {
  if (committed === made) return undefined
  const [before, after] = [committed.split('\n'), made.split('\n')]
  const at = after.findIndex((line, index) => line !== before[index])
  const line = at < 0 ? after.length : at
  return `${path} is not current (npm run openapi). First difference, line ${line + 1}:\n- ${before[line] ?? '(end)'}\n+ ${after[line] ?? '(end)'}`
}

await command(async () => {
  const made = await generated()
  if (!process.argv.includes('--check')) {
    for (const [path, text] of Object.entries(made)) await writeFile(new URL(path, root), text)
    console.log(`Written: ${Object.keys(made).join(', ')}.`)
    return
  }
  const differences = await Promise.all(
    Object.entries(made).map(async ([path, text]) =>
      firstDifference(path, await read(path).catch(() => ''), text),
    ),
  )
  const statements = await missingMigration()
  const complaints = [
    ...differences.filter((difference) => difference !== undefined),
    ...(statements.length > 0
      ? [`The tables in src have no migration yet (migrations/README.md):\n${statements.join('\n')}`]
      : []),
  ]
  if (complaints.length > 0) throw new Error(complaints.join('\n\n'))
  console.log('Both openapi documents and schema.sql are current, and every table has its migration.')
})
