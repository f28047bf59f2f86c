// The other table of contents: what happens without a request, and as whom.
import { NIL, v7 as newId } from 'uuid'
import { z } from 'zod'
import type { Config } from './config.ts'
import { mailAnswerLink } from './modules/answers/index.ts'
import { escalateDeadlines } from './modules/deadlines/index.ts'
import { forgetEvents } from './modules/events/index.ts'
import { forgetSessions } from './modules/login/index.ts'
import { mailNotices, type Courier } from './modules/notices/index.ts'
import { endSubstitutions } from './modules/substitutions/index.ts'
import { createDelivery, forgetDeliveries, waitsForCalls, type Messenger } from './modules/webhooks/index.ts'
import { anchorHeads } from './platform/audit-anchor.ts'
import { sealTrails } from './platform/audit-seal.ts'
import { actor } from './platform/actor.ts'
import { forgetAttempts } from './platform/attempts.ts'
import { forgetKeys, type Db } from './platform/db.ts'
import { inEach, runJobs, type Jobs, type Lane, type Round, type Runner } from './platform/jobs.ts'
import type { Keys } from './platform/keys.ts'
import type { Logger } from './platform/log.ts'
import { createMailer, type Mailer } from './platform/mail.ts'
import { createOutbound, type Outbound } from './platform/outbound.ts'
import { createVault } from './platform/seal.ts'

export interface JobDeps {
  /** As the role that owns the queue; the jobs themselves look at data as everybody does, through `db`. */
  workerUrl: string
  db: Db
  keys: Keys
  log: Logger
  mail: { mailer: Mailer; publicUrl: string } | undefined
  /** Where the heads of the audit trail are noted outside the database. */
  anchorDir?: string
  /** Not given, only public addresses are called. */
  outbound?: Outbound
  /** Is told how each job ended, for the figures of this process. */
  ended?: Jobs['ended']
}

/** Set all three or none: readConfig sees to it. */
export const mailOf = ({ smtpUrl, mailFrom, publicUrl }: Config): JobDeps['mail'] =>
  smtpUrl && mailFrom && publicUrl ? { mailer: createMailer(smtpUrl, mailFrom), publicUrl } : undefined

async function tick({ db, log }: JobDeps, round: Round) {
  const { municipalities, signal, failed } = round
  const clock = (tenantId: string) => actor({ action: 'clock.tick', requestId: newId(), tenantId })
  const acts: [string, (tenantId: string) => Promise<unknown>][] = [
    ['deadlines', (tenantId) => escalateDeadlines(db, tenantId)],
    ['substitutions', (tenantId) => endSubstitutions(db, tenantId)],
    ['sessions', (tenantId) => forgetSessions(db, tenantId)],
    ['events', (tenantId) => forgetEvents(db, tenantId)],
    ['deliveries', (tenantId) => forgetDeliveries(db, tenantId)],
    ['keys of requests', (tenantId) => db.read(clock(tenantId), forgetKeys)],
  ]
  const all = await municipalities()
  await db.read(clock(NIL), forgetAttempts).catch((error: unknown) => {
    failed()
    if (!signal.aborted) log.error({ err: error }, 'old attempts could not be forgotten')
  })
  for (const [act, work] of acts)
    await inEach(all, round, work, (told) =>
      log.error({ ...told, act }, 'the clock of a municipality failed'),
    )
}

/** Whom a reminder is due. Without a mail server nothing is marked as mailed: once there is one, it is told what still waits. */
async function remind(courier: Omit<Courier, 'signal' | 'failed'>, round: Round) {
  const { municipalities, signal, failed } = round
  await inEach(
    await municipalities(),
    round,
    (tenantId) => mailNotices({ ...courier, signal, failed }, tenantId),
    (told) => courier.log.error(told, 'the reminders of a municipality failed'),
  )
}

const OfLink = z.object({ tenantId: z.uuid(), linkId: z.uuid() })
/** What happened in one municipality just now; or, without one, whatever waits anywhere. */
const Messages = z.object({ tenantId: z.uuid().optional(), sweeping: z.boolean().default(false) })

function courier(messenger: Omit<Messenger, 'signal' | 'failed'>) {
  const deliver = createDelivery()
  return async (payload: unknown, round: Round) => {
    const { municipalities, signal, failed, queue, sleep } = round
    const { tenantId, sweeping } = Messages.parse(payload)
    if (tenantId) return deliver({ ...messenger, signal, failed }, tenantId, { sweeping, queue, sleep })
    // It calls nobody, and so waits for nobody. Each time another municipality is the first.
    const all = await municipalities()
    const first = Math.floor(Math.random() * all.length)
    await inEach(
      [...all.slice(first), ...all.slice(0, first)],
      round,
      async (each) => {
        if (await waitsForCalls(messenger, each)) await queue({ tenantId: each, sweeping: true })
      },
      (told) => messenger.log.error(told, 'the webhooks of a municipality were not served'),
    )
  }
}

/**
 * A minute that fails is made up for by the next. Without a queue of graphile-worker: whoever was killed while sealing would
 * keep it locked for a quarter of an hour. Two sealers are kept apart by a lock of the database, which ends with its connection.
 */
export const crontab = `
  */5 * * * * tick
  * * * * * seal ?jobKey=seal&max=1
  * * * * * webhooks ?jobKey=webhooks&max=1`

/** Where a mail server is known. */
const reminders = '*/5 * * * * mail ?jobKey=mail&max=1'

/** Whoever stands outside may take as long as they like: deadlines and seals wait for nobody. */
export function startJobs(deps: JobDeps): Runner {
  const { workerUrl: url, db, keys, log, mail, anchorDir, outbound = createOutbound({ networks: [] }) } = deps
  const clock: Lane = {
    hands: 2,
    alone: ['tick', 'seal'],
    tasks: {
      tick: (_, round) => tick(deps, round),
      seal: (_, round) =>
        sealTrails(deps, round, async (tenantId) => {
          if (anchorDir !== undefined) await anchorHeads(deps, anchorDir, tenantId)
        }),
    },
  }
  // A municipality has one of them at a time.
  const webhooks: Lane = {
    hands: 6,
    tasks: { webhooks: courier({ db, vault: createVault(keys), log, outbound }) },
  }
  // One for reminders, one for links. Without a mail server they wait in the queue, until there is one or the link has ended.
  const letters: Lane[] = mail
    ? [
        {
          hands: 2,
          alone: ['mail'],
          tasks: {
            mail: (_, round) => remind({ db, log, ...mail }, round),
            mail_answer_link: async (payload) => {
              await mailAnswerLink({ db, keys, ...mail }, OfLink.parse(payload))
            },
          },
        },
      ]
    : []
  return runJobs({
    url,
    log,
    ended: deps.ended,
    lanes: [clock, webhooks, ...letters],
    crontab: mail ? `${crontab}\n${reminders}` : crontab,
    atStart: ['tick', 'seal', ...(mail ? ['mail'] : [])],
  })
}
