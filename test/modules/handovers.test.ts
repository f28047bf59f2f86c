// Is somebody responsible at every step from one door to the next, and does the receiver see the sheet only as released?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import {
  agnes,
  anton,
  carla,
  dora,
  hanna,
  jule,
  mira,
  nora,
  organizations,
  otto,
  selma,
  type Member,
} from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { sheet, way } from '../support/way.ts'

const { as, aCase, sql } = await lotse()
const {
  aDraftReferral,
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

const read = async (id: string, by = anton) => (await as(by)).get(`/v1/handovers/${id}`)
const act = async (by: Member, id: string, verb: string, body?: unknown) =>
  (await as(by)).post(`/v1/handovers/${id}/${verb}`, body)
const caseOf = async ({ caseId }: { [field: string]: unknown }) =>
  (await (await as(nora)).get(`/v1/cases/${String(caseId)}`)).body
const close = async (caseId: unknown) =>
  (await as(nora)).post(`/v1/cases/${String(caseId)}/close`, {
    endType: 'planned_regular',
    outcome: 'improved',
  })
const confirmedBy = (source: string) => ({ confirmedBy: source })

const words: Record<string, string> = {
  identity: 'Wort-identity',
  situation: 'Wort-situation',
  background: 'Wort-background',
  assessment: 'Wort-assessment',
  recommendation: 'Wort-recommendation',
  client_view: 'Wort-client-view',
  open_tasks: 'Wort-open-tasks',
  release_scope: 'Wort-release-scope',
  fallback: 'Wort-fallback',
}
const person = ['Vogelsang', 'Kanaria', '1990-05-04']

// --- What leaves with the sheet -------------------------------------------------------------------------------

test('every section used has to be released; 409 names what is missing, and nothing is stripped silently', async () => {
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId, categories: ['clearing_summary', 'existence_of_contact'] })).id
  const referral = await anAcceptedReferral({ caseId, releaseId, categories: [] })
  const { id } = await aPreparedHandover({ referral, sections: words })
  expect(await act(nora, id, 'offer')).toMatchObject({
    status: 409,
    body: { code: 'not_released', missingCategories: ['identity_contact', 'help_plan'] },
  })
  expect((await read(id)).status).toBe(404)
  expect((await read(id, nora)).body.status).toBe('prepared')

  // Sections are merged one by one: what may not leave is taken out by a person, not by the machine.
  const empty = { identity: '', recommendation: '', open_tasks: '', fallback: '' }
  done(await (await as(nora)).edit(`/v1/handovers/${id}`, { sections: empty }))
  expect((await act(nora, id, 'offer')).status).toBe(200)
  const { body, text } = await read(id)
  const { parts } = body['disclosed'] as { parts: { topic: string }[] }
  expect(parts.map(({ topic }) => topic).toSorted()).toEqual([
    'assessment',
    'background',
    'client_view',
    'release_scope',
    'situation',
  ])
  for (const gone of [...Object.keys(empty).map((section) => words[section]!), ...person])
    expect(text).not.toContain(gone)
})

test('the receiver reads the disclosure and never the sheet', async () => {
  const { id } = await anOfferedHandover()
  const { body, text } = await read(id)
  expect(body).toMatchObject({ box: 'in', status: 'offered', sections: null, caseId: null, clientId: null })
  for (const word of Object.values(sheet)) expect(text).toContain(word)
  for (const name of person) expect(text).not.toContain(name)
  const giver = await read(id, nora)
  expect(giver.body).toMatchObject({ box: 'out', sections: sheet, disclosed: null })
  // What is written later is written nowhere: the sheet is closed.
  const late = await (await as(nora)).edit(`/v1/handovers/${id}`, { sections: { background: 'later words' } })
  expect(late.body.code).toBe('handover_not_open')
  expect((await read(id)).text).not.toContain('later words')
})

test('names leave only with the section about the person', async () => {
  const { id } = await anOfferedHandover({ sections: { ...sheet, identity: 'Comes with a friend' } })
  const { text } = await read(id)
  for (const name of person) expect(text).toContain(name)
  // How to reach the person is no part of the sheet.
  expect(text).not.toContain('0555 010203')
})

test('a sheet needs at least the present situation', async () => {
  const { id } = await aPreparedHandover({ sections: { background: 'long ago' } })
  expect((await act(nora, id, 'offer')).body.code).toBe('handover_without_situation')
  expect((await read(id)).status).toBe(404)
})

test('somebody anonymous is handed over without anything that identifies', async () => {
  const { id: caseId } = await aCase()
  const sent = await aSentReferral({ caseId, releaseId: null, categories: [] })
  done(await (await as(anton)).post(`/v1/referrals/${sent.id}/accept`))
  const { id } = await aPreparedHandover({ referral: sent, sections: words })
  expect((await act(nora, id, 'offer')).body).toMatchObject({
    code: 'identifying_category',
    missingCategories: ['identity_contact'],
  })
  done(await (await as(nora)).edit(`/v1/handovers/${id}`, { sections: { identity: '' } }))
  expect((await act(nora, id, 'offer')).status).toBe(200)
  const { body } = await read(id)
  expect(body['disclosed']).toMatchObject({ basis: 'anonymous' })
})

// --- Who may, and who sees ------------------------------------------------------------------------------------

test('only an accepted referral of the same case is handed over, one handover at a time', async () => {
  const client = await as(nora)
  const prepare = async (caseId: unknown, referralId: string) =>
    client.post(`/v1/cases/${String(caseId)}/handovers`, { referralId, type: 'written' })
  for (const referral of [await aDraftReferral(), await aSentReferral()])
    expect((await prepare(referral['caseId'], referral.id)).body.code).toBe('referral_not_accepted')
  const accepted = await anAcceptedReferral()
  const foreign = await prepare((await aKnownCase()).id, accepted.id)
  expect(foreign).toMatchObject({ status: 400, body: { code: 'unknown_reference' } })
  expect((await prepare(accepted['caseId'], accepted.id)).status).toBe(201)
  expect((await prepare(accepted['caseId'], accepted.id)).body.code).toBe('handover_already_open')
  const internal = await client.post(`/v1/cases/${String(accepted['caseId'])}/handovers`, {
    referralId: accepted.id,
    type: 'internal',
  })
  expect(internal.status).toBe(400)
})

test('a prepared handover is seen by the giving unit only, an offered one by the receiver too', async () => {
  const { id, caseId } = await aPreparedHandover()
  expect((await read(id, hanna)).status).toBe(200)
  expect((await read(id, anton)).status).toBe(404)
  expect((await act(anton, id, 'accept')).status).toBe(404)
  expect((await (await as(anton)).get('/v1/handovers?box=in')).text).not.toContain(id)
  done(await act(nora, id, 'offer'))
  expect((await read(id, anton)).status).toBe(200)
  for (const stranger of [agnes, mira, jule, selma, otto]) {
    const answer = await read(id, stranger)
    expect(answer.status, stranger.key).toBe(404)
    expect(answer.text).not.toContain('Blatt-')
    for (const verb of ['accept', 'report-no-show']) expect((await act(stranger, id, verb)).status).toBe(404)
    expect((await act(stranger, id, 'confirm-arrival', confirmedBy('receiver'))).status).toBe(404)
    expect((await act(stranger, id, 'refuse', { reason: 'other' })).status).toBe(404)
    expect((await (await as(stranger)).get('/v1/handovers?box=in')).text).not.toContain(id)
  }
  for (const stranger of [mira, otto]) {
    expect((await act(stranger, id, 'cancel')).status).toBe(404)
    expect((await (await as(stranger)).get(`/v1/cases/${String(caseId)}/handovers`)).status).toBe(404)
  }
  for (const stranger of [carla, dora]) expect((await read(id, stranger)).status).toBe(403)
})

test('giver and receiver each answer for themselves', async () => {
  const { id } = await anOfferedHandover({ to: 'nord' })
  expect((await act(nora, id, 'accept')).body.code).toBe('only_the_recipient')
  expect((await act(nora, id, 'refuse', { reason: 'other' })).body.code).toBe('only_the_recipient')
  expect((await act(mira, id, 'cancel')).body.code).toBe('only_the_sender')
  expect((await act(mira, id, 'offer')).body.code).toBe('only_the_sender')
  expect((await act(mira, id, 'accept')).status).toBe(200)
})

test('the boxes hold what belongs to each side, and no word about the person', async () => {
  const { id } = await anOfferedHandover({ to: 'jugendamt' })
  const inbox = await (await as(jule)).get('/v1/handovers?box=in')
  expect(inbox.body.items.map((item) => item.id)).toEqual([id])
  for (const word of [...person, ...Object.values(sheet)]) expect(inbox.text).not.toContain(word)
  const outbox = await (await as(nora)).get('/v1/handovers?box=out&limit=1')
  expect(outbox.body.items.map((item) => item.id)).toEqual([id])
  const next = await (await as(nora)).get(`/v1/handovers?box=out&limit=1&cursor=${outbox.body.nextCursor}`)
  expect(next.body.items).toHaveLength(1)
  expect(next.body.items[0]!.id).not.toBe(id)
  expect((await (await as(otto)).get('/v1/handovers?box=out')).body.items).toEqual([])
})

// --- Responsibility -------------------------------------------------------------------------------------------

const { mitte, wehr } = organizations
const way1: { verb: string; by: Member; body?: unknown }[] = [
  { verb: 'offer', by: nora },
  { verb: 'accept', by: anton },
  { verb: 'refuse', by: anton, body: { reason: 'no_capacity' } },
  { verb: 'cancel', by: nora },
  { verb: 'confirm-arrival', by: anton, body: confirmedBy('receiver') },
  { verb: 'confirm-arrival', by: nora, body: confirmedBy('person') },
  { verb: 'report-no-show', by: anton },
  { verb: 'report-no-show', by: nora },
]
const stages = {
  prepared: () => aPreparedHandover(),
  offered: () => anOfferedHandover(),
  accepted: () => anAcceptedHandover(),
  refused: async () => {
    const { id } = await anOfferedHandover()
    done(await act(anton, id, 'refuse', { reason: 'no_capacity' }))
    return (await read(id, nora)).body
  },
  arrived: () => anArrivedHandover(),
  failed: () => aFailedHandover(),
  cancelled: async () => {
    const { id } = await anAcceptedHandover()
    return done(await act(nora, id, 'cancel')).body
  },
}
// What each event makes of each status; what is not named changes nothing.
const becomes: Record<string, Record<string, string>> = {
  offer: { prepared: 'offered' },
  accept: { offered: 'accepted' },
  refuse: { offered: 'refused' },
  cancel: { prepared: 'cancelled', offered: 'cancelled', accepted: 'cancelled' },
  'confirm-arrival': { accepted: 'arrived' },
  'report-no-show': { accepted: 'failed' },
}

for (const [status, make] of Object.entries(stages))
  test(`from "${status}" on there is exactly one responsible party and one lead with a dated step, whatever happens`, async () => {
    for (const { verb, by, body } of way1) {
      const handover = await make()
      expect(handover.status).toBe(status)
      const answer = await act(by, handover.id, verb, body)
      const expected = becomes[verb]![status]
      // What was never offered does not exist for the receiver.
      if (!expected) expect(answer.status, verb).toBe(status === 'prepared' && by === anton ? 404 : 409)
      const after = (await read(handover.id, nora)).body
      expect(after.status, verb).toBe(expected ?? status)
      expect(after['responsibleOrganizationId']).toBe(after.status === 'arrived' ? wehr : mitte)
      expect(await caseOf(handover)).toMatchObject({
        status: 'open',
        leadMembershipId: nora.membershipId,
        nextStep: expect.stringMatching(/./) as unknown,
        nextStepOn: expect.stringMatching(/^\d{4}-/) as unknown,
      })
      // One cell of each kind is enough where nothing can change.
      if (!expected && status !== 'accepted') break
    }
  })

test('arrival moves responsibility, referral and case together; the giver keeps the case open and looks again', async () => {
  const handover = await anArrivedHandover()
  expect(handover).toMatchObject({
    status: 'arrived',
    responsibleOrganizationId: wehr,
    arrivalConfirmedBy: 'receiver',
    failedAt: null,
  })
  expect(handover['arrivedAt']).not.toBeNull()
  expect((await (await as(nora)).get(`/v1/referrals/${String(handover['referralId'])}`)).body.status).toBe(
    'started',
  )
  const ofCase = await caseOf(handover)
  expect(ofCase).toMatchObject({
    status: 'open',
    phase: 'monitoring',
    leadMembershipId: nora.membershipId,
    nextStepOn: inDays(14),
  })
  expect(ofCase['nextStep']).not.toBe('Call back')
  const tasks = await (await as(nora)).get(`/v1/tasks?caseId=${String(handover['caseId'])}`)
  expect(tasks.body.items).toEqual([])
})

test('arrival is recorded once, by whoever comes first', async () => {
  const { id } = await anArrivedHandover()
  for (const [by, source] of [
    [anton, 'receiver'],
    [nora, 'person'],
    [nora, 'accompanied'],
  ] as const)
    expect((await act(by, id, 'confirm-arrival', confirmedBy(source))).body.code).toBe('handover_not_open')
  for (const by of [anton, nora])
    expect((await act(by, id, 'report-no-show')).body.code).toBe('handover_not_open')
  expect((await read(id, nora)).body['arrivalConfirmedBy']).toBe('receiver')
})

test.each(['person', 'accompanied'])(
  'the giver records arrival as %s, never in the receiver’s name',
  async (source) => {
    const along = {
      type: source === 'accompanied' ? source : 'written',
      accompaniedByMembershipId: nora.membershipId,
    }
    const { id } = await anAcceptedHandover(along)
    const wrong = await act(nora, id, 'confirm-arrival', confirmedBy('receiver'))
    expect(wrong).toMatchObject({
      status: 409,
      body: { code: 'arrival_needs_another_witness', errors: [{ pointer: '/confirmedBy' }] },
    })
    expect((await act(anton, id, 'confirm-arrival', confirmedBy(source))).body.code).toBe(
      'arrival_needs_another_witness',
    )
    const answer = await act(nora, id, 'confirm-arrival', confirmedBy(source))
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'arrived', arrivalConfirmedBy: source, box: 'out' },
    })
  },
)

test('with a release that runs one way, arrival is the receiver’s secret; the person may tell it themselves', async () => {
  const caseId = (await aKnownCase()).id
  const releaseId = (await aRelease({ caseId, direction: 'outward' })).id
  const referral = await anAcceptedReferral({ caseId, releaseId })
  const { id } = await anAcceptedHandover({ referral })
  for (const [verb, body] of [
    ['confirm-arrival', confirmedBy('receiver')],
    ['report-no-show', undefined],
  ] as const) {
    const answer = await act(anton, id, verb, body)
    expect(answer).toMatchObject({ status: 409, body: { code: 'arrival_is_the_receivers_secret' } })
    expect((await read(id, nora)).body).toMatchObject({ status: 'accepted', arrivedAt: null, failedAt: null })
    expect(await caseOf({ caseId })).toMatchObject({ phase: 'linking', nextStep: 'Call back' })
  }
  expect((await act(nora, id, 'confirm-arrival', confirmedBy('person'))).body.status).toBe('arrived')
})

test('when the release has expired, the receiver tells nothing back', async () => {
  const { id } = await anAcceptedHandover()
  await sql(`update disclosures set valid_until = now() - interval '1 second' where subject_id = $1`, [id])
  expect((await act(anton, id, 'confirm-arrival', confirmedBy('receiver'))).body.code).toBe(
    'arrival_is_the_receivers_secret',
  )
  expect((await read(id)).body['disclosed']).toBeNull()
})

test('the answer to the receiver names neither case nor person of the giver', async () => {
  const handover = await anAcceptedHandover()
  const answer = done(await act(anton, handover.id, 'confirm-arrival', confirmedBy('receiver')))
  expect(answer.body).toMatchObject({ caseId: null, clientId: null, sections: null })
  for (const id of ['caseId', 'clientId'] as const) expect(answer.text).not.toContain(String(handover[id]))
  // What was opened to move the giver's case on is closed with that transaction.
  expect((await (await as(anton)).get(`/v1/cases/${String(handover['caseId'])}`)).status).toBe(403)
  expect((await (await as(anton)).get('/v1/tasks')).status).toBe(403)
})

test('a no-show moves no responsibility and gives the giver three dated tasks and a next step', async () => {
  const handover = await aFailedHandover()
  expect(handover).toMatchObject({ status: 'failed', responsibleOrganizationId: mitte, arrivedAt: null })
  const { items } = (await (await as(nora)).get(`/v1/tasks?caseId=${String(handover['caseId'])}`)).body
  expect(items).toMatchObject(
    [2, 7, 14].map((days) => ({
      kind: 'recontact',
      dueOn: inDays(days),
      originId: handover.id,
      doneAt: null,
    })),
  )
  expect(items).toHaveLength(3)
  const ofCase = await caseOf(handover)
  expect(ofCase).toMatchObject({
    status: 'open',
    phase: 'linking',
    nextStepOn: inDays(2),
    leadMembershipId: nora.membershipId,
  })
  expect((await (await as(nora)).get(`/v1/referrals/${String(handover['referralId'])}`)).body.status).toBe(
    'not_started',
  )
  for (const stranger of [mira, otto]) {
    expect(
      (await (await as(stranger)).get(`/v1/tasks?caseId=${String(handover['caseId'])}`)).body.items,
    ).toEqual([])
    expect((await (await as(stranger)).get(`/v1/tasks/${items[0]!.id}`)).status).toBe(404)
  }
})

test('days are counted in the municipality’s own time zone', async () => {
  const zones = ['Pacific/Kiritimati', 'Pacific/Niue'] as const
  const days = new Set<string>()
  try {
    for (const timeZone of zones) {
      const handover = await anAcceptedHandover()
      await sql('update tenants set time_zone = $2 where tenant_id = $1', [nora.tenantId, timeZone])
      done(await act(anton, handover.id, 'report-no-show'))
      const there = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(Date.now() + 2 * 86_400_000)
      const { items } = (await (await as(nora)).get(`/v1/tasks?caseId=${String(handover['caseId'])}`)).body
      expect(items[0]!['dueOn']).toBe(there)
      expect((await caseOf(handover))['nextStepOn']).toBe(there)
      days.add(there)
    }
  } finally {
    await sql(`update tenants set time_zone = 'Europe/Berlin' where tenant_id = $1`, [nora.tenantId])
  }
  // There are 25 hours between the two: never the same day.
  expect(days.size).toBe(2)
})

test('after a no-show the same referral is handed over again, and may arrive', async () => {
  const failed = await aFailedHandover()
  const referral = (await (await as(nora)).get(`/v1/referrals/${String(failed['referralId'])}`)).body
  const { id } = await anAcceptedHandover({ referral })
  expect((await act(anton, id, 'confirm-arrival', confirmedBy('receiver'))).status).toBe(200)
  expect((await read(failed.id, nora)).body).toMatchObject({
    status: 'failed',
    responsibleOrganizationId: mitte,
  })
  expect((await (await as(nora)).get(`/v1/referrals/${referral.id}`)).body.status).toBe('started')
})

test('a resting case wakes up when somebody arrives or does not come', async () => {
  for (const [verb, body] of [
    ['confirm-arrival', confirmedBy('receiver')],
    ['report-no-show', undefined],
  ] as const) {
    const handover = await anAcceptedHandover()
    const rest = { reason: 'inpatient', text: 'Ask the ward', on: inDays(30) }
    done(await (await as(nora)).post(`/v1/cases/${String(handover['caseId'])}/pause`, rest))
    done(await act(anton, handover.id, verb, body))
    expect(await caseOf(handover)).toMatchObject({ status: 'open', pauseReason: null })
  }
})

// --- Refused, cancelled, closed -------------------------------------------------------------------------------

test('refusing names a reason, ends the view of the sheet, and the referral stays accepted', async () => {
  const { id, referralId } = await anOfferedHandover()
  expect((await act(anton, id, 'refuse', {})).status).toBe(400)
  const answer = await act(anton, id, 'refuse', { reason: 'information_missing', note: 'Which medication?' })
  expect(answer).toMatchObject({ status: 200, body: { status: 'refused', disclosed: null } })
  expect((await read(id, nora)).body).toMatchObject({
    refusalReason: 'information_missing',
    refusalNote: 'Which medication?',
    responsibleOrganizationId: mitte,
  })
  const seen = await read(id)
  for (const word of Object.values(sheet)) {
    expect(answer.text).not.toContain(word)
    expect(seen.text).not.toContain(word)
  }
  const referral = (await (await as(nora)).get(`/v1/referrals/${String(referralId)}`)).body
  expect(referral.status).toBe('accepted')
  expect((await anOfferedHandover({ referral })).status).toBe('offered')
})

test('cancelling at the person’s wish ends the view, and needs no reason', async () => {
  const { id, referralId } = await anAcceptedHandover()
  const answer = await act(nora, id, 'cancel')
  expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled', cancellation: 'person_wish' } })
  const seen = await read(id)
  expect(seen.body).toMatchObject({ status: 'cancelled', disclosed: null })
  expect(seen.text).not.toContain('Blatt-')
  expect((await (await as(nora)).get(`/v1/referrals/${String(referralId)}`)).body.status).toBe('accepted')
})

test('after a withdrawal the receiver sees that there was a handover, and nothing else', async () => {
  const { id, referralId } = await anAcceptedHandover()
  const { releaseId } = (await (await as(nora)).get(`/v1/referrals/${String(referralId)}`)).body
  done(await (await as(nora)).post(`/v1/releases/${String(releaseId)}/withdraw`))
  const seen = await read(id)
  expect(seen.body).toMatchObject({
    status: 'cancelled',
    cancellation: 'release_withdrawn',
    disclosed: null,
    sections: null,
  })
  for (const word of Object.values(sheet)) expect(seen.text).not.toContain(word)
  for (const [verb, body] of [
    ['confirm-arrival', confirmedBy('receiver')],
    ['report-no-show', undefined],
  ] as const)
    expect((await act(anton, id, verb, body)).body.code).toBe('handover_not_open')
})

test('a case with somebody on the way does not close', async () => {
  const handover = await anAcceptedHandover()
  expect(await close(handover['caseId'])).toMatchObject({ status: 409, body: { code: 'handover_under_way' } })
  expect(await caseOf(handover)).toMatchObject({ status: 'open', leadMembershipId: nora.membershipId })
  expect((await read(handover.id, nora)).body.status).toBe('accepted')
  expect((await read(handover.id)).text).toContain('Blatt-situation')
  done(await act(nora, handover.id, 'confirm-arrival', confirmedBy('person')))
  expect((await close(handover['caseId'])).status).toBe(200)
  expect((await read(handover.id, nora)).body['responsibleOrganizationId']).toBe(wehr)
})

test('closing cancels what is only offered, withdraws the referrals, and ends every recipient’s view', async () => {
  const handover = await anOfferedHandover()
  const caseId = String(handover['caseId'])
  const other = await aSentReferral({ caseId, to: 'birkenhof' })
  expect((await (await as(agnes)).get(`/v1/referrals/${other.id}`)).text).toContain('Vogelsang')
  done(await close(caseId))

  expect((await read(handover.id, nora)).body).toMatchObject({
    status: 'cancelled',
    cancellation: 'case_closed',
  })
  const views = [
    await read(handover.id),
    await (await as(anton)).get(`/v1/referrals/${String(handover['referralId'])}`),
    await (await as(agnes)).get(`/v1/referrals/${other.id}`),
  ]
  for (const view of views) {
    expect(view.body['disclosed']).toBeNull()
    for (const word of [...person, 'Blatt-', 'Brief-']) expect(view.text).not.toContain(word)
  }
  for (const { body } of views.slice(1))
    expect(body).toMatchObject({ status: 'withdrawn', withdrawnBy: 'case_closed' })
  const ledger = (await (await as(nora)).get(`/v1/cases/${caseId}/disclosures`)).body.items
  expect(ledger).toHaveLength(3)
  expect(ledger.every((entry) => entry['ended'])).toBe(true)
})

test('closing one case ends nothing of another', async () => {
  const clientId = (await aKnownCase())['clientId']
  const [one, other] = [await aKnownCase({ clientId }), await aKnownCase({ clientId })]
  const [mine, kept] = [
    await aSentReferral({ caseId: one.id }),
    await aSentReferral({ caseId: other.id, to: 'birkenhof' }),
  ]
  done(await close(one.id))
  expect((await (await as(anton)).get(`/v1/referrals/${mine.id}`)).text).not.toContain('Vogelsang')
  expect((await (await as(agnes)).get(`/v1/referrals/${kept.id}`)).text).toContain('Vogelsang')
})
