// What has to be done, by when?
import { after, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { found } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, type App } from '../../platform/zod.ts'
import * as queries from './queries.ts'
import { refuse } from './rules.ts'
import * as wire from './schema.ts'
import type { tasks } from './table.ts'

const shown = (task: typeof tasks.$inferSelect, today: string) => ({
  ...task,
  overdue: task.doneAt === null && task.dueOn < today,
})

export function taskRoutes(app: App, { db }: Deps) {
  app.get(
    '/v1/tasks',
    {
      config: { action: 'tasks.list' },
      schema: {
        summary: 'List what is to be done',
        description: 'Open tasks of the unit, the most urgent first; of one case where `caseId` is given.',
        querystring: wire.TaskFilter,
        response: { 200: wire.Tasks },
      },
    },
    async ({ actor, query: { limit, cursor, caseId = null } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.openTasks, { ...after(cursor, 'soonest'), caseId, limit: limit + 1 }),
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

  app.post(
    '/v1/tasks/:id/done',
    {
      config: { action: 'tasks.done' },
      schema: {
        summary: 'Mark a task as done',
        description: 'Once; the next step of the case stays as it is.',
        params: ById,
        response: { 200: wire.Task },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const task = await tx.load(queries.lockTask, params)
        if (task.doneAt !== null) throw refuse('task_is_done')
        return tx.save(queries.doneTask, { id: task.id, doneAt: tx.now }).map((done) => shown(done, tx.today))
      }),
  )
}
