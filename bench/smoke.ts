// npm run bench:smoke: has something become slower than it was? Only what does not depend on the machine can fail here.
import { readFile, writeFile } from 'node:fs/promises'
import { postgresCpu } from './counters.ts'
import { openDatabases, openServer, refill, type Database } from './database.ts'
import { operations, type Call } from './operations.ts'
import { median } from './report.ts'
import { measure, servers, stopAll, type Meter, type Target } from './targets.ts'
import { explain, isAudit, record } from './trace.ts'

interface Baseline {
  /** CPU of service and PostgreSQL for one request, in requests of the calibration server. */
  cpu: Record<string, number>
  /** Pages that a statement may touch at most, at 100,000 episodes. */
  buffers: Record<string, number>
}

const file = new URL('baseline.json', import.meta.url)
const update = process.argv.includes('--update')
const baseline = JSON.parse(await readFile(file, 'utf8').catch(() => '{"cpu":{},"buffers":{}}')) as Baseline
const gate = 1.15
const names = Object.keys(operations) as (keyof typeof operations)[]
const faults: string[] = []
const told = (line: string) => console.log(`${(performance.now() / 1000).toFixed(1).padStart(5)} s  ${line}`)

/** Round trips are counted, plans are looked at: neither knows how fast the machine is. */
async function shapes(database: Database): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  const { rows } = await database.admin.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > 1000`,
  )
  const large = new Set(rows.map(({ name }) => name))
  const traces = await record(database.serviceUrl, [
    ...names.map((name) => operations[name](database.size)[0]!),
    ...lists,
  ])
  await refill(database)
  for (const trace of traces) {
    const operation = trace.call.path
    const trips = trace.trips.filter((trip) => !isAudit(trip)).length
    const most = trace.call.method === 'GET' ? 1 : 2
    if (trips > most) faults.push(`${operation} makes ${trips} round trips, not ${most}`)
    for (const planned of ['generic', 'custom'] as const)
      for (const { name, buffers, scanned, nodes } of await explain(database.serviceUrl, trace, planned)) {
        found[name] = Math.max(found[name] ?? 0, buffers)
        for (const table of scanned.filter((table) => large.has(table)))
          faults.push(`${name} reads all of ${table} (${planned} plan)`)
        if (buffers > (baseline.buffers[name] ?? Infinity) && !update)
          faults.push(
            `${name} touches ${buffers} pages, at most ${baseline.buffers[name]} (${planned} plan): ${nodes.join(' ← ')}`,
          )
      }
  }
  return found
}

/** Lists of a unit, each from its beginning and from the middle: a page costs a page, however long the list is. */
const lists: Call[] = [
  '/v1/clients?',
  '/v1/cases?',
  '/v1/tasks?',
  '/v1/referrals?box=out&',
  '/v1/handovers?box=out&',
].flatMap((path) => {
  const middle =
    path.startsWith('/v1/cases') || path.startsWith('/v1/tasks') ? '2024-06-30' : '2024-06-30T00:00:00Z'
  const cursor = Buffer.from(JSON.stringify([middle, '01900000-0000-7000-8000-000000000000'])).toString(
    'base64url',
  )
  return [`${path}limit=50`, `${path}limit=50&cursor=${cursor}`].map((page): Call => ({
    method: 'GET',
    path: page,
    by: { tenant: 1, n: 11 },
    ids: [],
  }))
})

type Costs = Record<string, number[]>
const calibrating = 'calibration'

/** Each round measures calibration and operations side by side: what disturbs the machine disturbs both. */
async function spend(product: Target, calibration: Target, meter: Meter, rounds: number, costs: Costs) {
  const all = [calibrating, ...names]
  for (let round = 0; round < rounds; round++)
    for (let step = 0; step < all.length; step++) {
      const name = all[(step + round) % all.length]!
      const how = { connections: 8, seconds: 0.2, tokens: 'known' } as const
      const [target, operation] =
        name === calibrating ? [calibration, 'client' as const] : [product, name as (typeof names)[number]]
      ;(costs[name] ??= []).push((await measure(target, { ...how, operation }, meter)).cpu)
    }
}

/** Round by round, so that what disturbs the machine stands above and below the line. */
const ratio = (costs: Costs, name: string) =>
  median(costs[name]!.map((cost, round) => cost / costs[calibrating]![round]!))

const server = await openServer(told)
try {
  const [database] = await openDatabases(server, ['100k'], false, told)
  const buffers = await shapes(database!)
  told('round trips and plans looked at')
  const cpu: Record<string, number> = {}
  const processes = await postgresCpu(database!.admin)
  if (processes) {
    const [[product], [calibration]] = await Promise.all([
      servers('product', database!),
      servers('calibration', database!),
    ])
    const meter: Meter = { cpu: processes, idle: 0 }
    await spend(product!, calibration!, meter, 1, {})
    const costs: Costs = {}
    await spend(product!, calibration!, meter, 16, costs)
    const change = (name: string) => ratio(costs, name) / (baseline.cpu[name] ?? ratio(costs, name))
    // Before anything fails, it is measured twice more: a gate that flaps teaches to look away.
    for (let more = 0; !update && more < 2 && names.some((name) => change(name) > gate); more++)
      await spend(product!, calibration!, meter, 16, costs)
    for (const name of names) {
      cpu[name] = ratio(costs, name)
      told(
        `${name.padEnd(6)} ${median(costs[name]!).toFixed(0)} CPU µs, ${cpu[name].toFixed(2)} × calibration, ${change(name).toFixed(2)} × baseline`,
      )
      if (change(name) > gate && !update)
        faults.push(`${name} costs ${change(name).toFixed(2)} × the CPU of the baseline`)
    }
  } else told('CPU is not looked at: PostgreSQL runs on another machine')
  if (update) {
    const round = (all: Record<string, number>, way: (value: number) => number) =>
      Object.fromEntries(Object.entries(all).map(([name, value]) => [name, way(value)]))
    const made: Baseline = {
      cpu: round(cpu, (value) => Number(value.toFixed(2))),
      // A row more or less in a young index moves the pages of an insert by some.
      buffers: round(buffers, (value) => Math.ceil(value * 1.25) + 10),
    }
    await writeFile(file, `${JSON.stringify(made, null, 2)}\n`)
    told('baseline.json written')
  }
  await database!.admin.end()
} finally {
  await stopAll()
  await server.stop()
}
told(faults.length === 0 ? 'as fast as before' : faults.join('\n'))
process.exitCode = faults.length === 0 ? 0 : 1
