// Does every policy let through exactly what was promised, and would it be noticed if one did not?
import { afterAll, expect, inject, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { noted } from '../support/figures.ts'
import { askers, flipsOf, rowsOfTheWalls } from './rows.ts'
import { walls } from './walls.ts'

const { urls } = await lotse()
const { policies, tables, rowsOf, disagreements, notices, end } = await rowsOfTheWalls(urls.admin)
afterAll(end)

test('the walls are written down for every table, and for no other', () => {
  expect(Object.keys(walls).sort()).toEqual([...tables].sort())
})

test.each(tables)('%s: every row is let through to exactly those to whom it was promised', async (table) => {
  expect(await disagreements(table)).toEqual([])
})

test('a policy that says something else is noticed', { timeout: 600_000 }, async ({ task }) => {
  const all = policies.flatMap(flipsOf)
  const every = inject('figures').policyFlips === 'all' ? 1 : 12
  const flips = all.filter((_, at) => at % every === 0)
  expect(flips.length).toBeGreaterThan(all.length / every - 1)
  const unnoticed: string[] = []
  for (const flip of flips)
    if (!(await notices(flip))) unnoticed.push(`${flip.policy.table}.${flip.policy.name} ${flip.what}`)
  noted(task, {
    suite: 'flips of row policies',
    tried: `${flips.length} of ${all.length} flips of ${policies.length} policies, ${askers.length} askers, ${[...rowsOf.values()].flat().length} rows`,
    found: `${unnoticed.length} unnoticed`,
    defects: `${flips.length - unnoticed.length} of ${flips.length} flips`,
  })
  expect(unnoticed).toEqual([])
})
