// Does the time an answer takes tell whether something exists for somebody else?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { mira, otto, type Member } from '../support/cast.ts'
import { noted } from '../support/figures.ts'
import { nowhere, worlds } from '../support/world.ts'

const service = await lotse()
const { as } = service
const { own } = await worlds(service)

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
const rounds = 400
const limit = 0.1

const kinds = ['foreign', 'none'] as const

/**
 * In turns, and each compared with its neighbour, so that whatever else the machine does falls on both.
 * `slower`: by which part what is foreign takes longer, on purpose.
 */
async function difference(member: Member, foreign: string, none: () => string, slower = 0) {
  const client = await as(member)
  const times = { foreign: [] as number[], none: [] as number[] }
  for (let round = 0; round < rounds + 40; round += 1)
    for (const kind of round % 2 ? kinds : kinds.toReversed()) {
      const path = kind === 'foreign' ? foreign : none()
      const began = performance.now()
      const { status } = await client.get(path)
      const delay = kind === 'foreign' ? (performance.now() - began) * slower : 0
      const until = performance.now() + delay
      // A timer counts whole milliseconds; meanwhile the service goes on.
      while (performance.now() < until) await new Promise(setImmediate)
      const took = performance.now() - began
      expect(status).toBe(404)
      if (round >= 40) times[kind].push(took)
    }
  const ratio = median(times.foreign.map((took, at) => took / times.none[at]!))
  return { foreign: median(times.foreign), none: median(times.none), off: Math.abs(ratio - 1) }
}

const addresses = (['client', 'case', 'referral', 'handover', 'release', 'task', 'clearing'] as const).map(
  (kind) => [kind, `/v1/${kind}s`] as const,
)

const defects = { kept: 0, found: 0, said: '' }

test('a difference of a fifth is seen', { timeout: 120_000 }, async () => {
  const path = '/v1/clients'
  const { off } = await difference(otto, `${path}/${own.client}`, () => `${path}/${nowhere().client}`, 0.2)
  defects.kept += 1
  defects.said = `${(off * 100).toFixed(1)} % apart`
  expect(off).toBeGreaterThan(limit)
  defects.found += 1
})

test(
  'what belongs to somebody else is not found as fast as what does not exist',
  { timeout: 900_000 },
  async ({ task }) => {
    const lines: string[] = []
    let worst = 0
    for (const [kind, path] of addresses)
      for (const member of [otto, mira]) {
        const one = await difference(member, `${path}/${own[kind]}`, () => `${path}/${nowhere()[kind]}`)
        worst = Math.max(worst, one.off)
        lines.push(
          `${member.key} ${path}: ${one.foreign.toFixed(2)} ms foreign, ${one.none.toFixed(2)} ms none, ${(one.off * 100).toFixed(1)} % apart in the middle pair`,
        )
      }
    for (const line of lines) process.stdout.write(`  ${line}\n`)
    noted(task, {
      suite: 'time of a 404',
      tried: `${addresses.length} kinds of record × 2 strangers × ${rounds} pairs in turns`,
      found: `the middle pair at most ${(worst * 100).toFixed(1)} % apart`,
      defects: `${defects.found} of ${defects.kept}, a fifth longer: ${defects.said}`,
    })
    expect(worst).toBeLessThan(limit)
  },
)
