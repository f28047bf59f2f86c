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

/**
 * Stands in every text that the fuzzer sends, wherever a word of ours fits and in what is odd as long as it stays odd:
 * it must come back neither in a log line nor in a refusal.
 */
export const marker = 'Lerche'
/** An e-mail address is written in small letters. */
export const saysMarker = (text: string) => /lerche/i.test(text)

export const resolve = (schema: Schema, schemas: Record<string, Schema>): Schema =>
  schema.$ref ? resolve(schemas[decodeURIComponent(schema.$ref.split('/').at(-1)!)]!, schemas) : schema

/** What a word looks like where this is expected; undefined where no word fits. */
export function textWith(word: string, schema: Schema): string | undefined {
  const { format, pattern, enum: codes, const: fixed, minLength = 0, maxLength = Infinity } = schema
  if (codes !== undefined || fixed !== undefined) return undefined
  const small = word.toLowerCase()
  const options =
    format === undefined
      ? [word, small]
      : format === 'email'
        ? [`${small}@lindenau.example`]
        : format === 'uri'
          ? [`https://${small}.example/`]
          : []
  const accepts = new RegExp(pattern ?? '', 'u')
  return options
    .map((text) => text.padEnd(minLength, 'e'))
    .find((text) => text.length <= maxLength && accepts.test(text))
}

export interface Field {
  way: string[]
  schema: Schema
}
/** Every text in what is expected, however deep; of a list its first entry. */
export function textsIn(given: Schema, schemas: Record<string, Schema>, way: string[] = []): Field[] {
  const schema = resolve(given, schemas)
  const branches = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (branches) return branches.flatMap((branch) => textsIn(branch, schemas, way))
  const types = [schema.type].flat()
  if (types.includes('string')) return [{ way, schema }]
  if (types.includes('array') && schema.items) return textsIn(schema.items, schemas, [...way, '0'])
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    textsIn(inner, schemas, [...way, name]),
  )
}

/** Which texts are ours to choose, and what is put into them; every other one stays as it is. */
export interface Words {
  takes(schema: Schema, way: string[]): boolean
  text(schema: Schema, way: string[]): string
}

/** A body that would do, with a text of our own in every field that takes one; what must stand beside it is made up. */
export function filled(
  given: Schema,
  schemas: Record<string, Schema>,
  usual: unknown,
  words: Words,
  way: string[] = [],
): unknown {
  const schema = resolve(given, schemas)
  const within = (inner: Schema, known: unknown, step?: string) =>
    filled(inner, schemas, known, words, step === undefined ? way : [...way, step])
  const branches = (schema.anyOf ?? schema.oneOf)?.filter(
    (branch) => resolve(branch, schemas).type !== 'null',
  )
  if (branches)
    return within(branches.find((branch) => resembles(branch, schemas, usual)) ?? branches[0]!, usual)
  const types = [schema.type].flat()
  const takes = (inner: Schema, step: string) =>
    textsIn(inner, schemas, [...way, step]).some((field) => words.takes(field.schema, field.way))
  if (schema.const !== undefined) return usual ?? schema.const
  if (schema.enum) return usual ?? schema.enum.find((code) => code !== null)
  if (types.includes('string'))
    return words.takes(schema, way) ? words.text(schema, way) : (usual ?? simplest(schema))
  if (types.includes('array')) {
    const list = Array.isArray(usual) && usual.length > 0 ? (usual as unknown[]) : [undefined]
    return list.map((each, at) => within(schema.items ?? {}, each, String(at)))
  }
  if (!types.includes('object') && !schema.properties) return usual ?? simplest(schema)
  const known = (usual ?? {}) as Record<string, unknown>
  const made = { ...known }
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    if (known[name] != null || schema.required?.includes(name) || takes(inner, name))
      made[name] = within(inner, known[name] ?? undefined, name)
  if (typeof schema.additionalProperties === 'object')
    for (const name of Object.keys(known)) made[name] = within(schema.additionalProperties, known[name], name)
  return made
}

/** Of several alternatives the one that is meant: none of its codes is another, and it knows every field. */
function resembles(given: Schema, schemas: Record<string, Schema>, usual: unknown): boolean {
  const schema = resolve(given, schemas)
  const branches = schema.anyOf ?? schema.oneOf
  if (branches) return branches.some((branch) => resembles(branch, schemas, usual))
  if (schema.const !== undefined) return usual === undefined || usual === schema.const
  if (schema.enum) return usual === undefined || schema.enum.includes(usual)
  const types = [schema.type].flat()
  if (usual === undefined) return true
  if (Array.isArray(usual)) return types.includes('array')
  if (usual === null || typeof usual !== 'object') return types.some((type) => type === typeof usual)
  const { properties } = schema
  return (
    properties !== undefined &&
    Object.entries(usual).every(
      ([name, each]) => name in properties && resembles(properties[name]!, schemas, each),
    )
  )
}

function simplest({ type, format, minimum = 0 }: Schema): unknown {
  const types = [type].flat()
  if (types.includes('boolean')) return true
  if (types.includes('integer') || types.includes('number')) return Math.max(minimum, 1)
  if (format === 'date') return new Date().toISOString().slice(0, 10)
  if (format === 'date-time') return new Date().toISOString()
  return undefined
}

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
  const { format, pattern = '', minLength = 0, maxLength = 200 } = schema
  if (format === 'uuid') return fc.nat(1_000_000).map((chance) => idFor(field, chance))
  if (format === 'date') return day
  if (format === 'date-time') return instant
  if (format === 'uri')
    return fc.constantFrom(`https://hooks.lindenau.example/${marker}`, `https://${marker}.example/`)
  const number = fc.nat(10_000_000).map((each) => each.toString(36))
  if (format === 'email') return number.map((each) => textWith(`${marker}${each}`, schema)!)
  const accepts = new RegExp(pattern, 'u')
  const matching = () => {
    try {
      return fc.stringMatching(new RegExp(pattern))
    } catch {
      return fc.constant(marker)
    }
  }
  if (!accepts.test(prose)) {
    if (textWith(`${marker}-zzzzz`, schema) === undefined) return matching()
    // A code or an own id.
    const word = number.map((each) => textWith(`${marker}-${each}`, schema)!)
    return fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: matching() })
  }
  const tail = fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    { weight: 2, arbitrary: fc.constantFrom(...tails.filter((each) => accepts.test(each))) },
    { weight: 1, arbitrary: matching() },
  )
  // Now and then as long as it may be.
  return fc.tuple(number, tail, fc.nat(30)).map(([each, more, chance]) =>
    `${marker}-${each}${more}`
      .padEnd(chance === 0 ? Math.min(maxLength, 4000) : minLength, 'e')
      .slice(0, maxLength)
      .toWellFormed(),
  )
}

/** Where this fits, anything does. */
const prose = `${marker}, 'ä' < \u20ac`

/** Written into the JSON as it stands: what JSON.stringify would never write. */
const raw = (json: string) => `@@raw ${json} raw@@`
export const written = (value: unknown) =>
  JSON.stringify(value)?.replace(/"@@raw (.*?) raw@@"/g, (_, json: string) => json.replaceAll('\\"', '"'))

const nested = (depth: number, open: string, close: string) => raw(open.repeat(depth) + close.repeat(depth))

/** What is text for us and something else for others. */
const tails = [
  '\u202e',
  '\ufeff',
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
]

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
  ...tails.map((tail) => `${tail}${marker}`),
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
  `${marker}${'x'.repeat(5_000)}`,
  `${marker}${'ä'.repeat(70_000)}`,
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
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map((text) => `${text}${marker}`),
  },
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
