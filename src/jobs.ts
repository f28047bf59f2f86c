// The other table of contents: what happens without a request, and as whom.
import { NIL, v7 as newId } from 'uuid'
import { z } from 'zod'
import type { Config } from './config.ts'
import { mailAnswerLink } from './modules/answers/index.ts'
import { escalateDeadlines } from './modules/deadlines/index.ts'
import { forgetEvents } from './modules/events/index.ts'
import { mailNotices } from './modules/notices/index.ts'
import { endSubstitutions } from './modules/substitutions/index.ts'
import {
  deliverWebhooks,
  forgetDeliveries,
  promptDelivery,
  type Messenger,
} from './modules/webhooks/index.ts'
import { anchorHeads } from './platform/audit-anchor.ts'
import { sealTrails } from './platform/audit-seal.ts'
import { actor } from './platform/actor.ts'
import { forgetAttempts } from './platform/attempts.ts'
import type { Db } from './platform/db.ts'
import { runJobs, type Jobs, type Round, type Runner } from './platform/jobs.ts'
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

/** One municipality at a time; what goes wrong in one of them is no reason to forget the others. */
async function tick({ db, log, mail }: JobDeps, { municipalities, signal }: Round) {
  const acts: [string, (tenantId: string) => Promise<unknown>][] = [
    ['deadlines', (tenantId) => escalateDeadlines(db, tenantId)],
    ['substitutions', (tenantId) => endSubstitutions(db, tenantId)],
    ['events', (tenantId) => forgetEvents(db, tenantId)],
    ['deliveries', (tenantId) => forgetDeliveries(db, tenantId)],
  ]
  // Without a mail server nothing is marked as mailed: once there is one, it is told what still waits.
  if (mail) acts.push(['mail', (tenantId) => mailNotices({ db, log, ...mail, signal }, tenantId)])
  const all = await municipalities()
  const clock = actor({ action: 'clock.tick', requestId: newId(), tenantId: NIL })
  await db.read(clock, forgetAttempts).catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'old attempts could not be forgotten')
  })
  // E-mails last: a mail server that is slow delays no deadline, in no municipality.
  for (const [act, work] of acts)
    for (const tenantId of all) {
      if (signal.aborted) return
      await work(tenantId).catch((error: unknown) => {
        if (!signal.aborted) log.error({ err: error, tenantId, act }, 'the clock of a municipality failed')
      })
    }
}

const OfLink = z.object({ tenantId: z.uuid(), linkId: z.uuid() })
/** What happened in one municipality just now; or, without one, whatever waits anywhere. */
const Messages = z.object({ tenantId: z.uuid().optional() })

function courier(messenger: Omit<Messenger, 'signal'>) {
  const promptly = promptDelivery()
  return async (payload: unknown, { municipalities, signal }: Round) => {
    const { tenantId } = Messages.parse(payload)
    if (tenantId) return promptly({ ...messenger, signal }, tenantId)
    for (const each of await municipalities()) {
      if (signal.aborted) return
      await deliverWebhooks({ ...messenger, signal }, each).catch((error: unknown) => {
        if (!signal.aborted)
          messenger.log.error(
            { err: error, tenantId: each },
            'the webhooks of a municipality were not served',
          )
      })
    }
  }
}

export function startJobs(deps: JobDeps): Runner {
  const { workerUrl: url, db, keys, log, mail, anchorDir, outbound = createOutbound({ networks: [] }) } = deps
  return runJobs({
    url,
    log,
    ended: deps.ended,
    tasks: {
      tick: (_, round) => tick(deps, round),
      seal: (_, round) =>
        sealTrails(deps, round, async (tenantId) => {
          if (anchorDir !== undefined) await anchorHeads(deps, anchorDir, tenantId)
        }),
      webhooks: courier({ db, vault: createVault(keys), log, outbound }),
      // Without a mail server these wait in the queue, until there is one or the link has ended.
      ...(mail && {
        mail_answer_link: async (payload) => {
          await mailAnswerLink({ db, keys, ...mail }, OfLink.parse(payload))
        },
      }),
    },
    // One sealing at a time, however long it takes; a minute that fails is made up for by the next.
    crontab:
      '*/5 * * * * tick\n* * * * * seal ?queue=seal&jobKey=seal&max=1\n* * * * * webhooks ?jobKey=webhooks&max=1',
    atStart: ['tick', 'seal'],
  })
}
