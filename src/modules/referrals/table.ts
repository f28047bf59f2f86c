// Where is a referral kept? The thread holds no fact about the person; what shall leave stands apart until it leaves.
import { sql } from 'drizzle-orm'
import { boolean, date, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { external, oncePerAuthor } from '../../platform/external.ts'
import {
  always,
  belongsTo,
  identified,
  instant,
  keyed,
  oneOf,
  someOf,
  type Referable,
} from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { offers } from '../directory/table.ts'
import { memberships, organizations, users } from '../identity/table.ts'
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
    /** Who at the recipient looks after it; assigned to nobody yet is seen by everybody there. */
    takenByMembershipId: uuid('taken_by_membership_id'),
    takenByName: text('taken_by_name'),
    takenAt: instant('taken_at'),
    waitlistPosition: integer('waitlist_position'),
    expectedOn: date('expected_on', { mode: 'string' }),
    /** What the recipient proposes instead, and the draft that came of it. */
    redirectOfferId: uuid('redirect_offer_id'),
    redirectNote: text('redirect_note'),
    proposedByReferralId: uuid('proposed_by_referral_id'),
    answeredByLink: boolean('answered_by_link').notNull().default(false),
    outcome: text('outcome', { enum: codes('outcome_rating') }),
    withdrawnBy: text('withdrawn_by', { enum: codes('referral_withdrawal') }),
    endedAt: instant('ended_at'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    ...external(),
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
    belongsTo('referrals__taken_by', t, t.takenByMembershipId, () => memberships),
    belongsTo('referrals__redirect_offer', t, t.redirectOfferId, () => offers),
    belongsTo('referrals__proposed_by', t, t.proposedByReferralId, (): Referable => referrals),
    oneOf('referrals__status', t.status, codes('referral_status')),
    oneOf('referrals__urgency', t.urgency, codes('urgency')),
    someOf('referrals__categories', t.categories, codes('data_category')),
    always(
      'referrals__decline_has_reason_and_side',
      sql`${t.status} <> 'declined' or num_nonnulls(${t.declineReason}, ${t.declineSide}) = 2`,
    ),
    always('referrals__waiting_has_a_day', sql`${t.status} <> 'waitlisted' or ${t.expectedOn} is not null`),
    always('referrals__waitlist_position', sql`${t.waitlistPosition} between 1 and 10000`),
    always(
      'referrals__redirect_proposes',
      sql`${t.status} <> 'redirected' or ${t.redirectOfferId} is not null`,
    ),
    always(
      'referrals__engaged_with_an_outcome',
      sql`(${t.status} = 'closed_engaged') = (${t.outcome} is not null)`,
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
    ...oncePerAuthor('referrals', t),
    index('referrals__by_client').on(t.tenantId, t.clientId),
    index('referrals__by_case').on(t.tenantId, t.caseId),
    index('referrals__by_release').on(t.tenantId, t.releaseId),
    index('referrals__inbox')
      .on(t.tenantId, t.recipientOrganizationId, t.sentAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.status} <> 'draft'`),
    index('referrals__unanswered')
      .on(t.tenantId, t.recipientOrganizationId, t.answerDueOn)
      .where(sql`${t.status} in ('sent', 'waitlisted')`),
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

/** The thread between the two organisations: questions and answers about the way, never a fact about the person. */
export const referralMessages = pgTable(
  'referral_messages',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    referralId: uuid('referral_id').notNull(),
    clientId: uuid('client_id').notNull(),
    recipientOrganizationId: uuid('recipient_organization_id').notNull(),
    fromOrganizationId: uuid('from_organization_id').notNull(),
    byUserId: uuid('by_user_id').notNull(),
    byName: text('by_name').notNull(),
    text: text('text').notNull(),
    writtenAt: instant('written_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('referral_messages__referral', t, t.referralId, () => referrals),
    belongsTo('referral_messages__client', t, t.clientId, () => clients),
    belongsTo('referral_messages__recipient', t, t.recipientOrganizationId, () => organizations),
    belongsTo('referral_messages__from', t, t.fromOrganizationId, () => organizations),
    belongsTo('referral_messages__by', t, t.byUserId, () => users),
    index('referral_messages__of_referral').on(t.tenantId, t.referralId, t.writtenAt, t.id),
  ],
)
