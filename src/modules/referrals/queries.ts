// Which referrals does a request need?
import { and, asc, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm'
import {
  byId,
  fieldsOf,
  insertInto,
  lockById,
  ofTenant,
  ofUnits,
  pointedAt,
  q,
  statement,
  update,
  type Given,
  type JsonRows,
} from '../../platform/statement.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { offers } from '../directory/table.ts'
import { ClientInList } from '../clients/index.ts'
import { viewEnds } from '../releases/index.ts'
import { disclosures, releases } from '../releases/table.ts'
import { openStatuses } from './rules.ts'
import { ReferralInList } from './schema.ts'
import { referralLetters, referrals } from './table.ts'

export const referralById = byId('referrals.byId', referrals)
export const lockReferral = lockById('referrals.lock', referrals)
const editable = ['releaseId', 'basis', 'urgency', 'categories'] as const
export const newReferral = insertInto('referrals.new', referrals, [
  'compartmentId',
  'caseId',
  'clientId',
  'offerId',
  'senderOrganizationId',
  'recipientOrganizationId',
  'status',
  'senderOrganizationName',
  'recipientOrganizationName',
  'offerName',
  'createdByUserId',
  ...editable,
])
export const editedReferral = update('referrals.edited', referrals, [...editable])
export const sentReferral = update('referrals.sent', referrals, [
  'status',
  'sentAt',
  'senderName',
  'answerDueOn',
  'categories',
])
export const acceptedReferral = update('referrals.accepted', referrals, [
  'status',
  'answeredAt',
  'answeredByName',
])
export const declinedReferral = update('referrals.declined', referrals, [
  'status',
  'answeredAt',
  'answeredByName',
  'endedAt',
  'declineReason',
  'declineSide',
  'declineNote',
])
export const withdrawnReferral = update('referrals.withdrawn', referrals, [
  'status',
  'withdrawnBy',
  'endedAt',
])
export const movedReferral = update('referrals.moved', referrals, ['status'])

/** Opened for the first time; no other opening, and no concurrent one, sets it again. */
export const seenReferral = statement('referrals.seen', (given: Given<{ id: string; seenAt: string }>) =>
  q
    .update(referrals)
    .set({
      seenAt: sql`coalesce(${referrals.seenAt}, ${given.seenAt}::timestamptz)`,
      version: sql`${referrals.version} + 1`,
    })
    .where(and(ofTenant(referrals), eq(referrals.id, given.id)))
    .returning(),
)

export const letterOf = byId('referrals.letter', referralLetters)
export const newLetter = insertInto('referrals.letter.new', referralLetters, [
  'compartmentId',
  'caseId',
  'clientId',
  'situation',
])
export const editedLetter = update('referrals.letter.edited', referralLetters, ['situation'])

// Locks are always taken in the order release, referral, handover, case, disclosure: two acts on one person wait for
// each other and never for ever.
export const lockReleaseOfReferral = pointedAt(
  'referrals.lockRelease',
  releases,
  { table: referrals, column: referrals.releaseId },
  'locked',
)

export const caseOfReferral = pointedAt(
  'referrals.case',
  cases,
  { table: referrals, column: referrals.caseId },
  'locked',
)
export const offerOfReferral = pointedAt('referrals.offer', offers, {
  table: referrals,
  column: referrals.offerId,
})
export const clientOfReferral = pointedAt('referrals.client', clients, {
  table: referrals,
  column: referrals.clientId,
})

interface Box {
  key: string | null
  id: string | null
  status: string | null
  limit: number
}

const columns = getTableColumns(referrals)
const overdue = sql`(${referrals.status} = 'sent' and ${referrals.answerDueOn} < lotse.today())`

/** Sent to the own organisation, the newest first; a hot read, so PostgreSQL builds the page. */
export const inbox = statement(
  'referrals.inbox',
  (given: Given<Box>) => sql<JsonRows & { key: string | null; more: boolean }>`
    with page as (
      select * from ${referrals}
      where ${ofTenant(referrals)} and ${referrals.recipientOrganizationId} = lotse.receiving_organization_id()
        and ${referrals.status} <> 'draft' and ${referrals.sentAt} is not null
        and (${given.status}::text is null or ${referrals.status} = ${given.status})
        and (${referrals.sentAt}, ${referrals.id}) < (${given.key}::timestamptz, ${given.id}::uuid)
      order by ${referrals.sentAt} desc, ${referrals.id} desc
      limit ${given.limit}::int
    ), shown as (select * from page order by sent_at desc, id desc limit ${given.limit}::int - 1)
    select coalesce((select json_agg(item) from (
        select ${fieldsOf(ReferralInList.shape, columns, {
          box: sql`'in'`,
          caseId: sql`null`,
          clientId: sql`null`,
          overdue,
        })} from shown as referrals order by sent_at desc, id desc) as item), '[]')::text as json,
      coalesce(array_agg(id order by sent_at desc, id desc), '{}') as ids,
      coalesce(array_agg(client_id), '{}') as "clientIds",
      min(sent_at) as key,
      (select count(*) from page) = ${given.limit}::int as more
    from shown`,
)

/** A person of the own unit with what is still on its way for them; the hottest read of all. */
export const clientReferrals = statement(
  'referrals.ofClient',
  (given: Given<{ id: string }>) => sql<JsonRows>`
    with open as (
      select * from ${referrals}
      where ${ofTenant(referrals)} and ${referrals.compartmentId} = any (lotse.compartments())
        and ${referrals.clientId} = ${given.id}::uuid and ${inArray(referrals.status, [...openStatuses])}
    )
    select json_build_object(
        'client', (select row_to_json(item) from (
          select ${fieldsOf(ClientInList.shape, getTableColumns(clients), {
            holdsCode: sql`${clients.personCode} is not null`,
          })}) as item),
        'referrals', coalesce((select json_agg(item) from (
          select ${fieldsOf(ReferralInList.shape, columns, { box: sql`'out'`, overdue })}
          from open as referrals order by created_at desc, id desc) as item), '[]'))::text as json,
      array(select id from open) as ids,
      array[${clients.id}] as "clientIds"
    from ${clients}
    where ${ofTenant(clients)} and ${clients.id} = ${given.id}::uuid`,
)

/** Drafted or sent by the own unit, the newest first. */
export const outbox = statement('referrals.outbox', (given: Given<Box>) =>
  ofUnits(referrals, {
    where: and(
      sql`(${given.status}::text is null or ${referrals.status} = ${given.status})`,
      sql`(${referrals.createdAt}, ${referrals.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
    ),
    order: ({ createdAt, id }) => [desc(createdAt), desc(id)],
    limit: given.limit,
  }),
)

export const referralsOf = statement('referrals.ofCase', (given: Given<{ caseId: string }>) =>
  q
    .select()
    .from(referrals)
    .where(and(ofTenant(referrals), eq(referrals.caseId, given.caseId)))
    .orderBy(desc(referrals.createdAt), desc(referrals.id)),
)

const withdrawing = (given: { because: unknown; at: unknown }) =>
  ({
    status: 'withdrawn',
    withdrawnBy: sql`${given.because}::text`,
    endedAt: sql`${given.at}::timestamptz`,
    version: sql`${referrals.version} + 1`,
  }) as const

/** Everything that is still on its way and rests on this release. */
export const withdrawByRelease = statement(
  'referrals.withdrawByRelease',
  (given: Given<{ releaseId: string; because: string; at: string }>) =>
    q
      .update(referrals)
      .set(withdrawing(given))
      .where(
        and(
          ofTenant(referrals),
          eq(referrals.releaseId, given.releaseId),
          inArray(referrals.status, [...openStatuses]),
        ),
      )
      .returning({ id: referrals.id, clientId: referrals.clientId }),
)

const endsWithCase = ['draft', 'sent', 'waitlisted', 'accepted', 'not_started'] as const

/** Before the case is locked, and in one order. */
export const lockOpenOfCase = statement('referrals.lockOpenOfCase', (given: Given<{ caseId: string }>) =>
  q
    .select({ id: referrals.id })
    .from(referrals)
    .where(
      and(
        ofTenant(referrals),
        eq(referrals.caseId, given.caseId),
        inArray(referrals.status, [...endsWithCase]),
      ),
    )
    .orderBy(asc(referrals.id))
    .for('no key update'),
)

/** Before they are withdrawn, in the same order as when their case closes. */
export const lockOpenOfRelease = statement(
  'referrals.lockOpenOfRelease',
  (given: Given<{ releaseId: string }>) =>
    q
      .select({ id: referrals.id })
      .from(referrals)
      .where(
        and(
          ofTenant(referrals),
          eq(referrals.releaseId, given.releaseId),
          inArray(referrals.status, [...openStatuses]),
        ),
      )
      .orderBy(asc(referrals.id))
      .for('no key update'),
)

export const withdrawByCase = statement(
  'referrals.withdrawByCase',
  (given: Given<{ caseId: string; because: string; at: string }>) =>
    q
      .update(referrals)
      .set(withdrawing(given))
      .where(
        and(
          ofTenant(referrals),
          eq(referrals.caseId, given.caseId),
          inArray(referrals.status, [...endsWithCase]),
        ),
      )
      .returning({ id: referrals.id, clientId: referrals.clientId }),
)

/** What was disclosed with the referrals of a case that ended with it; runs after they are withdrawn. */
export const endDisclosuresByCase = statement(
  'referrals.endDisclosuresByCase',
  (given: Given<{ caseId: string }>) =>
    q
      .update(disclosures)
      .set(viewEnds)
      .where(
        and(
          ofTenant(disclosures),
          eq(disclosures.caseId, given.caseId),
          sql`${disclosures.validUntil} > now()`,
          sql`${disclosures.subjectId} in (select r.id from referrals r where r.tenant_id = lotse.tenant_id()
          and r.case_id = ${given.caseId}::uuid and r.status = 'withdrawn')`,
        ),
      )
      .returning({ id: disclosures.id, clientId: disclosures.clientId }),
)
