// Which SQL writes down what happened, and reads it again without losing any of it?
import { sql, type SQL } from 'drizzle-orm'
import { statement, type Given } from '../../platform/statement.ts'
import type { Code } from '../vocabularies/index.ts'
import { eventListeners, events } from './table.ts'

/** Of the transaction that runs, counted on where a restored database has begun anew. */
const xid = sql`lotse.counted_on(pg_current_xact_id())`
/** Whoever is below has ended: a row there is there, and no further one will ever come. */
export const horizon = sql`lotse.counted_on(pg_snapshot_xmin(pg_current_snapshot()))`

const wake = sql`jobs.enqueue('webhooks', json_build_object('tenantId', lotse.tenant_id())::jsonb)`

/**
 * Nothing is returned of the rows: who writes them may not read what is the other side's. The courier is woken only where
 * there is somebody to call.
 */
export const newEvents = statement(
  'events.new',
  (
    given: Given<{
      type: string
      kind: string
      id: string
      unitId: string | null
      compartmentId: string | null
      partnerIds: string[]
    }>,
  ) => sql`
    with whose as materialized (
      select ${given.unitId}::uuid as organization_id, ${given.compartmentId}::uuid as compartment_id
      where ${given.unitId}::uuid is not null
      union all
      select distinct id, null::uuid from unnest(${given.partnerIds}::uuid[]) as partner(id)
    ), shielded as (select coalesce(${given.compartmentId}::uuid <> ${given.unitId}::uuid, false) as yes),
    made as (
      insert into ${events} (tenant_id, id, xid, type, subject_kind, subject_id, organization_id, compartment_id, shielded)
      select lotse.tenant_id(), uuidv7(), ${xid}, ${given.type}::text, ${given.kind}::text, ${given.id}::uuid,
        whose.organization_id, whose.compartment_id, shielded.yes
      from whose, shielded
    )
    select ${wake} from (
      select from ${eventListeners} l
      where l.tenant_id = lotse.tenant_id() and l.id in (select organization_id from whose)
        and not (select yes from shielded)
      limit 1
    ) as listening`,
)

/**
 * For a statement that ends many records at once. `whose` selects id, unit_id, compartment_id and, where the other side
 * may know of it, partner_id. Who listens is woken by `wakeAny`, or found by the round that comes every minute.
 */
export const emittedWith = (type: Code<'event_type'>, kind: Code<'event_subject'>, whose: SQL): SQL => sql`
    insert into ${events} (tenant_id, id, xid, type, subject_kind, subject_id, organization_id, compartment_id, shielded)
    select lotse.tenant_id(), uuidv7(), ${xid}, ${type}, ${kind}, whose.id, audience.organization_id,
      audience.compartment_id, coalesce(whose.compartment_id <> whose.unit_id, whose.compartment_id is not null)
    from (${whose}) as whose
    cross join lateral (
      values (whose.unit_id, whose.compartment_id), (whose.partner_id, null::uuid)
    ) as audience(organization_id, compartment_id)
    where audience.organization_id is not null`

/** After it: wakes the courier where anybody in the municipality listens. */
export const wakeAny = statement(
  'events.wakeAny',
  () => sql`select ${wake} from (
    select from ${eventListeners} l where l.tenant_id = lotse.tenant_id() limit 1) as listening`,
)

interface Feed {
  key: string
  id: string
  types: readonly string[]
  limit: number
}

export interface EventRow {
  id: string
  xid: string
  type: Code<'event_type'>
  subjectKind: Code<'event_subject'>
  subjectId: string
  organizationId: string
  at: string
}

/**
 * By transaction and id, below the horizon. Each audience is read by its own index range, which has at most one page, and
 * these pages are merged; no type named means all of them.
 */
export const feed = statement(
  'events.feed',
  (given: Given<Feed>) => sql<EventRow>`
    select rows.id, rows.xid, rows.type, rows.subject_kind as "subjectKind", rows.subject_id as "subjectId",
      rows.organization_id as "organizationId", rows.at
    from (
      select distinct id from unnest(lotse.compartments() || lotse.receiving_organization_id()) as own(id)
    ) as audience
    cross join lateral (
      select * from ${events} e
      where e.tenant_id = lotse.tenant_id() and e.audience_id = audience.id
        and (e.xid, e.id) > (${given.key}::xid8, ${given.id}::uuid) and e.xid < ${horizon}
        and (cardinality(${given.types}::text[]) = 0 or e.type = any (${given.types}::text[]))
      order by e.xid, e.id limit ${given.limit}::int
    ) as rows
    order by rows.xid, rows.id limit ${given.limit}::int`,
)

// By the id, which begins with the instant: an index on the instant would be paid for by every act.
const old = sql`e.tenant_id = lotse.tenant_id() and e.id < (select uuidv7(interval '-90 days'))
  and e.at < now() - interval '90 days'`

export const anyForgettable = statement(
  'events.anyForgettable',
  () => sql<{ any: boolean }>`select exists (select from ${events} e where ${old}) as any`,
)

/** So many at once that no other transaction waits for long. */
export const forget = statement(
  'events.forget',
  (given: Given<{ most: number }>) => sql<{ count: number }>`
    with old as (
      select e.id from ${events} e where ${old} order by e.id limit ${given.most}::int
    ), gone as (
      delete from ${events} e using old where e.tenant_id = lotse.tenant_id() and e.id = old.id returning e.subject_kind
    )
    select count(*)::int as count from gone`,
)
