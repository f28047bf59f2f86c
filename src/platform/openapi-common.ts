// What do all operations of the interface share? Headers, refusals and the bounds of every field, each described once.
import type { CreateDocumentOptions, oas31 } from 'zod-openapi'
import { z } from 'zod'
import {
  Problem,
  problemCodes,
  problemsByName,
  render,
  type ProblemCode,
  type ProblemKind,
} from './problem.ts'
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
  Membership: {
    name: 'Lotse-Membership',
    in: 'header',
    description:
      'For tokens of an identity provider: under which of their memberships somebody acts who has several; else it is the oldest. Tokens of Lotse name theirs themselves.',
    schema: { type: 'string', format: 'uuid', maxLength: 36 },
    example: '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e',
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

const refusals: Record<number, { says: string; also?: HeaderName[] }> = {
  400: {
    says: 'The request does not match the description, or names something that does not exist for the caller.',
  },
  401: { says: 'Nobody is signed in.', also: ['WWW-Authenticate'] },
  // A repetition reads again what was done, and may meet both.
  403: { says: 'The role may not attempt this.', also: ['Idempotent-Replayed'] },
  404: {
    says: 'This does not exist, or not for the caller: both answer the same.',
    also: ['Idempotent-Replayed'],
  },
  409: { says: 'Not now: the state forbids it.' },
  412: { says: 'The version in If-Match is no longer the present one.' },
  413: { says: 'The request is too large.' },
  415: { says: 'The request is of another media type than is described here.' },
  422: { says: 'The Idempotency-Key belongs to another request.' },
  428: { says: 'If-Match is missing.' },
  429: { says: 'Too many requests, or too many attempts; see Retry-After.', also: ['Retry-After'] },
  500: { says: 'We made a mistake. Nothing was saved.' },
  503: { says: 'Not right now; try again.', also: ['Retry-After'] },
}

const ofMembers = ['not_allowed', 'address_not_allowed', 'member_unknown'] as const

/** What many operations answer with the same codes is described once, under a name. */
const shared: Record<string, readonly ProblemCode[]> = {
  InvalidRequest: ['invalid_request'],
  UnknownReference: ['invalid_request', 'unknown_reference'],
  NotSignedIn: ['not_signed_in'],
  NotAllowed: ofMembers,
  NotAllowedOrNotBound: [...ofMembers, 'secrecy_obligation_missing'],
  NotFound: ['not_found'],
  StillRunning: ['still_running'],
  Stale: ['stale'],
  TooLarge: ['body_too_large'],
  UnsupportedMediaType: ['unsupported_media_type'],
  KeyReused: ['idempotency_key_reused'],
  VersionRequired: ['version_required'],
  TooManyRequests: ['too_many_requests'],
  OurFailure: ['internal_error'],
  TryAgain: ['try_again', 'out_of_room'],
  TryAgainSignedIn: ['try_again', 'out_of_room', 'provider_unreachable'],
}

/** What kind of operation it is, as far as its refusals follow from that. */
export interface Traits {
  probe: boolean
  isMember: boolean
  content: boolean
  hasParams: boolean
  writes: boolean
  /** Its body is a file of lines, with a bound of its own. */
  bulk: boolean
  /** An Idempotency-Key is heeded. */
  repeats: boolean
  /** If-Match is needed; or heeded when it comes. */
  ifMatch: 'required' | 'heeded' | undefined
}

/** The codes that follow from what an operation is; those of its own rules stand at its route (`refuses`). */
export const codesFor = (of: Traits): ProblemCode[] => [
  ...(of.probe ? [] : (['invalid_request'] as const)),
  ...(of.isMember ? (['not_signed_in', ...ofMembers] as const) : []),
  ...(of.content ? (['secrecy_obligation_missing'] as const) : []),
  ...(of.hasParams || of.repeats ? (['not_found'] as const) : []),
  ...(of.repeats ? (['still_running', 'idempotency_key_reused'] as const) : []),
  ...(of.ifMatch ? (['stale'] as const) : []),
  ...(of.ifMatch === 'required' ? (['version_required'] as const) : []),
  ...(of.writes ? (['unsupported_media_type'] as const) : []),
  ...(of.writes && !of.bulk ? (['body_too_large'] as const) : []),
  ...(of.probe ? [] : (['too_many_requests'] as const)),
  'internal_error',
  'try_again',
  'out_of_room',
  ...(of.isMember ? (['provider_unreachable'] as const) : []),
]

const requestId = '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'
/** What an example says beside the sentence: where it lies, and what a program needs to go on. */
const more: Partial<Record<ProblemCode, object>> = {
  invalid_request: {
    errors: [{ pointer: '/nextStepOn', code: 'invalid_format', detail: 'Invalid ISO date' }],
  },
  unknown_reference: {
    errors: [
      {
        pointer: '/offerId',
        code: 'unknown_reference',
        detail: 'The request names a record that does not exist for you.',
      },
    ],
  },
  invalid_token_request: { error: 'invalid_request' },
  ...Object.fromEntries(
    (['unsupported_grant_type', 'invalid_client', 'unauthorized_client', 'invalid_scope'] as const).map(
      (code) => [code, { error: code }],
    ),
  ),
  not_released: { missingCategories: ['medication'] },
  identifying_category: { missingCategories: ['identity_contact'] },
  handover_sections_missing: { missingSections: ['client_view'] },
  contact_not_lost: { missing: { tries: 2, days: 2, ways: 1 } },
  another_youth_office_is_responsible: {
    responsibleOrganizationId: requestId,
    responsibleOrganizationName: 'Jugendamt Süd',
  },
  out_of_scope: { responsibleSector: 'debt' },
  external_id_taken: { existingId: requestId },
}

const statusOf = (code: ProblemCode) => problemCodes().get(code)!.status

function problemExample(code: string, kind: ProblemKind) {
  const value = { ...render(new Problem(code, kind), 'en', requestId), ...more[code as ProblemCode] }
  return { summary: code.replaceAll('_', ' '), value }
}

/** One that says nothing else than the common example is that one. */
function exampleOf(code: ProblemCode, recorded: unknown) {
  const common = problemExample(code, problemCodes().get(code)!)
  const same = JSON.stringify({ ...(recorded as Json), requestId }) === JSON.stringify(common.value)
  return recorded === undefined || same ? ref('examples', code) : { ...common, value: recorded }
}

function refusal(status: number, codes: readonly ProblemCode[], recorded: Json = {}) {
  const { says, also = [] } = refusals[status]!
  const examples = Object.fromEntries(codes.map((code) => [code, exampleOf(code, recorded[code])]))
  return {
    description: says,
    headers: headersOf('Content-Language', ...limited, ...also),
    content: { 'application/problem+json': { schema: ref('schemas', 'Problem'), examples } },
  }
}

/** All refusals of one operation, by status; `recorded` is what the tour has met of them, by status and code. */
export function refusalsOf(codes: readonly ProblemCode[], recorded: Record<string, Json> = {}) {
  const all = [...new Set(codes)]
  const statuses = [...new Set(all.map(statusOf))].sort((a, b) => a - b)
  return Object.fromEntries(
    statuses.map((status) => {
      const own = all.filter((code) => statusOf(code) === status)
      const made = refusal(status, own, recorded[status])
      const [name] = Object.entries(shared).find(([, codes]) => same(codes, own)) ?? []
      const nothingElse = Object.values(made.content['application/problem+json'].examples).every(
        (example) => '$ref' in example,
      )
      return [status, name && nothingElse ? ref('responses', name) : made]
    }),
  )
}

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((one) => b.includes(one))

export const common = () => ({
  parameters,
  headers,
  responses: Object.fromEntries(
    Object.entries(shared).map(([name, codes]) => [name, refusal(statusOf(codes[0]!), codes)]),
  ),
  examples: Object.fromEntries(problemsByName().map(([code, kind]) => [code, problemExample(code, kind)])),
  securitySchemes: {
    bearer: {
      type: 'http' as const,
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        'The access token of `POST /v1/auth/token`: a signed JWT of ten minutes, made and checked along RFC8725 (one algorithm, EdDSA; issuer and audience are checked; no key or algorithm is taken from the token). It is renewed with `POST /v1/auth/refresh`. Access tokens of an identity provider of the municipality (`/v1/identity-providers`) are accepted as they are; actions among their scopes (`scope`, `scp`, of a machine also `roles`) limit what may be done with them.',
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
        jsonSchema['x-extensible-enum'] = problemsByName().map(([code]) => code)
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
