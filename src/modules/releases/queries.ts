// Which releases and disclosures does a request need?
import { and, asc, desc, eq, sql, type SQL } from 'drizzle-orm'
import {
  byId,
  insertInto,
  lockUnlessFinal,
  ofTenant,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { disclosures, releases } from './table.ts'

export const releaseById = byId('releases.byId', releases)
export const lockRelease = lockUnlessFinal('releases.lock', releases)
export const newRelease = insertInto('releases.new', releases, [
  'compartmentId',
  'caseId',
  'clientId',
  'status',
  'discloserOrganizationId',
  'recipientOrganizationId',
  'recipientPerson',
  'purpose',
  'purposeDetail',
  'categories',
  'direction',
  'validUntil',
  'endsWith',
  'proof',
  'proofReason',
  'informationVersion',
  'informationLanguage',
  'interpreterUsed',
  'capacity',
  'capacityNote',
  'copyGiven',
  'signedOn',
  'activatedAt',
  'createdByUserId',
])
export const signedRelease = update('releases.signed', releases, [
  'status',
  'signedOn',
  'activatedAt',
  'copyGiven',
])
export const refusedRelease = update('releases.refused', releases, ['status', 'refusedAt'])
export const withdrawnRelease = update('releases.withdrawn', releases, [
  'status',
  'withdrawnAt',
  'withdrawnWay',
])
export const supersededRelease = update('releases.superseded', releases, ['status', 'supersededById'])

export const releasesOf = statement('releases.ofCase', (given: Given<{ caseId: string }>) =>
  q
    .select()
    .from(releases)
    .where(and(ofTenant(releases), eq(releases.caseId, given.caseId)))
    .orderBy(desc(releases.createdAt), desc(releases.id)),
)

export const newDisclosure = insertInto('disclosures.new', disclosures, [
  'compartmentId',
  'caseId',
  'clientId',
  'basis',
  'releaseId',
  'releaseVersion',
  'direction',
  'purpose',
  'categories',
  'senderOrganizationId',
  'recipientOrganizationId',
  'subjectId',
  'wrappedKey',
  'sealed',
  'madeByUserId',
  'validUntil',
])

/** The ledger of one case, the newest first. */
export const disclosuresOf = statement('disclosures.ofCase', (given: Given<{ caseId: string }>) =>
  q
    .select()
    .from(disclosures)
    .where(and(ofTenant(disclosures), eq(disclosures.caseId, given.caseId)))
    .orderBy(desc(disclosures.madeAt), desc(disclosures.id)),
)

/** What the own organisation received with one referral or handover, and may still see. */
export const received = statement('disclosures.received', (given: Given<{ subjectId: string }>) =>
  q
    .select()
    .from(disclosures)
    .where(
      and(
        ofTenant(disclosures),
        eq(disclosures.subjectId, given.subjectId),
        eq(disclosures.recipientOrganizationId, sql`lotse.receiving_organization_id()`),
        sql`${disclosures.validUntil} > now()`,
      ),
    )
    .orderBy(asc(disclosures.madeAt)),
)

/**
 * Ends a recipient's view; the ledger stays. With a referral end the documents that went along: they stand to the right,
 * so only the name of their table is known here. By the clock and not now(): the row must stay in its writer's sight
 * until the transaction ends.
 */
export const viewsEnd = (whose: SQL) => sql<{ id: string; clientId: string }>`
  with ended as (
    update ${disclosures} set valid_until = least(${disclosures.validUntil}, clock_timestamp())
    where ${ofTenant(disclosures)} and ${disclosures.validUntil} > now() and ${whose}
    returning id, client_id, subject_id
  ), documents as (
    update attachments set valid_until = least(valid_until, clock_timestamp())
    where tenant_id = lotse.tenant_id() and valid_until > now() and referral_id in (select subject_id from ended)
  )
  select id, client_id as "clientId" from ended`

export const endDisclosuresOfRelease = statement(
  'disclosures.endOfRelease',
  (given: Given<{ releaseId: string }>) => viewsEnd(sql`${disclosures.releaseId} = ${given.releaseId}::uuid`),
)

export const endDisclosuresOfSubject = statement(
  'disclosures.endOfSubject',
  (given: Given<{ subjectId: string }>) => viewsEnd(sql`${disclosures.subjectId} = ${given.subjectId}::uuid`),
)
