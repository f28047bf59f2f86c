// Does the description of the interface say everything, and nothing that is not so?
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { access, type Action, type Rule } from '../../src/access.ts'
import { problemCodes } from '../../src/platform/problem.ts'
import { closed, createChecker, type OpenApi } from '../support/answers.ts'
import { lotse } from '../support/app.ts'

const { document: published, probes, routes, nobody } = await lotse()
// Answers are published open, because they grow; what may leave today is what they name.
const document = closed(published)

interface Operation {
  operationId: string
  summary?: string
  description?: string
  security?: unknown[]
  parameters?: { name: string; in: string; required?: boolean }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<
    string,
    { $ref?: string; description?: string; content?: Record<string, { schema: Schema }> }
  >
}
interface Schema {
  $ref?: string
  type?: string
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  maxLength?: number
  maxItems?: number
  maximum?: number
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  [other: string]: unknown
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    ...(operation as unknown as Operation),
  })),
)
const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>
const resolved = (schema: Schema): Schema =>
  schema.$ref ? resolved(schemas[decodeURIComponent(schema.$ref.split('/').at(-1)!)]!) : schema

/** Every schema inside one, with the way to it; a named schema is visited once. */
function* inside(schema: Schema, way = '', seen = new Set<string>()): Generator<[string, Schema]> {
  if (schema.$ref) {
    if (seen.has(schema.$ref)) return
    seen.add(schema.$ref)
    yield* inside(resolved(schema), way, seen)
    return
  }
  yield [way, schema]
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    yield* inside(property, `${way}/${name}`, seen)
  for (const key of ['items', 'additionalProperties', 'propertyNames'] as const)
    if (schema[key] && typeof schema[key] === 'object')
      yield* inside(schema[key] as Schema, `${way}/${key}`, seen)
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const)
    for (const branch of (schema[key] ?? []) as Schema[]) yield* inside(branch, way, seen)
}

const bodyOf = ({ requestBody }: Operation) => requestBody?.content['application/json']?.schema
const answersOf = ({ responses }: Operation) =>
  Object.values(responses).flatMap(({ content }) => Object.values(content ?? {}).map(({ schema }) => schema))

test('every operation says in words what it is for, and is named after its action', () => {
  expect(operations.length).toBeGreaterThan(40)
  for (const { operationId, summary, description, responses, path, method } of operations) {
    expect(access, `${method} ${path}`).toHaveProperty([operationId])
    expect(summary?.length, operationId).toBeGreaterThan(5)
    expect(description?.length, operationId).toBeGreaterThan(15)
    for (const { $ref, description: word } of Object.values(responses))
      expect(word ?? document.components?.responses?.[$ref!.split('/').at(-1)!], operationId).toBeTruthy()
  }
})

test('no two operations share an action, and every route is in the document', () => {
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  // Another media type at the same address belongs to the operation that is there already.
  const forPrograms = routes.filter(
    ({ url, config, constraints }) => url.startsWith('/v1/') && !config!.page && !constraints,
  )
  expect(ids.sort()).toEqual(forPrograms.map((route) => route.config!.action!).sort())
})

test('an answer names every field that can leave: its objects are closed', () => {
  const open = operations
    .filter(({ operationId }) => !operationId.startsWith('openapi.'))
    .flatMap((operation) =>
      answersOf(operation)
        .flatMap((schema) => [...inside(schema)])
        .filter(
          ([, schema]) =>
            schema.type === 'object' && schema.additionalProperties !== false && !schema['propertyNames'],
        )
        .map(([way]) => `${operation.operationId} ${way}`),
    )
  expect(open).toEqual([])
})

test('a request refuses what it does not know: its objects are closed', () => {
  const open = operations.flatMap((operation) =>
    [...(bodyOf(operation) ? inside(bodyOf(operation)!) : [])]
      .filter(
        ([, schema]) =>
          schema.type === 'object' && schema.additionalProperties !== false && !schema['propertyNames'],
      )
      .map(([way]) => `${operation.operationId} ${way}`),
  )
  expect(open).toEqual([])
})

test('every text, number and list that comes in has a bound', () => {
  const unbounded = (schema: Schema) =>
    (schema.type === 'string' &&
      schema.maxLength === undefined &&
      !schema.enum &&
      !schema.const &&
      !schema.pattern &&
      !schema.format) ||
    ((schema.type === 'number' || schema.type === 'integer') &&
      (schema.maximum === undefined || schema['minimum'] === undefined)) ||
    (schema.type === 'array' && schema.maxItems === undefined)
  const found = operations.flatMap((operation) =>
    [...(bodyOf(operation) ? inside(bodyOf(operation)!) : [])]
      .filter(([, schema]) => unbounded(schema))
      .map(([way]) => `${operation.operationId} ${way}`),
  )
  expect(found).toEqual([])
})

test('every operation documents who is refused and how', () => {
  for (const { operationId, responses, method, requestBody, path, security } of operations) {
    const { who } = access[operationId as Action] as Rule
    const documented = Object.keys(responses)
    if (typeof who !== 'string')
      expect(documented, operationId).toEqual(expect.arrayContaining(['401', '403', '503']))
    else expect(security, operationId).toEqual([{}])
    if (requestBody || path.includes('{')) expect(documented, operationId).toContain('400')
    if (path.includes('{')) expect(documented, operationId).toContain('404')
    if (method === 'patch') expect(documented, operationId).toEqual(expect.arrayContaining(['412', '428']))
  }
})

test('every problem code has its own word, a sentence in three languages, and stands in the document', () => {
  const text = JSON.stringify(document)
  expect(problemCodes().size).toBeGreaterThan(20)
  for (const [code, { status, text: sentence }] of problemCodes()) {
    expect(code).toMatch(/^[a-z][a-z_]+$/)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(new Set(Object.values(sentence)).size, code).toBe(3)
    for (const language of ['de', 'en', 'da'] as const) expect(sentence[language], code).toMatch(/[.!?]$/)
    expect(text).toContain(`\`${code}\` (${status})`)
  }
})

test('every POST that creates or changes something can be repeated: its answer can be read again', () => {
  const readable = new Set(routes.filter(({ method }) => method === 'GET').map(({ url }) => url))
  const repeatable = routes.filter(
    ({ method, config }) =>
      method === 'POST' &&
      !config?.search &&
      !config?.bulk &&
      typeof (access[config!.action!] as Rule).who !== 'string' &&
      // What was ended is not there to be read, and the password of the first request is not the present one.
      !['auth.sign_out', 'passwords.change'].includes(config!.action!),
  )
  expect(repeatable.length).toBeGreaterThan(10)
  for (const { url, config } of repeatable) {
    const resource =
      config?.resource ?? (/\/:id\/[a-z-]+$/.test(url) ? url.replace(/\/[a-z-]+$/, '') : `${url}/:id`)
    expect(readable, `${url} is read again at ${resource}`).toContain(resource)
  }
})

test('what the document calls an action, the table of actions knows, and nothing is promised that does not exist yet', () => {
  const served = new Set<string>(routes.map(({ config }) => config!.action!))
  const unserved = Object.keys(access).filter(
    (action) =>
      !served.has(action) &&
      !['installer', 'clock', 'courier', 'messenger', 'sealer', 'provider'].includes(
        String((access[action as Action] as Rule).who),
      ),
  )
  expect(unserved).toEqual([])
})

test('the document that is served is the one that the answers are checked against', async () => {
  const { body } = await nobody.get<OpenApi>('/v1/openapi.json')
  expect(Object.keys(body.paths).sort()).toEqual(Object.keys(document.paths).sort())
})

test('an answer that does not fit is found', () => {
  const check = createChecker(published, probes)
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
    status,
    body,
    text: JSON.stringify(body),
    bytes: Buffer.alloc(0),
    headers: { 'content-type': 'application/json', ...headers },
  })
  const live = (...given: Parameters<typeof answer>) => check('GET', '/health/live', answer(...given))
  expect(() => live(200, { status: 'ok' })).not.toThrow()
  expect(() => live(200, { status: 'ok', secret: 1 })).toThrow()
  expect(() => live(200, { status: 'down' })).toThrow()
  expect(() => live(418, { status: 'ok' })).toThrow()
  expect(() => live(200, { status: 'ok' }, { 'content-type': 'text/plain' })).toThrow()
  const problem = { 'content-type': 'application/problem+json' }
  expect(() => check('GET', '/v1/nowhere', answer(404, { code: 'not_found' }, problem))).toThrow()
  expect(() => check('GET', '/v1/nowhere', answer(200, {}))).toThrow()

  // What is published is open; here a field that is not described is a leak all the same.
  const policy = { 'ratelimit-policy': '"requests";q=600;w=60' }
  const example = JSON.parse(readFileSync(examplesFile, 'utf8'))['mail.read'].response as object
  const etag = { etag: '"1.abcdefgh"' }
  const read = (body: object, headers: Record<string, string>) =>
    check('GET', '/v1/me/mail', answer(200, body, headers))
  expect(() => read(example, { ...policy, ...etag })).not.toThrow()
  expect(() => read({ ...example, more: 1 }, { ...policy, ...etag })).toThrow('additional')
  expect(() => read(example, policy)).toThrow('ETag is promised')
  expect(() => read(example, { ...policy, etag: 'W/"1"' })).toThrow('ETag')
  expect(() => read(example, { ...policy, ...etag, location: '/v1/me' })).toThrow(
    'location is not documented',
  )
  expect(() => check('GET', '/v1/me/mail', answer(500, {}, problem))).toThrow('our own failure')
})

const examplesFile = new URL('../../openapi/examples.json', import.meta.url)

test.runIf(existsSync(examplesFile))(
  'every operation with a JSON body has an example, and every example fits its schema',
  () => {
    const examples = JSON.parse(readFileSync(examplesFile, 'utf8')) as Record<
      string,
      { request?: unknown; response?: unknown }
    >
    const ajv = new Ajv2020({ strict: false, validateFormats: true })
    formats.default(ajv)
    ajv.addSchema(document, 'openapi')
    const wrong: string[] = []
    for (const { operationId, path, method, requestBody, responses } of operations) {
      const pointer = ['paths', path, method]
        .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
        .join('/')
      const says = (value: unknown, rest: string) => {
        const fits = ajv.compile({ $ref: `openapi#/${pointer}/${rest}` })
        if (!fits(value)) wrong.push(`${operationId} ${rest}: ${ajv.errorsText(fits.errors)}`)
      }
      const example = examples[operationId] ?? {}
      const [success = ''] = Object.keys(responses)
      const json = 'content/application~1json/schema'
      const asks = requestBody?.content['application/json'] !== undefined
      if (asks && example.request === undefined) wrong.push(`${operationId} has no example of a request`)
      if (asks && example.request !== undefined) says(example.request, `requestBody/${json}`)
      if (responses[success]?.content?.['application/json'] && !operationId.startsWith('openapi.')) {
        if (example.response === undefined) wrong.push(`${operationId} has no example of an answer`)
        else says(example.response, `responses/${success}/${json}`)
      }
    }
    expect(wrong).toEqual([])
  },
)
