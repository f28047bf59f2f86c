// What stands before the first test? One PostgreSQL, and in it a template: migrated, with the whole cast.
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { createApp } from '../../src/app.ts'
import { bootstrap } from '../../src/platform/bootstrap.ts'
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createLog } from '../../src/platform/log.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { createChecker, type OpenApi } from './answers.ts'
import { createClient, type Client } from './http.ts'
import { makeCast } from './make.ts'
import { password } from './people.ts'
import { unhurried, type Member } from './run.ts'

const template = 'lotse_template'

export default async function setup(project: TestProject) {
  await sweep()
  const folder = await mkdtemp(join(tmpdir(), 'lotse-test-'))
  const postgres = await startEmbeddedPostgres({ dataDir: folder })
  const stop = async () => {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const urls = await bootstrap(postgres.adminUrl, template)
    await migrate(urls.ownerUrl)
    const masterKey = randomBytes(32)
    const { app, db, routes } = await createApp({
      databaseUrl: urls.serviceUrl,
      databasePool: 8,
      keys: keysFrom(masterKey),
      log: createLog('silent'),
      requestsPerMinute: unhurried,
    })
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    const check = createChecker(routes.document() as unknown as OpenApi)
    const open = (token?: string) => createClient(address, check, token)
    const made = await makeCast(db, open)
    const sessions = await begunBy(Object.values(made.members), open())
    await app.close()
    project.provide('run', {
      ...made,
      sessions,
      ...urls,
      adminUrl: postgres.adminUrl,
      template,
      masterKey: masterKey.toString('base64'),
    })
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

/** What runs that were killed have left behind: it may be memory. Somebody else's stays. */
async function sweep() {
  const yesterday = Date.now() - 24 * 3_600_000
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith('lotse-'))
  await Promise.allSettled(
    left.map(async (name) => {
      const path = join(tmpdir(), name)
      if ((await stat(path)).mtimeMs < yesterday) await rm(path, { recursive: true, force: true })
    }),
  )
}

async function begunBy(members: readonly Member[], nobody: Client): Promise<Record<string, string>> {
  const begun = members.map(async ({ municipality, email, membershipId }) => {
    const { body } = await nobody.post('/v1/auth/token', { municipality, email, membershipId, password })
    const [, claims = ''] = String(body['accessToken']).split('.')
    const { session } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { session: string }
    return [membershipId, session] as const
  })
  return Object.fromEntries(await Promise.all(begun))
}
