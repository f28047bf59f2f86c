// Would it be noticed if one role could do one thing more, or one thing less? Each cell of access.ts, turned around.
import { expect, inject, test } from 'vitest'
import { access, roles, type Action, type Role } from '../../src/access.ts'
import { lotse } from '../support/app.ts'
import type { Answer } from '../support/http.ts'
import { noted } from '../support/figures.ts'
import { actions, cellsOf, isNoMember, matrix, succeeds } from './cells.ts'
import { expectation } from './expectation.ts'

const service = await lotse()
const { logged, sql } = service
const { recordsFor, call, judge } = await matrix(service)

const rules = access as unknown as Record<Action, { who: readonly Role[] | string }>
const flips = actions
  .filter((action) => !isNoMember(action) && typeof rules[action].who !== 'string')
  .flatMap((action) => roles.map((role) => ({ action, role })))

const flipped = (who: readonly Role[], role: Role) =>
  who.includes(role) ? who.filter((one) => one !== role) : [...who, role]

test('the expectation disagrees with every table in which one cell is turned around', () => {
  const promised = (action: Action) => new Set(expectation[action]!.flatMap(({ who }) => who))
  const unnoticed = flips.filter(({ action, role }) => {
    const who = flipped(rules[action].who as Role[], role)
    const expected = promised(action)
    return who.length === expected.size && who.every((one) => expected.has(one))
  })
  expect(flips.length).toBeGreaterThan(1500)
  expect(unnoticed).toEqual([])
})

/** Never otherwise: what a role may not attempt, access.ts refuses before the database has to. */
const refusedByTheDatabase = ({ status, body }: Answer) =>
  status === 403 && logged().some((line) => line.includes(body.requestId) && line.includes('"code":"42501"'))

test(
  'one cell turned around is noticed by what is answered over HTTP alone',
  { timeout: 1_800_000 },
  async ({ task }) => {
    const every = inject('figures').roleFlips === 'all' ? 1 : 23
    const unnoticed: string[] = []
    let behind = 0
    const tried = flips.filter((_, at) => at % every === 0)
    for (const { action, role } of tried) {
      const rule = rules[action]
      const before = rule.who as readonly Role[]
      // What succeeds today comes first: without the role it cannot.
      const cells = cellsOf(action)
        .filter(({ actor }) => actor.role === role)
        .sort((a, b) => Number(succeeds(b.expected)) - Number(succeeds(a.expected)))
      let noticed = false
      for (const cell of cells) {
        // There is one rule for each problem, and there are fewer problems than flips.
        if (action.startsWith('scope.'))
          await sql(`update scope_rules set ended_at = now() where ended_at is null and problem <> 'gaming'`)
        const records = await recordsFor(cell)
        rule.who = flipped(before, role)
        try {
          const answer = await call(cell, records).catch((error: unknown) => error as Error)
          // An answer that this operation never gives otherwise was noticed before it came here.
          if (answer instanceof Error) noticed = /documented|promised/.test(answer.message)
          else noticed = judge(cell, answer).length > 0
          // The second wall refused what the first let through, with the same 403: then the log says so.
          if (!noticed && !(answer instanceof Error) && refusedByTheDatabase(answer)) {
            noticed = true
            behind += 1
          }
        } finally {
          rule.who = before
        }
        if (noticed) break
      }
      if (!noticed) unnoticed.push(`${action} ${before.includes(role) ? 'without' : 'with'} ${role}`)
    }
    noted(task, {
      suite: 'flips of access.ts over HTTP',
      tried: `${tried.length} of ${flips.length} cells turned around`,
      found: `${unnoticed.length} unnoticed`,
      defects: `${tried.length - unnoticed.length} of ${tried.length} flips (${behind} by the log: a policy refused it as well)`,
    })
    expect(unnoticed).toEqual([])
  },
)
