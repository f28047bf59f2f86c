// Is what was acknowledged still there, whole and once, when service and database are killed while they write?
import { expect, test } from 'vitest'
import { crash } from '../chaos/crash.ts'
import { judge } from '../chaos/writers.ts'

test(
  'nothing is lost, half or doubled when the service and PostgreSQL are killed twice each under load',
  { timeout: 120_000 },
  async () => {
    // How soon it writes again is measured by `npm run test:chaos`, where nothing else runs.
    const { found, tried } = await crash(2, 600, () => {})
    expect(found).toMatch(/^0 lost, 0 half-applied, 0 doubled; writing again/)
    expect(tried).toContain('2 times each')
  },
)

test.each([
  ['what was lost', [{ mark: 'b', counts: [1, 1] }], { lost: ['a'], half: [], doubled: [] }],
  [
    'what is there in half',
    [
      { mark: 'a', counts: [1, 0] },
      { mark: 'b', counts: [1, 1] },
    ],
    { lost: [], half: ['a'], doubled: [] },
  ],
  [
    'what is there twice',
    [
      { mark: 'a', counts: [2, 2] },
      { mark: 'b', counts: [1, 1] },
    ],
    { lost: [], half: [], doubled: ['a'] },
  ],
])('the account finds %s', (_, rows, found) => {
  expect(judge(new Set(['a', 'b']), rows)).toEqual(found)
})

test('what was never acknowledged may be there or not, but not in half', () => {
  expect(judge(new Set(), [{ mark: 'a', counts: [1, 1] }])).toEqual({ lost: [], half: [], doubled: [] })
  expect(judge(new Set(), [{ mark: 'a', counts: [1, 0] }]).half).toEqual(['a'])
})
