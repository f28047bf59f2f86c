// What stands outside the database, so that whoever can change all of it is found out? Every head, appended to a file.
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { v7 as newId } from 'uuid'
import { actor } from './actor.ts'
import {
  hashOf,
  headIn,
  headOf,
  isSignedBy,
  nothingBefore,
  type Head,
  type StoredHead,
} from './audit-heads.ts'
import type { Db } from './db.ts'
import type { Keys } from './keys.ts'
import { ask, statement, type Given } from './statement.ts'
import { sql } from 'drizzle-orm'

const headsFrom = statement(
  'audit.anchor.heads',
  (given: Given<{ from: number; limit: number }>) => sql<StoredHead>`
    select tenant_id as "tenantId", number, encoding, rows, last_xid as "lastXid", last_id as "lastId", root,
      marks_hash as "marksHash", previous, at, key_id as "keyId", signature
    from audit_heads where tenant_id = lotse.tenant_id() and number >= ${given.from}::int order by number limit ${given.limit}::int`,
)

const pageSize = 500

export const anchorFile = (folder: string, tenantId: string) => join(folder, `${tenantId}.ndjson`)
export const anchorLine = (head: Head) => `${JSON.stringify({ ...head, hash: hashOf(head) })}\n`

/**
 * Brings the file of one municipality to the present: whoever seals writes what is missing there, also what others have
 * sealed. Only what goes on from the last line is added; nothing is ever taken away.
 * @throws Error when the database says otherwise than the file.
 */
export async function anchorHeads(
  { db, keys }: { db: Db; keys: Keys },
  folder: string,
  tenantId: string,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = await open(anchorFile(folder, tenantId), 'a+', 0o600)
  try {
    let last = await lastOf(file)
    for (;;) {
      const sealer = actor({ action: 'audit.seal', requestId: newId(), tenantId })
      const [rows] = await db.read(sealer, ask(headsFrom, { from: last?.number ?? 1, limit: pageSize }))
      const heads = rows.map((row) => headOf(row))
      const known = last && heads.shift()
      if (last && (!known || hashOf(known) !== hashOf(last)))
        throw new Error(
          `the database has another head ${last.number} than the anchor: it was changed, or restored from an older backup`,
        )
      const lines: string[] = []
      for (const head of heads) {
        if (
          head.previous !== (last ? hashOf(last) : nothingBefore) ||
          head.number !== (last?.number ?? 0) + 1
        )
          throw new Error(`head ${head.number} does not go on from what was anchored`)
        if (!isSignedBy(head, [keys.audit.publicKey]))
          throw new Error(`head ${head.number} is not signed with our key`)
        lines.push(anchorLine(head))
        last = head
      }
      if (lines.length > 0) {
        await file.appendFile(lines.join(''))
        await file.sync()
      }
      if (rows.length < pageSize) return
    }
  } finally {
    await file.close()
  }
}

/** The last whole line. Half a line, from a disk that was full, is ended and left: this file only ever grows. */
async function lastOf(file: FileHandle): Promise<Head | undefined> {
  const { size } = await file.stat()
  const tail = Buffer.alloc(Math.min(size, 16_384))
  await file.read(tail, 0, tail.length, size - tail.length)
  const text = tail.toString()
  if (size > 0 && !text.endsWith('\n')) await file.appendFile('\n')
  for (const line of text.split('\n').reverse()) {
    const head = headIn(line)
    if (head) return head
  }
  if (size > 0) throw new Error('the end of the anchor cannot be read')
  return undefined
}
