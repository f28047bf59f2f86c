// What does the long run say at its end? One line for each suite, and the same in a file.
import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { notedIn } from '../support/report.ts'

const file = new URL('results.txt', import.meta.url)

export default class Table implements Reporter {
  private readonly began = Date.now()

  onTestRunEnd(modules: readonly TestModule[]) {
    const failed = modules.flatMap((module) =>
      [...module.children.allTests('failed')].map((test) => `${module.relativeModuleId}: ${test.fullName}`),
    )
    const rows = modules.flatMap((module) =>
      notedIn([module]).map(({ suite, tried, found, defects }) => [
        suite,
        tried,
        found,
        defects,
        `${Math.round(module.diagnostic().duration / 1000)}`,
      ]),
    )
    const minutes = ((Date.now() - this.began) / 60_000).toFixed(1)
    const table = [
      ['Suite', 'Tried', 'Found', 'Kept defects found', 'Seconds'],
      ['---', '---', '---', '---', '---'],
      ...rows,
    ].map((cells) => `| ${cells.join(' | ')} |`)
    const said = [
      `# The last long run`,
      '',
      `${new Date().toISOString().slice(0, 10)}, ${minutes} minutes, ${failed.length === 0 ? 'nothing failed' : `failed: ${failed.join('; ')}`}.`,
      '',
      ...table,
      '',
    ].join('\n')
    process.stdout.write(`\n${said}\n`)
    // What was only tried out in part is nobody's result.
    if (process.env['SECURITY_WHOLE'] !== undefined) writeFileSync(file, said)
  }
}
