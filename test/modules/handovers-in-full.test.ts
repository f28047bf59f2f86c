// Does a handover keep its promises of every type, from what the municipality asks to whether the help holds?
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import purposeNotice from '../../src/modules/releases/purpose-notice.json' with { type: 'json' }
import { codes, label } from '../../src/modules/vocabularies/index.ts'
import { barrier } from '../concurrency/barrier.ts'
import { lotse } from '../support/app.ts'
import {
  agnes,
  anton,
  carla,
  hanna,
  jule,
  mira,
  mona,
  nils,
  nora,
  organizations,
  otto,
  paul,
  selma,
  type Member,
} from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import type { Body } from '../support/http.ts'
import { read as readPdf } from '../support/pdf.ts'
import { sheet, way } from '../support/way.ts'

const it = await lotse({ databasePool: 12 })
const { as, aCase, aHandoverConcept, sql } = it
const together = barrier(it)
const {
  aFailedHandover,
  aKnownCase,
  anAcceptedHandover,
  anAcceptedReferral,
  anArrivedHandover,
  anOfferedHandover,
  aPreparedHandover,
  aRelease,
  aSentReferral,
} = way(as)
const { wehr, mitte } = organizations
const [nilsRow] = await sql<{ name: string }>('select name from users where id = $1', [nils.userId])
const nilsName = nilsRow!.name

const read = async (id: string, by = anton) => (await as(by)).get(`/v1/handovers/${id}`)
const act = async (by: Member, id: string, verb: string, body?: unknown) =>
  (await as(by)).post(`/v1/handovers/${id}/${verb}`, body)
const arrival = { confirmedBy: 'receiver' }
const caseOf = async ({ caseId }: { [field: string]: unknown }) =>
  (await (await as(nora)).get(`/v1/cases/${String(caseId)}`)).body
const tasksOf = async ({ caseId }: { [field: string]: unknown }) =>
  (await (await as(nora)).get(`/v1/tasks?caseId=${String(caseId)}`)).body.items
/** A navigator who is the receiver may attempt it as well: what they see is the rule. */
const strangers = [agnes, mira, jule, selma, otto]

/** What runs or ran on a case. */
const clocks = ({ caseId }: { [field: string]: unknown }, but = 'handover_response') =>
  sql<{ kind: string; by: string | null; due: string; on: string; organization: string }>(
    `select kind, stopped_by as by, due_on::text as due, subject_id as on, organization_id as organization
     from deadlines where case_id = $1 and kind <> all (array['referral_response', 'release_expiry', $2]) order by created_at, kind`,
    [caseId, but],
  )
const running = async (of: { [field: string]: unknown }) =>
  (await clocks(of)).filter(({ by }) => by === null).map(({ kind }) => kind)
/** Who was told what of a handover, in order. */
const told = (id: string) =>
  sql<{ kind: string; organization: string | null; lead: string | null }>(
    `select kind, to_organization_id as organization, case_id as lead from notices
     where subject_id = $1 and subject_kind = 'handover' order by created_at, id`,
    [id],
  )
const justNow = async () => (await sql<{ now: string }>(`select to_json(now()) #>> '{}' as now`))[0]!.now
const talk = async (by: Member, id: string) => act(by, id, 'joint-talk', { heldAt: await justNow() })

// --- What the municipality asks of a handover -----------------------------------------------------------------

test('without a concept a handover is bound to none, and only the present situation is needed', async () => {
  const { id } = await aPreparedHandover({ type: 'emergency', sections: { situation: 'Comes tonight' } })
  const offered = done(await act(nora, id, 'offer')).body
  expect(offered).toMatchObject({ status: 'offered', conceptId: null, answerDueOn: null })
})

test('coordinator and head publish the concept, everybody reads it, and nobody changes it', async () => {
  const content = { types: { emergency: { required: ['situation', 'fallback'], answerDays: 1 } } }
  const first = done(await (await as(carla)).post('/v1/handover-concepts', content)).body
  const second = done(await (await as(hanna)).post('/v1/handover-concepts', { types: {} })).body
  expect(second['number']).toBe(Number(first['number']) + 1)
  expect(first).toMatchObject({ ...content, publishedByUserId: carla.userId })
  for (const reader of [nora, anton, selma, paul, mira]) {
    const { items } = (await (await as(reader)).get('/v1/handover-concepts')).body
    expect(items.slice(0, 2).map(({ id }) => id)).toEqual([second.id, first.id])
    expect((await (await as(reader)).get(`/v1/handover-concepts/${first.id}`)).body).toEqual(first)
  }
  const page = (await (await as(nora)).get('/v1/handover-concepts?limit=1')).body
  expect(page.items.map(({ id }) => id)).toEqual([second.id])
  const next = (await (await as(nora)).get(`/v1/handover-concepts?limit=1&cursor=${page.nextCursor}`)).body
  expect(next.items.map(({ id }) => id)).toEqual([first.id])

  for (const reader of [nora, anton, paul])
    expect((await (await as(reader)).post('/v1/handover-concepts', { types: {} })).status).toBe(403)
  expect((await (await as(otto)).get(`/v1/handover-concepts/${first.id}`)).status).toBe(404)
  expect((await (await as(otto)).get('/v1/handover-concepts')).text).not.toContain(first.id)
  const forged = it.asService(
    { tenant_id: nora.tenantId, role: 'coordinator' },
    `update handover_concepts set number = 9 where id = $1`,
    [first.id],
  )
  await expect(forged).rejects.toMatchObject({ code: '42501' })
  for (const wrong of [
    { types: { internal: { required: [], answerDays: 3 } } },
    { types: { written: { required: ['everything'], answerDays: 3 } } },
    { types: { written: { required: [], answerDays: 0 } } },
  ])
    expect((await (await as(carla)).post('/v1/handover-concepts', wrong)).status).toBe(400)
})

test('concepts that are published at the same instant get two numbers', async () => {
  const publish = async (by: Member) => (await as(by)).post('/v1/handover-concepts', { types: {} })
  const answers = await Promise.all([publish(carla), publish(hanna), publish(mona), publish(carla)])
  const numbers = answers.map((answer) => Number(done(answer).body['number']))
  expect(new Set(numbers).size).toBe(4)
  const { items } = (await (await as(nora)).get('/v1/handover-concepts')).body
  const listed = items.map((item) => Number(item['number']))
  expect(listed).toEqual(listed.toSorted((a, b) => b - a))
})

test('a handover keeps to the concept of the day on which it was prepared', async () => {
  const emergency = (required: string[]) => ({ emergency: { required, answerDays: 2 } })
  const bound = await aHandoverConcept(emergency(['situation', 'fallback', 'open_tasks']))
  const sections = { situation: 'Comes tonight' }
  const early = await aPreparedHandover({ type: 'emergency', sections })
  const newer = await aHandoverConcept(emergency(['situation']))
  const late = await aPreparedHandover({ type: 'emergency', sections })
  expect([early['conceptId'], late['conceptId']]).toEqual([bound.id, newer.id])

  const refused = await act(nora, early.id, 'offer')
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'handover_sections_missing', missingSections: ['fallback', 'open_tasks'] },
  })
  expect((await read(early.id)).status).toBe(404)
  expect((await read(early.id, nora)).body).toMatchObject({ status: 'prepared', answerDueOn: null })
  expect(await sql('select from disclosures where subject_id = $1', [early.id])).toEqual([])
  expect(await told(early.id)).toEqual([])

  done(await (await as(nora)).edit(`/v1/handovers/${early.id}`, { sections: { fallback: 'Call us' } }))
  expect((await act(nora, early.id, 'offer')).body['missingSections']).toEqual(['open_tasks'])
  done(await (await as(nora)).edit(`/v1/handovers/${early.id}`, { sections: { open_tasks: 'None' } }))
  for (const { id } of [early, late])
    expect((await act(nora, id, 'offer')).body).toMatchObject({ status: 'offered', answerDueOn: inDays(2) })
  // The day is a clock of whoever is asked, until they answer or nothing is asked any more.
  const waits = { kind: 'handover_response', due: inDays(2), organization: wehr }
  expect(await clocks(early, '')).toMatchObject([{ ...waits, on: early.id, by: null }])
  const theirs = (await (await as(anton)).get('/v1/deadlines?box=ours')).body.items
  expect(theirs.filter(({ subjectId }) => subjectId === early.id)).toMatchObject([{ caseId: null }])
  done(await act(anton, early.id, 'accept'))
  expect(await clocks(early, '')).toMatchObject([{ ...waits, by: 'answered' }])
  done(await act(nora, late.id, 'cancel'))
  expect(await clocks(late, '')).toMatchObject([{ ...waits, by: 'withdrawn' }])
  // The type counts as it is when it is offered.
  const changed = await aPreparedHandover({ sections })
  await aHandoverConcept({ warm_joint: { required: ['client_view'], answerDays: 2 } })
  expect((await act(nora, changed.id, 'offer')).status).toBe(200)
})

test('the concept asks only what may leave: a required section still needs its release', async () => {
  await aHandoverConcept({ emergency: { required: ['situation', 'identity'], answerDays: 2 } })
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId, categories: ['clearing_summary'] })).id
  const referral = await anAcceptedReferral({ caseId, releaseId, categories: [] })
  const given = { situation: 'Comes tonight', identity: 'Comes with a friend' }
  const { id } = await aPreparedHandover({ referral, type: 'emergency', sections: given })
  expect((await act(nora, id, 'offer')).body).toMatchObject({
    code: 'not_released',
    missingCategories: ['identity_contact'],
  })
})

// --- Warm, accompanied, in an emergency -----------------------------------------------------------------------

test.each(['warm_joint', 'warm_phone'])(
  'a handover of type %s is accepted without the joint talk, and nobody has arrived before it',
  async (type) => {
    const { id } = await anAcceptedHandover({ type })
    for (const [by, confirmedBy] of [
      [anton, 'receiver'],
      [nora, 'person'],
    ] as const) {
      const early = await act(by, id, 'confirm-arrival', { confirmedBy })
      expect(early).toMatchObject({ status: 409, body: { code: 'joint_talk_missing' } })
    }
    expect((await read(id, nora)).body).toMatchObject({
      status: 'accepted',
      jointTalkAt: null,
      responsibleOrganizationId: mitte,
    })
    const by = type === 'warm_joint' ? nora : anton
    const talked = done(await talk(by, id))
    expect(talked.body).toMatchObject({ status: 'accepted', box: by === nora ? 'out' : 'in' })
    for (const reader of [nora, anton])
      expect((await read(id, reader)).body['jointTalkAt']).toBe(talked.body['jointTalkAt'])
    expect((await act(anton, id, 'confirm-arrival', arrival)).body).toMatchObject({
      status: 'arrived',
      responsibleOrganizationId: wehr,
    })
    expect((await talk(nora, id)).body.code).toBe('handover_not_open')
  },
)

test('a joint talk lies between the offer and now, and strangers cannot tell of one', async () => {
  const { id } = await aPreparedHandover({ type: 'warm_joint' })
  expect((await talk(nora, id)).body.code).toBe('handover_not_open')
  expect((await talk(anton, id)).status).toBe(404)
  const before = await justNow()
  // Moments are compared by the millisecond.
  await sleep(5)
  done(await act(nora, id, 'offer'))
  for (const heldAt of [before, `${inDays(1)}T12:00:00Z`])
    expect(await act(anton, id, 'joint-talk', { heldAt })).toMatchObject({
      status: 409,
      body: { code: 'joint_talk_out_of_time', errors: [{ pointer: '/heldAt' }] },
    })
  for (const stranger of strangers) expect((await talk(stranger, id)).status, stranger.key).toBe(404)
  expect((await talk(carla, id)).status).toBe(403)
  expect((await read(id, nora)).body['jointTalkAt']).toBeNull()
  expect((await talk(anton, id)).status).toBe(200)
})

test('in an emergency nobody waits for a talk, and none is recorded', async () => {
  const { id } = await anAcceptedHandover({ type: 'emergency', sections: { ...sheet, identity: 'x' } })
  expect((await talk(nora, id)).body.code).toBe('handover_is_not_warm')
  expect((await act(anton, id, 'confirm-arrival', arrival)).status).toBe(200)
})

test('somebody who did not come is reported without a talk', async () => {
  const { id } = await anAcceptedHandover({ type: 'warm_joint' })
  expect((await act(anton, id, 'report-no-show')).body.status).toBe('failed')
})

test('an accompanied handover names a colleague of the unit, whom only the giver sees', async () => {
  const { id } = await aPreparedHandover({ type: 'accompanied' })
  expect((await act(nora, id, 'offer')).body).toMatchObject({ code: 'handover_accompanied_by_nobody' })
  const name = async (accompaniedByMembershipId: string | null) =>
    (await as(nora)).edit(`/v1/handovers/${id}`, { accompaniedByMembershipId })
  for (const stranger of [mira, anton, otto])
    expect(await name(stranger.membershipId)).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: '/accompaniedByMembershipId' }] },
    })
  expect((await name(id)).body.code).toBe('unknown_reference')
  expect(done(await name(nils.membershipId)).body['accompaniedByName']).toBe(nilsName)
  expect(done(await name(null)).body).toMatchObject({
    accompaniedByMembershipId: null,
    accompaniedByName: null,
  })
  done(await name(nils.membershipId))
  expect((await act(nora, id, 'offer')).status).toBe(200)
  expect((await read(id, hanna)).body).toMatchObject({
    accompaniedByMembershipId: nils.membershipId,
    accompaniedByName: nilsName,
  })
  const seen = await read(id)
  expect(seen.body).toMatchObject({ accompaniedByMembershipId: null, accompaniedByName: null })
  for (const text of [seen.text, (await (await as(anton)).get('/v1/handovers?box=in')).text])
    for (const word of [nilsName, nils.membershipId]) expect(text).not.toContain(word)
  done(await act(anton, id, 'accept'))
  const came = await act(nora, id, 'confirm-arrival', { confirmedBy: 'accompanied' })
  expect(came.body).toMatchObject({ status: 'arrived', arrivalConfirmedBy: 'accompanied' })
})

test('from the first instant on an accompanied handover names a colleague or nobody', async () => {
  const referral = await anAcceptedReferral()
  const prepare = async (accompaniedByMembershipId: string) =>
    (await as(nora)).post(`/v1/cases/${String(referral['caseId'])}/handovers`, {
      referralId: referral.id,
      type: 'accompanied',
      accompaniedByMembershipId,
    })
  for (const stranger of [mira, otto])
    expect((await prepare(stranger.membershipId)).body.code).toBe('unknown_reference')
  expect((await prepare(nora.membershipId)).status).toBe(201)
})

test('only an accompanied handover has arrived in company', async () => {
  const { id } = await anAcceptedHandover()
  expect(await act(nora, id, 'confirm-arrival', { confirmedBy: 'accompanied' })).toMatchObject({
    status: 409,
    body: { code: 'arrival_needs_another_witness', errors: [{ pointer: '/confirmedBy' }] },
  })
})

// --- Who is told, and which clocks run ------------------------------------------------------------------------

test('the receiver is told of the offer, the lead of every answer', async () => {
  const accepted = await anArrivedHandover()
  const lead = accepted['caseId']
  expect(await told(accepted.id)).toEqual([
    { kind: 'handover_offered', organization: wehr, lead: null },
    { kind: 'handover_answered', organization: null, lead },
    { kind: 'handover_arrived', organization: null, lead },
  ])
  const offered = await anOfferedHandover()
  done(await act(anton, offered.id, 'refuse', { reason: 'no_capacity' }))
  expect((await told(offered.id)).map(({ kind }) => kind)).toEqual(['handover_offered', 'handover_answered'])
  const failed = await aFailedHandover()
  expect((await told(failed.id)).at(-1)).toEqual({
    kind: 'handover_failed',
    organization: null,
    lead: failed['caseId'],
  })
  // Ids and kinds only: no notice carries a word.
  const words = await sql<{ row: string }>('select row_to_json(n)::text as row from notices n')
  expect(words.map(({ row }) => row).join()).not.toMatch(/Vogelsang|Kanaria|Blatt-|Brief-/)
})

test('whoever was offered somebody is told when it is cancelled, by whatever cancels it, and nobody else', async () => {
  const handovers = {
    'the person’s wish': async ({ id }: Body) => act(nora, id, 'cancel'),
    'the release': async ({ referralId }: Body) => {
      const { releaseId } = (await (await as(nora)).get(`/v1/referrals/${String(referralId)}`)).body
      return (await as(nora)).post(`/v1/releases/${String(releaseId)}/withdraw`)
    },
    'the referral': async ({ referralId }: Body) =>
      (await as(nora)).post(`/v1/referrals/${String(referralId)}/withdraw`),
    'the case': async ({ caseId }: Body) =>
      (await as(nora)).post(`/v1/cases/${String(caseId)}/close`, {
        endType: 'planned_regular',
        outcome: 'improved',
      }),
  }
  for (const [because, end] of Object.entries(handovers)) {
    const [offered, prepared] = [await anOfferedHandover(), await aPreparedHandover()]
    done(await end(offered))
    done(await end(prepared))
    for (const { id } of [offered, prepared])
      expect((await read(id, nora)).body.status, because).toBe('cancelled')
    expect((await told(offered.id)).slice(1), because).toEqual([
      { kind: 'handover_cancelled', organization: wehr, lead: null },
    ])
    // What was never offered does not exist for the receiver.
    expect(await told(prepared.id), because).toEqual([])
  }
})

test('a no-show starts the clock of making contact again, and another one starts it anew', async () => {
  const failed = await aFailedHandover()
  expect(await clocks(failed)).toEqual([
    { kind: 'reengagement', by: null, due: inDays(14), on: failed['caseId'], organization: mitte },
  ])
  const referral = (await (await as(nora)).get(`/v1/referrals/${String(failed['referralId'])}`)).body
  await aFailedHandover({ referral })
  expect((await clocks(failed)).map(({ by }) => by)).toEqual(['replaced', null])
  expect(await tasksOf(failed)).toHaveLength(3)
})

test('arrival ends every try to reach the person and starts the clock of the stability check', async () => {
  const failed = await aFailedHandover()
  expect(await tasksOf(failed)).toHaveLength(3)
  const { caseId } = failed
  await sql(
    `insert into deadlines (tenant_id, id, kind, basis, organization_id, compartment_id, case_id, subject_id, started_on, due_on)
     select tenant_id, gen_random_uuid(), 'first_appointment_check', 'x', organization_id, compartment_id, case_id,
       gen_random_uuid(), started_on, due_on from deadlines where case_id = $1 and kind = 'reengagement'`,
    [caseId],
  )
  const referral = (await (await as(nora)).get(`/v1/referrals/${String(failed['referralId'])}`)).body
  const { id } = await anArrivedHandover({ referral })
  expect(await tasksOf(failed)).toEqual([])
  const ran = await clocks(failed)
  expect(ran.filter(({ by }) => by === 'arrived').map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['reengagement', 'first_appointment_check']),
  )
  expect(ran.filter(({ by }) => by === null)).toEqual([
    { kind: 'stability_check', by: null, due: inDays(14), on: id, organization: mitte },
  ])
  const [settled] = await sql<{ by: string }>(
    `select done_by_user_id as by from tasks where case_id = $1 and kind = 'recontact' limit 1`,
    [caseId],
  )
  expect(settled!.by).toBe(anton.userId)
})

// --- Whether the help holds -----------------------------------------------------------------------------------

const step = { text: 'Visit her together', on: inDays(5) }

test('whether the help holds is asked after arrival, by the giver’s unit, and never shown to the receiver', async () => {
  for (const handover of [await aPreparedHandover(), await anAcceptedHandover(), await aFailedHandover()])
    expect((await act(nora, handover.id, 'stability', { stability: 'holds' })).body.code).toBe(
      'handover_not_open',
    )
  const handover = await anArrivedHandover({ to: 'nord' })
  expect((await act(mira, handover.id, 'stability', { stability: 'holds' })).body.code).toBe(
    'only_the_sender',
  )
  expect((await act(anton, handover.id, 'stability', { stability: 'holds' })).status).toBe(403)
  expect((await act(otto, handover.id, 'stability', { stability: 'holds' })).status).toBe(404)
  expect(await running(handover)).toEqual(['stability_check'])

  const held = done(await act(hanna, handover.id, 'stability', { stability: 'holds' })).body
  expect(held).toMatchObject({ stability: 'holds', responsibleOrganizationId: organizations.nord })
  expect(held['stabilityAt']).not.toBeNull()
  expect(await running(handover)).toEqual([])
  expect((await clocks(handover)).at(-1)).toMatchObject({ kind: 'stability_check', by: 'done' })
  expect(await caseOf(handover)).toMatchObject({ phase: 'monitoring', nextStepOn: inDays(14) })
  for (const seen of [
    (await read(handover.id, mira)).body,
    (await (await as(mira)).get('/v1/handovers?box=in')).body.items[0]!,
  ])
    expect(seen).toMatchObject({ id: handover.id, stability: null, stabilityAt: null })
  for (const stability of ['holds', 'shaky', 'broken_off'])
    expect((await act(nora, handover.id, 'stability', { stability, nextStep: step })).body.code).toBe(
      'stability_is_final',
    )
})

test('when it is shaky the case gets a new dated next step, and somebody asks again on that day', async () => {
  const handover = await anArrivedHandover()
  const shaky = { stability: 'shaky' }
  expect(await act(nora, handover.id, 'stability', shaky)).toMatchObject({
    status: 409,
    body: { code: 'shaky_needs_a_next_step', errors: [{ pointer: '/nextStep' }] },
  })
  const past = { text: 'Too late', on: inDays(-1) }
  expect((await act(nora, handover.id, 'stability', { ...shaky, nextStep: past })).body).toMatchObject({
    code: 'next_step_in_the_past',
    errors: [{ pointer: '/nextStep/on' }],
  })
  expect((await read(handover.id, nora)).body['stability']).toBeNull()

  done(await act(nora, handover.id, 'stability', { ...shaky, nextStep: step }))
  expect(await caseOf(handover)).toMatchObject({ nextStep: step.text, nextStepOn: step.on, status: 'open' })
  expect((await clocks(handover)).map(({ kind, by, due }) => [kind, by, due])).toEqual([
    ['stability_check', 'done', inDays(14)],
    ['stability_check', null, step.on],
  ])
  expect((await read(handover.id, nora)).body['responsibleOrganizationId']).toBe(wehr)
  const again = { text: 'Ask once more', on: inDays(9) }
  done(await act(nora, handover.id, 'stability', { ...shaky, nextStep: again }))
  expect((await act(nora, handover.id, 'stability', { stability: 'holds' })).body['stability']).toBe('holds')
  expect(await running(handover)).toEqual([])
  expect(await tasksOf(handover)).toEqual([])
})

test('when the help breaks off the giver is responsible again, in the same instant and with three dated tasks', async () => {
  const handover = await anArrivedHandover()
  const broken = done(await act(nora, handover.id, 'stability', { stability: 'broken_off' })).body
  expect(broken).toMatchObject({
    status: 'arrived',
    stability: 'broken_off',
    responsibleOrganizationId: mitte,
    arrivalConfirmedBy: 'receiver',
  })
  expect(await caseOf(handover)).toMatchObject({
    status: 'open',
    phase: 'linking',
    leadMembershipId: nora.membershipId,
    nextStep: expect.stringMatching(/abgebrochen/) as unknown,
    nextStepOn: inDays(2),
  })
  expect(await tasksOf(handover)).toMatchObject(
    [2, 7, 14].map((days) => ({ kind: 'recontact', dueOn: inDays(days), originId: handover.id })),
  )
  expect(await running(handover)).toEqual(['reengagement'])
  // The receiver learns that its part has ended, and not why.
  expect((await read(handover.id)).body).toMatchObject({ responsibleOrganizationId: mitte, stability: null })
  expect((await act(anton, handover.id, 'return', returning)).body.code).toBe('handover_not_open')
  expect((await act(nora, handover.id, 'stability', { stability: 'holds' })).body.code).toBe(
    'stability_is_final',
  )
})

test('a closed case is asked nothing more', async () => {
  const handover = await anArrivedHandover()
  const end = { endType: 'planned_regular', outcome: 'improved' }
  done(await (await as(nora)).post(`/v1/cases/${String(handover['caseId'])}/close`, end))
  expect((await act(nora, handover.id, 'stability', { stability: 'broken_off' })).body.code).toBe(
    'case_closed',
  )
  expect((await read(handover.id, nora)).body).toMatchObject({
    stability: null,
    responsibleOrganizationId: wehr,
  })
})

// --- A return is a new request --------------------------------------------------------------------------------

const returning = {
  reason: 'other_help_needed',
  note: 'Rückgabe-Notiz: she would rather go to a day clinic.',
  agreed: true,
}

test('a return makes a contact at the giver, a dated task and a notice; the receiver stays responsible until it is taken up', async () => {
  const handover = await anArrivedHandover()
  const { id } = handover
  const before = await caseOf(handover)
  const returned = done(await act(anton, id, 'return', returning))
  expect(returned.body).toMatchObject({
    box: 'in',
    status: 'arrived',
    returnReason: 'other_help_needed',
    responsibleOrganizationId: wehr,
    takenBackAt: null,
    caseId: null,
    clientId: null,
  })
  expect(returned.body['returnedAt']).not.toBeNull()
  // The view of the person does not end by it.
  expect(returned.text).toContain('Blatt-situation')
  expect(returned.text).not.toContain('Rückgabe-Notiz')
  const contactId = String(returned.body['returnContactId'])

  const { items } = (await (await as(nora)).get('/v1/contacts?box=received')).body
  expect(items.filter((item) => item.id === contactId)).toMatchObject([
    { kind: 'inbound_referral', status: 'registered' },
  ])
  const asked = (await (await as(nora)).get(`/v1/contacts/${contactId}`)).body
  expect(asked['person']).toMatchObject({ name: null, agreement: returning.note })
  const sealed = await sql<{ row: string }>(
    `select row_to_json(c)::text || row_to_json(p)::text || row_to_json(h)::text as row from contacts c
     join contact_people p on p.id = c.id join handovers h on h.return_contact_id = c.id where c.id = $1`,
    [contactId],
  )
  expect(sealed).toHaveLength(1)
  expect(sealed[0]!.row).not.toContain('Rückgabe-Notiz')
  for (const stranger of [mira, agnes, otto])
    expect((await (await as(stranger)).get(`/v1/contacts/${contactId}`)).status, stranger.key).toBe(404)

  expect(await tasksOf(handover)).toMatchObject([{ kind: 'take_back', originId: id }])
  expect(((await tasksOf(handover))[0]!['dueOn'] as string) > inDays(0)).toBe(true)
  expect((await told(id)).at(-1)).toEqual({
    kind: 'handover_returned',
    organization: null,
    lead: handover['caseId'],
  })
  expect(await caseOf(handover)).toMatchObject({
    leadMembershipId: nora.membershipId,
    nextStepOn: before['nextStepOn'],
  })
  expect((await act(anton, id, 'return', returning)).body.code).toBe('handover_returned_already')

  // Taken up into the case that is still open: in that instant the giver is responsible again.
  expect((await read(id, nora)).body['responsibleOrganizationId']).toBe(wehr)
  const takeUp = { caseId: handover['caseId'] }
  done(await (await as(nora)).post(`/v1/contacts/${contactId}/take-up`, takeUp))
  for (const reader of [nora, anton]) {
    const { body } = await read(id, reader)
    expect(body).toMatchObject({ status: 'arrived', responsibleOrganizationId: mitte })
    expect(body['takenBackAt']).not.toBeNull()
  }
  expect((await read(id)).text).toContain('Blatt-situation')
  expect(await tasksOf(handover)).toEqual([])
  expect((await act(anton, id, 'return', returning)).body.code).toBe('handover_not_open')
})

test('taking up somebody else’s contact takes back nobody', async () => {
  const handover = await anArrivedHandover()
  done(await act(anton, handover.id, 'return', returning))
  const other = await it.aContact({ toOrganizationId: mitte }, anton)
  const given = { nextStep: 'Call', nextStepOn: inDays(1) }
  done(await (await as(nora)).post(`/v1/contacts/${other.id}/take-up`, given))
  expect((await read(handover.id)).body).toMatchObject({ responsibleOrganizationId: wehr, takenBackAt: null })
  expect(await tasksOf(handover)).toMatchObject([{ kind: 'take_back' }])
})

test('a request that the person no longer wants leaves the receiver responsible, who may ask once more', async () => {
  const { id } = await anArrivedHandover()
  const first = String(done(await act(anton, id, 'return', returning)).body['returnContactId'])
  done(await (await as(anton)).post(`/v1/contacts/${first}/decline`, { place: 'Lotsenstelle Mitte' }))
  expect((await read(id)).body['responsibleOrganizationId']).toBe(wehr)
  const again = done(await act(anton, id, 'return', returning)).body
  expect(again['returnContactId']).not.toBe(first)
  expect(again['responsibleOrganizationId']).toBe(wehr)
})

test('a return is agreed with the person, and only the receiver asks for it, after arrival', async () => {
  const { id } = await anArrivedHandover()
  for (const wrong of [
    { ...returning, agreed: false },
    { reason: returning.reason, note: returning.note },
    { ...returning, note: ' ' },
    { ...returning, reason: 'no_capacity' },
  ])
    expect((await act(anton, id, 'return', wrong)).status).toBe(400)
  expect((await act(nora, id, 'return', returning)).body.code).toBe('only_the_recipient')
  for (const stranger of strangers) {
    const answer = await act(stranger, id, 'return', returning)
    expect(answer.status, stranger.key).toBe(404)
  }
  for (const early of [await anOfferedHandover(), await anAcceptedHandover(), await aFailedHandover()])
    expect((await act(anton, early.id, 'return', returning)).body.code).toBe('handover_not_open')
  expect((await read(id, nora)).body).toMatchObject({ returnedAt: null, returnContactId: null })
})

test('under a release that runs one way, or no longer, nobody is returned', async () => {
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId, direction: 'outward' })).id
  const accepted = await anAcceptedHandover({ referral: await anAcceptedReferral({ caseId, releaseId }) })
  done(await act(nora, accepted.id, 'confirm-arrival', { confirmedBy: 'person' }))
  const expired = await anArrivedHandover()
  await sql(`update disclosures set valid_until = now() - interval '1 second' where subject_id = $1`, [
    expired.id,
  ])
  for (const { id } of [accepted, expired]) {
    expect((await act(anton, id, 'return', returning)).body.code).toBe('arrival_is_the_receivers_secret')
    expect((await told(id)).map(({ kind }) => kind)).not.toContain('handover_returned')
  }
})

test('when the giver’s case is closed, the unit itself is told, and the request is there all the same', async () => {
  const handover = await anArrivedHandover()
  const end = { endType: 'planned_regular', outcome: 'improved' }
  done(await (await as(nora)).post(`/v1/cases/${String(handover['caseId'])}/close`, end))
  const { returnContactId } = done(await act(anton, handover.id, 'return', returning)).body
  expect((await told(handover.id)).at(-1)).toEqual({
    kind: 'handover_returned',
    organization: mitte,
    lead: null,
  })
  expect((await tasksOf(handover)).filter(({ kind }) => kind === 'take_back')).toEqual([])
  expect((await read(handover.id, nora)).body['responsibleOrganizationId']).toBe(wehr)
  const given = { nextStep: 'Call', nextStepOn: inDays(1) }
  done(await (await as(nora)).post(`/v1/contacts/${String(returnContactId)}/take-up`, given))
  expect((await read(handover.id, nora)).body['responsibleOrganizationId']).toBe(mitte)
})

test('returned while the help is said to have broken off: one after the other, and the giver is responsible either way', async () => {
  const outcomes = new Set<string>()
  for (const round of [0, 1, 2, 3]) {
    const handover = await anArrivedHandover()
    const acts = [
      () => act(anton, handover.id, 'return', returning),
      () => act(nora, handover.id, 'stability', { stability: 'broken_off' }),
    ]
    const answers = await together(
      { table: 'handovers', id: handover.id },
      round % 2 === 0 ? acts : acts.toReversed(),
    )
    const [returned, broken] = round % 2 === 0 ? answers : answers.toReversed()
    expect(broken!.status).toBe(200)
    expect([200, 409]).toContain(returned!.status)
    const [row] = await sql(
      `select responsible_organization_id = giver_organization_id as giver, returned_at is not null as returned,
         (select count(*)::int from contacts c where c.id = h.return_contact_id) as requests,
         (select count(*)::int from tasks t where t.case_id = h.case_id and t.kind = 'take_back' and t.done_at is null) as settle,
         (select count(*)::int from tasks t where t.case_id = h.case_id and t.kind = 'recontact' and t.done_at is null) as tries,
         c.status, c.lead_membership_id = $2 as led, c.next_step_on is not null as dated
       from handovers h join cases c on c.id = h.case_id where h.id = $1`,
      [handover.id, nora.membershipId],
    )
    const once = returned!.status === 200
    expect(row).toEqual({
      giver: true,
      returned: once,
      requests: once ? 1 : 0,
      settle: once ? 1 : 0,
      tries: 3,
      status: 'open',
      led: true,
      dated: true,
    })
    outcomes.add(String(returned!.status))
  }
  expect(outcomes).toEqual(new Set(['200', '409']))
})

test('taken up while the help is said to hold or to have broken off: nobody waits for ever', async () => {
  for (const stability of ['holds', 'broken_off']) {
    const handover = await anArrivedHandover()
    const { returnContactId } = done(await act(anton, handover.id, 'return', returning)).body
    const answers = await together({ table: 'handovers', id: handover.id }, [
      async () =>
        (await as(nils)).post(`/v1/contacts/${String(returnContactId)}/take-up`, {
          caseId: handover['caseId'],
        }),
      () => act(nora, handover.id, 'stability', { stability }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect((await read(handover.id, nora)).body['responsibleOrganizationId']).toBe(mitte)
  }
})

test('two returns at once make one request', async () => {
  const { id } = await anArrivedHandover()
  const again = () => act(anton, id, 'return', returning)
  const answers = await together({ table: 'handovers', id }, [again, again])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  const rows = await sql(`select from notices where subject_id = $1 and kind = 'handover_returned'`, [id])
  expect(rows).toHaveLength(1)
})

// --- The sheet, on the screen and on paper --------------------------------------------------------------------

const full = {
  situation: 'Blatt-situation: Ende März',
  identity: 'Blatt-identity',
  fallback: 'Blatt-fallback',
  client_view: '  ',
}
const squeezed = (text: string) => text.replace(/\s/g, '')
/** The letters of the sheet itself, without what stands at the foot of every page. */
const withoutFeet = (all: string, id: string, language: 'de' | 'en' | 'da') =>
  all
    .replaceAll(squeezed(purposeNotice.release[language]), '')
    .replaceAll(new RegExp(`StadtLindenau·[^·]+·${id}[A-Za-z]+\\d+/\\d+`, 'g'), '')
const paper = async (by: Member, id: string, language?: string) =>
  (await as(by)).get(`/v1/handovers/${id}/sheet.pdf${language ? `?language=${language}` : ''}`)

test('the sheet says in the reader’s language what is written, in the order of its sections', async () => {
  const { id } = await aPreparedHandover({
    type: 'accompanied',
    accompaniedByMembershipId: nils.membershipId,
    sections: full,
  })
  for (const language of ['de', 'en', 'da'] as const) {
    const { body, text } = await (await as(nora)).get(`/v1/handovers/${id}/sheet`, { language })
    const order = codes('handover_section').filter((section) =>
      ['identity', 'situation', 'fallback'].includes(section),
    )
    expect(body).toMatchObject({
      id,
      language,
      municipality: 'Stadt Lindenau',
      status: 'prepared',
      typeLabel: label('handover_type', 'accompanied', language),
      statusLabel: label('handover_status', 'prepared', language),
      giverOrganizationName: 'Lotsenstelle Mitte',
      responsibleOrganizationName: 'Lotsenstelle Mitte',
      accompaniedByName: nilsName,
      validUntil: null,
      notice: purposeNotice.release[language],
      sections: order.map((section) => ({
        section,
        label: label('handover_section', section, language),
        text: full[section as keyof typeof full],
        facts: [],
      })),
    })
    expect(text).not.toContain('Vogelsang')
  }
  expect((await (await as(anton)).get(`/v1/handovers/${id}/sheet`)).status).toBe(404)
  expect((await paper(anton, id)).status).toBe(404)
})

test('the receiver’s sheet is exactly what was disclosed, and there is none after the withdrawal', async () => {
  const handover = await anOfferedHandover({ sections: full })
  const { id } = handover
  // What is written and what left may differ once somebody could touch the sheet: the disclosure counts.
  await sql(
    `update handover_sheets set sections = sections || '{"background": "Nachträglich"}' where id = $1`,
    [id],
  )
  const { body, text } = await (await as(anton)).get(`/v1/handovers/${id}/sheet`, { language: 'en' })
  expect(body).toMatchObject({
    status: 'offered',
    receiverOrganizationName: 'Suchtberatung Am Wehr',
    responsibleOrganizationName: 'Lotsenstelle Mitte',
    accompaniedByName: null,
    sections: [
      {
        section: 'identity',
        facts: expect.arrayContaining([
          { label: 'Family name', text: 'Vogelsang' },
          { label: 'Date of birth', text: '1990-05-04' },
        ]) as unknown,
      },
      { section: 'situation', text: full.situation },
      { section: 'fallback' },
    ],
  })
  expect(body['validUntil']).not.toBeNull()
  expect(text).not.toContain('Nachträglich')
  const printed = readPdf((await paper(anton, id, 'en')).bytes)
  expect(printed.missing('Family name: Vogelsang', full.situation, 'Nachträglich')).toEqual(['Nachträglich'])

  const { releaseId } = (await (await as(nora)).get(`/v1/referrals/${String(handover['referralId'])}`)).body
  done(await (await as(nora)).post(`/v1/releases/${String(releaseId)}/withdraw`))
  for (const answer of [await (await as(anton)).get(`/v1/handovers/${id}/sheet`), await paper(anton, id)]) {
    expect(answer.status).toBe(404)
    expect(answer.text).not.toMatch(/Blatt-|Vogelsang/)
  }
  // The giver keeps what it wrote.
  expect(readPdf((await paper(nora, id)).bytes).missing(full.fallback)).toEqual([])
})

test('a sheet whose release has run out is gone for the receiver, and strangers never had one', async () => {
  const { id } = await anOfferedHandover()
  for (const stranger of strangers) {
    expect((await (await as(stranger)).get(`/v1/handovers/${id}/sheet`)).status, stranger.key).toBe(404)
    const answer = await paper(stranger, id)
    expect(answer.status, stranger.key).toBe(404)
    expect(answer.text).not.toContain('Blatt-')
  }
  expect((await paper(carla, id)).status).toBe(403)
  expect((await paper(anton, id)).status).toBe(200)
  await sql(`update disclosures set valid_until = now() - interval '1 second' where subject_id = $1`, [id])
  expect((await paper(anton, id)).status).toBe(404)
})

test.each(['de', 'en', 'da'] as const)(
  'the paper in "%s" carries the notice and the municipality on every page, and page numbers',
  async (language) => {
    const long = `${'Sie möchte wieder arbeiten und fragt nach einem Praktikum. '.repeat(60)}Ende-des-Textes`
    const { id } = await anArrivedHandover({ sections: { ...full, background: long } })
    const answer = await paper(nora, id, language)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': 'inline; filename="handover-sheet.pdf"',
      'cache-control': 'no-store',
    })
    const { all, missing, pages, bytes } = readPdf(answer.bytes)
    expect(pages).toBeGreaterThan(1)
    const times = (text: string) => all.split(squeezed(text)).length - 1
    expect(times(purposeNotice.release[language])).toBe(pages)
    const page = { de: 'Seite', en: 'Page', da: 'Side' }[language]
    for (let number = 1; number <= pages; number += 1)
      expect(missing(`${page} ${number}/${pages}`)).toEqual([])
    const title = { de: 'Übergabebogen', en: 'Handover sheet', da: 'Overleveringsark' }[language]
    expect(times(`Stadt Lindenau · ${title} · ${id}`)).toBe(pages)
    const said = ['situation', 'background', 'identity', 'fallback'] as const
    expect(missing(...said.map((section) => label('handover_section', section, language)))).toEqual([])
    expect(withoutFeet(all, id, language)).toContain(squeezed(long))
    expect(
      missing(full.situation, 'Suchtberatung Am Wehr', label('handover_type', 'written', language)),
    ).toEqual([])
    expect(missing(label('handover_section', 'client_view', language))).toHaveLength(1)
    expect(all).not.toMatch(/undefined|null|NaN|\[object/)
    const outside = bytes.toString('latin1').replace(/stream\r?\n[\s\S]*?endstream/g, '')
    expect(outside).not.toMatch(/Kanaria|Vogelsang/)
    expect(outside).toContain(`/Lang (${{ de: 'de-DE', en: 'en-GB', da: 'da-DK' }[language]})`)
    expect(outside).toContain('/Marked true')
    expect((await paper(nora, id, language)).bytes.equals(bytes)).toBe(true)
  },
)

test('the paper is in the language of the reader unless another is asked for', async () => {
  const { id } = await anOfferedHandover()
  const danish = await (await as(nora)).get(`/v1/handovers/${id}/sheet.pdf`, { language: 'da' })
  expect(readPdf(danish.bytes).missing('Overleveringsark')).toEqual([])
  expect((await paper(nora, id, 'fr')).status).toBe(400)
})

test.each([
  ['without a space', 'W'.repeat(3900)],
  ['of many short lines', 'Zeile\n'.repeat(660)],
  ['of short words', 'ab '.repeat(1300)],
  ['of signs that the font has not', '🙂'.repeat(1990)],
])('a text %s stays on the paper to its last letter', async (_, text) => {
  const { id } = await aPreparedHandover({ sections: { situation: `${text}Schluss`, fallback: 'Danach' } })
  const { pages, all, missing } = readPdf((await paper(nora, id, 'de')).bytes)
  expect(missing(`Seite ${pages}/${pages}`, purposeNotice.release.de)).toEqual([])
  const letters = squeezed(text).replace(/🙂/gu, '')
  const fallback = squeezed(label('handover_section', 'fallback', 'de'))
  expect(withoutFeet(all, id, 'de').endsWith(`${letters}Schluss${fallback}Danach`)).toBe(true)
  // Somebody's 660 lines are a dozen pages, and nobody's text is a hundred.
  expect(pages).toBeLessThan(20)
})

test('the paper about somebody anonymous carries their own notice', async () => {
  const { id: caseId } = await aCase()
  const sent = await aSentReferral({ caseId, releaseId: null, categories: [] })
  done(await (await as(anton)).post(`/v1/referrals/${sent.id}/accept`))
  const { id } = await anOfferedHandover({ referral: sent, sections: { situation: 'Wolke' } })
  for (const by of [nora, anton])
    expect(readPdf((await paper(by, id, 'en')).bytes).missing(purposeNotice.anonymous.en)).toEqual([])
})
