// What can be sent where a schema expects something? What fits, what fits but for one thing, and what was never meant.
import fc from 'fast-check'

export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  pattern?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  propertyNames?: Schema
}

/** Stands in every text that the fuzzer sends: it must come back neither in a log line nor in a refusal. */
export const marker = 'Lerche'
export const resolve = (schema: Schema, schemas: Record<string, Schema>): Schema =>
  schema.$ref ? resolve(schemas[decodeURIComponent(schema.$ref.split('/').at(-1)!)]!, schemas) : schema

const day = fc
  .integer({ min: -500, max: 800 })
  .map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10))
const instant = fc
  .integer({ min: -900_000, max: 900_000 })
  .map((minutes) => new Date(Date.now() + minutes * 60_000).toISOString())

/** `idFor`: an id that exists, by the name of the field. */
export function fitting(
  given: Schema,
  schemas: Record<string, Schema>,
  idFor: (field: string, chance: number) => string,
  field = '',
  level = 0,
): fc.Arbitrary<unknown> {
  const schema = resolve(given, schemas)
  const inner = (one: Schema, name = field) => fitting(one, schemas, idFor, name, level + 1)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const branches = schema.anyOf ?? schema.oneOf
  if (branches) return fc.oneof(...branches.map((branch) => inner(branch)))
  if (schema.allOf)
    return fc
      .tuple(...schema.allOf.map((part) => inner(part)))
      .map((parts) => Object.assign({}, ...parts) as unknown)
  const [type] = [schema.type ?? 'string'].flat()
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? 0, -(2 ** 31)),
        max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1),
      })
    case 'number':
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1000, noNaN: true })
    case 'array':
      return fc.array(inner(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? 3, 3)),
      })
    case 'object': {
      const { properties = {}, required = [] } = schema
      const known = Object.keys(properties)
      const fields = fc.record(
        Object.fromEntries(known.map((name) => [name, inner(properties[name]!, name)])),
        // From half a dozen optional fields each combination is drawn sooner or later.
        { requiredKeys: required.filter((name) => known.includes(name)) },
      )
      const more = schema.additionalProperties
      if (typeof more !== 'object') return fields
      const names = schema.propertyNames ? inner(schema.propertyNames) : fc.string({ maxLength: 20 })
      const rest = fc.array(fc.tuple(names, inner(more)), { maxLength: 4 })
      return fc
        .tuple(fields, rest)
        .map(([one, two]) => ({ ...(one as object), ...(Object.fromEntries(two) as object) }))
    }
    default:
      return text(schema, idFor, field)
  }
}

function text(schema: Schema, idFor: (field: string, chance: number) => string, field: string) {
  const { format, pattern, minLength = 0, maxLength = 200 } = schema
  if (format === 'uuid') return fc.nat(1_000_000).map((chance) => idFor(field, chance))
  if (format === 'date') return day
  if (format === 'date-time') return instant
  if (format === 'email') return fc.nat(999_999).map((number) => `lerche${number}@lindenau.example`)
  if (format === 'uri')
    return fc.constantFrom('https://hooks.lindenau.example/in', 'https://lindenau.example/')
  if (pattern && format === undefined)
    try {
      return fc.stringMatching(new RegExp(pattern))
    } catch {
      return fc.constant(marker)
    }
  return fc
    .nat(10_000_000)
    .map((number) =>
      `${marker}-${number.toString(36)}`.padEnd(minLength, 'e').slice(0, Math.max(maxLength, 1)),
    )
}

/** Written into the JSON as it stands: what JSON.stringify would never write. */
const raw = (json: string) => `@@raw ${json} raw@@`
export const written = (value: unknown) =>
  JSON.stringify(value)?.replace(/"@@raw (.*?) raw@@"/g, (_, json: string) => json.replaceAll('\\"', '"'))

const nested = (depth: number, open: string, close: string) => raw(open.repeat(depth) + close.repeat(depth))

const odd: unknown[] = [
  null,
  true,
  '',
  ' ',
  '\u0000',
  `${marker}\u0000`,
  raw(`"${marker}\\u0000"`.replaceAll('"', '\\"')),
  '\ud800',
  `${marker}\udc00`,
  '\ufeff',
  '\u202e',
  'İ',
  '👩‍👩‍👧',
  `\r\nSet-Cookie: ${marker}=1`,
  "' or 1=1; --",
  '"; drop table clients; --',
  '%s%n%x%d',
  '${7*7}{{7*7}}',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '<script>alert(1)</script>',
  `{"$gt":""}`,
  '2026-02-30',
  '2025-02-29',
  '0000-00-00',
  '0001-01-01',
  '9999-12-31',
  '2026-13-01T00:00:00Z',
  '2026-02-03T24:00:00Z',
  '2026-02-03T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '2026-02-03T12:00:00+23:59',
  '-271821-04-20T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  'infinity',
  '-infinity',
  'NaN',
  'now',
  'today',
  'epoch',
  0,
  -1,
  1.5,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
  raw('9223372036854775808'),
  raw('1e400'),
  raw('-0'),
  raw('1e-400'),
  1e308,
  [],
  {},
  [[]],
  [null],
  { $ref: '#' },
  raw('{\\"__proto__\\":{\\"admin\\":true}}'),
  raw('{\\"constructor\\":{\\"prototype\\":{\\"admin\\":true}}}'),
  { toString: 1, valueOf: 2, hasOwnProperty: 3, length: -1 },
  nested(19, '[', ']'),
  nested(60, '[', ']'),
  nested(5000, '[', ']'),
  'x'.repeat(5_000),
  'ä'.repeat(70_000),
  Array.from({ length: 3000 }, () => 1),
  Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, at])),
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '01980A5E-7C3A-7D11-9C51-3F6A2B1C0D4E',
  '{01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e}',
]

export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...odd) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
)

const extraKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'id',
  'tenantId',
  'role',
  'version',
  '',
  '\u0000',
  '$where',
  'x',
]

type Way = (string | number)[]
function waysIn(value: unknown, way: Way = []): Way[] {
  if (value === null || typeof value !== 'object' || way.length > 5) return [way]
  return [way, ...Object.entries(value).flatMap(([key, inner]) => waysIn(inner, [...way, key]))]
}

/** One thing is wrong: another value, one field less, one more. */
export const nearly = (fits: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fits,
      fc.nat(10_000),
      fc.constantFrom('value', 'value', 'value', 'gone', 'more'),
      hostile,
      fc.nat(100),
    )
    .map(([value, at, kind, wrong, key]) => spoiled(value, at, kind, wrong, key))

export function spoiled(given: unknown, at: number, kind: string, wrong: unknown, key: number): unknown {
  const value = structuredClone(given)
  const ways = waysIn(value)
  const way = ways[at % ways.length]!
  if (kind === 'more') {
    const named = extraKeys[key % extraKeys.length]!
    if (value === null || typeof value !== 'object') return { [named]: wrong }
    Object.defineProperty(value, named, {
      value: wrong,
      enumerable: true,
      configurable: true,
      writable: true,
    })
    return value
  }
  if (way.length === 0) return kind === 'gone' ? undefined : wrong
  const parent = way
    .slice(0, -1)
    .reduce<unknown>((one, step) => (one as Record<string, unknown>)[step], value)
  const last = way.at(-1)!
  if (kind === 'gone')
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else delete (parent as Record<string, unknown>)[last]
  else (parent as Record<string, unknown>)[last] = wrong
  return value
}
