// Which step may a referral take? Every status and every event, without a database.
import { expect, test } from 'vitest'
import {
  accept,
  asRecipient,
  asSender,
  decline,
  draft,
  moved,
  sideOf,
  used,
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
  withdraw: {
    from: ['draft', 'sent', 'waitlisted', 'accepted', 'started', 'not_started'],
    refusal: 'referral_not_open',
    to: 'withdrawn',
  },
} as const

const events: Record<keyof typeof table, (row: { status: Status }) => { status: Status }> = {
  edit: draft,
  accept: (row) => accept(row, 'Anton', now),
  decline: (row) => decline(row, { reason: 'no_capacity', note: '' }, 'Anton', now),
  withdraw: (row) => withdraw(row, 'person', now),
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
    else expect(act()).toBe(outcome)
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
