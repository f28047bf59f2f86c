// Where are releases from confidentiality kept, and the ledger of everything that left because of one?
import { sql } from 'drizzle-orm'
import { boolean, date, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import {
  always,
  belongsTo,
  bytes,
  identified,
  instant,
  keyed,
  oneOf,
  someOf,
  type Referable,
} from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { organizations, users } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

export const releases = pgTable(
  'releases',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    status: text('status', { enum: codes('release_status') }).notNull(),
    discloserOrganizationId: uuid('discloser_organization_id').notNull(),
    recipientOrganizationId: uuid('recipient_organization_id').notNull(),
    recipientPerson: text('recipient_person'),
    purpose: text('purpose', { enum: codes('release_purpose') }).notNull(),
    purposeDetail: text('purpose_detail').notNull(),
    categories: text('categories', { enum: codes('data_category') })
      .array()
      .notNull(),
    direction: text('direction', { enum: codes('release_direction') }).notNull(),
    validUntil: instant('valid_until').notNull(),
    endsWith: text('ends_with'),
    proof: text('proof', { enum: codes('release_proof') }).notNull(),
    proofReason: text('proof_reason'),
    informationVersion: integer('information_version').notNull(),
    informationLanguage: text('information_language', { enum: ['de', 'en', 'da', 'es', 'fr'] }).notNull(),
    interpreterUsed: boolean('interpreter_used').notNull(),
    capacity: text('capacity', { enum: codes('capacity_assessment') }).notNull(),
    capacityNote: text('capacity_note'),
    copyGiven: boolean('copy_given').notNull(),
    signedOn: date('signed_on', { mode: 'string' }),
    activatedAt: instant('activated_at'),
    refusedAt: instant('refused_at'),
    withdrawnAt: instant('withdrawn_at'),
    withdrawnWay: text('withdrawn_way', { enum: codes('release_withdrawal_way') }),
    supersededById: uuid('superseded_by_id'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('releases__case', t, t.caseId, () => cases),
    belongsTo('releases__client', t, t.clientId, () => clients),
    belongsTo('releases__discloser', t, t.discloserOrganizationId, () => organizations),
    belongsTo('releases__recipient', t, t.recipientOrganizationId, () => organizations),
    belongsTo('releases__superseded_by', t, t.supersededById, (): Referable => releases),
    belongsTo('releases__created_by', t, t.createdByUserId, () => users),
    oneOf('releases__status', t.status, codes('release_status')),
    oneOf('releases__purpose', t.purpose, codes('release_purpose')),
    // Never "everything", never nothing.
    someOf('releases__categories', t.categories, codes('data_category')),
    always('releases__at_least_one_category', sql`cardinality(${t.categories}) > 0`),
    always(
      'releases__active_is_signed',
      sql`${t.status} in ('draft', 'refused') or ${t.signedOn} is not null`,
    ),
    always('releases__withdrawn_at', sql`(${t.status} = 'withdrawn') = (${t.withdrawnAt} is not null)`),
    index('releases__by_case').on(t.tenantId, t.caseId, t.createdAt.desc().nullsFirst()),
  ],
)

/**
 * What left, to whom, on which basis: never changed and never deleted, except that `validUntil` ends the recipient's
 * view. The content is sealed with a key of its own.
 */
export const disclosures = pgTable(
  'disclosures',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    basis: text('basis', { enum: codes('disclosure_basis') }).notNull(),
    releaseId: uuid('release_id'),
    releaseVersion: integer('release_version'),
    direction: text('direction', { enum: codes('release_direction') }).notNull(),
    purpose: text('purpose', { enum: codes('release_purpose') }).notNull(),
    categories: text('categories', { enum: codes('data_category') })
      .array()
      .notNull(),
    senderOrganizationId: uuid('sender_organization_id').notNull(),
    recipientOrganizationId: uuid('recipient_organization_id').notNull(),
    /** The referral or handover with which it left. */
    subjectId: uuid('subject_id').notNull(),
    wrappedKey: bytes('wrapped_key').notNull(),
    sealed: bytes('sealed').notNull(),
    madeByUserId: uuid('made_by_user_id').notNull(),
    madeAt: instant('made_at').notNull().defaultNow(),
    validUntil: instant('valid_until').notNull(),
  },
  (t) => [
    keyed(t),
    belongsTo('disclosures__case', t, t.caseId, () => cases),
    belongsTo('disclosures__client', t, t.clientId, () => clients),
    belongsTo('disclosures__release', t, t.releaseId, () => releases),
    belongsTo('disclosures__sender', t, t.senderOrganizationId, () => organizations),
    belongsTo('disclosures__recipient', t, t.recipientOrganizationId, () => organizations),
    belongsTo('disclosures__made_by', t, t.madeByUserId, () => users),
    oneOf('disclosures__basis', t.basis, codes('disclosure_basis')),
    oneOf('disclosures__purpose', t.purpose, codes('release_purpose')),
    someOf('disclosures__categories', t.categories, codes('data_category')),
    always(
      'disclosures__release_or_another_basis',
      sql`(${t.basis} = 'release') = (${t.releaseId} is not null)`,
    ),
    index('disclosures__by_case').on(t.tenantId, t.caseId, t.madeAt.desc().nullsFirst()),
    index('disclosures__by_subject').on(t.tenantId, t.subjectId),
    index('disclosures__by_release').on(t.tenantId, t.releaseId),
  ],
)
