// What do examples in the description of the interface look like? What people sent and received, made the same every time.
import { dayIn } from '../../modules/deadlines/index.ts'
import { daysAfter } from '../../modules/tasks/index.ts'
import { mediaType as ndjson } from '../../platform/ndjson.ts'
import type { Carrier } from '../voice.ts'

interface Exchange {
  method: string
  url: string
  status: number
  /** Media types; nothing where nothing was sent. */
  sends?: string | undefined
  answers?: string | undefined
  request: unknown
  response: unknown
}

interface Operation {
  operationId: string
  requestBody?: { content: Record<string, unknown> }
  responses: Record<string, { content?: Record<string, unknown> }>
}
export interface Description {
  paths: Record<string, Record<string, Operation>>
}

type Shown = Partial<Pick<Exchange, 'request' | 'response'>>
type Example = Shown & {
  /** Refusals by status and code: as many as were met on the way. */
  problems?: Record<string, Record<string, unknown>>
  /** The same for every other media type that the address takes. */
  also?: Record<string, Shown>
}

const json = 'application/json'
const isJson = (type: string | undefined) =>
  type !== undefined && /^application\/(problem\+)?json$/.test(type)
const typeOf = ({ headers }: { headers: Record<string, string | undefined> }) =>
  headers['content-type']?.split(';')[0]

/** What went over the line, as far as an example can show it; bytes cannot. */
async function read(type: string | undefined, text: string, headers: Record<string, string | undefined>) {
  if (isJson(type)) return JSON.parse(text) as unknown
  if (type === ndjson)
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown)
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text))
  if (type !== 'multipart/form-data') return undefined
  const form = await new Response(text, { headers: { 'content-type': headers['content-type']! } }).formData()
  const fields = [...form].map(async ([name, value]) => [
    name,
    typeof value === 'string' ? value : await value.text(),
  ])
  return Object.fromEntries(await Promise.all(fields)) as unknown
}

/** A carrier that remembers. */
export function recording(carry: Carrier) {
  const exchanges: Exchange[] = []
  const carrier: Carrier = async (request) => {
    const answer = await carry(request)
    const [sends, answers] = [typeOf(request), typeOf(answer)]
    exchanges.push({
      method: request.method,
      url: request.url.replace(/\?.*$/, ''),
      status: answer.status,
      sends,
      answers,
      request: await read(sends, request.body ?? '', request.headers),
      response: await read(answers, answer.bytes.toString(), answer.headers),
    })
    return answer
  }
  return { carrier, exchanges }
}

/** For every operation the richest exchange of each media type. @throws Error naming what nobody has tried. */
export function examplesOf(
  { paths }: Description,
  exchanges: readonly Exchange[],
  today: string,
): Record<string, Example> {
  const same = sameEveryTime(today)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
  )
  operations.sort((a, b) => (a.operationId < b.operationId ? -1 : 1))
  const untried: string[] = []
  const found: Record<string, Example> = {}
  for (const { operationId, path, method, requestBody, responses } of operations) {
    const [[status, success] = ['', undefined]] = Object.entries(responses)
    const content = Object.keys(success?.content ?? {})
    const answered = content.find((type) => type === json) ?? content.find((type) => type === ndjson)
    const answers = answered !== undefined && !operationId.startsWith('openapi.')
    // A merge patch looks like plain JSON.
    const types = Object.keys(requestBody?.content ?? {}).filter((type) => !type.endsWith('+json'))
    if (!answers && types.length === 0) continue
    const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '[0-9a-f-]{36}')}$`)
    const richest = (type: string | undefined): Shown | undefined =>
      exchanges
        .filter((one) => one.method === method && one.status === Number(status) && pattern.test(one.url))
        .filter(({ sends, answers: got }) => (sends ?? type) === type && (!answers || got === answered))
        .map(({ request, response }) => ({
          ...(type && { request: request ?? {} }),
          ...(answers && { response: shortened(operationId, response) }),
        }))
        .sort((one, other) => JSON.stringify(other).length - JSON.stringify(one).length)[0]
    const shown = richest(types[0])
    const also = types.slice(1).map((type) => [type, richest(type)] as const)
    if (!shown || also.some(([, other]) => !other)) {
      untried.push(operationId)
      continue
    }
    const problems: NonNullable<Example['problems']> = {}
    for (const { method: asked, url, status, response } of exchanges) {
      if (asked !== method || status < 400 || !pattern.test(url)) continue
      const { code } = response as { code?: string }
      if (code && responses[status]) (problems[status] ??= {})[code] ??= response
    }
    found[operationId] = same({
      ...shown,
      ...(Object.keys(problems).length > 0 && { problems }),
      ...(also.length > 0 && { also: Object.fromEntries(also) }),
    }) as Example
  }
  if (untried.length > 0) throw new Error(`The tour does not try ${untried.join(', ')}: add it to its coda.`)
  return found
}

const few: Record<string, number> = { items: 2, objectIds: 2, clientIds: 2, domains: 1, questions: 2 }

/** Lists of two, guides of one life domain, two vocabularies: enough to see the shape. */
function shortened(operationId: string, value: unknown): unknown {
  if (operationId === 'vocabularies.read') {
    const { identification_level, case_phase } = (value as { vocabularies: Record<string, unknown> })
      .vocabularies
    return { vocabularies: { identification_level, case_phase } }
  }
  // What is sealed is different every time, and so are its hashes.
  if (operationId === 'audit.heads')
    return mapped(value, (inner, key) => {
      if (key in sealed) return sealed[key]
      return typeof inner === 'string' && /^[0-9a-f]{64}$/.test(inner) ? 'b1'.repeat(32) : inner
    })
  return mapped(value, (inner, key) => (Array.isArray(inner) && few[key] ? inner.slice(0, few[key]) : inner))
}

const sealed: Record<string, unknown> = {
  number: 412,
  rows: 37,
  lastXid: '80152',
  keyId: '3b6a27bcceb6a42d',
  signature: `${'c2ln'.repeat(21)}cw==`,
}

const secrets: Record<string, string> = {
  accessToken: 'eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl',
  access_token: 'eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl',
  refreshToken: 'session.1.signature',
  nextCursor: 'eyJhZnRlciI6Ii4uLiJ9',
  cursor: 'eyJhZnRlciI6Ii4uLiJ9',
  criteria: 'keyed-hash-of-the-criteria',
}

/** Of second factors, temporary passwords and service accounts: what the service makes up looks like nothing else. */
const madeUp: [RegExp, string][] = [
  [/^[A-Z2-7]{32}$/, 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
  [/^lotse_[\w-]{43}$/, 'lotse_32-random-bytes-that-are-shown-only-once-0000'],
  [/^demo-lindenau\.[0-9a-f-]{36}$/, 'lindenau.01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'],
  [/^whsec_/, 'whsec_MzItcmFuZG9tLWJ5dGVzLXNob3duLW9ubHktb25jZS0='],
  [/^otpauth:/, 'otpauth://totp/Lotse:ruth.neu%40lindenau.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
  [/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/, '7Q2MX-K9RTB'],
  [/^([0-9a-hjkmnp-tv-z]{5}-){3}[0-9a-hjkmnp-tv-z]{5}$/, 'k7m2p-9qxwd-4hbtn-c8vzr'],
]

const someDay = '2026-03-02'
const anId = /(?<=^|\/)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Ids by the order in which they turn up, days by their distance from today, instants at one time of day. */
function sameEveryTime(today: string) {
  const ids = new Map<string, string>()
  const idOf = (id: string) => {
    const known = ids.get(id) ?? `01980a5e-7c3a-7d11-9c51-${String(ids.size + 1).padStart(12, '0')}`
    ids.set(id, known)
    return known
  }
  const shifted = (day: string) =>
    daysAfter(someDay, Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000))
  const near = (day: string) => Math.abs(Date.parse(day) - Date.parse(today)) < 400 * 86_400_000
  return (example: unknown) =>
    mapped(example, (value, key) => {
      if (typeof value !== 'string') return value
      if (key in secrets) return secrets[key]
      const made = madeUp.find(([like]) => like.test(value))
      if (made) return made[1]
      // The code of an answer link is another one every time; every other code is a word.
      if (key === 'code' && /^\d{6}$/.test(value)) return '407312'
      // Also as the end of an address.
      if (anId.test(value)) return value.replace(anId, idOf)
      if (/^\d{4}-\d\d-\d\d$/.test(value)) return near(value) ? shifted(value) : value
      const [, given, hour, rest] =
        /^(\d{4}-\d\d-\d\d)T(\d\d):([\d:.]+)(?:Z|[+-]\d\d:\d\d)$/.exec(value) ?? []
      if (given === undefined) return value
      const chosenByPeople = /^00:00(\.0+)?$/.test(rest!)
      return chosenByPeople
        ? `${shifted(given)}T${hour}:00:00Z`
        : `${shifted(dayIn('Europe/Berlin', value))}T09:30:00Z`
    })
}

/** Every value in a JSON document, from the outside in. */
function mapped(value: unknown, change: (value: unknown, key: string) => unknown, key = ''): unknown {
  const changed = change(value, key)
  if (Array.isArray(changed))
    return changed.map((item) => mapped(item, change, Array.isArray(item) ? key : ''))
  if (changed === null || typeof changed !== 'object') return changed
  return Object.fromEntries(
    Object.entries(changed).map(([name, inner]) => [name, mapped(inner, change, name)]),
  )
}
