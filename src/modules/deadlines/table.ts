// Where are the clocks kept that run on a case or a contact? When one started and when it is due never changes.
import { sql } from 'drizzle-orm'
import { date, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { organizations } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

export const deadlines = pgTable(
  'deadlines',
  {
    ...identified(),
    kind: text('kind', { enum: codes('deadline_kind') }).notNull(),
    /** The paragraph or the agreement from which it follows. */
    basis: text('basis').notNull(),
    /** Whose act stops it. */
    organizationId: uuid('organization_id').notNull(),
    /** Of a case; a contact has none yet. */
    compartmentId: uuid('compartment_id'),
    caseId: uuid('case_id'),
    /** The referral, handover, appointment, release, contact or case on which it runs. */
    subjectId: uuid('subject_id').notNull(),
    startedOn: date('started_on', { mode: 'string' }).notNull(),
    dueOn: date('due_on', { mode: 'string' }).notNull(),
    stoppedAt: instant('stopped_at'),
    /** The day on which that happened which stopped it; it may have been recorded later. */
    stoppedOn: date('stopped_on', { mode: 'string' }),
    stoppedBy: text('stopped_by', { enum: codes('deadline_stop') }),
    escalatedTo: text('escalated_to', { enum: codes('escalation_level') }),
    escalatedAt: instant('escalated_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('deadlines__organization', t, t.organizationId, () => organizations),
    belongsTo('deadlines__case', t, t.caseId, () => cases),
    oneOf('deadlines__kind', t.kind, codes('deadline_kind')),
    oneOf('deadlines__stopped_by', t.stoppedBy, codes('deadline_stop')),
    oneOf('deadlines__escalated_to', t.escalatedTo, codes('escalation_level')),
    always(
      'deadlines__stopped_by_something',
      sql`num_nonnulls(${t.stoppedAt}, ${t.stoppedOn}, ${t.stoppedBy}) in (0, 3)`,
    ),
    always('deadlines__stopped_after_start', sql`${t.stoppedOn} >= ${t.startedOn}`),
    always('deadlines__due_after_start', sql`${t.dueOn} >= ${t.startedOn}`),
    // § 101 SEL, § 141 SUL: fourteen calendar days, until treatment starts, the person chooses otherwise or the case ends.
    always(
      'deadlines__guarantee_is_fourteen_days',
      sql`${t.kind} <> 'treatment_guarantee_14d' or (${t.dueOn} = ${t.startedOn} + 14
        and (${t.stoppedBy} is null or ${t.stoppedBy} in ('treatment_started', 'other_choice', 'withdrawn')))`,
    ),
    always('deadlines__case_in_a_compartment', sql`(${t.caseId} is null) = (${t.compartmentId} is null)`),
    uniqueIndex('deadlines__one_running_per_subject')
      .on(t.tenantId, t.subjectId, t.kind)
      .where(sql`${t.stoppedAt} is null`),
    // § 101 SEL, § 141 SUL: the clock starts at the first registered request, once.
    uniqueIndex('deadlines__one_guarantee_per_case')
      .on(t.tenantId, t.caseId)
      .where(sql`${t.kind} = 'treatment_guarantee_14d'`),
    index('deadlines__running')
      .on(t.tenantId, t.compartmentId, t.dueOn, t.id)
      .where(sql`${t.stoppedAt} is null`),
    index('deadlines__of_organization')
      .on(t.tenantId, t.organizationId, t.dueOn, t.id)
      .where(sql`${t.stoppedAt} is null`),
    index('deadlines__missed')
      .on(t.tenantId, t.dueOn)
      .where(sql`${t.stoppedAt} is null`),
    index('deadlines__by_case').on(t.tenantId, t.caseId),
  ],
)
