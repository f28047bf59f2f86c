// The server that a good textbook would write: Fastify, drizzle, one transaction per request. It does the same work.
import jwt from '@fastify/jwt'
import { and, desc, eq, inArray, isNotNull, ne, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import fastify, { type FastifyRequest } from 'fastify'
import pg from 'pg'
import { access, type Action, type Rule } from '../../src/access.ts'
import { cases } from '../../src/modules/cases/table.ts'
import { complete, scored } from '../../src/modules/clearing/rules.ts'
import { clearingGuides, clearings } from '../../src/modules/clearing/table.ts'
import { clients } from '../../src/modules/clients/table.ts'
import { tenants, users } from '../../src/modules/identity/table.ts'
import { openStatuses } from '../../src/modules/referrals/rules.ts'
import { referrals } from '../../src/modules/referrals/table.ts'
import { disclosures } from '../../src/modules/releases/table.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createVault } from '../../src/platform/seal.ts'
import { auditEvents } from '../../src/platform/tables.ts'
import { masterKey } from '../layout.ts'
import { given, idleTimeoutMillis, serve } from './serve.ts'

interface Claims {
  sub: string
  tenant: string
  membership: string
  session: string
}

class Refused extends Error {
  readonly statusCode: number
  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}
const found = <T>(rows: T[]): T => {
  if (!rows[0]) throw new Refused(404, 'not found')
  return rows[0]
}

const pool = new pg.Pool({
  connectionString: given.serviceUrl,
  max: given.pool,
  options: '-c timezone=UTC',
  idleTimeoutMillis,
})
const db = drizzle(pool)
type Tx = Parameters<Parameters<typeof db.transaction>[0]>[0]

const keys = keysFrom(masterKey)
const vault = createVault(keys)
const app = fastify()
await app.register(jwt, {
  secret: { public: keys.token.publicKey },
  verify: { algorithms: ['EdDSA'], allowedIss: 'lotse', allowedAud: 'lotse', cache: 10_000 },
})

interface Entered extends Record<string, unknown> {
  role: string
  organizationId: string
  now: string
  today: string
}

/** Who asks, whether they may, what they want, and the audit row: one transaction. */
async function as<T>(
  request: FastifyRequest,
  action: Action,
  work: (tx: Tx, entered: Entered, claims: Claims) => Promise<T>,
) {
  const claims = await request.jwtVerify<Claims>()
  const { who } = access[action] as Rule
  return db.transaction(async (tx) => {
    const entering = await tx.execute<Entered>(sql`
      select role, organization_id as "organizationId", now, today from lotse.enter(${claims.tenant}, ${claims.sub},
        ${claims.membership}, ${claims.session}, null, ${sql.param(who)}, true)`)
    const entered = found(entering.rows)
    const result = await work(tx, entered, claims)
    const { id } = request.params as { id?: string }
    await tx.insert(auditEvents).values({
      tenantId: claims.tenant,
      userId: claims.sub,
      membershipId: claims.membership,
      role: entered.role,
      action,
      status: 200,
      objectIds: id ? [id] : [],
      clientIds: [],
      fields: [],
      requestId: request.id,
    })
    return result
  })
}

type Row = typeof referrals.$inferSelect
const inList = (row: Row, incoming: boolean, today: string) => ({
  ...row,
  box: incoming ? 'in' : 'out',
  caseId: incoming ? null : row.caseId,
  clientId: incoming ? null : row.clientId,
  overdue: row.status === 'sent' && row.answerDueOn !== null && row.answerDueOn < today,
})

type WithId = { Params: { id: string } }

app.get<WithId>('/v1/clients/:id/referrals', (request) =>
  as(request, 'clients.read', async (tx, { today }, { tenant }) => {
    const { id } = request.params
    const client = found(
      await tx
        .select()
        .from(clients)
        .where(and(eq(clients.tenantId, tenant), eq(clients.id, id))),
    )
    const { sealed: _, wrappedKey: __, personCode, ...shown } = client
    const isOpen = inArray(referrals.status, [...openStatuses])
    const ofClient = and(
      eq(referrals.tenantId, tenant),
      eq(referrals.compartmentId, client.compartmentId),
      eq(referrals.clientId, id),
    )
    const open = await tx
      .select()
      .from(referrals)
      .where(and(ofClient, isOpen))
      .orderBy(desc(referrals.createdAt))
    return {
      client: { ...shown, holdsCode: personCode !== null },
      referrals: open.map((row) => inList(row, false, today)),
    }
  }),
)

app.get<{ Querystring: { limit: number } }>('/v1/referrals', (request) =>
  as(request, 'referrals.list', async (tx, { today, organizationId }, { tenant }) => {
    const toUs = and(eq(referrals.tenantId, tenant), eq(referrals.recipientOrganizationId, organizationId))
    const sent = and(ne(referrals.status, 'draft'), isNotNull(referrals.sentAt))
    const limit = Number(request.query.limit)
    const newest = [desc(referrals.sentAt), desc(referrals.id)]
    const rows = await tx
      .select()
      .from(referrals)
      .where(and(toUs, sent))
      .orderBy(...newest)
      .limit(limit + 1)
    const last = rows[limit - 1]
    const items = rows.slice(0, limit).map((row) => inList(row, true, today))
    return { items, nextCursor: rows.length > limit ? `${last!.sentAt} ${last!.id}` : null }
  }),
)

app.post<WithId>('/v1/clearings/:id/finish', (request) =>
  as(request, 'clearings.finish', async (tx, { now }, { tenant }) => {
    const { id } = request.params
    const isThis = and(eq(clearings.tenantId, tenant), eq(clearings.id, id))
    const row = found(await tx.select().from(clearings).where(isThis).for('update'))
    if (row.status !== 'started') throw new Refused(409, 'not under way')
    const isItsCase = and(eq(cases.tenantId, tenant), eq(cases.id, row.caseId))
    const ofCase = found(await tx.select().from(cases).where(isItsCase).for('update'))
    const isGuide = and(eq(clearingGuides.tenantId, tenant), eq(clearingGuides.id, row.guideId))
    const { content: guide } = found(await tx.select().from(clearingGuides).where(isGuide))
    complete(guide, row.ratings)
    const ofClient = and(eq(clients.tenantId, tenant), eq(clients.id, row.clientId))
    const { gender } = found(await tx.select({ gender: clients.gender }).from(clients).where(ofClient))
    const isTenant = and(eq(tenants.tenantId, tenant), eq(tenants.id, tenant))
    const { cutoffs } = found(
      await tx.select({ cutoffs: tenants.auditCCutoffs }).from(tenants).where(isTenant),
    )
    const { auditCAnswers: answers, auditCLanguage: language, version } = row
    const auditC = answers && language && scored(guide.auditC, { answers, language }, gender, cutoffs)
    if (ofCase.phase === 'assessment')
      await tx
        .update(cases)
        .set({ phase: 'planning', version: ofCase.version + 1 })
        .where(isItsCase)
    const finished = { status: 'finished', auditC, finishedAt: now, version: version + 1 } as const
    return found(await tx.update(clearings).set(finished).where(isThis).returning())
  }),
)

app.post<WithId>('/v1/referrals/:id/accept', (request) =>
  as(request, 'referrals.accept', async (tx, { now, today, organizationId }, { tenant, sub }) => {
    const { id } = request.params
    const isThis = and(eq(referrals.tenantId, tenant), eq(referrals.id, id))
    const row = found(await tx.select().from(referrals).where(isThis).for('update'))
    if (row.recipientOrganizationId !== organizationId || row.status !== 'sent')
      throw new Refused(409, 'not open')
    const isUser = and(eq(users.tenantId, tenant), eq(users.id, sub))
    const { name } = found(await tx.select({ name: users.name }).from(users).where(isUser))
    const ofReferral = and(eq(disclosures.tenantId, tenant), eq(disclosures.subjectId, id))
    const disclosure = found(await tx.select().from(disclosures).where(ofReferral))
    const parts = vault.open(disclosure, {
      tenantId: tenant,
      table: 'disclosures',
      id: disclosure.id,
      column: 'content',
    })
    const accepted = {
      status: 'accepted',
      answeredAt: now,
      answeredByName: name,
      version: row.version + 1,
    } as const
    const [saved] = await tx.update(referrals).set(accepted).where(isThis).returning()
    const { categories, validUntil, madeAt } = disclosure
    return { ...inList(saved!, true, today), disclosed: { parts, categories, validUntil, madeAt } }
  }),
)

await serve(app, () => 0)
