// Which rows of the audit trail does a request need?
import { and, desc, sql } from 'drizzle-orm'
import { ofTenant, q, statement, type Given } from '../../platform/statement.ts'
import { auditEvents } from '../../platform/tables.ts'

export interface AuditFilter {
  key: string | null
  id: string | null
  clientId: string | null
  userId: string | null
  from: string | null
  until: string | null
  limit: number
}

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
        sql`(${auditEvents.at}, ${auditEvents.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
      ),
    )
    .orderBy(desc(auditEvents.at), desc(auditEvents.id))
    .limit(given.limit),
)
