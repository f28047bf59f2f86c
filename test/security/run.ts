// `npm run test:security`: everything, or `-- --only hostile --runs 50000` to try one suite out.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Figures } from '../support/figures.ts'

const suites: Record<string, { file: string; figure?: keyof Figures }> = {
  hostile: { file: 'test/hostile/hostile', figure: 'hostile' },
  canary: { file: 'test/hostile/canary' },
  model: { file: 'test/model/', figure: 'sequences' },
  concurrency: { file: 'test/concurrency/', figure: 'races' },
  layers: { file: 'test/access/single-layer', figure: 'layers' },
  flips: { file: 'test/access/flips' },
  walls: { file: 'test/access/walls' },
  matrix: { file: 'test/access/matrix' },
  audit: { file: 'test/security/audit', figure: 'auditPositions' },
  timing: { file: 'test/security/timing' },
}

const { values } = parseArgs({ options: { only: { type: 'string' }, runs: { type: 'string' } } })
const only = values.only?.split(',') ?? []
const unknown = only.filter((name) => !(name in suites))
if (unknown.length > 0 || (values.runs !== undefined && !/^\d+$/.test(values.runs))) {
  process.stderr.write(`--only takes ${Object.keys(suites).join(', ')}; --runs takes a number\n`)
  process.exit(2)
}
const figures: Partial<Record<keyof Figures, number>> = {}
if (values.runs !== undefined)
  for (const name of only.length > 0 ? only : Object.keys(suites)) {
    const figure = suites[name]!.figure
    if (figure) figures[figure] = Number(values.runs)
  }

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = only.map((name) => suites[name]!.file)
const vitest = spawn(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/security/vitest.config.ts', ...files],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(values.runs !== undefined && { SECURITY_FIGURES: JSON.stringify(figures) }),
      ...(only.length === 0 && values.runs === undefined && { SECURITY_WHOLE: 'yes' }),
    },
  },
)
vitest.on('exit', (code) => process.exit(code ?? 1))
