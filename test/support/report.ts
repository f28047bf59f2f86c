// What was tried, what was left out, and is that allowed? A run that leaves something out in silence fails.
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'
import { skips, type Skip } from '../skips.ts'
import type { Noted } from './figures.ts'

export interface Seen {
  file: string
  name: string
  state: 'passed' | 'failed' | 'skipped' | 'pending'
  mode: 'run' | 'only' | 'skip' | 'todo'
  /** What the test itself said when it left. */
  note?: string | undefined
}

export interface Verdict {
  lines: string[]
  wrong: string[]
}

/** `chosen`: only some tests were asked for by name, so that all others were left out on purpose. */
export function verdictOn(
  seen: readonly Seen[],
  emptyFiles: readonly string[],
  { allowed = skips, platform = process.platform, chosen = false }: Partial<Given> = {},
): Verdict {
  const ran = seen.filter(({ state }) => state === 'passed' || state === 'failed')
  const left = seen.filter(({ state }) => state === 'skipped' || state === 'pending')
  const lines: string[] = []
  const wrong: string[] = []
  for (const { file, name, mode, note } of chosen ? [] : left) {
    const known = allowed.find(({ test }) => test === name)
    if (mode === 'todo') wrong.push(`${file}: "${name}" is a promise without a test (todo)`)
    else if (!known) wrong.push(`${file}: "${name}" was skipped, and test/skips.ts does not say why it may`)
    else if (!known.mayBeSkipped(platform) && !known.lacks?.())
      wrong.push(`${file}: "${name}" may be skipped on ${known.where} only`)
    else lines.push(`skipped: "${name}" – ${note ?? known.because} (allowed on ${known.where})`)
  }
  for (const { file, name, mode } of seen)
    if (mode === 'only') wrong.push(`${file}: "${name}" stands alone (only): the others did not run`)
  for (const file of emptyFiles) wrong.push(`${file}: no test was found in it`)
  if (ran.length === 0) wrong.push('not one test ran')
  const count = `${ran.length} tests ran, ${left.length} were skipped`
  return { lines: [chosen ? `${count} (chosen by name)` : count, ...lines], wrong }
}

interface Given {
  allowed: readonly Skip[]
  platform: NodeJS.Platform
  chosen: boolean
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

export default class Report implements Reporter {
  private vitest: Vitest | undefined

  onInit(vitest: Vitest) {
    this.vitest = vitest
  }

  onTestRunEnd(modules: readonly TestModule[]) {
    const seen = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => seenIn(module, test)),
    )
    const empty = modules
      .filter((module) => [...module.children.allTests()].length === 0)
      .map(({ relativeModuleId }) => relativeModuleId)
    const chosen = this.vitest?.config.testNamePattern !== undefined
    const { lines, wrong } = verdictOn(seen, empty, { chosen })
    say('')
    for (const { suite, tried, found, defects } of notedIn(modules))
      say(`  ${suite}: ${tried}; ${found}; kept defects found: ${defects}`)
    for (const line of lines) say(`  ${line}`)
    if (wrong.length === 0) return
    say('\n  This run does not count:')
    for (const line of wrong) say(`  ✗ ${line}`)
    process.exitCode = 1
  }
}

export const notedIn = (modules: readonly TestModule[]): Noted[] =>
  modules.flatMap((module) => [...module.children.allTests()].flatMap((test) => test.meta().noted ?? []))

const seenIn = ({ relativeModuleId: file }: TestModule, test: TestCase): Seen => {
  const result = test.result()
  return {
    file,
    name: test.fullName.replaceAll(' > ', ' › '),
    state: result.state,
    mode: test.options.mode ?? 'run',
    note: 'note' in result ? result.note : undefined,
  }
}
