// Where are appointments kept, and every try to reach somebody again?
import { sql } from 'drizzle-orm'
import { date, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { memberships, organizations, users } from '../identity/table.ts'
import { referrals } from '../referrals/table.ts'
import { tasks } from '../tasks/table.ts'
import { codes } from '../vocabularies/index.ts'

export const appointments = pgTable(
  'appointments',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    /** The referral whose first appointment this is. */
    referralId: uuid('referral_id'),
    /** With whom: an organisation of the network, a name, or both; the lead where neither is said. */
    organizationId: uuid('organization_id'),
    withWhom: text('with_whom'),
    mode: text('mode', { enum: codes('contact_mode') }).notNull(),
    place: text('place').notNull(),
    startsAt: instant('starts_at').notNull(),
    minutes: integer('minutes').notNull(),
    accompaniedByMembershipId: uuid('accompanied_by_membership_id'),
    interpreter: text('interpreter', { enum: codes('language') }),
    status: text('status', { enum: codes('appointment_status') }).notNull(),
    outcomeAt: instant('outcome_at'),
    outcomeByUserId: uuid('outcome_by_user_id'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('appointments__case', t, t.caseId, () => cases),
    belongsTo('appointments__client', t, t.clientId, () => clients),
    belongsTo('appointments__referral', t, t.referralId, () => referrals),
    belongsTo('appointments__organization', t, t.organizationId, () => organizations),
    belongsTo('appointments__accompanied_by', t, t.accompaniedByMembershipId, () => memberships),
    belongsTo('appointments__outcome_by', t, t.outcomeByUserId, () => users),
    belongsTo('appointments__created_by', t, t.createdByUserId, () => users),
    oneOf('appointments__mode', t.mode, codes('contact_mode')),
    oneOf('appointments__status', t.status, codes('appointment_status')),
    always('appointments__minutes', sql`${t.minutes} between 5 and 1440`),
    always('appointments__outcome_is_dated', sql`(${t.status} = 'planned') = (${t.outcomeAt} is null)`),
    index('appointments__planned')
      .on(t.tenantId, t.compartmentId, t.startsAt, t.id)
      .where(sql`${t.status} = 'planned'`),
    index('appointments__by_case').on(t.tenantId, t.caseId, t.startsAt),
  ],
)

/** Nobody is given up after one call: every try stays on record. */
export const contactAttempts = pgTable(
  'contact_attempts',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    /** The re-contact task that this try settles. */
    taskId: uuid('task_id'),
    attemptedOn: date('attempted_on', { mode: 'string' }).notNull(),
    mode: text('mode', { enum: codes('contact_mode') }).notNull(),
    outcome: text('outcome', { enum: codes('attempt_outcome') }).notNull(),
    note: text('note').notNull(),
    byUserId: uuid('by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('contact_attempts__case', t, t.caseId, () => cases),
    belongsTo('contact_attempts__client', t, t.clientId, () => clients),
    belongsTo('contact_attempts__task', t, t.taskId, () => tasks),
    belongsTo('contact_attempts__by', t, t.byUserId, () => users),
    oneOf('contact_attempts__mode', t.mode, codes('contact_mode')),
    oneOf('contact_attempts__outcome', t.outcome, codes('attempt_outcome')),
    index('contact_attempts__by_case').on(t.tenantId, t.caseId, t.attemptedOn),
  ],
)
