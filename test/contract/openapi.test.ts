// Does the description of the interface say everything, and nothing that is not so?
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { readFileSync } from 'node:fs'
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
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { $ref?: string; description?: string; content?: Record<string, Media> }>
}
interface Media {
  schema: Schema
  example?: unknown
  examples?: Record<string, { value?: unknown }>
}
interface Schema {
  $ref?: string
  type?: string | string[]
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

const operationsOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method,
      ...(operation as unknown as Operation),
    })),
  )
const operations = operationsOf(document)
const isA = ({ type }: Schema, name: string) => [type].flat().includes(name)

/** Every schema inside one, with the way to it; a named schema is visited once. */
function* inside(
  from: OpenApi,
  schema: Schema,
  way = '',
  seen = new Set<string>(),
): Generator<[string, Schema]> {
  const within = (inner: Schema, step = '') => inside(from, inner, `${way}${step}`, seen)
  if (schema.$ref) {
    if (seen.has(schema.$ref)) return
    seen.add(schema.$ref)
    const named = from.components?.schemas?.[decodeURIComponent(schema.$ref.split('/').at(-1)!)]
    yield* within(named as Schema)
    return
  }
  yield [way, schema]
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* within(property, `/${name}`)
  for (const key of ['items', 'additionalProperties', 'propertyNames'] as const)
    if (schema[key] && typeof schema[key] === 'object') yield* within(schema[key] as Schema, `/${key}`)
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const)
    for (const branch of (schema[key] ?? []) as Schema[]) yield* within(branch)
}

/** Whatever the media type; only of a sign-in by form what is not known is ignored (RFC 6749 § 3.2). */
const bodiesOf = ({ requestBody }: Operation) =>
  Object.entries(requestBody?.content ?? {}).flatMap(([media, { schema }]) =>
    media === 'application/x-www-form-urlencoded' ? [] : [schema],
  )
/** Where in what is sent something is wrong. */
const wrongIn = (from: OpenApi, isWrong: (schema: Schema) => boolean) =>
  operationsOf(from).flatMap((operation) =>
    bodiesOf(operation)
      .flatMap((body) => [...inside(from, body)])
      .filter(([, schema]) => isWrong(schema))
      .map(([way]) => `${operation.operationId} ${way}`),
  )
const isOpen = (schema: Schema) =>
  isA(schema, 'object') && schema.additionalProperties !== false && !schema['propertyNames']
const answersOf = ({ responses }: Operation) =>
  Object.values(responses).flatMap(({ content }) => Object.values(content ?? {}).map(({ schema }) => schema))

/** Its own words, without the roles that the generator writes below them. */
const ownWords = ({ description = '' }: Pick<Operation, 'description'>) =>
  description.replace(/\n\nFor: [a-z_, ]+\.$/, '')

test('every operation says in words what it is for, and is named after its action', () => {
  expect(operations.length).toBeGreaterThan(40)
  expect(ownWords({ description: 'A row.\n\nFor: navigator, navigation_head.' })).toBe('A row.')
  for (const { operationId, summary, description, responses, path, method } of operations) {
    expect(access, `${method} ${path}`).toHaveProperty([operationId])
    expect(summary?.length, operationId).toBeGreaterThan(5)
    const said = ownWords({ description: description! })
    expect(said.length, operationId).toBeGreaterThan(15)
    expect(said, operationId).not.toBe(summary)
    expect(said, operationId).not.toContain('For: ')
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
        .flatMap((schema) => [...inside(document, schema)])
        .filter(([, schema]) => isOpen(schema))
        .map(([way]) => `${operation.operationId} ${way}`),
    )
  expect(open).toEqual([])
})

test('a request refuses what it does not know: its objects are closed', () => {
  // As it is published: the copy for the checks closes them by itself.
  expect(wrongIn(published, isOpen)).toEqual([])
  const spoiled = structuredClone(published)
  delete (spoiled.components!.schemas!['NewCase'] as Schema).additionalProperties
  expect(wrongIn(spoiled, isOpen)).toEqual(['cases.open '])
})

test('whoever is signed in may name the membership, in one header that is described once', () => {
  const named = { $ref: '#/components/parameters/Membership' }
  const { parameters: described } = document.components as { parameters?: Record<string, object> }
  expect(described?.['Membership']).toMatchObject({
    name: 'Lotse-Membership',
    in: 'header',
    schema: { type: 'string', format: 'uuid', maxLength: 36 },
  })
  expect(described?.['Membership']).not.toHaveProperty('required')
  for (const { operationId, parameters = [] } of operations) {
    const isMember = typeof access[operationId as Action].who !== 'string'
    expect(
      parameters.filter((one) => '$ref' in one && one.$ref === named.$ref),
      operationId,
    ).toHaveLength(isMember ? 1 : 0)
  }
})

test('every text, number and list that comes in has a bound', () => {
  const isUnbounded = (schema: Schema) =>
    (isA(schema, 'string') && schema.maxLength === undefined && !schema.enum && schema.const === undefined) ||
    ((isA(schema, 'number') || isA(schema, 'integer')) &&
      (schema.maximum === undefined || schema['minimum'] === undefined)) ||
    (isA(schema, 'array') && schema.maxItems === undefined)
  expect(wrongIn(published, isUnbounded)).toEqual([])
  const spoiled = structuredClone(published)
  const { properties } = spoiled.components!.schemas!['NewCase'] as Schema
  delete properties!['nextStep']!.maxLength
  expect(wrongIn(spoiled, isUnbounded)).toEqual(['cases.open /nextStep'])
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
  const refused = answer(403, { code: 'referral_not_open' }, { ...problem, 'content-language': 'en' })
  expect(() => check('GET', '/v1/me/mail', refused)).toThrow('referral_not_open, and does not say so')
})

const examplesFile = new URL('../../openapi/examples.json', import.meta.url)

test('every body that is no file has an example, and every example fits its schema', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: true })
  formats.default(ajv)
  ajv.addSchema(document, 'openapi')
  const compiled = new Map<string, ValidateFunction>()
  const wrong: string[] = []
  const fits = (value: unknown, ...steps: string[]) => {
    const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
    const $ref = `openapi#/${pointer.join('/')}`
    const check = compiled.get($ref) ?? ajv.compile({ $ref })
    compiled.set($ref, check)
    if (!check(value)) wrong.push(`${steps.join(' ')}: ${ajv.errorsText(check.errors)}`)
  }
  for (const { operationId, path, method, requestBody, responses } of operations) {
    if (operationId.startsWith('openapi.')) continue
    const [success = ''] = Object.keys(responses)
    const bodies = [
      { at: ['requestBody'], content: requestBody?.content },
      { at: ['responses', success], content: responses[success]?.content },
    ]
    for (const { at, content = {} } of bodies)
      for (const [type, { example, examples = {} }] of Object.entries(content)) {
        const values = [
          ...(example === undefined ? [] : [example]),
          ...Object.values(examples).map((one) => one.value),
        ]
        const isFile = /^(application\/pdf|image\/\w+|text\/calendar)$/.test(type)
        if (values.length === 0 && !isFile) wrong.push(`${operationId} has no example of ${type}`)
        for (const value of values) fits(value, 'paths', path, method, ...at, 'content', type, 'schema')
      }
  }
  for (const { value } of Object.values(document.components?.examples ?? {}))
    fits(value, 'components', 'schemas', 'Problem')
  expect(wrong).toEqual([])
}, 60_000)

test('every code stands at an operation that refuses with it, with its sentence', () => {
  const shared = (document.components?.responses ?? {}) as Operation['responses']
  const named = new Set(
    operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap((one) => {
        const { content } = one.$ref ? shared[one.$ref.split('/').at(-1)!]! : one
        return Object.keys(content?.['application/problem+json']?.examples ?? {})
      }),
    ),
  )
  // Before it is known which operation is meant; and of a line of an import.
  const elsewhere = ['malformed_request', 'method_not_allowed', 'request_timeout', 'headers_too_large']
  const unnamed = [...problemCodes().keys()].filter((code) => !named.has(code))
  expect(unnamed.sort()).toEqual([...elsewhere, 'import_field_fixed'].sort())
})
