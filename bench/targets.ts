// What is measured, and what did one measurement cost? Every target is a process of its own on the same database.
import { execFile, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { walPosition, type PostgresCpu } from './counters.ts'
import { atRest, refill, type Database } from './database.ts'
import { kinds } from './layout.ts'
import { load, type Answers, type Request } from './load.ts'
import { callsOf, operations, token, writes, type Call, type Member, type Operation } from './operations.ts'
import type { Run } from './servers/driver.ts'
import type { Given, Used } from './servers/serve.ts'
import { isAudit, record } from './trace.ts'

export interface How {
  operation: Operation
  connections: number
  seconds: number
  /** Tokens seen before, or one that no cache has seen for every request. */
  tokens: 'known' | 'fresh'
}

export interface Target {
  name: string
  database: Database
  ask(how: How): Promise<Answers>
  used(): Promise<Used>
  /** One request outside every measurement, where the target speaks HTTP. */
  fetch?(call: Call, accept?: string): Promise<Response>
}

/** One pool size for all of them: the product's default. */
export const pool = 16

const children: ChildProcess[] = []

async function start(file: string, { serviceUrl, adminUrl, size }: Database) {
  const given: Given = { serviceUrl, adminUrl, size, pool }
  const path = fileURLToPath(new URL(`servers/${file}.ts`, import.meta.url))
  const child = fork(path, [JSON.stringify(given)], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  children.push(child)
  let refuse: (error: Error) => void = () => {}
  child.once('exit', (code) => refuse(new Error(`${file} has ended (${code})`)))
  const answer = <T>() =>
    new Promise<T>((resolve, reject) => {
      refuse = reject
      child.once('message', (message) => resolve(message as T))
    })
  const { port } = await answer<{ port: number }>()
  const send = <T>(message: object | string) => {
    child.send(message)
    return answer<T>()
  }
  return { port, send, used: () => send<Used>('used') }
}

export async function stopAll() {
  for (const child of children.filter(({ connected }) => connected)) {
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
  }
}

const tokens = new Map<string, string>()
const known = (by: Member) => {
  const key = `${by.tenant} ${by.n}`
  const made = tokens.get(key) ?? token(by)
  tokens.set(key, made)
  return made
}

const enough = 20_000 // more than any cache of tokens holds
const made = new Map<string, Request[]>()

function requestsOf({ operation, tokens }: How, { size }: Database, prefix: string): Request[] {
  const key = [operation, tokens, size, prefix].join(' ')
  const before = made.get(key)
  if (before) return before
  const calls = callsOf(operation, size)
  const times = tokens === 'fresh' && !writes(operation) ? Math.ceil(enough / calls.length) : 1
  const requests = Array.from({ length: times }, (_, round) =>
    calls.map(({ method, path, by }, at) => ({
      method,
      path: prefix + path,
      token: tokens === 'fresh' ? token(by, round * calls.length + at + 1) : known(by),
    })),
  ).flat()
  made.set(key, requests)
  return requests
}

/** `paths`: what stands before the path, for a server that answers the same question in several ways. */
export async function servers(
  file: string,
  database: Database,
  paths: Record<string, string> = { [file]: '' },
): Promise<Target[]> {
  const { port, used } = await start(file, database)
  return Object.entries(paths).map(([name, prefix]) => ({
    name,
    database,
    used,
    ask: (how) => {
      const requests = requestsOf(how, database, prefix).slice(0, how.seconds * 12_000)
      return load({
        port,
        requests,
        connections: how.connections,
        seconds: how.seconds,
        once: writes(how.operation),
      })
    },
    fetch: ({ method, path, by }, accept = 'application/json') =>
      fetch(`http://127.0.0.1:${port}${prefix}${path}`, {
        method,
        headers: { authorization: `Bearer ${known(by)}`, accept },
      }),
  }))
}

/** The product's own SQL in a loop, without anything around it. */
export async function drivers(database: Database): Promise<Target[]> {
  const { send, used } = await start('driver', database)
  return [true, false].map((audit) => ({
    name: audit ? 'driver' : 'driver without audit',
    database,
    used,
    ask: ({ operation, connections, seconds }) =>
      send<Answers>({ operation, connections, seconds, audit } as Run),
  }))
}

const digits = (value: number, count: number) => value.toString(16).padStart(count, '0')

/** Operation 1 as a script for pgbench: the municipality and the client change, everything else is the product's SQL. */
export async function pgbench(database: Database): Promise<Target[]> {
  const [trace] = await record(database.serviceUrl, operations.client(database.size).slice(0, 1))
  const [reading, ...rest] = trace!.trips
  const computed = (id: string) => {
    const kind = Number.parseInt(id.slice(15, 18), 16)
    const time =
      kind === kinds.client ? `lpad(to_hex(:n::bigint), 12, '0')` : `'${id.slice(0, 8)}${id.slice(9, 13)}'`
    return `(${time} || '7${digits(kind, 3)}8' || lpad(to_hex(:t::int), 3, '0') || '000000000000')`
  }
  const literal = (value: unknown): string => {
    if (value === null) return 'null'
    const text = Array.isArray(value) ? `{${value.join(',')}}` : String(value)
    const parts = text.split(/([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-0{12})/)
    return `(${parts.map((part, at) => (at % 2 ? computed(part) : pg.escapeLiteral(part).replace(/:(?=\w)/g, ': '))).join(' || ')})`
  }
  const script = (statements: typeof reading & object) =>
    [
      '\\set t random(1, 8)',
      // As far apart as the sampled clients, and of the same unit, so that one member per municipality may ask.
      '\\set n 20 * random(1, 20)',
      '\\startpipeline',
      ...statements.map(({ statement, values }) =>
        statement.text
          .replace(/\s+/g, ' ')
          .replace(/\$(\d+)/g, (_, at: string) => literal(values[Number(at) - 1]))
          .concat(';'),
      ),
      '\\endpipeline',
    ].join('\n')
  const folder = mkdtempSync(join(tmpdir(), 'lotse-bench-'))
  const variants = {
    pgbench: script([...reading!, ...rest.filter(isAudit).flatMap((trip) => trip.slice(1))]),
    'pgbench without audit': script(reading!),
  }
  return Object.entries(variants).map(([name, text]) => {
    const file = join(folder, `${name}.sql`)
    writeFileSync(file, text)
    return {
      name,
      database,
      used: async () => ({ cpu: 0, rss: 0, roundTrips: 0 }),
      ask: async ({ connections, seconds }) => {
        const how = [
          '-n',
          '-M',
          'prepared',
          '-c',
          `${connections}`,
          '-j',
          '1',
          '-T',
          `${Math.ceil(seconds)}`,
          '-f',
          file,
        ]
        const { stdout } = await promisify(execFile)('pgbench', [...how, database.serviceUrl])
        const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1])
        const count = number(/actually processed: (\d+)/)
        return {
          count,
          perSecond: number(/tps = ([\d.]+)/),
          p50: number(/latency average = ([\d.]+)/),
          p99: Number.NaN,
          statuses: {},
        }
      },
    }
  })
}

export interface Sample {
  perSecond: number
  p50: number
  p99: number
  /** CPU µs per request. */
  serviceCpu: number
  postgresCpu: number
  cpu: number
  /** Bytes of write-ahead log per request. */
  wal: number
  roundTrips: number
  refused: number
}

export interface Meter {
  cpu: PostgresCpu | undefined
  /** CPU µs per second of an idle PostgreSQL. */
  idle: number
}

/** Connections that were idle meanwhile come back, and with them what they had prepared. */
export async function wake(target: Target, how: How) {
  const { database } = target
  await target.ask({ ...how, seconds: 0.3 })
  await atRest(database)
  if (writes(how.operation)) await refill(database)
}

/** @throws Error when anything but success was answered; at 256 connections also "try again". */
export async function measure(target: Target, how: How, { cpu, idle }: Meter): Promise<Sample> {
  const { database } = target
  const look = async () => ({
    used: await target.used(),
    postgres: cpu?.() ?? Number.NaN,
    wal: await walPosition(database.admin),
    at: performance.now(),
  })
  const before = await look()
  const answers = await target.ask(how)
  await atRest(database)
  const after = await look()
  if (writes(how.operation)) await refill(database)
  // Many connections at a slow server: the first answers come after the time is over.
  if (answers.count === 0 && how.seconds < 15)
    return measure(target, { ...how, seconds: how.seconds * 2 }, { cpu, idle })
  const { 200: _, 503: refused = 0, ...unexpected } = answers.statuses
  if (Object.keys(unexpected).length > 0 || (refused > 0 && how.connections < 256) || answers.count === 0)
    throw new Error(
      `${target.name}, ${how.operation}, ${how.connections} connections: unexpected ${JSON.stringify(answers.statuses)}`,
    )
  const each = (total: number) => total / answers.count
  const serviceCpu = each(after.used.cpu - before.used.cpu)
  const postgresCpu = each(after.postgres - before.postgres - (idle * (after.at - before.at)) / 1000)
  return {
    perSecond: answers.perSecond,
    p50: answers.p50,
    p99: answers.p99,
    serviceCpu,
    postgresCpu,
    cpu: serviceCpu + postgresCpu,
    wal: each(after.wal - before.wal),
    roundTrips: each(after.used.roundTrips - before.used.roundTrips),
    refused: refused / (answers.count + refused),
  }
}
