// Where did the previous page of a list end? An opaque cursor over the list's own order, never an offset.
import { z } from 'zod'
import { problem } from './problem.ts'
import type { JsonRows } from './statement.ts'
import { Built } from './zod.ts'

// Lists are sorted by an instant, a name or, the longest of all, an e-mail address.
const Position = z.tuple([z.string().max(254), z.uuid()])

const [lowest, highest] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']

/** Where a first page begins. A row comparison with plain parameters is an index range; with "or is null" it is not. */
const beginnings = {
  newest: { key: 'infinity', id: highest },
  soonest: { key: '-infinity', id: lowest },
  byName: { key: '', id: lowest },
  // By the number of a transaction; the first ones are PostgreSQL's own.
  oldest: { key: '0', id: lowest },
} as const

/** @throws Problem 400 for a cursor that we did not make. */
export function after(
  cursor: string | undefined,
  order: keyof typeof beginnings,
): { key: string; id: string } {
  if (cursor === undefined) return beginnings[order]
  try {
    const [key, id] = Position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return { key, id }
  } catch {
    throw problem('invalid_request', [{ pointer: '/query/cursor', code: 'invalid_cursor' }])
  }
}

/** Statements ask for one row more than the page holds: if it comes, there is a next page. */
export function page<T extends { id: string }>(rows: T[], limit: number, keyOf: (row: T) => string) {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const nextCursor = rows.length > limit && last ? cursorAt(keyOf(last), last.id) : null
  return { items, nextCursor }
}

export const cursorAt = (key: string, id: string) =>
  Buffer.from(JSON.stringify([key, id])).toString('base64url')

/** The same for a page that PostgreSQL has built; `key` is that of the last row. */
export function builtPage<T>(row: JsonRows & { key: string | null; more: boolean }): T {
  const last = row.ids.at(-1)
  const nextCursor = row.more && last && row.key ? `"${cursorAt(row.key, last)}"` : 'null'
  return Built.as<T>(`{"items":${row.json},"nextCursor":${nextCursor}}`)
}
