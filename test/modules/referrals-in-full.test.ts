// Does a referral find its way when there is no place today, when somebody else is right, and when it has questions?
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import {
  ada,
  agnes,
  anton,
  carla,
  dora,
  jule,
  mira,
  mona,
  nils,
  nora,
  offers,
  olaf,
  organizations,
  otto,
  selma,
} from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import type { Body } from '../support/http.ts'
import { contextOf } from '../support/sql.ts'
import { way } from '../support/way.ts'
import { inbox } from '../../src/modules/referrals/queries.ts'
import { roundTrips } from '../../src/platform/batch.ts'
import { workingDaysAfter } from '../../src/modules/deadlines/index.ts'

const { as, aCase, aKnownClient, sql, urls } = await lotse()
const {
  aDraftReferral,
  aFailedHandover,
  aKnownCase,
  anAcceptedReferral,
  anArrivedHandover,
  anOfferedHandover,
  aRelease,
  aSentReferral,
} = way(as)

type Asking = typeof anton
const at = (id: unknown, verb = '') => `/v1/referrals/${String(id)}${verb && `/${verb}`}`
const read = async (id: unknown, by: Asking = anton) => (await as(by)).get(at(id))
const act = async (by: Asking, id: unknown, verb: string, body?: unknown) =>
  (await as(by)).post(at(id, verb), body)
const strangers = [agnes, mira, jule, selma, otto, olaf]

const clocks = (subject: unknown) =>
  sql(
    `select kind, organization_id, due_on::text as due, stopped_by from deadlines where subject_id = $1
     order by created_at, kind, stopped_at nulls last`,
    [subject],
  )
/** Who has been told of it since the last time this was asked. */
async function told(subject: unknown) {
  const rows = await sql<{ kind: string; audience: string; whom: string }>(
    `delete from notices where subject_id = $1
     returning kind, audience, coalesce(to_organization_id, case_id) as whom`,
    [subject],
  )
  return rows.map(({ kind, audience, whom }) => `${kind} → ${audience} ${whom}`).toSorted()
}
const toWehr = (kind: string) => `${kind} → organization ${organizations.wehr}`
const toLead = (kind: string, { caseId }: Body) => `${kind} → lead ${String(caseId)}`

// --- The thread -----------------------------------------------------------------------------------------------

test('both sides ask and answer about the way, and each is told; nobody else reads a word', async () => {
  const sent = await aSentReferral()
  await told(sent.id)
  const asked = await act(anton, sent.id, 'messages', { text: 'Is an interpreter needed?' })
  expect(asked).toMatchObject({
    status: 201,
    body: { items: [{ byName: anton.name, fromOrganizationId: organizations.wehr }] },
  })
  expect(await told(sent.id)).toEqual([toLead('referral_message', sent)])
  const answered = await act(nils, sent.id, 'messages', { text: 'No.\nBut a lift.' })
  expect(answered.body.items.map((item) => item['text'])).toEqual([
    'Is an interpreter needed?',
    'No.\nBut a lift.',
  ])
  expect(await told(sent.id)).toEqual([toWehr('referral_message')])

  for (const reader of [nora, anton]) {
    const thread = await (await as(reader)).get(at(sent.id, 'messages'))
    expect(thread.body.items).toHaveLength(2)
    for (const hidden of [sent['caseId'], sent['clientId'], 'Vogelsang'])
      expect(thread.text).not.toContain(String(hidden))
  }
  for (const stranger of strangers) {
    expect((await (await as(stranger)).get(at(sent.id, 'messages'))).status, stranger.key).toBe(404)
    expect((await act(stranger, sent.id, 'messages', { text: 'And?' })).status).toBe(404)
  }
  for (const stranger of [carla, ada, dora])
    expect((await (await as(stranger)).get(at(sent.id, 'messages'))).status).toBe(403)
  const [rows] = await sql('select count(*)::int as n from referral_messages where referral_id = $1', [
    sent.id,
  ])
  expect(rows).toEqual({ n: 2 })
})

test('a text that names the person is refused on both sides, and not kept', async () => {
  const { id } = await aSentReferral()
  for (const by of [nora, anton])
    for (const text of ['Does Kanaria come?', 'frau VOGELSANG fragt', 'Die Akte Vogelsang-Meier']) {
      const refused = await act(by, id, 'messages', { text })
      expect(refused).toMatchObject({
        status: 409,
        body: {
          code: 'thread_names_the_person',
          errors: [{ pointer: '/text', code: 'thread_names_the_person' }],
        },
      })
      expect(refused.text).not.toMatch(/Kanaria|Vogelsang/i)
    }
  expect((await (await as(nora)).get(at(id, 'messages'))).body.items).toEqual([])
  expect((await act(anton, id, 'messages', { text: 'Wo ist die Vogelsanggasse?' })).status).toBe(201)
})

test('whoever was not told the name cannot give it away by being refused', async () => {
  const { id } = await aSentReferral({ categories: ['substance_use'] })
  expect((await act(anton, id, 'messages', { text: 'Is it Vogelsang?' })).status).toBe(201)
  expect((await act(nora, id, 'messages', { text: 'It is Vogelsang' })).status).toBe(409)
})

test('a name that was disclosed with the handover is known to the recipient as well', async () => {
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId })).id
  const referral = await anAcceptedReferral({ caseId, releaseId, categories: ['substance_use'] })
  const write = (text: string) => act(anton, referral.id, 'messages', { text })
  expect((await write('Is it Vogelsang?')).status).toBe(201)
  const sections = { identity: 'As on the card', situation: 'Comes on Tuesday' }
  await anOfferedHandover({ referral, sections })
  expect((await write('Vogelsang may come at ten')).body.code).toBe('thread_names_the_person')
})

test('there is no thread before sending, and none is continued after the end; what was said stays', async () => {
  const draft = await aDraftReferral()
  expect((await act(nora, draft.id, 'messages', { text: 'Hello' })).body.code).toBe('referral_not_open')
  expect((await act(anton, draft.id, 'messages', { text: 'Hello' })).status).toBe(404)
  expect((await (await as(anton)).get(at(draft.id, 'messages'))).status).toBe(404)
  const { id } = await aSentReferral()
  done(await act(anton, id, 'messages', { text: 'Which day?' }))
  done(await act(anton, id, 'decline', { reason: 'no_capacity' }))
  for (const by of [nora, anton]) {
    expect((await (await as(by)).get(at(id, 'messages'))).body.items).toMatchObject([{ text: 'Which day?' }])
    expect((await act(by, id, 'messages', { text: 'Once more' })).body.code).toBe('referral_not_open')
  }
})

test('a message that is sent twice with one key is written once', async () => {
  const { id } = await aSentReferral()
  const client = await as(anton)
  const post = () => client.post(at(id, 'messages'), { text: 'Once?' }, { idempotencyKey: `once-${id}` })
  const [first, second] = [await post(), await post()]
  expect([first.status, second.status]).toEqual([201, 201])
  expect(second.body).toEqual(first.body)
  expect(first.body.items).toHaveLength(1)
})

// --- The waiting list -----------------------------------------------------------------------------------------

test('a place on the waiting list moves, the sender sees both, and a clock runs to the expected day', async () => {
  const sent = await aSentReferral()
  await told(sent.id)
  const waiting = await act(anton, sent.id, 'waitlist', { position: 4, expectedOn: inDays(30) })
  expect(waiting).toMatchObject({
    status: 200,
    body: { status: 'waitlisted', waitlistPosition: 4, expectedOn: inDays(30), endedAt: null },
  })
  // Who waits is still looked after: the view goes on.
  expect(waiting.text).toContain('Vogelsang')
  expect(await told(sent.id)).toEqual([toLead('referral_answered', sent)])
  expect(await clocks(sent.id)).toEqual([
    {
      kind: 'referral_response',
      organization_id: organizations.wehr,
      due: inDays(7),
      stopped_by: 'answered',
    },
    { kind: 'waitlist_expected', organization_id: organizations.wehr, due: inDays(30), stopped_by: null },
  ])
  done(await act(anton, sent.id, 'waitlist', { position: 1, expectedOn: inDays(3) }))
  expect((await read(sent.id, nora)).body).toMatchObject({
    status: 'waitlisted',
    waitlistPosition: 1,
    expectedOn: inDays(3),
    answeredByName: anton.name,
  })
  expect((await clocks(sent.id)).slice(1)).toMatchObject([
    { kind: 'waitlist_expected', due: inDays(30), stopped_by: 'replaced' },
    { kind: 'waitlist_expected', due: inDays(3), stopped_by: null },
  ])
  done(await act(anton, sent.id, 'accept'))
  expect((await clocks(sent.id)).filter(({ stopped_by: by }) => by === null)).toEqual([])
  expect((await read(sent.id, nora)).body.status).toBe('accepted')
})

test('nobody waits for a day that has passed, and nobody is put on a list by a stranger', async () => {
  const { id } = await aSentReferral()
  const place = { position: 1, expectedOn: inDays(-1) }
  expect(await act(anton, id, 'waitlist', place)).toMatchObject({
    status: 409,
    body: { code: 'expected_in_the_past', errors: [{ pointer: '/expectedOn' }] },
  })
  expect((await act(anton, id, 'waitlist', { position: 1, expectedOn: today() })).status).toBe(200)
  for (const [wrong, value] of [
    ['position', 0],
    ['expectedOn', 'soon'],
  ] as const)
    expect((await act(anton, id, 'waitlist', { ...place, [wrong]: value })).status).toBe(400)
  expect((await act(nora, id, 'waitlist', { position: 9, expectedOn: inDays(9) })).body.code).toBe(
    'only_the_recipient',
  )
  for (const stranger of strangers)
    expect((await act(stranger, id, 'waitlist', { position: 9, expectedOn: inDays(9) })).status).toBe(404)
  expect((await read(id, nora)).body).toMatchObject({ waitlistPosition: 1, expectedOn: today() })
})

test('whoever waits can still be declined or withdrawn, and nothing runs on', async () => {
  for (const [by, verb, body] of [
    [anton, 'decline', { reason: 'no_capacity' }],
    [nora, 'withdraw', undefined],
  ] as const) {
    const { id } = await aSentReferral()
    done(await act(anton, id, 'waitlist', { position: 2, expectedOn: inDays(5) }))
    done(await act(by, id, verb, body))
    expect((await clocks(id)).filter(({ stopped_by: stopped }) => stopped === null)).toEqual([])
    expect((await read(id)).body['disclosed']).toBeNull()
  }
})

// --- The redirect ---------------------------------------------------------------------------------------------

test('a redirect proposes: a draft without release and a dated task stay with the giver, the view of the recipient ends', async () => {
  const sent = await aSentReferral()
  await told(sent.id)
  const proposal = { offerId: offers.birkenhof, note: 'They have a day clinic' }
  const answer = await act(anton, sent.id, 'redirect', proposal)
  expect(answer).toMatchObject({
    status: 200,
    body: { status: 'redirected', redirectOfferId: offers.birkenhof, disclosed: null },
  })
  const thread = await read(sent.id)
  for (const word of ['Vogelsang', 'Brief-situation']) {
    expect(answer.text).not.toContain(word)
    expect(thread.text).not.toContain(word)
  }
  expect(await told(sent.id)).toEqual([toLead('referral_answered', sent)])
  expect(await clocks(sent.id)).toMatchObject([{ kind: 'referral_response', stopped_by: 'answered' }])

  const client = await as(nora)
  const ofCase = (await client.get(`/v1/cases/${String(sent['caseId'])}/referrals`)).body.items
  const draft = ofCase.find(({ id }) => id !== sent.id)!
  expect(ofCase).toHaveLength(2)
  expect(ofCase.find(({ id }) => id === sent.id)).toMatchObject({
    status: 'redirected',
    redirectNote: 'They have a day clinic',
    answeredByName: anton.name,
  })
  expect(draft).toMatchObject({
    status: 'draft',
    basis: 'release',
    offerId: offers.birkenhof,
    recipientOrganizationId: organizations.birkenhof,
    senderOrganizationId: organizations.mitte,
    proposedByReferralId: sent.id,
    clientId: sent['clientId'],
    categories: [],
    sentAt: null,
  })
  expect((await client.get(at(draft.id))).body).toMatchObject({ situation: '', releaseId: null })
  const tasks = (await client.get(`/v1/tasks?caseId=${String(sent['caseId'])}`)).body.items
  expect(tasks).toMatchObject([
    { kind: 'redirect', originId: sent.id, dueOn: workingDaysAfter(today(), 2), doneAt: null },
  ])

  // The receiver never sends on: it meets neither the draft nor its id, and cannot send it.
  expect(answer.text).not.toContain(draft.id)
  expect(thread.text).not.toContain(draft.id)
  for (const stranger of [anton, agnes, mira, otto]) {
    expect((await read(draft.id, stranger)).status, stranger.key).toBe(404)
    expect((await act(stranger, draft.id, 'accept')).status).toBe(404)
  }
  for (const box of ['in', 'out'])
    expect((await (await as(anton)).get(`/v1/referrals?box=${box}`)).text).not.toContain(draft.id)
  expect((await (await as(agnes)).get('/v1/referrals?box=in')).text).not.toContain(draft.id)
})

test('a proposal that is dropped leaves no task either', async () => {
  const sent = await aSentReferral()
  done(await act(anton, sent.id, 'redirect', { offerId: offers.birkenhof }))
  const client = await as(nora)
  const drafts = (await client.get(`/v1/cases/${String(sent['caseId'])}/referrals`)).body.items
  const { id } = drafts.find(({ status }) => status === 'draft')!
  done(await act(nora, id, 'withdraw', {}))
  expect((await client.get(`/v1/tasks?caseId=${String(sent['caseId'])}`)).body.items).toEqual([])
})

test('a refusal gives its reason without naming the person', async () => {
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId, categories: ['identity_contact', 'clearing_summary'] })).id
  const { id } = await aSentReferral({ caseId, releaseId, categories: ['identity_contact'] })
  const seen = (await read(id, anton)).body['disclosed'] as { parts: { facts: { familyName?: string } }[] }
  const familyName = seen.parts.find(({ facts }) => facts.familyName)!.facts.familyName!
  const refused = await act(anton, id, 'decline', { reason: 'other', note: `Not for ${familyName}, sorry` })
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'thread_names_the_person', errors: [{ pointer: '/note' }] },
  })
  expect(refused.text).not.toContain(familyName)
  expect((await read(id, anton)).body['status']).toBe('sent')
  expect((await act(anton, id, 'decline', { reason: 'other', note: 'Not here, sorry' })).status).toBe(200)
})

test('the proposed draft needs a release of its own before anything leaves', async () => {
  const sent = await aSentReferral()
  done(await act(anton, sent.id, 'redirect', { offerId: offers.birkenhof }))
  const caseId = String(sent['caseId'])
  const client = await as(nora)
  const drafts = (await client.get(`/v1/cases/${caseId}/referrals`)).body.items
  const { id } = drafts.find(({ status }) => status === 'draft')!
  expect((await act(nora, id, 'send')).body.code).toBe('not_released')
  // Also not by way of a change that names no release.
  done(await client.edit(at(id), { urgency: 'soon', situation: 'Comes from Am Wehr' }))
  expect((await act(nora, id, 'send')).body.code).toBe('not_released')
  done(await client.edit(at(id), { releaseId: sent['releaseId'] }))
  expect((await act(nora, id, 'send')).body.code).toBe('not_released')
  expect((await read(id, agnes)).status).toBe(404)
  const releaseId = (await aRelease({ caseId, to: 'birkenhof' })).id
  done(await client.edit(at(id), { releaseId }))
  const open = async () => (await client.get(`/v1/tasks?caseId=${caseId}`)).body.items
  expect(await open()).toMatchObject([{ kind: 'redirect', originId: sent.id }])
  expect((await act(nora, id, 'send')).body.status).toBe('sent')
  // Sent, the proposal has been considered: the task is done, by whoever sent it.
  expect(await open()).toEqual([])
  expect(
    await sql('select done_by_user_id as by from tasks where origin_id = $1 and done_at is not null', [
      sent.id,
    ]),
  ).toEqual([{ by: nora.userId }])
  // Whoever receives it does not learn who proposed it.
  expect((await read(id, agnes)).body).toMatchObject({ status: 'sent', proposedByReferralId: null })
  expect((await read(id, agnes)).text).not.toContain(sent.id)
})

test('somebody anonymous stays anonymous in what is proposed', async () => {
  const { id: caseId } = await aCase()
  const { id } = await aSentReferral({
    caseId,
    releaseId: null,
    categories: [],
    situation: 'Asks for a talk',
  })
  done(await act(anton, id, 'redirect', { offerId: offers.aufbruch }))
  const drafts = (await (await as(nora)).get(`/v1/cases/${caseId}/referrals`)).body.items
  const draft = drafts.find(({ status }) => status === 'draft')!
  expect(draft).toMatchObject({ basis: 'anonymous', offerId: offers.aufbruch })
  expect((await act(nora, draft.id, 'send')).body.status).toBe('sent')
})

test('where a referral to that offer is open already, only the task is written, and the recipient does not learn which', async () => {
  const caseId = (await aKnownCase()).id
  const open = await aSentReferral({ caseId, to: 'birkenhof' })
  const sent = await aSentReferral({ caseId })
  const another = await aSentReferral()
  const answers = [
    await act(anton, sent.id, 'redirect', { offerId: offers.birkenhof }),
    await act(anton, another.id, 'redirect', { offerId: offers.birkenhof }),
  ]
  const known = (body: Body) => Object.keys(body).filter((field) => body[field] !== null)
  expect(known(answers[0]!.body)).toEqual(known(answers[1]!.body))
  expect(answers[0]!.text).not.toContain(open.id)
  const items = (await (await as(nora)).get(`/v1/cases/${caseId}/referrals`)).body.items
  expect(items.map(({ status }) => status).toSorted()).toEqual(['redirected', 'sent'])
  const tasks = (await (await as(nora)).get(`/v1/tasks?caseId=${caseId}`)).body.items
  expect(tasks).toMatchObject([{ kind: 'redirect', originId: sent.id }])
  const [letters] = await sql('select count(*)::int as n from referral_letters where case_id = $1', [caseId])
  expect(letters).toEqual({ n: 2 })
})

test('what is proposed is an active offer of a third organisation, and its note names nobody', async () => {
  const { id } = await aSentReferral()
  const offer = async (organizationId: string, active = true) => {
    const given = { organizationId, type: 'other', name: `Angebot ${randomUUID()}` }
    const made = done(await (await as(ada)).post('/v1/offers', given)).body
    if (!active) done(await (await as(ada)).edit(`/v1/offers/${made.id}`, { active }))
    return made.id
  }
  for (const [offerId, code] of [
    [await offer(organizations.birkenhof, false), 'offer_not_active'],
    [offers.wehr, 'redirect_to_a_third_party'],
    [offers.mitte, 'redirect_to_a_third_party'],
  ])
    expect(await act(anton, id, 'redirect', { offerId })).toMatchObject({
      status: 409,
      body: { code, errors: [{ pointer: '/offerId' }] },
    })
  for (const offerId of [offers.ostberatung, randomUUID()])
    expect(await act(anton, id, 'redirect', { offerId })).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: '/offerId' }] },
    })
  const note = 'Vogelsang fits there'
  expect(await act(anton, id, 'redirect', { offerId: offers.birkenhof, note })).toMatchObject({
    status: 409,
    body: { code: 'thread_names_the_person', errors: [{ pointer: '/note' }] },
  })
  expect((await act(nora, id, 'redirect', { offerId: offers.birkenhof })).body.code).toBe(
    'only_the_recipient',
  )
  for (const stranger of strangers)
    expect((await act(stranger, id, 'redirect', { offerId: offers.aufbruch })).status).toBe(404)
  expect((await read(id, nora)).body.status).toBe('sent')
  expect(await sql(`select from referrals where proposed_by_referral_id = $1`, [id])).toEqual([])
})

// --- Who looks after it ---------------------------------------------------------------------------------------

test('a member of the recipient looks after it, a colleague takes over, and both sides see who', async () => {
  const { id } = await aSentReferral({ to: 'nord' })
  expect((await read(id, nora)).body).toMatchObject({ takenByName: null, takenAt: null })
  expect(await act(mira, id, 'take')).toMatchObject({ status: 200, body: { takenByName: mira.name } })
  expect((await read(id, nora)).body).toMatchObject({ takenByName: mira.name, status: 'sent' })
  done(await act(mona, id, 'take'))
  for (const reader of [nora, mira])
    expect((await read(id, reader)).body).toMatchObject({
      takenByName: mona.name,
      takenByMembershipId: mona.membershipId,
    })
  expect((await act(nora, id, 'take')).body.code).toBe('only_the_recipient')
  for (const stranger of [agnes, anton, otto, olaf])
    expect((await act(stranger, id, 'take')).status, stranger.key).toBe(404)
  done(await act(mona, id, 'decline', { reason: 'no_capacity' }))
  expect((await act(mira, id, 'take')).body.code).toBe('referral_not_open')
  expect((await read(id, nora)).body['takenByName']).toBe(mona.name)
})

test('the inbox shows what nobody, oneself or anybody looks after', async () => {
  const [free, mine, hers] = await Promise.all([
    aSentReferral({ to: 'nord' }),
    aSentReferral({ to: 'nord' }),
    aSentReferral({ to: 'nord' }),
  ])
  done(await act(mira, mine.id, 'take'))
  done(await act(mona, hers.id, 'take'))
  const three = [free.id, mine.id, hers.id]
  const seen = async (taken: string, box = 'in', by: Asking = mira) => {
    const { body } = await (
      await as(by)
    ).get(`/v1/referrals?box=${box}${taken && `&taken=${taken}`}&limit=200`)
    return body.items
      .map(({ id }) => three.indexOf(id))
      .filter((place) => place >= 0)
      .toSorted((a, b) => a - b)
  }
  expect(await seen('')).toEqual([0, 1, 2])
  expect(await seen('nobody')).toEqual([0])
  expect(await seen('me')).toEqual([1])
  expect(await seen('me', 'in', mona)).toEqual([2])
  expect(await seen('anybody')).toEqual([1, 2])
  expect(await seen('anybody', 'out', nora)).toEqual([1, 2])
  expect(await seen('nobody', 'in', otto)).toEqual([])
  expect((await (await as(mira)).get('/v1/referrals?box=in&taken=you')).status).toBe(400)
})

test('the inbox is one range of its index, whatever is asked of it: nothing is sorted', async () => {
  await sql(
    `insert into referrals (tenant_id, id, compartment_id, case_id, client_id, offer_id, sender_organization_id,
       recipient_organization_id, status, urgency, basis, categories, sender_organization_name,
       recipient_organization_name, offer_name, created_by_user_id, sent_at, answer_due_on, answered_at, ended_at,
       decline_reason, decline_side)
     select tenant_id, gen_random_uuid(), compartment_id, case_id, client_id, offer_id, sender_organization_id,
       recipient_organization_id, 'declined', urgency, basis, categories, sender_organization_name,
       recipient_organization_name, offer_name, created_by_user_id, now() - n * interval '1 minute', answer_due_on,
       now(), now(), 'no_capacity', 'provider'
     from referrals r, generate_series(1, 4000) n where r.id = $1`,
    [(await aSentReferral()).id],
  )
  await sql('analyze referrals')
  const values = { key: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff', limit: 51 }
  const client = new pg.Client({ connectionString: urls.service })
  await client.connect()
  try {
    const planOf = async (taken: string | null, status: string | null) => {
      await client.query('begin')
      for (const [name, value] of Object.entries(contextOf(anton)))
        await client.query(`select set_config($1, $2, true)`, [`app.${name}`, value])
      // The plan that a named statement gets after a while, without looking at the values.
      await client.query('set local plan_cache_mode = force_generic_plan')
      const name = `inbox_${randomUUID().replaceAll('-', '')}`
      const bound = inbox.bind({ ...values, taken: taken as never, status })
      await client.query(`prepare ${name} as ${inbox.text}`)
      const literals = bound.map((value) => (value === null ? 'null' : `'${String(value)}'`))
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain execute ${name}(${literals.join()})`,
      )
      await client.query('rollback')
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    }
    for (const taken of [null, 'nobody', 'me', 'anybody'])
      for (const status of [null, 'sent']) {
        const plan = await planOf(taken, status)
        const page = plan.slice(plan.indexOf('CTE page'), plan.indexOf('CTE shown'))
        expect(page).toContain('referrals__inbox')
        expect(page).not.toMatch(/Sort|Seq Scan|Bitmap/)
      }
  } finally {
    await client.end()
  }
})

// --- The end --------------------------------------------------------------------------------------------------

const viewOf = async (handover: Body) => ({
  referral: (await read(handover['referralId'])).body['disclosed'],
  handover: (await (await as(anton)).get(`/v1/handovers/${handover.id}`)).body['disclosed'],
})

test('the recipient tells how the help ended, under a release that runs both ways; its view of the person ends with it', async () => {
  const handover = await anArrivedHandover()
  const id = handover['referralId']
  expect((await viewOf(handover)).handover).not.toBeNull()
  await told(id)
  const ended = await act(anton, id, 'conclude', { outcome: 'successful' })
  expect(ended).toMatchObject({ status: 200, body: { status: 'closed_engaged', outcome: 'successful' } })
  expect(ended.text).not.toContain('Vogelsang')
  expect(await viewOf(handover)).toEqual({ referral: null, handover: null })
  expect(await told(id)).toEqual([toLead('referral_answered', handover)])
  expect((await read(id, nora)).body).toMatchObject({
    status: 'closed_engaged',
    outcome: 'successful',
    situation: 'Brief-situation',
  })
  for (const by of [anton, nora])
    expect((await act(by, id, 'conclude', { outcome: 'worse' })).body.code).toBe('referral_not_open')
  expect((await act(nora, id, 'withdraw')).body.code).toBe('referral_not_open')
})

test('without that the outcome is the recipient’s secret, and the giver records it from the person’s word', async () => {
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId, direction: 'outward' })).id
  const referral = await anAcceptedReferral({ caseId, releaseId })
  const { id } = await anOfferedHandover({ referral })
  done(await (await as(anton)).post(`/v1/handovers/${id}/accept`))
  done(await (await as(nora)).post(`/v1/handovers/${id}/confirm-arrival`, { confirmedBy: 'person' }))
  const telling = await act(anton, referral.id, 'conclude', { outcome: 'improved' })
  expect(telling).toMatchObject({ status: 409, body: { code: 'outcome_is_the_recipients_secret' } })
  for (const stranger of strangers)
    expect((await act(stranger, referral.id, 'conclude', { outcome: 'worse' })).status).toBe(404)
  await told(referral.id)
  expect((await act(nora, referral.id, 'conclude', { outcome: 'improved' })).body).toMatchObject({
    status: 'closed_engaged',
    outcome: 'improved',
  })
  expect(await told(referral.id)).toEqual([])
  expect((await read(referral.id)).body['disclosed']).toBeNull()
})

test('nothing ends as engaged that has not begun', async () => {
  const [draft, sent, accepted, failed] = await Promise.all([
    aDraftReferral(),
    aSentReferral(),
    anAcceptedReferral(),
    aFailedHandover(),
  ])
  const declined = await aSentReferral()
  done(await act(anton, declined.id, 'decline', { reason: 'no_capacity' }))
  for (const id of [draft.id, sent.id, accepted.id, failed['referralId'], declined.id]) {
    expect((await act(nora, id, 'conclude', { outcome: 'improved' })).body.code).toBe('referral_not_open')
    expect((await read(id, nora)).body['outcome']).toBeNull()
  }
  expect((await act(anton, sent.id, 'conclude', { outcome: 'fine' })).status).toBe(400)
})

test('whoever did not come can be withdrawn, with the three tries to reach them left to the giver', async () => {
  const handover = await aFailedHandover()
  const id = handover['referralId']
  expect((await read(id, nora)).body.status).toBe('not_started')
  expect((await act(nora, id, 'withdraw', { by: 'person' })).body).toMatchObject({
    status: 'withdrawn',
    withdrawnBy: 'person',
  })
  const [tasks] = await sql(
    `select count(*)::int as n from tasks where case_id = $1 and kind = 'recontact' and done_at is null`,
    [handover['caseId']],
  )
  expect(tasks).toEqual({ n: 3 })
  expect((await read(id)).body['disclosed']).toBeNull()
})

test('a referral ends only as engaged, declined, redirected, withdrawn or not started, and each of these says why', async () => {
  const rows = await sql(
    `select distinct status from referrals where ended_at is not null
       or status not in ('draft', 'sent', 'waitlisted', 'accepted', 'started', 'not_started') order by 1`,
  )
  expect(rows.map(({ status }) => status)).toEqual(['closed_engaged', 'declined', 'redirected', 'withdrawn'])
  const [without] = await sql(
    `select count(*)::int as n from referrals where
       (status = 'declined' and decline_reason is null) or (status = 'redirected' and redirect_offer_id is null)
       or (status = 'withdrawn' and withdrawn_by is null) or (status = 'closed_engaged' and outcome is null)
       or (ended_at is null and status in ('declined', 'redirected', 'withdrawn', 'closed_engaged'))`,
  )
  expect(without).toEqual({ n: 0 })
})

test('closing a case withdraws what is still on its way and leaves alone what has begun', async () => {
  const caseId = (await aKnownCase()).id
  const started = await anArrivedHandover({ caseId })
  const sent = await aSentReferral({ caseId, to: 'birkenhof' })
  done(await act(agnes, sent.id, 'waitlist', { position: 1, expectedOn: inDays(9) }))
  const draft = await aDraftReferral({ caseId, to: 'aufbruch' })
  await told(sent.id)
  const closing = { endType: 'planned_regular', outcome: 'improved' }
  done(await (await as(nora)).post(`/v1/cases/${caseId}/close`, closing))
  expect((await read(sent.id, nora)).body).toMatchObject({
    status: 'withdrawn',
    withdrawnBy: 'case_closed',
  })
  expect((await read(sent.id, agnes)).body['disclosed']).toBeNull()
  expect(await told(sent.id)).toEqual([`referral_withdrawn → organization ${organizations.birkenhof}`])
  expect(await told(draft.id)).toEqual([])
  expect((await clocks(sent.id)).filter(({ stopped_by: by }) => by === null)).toEqual([])
  // The help goes on without us; how it ended can still be told.
  expect((await read(started['referralId'], nora)).body.status).toBe('started')
  expect((await act(anton, started['referralId'], 'conclude', { outcome: 'improved' })).status).toBe(200)
})

// --- Clocks and tells of what there was before ----------------------------------------------------------------

test('sending starts a clock for the recipient and tells it; every answer stops the clock and tells the lead', async () => {
  for (const [verb, body] of [
    ['accept', undefined],
    ['decline', { reason: 'no_capacity' }],
  ] as const) {
    const draft = await aDraftReferral()
    expect(await clocks(draft.id)).toEqual([])
    expect(await told(draft.id)).toEqual([])
    done(await act(nora, draft.id, 'send'))
    const running = { kind: 'referral_response', organization_id: organizations.wehr, due: inDays(7) }
    expect(await clocks(draft.id)).toEqual([{ ...running, stopped_by: null }])
    expect(await told(draft.id)).toEqual([toWehr('referral_received')])
    done(await act(anton, draft.id, verb, body))
    expect(await clocks(draft.id)).toEqual([{ ...running, stopped_by: 'answered' }])
    expect(await told(draft.id)).toEqual([toLead('referral_answered', draft)])
  }
})

test('whoever received it is told that it was withdrawn, one by one or all that rested on a release; a draft tells nobody', async () => {
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId })).id
  const given = { organizationId: organizations.wehr, type: 'other', name: `Angebot ${randomUUID()}` }
  const other = done(await (await as(ada)).post('/v1/offers', given)).body
  const third = done(await (await as(ada)).post('/v1/offers', { ...given, name: randomUUID() })).body
  const [one, two] = [
    await aSentReferral({ caseId, releaseId }),
    await aSentReferral({ caseId, releaseId, offerId: other.id }),
  ]
  const draft = await aDraftReferral({ caseId, releaseId, offerId: third.id })
  const elsewhere = await aSentReferral()
  for (const { id } of [one, two, elsewhere]) await told(id)
  done(await (await as(nora)).post(`/v1/releases/${releaseId}/withdraw`))
  for (const { id } of [one, two]) {
    expect(await told(id)).toEqual([toWehr('referral_withdrawn')])
    expect(await clocks(id)).toMatchObject([{ kind: 'referral_response', stopped_by: 'withdrawn' }])
  }
  expect(await told(draft.id)).toEqual([])
  expect((await read(draft.id, nora)).body.status).toBe('withdrawn')
  expect(await told(elsewhere.id)).toEqual([])
  expect(await clocks(elsewhere.id)).toMatchObject([{ stopped_by: null }])

  done(await act(nora, elsewhere.id, 'withdraw'))
  expect(await told(elsewhere.id)).toEqual([toWehr('referral_withdrawn')])
  expect(await clocks(elsewhere.id)).toMatchObject([{ stopped_by: 'withdrawn' }])
})

test('whoever is told and whichever clock stops: each answer is two round trips', async () => {
  const taken = await aSentReferral()
  const [declined, redirected, arrived] = await Promise.all([
    aSentReferral(),
    aSentReferral(),
    anArrivedHandover(),
  ])
  const trips = async (id: unknown, verb: string, body?: unknown) => {
    const before = roundTrips.count
    done(await act(anton, id, verb, body))
    return roundTrips.count - before
  }
  expect(await trips(taken.id, 'take')).toBe(2)
  expect(await trips(taken.id, 'messages', { text: 'Which day?' })).toBe(2)
  expect(await trips(taken.id, 'waitlist', { position: 1, expectedOn: inDays(3) })).toBe(2)
  expect(await trips(taken.id, 'accept')).toBe(2)
  expect(await trips(declined.id, 'decline', { reason: 'language' })).toBe(2)
  expect(await trips(redirected.id, 'redirect', { offerId: offers.birkenhof })).toBe(2)
  expect(await trips(arrived['referralId'], 'conclude', { outcome: 'improved' })).toBe(2)
})

test('a notice says what happened, and no word about whom', async () => {
  const { id } = await aSentReferral()
  const [notice] = await sql('select * from notices where subject_id = $1', [id])
  expect(
    Object.entries(notice!)
      .filter(([, value]) => value !== null)
      .map(([field]) => field)
      .toSorted(),
  ).toEqual([
    'audience',
    'created_at',
    'id',
    'kind',
    'subject_id',
    'subject_kind',
    'tenant_id',
    'to_organization_id',
  ])
})

// --- What goes along ends with the view -----------------------------------------------------------------------

/** A document as it lies there after sending; whether the interface puts it there is shown with the attachments. */
async function aDocument(referral: Body) {
  const [made] = await sql<{ id: string }>(
    `insert into attachments (tenant_id, id, compartment_id, case_id, client_id, referral_id,
       recipient_organization_id, category, type, size, wrapped_key, sealed_name, sealed_content, valid_until, created_by_user_id)
     select tenant_id, gen_random_uuid(), compartment_id, case_id, client_id, id, recipient_organization_id,
       'clearing_summary', 'pdf', 1, '', '', '', now() + interval '1 day', created_by_user_id
     from referrals where id = $1 returning id`,
    [referral.id],
  )
  return async () => {
    const [row] = await sql('select valid_until > clock_timestamp() as seen from attachments where id = $1', [
      made!.id,
    ])
    return row!['seen']
  }
}

test('whatever ends the view of a referral ends its documents in the same transaction', async () => {
  const endings: [string, (sent: Body) => Promise<unknown>][] = [
    ['decline', ({ id }) => act(anton, id, 'decline', { reason: 'no_capacity' })],
    ['redirect', ({ id }) => act(anton, id, 'redirect', { offerId: offers.birkenhof })],
    ['withdraw', ({ id }) => act(nora, id, 'withdraw')],
    [
      'withdraw the release',
      async ({ releaseId }) => (await as(nora)).post(`/v1/releases/${String(releaseId)}/withdraw`),
    ],
    [
      'close the case',
      async ({ caseId }) =>
        (await as(nora)).post(`/v1/cases/${String(caseId)}/close`, {
          endType: 'planned_regular',
          outcome: 'improved',
        }),
    ],
  ]
  const untouched = await aDocument(await aSentReferral())
  for (const [name, end] of endings) {
    const sent = await aSentReferral()
    const seen = await aDocument(sent)
    expect(await seen(), name).toBe(true)
    await end(sent)
    expect(await seen(), name).toBe(false)
  }
  const handover = await anArrivedHandover()
  const seen = await aDocument({ id: handover['referralId'] } as Body)
  expect(await seen()).toBe(true)
  done(await act(anton, handover['referralId'], 'conclude', { outcome: 'improved' }))
  expect(await seen()).toBe(false)
  expect(await untouched()).toBe(true)
})

// --- Which youth office ---------------------------------------------------------------------------------------

test('exactly the youth office that is responsible for the residence is referred to, at drafting and at sending', async () => {
  const keeper = await as(ada)
  const office = done(
    await keeper.post('/v1/organizations', {
      kind: 'youth_office',
      sector: 'youth',
      name: 'Jugendamt Heckental',
      residences: ['Heckental', '05999016'],
    }),
  ).body
  const offer = done(
    await keeper.post('/v1/offers', { organizationId: office.id, type: 'other', name: 'Allgemeiner Dienst' }),
  ).body
  done(await keeper.edit(`/v1/organizations/${organizations.jugendamt}`, { residences: ['Hafen'] }))

  const of = async (residence: Record<string, string>) =>
    (await aCase({ clientId: (await aKnownClient(residence)).id })).id
  const draft = async (caseId: string, offerId: string) =>
    (await as(nora)).post(`/v1/cases/${caseId}/referrals`, { offerId })
  const refusal = {
    status: 409,
    body: {
      code: 'another_youth_office_is_responsible',
      responsibleOrganizationId: office.id,
      responsibleOrganizationName: 'Jugendamt Heckental',
    },
  }
  for (const residence of [{ district: 'heckental' }, { ags: '05999016', district: 'Hafen' }]) {
    const answer = await draft(await of(residence), offers.jugendamt)
    if ('ags' in residence) expect(answer.status).toBe(201)
    else {
      expect(answer).toMatchObject(refusal)
      expect(answer.text).not.toMatch(/heckental"|Vogelsang/)
    }
  }
  expect(await draft(await of({ ags: '05999016' }), offers.jugendamt)).toMatchObject(refusal)
  expect((await draft(await of({ district: 'Heckental' }), offer.id)).status).toBe(201)
  // Nobody claims it, or nobody knows it: not refused. And only youth offices are responsible by residence.
  expect((await draft(await of({ district: 'Oberdorf' }), offers.jugendamt)).status).toBe(201)
  expect((await draft(await of({}), offers.jugendamt)).status).toBe(201)
  expect((await draft(await of({ district: 'Heckental' }), offers.wehr)).status).toBe(201)

  // The person moves between drafting and sending.
  const caseId = await of({ district: 'Hafen' })
  const { id } = await aDraftReferral({ caseId, to: 'jugendamt' })
  const { body } = await (await as(nora)).get(`/v1/cases/${caseId}`)
  done(await (await as(nora)).edit(`/v1/clients/${String(body['clientId'])}`, { district: 'Heckental' }))
  expect(await act(nora, id, 'send')).toMatchObject(refusal)
  expect((await read(id, jule)).status).toBe(404)
  // An office that is closed claims nobody.
  done(await keeper.edit(`/v1/organizations/${office.id}`, { active: false }))
  expect((await act(nora, id, 'send')).body.status).toBe('sent')
  done(await keeper.edit(`/v1/organizations/${organizations.jugendamt}`, { residences: [] }))
})

test('a youth office of another municipality is responsible for nobody here', async () => {
  await sql(`update organizations set residences = '{Talweg}' where id = $1`, [organizations.ostjugend])
  const clientId = (await aKnownClient({ district: 'Talweg' })).id
  const { id: caseId } = await aCase({ clientId })
  const drafted = await (await as(nora)).post(`/v1/cases/${caseId}/referrals`, { offerId: offers.jugendamt })
  expect(drafted.status).toBe(201)
  expect(drafted.text).not.toContain(organizations.ostjugend)
})

// --- Several at once, and again ---------------------------------------------------------------------------------

test('a person has several referrals at once, each with its own answer', async () => {
  const caseId = (await aKnownCase()).id
  const [one, two, three] = [
    await aSentReferral({ caseId }),
    await aSentReferral({ caseId, to: 'birkenhof' }),
    await aSentReferral({ caseId, to: 'aufbruch' }),
  ]
  done(await act(anton, one.id, 'accept'))
  done(await act(agnes, two.id, 'decline', { reason: 'language' }))
  done(await act(selma, three.id, 'waitlist', { position: 1, expectedOn: inDays(1) }))
  const items = (await (await as(nora)).get(`/v1/cases/${caseId}/referrals`)).body.items
  expect(items.map(({ status }) => status)).toEqual(['waitlisted', 'declined', 'accepted'])
  expect((await read(one.id)).text).toContain('Vogelsang')
  expect((await read(two.id, agnes)).text).not.toContain('Vogelsang')
  expect((await read(three.id, selma)).text).toContain('Vogelsang')
})

test('after every kind of end the same person is referred to the same offer again', async () => {
  const ends: ((caseId: string) => Promise<unknown>)[] = [
    async (caseId) => act(anton, (await aSentReferral({ caseId })).id, 'decline', { reason: 'no_capacity' }),
    async (caseId) => act(nora, (await aSentReferral({ caseId })).id, 'withdraw'),
    async (caseId) =>
      act(anton, (await aSentReferral({ caseId })).id, 'redirect', { offerId: offers.birkenhof }),
    async (caseId) =>
      act(anton, (await anArrivedHandover({ caseId }))['referralId'], 'conclude', { outcome: 'improved' }),
    async (caseId) => act(nora, (await aFailedHandover({ caseId }))['referralId'], 'withdraw'),
  ]
  for (const end of ends) {
    const caseId = (await aKnownCase()).id
    done((await end(caseId)) as Parameters<typeof done>[0])
    const again = await aSentReferral({ caseId })
    expect((await read(again.id)).text).toContain('Vogelsang')
    expect(
      (await (await as(nora)).post(`/v1/cases/${caseId}/referrals`, { offerId: offers.wehr })).body.code,
    ).toBe('already_exists')
  }
})
