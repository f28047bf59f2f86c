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

/** In turns, so that whatever else the machine does falls on both. */
async function difference(member: Member, foreign: string, none: () => string) {
  const client = await as(member)
  const times = { foreign: [] as number[], none: [] as number[] }
  for (let round = 0; round < rounds + 40; round += 1)
    for (const kind of round % 2 ? (['foreign', 'none'] as const) : (['none', 'foreign'] as const)) {
      const path = kind === 'foreign' ? foreign : none()
      const began = performance.now()
      const { status } = await client.get(path)
      const took = performance.now() - began
      expect(status).toBe(404)
      if (round >= 40) times[kind].push(took)
    }
  return { foreign: median(times.foreign), none: median(times.none) }
}

const addresses = (['client', 'case', 'referral', 'handover', 'release', 'task', 'clearing'] as const).map(
  (kind) => [kind, `/v1/${kind}s`] as const,
)

test(
  'what belongs to somebody else is not found as fast as what does not exist',
  { timeout: 900_000 },
  async ({ task }) => {
    const lines: string[] = []
    let worst = 0
    for (const [kind, path] of addresses)
      for (const member of [otto, mira]) {
        const one = await difference(member, `${path}/${own[kind]}`, () => `${path}/${nowhere()[kind]}`)
        const off = Math.abs(one.foreign - one.none) / one.none
        worst = Math.max(worst, off)
        lines.push(
          `${member.key} ${path}: ${one.foreign.toFixed(2)} ms foreign, ${one.none.toFixed(2)} ms none, ${(off * 100).toFixed(1)} % apart`,
        )
      }
    for (const line of lines) process.stdout.write(`  ${line}\n`)
    noted(task, {
      suite: 'time of a 404',
      tried: `${addresses.length} kinds of record × 2 strangers × ${rounds} pairs in turns`,
      found: `medians at most ${(worst * 100).toFixed(1)} % apart`,
      defects: 'a difference of a fifth',
    })
    expect(worst).toBeLessThan(0.1)
  },
)

test('a difference is seen', async () => {
  const slow = median([1, 1.2, 1.3, 1.21, 1.25])
  const fast = median([1, 1.01, 1.02, 1.05, 1.03])
  expect(Math.abs(slow - fast) / fast).toBeGreaterThan(0.1)
})
