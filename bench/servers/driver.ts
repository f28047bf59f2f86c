// What would the product's own SQL cost with nothing around it? The same batches in a loop, without HTTP, token and JSON.
import pg from 'pg'
import { inOneRoundTrip, roundTrips } from '../../src/platform/batch.ts'
import type { Size } from '../layout.ts'
import { percentile, type Answers } from '../load.ts'
import { callsOf, writes, type Operation } from '../operations.ts'
import { isAudit, record, translated, type Trip } from '../trace.ts'
import { given, idleTimeoutMillis, used } from './serve.ts'

export interface Run {
  operation: Exclude<Operation, 'mix'>
  /** Whether reads leave their audit row, in the same round trip; writes always do. */
  audit: boolean
  connections: number
  seconds: number
}

const plain = (trip: Trip): Trip =>
  trip.map(({ statement, values }) => ({ statement: { ...statement, row: (row: unknown[]) => row }, values }))

const work = new Map<string, Trip[][]>()
async function workOf({ operation, audit }: Run): Promise<Trip[][]> {
  const key = `${operation} ${audit}`
  const known = work.get(key)
  if (known) return known
  const calls = callsOf(operation, given.size as Size)
  const [trace] = await record(given.serviceUrl, calls.slice(0, 1))
  const made = calls.map((call) => {
    const trips = translated(trace!, call).map(plain)
    const [reading, ...rest] = trips
    if (writes(operation)) return trips
    const insert = rest.filter(isAudit).flatMap((trip) => trip.slice(1))
    return [audit ? [...reading!, ...insert] : reading!]
  })
  work.set(key, made)
  return made
}

const pool = new pg.Pool({
  connectionString: given.serviceUrl,
  max: 256,
  options: '-c timezone=UTC',
  idleTimeoutMillis,
})

async function run(told: Run): Promise<Answers> {
  const all = await workOf(told)
  const clients = await Promise.all(Array.from({ length: told.connections }, () => pool.connect()))
  const ms: number[] = []
  let next = 0
  const begin = performance.now()
  const until = begin + told.seconds * 1000
  const loop = async (client: pg.PoolClient) => {
    for (let now = begin; now < until;) {
      const at = next++
      if (writes(told.operation) && at >= all.length) return
      for (const trip of all[at % all.length]!) await inOneRoundTrip(client, trip)
      const end = performance.now()
      ms.push(end - now)
      now = end
    }
  }
  await Promise.all(clients.map(loop))
  const seconds = (performance.now() - begin) / 1000
  clients.forEach((client) => client.release())
  const sorted = Float64Array.from(ms).sort()
  return {
    count: ms.length,
    perSecond: ms.length / seconds,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    statuses: {},
  }
}

process.on('message', (told: Run | 'used') => {
  if (told === 'used') process.send!(used(roundTrips.count))
  else void run(told).then((answers) => process.send!(answers))
})
process.on('disconnect', () => process.exit())
process.send!({ port: 0 })
