// How does another system follow what happens, from where it stopped, without losing or repeating anything?
import { after, cursorAt, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { ask } from '../../platform/statement.ts'
import type { App } from '../../platform/zod.ts'
import * as queries from './queries.ts'
import { resourceOf } from './resource.ts'
import * as wire from './schema.ts'

export function eventRoutes(app: App, { db }: Deps) {
  app.get(
    '/v1/events',
    {
      config: { action: 'events.list' },
      schema: {
        summary: 'Follow what happens',
        description:
          'What happened to records that the own organisation may know of, in an order that never changes, the oldest first; of somebody shielded only for who is named. Each event carries the `cursor` from which it goes on: keep that of the last one handled, and ask again with it at any later time. `nextCursor` is null when there is nothing more now. An event appears as soon as every transaction that began before its own has ended, so that none is ever passed over; usually at once. It names a record and says nothing about it: the record itself is read at `resource`, with the rights of whoever asks, and may be out of sight by then. Tasks and deadlines that arise by themselves have no event of their own; it is in the event of the act from which they arose. The feed goes back 90 days.',
        querystring: wire.EventFilter,
        response: { 200: wire.Events },
      },
    },
    async ({ actor, query: { limit, cursor, types = [] } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.feed, { ...after(cursor, 'oldest'), types, limit: limit + 1 }),
      )
      const { items, nextCursor } = page(rows, limit, ({ xid }) => xid)
      return {
        items: items.map(({ xid, ...event }) => ({
          ...event,
          resource: resourceOf(event.subjectKind, event.subjectId),
          cursor: cursorAt(xid, event.id),
        })),
        nextCursor,
      }
    },
  )
}
