// What is sealed of the audit trail, and what exactly is signed? One head says what a stretch of a municipality's rows was.
import { sign, verify, type KeyObject } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Keys } from './keys.ts'
import { createTree, leafHash, sha256 } from './merkle.ts'

/**
 * How rows and heads are written before they are hashed; it stands in every head. Whoever adds a column to the trail adds
 * an encoding and keeps this one: what was sealed under it is verified under it.
 */
export const encoding = 1

const columns = {
  action: 'string',
  at: 'string',
  basis: 'string?',
  client_ids: 'list',
  code: 'string?',
  criteria: 'string?',
  fields: 'list',
  id: 'string',
  membership_id: 'string?',
  object_ids: 'list',
  request_id: 'string',
  role: 'string?',
  status: 'number',
  tenant_id: 'string',
  user_id: 'string?',
  xid: 'string',
} as const
export const columnNames = Object.keys(columns)

/**
 * A row of audit_events as one line: JSON as RFC 8785 wants it (names in order, no blanks), instants in UTC to the
 * microsecond, 64-bit numbers as strings. PostgreSQL's row_to_json writes texts as RFC 8785 does, so the sealer hashes the
 * line as it comes, and psql can make the same lines from any dump.
 */
export const rowLine = sql.raw(
  `(select row_to_json(r)::text from (select ${columnNames
    .map((name) =>
      name === 'at' ? `to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at` : `e.${name}`,
    )
    .join(', ')}) r)`,
)

export interface Position {
  xid: number
  id: string
}

export interface Row extends Position {
  tenantId: string
  at: string
  leaf: Buffer
}

export const before = (a: Position, b: Position) => a.xid < b.xid || (a.xid === b.xid && a.id < b.id)

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const instant = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
const fits = {
  string: (value: unknown) => typeof value === 'string',
  'string?': (value: unknown) => value === null || typeof value === 'string',
  number: (value: unknown) => Number.isSafeInteger(value),
  list: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
}

/** However it was written: the hash is over the row's own canonical line. @throws Error for a line that is no row. */
export function readRow(line: string): Row {
  const row = JSON.parse(line) as Record<keyof typeof columns, never>
  if (row === null || typeof row !== 'object' || Object.keys(row).length !== columnNames.length)
    throw new Error('this is no row of the audit trail')
  const ordered: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(columns)) {
    const value: unknown = row[name as keyof typeof columns]
    if (!fits[kind](value)) throw new Error(`${name} is not as it should be`)
    ordered[name] = value
  }
  const { tenant_id: tenantId, id, xid, at } = row as Record<string, string>
  if (!uuid.test(tenantId!) || !uuid.test(id!) || !/^\d{1,15}$/.test(xid!) || !instant.test(at!))
    throw new Error('its place in the trail cannot be read')
  return { tenantId: tenantId!, id: id!, xid: Number(xid), at: at!, leaf: leafHash(JSON.stringify(ordered)) }
}

/** So many bytes of each leaf's hash are kept beside the head: not to prove anything, but to say which row is not as it was. */
export const markBytes = 8
export const markOf = (leaf: Buffer) => leaf.subarray(0, markBytes)

const Hash = z.string().regex(/^[0-9a-f]{64}$/)
const count = (min: number) => z.int().min(min)

export const Head = z.object({
  tenantId: z.string().regex(uuid),
  /** From 1, without a gap. */
  number: count(1),
  encoding: count(1),
  /** How many rows lie between the end of the head before and this one's. */
  rows: count(0),
  /** Where it ends: every row of the municipality up to here, and after the head before, is in it. */
  lastXid: z.string().regex(/^\d{1,15}$/),
  lastId: z.string().regex(uuid),
  root: Hash,
  marksHash: Hash,
  /** The hash of the head before; zeros for the first. */
  previous: Hash,
  at: z.string().transform((text, context) => {
    const found = instantOf(text)
    if (!found) context.addIssue('not an instant in UTC')
    return found ?? ''
  }),
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  /** Ed25519 (RFC 8032), in base64. */
  signature: z.string().regex(/^[\w+/]{86}==$/),
})
export type Head = z.output<typeof Head>

/** As PostgreSQL or we write an instant, always with six digits. */
export function instantOf(text: string): string | undefined {
  const [, second, digits = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|\+00(?::00)?)$/.exec(text) ?? []
  return second && `${second}.${digits.padEnd(6, '0')}Z`
}

export const nothingBefore = '0'.repeat(64)
export const beginning = { lastXid: '0', lastId: '00000000-0000-0000-0000-000000000000' }

export type Unsigned = Omit<Head, 'signature'>

/** What is signed and hashed. Every value is a number, an id or hexadecimal: nothing in it can be read in two ways. */
export const textOf = (head: Unsigned) => `lotse audit head ${head.encoding}
municipality ${head.tenantId}
number ${head.number}
rows ${head.rows}
last ${head.lastXid} ${head.lastId}
root ${head.root}
marks ${head.marksHash}
previous ${head.previous}
at ${head.at}
key ${head.keyId}
`

export const hashOf = (head: Unsigned) => sha256(textOf(head)).toString('hex')

export const signed = (head: Unsigned, key: KeyObject): Head => ({
  ...head,
  signature: sign(null, Buffer.from(textOf(head)), key).toString('base64'),
})

/** Rows on their way under a head, one by one. */
export function createBatch() {
  const tree = createTree()
  const marks: Buffer[] = []
  return {
    tree,
    marks,
    add(leaf: Buffer) {
      tree.add(leaf)
      marks.push(markOf(leaf))
    },
  }
}

/** The next head, with the marks to keep beside it. */
export function headOver(
  { tree, marks }: Pick<ReturnType<typeof createBatch>, 'tree' | 'marks'>,
  next: Pick<Head, 'tenantId' | 'lastXid' | 'lastId' | 'at'> & { previous: Head | undefined },
  { privateKey, id }: Keys['audit'],
): { head: Head; marks: Buffer } {
  const { previous, ...where } = next
  const all = Buffer.concat(marks)
  const unsigned: Unsigned = {
    ...where,
    number: (previous?.number ?? 0) + 1,
    encoding,
    rows: tree.size,
    root: tree.root().toString('hex'),
    marksHash: sha256(all).toString('hex'),
    previous: previous ? hashOf(previous) : nothingBefore,
    keyId: id,
  }
  return { head: signed(unsigned, privateKey), marks: all }
}

export const isSignedBy = (head: Head, keys: readonly KeyObject[]) =>
  keys.some((key) => verify(null, Buffer.from(textOf(head)), key, Buffer.from(head.signature, 'base64')))

export interface StoredHead extends Omit<Head, 'root' | 'marksHash' | 'previous' | 'signature'> {
  root: Buffer
  marksHash: Buffer
  previous: Buffer
  signature: Buffer
}

/** As it is anchored, exported and answered. */
export const headOf = (row: StoredHead): Head => ({
  tenantId: row.tenantId,
  number: row.number,
  encoding: row.encoding,
  rows: row.rows,
  lastXid: row.lastXid,
  lastId: row.lastId,
  root: row.root.toString('hex'),
  marksHash: row.marksHash.toString('hex'),
  previous: row.previous.toString('hex'),
  at: instantOf(row.at)!,
  keyId: row.keyId,
  signature: row.signature.toString('base64'),
})

/** What an anchor says in one line; undefined where it says nothing. */
export function headIn(line: string): Head | undefined {
  try {
    return Head.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}
