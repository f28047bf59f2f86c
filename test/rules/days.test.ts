// Which day is it some days later, which language does somebody read, and where did a page end?
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { obligation } from '../../src/modules/identity/rules.ts'
import { daysAfter, recontactDays } from '../../src/modules/tasks/index.ts'
import { after, page } from '../../src/platform/cursor.ts'
import { languageOf } from '../../src/platform/language.ts'

test.each([
  ['2026-02-28', 1, '2026-03-01'],
  ['2028-02-28', 1, '2028-02-29'],
  ['2026-12-31', 1, '2027-01-01'],
  ['2026-03-28', 2, '2026-03-30'],
  ['2026-10-24', 2, '2026-10-26'],
  ['2026-03-02', -2, '2026-02-28'],
])('%s and %i days is %s, also where the clocks change', (day, days, expected) =>
  expect(daysAfter(day, days)).toBe(expected),
)

test('days add up', () => {
  const day = fc.integer({ min: 0, max: 30_000 }).map((n) => daysAfter('2000-01-01', n))
  fc.assert(
    fc.property(day, fc.nat(400), fc.nat(400), (from, a, b) => {
      expect(daysAfter(daysAfter(from, a), b)).toBe(daysAfter(from, a + b))
    }),
  )
})

test('after a no-show there are three tries', () => expect(recontactDays).toEqual([2, 7, 14]))

test.each([
  [undefined, 'de'],
  ['', 'de'],
  ['*', 'de'],
  ['da-DK, en;q=0.8', 'da'],
  ['EN-gb', 'en'],
  ['fr, en;q=0.1, da;q=0.2', 'da'],
  ['de;q=0, en;q=0.1', 'en'],
  ['xx;q=nonsense', 'de'],
])('whoever sends %j reads %s', (header, language) => expect(languageOf(header)).toBe(language))

const rows = Array.from({ length: 5 }, (_, n) => ({
  id: `01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4${n}`,
  name: `N${n}`,
}))

test('a page knows where it ended, and the last one says so', () => {
  const first = page(rows.slice(0, 3), 2, ({ name }) => name)
  expect(first.items).toHaveLength(2)
  expect(after(first.nextCursor!, 'byName')).toEqual({ key: 'N1', id: rows[1]!.id })
  expect(page(rows.slice(3), 2, ({ name }) => name).nextCursor).toBeNull()
  expect(page([], 2, () => '').nextCursor).toBeNull()
})

test('a cursor that is not ours is refused', () => {
  for (const cursor of ['', 'x', 'W10', Buffer.from('["a"]').toString('base64url')])
    expect(() => after(cursor, 'newest')).toThrow('invalid_request')
})

test('a first page begins before everything in its own order', () => {
  const highest = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
  const lowest = '00000000-0000-0000-0000-000000000000'
  expect(after(undefined, 'newest')).toEqual({ key: 'infinity', id: highest })
  expect(after(undefined, 'soonest')).toEqual({ key: '-infinity', id: lowest })
  expect(after(undefined, 'byName')).toEqual({ key: '', id: lowest })
})

test('a secrecy obligation is recorded by somebody else and lies in the past', () => {
  const given = { userId: 'a', boundOn: '2026-03-02' }
  expect(() => obligation(given, 'b', '2026-03-02')).not.toThrow()
  expect(() => obligation(given, 'a', '2026-03-02')).toThrow('own_secrecy_obligation')
  expect(() => obligation(given, 'b', '2026-03-01')).toThrow('date_in_the_future')
})
