// Where is kept what somebody has to do by when?
import { sql } from 'drizzle-orm'
import { date, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { belongsTo, identified, instant, keyed, oneOf } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { memberships, users } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

export const tasks = pgTable(
  'tasks',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    kind: text('kind', { enum: codes('task_kind') }).notNull(),
    dueOn: date('due_on', { mode: 'string' }).notNull(),
    /** The handover, referral or other record from which the task arose. */
    originId: uuid('origin_id').notNull(),
    /** In own words, for a task that somebody wrote. */
    title: text('title'),
    /** Whose task it is; the lead's where nobody is named. */
    ownerMembershipId: uuid('owner_membership_id'),
    doneAt: instant('done_at'),
    doneByUserId: uuid('done_by_user_id'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('tasks__case', t, t.caseId, () => cases),
    belongsTo('tasks__client', t, t.clientId, () => clients),
    belongsTo('tasks__owner', t, t.ownerMembershipId, () => memberships),
    belongsTo('tasks__done_by', t, t.doneByUserId, () => users),
    oneOf('tasks__kind', t.kind, codes('task_kind')),
    index('tasks__open')
      .on(t.tenantId, t.compartmentId, t.dueOn, t.id)
      .where(sql`${t.doneAt} is null`),
    index('tasks__by_case').on(t.tenantId, t.caseId, t.dueOn),
  ],
)
