// Which tasks does a request need?
import { and, asc, eq, inArray, isNull, sql, type SQL } from 'drizzle-orm'
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
import { memberships, namedMembers, users } from '../identity/table.ts'
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
/** One that somebody wrote in own words. */
export const writtenTask = insertInto('tasks.written', tasks, [
  'compartmentId',
  'caseId',
  'clientId',
  'kind',
  'title',
  'dueOn',
  'ownerMembershipId',
  'originId',
])
export const changedTask = update('tasks.changed', tasks, ['title', 'dueOn', 'ownerMembershipId'])
export const doneTask = update('tasks.done', tasks, ['doneAt', 'doneByUserId'])

/** A living navigator of the unit that holds the task; of a shielded person's, one who is named. */
export const ownerIn = statement('tasks.ownerIn', (given: Given<{ id: string; compartmentId: string }>) =>
  q
    .select({ id: memberships.id })
    .from(memberships)
    .innerJoin(users, and(eq(users.tenantId, memberships.tenantId), eq(users.id, memberships.userId)))
    .where(
      and(
        ofTenant(memberships),
        eq(memberships.id, given.id),
        inArray(memberships.role, ['navigator', 'navigation_head']),
        isNull(memberships.endedAt),
        eq(users.active, true),
        eq(users.kind, 'person'),
        sql`(${memberships.organizationId} = ${given.compartmentId}::uuid or exists (
            select from ${namedMembers} where ${ofTenant(namedMembers)}
              and ${namedMembers.compartmentId} = ${given.compartmentId}::uuid
              and ${namedMembers.membershipId} = ${memberships.id}))`,
      ),
    ),
)

/** What is open, the most urgent first; the lead's are those without an owner, which only the case knows. */
export const openTasks = statement(
  'tasks.open',
  (given: Given<{ [K in 'key' | 'id' | 'caseId' | 'owner']: string | null } & { limit: number }>) =>
    ofUnits(tasks, {
      where: and(
        isNull(tasks.doneAt),
        sql`(${given.caseId}::uuid is null or ${tasks.caseId} = ${given.caseId}::uuid)`,
        // Cases stand to the right: only the name of their table is known here.
        sql`(${given.owner}::uuid is null or ${tasks.ownerMembershipId} = ${given.owner}::uuid
          or ${tasks.ownerMembershipId} is null and exists (
            select from cases c where c.tenant_id = lotse.tenant_id() and c.id = ${tasks.caseId}
              and c.lead_membership_id = ${given.owner}::uuid))`,
        sql`(${tasks.dueOn}, ${tasks.id}) > (${given.key}::date, ${given.id}::uuid)`,
      ),
      order: ({ dueOn, id }) => [asc(dueOn), asc(id)],
      limit: given.limit,
    }),
)

/** Whatever of this is still open has been done, by whoever acts. */
const settled = (...of: (SQL | undefined)[]) =>
  q
    .update(tasks)
    .set({
      doneAt: sql`now()`,
      doneByUserId: sql`lotse.user_id()`,
      version: sql`${tasks.version} + 1`,
    })
    .where(and(ofTenant(tasks), isNull(tasks.doneAt), ...of))
    .returning({ id: tasks.id, clientId: tasks.clientId })

/** Making contact again: one of these tasks, or all that are open of a case, are done by this act. */
export const settleRecontacts = statement(
  'tasks.settleRecontacts',
  (given: Given<{ caseId: string; taskId: string | null }>) =>
    settled(
      eq(tasks.caseId, given.caseId),
      eq(tasks.kind, 'recontact'),
      sql`(${given.taskId}::uuid is null or ${tasks.id} = ${given.taskId}::uuid)`,
    ),
)

/** What was to be done about one record, and has been. */
export const settleOfOrigin = statement(
  'tasks.settleOfOrigin',
  (given: Given<{ caseId: string; originId: string; kind: string }>) =>
    settled(
      eq(tasks.caseId, given.caseId),
      eq(tasks.originId, given.originId),
      sql`${tasks.kind} = ${given.kind}::text`,
    ),
)

/** A case that closes leaves nothing to be done: whoever closes it settles what is open. */
export const settleOfCase = statement('tasks.settleOfCase', (given: Given<{ caseId: string }>) =>
  settled(eq(tasks.caseId, given.caseId)),
)
