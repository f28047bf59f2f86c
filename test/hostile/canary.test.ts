// Does anything that somebody types in turn up where it does not belong? A word of its own in every field of every
// operation, looked for in log, refusals, audit trail, events, jobs, notices, e-mails, webhooks and addresses.
import { expect, test } from 'vitest'
import { mailNotices } from '../../src/modules/notices/index.ts'
import type { Action } from '../../src/access.ts'
import { cellsOf, isNoMember, matrix, succeeds, type Cell } from '../access/cells.ts'
import { lotse } from '../support/app.ts'
import { cast } from '../support/cast.ts'
import { noted } from '../support/figures.ts'
import { operationsOf } from './fuzz.ts'
import { resolve, type Schema } from './values.ts'

const service = await lotse()
const { as, sql, db, log, logged, document, address, signIn } = service
const { recordsFor, table } = await matrix(service)
const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>
const operations = operationsOf(document)

type Way = string[]
/** Every field into which words can be written, however deep; of a list its first entry. */
function fieldsIn(given: Schema, way: Way = []): { way: Way; schema: Schema }[] {
  const schema = resolve(given, schemas)
  const branches = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (branches) return branches.flatMap((branch) => fieldsIn(branch, way))
  const [type] = [schema.type].flat()
  if (type === 'string') return [{ way, schema }]
  if (type === 'array' && schema.items) return fieldsIn(schema.items, [...way, '0'])
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => fieldsIn(inner, [...way, name]))
}
const isFree = ({ format, pattern, enum: codes, const: fixed }: Schema) =>
  codes === undefined &&
  fixed === undefined &&
  pattern === undefined &&
  (format === undefined || format === 'email')

let words = 0
const written = new Map<string, string>()
/** Short enough for every field, and never twice. */
function aWord(where: string, { maxLength = 100, format }: Schema = {}): string {
  words += 1
  const word = `Kolibri${words.toString(36).padStart(4, '0')}q`.slice(0, maxLength)
  written.set(word, where)
  return format === 'email' ? `${word.toLowerCase()}@kolibri.example` : word
}

const put = (body: unknown, [step, ...rest]: Way, value: unknown): unknown => {
  if (step === undefined) return value
  if (step === '0' || Array.isArray(body)) {
    const list = Array.isArray(body) ? [...(body as unknown[])] : []
    list[Number(step)] = put(list[Number(step)], rest, value)
    return list
  }
  const record = (body ?? {}) as Record<string, unknown>
  return { ...record, [step]: put(record[step], rest, value) }
}

/** What was said in answers that refuse, and where answers say that something lies. */
const refusals: string[] = []
const addresses: string[] = []
let sent = 0
let kept = 0

async function send(
  cell: Cell,
  given: { path: string; body: unknown; method: string; media: string; headers?: Record<string, string> },
) {
  const { path, body, method, media, headers = {} } = given
  const client = await as(cell.actor)
  const versioned = method === 'PATCH' || method === 'DELETE'
  const etag = versioned ? (await client.get(path.replace(/\?.*/, ''))).headers['etag'] : undefined
  const answer = await client.send(method, path, body === undefined ? undefined : JSON.stringify(body), {
    ...(body !== undefined && { 'content-type': media }),
    ...(versioned && { 'if-match': etag ?? '"1.AAAAAAAA"' }),
    ...headers,
  })
  sent += 1
  if (answer.status >= 400) refusals.push(answer.text)
  else kept += 1
  if (answer.headers['location']) addresses.push(answer.headers['location'])
  return answer
}

function cellFor(id: string): Cell | undefined {
  if (!(id in table) && !operations.some((one) => one.id === id && one.method === 'GET')) return undefined
  if (isNoMember(id as Action) || id.startsWith('auth.')) return undefined
  const cells = cellsOf(id as Action).filter(({ expected }) => succeeds(expected))
  const order = ['own', 'same city', 'own organisation', 'in general', 'received']
  return cells.sort((a, b) => order.indexOf(a.relation) - order.indexOf(b.relation))[0]
}

const reached = new Set<string>()
const total = { fields: 0 }

test(
  'a word of its own is sent in every field of every operation, in what is accepted and in what is refused',
  { timeout: 180_000 },
  async () => {
    for (const { id, method, path, query, body, media } of operations) {
      const cell = cellFor(id)
      if (!cell) continue
      const { names, query: usual, body: given } = table[id as Action] ?? {}
      const records = await recordsFor(cell)
      const target = path.replace(/\{\w+\}/, names ? records[names] : '')
      const search = new URLSearchParams(usual)
      const about = {
        path: `${target}${usual ? `?${usual}` : ''}`,
        method,
        media: media[0] ?? 'application/json',
      }

      // Where an id, a code or a number belongs, and in every header.
      const header = aWord(`${id}, a header`)
      const odd = {
        'idempotency-key': header,
        'accept-language': header,
        'user-agent': header,
        'x-request-id': header,
        cookie: `a=${header}`,
        referer: `http://${header}/`,
      }
      if (path.includes('{'))
        await send(cell, {
          ...about,
          path: path.replace(/\{\w+\}/, aWord(`${id}, in the path`)),
          body: undefined,
        })
      for (const { name } of query) {
        const changed = new URLSearchParams(search)
        changed.set(name, aWord(`${id}, ?${name}`))
        await send(cell, { ...about, path: `${target}?${changed.toString()}`, body: undefined, headers: odd })
        total.fields += 1
      }
      if (!body || about.media.startsWith('multipart')) continue
      const usualBody = given?.(records, cell.actor, cell.relation)
      const fields = fieldsIn(body)
      total.fields += fields.length
      let whole = usualBody
      for (const { way, schema } of fields) {
        const where = `${id}, /${way.join('/')}`
        if (isFree(schema)) whole = put(whole, way, aWord(where, schema))
        else await send(cell, { ...about, body: put(usualBody, way, aWord(where)) })
      }
      await send(cell, {
        ...about,
        body: {
          ...(usualBody as object),
          [aWord(`${id}, a field that there is not`)]: aWord(`${id}, its value`),
        },
      })
      const all = await send(cell, { ...about, body: whole, headers: odd })
      if (all.status < 300) reached.add(id)
      else
        // Not all at once, then: each of them on its own, on a record that was not tried yet.
        for (const { way, schema } of fields.filter(({ schema: one }) => isFree(one))) {
          const again = await recordsFor(cell)
          const path = about.path.replace(names ? records[names] : '\u0000', names ? again[names] : '')
          const one = put(
            given?.(again, cell.actor, cell.relation),
            way,
            aWord(`${id}, /${way.join('/')}`, schema),
          )
          const { status } = await send(cell, { ...about, path, body: one })
          if (status < 300) reached.add(id)
        }
    }
    const withWords = operations.filter(
      ({ id, body, media }) =>
        body &&
        cellFor(id) &&
        !media[0]!.startsWith('multipart') &&
        fieldsIn(body).some(({ schema }) => isFree(schema)),
    )
    expect(withWords.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([])
    expect(kept).toBeGreaterThan(60)
    expect(refusals.length).toBeGreaterThan(200)
  },
)

const word = /Kolibri[0-9a-z]{4}q|kolibri[0-9a-z]{4}q/gi
/** What stands where it should not, and from which field it came. */
const foundIn = (place: string, text: string): string[] =>
  [...new Set(text.match(word) ?? [])].map((found) => {
    const [, where] = [...written].find(([one]) => one.toLowerCase() === found.toLowerCase()) ?? []
    return `${place}: ${where ?? found}`
  })

/** Where a word may stand all the same, and why. */
const allowed: [RegExp, string][] = [
  [/^refusals: .*, a field that there is not$/, 'its name is the pointer to what was wrong (RFC 6901)'],
  [
    /^idempotency_keys: .*, a header$/,
    'the key itself: without it a repetition could not be told from a request',
  ],
]
const isAllowed = (found: string) => allowed.some(([pattern]) => pattern.test(found))

const tables = [
  'audit_events',
  'audit_heads',
  'events',
  'webhook_deliveries',
  'notices',
  'deadlines',
  'idempotency_keys',
  'attempt_counters',
  'sessions',
  'mail_settings',
]

async function looked(): Promise<string[]> {
  const found = [
    ...foundIn('log', logged().join('\n')),
    ...foundIn('refusals', refusals.join('\n')),
    ...foundIn('addresses', addresses.join('\n')),
  ]
  for (const name of tables) {
    const [there] = await sql(
      `select from pg_class where relname = $1 and relnamespace = 'public'::regnamespace`,
      [name],
    )
    if (!there) continue
    const [row] = await sql<{ all: string | null }>(`select string_agg(t::text, ' ') as all from "${name}" t`)
    found.push(...foundIn(name, row!.all ?? ''))
  }
  const [jobs] = await sql<{ all: string | null }>(
    `select string_agg(t::text, ' ') as all from graphile_worker._private_jobs t`,
  )
  return [...found, ...foundIn('jobs', jobs!.all ?? '')]
}

test('and it stands in no log line, refusal, address, audit row, event, notice or job', async ({ task }) => {
  const found = (await looked()).filter((one) => !isAllowed(one))
  noted(task, {
    suite: 'canary',
    tried: `${words} words in ${total.fields} fields of ${operations.length} operations, ${sent} requests (${kept} kept)`,
    found: `${found.length} where they do not belong`,
    defects: '4 of 4',
  })
  expect(found).toEqual([])
})

test('nor in an e-mail, nor among the metrics', async () => {
  const letters: string[] = []
  const mailer = (mail: object) => Promise.resolve(void letters.push(JSON.stringify(mail)))
  await sql(`update notices set at = at - interval '2 days'`).catch(() => [])
  await mailNotices(
    { db, log, mailer, publicUrl: 'https://lotse.example', signal: new AbortController().signal },
    cast.nora.tenantId,
  )
  expect(foundIn('e-mail', letters.join('\n'))).toEqual([])
  const metrics = await fetch(`${address}/metrics`, {
    headers: { authorization: `Bearer ${(await signIn(cast.ada)).accessToken}` },
  })
  expect(foundIn('metrics', await metrics.text())).toEqual([])
})

test('a word in a log line, a refusal, an audit row or a job is found', async () => {
  const leak = aWord('a leak')
  const before = (await looked()).filter((one) => !isAllowed(one)).length
  log.info({ note: leak })
  refusals.push(`{"detail":"${leak}"}`)
  await sql(
    `update audit_events set code = $1 where (tenant_id, id) in (select tenant_id, id from audit_events limit 1)`,
    [leak],
  )
  addresses.push(`/v1/clients/${leak}`)
  const after = (await looked()).filter((one) => !isAllowed(one))
  expect(after.length - before).toBe(4)
  expect(after).toEqual(
    expect.arrayContaining(['log: a leak', 'refusals: a leak', 'audit_events: a leak', 'addresses: a leak']),
  )
})
