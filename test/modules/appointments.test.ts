// Does nobody get lost between two appointments: who did not come, whom nobody reaches, whom nobody tries to reach?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import {
  anton,
  carla,
  hanna,
  jule,
  mira,
  nils,
  nora,
  offers,
  organizations,
  otto,
  selma,
} from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import type { Answer } from '../support/http.ts'
import { contextOf } from '../support/sql.ts'
import { barrier } from '../concurrency/barrier.ts'

const it = await lotse({ databasePool: 12 })
const { as, aCase, aClient, aDraftReferral, anAcceptedHandover, anAppointment, anAttempt, asService, sql } =
  it
const together = barrier(it)
const [atNora, atNils] = [await as(nora), await as(nils)]

const place = 'Kanarienweg 3'
const word = 'Kanariwort'
const statuses = (answers: Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b)
const outcome = (id: string, body: unknown, by = atNora) => by.post(`/v1/appointments/${id}/outcome`, body)
const cancelled = (on = inDays(4)) => ({
  status: 'cancelled_by_person',
  nextStep: { text: 'Call for another day', on },
})

/** Its hour has come. */
const begun = async (id: string) => {
  await sql(`update appointments set starts_at = now() - interval '1 hour' where id = $1`, [id])
}
async function aBegunAppointment(caseId?: string) {
  const ofCase = caseId ?? (await aCase()).id
  const { id } = await anAppointment(ofCase)
  await begun(id)
  return { id, caseId: ofCase }
}
/** The case has been running for so long. */
const openSince = (caseId: string, days: number) =>
  sql(`update cases set opened_at = now() - $2::int * interval '1 day' where id = $1`, [caseId, days])

const clocksOn = (subjectId: string, kind: string) =>
  sql<{ dueOn: string; stoppedBy: string | null; organizationId: string }>(
    `select due_on::text as "dueOn", stopped_by as "stoppedBy", organization_id as "organizationId" from deadlines
     where subject_id = $1 and kind = $2 order by created_at, id`,
    [subjectId, kind],
  )
const openTasks = async (caseId: string) =>
  (await atNora.get(`/v1/tasks?caseId=${caseId}`)).body.items.filter(({ kind }) => kind === 'recontact')
const theCase = async (id: string) => (await atNora.get(`/v1/cases/${id}`)).body

/** The instant at which clocks in the municipality show this day and hour. */
function local(day: string, hour: string, timeZone = 'Europe/Berlin'): string {
  const show = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  const instant = [1, 2]
    .map((offset) => new Date(`${day}T${hour}:00+0${offset}:00`))
    .find((one) => show.format(one) === `${day} ${hour}`)
  return instant!.toISOString()
}
const weekday = (day: string) => new Date(`${day}T00:00:00Z`).getUTCDay()
/** The next one that lies at least two days ahead. */
const next = (wanted: number) => [2, 3, 4, 5, 6, 7, 8].map(inDays).find((day) => weekday(day) === wanted)!

// --- Who sees an appointment ---------------------------------------------------------------------------------------

test('an appointment is seen by the unit that works with the person, and by nobody else', async () => {
  const { id: caseId } = await aCase()
  const { id } = await anAppointment(caseId, { place, withWhom: word, organizationId: organizations.wehr })
  for (const member of [nora, hanna, nils])
    expect((await (await as(member)).get(`/v1/appointments/${id}`)).body).toMatchObject({ id, place })
  const paths = [
    `/v1/appointments/${id}`,
    `/v1/appointments/${id}/calendar.ics`,
    `/v1/cases/${caseId}/appointments`,
  ]
  // Also not by whom one meets: the appointment is no disclosure.
  for (const [stranger, status] of [
    [mira, 404],
    [otto, 404],
    [anton, 403],
    [jule, 403],
    [selma, 403],
    [carla, 403],
  ] as const) {
    const client = await as(stranger)
    for (const path of paths) {
      const answer = await client.get(path)
      expect(answer.status, `${stranger.key} ${path}`).toBe(status)
      for (const secret of [place, word]) expect(answer.text).not.toContain(secret)
    }
    expect((await outcome(id, cancelled(), client)).status).toBe(status)
    const moved = await client.patch(`/v1/appointments/${id}`, { minutes: 30 }, { ifMatch: '"1.AAAAAAAA"' })
    expect(moved.status).toBe(status)
    const planned = { startsAt: `${inDays(2)}T09:00:00Z`, mode: 'phone', place: 'x' }
    expect((await client.post(`/v1/cases/${caseId}/appointments`, planned)).status).toBe(status)
  }
  expect((await atNora.get(`/v1/appointments/${id}`)).body).toMatchObject({ status: 'planned', version: 1 })
})

test('the appointment of a shielded person exists for named members only', async () => {
  const { id: clientId } = await aClient({ shielded: true }, nils)
  const { id: caseId } = await aCase({ clientId }, nils)
  const { id } = await anAppointment(caseId, { place }, nils)
  const { id: attempt } = await anAttempt(caseId, { note: word }, nils)
  expect((await atNils.get(`/v1/appointments/${id}`)).body['place']).toBe(place)
  for (const stranger of [nora, hanna, mira, otto]) {
    const client = await as(stranger)
    for (const path of [
      `/v1/appointments/${id}`,
      `/v1/appointments/${id}/calendar.ics`,
      `/v1/cases/${caseId}/appointments`,
      `/v1/cases/${caseId}/contact-attempts`,
      `/v1/contact-attempts/${attempt}`,
    ]) {
      const answer = await client.get(path)
      expect(answer.status, `${stranger.key} ${path}`).toBe(404)
      expect(answer.text).not.toMatch(/Kanari/)
    }
    expect((await outcome(id, cancelled(), client)).status).toBe(404)
  }
})

test('the appointments of a case are listed with the latest first, page by page, and no others', async () => {
  const { id: caseId } = await aCase()
  const { id: other } = await aCase()
  await anAppointment(other, { place })
  const made = []
  for (const days of [3, 9, 6])
    made.push((await anAppointment(caseId, { startsAt: `${inDays(days)}T09:00:00Z` })).id)
  const order = [made[1], made[2], made[0]]
  const list = `/v1/cases/${caseId}/appointments`
  const all = await atNora.get(list)
  expect(all.body.items.map(({ id }) => id)).toEqual(order)
  expect(all.text).not.toContain(place)
  const first = (await atNora.get(`${list}?limit=2`)).body
  const rest = (await atNora.get(`${list}?limit=2&cursor=${first.nextCursor}`)).body
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(order)
  expect(rest.nextCursor).toBeNull()
})

// --- When, where, with whom ------------------------------------------------------------------------------------------

test('an appointment says when, where, with whom, who goes along and who interprets; the rest is the lead for an hour', async () => {
  const { caseId, id: referralId } = await aDraftReferral()
  const all = {
    startsAt: `${inDays(5)}T12:15:00+00:00`,
    minutes: 90,
    mode: 'accompanied',
    place: 'Wehrgasse 1',
    organizationId: organizations.wehr,
    withWhom: 'Frau Ohm',
    accompaniedByMembershipId: nils.membershipId,
    interpreter: 'uk',
    referralId,
  }
  const { id, ...made } = await anAppointment(caseId, all)
  expect(made).toMatchObject({ ...all, caseId, status: 'planned', outcomeAt: null, version: 1 })
  expect((await atNora.get(`/v1/appointments/${id}`)).body).toMatchObject(all)
  const bare = await anAppointment(caseId)
  expect(bare).toMatchObject({ minutes: 60, organizationId: null, withWhom: null, interpreter: null })
  expect(JSON.stringify(made)).not.toContain('clientId')
})

test('an appointment is planned for the future, and lasts from five minutes to a day', async () => {
  const { id: caseId } = await aCase()
  const plan = (given: object) =>
    atNora.post(`/v1/cases/${caseId}/appointments`, {
      startsAt: `${inDays(2)}T09:00:00Z`,
      mode: 'phone',
      place: 'By phone',
      ...given,
    })
  expect((await plan({ startsAt: new Date(Date.now() - 60_000).toISOString() })).body).toMatchObject({
    code: 'appointment_in_the_past',
    errors: [{ pointer: '/startsAt' }],
  })
  expect((await plan({ startsAt: `${inDays(1200)}T09:00:00Z` })).body.code).toBe('appointment_too_far_ahead')
  for (const wrong of [
    { minutes: 4 },
    { minutes: 1441 },
    { minutes: 30.5 },
    { startsAt: 'tomorrow' },
    { startsAt: `${inDays(2)}T09:00:00` },
    { mode: 'telepathy' },
    { place: '' },
    { place: 'x\ny' },
    { interpreter: 'Ukrainian' },
    { status: 'held' },
  ])
    expect((await plan(wrong)).status, JSON.stringify(wrong)).toBe(400)
  for (const minutes of [5, 1440]) expect((await plan({ minutes })).status).toBe(201)
  expect((await atNora.get(`/v1/cases/${caseId}/appointments`)).body.items).toHaveLength(2)
})

test('it names only what the caller could find: a referral of the same case, an organisation, a colleague', async () => {
  const { id: caseId } = await aCase()
  const { id: foreign } = await aDraftReferral()
  const { id: theirs } = await aDraftReferral({ by: mira, to: 'birkenhof' })
  const plan = (given: object) =>
    atNora.post(`/v1/cases/${caseId}/appointments`, {
      startsAt: `${inDays(2)}T09:00:00Z`,
      mode: 'phone',
      place: 'By phone',
      ...given,
    })
  for (const [field, id] of [
    ['referralId', foreign],
    ['referralId', theirs],
    ['referralId', offers.wehr],
    ['organizationId', organizations.ostberatung],
    ['organizationId', caseId],
    ['accompaniedByMembershipId', otto.membershipId],
  ] as const)
    expect((await plan({ [field]: id })).body, field).toMatchObject({
      status: 400,
      code: 'unknown_reference',
      errors: [{ pointer: `/${field}` }],
    })
  for (const { membershipId } of [mira, anton, carla])
    expect((await plan({ accompaniedByMembershipId: membershipId })).body.code).toBe(
      'companion_outside_the_unit',
    )
  const { id } = await anAppointment(caseId)
  const moved = await atNora.edit(`/v1/appointments/${id}`, { referralId: foreign })
  expect(moved).toMatchObject({ status: 400, body: { code: 'unknown_reference' } })
  expect((await atNora.get(`/v1/appointments/${id}`)).body['referralId']).toBeNull()
})

test('a planned appointment is changed by whoever has seen its version; a concluded one never', async () => {
  const { id: caseId } = await aCase()
  const { id } = await anAppointment(caseId, { withWhom: 'Frau Ohm', interpreter: 'uk' })
  const path = `/v1/appointments/${id}`
  const { headers } = await atNora.get(path)
  expect((await atNora.patch(path, { minutes: 30 })).status).toBe(428)
  const changed = await atNora.patch(path, { withWhom: null, minutes: 30 }, { ifMatch: headers['etag'] })
  expect(changed.body).toMatchObject({ withWhom: null, interpreter: 'uk', minutes: 30, version: 2 })
  expect((await atNora.patch(path, { minutes: 45 }, { ifMatch: headers['etag'] })).status).toBe(412)
  const past = await atNora.edit(path, { startsAt: '2026-01-05T09:00:00Z' })
  expect(past.body.code).toBe('appointment_in_the_past')

  done(await outcome(id, cancelled()))
  expect((await atNora.edit(path, { minutes: 45 })).body.code).toBe('appointment_not_planned')
  expect((await atNora.get(path)).body).toMatchObject({ minutes: 30, version: 3 })
  const late = 'update appointments set minutes = 99 where id = $1'
  expect((await asService(contextOf(nora), late, [id])).rowCount).toBe(0)
})

test('what is not moved may be changed after its hour has come', async () => {
  const { id } = await aBegunAppointment()
  expect((await atNora.edit(`/v1/appointments/${id}`, { place: 'Am Anger 4' })).body['place']).toBe(
    'Am Anger 4',
  )
})

test('a closed case gets no more appointments', async () => {
  const { id: caseId } = await aCase()
  done(await atNora.post(`/v1/cases/${caseId}/close`, { endType: 'moved', outcome: 'unchanged' }))
  const planned = { startsAt: `${inDays(2)}T09:00:00Z`, mode: 'phone', place: 'By phone' }
  expect((await atNora.post(`/v1/cases/${caseId}/appointments`, planned)).body.code).toBe('case_closed')
  const attempt = { mode: 'phone', outcome: 'reached' }
  expect((await atNora.post(`/v1/cases/${caseId}/contact-attempts`, attempt)).body.code).toBe('case_closed')
  expect((await atNora.get(`/v1/cases/${caseId}/appointments`)).body.items).toEqual([])
})

// --- The clock of the first appointment --------------------------------------------------------------------------------

test('half an hour before midnight belongs to that day, half an hour after it to the next, where the city is', async () => {
  const { id: caseId } = await aCase()
  const [monday, friday] = [next(1), next(5)]
  const dayAfter = (day: string, days: number) =>
    new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
  for (const [startsAt, due] of [
    [local(monday, '23:30'), dayAfter(monday, 1)],
    [local(dayAfter(monday, 1), '00:30'), dayAfter(monday, 2)],
    // Nobody asks on a weekend.
    [local(friday, '23:30'), dayAfter(friday, 3)],
    [local(dayAfter(friday, 1), '00:30'), dayAfter(friday, 3)],
  ] as const) {
    const { id } = await anAppointment(caseId, { startsAt })
    expect(await clocksOn(id, 'first_appointment_check'), startsAt).toEqual([
      { dueOn: due, stoppedBy: null, organizationId: organizations.mitte },
    ])
  }
})

test('moving an appointment moves its clock; changing the place does not touch it', async () => {
  const { id: caseId } = await aCase()
  const { id } = await anAppointment(caseId, { startsAt: local(next(1), '09:00') })
  const [before] = await clocksOn(id, 'first_appointment_check')
  done(await atNora.edit(`/v1/appointments/${id}`, { place: 'Am Anger 4' }))
  expect(await clocksOn(id, 'first_appointment_check')).toEqual([before])
  done(await atNora.edit(`/v1/appointments/${id}`, { startsAt: local(next(3), '09:00') }))
  const [stopped, running, ...more] = await clocksOn(id, 'first_appointment_check')
  expect(more).toEqual([])
  expect(stopped).toMatchObject({ dueOn: before!.dueOn, stoppedBy: 'replaced' })
  expect(running!.stoppedBy).toBeNull()
  expect(weekday(running!.dueOn)).toBe(4)
})

test.each([
  ['held', 'arrived'],
  ['no_show', 'no_show'],
  ['cancelled_by_person', 'withdrawn'],
  ['cancelled_by_service', 'withdrawn'],
])('%s stops the clock: %s', async (status, by) => {
  const { id } = await aBegunAppointment()
  const nextStep = { text: 'Call', on: inDays(3) }
  const body = status.startsWith('cancelled') ? { status, nextStep } : { status }
  expect((await outcome(id, body)).body).toMatchObject({ status, version: 2 })
  expect((await clocksOn(id, 'first_appointment_check')).map(({ stoppedBy }) => stoppedBy)).toEqual([by])
})

// --- How it went -------------------------------------------------------------------------------------------------------

test('that it took place, or that nobody came, is recorded once and not before it has begun', async () => {
  const { id: caseId } = await aCase()
  const { id } = await anAppointment(caseId)
  for (const status of ['held', 'no_show'])
    expect((await outcome(id, { status })).body.code).toBe('appointment_not_begun')
  await begun(id)
  const held = await outcome(id, { status: 'held' })
  expect(held.body).toMatchObject({ status: 'held', version: 2 })
  expect(Date.parse(String(held.body['outcomeAt']))).toBeGreaterThan(Date.now() - 60_000)
  for (const body of [{ status: 'no_show' }, cancelled(), { status: 'held' }])
    expect((await outcome(id, body, atNils)).body.code).toBe('appointment_not_planned')
  expect(await openTasks(caseId)).toEqual([])
  expect((await outcome(id, { status: 'planned' })).status).toBe(400)
})

test('an appointment that is called off leaves a dated next step or another appointment', async () => {
  const { id: caseId } = await aCase()
  const { id: first } = await anAppointment(caseId)
  expect((await outcome(first, { status: 'cancelled_by_person' })).body).toMatchObject({
    code: 'next_step_missing',
    errors: [{ pointer: '/nextStep' }],
  })
  expect((await outcome(first, cancelled(inDays(-1)))).body).toMatchObject({
    code: 'next_step_in_the_past',
    errors: [{ pointer: '/nextStep/on' }],
  })
  // One of another case does not help, nor one whose hour is past.
  await anAppointment((await aCase()).id)
  await aBegunAppointment(caseId)
  expect((await outcome(first, { status: 'cancelled_by_service' })).body.code).toBe('next_step_missing')
  const { id: second } = await anAppointment(caseId, { startsAt: `${inDays(9)}T09:00:00Z` })
  expect((await outcome(first, { status: 'cancelled_by_service' })).status).toBe(200)
  expect(await theCase(caseId)).toMatchObject({ nextStep: 'Call back', version: 1 })
  done(await outcome(second, cancelled(inDays(8))))
  expect(await theCase(caseId)).toMatchObject({
    nextStep: 'Call for another day',
    nextStepOn: inDays(8),
    version: 2,
  })
})

test('a next step may follow from what took place; a no-show sets its own', async () => {
  const { id, caseId } = await aBegunAppointment()
  const nextStep = { text: 'Look for a flat together', on: inDays(6) }
  expect((await outcome(id, { status: 'no_show', nextStep })).body).toMatchObject({
    status: 400,
    errors: [{ pointer: '/nextStep' }],
  })
  done(await outcome(id, { status: 'held', nextStep }))
  expect(await theCase(caseId)).toMatchObject({ nextStep: nextStep.text, nextStepOn: nextStep.on })
})

test('who did not come is looked for after two, seven and fourteen days, all in one transaction', async () => {
  const { id, caseId } = await aBegunAppointment()
  done(await atNora.post(`/v1/cases/${caseId}/pause`, { reason: 'away', text: 'Look again', on: inDays(30) }))
  done(await outcome(id, { status: 'no_show' }))
  expect((await openTasks(caseId)).map(({ dueOn, originId }) => [dueOn, originId])).toEqual(
    [2, 7, 14].map((days) => [inDays(days), id]),
  )
  expect(await theCase(caseId)).toMatchObject({
    status: 'open',
    pauseReason: null,
    nextStep: 'Wieder Kontakt aufnehmen (nicht erschienen)',
    nextStepOn: inDays(2),
  })
  expect(await clocksOn(caseId, 'reengagement')).toEqual([
    { dueOn: inDays(14), stoppedBy: null, organizationId: organizations.mitte },
  ])
  const told = await sql('select kind, subject_id, case_id, audience from notices where subject_id = $1', [
    id,
  ])
  expect(told).toEqual([{ kind: 'handover_failed', subject_id: id, case_id: caseId, audience: 'lead' }])
  const moments = await sql<{ xmin: string }>(
    `select xmin::text from tasks where case_id = $1 union select xmin::text from appointments where id = $2
     union select xmin::text from cases where id = $1 union select xmin::text from deadlines where subject_id = $1`,
    [caseId, id],
  )
  expect(moments).toHaveLength(1)
})

test('a second no-show begins the three tries anew and doubles nothing', async () => {
  const { id: first, caseId } = await aBegunAppointment()
  done(await outcome(first, { status: 'no_show' }))
  const earlier = await openTasks(caseId)
  const { id: second } = await aBegunAppointment(caseId)
  done(await outcome(second, { status: 'no_show' }))
  const now = await openTasks(caseId)
  expect(now.map(({ dueOn, originId }) => [dueOn, originId])).toEqual(
    [2, 7, 14].map((days) => [inDays(days), second]),
  )
  for (const { id } of earlier) {
    const { body } = await atNora.get(`/v1/tasks/${id}`)
    expect(body['doneAt']).not.toBeNull()
  }
  expect((await clocksOn(caseId, 'reengagement')).map(({ stoppedBy }) => stoppedBy)).toEqual([
    'replaced',
    null,
  ])
})

test('who comes again is not looked for any more', async () => {
  const { id: first, caseId } = await aBegunAppointment()
  done(await outcome(first, { status: 'no_show' }))
  const { id: second } = await aBegunAppointment(caseId)
  done(await outcome(second, { status: 'held' }))
  expect(await openTasks(caseId)).toEqual([])
  expect((await clocksOn(caseId, 'reengagement')).map(({ stoppedBy }) => stoppedBy)).toEqual(['reached'])
})

test('two who record an outcome at once: one does, and the tasks are there once', async () => {
  for (let round = 0; round < 6; round += 1) {
    const { id, caseId } = await aBegunAppointment()
    const acts = [
      () => outcome(id, { status: 'no_show' }),
      () => outcome(id, { status: round % 2 ? 'held' : 'no_show' }, atNils),
    ]
    const answers = await together({ table: 'cases', id: caseId }, round % 4 < 2 ? acts : acts.toReversed())
    expect(statuses(answers)).toEqual([200, 409])
    const [row] = await sql('select status, version from appointments where id = $1', [id])
    expect(row!['version']).toBe(2)
    const expected = row!['status'] === 'no_show' ? 3 : 0
    expect(await sql('select from tasks where case_id = $1', [caseId])).toHaveLength(expected)
  }
})

test('of two appointments that are called off at once the last one leaves a next step', async () => {
  const { id: caseId } = await aCase()
  const [one, other] = [await anAppointment(caseId), await anAppointment(caseId)]
  const off = (id: string) => () => outcome(id, { status: 'cancelled_by_person' })
  const answers = await together({ table: 'cases', id: caseId }, [off(one.id), off(other.id)])
  expect(statuses(answers)).toEqual([200, 409])
  expect(answers.find(({ status }) => status === 409)!.body.code).toBe('next_step_missing')
})

test('an outcome and the end of the case never leave tasks in a closed case', async () => {
  for (let round = 0; round < 4; round += 1) {
    const { id, caseId } = await aBegunAppointment()
    const acts = [
      () => outcome(id, { status: 'no_show' }),
      () => atNils.post(`/v1/cases/${caseId}/close`, { endType: 'moved', outcome: 'unchanged' }),
    ]
    const answers = await together({ table: 'cases', id: caseId }, round % 2 ? acts : acts.toReversed())
    const [went, closed] = round % 2 ? answers : answers.toReversed()
    expect(closed!.status).toBe(200)
    expect([200, 409]).toContain(went!.status)
    const [row] = await sql('select status from appointments where id = $1', [id])
    expect(row!['status']).toBe(went!.status === 200 ? 'no_show' : 'cancelled_by_service')
  }
})

test('an outcome that is sent twice is recorded once', async () => {
  const { id, caseId } = await aBegunAppointment()
  const again = () =>
    atNora.post(`/v1/appointments/${id}/outcome`, { status: 'no_show' }, { idempotencyKey: `off-${id}` })
  expect([(await again()).body, (await again()).body]).toMatchObject([
    { status: 'no_show', version: 2 },
    { status: 'no_show', version: 2 },
  ])
  expect(await openTasks(caseId)).toHaveLength(3)
})

// --- Tries -------------------------------------------------------------------------------------------------------------

test('every try stays on record as it was, and is seen by the unit only', async () => {
  const { id: caseId } = await aCase()
  await openSince(caseId, 5)
  const made = await anAttempt(caseId, { on: inDays(-2), mode: 'letter', note: word })
  expect(made).toMatchObject({ caseId, on: inDays(-2), mode: 'letter', note: word, byUserId: nora.userId })
  const { id: later } = await anAttempt(caseId)
  const list = `/v1/cases/${caseId}/contact-attempts`
  const { items } = (await atNils.get(list)).body
  expect(items.map(({ id, on }) => [id, on])).toEqual([
    [later, today()],
    [made.id, inDays(-2)],
  ])
  const first = (await atNora.get(`${list}?limit=1`)).body
  const rest = (await atNora.get(`${list}?limit=1&cursor=${first.nextCursor}`)).body
  expect([first.items[0]!.id, rest.items[0]!.id, rest.nextCursor]).toEqual([later, made.id, null])
  expect((await atNils.get(`/v1/contact-attempts/${made.id}`)).body).toMatchObject({ note: word })

  for (const [stranger, status] of [
    [mira, 404],
    [otto, 404],
    [anton, 403],
  ] as const) {
    const client = await as(stranger)
    for (const answer of [
      await client.get(list),
      await client.get(`/v1/contact-attempts/${made.id}`),
      await client.post(list, { mode: 'phone', outcome: 'reached' }),
    ]) {
      expect(answer.status, stranger.key).toBe(status)
      expect(answer.text).not.toContain(word)
    }
  }
  const changed = `update contact_attempts set outcome = 'reached' where id = $1`
  await expect(asService(contextOf(nora), changed, [made.id])).rejects.toMatchObject({ code: '42501' })
  await expect(
    asService(contextOf(nora), 'delete from contact_attempts where id = $1', [made.id]),
  ).rejects.toMatchObject({ code: '42501' })
})

test('a try is recorded when it has been made, and not from before the case', async () => {
  const { id: caseId } = await aCase()
  await openSince(caseId, 3)
  const attempt = (on: string) =>
    atNora.post(`/v1/cases/${caseId}/contact-attempts`, { on, mode: 'phone', outcome: 'not_reached' })
  expect((await attempt(inDays(1))).body).toMatchObject({
    code: 'attempt_in_the_future',
    errors: [{ pointer: '/on' }],
  })
  expect((await attempt(inDays(-4))).body.code).toBe('attempt_before_the_case')
  for (const on of [inDays(-3), today()]) expect((await attempt(on)).status).toBe(201)
})

test('today is the day where the municipality is', async () => {
  const { id: caseId } = await aCase({}, otto)
  const atOtto = await as(otto)
  // Somewhere it is another day now than in Greenwich.
  const east = new Date().getUTCHours() >= 10
  const timeZone = east ? 'Etc/GMT-14' : 'Etc/GMT+12'
  const there = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date())
  const greenwich = new Date().toISOString().slice(0, 10)
  expect(there).not.toBe(greenwich)
  const [{ before } = { before: '' }] = await sql<{ before: string }>(
    'select time_zone as before from tenants where id = $1',
    [otto.tenantId],
  )
  try {
    await sql('update tenants set time_zone = $2 where id = $1', [otto.tenantId, timeZone])
    await sql(`update cases set opened_at = now() where id = $1`, [caseId])
    const made = done(
      await atOtto.post(`/v1/cases/${caseId}/contact-attempts`, { mode: 'phone', outcome: 'not_reached' }),
    )
    expect(made.body['on']).toBe(there)
    const onTheirDay = await atOtto.post(`/v1/cases/${caseId}/contact-attempts`, {
      on: greenwich,
      mode: 'phone',
      outcome: 'not_reached',
    })
    expect(onTheirDay.body.code).toBe(east ? 'attempt_before_the_case' : 'attempt_in_the_future')
  } finally {
    await sql('update tenants set time_zone = $2 where id = $1', [otto.tenantId, before])
  }
})

test('a try settles the task from which it came, in the same act; one of another case cannot be named', async () => {
  const { id, caseId } = await aBegunAppointment()
  done(await outcome(id, { status: 'no_show' }))
  const [first, second, third] = await openTasks(caseId)
  const record = (body: object, of = caseId) => atNora.post(`/v1/cases/${of}/contact-attempts`, body)
  const call = { mode: 'phone', outcome: 'not_reached' }
  const made = done(await record({ ...call, taskId: first!.id })).body
  expect(made['taskId']).toBe(first!.id)
  const [settled] = await sql<{ by: string; at: string; made: string }>(
    `select t.done_by_user_id as by, t.done_at::text as at, a.created_at::text as made from tasks t
     join contact_attempts a on a.task_id = t.id where t.id = $1`,
    [first!.id],
  )
  expect(settled).toMatchObject({ by: nora.userId, at: settled!.made })
  expect((await openTasks(caseId)).map((task) => task.id)).toEqual([second!.id, third!.id])
  expect((await clocksOn(caseId, 'reengagement')).map(({ stoppedBy }) => stoppedBy)).toEqual([null])

  expect((await record({ ...call, taskId: first!.id })).body.code).toBe('task_is_done')
  const { id: other } = await aCase()
  for (const answer of [
    await record({ ...call, taskId: second!.id }, other),
    await record({ ...call, taskId: caseId }),
  ])
    expect(answer.body).toMatchObject({ code: 'unknown_reference', errors: [{ pointer: '/taskId' }] })
  expect((await atNora.get(`/v1/cases/${other}/contact-attempts`)).body.items).toEqual([])
})

test.each([
  ['reached', 'reached'],
  ['wants_no_contact', 'other_choice'],
])('who is %s is not called again', async (answer, by) => {
  const { id, caseId } = await aBegunAppointment()
  done(await outcome(id, { status: 'no_show' }))
  const { id: otherOne, caseId: otherCase } = await aBegunAppointment()
  done(await outcome(otherOne, { status: 'no_show' }))
  done(
    await atNora.post(`/v1/cases/${caseId}/contact-attempts`, { mode: 'phone', outcome: answer, note: 'x' }),
  )
  expect(await openTasks(caseId)).toEqual([])
  expect((await clocksOn(caseId, 'reengagement')).map(({ stoppedBy }) => stoppedBy)).toEqual([by])
  expect(await openTasks(otherCase)).toHaveLength(3)
  // The case goes on: it keeps its lead and its dated next step.
  expect(await theCase(caseId)).toMatchObject({ status: 'open', nextStepOn: inDays(2) })
})

test('a try that is sent twice is on record once', async () => {
  const { id: caseId } = await aCase()
  const again = () =>
    atNora.post(
      `/v1/cases/${caseId}/contact-attempts`,
      { mode: 'phone', outcome: 'not_reached' },
      { idempotencyKey: `try-${caseId}` },
    )
  const [first, second] = [await again(), await again()]
  expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id])
  expect((await atNora.get(`/v1/cases/${caseId}/contact-attempts`)).body.items).toHaveLength(1)
})

test('after a handover that failed, whoever is reached is not called again either', async () => {
  const { id, caseId } = await anAcceptedHandover()
  done(await (await as(anton)).post(`/v1/handovers/${id}/report-no-show`))
  expect(await openTasks(caseId)).toHaveLength(3)
  done(await atNora.post(`/v1/cases/${caseId}/contact-attempts`, { mode: 'phone', outcome: 'reached' }))
  expect(await openTasks(caseId)).toEqual([])
})

// --- When contact is lost ------------------------------------------------------------------------------------------------

const close = (caseId: string, more: object = {}, by = atNora) =>
  by.post(`/v1/cases/${caseId}/close`, { endType: 'lost_contact', outcome: 'unchanged', ...more })

test('nobody is given up after one call: 409 says how many tries, days and ways are missing', async () => {
  const { id: caseId } = await aCase()
  await openSince(caseId, 20)
  const missing = async () => {
    const { status, body } = await close(caseId)
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'contact_not_lost' })
    return body['missing']
  }
  expect(await missing()).toEqual({ tries: 3, days: 3, ways: 2 })
  await anAttempt(caseId, { on: inDays(-9) })
  expect(await missing()).toEqual({ tries: 2, days: 2, ways: 1 })
  await anAttempt(caseId, { on: inDays(-9) })
  await anAttempt(caseId, { on: inDays(-5) })
  expect(await missing()).toEqual({ tries: 0, days: 1, ways: 1 })
  await anAttempt(caseId, { on: inDays(-1) })
  expect(await missing()).toEqual({ tries: 0, days: 0, ways: 1 })
  // Those of somebody else do not count.
  const { id: other } = await aCase()
  await anAttempt(other, { mode: 'letter' })
  expect(await missing()).toEqual({ tries: 0, days: 0, ways: 1 })
  expect(await theCase(caseId)).toMatchObject({ status: 'open', version: 1 })

  await anAttempt(caseId, { mode: 'letter' })
  expect((await close(caseId)).body).toMatchObject({
    status: 'closed',
    endType: 'lost_contact',
    lastWords: null,
  })
})

test('who was reached, or came, is not lost by what happened before', async () => {
  const { id: caseId } = await aCase()
  await openSince(caseId, 20)
  for (const [days, mode] of [
    [-9, 'phone'],
    [-8, 'letter'],
    [-7, 'phone'],
  ] as const)
    await anAttempt(caseId, { on: inDays(days), mode })
  const { id } = await anAppointment(caseId)
  await sql(`update appointments set starts_at = now() - interval '6 days' where id = $1`, [id])
  done(await outcome(id, { status: 'held' }))
  expect((await close(caseId)).body['missing']).toEqual({ tries: 3, days: 3, ways: 2 })
  await anAttempt(caseId, { on: inDays(-4), mode: 'email' })
  await anAttempt(caseId, { on: inDays(-3), outcome: 'reached' })
  await anAttempt(caseId, { on: inDays(-2) })
  expect((await close(caseId)).body['missing']).toEqual({ tries: 2, days: 2, ways: 1 })
})

test('who came half an hour after midnight came on that day: a try of the same day is none in vain', async () => {
  const { id: caseId } = await aCase()
  await openSince(caseId, 20)
  for (const [days, mode] of [
    [-5, 'phone'],
    [-4, 'letter'],
    [-3, 'phone'],
  ] as const)
    await anAttempt(caseId, { on: inDays(days), mode })
  const { id } = await anAppointment(caseId)
  await sql('update appointments set starts_at = $2 where id = $1', [id, local(inDays(-5), '00:30')])
  done(await outcome(id, { status: 'held' }))
  expect((await close(caseId)).body['missing']).toEqual({ tries: 1, days: 1, ways: 0 })
  await sql('update appointments set starts_at = $2 where id = $1', [id, local(inDays(-6), '23:30')])
  expect((await close(caseId)).status).toBe(200)
})

test('whoever says in their own words that they want no more contact is let go with these words', async () => {
  const { id: caseId } = await aCase()
  for (const lastWords of [null, '', '   '])
    expect((await close(caseId, { lastWords })).body.code).toBe('contact_not_lost')
  expect((await close(caseId, { lastWords: 'x'.repeat(2001) })).status).toBe(400)
  expect((await close(caseId, { lastWords: word })).body).toMatchObject({ status: 'closed', lastWords: word })
  expect((await atNora.get(`/v1/cases/${caseId}`)).body['lastWords']).toBe(word)
  expect((await (await as(mira)).get(`/v1/cases/${caseId}`)).text).not.toContain(word)

  const { id: said } = await aCase()
  await anAttempt(said, { outcome: 'wants_no_contact' })
  expect((await close(said)).status).toBe(200)
})

test('every other end needs no tries', async () => {
  for (const endType of ['planned_regular', 'moved', 'unplanned_dropout']) {
    const { id } = await aCase()
    expect((await close(id, { endType })).status, endType).toBe(200)
  }
})

test('a case that closes cancels what was still planned in it, and nothing in any other', async () => {
  const { id: caseId } = await aCase()
  const [planned, later] = [await anAppointment(caseId), await anAppointment(caseId)]
  const { id: before } = await aBegunAppointment(caseId)
  done(await outcome(before, { status: 'held' }))
  const { id: elsewhere } = await anAppointment((await aCase()).id)
  done(await close(caseId, { endType: 'moved' }, atNils))
  for (const { id } of [planned, later]) {
    expect((await atNora.get(`/v1/appointments/${id}`)).body).toMatchObject({
      status: 'cancelled_by_service',
      version: 2,
    })
    expect((await clocksOn(id, 'first_appointment_check')).map(({ stoppedBy }) => stoppedBy)).toEqual([
      'withdrawn',
    ])
    const [{ by } = { by: '' }] = await sql(
      'select outcome_by_user_id as by from appointments where id = $1',
      [id],
    )
    expect(by).toBe(nils.userId)
  }
  expect((await atNora.get(`/v1/appointments/${before}`)).body.status).toBe('held')
  expect((await atNora.get(`/v1/appointments/${elsewhere}`)).body.status).toBe('planned')
})

// --- The calendar ----------------------------------------------------------------------------------------------------------

test('a calendar gets one entry for an appointment, however often it moves, and no word about the person', async () => {
  const { id: clientId } = await it.aKnownClient()
  const { id: caseId } = await aCase({ clientId, concern: 'Kanarisorge, drinks too much' })
  const { id } = await anAppointment(caseId, {
    startsAt: local(next(1), '23:30'),
    minutes: 45,
    place: 'Am Anger 3; Hinterhof, „Zum Brunnen“, drittes Obergeschoss links, bitte zweimal läuten',
    withWhom: 'Frau Ohm',
    organizationId: organizations.wehr,
  })
  const path = `/v1/appointments/${id}/calendar.ics`
  const read = async () => {
    const answer = await atNora.get<string>(path)
    expect(answer.headers['content-type']).toBe('text/calendar; charset=utf-8')
    expect(answer.headers['cache-control']).toBe('no-store')
    const lines = answer.text.split('\r\n')
    expect(lines.at(-1)).toBe('')
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75)
    for (const secret of ['Kanari', 'Vogel', 'Ohm', 'Wehr', 'drink', 'Sucht', caseId, clientId, 'Hanna'])
      expect(answer.text).not.toContain(secret)
    const unfolded = answer.text.replaceAll('\r\n ', '').split('\r\n')
    return Object.fromEntries(
      unfolded
        .filter((line) => !/^(BEGIN|END):/.test(line))
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    )
  }
  const basic = (instant: string) => `${instant.slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const first = await read()
  expect(first).toMatchObject({
    UID: `${id}@${nora.municipality}`,
    SEQUENCE: '0',
    STATUS: 'CONFIRMED',
    SUMMARY: 'Termin',
    DTSTART: basic(local(next(1), '23:30')),
    DTEND: basic(new Date(Date.parse(local(next(1), '23:30')) + 45 * 60_000).toISOString()),
    LOCATION:
      'Am Anger 3\\; Hinterhof\\, „Zum Brunnen“\\, drittes Obergeschoss links\\, bitte zweimal läuten',
    TRIGGER: '-P1D',
  })
  expect(first['DTSTAMP']).toMatch(/^\d{8}T\d{6}Z$/)
  done(await atNora.edit(`/v1/appointments/${id}`, { startsAt: local(next(2), '09:00') }))
  const moved = await read()
  expect(moved).toMatchObject({ UID: first['UID'], SEQUENCE: '1', DTSTART: basic(local(next(2), '09:00')) })
  done(await outcome(id, cancelled()))
  expect(await read()).toMatchObject({ UID: first['UID'], SEQUENCE: '2', STATUS: 'CANCELLED' })
  expect((await read())['TRIGGER']).toBeUndefined()
})

test('no word about a person stands in the log', () => {
  const lines = it.logged().join('\n')
  expect(lines).toContain('/v1/appointments/:id/outcome')
  for (const secret of [place, word, 'Kanari', 'Frau Ohm']) expect(lines).not.toContain(secret)
})
