// Does an answer look as the OpenAPI document says? Every answer of every test is asked.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Answer } from './http.ts'

interface Operation {
  operationId: string
  responses: Record<string, { content?: Record<string, unknown> }>
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, unknown> }
}

/** @throws Error that names the operation, the status and what does not fit. */
export type Checker = (method: string, path: string, answer: Answer<unknown>) => void

const escaped = (step: string) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))
const problemType = 'application/problem+json'

export function createChecker(document: OpenApi): Checker {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
  formats.default(ajv)
  ajv.addSchema(document, 'openapi')

  const operations = Object.entries(document.paths).map(([path, methods]) => ({
    path,
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`),
    methods,
    // `/v1/clients/search` before `/v1/clients/{id}`.
    variables: path.split('{').length,
  }))
  operations.sort((a, b) => a.variables - b.variables)

  const compiled = new Map<string, ValidateFunction>()
  function fits(pointer: string, value: unknown): string | undefined {
    const schema = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${pointer}` })
    compiled.set(pointer, schema)
    return schema(value) ? undefined : ajv.errorsText(schema.errors)
  }

  return (method, url, { status, body, text, headers }) => {
    const path = url.replace(/\?.*$/, '')
    const found = operations.find(
      ({ pattern, methods }) => pattern.test(path) && methods[method.toLowerCase()],
    )
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
    const documented = responses[status]
    if (!documented) throw says('this status is not documented')
    const types = Object.keys(documented.content ?? {})
    if (types.length === 0) {
      if (text !== '') throw says('documented without a body')
      return
    }
    if (!types.includes(type)) throw says(`${type} is not documented, but ${types.join(', ')}`)
    if (!type.endsWith('json')) return
    const steps = [
      'paths',
      found.path,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      type,
      'schema',
    ]
    const wrong = fits(`/${steps.map(escaped).join('/')}`, body)
    if (wrong) throw says(wrong)
  }
}
