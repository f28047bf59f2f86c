// Which SQL does the product itself send for a call? Recorded on its connections, so that nobody has to copy it.
import pg from 'pg'
import { v7 as newId } from 'uuid'
import { createApp } from '../src/app.ts'
import { keysFrom } from '../src/platform/keys.ts'
import { createLog } from '../src/platform/log.ts'
import { poolSettings } from '../src/platform/pool.ts'
import type { Ask } from '../src/platform/statement.ts'
import { masterKey } from './layout.ts'
import { token, type Call } from './operations.ts'

/** What travels together: the statements of one round trip. */
export type Trip = Ask<unknown>[]

export interface Trace {
  call: Call
  trips: Trip[]
  body: string
}

export async function record(serviceUrl: string, calls: readonly Call[]): Promise<Trace[]> {
  const { app } = await createApp({
    databaseUrl: serviceUrl,
    databasePool: 2,
    keys: keysFrom(masterKey),
    log: createLog('silent'),
  })
  const { prototype } = pg.Client as unknown as {
    prototype: { query: (this: unknown, ...given: unknown[]) => unknown }
  }
  const original = prototype.query
  let trips: Trip[] = []
  prototype.query = function (...given) {
    const { asks } = given[0] as { asks?: Trip }
    if (asks) trips.push(asks)
    return original.apply(this, given)
  }
  try {
    const traces: Trace[] = []
    for (const call of calls) {
      trips = []
      const { method, path: url } = call
      const { statusCode, body } = await app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${token(call.by)}` },
      })
      if (statusCode !== 200) throw new Error(`${method} ${url} answers ${statusCode}: ${body}`)
      if (trips.length === 0)
        throw new Error('nothing was recorded: does the product still send its SQL as batches?')
      traces.push({ call, trips, body })
    }
    return traces
  } finally {
    prototype.query = original
    await app.close()
  }
}

/**
 * The same SQL said of another call: every id of the one becomes the id of the other, also inside JSON and arrays. Ids that
 * the request made itself (those of the seed end in zeros) become new ones: no row is written twice.
 */
export function translated({ call: from, trips }: Trace, to: Call): Trip[] {
  const other = new Map(from.ids.map((id, at) => [id, to.ids[at]!]))
  const same = (id: string) => {
    const known = other.get(id) ?? (id.endsWith('000000000000') ? id : newId())
    other.set(id, known)
    return known
  }
  const say = (value: unknown): unknown =>
    typeof value === 'string'
      ? value.replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, same)
      : Array.isArray(value)
        ? value.map(say)
        : value
  return trips.map((trip) => trip.map(({ statement, values }) => ({ statement, values: values.map(say) })))
}

/** Whether a trip only writes the audit trail of a read: it is shared by all who wait, so it is counted apart. */
export const isAudit = (trip: Trip) =>
  trip.some(({ statement }) => statement.name === 'platform.audit.tenant')

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Node[]
}
export interface Plan {
  name: string
  buffers: number
  /** Tables that are read from one end to the other. */
  scanned: string[]
  nodes: string[]
}

const flat = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flat)]

const literal = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? pg.escapeLiteral(`{${value.map((item) => JSON.stringify(String(item))).join(',')}}`)
      : Buffer.isBuffer(value)
        ? `'\\x${value.toString('hex')}'`
        : pg.escapeLiteral(String(value))

/** The plans of a trace as the service's role gets them: executed once for the caches, then explained, then rolled back. */
export async function explain(
  serviceUrl: string,
  trace: Trace,
  planned: 'generic' | 'custom',
): Promise<Plan[]> {
  const client = new pg.Client({ connectionString: serviceUrl, options: poolSettings })
  await client.connect()
  const plans: Plan[] = []
  try {
    await client.query(`begin; set local plan_cache_mode = force_${planned}_plan`)
    const trips = translated(trace, trace.call).filter((trip) => !isAudit(trip))
    for (const { statement, values } of trips.flat()) {
      if (/^\s*(begin|commit)\s*$/i.test(statement.text)) continue
      const given = values.length > 0 ? `(${values.map(literal).join(', ')})` : ''
      const prepared = pg.escapeIdentifier(`bench ${statement.name}`)
      await client.query(`deallocate all; prepare ${prepared} as ${statement.text}`)
      await client.query(`savepoint before; execute ${prepared}${given}`)
      if (!statement.name.startsWith('platform.enter')) await client.query('rollback to savepoint before')
      const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Node }[] }>(
        `explain (analyze, buffers, format json) execute ${prepared}${given}`,
      )
      const top = rows[0]!['QUERY PLAN'][0]!.Plan
      const all = flat(top)
      plans.push({
        name: statement.name,
        buffers: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
        scanned: all
          .filter((node) => node['Node Type'] === 'Seq Scan')
          .map((node) => node['Relation Name'] ?? ''),
        nodes: all.map(
          (node) => `${node['Node Type']}${node['Relation Name'] ? ` on ${node['Relation Name']}` : ''}`,
        ),
      })
    }
    return plans
  } finally {
    await client.query('rollback').catch(() => {})
    await client.end()
  }
}
