// Where are clearing guides and clearings kept? A published guide and a finished clearing never change.
import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf, type Referable } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { users } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'
import type { Answers, AuditCResult, Guide, Ratings } from './rules.ts'

export const clearingGuides = pgTable(
  'clearing_guides',
  {
    ...identified(),
    key: text('key').notNull(),
    number: integer('number').notNull(),
    content: jsonb('content').$type<Guide>().notNull(),
    publishedAt: instant('published_at').notNull().defaultNow(),
  },
  (t) => [keyed(t), unique('clearing_guides__one_per_number').on(t.tenantId, t.key, t.number)],
)

export const clearings = pgTable(
  'clearings',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    guideId: uuid('guide_id').notNull(),
    previousClearingId: uuid('previous_clearing_id'),
    status: text('status', { enum: codes('clearing_status') }).notNull(),
    answers: jsonb('answers').$type<Answers>().notNull(),
    ratings: jsonb('ratings').$type<Ratings>().notNull(),
    strengths: text('strengths').notNull(),
    wishes: text('wishes').notNull(),
    auditCAnswers: integer('audit_c_answers').array(),
    auditCLanguage: text('audit_c_language', { enum: ['de', 'en', 'da'] }),
    auditC: jsonb('audit_c').$type<AuditCResult>(),
    /** The questions of safety whose answer has led to a task: each does so once. */
    safetyPrompts: text('safety_prompts').array().notNull(),
    startedByUserId: uuid('started_by_user_id').notNull(),
    startedAt: instant('started_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('clearings__case', t, t.caseId, () => cases),
    belongsTo('clearings__client', t, t.clientId, () => clients),
    belongsTo('clearings__guide', t, t.guideId, () => clearingGuides),
    belongsTo('clearings__previous', t, t.previousClearingId, (): Referable => clearings),
    belongsTo('clearings__started_by', t, t.startedByUserId, () => users),
    oneOf('clearings__status', t.status, codes('clearing_status')),
    always('clearings__finished_at', sql`(${t.status} = 'finished') = (${t.finishedAt} is not null)`),
    uniqueIndex('clearings__one_draft_per_case')
      .on(t.tenantId, t.caseId)
      .where(sql`${t.status} in ('started', 'paused')`),
    index('clearings__by_case').on(t.tenantId, t.caseId, t.startedAt.desc().nullsFirst()),
  ],
)
