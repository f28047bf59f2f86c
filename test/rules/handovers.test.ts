// Who is responsible, and which step may a handover take? Every status and every event, and the database agrees.
import { expect, test } from 'vitest'
import {
  accept,
  afterCheck,
  afterwards,
  arrive,
  asked,
  cancel,
  check,
  giveBack,
  jointTalk,
  noShow,
  offer,
  prepare,
  refuseHandover,
  responsible,
  sheet,
  sheetOpen,
} from '../../src/modules/handovers/rules.ts'
import { codes, type Code } from '../../src/modules/vocabularies/index.ts'
import { Problem } from '../../src/platform/problem.ts'
import { lotse } from '../support/app.ts'
import { way } from '../support/way.ts'

const { as, aContact, sql } = await lotse()
const { aPreparedHandover } = way(as)

type Status = Code<'handover_status'>
const now = '2026-05-04T12:00:00Z'
const statuses = ['prepared', 'offered', 'accepted', 'refused', 'arrived', 'failed', 'cancelled'] as const
const twoWays = { receiver: true, direction: 'both' } as const

test('the table below knows every status of a handover', () => {
  expect([...codes('handover_status')].toSorted()).toEqual([...statuses].toSorted())
})

// What each event makes of each status; everything else is refused.
const table = {
  write: { from: ['prepared'], to: 'prepared' },
  offer: { from: ['prepared'], to: 'offered' },
  accept: { from: ['offered'], to: 'accepted' },
  refuse: { from: ['offered'], to: 'refused' },
  cancel: { from: ['prepared', 'offered', 'accepted'], to: 'cancelled' },
  talk: { from: ['offered', 'accepted'], to: 'the same' },
  arrive: { from: ['accepted'], to: 'arrived' },
  noShow: { from: ['accepted'], to: 'failed' },
  check: { from: ['arrived'], to: 'arrived' },
  giveBack: { from: ['arrived'], to: 'arrived' },
} as const
const written = { type: 'written', accompaniedByMembershipId: null, jointTalkAt: null } as const
const warm = { type: 'warm_joint', offeredAt: '2026-05-04T10:00:00Z', jointTalkAt: null } as const
const talkedAt = '2026-05-04T11:00:00Z'
const today = '2026-05-04'
const events: Record<keyof typeof table, (row: { status: Status }) => { status: Status }> = {
  write: sheetOpen,
  offer: (row) => offer({ ...row, ...written }, undefined, now, today),
  accept: (row) => accept(row, now),
  refuse: (row) => refuseHandover(row, 'no_capacity', ''),
  cancel: (row) => cancel(row, 'person_wish'),
  talk: (row) => ({ ...row, ...jointTalk({ ...row, ...warm }, talkedAt, now) }),
  arrive: (row) => arrive({ ...row, ...written }, 'receiver', twoWays, now),
  noShow: (row) => noShow(row, twoWays, now),
  check: (row) => ({ ...row, ...check(row, 'holds', undefined, now, today) }),
  giveBack: (row) => ({ ...row, ...giveBack({ ...row, underWay: false }, 'other', twoWays, now) }),
}
// Nothing but arrival moves responsibility to the receiver.
const party = (status: string) => (status === 'arrived' ? 'receiver' : 'giver')

const cells = Object.entries(table).flatMap(([event, { from, to }]) =>
  statuses.map((status) => ({
    event: event as keyof typeof table,
    status,
    outcome: (from as readonly string[]).includes(status)
      ? to === 'the same'
        ? status
        : to
      : 'handover_not_open',
  })),
)

for (const { event, status, outcome } of cells)
  test(`${event} when it is ${status} → ${outcome}, with one responsible party`, () => {
    let got: Status = status
    try {
      got = events[event]({ status }).status
      expect(got).toBe(outcome)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      expect(error.code).toBe(outcome)
    }
    expect(responsible({ status: got })).toBe(party(got))
  })

test('the database knows the same responsible party for every status', async () => {
  const { id } = await aPreparedHandover()
  const contact = await aContact()
  for (const status of codes('handover_status')) {
    const [row] = await sql<{ party: string }>(
      `update handovers set status = $2, refusal_reason = 'other',
         arrived_at = case when $2 = 'arrived' then now() end,
         arrival_confirmed_by = case when $2 = 'arrived' then 'person' end
       where id = $1
       returning case responsible_organization_id when giver_organization_id then 'giver'
         when receiver_organization_id then 'receiver' end as party`,
      [id, status],
    )
    expect(row!.party, status).toBe(responsible({ status }))
    expect(row!.party, status).toBe(party(status))
  }
  // After arrival: whatever the check said, and whether what was returned has been taken up.
  for (const stability of [null, ...codes('stability')])
    for (const takenBackAt of [null, now]) {
      const [row] = await sql<{ party: string }>(
        `update handovers set status = 'arrived', arrived_at = now(), arrival_confirmed_by = 'person',
           stability = $2, stability_at = case when $2::text is not null then now() end,
           returned_at = now(), return_reason = 'other', return_contact_id = $4, taken_back_at = $3
         where id = $1
         returning case responsible_organization_id when giver_organization_id then 'giver'
           when receiver_organization_id then 'receiver' end as party`,
        [id, stability, takenBackAt, contact.id],
      )
      expect(row!.party).toBe(responsible({ status: 'arrived', stability, takenBackAt }))
      expect(row!.party).toBe(stability === 'broken_off' || takenBackAt ? 'giver' : 'receiver')
    }
  // Nobody can write another one into the row.
  await expect(
    sql('update handovers set responsible_organization_id = receiver_organization_id where id = $1', [id]),
  ).rejects.toThrow('can only be updated to DEFAULT')
})

test('arrival is told by whom it is true: the receiver itself, or the giver from the person’s word', () => {
  const accepted = { ...written, status: 'accepted', type: 'accompanied' } as const
  for (const by of codes('arrival_source')) {
    const asReceiver = () => arrive(accepted, by, twoWays, now)
    const asGiver = () => arrive(accepted, by, { receiver: false, direction: undefined }, now)
    const [right, wrong] = by === 'receiver' ? [asReceiver, asGiver] : [asGiver, asReceiver]
    expect(right()).toEqual({ status: 'arrived', arrivedAt: now, arrivalConfirmedBy: by })
    expect(wrong).toThrow('arrival_needs_another_witness')
  }
})

test.each(['outward', undefined] as const)(
  'with direction %s the receiver tells nothing back',
  (direction) => {
    const accepted = { ...written, status: 'accepted' } as const
    const secret = { receiver: true, direction }
    expect(() => arrive(accepted, 'receiver', secret, now)).toThrow('arrival_is_the_receivers_secret')
    expect(() => noShow(accepted, secret, now)).toThrow('arrival_is_the_receivers_secret')
    // The giver has it from the person, whatever the release says.
    expect(arrive(accepted, 'person', { receiver: false, direction }, now).status).toBe('arrived')
    expect(noShow(accepted, { receiver: false, direction }, now).status).toBe('failed')
  },
)

test('only an accepted referral, or one whose person did not come, is handed over', () => {
  for (const status of codes('referral_status')) {
    const preparing = () => prepare({ status })
    if (status === 'accepted' || status === 'not_started') expect(preparing).not.toThrow()
    else expect(preparing, status).toThrow('referral_not_accepted')
  }
})

test('only somebody who was accompanied has arrived in company', () => {
  const giver = { receiver: false, direction: undefined } as const
  for (const type of codes('handover_type')) {
    const arriving = () =>
      arrive({ status: 'accepted', type, jointTalkAt: talkedAt }, 'accompanied', giver, now)
    if (type === 'accompanied') expect(arriving().arrivalConfirmedBy).toBe('accompanied')
    else expect(arriving, type).toThrow('arrival_needs_another_witness')
  }
})

test('somebody handed over warmly has arrived after the joint talk, everybody else without one', () => {
  for (const type of codes('handover_type')) {
    const arriving = (jointTalkAt: string | null) => () =>
      arrive({ status: 'accepted', type, jointTalkAt }, 'receiver', twoWays, now)
    if (type.startsWith('warm')) expect(arriving(null), type).toThrow('joint_talk_missing')
    else expect(arriving(null), type).not.toThrow()
    expect(arriving(talkedAt)().status).toBe('arrived')
  }
})

test('a joint talk lies between the offer and now, and belongs to a warm handover', () => {
  const offered = { ...warm, status: 'offered' } as const
  for (const heldAt of [warm.offeredAt, talkedAt, now])
    expect(jointTalk(offered, heldAt, now)).toEqual({ jointTalkAt: heldAt })
  for (const heldAt of ['2026-05-04T09:59:59Z', '2026-05-04T12:00:01Z'])
    expect(() => jointTalk(offered, heldAt, now), heldAt).toThrow('joint_talk_out_of_time')
  for (const type of ['accompanied', 'written', 'emergency'] as const)
    expect(() => jointTalk({ ...offered, type }, talkedAt, now), type).toThrow('handover_is_not_warm')
})

test('an accompanied handover is offered when it is known who comes along', () => {
  const prepared = { ...written, status: 'prepared', type: 'accompanied' } as const
  expect(() => offer(prepared, 3, now, today)).toThrow('handover_accompanied_by_nobody')
  const along = { ...prepared, accompaniedByMembershipId: 'somebody' }
  expect(offer(along, 3, now, '2028-02-28')).toEqual({
    status: 'offered',
    offeredAt: now,
    answerDueOn: '2028-03-02',
  })
  expect(offer(along, undefined, now, today).answerDueOn).toBeNull()
})

test('whether the help holds is said once; somebody shaky is asked for again', () => {
  const step = { text: 'Call', on: today }
  for (const before of [null, ...codes('stability')])
    for (const stability of codes('stability')) {
      const checking = () => check({ status: 'arrived', stability: before }, stability, step, now, today)
      if (before === null || before === 'shaky') expect(checking()).toEqual({ stability, stabilityAt: now })
      else expect(checking, `${stability} after ${before}`).toThrow('stability_is_final')
    }
  const arrived = { status: 'arrived' } as const
  expect(() => check(arrived, 'shaky', undefined, now, today)).toThrow('shaky_needs_a_next_step')
  const past = { text: 'Call', on: '2026-05-03' }
  expect(() => check(arrived, 'shaky', past, now, today)).toThrow('next_step_in_the_past')
})

test('after a break-off the case has a dated next step again, also where nobody said one', () => {
  const step = { text: 'Visit', on: '2026-05-06' }
  for (const language of ['de', 'en', 'da'] as const) {
    const broken = afterCheck('broken_off', undefined, language, '2028-02-28')!
    expect(broken).toMatchObject({ status: 'open', phase: 'linking', nextStepOn: '2028-03-01' })
    expect(broken.nextStep).not.toBe('')
  }
  expect(afterCheck('broken_off', step, 'en', today)).toMatchObject({
    nextStep: 'Visit',
    nextStepOn: step.on,
    phase: 'linking',
  })
  expect(afterCheck('shaky', step, 'en', today)).toEqual({
    status: 'open',
    pauseReason: null,
    nextStep: 'Visit',
    nextStepOn: step.on,
  })
  expect(afterCheck('holds', undefined, 'en', today)).toBeUndefined()
})

test('a return is asked for once, by a receiver that is responsible and may tell', () => {
  const arrived = { status: 'arrived', underWay: false } as const
  expect(giveBack(arrived, 'help_ended', twoWays, now)).toEqual({
    returnedAt: now,
    returnReason: 'help_ended',
  })
  expect(() => giveBack({ ...arrived, underWay: true }, 'other', twoWays, now)).toThrow(
    'handover_returned_already',
  )
  for (const over of [{ stability: 'broken_off' }, { takenBackAt: now }] as const)
    expect(() => giveBack({ ...arrived, ...over }, 'other', twoWays, now)).toThrow('handover_not_open')
  for (const direction of ['outward', undefined] as const)
    expect(() => giveBack(arrived, 'other', { receiver: true, direction }, now)).toThrow(
      'arrival_is_the_receivers_secret',
    )
})

test('the concept says what each type needs; without one, or of another type, only the situation is needed', () => {
  const needs = (type: Code<'handover_type'>) =>
    asked({ types: { written: { required: ['background'], answerDays: 3 } } }, type)
  expect(needs('written')).toEqual({ required: ['background'], answerDays: 3 })
  for (const type of ['warm_joint', 'emergency', 'internal'] as const) expect(needs(type)).toBeUndefined()
  expect(asked(undefined, 'written')).toBeUndefined()
  const missing = (sections: object, required: Parameters<typeof sheet>[1]) => {
    try {
      sheet(sections, required)
      return []
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return error.more['missingSections'] ?? error.code
    }
  }
  expect(missing({ situation: 'now', background: ' ' }, ['background', 'situation', 'fallback'])).toEqual([
    'background',
    'fallback',
  ])
  expect(missing({ background: 'then' }, ['background'])).toBe('handover_without_situation')
  expect(missing({ situation: 'now', background: 'then' }, ['background'])).toEqual([])
})

const categories = {
  identity: 'identity_contact',
  situation: 'clearing_summary',
  background: 'clearing_summary',
  assessment: 'clearing_summary',
  recommendation: 'help_plan',
  client_view: 'clearing_summary',
  open_tasks: 'help_plan',
  release_scope: 'existence_of_contact',
  fallback: 'help_plan',
} as const

test('every section of the sheet uses its own category and no other', () => {
  expect(Object.keys(categories).toSorted()).toEqual([...codes('handover_section')].toSorted())
  for (const section of codes('handover_section')) {
    const { parts, categories: used } = sheet({ situation: 'now', [section]: 'words' })
    expect(used.toSorted()).toEqual([...new Set(['clearing_summary', categories[section]])].toSorted())
    expect(parts).toContainEqual({ section, text: 'words', category: categories[section] })
  }
  expect(sheet({ situation: ' now ', background: '  ' }).parts).toEqual([
    { section: 'situation', text: 'now', category: 'clearing_summary' },
  ])
})

test('a sheet without the present situation is not handed over', () => {
  for (const sections of [{}, { background: 'long ago' }, { situation: '  ' }])
    expect(() => sheet(sections)).toThrow('handover_without_situation')
})

test('after arrival and after a no-show the case has a dated next step in the municipality’s language', () => {
  for (const language of ['de', 'en', 'da'] as const) {
    const arrived = afterwards('arrived', language, '2028-02-20')
    expect(arrived).toMatchObject({ status: 'open', phase: 'monitoring', nextStepOn: '2028-03-05' })
    const failed = afterwards('failed', language, '2028-02-28')
    expect(failed).toMatchObject({ status: 'open', nextStepOn: '2028-03-01' })
    // A no-show moves no phase.
    expect(failed).not.toHaveProperty('phase')
    expect(arrived.nextStep).not.toBe(failed.nextStep)
  }
})
