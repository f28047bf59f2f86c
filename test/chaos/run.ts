// npm run test:chaos: is anything lost when processes are killed and line, pool, disk, clock or schema misbehave?
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { crash, keptDefects, type Row, type Told } from './crash.ts'
import { clocks, crowd, disk, lines, migrations, pointInTime } from './faults.ts'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    kills: { type: 'string', default: '100' },
    writes: { type: 'string', default: '100000' },
    /** Writes the table to test/chaos/results.md. */
    record: { type: 'boolean', default: false },
  },
})

const began = performance.now()
const told: Told = (line) => {
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(
    `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${line}`,
  )
}

const suites: Record<string, () => Promise<Row | Row[]>> = {
  defects: () => keptDefects(told),
  lines: () => lines(30, told),
  crowd: () => crowd(told),
  disk: () => disk(told),
  clocks: () => clocks(told),
  migrations: () => migrations(20, told),
  pointInTime: () => pointInTime(told),
  crash: () => crash(Number(options.kills), Number(options.writes), told),
}
const chosen = options.only?.split(',') ?? Object.keys(suites)
const unknown = chosen.filter((name) => !suites[name])
if (unknown.length > 0) throw new Error(`--only takes some of ${Object.keys(suites).join(', ')}`)

const rows: Row[] = []
for (const name of chosen) {
  told(`${name} …`)
  try {
    rows.push(...[await suites[name]!()].flat())
  } catch (error) {
    rows.push({ suite: name, tried: 'broke off', found: (error as Error).message, good: false, seconds: 0 })
    told(`${name} broke off: ${(error as Error).stack}`)
  }
}

const table = [
  '| Suite | What was tried | What was found | | Seconds |',
  '| --- | --- | --- | --- | ---: |',
  ...rows.map(
    ({ suite, tried, found, good, seconds }) =>
      `| ${suite} | ${tried} | ${found} | ${good ? '✓' : '✗'} | ${Math.round(seconds)} |`,
  ),
].join('\n')
console.log(`\n${table}\n`)
const bad = rows.filter(({ good }) => !good)
told(
  bad.length === 0
    ? `nothing was lost: ${rows.length} of ${rows.length} hold`
    : `${bad.length} of ${rows.length} do not hold`,
)
if (options.record) {
  const where = new URL('results.md', import.meta.url)
  const machine = `${cpus().length} cores (${cpus()[0]!.model.trim()}), Node ${process.versions.node}`
  const minutes = Math.round((performance.now() - began) / 60_000)
  await writeFile(
    where,
    `# What \`npm run test:chaos\` found\n\nOn ${new Date().toISOString().slice(0, 10)}, ${machine}, in ${minutes} minutes.\n\n${table}\n`,
  )
}
process.exitCode = bad.length === 0 ? 0 : 1
