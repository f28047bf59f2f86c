// How does what happened reach the systems that want to know, at least once, though some of them never answer?
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db, Tx } from '../../platform/db.ts'
import { forgetOld } from '../../platform/forget.ts'
import type { Round } from '../../platform/jobs.ts'
import type { Logger } from '../../platform/log.ts'
import { OutboundRefused, type Outbound } from '../../platform/outbound.ts'
import type { Vault } from '../../platform/seal.ts'
import { ask } from '../../platform/statement.ts'
import { resourceOf } from '../events/index.ts'
import type { Code } from '../vocabularies/index.ts'
import * as queries from './queries.ts'
import { afterAttempt, afterCall, brokenOff, logged, taken, type Outcome } from './rules.ts'
import { signed } from './secret.ts'
import type { webhooks } from './table.ts'

export interface Messenger {
  db: Db
  vault: Vault
  log: Logger
  outbound: Outbound
  signal?: AbortSignal | undefined
  /** Is told when a webhook was not served for a reason of ours; that the other side refuses is noted with the delivery. */
  failed?: () => void
}

type Row = typeof webhooks.$inferSelect
type Attempt = NonNullable<Awaited<ReturnType<typeof queries.nextAttempt.row>>>

/** Webhooks of a municipality that are called at the same time; those that fail already hold up no other. */
const atOnce = { well: 4, failing: 2 }
/** After so long it is the turn of another municipality, and after so long in it that of another webhook. */
const longestTurn = 30_000
const longestOfOne = 10_000
/** After so many failures one after the other, or one for which it took all its time, a webhook waits for the next round. */
const failuresInATurn = 3
/** An attempt that a process took and then slept over is left to the one after it. */
const stale = 30_000
/** What is held back is looked for again, soon at first, then every two seconds; after a minute the round comes anyway. */
const patience = { first: 50, most: 2_000, looks: 35 }

interface Served {
  /** Also moves on where nothing was wanted. */
  sweeping?: boolean
  /** Without it, what is left is left to whoever comes next. */
  queue?: Round['queue']
  /** Without it, nobody looks again for what is held back. */
  sleep?: Round['sleep']
}

/** Whether somebody is to be called; it is asked once a minute. */
export async function waitsForCalls({ db }: Pick<Messenger, 'db'>, tenantId: string): Promise<boolean> {
  const [waiting] = await db.read(asMessenger(tenantId), ask(queries.waiting, { sweeping: true }))
  return waiting.length > 0
}

/**
 * One for each process. A municipality has one turn at a time there, and so never all hands: a job that comes meanwhile
 * makes that turn look once more, and is done. What a turn leaves, for want of time, is queued behind the others.
 */
export function createDelivery({ longest = longestTurn } = {}) {
  const turns = new Map<string, Turn>()
  const waits = createWaits()

  return async (messenger: Messenger, tenantId: string, { sweeping = false, queue, sleep }: Served = {}) => {
    const running = turns.get(tenantId)
    if (running) return running.look(sweeping)
    const turn = createTurn(messenger, tenantId, longest, {
      looked: (held) => queue && sleep && waits.again(tenantId, held, sleep, () => queue({ tenantId })),
      ended: () => turns.delete(tenantId),
    })
    turns.set(tenantId, turn)
    let whole = false
    try {
      await turn.look(sweeping)
    } finally {
      whole = await turn.end()
    }
    if (!whole) await queue?.({ tenantId })
  }
}

/**
 * While an older transaction is open nobody may read yet what has happened, and while another process calls a webhook nobody
 * knows whether it has seen it. No hand waits for that. Whatever takes longer is left to the round of the next minute.
 */
function createWaits() {
  const looked = new Map<string, number>()
  const asleep = new Set<string>()
  return {
    again(tenantId: string, held: boolean, sleep: Round['sleep'], queue: () => Promise<void>) {
      if (asleep.has(tenantId)) return
      const looks = looked.get(tenantId) ?? 0
      if (!held || looks === patience.looks) return void looked.delete(tenantId)
      looked.set(tenantId, looks + 1)
      const ms = Math.min(patience.first * 2 ** looks, patience.most)
      asleep.add(tenantId)
      // Awake before it queues: the job may be taken before whoever queued it hears of that. The process may end meanwhile.
      void sleep(ms)
        .finally(() => asleep.delete(tenantId))
        .then(queue)
        .catch(() => {})
    },
  }
}

type Turn = ReturnType<typeof createTurn>

function createTurn(
  messenger: Messenger,
  tenantId: string,
  longest: number,
  told: { looked: (held: boolean) => void; ended: () => void },
) {
  const { db, log, signal, failed } = messenger
  const until = performance.now() + longest
  const inTime = () => performance.now() < until && !signal?.aborted
  const [well, failing] = [limited(atOnce.well), limited(atOnce.failing)]
  /** Under way, or done with for this turn. */
  const begun = new Set<string>()
  /** Seen while it was just ending: it may have ended before that came. */
  const comesAgain = new Set<string>()
  const work = new Set<Promise<void>>()
  let whole = true

  function alongside(doing: Promise<void>) {
    const settled = doing.catch(() => {}).then(() => void work.delete(settled))
    work.add(settled)
    return doing
  }

  async function serve(id: string) {
    if (!inTime()) return void (whole = false)
    try {
      const ended = await callAll(messenger, tenantId, id, Math.min(until, performance.now() + longestOfOne))
      if (ended === 'called') {
        begun.delete(id)
        if (comesAgain.delete(id)) await alongside(lookOnce(false))
      }
      if (ended === 'late') whole = false
    } catch (error) {
      failed?.()
      log.error({ err: error, webhook: id }, 'a webhook could not be served')
    }
  }

  async function lookOnce(sweeping: boolean) {
    if (!inTime()) return void (whole = false)
    // In this order: what comes below the horizon between the two is waiting, or it would be neither.
    const [[held], waiting] = await db.read(
      asMessenger(tenantId),
      ask(queries.heldBack, {}),
      ask(queries.waiting, { sweeping }),
    )
    told.looked(held !== undefined)
    for (const { id, fails } of waiting) {
      if (begun.has(id)) {
        comesAgain.add(id)
        continue
      }
      begun.add(id)
      void alongside((fails ? failing : well)(() => serve(id)))
    }
  }

  let looking = Promise.resolve()
  let next: Promise<void> | undefined
  let sweeps = false
  return {
    /** Whoever comes while somebody looks shares the look after that: it sees what theirs has brought. */
    look(sweeping: boolean) {
      sweeps ||= sweeping
      next ??= alongside(
        looking
          .catch(() => {})
          .then(() => {
            looking = lookOnce(sweeps)
            next = undefined
            sweeps = false
            return looking
          }),
      )
      return next
    },
    /** @returns whether nothing was left for want of time. */
    async end() {
      while (work.size > 0) await Promise.all(work)
      told.ended()
      return whole
    },
  }
}

/** So many at the same time; the others follow in the order in which they came. */
function limited(most: number) {
  let free = most
  const queue: (() => void)[] = []
  return async (work: () => Promise<void>) => {
    if (free > 0) free -= 1
    else await new Promise<void>((go) => void queue.push(go))
    try {
      await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else free += 1
    }
  }
}

const asMessenger = (tenantId: string) => actor({ action: 'webhooks.deliver', requestId: newId(), tenantId })

/** An attempt that was taken, by the clock of the database: that of a process may be a day behind. */
interface Taken {
  webhook: Row
  attempt: Attempt
  at: number
  /** How long ago, by whatever clock this process has. */
  since: () => number
}

/** What a call has come to, and the attempt that it was. */
interface Called {
  attempt: Attempt
  outcome: Outcome
  ms: number
  isPublic: boolean
}

/**
 * No transaction is open while the other side is called: a slow one would hold back the horizon of the feed for all.
 * @returns why it ended: nothing waits any more, or it is not the time to go on.
 */
async function callAll(
  messenger: Messenger,
  tenantId: string,
  id: string,
  until: number,
): Promise<'called' | 'failed' | 'late'> {
  const { db } = messenger
  let failures = 0
  let last: Called | undefined
  let ended: 'called' | 'failed' | 'late' = 'called'

  /** Notes the last attempt and takes the next one, in one transaction. */
  const goOn = () =>
    db.as(asMessenger(tenantId), async (tx): Promise<Taken | undefined> => {
      if (!last && !(await tx.one(queries.begunCalling, { id }))) return undefined
      const webhook = await tx.one(queries.lockWebhook, { id })
      // Taken away while it was being called.
      if (!webhook) return undefined
      const health = last ? noted(tx, webhook, last) : webhook
      if (performance.now() > until || messenger.signal?.aborted) ended = 'late'
      else if (failures >= failuresInATurn) ended = 'failed'
      else {
        tx.saveAll(queries.queued, { id })
        tx.saveAll(queries.goesOnCalling, { id })
        const waits = { webhookId: id, active: health.status === 'active' }
        let attempt = await tx.one(queries.nextAttempt, waits)
        // What nobody wanted of it is passed over, however much it was.
        while (!attempt && (await tx.one(queries.queued, { id })))
          attempt = await tx.one(queries.nextAttempt, waits)
        const from = Date.now()
        if (attempt) return { webhook, attempt, at: Date.parse(tx.now), since: () => Date.now() - from }
      }
      tx.saveAll(queries.endedCalling, { id })
      return undefined
    })

  for (let next = await goOn(); next; next = await goOn()) {
    last = await call(messenger, next)
    const hung = last.outcome.error === 'took_too_long'
    failures = taken(last.outcome) ? 0 : hung ? failuresInATurn : failures + 1
  }
  return ended
}

/** @returns how the webhook stands after it. */
function noted(tx: Tx, webhook: Row, { attempt, outcome, ms, isPublic }: Called) {
  const { id, attempts, eventId } = attempt
  if (brokenOff(outcome)) {
    tx.saveAll(queries.givenBack, { id, attempts })
    return webhook
  }
  const after = afterAttempt({ attempts, only: eventId === null }, outcome, Date.parse(tx.now), Math.random())
  tx.saveAll(queries.attempted, { ...after, ...logged({ ...outcome, ms }, isPublic), id, attempts })
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
  { webhook, attempt, at, since }: Taken,
): Promise<Called> {
  const begun = since()
  const body = JSON.stringify(messageOf(webhook, attempt))
  let isPublic = false
  const ended = (outcome: Outcome): Called => ({ attempt, outcome, ms: since() - begun, isPublic })
  if (begun > stale) return ended({ status: null, error: 'given_up' })
  try {
    const { status } = await outbound(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Lotse',
        ...signed(vault, webhook, { id: attempt.id, body }, new Date(at + begun)),
      },
      body,
      found: (there) => (isPublic = there),
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
