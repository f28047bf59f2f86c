// npm run bench:smoke: has something become slower than it was? Only what does not depend on the machine can fail here.
import { readFile, writeFile } from 'node:fs/promises'
import { postgresCpu } from './counters.ts'
import { openDatabases, openServer, refill, type Database } from './database.ts'
import { operations } from './operations.ts'
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
const told = (line: string) => console.log(`${performance.now() < 10_000 ? ' ' : ''}${(performance.now() / 1000).toFixed(1)} s  ${line}`)

/** Round trips are counted, plans are looked at: neither knows how fast the machine is. */
async function shapes(database: Database): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  const { rows } = await database.admin.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > 1000`,
  )
  const large = new Set(rows.map(({ name }) => name))
  for (const operation of names) {
    const calls = operations[operation](database.size)
    const [trace] = await record(database.serviceUrl, calls.slice(0, 1))
    await refill(database)
    const trips = trace!.trips.filter((trip) => !isAudit(trip)).length
    const most = trace!.call.method === 'GET' ? 1 : 2
    if (trips > most) faults.push(`${operation} makes ${trips} round trips, not ${most}`)
    for (const planned of ['generic', 'custom'] as const)
      for (const { name, buffers, scanned, nodes } of await explain(database.serviceUrl, trace!, planned)) {
        found[name] = Math.max(found[name] ?? 0, buffers)
        for (const table of scanned.filter((table) => large.has(table))) faults.push(`${name} reads all of ${table} (${planned} plan)`)
        if (buffers > (baseline.buffers[name] ?? Infinity) && !update)
          faults.push(`${name} touches ${buffers} pages, at most ${baseline.buffers[name]} (${planned} plan): ${nodes.join(' ← ')}`)
      }
  }
  return found
}

/** Each round measures calibration and operations side by side; what disturbs the machine disturbs both. */
async function ratios(product: Target, calibration: Target, meter: Meter, of: readonly (typeof names)[number][], rounds: number) {
  const found = Object.fromEntries(of.map((operation) => [operation, [] as number[]]))
  const cpu = async (target: Target, operation: (typeof names)[number]) =>
    (await measure(target, { operation, connections: 8, seconds: 0.6, tokens: 'known' }, meter)).cpu
  for (let round = 0; round < rounds; round++) {
    const before = await cpu(calibration, 'client')
    const costs: [string, number][] = []
    for (let step = 0; step < of.length; step++) {
      const operation = of[(step + round) % of.length]!
      costs.push([operation, await cpu(product, operation)])
    }
    const after = await cpu(calibration, 'client')
    for (const [operation, cost] of costs) found[operation]!.push((2 * cost) / (before + after))
  }
  return found
}

const server = await openServer(told)
try {
  const [database] = await openDatabases(server, ['100k'], false, told)
  const buffers = await shapes(database!)
  told('round trips and plans looked at')
  const cpu: Record<string, number> = {}
  const processes = await postgresCpu(database!.admin)
  if (processes) {
    const [[product], [calibration]] = await Promise.all([servers('product', database!), servers('calibration', database!)])
    const meter: Meter = { cpu: processes, idle: 0 }
    await ratios(product!, calibration!, meter, names, 1)
    const first = await ratios(product!, calibration!, meter, names, 4)
    const slow = names.filter((name) => median(first[name]!) > (baseline.cpu[name] ?? Infinity) * gate)
    // Before anything fails, it is measured once more: a gate that flaps teaches to look away.
    const second = slow.length > 0 && !update ? await ratios(product!, calibration!, meter, slow, 6) : {}
    for (const name of names) {
      const all = [...first[name]!, ...(second[name] ?? [])]
      cpu[name] = median(all)
      const change = cpu[name] / (baseline.cpu[name] ?? cpu[name])
      told(`${name.padEnd(7)} ${cpu[name].toFixed(2)} × calibration (${all.map((ratio) => ratio.toFixed(2)).join(' ')}), ${change.toFixed(2)} × baseline`)
      if (change > gate && !update) faults.push(`${name} costs ${change.toFixed(2)} × the CPU of the baseline`)
    }
  } else told('CPU is not looked at: PostgreSQL runs on another machine')
  if (update) {
    const round = (all: Record<string, number>, way: (value: number) => number) => Object.fromEntries(Object.entries(all).map(([name, value]) => [name, way(value)]))
    const made: Baseline = { cpu: round(cpu, (value) => Number(value.toFixed(2))), buffers: round(buffers, (value) => Math.ceil(value * 1.25) + 3) }
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
