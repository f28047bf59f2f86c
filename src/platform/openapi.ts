// What does the interface look like to a program? An OpenAPI document, made from the routes as they are registered.
import type { RouteOptions } from 'fastify'
import { readFileSync } from 'node:fs'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { z } from 'zod'
import { access, type Rule } from '../access.ts'
import { isList, mediaType as ndjson } from './ndjson.ts'
import { problemCodes } from './problem.ts'
import type { App } from './zod.ts'

const ProblemDocument = z
  .object({
    type: z.string().meta({ examples: ['urn:lotse:problem:not_found'] }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; see the list of codes in the introduction.' }),
    detail: z
      .string()
      .meta({ description: 'A sentence for people, in the language of Accept-Language (de, en, da).' }),
    requestId: z.string(),
    errors: z.array(
      z.object({
        pointer: z
          .string()
          .meta({ description: 'RFC 6901 into the body; /path, /query and /header for the rest.' }),
        code: z.string(),
        detail: z.string(),
      }),
    ),
    missingCategories: z
      .array(z.string())
      .optional()
      .meta({ description: 'Of code `not_released`: what no release covers.' }),
    missingSections: z.array(z.string()).optional().meta({
      description: 'Of code `handover_sections_missing`: what the concept asks for and the sheet has not.',
    }),
    missing: z
      .object({ tries: z.int().min(0), days: z.int().min(0), ways: z.int().min(0) })
      .optional()
      .meta({ description: 'Of code `contact_not_lost`: how many of each are still to be made.' }),
    responsibleOrganizationId: z
      .uuid()
      .optional()
      .meta({ description: 'Of code `another_youth_office_is_responsible`: who is.' }),
    responsibleOrganizationName: z.string().optional(),
    responsibleSector: z
      .string()
      .optional()
      .meta({ description: 'Of code `out_of_scope`: to which sector the person is guided on.' }),
  })
  .meta({ id: 'Problem' })

const statusWords: Record<number, string> = {
  400: 'The request does not match the description, or names something that does not exist for the caller.',
  401: 'Nobody is signed in.',
  403: 'The role may not attempt this.',
  404: 'This does not exist, or not for the caller.',
  409: 'Not now: the state forbids it.',
  412: 'The version in If-Match is no longer the present one.',
  413: 'The request is too large.',
  415: 'The request is not JSON.',
  422: 'The Idempotency-Key belongs to another request.',
  428: 'If-Match is missing.',
  503: 'Not right now; try again.',
}

interface Example {
  request?: unknown
  response?: unknown
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

Every refusal is a problem document (RFC 9457). Its codes:

${[...problemCodes()]
  .sort(([a], [b]) => a.localeCompare(b))
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
  return {
    all: routes,
    document: () => documentOf(routes),
  }
}

function documentOf(routes: RouteOptions[]) {
  const recorded = examples()
  const paths: ZodOpenApiPathsObject = {}
  // A page for people is not part of the interface for programs.
  for (const route of routes.filter(({ config }) => !config?.page)) {
    const path = route.url.replace(/:(\w+)/g, '{$1}')
    const method = String(route.method).toLowerCase() as 'get'
    paths[path] = { ...paths[path], [method]: operation(route, recorded[route.config!.action!] ?? {}) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Lotse',
      version: '1.0.0',
      description: introduction(),
      license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
    },
    servers: [{ url: '/', description: 'This installation' }],
    security: [{ bearer: [] }],
    tags: [...new Set(routes.filter(({ config }) => !config?.page).map(tagOf))]
      .sort()
      .map((name) => ({ name })),
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  })
}

const tagOf = (route: RouteOptions) => route.config!.action!.split('.')[0]!

function operation(route: RouteOptions, example: Example): ZodOpenApiOperationObject {
  const action = route.config!.action!
  const { summary, description, params, querystring, body, response, produces, consumes } = route.schema ?? {}
  const { who } = access[action] as Rule
  const isMember = typeof who !== 'string'
  const writes = route.method !== 'GET'
  const versioned = ['PATCH', 'PUT', 'DELETE'].includes(String(route.method)) && !route.config!.unversioned
  const search = route.config!.search ?? false
  const repeats = route.method === 'POST' && isMember && !search
  const [success = '200'] = Object.keys((response as object) ?? {})
  const answer = (response as Record<string, z.ZodType>)?.[success]
  const problems = [
    ...(params || body || querystring || writes ? [400] : []),
    ...(isMember ? [401, 403] : who === 'login' ? [401] : []),
    ...(params || repeats ? [404] : []),
    ...(writes && isMember && !search ? [409] : []),
    ...(versioned || repeats ? [412] : []),
    ...(writes ? [413, 415] : []),
    ...(repeats ? [422] : []),
    ...(versioned ? [428] : []),
    503,
  ]
  const header = z.object({
    ...(versioned && {
      'if-match': z.string().meta({ description: 'The ETag of the version that is changed.' }),
    }),
    ...(repeats && {
      'if-match': z
        .string()
        .optional()
        .meta({ description: 'Refuses with 412 when the version is another.' }),
      'idempotency-key': z
        .string()
        .min(1)
        .max(128)
        .optional()
        .meta({ description: 'Makes repeating the request safe; kept for at least a day.' }),
    }),
    ...(route.method === 'GET' &&
      isMember && {
        'if-none-match': z
          .string()
          .optional()
          .meta({ description: 'An ETag; answers 304 when nothing changed.' }),
      }),
    'accept-language': z.string().optional().meta({ description: 'de, en or da, for problem answers.' }),
  })
  return {
    operationId: action,
    tags: [tagOf(route)],
    summary: summary!,
    description: `${description!}${isMember ? `\n\nFor: ${who.join(', ')}.` : ''}`,
    ...(isMember ? {} : { security: [] }),
    requestParams: {
      ...(params ? { path: params as z.ZodObject } : {}),
      ...(querystring ? { query: querystring as z.ZodObject } : {}),
      header,
    },
    ...(body
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              // RFC 7396; plain JSON is understood as the same.
              (consumes
                ? [consumes]
                : ['application/json', ...(route.method === 'PATCH' ? ['application/merge-patch+json'] : [])]
              ).map((type) => [
                type,
                {
                  schema: body as z.ZodType,
                  ...(example.request !== undefined && !consumes && { example: example.request }),
                },
              ]),
            ),
          },
        }
      : {}),
    responses: {
      [success]: {
        description: success === '204' ? 'Done; there is no body.' : 'Done.',
        ...(success !== '204' && {
          content: {
            ...Object.fromEntries(
              [produces ?? 'application/json'].flat().map((type) => [
                type,
                type === 'application/json'
                  ? {
                      schema: answer!,
                      ...(example.response !== undefined && { example: example.response }),
                    }
                  : { schema: { type: 'string', format: 'binary' } },
              ]),
            ),
            ...(isList(answer) && {
              [ndjson]: {
                schema: { type: 'string', description: 'The whole list, one entry of `items` a line.' },
              },
            }),
          },
        }),
      },
      ...(route.method === 'GET' &&
        isMember && { 304: { description: 'Nothing has changed since If-None-Match; there is no body.' } }),
      ...Object.fromEntries(
        problems.map((status) => [
          status,
          {
            description: statusWords[status]!,
            content: { 'application/problem+json': { schema: ProblemDocument } },
          },
        ]),
      ),
    } as ZodOpenApiOperationObject['responses'],
  }
}
