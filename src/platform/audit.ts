// Who did what? One row per answer, durable before the answer leaves; values never, only ids and field names.
import { sql } from 'drizzle-orm'
import type pg from 'pg'
import type { Actor } from './actor.ts'
import { inOneRoundTrip } from './batch.ts'
import { ask, statement, type Ask, type Given } from './statement.ts'

interface Entry {
  tenantId: string
  userId: string | null
  membershipId: string | null
  role: string | null
  action: string
  status: number
  code: string | null
  objectIds: string[]
  clientIds: string[]
  fields: string[]
  basis: string | null
  criteria: string | null
  requestId: string
}

const entry = (actor: Actor, status: number, code: string | null): Entry => ({
  tenantId: actor.tenantId,
  userId: actor.userId,
  membershipId: actor.membershipId,
  role: actor.role,
  action: actor.action,
  status,
  code,
  objectIds: [...actor.trail.objects],
  clientIds: [...actor.trail.clients],
  fields: actor.trail.fields,
  basis: actor.trail.basis,
  criteria: actor.trail.criteria,
  requestId: actor.requestId,
})

const insert = statement(
  'platform.audit.insert',
  (given: Given<{ entries: string }>) => sql`
    insert into audit_events (tenant_id, user_id, membership_id, role, action, status, code, object_ids, client_ids,
      fields, basis, criteria, request_id)
    select lotse.tenant_id(), "userId", "membershipId", role, action, status, code, "objectIds", "clientIds",
      fields, basis, criteria, "requestId"
    from jsonb_to_recordset(${given.entries}::jsonb) as entry("userId" uuid, "membershipId" uuid, role text,
      action text, status int, code text, "objectIds" uuid[], "clientIds" uuid[], fields text[], basis text,
      criteria text, "requestId" text)`,
)

const forTenant = statement(
  'platform.audit.tenant',
  (given: Given<{ tenant: string }>) => sql`select set_config('app.tenant_id', ${given.tenant}::text, true)`,
)

const inserting = (entries: Entry[]): Ask<unknown> => ask(insert, { entries: JSON.stringify(entries) })

/** The audit row of a write: it travels with COMMIT in the same transaction. */
export const auditOf = (actor: Actor, status: number, code: string | null): Ask<unknown> =>
  inserting([entry(actor, status, code)])

// Whoever waits for it has waited for the request already.
const longestWait = 4_000

export type ReadAudit = ReturnType<typeof createReadAudit>

/**
 * The audit rows of reads and refusals, by group commit: whoever comes while one insert is under way shares the next.
 * `pool` connects as the role that may only insert. The promise fails when the row is not durable: then no answer.
 */
export function createReadAudit(pool: pg.Pool) {
  let waiting: { entry: Entry; resolve: () => void; reject: (error: unknown) => void }[] = []
  let flushing: Promise<void> | undefined
  let failedAt = -Infinity

  async function flush() {
    while (waiting.length > 0) {
      const group = waiting.splice(0, 500)
      const byTenant = new Map<string, Entry[]>()
      for (const { entry } of group)
        byTenant.set(entry.tenantId, [...(byTenant.get(entry.tenantId) ?? []), entry])
      try {
        const client = await pool.connect()
        let failed: Error | undefined
        try {
          await inOneRoundTrip(
            client,
            [...byTenant].flatMap(([tenant, entries]) => [ask(forTenant, { tenant }), inserting(entries)]),
            longestWait,
          )
        } catch (error) {
          failed = error as Error
          throw error
        } finally {
          client.release(failed)
        }
        failedAt = -Infinity
        group.forEach((item) => item.resolve())
      } catch (error) {
        failedAt = performance.now()
        group.forEach((item) => item.reject(error))
      }
    }
  }

  return {
    waiting: () => waiting.length,
    /** The last row was refused a moment ago. Later nobody knows, until somebody asks for data again. */
    failing: () => performance.now() - failedAt < 5_000,
    append: (actor: Actor, status: number, code: string | null) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ entry: entry(actor, status, code), resolve, reject })
        flushing ??= flush().finally(() => {
          flushing = undefined
        })
      }),
  }
}
