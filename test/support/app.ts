// Where does a test file begin? With a service of its own on a database of its own, and clients for the cast.
import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import type { Role } from '../../src/access.ts'
import { createApp, type AppOptions } from '../../src/app.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createLog } from '../../src/platform/log.ts'
import { createOutbound } from '../../src/platform/outbound.ts'
import { createChecker, type Checker, type OpenApi } from './answers.ts'
import { done, factories } from './factories.ts'
import { createClient, type Client } from './http.ts'
import { password } from './people.ts'
import { at, unhurried, type Member } from './run.ts'
import { asServiceRole, asSuperuser } from './sql.ts'
import { authority } from './tls.ts'

export type Lotse = Awaited<ReturnType<typeof lotse>>

let described: { document: OpenApi; probes: OpenApi; check: Checker } | undefined

/** Call once at the top of a test file: `const { as, aCase } = await lotse()`. It ends with the file. */
export async function lotse({
  databasePool = 8,
  requestsPerMinute = unhurried,
  metricsToken,
}: Partial<Pick<AppOptions, 'databasePool' | 'requestsPerMinute' | 'metricsToken'>> = {}) {
  const run = inject('run')
  const database = `lotse_${randomBytes(6).toString('hex')}`
  await copyOf(run.template, database, run.adminUrl)
  const urls = {
    service: at(run.serviceUrl, database),
    owner: at(run.ownerUrl, database),
    worker: at(run.workerUrl, database),
    admin: at(run.adminUrl, database),
  }
  const keys = keysFrom(Buffer.from(run.masterKey, 'base64'))

  const lines: string[] = []
  const log = createLog('debug', { write: (line) => void lines.push(line) })
  // What the tests call is on this machine; it proves itself by the certificate in tls/.
  const outbound = createOutbound({ networks: ['127.0.0.0/8'], ca: authority })
  const { app, db, pool, routes } = await createApp({
    databaseUrl: urls.service,
    databasePool,
    keys,
    log,
    outbound,
    requestsPerMinute,
    metricsToken,
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  // The same for every file of a process: describing and compiling it takes longer than most tests.
  const { document, probes, check } = (described ??= (() => {
    const made = routes.document() as unknown as OpenApi
    const probed = routes.probes() as unknown as OpenApi
    return { document: made, probes: probed, check: createChecker(made, probed) }
  })())
  const superuser = asSuperuser(urls.admin)
  const service = asServiceRole(urls.service)

  afterAll(async () => {
    await app.close()
    await Promise.all([superuser.end(), service.end()])
    await asAdmin(run.adminUrl, `drop database ${database} with (force)`)
  })

  const withToken = (token?: string): Client => createClient(address, check, token)
  const nobody = withToken()

  /** A new session, with its tokens. */
  async function signIn({ municipality, email, membershipId }: Member) {
    const given = { municipality, email, membershipId, password }
    const { status, body, text } = await nobody.post<{ accessToken: string; refreshToken: string }>(
      '/v1/auth/token',
      given,
    )
    if (status !== 200) throw new Error(`${email} cannot sign in: ${text}`)
    return { ...body, client: withToken(body.accessToken) }
  }

  const clients = new Map<string, { client: Client; until: number }>()
  /** The client of one of the cast, in the session that came with the template: everybody has signed in once per run. */
  async function as({ membershipId: membership, userId: sub, tenantId: tenant }: Member): Promise<Client> {
    const session = run.sessions[membership]
    if (!session) throw new Error(`${membership} is none of the cast`)
    const known = clients.get(membership)
    if (known && known.until > Date.now()) return known.client
    // A token is good for ten minutes, and the long suites take half an hour.
    const client = withToken(app.jwt.sign({ sub, tenant, membership, session }))
    clients.set(membership, { client, until: Date.now() + 300_000 })
    return client
  }

  /** Somebody new, who has never signed in from anywhere, and has set a password of their own. */
  async function somebody(role: Role = 'navigator'): Promise<Member> {
    const { ada, nora } = run.members
    const admin = await as(ada)
    const email = `${randomUUID()}@lindenau.example`
    const person = { email, name: 'Uta Neu', language: 'de', password }
    const { id: userId } = done(await admin.post('/v1/users', person)).body
    await superuser.sql('update credentials set temporary_until = null where id = $1', [userId])
    const membership = { role, organizationId: nora.organizationId }
    const { id: membershipId } = done(await admin.post(`/v1/users/${userId}/memberships`, membership)).body
    return { ...nora, email, userId, membershipId, role }
  }

  return {
    as,
    somebody,
    signIn,
    nobody,
    withToken,
    sql: superuser.sql,
    app,
    db,
    pool,
    keys,
    document,
    probes,
    address,
    urls,
    log,
    outbound,
    routes: routes.all,
    /** Every line that was logged so far. */
    logged: () => lines,
    asService: service.asService,
    ...factories(as),
  }
}

async function copyOf(template: string, database: string, adminUrl: string) {
  await asAdmin(
    adminUrl,
    `create database ${database} template ${template} owner lotse_owner strategy wal_log`,
    `revoke all on database ${database} from public`,
    `grant connect on database ${database} to lotse_service, lotse_worker`,
  )
}

async function asAdmin(url: string, ...statements: string[]) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
