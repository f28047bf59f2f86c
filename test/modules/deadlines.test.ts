// Does every clock end by what it waits for, is it late when it is late, and does somebody then hear of it?
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, test } from 'vitest'
import { escalateDeadlines } from '../../src/modules/deadlines/index.ts'
import { monthsAfter } from '../../src/modules/deadlines/rules.ts'
import { daysAfter } from '../../src/modules/tasks/index.ts'
import { lotse } from '../support/app.ts'
import {
  agnes,
  anton,
  carla,
  cast,
  dora,
  hanna,
  mira,
  mona,
  nils,
  nora,
  oda,
  organizations,
  otto,
  type Member,
} from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'
import type { Body } from '../support/http.ts'

const { as, aCase, aCaseOfSomebodyKnown, aClient, aRelease, asService, db, sql, urls } = await lotse()

// Ostheim is a Danish municipality here: the guarantee and the follow-ups are law there.
await sql(`update tenants set country = 'dk' where id = $1`, [otto.tenantId])

const start = async (by: Member, caseId: string, given: object) =>
  (await as(by)).post(`/v1/cases/${caseId}/deadlines`, given)
const stop = async (by: Member, id: string, given: object) =>
  (await as(by)).post(`/v1/deadlines/${id}/stop`, given)
const seen = async (by: Member, id: string) => (await as(by)).get(`/v1/deadlines/${id}`)
const ofCase = async (by: Member, caseId: string) =>
  done(await (await as(by)).get(`/v1/deadlines?caseId=${caseId}&limit=200`)).body.items

const guarantee = { kind: 'treatment_guarantee_14d' }
const rehab = { kind: 'rehab_responsibility_2w' }
async function aGuarantee(given: object = {}) {
  const { id } = await aCase({}, otto)
  return done(await start(otto, id, { ...guarantee, ...given })).body
}
async function aRehab(by = nora, caseId?: string) {
  const id = caseId ?? (await aCase({}, by)).id
  return done(await start(by, id, rehab)).body
}
/** Time passes: the day on which it was due lies so many days back. */
const late = (id: string, days: number) =>
  sql('update deadlines set started_on = $2, due_on = $3 where id = $1', [
    id,
    inDays(-days - 14),
    inDays(-days),
  ])

// ── The Danish guarantee ───────────────────────────────────────────────────────────────────────────────────

test('the guarantee runs fourteen days from the first registered request, and says on which ground', async () => {
  const clock = await aGuarantee()
  expect(clock).toMatchObject({
    kind: 'treatment_guarantee_14d',
    basis: '§ 101 SEL, § 141 SUL',
    organizationId: otto.organizationId,
    subjectId: clock['caseId'],
    startedOn: today(),
    dueOn: inDays(14),
    stoppedAt: null,
    stoppedOn: null,
    stoppedBy: null,
    lateDays: 0,
    escalatedTo: null,
  })
  expect((await aGuarantee({ startedOn: inDays(-5) }))['dueOn']).toBe(inDays(9))
  expect((await seen(oda, clock.id)).body).toEqual((await seen(otto, clock.id)).body)
  for (const stranger of [nora, hanna, anton, carla])
    expect((await seen(stranger, clock.id)).status, stranger.key).toBe(404)
  expect((await seen(dora, clock.id)).status).toBe(403)
})

test('the request is registered once: also a guarantee that has ended stands against a second', async () => {
  const { id, caseId } = await aGuarantee()
  const again = () => start(otto, String(caseId), guarantee)
  expect(await again()).toMatchObject({ status: 409, body: { code: 'guarantee_registered_already' } })
  done(await stop(otto, id, { by: 'treatment_started' }))
  expect(await again()).toMatchObject({ status: 409, body: { code: 'guarantee_registered_already' } })
  expect(await ofCase(otto, String(caseId))).toHaveLength(1)
})

test('registered by two at once, it runs once', async () => {
  const { id } = await aCase({}, otto)
  const answers = await Promise.all([start(otto, id, guarantee), start(oda, id, guarantee)])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409])
})

test('the law of one country runs in no other, and no request lies in the future', async () => {
  const [danish, german] = [await aCase({}, otto), await aCase()]
  const elsewhere = { status: 409, body: { code: 'deadline_of_another_country' } }
  expect(await start(nora, german.id, guarantee)).toMatchObject(elsewhere)
  expect(await start(otto, danish.id, rehab)).toMatchObject(elsewhere)
  expect(await start(otto, danish.id, { ...guarantee, startedOn: inDays(1) })).toMatchObject({
    status: 409,
    body: { code: 'deadline_starts_in_the_future' },
  })
  for (const kind of ['followup_1m', 'referral_response', 'release_expiry'])
    expect((await start(nora, german.id, { kind })).status).toBe(400)
  expect(await ofCase(otto, danish.id)).toEqual([])
})

test('nothing about the guarantee can be edited, not even by hand in the database', async () => {
  const { id, caseId } = await aGuarantee()
  const other = await aCase({}, otto)
  for (const change of [
    'started_on = started_on + 1',
    'due_on = due_on + 1',
    `kind = 'followup_1m'`,
    `basis = 'x'`,
    `case_id = '${other.id}'`,
    `subject_id = '${other.id}'`,
    'created_at = now()',
  ])
    await expect(
      asService(contextOf(otto), `update deadlines set ${change} where id = $1`, [id]),
      change,
    ).rejects.toMatchObject({ code: '42501' })
  await expect(asService(contextOf(otto), 'delete from deadlines where id = $1', [id])).rejects.toMatchObject(
    {
      code: '42501',
    },
  )
  // Ended it does not run again; ended by anything else it never does.
  const ending = (by: string) =>
    `update deadlines set stopped_at = now(), stopped_on = current_date, stopped_by = '${by}' where id = $1`
  await expect(asService(contextOf(otto), ending('done'), [id])).rejects.toMatchObject({ code: '23514' })
  done(await stop(otto, id, { by: 'other_choice' }))
  const again = 'update deadlines set stopped_at = null, stopped_on = null, stopped_by = null where id = $1'
  expect((await asService(contextOf(otto), again, [id])).rowCount).toBe(0)
  // A second one, or one of twenty days, cannot even be written.
  const insert = (days: number) =>
    `insert into deadlines (tenant_id, id, kind, basis, organization_id, compartment_id, case_id, subject_id, started_on,
       due_on)
     select tenant_id, gen_random_uuid(), kind, basis, organization_id, compartment_id, $2, $2, started_on, started_on + ${days} from deadlines where id = $1`
  await expect(asService(contextOf(otto), insert(14), [id, caseId])).rejects.toMatchObject({ code: '23505' })
  await expect(asService(contextOf(otto), insert(20), [id, other.id])).rejects.toMatchObject({
    code: '23514',
  })
  const routes = ['PATCH', 'PUT', 'DELETE'].map(async (method) =>
    (await as(otto)).send(method, `/v1/deadlines/${id}`).catch(() => ({ status: 404 })),
  )
  for (const { status } of await Promise.all(routes)) expect([404, 405]).toContain(status)
})

test('it ends when treatment starts or the person chooses otherwise, and says how late that was', async () => {
  const clock = await aGuarantee()
  for (const by of ['done', 'withdrawn', 'not_reached', 'replaced'])
    expect(await stop(otto, clock.id, { by })).toMatchObject({
      status: 409,
      body: { code: 'deadline_not_stopped_by_this', errors: [{ pointer: '/by' }] },
    })
  await late(clock.id, 5)
  expect((await seen(otto, clock.id)).body['lateDays']).toBe(5)
  expect(await stop(otto, clock.id, { by: 'treatment_started', on: inDays(1) })).toMatchObject({
    status: 409,
    body: { code: 'deadline_stopped_outside_its_days' },
  })
  const stopped = done(await stop(otto, clock.id, { by: 'treatment_started', on: inDays(-2) })).body
  expect(stopped).toMatchObject({ stoppedBy: 'treatment_started', stoppedOn: inDays(-2), lateDays: 3 })
  expect(await stop(otto, clock.id, { by: 'treatment_started' })).toMatchObject({
    status: 409,
    body: { code: 'deadline_is_stopped' },
  })
  const missed = (await (await as(otto)).get(`/v1/deadlines?missed=true&caseId=${String(clock['caseId'])}`))
    .body
  expect(missed.items.map(({ id }) => id)).toEqual([clock.id])
  for (const stranger of [nora, mira])
    expect((await stop(stranger, clock.id, { by: 'treatment_started' })).status).toBe(404)
})

test('ended by two at once, it ended by one of them', async () => {
  const { id } = await aGuarantee()
  const answers = await Promise.all([
    stop(otto, id, { by: 'treatment_started' }),
    stop(oda, id, { by: 'other_choice' }),
  ])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  const [ended] = answers.filter(({ status }) => status === 200)
  expect((await seen(otto, id)).body['stoppedBy']).toBe(ended!.body['stoppedBy'])
})

// ── Other clocks ───────────────────────────────────────────────────────────────────────────────────────────

test('in Germany it is clear or forwarded within two weeks who is responsible for rehabilitation', async () => {
  const clock = await aRehab()
  expect(clock).toMatchObject({ basis: '§ 14 SGB IX', dueOn: inDays(14) })
  const caseId = String(clock['caseId'])
  expect((await start(nora, caseId, rehab)).body.code).toBe('deadline_runs_already')
  expect((await stop(nora, clock.id, { by: 'treatment_started' })).status).toBe(409)
  expect((await stop(nils, clock.id, { by: 'forwarded' })).body).toMatchObject({
    stoppedBy: 'forwarded',
    lateDays: 0,
  })
  expect((await start(nora, caseId, rehab)).status).toBe(201)
  for (const stranger of [mira, otto]) {
    expect((await start(stranger, caseId, rehab)).status).toBe(404)
    expect((await seen(stranger, clock.id)).status).toBe(404)
  }
  expect((await start(anton, caseId, rehab)).status).toBe(403)
})

test('what waits for an act is stopped by the act, not by hand', async () => {
  const { id: caseId } = await aCase()
  const id = await aClockOf('first_appointment_check', { caseId, organizationId: nora.organizationId })
  for (const by of ['done', 'arrived', 'withdrawn'])
    expect(await stop(nora, id, { by })).toMatchObject({
      status: 409,
      body: { code: 'deadline_stops_by_its_act' },
    })
  expect((await seen(nora, id)).body['stoppedAt']).toBeNull()
})

/** A clock that another module would have started; of a contact where no case is named. */
async function aClockOf(
  kind: string,
  { caseId, organizationId }: { caseId?: string; organizationId: string },
) {
  const [row] = await sql<{ id: string }>(
    `insert into deadlines (tenant_id, id, kind, basis, organization_id, compartment_id, case_id, subject_id, started_on,
       due_on)
     select o.tenant_id, gen_random_uuid(), $1, 'x', o.id, c.compartment_id, c.id, $4, $5, $6
     from organizations o left join cases c on c.id = $2 where o.id = $3 returning id`,
    [kind, caseId ?? null, organizationId, randomUUID(), today(), inDays(7)],
  )
  return row!.id
}

test('a signed release is watched over until it ends, is withdrawn or replaced', async () => {
  const expiry = async (caseId: string) =>
    (await ofCase(nora, caseId)).map(({ subjectId, dueOn, stoppedBy }) => [subjectId, dueOn, stoppedBy])
  const { id: caseId } = await aCaseOfSomebodyKnown()
  // In Berlin it is the next day already.
  const validUntil = `${inDays(40)}T23:30:00Z`
  const draft = await aRelease(caseId, organizations.wehr, { signedOn: undefined, validUntil })
  expect(await expiry(caseId)).toEqual([])
  done(await (await as(nora)).post(`/v1/releases/${draft.id}/sign`, { signedOn: today() }))
  expect(await expiry(caseId)).toEqual([[draft.id, inDays(41), null]])
  const again = await aRelease(caseId, organizations.wehr, { supersedesId: draft.id })
  expect(await expiry(caseId)).toEqual([
    [draft.id, inDays(41), 'replaced'],
    [again.id, inDays(90), null],
  ])
  done(await (await as(nora)).post(`/v1/releases/${again.id}/withdraw`))
  expect(await expiry(caseId)).toEqual([
    [draft.id, inDays(41), 'replaced'],
    [again.id, inDays(90), 'withdrawn'],
  ])
})

test('a case that closes stops its clocks and those of no other case', async () => {
  const clock = await aRehab()
  const other = await aRehab()
  const close = { endType: 'planned_regular', outcome: 'improved' }
  done(await (await as(nora)).post(`/v1/cases/${String(clock['caseId'])}/close`, close))
  expect((await seen(nora, clock.id)).body).toMatchObject({ stoppedBy: 'withdrawn', stoppedOn: today() })
  expect((await seen(nora, other.id)).body['stoppedBy']).toBeNull()
  // Germany asks nobody again, and a closed case starts nothing.
  expect(await ofCase(nora, String(clock['caseId']))).toHaveLength(1)
  expect(await start(nora, String(clock['caseId']), rehab)).toMatchObject({
    status: 409,
    body: { code: 'case_closed' },
  })
})

test.each([
  ['planned_regular', 2],
  ['planned_on_advice', 2],
  ['planned_early_agreed', 2],
  ['planned_transfer', 2],
  ['unplanned_dropout', 0],
  ['moved', 0],
])(
  'in Denmark the unit asks again after one and six months when a case ended %s: %i clocks',
  async (endType, many) => {
    const { id } = await aCase({}, otto)
    done(await (await as(otto)).post(`/v1/cases/${id}/close`, { endType, outcome: 'improved' }))
    const clocks = await ofCase(otto, id)
    expect(clocks.map(({ kind, dueOn, basis, subjectId }) => [kind, dueOn, basis, subjectId])).toEqual(
      [
        ['followup_1m', monthsAfter(today(), 1), '§ 4 (2) BEK 1477/2019', id],
        ['followup_6m', monthsAfter(today(), 6), '§ 4 (2) BEK 1477/2019', id],
      ].slice(0, many),
    )
    if (many === 0) return
    const [first, second] = clocks as [Body, Body]
    expect((await stop(otto, first.id, { by: 'reached' })).status).toBe(409)
    expect((await stop(otto, first.id, { by: 'done' })).body['stoppedBy']).toBe('done')
    expect((await stop(oda, second.id, { by: 'not_reached' })).body['stoppedBy']).toBe('not_reached')
  },
)

test('a planned end says first what came of the guarantee; where contact broke off the case ends it', async () => {
  const clock = await aGuarantee()
  const close = async (endType: string) =>
    (await as(otto)).post(`/v1/cases/${String(clock['caseId'])}/close`, { endType, outcome: 'unchanged' })
  expect(await close('planned_regular')).toMatchObject({
    status: 409,
    body: { code: 'guarantee_still_running' },
  })
  expect((await seen(otto, clock.id)).body['stoppedBy']).toBeNull()
  await late(clock.id, 4)
  done(await close('unplanned_dropout'))
  expect((await seen(otto, clock.id)).body).toMatchObject({ stoppedBy: 'withdrawn', lateDays: 4 })
})

// ── Lists ──────────────────────────────────────────────────────────────────────────────────────────────────

test('the unit sees what runs on its cases, the most urgent first, page by page', async () => {
  const [one, two, three] = [await aRehab(mira), await aRehab(mira), await aRehab(mira)]
  await late(two.id, 9)
  await late(three.id, 2)
  const client = await as(mira)
  const { items } = (await client.get('/v1/deadlines')).body
  expect(items.map(({ id }) => id)).toEqual([two.id, three.id, one.id])
  expect(items.map(({ lateDays }) => lateDays)).toEqual([9, 2, 0])
  expect(items[0]).toMatchObject({ caseId: two['caseId'] })
  const first = (await client.get('/v1/deadlines?limit=2')).body
  const rest = (await client.get(`/v1/deadlines?limit=2&cursor=${first.nextCursor}`)).body
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual([two.id, three.id, one.id])
  expect(rest.nextCursor).toBeNull()
  const missed = (await client.get('/v1/deadlines?missed=true')).body.items
  expect(missed.map(({ id }) => id)).toEqual([two.id, three.id])
  for (const stranger of [nora, otto, anton]) {
    const { text } = await (await as(stranger)).get('/v1/deadlines?limit=200')
    for (const { id } of [one, two, three]) expect(text).not.toContain(id)
    const { body } = await (await as(stranger)).get(`/v1/deadlines?caseId=${String(one['caseId'])}`)
    expect(body.items).toEqual([])
  }
})

test('whoever was asked sees by when to answer, and not of which case', async () => {
  const { id: caseId } = await aCase()
  const id = await aClockOf('referral_response', { caseId, organizationId: organizations.wehr })
  const { items } = (await (await as(anton)).get('/v1/deadlines?box=ours&limit=200')).body
  const mine = items.find((clock) => clock.id === id)
  expect(mine).toMatchObject({ kind: 'referral_response', dueOn: inDays(7), caseId: null })
  expect(mine!['subjectId']).not.toBeNull()
  expect((await (await as(anton)).get('/v1/deadlines?limit=200')).body.items).toEqual([])
  expect((await seen(nora, id)).body['caseId']).toBe(caseId)
  for (const stranger of [agnes, mira, otto]) expect((await seen(stranger, id)).status).toBe(404)
})

test('the clocks of a shielded person are seen by named members only', async () => {
  const client = await aClient({ identificationLevel: 'pseudonymous', shielded: true, alias: 'Amsel' }, nils)
  const { id: caseId } = await aCase({ clientId: client.id }, nils)
  const { id } = await aRehab(nils, caseId)
  expect((await (await as(nils)).get('/v1/deadlines?limit=200')).text).toContain(id)
  for (const colleague of [nora, hanna]) {
    expect((await seen(colleague, id)).status).toBe(404)
    expect((await stop(colleague, id, { by: 'forwarded' })).status).toBe(404)
    for (const box of ['unit', 'ours'])
      expect((await (await as(colleague)).get(`/v1/deadlines?box=${box}&limit=200`)).text).not.toContain(id)
  }
  // Whom the clock tells of it: the named lead, a head without a word about whom, the coordinator.
  await late(id, 8)
  await escalateDeadlines(db, nora.tenantId)
  const said = await told(id)
  expect(said.map(({ audience }) => audience)).toEqual(['lead', 'role', 'role'])
  expect((await seen(hanna, id)).status).toBe(404)
  expect((await seen(carla, id)).body).toMatchObject({ caseId: null, subjectId: null, lateDays: 8 })
})

// ── Escalation ─────────────────────────────────────────────────────────────────────────────────────────────

interface Told {
  kind: string
  audience: string
  to_organization_id: string | null
  case_id: string | null
  to_role: string | null
}
const told = (id: string) =>
  sql<Told & Record<string, unknown>>(
    `select kind, audience, to_organization_id, case_id, to_role from notices where subject_id = $1 and subject_kind = 'deadline'
     order by case audience when 'lead' then 1 when 'organization' then 2 else 3 end, to_role desc`,
    [id],
  )
const missed = { kind: 'deadline_missed', to_organization_id: null, case_id: null, to_role: null }

test('lead, then head, then coordinator: after one, three and seven days, each of them once', async () => {
  const clock = await aRehab()
  const { id } = clock
  const toLead = { ...missed, audience: 'lead', case_id: clock['caseId'] }
  const toHead = {
    ...missed,
    audience: 'role',
    to_role: 'navigation_head',
    to_organization_id: nora.organizationId,
  }
  const toCity = { ...missed, audience: 'role', to_role: 'coordinator' }
  const ladder = [
    [0, null, []],
    [1, 'lead', [toLead]],
    [2, 'lead', [toLead]],
    [3, 'head', [toLead, toHead]],
    [6, 'head', [toLead, toHead]],
    [7, 'coordinator', [toLead, toHead, toCity]],
    [30, 'coordinator', [toLead, toHead, toCity]],
  ] as const
  for (const [days, escalatedTo, notices] of ladder) {
    await late(id, days)
    for (let tick = 0; tick < 2; tick += 1) await escalateDeadlines(db, nora.tenantId)
    expect((await seen(nora, id)).body, `${days} days`).toMatchObject({ escalatedTo, lateDays: days })
    expect(await told(id), `${days} days`).toEqual(notices)
    // The coordinator hears of it when lead and head have let it pass, and not before.
    expect((await seen(carla, id)).status).toBe(escalatedTo === 'coordinator' ? 200 : 404)
  }
  const listed = (await (await as(carla)).get('/v1/deadlines?limit=200')).body.items.find(
    (one) => one.id === id,
  )
  expect(listed).toMatchObject({ caseId: null, subjectId: null, organizationId: nora.organizationId })
  expect((await seen(carla, id)).text).not.toContain(String(clock['caseId']))
  for (const stranger of [mona, otto, cast.orla, anton]) expect((await seen(stranger, id)).status).toBe(404)
})

test('after a long silence everybody on the way up hears of it at once, and what was stopped is left alone', async () => {
  const [silent, stopped] = [await aRehab(), await aRehab()]
  await late(silent.id, 12)
  await late(stopped.id, 12)
  done(await stop(nora, stopped.id, { by: 'forwarded' }))
  expect(await escalateDeadlines(db, nora.tenantId)).toBeGreaterThanOrEqual(3)
  expect(await told(silent.id)).toHaveLength(3)
  expect(await told(stopped.id)).toEqual([])
  expect(await escalateDeadlines(db, nora.tenantId)).toBe(0)
})

test('ticks of several processes at the same moment tell everybody once', async () => {
  const clocks = await Promise.all(Array.from({ length: 12 }, () => aRehab()))
  await Promise.all(clocks.map(({ id }) => late(id, 9)))
  const counts = await Promise.all([1, 2, 3, 4].map(() => escalateDeadlines(db, nora.tenantId)))
  // Whoever came second left to the first what the first was noting; the next tick finds the rest.
  const last = await escalateDeadlines(db, nora.tenantId)
  expect([...counts, last].reduce((a, b) => a + b)).toBe(12 * 3)
  for (const { id } of clocks) expect(await told(id)).toHaveLength(3)
})

test('what somebody is stopping just now is not told, nor waited for', async () => {
  const [held, free] = [await aRehab(), await aRehab()]
  await Promise.all([late(held.id, 1), late(free.id, 1)])
  const holder = new pg.Client({ connectionString: urls.admin })
  await holder.connect()
  try {
    await holder.query('begin')
    await holder.query('select from deadlines where id = $1 for update', [held.id])
    await escalateDeadlines(db, nora.tenantId)
    expect([await told(held.id), await told(free.id)].map(({ length }) => length)).toEqual([0, 1])
  } finally {
    await holder.end()
  }
  await escalateDeadlines(db, nora.tenantId)
  expect(await told(held.id)).toHaveLength(1)
})

test('an answer that does not come is told to whoever owes it and to the lead who waits', async () => {
  const { id: caseId } = await aCase()
  const id = await aClockOf('referral_response', { caseId, organizationId: organizations.wehr })
  await late(id, 3)
  await escalateDeadlines(db, nora.tenantId)
  expect(await told(id)).toEqual([
    { ...missed, audience: 'lead', case_id: caseId },
    { ...missed, audience: 'organization', to_organization_id: organizations.wehr },
    { ...missed, audience: 'role', to_role: 'navigation_head', to_organization_id: nora.organizationId },
  ])
})

test('the unanswered referral of a shielded person stays with the named lead, where a head would be told', async () => {
  const client = await aClient({ identificationLevel: 'pseudonymous', shielded: true, alias: 'Amsel' }, nils)
  const { id: caseId } = await aCase({ clientId: client.id }, nils)
  const id = await aClockOf('referral_response', { caseId, organizationId: organizations.wehr })
  await late(id, 3)
  await escalateDeadlines(db, nora.tenantId)
  const said = await told(id)
  expect(said.map(({ audience }) => audience)).toEqual(['lead', 'lead', 'organization'])
})

test('a contact without a next step is told to the door, then to the heads, then to the coordinator', async () => {
  const id = await aClockOf('contact_next_step', { organizationId: organizations.wehr })
  const toDoor = { ...missed, audience: 'organization', to_organization_id: organizations.wehr }
  await late(id, 1)
  await escalateDeadlines(db, nora.tenantId)
  expect(await told(id)).toEqual([toDoor])
  await late(id, 7)
  await escalateDeadlines(db, nora.tenantId)
  expect(await told(id)).toEqual([
    toDoor,
    { ...missed, audience: 'role', to_role: 'navigation_head' },
    { ...missed, audience: 'role', to_role: 'coordinator' },
  ])
  expect((await seen(anton, id)).status).toBe(200)
  expect((await seen(nora, id)).status).toBe(404)
})

test('a release that has run out is told to the lead, and is nobody’s omission', async () => {
  const { id: caseId } = await aCaseOfSomebodyKnown()
  await aRelease(caseId, organizations.wehr)
  const [clock] = await ofCase(nora, caseId)
  await late(clock!.id, 20)
  await escalateDeadlines(db, nora.tenantId)
  expect(await told(clock!.id)).toEqual([{ ...missed, audience: 'lead', case_id: caseId }])
  expect(await escalateDeadlines(db, nora.tenantId)).toBe(0)
  expect((await stop(nora, clock!.id, { by: 'done' })).body['stoppedBy']).toBe('done')
})

test('a follow-up that nobody made is told to the unit: a closed case has no lead who looks after it', async () => {
  const { id } = await aCase({}, otto)
  const close = { endType: 'planned_regular', outcome: 'improved' }
  done(await (await as(otto)).post(`/v1/cases/${id}/close`, close))
  const [first] = await ofCase(otto, id)
  await late(first!.id, 1)
  await escalateDeadlines(db, otto.tenantId)
  expect(await told(first!.id)).toEqual([
    { ...missed, audience: 'organization', to_organization_id: otto.organizationId },
  ])
})

test('a day has passed where the municipality is, not where the server is', async () => {
  const { id } = await aGuarantee()
  const zone = (name: string) => sql('update tenants set time_zone = $2 where id = $1', [otto.tenantId, name])
  // 25 hours apart: the day of one is always over in the other.
  const dayIn = (timeZone: string) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date())
  const [behind, ahead] = ['Pacific/Pago_Pago', 'Pacific/Kiritimati']
  try {
    const dueOn = dayIn(behind)
    await sql('update deadlines set started_on = $2, due_on = $3 where id = $1', [
      id,
      daysAfter(dueOn, -14),
      dueOn,
    ])
    await zone(behind)
    await escalateDeadlines(db, otto.tenantId)
    expect(await told(id)).toEqual([])
    await zone(ahead)
    await escalateDeadlines(db, otto.tenantId)
    expect(await told(id)).toHaveLength(1)
  } finally {
    await zone('Europe/Berlin')
  }
})

test('the clock of one municipality touches nothing in another', async () => {
  const [here, there] = [await aRehab(), await aGuarantee()]
  await late(here.id, 9)
  await late(there.id, 9)
  await escalateDeadlines(db, nora.tenantId)
  expect(await told(there.id)).toEqual([])
  expect(await told(here.id)).toHaveLength(3)
  const outsiders = await sql('select 1 from notices where subject_id = $1 and tenant_id <> $2', [
    here.id,
    nora.tenantId,
  ])
  expect(outsiders).toEqual([])
})

test('a tick leaves its row in the trail, and one with nothing to do leaves none', async () => {
  await escalateDeadlines(db, nora.tenantId)
  const rows = () =>
    sql(`select object_ids from audit_events where action = 'clock.tick' and tenant_id = $1`, [nora.tenantId])
  const before = (await rows()).length
  expect(await escalateDeadlines(db, nora.tenantId)).toBe(0)
  expect(await rows()).toHaveLength(before)
  const { id } = await aRehab()
  await late(id, 1)
  expect(await escalateDeadlines(db, nora.tenantId)).toBe(1)
  expect((await rows()).slice(before)).toEqual([{ object_ids: [id] }])
})

test('whoever reads a clock is in the trail of the person, and whoever owes an answer is not told about whom', async () => {
  const { id: caseId, ...ofSomebody } = await aCase()
  const id = await aClockOf('referral_response', { caseId, organizationId: organizations.wehr })
  const people = async (by: Member, path: string) => {
    done(await (await as(by)).get(path))
    const [row] = await sql<{ client_ids: string[] }>(
      `select client_ids from audit_events where user_id = $1 and $2 = any (object_ids) order by at desc, id desc limit 1`,
      [by.userId, id],
    )
    return row!.client_ids
  }
  const person = ofSomebody['clientId']
  for (const path of [`/v1/deadlines/${id}`, `/v1/deadlines?caseId=${caseId}`, '/v1/deadlines?limit=200'])
    expect(await people(nora, path), path).toContain(person)
  for (const path of [`/v1/deadlines/${id}`, '/v1/deadlines?box=ours&limit=200'])
    expect(await people(anton, path), path).toEqual([])
})
