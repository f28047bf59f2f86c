// What does a run say? The raw numbers as JSON, tables in Markdown, and two pictures.
import { barChart, lineChart } from './charts.ts'
import { sizes, type Size } from './layout.ts'
import type { How, Sample } from './targets.ts'

export interface Cell extends Omit<How, 'seconds'> {
  target: string
  size: Size
  samples: Sample[]
}

export interface Buffers {
  size: Size
  operation: string
  /** Without the shared flush of the audit trail. */
  roundTrips: number
  statements: { name: string; buffers: number }[]
}

export interface Soak {
  rss: { minutes: number; bytes: number }[]
}

export interface Stream {
  rows: number
  /** By how much the service grew meanwhile. */
  bytes: number
}

export interface Result {
  at: string
  machine: { cpu: string; cores: number; node: string }
  generator: string
  pool: number
  rounds: number
  seconds: number
  main: Size
  cells: Cell[]
  buffers: Buffers[]
  soak: Soak | undefined
  stream: Stream | undefined
}

export const median = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

type Figure = keyof Sample
const of = (cell: Cell, figure: Figure) => median(cell.samples.map((sample) => sample[figure]))

const short = (value: number) =>
  Number.isNaN(value)
    ? '–'
    : value >= 100
      ? Math.round(value).toLocaleString('en')
      : value.toFixed(value >= 10 ? 1 : 2)

const spread = (cell: Cell, figure: Figure) => {
  const values = cell.samples.map((sample) => sample[figure])
  return `${short(median(values))} (${short(Math.min(...values))}–${short(Math.max(...values))})`
}

const table = (head: string[], rows: string[][]) =>
  [head, head.map((_, at) => (at === 0 ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')

const titles: Record<string, string> = {
  client: '1 a client with open referrals',
  inbox: '2 an inbox, newest 50',
  finish: '3 finish a clearing',
  accept: '4 accept a referral',
  mix: 'mix 60/20/5/5',
}

const cellHead = [
  'req/s (min–max)',
  'p50 ms',
  'p99 ms',
  'CPU µs service',
  'CPU µs PostgreSQL',
  'WAL bytes',
  'round trips',
]
const cellRow = (cell: Cell) => [
  spread(cell, 'perSecond'),
  ...(['p50', 'p99', 'serviceCpu', 'postgresCpu', 'wal'] as const).map((figure) => short(of(cell, figure))),
  of(cell, 'roundTrips') ? of(cell, 'roundTrips').toFixed(2) : '–',
]

interface Verdict {
  figure: string
  asked: string
  measured: string
  reached: boolean | undefined
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

export function verdicts({ cells, buffers, main, soak, stream, pool }: Result): Verdict[] {
  const cell = (target: string, operation = 'client', size = main, connections = pool) =>
    cells.find(
      (one) =>
        one.target === target &&
        one.operation === operation &&
        one.size === size &&
        one.connections === connections &&
        one.tokens === 'known',
    )
  const value = (of_: Cell | undefined, figure: Figure) => (of_ ? of(of_, figure) : Number.NaN)
  const rate = (target: string) => value(cell(target), 'perSecond')
  const limit = cell('pgbench') ? 'pgbench' : 'driver'
  const product = cell('product')
  const ratio = (figure: string, asked: string, least: number, over: number, under: number): Verdict => ({
    figure,
    asked,
    measured: `${(over / under).toFixed(2)} ×`,
    reached: Number.isNaN(over / under) ? undefined : over / under >= least,
  })
  const notYet = (figure: string, asked: string, why: string): Verdict => ({
    figure,
    asked,
    measured: why,
    reached: undefined,
  })

  const trips = buffers.filter(({ size }) => size === main)
  const largest = [...new Set(cells.map(({ size }) => size))].sort((a, b) => sizes[b] - sizes[a])[0]!
  const smallest = [...new Set(cells.map(({ size }) => size))].sort((a, b) => sizes[a] - sizes[b])[0]!
  const grown = (['client', 'inbox'] as const).map((operation) => {
    const pages = (size: Size) =>
      sum(
        buffers
          .find((one) => one.size === size && one.operation === operation)
          ?.statements.map((one) => one.buffers) ?? [],
      )
    const time = (size: Size) => value(cell('product', operation, size), 'p50')
    return { p50: time(largest) / time(smallest), buffers: pages(largest) / pages(smallest) }
  })
  const crowd = cell('product', 'client', main, 256)
  const [p50, p99, cpu] = (['p50', 'p99', 'cpu'] as const).map((figure) => value(product, figure)) as [
    number,
    number,
    number,
  ]
  const settled = soak?.rss.filter(({ minutes }) => minutes >= 1) ?? []
  const growth = settled.length > 1 ? (settled.at(-1)!.bytes - settled[0]!.bytes) / 2 ** 20 : Number.NaN
  return [
    ratio(
      'G1',
      `op 1 ≥ 0.60 × ${limit} of the same SQL with its audit row`,
      0.6,
      rate('product'),
      rate(limit),
    ),
    ratio(
      'G2',
      `op 1 without audit ≥ 0.35 × ${limit} under RLS`,
      0.35,
      rate('rls'),
      rate(`${limit} without audit`),
    ),
    ratio(
      'G3',
      'op 1 ≥ 0.8 × Fastify + prepared statement without RLS and audit',
      0.8,
      rate('product'),
      rate('prepared'),
    ),
    ratio('G4', 'op 1 ≥ 3.5 × textbook', 3.5, rate('product'), rate('textbook')),
    ratio(
      'G4',
      'p99 of op 1 ≤ ½ of textbook (shown as textbook ÷ product ≥ 2)',
      2,
      value(cell('textbook'), 'p99'),
      p99,
    ),
    notYet(
      'G5',
      '≥ 25 / 8 / 15 / 20 × Directus on ops 1–4',
      'not measured here: it needs another product installed',
    ),
    notYet(
      'G6',
      '≥ 2 × PostGraphile, ≥ 1.2 × Platformatic DB',
      'not measured here: they need other products installed',
    ),
    {
      figure: 'G7',
      asked: 'round trips: 1 per read, ≤ 2 per write',
      measured: trips.map(({ operation, roundTrips }) => `${operation} ${roundTrips}`).join(', '),
      reached: trips.every(
        ({ operation, roundTrips }) =>
          roundTrips <= (operation === 'client' || operation === 'inbox' ? 1 : 2),
      ),
    },
    {
      figure: 'G8',
      asked: 'op 1 ≤ 350 CPU µs',
      measured: `${short(cpu)} µs`,
      reached: Number.isNaN(cpu) ? undefined : cpu <= 350,
    },
    {
      figure: 'G9',
      asked: 'p99 ≤ 4 × p50 at 16 connections',
      measured: `${(p99 / p50).toFixed(2)} ×`,
      reached: p99 <= 4 * p50,
    },
    {
      figure: 'G9',
      asked: 'at 256 connections bounded by 503',
      measured: crowd
        ? `p99 ${short(of(crowd, 'p99'))} ms, ${(of(crowd, 'refused') * 100).toFixed(1)} % answered 503`
        : '–',
      reached: crowd && of(crowd, 'refused') > 0,
    },
    {
      figure: 'G10',
      asked: `ops 1–2 at ${largest} ≤ 1.5 × at ${smallest} (asked for 10m; p50 and buffers)`,
      measured: grown
        .map(
          ({ p50, buffers }, at) => `op ${at + 1}: p50 ${p50.toFixed(2)} ×, buffers ${buffers.toFixed(2)} ×`,
        )
        .join('; '),
      reached:
        grown.every(({ p50, buffers }) => p50 <= 1.5 && buffers <= 1.5) && (largest === '10m' || undefined),
    },
    notYet('G11', 'op 5, the finder', 'does not exist yet'),
    notYet('G12', 'op 6, a report over 1 M episodes', 'does not exist yet'),
    notYet('G13', 'bulk load ≥ 0.5 × COPY', 'does not exist yet'),
    {
      figure: '–',
      asked: 'memory of the service flat under a 10-minute mix (growth after the first minute < 64 MB)',
      measured: soak
        ? `${growth.toFixed(0)} MB in ${settled.at(-1)?.minutes.toFixed(0) ?? 0} min`
        : 'not run',
      reached: Number.isNaN(growth) ? undefined : growth < 64,
    },
    {
      figure: '–',
      asked: 'a list of 10,000 rows streams as NDJSON in constant memory (growth < 64 MB)',
      measured: stream ? `${short(stream.rows)} rows, ${Math.round(stream.bytes / 2 ** 20)} MB` : 'not run',
      reached: stream && stream.rows >= 10_000 ? stream.bytes < 64 * 2 ** 20 : undefined,
    },
  ]
}

export const figures = (result: Result) =>
  table(
    ['', 'Asked', 'Measured', 'Reached'],
    verdicts(result).map(({ figure, asked, measured, reached }) => [
      figure,
      asked,
      measured,
      reached === undefined ? '–' : reached ? 'yes' : '**no**',
    ]),
  )

/** The files of a run by their names. */
export function report(result: Result): Record<string, string> {
  const { cells, main, pool, machine, generator, rounds, seconds } = result
  const known = cells.filter(({ tokens }) => tokens === 'known')
  const atMain = known.filter((cell) => cell.size === main && cell.connections === pool)
  const ladder = atMain.filter(({ operation }) => operation === 'client')
  const others = atMain.filter(({ operation }) => operation !== 'client')
  const crowd = known.filter((cell) => cell.connections !== pool)
  const fresh = cells.filter(({ tokens }) => tokens === 'fresh')
  const grown = known
    .filter((cell) => cell.target === 'product' && cell.connections === pool)
    .sort((a, b) => a.operation.localeCompare(b.operation) || sizes[a.size] - sizes[b.size])
  const pages = (cell: Cell) =>
    sum(
      result.buffers
        .find(({ size, operation }) => size === cell.size && operation === cell.operation)
        ?.statements.map(({ buffers }) => buffers) ?? [],
    )

  const markdown = `${result.at.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores shared by service, PostgreSQL and ${generator}, Node ${machine.node}.
Medians of ${rounds} interleaved rounds of ${seconds} s, ${pool} connections and ${main} episodes where nothing else is said.

### The figures

${figures(result)}

### The ladder: operation 1

${table(
  ['', ...cellHead],
  ladder.map((cell) => [cell.target, ...cellRow(cell)]),
)}

### The other operations

${table(
  ['', 'by', ...cellHead],
  others.map((cell) => [titles[cell.operation]!, cell.target, ...cellRow(cell)]),
)}

![Requests per second: limit, product, textbook](operations.svg)

### Concurrency

${table(
  ['', 'by', 'connections', 'answered 503', ...cellHead],
  crowd.map((cell) => [
    titles[cell.operation]!,
    cell.target,
    `${cell.connections}`,
    `${(of(cell, 'refused') * 100).toFixed(1)} %`,
    ...cellRow(cell),
  ]),
)}

### Every token for the first time (the rest of this page: tokens seen before)

${table(
  ['', ...cellHead],
  fresh.map((cell) => [titles[cell.operation]!, ...cellRow(cell)]),
)}

### Growth

${table(
  ['', 'episodes', 'buffers', ...cellHead],
  grown.map((cell) => [
    titles[cell.operation]!,
    cell.size,
    cell.operation === 'mix' ? '–' : `${pages(cell)}`,
    ...cellRow(cell),
  ]),
)}

![Median latency by number of episodes](growth.svg)
`
  const inOrder = (['client', 'inbox', 'finish', 'accept'] as const).map((operation) => ({
    name: titles[operation]!,
    bars: (['driver', 'product', 'textbook'] as const).map((target) => {
      const cell = atMain.find((one) => one.target === target && one.operation === operation)
      return { name: target, value: cell ? of(cell, 'perSecond') : 0 }
    }),
  }))
  const lines = (['client', 'inbox', 'finish', 'accept'] as const).map((operation) => ({
    name: titles[operation]!,
    points: grown
      .filter((cell) => cell.operation === operation)
      .map((cell) => ({ x: sizes[cell.size], y: of(cell, 'p50') })),
  }))
  return {
    'result.json': `${JSON.stringify(result, null, 1)}\n`,
    'result.md': markdown,
    'operations.svg': barChart('Requests per second: the SQL alone, the product, the textbook', inOrder),
    'growth.svg': lineChart(`Median latency (ms) by number of episodes, ${pool} connections`, lines),
  }
}
