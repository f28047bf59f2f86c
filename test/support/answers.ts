// Does an answer look as the OpenAPI document says? Every answer of every test is asked.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Answer } from './http.ts'

interface Response {
  $ref?: string
  content?: Record<string, { examples?: Record<string, unknown> }>
  headers?: Record<string, { $ref: string }>
}
interface Operation {
  operationId: string
  responses: Record<string, Response>
}
interface Header {
  required?: boolean
  schema: object
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components?: {
    schemas?: Record<string, unknown>
    responses?: Record<string, Response>
    headers?: Record<string, Header>
    examples?: Record<string, { value?: unknown }>
  }
}

/** @throws Error that names the operation, the status and what does not fit. */
export type Checker = (method: string, path: string, answer: Answer<unknown>) => void

const escaped = (step: string) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))
const problemType = 'application/problem+json'

/** What an answer of ours carries besides what every HTTP server sends; none of them goes out undescribed. */
const ours =
  /^(etag|location|idempotent-replayed|content-language|www-authenticate|retry-after|ratelimit.*|x-ratelimit.*|link|deprecation|sunset)$/

/**
 * The published document leaves its answers open, because they grow; here a field that is not described is a leak.
 * A copy in which every object that names its fields has no others.
 */
export function closed<T>(document: T): T {
  const copy = structuredClone(document)
  function close(value: unknown, key = '') {
    if (value === null || typeof value !== 'object' || key === 'example' || key === 'examples') return
    const schema = value as Record<string, unknown>
    if (schema['type'] === 'object' && schema['properties']) schema['additionalProperties'] ??= false
    for (const [name, inner] of Object.entries(schema)) close(inner, name)
  }
  close(copy)
  return copy
}

/** `probes` are the addresses that are promised to nobody but are checked all the same. */
export function createChecker(published: OpenApi, probes: OpenApi = { paths: {} }): Checker {
  const checks = [checkerOf(closed(published)), checkerOf(closed(probes))] as const
  return (method, url, answer) => {
    const isProbe = Object.keys(probes.paths).includes(url.replace(/\?.*$/, ''))
    return checks[isProbe ? 1 : 0](method, url, answer)
  }
}

function checkerOf(document: OpenApi): Checker {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  formats.default(ajv)
  ajv.addSchema(document, 'openapi')

  const operations = Object.entries(document.paths).map(([path, methods]) => ({
    path,
    // What is longer reaches no route (`maxParamLength`).
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]{1,100})')}$`),
    methods,
    // `/v1/clients/search` before `/v1/clients/{id}`.
    variables: path.split('{').length,
  }))
  operations.sort((a, b) => a.variables - b.variables)
  const lengthOf = (path: string) => path.split('/').length
  const ofLength = new Map<number, typeof operations>()
  for (const operation of operations)
    ofLength.set(lengthOf(operation.path), [...(ofLength.get(lengthOf(operation.path)) ?? []), operation])

  const compiled = new Map<string, ValidateFunction>()
  function fits(pointer: string, value: unknown): string | undefined {
    const schema = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` })
    compiled.set(pointer, schema)
    return schema(value) ? undefined : ajv.errorsText(schema.errors)
  }

  return (method, url, { status, body, text, headers }) => {
    const path = url.replace(/\?.*$/, '')
    const found = ofLength
      .get(lengthOf(path))
      ?.find(({ pattern, methods }) => pattern.test(path) && methods[method.toLowerCase()])
    const says = (what: string) => new Error(`${method} ${path} → ${status}: ${what}\n${text.slice(0, 600)}`)
    const [type = ''] = (headers['content-type'] ?? '').split(';')

    if (!found) {
      if (path.startsWith('/docs')) return
      // A page for people; what it says is looked at where it is tested.
      if (path.startsWith('/answer/') && type !== 'application/json') return
      if (status < 400 || type !== problemType) throw says('no such operation is documented')
      const problem = fits('/components/schemas/Problem', body)
      if (problem) throw says(problem)
      return
    }
    const { responses } = found.methods[method.toLowerCase()]!
    const described = responses[status]
    if (!described) throw says('this status is not documented')
    // Documented because it can happen, and never what a test came for.
    if (status === 500) throw says('our own failure')
    // Refusals are described once, for all operations.
    const shared = described.$ref?.slice(2).split('/')
    const documented = shared ? document.components!.responses![shared[2]!]! : described
    for (const [name, { $ref }] of Object.entries(documented.headers ?? {})) {
      const { required, schema } = document.components!.headers![$ref.split('/').at(-1)!]!
      const value = headers[name.toLowerCase()]
      if (required && value === undefined) throw says(`the header ${name} is promised`)
      if (value === undefined) continue
      const typed = 'type' in schema && schema.type === 'integer' ? Number(value) : value
      const wrong = fits(`/components/headers/${escaped(name)}/schema`, typed)
      if (wrong) throw says(`${name}: ${value}: ${wrong}`)
    }
    const promised = new Set(Object.keys(documented.headers ?? {}).map((name) => name.toLowerCase()))
    const silent = Object.keys(headers).filter((name) => ours.test(name) && !promised.has(name))
    if (silent.length > 0) throw says(`${silent.join()} is not documented`)
    const types = Object.keys(documented.content ?? {})
    if (types.length === 0) {
      if (text !== '') throw says('documented without a body')
      return
    }
    if (!types.includes(type)) throw says(`${type} is not documented, but ${types.join(', ')}`)
    if (type === problemType) {
      const { code } = body as { code: string }
      if (!(code in (documented.content![type]!.examples ?? {})))
        throw says(`refuses with ${code}, and does not say so`)
    }
    if (!type.endsWith('json')) return
    const steps = [
      ...(shared ?? ['paths', found.path, method.toLowerCase(), 'responses', String(status)]),
      'content',
      type,
      'schema',
    ]
    // A report has a line for each object; a list as a stream is described as text only.
    const schema = `/${steps.map(escaped).join('/')}`
    const parts =
      type.endsWith('ndjson') && fits(schema, body)
        ? text
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as unknown)
        : [body]
    for (const part of parts) {
      const wrong = fits(schema, part)
      if (wrong) throw says(wrong)
    }
  }
}
