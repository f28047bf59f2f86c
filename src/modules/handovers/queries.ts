// Which handovers does a request need?
import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm'
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
import { referrals } from '../referrals/table.ts'
import { viewEnds } from '../releases/index.ts'
import { disclosures, releases } from '../releases/table.ts'
import { openStatuses } from './rules.ts'
import { handovers, handoverSheets } from './table.ts'

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
  'createdByUserId',
])
export const editedHandover = update('handovers.edited', handovers, ['type', 'meetingAt'])
export const offeredHandover = update('handovers.offered', handovers, [
  'status',
  'offeredAt',
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

/**
 * From here until COMMIT this transaction may move on that one case: a receiver's answer sets the giver's next step,
 * though the receiver may never read a case.
 */
export const moveCase = statement(
  'handovers.moveCase',
  (given: Given<{ caseId: string }>) => sql<{ moving: string }>`
  select set_config('app.moving_case_id', ${given.caseId}::text, true) as moving`,
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

const cancelling = (because: unknown) =>
  ({
    status: 'cancelled',
    cancellation: sql`${because}::text`,
    version: sql`${handovers.version} + 1`,
  }) as const
const open = inArray(handovers.status, [...openStatuses])
const touched = { id: handovers.id, clientId: handovers.clientId }

export const cancelByRelease = statement(
  'handovers.cancelByRelease',
  (given: Given<{ releaseId: string; because: string }>) =>
    q
      .update(handovers)
      .set(cancelling(given.because))
      .where(and(ofTenant(handovers), eq(handovers.releaseId, given.releaseId), open))
      .returning(touched),
)

export const cancelByReferral = statement(
  'handovers.cancelByReferral',
  (given: Given<{ referralId: string; because: string }>) =>
    q
      .update(handovers)
      .set(cancelling(given.because))
      .where(and(ofTenant(handovers), eq(handovers.referralId, given.referralId), open))
      .returning(touched),
)

export const cancelByCase = statement(
  'handovers.cancelByCase',
  (given: Given<{ caseId: string; because: string }>) =>
    q
      .update(handovers)
      .set(cancelling(given.because))
      .where(
        and(
          ofTenant(handovers),
          eq(handovers.caseId, given.caseId),
          inArray(handovers.status, ['prepared', 'offered']),
        ),
      )
      .returning(touched),
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

/** What was disclosed with handovers that have been cancelled; runs after they are. */
const endDisclosures = (where: ReturnType<typeof sql>) =>
  q
    .update(disclosures)
    .set(viewEnds)
    .where(
      and(
        ofTenant(disclosures),
        sql`${disclosures.validUntil} > now()`,
        sql`${disclosures.subjectId} in (select h.id from handovers h where h.tenant_id = lotse.tenant_id()
          and h.status = 'cancelled' and ${where})`,
      ),
    )
    .returning({ id: disclosures.id, clientId: disclosures.clientId })

export const endDisclosuresByReferral = statement(
  'handovers.endDisclosuresByReferral',
  (given: Given<{ referralId: string }>) => endDisclosures(sql`h.referral_id = ${given.referralId}::uuid`),
)
export const endDisclosuresByCase = statement(
  'handovers.endDisclosuresByCase',
  (given: Given<{ caseId: string }>) => endDisclosures(sql`h.case_id = ${given.caseId}::uuid`),
)
