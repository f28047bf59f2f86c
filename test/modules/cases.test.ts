// Does a case have exactly one lead and one dated next step until it is closed?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { hanna, mira, nils, nora, otto } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'

const { as, aClient, aCase, asService, sql } = await lotse()
const step = (days = 3) => ({ text: 'Call again', on: inDays(days) })
const closing = { endType: 'planned_regular', outcome: 'improved' }

test('a case is opened with a lead and a dated next step', async () => {
  const opened = await aCase()
  expect(opened).toMatchObject({
    status: 'open',
    phase: 'clarification',
    leadMembershipId: nora.membershipId,
    nextStepOn: inDays(3),
    closedAt: null,
    overdue: false,
  })
  expect((await (await as(otto)).get(`/v1/cases/${opened.id}`)).status).toBe(404)
})

test.each(['nextStep', 'nextStepOn', 'clientId', 'requesterRole', 'referralSource'])(
  'no case is opened without %s',
  async (field) => {
    const given: Record<string, unknown> = {
      clientId: (await aClient()).id,
      requesterRole: 'self',
      referralSource: 'unknown',
      nextStep: 'Call',
      nextStepOn: inDays(1),
    }
    delete given[field]
    const answer = await (await as(nora)).post('/v1/cases', given)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: `/${field}` }] } })
  },
)

test('the next step may be today and never yesterday', async () => {
  const client = await as(nora)
  const { id } = await aCase({ nextStepOn: inDays(0) })
  for (const [path, body] of [
    ['next-step', step(-1)],
    ['pause', { reason: 'away', ...step(-1) }],
  ] as const) {
    const answer = await client.post(`/v1/cases/${id}/${path}`, body)
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'next_step_in_the_past', errors: [{ pointer: '/on' }] },
    })
  }
  expect((await client.post(`/v1/cases/${id}/next-step`, step(0))).status).toBe(200)
})

test('cases whose day has passed stand first, and say so', async () => {
  const clientId = (await aClient()).id
  const [later, passed, soon] = [
    await aCase({ clientId, nextStepOn: inDays(9) }),
    await aCase({ clientId, nextStepOn: inDays(5) }),
    await aCase({ clientId, nextStepOn: inDays(1) }),
  ]
  await sql('update cases set next_step_on = $2 where id = $1', [passed.id, inDays(-2)])
  const { items } = (await (await as(nora)).get(`/v1/cases?clientId=${clientId}`)).body
  expect(items.map(({ id, overdue }) => [id, overdue])).toEqual([
    [passed.id, true],
    [soon.id, false],
    [later.id, false],
  ])
})

test('"my cases" are those that I lead', async () => {
  const mine = await aCase()
  const other = await aCase({ leadMembershipId: nils.membershipId })
  const ids = (await (await as(nils)).get('/v1/cases?lead=me&limit=200')).body.items.map(({ id }) => id)
  expect(ids).toContain(other.id)
  expect(ids).not.toContain(mine.id)
})

test.each(['lead_membership_id', 'next_step', 'next_step_on'])(
  'the database keeps no running case without %s',
  async (column) => {
    const { id } = await aCase()
    const emptied = asService(contextOf(nora), `update cases set ${column} = null where id = $1`, [id])
    await expect(emptied).rejects.toMatchObject({ code: '23514' })
  },
)

test('the lead is one member of the responsible unit', async () => {
  const { id } = await aCase()
  const assign = async (membershipId: string) =>
    (await as(hanna)).post(`/v1/cases/${id}/assignments`, { membershipId, reason: 'Holiday' })
  expect(await assign(mira.membershipId)).toMatchObject({
    status: 409,
    body: { code: 'lead_outside_the_unit' },
  })
  expect(await assign(nora.membershipId)).toMatchObject({ status: 409, body: { code: 'already_the_lead' } })
  expect(await assign(otto.membershipId)).toMatchObject({ status: 400, body: { code: 'unknown_reference' } })
  expect((await assign(nils.membershipId)).body).toMatchObject({
    leadMembershipId: nils.membershipId,
    nextStepOn: inDays(3),
  })
})

test('the history of leads has neither gap nor overlap', async () => {
  const { id } = await aCase()
  const head = await as(hanna)
  for (const membershipId of [nils.membershipId, hanna.membershipId, nora.membershipId])
    done(await head.post(`/v1/cases/${id}/assignments`, { membershipId, reason: 'Handing on' }))
  const { items } = (
    await head.get<{ items: { membershipId: string; fromAt: string; untilAt: string | null }[] }>(
      `/v1/cases/${id}/assignments`,
    )
  ).body
  expect(items.map(({ membershipId }) => membershipId)).toEqual(
    [nora, nils, hanna, nora].map(({ membershipId }) => membershipId),
  )
  items.slice(1).forEach(({ fromAt }, before) => expect(fromAt).toBe(items[before]!.untilAt))
  expect(items.at(-1)!.untilAt).toBeNull()
})

test('two leads at the same time cannot be stored', async () => {
  const { id, clientId } = await aCase()
  const second = `insert into case_leads (tenant_id, id, compartment_id, case_id, client_id, membership_id, reason, from_at)
    values (lotse.tenant_id(), gen_random_uuid(), $1, $2, $3, $4, 'x', now())`
  const tried = asService(contextOf(nora), second, [nora.organizationId, id, clientId, nils.membershipId])
  await expect(tried).rejects.toMatchObject({ code: '23P01' })
})

test('of two heads who assign a case at once, one succeeds last and one lead remains', async () => {
  const { id } = await aCase()
  const head = await as(hanna)
  const assign = (membershipId: string) =>
    head.post(`/v1/cases/${id}/assignments`, { membershipId, reason: 'Race' })
  const answers = await Promise.all(
    [nils, hanna, nils, hanna].map(({ membershipId }) => assign(membershipId)),
  )
  expect(answers.every(({ status }) => [200, 409].includes(status))).toBe(true)
  const open = await sql('select membership_id from case_leads where case_id = $1 and until_at is null', [id])
  const [kase] = await sql('select lead_membership_id as membership_id from cases where id = $1', [id])
  expect(open).toEqual([kase])
})

test('a resting case keeps its lead and a day on which somebody looks again', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  const paused = await client.post(`/v1/cases/${id}/pause`, { reason: 'inpatient', ...step(20) })
  expect(paused.body).toMatchObject({
    status: 'paused',
    pauseReason: 'inpatient',
    leadMembershipId: nora.membershipId,
    nextStepOn: inDays(20),
  })
  expect(await client.post(`/v1/cases/${id}/next-step`, step())).toMatchObject({
    status: 409,
    body: { code: 'case_paused' },
  })
  expect((await client.post(`/v1/cases/${id}/resume`, step(1))).body).toMatchObject({
    status: 'open',
    pauseReason: null,
  })
})

test('closed is final: no act changes the case any more, not even by SQL', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  const closed = await client.post(`/v1/cases/${id}/close`, closing)
  expect(closed.body).toMatchObject({
    status: 'closed',
    endType: 'planned_regular',
    outcome: 'improved',
    overdue: false,
  })
  expect(closed.body['closedAt']).not.toBeNull()
  for (const [path, body] of [
    ['next-step', step()],
    ['pause', { reason: 'away', ...step() }],
    ['resume', step()],
    ['close', closing],
  ] as const)
    expect(await client.post(`/v1/cases/${id}/${path}`, body)).toMatchObject({
      status: 409,
      body: { code: 'case_closed' },
    })
  expect((await client.edit(`/v1/cases/${id}`, { phase: 'planning' })).status).toBe(409)
  expect(
    (
      await (
        await as(hanna)
      ).post(`/v1/cases/${id}/assignments`, { membershipId: nils.membershipId, reason: 'x' })
    ).status,
  ).toBe(409)
  expect(
    (await asService(contextOf(nora), `update cases set concern = 'x' where id = $1`, [id])).rowCount,
  ).toBe(0)
})

test('with the case its lead ends, and the case leaves the list of what runs', async () => {
  const client = await as(nora)
  const { id, clientId } = await aCase()
  await client.post(`/v1/cases/${id}/close`, closing)
  expect(await sql('select until_at is null as open from case_leads where case_id = $1', [id])).toEqual([
    { open: false },
  ])
  const list = async (closed: boolean) =>
    (await client.get(`/v1/cases?clientId=${String(clientId)}&closed=${closed}`)).body.items.map(
      (item) => item.id,
    )
  expect(await list(false)).toEqual([])
  expect(await list(true)).toEqual([id])
})

test('whoever comes back gets a new case that points to the closed one', async () => {
  const first = await aCase()
  const again = {
    clientId: first['clientId'],
    previousCaseId: first.id,
    requesterRole: 'self',
    referralSource: 'unknown',
    nextStep: 'Call',
    nextStepOn: inDays(1),
  }
  const client = await as(nora)
  expect(await client.post('/v1/cases', again)).toMatchObject({
    status: 409,
    body: { code: 'previous_case_not_closed' },
  })
  await client.post(`/v1/cases/${first.id}/close`, closing)
  expect((await client.post('/v1/cases', again)).body).toMatchObject({
    previousCaseId: first.id,
    status: 'open',
  })
  const somebodyElse = { ...again, clientId: (await aClient()).id }
  expect((await client.post('/v1/cases', somebodyElse)).status).toBe(409)
})

test('an anonymous person’s case goes all the way without a name', async () => {
  const client = await as(nora)
  const { id, clientId } = await aCase()
  done(await client.post(`/v1/cases/${id}/next-step`, { ...step(), waiting: true }))
  done(await client.edit(`/v1/cases/${id}`, { phase: 'planning' }))
  done(await client.post(`/v1/cases/${id}/close`, closing))
  const person = (await client.get(`/v1/clients/${String(clientId)}`)).body
  expect(person).toMatchObject({ identificationLevel: 'anonymous', identity: null, alias: null, reach: null })
})

test('a case never moves to another unit by an edit', async () => {
  const { id } = await aCase()
  for (const field of ['organizationId', 'compartmentId', 'leadMembershipId', 'status', 'clientId'])
    expect((await (await as(nora)).edit(`/v1/cases/${id}`, { [field]: mira.organizationId })).status).toBe(
      400,
    )
  const moved = asService(contextOf(nora), 'update cases set compartment_id = $2 where id = $1', [
    id,
    mira.organizationId,
  ])
  await expect(moved).rejects.toMatchObject({ code: '42501' })
})
