// Where is a handover kept? Who is responsible follows from its status, so it is never nobody and never two.
import { sql } from 'drizzle-orm'
import { date, index, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf, someOf } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { contacts } from '../contacts/table.ts'
import { memberships, organizations, users } from '../identity/table.ts'
import { referrals } from '../referrals/table.ts'
import { releases } from '../releases/table.ts'
import type { Concept, Sections } from './rules.ts'
import { codes } from '../vocabularies/index.ts'

/** What this municipality asks of a handover, per type; published once, never changed. */
export const handoverConcepts = pgTable(
  'handover_concepts',
  {
    ...identified(),
    number: integer('number').notNull(),
    content: jsonb('content').$type<Concept>().notNull(),
    publishedByUserId: uuid('published_by_user_id').notNull(),
    publishedAt: instant('published_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    unique('handover_concepts__one_per_number').on(t.tenantId, t.number),
    belongsTo('handover_concepts__published_by', t, t.publishedByUserId, () => users),
  ],
)

export const handovers = pgTable(
  'handovers',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    referralId: uuid('referral_id').notNull(),
    giverOrganizationId: uuid('giver_organization_id').notNull(),
    receiverOrganizationId: uuid('receiver_organization_id').notNull(),
    giverOrganizationName: text('giver_organization_name').notNull(),
    receiverOrganizationName: text('receiver_organization_name').notNull(),
    type: text('type', { enum: codes('handover_type') }).notNull(),
    status: text('status', { enum: codes('handover_status') }).notNull(),
    responsibleOrganizationId: uuid('responsible_organization_id')
      .notNull()
      .generatedAlwaysAs(
        sql`case when status = 'arrived' and stability is distinct from 'broken_off' and taken_back_at is null
          then receiver_organization_id else giver_organization_id end`,
      ),
    basis: text('basis', { enum: ['release', 'anonymous'] }).notNull(),
    releaseId: uuid('release_id'),
    categories: text('categories', { enum: codes('data_category') })
      .array()
      .notNull(),
    meetingAt: instant('meeting_at'),
    offeredAt: instant('offered_at'),
    acceptedAt: instant('accepted_at'),
    arrivedAt: instant('arrived_at'),
    arrivalConfirmedBy: text('arrival_confirmed_by', { enum: codes('arrival_source') }),
    failedAt: instant('failed_at'),
    refusalReason: text('refusal_reason', { enum: codes('refusal_reason') }),
    refusalNote: text('refusal_note'),
    cancellation: text('cancellation', { enum: codes('handover_cancellation') }),
    /** The handover concept that was published when it was prepared. */
    conceptId: uuid('concept_id'),
    /** By when the concept of the day asks for an answer. */
    answerDueOn: date('answer_due_on', { mode: 'string' }),
    accompaniedByMembershipId: uuid('accompanied_by_membership_id'),
    accompaniedByName: text('accompanied_by_name'),
    jointTalkAt: instant('joint_talk_at'),
    stability: text('stability', { enum: codes('stability') }),
    stabilityAt: instant('stability_at'),
    returnedAt: instant('returned_at'),
    returnReason: text('return_reason', { enum: codes('return_reason') }),
    /** A return is a new request: the contact at the giver in which it consists. */
    returnContactId: uuid('return_contact_id'),
    /** The giver has taken that contact up: from then on it is responsible again. */
    takenBackAt: instant('taken_back_at'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('handovers__case', t, t.caseId, () => cases),
    belongsTo('handovers__client', t, t.clientId, () => clients),
    belongsTo('handovers__referral', t, t.referralId, () => referrals),
    belongsTo('handovers__giver', t, t.giverOrganizationId, () => organizations),
    belongsTo('handovers__receiver', t, t.receiverOrganizationId, () => organizations),
    belongsTo('handovers__release', t, t.releaseId, () => releases),
    belongsTo('handovers__created_by', t, t.createdByUserId, () => users),
    belongsTo('handovers__concept', t, t.conceptId, () => handoverConcepts),
    belongsTo('handovers__accompanied_by', t, t.accompaniedByMembershipId, () => memberships),
    belongsTo('handovers__return_contact', t, t.returnContactId, () => contacts),
    always(
      'handovers__stability_after_arrival',
      sql`(${t.stability} is null) = (${t.stabilityAt} is null) and (${t.stability} is null or ${t.status} = 'arrived')`,
    ),
    always(
      'handovers__return_after_arrival',
      sql`num_nonnulls(${t.returnedAt}, ${t.returnReason}, ${t.returnContactId}) in (0, 3)
        and (${t.returnedAt} is null or ${t.status} = 'arrived')
        and (${t.takenBackAt} is null or ${t.returnedAt} is not null)`,
    ),
    always(
      'handovers__accompanied_by_somebody_with_a_name',
      sql`(${t.accompaniedByMembershipId} is null) = (${t.accompaniedByName} is null)`,
    ),
    oneOf('handovers__stability', t.stability, codes('stability')),
    oneOf('handovers__return_reason', t.returnReason, codes('return_reason')),
    oneOf('handovers__type', t.type, codes('handover_type')),
    oneOf('handovers__status', t.status, codes('handover_status')),
    someOf('handovers__categories', t.categories, codes('data_category')),
    always(
      'handovers__arrival_has_a_source',
      sql`(${t.status} = 'arrived') = (num_nonnulls(${t.arrivedAt}, ${t.arrivalConfirmedBy}) = 2)`,
    ),
    always(
      'handovers__refusal_has_a_reason',
      sql`${t.status} <> 'refused' or ${t.refusalReason} is not null`,
    ),
    uniqueIndex('handovers__one_open_per_referral')
      .on(t.tenantId, t.referralId)
      .where(sql`${t.status} in ('prepared', 'offered', 'accepted')`),
    index('handovers__by_case').on(t.tenantId, t.caseId),
    index('handovers__by_release').on(t.tenantId, t.releaseId),
    index('handovers__by_return').on(t.tenantId, t.returnContactId),
    index('handovers__awaited')
      .on(t.tenantId, t.receiverOrganizationId, t.answerDueOn)
      .where(sql`${t.status} in ('offered', 'accepted')`),
    index('handovers__inbox')
      .on(t.tenantId, t.receiverOrganizationId, t.offeredAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.status} <> 'prepared'`),
  ],
)

/** The handover sheet while it is being written. The receiver reads only the disclosure that was made of it. */
export const handoverSheets = pgTable(
  'handover_sheets',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    sections: jsonb('sections').$type<Sections>().notNull(),
  },
  (t) => [
    keyed(t),
    belongsTo('handover_sheets__handover', t, t.id, () => handovers),
    belongsTo('handover_sheets__case', t, t.caseId, () => cases),
    belongsTo('handover_sheets__client', t, t.clientId, () => clients),
  ],
)
