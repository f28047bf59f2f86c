// Is every change of the sealed trail found, wherever it is?
import { expect, inject, test } from 'vitest'
import { noted } from '../support/figures.ts'
import { auditAttacks } from './audit.ts'

test('whatever is done to the sealed trail is found, and where', { timeout: 3_600_000 }, async ({ task }) => {
  const positions = inject('figures').auditPositions
  const say = (line: string) => void process.stdout.write(`  ${line}\n`)
  const outcome = await auditAttacks({ positions, progress: positions > 100 ? say : () => {} })
  noted(task, {
    suite: 'sealed audit trail',
    tried: `${outcome.classes.length} ways of tampering × ${positions} places: ${outcome.tried} attacks`,
    found: `${outcome.found} found, ${outcome.located} located`,
    defects: 'verifiers that look at less, in test/platform/audit-seal.test.ts',
  })
  expect(outcome.missed).toEqual([])
  expect(outcome.classes).toHaveLength(8)
  for (const { attack, tried, found, located } of outcome.classes)
    expect({ attack, tried, found, located }).toEqual({
      attack,
      tried: positions,
      found: positions,
      located: positions,
    })
})
