// Which SQL knows whom to call for what, and gives each attempt to one caller only?
import { and, desc, eq, sql } from 'drizzle-orm'
import { NIL } from 'uuid'
import {
  byId,
  insertInto,
  lockById,
  ofTenant,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { horizon } from '../events/index.ts'
import { eventListeners, events } from '../events/table.ts'
import { webhookDeliveries, webhooks } from './table.ts'

export const webhookById = byId('webhooks.byId', webhooks)
export const lockWebhook = lockById('webhooks.lock', webhooks)

export const webhookPage = statement(
  'webhooks.page',
  (given: Given<{ key: string; id: string; limit: number }>) =>
    q
      .select()
      .from(webhooks)
      .where(
        and(
          ofTenant(webhooks),
          sql`(${webhooks.createdAt}, ${webhooks.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
        ),
      )
      .orderBy(desc(webhooks.createdAt), desc(webhooks.id))
      .limit(given.limit as never),
)

export const webhooksOf = statement(
  'webhooks.countOf',
  (given: Given<{ organizationId: string }>) => sql<{ count: number }>`
    select count(*)::int as count from ${webhooks} w
    where w.tenant_id = lotse.tenant_id() and w.organization_id = ${given.organizationId}::uuid`,
)

/** From now on: also what is under way just now, and will only be known when it has ended. */
export const newWebhook = statement(
  'webhooks.new',
  (
    given: Given<{
      id: string
      organizationId: string
      url: string
      eventTypes: string[]
      wrappedKey: Buffer
      sealed: Buffer
      createdByUserId: string
    }>,
  ) =>
    q
      .insert(webhooks)
      .values({
        tenantId: sql`lotse.tenant_id()`,
        id: given.id,
        organizationId: given.organizationId,
        url: given.url,
        eventTypes: sql`${given.eventTypes}::text[]`,
        status: 'active',
        wrappedKey: sql`${given.wrappedKey}::bytea`,
        sealed: sql`${given.sealed}::bytea`,
        readXid: sql`${horizon}`,
        readId: NIL,
        createdByUserId: given.createdByUserId,
      })
      .returning(),
)
export const changedWebhook = update('webhooks.changed', webhooks, ['url', 'eventTypes'])
export const rotatedWebhook = update('webhooks.rotated', webhooks, [
  'wrappedKey',
  'sealed',
  'formerWrappedKey',
  'formerSealed',
  'formerUntil',
])
export const statusOfWebhook = update('webhooks.status', webhooks, [
  'status',
  'stoppedBecause',
  'failingSince',
  'givenUp',
])
export const removedDeliveries = statement(
  'webhooks.removedDeliveries',
  (given: Given<{ id: string }>) => sql`
    delete from ${webhookDeliveries} d where d.tenant_id = lotse.tenant_id() and d.webhook_id = ${given.id}::uuid`,
)
export const removedWebhook = statement('webhooks.removed', (given: Given<{ id: string }>) =>
  q
    .delete(webhooks)
    .where(and(ofTenant(webhooks), eq(webhooks.id, given.id)))
    .returning({ id: webhooks.id }),
)

export const listen = statement(
  'webhooks.listen',
  (given: Given<{ organizationId: string }>) => sql`
    insert into ${eventListeners} (tenant_id, id) values (lotse.tenant_id(), ${given.organizationId}::uuid)
    on conflict do nothing`,
)
/** Runs after this webhook has stopped. Should another begin at this very instant, the round every minute finds it. */
export const listenNoMore = statement(
  'webhooks.listenNoMore',
  (given: Given<{ organizationId: string }>) => sql`
    delete from ${eventListeners} l where l.tenant_id = lotse.tenant_id() and l.id = ${given.organizationId}::uuid
      and not exists (select from ${webhooks} w where w.tenant_id = lotse.tenant_id() and w.organization_id = l.id
        and w.status = 'active')`,
)

export const deliveryById = byId('webhooks.delivery', webhookDeliveries)
export const lockDelivery = lockById('webhooks.lockDelivery', webhookDeliveries)
export const deliveryPage = statement(
  'webhooks.deliveries',
  (given: Given<{ key: string; id: string; limit: number; webhookId: string; status: string | null }>) =>
    q
      .select()
      .from(webhookDeliveries)
      .where(
        and(
          ofTenant(webhookDeliveries),
          eq(webhookDeliveries.webhookId, given.webhookId),
          sql`(${given.status}::text is null or ${webhookDeliveries.status} = ${given.status}::text)`,
          sql`(${webhookDeliveries.createdAt}, ${webhookDeliveries.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
        ),
      )
      .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
      .limit(given.limit as never),
)
export const newPing = insertInto('webhooks.ping', webhookDeliveries, [
  'webhookId',
  'organizationId',
  'happenedAt',
  'status',
  'nextAttemptAt',
])
export const replayed = update('webhooks.replayed', webhookDeliveries, [
  'status',
  'attempts',
  'nextAttemptAt',
  'deliveredAt',
])

// What the messenger does.

const free = sql`(w.called_until is null or w.called_until < now())`

/**
 * For whom is there something to do? `sweeping` also moves those on for whom nothing was wanted of what happened, so that
 * nobody looks through it again and again.
 */
export const waiting = statement(
  'webhooks.waiting',
  (given: Given<{ sweeping: boolean }>) => sql<{ id: string; fails: boolean }>`
    select w.id, w.failing_since is not null as fails from ${webhooks} w
    where w.tenant_id = lotse.tenant_id() and ${free} and (
      exists (select from ${webhookDeliveries} d where d.tenant_id = lotse.tenant_id() and d.webhook_id = w.id
        and d.status = 'pending' and d.next_attempt_at <= now() and (w.status = 'active' or d.event_id is null))
      or w.status = 'active' and exists (select from ${events} e where e.tenant_id = lotse.tenant_id()
        and e.audience_id = w.organization_id and not e.shielded and (e.xid, e.id) > (w.read_xid, w.read_id)
        and e.xid < ${horizon} and (${given.sweeping}::boolean or e.type = any (w.event_types))))
    order by random()`,
)

/**
 * Has something happened that is wanted, and is not yet below the horizon? Or is it, and whoever calls that webhook just now
 * may have looked a moment before?
 */
export const heldBack = statement(
  'webhooks.heldBack',
  () => sql<{ id: string }>`
    select w.id from ${webhooks} w
    where w.tenant_id = lotse.tenant_id() and w.status = 'active' and exists (select from ${events} e
      where e.tenant_id = lotse.tenant_id() and e.audience_id = w.organization_id and not e.shielded
        and (e.xid, e.id) > (w.read_xid, w.read_id) and (e.xid >= ${horizon} or not ${free})
        and e.type = any (w.event_types))
    limit 1`,
)

/** One caller for each webhook at a time; whoever dies with it blocks it for a minute. */
export const begunCalling = statement(
  'webhooks.begunCalling',
  (given: Given<{ id: string }>) => sql<{ id: string }>`
    update ${webhooks} w set called_until = now() + interval '1 minute'
    where w.tenant_id = lotse.tenant_id() and w.id = ${given.id}::uuid and ${free}
    returning w.id`,
)
export const goesOnCalling = statement(
  'webhooks.goesOnCalling',
  (given: Given<{ id: string }>) => sql`
    update ${webhooks} w set called_until = now() + interval '1 minute'
    where w.tenant_id = lotse.tenant_id() and w.id = ${given.id}::uuid`,
)
export const endedCalling = statement(
  'webhooks.endedCalling',
  (given: Given<{ id: string }>) => sql`
    update ${webhooks} w set called_until = null
    where w.tenant_id = lotse.tenant_id() and w.id = ${given.id}::uuid`,
)

/** What has happened since becomes deliveries, and the place up to which it was read moves on, together or not at all. */
export const queued = statement(
  'webhooks.queued',
  (given: Given<{ id: string }>) => sql<{ id: string }>`
    with w as (
      select * from ${webhooks} w
      where w.tenant_id = lotse.tenant_id() and w.id = ${given.id}::uuid and w.status = 'active'
    ), unread as (
      select e.* from w cross join lateral (
        select * from ${events} e
        where e.tenant_id = lotse.tenant_id() and e.audience_id = w.organization_id and not e.shielded
          and (e.xid, e.id) > (w.read_xid, w.read_id) and e.xid < ${horizon}
        order by e.xid, e.id limit 500
      ) as e
    ), made as (
      insert into ${webhookDeliveries} (tenant_id, id, webhook_id, organization_id, event_id, event_type, subject_kind,
        subject_id, happened_at, status, next_attempt_at)
      select lotse.tenant_id(), uuidv7(), w.id, w.organization_id, e.id, e.type, e.subject_kind, e.subject_id, e.at,
        'pending', now()
      from w, unread e where e.type = any (w.event_types)
      order by e.xid, e.id
      on conflict do nothing
    )
    update ${webhooks} w set read_xid = last.xid, read_id = last.id
    from (select xid, id from unread order by xid desc, id desc limit 1) as last
    where w.tenant_id = lotse.tenant_id() and w.id = ${given.id}::uuid
    returning w.id`,
)

/** The next attempt belongs to whoever takes it; nobody else makes it, and should it never end, another follows. */
export const nextAttempt = statement(
  'webhooks.nextAttempt',
  (given: Given<{ webhookId: string; active: boolean }>) => sql<{
    id: string
    attempts: number
    eventId: string | null
    eventType: string | null
    subjectKind: string | null
    subjectId: string | null
    happenedAt: string
  }>`
    with due as (
      select d.id from ${webhookDeliveries} d
      where d.tenant_id = lotse.tenant_id() and d.webhook_id = ${given.webhookId}::uuid and d.status = 'pending'
        and d.next_attempt_at <= now() and (${given.active}::boolean or d.event_id is null)
      order by d.next_attempt_at, d.id limit 1 for no key update skip locked
    )
    update ${webhookDeliveries} d set attempts = d.attempts + 1, last_attempt_at = now(),
      next_attempt_at = now() + interval '1 minute', version = d.version + 1
    from due where d.tenant_id = lotse.tenant_id() and d.id = due.id
    returning d.id, d.attempts, d.event_id as "eventId", d.event_type as "eventType",
      d.subject_kind as "subjectKind", d.subject_id as "subjectId", d.happened_at as "happenedAt"`,
)

/** Only of the attempt that was made: a later one, or a delivery that was taken away, stays as it is. */
export const attempted = statement(
  'webhooks.attempted',
  (
    given: Given<{
      id: string
      attempts: number
      status: string
      nextAttemptAt: string | null
      deliveredAt: string | null
      lastStatus: number | null
      lastError: string | null
      lastMs: number | null
    }>,
  ) => sql`
    update ${webhookDeliveries} d set status = ${given.status}::text, next_attempt_at = ${given.nextAttemptAt}::timestamptz,
      delivered_at = ${given.deliveredAt}::timestamptz, last_status = ${given.lastStatus}::int,
      last_error = ${given.lastError}::text, last_ms = ${given.lastMs}::int, version = d.version + 1
    where d.tenant_id = lotse.tenant_id() and d.id = ${given.id}::uuid and d.status = 'pending'
      and d.attempts = ${given.attempts}::int`,
)

/** As if it had not been made: Lotse has broken it off itself. */
export const givenBack = statement(
  'webhooks.givenBack',
  (given: Given<{ id: string; attempts: number }>) => sql`
    update ${webhookDeliveries} d set attempts = d.attempts - 1, next_attempt_at = now(),
      last_attempt_at = case when d.attempts > 1 then d.last_attempt_at end, version = d.version + 1
    where d.tenant_id = lotse.tenant_id() and d.id = ${given.id}::uuid and d.status = 'pending'
      and d.attempts = ${given.attempts}::int`,
)

export const anyForgettable = statement(
  'webhooks.anyForgettable',
  () => sql<{ any: boolean }>`
    select exists (select from ${webhookDeliveries} d
      where d.tenant_id = lotse.tenant_id() and d.created_at < now() - interval '90 days') as any`,
)
export const forget = statement(
  'webhooks.forget',
  (given: Given<{ most: number }>) => sql<{ count: number }>`
    with old as (
      select d.id from ${webhookDeliveries} d
      where d.tenant_id = lotse.tenant_id() and d.created_at < now() - interval '90 days'
      order by d.created_at limit ${given.most}::int
    ), gone as (
      delete from ${webhookDeliveries} d using old where d.tenant_id = lotse.tenant_id() and d.id = old.id
      returning d.status
    )
    select count(*)::int as count from gone`,
)
