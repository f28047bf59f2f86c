// How does what happened reach the systems that want to know, at least once, and none of them waits for another?
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db, Tx } from '../../platform/db.ts'
import { enqueue } from '../../platform/jobs.ts'
import type { Logger } from '../../platform/log.ts'
import { OutboundRefused, type Outbound } from '../../platform/outbound.ts'
import type { Vault } from '../../platform/seal.ts'
import { ask } from '../../platform/statement.ts'
import { forgetOld, resourceOf } from '../events/index.ts'
import type { Code } from '../vocabularies/index.ts'
import * as queries from './queries.ts'
import { afterAttempt, afterCall, taken, type Outcome } from './rules.ts'
import { signed } from './secret.ts'
import type { webhooks } from './table.ts'

export interface Messenger {
  db: Db
  vault: Vault
  log: Logger
  outbound: Outbound
  signal?: AbortSignal | undefined
}

type Row = typeof webhooks.$inferSelect
type Attempt = NonNullable<Awaited<ReturnType<typeof queries.nextAttempt.row>>>

/** Webhooks that are called at the same time. */
const atOnce = 4
/** After so many failures one after the other, and after so long in any case, it is the next round's turn. */
const failuresInARound = 3
const longestRound = 20_000
/** An attempt that a process took and then slept over is left to the one after it. */
const stale = 30_000

/** Every webhook of a municipality; also moves on where nothing was wanted. */
export async function deliverWebhooks(messenger: Messenger, tenantId: string): Promise<void> {
  const [waiting] = await messenger.db.read(asMessenger(tenantId), ask(queries.waiting, { sweeping: true }))
  await callEach(messenger, tenantId, waiting)
}

/**
 * Right after an act. While an older transaction is still open, nobody may read yet what has happened: it is looked for
 * again, for a dozen seconds; whatever takes longer is left to the round that comes every minute.
 */
export function promptDelivery() {
  const lookingAgain = new Set<string>()
  return async (messenger: Messenger, tenantId: string): Promise<void> => {
    for (let wait = 50; !lookingAgain.has(tenantId) && !messenger.signal?.aborted; wait *= 2) {
      const [waiting, [held]] = await messenger.db.read(
        asMessenger(tenantId),
        ask(queries.waiting, { sweeping: false }),
        ask(queries.heldBack, {}),
      )
      await callEach(messenger, tenantId, waiting)
      // One of them may be patient: whatever else waits for a free hand is not held up by it.
      if (!held || wait > (lookingAgain.size > 0 ? 400 : 6_400)) return
      lookingAgain.add(tenantId)
      await sleep(wait, undefined, {
        ref: false,
        ...(messenger.signal && { signal: messenger.signal }),
      }).catch(() => {})
      lookingAgain.delete(tenantId)
    }
  }
}

async function callEach(messenger: Messenger, tenantId: string, waiting: { id: string }[]) {
  const { log, signal } = messenger
  async function oneAfterTheOther() {
    for (let next = waiting.shift(); next && !signal?.aborted; next = waiting.shift())
      await callAll(messenger, tenantId, next.id).catch((error: unknown) =>
        log.error({ err: error, webhook: next.id }, 'a webhook could not be served'),
      )
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterTheOther))
}

const asMessenger = (tenantId: string) => actor({ action: 'webhooks.deliver', requestId: newId(), tenantId })

/** What a call has come to, and the attempt that it was. */
interface Called {
  attempt: Attempt
  outcome: Outcome
  ms: number
}

/** No transaction is open while the other side is called: a slow one would hold back the horizon of the feed for all. */
async function callAll(messenger: Messenger, tenantId: string, id: string): Promise<void> {
  const { db } = messenger
  const until = Date.now() + longestRound
  let failures = 0
  let last: Called | undefined

  /** Notes the last attempt and takes the next one, in one transaction. */
  const goOn = () =>
    db.as(asMessenger(tenantId), async (tx) => {
      if (!last && !(await tx.one(queries.begunCalling, { id }))) return undefined
      const webhook = await tx.one(queries.lockWebhook, { id })
      // Taken away while it was being called.
      if (!webhook) return undefined
      const health = last ? noted(tx, webhook, last) : webhook
      const inTime = Date.now() < until && !messenger.signal?.aborted
      if (failures < failuresInARound && inTime) {
        tx.saveAll(queries.queued, { id })
        tx.saveAll(queries.goesOnCalling, { id })
        const waits = { webhookId: id, active: health.status === 'active' }
        let attempt = await tx.one(queries.nextAttempt, waits)
        // What nobody wanted of it is passed over, however much it was.
        while (!attempt && (await tx.one(queries.queued, { id })))
          attempt = await tx.one(queries.nextAttempt, waits)
        if (attempt) return { webhook, attempt, takenAt: Date.now() }
      } else if (!inTime) enqueue(tx, 'webhooks', { tenantId })
      tx.saveAll(queries.endedCalling, { id })
      return undefined
    })

  for (let next = await goOn(); next; next = await goOn()) {
    last = await call(messenger, next)
    failures = taken(last.outcome) ? 0 : failures + 1
  }
}

/** @returns how the webhook stands after it. */
function noted(tx: Tx, webhook: Row, { attempt, outcome, ms }: Called) {
  const { id, attempts, eventId } = attempt
  const after = afterAttempt({ attempts, only: eventId === null }, outcome, Date.now(), Math.random())
  tx.saveAll(queries.attempted, {
    ...after,
    id,
    attempts,
    lastStatus: outcome.status,
    lastError: outcome.error,
    lastMs: ms,
  })
  // A ping only tries; it neither heals nor stops anything.
  if (eventId === null) return webhook
  const health = afterCall(webhook, outcome, after.status === 'exhausted', tx.now)
  // While all goes well there is nothing to note.
  if (webhook.failingSince === null && health.failingSince === null) return webhook
  tx.saveAll(queries.statusOfWebhook, { id: webhook.id, ...health })
  if (health.status !== webhook.status)
    tx.saveAll(queries.listenNoMore, { organizationId: webhook.organizationId })
  return health
}

async function call(
  { vault, outbound, signal }: Messenger,
  { webhook, attempt, takenAt }: { webhook: Row; attempt: Attempt; takenAt: number },
): Promise<Called> {
  const now = new Date()
  const body = JSON.stringify(messageOf(webhook, attempt))
  const ended = (outcome: Outcome): Called => ({ attempt, outcome, ms: Date.now() - now.getTime() })
  if (now.getTime() - takenAt > stale) return ended({ status: null, error: 'given_up' })
  try {
    const { status } = await outbound(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Lotse',
        ...signed(vault, webhook, { id: attempt.id, body }, now),
      },
      body,
      ...(signal && { signal }),
    })
    return ended({ status, error: taken({ status }) ? null : 'answer_not_2xx' })
  } catch (error) {
    if (!(error instanceof OutboundRefused)) throw error
    return ended({ status: null, error: error.code })
  }
}

/** Names a record and says nothing about it: who may read it reads it at its address. */
function messageOf({ id }: Row, { eventType, subjectKind, subjectId, happenedAt }: Attempt) {
  const timestamp = new Date(happenedAt).toISOString()
  if (!eventType || !subjectKind || !subjectId)
    return { type: 'ping', timestamp, data: { id, kind: 'webhook', resource: `/v1/webhooks/${id}` } }
  const resource = resourceOf(subjectKind as Code<'event_subject'>, subjectId)
  return { type: eventType, timestamp, data: { id: subjectId, kind: subjectKind, resource } }
}

/** The log of deliveries goes back as far as the feed. */
export const forgetDeliveries = (db: Db, tenantId: string) => forgetOld(db, tenantId, queries)
