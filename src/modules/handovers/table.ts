// Where is a handover kept? Who is responsible follows from its status, so it is never nobody and never two.
import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf, someOf } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { organizations, users } from '../identity/table.ts'
import { referrals } from '../referrals/table.ts'
import { releases } from '../releases/table.ts'
import type { Sections } from './rules.ts'
import { codes } from '../vocabularies/index.ts'

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
        sql`case when status = 'arrived' then receiver_organization_id else giver_organization_id end`,
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
