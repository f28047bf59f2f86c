// How may a first contact go on? Every status and every event, from both sides, without a database.
import { expect, test } from 'vitest'
import {
  assumed,
  confirm,
  declined,
  goesOnFrom,
  guide,
  kept,
  nextStepOn,
  offeredBy,
  open,
  scoped,
  sourceOf,
  takenUp,
  total,
  toTakeUp,
} from '../../src/modules/contacts/rules.ts'
import { codes, type Code } from '../../src/modules/vocabularies/index.ts'

type Status = Code<'contact_status'>
const statuses = ['registered', 'guiding', 'guided_elsewhere', 'taken_up', 'person_declined'] as const
const now = '2026-05-04T12:00:00Z'
const today = '2026-05-04'

test('the table below knows every status of a contact, and none of them is "rejected"', () => {
  expect([...codes('contact_status')].toSorted()).toEqual([...statuses].toSorted())
  expect(codes('contact_status').filter((status) => /reject|refus|abgelehnt/.test(status))).toEqual([])
})

const row = (status: Status) => ({
  status,
  organizationId: 'door',
  registeredByUserId: 'registrar',
  toOrganizationId: 'place',
  outOfScope: false,
  responsibleSector: null,
})
const sides = {
  door: { organizationId: 'door', userId: 'colleague' },
  registrar: { organizationId: 'elsewhere', userId: 'registrar' },
  place: { organizationId: 'place', userId: 'somebody' },
  stranger: { organizationId: 'stranger', userId: 'stranger' },
} as const
type Side = keyof typeof sides
const place = { place: 'There', contact: 'reception', by: today, offerId: null, organizationId: 'place' }

// From which statuses, by whom, to where; what is not named is refused.
const table = {
  guide: { from: ['registered', 'guiding'], by: ['door', 'registrar'], to: 'guiding' },
  confirmByPerson: { from: ['guiding'], by: ['door', 'registrar'], to: 'guided_elsewhere' },
  confirmByPlace: { from: ['guiding'], by: ['place'], to: 'guided_elsewhere' },
  accompany: { from: ['guiding'], by: ['door', 'registrar'], to: 'guided_elsewhere' },
  takeUp: { from: ['registered', 'guiding'], by: ['door', 'place'], to: 'taken_up' },
  // Who may note it is a question of the rows that exist for somebody; that it is the person's word, of the field.
  decline: {
    from: ['registered', 'guiding'],
    by: ['door', 'registrar', 'place', 'stranger'],
    to: 'person_declined',
  },
} as const
type Event = keyof typeof table

const events: Record<Event, (status: Status, side: Side) => { status: Status; nextStepOn: string | null }> = {
  guide: (status, side) => guide(row(status), place, sides[side], today),
  confirmByPerson: (status, side) => confirm(row(status), 'person', sides[side], now),
  confirmByPlace: (status, side) => confirm(row(status), 'place', sides[side], now),
  accompany: (status, side) => confirm(row(status), 'accompanied', sides[side], now),
  takeUp: (status, side) => {
    toTakeUp(row(status), sides[side].organizationId)
    return takenUp('case', now)
  },
  decline: (status) => declined(row(status), { place: 'The clinic', organizationId: undefined }, now),
}
const refusedTo: Record<Event, string> = {
  guide: 'only_the_door',
  confirmByPerson: 'only_the_place',
  confirmByPlace: 'only_the_place',
  accompany: 'only_the_place',
  takeUp: 'only_the_asked_unit',
  decline: '',
}
const ended: readonly Status[] = ['guided_elsewhere', 'taken_up', 'person_declined']

const cells = (Object.keys(table) as Event[]).flatMap((event) =>
  statuses.flatMap((status) =>
    (Object.keys(sides) as Side[]).map((side) => {
      const { from, by, to } = table[event]
      const outcome = ended.includes(status)
        ? 'contact_ended'
        : !(from as readonly string[]).includes(status)
          ? 'contact_not_guided'
          : (by as readonly string[]).includes(side)
            ? to
            : refusedTo[event]
      return { event, status, side, outcome, to }
    }),
  ),
)

for (const { event, status, side, outcome, to } of cells)
  test(`${event} by the ${side} when it is ${status} → ${outcome}`, () => {
    const act = () => events[event](status, side)
    if (outcome !== to) return expect(act).toThrow(outcome)
    expect(act().status).toBe(to)
    // Whatever is still open has a day, whatever has ended has none.
    expect(act().nextStepOn === null).toBe(to !== 'guiding')
  })

test('there are as many endings as there are ways out, and no other', () => {
  const out = new Set(Object.values(table).map(({ to }) => to))
  expect([...out].filter((status) => status !== 'guiding').toSorted()).toEqual([...ended].toSorted())
  expect(() => open(row('registered'))).not.toThrow()
})

test('a contact that is out of scope is guided on like any other, and taking it up names the sector', () => {
  const outside = { ...row('registered'), outOfScope: true, responsibleSector: 'health' as const }
  expect(guide(outside, place, sides.door, today).status).toBe('guiding')
  expect(() => toTakeUp(outside, 'place')).toThrow(
    expect.objectContaining({ code: 'out_of_scope', more: { responsibleSector: 'health' } }),
  )
})

test('an organisation that is not asked does not become the place because nobody is asked', () => {
  const nobodyAsked = { ...row('guiding'), toOrganizationId: null }
  expect(() => confirm(nobodyAsked, 'place', { organizationId: null, userId: 'x' }, now)).toThrow(
    'only_the_place',
  )
})

test('out of scope is only what is excluded as a whole', () => {
  const rules = [
    { problem: 'gambling', sector: 'health' },
    { problem: 'gaming', sector: 'youth' },
  ] as const
  const inside = { outOfScope: false, responsibleSector: null }
  expect(scoped(['gambling'], rules)).toEqual({ outOfScope: true, responsibleSector: 'health' })
  expect(scoped(['gaming', 'gambling'], rules)).toEqual({ outOfScope: true, responsibleSector: 'youth' })
  expect(scoped(['gambling', 'alcohol'], rules)).toEqual(inside)
  expect(scoped(['alcohol', 'gambling'], rules)).toEqual(inside)
  expect(scoped([], rules)).toEqual(inside)
  expect(scoped(['gambling'], [])).toEqual(inside)
})

const words = { name: 'Robin', reach: '0555 1', agreement: 'Call on Thursday' }

test.each([
  [{}, null],
  [{ agreed: true }, null],
  [words, words],
  [{ ...words, agreed: true }, words],
  [
    { name: 'Robin', agreement: 'Yes' },
    { name: 'Robin', reach: null, agreement: 'Yes' },
  ],
])('of %j is kept %j', (told, expected) => {
  expect(kept(told)).toEqual(expected)
})

test.each([
  [{ name: 'Robin' }, ['/name']],
  [{ name: 'Robin', reach: '0555 1' }, ['/name', '/reach']],
  [{ reach: '0555 1', agreed: true }, ['/reach']],
  [{ ...words, agreed: false }, ['/name', '/reach', '/agreement']],
])('%j is refused, and nothing of it is dropped silently', (told, pointers) => {
  const code = 'name_without_agreement'
  const errors = pointers.map((pointer) => ({ pointer, code }))
  expect(() => kept(told)).toThrow(expect.objectContaining({ code, errors }))
})

test('the next step is in two working days unless another day was agreed, and never in the past', () => {
  // 2026-05-07 is a Thursday: two working days later is a Monday.
  expect(nextStepOn(undefined, '2026-05-07')).toBe('2026-05-11')
  expect(nextStepOn('2026-05-07', '2026-05-07')).toBe('2026-05-07')
  expect(() => nextStepOn('2026-05-06', '2026-05-07')).toThrow('next_step_in_the_past')
  expect(() => guide(row('registered'), { ...place, by: '2026-05-03' }, sides.door, today)).toThrow(
    expect.objectContaining({ errors: [{ pointer: '/by', code: 'next_step_in_the_past' }] }),
  )
})

test('one more door is counted, and the first contact stays the first', () => {
  const first = '2026-04-01T08:00:00Z'
  expect(goesOnFrom(null, now)).toEqual({ previousContactId: null, firstContactAt: now, doors: 1 })
  expect(goesOnFrom({ id: 'before', firstContactAt: first, doors: 2 }, now)).toEqual({
    previousContactId: 'before',
    firstContactAt: first,
    doors: 3,
  })
})

test('an offer belongs to the organisation that is named beside it', () => {
  expect(offeredBy(undefined, undefined)).toBeNull()
  expect(offeredBy({ organizationId: 'a' }, undefined)).toBe('a')
  expect(offeredBy({ organizationId: 'a' }, 'a')).toBe('a')
  expect(() => offeredBy({ organizationId: 'a' }, 'b')).toThrow('offer_of_another_organization')
})

test('a refusal is counted at whoever was asked, unless another place or none of the network was meant', () => {
  const at = (organizationId: string | null | undefined) =>
    declined(row('guiding'), { place: 'The clinic', organizationId }, now).declinedOrganizationId
  expect(at(undefined)).toBe('place')
  expect(at('another')).toBe('another')
  expect(at(null)).toBeNull()
})

test('for everybody who asks there is a way of access', () => {
  for (const requester of codes('requester_role'))
    expect(codes('referral_source')).toContain(sourceOf(requester))
  expect(sourceOf('relative')).toBe('family_friends')
})

test('what self-help writes down is a referral to the navigators', () => {
  expect(assumed('self_help_rep')).toEqual({ kind: 'inbound_referral', requesterRole: 'self_help' })
  expect(assumed('planner')).toEqual({ kind: 'first_contact', requesterRole: 'self' })
})

test('the total is the sum of the doors', () => {
  const door = { registered: 5, guidedAndConfirmed: 1, takenUp: 1, refused: 1, open: 2, lost: 1 }
  expect(total([])).toEqual({
    registered: 0,
    guidedAndConfirmed: 0,
    takenUp: 0,
    refused: 0,
    open: 0,
    lost: 0,
  })
  expect(total([door, { ...door, refused: 3 }])).toEqual({
    registered: 10,
    guidedAndConfirmed: 2,
    takenUp: 2,
    refused: 4,
    open: 4,
    lost: 2,
  })
})
