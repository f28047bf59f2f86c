// Which referrals does a request need?
import { and, asc, desc, eq, getTableColumns, inArray, sql, type SQL } from 'drizzle-orm'
import { ofAuthor } from '../../platform/external.ts'
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
import { ClientInList } from '../clients/index.ts'
import { stoppedWith } from '../deadlines/index.ts'
import { emittedWith } from '../events/index.ts'
import { interfaces, offers } from '../directory/table.ts'
import { organizations } from '../identity/table.ts'
import { notices } from '../notices/table.ts'
import { viewsEnd } from '../releases/index.ts'
import { disclosures, releases } from '../releases/table.ts'
import { openStatuses } from './rules.ts'
import { ReferralInList } from './schema.ts'
import { referralLetters, referralMessages, referrals } from './table.ts'

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
  'externalId',
  'externalBy',
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
  'answeredByLink',
])
export const waitlistedReferral = update('referrals.waitlisted', referrals, [
  'status',
  'answeredAt',
  'answeredByName',
  'waitlistPosition',
  'expectedOn',
])
export const redirectedReferral = update('referrals.redirected', referrals, [
  'status',
  'answeredAt',
  'answeredByName',
  'endedAt',
  'redirectOfferId',
  'redirectNote',
])
export const takenReferral = update('referrals.taken', referrals, [
  'takenByMembershipId',
  'takenByName',
  'takenAt',
])
export const concludedReferral = update('referrals.concluded', referrals, ['status', 'outcome', 'endedAt'])
export const declinedReferral = update('referrals.declined', referrals, [
  'status',
  'answeredAt',
  'answeredByName',
  'answeredByLink',
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
export const organizationOfOffer = pointedAt('referrals.organizationOfOffer', organizations, {
  table: offers,
  column: offers.organizationId,
})
export const clientOfReferral = pointedAt('referrals.client', clients, {
  table: referrals,
  column: referrals.clientId,
})

/** What the two organisations have agreed on, in this direction. */
export const interfaceOfReferral = statement('referrals.interface', (given: Given<{ id: string }>) =>
  q
    .select({ id: interfaces.id, answerDays: interfaces.answerDays })
    .from(interfaces)
    .innerJoin(
      referrals,
      and(
        eq(referrals.tenantId, interfaces.tenantId),
        eq(referrals.senderOrganizationId, interfaces.fromOrganizationId),
        eq(referrals.recipientOrganizationId, interfaces.toOrganizationId),
      ),
    )
    .where(and(ofTenant(interfaces), ofTenant(referrals), eq(referrals.id, given.id))),
)

/** Youth offices that claim the residence of a person, where the recipient is a youth office at all; by AGS first. */
const youthOffices = (clientId: SQL, recipientId: SQL) => sql<{ id: string; name: string }>`
  select o.id, o.name
  from clients c
  join organizations mine on mine.tenant_id = c.tenant_id and mine.kind = 'youth_office' and mine.id = ${recipientId}
  join organizations o on o.tenant_id = c.tenant_id and o.kind = 'youth_office' and o.active
  join lateral (select max(case when claimed = c.ags then 2 else 1 end) as nearness from unnest(o.residences) claimed
    where claimed = c.ags or lower(claimed) = lower(c.district)) as claim on claim.nearness is not null
  where c.tenant_id = lotse.tenant_id() and mine.tenant_id = lotse.tenant_id() and o.tenant_id = lotse.tenant_id()
    and c.id = ${clientId}
  order by claim.nearness desc, o.name, o.id`

export const youthOfficesFor = statement(
  'referrals.youthOfficesFor',
  (given: Given<{ clientId: string; recipientOrganizationId: string }>) =>
    youthOffices(sql`${given.clientId}::uuid`, sql`${given.recipientOrganizationId}::uuid`),
)

export const youthOfficesOfReferral = statement('referrals.youthOffices', (given: Given<{ id: string }>) => {
  const of = (column: SQL) =>
    sql`(select ${column} from referrals r where r.tenant_id = lotse.tenant_id() and r.id = ${given.id}::uuid)`
  return youthOffices(of(sql`r.client_id`), of(sql`r.recipient_organization_id`))
})

/** Whatever the recipient of a referral may still see of that person, with this referral or otherwise. */
export const knownAtRecipient = statement('referrals.knownAtRecipient', (given: Given<{ id: string }>) =>
  q
    .select()
    .from(disclosures)
    .where(
      and(
        ofTenant(disclosures),
        // Asked first, so that no plan begins with everything that a recipient has ever received.
        eq(
          disclosures.caseId,
          sql`(select r.case_id from referrals r where r.tenant_id = lotse.tenant_id() and r.id = ${given.id}::uuid)`,
        ),
        eq(disclosures.recipientOrganizationId, sql`lotse.receiving_organization_id()`),
        sql`${disclosures.validUntil} > now()`,
      ),
    ),
)

/** One question or answer more between the two organisations. */
export const newMessage = insertInto('referrals.message.new', referralMessages, [
  'compartmentId',
  'referralId',
  'clientId',
  'recipientOrganizationId',
  'fromOrganizationId',
  'byUserId',
  'byName',
  'text',
])

/** The oldest first. */
export const threadOf = statement('referrals.thread', (given: Given<{ referralId: string }>) =>
  q
    .select()
    .from(referralMessages)
    .where(and(ofTenant(referralMessages), eq(referralMessages.referralId, given.referralId)))
    .orderBy(asc(referralMessages.writtenAt), asc(referralMessages.id)),
)

/**
 * The draft that a redirect leaves with the giver, with an empty letter; none where a referral to that offer is open
 * already: the receiver does not learn which. Without RETURNING, because a receiver never reads a letter.
 */
export const proposedReferral = statement(
  'referrals.proposed',
  (
    given: Given<{
      id: string
      originId: string
      offerId: string
      recipientOrganizationName: string
      createdByUserId: string
    }>,
  ) => sql<Record<string, never>>`
    with proposed as (
      insert into referrals (tenant_id, id, compartment_id, case_id, client_id, offer_id, sender_organization_id,
        recipient_organization_id, status, urgency, basis, categories, sender_organization_name,
        recipient_organization_name, offer_name, proposed_by_referral_id, created_by_user_id)
      select r.tenant_id, ${given.id}::uuid, r.compartment_id, r.case_id, r.client_id, o.id, r.sender_organization_id,
        o.organization_id, 'draft', r.urgency, r.basis, '{}', r.sender_organization_name,
        ${given.recipientOrganizationName}::text, o.name, r.id, ${given.createdByUserId}::uuid
      from referrals r join offers o on o.tenant_id = r.tenant_id and o.id = ${given.offerId}::uuid
      where r.tenant_id = lotse.tenant_id() and o.tenant_id = lotse.tenant_id() and r.id = ${given.originId}::uuid
      on conflict do nothing
      returning tenant_id, id, compartment_id, case_id, client_id, sender_organization_id
    ), emitted as (
      ${emittedWith('referral.drafted', 'referral', sql`select id, sender_organization_id as unit_id, compartment_id, null::uuid as partner_id from proposed`)}
    )
    insert into referral_letters (tenant_id, id, compartment_id, case_id, client_id, situation)
    select tenant_id, id, compartment_id, case_id, client_id, '' from proposed`,
)

interface Box {
  key: string | null
  id: string | null
  status: string | null
  taken: 'nobody' | 'me' | 'anybody' | null
  limit: number
}

const columns = getTableColumns(referrals)
/** Who at the recipient looks after it: nobody yet, oneself, or anybody. */
const takenBy = (taken: SQL) => sql`(${taken}::text is null or case ${taken}::text
  when 'nobody' then ${referrals.takenByMembershipId} is null
  when 'me' then ${referrals.takenByMembershipId} = lotse.membership_id()
  else ${referrals.takenByMembershipId} is not null end)`
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
        and ${takenBy(given.taken)}
        and (${referrals.sentAt}, ${referrals.id}) < (${given.key}::timestamptz, ${given.id}::uuid)
      order by ${referrals.sentAt} desc, ${referrals.id} desc
      limit ${given.limit}::int
    ), shown as (select * from page order by sent_at desc, id desc limit ${given.limit}::int - 1)
    select coalesce((select json_agg(item) from (
        select ${fieldsOf(ReferralInList.shape, columns, {
          box: sql`'in'`,
          caseId: sql`null`,
          clientId: sql`null`,
          externalId: sql`null`,
          proposedByReferralId: sql`null`,
          overdue,
        })} from shown as referrals order by sent_at desc, id desc) as item), '[]')::text as json,
      coalesce(array_agg(id order by sent_at desc, id desc), '{}') as ids,
      coalesce(array_agg(client_id), '{}') as "clientIds",
      min(sent_at) as key,
      (select count(*) from page) = ${given.limit}::int as more
    from shown`,
)

/** Whatever the caller drafted under this own id. */
export const ownReferral = statement(
  'referrals.own',
  (given: Given<{ externalId: string; box: string | null; status: string | null; taken: Box['taken'] }>) =>
    q
      .select()
      .from(referrals)
      .where(
        and(
          ofTenant(referrals),
          ofAuthor(referrals, given.externalId),
          sql`(${given.box}::text is null or ${given.box}::text =
            case ${referrals.recipientOrganizationId} when lotse.organization_id() then 'in' else 'out' end)`,
          sql`(${given.status}::text is null or ${referrals.status} = ${given.status})`,
          takenBy(given.taken),
        ),
      ),
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
      takenBy(given.taken),
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

/**
 * Withdraws whatever this finds: its clocks stand still, and the recipient of each that was sent is told, in one
 * statement for as many as there are.
 */
const withdrawn = (whose: SQL, given: { because: unknown; at: unknown }) => sql<{
  id: string
  clientId: string
}>`
  with ended as (
    update ${referrals} set status = 'withdrawn', withdrawn_by = ${given.because}::text,
      ended_at = ${given.at}::timestamptz, version = ${referrals.version} + 1
    where ${ofTenant(referrals)} and ${whose}
    returning id, client_id, recipient_organization_id, sent_at, sender_organization_id, compartment_id
  ), emitted as (
    ${emittedWith(
      'referral.withdrawn',
      'referral',
      sql`select id, sender_organization_id as unit_id, compartment_id,
        case when sent_at is not null then recipient_organization_id end as partner_id from ended`,
    )}
  ), stopped as (
    ${stoppedWith(sql`select id from ended`)}
  ), told as (
    insert into ${notices} (tenant_id, id, kind, subject_kind, subject_id, audience, to_organization_id)
    select lotse.tenant_id(), uuidv7(), 'referral_withdrawn', 'referral', id, 'organization', recipient_organization_id
    from ended where sent_at is not null
  )
  select id, client_id as "clientId" from ended`

/** Everything that is still on its way and rests on this release. */
export const withdrawByRelease = statement(
  'referrals.withdrawByRelease',
  (given: Given<{ releaseId: string; because: string; at: string }>) =>
    withdrawn(
      sql`${referrals.releaseId} = ${given.releaseId}::uuid and ${inArray(referrals.status, [...openStatuses])}`,
      given,
    ),
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
    withdrawn(
      sql`${referrals.caseId} = ${given.caseId}::uuid and ${inArray(referrals.status, [...endsWithCase])}`,
      given,
    ),
)

/** What was disclosed with the referrals of a case that ended with it; runs after they are withdrawn. */
export const endDisclosuresByCase = statement(
  'referrals.endDisclosuresByCase',
  (given: Given<{ caseId: string }>) =>
    viewsEnd(sql`${disclosures.caseId} = ${given.caseId}::uuid and ${disclosures.subjectId} in (
      select r.id from referrals r where r.tenant_id = lotse.tenant_id()
        and r.case_id = ${given.caseId}::uuid and r.status = 'withdrawn')`),
)
