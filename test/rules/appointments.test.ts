// When is contact lost, and not before? Every rule about appointments and tries, and the calendar entry, without a database.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calendarOf } from '../../src/modules/appointments/calendar.ts'
import {
  ahead,
  attempted,
  checked,
  checkOn,
  companion,
  conclude,
  contactLost,
  missingUntilLost,
  planned,
  type Try,
} from '../../src/modules/appointments/rules.ts'
import { dayIn } from '../../src/modules/deadlines/index.ts'
import { codes, type Code } from '../../src/modules/vocabularies/index.ts'
import { Problem } from '../../src/platform/problem.ts'

const now = '2026-05-04T12:00:00+00:00'
const today = '2026-05-04'

/** What is refused, by code. */
function refusal(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.code
  }
}

// --- How an appointment goes --------------------------------------------------------------------------------------

const statuses = ['planned', 'held', 'no_show', 'cancelled_by_person', 'cancelled_by_service'] as const
const outcomes = ['held', 'no_show', 'cancelled_by_person', 'cancelled_by_service'] as const
const step = { stepGiven: true, anotherPlanned: false }
const begun = '2026-05-04T11:59:59Z'
const toCome = '2026-05-04T12:00:01Z'

test('the table below knows every status of an appointment', () => {
  expect([...codes('appointment_status')].toSorted()).toEqual([...statuses].toSorted())
  expect(Object.keys(checked).toSorted()).toEqual([...outcomes].toSorted())
})

for (const status of statuses)
  for (const outcome of outcomes)
    test(`${outcome} of an appointment that is ${status} → ${status === 'planned' ? outcome : 'refused: recorded once'}`, () => {
      const act = () => conclude({ status, startsAt: begun }, outcome, step, now)
      if (status === 'planned') expect(act()).toEqual({ status: outcome, outcomeAt: now })
      else expect(refusal(act)).toBe('appointment_not_planned')
      expect(refusal(() => planned({ status }))).toBe(
        status === 'planned' ? undefined : 'appointment_not_planned',
      )
    })

test.each([
  ['held', 'appointment_not_begun'],
  ['no_show', 'appointment_not_begun'],
  ['cancelled_by_person', undefined],
  ['cancelled_by_service', undefined],
] as const)('before it has begun, %s → %s', (outcome, expected) => {
  expect(refusal(() => conclude({ status: 'planned', startsAt: toCome }, outcome, step, now))).toBe(expected)
})

test.each([
  [false, false, 'next_step_missing'],
  [true, false, undefined],
  [false, true, undefined],
  [true, true, undefined],
] as const)(
  'cancelled with a next step: %s, with another appointment: %s → %s',
  (given, another, expected) => {
    const follows = { stepGiven: given, anotherPlanned: another }
    for (const outcome of ['cancelled_by_person', 'cancelled_by_service'] as const)
      expect(refusal(() => conclude({ status: 'planned', startsAt: toCome }, outcome, follows, now))).toBe(
        expected,
      )
    // Whoever came or did not come needs none: what follows is known.
    for (const outcome of ['held', 'no_show'] as const)
      expect(refusal(() => conclude({ status: 'planned', startsAt: begun }, outcome, follows, now))).toBe(
        undefined,
      )
  },
)

test.each([
  ['2026-05-04T11:59:59Z', 'appointment_in_the_past'],
  ['2026-05-04T13:59:59+02:00', 'appointment_in_the_past'],
  ['2026-05-04T12:00:00Z', undefined],
  ['2026-05-04T12:30:00-05:00', undefined],
  ['2029-05-01T00:00:00Z', undefined],
  ['2029-05-08T00:00:00Z', 'appointment_too_far_ahead'],
  ['9999-12-31T23:59:59Z', 'appointment_too_far_ahead'],
])('an appointment at %s → %s', (startsAt, expected) => {
  expect(refusal(() => ahead(startsAt, now, today))).toBe(expected)
})

test.each([
  // In Berlin it is two hours later: the night belongs to the day before until midnight there, not in Greenwich.
  ['Europe/Berlin', '2026-05-04T21:30:00Z', '2026-05-04', '2026-05-05'],
  ['Europe/Berlin', '2026-05-04T22:30:00Z', '2026-05-05', '2026-05-06'],
  ['Europe/Berlin', '2026-12-04T22:30:00Z', '2026-12-04', '2026-12-07'],
  ['Europe/Berlin', '2026-12-04T23:30:00Z', '2026-12-05', '2026-12-07'],
  ['Atlantic/Azores', '2026-12-08T00:30:00Z', '2026-12-07', '2026-12-08'],
])('in %s, %s is on %s, and asked for on %s', (zone, startsAt, day, due) => {
  expect(dayIn(zone, startsAt)).toBe(day)
  expect(checkOn(zone, startsAt)).toBe(due)
})

test('whoever goes along is a navigator of the unit', () => {
  const unit = 'mitte'
  expect(refusal(() => companion(unit, { role: 'navigator', organizationId: unit }))).toBe(undefined)
  expect(refusal(() => companion(unit, { role: 'navigation_head', organizationId: unit }))).toBe(undefined)
  expect(refusal(() => companion(unit, { role: 'navigator', organizationId: 'nord' }))).toBe(
    'companion_outside_the_unit',
  )
  expect(refusal(() => companion(unit, { role: 'planner', organizationId: unit }))).toBe(
    'companion_outside_the_unit',
  )
})

test.each([
  ['2026-05-05', 'attempt_in_the_future'],
  ['2026-05-04', undefined],
  ['2026-05-01', undefined],
  ['2026-04-30', 'attempt_before_the_case'],
])('a try on %s in a case opened on the first of May → %s', (on, expected) => {
  expect(refusal(() => attempted(on, '2026-05-01', today))).toBe(expected)
})

// --- When contact is lost ------------------------------------------------------------------------------------------

type Mode = 'phone' | 'letter' | 'home_visit'
const day = (n: number) => `2026-05-${String(n).padStart(2, '0')}`
const inVain = (n: number, mode: Mode = 'phone'): Try => ({
  attemptedOn: day(n),
  mode,
  outcome: 'not_reached',
})
const reached = (n: number): Try => ({ attemptedOn: day(n), mode: 'phone', outcome: 'reached' })
const declined = (n: number): Try => ({ attemptedOn: day(n), mode: 'chat', outcome: 'wants_no_contact' })
const enough = [inVain(2), inVain(3, 'letter'), inVain(4)]

test.each<[string, Try[], ReturnType<typeof missingUntilLost>]>([
  ['nobody ever tried', [], { tries: 3, days: 3, ways: 2 }],
  ['one call', [inVain(2)], { tries: 2, days: 2, ways: 1 }],
  ['three calls on one day', [inVain(2), inVain(2), inVain(2)], { tries: 0, days: 2, ways: 1 }],
  ['three calls on three days', [inVain(2), inVain(3), inVain(4)], { tries: 0, days: 0, ways: 1 }],
  [
    'three ways on one day',
    [inVain(2), inVain(2, 'letter'), inVain(2, 'home_visit')],
    { tries: 0, days: 2, ways: 0 },
  ],
  ['two days in two ways', [inVain(2), inVain(3, 'letter')], { tries: 1, days: 1, ways: 0 }],
  ['three days in two ways', enough, null],
  ['the person was reached in between', [...enough, reached(3)], { tries: 2, days: 2, ways: 1 }],
  ['the person was reached before', [reached(1), ...enough], null],
  ['reached on the day of the first try', [reached(2), ...enough], { tries: 1, days: 1, ways: 0 }],
  ['the person was reached afterwards', [...enough, reached(5)], { tries: 3, days: 3, ways: 2 }],
  ['the later of both counts', [reached(1), ...enough, reached(3)], { tries: 2, days: 2, ways: 1 }],
  ['the person wants no more contact', [declined(2)], null],
  ['they said so when they were reached', [reached(2), declined(2)], null],
  ['they were there again after saying so', [declined(2), reached(3)], { tries: 3, days: 3, ways: 2 }],
])('%s', (_, tries, missing) => {
  expect(missingUntilLost(tries)).toEqual(missing)
  const act = () => contactLost(tries)
  expect(refusal(act)).toBe(missing ? 'contact_not_lost' : undefined)
})

const someTry = fc.record({
  attemptedOn: fc.integer({ min: 1, max: 9 }).map(day),
  mode: fc.constantFrom('phone', 'letter', 'home_visit'),
  outcome: fc.constantFrom<Code<'attempt_outcome'>>(
    'not_reached',
    'not_reached',
    'not_reached',
    'reached',
    'wants_no_contact',
  ),
})
const history = fc.array(someTry, { maxLength: 10 })

test('contact is lost exactly when one of the two reasons is there, whatever happened in whatever order', () => {
  // Said once more, day by day, as one would tell it: whatever was there is forgotten when the person is there again.
  function told(tries: readonly Try[]): boolean {
    let vain: Try[] = []
    let words = false
    for (let n = 1; n <= 9; n += 1) {
      const ofDay = tries.filter(({ attemptedOn }) => attemptedOn === day(n))
      const met = ofDay.some(({ outcome }) => outcome === 'reached')
      if (met) [vain, words] = [[], false]
      else vain.push(...ofDay.filter(({ outcome }) => outcome === 'not_reached'))
      words ||= ofDay.some(({ outcome }) => outcome === 'wants_no_contact')
    }
    const different = (of: (one: Try) => string) => new Set(vain.map(of)).size
    return (
      words ||
      (vain.length >= 3 && different((one) => one.attemptedOn) >= 3 && different((one) => one.mode) >= 2)
    )
  }
  let [lost, kept] = [0, 0]
  fc.assert(
    fc.property(history, (tries) => {
      const expected = told(tries)
      if (expected) lost += 1
      else kept += 1
      expect(missingUntilLost(tries) === null).toBe(expected)
      expect(missingUntilLost(tries.toReversed())).toEqual(missingUntilLost(tries))
    }),
    { numRuns: 2000 },
  )
  // Both happened often enough to prove something.
  expect(Math.min(lost, kept)).toBeGreaterThan(50)
})

test('what is said to be missing is enough, and nothing less is', () => {
  fc.assert(
    fc.property(history, (tries) => {
      const missing = missingUntilLost(tries)
      if (!missing) return
      const more = Math.max(...Object.values(missing))
      const later = Array.from({ length: more }, (_, n): Try => {
        const mode = `another way ${n}`
        return { attemptedOn: day(10 + n), mode, outcome: 'not_reached' }
      })
      expect(missingUntilLost([...tries, ...later])).toBeNull()
      expect(missingUntilLost([...tries, ...later.slice(1)])).not.toBeNull()
    }),
  )
})

test('whoever is reached is not lost, however often nobody answered before', () => {
  fc.assert(
    fc.property(history, (tries) => {
      expect(missingUntilLost([...tries, reached(10)])).toEqual({ tries: 3, days: 3, ways: 2 })
    }),
  )
})

// --- The calendar entry ----------------------------------------------------------------------------------------------

const entry = {
  id: '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e',
  version: 3,
  status: 'planned',
  startsAt: '2026-05-04T21:30:00+00:00',
  minutes: 45,
  place: 'Am Anger 3',
} as const
const city = { slug: 'lindenau', language: 'de' } as const

/** RFC 5545 § 3.1 and § 3.3.11, read back: lines, unfolded, each with its name and its text. */
function read(ics: string) {
  return ics
    .replaceAll('\r\n ', '')
    .split('\r\n')
    .slice(0, -1)
    .map((line) => /^([A-Z-]+):(.*)$/su.exec(line)!)
    .map(([, name, value]) => [
      name,
      value!.replaceAll(/\\([\\;,nN])/g, (_, sign: string) => (/n/i.test(sign) ? '\n' : sign)),
    ])
}

test('a calendar entry says when and where, and no word about why', () => {
  expect(read(calendarOf(entry, city, '2026-05-01T08:00:00+00:00'))).toEqual([
    ['BEGIN', 'VCALENDAR'],
    ['VERSION', '2.0'],
    ['PRODID', '-//Lotse//Lotse 1//EN'],
    ['METHOD', 'PUBLISH'],
    ['BEGIN', 'VEVENT'],
    ['UID', `${entry.id}@lindenau`],
    ['SEQUENCE', '2'],
    ['DTSTAMP', '20260501T080000Z'],
    ['DTSTART', '20260504T213000Z'],
    ['DTEND', '20260504T221500Z'],
    ['SUMMARY', 'Termin'],
    ['LOCATION', 'Am Anger 3'],
    ['STATUS', 'CONFIRMED'],
    ['CLASS', 'PRIVATE'],
    ['BEGIN', 'VALARM'],
    ['ACTION', 'DISPLAY'],
    ['DESCRIPTION', 'Termin'],
    ['TRIGGER', '-P1D'],
    ['END', 'VALARM'],
    ['END', 'VEVENT'],
    ['END', 'VCALENDAR'],
  ])
})

test.each([
  ['planned', 'CONFIRMED', true],
  ['held', 'CONFIRMED', true],
  ['no_show', 'CONFIRMED', true],
  ['cancelled_by_person', 'CANCELLED', false],
  ['cancelled_by_service', 'CANCELLED', false],
] as const)('an appointment that is %s stands in the calendar as %s', (status, expected, rings) => {
  const lines = read(calendarOf({ ...entry, status }, city, now))
  expect(lines).toContainEqual(['STATUS', expected])
  expect(lines.some(([, value]) => value === 'VALARM')).toBe(rings)
})

test.each([
  ['de', 'Termin'],
  ['en', 'Appointment'],
  ['da', 'Aftale'],
] as const)('in %s it is called %s', (language, title) => {
  expect(read(calendarOf(entry, { ...city, language }, now))).toContainEqual(['SUMMARY', title])
})

test('whatever stands as the place is read back, and no line is longer than 75 octets or cut in a character', () => {
  const sign = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
    fc.constantFrom('ä', '\\', ';', ',', '😀', '\\n', '\u0007', '\t', 'BEGIN:VEVENT'),
  )
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 120 }), (signs) => {
      const place = signs.join('')
      const ics = calendarOf({ ...entry, place }, city, now)
      const lines = ics.split('\r\n')
      expect(lines.pop()).toBe('')
      for (const line of lines) {
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
        expect(line.isWellFormed()).toBe(true)
        expect(line).not.toMatch(/[\r\n]/)
      }
      const written = place.replaceAll(/\r?\n/g, '\n').replaceAll(/(?!\n)\p{Cc}/gu, ' ')
      expect(read(ics)).toContainEqual(['LOCATION', written])
      expect(read(ics).filter(([name]) => name === 'BEGIN')).toHaveLength(3)
    }),
  )
})
