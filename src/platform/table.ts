// What is alike in every table? The municipality comes first in every key, and a code is one of its vocabulary.
import { sql, type SQL } from 'drizzle-orm'
import {
  check,
  customType,
  foreignKey,
  primaryKey,
  timestamp,
  uuid,
  type AnyPgColumn,
  type PgTable,
} from 'drizzle-orm/pg-core'

export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** The number of a transaction, as text: it has 64 bits and never comes round again. */
export const transaction = customType<{ data: string }>({ dataType: () => 'xid8' })

export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/** The first two columns of every table of a municipality. */
export const identified = () => ({ tenantId: uuid('tenant_id').notNull(), id: uuid('id').notNull() })

export const keyed = (table: { tenantId: AnyPgColumn; id: AnyPgColumn }) =>
  primaryKey({ columns: [table.tenantId, table.id] })

export type Referable = PgTable & { tenantId: AnyPgColumn; id: AnyPgColumn }

/** A reference that cannot leave the municipality. */
export const belongsTo = (
  name: string,
  table: { tenantId: AnyPgColumn },
  column: AnyPgColumn,
  to: () => Referable,
) =>
  foreignKey({ name, columns: [table.tenantId, column], foreignColumns: [to().tenantId, to().id] as never })

const list = (codes: readonly string[]) => sql.raw(codes.map((code) => `'${code}'`).join(', '))

/** The column holds one of the codes (or nothing, where it may be null). */
export const oneOf = (name: string, column: AnyPgColumn, codes: readonly string[]) =>
  check(name, sql`${column} in (${list(codes)})`)

/** The array column holds codes of the vocabulary only. */
export const someOf = (name: string, column: AnyPgColumn, codes: readonly string[]) =>
  check(name, sql`${column} <@ array[${list(codes)}]::text[]`)

export const always = (name: string, condition: SQL) => check(name, condition)
