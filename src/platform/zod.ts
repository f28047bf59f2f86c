// How do zod schemas guard both ends of a request? Validation on the way in, an allow-list on the way out.
import type {
  FastifySerializerCompiler,
  FastifyTypeProvider,
  FastifyBaseLogger,
  FastifyInstance,
  RawServerDefault,
} from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Language } from './language.ts'
import type { FieldError } from './problem.ts'

/** Lets handlers know the types of their schemas. */
export interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  serializer: this['schema'] extends z.ZodType ? z.input<this['schema']> : unknown
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypes
>

/** How many places of a request an answer names, and how long: a body can name thousands of fields that nobody knows. */
export const [mostErrors, longestPointer, longestDetail] = [100, 300, 500]

export class ShapeError extends Error {
  private readonly schema: z.ZodType
  private readonly given: unknown
  private readonly part: string
  constructor(schema: z.ZodType, given: unknown, part: string) {
    super('the request has another shape')
    this.schema = schema
    this.given = given
    this.part = part
  }

  /** Reads the request once more, this time with messages in the caller's language. */
  in(language: Language): FieldError[] {
    const { localeError } = z.locales[language]()
    const result = this.schema.safeParse(this.given, { error: localeError })
    const prefix =
      this.part === 'body'
        ? ''
        : `/${this.part === 'querystring' ? 'query' : this.part === 'params' ? 'path' : 'header'}`
    const issues = (result.error?.issues ?? []).slice(0, mostErrors)
    const errors = issues.flatMap((issue) => {
      const paths =
        issue.code === 'unrecognized_keys'
          ? issue.keys.slice(0, mostErrors).map((key) => [...issue.path, key])
          : [issue.path]
      return paths.map((path) => ({
        pointer: sayable(prefix + pointer(path), longestPointer),
        code: issue.code,
        detail: sayable(issue.message, longestDetail),
      }))
    })
    return errors.slice(0, mostErrors)
  }
}

/** A name that the caller made up may hold what no text of ours does: NUL, or half a surrogate pair. */
const sayable = (text: string, longest: number) =>
  text.slice(0, longest).replaceAll('\u0000', '\ufffd').toWellFormed()

const pointer = (path: readonly PropertyKey[]) =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

export const validatorCompiler = ({ schema, httpPart }: { schema: unknown; httpPart?: string }) => {
  const zod = schema as z.ZodType
  return (given: unknown) => {
    // A POST without a body is an empty object: a body whose fields are all optional may be left out.
    const value = httpPart === 'body' ? (given ?? {}) : given
    const result = zod.safeParse(value)
    return result.success ? { value: result.data } : { error: new ShapeError(zod, value, httpPart ?? 'body') }
  }
}

/** JSON that PostgreSQL built with `fieldsOf`: typed as what it says, and sent as it is. */
export class Built {
  readonly json: string
  constructor(json: string) {
    this.json = json
  }
  static as = <T>(json: string) => new Built(json) as unknown as T
}

/** What the response schema does not name never leaves. */
export const serializerCompiler: FastifySerializerCompiler<z.ZodType> =
  ({ schema }) =>
  (payload) =>
    payload instanceof Built ? payload.json : JSON.stringify(schema.parse(payload))

/** The kinds of field that every wire schema is made of; each has a bound. */
export const Id = z.uuid().meta({ description: 'UUID', examples: ['01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'] })
// RFC 3339 lets an offset go up to 23:59; PostgreSQL reads up to 15:59, and no place on earth is further than 14:00.
const farthest = /[+-](1[6-9]|2\d):\d\d$/
export const Instant = z.iso
  .datetime({ offset: true })
  .refine((text) => !farthest.test(text), { error: 'an offset below 16:00' })
  .meta({ examples: ['2026-03-02T09:30:00Z'] })
export const Day = z.iso.date().meta({ examples: ['2026-03-02'] })
export const Version = z
  .int()
  .min(1)
  .meta({ description: 'Counts up with every change; see the ETag header.' })

// NUL cannot be stored, and half a surrogate pair is no text.
const sound = (text: string) => !text.includes('\u0000') && text.isWellFormed()

/** One line of text, trimmed. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => sound(text) && !/[\n\r]/.test(text), { error: 'one line of text' })
    .meta({ pattern: '^[^\\x00\\r\\n]*$' })

/** Several lines of text; may be empty. */
export const prose = (max: number) => z.string().trim().max(max).refine(sound, { error: 'text' })

/** 204: there is no body. */
export const Nothing = z.undefined()

export const ById = z.strictObject({ id: Id })

/** As cursor.ts makes it. The longest one is of a name of 200 characters, each of which JSON writes with six. */
export const Cursor = z.string().max(1_700).meta({ pattern: '^[\\w-]*$' })

export const Page = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .meta({ description: 'How many entries at most.' }),
  cursor: Cursor.optional().meta({ description: 'Where the previous page ended: its `nextCursor`.' }),
})

/** A page of a list; `nextCursor` is null on the last one. */
export const list = <T extends z.ZodType>(item: T, id: string) =>
  z
    .object({
      items: z.array(item).meta({ maxItems: 200 }),
      nextCursor: Cursor.nullable().meta({
        description: 'Where the next page begins; null on the last one.',
      }),
    })
    .meta({ id })

/** RFC 7396 for our flat records: what the change names, changes; null empties a field, absence leaves it. */
export const patched = <T, C extends { [K in keyof C]: K extends keyof T ? T[K] | undefined : never }>(
  row: T,
  change: C,
): T => ({
  ...row,
  ...change,
})
