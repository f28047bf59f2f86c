// Who looked at what, and is it still written as it was? Asking is recorded like everything else.
import { hashOf, headOf } from '../../platform/audit-heads.ts'
import { after, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { ask } from '../../platform/statement.ts'
import type { App } from '../../platform/zod.ts'
import { auditPage, headsPage } from './queries.ts'
import * as wire from './schema.ts'

export function privacyRoutes(app: App, { db }: Deps) {
  app.get(
    '/v1/audit-events',
    {
      config: { action: 'audit.read' },
      schema: {
        summary: 'Read the audit trail',
        description: 'By person, member and period, the newest first. Reading it leaves an entry too.',
        querystring: wire.AuditFilter,
        response: { 200: wire.AuditEvents },
      },
    },
    async ({
      actor,
      query: { limit, cursor, clientId = null, userId = null, from = null, until = null },
    }) => {
      const [rows] = await db.read(
        actor,
        ask(auditPage, { id: after(cursor, 'newest').id, clientId, userId, from, until, limit: limit + 1 }),
      )
      return page(rows, limit, ({ at }) => at)
    },
  )

  app.get(
    '/v1/audit/heads',
    {
      config: { action: 'audit.heads' },
      schema: {
        summary: 'List the heads of the audit trail',
        description:
          'Each head seals the entries since the one before: a signed hash that any change of them would change. Whoever ' +
          'keeps copies elsewhere can prove later whether the trail is still the same. The newest first.',
        querystring: wire.HeadFilter,
        response: { 200: wire.AuditHeads },
      },
    },
    async ({ actor, query: { limit, cursor } }) => {
      const [rows] = await db.read(actor, ask(headsPage, { ...after(cursor, 'newest'), limit: limit + 1 }))
      const { items, nextCursor } = page(rows, limit, ({ at }) => at)
      const heads = items.map((row) => ({ id: row.id, ...headOf(row), hash: hashOf(headOf(row)) }))
      return { items: heads, nextCursor }
    },
  )
}
