// Which step may a referral take? Every status and every event, without a database.
import { expect, test } from 'vitest'
import {
  accept,
  answerDueOn,
  asRecipient,
  asSender,
  conclude,
  decline,
  draft,
  moved,
  nameless,
  onItsWay,
  redirect,
  responsibleForResidence,
  sideOf,
  take,
  used,
  waitlist,
  withdraw,
} from '../../src/modules/referrals/rules.ts'
import { codes, type Code } from '../../src/modules/vocabularies/index.ts'

type Status = Code<'referral_status'>
const now = '2026-05-04T12:00:00Z'
const statuses = [
  'draft',
  'sent',
  'waitlisted',
  'accepted',
  'declined',
  'redirected',
  'started',
  'not_started',
  'withdrawn',
  'closed_engaged',
] as const

test('the table below knows every status of a referral', () => {
  expect([...codes('referral_status')].toSorted()).toEqual([...statuses].toSorted())
})

// What each event makes of each status; what is not named is refused.
const table = {
  edit: { from: ['draft'], refusal: 'referral_not_draft', to: 'draft' },
  accept: { from: ['sent', 'waitlisted'], refusal: 'referral_not_open', to: 'accepted' },
  decline: { from: ['sent', 'waitlisted'], refusal: 'referral_not_open', to: 'declined' },
  waitlist: { from: ['sent', 'waitlisted'], refusal: 'referral_not_open', to: 'waitlisted' },
  redirect: { from: ['sent', 'waitlisted'], refusal: 'referral_not_open', to: 'redirected' },
  conclude: { from: ['started'], refusal: 'referral_not_open', to: 'closed_engaged' },
  withdraw: {
    from: ['draft', 'sent', 'waitlisted', 'accepted', 'started', 'not_started'],
    refusal: 'referral_not_open',
    to: 'withdrawn',
  },
  // These leave the status as it is.
  take: {
    from: ['sent', 'waitlisted', 'accepted', 'started', 'not_started'],
    refusal: 'referral_not_open',
    to: 'unchanged',
  },
  write: {
    from: ['sent', 'waitlisted', 'accepted', 'started', 'not_started'],
    refusal: 'referral_not_open',
    to: 'unchanged',
  },
} as const

const today = '2026-05-04'
const parties = { senderOrganizationId: 'mitte', recipientOrganizationId: 'wehr' }
const elsewhere = { id: 'offer', organizationId: 'birkenhof', active: true }
const both = { recipient: true, direction: 'both' } as const

const events: Record<keyof typeof table, (row: { status: Status }) => { status: Status }> = {
  edit: draft,
  accept: (row) => accept(row, 'Anton', now),
  decline: (row) => decline(row, { reason: 'no_capacity', note: '' }, 'Anton', now),
  waitlist: (row) => waitlist(row, { position: 3, expectedOn: today }, 'Anton', now, today),
  redirect: (row) => redirect({ ...row, ...parties }, elsewhere, '', 'Anton', now),
  conclude: (row) => conclude(row, 'improved', both, now),
  withdraw: (row) => withdraw(row, 'person', now),
  take: (row) => ({ ...row, ...take(row, { membershipId: 'm', name: 'Anton' }, now) }),
  write: onItsWay,
}
const cells = Object.entries(table).flatMap(([event, { from, refusal, to }]) =>
  statuses.map((status) => ({
    event: event as keyof typeof table,
    status,
    outcome: (from as readonly string[]).includes(status) ? to : refusal,
  })),
)

for (const { event, status, outcome } of cells)
  test(`${event} when it is ${status} → ${outcome}`, () => {
    const act = () => events[event]({ status }).status
    if (outcome.startsWith('referral_not_')) expect(act).toThrow(outcome)
    else expect(act()).toBe(outcome === 'unchanged' ? status : outcome)
  })

const sides = {
  no_capacity: 'provider',
  not_responsible: 'provider',
  criteria_not_met: 'provider',
  comorbidity: 'provider',
  substitution: 'provider',
  children_pets: 'provider',
  language: 'provider',
  accessibility: 'provider',
  funding_missing: 'funder',
  safety: 'provider',
  client_declined: 'person',
  other: 'provider',
} as const

test('every reason for declining lies on a side, and the recipient may know better', () => {
  for (const reason of codes('decline_reason')) {
    expect(sideOf(reason), reason).toBe(sides[reason])
    expect(sideOf(reason, 'system')).toBe('system')
    const note = reason === 'other' ? 'The house is being rebuilt' : ''
    const answer = decline({ status: 'sent' }, { reason, note }, 'Anton', now)
    expect(answer).toEqual({
      status: 'declined',
      answeredAt: now,
      endedAt: now,
      answeredByName: 'Anton',
      declineReason: reason,
      declineSide: sides[reason],
      declineNote: note || null,
    })
  }
  expect(Object.keys(sides).toSorted()).toEqual([...codes('decline_reason')].toSorted())
})

test('"other" needs a sentence, no other reason does', () => {
  for (const reason of codes('decline_reason')) {
    const declining = () => decline({ status: 'sent' }, { reason, note: '' }, 'Anton', now)
    if (reason === 'other') expect(declining).toThrow('decline_needs_a_sentence')
    else expect(declining).not.toThrow()
  }
})

test('each side speaks for itself', () => {
  const row = { senderOrganizationId: 'mitte', recipientOrganizationId: 'wehr' }
  expect(asSender(row, 'mitte')).toBe(row)
  expect(asRecipient(row, 'wehr')).toBe(row)
  for (const other of ['wehr', 'birkenhof', null])
    expect(() => asSender(row, other)).toThrow('only_the_sender')
  for (const other of ['mitte', 'birkenhof', null])
    expect(() => asRecipient(row, other)).toThrow('only_the_recipient')
})

test('free text counts as part of the clearing summary, and every category once', () => {
  expect(used(['substance_use'], '')).toEqual(['substance_use'])
  expect(used(['substance_use', 'substance_use'], 'words')).toEqual(['substance_use', 'clearing_summary'])
  expect(used(['clearing_summary'], 'words')).toEqual(['clearing_summary'])
  expect(used([], '')).toEqual([])
})

test('arrival and no-show move the referral along', () => {
  expect(moved).toEqual({ arrived: 'started', failed: 'not_started' })
})

test('a place on a waiting list is expected today or later, never before', () => {
  const at = (expectedOn: string) =>
    waitlist({ status: 'sent' }, { position: 1, expectedOn }, 'Anton', now, today)
  expect(at('2026-05-04')).toMatchObject({ waitlistPosition: 1, expectedOn: '2026-05-04' })
  expect(() => at('2026-05-03')).toThrow('expected_in_the_past')
})

test('what is proposed is an active offer of a third organisation', () => {
  const to = (offer: Partial<typeof elsewhere>) => () =>
    redirect({ status: 'sent', ...parties }, { ...elsewhere, ...offer }, 'A note', 'Anton', now)
  expect(to({})()).toEqual({
    status: 'redirected',
    answeredAt: now,
    answeredByName: 'Anton',
    endedAt: now,
    redirectOfferId: 'offer',
    redirectNote: 'A note',
  })
  expect(to({ active: false })).toThrow('offer_not_active')
  for (const organizationId of ['wehr', 'mitte'])
    expect(to({ organizationId })).toThrow('redirect_to_a_third_party')
})

test('the outcome is the recipient’s secret unless the release runs both ways; the giver knows it from the person', () => {
  const as = (recipient: boolean, direction: 'both' | 'outward' | undefined) => () =>
    conclude({ status: 'started' }, 'successful', { recipient, direction }, now)
  expect(as(true, 'both')()).toEqual({ status: 'closed_engaged', outcome: 'successful', endedAt: now })
  for (const direction of ['outward', undefined] as const) {
    expect(as(true, direction)).toThrow('outcome_is_the_recipients_secret')
    expect(as(false, direction)()).toMatchObject({ status: 'closed_engaged' })
  }
})

test('an answer is due as the two organisations agreed, otherwise after seven days', () => {
  expect(answerDueOn(undefined, today)).toBe('2026-05-11')
  expect(answerDueOn({ answerDays: 3 }, today)).toBe('2026-05-07')
  expect(answerDueOn({ answerDays: 30 }, today)).toBe('2026-06-03')
})

const naming: [text: string, names: (string | undefined)[], refused: boolean][] = [
  ['When can Vogelsang come?', ['Kanaria', 'Vogelsang'], true],
  ['when can KANARIA come?', ['Kanaria', 'Vogelsang'], true],
  ['Fr. Vogelsang-Meier asks', ['Vogelsang'], true],
  ['Is „Meier“ right?', ['Kanaria', 'Vogelsang-Meier'], true],
  ['Is Anna there?', ['Anna Maria', undefined], true],
  ['Wo ist Müller?', ['Mu\u0308ller'], true],
  ['Is the place in the Vogelsanggasse free?', ['Kanaria', 'Vogelsang'], false],
  ['Wann kommt die Person von der Wache?', ['von der Heide'], false],
  ['Kommt er von der Heide?', ['von der Heide'], true],
  ['So ist es gut', ['So', 'Es'], false],
  ['Which papers do you need?', ['Kanaria', 'Vogelsang'], false],
  ['Which papers do you need?', [], false],
]
for (const [text, names, refused] of naming)
  test(`"${text}" about ${names.join(' ')} ${refused ? 'names the person' : 'is about the way'}`, () => {
    if (refused) expect(() => nameless(text, names, '/text')).toThrow('thread_names_the_person')
    else expect(nameless(text, names, '/text')).toBe(text)
  })

test('the youth office that claims the residence is responsible; where nobody claims it, everybody is', () => {
  const north = { id: 'north', name: 'Jugendamt Nord' }
  const south = { id: 'south', name: 'Jugendamt Süd' }
  expect(() => responsibleForResidence('south', [])).not.toThrow()
  expect(() => responsibleForResidence('south', [south])).not.toThrow()
  expect(() => responsibleForResidence('south', [north, south])).not.toThrow()
  try {
    responsibleForResidence('south', [north])
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({
      code: 'another_youth_office_is_responsible',
      more: { responsibleOrganizationId: 'north', responsibleOrganizationName: 'Jugendamt Nord' },
    })
  }
})
