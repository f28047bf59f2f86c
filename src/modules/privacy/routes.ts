// Who looked at what? The data protection officer asks, and asking is recorded like everything else.
import { after, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { ask } from '../../platform/statement.ts'
import type { App } from '../../platform/zod.ts'
import { auditPage } from './queries.ts'
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
        ask(auditPage, { ...after(cursor, 'newest'), clientId, userId, from, until, limit: limit + 1 }),
      )
      return page(rows, limit, ({ at }) => at)
    },
  )
}
