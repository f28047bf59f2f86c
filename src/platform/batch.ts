// How do several prepared statements travel to PostgreSQL and back in one round trip?
import type { Connection, Submittable } from 'pg'
import pg from 'pg'
import type { Ask } from './statement.ts'

type Decode = (text: string) => unknown
interface Columns {
  names: string[]
  decoders: Decode[]
}

// What each connection has prepared already. Known only here, so that pg's own bookkeeping stays untouched.
const preparedOn = new WeakMap<object, Map<string, Columns>>()

// As PostgreSQL itself writes an instant into JSON.
const iso: Decode = (text) => text.replace(' ', 'T').replace(/\+00$/, '+00:00')
const asText: Decode = (text) => text
const decoders = new Map<number, Decode>([
  [pg.types.builtins.TIMESTAMPTZ, iso],
  [pg.types.builtins.DATE, asText],
  [pg.types.builtins.INT8, Number],
])
const decoderOf = (oid: number): Decode =>
  decoders.get(oid) ?? (pg.types.getTypeParser(oid, 'text') as Decode)

const toWire = (value: unknown): unknown =>
  value === null || Buffer.isBuffer(value)
    ? value
    : Array.isArray(value)
      ? `{${value.map((item) => `"${String(item).replace(/["\\]/g, '\\$&')}"`).join(',')}}`
      : String(value)

// A line that is dead without anybody being told would hold its request for ever. statement_timeout (10 s) is the server's
// word; this is for when nothing comes at all: the connection is given up, and whoever asked reads "try again".
const longestRoundTrip = 12_000

/** What pg's connection can do and its types leave out. */
interface Wire {
  stream: { cork(): void; uncork(): void; destroy(error: Error): void }
  close(message: object): void
  parse(message: object): void
  describe(message: object): void
  bind(message: object): void
  execute(message?: object): void
  sync(): void
}

/**
 * Sends Parse (once per connection), Bind and Execute of every statement, then a single Sync: one round trip and,
 * without an explicit BEGIN, one implicit transaction. The first error rolls all of it back.
 */
class Batch implements Submittable {
  readonly done: Promise<unknown[][]>
  private resolve!: (rows: unknown[][]) => void
  private reject!: (error: Error) => void
  private readonly rows: unknown[][]
  private prepared!: Map<string, Columns>
  private readonly asks: readonly Ask<unknown>[]
  private readonly longest: number
  private at = 0
  private patience: NodeJS.Timeout | undefined

  constructor(asks: readonly Ask<unknown>[], longest: number) {
    this.asks = asks
    this.longest = longest
    this.rows = asks.map(() => [])
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  submit(connection: Connection) {
    const wire = connection as unknown as Wire
    this.prepared = preparedOn.get(connection) ?? new Map()
    preparedOn.set(connection, this.prepared)
    const parsedHere = new Set<string>()
    this.patience = setTimeout(() => {
      const lost = Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT' })
      this.reject(lost)
      wire.stream.destroy(lost)
    }, this.longest).unref()
    wire.stream.cork()
    try {
      for (const { statement, values } of this.asks) {
        if (!this.prepared.has(statement.name) && !parsedHere.has(statement.name)) {
          // An earlier batch may have failed after its Parse: closing a name that is not there is no error.
          wire.close({ type: 'S', name: statement.name })
          wire.parse({ name: statement.name, text: statement.text })
          wire.describe({ type: 'S', name: statement.name })
          parsedHere.add(statement.name)
        }
        wire.bind({ statement: statement.name, values, valueMapper: toWire })
        wire.execute()
      }
    } finally {
      wire.sync()
      wire.stream.uncork()
    }
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }) {
    this.prepared.set(this.current.statement.name, {
      names: fields.map((field) => field.name),
      decoders: fields.map((field) => decoderOf(field.dataTypeID)),
    })
  }

  handleDataRow({ fields }: { fields: (string | null)[] }) {
    const { statement } = this.current
    const columns = this.prepared.get(statement.name)!
    const values = fields.map((text, column) => (text === null ? null : columns.decoders[column]!(text)))
    this.rows[this.at]!.push(statement.row(values, columns.names))
  }

  handleCommandComplete() {
    const { name } = this.current.statement
    if (!this.prepared.has(name)) this.prepared.set(name, { names: [], decoders: [] })
    this.at += 1
  }

  // pg does not deliver ReadyForQuery to a query that had an error: the answer is given here.
  handleError(error: Error) {
    clearTimeout(this.patience)
    this.reject(error)
  }

  handleReadyForQuery() {
    clearTimeout(this.patience)
    this.resolve(this.rows)
  }

  handlePortalSuspended() {}
  handleEmptyQuery() {}
  handleCopyInResponse() {}
  handleCopyData() {}

  private get current() {
    return this.asks[this.at]!
  }
}

export const roundTrips = { count: 0 }

/** Runs all statements in one round trip; answers the rows of each. Gives the connection up after `longest` milliseconds. */
export function inOneRoundTrip(
  client: pg.ClientBase,
  asks: readonly Ask<unknown>[],
  longest = longestRoundTrip,
): Promise<unknown[][]> {
  roundTrips.count += 1
  return client.query(new Batch(asks, longest)).done
}
