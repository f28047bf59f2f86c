// Does exactly what was released leave, does the sender always learn the answer, and does nobody else see a thing?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import {
  ada,
  agnes,
  anton,
  carla,
  dora,
  hanna,
  jule,
  mira,
  nils,
  nora,
  offers,
  olaf,
  organizations,
  otto,
  paul,
  selma,
} from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import type { Body } from '../support/http.ts'
import { allCanaries, canariesOf, canary, way } from '../support/way.ts'

const { as, aCase, aClient, sql, signIn } = await lotse()
const {
  aDraftReferral,
  aFinishedClearing,
  aKnownCase,
  anAcceptedReferral,
  anOfferedHandover,
  anArrivedHandover,
  aRelease,
  aSentReferral,
} = way(as)

const read = async (id: string, by = anton) => (await as(by)).get(`/v1/referrals/${id}`)
const send = async (id: string, by = nora) => (await as(by)).post(`/v1/referrals/${id}/send`)
const names = ['Vogelsang', 'Kanaria', '1990-05-04', 'Käfiggasse', '0555 010203']

// --- What may leave -------------------------------------------------------------------------------------------

test('what is not released does not leave: 409 names what is missing, and nothing is stripped silently', async () => {
  const caseId = (await aKnownCase()).id
  await aFinishedClearing({ caseId })
  const releaseId = (await aRelease({ caseId, categories: ['substance_use'] })).id
  const { id } = await aDraftReferral({
    caseId,
    releaseId,
    categories: ['substance_use', 'health_mental', 'identity_contact'],
  })
  const refused = await send(id)
  expect(refused).toMatchObject({
    status: 409,
    body: {
      code: 'not_released',
      missingCategories: ['health_mental', 'identity_contact', 'clearing_summary'],
    },
  })
  expect((await read(id)).status).toBe(404)
  expect((await read(id, nora)).body).toMatchObject({ status: 'draft', sentAt: null })
  expect((await (await as(nora)).get(`/v1/cases/${caseId}/disclosures`)).body.items).toEqual([])

  done(await (await as(nora)).edit(`/v1/referrals/${id}`, { categories: ['substance_use'], situation: '' }))
  expect((await send(id)).status).toBe(200)
})

test('free text is part of the clearing summary and needs it released', async () => {
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId, categories: ['substance_use'] })).id
  const { id } = await aDraftReferral({ caseId, releaseId, categories: ['substance_use'] })
  expect((await send(id)).body).toMatchObject({ missingCategories: ['clearing_summary'] })
})

const cuts: string[][] = [
  ['substance_use'],
  ['housing_finance', 'legal_matters'],
  ['health_somatic', 'existing_help', 'existence_of_contact'],
  ['identity_contact'],
  [],
]
for (const categories of cuts)
  test(`of a clearing exactly [${categories.join(', ')}] leaves`, async () => {
    const caseId = (await aKnownCase()).id
    await aFinishedClearing({ caseId })
    // More is released than is used: what is not asked for does not leave either.
    const released = ['violence_safety', 'health_mental', 'existence_of_contact', ...categories]
    const releaseId = (await aRelease({ caseId, categories: [...new Set(released)] })).id
    const { id } = await aSentReferral({ caseId, releaseId, categories, situation: '' })
    const { body, text } = await read(id)
    const { parts } = body['disclosed'] as { parts: { category: string }[] }
    expect([...new Set(parts.map(({ category }) => category))].toSorted()).toEqual(categories.toSorted())

    const leaving = categories.flatMap(canariesOf)
    for (const word of leaving) expect(text).toContain(word)
    for (const word of allCanaries.filter((word) => !leaving.includes(word))) expect(text).not.toContain(word)
    for (const name of names) {
      if (categories.includes('identity_contact')) expect(text).toContain(name)
      else expect(text).not.toContain(name)
    }
  })

test('a draft clearing does not leave, and the last finished one does', async () => {
  const caseId = (await aKnownCase()).id
  await aFinishedClearing({ caseId })
  const client = await as(nora)
  const second = done(await client.post(`/v1/cases/${caseId}/clearings`)).body
  const note = 'unfinished thoughts'
  done(await client.edit(`/v1/clearings/${second.id}`, { ratings: { substance_use: { need: 'n1', note } } }))
  const { id } = await aSentReferral({ caseId })
  const { text } = await read(id)
  expect(text).toContain(canary('substance_use'))
  expect(text).not.toContain(note)
})

test('each disclosure carries for what it may be used, in the reader’s language', async () => {
  const { id } = await aSentReferral()
  const notice = async (language: string) =>
    (
      (await (await as(anton)).get(`/v1/referrals/${id}`, { language })).body['disclosed'] as {
        notice: string
      }
    ).notice
  const [german, english, danish] = [await notice('de'), await notice('en'), await notice('da')]
  expect(new Set([german, english, danish]).size).toBe(3)
  expect(german).toContain('nur für den dort genannten Zweck')
})

test('what leaves is entered in the ledger and in the trail with its basis', async () => {
  const { id, caseId, releaseId } = await aSentReferral()
  const ledger = (await (await as(nora)).get(`/v1/cases/${String(caseId)}/disclosures`)).body.items
  expect(ledger).toMatchObject([
    {
      subjectId: id,
      basis: 'release',
      releaseId,
      purpose: 'referral',
      recipientOrganizationId: organizations.wehr,
      madeByUserId: nora.userId,
      categories: ['identity_contact', 'substance_use', 'clearing_summary'],
      ended: false,
    },
  ])
  const [audited] = await sql(
    `select basis from audit_events where action = 'referrals.send' and $1::uuid = any (object_ids)`,
    [id],
  )
  expect(audited).toEqual({ basis: 'release' })
})

test('a release to somebody else, or of another case, carries no referral', async () => {
  const caseId = (await aKnownCase()).id
  const elsewhere = (await aRelease({ caseId, to: 'birkenhof' })).id
  const another = (await aRelease()).id
  const draft = await aDraftReferral({ caseId, releaseId: elsewhere })
  expect((await send(draft.id)).body).toMatchObject({ code: 'not_released' })
  done(await (await as(nora)).edit(`/v1/referrals/${draft.id}`, { releaseId: another }))
  expect((await send(draft.id)).body).toMatchObject({ code: 'not_released' })
  const purpose = await aRelease({ caseId, purpose: 'case_conference' })
  done(await (await as(nora)).edit(`/v1/referrals/${draft.id}`, { releaseId: purpose.id }))
  expect((await send(draft.id)).body).toMatchObject({ code: 'not_released' })
})

test('somebody anonymous is referred without a release, and without anything that identifies', async () => {
  const { id: caseId } = await aCase()
  await aFinishedClearing({ caseId })
  const identifying = await aDraftReferral({
    caseId,
    releaseId: null,
    categories: ['identity_contact', 'substance_use'],
  })
  expect((await send(identifying.id)).body).toMatchObject({
    code: 'identifying_category',
    missingCategories: ['identity_contact'],
  })
  done(await (await as(nora)).edit(`/v1/referrals/${identifying.id}`, { categories: ['substance_use'] }))
  expect((await send(identifying.id)).body).toMatchObject({
    status: 'sent',
    basis: 'anonymous',
    releaseId: null,
  })
  const { body, text } = await read(identifying.id)
  expect(body['disclosed']).toMatchObject({ basis: 'anonymous' })
  expect(text).toContain(canary('substance_use'))
  for (const word of [...canariesOf('identity_contact'), ...names]) expect(text).not.toContain(word)
})

test('who is known is not referred without a release', async () => {
  for (const given of [
    { identificationLevel: 'pseudonymous', alias: 'Wolke' },
    { identificationLevel: 'identified', identity: { familyName: 'Vogelsang' } },
  ]) {
    const clientId = (await aClient(given)).id
    const { id } = await aDraftReferral({
      caseId: (await aCase({ clientId })).id,
      releaseId: null,
      situation: '',
    })
    expect((await send(id)).body.code).toBe('person_is_not_anonymous')
    expect((await read(id)).status).toBe(404)
  }
})

// --- Who sees it ----------------------------------------------------------------------------------------------

test('a draft is seen by the sending unit only', async () => {
  const { id, caseId } = await aDraftReferral()
  for (const colleague of [nora, nils, hanna]) expect((await read(id, colleague)).status).toBe(200)
  for (const stranger of [anton, agnes, mira, jule, selma, otto, olaf]) {
    expect((await read(id, stranger)).status, stranger.key).toBe(404)
    const inbox = await (await as(stranger)).get('/v1/referrals?box=in')
    expect(inbox.text).not.toContain(id)
  }
  for (const stranger of [carla, paul, ada, dora]) expect((await read(id, stranger)).status).toBe(403)
  for (const verb of ['accept', 'decline'])
    expect(
      (
        await (
          await as(anton)
        ).post(`/v1/referrals/${id}/${verb}`, { ...(verb === 'decline' && { reason: 'language' }) })
      ).status,
    ).toBe(404)
  for (const stranger of [mira, otto])
    expect((await (await as(stranger)).get(`/v1/cases/${String(caseId)}/referrals`)).status).toBe(404)
})

test('what was sent is seen by sender and recipient, and does not exist for anybody else', async () => {
  const { id, caseId } = await aSentReferral()
  expect((await read(id)).text).toContain('Vogelsang')
  for (const stranger of [agnes, mira, jule, selma, otto, olaf]) {
    const answer = await read(id, stranger)
    expect(answer.status, stranger.key).toBe(404)
    expect(answer.text).not.toContain('Vogelsang')
    const accept = await (await as(stranger)).post(`/v1/referrals/${id}/accept`)
    expect(accept.status).toBe(404)
  }
  for (const stranger of [mira, otto]) {
    expect((await send(id, stranger)).status).toBe(404)
    expect((await (await as(stranger)).post(`/v1/referrals/${id}/withdraw`)).status).toBe(404)
    expect((await (await as(stranger)).get(`/v1/cases/${String(caseId)}/disclosures`)).status).toBe(404)
  }
  expect((await (await as(anton)).get(`/v1/cases/${String(caseId)}`)).status).toBe(403)
})

test('the recipient gets no handle on case, person, release or letter', async () => {
  const referral = await aSentReferral()
  const { body, text } = await read(referral.id)
  expect(body).toMatchObject({ box: 'in', caseId: null, clientId: null, releaseId: null, situation: null })
  for (const id of ['caseId', 'clientId', 'releaseId'] as const)
    expect(text).not.toContain(String(referral[id]))
  const accepted = await (await as(anton)).post(`/v1/referrals/${referral.id}/accept`)
  const listed = await (await as(anton)).get('/v1/referrals?box=in')
  for (const answer of [accepted, listed])
    for (const id of ['caseId', 'clientId', 'releaseId'] as const)
      expect(answer.text).not.toContain(String(referral[id]))
  // A list names nobody.
  for (const name of names) expect(listed.text).not.toContain(name)
  expect((await read(referral.id, nora)).body).toMatchObject({
    box: 'out',
    situation: 'Brief-situation',
    disclosed: null,
  })
})

test('"seen" is set once, when a person of the recipient opens it: not by the sender, not by a list', async () => {
  const { id } = await aSentReferral()
  await read(id, nora)
  await (await as(anton)).get('/v1/referrals?box=in')
  expect((await read(id, nora)).body['seenAt']).toBeNull()
  const first = (await read(id)).body['seenAt']
  expect(first).not.toBeNull()
  await (await signIn(anton)).client.get(`/v1/referrals/${id}`)
  expect((await read(id, nora)).body['seenAt']).toBe(first)
})

// --- The answer -----------------------------------------------------------------------------------------------

test('the sender sees who accepted and when; the person has not arrived by that', async () => {
  const { id } = await aSentReferral()
  const answer = await (await as(anton)).post(`/v1/referrals/${id}/accept`)
  expect(answer).toMatchObject({ status: 200, body: { status: 'accepted', box: 'in' } })
  expect(answer.text).toContain('Vogelsang')
  const told = (await read(id, nora)).body
  expect(told).toMatchObject({
    status: 'accepted',
    answeredByName: anton.name,
    endedAt: null,
    declineReason: null,
  })
  for (const verb of ['accept', 'decline'])
    expect(
      (
        await (
          await as(anton)
        ).post(`/v1/referrals/${id}/${verb}`, { ...(verb === 'decline' && { reason: 'language' }) })
      ).body.code,
    ).toBe('referral_not_open')
})

test('declining names reason and side; the recipient’s view of the person ends, the thread stays', async () => {
  const { id, caseId } = await aSentReferral()
  const answer = await (await as(anton)).post(`/v1/referrals/${id}/decline`, { reason: 'funding_missing' })
  expect(answer).toMatchObject({ status: 200, body: { status: 'declined', disclosed: null } })
  expect((await read(id, nora)).body).toMatchObject({
    status: 'declined',
    declineReason: 'funding_missing',
    declineSide: 'funder',
    declineNote: null,
    answeredByName: anton.name,
  })
  const thread = await read(id)
  expect(thread).toMatchObject({ status: 200, body: { status: 'declined', disclosed: null } })
  for (const word of ['Vogelsang', 'Brief-situation']) {
    expect(answer.text).not.toContain(word)
    expect(thread.text).not.toContain(word)
  }
  const ledger = (await (await as(nora)).get(`/v1/cases/${String(caseId)}/disclosures`)).body.items
  expect(ledger).toMatchObject([{ subjectId: id, ended: true }])
})

test('"other" needs a sentence, and the recipient may know better on which side the reason lies', async () => {
  const { id } = await aSentReferral()
  const decline = async (body: object) => (await as(anton)).post(`/v1/referrals/${id}/decline`, body)
  expect(await decline({ reason: 'other' })).toMatchObject({
    status: 409,
    body: { code: 'decline_needs_a_sentence', errors: [{ pointer: '/note' }] },
  })
  expect((await decline({ reason: 'no_idea' })).status).toBe(400)
  expect((await read(id, nora)).body.status).toBe('sent')
  const told = await decline({ reason: 'other', side: 'system', note: 'Nobody is in charge' })
  expect(told.body).toMatchObject({ declineSide: 'system', declineNote: 'Nobody is in charge' })
})

test('each side speaks for itself only', async () => {
  const { id } = await aSentReferral({ to: 'nord' })
  for (const verb of ['accept', 'decline']) {
    const answer = await (
      await as(nora)
    ).post(`/v1/referrals/${id}/${verb}`, { ...(verb === 'decline' && { reason: 'language' }) })
    expect(answer).toMatchObject({ status: 409, body: { code: 'only_the_recipient' } })
  }
  for (const verb of ['send', 'withdraw'])
    expect((await (await as(mira)).post(`/v1/referrals/${id}/${verb}`)).body.code).toBe('only_the_sender')
  const change = await (await as(mira)).edit(`/v1/referrals/${id}`, { urgency: 'urgent' })
  expect(change.body.code).toBe('only_the_sender')
  expect((await (await as(anton)).post(`/v1/referrals/${id}/send`)).status).toBe(403)
  expect((await (await as(mira)).post(`/v1/referrals/${id}/accept`)).status).toBe(200)
})

test('self-help answers on an equal footing', async () => {
  const { id } = await aSentReferral({ to: 'aufbruch' })
  expect((await read(id, selma)).text).toContain('Vogelsang')
  expect((await (await as(selma)).post(`/v1/referrals/${id}/accept`)).status).toBe(200)
  expect((await read(id, anton)).status).toBe(404)
})

test('withdrawing ends the view of the recipient and an open handover; the thread stays', async () => {
  const handover = await anOfferedHandover()
  const id = String(handover['referralId'])
  expect((await (await as(anton)).get(`/v1/handovers/${handover.id}`)).text).toContain('Blatt-background')
  const answer = await (await as(nora)).post(`/v1/referrals/${id}/withdraw`, { by: 'person' })
  expect(answer).toMatchObject({ status: 200, body: { status: 'withdrawn', withdrawnBy: 'person' } })
  const told = await (await as(anton)).get(`/v1/handovers/${handover.id}`)
  expect(told.body).toMatchObject({
    status: 'cancelled',
    cancellation: 'referral_withdrawn',
    disclosed: null,
  })
  const thread = await read(id)
  expect(thread.body).toMatchObject({ status: 'withdrawn', disclosed: null })
  for (const word of [...names, 'Blatt-', 'Brief-']) {
    expect(told.text).not.toContain(word)
    expect(thread.text).not.toContain(word)
  }
  expect((await (await as(nora)).post(`/v1/referrals/${id}/withdraw`)).body.code).toBe('referral_not_open')
})

test('a withdrawn draft was never there for anybody else', async () => {
  const { id } = await aDraftReferral()
  done(await (await as(nora)).post(`/v1/referrals/${id}/withdraw`))
  expect((await read(id)).status).toBe(404)
  expect((await (await as(anton)).get('/v1/referrals?box=in')).text).not.toContain(id)
  expect((await send(id)).body.code).toBe('referral_not_draft')
})

test('withdrawing a referral after arrival leaves what arrived with the receiver', async () => {
  const handover = await anArrivedHandover()
  done(await (await as(nora)).post(`/v1/referrals/${String(handover['referralId'])}/withdraw`))
  const after = (await (await as(anton)).get(`/v1/handovers/${handover.id}`)).body
  expect(after).toMatchObject({ status: 'arrived', responsibleOrganizationId: organizations.wehr })
  expect((await read(String(handover['referralId']))).body['disclosed']).toBeNull()
})

// --- Drafts, repetitions, snapshots ---------------------------------------------------------------------------

test('once it is sent, a referral is no longer edited nor sent again', async () => {
  const { id } = await aSentReferral()
  const client = await as(nora)
  expect((await client.edit(`/v1/referrals/${id}`, { situation: 'later words' })).body.code).toBe(
    'referral_not_draft',
  )
  expect((await send(id)).body.code).toBe('referral_not_draft')
  expect((await read(id)).text).not.toContain('later words')
})

test('the same person is referred a second time, but not twice at once to the same offer', async () => {
  const caseId = (await aKnownCase()).id
  const first = await aSentReferral({ caseId })
  const twice = await (await as(nora)).post(`/v1/cases/${caseId}/referrals`, { offerId: offers.wehr })
  expect(twice).toMatchObject({ status: 409, body: { code: 'already_exists' } })
  expect((await aSentReferral({ caseId, to: 'birkenhof' })).status).toBe('sent')
  done(await (await as(anton)).post(`/v1/referrals/${first.id}/decline`, { reason: 'no_capacity' }))
  const second = await aSentReferral({ caseId, releaseId: first['releaseId'] })
  expect((await read(second.id)).text).toContain('Vogelsang')
  // The first view stays ended.
  expect((await read(first.id)).body['disclosed']).toBeNull()
})

test('that somebody was referred to an offer already is not told to another unit', async () => {
  await aSentReferral()
  const theirs = await way(as, mira).aSentReferral()
  expect(theirs.status).toBe('sent')
  expect((await read(theirs.id, nora)).status).toBe(404)
})

test('nobody is referred to an offer that is closed, their own, or elsewhere', async () => {
  const { id } = await aKnownCase()
  const draft = async (offerId: string) => (await as(nora)).post(`/v1/cases/${id}/referrals`, { offerId })
  expect((await draft(offers.mitte)).body.code).toBe('offer_of_the_own_unit')
  for (const foreign of [offers.ostberatung, '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'])
    expect(await draft(foreign)).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: '/offerId' }] },
    })
  const organizationId = organizations.birkenhof
  const closed = done(
    await (await as(carla)).post('/v1/offers', { organizationId, type: 'day_treatment', name: 'Zu' }),
  ).body
  done(await (await as(carla)).edit(`/v1/offers/${closed.id}`, { active: false }))
  expect((await draft(closed.id)).body.code).toBe('offer_not_active')
})

test('a closed case refers to nobody', async () => {
  const { id } = await aKnownCase()
  const draft = await aDraftReferral({ caseId: id })
  const client = await as(nora)
  done(await client.post(`/v1/cases/${id}/close`, { endType: 'planned_regular', outcome: 'improved' }))
  expect((await client.post(`/v1/cases/${id}/referrals`, { offerId: offers.wehr })).body.code).toBe(
    'case_closed',
  )
  expect((await read(draft.id, nora)).body).toMatchObject({ status: 'withdrawn', withdrawnBy: 'case_closed' })
})

test('names are kept as they were: renaming an offer or an organisation changes no report', async () => {
  const keeper = await as(carla)
  const organization = done(
    await keeper.post('/v1/organizations', {
      kind: 'service_provider',
      sector: 'addiction',
      name: 'Haus Alt',
    }),
  ).body
  const offer = done(
    await keeper.post('/v1/offers', {
      organizationId: organization.id,
      type: 'addiction_counselling',
      name: 'Gruppe Alt',
    }),
  ).body
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId, recipientOrganizationId: organization.id })).id
  const { id } = await aSentReferral({ caseId, releaseId, offerId: offer.id })
  done(await keeper.edit(`/v1/offers/${offer.id}`, { name: 'Gruppe Neu' }))
  done(await keeper.edit(`/v1/organizations/${organization.id}`, { name: 'Haus Neu' }))
  const { body, text } = await read(id, nora)
  expect(body).toMatchObject({
    offerName: 'Gruppe Alt',
    recipientOrganizationName: 'Haus Alt',
    senderOrganizationName: 'Lotsenstelle Mitte',
    senderName: nora.name,
  })
  expect(text).not.toContain('Neu')
})

// --- Boxes and deadlines --------------------------------------------------------------------------------------

test('an answer is due after seven days, and is overdue the day after: until somebody answers', async () => {
  const { id, answerDueOn, overdue } = await aSentReferral()
  expect({ answerDueOn, overdue }).toEqual({ answerDueOn: inDays(7), overdue: false })
  const due = (days: number) =>
    sql('update referrals set answer_due_on = $2 where id = $1', [id, inDays(days)])
  await due(0)
  expect((await read(id, nora)).body['overdue']).toBe(false)
  await due(-1)
  for (const reader of [nora, anton]) {
    expect((await read(id, reader)).body['overdue']).toBe(true)
    const box = reader === nora ? 'out' : 'in'
    const { items } = (await (await as(reader)).get(`/v1/referrals?box=${box}&limit=200`)).body
    expect(items.find((item) => item.id === id)).toMatchObject({ overdue: true })
  }
  done(await (await as(anton)).post(`/v1/referrals/${id}/accept`))
  expect((await read(id, nora)).body['overdue']).toBe(false)
})

test('inbox and outbox are read page by page, the newest first, without loss or repetition', async () => {
  const caseId = (await aKnownCase()).id
  const sent: string[] = []
  for (const to of ['jugendamt', 'birkenhof', 'wehr'] as const)
    sent.push((await aSentReferral({ caseId, to })).id)
  const again = [await aSentReferral({ to: 'jugendamt' }), await aSentReferral({ to: 'jugendamt' })].map(
    ({ id }) => id,
  )

  const all = async (by: typeof nora, path: string) => {
    const items: Body[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: { body: Body } = done(
        await (await as(by)).get(`${path}&limit=2${cursor && `&cursor=${cursor}`}`),
      )
      expect(page.body.items.length).toBeLessThanOrEqual(2)
      items.push(...page.body.items)
      cursor = page.body.nextCursor
    }
    return items.map(({ id }) => id)
  }
  expect(await all(jule, '/v1/referrals?box=in')).toEqual([again[1], again[0], sent[0]])
  const outbox = await all(nora, '/v1/referrals?box=out')
  expect(outbox.slice(0, 5)).toEqual([...again.toReversed(), ...sent.toReversed()])
  expect(new Set(outbox).size).toBe(outbox.length)
  // A navigator's inbox holds what was sent to the unit, not what it sent.
  expect(await all(nora, '/v1/referrals?box=in')).toEqual([])
  expect(await all(otto, '/v1/referrals?box=out')).toEqual([])
  expect(await all(jule, '/v1/referrals?box=in&status=accepted')).toEqual([])

  const ofCase = (await (await as(nora)).get(`/v1/cases/${caseId}/referrals`)).body.items.map(({ id }) => id)
  expect(ofCase).toEqual(sent.toReversed())
})

test('sending moves the case on to linking, an answer leaves its next step alone', async () => {
  const { caseId } = await anAcceptedReferral()
  const { body } = await (await as(nora)).get(`/v1/cases/${String(caseId)}`)
  expect(body).toMatchObject({
    phase: 'linking',
    status: 'open',
    nextStep: 'Call back',
    nextStepOn: inDays(3),
  })
})

test('an offer that has closed since the draft is not sent to', async () => {
  const referral = await aDraftReferral()
  await sql('update offers set active = false where id = $1', [referral['offerId']])
  const answer = await (await as(nora)).post(`/v1/referrals/${referral.id}/send`)
  expect(answer).toMatchObject({ status: 409, body: { code: 'offer_not_active' } })
  expect(await sql('select from disclosures where subject_id = $1', [referral.id])).toEqual([])
  await sql('update offers set active = true where id = $1', [referral['offerId']])
})
