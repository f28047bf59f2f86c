// How does another system say where it wants to be called, and see how each call went?
import { v7 as newId } from 'uuid'
import type { Actor } from '../../platform/actor.ts'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { enqueue } from '../../platform/jobs.ts'
import { OutboundRefused } from '../../platform/outbound.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Nothing, Page, type App } from '../../platform/zod.ts'
import { organizationById } from '../identity/index.ts'
import * as queries from './queries.ts'
import { asCalled, formerUntil, mostWebhooks, pause, refuse, replay, resume } from './rules.ts'
import * as wire from './schema.ts'
import { newSecret, sealedSecret } from './secret.ts'
import type { webhookDeliveries, webhooks } from './table.ts'

type Row = typeof webhooks.$inferSelect

const shown = (row: Row, now: string, secret: string | null = null) => ({
  ...row,
  secret,
  formerSecretUntil:
    row.formerUntil && Date.parse(row.formerUntil) > Date.parse(now) ? row.formerUntil : null,
})
const shownDelivery = (row: typeof webhookDeliveries.$inferSelect) => row

export function webhookRoutes(app: App, { db, vault, outbound }: Deps) {
  /** Whoever may not attempt it reads 403, whatever they have given. */
  async function callable(actor: Actor, given: string): Promise<string> {
    await db.enter(actor)
    try {
      outbound.permits(given)
    } catch (error) {
      if (!(error instanceof OutboundRefused)) throw error
      // One code for all reasons: the answer is no map of our network.
      throw refuse('webhook_url_not_allowed', [{ pointer: '/url', code: 'webhook_url_not_allowed' }])
    }
    return asCalled(given)
  }

  app.get(
    '/v1/webhooks',
    {
      config: { action: 'webhooks.list' },
      schema: {
        summary: 'List webhooks',
        description:
          'Of the own organisation, as administrator or coordinator of all of them; the newest first.',
        querystring: Page,
        response: { 200: wire.Webhooks },
      },
    },
    async ({ actor, query: { limit, cursor } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.webhookPage, { ...after(cursor, 'newest'), limit: limit + 1 }),
      )
      const { items, nextCursor } = page(rows, limit, ({ createdAt }) => createdAt)
      return { items: items.map((row) => shown(row, actor.now)), nextCursor }
    },
  )

  app.post(
    '/v1/webhooks',
    {
      config: {
        action: 'webhooks.create',
        refuses: ['webhook_url_not_allowed', 'unknown_reference', 'too_many_webhooks'],
      },
      schema: {
        summary: 'Set up a webhook',
        description:
          'From now on this address is called by POST for each event of these types, signed as Standard Webhooks says (`webhook-id`, `webhook-timestamp`, `webhook-signature`). The body names type, instant and record, and says nothing about a person; nothing about somebody shielded ever goes out. Each event arrives at least once, in no promised order: whoever has seen a `webhook-id` has seen the event. What happened before a release was withdrawn may arrive after that, and its record is then no longer there. Answer 2xx within five seconds; redirects are not followed. What is not taken is tried eight times within 24 hours; 410 ends the webhook. The secret is shown in this answer only, and not in a repeated one.',
        body: wire.NewWebhook,
        response: { 201: wire.Webhook },
      },
    },
    async ({ actor, body }) => {
      const url = await callable(actor, body.url)
      return db.as(actor, async (tx) => {
        const organizationId = body.organizationId ?? actor.organizationId!
        const [organization] = await tx.all(organizationById, { id: organizationId })
        const forAny = tx.role === 'tenant_admin' || tx.role === 'coordinator'
        referenced(
          forAny || organizationId === tx.actor.organizationId ? organization : undefined,
          '/organizationId',
        )
        const already = found(await tx.one(queries.webhooksOf, { organizationId }))
        if (already.count >= mostWebhooks) throw refuse('too_many_webhooks')
        const id = newId()
        const secret = newSecret()
        tx.saveAll(queries.listen, { organizationId })
        return tx
          .save(queries.newWebhook, {
            ...sealedSecret(vault, { tenantId: actor.tenantId, id }, secret),
            id,
            organizationId,
            url,
            eventTypes: [...new Set(body.eventTypes)],
            createdByUserId: actor.userId!,
          })
          .map((row) => shown(row, tx.now, secret))
      })
    },
  )

  app.get(
    '/v1/webhooks/:id',
    {
      config: { action: 'webhooks.read' },
      schema: {
        summary: 'Read a webhook',
        description: 'Where it calls, for what, and whether it does; never its secret.',
        params: ById,
        response: { 200: wire.Webhook },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.webhookById, params))
      return shown(found(row), actor.now)
    },
  )

  app.patch(
    '/v1/webhooks/:id',
    {
      config: { action: 'webhooks.update', refuses: ['webhook_url_not_allowed'] },
      schema: {
        summary: 'Change address or events',
        description: 'A merge patch. What waits already goes to the new address.',
        params: ById,
        body: wire.WebhookChange,
        response: { 200: wire.Webhook },
      },
    },
    async ({ actor, params, body }) => {
      const url = body.url === undefined ? undefined : await callable(actor, body.url)
      return db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockWebhook, params)
        const eventTypes = body.eventTypes ? [...new Set(body.eventTypes)] : row.eventTypes
        return tx
          .save(queries.changedWebhook, { id: row.id, url: url ?? row.url, eventTypes })
          .map((changed) => shown(changed, tx.now))
      })
    },
  )

  app.delete(
    '/v1/webhooks/:id',
    {
      config: { action: 'webhooks.remove' },
      schema: {
        summary: 'Take a webhook away',
        description: 'With its deliveries; what waits is not called for any more.',
        params: ById,
        response: { 204: Nothing },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const { id, organizationId } = await tx.load(queries.lockWebhook, params)
        tx.saveAll(queries.removedDeliveries, { id })
        const gone = tx.save(queries.removedWebhook, { id })
        tx.saveAll(queries.listenNoMore, { organizationId })
        return gone.map(() => undefined)
      }),
  )

  app.post(
    '/v1/webhooks/:id/rotate-secret',
    {
      config: { action: 'webhooks.rotate' },
      schema: {
        summary: 'Give a webhook a new secret',
        description:
          'Shown in this answer only, and not in a repeated one. For 24 hours every call is signed with both, the new and the one before; one that was older than that ends at once.',
        params: ById,
        response: { 200: wire.Webhook },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockWebhook, params)
        const secret = newSecret()
        return tx
          .save(queries.rotatedWebhook, {
            ...sealedSecret(vault, row, secret),
            id: row.id,
            formerWrappedKey: row.wrappedKey,
            formerSealed: row.sealed,
            formerUntil: formerUntil(tx.now),
          })
          .map((rotated) => shown(rotated, tx.now, secret))
      }),
  )

  app.post(
    '/v1/webhooks/:id/pause',
    {
      config: { action: 'webhooks.pause', refuses: ['webhook_is_paused'] },
      schema: {
        summary: 'Let a webhook rest',
        description: 'Nothing is lost by that: it goes on where it stopped, as far as the feed goes back.',
        params: ById,
        response: { 200: wire.Webhook },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockWebhook, params)
        const paused = tx.save(queries.statusOfWebhook, { id: row.id, ...pause(row) })
        tx.saveAll(queries.listenNoMore, row)
        return paused.map((saved) => shown(saved, tx.now))
      }),
  )

  app.post(
    '/v1/webhooks/:id/resume',
    {
      config: { action: 'webhooks.resume', refuses: ['webhook_is_active'] },
      schema: {
        summary: 'Let a webhook call again',
        description:
          'After a pause, or after Lotse has stopped calling by itself: after 410, ten deliveries given up one after the other, or five days in which no call succeeded. What happened meanwhile follows.',
        params: ById,
        response: { 200: wire.Webhook },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockWebhook, params)
        const resumed = tx.save(queries.statusOfWebhook, { id: row.id, ...resume(row) })
        tx.saveAll(queries.listen, row)
        wake(tx)
        return resumed.map((saved) => shown(saved, tx.now))
      }),
  )

  app.post(
    '/v1/webhooks/:id/test',
    {
      config: { action: 'webhooks.test', resource: '/v1/webhook-deliveries/:id' },
      schema: {
        summary: 'Try a webhook',
        description:
          'It is called once with an event of type `ping`, also while it rests; how that went stands in its delivery.',
        params: ById,
        response: { 201: wire.Delivery },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const { id: webhookId, organizationId } = await tx.load(queries.lockWebhook, params)
        wake(tx)
        return tx
          .save(queries.newPing, {
            id: newId(),
            webhookId,
            organizationId,
            happenedAt: tx.now,
            status: 'pending',
            nextAttemptAt: tx.now,
          })
          .map(shownDelivery)
      }),
  )

  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      config: { action: 'webhooks.deliveries' },
      schema: {
        summary: 'List deliveries',
        description: 'What the webhook was called for and how that went, the newest first; 90 days of it.',
        params: ById,
        querystring: wire.DeliveryFilter,
        response: { 200: wire.Deliveries },
      },
    },
    async ({ actor, params, query: { limit, cursor, status = null } }) => {
      const [[webhook], rows] = await db.read(
        actor,
        ask(queries.webhookById, params),
        ask(queries.deliveryPage, {
          ...after(cursor, 'newest'),
          webhookId: params.id,
          status,
          limit: limit + 1,
        }),
      )
      found(webhook)
      const { items, nextCursor } = page(rows, limit, ({ createdAt }) => createdAt)
      return { items: items.map(shownDelivery), nextCursor }
    },
  )

  app.get(
    '/v1/webhook-deliveries/:id',
    {
      config: { action: 'webhooks.delivery' },
      schema: {
        summary: 'Read a delivery',
        description:
          'How often it was tried, and how the last try went; never what the other side has answered.',
        params: ById,
        response: { 200: wire.Delivery },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.deliveryById, params))
      return shownDelivery(found(row))
    },
  )

  app.post(
    '/v1/webhook-deliveries/:id/replay',
    {
      config: { action: 'webhooks.replay', refuses: ['delivery_under_way'] },
      schema: {
        summary: 'Call once more for an event',
        description:
          'For what was delivered or given up, and at once for what waits; with the same `webhook-id`. If it fails, it is tried as often as the first time.',
        params: ById,
        response: { 200: wire.Delivery },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockDelivery, params)
        wake(tx)
        return tx.save(queries.replayed, { id: row.id, ...replay(row, tx.now) }).map(shownDelivery)
      }),
  )
}

const wake = (tx: Tx) => enqueue(tx, 'webhooks', { tenantId: tx.actor.tenantId })
