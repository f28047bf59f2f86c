// The server that a good textbook would write: Fastify, drizzle, one transaction per request. It does the same work.
import jwt from '@fastify/jwt'
import { and, desc, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { PgColumn } from 'drizzle-orm/pg-core'
import fastify, { type FastifyRequest } from 'fastify'
import pg from 'pg'
import { access, type Action } from '../../src/access.ts'
import { cases } from '../../src/modules/cases/table.ts'
import { complete, scored } from '../../src/modules/clearing/rules.ts'
import { clearingGuides as guides, clearings } from '../../src/modules/clearing/table.ts'
import { clients } from '../../src/modules/clients/table.ts'
import { tenants, users } from '../../src/modules/identity/table.ts'
import { openStatuses } from '../../src/modules/referrals/rules.ts'
import { referrals } from '../../src/modules/referrals/table.ts'
import { disclosures } from '../../src/modules/releases/table.ts'
import type { Claims } from '../../src/platform/http.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createVault } from '../../src/platform/seal.ts'
import { auditEvents } from '../../src/platform/tables.ts'
import { masterKey } from '../layout.ts'
import { given, idleTimeoutMillis, serve } from './serve.ts'

const keys = keysFrom(masterKey)
const vault = createVault(keys)
const options = '-c timezone=UTC'
const pool = new pg.Pool({ connectionString: given.serviceUrl, max: given.pool, options, idleTimeoutMillis })
const db = drizzle(pool)
type Tx = Parameters<Parameters<typeof db.transaction>[0]>[0]

const app = fastify()
const verify = { algorithms: ['EdDSA' as const], allowedIss: 'lotse', allowedAud: 'lotse', cache: 10_000 }
await app.register(jwt, { secret: { public: keys.token.publicKey }, verify })

const refused = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode })
function found<T>([row]: T[]): T {
  if (!row) throw refused(404, 'not found')
  return row
}

interface Asking extends Record<string, unknown> {
  role: string
  organizationId: string
  now: string
  today: string
  tenant: string
  user: string
}

/** Who asks, whether they may, what they want, and the audit row: one transaction. */
async function as<T>(request: FastifyRequest, action: Action, work: (tx: Tx, by: Asking) => Promise<T>) {
  const { sub: user, tenant, membership, session } = await request.jwtVerify<Claims>()
  return db.transaction(async (tx) => {
    const roles = sql.param(access[action].who)
    const { rows } = await tx.execute<Asking>(sql`
      select role, organization_id as "organizationId", now, today
      from lotse.enter(${tenant}, ${user}, ${membership}, ${session}, null, ${roles}, true, ${action})`)
    const by = { ...found(rows), tenant, user }
    const result = await work(tx, by)
    const { id } = request.params as { id?: string }
    const who = { tenantId: tenant, userId: user, membershipId: membership, role: by.role }
    const what = { action, status: 200, objectIds: id ? [id] : [], clientIds: [], fields: [] }
    await tx.insert(auditEvents).values({ ...who, ...what, requestId: request.id })
    return result
  })
}

const is = (table: { tenantId: PgColumn; id: PgColumn }, { tenant }: Asking, id: string) =>
  and(eq(table.tenantId, tenant), eq(table.id, id))

const inList = (row: typeof referrals.$inferSelect, incoming: boolean, { today }: Asking) => ({
  ...row,
  box: incoming ? 'in' : 'out',
  caseId: incoming ? null : row.caseId,
  clientId: incoming ? null : row.clientId,
  overdue: row.status === 'sent' && row.answerDueOn !== null && row.answerDueOn < today,
})

type ById = { Params: { id: string } }

app.get<ById>('/v1/clients/:id/referrals', (request) =>
  as(request, 'clients.read', async (tx, by) => {
    const { id } = request.params
    const isClient = is(clients, by, id)
    const client = found(await tx.select().from(clients).where(isClient))
    const { sealed: _, wrappedKey: __, personCode, ...shown } = client
    const ofUnit = [eq(referrals.tenantId, by.tenant), eq(referrals.compartmentId, client.compartmentId)]
    const open = and(...ofUnit, eq(referrals.clientId, id), inArray(referrals.status, [...openStatuses]))
    const rows = await tx.select().from(referrals).where(open).orderBy(desc(referrals.createdAt))
    const items = rows.map((row) => inList(row, false, by))
    return { client: { ...shown, holdsCode: personCode !== null }, referrals: items }
  }),
)

app.get<{ Querystring: { limit: string } }>('/v1/referrals', (request) =>
  as(request, 'referrals.list', async (tx, by) => {
    const limit = Number(request.query.limit)
    const toUs = [eq(referrals.tenantId, by.tenant), eq(referrals.recipientOrganizationId, by.organizationId)]
    const sent = and(...toUs, ne(referrals.status, 'draft'), isNotNull(referrals.sentAt))
    const newest = [desc(referrals.sentAt), desc(referrals.id)]
    const query = tx.select().from(referrals).where(sent)
    const rows = await query.orderBy(...newest).limit(limit + 1)
    const last = rows.length > limit ? rows[limit - 1] : undefined
    const items = rows.slice(0, limit).map((row) => inList(row, true, by))
    return { items, nextCursor: last ? `${last.sentAt} ${last.id}` : null }
  }),
)

app.post<ById>('/v1/clearings/:id/finish', (request) =>
  as(request, 'clearings.finish', async (tx, by) => {
    const isThis = is(clearings, by, request.params.id)
    const row = found(await tx.select().from(clearings).where(isThis).for('update'))
    if (row.status !== 'started') throw refused(409, 'not under way')
    const isItsCase = is(cases, by, row.caseId)
    const of = found(await tx.select().from(cases).where(isItsCase).for('update'))
    const isGuide = is(guides, by, row.guideId)
    const { content: guide } = found(await tx.select().from(guides).where(isGuide))
    complete(guide, row.ratings)
    const isClient = is(clients, by, row.clientId)
    const { gender } = found(await tx.select().from(clients).where(isClient))
    const isTenant = is(tenants, by, by.tenant)
    const { auditCCutoffs } = found(await tx.select().from(tenants).where(isTenant))
    const { auditCAnswers: answers, auditCLanguage: language, version } = row
    const auditC = answers && language && scored(guide.auditC, { answers, language }, gender, auditCCutoffs)
    const moved = { phase: 'planning', version: of.version + 1 } as const
    if (of.phase === 'assessment') await tx.update(cases).set(moved).where(isItsCase)
    const finished = { status: 'finished', auditC, finishedAt: by.now, version: version + 1 } as const
    return found(await tx.update(clearings).set(finished).where(isThis).returning())
  }),
)

app.post<ById>('/v1/referrals/:id/accept', (request) =>
  as(request, 'referrals.accept', async (tx, by) => {
    const isThis = is(referrals, by, request.params.id)
    const row = found(await tx.select().from(referrals).where(isThis).for('update'))
    const ours = row.recipientOrganizationId === by.organizationId
    if (!ours || row.status !== 'sent') throw refused(409, 'not open')
    const isUser = is(users, by, by.user)
    const { name } = found(await tx.select().from(users).where(isUser))
    const sent = and(eq(disclosures.tenantId, by.tenant), eq(disclosures.subjectId, row.id))
    const { id, ...disclosure } = found(await tx.select().from(disclosures).where(sent))
    const parts = vault.open(disclosure, { tenantId: by.tenant, table: 'disclosures', id, column: 'content' })
    const answer = { status: 'accepted', answeredAt: by.now, answeredByName: name } as const
    const next = { ...answer, version: row.version + 1 }
    const saved = found(await tx.update(referrals).set(next).where(isThis).returning())
    return { ...inList(saved, true, by), disclosed: { parts, categories: disclosure.categories } }
  }),
)

await serve(app, () => 0)
