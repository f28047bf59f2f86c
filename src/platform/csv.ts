// What does a list look like to somebody with a spreadsheet? CSV (RFC 4180) as a German Excel opens it.
import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import type { Form } from './lists.ts'

type Path = readonly [string, ...string[]]

const isWrapped = (schema: unknown): schema is { unwrap(): unknown } =>
  schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault

/** One column for every field that is no object, in the order of the schema: an empty list has the same. */
function columnsOf(schema: unknown, ...at: string[]): Path[] {
  if (isWrapped(schema)) return columnsOf(schema.unwrap(), ...at)
  if (!(schema instanceof z.ZodObject)) return [at as unknown as Path]
  return Object.entries(schema.shape).flatMap(([name, field]) => columnsOf(field, ...at, name))
}

const at = (item: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, step) => (inner as Record<string, unknown> | null | undefined)?.[step], item)

const isScalar = (value: unknown) => value === null || typeof value !== 'object'

/** Several values in one cell stand side by side; what has a shape of its own stays JSON. */
function cell(value: unknown): string | number {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return value
  if (Array.isArray(value) && value.every(isScalar))
    return value.map((one) => String(one).replace(/[\\|]/g, '\\$&')).join('|')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const rows = (cells: (string | number)[][]) =>
  stringify(cells, {
    delimiter: ';',
    record_delimiter: '\r\n',
    quote_record_delimiter: true,
    // Text that a spreadsheet would run as a formula gets an apostrophe in front.
    escape_formulas: true,
  })

export const csv: Form = {
  mediaType: 'text/csv',
  description:
    'The whole list as a table: UTF-8 with a byte order mark, `;` and CRLF, a first row of names. Fields of an object are columns of their own with a dot in the name, several values of a field stand side by side with `|`. Text that begins like a formula has an apostrophe in front.',
  ending: 'csv',
  of(item) {
    const columns = columnsOf(item)
    return {
      head: `\uFEFF${rows([columns.map((path) => path.join('.'))])}`,
      page: (items) => rows(items.map((one) => columns.map((path) => cell(at(one, path))))),
    }
  },
}
