// Does any request, however it was meant, get an answer that was never promised? A fuzzer over our own document.
import { createHash, randomUUID, sign as signed } from 'node:crypto'
import fc from 'fast-check'
import { access, type Action, type Rule } from '../../src/access.ts'
import { actions, cellsOf, isNoMember, matrix, succeeds, type Cell } from '../access/cells.ts'
import { createChecker, type OpenApi } from '../support/answers.ts'
import type { Lotse } from '../support/app.ts'
import { cast, type Member } from '../support/cast.ts'
import { aForm, aJpeg, aPdf, aPng } from '../support/files.ts'
import type { Answer } from '../support/http.ts'
import { wire, type Received } from '../support/wire.ts'
import { actors, type Records } from '../support/world.ts'
import {
  filled,
  fitting,
  hostile,
  marker,
  nearly,
  resolve,
  saysMarker,
  spoiled,
  textWith,
  written,
  type Schema,
} from './values.ts'

interface Parameter {
  name: string
  in: string
  schema: Schema
}
interface Operation {
  id: string
  method: string
  path: string
  query: Parameter[]
  media: string[]
  body: Schema | undefined
  who: readonly string[] | string
}

export interface Request {
  operation: string
  method: string
  path: string
  headers: Record<string, string>
  body?: Buffer | undefined
  by: Member | undefined
}

export interface Answered extends Received {
  ms: number
}

export type Send = (request: Request) => Promise<Answered>

export interface Finding {
  what: string
  request: string
}

/** As it can be sent again by hand. */
export const described = ({ method, path, headers, body, by }: Request) => {
  const { authorization: _, ...rest } = headers
  const text = body?.toString('utf8') ?? ''
  return `${by?.key ?? 'nobody'}: ${method} ${path.slice(0, 300)} ${JSON.stringify(rest).slice(0, 400)} ${
    text.length > 900 ? `${text.slice(0, 900)}… (${text.length} characters)` : text
  }`
}

export function operationsOf(document: OpenApi): Operation[] {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, found]): Operation => {
      const { operationId, parameters, requestBody } = found as unknown as {
        operationId: string
        parameters?: Parameter[]
        requestBody?: { content: Record<string, { schema: Schema }> }
      }
      const [[, content] = []] = Object.entries(requestBody?.content ?? {})
      return {
        id: operationId,
        method: method.toUpperCase(),
        path,
        query: (parameters ?? []).filter((one) => one.in === 'query'),
        media: Object.keys(requestBody?.content ?? {}),
        body: content && resolve(content.schema, schemas),
        who: (access[operationId as Action] as Rule).who,
      }
    }),
  )
}

/** `clientId` → clients, `leadMembershipId` → memberships, `/v1/answer-links/{id}` → answer-links. */
const kindOf = (field: string) =>
  `${field
    .replace(/Ids?$/, '')
    .replace(/([A-Z])/g, '-$1')
    .toLowerCase()
    .replace(/^.*-(?=(organization|membership|user|case|offer)$)/, '')}s`
const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** What exists: ids by the name of their collection, with the version that was seen last. */
function pool() {
  const byKind = new Map<string, string[]>()
  const versions = new Map<string, number>()
  const all: string[] = []
  return {
    learn(kind: string, id: unknown, version?: unknown) {
      if (typeof id !== 'string' || !isId.test(id)) return
      if (typeof version === 'number') versions.set(id, version)
      const known = byKind.get(kind) ?? []
      byKind.set(kind, known)
      if (known.includes(id)) return
      // A few hundred of each are enough, and of a million requests not more.
      if (known.length < 300) known.push(id)
      else known[Math.floor(Math.random() * 300)] = id
      if (all.length < 3000) all.push(id)
    },
    one(kind: string, chance: number): string {
      const known = byKind.get(kind)
      if (known && known.length > 0 && chance % 10 < 8) return known[chance % known.length]!
      if (all.length > 0 && chance % 10 < 9) return all[chance % all.length]!
      return randomUUID()
    },
    versionOf: (id: string) => versions.get(id),
  }
}

export interface Fuzz {
  requests: number
  seed: number
  /** Through which every request goes; a test of the harness puts a defect in between. */
  send?: (send: Send) => Send
  atOnce?: number
  onProgress?: (line: string) => void
  /** Without what is made for each operation so that it succeeds. */
  plain?: boolean
  /** Nothing but what is as it should be, one operation after another. */
  once?: boolean
  /** Only these operations. */
  only?: (operation: string) => boolean
}

export interface Outcome {
  requests: number
  seconds: number
  findings: Finding[]
  /** How often which status was seen, by operation. */
  statuses: Map<string, Map<number, number>>
  /** Operations that took a body with a text of ours in it. */
  took: Set<string>
  /** 503 that the database itself had said, by its code. */
  busy: Map<string, number>
  slowest: number
}

const limitOfSeconds = 10
/** A form or a file: it says itself what it is. */
const isPacked = (body: unknown): body is FormData | Blob => body instanceof FormData || body instanceof Blob
/** Of the world of one municipality, unit or person, to be found in answers for others. */
const worldsIn = /Kanari-(own|other-unit|shielded|other-city)-Vogel/g

export async function fuzzer(service: Lotse) {
  const { sql, keys, document, signIn, app } = service
  const check = createChecker(document)
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>
  const operations = operationsOf(document)
  const known = pool()
  const { own, foreign, recordsFor, table } = await matrix(service)
  const kindsOfPaths = new Set(operations.map(({ path }) => path.split('/')[2] ?? ''))
  for (const records of [own, ...Object.values(foreign)] as Records[])
    for (const [kind, id] of Object.entries(records)) {
      const name = `${kind.replace(/([A-Z])/g, '-$1').toLowerCase()}s`
      known.learn(
        kind === 'obligation' ? 'secrecy-obligations' : kindsOfPaths.has(name) ? name : `${kind}s`,
        id,
      )
    }
  for (const { userId, membershipId, organizationId } of Object.values(cast)) {
    known.learn('users', userId)
    known.learn('memberships', membershipId)
    known.learn('organizations', organizationId)
  }

  // ── Who asks: sessions that stay alive whatever the fuzzer does to them ─────────────────────────────────────
  const members: Member[] = [
    ...actors,
    cast.mira,
    cast.mona,
    cast.nils,
    cast.agnes,
    cast.sina,
    cast.otto,
    cast.olaf,
    cast.orhan,
  ]
  const sessions = await Promise.all(
    members.map(async (member) => {
      const { accessToken } = await signIn(member)
      const [head = '', claims = ''] = accessToken.split('.')
      const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number; exp: number }
      const long = Buffer.from(JSON.stringify({ ...said, exp: said.iat + 6 * 3600 })).toString('base64url')
      const text = `${head}.${long}`
      const token = `${text}.${signed(null, Buffer.from(text), keys.token.privateKey).toString('base64url')}`
      return [member.membershipId, { token, old: accessToken }] as const
    }),
  )
  const tokens = new Map(sessions)
  const [guarded] = await sql<{ tables: string[] }>(
    `select array_agg(relname::text) as tables from pg_class where relnamespace = 'public'::regnamespace
     and relname in ('users', 'memberships', 'sessions', 'credentials', 'secrecy_obligations', 'tenants')`,
  )
  await sql('create schema if not exists fuzzed')
  const heals: string[] = []
  for (const name of guarded!.tables) {
    await sql(`create table if not exists fuzzed."${name}" as table public."${name}"`)
    const [found] = await sql<{ columns: string[] }>(
      `select array_agg(attname::text) as columns from pg_attribute where attrelid = $1::regclass and attnum > 0
       and not attisdropped and attgenerated = '' and attname not in ('tenant_id', 'id')`,
      [`public.${name}`],
    )
    const list = found!.columns.map((column) => `"${column}"`)
    heals.push(
      `update public."${name}" t set ${list.map((column) => `${column} = s.${column}`).join()} from fuzzed."${name}" s
       where t.tenant_id = s.tenant_id and t.id = s.id and (${list.map((column) => `t.${column} is distinct from s.${column}`).join(' or ')})`,
    )
  }
  const forgetful = ['second_factors', 'attempt_counters']
  for (const name of forgetful)
    if (
      (await sql(`select from pg_class where relname = $1 and relnamespace = 'public'::regnamespace`, [name]))
        .length > 0
    )
      heals.push(`delete from public."${name}"`)
  const heal = async () => {
    for (const text of heals) await sql(text).catch(() => [])
  }

  // ── What would do: of each action a body and a record that are as they should be ─────────────────────────────
  interface Base {
    request: Pick<Request, 'method' | 'path' | 'by'>
    body: unknown
    id: string | undefined
  }
  const cellOf = new Map<string, Cell[]>()
  for (const action of actions) {
    if (isNoMember(action)) continue
    const cells = cellsOf(action).filter(({ expected }) => succeeds(expected))
    const best = ['own', 'same city', 'own organisation', 'in general', 'received'].flatMap((relation) =>
      cells.filter((cell) => cell.relation === relation),
    )
    if (best.length > 0) cellOf.set(action, best)
  }
  async function baseOf(operation: Operation, turn: number): Promise<Base | undefined> {
    const cells = cellOf.get(operation.id)
    const cell = cells?.[turn % cells.length]
    if (!cell) return undefined
    const { names, query, body } = table[cell.action] ?? {}
    const records = await recordsFor(cell)
    if (operation.id === 'auth.refresh') {
      const { refreshToken } = await signIn(cell.actor)
      return { request: { ...operation, by: cell.actor }, body: { refreshToken }, id: undefined }
    }
    const id = operation.path.includes('{') && names ? records[names] : undefined
    const path = operation.path.replace(/\{\w+\}/, id ?? randomUUID())
    return {
      request: { method: operation.method, path: `${path}${query ? `?${query}` : ''}`, by: cell.actor },
      body: body?.(records, cell.actor, cell.relation),
      id,
    }
  }

  // ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────
  const idFor = (field: string, chance: number) => known.one(kindOf(field), chance)
  const bodies = new Map<string, fc.Arbitrary<unknown>>()
  const fits = (operation: Operation) => {
    const made =
      bodies.get(operation.id) ??
      (operation.body ? fitting(operation.body, schemas, idFor) : fc.constant(undefined))
    bodies.set(operation.id, made)
    return made
  }
  /** What is as it should be, with a text of ours in every field that takes one. */
  const marked = ({ id, body }: Operation, usual: unknown, chance: number) =>
    body &&
    filled(body, schemas, usual, {
      // Secrets are compared, or would lock us out.
      takes: (schema, [field]) =>
        field !== 'currentPassword' &&
        id !== 'passwords.change' &&
        !id.startsWith('auth.') &&
        textWith(`${marker}-zzz`, schema) !== undefined,
      text: (schema) => textWith(`${marker}-${chance.toString(36)}`, schema)!,
    })
  const oddText = fc.oneof(
    fc.constantFrom(
      '',
      '%00',
      '%',
      '%zz',
      '%ff%fe',
      '..%2f..',
      '%2e%2e/',
      'null',
      '-1',
      '1e9',
      'x'.repeat(3000),
      '[]',
      '{}',
      "'",
      '%0d%0ax:%20y',
    ),
    hostile.map((value) =>
      encodeURIComponent(
        (typeof value === 'string' ? value.toWellFormed() : String(JSON.stringify(value))).slice(0, 300),
      ),
    ),
  )
  const seldom = <T>(often: fc.Arbitrary<T>, weight: number, rare: fc.Arbitrary<T>) =>
    fc.oneof({ weight, arbitrary: often }, { weight: 1, arbitrary: rare })
  const oddHeaders = fc.constantFrom<Record<string, string>>(
    {},
    { accept: 'application/x-ndjson' },
    { accept: 'text/csv' },
    { accept: '*/*;q=0' },
    { accept: 'x'.repeat(3000) },
    { 'accept-language': 'da, en;q=0.5' },
    { 'accept-language': '*;q=\u00ff,,,;;' },
    { 'idempotency-key': 'same' },
    { 'idempotency-key': '' },
    { 'idempotency-key': 'ä' },
    { 'idempotency-key': 'x'.repeat(200) },
    { 'if-match': '*' },
    { 'if-match': '"0.AAAAAAAA"' },
    { 'if-match': '"99999999999999999999.AAAAAAAA"' },
    { 'if-match': 'W/"1.AAAAAAAA"' },
    { 'if-none-match': '*' },
    { 'content-encoding': 'gzip' },
    { 'content-encoding': 'br, identity' },
    { 'transfer-encoding': 'chunked' },
    { 'x-http-method-override': 'DELETE' },
    { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'elsewhere.example' },
    { 'x-request-id': `${marker}-id` },
    { range: 'bytes=0-1' },
    { origin: 'null' },
    { cookie: 'session=1; __proto__=1' },
    { host: 'elsewhere.example' },
    { expect: '100-continue' },
    { prefer: 'return=minimal' },
    { 'if-modified-since': 'never' },
    { traceparent: '00-0-0-00' },
  )
  const jsonOf = (value: unknown) => {
    const text = written(value)
    return text === undefined ? undefined : Buffer.from(text)
  }

  const shape = (operation: Operation, base: Base | undefined) => {
    const value: fc.Arbitrary<unknown> = fc.oneof(
      { weight: 4, arbitrary: fits(operation) },
      { weight: 4, arbitrary: nearly(fits(operation)) },
      { weight: 1, arbitrary: hostile },
      ...(base?.body !== undefined && !isPacked(base.body)
        ? [
            {
              weight: 8,
              arbitrary: fc
                .tuple(
                  fc.nat(10_000),
                  fc.constantFrom('value', 'gone', 'more', 'none', 'ours'),
                  hostile,
                  fc.nat(100),
                )
                .map(([at, kind, wrong, key]) =>
                  kind === 'none'
                    ? base.body
                    : kind === 'ours'
                      ? marked(operation, base.body, at)
                      : spoiled(base.body, at, kind, wrong, key),
                ),
            },
          ]
        : []),
    )
    const query = fc.tuple(
      ...operation.query.map((one) =>
        fc.oneof(
          { weight: 5, arbitrary: fc.constant('') },
          {
            weight: 4,
            arbitrary: fitting(one.schema, schemas, idFor, one.name).map(
              (given) => `${one.name}=${encodeURIComponent(String(given).toWellFormed())}`,
            ),
          },
          { weight: 2, arbitrary: oddText.map((given) => `${one.name}=${given}`) },
          {
            weight: 1,
            arbitrary: oddText.map((given) => `${one.name}=1&${one.name}=${given}&${one.name}[]=2`),
          },
        ),
      ),
      seldom(
        fc.constant(''),
        15,
        oddText.map((given) => `${given.replace(/[=&]/g, '').replace(/lerche/gi, 'x')}=1`),
      ),
    )
    return fc.record({
      value,
      query,
      usesBase: fc.nat(2),
      id: fc.tuple(fc.nat(1_000_000), seldom(fc.constant(''), 9, oddText)),
      odd: seldom(fc.constant<Record<string, string>>({}), 4, oddHeaders),
      keyed: fc.nat(5),
      who: fc.nat(10_000),
      method: seldom(
        fc.constant(operation.method),
        24,
        fc.constantFrom('PUT', 'DELETE', 'HEAD', 'OPTIONS', 'GET', 'POST', 'PATCH', 'TRACE', 'PROPFIND'),
      ),
      media: seldom(
        fc.constantFrom(...(operation.media.length > 0 ? operation.media : ['application/json'])),
        14,
        fc.constantFrom(
          'text/plain',
          'application/xml',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          'application/json; charset=utf-16',
          '',
          'x',
          'application/merge-patch+json',
        ),
      ),
      broken: fc.nat(29),
      file: fc.nat(5),
    })
  }
  type Shape =
    fc.Arbitrary<unknown> extends never
      ? never
      : ReturnType<typeof shape> extends fc.Arbitrary<infer T>
        ? T
        : never

  function whoAsks({ who }: Operation, chance: number, base: Member | undefined): Member | undefined {
    if (typeof who === 'string') return chance % 5 === 0 ? members[chance % members.length] : undefined
    if (base && chance % 4 !== 0) return base
    if (chance % 25 === 1) return undefined
    if (chance % 3 === 0) return members[(chance >> 2) % members.length]
    const may = members.filter(({ role }) => who.includes(role))
    return may[(chance >> 2) % Math.max(may.length, 1)] ?? members[0]
  }

  async function requestOf(operation: Operation, given: Shape, base: Base | undefined): Promise<Request> {
    const useBase = base !== undefined && given.usesBase > 0
    const [chance, oddId] = given.id
    const collection = operation.path.split('/')[2] ?? ''
    const id = useBase && base.id ? base.id : known.one(collection, chance)
    const plain = operation.path.replace(/\{\w+\}/, oddId === '' ? id : oddId)
    const query = [...given.query].filter((part) => part !== '').join('&')
    const path =
      query === '' && useBase && oddId === ''
        ? base.request.path
        : `${plain}${query === '' ? '' : `?${query}`}`
    const by = whoAsks(operation, given.who, useBase ? base.request.by : undefined)
    const headers: Record<string, string> = {}
    const token = by && tokens.get(by.membershipId)!.token
    if (token)
      headers['authorization'] = `Bearer ${given.who % 97 === 0 ? `${token.slice(0, -6)}AAAAAA` : token}`
    if (['PATCH', 'PUT', 'DELETE'].includes(given.method) && given.keyed > 0)
      headers['if-match'] = `"${known.versionOf(id) ?? 1}.AAAAAAAA"`
    if (given.method === 'POST' && given.keyed === 0) headers['idempotency-key'] = `k-${chance}`
    let body: Buffer | undefined
    if (operation.media.includes('multipart/form-data') && given.media === 'multipart/form-data') {
      const files = [
        aPdf(marker),
        aPng(),
        aJpeg(),
        aPdf('x', { catalog: '/OpenAction << /S /JavaScript >>' }),
        Buffer.alloc(0),
        Buffer.from('x'),
      ]
      const form =
        useBase && base.body instanceof FormData && given.file < 3
          ? base.body
          : aForm(
              given.file % 2 ? 'clearing_summary' : (written(given.value) ?? '').slice(0, 50).toWellFormed(),
              files[given.file]!,
              `${marker}.pdf`,
            )
      const made = new Response(form)
      body = Buffer.from(await made.arrayBuffer())
      headers['content-type'] = made.headers.get('content-type')!
      if (given.broken === 0) body = body.subarray(0, Math.floor(body.length / 2))
    } else if (operation.body || given.broken === 5) {
      body = jsonOf(given.value)
      if (given.media.includes('urlencoded'))
        body = Buffer.from(new URLSearchParams(flat(given.value)).toString())
      if (given.media !== '') headers['content-type'] = given.media
      if (given.broken === 0) body = body?.subarray(0, Math.max(1, Math.floor(body.length * 0.7)))
      if (given.broken === 1) body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body ?? Buffer.alloc(0)])
      if (given.broken === 2) body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])
      if (given.broken === 3 && given.keyed === 0) body = Buffer.from(`{"a":"${'x'.repeat(300_000)}"}`)
      if (given.broken === 4) body = Buffer.from('{"note":1,"note":2}')
    }
    Object.assign(headers, given.odd)
    if (given.method === 'TRACE' || given.method === 'GET' || given.method === 'HEAD') body = undefined
    // Node itself refuses to send what is no header.
    for (const [name, value] of Object.entries(headers))
      headers[name] = value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')
    return { operation: operation.id, method: given.method, path: cleaned(path), headers, body, by }
  }

  // ── Over the socket ──────────────────────────────────────────────────────────────────────────────────────────
  function sender(address: string, atOnce: number) {
    const { send: over, end } = wire(address, atOnce, limitOfSeconds * 2000)
    const send: Send = async (request) => {
      const began = performance.now()
      return { ...(await over(request)), ms: performance.now() - began }
    }
    return { send, end }
  }

  // ── The judge ────────────────────────────────────────────────────────────────────────────────────────────────
  const compartments = {
    own: cast.nora.organizationId,
    'other-unit': cast.mira.organizationId,
    shielded: foreign.shielded.client,
  }
  // Attempts register contacts under the name of the own world at any door.
  /** Whoever was sent something, or was named, may see it: the fuzzer does such things as well. */
  async function mayKnow(by: Member | undefined, world: string, operation: string): Promise<boolean> {
    if (!by) return false
    if (world === 'other-city') return by.municipality === 'ostheim'
    if (by.municipality !== 'lindenau') return false
    // A contact is no case: the door where it was registered sees it, also of somebody who is shielded as a client.
    if (
      /^(contacts|overview|notices)\./.test(operation) &&
      world === 'shielded' &&
      by.organizationId === compartments.own
    )
      return true
    const compartment = compartments[world as keyof typeof compartments]
    if (by.organizationId === compartment && by.role.startsWith('navigat')) return true
    const [found] = await sql<{ may: boolean }>(
      `select exists (select from disclosures where compartment_id = $1 and recipient_organization_id = $2)
         or exists (select from attachments where compartment_id = $1 and recipient_organization_id = $2)
         or exists (select from contacts where organization_id = $1 and to_organization_id = $2)
         or ($5 and exists (select from contacts where $2 in (organization_id, to_organization_id) or registered_by_user_id = $4))
         or exists (select from named_members where compartment_id = $1 and membership_id = $3) as may`,
      [compartment, by.organizationId, by.membershipId, by.userId, world === 'own'],
    )
    return found!.may
  }

  /** Errors that the service logged, by request: what the database said. */
  const errors = new Map<string, string>()
  const spoken: string[] = []
  /** Streams that ended before their end, and of how many of them the log has said so. */
  const brokenOff = { seen: 0, told: 0 }
  const listen = (line: string) => {
    if (line.includes('a list broke off')) brokenOff.told += 1
    if (line.includes('Kanari') || saysMarker(line)) spoken.push(line.slice(0, 500))
    if (!line.includes('"err"')) return
    try {
      const { requestId, err } = JSON.parse(line) as {
        requestId?: string
        err?: { code?: string; stack?: string[]; name?: string }
      }
      if (requestId)
        errors.set(
          requestId,
          `${err?.code ?? err?.name ?? '?'} ${err?.stack?.slice(0, 2).join('').trim() ?? ''}`,
        )
    } catch {
      spoken.push(`no line of JSON: ${line.slice(0, 300)}`)
    }
  }
  let silences = 0
  const busyCodes = ['40001', '40P01', '55P03', '57014', '53300']

  async function judge(
    request: Request,
    { status, headers, bytes, ms }: Answered,
    outcome: Outcome,
  ): Promise<string[]> {
    const wrong: string[] = []
    const type = headers['content-type'] ?? ''
    const isText = type === '' || /json|text|csv|html/.test(type)
    const text = isText ? bytes.toString('utf8') : ''
    const isJson = /[/+]json/.test(type)
    let body: unknown = text === '' ? undefined : text
    if (isJson && text !== '')
      try {
        body = JSON.parse(text)
      } catch {
        wrong.push('JSON that is none')
      }
    const { requestId, id, version, items } = (body ?? {}) as {
      requestId?: string
      id?: string
      version?: number
      items?: { id?: string; version?: number }[]
    }
    if (status >= 500) {
      // The line of the log is on its way through a pipe of its own; a service that says nothing is not waited for.
      for (let wait = 0; wait < 40 && silences < 3 && !errors.has(requestId ?? ''); wait += 1)
        await new Promise((go) => setTimeout(go, 25))
      silences = errors.has(requestId ?? '') ? 0 : silences + 1
      const said = errors.get(requestId ?? '') ?? 'nothing in the log'
      const [code = ''] = said.split(' ')
      if (status === 503 && busyCodes.includes(code))
        outcome.busy.set(code, (outcome.busy.get(code) ?? 0) + 1)
      else wrong.push(`${status}: ${said}`)
    }
    if (request.method !== 'HEAD' && wrong.length === 0)
      try {
        check(request.method, request.path, { status, body, text, bytes, headers } as Answer<unknown>)
      } catch (error) {
        wrong.push(`outside the document: ${(error as Error).message.slice(0, 400)}`)
      }
    // A list says the same word of every row.
    for (const world of new Set([...text.matchAll(worldsIn)].map(([, named]) => named!)))
      if (status >= 400 || !(await mayKnow(request.by, world, request.operation)))
        wrong.push(`shows Kanari-${world} to ${request.by?.key ?? 'nobody'}`)
    if (status >= 400 && saysMarker(text)) wrong.push('a refusal repeats what was sent')
    if (ms > limitOfSeconds * 1000) wrong.push(`took ${Math.round(ms)} ms`)
    outcome.slowest = Math.max(outcome.slowest, ms)
    const seen = outcome.statuses.get(request.operation) ?? new Map<number, number>()
    outcome.statuses.set(request.operation, seen)
    seen.set(status, (seen.get(status) ?? 0) + 1)
    if (status < 300) {
      if (request.body?.includes(marker)) outcome.took.add(request.operation)
      const [, , collection = '', , sub] = request.path.replace(/\?.*$/, '').split('/')
      const located = /^\/v1\/([^/]+)\/([^/]+)$/.exec(headers['location'] ?? '')
      if (located) known.learn(located[1]!, located[2], version)
      else known.learn(collection, id, version)
      for (const item of (Array.isArray(items) ? items : []).slice(0, 20))
        known.learn(sub ?? collection, item.id, item.version)
    }
    return wrong
  }

  async function run(
    address: string,
    {
      requests,
      seed,
      send: through = (send) => send,
      atOnce = 12,
      onProgress,
      plain = false,
      once = false,
      only,
    }: Fuzz,
  ): Promise<Outcome> {
    const outcome: Outcome = {
      requests: 0,
      seconds: 0,
      findings: [],
      statuses: new Map(),
      took: new Set(),
      busy: new Map(),
      slowest: 0,
    }
    const { send: direct, end } = sender(address, atOnce)
    const send = through(direct)
    const chosen = operations.filter(({ id }) => only?.(id) ?? true)
    // A sign-in costs a tenth of a second of somebody's processor on purpose, and the description of the interface is a
    // megabyte that never changes: both are tried, but not ten thousand times.
    const weights = chosen.map(({ who, id }) =>
      who === 'login' || /password|second_factor|^openapi\./.test(id) ? 0.1 : 1,
    )
    const each = requests / weights.reduce((sum, weight) => sum + weight, 0)
    const perTurn = Math.max(4, Math.min(60, Math.round(each / 4)))
    const began = Date.now()
    const found = new Set<string>()
    async function tried(request: Request): Promise<string[]> {
      outcome.requests += 1
      try {
        return await judge(request, await send(request), outcome)
      } catch (error) {
        // Somebody else has ended the session meanwhile: half a list must not look like a whole one.
        if ((error as Error).message === 'aborted' && /csv|ndjson/.test(request.headers['accept'] ?? '')) {
          brokenOff.seen += 1
          return []
        }
        return [`no answer: ${(error as Error).message}`]
      }
    }
    const note = (what: string, request = '') => {
      outcome.findings.push({ what, request })
      onProgress?.(`✗ ${what}\n    ${request}`)
    }
    const report = (request: Request, wrong: string[]) => {
      const what = `${request.operation}: ${wrong.join('; ')}`
      const key = wrong
        .join('; ')
        .replace(/(GET|POST|PATCH|PUT|DELETE|OPTIONS|TRACE) \S+/g, '')
        .replace(/[0-9a-f-]{36}|\d+ ms/g, '#')
        .slice(0, 120)
      if (found.has(key) || outcome.findings.length > 50) return
      found.add(key)
      note(what, described(request))
    }
    try {
      const turns = chosen.flatMap((operation, at) =>
        Array.from({ length: Math.max(1, Math.round((each * weights[at]!) / perTurn)) }, (_, turn) => ({
          operation,
          turn,
        })),
      )
      // The first turn of each operation comes first, so that what others need is there.
      turns.sort((a, b) => a.turn - b.turn)
      const waiting = turns.entries()
      let healed = 0
      const bases = new Map<string, Base | undefined>()
      const worker = async () => {
        for (const [at, { operation, turn }] of waiting) {
          if (outcome.findings.length > 20) return
          // Made anew now and then: each costs a dozen requests, and a used one is worth trying as well.
          const fresh = !plain && turn % 4 === 0
          // Signing out works as well: whoever comes next is in again.
          if (once) await heal()
          if (fresh) {
            // Whoever makes it may have just been put out of the door by the fuzzer.
            const again = async () => {
              await heal()
              return baseOf(operation, turn)
            }
            bases.set(
              operation.id,
              await baseOf(operation, turn)
                .catch(again)
                .catch(() => undefined),
            )
          }
          const base = bases.get(operation.id)
          const own = seed + at * 7919
          const given = fc.sample(shape(operation, base), { seed: own, numRuns: perTurn })
          // What guards a secret lets nobody try again at once; and after many tries nothing is as it should be.
          const before =
            base && fresh && !once && !/password|second_factor/.test(operation.id)
              ? Math.min(10, Math.floor(perTurn / 2))
              : 0
          if (base && fresh) {
            // As it should be, once: whatever follows comes after something that worked.
            const headers: Record<string, string> = {
              authorization: `Bearer ${tokens.get(base.request.by!.membershipId)!.token}`,
            }
            if (typeof operation.who === 'string') delete headers['authorization']
            let bodies: (Buffer | undefined)[] = [undefined]
            if (isPacked(base.body)) {
              const made = new Response(base.body)
              bodies = [Buffer.from(await made.arrayBuffer())]
              headers['content-type'] = made.headers.get('content-type')!
            } else if (base.body !== undefined) {
              // With texts of ours first, where they fit: whatever they change, the other is as it should be.
              const ours = once ? [jsonOf(marked(operation, base.body, at))] : []
              bodies = [...ours, jsonOf(base.body)]
              headers['content-type'] = operation.media[0] ?? 'application/json'
            }
            for (const one of given.slice(0, before)) {
              const request = await requestOf(operation, one, base)
              const wrong = await tried(request)
              if (wrong.length > 0) report(request, wrong)
            }
            for (const body of bodies) {
              if (['PATCH', 'DELETE'].includes(operation.method)) {
                const { headers: seen } = await send({
                  ...base.request,
                  operation: operation.id,
                  method: 'GET',
                  headers,
                }).catch(() => ({ headers: {} as Record<string, string> }))
                headers['if-match'] = seen['etag'] ?? '"1.AAAAAAAA"'
              }
              const request = { ...base.request, operation: operation.id, headers: { ...headers }, body }
              const wrong = await tried(request)
              if (wrong.length > 0) report(request, wrong)
            }
          }
          for (const one of once ? [] : given.slice(before)) {
            const request = await requestOf(operation, one, base)
            const wrong = await tried(request)
            if (wrong.length > 0) report(request, wrong)
          }
          if (outcome.requests - healed > 150) {
            healed = outcome.requests
            await heal()
            if (errors.size > 5000) errors.clear()
          }
          if (onProgress && at % 500 === 499)
            onProgress(
              `hostile: ${outcome.requests} requests, ${outcome.findings.length} findings, ${Math.round(outcome.requests / ((Date.now() - began) / 1000))}/s`,
            )
        }
      }
      await Promise.all(Array.from({ length: once ? 1 : atOnce }, worker))
      for (let wait = 0; wait < 40 && brokenOff.told < brokenOff.seen; wait += 1)
        await new Promise((go) => setTimeout(go, 25))
      if (brokenOff.told < brokenOff.seen) note(`no answer: ${JSON.stringify(brokenOff)} streams`)
      for (const line of spoken.splice(0)) note(`a log line says what was sent: ${line}`)
    } finally {
      end()
      outcome.seconds = (Date.now() - began) / 1000
    }
    return outcome
  }

  /** The smallest request that still shows it, where it shows itself a second time. */
  async function shrunk(
    address: string,
    operationId: string,
    seed: number,
    send: (send: Send) => Send = (one) => one,
  ): Promise<string> {
    const operation = operations.find(({ id }) => id === operationId)!
    const { send: direct, end } = sender(address, 1)
    const outcome: Outcome = {
      requests: 0,
      seconds: 0,
      findings: [],
      statuses: new Map(),
      took: new Set(),
      busy: new Map(),
      slowest: 0,
    }
    const through = send(direct)
    let last = ''
    try {
      const details = await fc.check(
        fc.asyncProperty(shape(operation, undefined), async (given) => {
          const request = await requestOf(operation, given, undefined)
          const wrong = await judge(request, await through(request), outcome)
          if (wrong.length === 0) return true
          last = `${wrong.join('; ')}\n    ${described(request)}`
          return false
        }),
        { seed, numRuns: 300, interruptAfterTimeLimit: 5_000 },
      )
      return details.failed ? last : 'not a second time'
    } finally {
      end()
    }
  }

  return { operations, run, shrunk, listen, heal, app, sender }
}

const flat = (value: unknown) =>
  Object.fromEntries(
    Object.entries((value ?? {}) as object).map(([key, one]): [string, string] => [
      key.toWellFormed(),
      (written(one) ?? '').toWellFormed(),
    ]),
  )

/** What node lets through as the target of a request. */
const cleaned = (path: string) =>
  path.replace(/[^\x21-\x7e]/g, (found) => encodeURIComponent(found.toWellFormed()))

export const seedOf = (text: string) => createHash('sha256').update(text).digest().readUInt32BE(0) >>> 1
