// Where did the previous page of a list end? An opaque cursor over the list's own order, never an offset.
import { z } from 'zod'
import { problem } from './problem.ts'

const Position = z.tuple([z.string().max(40), z.uuid()])

/** @throws Problem 400 for a cursor that we did not make. */
export function after(cursor: string | undefined): { key: string | null; id: string | null } {
  if (cursor === undefined) return { key: null, id: null }
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
  const nextCursor =
    rows.length > limit && last
      ? Buffer.from(JSON.stringify([keyOf(last), last.id])).toString('base64url')
      : null
  return { items, nextCursor }
}
