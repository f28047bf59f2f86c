// Is what has to be done seen by those who do it, until it is done?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { randomUUID } from 'node:crypto'
import { anton, carla, hanna, mira, mona, nils, nora, otto, type Member } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'

const { as, aCase, aClient, aClearing, anAcceptedHandover, asService, sql } = await lotse()

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

test('what was done stays done, and what a task is about does not change', async () => {
  const { items } = await tasks()
  const { id } = items[0]!
  done(await (await as(nora)).post(`/v1/tasks/${id}/done`))
  expect(
    (await asService(contextOf(nora), 'update tasks set done_at = null where id = $1', [id])).rowCount,
  ).toBe(0)
  await expect(
    asService(contextOf(nora), 'update tasks set case_id = $1', [randomUUID()]),
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

// ── Written by hand ────────────────────────────────────────────────────────────────────────────────────────

const closing = { endType: 'planned_regular', outcome: 'improved' }
const write = async (by: Member, given: object) =>
  (await as(by)).post('/v1/tasks', { title: 'Nach den Papieren fragen', dueOn: inDays(2), ...given })
const written = async (by: Member, given: object) => done(await write(by, given)).body
const toldOf = (id: string) =>
  sql<{ kind: string; audience: string; to_membership_id: string | null }>(
    'select kind, audience, to_membership_id from notices where subject_id = $1 order by created_at',
    [id],
  )

test('a task has a title, a day, an owner and its case as origin; whoever gets it is told', async () => {
  const { id: caseId } = await aCase()
  const task = await written(nora, { caseId, ownerMembershipId: nils.membershipId })
  expect(task).toMatchObject({
    caseId,
    kind: 'other',
    title: 'Nach den Papieren fragen',
    dueOn: inDays(2),
    ownerMembershipId: nils.membershipId,
    originId: caseId,
    doneAt: null,
    doneByUserId: null,
    overdue: false,
  })
  expect(await toldOf(task.id)).toEqual([
    { kind: 'task_assigned', audience: 'member', to_membership_id: nils.membershipId },
  ])
  for (const stranger of [mira, mona, otto])
    expect((await (await as(stranger)).get(`/v1/tasks/${task.id}`)).status).toBe(404)
  expect((await (await as(anton)).get(`/v1/tasks/${task.id}`)).status).toBe(403)
})

test('a task without an owner is the lead’s, who is told unless they wrote it', async () => {
  const { id: caseId } = await aCase()
  const own = await written(nora, { caseId })
  const fromColleague = await written(nils, { caseId })
  expect(await toldOf(own.id)).toEqual([])
  expect(await toldOf(fromColleague.id)).toEqual([
    { kind: 'task_assigned', audience: 'lead', to_membership_id: null },
  ])
  const given = await written(nora, { caseId, ownerMembershipId: nils.membershipId })
  const listed = async (by: Member, owner: string) =>
    (await (await as(by)).get(`/v1/tasks?caseId=${caseId}&owner=${owner}`)).body.items.map(({ id }) => id)
  expect((await listed(nora, 'me')).sort()).toEqual([own.id, fromColleague.id].sort())
  expect(await listed(nils, 'me')).toEqual([given.id])
  expect((await listed(nils, nora.membershipId)).sort()).toEqual([own.id, fromColleague.id].sort())
  for (const stranger of [mira, otto]) expect(await listed(stranger, nora.membershipId)).toEqual([])
  // It moves with the lead.
  const assignment = { membershipId: nils.membershipId, reason: 'Holidays' }
  done(await (await as(hanna)).post(`/v1/cases/${caseId}/assignments`, assignment))
  expect(await listed(nora, 'me')).toEqual([])
  expect(await listed(nils, 'me')).toHaveLength(3)
})

test('a task goes to a navigator of the unit who is there, and to nobody else', async () => {
  const { id: caseId } = await aCase()
  for (const other of [mira, anton, carla, otto, { membershipId: randomUUID() }]) {
    const unknown = {
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: '/ownerMembershipId' }] },
    }
    expect(await write(nora, { caseId, ownerMembershipId: other.membershipId })).toMatchObject(unknown)
    const { id } = await written(nora, { caseId })
    const change = { ownerMembershipId: other.membershipId }
    expect(await (await as(nora)).edit(`/v1/tasks/${id}`, change)).toMatchObject(unknown)
  }
})

test('a task about a shielded person goes to somebody who is named', async () => {
  const client = await aClient({ identificationLevel: 'pseudonymous', shielded: true, alias: 'Amsel' }, nils)
  const { id: caseId } = await aCase({ clientId: client.id }, nils)
  expect((await write(nils, { caseId, ownerMembershipId: nora.membershipId })).status).toBe(400)
  expect((await write(nora, { caseId })).body).toMatchObject({ errors: [{ pointer: '/caseId' }] })
  const task = await written(nils, { caseId, ownerMembershipId: nils.membershipId })
  expect((await (await as(nora)).get(`/v1/tasks/${task.id}`)).status).toBe(404)
})

test('into the case of another unit or city nobody writes', async () => {
  const { id: caseId } = await aCase()
  for (const stranger of [mira, otto])
    expect(await write(stranger, { caseId })).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: '/caseId' }] },
    })
  expect((await (await as(nora)).get(`/v1/tasks?caseId=${caseId}`)).body.items).toEqual([])
})

test('a task is due today or later, when it is written and when it is moved', async () => {
  const { id: caseId } = await aCase()
  const past = { status: 409, body: { code: 'task_due_in_the_past', errors: [{ pointer: '/dueOn' }] } }
  expect(await write(nora, { caseId, dueOn: inDays(-1) })).toMatchObject(past)
  const { id } = await written(nora, { caseId, dueOn: inDays(0) })
  const client = await as(nora)
  expect(await client.edit(`/v1/tasks/${id}`, { dueOn: inDays(-1) })).toMatchObject(past)
  expect((await client.edit(`/v1/tasks/${id}`, { dueOn: inDays(9) })).body['dueOn']).toBe(inDays(9))
})

test('title, day and owner change by the version that was read, and the new owner is told', async () => {
  const { id: caseId } = await aCase()
  const { id } = await written(nora, { caseId })
  const client = await as(nora)
  const { headers } = await client.get(`/v1/tasks/${id}`)
  const change = { title: 'Anrufen', ownerMembershipId: nils.membershipId }
  expect((await client.patch(`/v1/tasks/${id}`, change)).status).toBe(428)
  const changed = await client.patch(`/v1/tasks/${id}`, change, { ifMatch: headers['etag'] })
  expect(changed.body).toMatchObject({ ...change, dueOn: inDays(2) })
  expect((await client.patch(`/v1/tasks/${id}`, change, { ifMatch: headers['etag'] })).status).toBe(412)
  expect((await toldOf(id)).map((notice) => notice.to_membership_id)).toEqual([nils.membershipId])
  // Nobody is told twice of what they have already.
  done(
    await client.edit(`/v1/tasks/${id}`, {
      title: 'Noch einmal anrufen',
      ownerMembershipId: nils.membershipId,
    }),
  )
  expect(await toldOf(id)).toHaveLength(1)
  expect(
    (await client.edit(`/v1/tasks/${id}`, { ownerMembershipId: null })).body['ownerMembershipId'],
  ).toBeNull()
  for (const stranger of [mira, otto])
    expect(
      (await (await as(stranger)).patch(`/v1/tasks/${id}`, change, { ifMatch: '"4.AAAAAAAA"' })).status,
    ).toBe(404)
})

test('fear for somebody’s safety and the tries after a no-show are not postponed', async () => {
  const { id: caseId } = await aCase()
  const { id: clearing } = await aClearing(caseId)
  const client = await as(nora)
  done(await client.edit(`/v1/clearings/${clearing}`, { answers: { 'health_mental.suicidal': 'yes' } }))
  const [prompt] = (await client.get(`/v1/tasks?caseId=${caseId}`)).body.items
  const { items } = await tasks()
  for (const { id, dueOn } of [prompt!, items[0]!, items[2]!]) {
    const answer = await client.edit(`/v1/tasks/${id}`, { dueOn: inDays(30) })
    expect(answer).toMatchObject({ status: 409, body: { code: 'task_cannot_be_postponed' } })
    expect((await client.get(`/v1/tasks/${id}`)).body['dueOn']).toBe(dueOn)
    expect((await client.edit(`/v1/tasks/${id}`, { title: 'Something else' })).body.code).toBe(
      'task_title_is_fixed',
    )
    expect((await client.edit(`/v1/tasks/${id}`, { ownerMembershipId: nils.membershipId })).status).toBe(200)
  }
  expect((await client.edit(`/v1/tasks/${items[2]!.id}`, { dueOn: inDays(1) })).status).toBe(200)
})

test('what is done says who did it, and is not changed any more', async () => {
  const { id: caseId } = await aCase()
  const { id } = await written(nora, { caseId })
  expect((await (await as(nils)).post(`/v1/tasks/${id}/done`)).body['doneByUserId']).toBe(nils.userId)
  expect(await (await as(nora)).edit(`/v1/tasks/${id}`, { dueOn: inDays(5) })).toMatchObject({
    status: 409,
    body: { code: 'task_is_done' },
  })
})

test('a case that closes settles what is open, by whoever closes it, and takes no new task', async () => {
  const { id: caseId } = await aCase()
  const first = await written(nora, { caseId })
  done(await (await as(nora)).post(`/v1/tasks/${first.id}/done`))
  const open = await written(nora, { caseId, ownerMembershipId: nora.membershipId })
  const other = await written(nora, { caseId: (await aCase()).id })
  done(await (await as(nils)).post(`/v1/cases/${caseId}/close`, closing))
  const seen = async (id: string) => (await (await as(nora)).get(`/v1/tasks/${id}`)).body['doneByUserId']
  expect([await seen(first.id), await seen(open.id), await seen(other.id)]).toEqual([
    nora.userId,
    nils.userId,
    null,
  ])
  expect(await write(nora, { caseId })).toMatchObject({ status: 409, body: { code: 'case_closed' } })
  expect((await (await as(nora)).get(`/v1/tasks?caseId=${caseId}`)).body.items).toEqual([])
})

test('closed and written into at the same moment, a case keeps no open task', async () => {
  for (let round = 0; round < 6; round += 1) {
    const { id: caseId } = await aCase()
    const [task, close] = await Promise.all([
      write(nils, { caseId }),
      (await as(nora)).post(`/v1/cases/${caseId}/close`, closing),
    ])
    expect([201, 409]).toContain(task.status)
    expect(close.status).toBe(200)
    const [row] = await sql(
      'select count(*)::int as open from tasks where case_id = $1 and done_at is null',
      [caseId],
    )
    expect(row).toEqual({ open: 0 })
  }
})

test('a new lead is told, and somebody who takes a case over themselves is not', async () => {
  const { id } = await aCase()
  const head = await as(hanna)
  done(
    await head.post(`/v1/cases/${id}/assignments`, { membershipId: nils.membershipId, reason: 'Holidays' }),
  )
  done(
    await head.post(`/v1/cases/${id}/assignments`, { membershipId: hanna.membershipId, reason: 'Illness' }),
  )
  expect(await toldOf(id)).toEqual([
    { kind: 'case_assigned', audience: 'member', to_membership_id: nils.membershipId },
  ])
})
