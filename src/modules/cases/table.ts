// Where is a case kept? Until it is closed it has exactly one lead and one dated next step, or it cannot be stored.
import { sql } from 'drizzle-orm'
import { date, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { external, oncePerAuthor } from '../../platform/external.ts'
import { always, belongsTo, identified, instant, keyed, oneOf, type Referable } from '../../platform/table.ts'
import { clients } from '../clients/table.ts'
import { memberships, organizations, users } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

export const cases = pgTable(
  'cases',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    organizationId: uuid('organization_id').notNull(),
    clientId: uuid('client_id').notNull(),
    previousCaseId: uuid('previous_case_id'),
    status: text('status', { enum: codes('case_status') }).notNull(),
    phase: text('phase', { enum: codes('case_phase') }).notNull(),
    requesterRole: text('requester_role', { enum: codes('requester_role') }).notNull(),
    referralSource: text('referral_source', { enum: codes('referral_source') }).notNull(),
    concern: text('concern').notNull(),
    leadMembershipId: uuid('lead_membership_id'),
    nextStep: text('next_step'),
    nextStepOn: date('next_step_on', { mode: 'string' }),
    pauseReason: text('pause_reason', { enum: codes('case_pause_reason') }),
    endType: text('end_type', { enum: codes('case_end_type') }),
    outcome: text('outcome', { enum: codes('outcome_rating') }),
    /** How the person said that they want no more contact; without it, contact is lost only after three tries. */
    lastWords: text('last_words'),
    openedByUserId: uuid('opened_by_user_id').notNull(),
    openedAt: instant('opened_at').notNull().defaultNow(),
    closedAt: instant('closed_at'),
    ...external(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('cases__organization', t, t.organizationId, () => organizations),
    belongsTo('cases__client', t, t.clientId, () => clients),
    belongsTo('cases__previous', t, t.previousCaseId, (): Referable => cases),
    belongsTo('cases__lead', t, t.leadMembershipId, () => memberships),
    belongsTo('cases__opened_by', t, t.openedByUserId, () => users),
    oneOf('cases__status', t.status, codes('case_status')),
    oneOf('cases__phase', t.phase, codes('case_phase')),
    // Nobody gets lost.
    always(
      'cases__one_lead_and_one_dated_next_step',
      sql`${t.status} = 'closed' or num_nonnulls(${t.leadMembershipId}, ${t.nextStep}, ${t.nextStepOn}) = 3`,
    ),
    always(
      'cases__closed_with_end_and_outcome',
      sql`(${t.status} = 'closed') = (num_nonnulls(${t.closedAt}, ${t.endType}, ${t.outcome}) = 3)
        and (${t.status} = 'closed' or num_nonnulls(${t.closedAt}, ${t.endType}, ${t.outcome}) = 0)`,
    ),
    ...oncePerAuthor('cases', t),
    index('cases__by_client').on(t.tenantId, t.clientId),
    index('cases__by_lead')
      .on(t.tenantId, t.leadMembershipId, t.nextStepOn, t.id)
      .where(sql`${t.status} <> 'closed'`),
    index('cases__by_next_step')
      .on(t.tenantId, t.compartmentId, t.nextStepOn, t.id)
      .where(sql`${t.status} <> 'closed'`),
    index('cases__newest').on(
      t.tenantId,
      t.compartmentId,
      t.openedAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
  ],
)

/** Who led a case from when to when; an exclusion constraint keeps the periods of one case apart. */
export const caseLeads = pgTable(
  'case_leads',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    membershipId: uuid('membership_id').notNull(),
    reason: text('reason').notNull(),
    fromAt: instant('from_at').notNull(),
    untilAt: instant('until_at'),
  },
  (t) => [
    keyed(t),
    belongsTo('case_leads__case', t, t.caseId, () => cases),
    belongsTo('case_leads__client', t, t.clientId, () => clients),
    belongsTo('case_leads__membership', t, t.membershipId, () => memberships),
  ],
)
