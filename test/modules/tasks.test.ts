// Is what has to be done seen by those who do it, until it is done?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { anton, mira, nils, nora, otto } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'

const { as, anAcceptedHandover, asService, sql } = await lotse()

/** After a no-show the giver tries again three times. */
async function tasks() {
  const { id, caseId } = await anAcceptedHandover()
  done(await (await as(anton)).post(`/v1/handovers/${id}/report-no-show`))
  return { caseId, items: (await (await as(nora)).get(`/v1/tasks?caseId=${caseId}`)).body.items }
}

test('after a no-show the giver has dated tasks: after two, seven and fourteen days', async () => {
  const { items } = await tasks()
  expect(items.map(({ kind, dueOn }) => [kind, dueOn])).toEqual(
    [2, 7, 14].map((days) => ['recontact', inDays(days)]),
  )
  for (const member of [mira, otto])
    expect((await (await as(member)).get(`/v1/tasks/${items[0]!.id}`)).status).toBe(404)
  expect((await (await as(anton)).get(`/v1/tasks/${items[0]!.id}`)).status).toBe(403)
})

test('a task is done once, by anybody of the unit, and leaves the list', async () => {
  const { caseId, items } = await tasks()
  const colleague = await as(nils)
  const [first, ...rest] = items.map(({ id }) => id)
  expect((await colleague.post(`/v1/tasks/${first}/done`)).body['doneAt']).not.toBeNull()
  expect(await colleague.post(`/v1/tasks/${first}/done`)).toMatchObject({
    status: 409,
    body: { code: 'task_is_done' },
  })
  expect((await colleague.get(`/v1/tasks?caseId=${caseId}`)).body.items.map(({ id }) => id)).toEqual(rest)
})

test('what was done stays done, and a due date does not move', async () => {
  const { items } = await tasks()
  const { id } = items[0]!
  done(await (await as(nora)).post(`/v1/tasks/${id}/done`))
  expect(
    (await asService(contextOf(nora), 'update tasks set done_at = null where id = $1', [id])).rowCount,
  ).toBe(0)
  await expect(
    asService(contextOf(nora), 'update tasks set due_on = $1', [inDays(99)]),
  ).rejects.toMatchObject({ code: '42501' })
})

test('a task whose day has passed says so and stands first', async () => {
  const { caseId, items } = await tasks()
  await sql('update tasks set due_on = $2 where id = $1', [items[2]!.id, inDays(-1)])
  const { items: now } = (await (await as(nora)).get(`/v1/tasks?caseId=${caseId}`)).body
  expect(now.map(({ id, overdue }) => [id, overdue])).toEqual([
    [items[2]!.id, true],
    [items[0]!.id, false],
    [items[1]!.id, false],
  ])
})
