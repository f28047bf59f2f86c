// Is everything decided once, whoever comes at the same moment, and does nobody wait for ever?
import { expect, inject, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { agnes, anton, carla, mira, mona, nils, nora, offers, organizations } from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import type { Answer } from '../support/http.ts'
import { noted } from '../support/figures.ts'
import { releaseTo, sheet, way } from '../support/way.ts'
import { barrier } from './barrier.ts'

const it = await lotse({ databasePool: 12 })
const { as, aCase, sql } = it
const {
  aDraftReferral,
  aKnownCase,
  anAcceptedHandover,
  anAcceptedReferral,
  anOfferedHandover,
  aPreparedHandover,
  aRelease,
  aSentReferral,
} = way(as)
const race = barrier(it)
const raced = { races: 0, requests: 0, withoutOverlap: 0 }
const together: typeof race = async (held, requests, how) => {
  const answers = await race(held, requests, how)
  raced.races += 1
  raced.requests += requests.length
  return answers
}
const [atNora, atNils, atAnton, atAgnes] = [await as(nora), await as(nils), await as(anton), await as(agnes)]

const statuses = (answers: Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b)
/** Everything is made first and at once; then the rounds are played one after another. */
const inRounds = async <T>(count: number, make: () => Promise<T>) =>
  (await Promise.all(Array.from({ length: count }, make))).entries()
/** How often each race is run; those that are relatives of another only a few times every day. */
const rounds = 20
const fewer = inject('figures').races
/** Who comes first changes with the round. */
const inTurn = <T>(round: number, acts: T[]): T[] => acts.map((_, at) => acts[(at + round) % acts.length]!)
const close = { endType: 'planned_regular', outcome: 'improved' }
const releaseOf = async (handover: { [field: string]: unknown }) =>
  String((await atNora.get(`/v1/referrals/${String(handover['referralId'])}`)).body['releaseId'])

test('the barrier fails when nothing overlaps', async () => {
  const { id } = await aCase()
  const alone = together({ table: 'cases', id }, [() => atNora.get('/v1/me')], { patience: 300 })
  await expect(alone).rejects.toThrow('nothing overlapped')
  raced.withoutOverlap += 1
})

test('a referral is accepted once', async () => {
  for (const [, { id }] of await inRounds(rounds, () => aSentReferral())) {
    const accept = () => atAnton.post(`/v1/referrals/${id}/accept`)
    const answers = await together({ table: 'referrals', id }, [accept, accept])
    expect(statuses(answers)).toEqual([200, 409])
    const [row] = await sql('select status, version from referrals where id = $1', [id])
    expect(row).toEqual({ status: 'accepted', version: 3 })
  }
})

test('a referral is accepted or declined, never both', async () => {
  for (const [round, { id }] of await inRounds(rounds, () => aSentReferral())) {
    const answers = await together(
      { table: 'referrals', id },
      inTurn(round, [
        () => atAnton.post(`/v1/referrals/${id}/accept`),
        () => atAnton.post(`/v1/referrals/${id}/decline`, { reason: 'no_capacity' }),
      ]),
    )
    expect(statuses(answers)).toEqual([200, 409])
    const [row] = await sql(
      `select r.status, d.valid_until > now() as seen from referrals r join disclosures d on d.subject_id = r.id
       where r.id = $1`,
      [id],
    )
    expect(row!['seen']).toBe(row!['status'] === 'accepted')
  }
})

test('a redirect and a withdrawal: one of them ends the referral, and only a redirect leaves a draft', async () => {
  const outcomes = new Set<unknown>()
  for (const [round, { id, caseId }] of await inRounds(rounds, () => aSentReferral())) {
    const redirect = () => atAnton.post(`/v1/referrals/${id}/redirect`, { offerId: offers.birkenhof })
    const withdraw = () => atNora.post(`/v1/referrals/${id}/withdraw`)
    const answers = await together({ table: 'referrals', id }, inTurn(round, [redirect, withdraw]))
    expect(statuses(answers)).toEqual([200, 409])
    const [row] = await sql(
      `select r.status, (select count(*)::int from referrals d where d.proposed_by_referral_id = r.id) as drafts,
         (select count(*)::int from tasks t where t.origin_id = r.id) as tasks,
         (select count(*)::int from disclosures d where d.subject_id = r.id and d.valid_until > now()) as seen,
         (select count(*)::int from deadlines d where d.case_id = $2 and d.stopped_at is null and d.subject_id = r.id) as clocks
       from referrals r where r.id = $1`,
      [id, caseId],
    )
    const left = row!['status'] === 'redirected' ? 1 : 0
    expect(row).toEqual({
      status: left === 1 ? 'redirected' : 'withdrawn',
      drafts: left,
      tasks: left,
      seen: 0,
      clocks: 0,
    })
    outcomes.add(row!['status'])
  }
  expect(outcomes.size).toBe(2)
})

test('two redirects to one offer leave one draft', async () => {
  const twice = async () => {
    const { id: caseId } = await aKnownCase()
    return Promise.all([aSentReferral({ caseId }), aSentReferral({ caseId, to: 'birkenhof' })])
  }
  for (const [round, [one, other]] of await inRounds(rounds, twice)) {
    const { caseId } = one
    const offerId = offers.aufbruch
    const answers = await together(
      { table: 'cases', id: caseId },
      inTurn(round, [
        () => atAnton.post(`/v1/referrals/${one.id}/redirect`, { offerId }),
        () => atAgnes.post(`/v1/referrals/${other.id}/redirect`, { offerId }),
      ]),
    )
    expect(statuses(answers)).toEqual([200, 200])
    const drafts = await sql(`select from referrals where case_id = $1 and status = 'draft'`, [caseId])
    expect(drafts).toHaveLength(1)
    const tasks = await sql(`select from tasks where case_id = $1 and kind = 'redirect'`, [caseId])
    expect(tasks).toHaveLength(2)
  }
})

test('accepted and put on the waiting list at once: whoever is accepted waits no longer, and one clock runs at most', async () => {
  for (const [round, { id }] of await inRounds(rounds, () => aSentReferral())) {
    const accept = () => atAnton.post(`/v1/referrals/${id}/accept`)
    const wait = () => atAnton.post(`/v1/referrals/${id}/waitlist`, { position: 1, expectedOn: inDays(9) })
    const answers = inTurn(round, await together({ table: 'referrals', id }, inTurn(round, [accept, wait])))
    // First on the list and then accepted, or accepted and no more to be put on it.
    expect(answers.map(({ status }) => status)).toEqual([200, round % 2 === 0 ? 409 : 200])
    const [row] = await sql(
      `select r.status, (select count(*)::int from deadlines d where d.subject_id = r.id and d.stopped_at is null) as clocks
       from referrals r where r.id = $1`,
      [id],
    )
    expect(row).toEqual({ status: 'accepted', clocks: 0 })
  }
})

test('two places on the waiting list at once: the later one holds, with one clock', async () => {
  for (const [, { id }] of await inRounds(fewer, () => aSentReferral())) {
    const wait = (days: number) => () =>
      atAnton.post(`/v1/referrals/${id}/waitlist`, { position: days, expectedOn: inDays(days) })
    const answers = await together({ table: 'referrals', id }, [wait(3), wait(8)])
    expect(statuses(answers)).toEqual([200, 200])
    const [row] = await sql(
      `select r.expected_on::text as expected, array(select d.due_on::text from deadlines d
         where d.subject_id = r.id and d.stopped_at is null) as clocks from referrals r where r.id = $1`,
      [id],
    )
    expect(row).toEqual({ expected: inDays(8), clocks: [inDays(8)] })
  }
})

test('taken by two at once, one of them looks after it', async () => {
  for (const [, { id }] of await inRounds(fewer, () => aSentReferral({ to: 'nord' }))) {
    const [atMira, atMona] = [await as(mira), await as(mona)]
    const take = (client: typeof atMira) => () => client.post(`/v1/referrals/${id}/take`)
    const answers = await together({ table: 'referrals', id }, [take(atMira), take(atMona)])
    expect(statuses(answers)).toEqual([200, 200])
    const [row] = await sql('select taken_by_name as by, version from referrals where id = $1', [id])
    expect(row).toEqual({ by: mona.name, version: 4 })
  }
})

test('opened by two at once, a referral has been seen at one instant', async () => {
  for (const [, { id }] of await inRounds(fewer, () => aSentReferral())) {
    const open = () => atAnton.get(`/v1/referrals/${id}`)
    const answers = await together({ table: 'referrals', id }, [open, open])
    expect(statuses(answers)).toEqual([200, 200])
    const [one, other] = answers.map(({ body }) => body['seenAt'])
    expect(one).not.toBeNull()
    expect(other).toBe(one)
  }
})

test('a handover is accepted once', async () => {
  for (const [, { id }] of await inRounds(rounds, () => anOfferedHandover())) {
    const accept = () => atAnton.post(`/v1/handovers/${id}/accept`)
    expect(statuses(await together({ table: 'handovers', id }, [accept, accept]))).toEqual([200, 409])
  }
})

test('two handovers of one referral are not open at once', async () => {
  for (const [, referral] of await inRounds(rounds, () => anAcceptedReferral())) {
    const prepare = () =>
      atNora.post(`/v1/cases/${String(referral['caseId'])}/handovers`, {
        referralId: referral.id,
        type: 'written',
      })
    expect(statuses(await together({ table: 'referrals', id: referral.id }, [prepare, prepare]))).toEqual([
      201, 409,
    ])
  }
})

test('a person arrived or did not come: one is recorded, and everything else follows that one', async () => {
  for (const [round, handover] of await inRounds(rounds, () => anAcceptedHandover())) {
    const [arrived, failed] = [
      () => atAnton.post(`/v1/handovers/${handover.id}/confirm-arrival`, { confirmedBy: 'receiver' }),
      () => atNora.post(`/v1/handovers/${handover.id}/report-no-show`),
    ]
    const first = inTurn(round, [arrived, failed])
    const answers = await together({ table: 'referrals', id: handover['referralId'] }, first)
    expect(statuses(answers)).toEqual([200, 409])
    const [row] = await sql(
      `select h.status, r.status as referral, c.phase, c.next_step_on::text as on, c.lead_membership_id as lead,
         h.responsible_organization_id = h.receiver_organization_id as moved,
         (select count(*)::int from tasks t where t.origin_id = h.id) as tasks
       from handovers h join referrals r on r.id = h.referral_id join cases c on c.id = h.case_id where h.id = $1`,
      [handover.id],
    )
    const lead = nora.membershipId
    expect(row).toEqual(
      row!['status'] === 'arrived'
        ? {
            status: 'arrived',
            referral: 'started',
            phase: 'monitoring',
            on: inDays(14),
            lead,
            moved: true,
            tasks: 0,
          }
        : {
            status: 'failed',
            referral: 'not_started',
            phase: 'linking',
            on: inDays(2),
            lead,
            moved: false,
            tasks: 3,
          },
    )
  }
})

test('arrival is recorded once, though both sides tell it', async () => {
  for (const [round, handover] of await inRounds(rounds, () => anAcceptedHandover())) {
    const path = `/v1/handovers/${handover.id}/confirm-arrival`
    const answers = await together(
      { table: 'referrals', id: handover['referralId'] },
      inTurn(round, [
        () => atAnton.post(path, { confirmedBy: 'receiver' }),
        () => atNora.post(path, { confirmedBy: 'person' }),
      ]),
    )
    expect(statuses(answers)).toEqual([200, 409])
  }
})

test('whoever arrives while the release is withdrawn has arrived or was cancelled, and is seen no more either way', async () => {
  const outcomes = new Set<unknown>()
  for (const [round, handover] of await inRounds(rounds, () => anAcceptedHandover())) {
    const releaseId = await releaseOf(handover)
    const confirm = () =>
      atAnton.post(`/v1/handovers/${handover.id}/confirm-arrival`, { confirmedBy: 'receiver' })
    const withdraw = () => atNora.post(`/v1/releases/${releaseId}/withdraw`)
    const answers = await together(
      { table: 'referrals', id: handover['referralId'] },
      inTurn(round, [confirm, withdraw]),
    )
    const [confirmed, withdrawn] = inTurn(round, answers)
    expect(withdrawn!.status).toBe(200)
    expect([200, 409]).toContain(confirmed!.status)
    const after = (await atAnton.get(`/v1/handovers/${handover.id}`)).body
    expect(after.status).toBe(confirmed!.status === 200 ? 'arrived' : 'cancelled')
    expect(after['disclosed']).toBeNull()
    expect(
      (await atAnton.get(`/v1/referrals/${String(handover['referralId'])}`)).body['disclosed'],
    ).toBeNull()
    outcomes.add(after.status)
  }
  expect(outcomes.size).toBe(2)
})

test('nothing leaves under a withdrawal: sending is before it or refused, and no view outlives its 200', async () => {
  const outcomes = new Set<number>()
  for (const [round, draft] of await inRounds(rounds, () => aDraftReferral())) {
    const send = () => atNora.post(`/v1/referrals/${draft.id}/send`)
    const withdraw = () => atNils.post(`/v1/releases/${String(draft['releaseId'])}/withdraw`)
    const held = { table: 'releases', id: draft['releaseId'] } as const
    const answers = await together(held, inTurn(round, [send, withdraw]))
    const [sent, withdrawn] = inTurn(round, answers)
    expect(withdrawn!.status).toBe(200)
    expect([200, 409]).toContain(sent!.status)
    const left = await sql('select valid_until > now() as seen from disclosures where subject_id = $1', [
      draft.id,
    ])
    expect(left).toEqual(sent!.status === 200 ? [{ seen: false }] : [])
    const view = await atAnton.get(`/v1/referrals/${draft.id}`)
    expect(view.text).not.toContain('Vogelsang')
    outcomes.add(sent!.status)
  }
  expect(outcomes).toEqual(new Set([200, 409]))
})

test('what leaves rests on the release under the referral, though the draft was changed to another meanwhile', async () => {
  const draft = await aDraftReferral()
  const other = await aRelease({ caseId: String(draft['caseId']), categories: ['existence_of_contact'] })
  const path = `/v1/referrals/${draft.id}`
  const [sent] = await together(
    { table: 'releases', id: draft['releaseId'] },
    [() => atNora.post(`${path}/send`)],
    { meanwhile: async () => done(await atNils.edit(path, { releaseId: other.id })) },
  )
  expect(sent).toMatchObject({ status: 412, body: { code: 'stale' } })
  expect(await sql('select from disclosures where subject_id = $1', [draft.id])).toEqual([])
  expect((await atNora.post(`${path}/send`)).body.code).toBe('not_released')
})

test('nothing is offered under a withdrawal', async () => {
  for (const [round, handover] of await inRounds(fewer, () => aPreparedHandover())) {
    const id = await releaseOf(handover)
    const offer = () => atNora.post(`/v1/handovers/${handover.id}/offer`)
    const withdraw = () => atNils.post(`/v1/releases/${id}/withdraw`)
    const [offered, withdrawn] = inTurn(
      round,
      await together({ table: 'releases', id }, inTurn(round, [offer, withdraw])),
    )
    expect(withdrawn!.status).toBe(200)
    expect([200, 409]).toContain(offered!.status)
    expect(await sql('select from disclosures where release_id = $1 and valid_until > now()', [id])).toEqual(
      [],
    )
    expect((await atNora.get(`/v1/handovers/${handover.id}`)).body.status).toBe('cancelled')
  }
})

test('a read that starts after the withdrawal’s 200 sees nothing', async () => {
  for (const [, referral] of await inRounds(rounds, () => aSentReferral())) {
    const path = `/v1/referrals/${referral.id}`
    const reads: { from: number; until: number; saw: boolean }[] = []
    let stop = false
    const reading = Array.from({ length: 3 }, async () => {
      while (!stop) {
        const from = performance.now()
        const { body } = await atAnton.get(path)
        reads.push({ from, until: performance.now(), saw: body['disclosed'] !== null })
      }
    })
    while (!reads.some(({ saw }) => saw)) await atNora.get('/v1/me')
    const began = performance.now()
    done(await atNora.post(`/v1/releases/${String(referral['releaseId'])}/withdraw`))
    const ended = performance.now()
    while (reads.filter(({ from }) => from > ended).length < 3) await atNora.get('/v1/me')
    stop = true
    await Promise.all(reading)
    expect(reads.filter(({ from, saw }) => from > ended && saw)).toEqual([])
    // Without reads during the withdrawal nothing would be proved.
    expect(reads.some(({ from, until }) => from < ended && until > began)).toBe(true)
  }
})

test('of fifty changes of the same version one is saved, and none is lost silently', async () => {
  const { id } = await aCase()
  const path = `/v1/cases/${id}`
  for (let round = 0; round < rounds; round += 1) {
    const { headers } = await atNora.get(path)
    const changes = Array.from(
      { length: 50 },
      (_, at) => () => atNora.patch(path, { concern: `change ${round}.${at}` }, { ifMatch: headers['etag'] }),
    )
    const answers = await together({ table: 'cases', id }, changes, { waiting: 10 })
    expect(statuses(answers)).toEqual([200, ...Array.from({ length: 49 }, () => 412)])
    const saved = answers.find(({ status }) => status === 200)!
    const concern = saved.body['concern']
    expect((await atNora.get(path)).body).toMatchObject({ concern, version: round + 2 })
  }
})

test('a next step and closing: the case is closed, and the step was before it or refused', async () => {
  for (const [round, { id }] of await inRounds(rounds, () => aCase())) {
    const step = () => atNora.post(`/v1/cases/${id}/next-step`, { text: 'One more call', on: inDays(1) })
    const closing = () => atNils.post(`/v1/cases/${id}/close`, close)
    const answers = await together({ table: 'cases', id }, inTurn(round, [step, closing]))
    const [stepped, closed] = inTurn(round, answers)
    expect(closed!.status).toBe(200)
    expect(stepped!.status).toBe(round % 2 === 0 ? 200 : 409)
    expect((await atNora.get(`/v1/cases/${id}`)).body.status).toBe('closed')
  }
})

// --- Nobody waits for ever: locks are taken in one order everywhere --------------------------------------------

const deadlocks: {
  acts: string
  make: () => Promise<[Parameters<typeof together>[0], (() => Promise<Answer>)[]]>
}[] = [
  {
    acts: 'withdrawing a release, arrival and closing',
    async make() {
      const handover = await anAcceptedHandover()
      const releaseId = await releaseOf(handover)
      return [
        { table: 'handovers', id: handover.id },
        [
          () => atAnton.post(`/v1/handovers/${handover.id}/confirm-arrival`, { confirmedBy: 'receiver' }),
          () => atNora.post(`/v1/releases/${releaseId}/withdraw`),
          () => atNils.post(`/v1/cases/${String(handover['caseId'])}/close`, close),
        ],
      ]
    },
  },
  {
    acts: 'withdrawing a release and declining',
    async make() {
      const { id, releaseId } = await aSentReferral()
      return [
        { table: 'referrals', id },
        [
          () => atAnton.post(`/v1/referrals/${id}/decline`, { reason: 'no_capacity' }),
          () => atNora.post(`/v1/releases/${String(releaseId)}/withdraw`),
        ],
      ]
    },
  },
  {
    acts: 'withdrawing a release, redirecting and closing',
    async make() {
      const { id, releaseId, caseId } = await aSentReferral()
      return [
        { table: 'referrals', id },
        [
          () => atAnton.post(`/v1/referrals/${id}/redirect`, { offerId: offers.birkenhof }),
          () => atNora.post(`/v1/releases/${String(releaseId)}/withdraw`),
          () => atNils.post(`/v1/cases/${String(caseId)}/close`, close),
        ],
      ]
    },
  },
  {
    acts: 'withdrawing a release and withdrawing the referral',
    async make() {
      const { id, releaseId } = await aSentReferral()
      return [
        { table: 'referrals', id },
        [
          () => atNora.post(`/v1/referrals/${id}/withdraw`),
          () => atNils.post(`/v1/releases/${String(releaseId)}/withdraw`),
        ],
      ]
    },
  },
  {
    acts: 'withdrawing a release and refusing a handover',
    async make() {
      const handover = await anOfferedHandover()
      const releaseId = await releaseOf(handover)
      return [
        { table: 'handovers', id: handover.id },
        [
          () => atAnton.post(`/v1/handovers/${handover.id}/refuse`, { reason: 'no_capacity' }),
          () => atNora.post(`/v1/releases/${releaseId}/withdraw`),
        ],
      ]
    },
  },
  {
    acts: 'withdrawing a referral and cancelling its handover',
    async make() {
      const handover = await anAcceptedHandover()
      return [
        { table: 'handovers', id: handover.id },
        [
          () => atNora.post(`/v1/handovers/${handover.id}/cancel`),
          () => atNils.post(`/v1/referrals/${String(handover['referralId'])}/withdraw`),
        ],
      ]
    },
  },
  {
    acts: 'closing and offering a handover',
    async make() {
      const handover = await aPreparedHandover()
      return [
        { table: 'handovers', id: handover.id },
        [
          () => atNora.post(`/v1/handovers/${handover.id}/offer`),
          () => atNils.post(`/v1/cases/${String(handover['caseId'])}/close`, close),
        ],
      ]
    },
  },
  {
    acts: 'closing and withdrawing a release',
    async make() {
      const handover = await anOfferedHandover()
      const releaseId = await releaseOf(handover)
      return [
        { table: 'handovers', id: handover.id },
        [
          () => atNora.post(`/v1/releases/${releaseId}/withdraw`),
          () => atNils.post(`/v1/cases/${String(handover['caseId'])}/close`, close),
        ],
      ]
    },
  },
  {
    acts: 'sending and replacing the release',
    async make() {
      const { id, caseId, releaseId } = await aDraftReferral()
      const given = { ...releaseTo('wehr'), signedOn: today(), supersedesId: releaseId }
      return [
        { table: 'cases', id: caseId },
        [
          () => atNora.post(`/v1/referrals/${id}/send`),
          () => atNils.post(`/v1/cases/${String(caseId)}/releases`, given),
        ],
      ]
    },
  },
  {
    acts: 'sending one referral and drafting another on the same release',
    async make() {
      const { id, caseId, releaseId } = await aDraftReferral()
      const given = { releaseId, offerId: secondOffer }
      return [
        { table: 'cases', id: caseId },
        [
          () => atNora.post(`/v1/referrals/${id}/send`),
          () => atNils.post(`/v1/cases/${String(caseId)}/referrals`, given),
        ],
      ]
    },
  },
  {
    acts: 'sending one referral and preparing a handover of another on the same release',
    async make() {
      const caseId = (await aKnownCase()).id
      const releaseId = (await aRelease({ caseId })).id
      const accepted = await anAcceptedReferral({ caseId, releaseId })
      const { id } = await aDraftReferral({ caseId, releaseId, offerId: secondOffer })
      const given = { referralId: accepted.id, type: 'written', sections: sheet }
      return [
        { table: 'cases', id: caseId },
        [
          () => atNora.post(`/v1/referrals/${id}/send`),
          () => atNils.post(`/v1/cases/${caseId}/handovers`, given),
        ],
      ]
    },
  },
]
const secondOffer = done(
  await (
    await as(carla)
  ).post('/v1/offers', {
    organizationId: organizations.wehr,
    type: 'addiction_counselling',
    name: 'Zweites Angebot',
  }),
).body.id

for (const { acts, make } of deadlocks)
  test(`${acts} never wait for each other for ever`, async () => {
    const count = acts.includes('arrival') ? rounds : fewer
    for (const [round, [held, requests]] of await inRounds(count, make)) {
      const answers = await together(held, inTurn(round, requests))
      for (const { status, text } of answers) expect([200, 201, 409], text).toContain(status)
      // Somebody got through.
      expect(answers.some(({ status }) => status < 300)).toBe(true)
    }
  })

test('whatever was closed, ended or withdrawn at the same moment: nothing open hangs on something that has ended', async ({
  task,
}) => {
  const [left] = await sql(
    `select
      (select count(*)::int from referrals r join cases c on c.id = r.case_id
        where c.status = 'closed' and r.status in ('draft', 'sent', 'waitlisted', 'accepted', 'not_started')) as referrals,
      (select count(*)::int from handovers h join cases c on c.id = h.case_id
        where c.status = 'closed' and h.status in ('prepared', 'offered', 'accepted')) as handovers,
      (select count(*)::int from disclosures d join releases r on r.id = d.release_id
        where r.status in ('withdrawn', 'superseded') and d.valid_until > now()) as disclosures,
      (select count(*)::int from handovers h join referrals r on r.id = h.referral_id
        where h.status in ('prepared', 'offered', 'accepted') and r.status not in ('accepted', 'not_started')) as orphans`,
  )
  noted(task, {
    suite: 'concurrency',
    tried: `${raced.requests} requests that met in ${raced.races} races`,
    found: `${Object.values(left!).reduce((sum: number, each) => sum + Number(each), 0)} things open on something that has ended`,
    defects: `${raced.withoutOverlap} of 1, a race without an overlap`,
  })
  expect(left).toEqual({ referrals: 0, handovers: 0, disclosures: 0, orphans: 0 })
  const [closed] = await sql<{ n: number }>(`select count(*)::int as n from cases where status = 'closed'`)
  expect(closed!.n).toBeGreaterThan(10)
})
