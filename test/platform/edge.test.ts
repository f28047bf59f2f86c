// What does the service refuse before anybody looks at it, and what does every answer carry?
import { createRequire } from 'node:module'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { lotse } from '../support/app.ts'
import { anton, nora, otto } from '../support/cast.ts'
import { answersIn, raw } from '../support/raw.ts'

const { as, nobody, address, document, aCase, aClient, signIn, sql, urls, keys, log, logged } = await lotse()
const client = await as(nora)
const token = client.token!
const problem = (text: string) => JSON.parse(text) as { code: string; status: number; detail: string }

/** One request as it stands here; a body gets its length. */
const request = (head: string, body: string | Buffer = '') =>
  Buffer.concat([
    Buffer.from(
      `${head.trim().replaceAll('\n', '\r\n')}\r\nHost: lotse\r\nConnection: close\r\n${body.length > 0 && !/transfer-encoding|content-length/i.test(head) ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : ''}\r\n`,
      'latin1',
    ),
    Buffer.from(body),
  ])
const authorized = `Authorization: Bearer ${token}`
const json = `${authorized}\nContent-Type: application/json`
async function answer(head: string, body?: string | Buffer) {
  const { text } = await raw(address, request(head, body))
  const [first] = answersIn(text)
  return first!
}
/** A new client whose district is `text`, exactly as written here. */
const withDistrict = (text: string) => `{"identificationLevel":"anonymous","district":"${text}"}`

// ── Bounds ───────────────────────────────────────────────────────────────────────────────────────────────────

type Schema = Record<string, unknown> & { $ref?: string; type?: string | string[] }

/** The places of a schema where something could be as long, as large or as many as one likes. */
function unbounded(schemas: Record<string, Schema>) {
  const seen = new Set<string>()
  return function look(schema: Schema | undefined, at: string): string[] {
    if (!schema || typeof schema !== 'object') return []
    if (schema.$ref) {
      if (seen.has(schema.$ref)) return []
      seen.add(schema.$ref)
      return look(schemas[schema.$ref.split('/').pop()!], `${at}(${schema.$ref.split('/').pop()})`)
    }
    const types = [schema.type].flat()
    const found: string[] = []
    const whole = 'enum' in schema || 'const' in schema
    const fixed = ['uuid', 'date'].includes(String(schema['format']))
    const pattern = String(schema['pattern'] ?? '+')
    // Anchored, and nothing in it comes as often as one likes.
    const counted = /^\^.*\$$/.test(pattern) && !/[*+]|\{\d+,\}/.test(pattern.replace(/\\.|\[[^\]]*\]/g, 'x'))
    if (types.includes('string') && !whole && !fixed && !counted && schema['maxLength'] === undefined)
      found.push(`${at}: a string without end`)
    if (types.some((type) => type === 'number' || type === 'integer') && !whole) {
      const has = (...names: string[]) => names.some((name) => schema[name] !== undefined)
      if (!has('minimum', 'exclusiveMinimum') || !has('maximum', 'exclusiveMaximum'))
        found.push(`${at}: a number without end`)
    }
    if (types.includes('array')) {
      if (schema['maxItems'] === undefined && !Array.isArray(schema['prefixItems']))
        found.push(`${at}: an array without end`)
      found.push(...look(schema['items'] as Schema, `${at}[]`))
    }
    for (const [name, inner] of Object.entries((schema['properties'] ?? {}) as Record<string, Schema>))
      found.push(...look(inner, `${at}.${name}`))
    const { additionalProperties } = schema
    if (types.includes('object') && additionalProperties !== false) {
      if (typeof additionalProperties !== 'object') found.push(`${at}: takes fields that nobody named`)
      else {
        if (
          schema['maxProperties'] === undefined &&
          !(schema['propertyNames'] as Schema | undefined)?.['enum']
        )
          found.push(`${at}: as many fields as one likes`)
        found.push(...look(additionalProperties as Schema, `${at}.*`))
      }
    }
    for (const word of ['anyOf', 'oneOf', 'allOf'])
      for (const [index, inner] of ((schema[word] ?? []) as Schema[]).entries())
        found.push(...look(inner, `${at}|${index}`))
    return found
  }
}

interface Parameter {
  $ref?: string
  in: string
  name: string
  schema: Schema
}
interface Described {
  operationId: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

function unboundedInputs(described: unknown): string[] {
  const { paths, components = {} } = described as {
    paths: Record<string, Record<string, Described>>
    components?: { schemas?: Record<string, Schema>; parameters?: Record<string, Parameter> }
  }
  const found: string[] = []
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const look = unbounded(components.schemas ?? {})
    for (const given of operation.parameters ?? []) {
      const parameter = given.$ref ? components.parameters![given.$ref.split('/').pop()!]! : given
      found.push(...look(parameter.schema, `${operation.operationId} ${parameter.in} ${parameter.name}`))
    }
    for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {}))
      found.push(...look(schema, `${operation.operationId} ${type} body`))
  }
  return [...new Set(found)]
}

describe('bounds', () => {
  test('every text, number and list that one may send has an end', () => {
    expect(
      unboundedInputs(document).filter((input) => !open.some((known) => input.startsWith(known))),
    ).toEqual([])
  })

  const open = [
    // RFC 6749 § 3.2: what is not known there is ignored.
    'auth.sign_in application/x-www-form-urlencoded body(ClientCredentials): takes fields',
    // A line is looked at as what it names, as if it had come alone.
    'imports.run application/x-ndjson body(ImportLine): takes fields',
  ]

  test('the checker finds what has none', () => {
    const body = (schema: Schema) => ({
      paths: {
        '/x': { post: { operationId: 'x', requestBody: { content: { 'application/json': { schema } } } } },
      },
    })
    for (const [schema, sentence] of [
      [{ type: 'string' }, 'a string without end'],
      [{ type: 'integer', minimum: 0 }, 'a number without end'],
      [{ type: 'array', items: { type: 'boolean' } }, 'an array without end'],
      [{ type: 'object', properties: {} }, 'takes fields that nobody named'],
      [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, 'a string without end'],
      [{ type: 'object', additionalProperties: { type: 'boolean' } }, 'as many fields as one likes'],
    ] as [Schema, string][])
      expect(unboundedInputs(body(schema)).join()).toContain(sentence)
    expect(unboundedInputs(body({ type: 'string', maxLength: 3 }))).toEqual([])
  })
})

// ── Text and shape ───────────────────────────────────────────────────────────────────────────────────────────

describe('what is no text is refused wherever it stands', () => {
  test.each([
    ['NUL', String.raw`a\u0000b`],
    ['half of a pair', String.raw`a\ud83d`],
    ['the other half', String.raw`\ude00b`],
  ])('%s as a value, and deep inside', async (_, text) => {
    const value = await answer(`POST /v1/clients HTTP/1.1\n${json}`, withDistrict(text))
    expect(problem(value.text)).toMatchObject({
      status: 400,
      errors: [{ pointer: '/district', code: 'not_text' }],
    })
    const inside = `{"identificationLevel":"anonymous","identity":{"familyName":"${text}"}}`
    const deep = await answer(`POST /v1/clients HTTP/1.1\n${json}`, inside)
    expect(problem(deep.text)).toMatchObject({
      status: 400,
      errors: [{ pointer: '/identity/familyName', code: 'not_text' }],
    })
    const key = await answer(`POST /v1/clients HTTP/1.1\n${json}`, `{"${text}":1}`)
    expect(problem(key.text)).toMatchObject({ status: 400, code: 'invalid_request' })
  })

  test('a whole pair is text', async () => {
    const made = await answer(`POST /v1/clients HTTP/1.1\n${json}`, withDistrict(String.raw`a\ud83d\ude00`))
    expect(made.status).toBe(201)
  })

  test('bytes that are no UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"identificationLevel":"anonymous","district":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ])
    expect(problem((await answer(`POST /v1/clients HTTP/1.1\n${json}`, bytes)).text)).toMatchObject({
      status: 400,
      errors: [{ code: 'invalid_utf8' }],
    })
  })

  test.each([
    '/v1/cases?cursor=%00',
    '/v1/cases?%00=1',
    '/v1/cases/%00',
    '/v1/cases/%',
    '/v1/cases/%ff',
    '/%c0%80',
  ])('in an address: %s', async (path) => {
    const { status, headers, text } = await answer(`GET ${path} HTTP/1.1\n${authorized}`)
    expect([400, 404]).toContain(status)
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(headers['x-frame-options']).toBe('DENY')
    expect(problem(text).status).toBe(status)
  })

  test('in a header', async () => {
    for (const value of ['a\0b', 'a\x01b\x7f']) {
      const { status, text } = await answer(`GET /v1/me HTTP/1.1\n${authorized}\nAccept-Language: ${value}`)
      expect(status).toBe(400)
      expect(problem(text).code).toBe('malformed_request')
    }
    const key = await answer(`POST /v1/clients HTTP/1.1\n${json}\nIdempotency-Key: a\xffb`, withDistrict('x'))
    expect(problem(key.text)).toMatchObject({ status: 400, errors: [{ pointer: '/header/idempotency-key' }] })
  })
})

describe('JSON', () => {
  test('nested deeper than twenty is refused without being built', async () => {
    const depth = 20
    const nested = (n: number) => `{"district":${'['.repeat(n - 1)}${']'.repeat(n - 1)}}`
    const at = async (body: string) =>
      problem((await answer(`POST /v1/clients HTTP/1.1\n${json}`, body)).text)
    expect(await at(nested(depth))).toMatchObject({ status: 400 })
    expect(JSON.stringify(await at(nested(depth)))).not.toContain('too_deep')
    expect(await at(nested(depth + 1))).toMatchObject({ status: 400, errors: [{ code: 'too_deep' }] })
    // Brackets inside of texts nest nothing.
    expect(JSON.stringify(await at(withDistrict('\\"[[[[[[[[[[[[[[[[[[[[[[['.repeat(20))))).not.toContain(
      'too_deep',
    )
  })

  test.each([
    ['200,000 brackets that never close', '['.repeat(200_000)],
    ['50,000 lists in each other', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['40,000 objects in each other', `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`],
  ])('%s cost nothing', async (_, body) => {
    const before = process.cpuUsage()
    const began = Date.now()
    const refused = await answer(`POST /v1/clients HTTP/1.1\n${json}`, body)
    expect(problem(refused.text)).toMatchObject({ status: 400, errors: [{ code: 'too_deep' }] })
    expect(Date.now() - began).toBeLessThan(1_000)
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500)
  })

  test.each([
    '{"__proto__":{"isAdmin":true},"identificationLevel":"anonymous"}',
    '{"constructor":{"prototype":{"isAdmin":true}},"identificationLevel":"anonymous"}',
    '{"identificationLevel":"anonymous","identity":{"__proto__":{"x":1}}}',
    '{"identificationLevel":"anonymous","prototype":{}}',
    '{"identificationLevel":"anonymous","toString":"x"}',
  ])('%s reaches no prototype', async (body) => {
    const refused = await answer(`POST /v1/clients HTTP/1.1\n${json}`, body)
    expect(problem(refused.text)).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined()
  })

  test('of a field that is given twice, the last one counts, for the checks too', async () => {
    const twice = '{"identificationLevel":"anonymous","district":"first","district":"last"}'
    const made = await answer(`POST /v1/clients HTTP/1.1\n${json}`, twice)
    expect(made.status).toBe(201)
    expect(made.text).toContain('last')
    expect(made.text).not.toContain('first')
    const hidden = '{"identificationLevel":"anonymous","district":"fine","district":7}'
    expect((await answer(`POST /v1/clients HTTP/1.1\n${json}`, hidden)).status).toBe(400)
  })

  test('larger than 256 KiB is refused, whether it says so or not', async () => {
    const body = withDistrict('x'.repeat(256 * 1024))
    const said = await answer(`POST /v1/clients HTTP/1.1\n${json}`, body)
    expect(problem(said.text)).toMatchObject({ status: 413, code: 'body_too_large' })
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const unsaid = await answer(`POST /v1/clients HTTP/1.1\n${json}\nTransfer-Encoding: chunked`, chunked)
    expect(problem(unsaid.text)).toMatchObject({ status: 413, code: 'body_too_large' })
  })

  test.each([
    ['text', 'Content-Type: text/plain'],
    ['nothing said', ''],
    ['a form', 'Content-Type: application/x-www-form-urlencoded'],
    ['something else', 'Content-Type: application/xml'],
    ['compressed', 'Content-Type: application/json\nContent-Encoding: gzip'],
    ['compressed twice', 'Content-Type: application/json\nContent-Encoding: identity, br'],
  ])('%s is no JSON: 415', async (_, type) => {
    const refused = await answer(
      `POST /v1/clients HTTP/1.1\n${authorized}\n${type}`.trimEnd(),
      withDistrict('x'),
    )
    expect(problem(refused.text)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })

  test('403 comes before 400 and 415: what is wrong with a body is told only to those who may send one', async () => {
    const foreign = `Authorization: Bearer ${(await as(anton)).token}`
    for (const [type, body] of [
      ['application/json', '['.repeat(5_000)],
      ['application/json', '{"__proto__":1}'],
      ['application/json\nContent-Encoding: gzip', '{}'],
      ['text/plain', 'x'],
    ]) {
      const refused = await answer(`POST /v1/cases HTTP/1.1\n${foreign}\nContent-Type: ${type}`, body)
      expect(refused.status, type).toBe(403)
    }
  })

  test('a query that nobody described is refused', async () => {
    for (const path of [
      '/v1/me?debug=1',
      '/v1/cases?offset=3',
      '/v1/vocabularies?x',
      '/v1/cases?__proto__=1',
    ])
      expect((await client.get(path)).status, path).toBe(400)
    const { status } = await client.post('/v1/clients?dryRun=1', { identificationLevel: 'anonymous' })
    expect(status).toBe(400)
  })
})

// ── The protocol ─────────────────────────────────────────────────────────────────────────────────────────────

describe('HTTP', () => {
  test.each(['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'HEAD', 'PATCH'])(
    '%s on an address that knows other methods: 405, and which ones',
    async (method) => {
      const { status, headers, text } = await answer(`${method} /v1/cases?limit=1 HTTP/1.1\n${authorized}`)
      expect(status).toBe(405)
      expect(headers['allow']!.split(', ').sort()).toEqual(['GET', 'POST'])
      if (method !== 'HEAD') expect(problem(text).code).toBe('method_not_allowed')
      // Nobody else's page gets an answer through a browser.
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    },
  )

  test('no other site reads an answer through a browser', async () => {
    const preflight = await answer(
      'OPTIONS /v1/me HTTP/1.1\nOrigin: https://evil.example\nAccess-Control-Request-Method: GET',
    )
    const asked = await answer(`GET /v1/me HTTP/1.1\n${authorized}\nOrigin: https://evil.example`)
    expect(asked.status).toBe(200)
    for (const { headers } of [preflight, asked])
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test.each([
    ['length and chunks', `Content-Length: 2\nTransfer-Encoding: chunked`, '0\r\n\r\n'],
    ['chunks and something behind', `Transfer-Encoding: chunked, identity`, '0\r\n\r\n'],
    ['two lengths', `Content-Length: 2\nContent-Length: 3`, '{} '],
    ['a length that is none', `Content-Length: +2`, '{}'],
    ['a chunk without a length', `Transfer-Encoding: chunked`, 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a space before the colon', `Content-Type : application/json`, '{}'],
    ['a folded header', `X-A: a\n b`, '{}'],
  ])('%s: 400, and the connection ends', async (_, headers, body) => {
    const smuggled = `${body}GET /v1/me HTTP/1.1\r\nHost: lotse\r\n\r\n`
    const { text } = await raw(address, request(`POST /v1/clients HTTP/1.1\n${json}\n${headers}`, smuggled))
    const answers = answersIn(text)
    expect(answers).toHaveLength(1)
    expect(answers[0]!.status).toBe(400)
    expect(answers[0]!.headers['connection']).toBe('close')
  })

  test('headers without end: 431 as a problem, in all three languages', async () => {
    const { status, headers, text } = await answer(`GET /v1/me HTTP/1.1\nX-Long: ${'x'.repeat(20_000)}`)
    expect(status).toBe(431)
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    expect(problem(text)).toMatchObject({ status: 431, code: 'headers_too_large' })
    expect(problem(text).detail).toMatch(/zu groß.+too large.+for store/)
    expect(text).not.toContain('xxx')
  })

  test('what is no HTTP: 400 as a problem', async () => {
    const { text } = await raw(address, 'Hello, is anybody there?\r\n\r\n')
    expect(problem(answersIn(text)[0]!.text).code).toBe('malformed_request')
  })

  test('several requests behind each other are answered in their order', async () => {
    const one = `GET /v1/me HTTP/1.1\r\nHost: lotse\r\n${authorized}\r\n\r\n`
    const last = request('GET /v1/nowhere HTTP/1.1').toString()
    const { text } = await raw(address, `${one}${one.replace('/me', '/cases?limit=1')}${last}`)
    expect(answersIn(text).map(({ status }) => status)).toEqual([200, 200, 404])
  })

  test('HTTP/1.0 is understood, and its connection ends', async () => {
    const { text, after } = await raw(address, `GET /v1/me HTTP/1.0\r\n${authorized}\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(after).toBeLessThan(2_000)
  })

  test('without a host, HTTP/1.1 is no request', async () => {
    const { text } = await raw(address, `GET /v1/me HTTP/1.1\r\n${authorized}\r\nConnection: close\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('an address written out names the same thing, whatever host it claims', async () => {
    const me = await answer(`GET http://evil.example/v1/me HTTP/1.1\n${authorized}`)
    expect(me.status).toBe(200)
    expect(me.text).not.toContain('evil')
    expect((await answer(`PUT http://evil.example/v1/me HTTP/1.1`)).status).toBe(405)
    for (const target of ['*', 'lotse:443', '//v1/me', '/v1//me', '/v1/me/', '/V1/ME'])
      expect([400, 404, 405], target).toContain(
        (await answer(`GET ${target} HTTP/1.1\n${authorized}`)).status,
      )
  })

  test('whoever asks before sending is told to go on; any other expectation is refused', async () => {
    const { text } = await raw(
      address,
      request(`POST /v1/clients HTTP/1.1\n${json}\nExpect: 100-continue`, withDistrict('expected')),
    )
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /)
    expect((await answer(`GET /v1/me HTTP/1.1\n${authorized}\nExpect: miracles`)).status).toBe(417)
  })
})

describe('slowness', { timeout: 30_000, concurrent: true }, () => {
  const half = (route: string, length: number, more = '') =>
    `POST ${route} HTTP/1.1\r\nHost: lotse\r\n${authorized}\r\nContent-Length: ${length}\r\n${more}\r\n`
  const drops = (piece: string | Buffer, apart: number) => ({
    pieces: Array<string | Buffer>(200).fill(piece),
    apart,
  })

  test.concurrent('headers that do not end: 408 after eight seconds', async () => {
    const { text, after } = await raw(address, 'GET /v1/me HTTP/1.1\r\nHost: lotse\r\n', {
      most: 15_000,
      slowly: drops('X-Drip: x\r\n', 500),
    })
    expect(problem(answersIn(text)[0]!.text)).toMatchObject({ status: 408, code: 'request_timeout' })
    expect(after).toBeGreaterThan(7_500)
    expect(after).toBeLessThan(11_000)
  })

  test.concurrent('a body of JSON that drips: 408 after ten seconds', async () => {
    const type = 'Content-Type: application/json\r\n'
    const { text, after } = await raw(address, half('/v1/clients', 5_000, type), {
      most: 16_000,
      slowly: drops(' ', 300),
    })
    expect(problem(answersIn(text)[0]!.text)).toMatchObject({ status: 408, code: 'request_timeout' })
    expect(after).toBeGreaterThan(9_000)
    expect(after).toBeLessThan(12_500)
  })

  test.concurrent(
    'a body that nobody reads, because it was refused already, holds nothing either',
    async () => {
      const { text, after } = await raw(address, half('/v1/nowhere', 5_000), {
        most: 16_000,
        slowly: drops(' ', 300),
      })
      expect(answersIn(text)[0]!.status).toBe(404)
      expect(after).toBeLessThan(12_500)
    },
  )

  test.concurrent.for(['/%', `/v1/clients/${'x'.repeat(101)}/raise-level`])(
    'nor does one for an address that cannot be read: %s',
    async (route, { expect }) => {
      const { text, after } = await raw(address, half(route, 200_000), { most: 16_000 })
      expect(answersIn(text)[0]!.status).toBe(404)
      expect(after).toBeLessThan(12_500)
    },
  )

  const form = (bytes: number) => {
    const boundary = '----lotse'
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n`
    return { type: `Content-Type: multipart/form-data; boundary=${boundary}\r\n`, head, length: bytes }
  }

  test.concurrent('a document comes as slowly as a poor line, and not slower', async () => {
    const { id } = await aDraft()
    const { type, head, length } = form(500_000)
    const began = half(`/v1/referrals/${id}/attachments`, length, type) + head
    // Fifteen kilobytes a second are a line; two are not.
    const [poor, drip] = await Promise.all([
      raw(address, began, { most: 15_000, slowly: drops(Buffer.alloc(7_500, 'x'), 500) }),
      raw(address, began, { most: 15_000, slowly: drops(Buffer.alloc(1_000, 'x'), 500) }),
    ])
    expect(poor.after).toBeGreaterThan(14_500)
    expect(poor.text).toBe('')
    expect(drip.after).toBeLessThan(12_500)
    expect(problem(answersIn(drip.text)[0]!.text).status).toBe(408)
  })

  async function aDraft() {
    const kase = await aCase()
    const offers = (await client.get('/v1/offers')).body.items
    return (await client.post(`/v1/cases/${kase.id}/referrals`, { offerId: offers[0]!.id })).body
  }
})

// ── What every answer carries ────────────────────────────────────────────────────────────────────────────────

describe('headers', () => {
  const strict = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
  const given = [
    ['/v1/me', 200],
    ['/v1/nowhere', 404],
    ['/v1/cases/00000000-0000-7000-8000-000000000000', 404],
    ['/v1/cases?x=1', 400],
    ['/health/live', 200],
    ['/health/ready', 200],
    ['/v1/vocabularies', 200],
  ] as const

  test.each(given)('%s (%d) lets nothing be run, framed or guessed', async (path, status) => {
    const { headers, ...rest } = await client.get(path)
    expect(rest.status).toBe(status)
    expect(headers).toMatchObject(strict)
    for (const name of ['server', 'x-powered-by', 'strict-transport-security', 'access-control-allow-origin'])
      expect(headers[name]).toBeUndefined()
  })

  test('no cache keeps what is known about a person, nor a refusal', async () => {
    const kase = await aCase()
    for (const path of [`/v1/cases/${kase.id}`, '/v1/cases', '/v1/me', '/v1/nowhere', '/health/ready'])
      expect((await client.get(path)).headers['cache-control'], path).toBe('no-store')
    expect((await nobody.get('/v1/cases')).headers['cache-control']).toBe('no-store')
  })

  test('the pages for people say themselves what they need, and no more', async () => {
    const page = await fetch(`${address}/docs`)
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self'.*frame-ancestors 'none'/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    const answerPage = await fetch(`${address}/answer/${'x'.repeat(43)}`)
    expect(answerPage.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    )
    expect(answerPage.headers.get('permissions-policy')).toContain('camera=()')
  })

  test('what belongs to somebody else and what does not exist answer the same, to the last header', async () => {
    const theirs = await aClient()
    const stranger = (await as(otto)).token!
    const at = async (id: string) => {
      const { status, headers, text } = await answer(
        `GET /v1/clients/${id} HTTP/1.1\nAuthorization: Bearer ${stranger}`,
      )
      const { date, ...rest } = headers
      expect(date).toBeTruthy()
      return { status, headers: rest, text: text.replace(/"requestId":"[^"]+"/, '') }
    }
    const foreign = await at(theirs.id)
    expect(foreign.status).toBe(404)
    expect(foreign).toEqual(await at('01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'))
    expect(foreign.headers['ratelimit-policy']).toBeTruthy()
  })
})

// ── How much ─────────────────────────────────────────────────────────────────────────────────────────────────

describe('limits', async () => {
  /** A service on the same data, with limits of its own. */
  async function limited(options: { requestsPerMinute?: number; trustProxy?: string[] }) {
    const made = await createApp({ databaseUrl: urls.service, databasePool: 4, keys, log, ...options })
    const at = await made.app.listen({ host: '127.0.0.1', port: 0 })
    afterAll(() => made.app.close())
    return {
      app: made.app,
      get: (path: string, headers: Record<string, string> = {}) => fetch(`${at}${path}`, { headers }),
    }
  }
  const bearer = (given: string) => ({ authorization: `Bearer ${given}` })
  const rows = async () => Number((await sql<{ n: string }>('select count(*) as n from audit_events'))[0]!.n)

  test('by default 600 a minute: for people, more than they need', async () => {
    const { get } = await limited({})
    const { headers } = await get('/v1/me', bearer(token))
    expect(headers.get('ratelimit-policy')).toBe('"requests";q=600;w=60')
    expect(headers.get('ratelimit')).toBeNull()
  })

  test('whoever asks too often is told in their language when to go on; others are not held up', async () => {
    const { get } = await limited({ requestsPerMinute: 10 })
    const german = { ...bearer(token), 'accept-language': 'de' }
    const answers = []
    for (let count = 0; count < 10; count++) answers.push(await get('/v1/me', german))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(answers.map(({ headers }) => headers.get('ratelimit')?.replace(/t=\d+/, ''))).toEqual([
      ...Array<undefined>(8).fill(undefined),
      '"requests";r=1;',
      '"requests";r=0;',
    ])
    const before = await rows()
    const refused = await get('/v1/me', german)
    expect(refused.status).toBe(429)
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
    expect(await refused.json()).toMatchObject({
      code: 'too_many_requests',
      detail: expect.stringContaining('zu viele Anfragen') as string,
    })
    expect(refused.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
    // A flood writes nothing.
    expect(await rows()).toBe(before)
    // A second session of the same person is the same person; another person is another.
    expect((await get('/v1/me', bearer((await signIn(nora)).accessToken))).status).toBe(429)
    expect((await get('/v1/me', bearer((await as(otto)).token!))).status).toBe(200)
  })

  test('without a sign-in the address counts: junk tokens, sign-ins and what is not there', async () => {
    const { get } = await limited({ requestsPerMinute: 10 })
    const junk = (count: number) =>
      get(['/v1/me', '/v1/nowhere', '/docs'][count % 3]!, bearer(`x.y.${count}`))
    const statuses = []
    for (let count = 0; count < 12; count++) statuses.push((await junk(count)).status)
    expect(statuses.slice(0, 10)).not.toContain(429)
    expect(statuses.slice(10)).toEqual([429, 429])
    // Who is signed in has a count of their own.
    expect((await get('/v1/me', bearer(token))).status).toBe(200)
  })

  test('whoever watches over the service is never told to wait', async () => {
    const { get } = await limited({ requestsPerMinute: 10 })
    for (let count = 0; count < 15; count++) {
      expect((await get('/health/live')).status).toBe(200)
      expect((await get('/health/ready')).status).toBe(200)
    }
  })

  test('the pages of a stream and a repetition count once', async () => {
    for (let count = 0; count < 3; count++) await aCase()
    const { get, app: counted } = await limited({ requestsPerMinute: 10 })
    const one = await get('/v1/cases', { ...bearer(token), accept: 'application/x-ndjson' })
    expect((await one.text()).trim().split('\n').length).toBeGreaterThan(2)
    for (let count = 0; count < 8; count++) expect((await get('/v1/me', bearer(token))).status).toBe(200)
    expect((await get('/v1/me', bearer(token))).headers.get('ratelimit')).toContain('r=0')
    for (let count = 0; count < 5; count++)
      expect((await counted.inject({ url: '/v1/me', headers: bearer(token) })).statusCode).toBe(200)
  })

  test('an address that somebody only claims counts for nothing, unless a known proxy says so', async () => {
    const claimed = (count: number) => ({ 'x-forwarded-for': `192.0.2.${count}` })
    const direct = await limited({ requestsPerMinute: 10 })
    for (let count = 0; count < 10; count++) await direct.get('/v1/nowhere', claimed(count))
    expect((await direct.get('/v1/nowhere', claimed(99))).status).toBe(429)

    const elsewhere = await limited({ requestsPerMinute: 10, trustProxy: ['10.0.0.0/8'] })
    for (let count = 0; count < 10; count++) await elsewhere.get('/v1/nowhere', claimed(count))
    expect((await elsewhere.get('/v1/nowhere', claimed(99))).status).toBe(429)

    const behind = await limited({ requestsPerMinute: 10, trustProxy: ['loopback'] })
    for (let count = 0; count < 20; count++)
      expect((await behind.get('/v1/nowhere', claimed(count))).status).toBe(404)
    // What stands to the left of the proxy's own word is the caller's, and is not believed.
    for (let count = 0; count < 10; count++)
      await behind.get('/v1/nowhere', { 'x-forwarded-for': `192.0.2.${count}, 198.51.100.7` })
    expect((await behind.get('/v1/nowhere', { 'x-forwarded-for': '192.0.2.200, 198.51.100.7' })).status).toBe(
      429,
    )
  })

  test('what is remembered of an address is not the address', async () => {
    // The library's own store, behind which nobody else looks.
    const { LruMap } = createRequire(import.meta.resolve('@fastify/rate-limit'))('toad-cache') as {
      LruMap: { prototype: { set: (key: string, value: unknown) => void } }
    }
    const behind = await limited({ trustProxy: ['loopback'] })
    const set = vi.spyOn(LruMap.prototype, 'set')
    try {
      for (const from of ['192.0.2.55', '192.0.2.56', '192.0.2.55'])
        await behind.get('/v1/nowhere', { 'x-forwarded-for': from })
      const [one, two, again] = set.mock.calls.map(([key]) => key)
      expect(one).toMatch(/^[\w-]{43}$/)
      expect(two).not.toBe(one)
      expect(again).toBe(one)
    } finally {
      set.mockRestore()
    }
  })

  test('over TLS, and only then, browsers are told to stay with it', async () => {
    const https = { 'x-forwarded-proto': 'https' }
    const behind = await limited({ trustProxy: ['loopback'] })
    expect((await behind.get('/v1/nowhere', https)).headers.get('strict-transport-security')).toBe(
      'max-age=31536000',
    )
    expect((await behind.get('/v1/nowhere')).headers.get('strict-transport-security')).toBeNull()
    const direct = await limited({})
    expect((await direct.get('/v1/nowhere', https)).headers.get('strict-transport-security')).toBeNull()
  })
})

test('of all this, no address stands in any log line', () => {
  expect(logged().length).toBeGreaterThan(50)
  expect(logged().join('')).not.toMatch(/127\.0\.0\.1|192\.0\.2|198\.51|::1|evil/)
})
