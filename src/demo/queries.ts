// Is a demo municipality there, and is it there in full?
import { sql } from 'drizzle-orm'
import { statement } from '../platform/statement.ts'

/** The auditor comes last: with that membership, everything else is there. It can end, but it never disappears. */
export const auditorsEver = statement(
  'demo.auditors',
  () => sql<{ id: string }>`
    select id from memberships where tenant_id = lotse.tenant_id() and role = 'auditor' limit 1`,
)
