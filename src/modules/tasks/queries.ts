// Which tasks does a request need?
import { and, asc, isNull, sql } from 'drizzle-orm'
import {
  byId,
  insertInto,
  lockUnlessFinal,
  ofTenant,
  ofUnits,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { tasks } from './table.ts'

export const taskById = byId('tasks.byId', tasks)
export const lockTask = lockUnlessFinal('tasks.lock', tasks)
export const newTask = insertInto('tasks.new', tasks, [
  'compartmentId',
  'caseId',
  'clientId',
  'kind',
  'dueOn',
  'originId',
])
export const doneTask = update('tasks.done', tasks, ['doneAt'])

/** What is open, the most urgent first. */
export const openTasks = statement(
  'tasks.open',
  (given: Given<{ [K in 'key' | 'id' | 'caseId']: string | null } & { limit: number }>) =>
    ofUnits(tasks, {
      where: and(
        isNull(tasks.doneAt),
        sql`(${given.caseId}::uuid is null or ${tasks.caseId} = ${given.caseId}::uuid)`,
        sql`(${tasks.dueOn}, ${tasks.id}) > (${given.key}::date, ${given.id}::uuid)`,
      ),
      order: ({ dueOn, id }) => [asc(dueOn), asc(id)],
      limit: given.limit,
    }),
)
