// Which clock starts where, what stops it, and on which day is it due?
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { monthsAfter, workingDaysAfter } from '../../src/modules/deadlines/index.ts'
import {
  basisOf,
  dayIn,
  followUps,
  guaranteeSettled,
  ladder,
  lateDays,
  startByHand,
  startsByHand,
  stopByHand,
  type RunningKind,
  type Stop,
} from '../../src/modules/deadlines/rules.ts'
import { daysAfter } from '../../src/modules/tasks/index.ts'
import { codes } from '../../src/modules/vocabularies/index.ts'

const [today, now] = ['2026-03-16', '2026-03-16T09:00:00+00:00']
const stops = codes('deadline_stop')
const kinds = Object.keys(basisOf) as RunningKind[]

// Written down once more, from the law and not from the code.
const byHand: Record<string, Stop[]> = {
  treatment_guarantee_14d: ['treatment_started', 'other_choice'],
  rehab_responsibility_2w: ['forwarded', 'responsibility_clear'],
  followup_1m: ['done', 'not_reached'],
  followup_6m: ['done', 'not_reached'],
  release_expiry: ['done'],
}

describe.each(kinds)('%s', (kind) => {
  const clock = { kind, startedOn: '2026-03-02', stoppedAt: null }

  test.each(stops)('by hand and %s', (by) => {
    const stop = () => stopByHand(clock, { by }, now, today)
    if (byHand[kind]?.includes(by))
      expect(stop()).toEqual({ stoppedAt: now, stoppedOn: today, stoppedBy: by })
    else expect(stop).toThrow(byHand[kind] ? 'deadline_not_stopped_by_this' : 'deadline_stops_by_its_act')
  })

  test('is stopped once, whatever stops it', () => {
    for (const by of stops)
      expect(() => stopByHand({ ...clock, stoppedAt: now }, { by }, now, today)).toThrow(
        'deadline_is_stopped',
      )
  })
})

test.each([
  ['2026-03-02', 'ends'],
  ['2026-03-16', 'ends'],
  ['2026-03-01', 'refused'],
  ['2026-03-17', 'refused'],
])('what began on the 2nd and is recorded on the 16th as of %s: %s', (on, expected) => {
  const clock = { kind: 'followup_1m', startedOn: '2026-03-02', stoppedAt: null } as const
  const stop = () => stopByHand(clock, { by: 'done', on }, now, today)
  if (expected === 'ends') expect(stop().stoppedOn).toBe(on)
  else expect(stop).toThrow('deadline_stopped_outside_its_days')
})

const countries = ['de', 'dk', 'other'] as const
const lawOf = { treatment_guarantee_14d: 'dk', rehab_responsibility_2w: 'de' } as const

describe.each(startsByHand)('%s by hand', (kind) => {
  const start = (given: Partial<Parameters<typeof startByHand>[2]> = {}, startedOn = today) =>
    startByHand(kind, startedOn, { country: lawOf[kind], earlier: [], ...given }, today)

  test.each(countries)('starts in %s only where it is law', (country) => {
    if (country === lawOf[kind]) expect(start({ country }).dueOn).toBe('2026-03-30')
    else expect(() => start({ country })).toThrow('deadline_of_another_country')
  })

  test('names its paragraph, and runs from the day on which it began', () =>
    expect(start({}, '2026-03-01')).toEqual({
      startedOn: '2026-03-01',
      dueOn: '2026-03-15',
      basis: expect.stringContaining('§') as string,
    }))

  test('never starts in the future, nor so long ago that it is a slip of the pen', () => {
    expect(() => start({}, '2026-03-17')).toThrow('deadline_starts_in_the_future')
    expect(() => start({}, daysAfter(today, -367))).toThrow('deadline_started_too_long_ago')
    expect(start({}, daysAfter(today, -366)).startedOn).toBe('2025-03-15')
  })
})

test('the guarantee runs from the first request: also one that was stopped stands against a second', () => {
  const again = (stoppedAt: string | null) => () =>
    startByHand('treatment_guarantee_14d', today, { country: 'dk', earlier: [{ stoppedAt }] }, today)
  expect(again(null)).toThrow('guarantee_registered_already')
  expect(again(now)).toThrow('guarantee_registered_already')
})

test('a second application for rehabilitation is a new clock, when the first has stopped', () => {
  const again = (stoppedAt: string | null) =>
    startByHand('rehab_responsibility_2w', today, { country: 'de', earlier: [{ stoppedAt }] }, today)
  expect(() => again(null)).toThrow('deadline_runs_already')
  expect(again(now).startedOn).toBe(today)
})

test.each([
  ['2026-03-20', null, 0],
  ['2026-03-16', null, 0],
  ['2026-03-15', null, 1],
  ['2026-02-28', null, 16],
  ['2026-03-01', '2026-03-01', 0],
  ['2026-03-01', '2026-03-04', 3],
  ['2026-03-20', '2026-03-02', 0],
])('due on %s and stopped on %s it is %i days late', (dueOn, stoppedOn, days) =>
  expect(lateDays({ dueOn, stoppedOn }, today)).toBe(days),
)

const planned = ['planned_regular', 'planned_on_advice', 'planned_early_agreed', 'planned_transfer']
test.each(codes('case_end_type'))(
  'in Denmark somebody is asked again after an end that was planned: %s',
  (end) => {
    const asked = followUps(end, 'dk', '2026-01-31')
    expect(asked).toEqual(
      planned.includes(end)
        ? [
            { kind: 'followup_1m', dueOn: '2026-02-28' },
            { kind: 'followup_6m', dueOn: '2026-07-31' },
          ]
        : [],
    )
    for (const country of ['de', 'other']) expect(followUps(end, country, today)).toEqual([])
  },
)

test.each(codes('case_end_type'))(
  'a guarantee that runs stands against an end that was planned: %s',
  (end) => {
    const close = (stoppedAt: string | null) => () => guaranteeSettled(end, [{ stoppedAt }])
    expect(close(now)).not.toThrow()
    if (planned.includes(end)) expect(close(null)).toThrow('guarantee_still_running')
    else expect(close(null)).not.toThrow()
    expect(() => guaranteeSettled(end, [])).not.toThrow()
  },
)

test('lead, head and coordinator are told after one, three and seven days, one after the other', () => {
  expect(ladder.map(({ to, days }) => [to, days])).toEqual([
    ['lead', 1],
    ['head', 3],
    ['coordinator', 7],
  ])
  expect(ladder.map(({ after }) => after)).toEqual([null, 'lead', 'head'])
})

test.each([
  ['2026-03-13', 1, '2026-03-16'],
  ['2026-03-14', 1, '2026-03-16'],
  ['2026-03-15', 1, '2026-03-16'],
  ['2026-03-16', 1, '2026-03-17'],
  ['2026-03-13', 5, '2026-03-20'],
  ['2026-03-13', 6, '2026-03-23'],
  ['2026-12-31', 1, '2027-01-01'],
  ['2028-02-28', 1, '2028-02-29'],
  ['2026-03-13', 0, '2026-03-13'],
])('%s and %i working days is %s', (day, days, expected) =>
  expect(workingDaysAfter(day, days)).toBe(expected),
)

test.each([
  ['2026-01-31', 1, '2026-02-28'],
  ['2028-01-31', 1, '2028-02-29'],
  ['2026-01-30', 1, '2026-02-28'],
  ['2026-08-31', 6, '2027-02-28'],
  ['2027-08-31', 6, '2028-02-29'],
  ['2026-08-29', 6, '2027-02-28'],
  ['2026-03-31', 1, '2026-04-30'],
  ['2026-12-15', 1, '2027-01-15'],
  ['2028-02-29', 6, '2028-08-29'],
])('%s and %i months is %s', (day, months, expected) => expect(monthsAfter(day, months)).toBe(expected))

test('a working day is never a Saturday or Sunday, and months never leave the month they name', () => {
  const day = fc.integer({ min: 0, max: 30_000 }).map((n) => daysAfter('2000-01-01', n))
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 30 }), (from, n) => {
      expect([0, 6]).not.toContain(new Date(`${workingDaysAfter(from, n)}T00:00:00Z`).getUTCDay())
      expect(workingDaysAfter(from, n) > from).toBe(true)
      const later = monthsAfter(from, n)
      const [year, month] = from.split('-').map(Number) as [number, number]
      const [laterYear, laterMonth] = later.split('-').map(Number) as [number, number]
      expect(laterYear * 12 + laterMonth).toBe(year * 12 + month + n)
      expect(later.slice(8) <= from.slice(8)).toBe(true)
    }),
  )
})

test.each([
  ['Europe/Copenhagen', '2026-03-01T22:59:00Z', '2026-03-01'],
  ['Europe/Copenhagen', '2026-03-01T23:00:00Z', '2026-03-02'],
  ['Europe/Berlin', '2026-07-01T21:59:59Z', '2026-07-01'],
  ['Europe/Berlin', '2026-07-01T22:00:00Z', '2026-07-02'],
  ['Pacific/Kiritimati', '2026-07-01T10:00:00Z', '2026-07-02'],
])('in %s %s is %s', (zone, instant, day) => expect(dayIn(zone, instant)).toBe(day))
