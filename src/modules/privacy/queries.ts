// Which rows of the audit trail, and which of its heads, does a request need?
import { and, desc, getTableColumns, sql, type SQL } from 'drizzle-orm'
import { ofTenant, q, statement, type Given } from '../../platform/statement.ts'
import { auditEvents, auditHeads } from '../../platform/tables.ts'

export interface AuditFilter {
  id: string
  clientId: string | null
  userId: string | null
  from: string | null
  until: string | null
  limit: number
}

// An id begins with the millisecond in which it was made (RFC 9562 § 5.7), so a period is a range of the primary key. Ten
// minutes more on both sides: while a clock is put back, ids go on from where they were.
const [first, last] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
const idAt = (instant: SQL, otherwise: string) =>
  sql`case when ${instant} is null then ${otherwise}::uuid
    else (lpad(to_hex(greatest(0, floor(extract(epoch from ${instant}) * 1000))::bigint), 12, '0') || repeat('0', 20))::uuid end`

export const auditPage = statement('audit.page', (given: Given<AuditFilter>) =>
  q
    .select()
    .from(auditEvents)
    .where(
      and(
        ofTenant(auditEvents),
        sql`(${given.userId}::uuid is null or ${auditEvents.userId} = ${given.userId}::uuid)`,
        sql`(${given.clientId}::uuid is null or ${given.clientId}::uuid = any (${auditEvents.clientIds} || ${auditEvents.objectIds}))`,
        sql`(${given.from}::timestamptz is null or ${auditEvents.at} >= ${given.from}::timestamptz)`,
        sql`(${given.until}::timestamptz is null or ${auditEvents.at} < ${given.until}::timestamptz)`,
        sql`${auditEvents.id} >= ${idAt(sql`${given.from}::timestamptz - interval '10 minutes'`, first)}`,
        sql`${auditEvents.id} < ${idAt(sql`${given.until}::timestamptz + interval '10 minutes'`, last)}`,
        sql`${auditEvents.id} < ${given.id}::uuid`,
      ),
    )
    .orderBy(desc(auditEvents.id))
    .limit(given.limit),
)

// What only a verification of the rows needs stays where it is: up to 400 KB for each head.
const { marks: _, ...columnsOfHeads } = getTableColumns(auditHeads)

export const headsPage = statement(
  'audit.heads.page',
  (given: Given<{ key: string; id: string; limit: number }>) =>
    q
      .select(columnsOfHeads)
      .from(auditHeads)
      .where(
        and(
          ofTenant(auditHeads),
          sql`(${auditHeads.at}, ${auditHeads.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
        ),
      )
      .orderBy(desc(auditHeads.at), desc(auditHeads.id))
      .limit(given.limit),
)
