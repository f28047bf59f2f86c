// What has to be done, by when?
import { v7 as newId } from 'uuid'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask, type Statement } from '../../platform/statement.ts'
import { ById, patched, type App } from '../../platform/zod.ts'
import { emit } from '../events/index.ts'
import { tell } from '../notices/index.ts'
import type { Code } from '../vocabularies/index.ts'
import * as queries from './queries.ts'
import { changed, dueOn, undone } from './rules.ts'
import * as wire from './schema.ts'
import type { tasks } from './table.ts'

const shown = (task: typeof tasks.$inferSelect, today: string) => ({
  ...task,
  overdue: task.doneAt === null && task.dueOn < today,
})

/** Whoever works on a task is of its unit. */
const emitted = (
  tx: Tx,
  type: Extract<Code<'event_type'>, `task.${string}`>,
  { id, compartmentId }: { id: string; compartmentId: string },
) => emit(tx, type, { kind: 'task', id }, { unit: { id: tx.actor.organizationId!, compartmentId } })

/** What tasks and deadlines ask of the cases, which stand to their right. */
export interface CasesToTheRight {
  lock: Statement<
    { id: string },
    {
      id: string
      compartmentId: string
      clientId: string
      organizationId: string
      leadMembershipId: string | null
      status: Code<'case_status'>
      version: number
    }
  >
  /** 409 for a case that is closed. */
  running: (row: { status: Code<'case_status'> }) => unknown
}

export function taskRoutes(app: App, { db }: Deps, cases: CasesToTheRight) {
  const ownerIn = async (tx: Tx, id: string, { compartmentId }: { compartmentId: string }) =>
    referenced(await tx.one(queries.ownerIn, { id, compartmentId }), '/ownerMembershipId').id

  /** A closed one is hidden from the lock, but still known. */
  const namedCase = async (tx: Tx, id: string) =>
    (await tx.one(cases.lock, { id })) ?? referenced(await tx.one(cases.lock.otherwise!, { id }), '/caseId')

  function assigned(tx: Tx, taskId: string, ownerId: string) {
    if (ownerId !== tx.actor.membershipId)
      tell(tx, 'task_assigned', { kind: 'task', id: taskId }, { memberId: ownerId })
  }

  app.post(
    '/v1/tasks',
    {
      config: {
        action: 'tasks.create',
        refuses: ['unknown_reference', 'case_closed', 'task_due_in_the_past'],
      },
      schema: {
        summary: 'Write down what is to be done',
        description:
          'In a case that runs, by a day, for a navigator of the unit or, where nobody is named, for the lead. Whoever gets it is told.',
        body: wire.NewTask,
        response: { 201: wire.Task },
      },
    },
    ({ actor, body: { caseId, ownerMembershipId, ...given } }) =>
      db.as(actor, async (tx) => {
        const ofCase = await namedCase(tx, caseId)
        const owner = ownerMembershipId ? await ownerIn(tx, ownerMembershipId, ofCase) : null
        cases.running(ofCase)
        dueOn(given.dueOn, tx.today)
        const { compartmentId, clientId, leadMembershipId } = ofCase
        const id = newId()
        emitted(tx, 'task.created', { id, compartmentId })
        if (owner) assigned(tx, id, owner)
        else if (leadMembershipId !== actor.membershipId)
          tell(tx, 'task_assigned', { kind: 'task', id }, { leadOf: { caseId, compartmentId } })
        return tx
          .save(queries.writtenTask, {
            ...given,
            id,
            caseId,
            compartmentId,
            clientId,
            kind: 'other',
            ownerMembershipId: owner,
            originId: caseId,
          })
          .map((task) => shown(task, tx.today))
      }),
  )

  app.get(
    '/v1/tasks',
    {
      config: { action: 'tasks.list' },
      schema: {
        summary: 'List what is to be done',
        description:
          'Open tasks of the unit, the most urgent first; of one case where `caseId`, of one member where `owner` is given.',
        querystring: wire.TaskFilter,
        response: { 200: wire.Tasks },
      },
    },
    async ({ actor, query: { limit, cursor, caseId = null, owner = null } }) => {
      const filter = { caseId, owner: owner === 'me' ? actor.membershipId : owner }
      const [rows] = await db.read(
        actor,
        ask(queries.openTasks, { ...after(cursor, 'soonest'), ...filter, limit: limit + 1 }),
      )
      return page(
        rows.map((task) => shown(task, actor.today)),
        limit,
        ({ dueOn }) => dueOn,
      )
    },
  )

  app.get(
    '/v1/tasks/:id',
    {
      config: { action: 'tasks.read' },
      schema: {
        summary: 'Read a task',
        description: 'What it arose from, and by when it is due.',
        params: ById,
        response: { 200: wire.Task },
      },
    },
    async ({ actor, params }) => {
      const [[task]] = await db.read(actor, ask(queries.taskById, params))
      return shown(found(task), actor.today)
    },
  )

  app.patch(
    '/v1/tasks/:id',
    {
      config: {
        action: 'tasks.update',
        refuses: [
          'unknown_reference',
          'task_is_done',
          'task_title_is_fixed',
          'task_cannot_be_postponed',
          'task_due_in_the_past',
        ],
      },
      schema: {
        summary: 'Change a task',
        description:
          'A merge patch: the title of a task that somebody wrote, the day, the owner. Safety prompts and making contact again are never postponed.',
        params: ById,
        body: wire.TaskChange,
        response: { 200: wire.Task },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const task = await tx.load(queries.lockTask, params)
        const owner = body.ownerMembershipId
        if (owner && owner !== task.ownerMembershipId) {
          await ownerIn(tx, owner, task)
          assigned(tx, task.id, owner)
        }
        changed(task, body, tx.today)
        emitted(tx, 'task.updated', task)
        return tx.save(queries.changedTask, patched(task, body)).map((saved) => shown(saved, tx.today))
      }),
  )

  app.post(
    '/v1/tasks/:id/done',
    {
      config: { action: 'tasks.done', refuses: ['task_is_done'] },
      schema: {
        summary: 'Mark a task as done',
        description: 'Once; the next step of the case stays as it is.',
        params: ById,
        response: { 200: wire.Task },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const task = undone(await tx.load(queries.lockTask, params))
        emitted(tx, 'task.done', task)
        return tx
          .save(queries.doneTask, { id: task.id, doneAt: tx.now, doneByUserId: actor.userId })
          .map((done) => shown(done, tx.today))
      }),
  )
}
