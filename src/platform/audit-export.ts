// How does the audit trail leave for a verification? As two files of lines, read like the sealer reads it.
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { v7 as newId } from 'uuid'
import { actor } from './actor.ts'
import { beginning, headOf, type StoredHead } from './audit-heads.ts'
import { byIndex, rowsPage } from './audit-seal.ts'
import type { Db } from './db.ts'
import { ask, statement, type Given } from './statement.ts'

export const rowsFile = (folder: string) => join(folder, 'audit_events.ndjson')
export const headsFile = (folder: string) => join(folder, 'audit_heads.ndjson')

/** With the marks, up to 400 KB each. */
const headsPage = statement(
  'audit.export.heads',
  (given: Given<{ from: number; limit: number }>) => sql<StoredHead & { marks: Buffer }>`
    select tenant_id as "tenantId", number, encoding, rows, last_xid as "lastXid", last_id as "lastId", root, marks,
      marks_hash as "marksHash", previous, at, key_id as "keyId", signature
    from audit_heads where tenant_id = lotse.tenant_id() and number > ${given.from}::int order by number limit ${given.limit}::int`,
)

const present = statement(
  'audit.export.horizon',
  () =>
    sql<{
      horizon: string
    }>`select lotse.counted_on(pg_snapshot_xmin(pg_current_snapshot()))::text as horizon`,
)

/** As the sealer of each municipality, under its policies: no superuser is needed, and the export leaves its own row. */
export async function exportTrail(
  db: Db,
  municipalities: readonly string[],
  folder: string,
  progress: (rows: number) => void = () => {},
): Promise<{ rows: number; heads: number }> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const [rows, heads] = [
    await open(rowsFile(folder), 'wx', 0o600),
    await open(headsFile(folder), 'wx', 0o600),
  ]
  const count = { rows: 0, heads: 0 }
  try {
    for (const tenantId of [...municipalities].sort()) {
      await headsOf(db, tenantId, heads, count)
      // After the heads: what they seal lies below it.
      const horizon = await db.as(
        actor({ action: 'audit.export', requestId: newId(), tenantId }),
        async (tx) => {
          return (await tx.one(present, {}))!.horizon
        },
      )
      await rowsOf(db, tenantId, horizon, rows, count, progress)
    }
  } finally {
    await Promise.all([rows.close(), heads.close()])
  }
  return count
}

const exporter = (tenantId: string) => actor({ action: 'audit.export', requestId: newId(), tenantId })

async function headsOf(db: Db, tenantId: string, file: FileHandle, count: { heads: number }) {
  const limit = 20
  for (let from = 0; ;) {
    const [heads] = await db.read(exporter(tenantId), ask(headsPage, { from, limit }))
    const lines = heads.map((row) => JSON.stringify({ ...headOf(row), marks: row.marks.toString('base64') }))
    if (lines.length > 0) await file.appendFile(`${lines.join('\n')}\n`)
    count.heads += heads.length
    if (heads.length < limit) return
    from = heads.at(-1)!.number
  }
}

async function rowsOf(
  db: Db,
  tenantId: string,
  horizon: string,
  file: FileHandle,
  count: { rows: number },
  progress: (rows: number) => void,
) {
  const limit = 5_000
  for (let { lastXid: xid, lastId: from } = beginning; ;) {
    const [, rows] = await db.read(
      exporter(tenantId),
      ask(byIndex, {}),
      ask(rowsPage, { xid, from, horizon, limit }),
    )
    if (rows.length > 0) await file.appendFile(rows.map(({ line }) => `${line}\n`).join(''))
    count.rows += rows.length
    progress(count.rows)
    if (rows.length < limit) return
    ;({ xid, rowId: from } = rows.at(-1)!)
  }
}
