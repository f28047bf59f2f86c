// Where is a referral kept? The thread holds no fact about the person; what shall leave stands apart until it leaves.
import { sql } from 'drizzle-orm'
import { date, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf, someOf } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { offers } from '../directory/table.ts'
import { organizations, users } from '../identity/table.ts'
import { releases } from '../releases/table.ts'
import { codes } from '../vocabularies/index.ts'

export const referrals = pgTable(
  'referrals',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    offerId: uuid('offer_id').notNull(),
    senderOrganizationId: uuid('sender_organization_id').notNull(),
    recipientOrganizationId: uuid('recipient_organization_id').notNull(),
    status: text('status', { enum: codes('referral_status') }).notNull(),
    urgency: text('urgency', { enum: codes('urgency') }).notNull(),
    basis: text('basis', { enum: ['release', 'anonymous'] }).notNull(),
    releaseId: uuid('release_id'),
    categories: text('categories', { enum: codes('data_category') })
      .array()
      .notNull(),
    // Snapshots: people move and offers are renamed, reports must not change with them.
    senderName: text('sender_name'),
    senderOrganizationName: text('sender_organization_name').notNull(),
    recipientOrganizationName: text('recipient_organization_name').notNull(),
    offerName: text('offer_name').notNull(),
    answerDueOn: date('answer_due_on', { mode: 'string' }),
    sentAt: instant('sent_at'),
    seenAt: instant('seen_at'),
    answeredAt: instant('answered_at'),
    answeredByName: text('answered_by_name'),
    declineReason: text('decline_reason', { enum: codes('decline_reason') }),
    declineSide: text('decline_side', { enum: ['provider', 'person', 'funder', 'system'] }),
    declineNote: text('decline_note'),
    withdrawnBy: text('withdrawn_by', { enum: codes('referral_withdrawal') }),
    endedAt: instant('ended_at'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('referrals__case', t, t.caseId, () => cases),
    belongsTo('referrals__client', t, t.clientId, () => clients),
    belongsTo('referrals__offer', t, t.offerId, () => offers),
    belongsTo('referrals__sender', t, t.senderOrganizationId, () => organizations),
    belongsTo('referrals__recipient', t, t.recipientOrganizationId, () => organizations),
    belongsTo('referrals__release', t, t.releaseId, () => releases),
    belongsTo('referrals__created_by', t, t.createdByUserId, () => users),
    oneOf('referrals__status', t.status, codes('referral_status')),
    oneOf('referrals__urgency', t.urgency, codes('urgency')),
    someOf('referrals__categories', t.categories, codes('data_category')),
    always(
      'referrals__decline_has_reason_and_side',
      sql`${t.status} <> 'declined' or num_nonnulls(${t.declineReason}, ${t.declineSide}) = 2`,
    ),
    always(
      'referrals__other_needs_a_sentence',
      sql`${t.declineReason} <> 'other' or ${t.declineNote} is not null`,
    ),
    always(
      'referrals__sent_with_a_deadline',
      sql`${t.status} = 'draft' or ${t.withdrawnBy} is not null or num_nonnulls(${t.sentAt}, ${t.answerDueOn}) = 2`,
    ),
    uniqueIndex('referrals__one_open_per_client_and_offer')
      .on(t.tenantId, t.compartmentId, t.clientId, t.offerId)
      .where(sql`${t.status} in ('draft', 'sent', 'waitlisted', 'accepted', 'started', 'not_started')`),
    index('referrals__by_client').on(t.tenantId, t.clientId),
    index('referrals__by_case').on(t.tenantId, t.caseId),
    index('referrals__by_release').on(t.tenantId, t.releaseId),
    index('referrals__inbox')
      .on(t.tenantId, t.recipientOrganizationId, t.sentAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.status} <> 'draft'`),
    index('referrals__outbox').on(
      t.tenantId,
      t.compartmentId,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
  ],
)

/** The words that shall leave with a referral. The recipient never reads this table, only the disclosure made of it. */
export const referralLetters = pgTable(
  'referral_letters',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    situation: text('situation').notNull(),
  },
  (t) => [
    keyed(t),
    belongsTo('referral_letters__referral', t, t.id, () => referrals),
    belongsTo('referral_letters__case', t, t.caseId, () => cases),
    belongsTo('referral_letters__client', t, t.clientId, () => clients),
  ],
)
