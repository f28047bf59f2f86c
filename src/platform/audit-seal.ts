// How does the audit trail become something that nobody can edit unseen? Once a minute, and never in anybody's request.
import { sql } from 'drizzle-orm'
import { v7 as newId } from 'uuid'
import { actor } from './actor.ts'
import {
  beginning,
  createBatch,
  headOf,
  headOver,
  instantOf,
  rowLine,
  type Head,
  type StoredHead,
} from './audit-heads.ts'
import type { Db } from './db.ts'
import { inEach, type Round } from './jobs.ts'
import type { Keys } from './keys.ts'
import type { Logger } from './log.ts'
import { leafHash } from './merkle.ts'
import { Problem } from './problem.ts'
import { ask, ofTenant, statement, type Given } from './statement.ts'
import { auditHeads } from './tables.ts'

/** Rows under one head: what has to be looked through again to say which of them was changed. */
const mostRows = 50_000
/** Hashing them takes some milliseconds, in which no request is answered. */
const pageSize = 1_000

const lastOfAll = sql`(select number, last_xid, last_id, at from audit_heads where ${ofTenant(auditHeads)} order by number desc limit 1)`

// A transaction's number is given when it first writes, its rows appear when it commits: in the order of ids or instants
// a late one would slip in behind the head. Below xmin every transaction has ended, so nothing can (xid8: never wraps).
const horizon = sql`lotse.counted_on(pg_snapshot_xmin(pg_current_snapshot()))`

// Of a plan that is made once, PostgreSQL believes that a third of the trail lies beyond any place, and reads all of it; in
// truth it is the last minute. So the index by transaction is the only way that these statements are given.
const onlyIndex = sql`set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)`
export const byIndex = statement('audit.seal.by_index', () => sql`select ${onlyIndex}`)

/**
 * A head of no rows is written once a day: it says that there were none, and that the sealer lives. The sealer's own rows
 * alone are no reason for a head; otherwise each would bring the next.
 */
const due = statement(
  'audit.seal.due',
  () => sql<{ due: boolean; ahead: boolean; stuck: boolean }>`
    select coalesce(last.at < now() - interval '1 day', true) or exists (
        select from audit_events e where e.tenant_id = lotse.tenant_id() and (e.xid, e.id) > (start.xid, start.id)
          and e.xid < ${horizon} and e.action <> 'audit.seal') as due,
      exists (select from audit_events e where e.tenant_id = lotse.tenant_id()
        and e.xid >= lotse.counted_on(pg_snapshot_xmax(pg_current_snapshot()))) as ahead,
      exists (select from audit_events e where e.tenant_id = lotse.tenant_id() and (e.xid, e.id) > (start.xid, start.id)
        and e.xid >= ${horizon} and e.at < now() - interval '15 minutes') as stuck
    from (select) as always left join ${lastOfAll} as last on true
      cross join lateral (select coalesce(last.last_xid, ${beginning.lastXid}::xid8), coalesce(last.last_id, ${beginning.lastId}::uuid)) as start(xid, id)`,
)

const alone = statement(
  'audit.seal.alone',
  () => sql<{ alone: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('audit.seal ' || lotse.tenant_id(), 0)) as alone, ${onlyIndex}`,
)

const last = statement(
  'audit.seal.last',
  () => sql<StoredHead & { horizon: string }>`
    select tenant_id as "tenantId", number, encoding, rows, last_xid as "lastXid", last_id as "lastId", root,
      marks_hash as "marksHash", previous, at, key_id as "keyId", signature, ${horizon}::text as horizon
    from (select) as always left join lateral (
      select * from audit_heads where ${ofTenant(auditHeads)} order by number desc limit 1) as head on true`,
)

/** Rows after a place and below the horizon, as lines. */
export const rowsPage = statement(
  'audit.seal.page',
  (given: Given<{ xid: string; from: string; horizon: string; limit: number }>) => sql<{
    xid: string
    rowId: string
    line: string
  }>`
    select e.xid::text as xid, e.id as "rowId", ${rowLine} as line from audit_events e
    where e.tenant_id = lotse.tenant_id() and (e.xid, e.id) > (${given.xid}::xid8, ${given.from}::uuid)
      and e.xid < ${given.horizon}::xid8
    order by e.xid, e.id limit ${given.limit}::int`,
)

const newHead = statement(
  'audit.seal.head',
  (given: Given<Omit<Record<keyof StoredHead, unknown>, 'tenantId'> & { id: string; marks: Buffer }>) => sql<{
    id: string
  }>`
    insert into audit_heads (tenant_id, id, number, encoding, rows, last_xid, last_id, root, marks, marks_hash, previous, at, key_id, signature)
    values (lotse.tenant_id(), ${given.id}::uuid, ${given.number}::int, ${given.encoding}::int, ${given.rows}::int,
      ${given.lastXid}::xid8, ${given.lastId}::uuid, ${given.root}::bytea, ${given.marks}::bytea, ${given.marksHash}::bytea,
      ${given.previous}::bytea, ${given.at}::timestamptz, ${given.keyId}::text, ${given.signature}::bytea)
    returning id`,
)

class SomebodyElse extends Error {}

interface Sealing {
  db: Db
  keys: Keys
  log: Logger
}

/** Seals the next rows of one municipality; answers the head, or nothing where there is nothing to seal. */
export async function sealNext(
  { db, keys, log }: Sealing,
  tenantId: string,
  most = mostRows,
): Promise<Head | undefined> {
  const sealer = () => actor({ action: 'audit.seal', requestId: newId(), tenantId })
  const [, [found]] = await db.read(sealer(), ask(byIndex, {}), ask(due, {}))
  if (found!.ahead)
    throw new Error(
      'the audit trail comes from a server that had counted further: run npm run migrate once more',
    )
  if (found!.stuck)
    log.warn({ tenantId }, 'a transaction that does not end holds up the sealing of the audit trail')
  if (!found!.due) return undefined
  try {
    return await db.as(sealer(), async (tx) => {
      // Two that seal at once would only do the same work twice: the number of a head exists once.
      if (!(await tx.one(alone, {}))!.alone) throw new SomebodyElse()
      const { horizon, ...before } = (await tx.one(last, {}))!
      const previous = before.number === null ? undefined : headOf(before)
      const batch = createBatch()
      let { lastXid, lastId } = previous ?? beginning
      while (batch.tree.size < most) {
        const limit = Math.min(pageSize, most - batch.tree.size)
        const rows = await tx.all(rowsPage, { xid: lastXid, from: lastId, horizon, limit })
        for (const { line } of rows) batch.add(leafHash(line))
        const end = rows.at(-1)
        if (end) ({ xid: lastXid, rowId: lastId } = end)
        if (rows.length < limit) break
      }
      // The clock of a server can be put back; a chain in which time runs backwards would look like a forged one.
      const now = instantOf(tx.now)!
      const at = previous && previous.at > now ? previous.at : now
      const where = { tenantId, previous, lastXid, lastId, at }
      const { head, marks } = headOver(batch, where, keys.audit)
      const inBytes = (name: 'root' | 'marksHash' | 'previous') => Buffer.from(head[name], 'hex')
      return tx
        .save(newHead, {
          ...head,
          id: newId(),
          marks,
          root: inBytes('root'),
          marksHash: inBytes('marksHash'),
          previous: inBytes('previous'),
          signature: Buffer.from(head.signature, 'base64'),
        })
        .map(() => head)
    })
  } catch (error) {
    // Another process has it, or has just had it.
    if (error instanceof SomebodyElse || (error instanceof Problem && error.code === 'already_exists'))
      return undefined
    throw error
  }
}

/** All that waits, in every municipality by turns: one that has a backlog of millions does not hold up the others. */
export async function sealTrails(given: Sealing, round: Round, anchor: (tenantId: string) => Promise<void>) {
  const { log } = given
  let open = await round.municipalities()
  while (open.length > 0) {
    const more: string[] = []
    await inEach(
      open,
      round,
      async (tenantId) => {
        const head = await sealNext(given, tenantId)
        if (head?.rows === mostRows) {
          more.push(tenantId)
          log.info({ tenantId, head: head.number, rows: head.rows }, 'sealing the audit trail goes on')
        } else await anchor(tenantId)
      },
      (told) => log.error(told, 'the audit trail of a municipality was not sealed'),
    )
    open = round.signal.aborted ? [] : more
  }
}
