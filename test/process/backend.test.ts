// Does a request stay whole when its PostgreSQL process is killed in the middle of a batch?
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { bootstrap, type Urls } from '../../src/platform/bootstrap.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createLog } from '../../src/platform/log.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { createChecker, type OpenApi } from '../support/answers.ts'
import { createClient, type Client } from '../support/http.ts'
import { makeCast } from '../support/make.ts'
import { password } from '../support/people.ts'
import { unhurried } from '../support/run.ts'

// One killed process makes PostgreSQL end all others and recover: that must not meet the other tests.
let folder = ''
let postgres: EmbeddedPostgres
let urls: Urls
let app: Awaited<ReturnType<typeof createApp>>['app']
let nora: Client
let caseId = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lotse-backend-'))
  postgres = await startEmbeddedPostgres({ dataDir: folder })
  urls = await bootstrap(postgres.adminUrl, 'lotse')
  await migrate(urls.ownerUrl)
  const made = await createApp({
    databaseUrl: urls.serviceUrl,
    databasePool: 4,
    keys: keysFrom(Buffer.alloc(32, 7)),
    log: createLog('silent'),
    requestsPerMinute: unhurried,
  })
  app = made.app
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const check = createChecker(made.routes.document() as unknown as OpenApi)
  const open = (token?: string) => createClient(address, check, token)
  const { members } = await makeCast(made.db, open)
  const { municipality, email } = members.nora
  const { body } = await open().post('/v1/auth/token', { municipality, email, password })
  nora = open(String(body['accessToken']))
  const client = await nora.post('/v1/clients', { identificationLevel: 'anonymous' })
  const opened = await nora.post('/v1/cases', {
    clientId: client.body.id,
    requesterRole: 'self',
    referralSource: 'unknown',
    concern: 'before',
    nextStep: 'Call',
    nextStepOn: '2099-01-01',
  })
  caseId = opened.body.id
}, 60_000)

afterAll(async () => {
  await app.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

async function superuser() {
  const url = new URL(postgres.adminUrl)
  url.pathname = '/lotse'
  const client = new pg.Client({ connectionString: url.toString() })
  client.on('error', () => {})
  await client.connect()
  return client
}

test.each([
  ['that loads', 'select from cases for update', 'active'],
  ['that saves and commits', 'lock table audit_events in access exclusive mode', 'active'],
])(
  'a process killed with -9 in the middle of the batch %s leaves nothing half done, and the service goes on',
  { timeout: 60_000 },
  async (_, holding) => {
    const change = { concern: `after ${holding}` }
    const before = await nora.get<{ concern: string; version: number }>(`/v1/cases/${caseId}`)
    const keeper = await superuser()
    await keeper.query('begin')
    await keeper.query(holding)
    const asked = nora.patch(`/v1/cases/${caseId}`, change, { ifMatch: before.headers['etag'] })
    let pid: number | undefined
    while (pid === undefined) {
      await sleep(10)
      const { rows } = await keeper.query<{ pid: number }>(
        `select pid from pg_stat_activity where usename = 'lotse_service' and wait_event_type = 'Lock'`,
      )
      pid = rows[0]?.pid
    }
    process.kill(pid, 'SIGKILL')
    const answer = await asked
    expect(answer).toMatchObject({ status: 503, body: { code: 'try_again' } })
    expect(answer.headers['retry-after']).toBeTruthy()
    await keeper.end().catch(() => {})

    const began = Date.now()
    const again = () => nora.get<{ concern: string; version: number }>(`/v1/cases/${caseId}`)
    let after = await again()
    for (; after.status === 503; after = await again()) await sleep(50)
    expect(Date.now() - began).toBeLessThan(10_000)
    expect(after.body).toEqual(before.body)
    const reader = await superuser()
    const { rowCount } = await reader.query(
      `select from audit_events where action = 'cases.update' and status = 200 and $1::uuid = any (object_ids)`,
      [caseId],
    )
    await reader.end()
    expect(rowCount).toBe(0)
  },
)

test('what was interrupted is done when it is asked once more', async () => {
  const { headers } = await nora.get(`/v1/cases/${caseId}`)
  const answer = await nora.patch(
    `/v1/cases/${caseId}`,
    { concern: 'after all' },
    { ifMatch: headers['etag'] },
  )
  expect(answer).toMatchObject({ status: 200, body: { concern: 'after all' } })
})
