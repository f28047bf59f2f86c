// Which handovers does a request need?
import { and, asc, desc, eq, inArray, sql, type SQL } from 'drizzle-orm'
import {
  byId,
  insertInto,
  lockById,
  ofTenant,
  ofUnits,
  pointedAt,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { clients } from '../clients/table.ts'
import { contacts } from '../contacts/table.ts'
import { stoppedWith } from '../deadlines/index.ts'
import { emittedWith } from '../events/index.ts'
import { notices } from '../notices/table.ts'
import { referrals } from '../referrals/table.ts'
import { viewsEnd } from '../releases/index.ts'
import { disclosures, releases } from '../releases/table.ts'
import { tasks } from '../tasks/table.ts'
import { openStatuses, type Concept } from './rules.ts'
import { handoverConcepts, handovers, handoverSheets } from './table.ts'

const touched = { id: handovers.id, clientId: handovers.clientId }

export const handoverById = byId('handovers.byId', handovers)
export const lockHandover = lockById('handovers.lock', handovers)
export const newHandover = insertInto('handovers.new', handovers, [
  'compartmentId',
  'caseId',
  'clientId',
  'referralId',
  'giverOrganizationId',
  'receiverOrganizationId',
  'giverOrganizationName',
  'receiverOrganizationName',
  'type',
  'status',
  'basis',
  'releaseId',
  'categories',
  'meetingAt',
  'conceptId',
  'accompaniedByMembershipId',
  'accompaniedByName',
  'createdByUserId',
])
export const editedHandover = update('handovers.edited', handovers, [
  'type',
  'meetingAt',
  'accompaniedByMembershipId',
  'accompaniedByName',
])
export const offeredHandover = update('handovers.offered', handovers, [
  'status',
  'offeredAt',
  'answerDueOn',
  'categories',
  'basis',
  'releaseId',
])
export const acceptedHandover = update('handovers.accepted', handovers, ['status', 'acceptedAt'])
export const refusedHandover = update('handovers.refused', handovers, [
  'status',
  'refusalReason',
  'refusalNote',
])
export const cancelledHandover = update('handovers.cancelled', handovers, ['status', 'cancellation'])
export const concludedHandover = update('handovers.concluded', handovers, [
  'status',
  'arrivedAt',
  'arrivalConfirmedBy',
  'failedAt',
])
export const talkedHandover = update('handovers.talked', handovers, ['jointTalkAt'])
export const checkedHandover = update('handovers.checked', handovers, ['stability', 'stabilityAt'])
export const returnedHandover = update('handovers.returned', handovers, [
  'returnedAt',
  'returnReason',
  'returnContactId',
])

/** The giver has taken up what was returned, and settled it; there may be no handover behind a contact. */
export const takenBack = statement(
  'handovers.takenBack',
  (given: Given<{ contactId: string }>) => sql<{ id: string; clientId: string }>`
  with back as (
    update ${handovers} set taken_back_at = now(), version = ${handovers.version} + 1
    where ${ofTenant(handovers)} and ${handovers.returnContactId} = ${given.contactId}::uuid
      and ${handovers.takenBackAt} is null and ${handovers.compartmentId} = any (lotse.compartments())
    returning id, client_id
  ), settled as (
    update ${tasks} set done_at = now(), done_by_user_id = lotse.user_id(), version = ${tasks.version} + 1
    where ${ofTenant(tasks)} and ${tasks.kind} = 'take_back' and ${tasks.doneAt} is null
      and ${tasks.originId} in (select id from back)
  )
  select id, client_id as "clientId" from back`,
)
/** The contact in which an earlier return consists, for those who may see it. */
export const returnContactOf = pointedAt('handovers.returnContact', contacts, {
  table: handovers,
  column: handovers.returnContactId,
})

export const conceptById = byId('handovers.concept', handoverConcepts)
export const conceptOfHandover = pointedAt('handovers.conceptOf', handoverConcepts, {
  table: handovers,
  column: handovers.conceptId,
})
export const newestConcept = statement('handovers.concept.newest', () =>
  q
    .select()
    .from(handoverConcepts)
    .where(ofTenant(handoverConcepts))
    .orderBy(desc(handoverConcepts.number))
    .limit(1),
)
/** Published one after another: two at the same instant get two numbers. */
export const publishInTurn = statement(
  'handovers.concept.inTurn',
  () => sql<{ turn: string }>`
  select pg_advisory_xact_lock(hashtext('handover_concepts'), hashtext(lotse.tenant_id()::text))::text as turn`,
)
export const newConcept = statement(
  'handovers.concept.new',
  (given: Given<{ id: string; content: Concept; publishedByUserId: string }>) =>
    q
      .insert(handoverConcepts)
      .values({
        tenantId: sql`lotse.tenant_id()`,
        id: given.id,
        number: sql`(select coalesce(max(number), 0) + 1 from handover_concepts where tenant_id = lotse.tenant_id())`,
        content: given.content,
        publishedByUserId: given.publishedByUserId,
        // By the clock: whoever waited for their turn began earlier than the one before.
        publishedAt: sql`clock_timestamp()`,
      })
      .returning(),
)
export const conceptPage = statement('handovers.concept.page', (given: Given<Box>) =>
  q
    .select()
    .from(handoverConcepts)
    .where(
      and(
        ofTenant(handoverConcepts),
        sql`(${handoverConcepts.publishedAt}, ${handoverConcepts.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
      ),
    )
    .orderBy(desc(handoverConcepts.publishedAt), desc(handoverConcepts.id))
    .limit(given.limit),
)

export const sheetOf = byId('handovers.sheet', handoverSheets)
export const newSheet = insertInto('handovers.sheet.new', handoverSheets, [
  'compartmentId',
  'caseId',
  'clientId',
  'sections',
])
export const editedSheet = update('handovers.sheet.edited', handoverSheets, ['sections'])

// Locks are taken in the order release, referral, handover, case, disclosure (see referrals).
export const lockReleaseOfHandover = pointedAt(
  'handovers.lockRelease',
  releases,
  { table: handovers, column: handovers.releaseId },
  'locked',
)
export const lockReferralOfHandover = pointedAt(
  'handovers.lockReferral',
  referrals,
  { table: handovers, column: handovers.referralId },
  'locked',
)

/** The person of a handover, found by the handover. */
export const clientOfHandover = pointedAt('handovers.client', clients, {
  table: handovers,
  column: handovers.clientId,
})

export const openHandoverOf = statement('handovers.openOfReferral', (given: Given<{ referralId: string }>) =>
  q
    .select({ id: handovers.id, clientId: handovers.clientId })
    .from(handovers)
    .where(
      and(
        ofTenant(handovers),
        eq(handovers.referralId, given.referralId),
        inArray(handovers.status, [...openStatuses]),
      ),
    ),
)

interface Box {
  key: string | null
  id: string | null
  limit: number
}

/** Offered to the own organisation, the newest first. */
export const inbox = statement('handovers.inbox', (given: Given<Box>) =>
  q
    .select()
    .from(handovers)
    .where(
      and(
        ofTenant(handovers),
        eq(handovers.receiverOrganizationId, sql`lotse.receiving_organization_id()`),
        sql`${handovers.status} <> 'prepared'`,
        sql`${handovers.offeredAt} is not null`,
        sql`(${handovers.offeredAt}, ${handovers.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
      ),
    )
    .orderBy(desc(handovers.offeredAt), desc(handovers.id))
    .limit(given.limit),
)

/** Prepared by the own unit, the newest first. */
export const outbox = statement('handovers.outbox', (given: Given<Box>) =>
  ofUnits(handovers, {
    where: and(
      sql`(${handovers.createdAt}, ${handovers.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
    ),
    order: ({ createdAt, id }) => [desc(createdAt), desc(id)],
    limit: given.limit,
  }),
)

export const handoversOf = statement('handovers.ofCase', (given: Given<{ caseId: string }>) =>
  q
    .select()
    .from(handovers)
    .where(and(ofTenant(handovers), eq(handovers.caseId, given.caseId)))
    .orderBy(desc(handovers.createdAt), desc(handovers.id)),
)

const open = inArray(handovers.status, [...openStatuses])

/** Whatever is cancelled at once with something else; a receiver is told of what it had been offered. */
const cancelled = (where: SQL | undefined, because: unknown) => sql<{ id: string; clientId: string }>`
  with gone as (
    update ${handovers} set status = 'cancelled', cancellation = ${because}::text, version = ${handovers.version} + 1
    where ${ofTenant(handovers)} and ${where}
    returning id, client_id, receiver_organization_id, offered_at, giver_organization_id, compartment_id
  ), emitted as (
    ${
      // The receiver hears of what ended with it: the referral.
      emittedWith(
        'handover.cancelled',
        'handover',
        sql`select id, giver_organization_id as unit_id, compartment_id, null::uuid as partner_id from gone`,
      )
    }
  ), told as (
    insert into ${notices} (tenant_id, id, kind, subject_kind, subject_id, audience, to_organization_id)
    select lotse.tenant_id(), uuidv7(), 'handover_cancelled', 'handover', id, 'organization', receiver_organization_id
    from gone where offered_at is not null
  ), stopped as (
    ${stoppedWith(sql`select id from gone`)}
  )
  select id, client_id as "clientId" from gone`

export const cancelByRelease = statement(
  'handovers.cancelByRelease',
  (given: Given<{ releaseId: string; because: string }>) =>
    cancelled(and(eq(handovers.releaseId, given.releaseId), open), given.because),
)

export const cancelByReferral = statement(
  'handovers.cancelByReferral',
  (given: Given<{ referralId: string; because: string }>) =>
    cancelled(and(eq(handovers.referralId, given.referralId), open), given.because),
)

export const cancelByCase = statement(
  'handovers.cancelByCase',
  (given: Given<{ caseId: string; because: string }>) =>
    cancelled(
      and(eq(handovers.caseId, given.caseId), inArray(handovers.status, ['prepared', 'offered'])),
      given.because,
    ),
)

/** Before the case is locked, and in one order. */
export const lockOpenOfCase = statement('handovers.lockOpenOfCase', (given: Given<{ caseId: string }>) =>
  q
    .select({ id: handovers.id })
    .from(handovers)
    .where(and(ofTenant(handovers), eq(handovers.caseId, given.caseId), open))
    .orderBy(asc(handovers.id))
    .for('no key update'),
)

export const acceptedOfCase = statement('handovers.acceptedOfCase', (given: Given<{ caseId: string }>) =>
  q
    .select(touched)
    .from(handovers)
    .where(and(ofTenant(handovers), eq(handovers.caseId, given.caseId), eq(handovers.status, 'accepted')))
    .for('no key update'),
)

/** What was disclosed with handovers; for cancelled ones it runs after they are. */
const endDisclosures = (where: ReturnType<typeof sql>) =>
  viewsEnd(
    sql`${disclosures.subjectId} in (select h.id from handovers h where h.tenant_id = lotse.tenant_id() and ${where})`,
  )

export const endDisclosuresByReferral = statement(
  'handovers.endDisclosuresByReferral',
  (given: Given<{ referralId: string }>) =>
    endDisclosures(sql`h.status = 'cancelled' and h.referral_id = ${given.referralId}::uuid`),
)
export const endDisclosuresByCase = statement(
  'handovers.endDisclosuresByCase',
  (given: Given<{ caseId: string }>) =>
    endDisclosures(sql`h.status = 'cancelled' and h.case_id = ${given.caseId}::uuid`),
)

/** Whatever was disclosed with the handovers of a referral that has been brought to its end. */
export const endAllDisclosuresByReferral = statement(
  'handovers.endAllDisclosuresByReferral',
  (given: Given<{ referralId: string }>) => endDisclosures(sql`h.referral_id = ${given.referralId}::uuid`),
)
