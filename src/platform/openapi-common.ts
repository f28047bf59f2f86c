// What do all operations of the interface share? Headers, refusals and the bounds of every field, each described once.
import type { CreateDocumentOptions, oas31 } from 'zod-openapi'
import { z } from 'zod'
import { Problem, problemCodes, render, type ProblemKind } from './problem.ts'
import { longestDetail, longestPointer, mostErrors } from './zod.ts'

type Json = Record<string, unknown>

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` })

// ---------------------------------------------------------------------------------------------------------- headers

const header = (
  description: string,
  schema: oas31.SchemaObject,
  example: string | number,
  required = true,
) => ({
  description,
  required,
  schema,
  example,
})
const count: oas31.SchemaObject = { type: 'integer', format: 'int32', minimum: 0, maximum: 2_147_483_647 }
// Ours; whoever sends another one is never up to date.
const etag: oas31.SchemaObject = { type: 'string', maxLength: 40, pattern: '^"\\d+\\.[\\w-]{8}"$' }

const headers = {
  ETag: header(
    'The version of this row and the view of this reader. Send it back in `If-Match`, or in `If-None-Match`.',
    etag,
    '"3.Zk1x_9aQ"',
  ),
  Location: header(
    'Where the new resource can be read.',
    { type: 'string', format: 'uri-reference', maxLength: 300 },
    '/v1/cases/01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e',
  ),
  'Idempotent-Replayed': header(
    'Only on a repetition: the work was done before, this is how the resource looks now.',
    { type: 'string', enum: ['true'] },
    'true',
    false,
  ),
  'Content-Language': header('The language of `detail`.', { type: 'string', enum: ['de', 'en', 'da'] }, 'en'),
  'WWW-Authenticate': header(
    'How to sign in (RFC 6750).',
    { type: 'string', maxLength: 300, pattern: '^(Bearer|Basic)' },
    'Bearer',
  ),
  'Retry-After': header('After how many seconds to try again.', count, 2),
  'RateLimit-Policy': header(
    'How many requests (`q`) one caller may make in how many seconds (`w`).',
    { type: 'string', maxLength: 60, pattern: '^"requests";q=\\d+;w=\\d+$' },
    '"requests";q=600;w=60',
    // Whoever watches over the service is not counted.
    false,
  ),
  RateLimit: header(
    'How many of them are left (`r`), and for how many seconds (`t`): as soon as it is less than a fifth.',
    { type: 'string', maxLength: 60, pattern: '^"requests";r=\\d+;t=\\d+$' },
    '"requests";r=42;t=11',
    false,
  ),
} satisfies Record<string, oas31.HeaderObject>

type HeaderName = keyof typeof headers
export const headersOf = (...names: HeaderName[]) =>
  Object.fromEntries(names.map((name) => [name, ref('headers', name)])) as Record<
    string,
    oas31.ReferenceObject
  >

export const limited = ['RateLimit-Policy', 'RateLimit'] as const

// ------------------------------------------------------------------------------------------------------- parameters

const parameters = {
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: true,
    description:
      'The `ETag` of the version that is changed: 428 without it, 412 when it is no longer the present one.',
    schema: etag,
    example: '"3.Zk1x_9aQ"',
  },
  IfMatchIfAny: {
    name: 'If-Match',
    in: 'header',
    description:
      'An `ETag`. When it is sent and the version is another, the answer is 412 and nothing is done.',
    schema: etag,
    example: '"3.Zk1x_9aQ"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'An `ETag`: answers 304 without a body when nothing has changed for this reader.',
    schema: etag,
    example: '"3.Zk1x_9aQ"',
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Any text of your own, a UUID say. Makes repeating the request safe for at least a day: the work is done once, and a repetition answers what the resource looks like then (`Idempotent-Replayed`).',
    schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' },
    example: '0b7f7a0e-4c0e-4e0b-9a51-6f0d3f1f2c11',
  },
  AcceptLanguage: {
    name: 'Accept-Language',
    in: 'header',
    description: 'The language of problem answers: de, en or da.',
    schema: { type: 'string', maxLength: 200, pattern: '^[\\x20-\\x7e]*$' },
    example: 'de',
  },
} satisfies Record<string, oas31.ParameterObject>

export const parameter = (name: keyof typeof parameters): oas31.ReferenceObject => ref('parameters', name)

// --------------------------------------------------------------------------------------------------------- refusals

const refusals: Record<number, { name: string; says: string; also?: HeaderName[] }> = {
  400: {
    name: 'InvalidRequest',
    says: 'The request does not match the description, or names something that does not exist for the caller.',
  },
  401: { name: 'NotSignedIn', says: 'Nobody is signed in.', also: ['WWW-Authenticate'] },
  // A repetition reads again what was done, and may meet both.
  403: { name: 'NotAllowed', says: 'The role may not attempt this.', also: ['Idempotent-Replayed'] },
  404: {
    name: 'NotFound',
    says: 'This does not exist, or not for the caller: both answer the same.',
    also: ['Idempotent-Replayed'],
  },
  409: { name: 'NotNow', says: 'Not now: the state forbids it.' },
  412: { name: 'Stale', says: 'The version in If-Match is no longer the present one.' },
  413: { name: 'TooLarge', says: 'The request is too large.' },
  415: { name: 'UnsupportedMediaType', says: 'The request is of another media type than is described here.' },
  422: { name: 'KeyReused', says: 'The Idempotency-Key belongs to another request.' },
  428: { name: 'VersionRequired', says: 'If-Match is missing.' },
  429: { name: 'TooManyRequests', says: 'Too many requests; see Retry-After.', also: ['Retry-After'] },
  500: { name: 'OurFailure', says: 'We made a mistake. Nothing was saved.' },
  503: { name: 'TryAgain', says: 'Not right now; try again.', also: ['Retry-After'] },
}

// What every operation may answer; what one of them answers besides was recorded by the tour.
const everywhere = [
  'invalid_request',
  'unknown_reference',
  'not_signed_in',
  'not_allowed',
  'secrecy_obligation_missing',
  'not_found',
  'already_exists',
  'still_running',
  'stale',
  'body_too_large',
  'unsupported_media_type',
  'idempotency_key_reused',
  'version_required',
  'too_many_requests',
  'internal_error',
  'try_again',
]
const requestId = '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'
const shape = [{ pointer: '/nextStepOn', code: 'invalid_format', detail: 'Invalid ISO date' }]
const reference = [{ pointer: '/offerId', code: 'unknown_reference' }]

const problemExample = (code: string, kind: ProblemKind) => ({
  summary: code.replaceAll('_', ' '),
  value: {
    ...render(new Problem(code, kind, code === 'unknown_reference' ? reference : []), 'en', requestId),
    ...(code === 'invalid_request' && { errors: shape }),
  },
})

/** A refusal as it is described where nothing more is known of it; `examples` are those of one operation. */
function refusal(status: number, examples?: Record<string, unknown>): oas31.ResponseObject {
  const { says, also = [] } = refusals[status]!
  const known = [...problemCodes()].filter(
    ([code, kind]) => kind.status === status && everywhere.includes(code),
  )
  return {
    description: says,
    headers: headersOf('Content-Language', ...limited, ...also),
    content: {
      'application/problem+json': {
        schema: ref('schemas', 'Problem'),
        examples: {
          ...Object.fromEntries(known.map(([code, kind]) => [code, problemExample(code, kind)])),
          ...(examples as oas31.ExamplesObject),
        },
      },
    },
  }
}

/** One refusal of an operation: the common one, or with what was recorded of it, by code. */
export const refusalOf = (status: number, recorded?: Record<string, unknown>) =>
  recorded
    ? refusal(
        status,
        Object.fromEntries(
          Object.entries(recorded).map(([code, value]) => [
            code,
            { summary: code.replaceAll('_', ' '), value },
          ]),
        ),
      )
    : ref('responses', refusals[status]!.name)

export const common = () => ({
  parameters,
  headers,
  responses: Object.fromEntries(
    Object.entries(refusals).map(([status, { name }]) => [name, refusal(Number(status))]),
  ),
  securitySchemes: {
    bearer: {
      type: 'http' as const,
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        'The access token of `POST /v1/auth/token`: a signed JWT of ten minutes, made and checked along RFC8725 (one algorithm, EdDSA; issuer and audience are checked; no key or algorithm is taken from the token). It is renewed with `POST /v1/auth/refresh`. Access tokens of an identity provider of the municipality (`/v1/identity-providers`) are accepted as they are; with several memberships, the header `Lotse-Membership` names under which one to act, else it is the oldest.',
    },
  },
})

// ----------------------------------------------------------------------------------------------------- every problem

export const ProblemDocument = z
  .object({
    type: z.string().meta({
      description: 'Stable: the code as a URN.',
      pattern: '^urn:lotse:problem:[a-z][a-z_]+$',
      maxLength: 100,
      examples: ['urn:lotse:problem:not_found'],
    }),
    title: z.string().meta({ description: 'The code, to read.', maxLength: 100, examples: ['not found'] }),
    status: z.int().min(400).max(599).meta({ description: 'The status of the answer.' }),
    code: z.string().meta({
      id: 'ProblemCode',
      description: 'Stable; see the list of codes in the introduction. New codes may come.',
      pattern: '^[a-z][a-z_]+$',
      maxLength: 80,
      override: ({ jsonSchema }: { jsonSchema: Json }) => {
        // Open on purpose: a generator that closes it would break with the next code.
        jsonSchema['x-extensible-enum'] = [...problemCodes().keys()].sort()
      },
    }),
    detail: z.string().meta({
      description: 'A sentence for people, in the language of Accept-Language (de, en, da).',
      maxLength: longestDetail,
    }),
    requestId: z
      .uuid()
      .meta({ description: 'Under which the operator finds it in the log and in the audit trail.' }),
    errors: z
      .array(
        z
          .object({
            pointer: z.string().meta({
              description: 'RFC 6901 into the body; /path, /query and /header for the rest.',
              maxLength: longestPointer,
            }),
            code: z.string().meta({ pattern: '^[a-z][a-z0-9_]+$', maxLength: 80 }),
            detail: z.string().meta({ maxLength: longestDetail }),
          })
          .meta({ id: 'FieldProblem' }),
      )
      .meta({
        maxItems: mostErrors,
        description: 'Where in the request it lies; at most a hundred places are named.',
      }),
    error: z
      .string()
      .optional()
      .meta({ description: 'Of the form-encoded `POST /v1/auth/token`: the error code of RFC 6749.' }),
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
    existingId: z.uuid().optional().meta({
      description: 'Of code `external_id_taken`: what has this own id, if the caller may see it.',
    }),
  })
  .meta({ id: 'Problem', description: 'A refusal (RFC 9457).' })

// ------------------------------------------------------------------------------------------------- every other field

// Nothing that PostgreSQL keeps as text can hold it, and nothing that comes in may.
const anyText = '^[^\\x00]*$'
// A body is no longer than that, so no text that came in one is.
const longestText = 256 * 1024
const longestList = 10_000
/** The longest that these formats can be; their patterns stay. */
const narrow: Record<string, number> = { cidrv4: 18, cidrv6: 49 }
const widths: Record<string, number> = { uuid: 36, 'date-time': 40, date: 10, time: 20 }

/** What a schema does not say by itself: the kind of text and number, and for answers how much there can be of it. */
export const described: NonNullable<CreateDocumentOptions['override']> = ({ jsonSchema, io }) => {
  const schema = jsonSchema as Json & { type?: string; format?: string }
  const out = io === 'output'
  if (schema.type === 'string' && !('enum' in schema) && !('const' in schema)) {
    const width = widths[schema.format ?? '']
    if (width) {
      // The format says it; the pattern of the validator would stand here six hundred times.
      delete schema['pattern']
      schema['maxLength'] ??= width
    }
    const longest = narrow[schema.format ?? '']
    if (longest) schema['maxLength'] ??= longest
    if (!schema.format && !schema['pattern']) schema['pattern'] = anyText
    if (out) schema['maxLength'] ??= longestText
  }
  if (schema.type === 'integer')
    schema.format =
      Math.max(Math.abs(Number(schema['maximum'])), Math.abs(Number(schema['minimum']))) < 2 ** 31
        ? 'int32'
        : 'int64'
  if (schema.type === 'array' && out) schema['maxItems'] ??= longestList
  // Answers grow: whoever reads them ignores what it does not know. The suite closes them for its own checks.
  if (schema.type === 'object' && out && schema['additionalProperties'] === false && schema['properties'])
    delete schema['additionalProperties']
}

/** `anyOf: [text, null]` is what a type list says shorter, and what every generator understands. */
export function simplified(value: unknown): void {
  if (value === null || typeof value !== 'object') return
  if (Array.isArray(value)) return value.forEach(simplified)
  const schema = value as Json
  if ('$ref' in schema)
    for (const key of Object.keys(schema))
      if (!['$ref', 'description', 'default'].includes(key)) delete schema[key]
  // Each of the alternatives says so itself.
  if (schema['oneOf'] && schema['type'] === 'object' && !schema['properties']) delete schema['type']
  const [inner, last] = (schema['anyOf'] ?? []) as Json[]
  if (inner && last?.['type'] === 'null' && Array.isArray(inner['anyOf'])) {
    schema['anyOf'] = [...(inner['anyOf'] as Json[]), last]
    if (inner['description'] !== undefined) schema['description'] ??= inner['description']
  }
  const { anyOf } = schema as { anyOf?: Json[] }
  const [given, none] = anyOf ?? []
  if (anyOf?.length === 2 && none!['type'] === 'null' && typeof given!['type'] === 'string') {
    const { type, enum: values, ...rest } = given!
    if (!('const' in rest) && !('properties' in rest) && !('anyOf' in rest)) {
      delete schema['anyOf']
      Object.assign(schema, {
        ...rest,
        ...schema,
        type: [type, 'null'],
        ...(values ? { enum: [...(values as []), null] } : {}),
      })
    }
  }
  for (const [key, each] of Object.entries(schema))
    if (key !== 'example' && key !== 'examples') simplified(each)
}
