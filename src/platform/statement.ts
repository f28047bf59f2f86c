// Which SQL does a module ask for? drizzle describes it once; this turns it into a named prepared statement.
import { and, Column, eq, getTableColumns, is, Param, Placeholder, sql, SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { PgDialect, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import * as drizzleUtils from 'drizzle-orm/utils'
import pg from 'pg'

/** The query builder. It is connected to nothing: `db.read` and `db.as` are the only doors to data. */
export const q = drizzle.mock()
const dialect = new PgDialect()

/** The parameters of a statement as drizzle sees them: a placeholder wherever a value may stand. */
export type Given<P> = { [K in keyof P]: SQL<P[K]> & Placeholder }

export interface Statement<P, R> {
  readonly name: string
  readonly text: string
  bind(params: P): unknown[]
  row(values: unknown[], names: readonly string[]): R
  /** What `tx.load` reads behind a lock that found nothing. */
  readonly otherwise?: Statement<P, R>
}

/** A statement together with its parameters: what one round trip asks for. */
export interface Ask<R> {
  statement: Statement<never, R>
  values: unknown[]
  /** A page asks for one row more than it shows; that one is nobody's business, also not the audit trail's. */
  shown?: number | undefined
}

const pageOf = ({ limit }: { limit?: number }) => (limit === undefined ? undefined : limit - 1)

export const ask = <P, R>(statement: Statement<P, R>, params: P): Ask<R> => ({
  statement: statement as unknown as Statement<never, R>,
  values: statement.bind(params),
  shown: pageOf(params as { limit?: number }),
})

type RowOf<Q> = Q extends SQL<infer R> ? R : Awaited<Q> extends (infer R)[] ? R : never

interface Prepared {
  getQuery(): { sql: string; params: unknown[] }
  fields?: { path: string[]; field: unknown }[]
  joinsNotNullableMap?: Record<string, boolean>
}

// drizzle maps result rows with this function and exports it, but strips it from its types.
const { mapResultRow } = drizzleUtils as unknown as {
  mapResultRow: (
    fields: Prepared['fields'],
    row: unknown[],
    nullable: Prepared['joinsNotNullableMap'],
  ) => unknown
}

const toDriver = (value: unknown, encode?: (value: unknown) => unknown) =>
  value === null || value === undefined ? null : encode ? encode(value) : value

type Open = Placeholder | (Param & { value: Placeholder })
const isOpen = (param: unknown): param is Open =>
  is(param, Placeholder) || (is(param, Param) && is(param.value, Placeholder))

/**
 * drizzle makes a parameter of every value. What the code itself says is written out instead: only then does a plan that
 * is made once know that `status <> 'closed'` is what a partial index holds.
 */
function withConstants({ sql: text, params }: { sql: string; params: unknown[] }) {
  const open: Open[] = []
  const written = params.map((param) => (isOpen(param) ? `$${open.push(param)}` : literal(param)))
  return { text: text.replace(/\$(\d+)/g, (_, number: string) => written[Number(number) - 1]!), params: open }
}

function literal(value: unknown): string {
  if (typeof value === 'string') return pg.escapeLiteral(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null) return 'null'
  throw new Error(`a statement cannot say ${typeof value} by itself`)
}

/**
 * Compiles a query once. `build` receives a placeholder for every parameter it names; a plain `sql` template is
 * accepted where drizzle's builder cannot say a thing (its columns then carry the names the row shall have).
 */
export function statement<P extends object, Q>(
  name: string,
  build: (given: Given<P>) => Q,
): Statement<P, RowOf<Q>> {
  const given = new Proxy({}, { get: (_, key: string) => new Placeholder(key) }) as Given<P>
  const query = build(given)
  const prepared = (
    is(query, SQL) ? undefined : (query as { prepare(name: string): unknown }).prepare(name)
  ) as Prepared | undefined
  const { text, params } = withConstants(prepared?.getQuery() ?? dialect.sqlToQuery(query as SQL))
  return {
    name,
    text,
    bind: (values) =>
      params.map((param) =>
        is(param, Param)
          ? toDriver(values[param.value.name as keyof P], (value) => param.encoder.mapToDriverValue(value))
          : toDriver(values[(param as Placeholder).name as keyof P]),
      ),
    row: (values, names) =>
      (prepared?.fields
        ? mapResultRow(prepared.fields, values, prepared.joinsNotNullableMap)
        : Object.fromEntries(names.map((column, at) => [column, values[at]]))) as RowOf<Q>,
  }
}

type Keyed = PgTable & { tenantId: PgColumn; id: PgColumn }
type Columns<T extends PgTable, K> = (keyof T['$inferSelect'] & string & K)[]
type Values<T extends PgTable, K extends string> = {
  [C in K | 'id']: C extends keyof T['$inferSelect'] ? T['$inferSelect'][C] : never
}
type Placeholders = Record<string, Placeholder>

/** Every statement names its municipality, though the policies would see to it: a policy is the wall, not the search. */
export const ofTenant = (table: { tenantId: PgColumn }): SQL => sql`${table.tenantId} = lotse.tenant_id()`

/** The whole row; what leaves is decided by the response schema. */
export const byId = <T extends Keyed>(name: string, table: T) =>
  statement(name, (given: Given<{ id: string }>) =>
    q
      .select()
      .from(table as PgTable)
      .where(and(ofTenant(table), eq(table.id, given.id))),
  ) as unknown as Statement<{ id: string }, T['$inferSelect']>

/**
 * The same, locked until the transaction ends: what a decision rests on cannot change under it. NO KEY: nobody changes
 * keys, and FOR UPDATE would also stop everybody who only refers to the row, which ends in deadlocks.
 */
export const lockById = <T extends Keyed>(name: string, table: T) =>
  statement(name, (given: Given<{ id: string }>) =>
    q
      .select()
      .from(table as PgTable)
      .where(and(ofTenant(table), eq(table.id, given.id)))
      .for('no key update'),
  ) as unknown as Statement<{ id: string }, T['$inferSelect']>

/** The row to which another row points: found by the other's id, so that both come in one round trip. */
export const pointedAt = <T extends Keyed>(
  name: string,
  table: T,
  from: { table: Keyed; column: PgColumn },
  lock?: 'locked',
) =>
  statement(name, (given: Given<{ id: string }>) => {
    const other = sql`(select ${from.column} from ${from.table} where ${ofTenant(from.table)} and ${eq(from.table.id, given.id)})`
    const query = q
      .select()
      .from(table as PgTable)
      .where(and(ofTenant(table), eq(table.id, other)))
    return lock ? query.for('no key update') : query
  }) as unknown as Statement<{ id: string }, T['$inferSelect']>

/**
 * A hot read answers JSON that PostgreSQL has built: the select list with exactly the fields of the wire schema, from the
 * columns of the same names or from `others`; `row_to_json` or `json_agg` over it makes the objects. They leave as they
 * are; the suite holds every answer against the schema.
 */
export function fieldsOf(
  shape: object,
  columns: Record<string, unknown>,
  others: Record<string, SQL> = {},
): SQL {
  const fields = Object.keys(shape).map((field) => {
    const value = others[field] ?? columns[field]
    if (!(is(value, SQL) || is(value, Column))) throw new Error(`no column for the field ${field}`)
    return sql`${value} as ${sql.identifier(field)}`
  })
  return sql.join(fields, sql`, `)
}

/** What a statement over `fieldsOf` answers: the objects as text, and what the audit trail has to know of them. */
export interface JsonRows {
  json: string
  ids: string[]
  clientIds: string[]
}

/**
 * For records that become final: their update policy then hides them from locks too. The row is read once more behind
 * the lock, so that the rule can answer 409 instead of the wall 404.
 */
export const lockUnlessFinal = <T extends Keyed>(name: string, table: T) => ({
  ...lockById(name, table),
  otherwise: byId(`${name}.otherwise`, table),
})

/** A new row with the named columns; the database fills in the municipality and the defaults. */
export const insertInto = <T extends Keyed, K extends string>(
  name: string,
  table: T,
  columns: Columns<T, K>,
) =>
  statement(name, (given: Given<Values<T, K>>) => {
    const placeholders = given as unknown as Placeholders
    return q
      .insert(table as PgTable)
      .values({
        tenantId: sql`lotse.tenant_id()`,
        ...Object.fromEntries(['id', ...columns].map((column) => [column, placeholders[column]])),
      })
      .returning()
  }) as unknown as Statement<Values<T, K>, T['$inferSelect']>

/** New values for the named columns of one row, and the next version where the table counts them. */
export const update = <T extends Keyed, K extends string>(name: string, table: T, columns: Columns<T, K>) =>
  statement(name, (given: Given<Values<T, K>>) => {
    const placeholders = given as unknown as Placeholders
    const { version } = table as unknown as { version?: PgColumn }
    return q
      .update(table as PgTable)
      .set({
        ...Object.fromEntries(columns.map((column) => [column, placeholders[column]])),
        ...(version && { version: sql`${version} + 1` }),
      } as never)
      .where(and(ofTenant(table), eq(table.id, placeholders['id'])))
      .returning()
  }) as unknown as Statement<Values<T, K>, T['$inferSelect']>

/**
 * A list of all units that this member may see into. With "unit = any (…)" PostgreSQL sorts everything that the units
 * have (1.3 s of 650,000 people); so each unit is read by its own index range, which has at most one page, and these
 * pages are merged. The order is said of the table, and again of the pages that were read of it. `more` are fields beside
 * its columns.
 */
export function ofUnits<T extends Keyed & { compartmentId: PgColumn }, M extends Record<string, SQL.Aliased>>(
  table: T,
  {
    where,
    order,
    limit,
    more,
  }: { where: SQL | undefined; order: (row: T) => SQL[]; limit: SQL & Placeholder; more?: M },
) {
  const rows = q
    .select({ ...getTableColumns(table as PgTable), ...more })
    .from(table as PgTable)
    .where(and(ofTenant(table), eq(table.compartmentId, sql`unit.id`), where))
    .orderBy(...order(table))
    .limit(limit as unknown as Placeholder)
    .as('rows')
  return q
    .select(rows._.selectedFields as never)
    .from(sql`unnest(lotse.compartments()) as unit(id)`)
    .crossJoinLateral(rows)
    .orderBy(...order(rows as unknown as T))
    .limit(limit as unknown as Placeholder) as unknown as PromiseLike<
    (T['$inferSelect'] & { [K in keyof M]: M[K] extends SQL.Aliased<infer V> ? V : never })[]
  >
}
