// What does the interface look like to a program? An OpenAPI document, made from the routes as they are registered.
import type { RouteOptions } from 'fastify'
import { readFileSync } from 'node:fs'
import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'
import { z } from 'zod'
import { access, subjects, type Rule } from '../access.ts'
import { forms, isList, type Form } from './lists.ts'
import { mediaType as ndjson } from './ndjson.ts'
import {
  codesFor,
  common,
  described,
  headersOf,
  limited,
  parameter,
  ProblemDocument,
  refusalsOf,
  simplified,
  type Traits,
} from './openapi-common.ts'
import { problemsByName } from './problem.ts'
import type { App } from './zod.ts'

interface Example {
  request?: unknown
  response?: unknown
  /** Refusals that were seen, by status and code. */
  problems?: Record<string, Record<string, unknown>>
  /** The same of another media type at the same address. */
  also?: Record<string, Pick<Example, 'request' | 'response'>>
}

/** Recorded by the tour: what people really sent and received, by action. */
function examples(): Record<string, Example> {
  try {
    return JSON.parse(
      readFileSync(new URL('../../openapi/examples.json', import.meta.url), 'utf8'),
    ) as Record<string, Example>
  } catch {
    return {}
  }
}

const introduction = () => `Case management for care navigators in municipal addiction help.

Three promises: nobody gets lost (one responsible party and one dated next step until confirmed arrival); the release is
the access rule (what leaves was asked for and released, a withdrawal works at once); failures teach the city.

**Growing.** \`/v1\` grows and does not break: new operations, new optional fields of requests, new fields of answers, new
codes. Whoever reads an answer ignores what it does not know; requests with unknown fields or unknown query parameters are
refused.

**Lists** are pages: \`limit\` (at most 200), \`cursor\`, and \`nextCursor\` in the answer, null on the last page. With
\`Accept: ${ndjson}\` the whole list comes as one stream, an entry a line, with \`Accept: text/csv\` as a table. A stream that
breaks off is no whole list: the connection ends without the last chunk.

**Versions.** Whatever can be edited has a version and an \`ETag\`. PATCH, PUT and DELETE name it in \`If-Match\`; only an
attachment, which never changes, is taken away without. Where a POST takes \`If-Match\`, it is heeded when it comes.

**Repeating.** Every POST that creates or changes something takes an \`Idempotency-Key\`.

**Caching.** Answers for somebody who is signed in are \`Cache-Control: no-store\`.

**Refusals** are problem documents (RFC 9457), decided in this order: 401 who, 403 role, 400 shape, 404 row, 428 and 412
version, 409 state. Each operation names those with which it refuses. All codes:

${problemsByName()
  .map(([code, { status, text }]) => `- \`${code}\` (${status}): ${text.en}`)
  .join('\n')}`

export type Routes = ReturnType<typeof collectRoutes>

/** Call before any route is registered; the document can be made when all are. */
export function collectRoutes(app: App) {
  const routes: RouteOptions[] = []
  const actions = new Set<string>()
  app.addHook('onRoute', (route) => {
    const action = route.config?.action
    if (!action) return
    if (actions.has(action)) throw new Error(`the action ${action} belongs to two routes`)
    actions.add(action)
    routes.push(route)
  })
  const [interfaceRoutes, operatorRoutes] = [
    () => routes.filter(({ url, config }) => url.startsWith('/v1/') && !config?.page),
    () => routes.filter(({ url, config }) => !url.startsWith('/v1/') && !config?.page),
  ]
  return {
    all: routes,
    /** What is promised to programs: `/v1`. A page for people is no part of it. */
    document: () => documentOf(interfaceRoutes()),
    /** What whoever runs the service probes; promised to nobody else, but answers are checked against it all the same. */
    probes: () => documentOf(operatorRoutes()),
  }
}

function documentOf(routes: RouteOptions[]) {
  const recorded = examples()
  const paths: ZodOpenApiPathsObject = {}
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    const method = String(route.method).toLowerCase() as 'get'
    const first = routes.find(({ url, method }) => url === route.url && method === route.method)!
    const { also = {}, ...example } = recorded[first.config!.action!] ?? {}
    const made = operation(route, route === first ? example : (also[route.schema!.consumes!] ?? {}))
    const before = paths[path]?.[method]
    const refusals = refusalsOf([...codesOf(first), ...codesOf(route)], example.problems)
    paths[path] = { ...paths[path], [method]: before ? together(before, made, refusals) : made }
  }
  const { parameters, headers, responses, examples: problems, securitySchemes } = common()
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Lotse',
        version: '1.0.0',
        description: introduction(),
        contact: { name: 'Whoever runs this installation' },
        license: {
          name: 'EUPL-1.2',
          url: 'https://interoperable-europe.ec.europa.eu/collection/eupl/eupl-text-eupl-12',
        },
      },
      servers: [{ url: '/', description: 'This installation, local or in production', 'x-internal': false }],
      security: [{ bearer: [] }],
      tags: [...new Set(routes.map(tagOf))].sort().map((name) => ({
        name,
        ...(subjects[name] && { description: subjects[name] }),
      })),
      paths,
      components: { schemas: { Problem: ProblemDocument }, securitySchemes },
    },
    { override: described },
  )
  const named = <T>(kind: string, all: Record<string, T>, text: string) =>
    Object.fromEntries(
      Object.entries(all).filter(([name]) => text.includes(`"#/components/${kind}/${name}"`)),
    )
  const inPaths = JSON.stringify(document.paths)
  const used = named('responses', responses, inPaths)
  document.components = {
    ...document.components,
    parameters,
    headers,
    responses: used,
    examples: named('examples', problems, inPaths + JSON.stringify(used)),
  }
  simplified(document)
  return document
}

/** One address, two media types, each with its own route: one operation that takes both, named after the first. */
function together(
  first: ZodOpenApiOperationObject,
  second: ZodOpenApiOperationObject,
  refusals: ReturnType<typeof refusalsOf>,
): ZodOpenApiOperationObject {
  const json = 'application/json'
  type Success = { content: Record<string, { schema: z.ZodType; example?: unknown }> }
  const [one, other] = [first, second].map(({ responses }) => responses['200'] as unknown as Success)
  const schema = z.union([one!.content[json]!.schema, other!.content[json]!.schema])
  const examples = Object.fromEntries(
    [first, second].flatMap(({ operationId, summary, responses }) => {
      const { example } = (responses['200'] as unknown as Success).content[json]!
      return example === undefined ? [] : [[operationId, { summary, value: example }]]
    }),
  )
  return {
    ...first,
    description: `${first.description}\n\n${second.description}`,
    requestBody: {
      required: true,
      content: { ...first.requestBody!.content, ...second.requestBody!.content },
    },
    responses: {
      ...first.responses,
      ...refusals,
      200: { ...one!, content: { [json]: { schema, examples } } },
    } as ZodOpenApiOperationObject['responses'],
  }
}

const tagOf = (route: RouteOptions) => route.config!.action!.split('.')[0]!

function traitsOf({ method, url, schema, config }: RouteOptions): Traits {
  const { who, content = false } = access[config!.action!] as Rule
  const { search = false, bulk = false, unversioned = false } = config!
  const isMember = typeof who !== 'string'
  const repeats = method === 'POST' && isMember && !search && !bulk
  const edits = ['PATCH', 'PUT', 'DELETE'].includes(String(method))
  // Without an id there is no row yet whose version could be named.
  const acts = repeats && url.includes('/:id')
  return {
    probe: !url.startsWith('/v1/'),
    isMember,
    content: isMember && content,
    hasParams: schema?.params !== undefined,
    writes: method !== 'GET',
    bulk,
    repeats,
    ifMatch: unversioned ? undefined : edits ? 'required' : acts ? 'heeded' : undefined,
  }
}

const codesOf = (route: RouteOptions) => [...codesFor(traitsOf(route)), ...(route.config!.refuses ?? [])]

function operation(route: RouteOptions, example: Example): ZodOpenApiOperationObject {
  const action = route.config!.action!
  const { summary, description, params, querystring, body, response, produces, consumes } = route.schema ?? {}
  const { who } = access[action] as Rule
  const { probe, isMember, writes, bulk, repeats, ifMatch } = traitsOf(route)
  const [success = '200'] = Object.keys((response as object) ?? {})
  const answer = (response as Record<string, z.ZodType>)?.[success]
  const shape = answer instanceof z.ZodObject ? answer.shape : {}
  const tagged = isMember && 'version' in shape
  const parameters = [
    ...(ifMatch === 'required' ? [parameter('IfMatch')] : []),
    ...(ifMatch === 'heeded' ? [parameter('IfMatchIfAny')] : []),
    ...(repeats ? [parameter('IdempotencyKey')] : []),
    ...(tagged && !writes ? [parameter('IfNoneMatch')] : []),
    ...(isMember ? [parameter('Membership')] : []),
    parameter('AcceptLanguage'),
  ]
  const headers = headersOf(
    ...(tagged ? (['ETag'] as const) : []),
    ...(success === '201' && 'id' in shape ? (['Location'] as const) : []),
    ...(repeats ? (['Idempotent-Replayed'] as const) : []),
    ...(probe ? [] : limited),
  )
  return {
    operationId: action,
    tags: [tagOf(route)],
    summary: summary!,
    description: typeof who === 'string' ? description! : `${description!}\n\nFor: ${who.join(', ')}.`,
    ...(route.method === 'DELETE' && !ifMatch && { 'x-never-changes': true }),
    ...(bulk && { 'x-line-by-line': true }),
    // Nothing is needed; an empty list would say the same, but checkers take it for forgotten.
    ...(isMember ? {} : { security: [{}] }),
    requestParams: {
      ...(params ? { path: params as z.ZodObject } : {}),
      ...(querystring ? { query: querystring as z.ZodObject } : {}),
    },
    parameters,
    ...(body
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              // RFC 7396; plain JSON is understood as the same.
              (consumes
                ? [consumes]
                : ['application/json', ...(route.method === 'PATCH' ? ['application/merge-patch+json'] : [])]
              ).map((type) => [type, { schema: body as z.ZodType, ...shownAs(type, example.request) }]),
            ),
          },
        }
      : {}),
    responses: {
      [success]: {
        description: successWords(success, route, isList(answer)),
        headers,
        ...(success !== '204' && {
          content: {
            ...Object.fromEntries(
              [produces ?? 'application/json']
                .flat()
                .map((type) => [
                  type,
                  type.endsWith('json')
                    ? { schema: answer!, ...shownAs(type, example.response) }
                    : { schema: file },
                ]),
            ),
            ...(isList(answer) &&
              Object.fromEntries(
                forms.map((form) => [
                  form.mediaType,
                  {
                    schema: stream(form.description),
                    ...streamed(form, answer.shape.items.element, example.response),
                  },
                ]),
              )),
          },
        }),
      },
      ...(tagged &&
        !writes && {
          304: { description: 'Nothing has changed since If-None-Match; there is no body.', headers },
        }),
      ...refusalsOf(codesOf(route), example.problems),
    } as ZodOpenApiOperationObject['responses'],
  }
}

/** Of a file of lines, each line is an example. */
const shownAs = (type: string, example: unknown) =>
  example === undefined
    ? {}
    : type === ndjson && Array.isArray(example)
      ? { examples: Object.fromEntries(example.map((value, at) => [`line${at + 1}`, { value }])) }
      : { example }

/** The list of the example as it looks in another form. */
function streamed({ of }: Form, item: unknown, example: unknown) {
  const { items } = (example ?? {}) as { items?: unknown[] }
  if (!items) return {}
  const { head, page } = of(item)
  return { example: head + page(items) }
}

const file: oas31.SchemaObject = { type: 'string', format: 'binary', maxLength: 16 * 1024 * 1024 }
/** A stream has no length; the bound is the greatest that generators can read. */
const stream = (description: string): oas31.SchemaObject => ({
  type: 'string',
  format: 'binary',
  maxLength: 2_147_483_647,
  description,
})

function successWords(status: string, { method, config }: RouteOptions, isPage: boolean): string {
  if (status === '204') return 'Done; there is no body.'
  if (status === '201') return 'Created; this is how it looks now.'
  if (isPage) return 'A page of the list.'
  if (method === 'GET') return 'This is how it looks now.'
  if (config?.bulk) return 'What became of each line.'
  return config?.search ? 'What was found.' : 'Done; this is how it looks now.'
}
