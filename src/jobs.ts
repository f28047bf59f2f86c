// The other table of contents: what happens without a request, and as whom.
import { z } from 'zod'
import type { Config } from './config.ts'
import { mailAnswerLink } from './modules/answers/index.ts'
import { escalateDeadlines } from './modules/deadlines/index.ts'
import { mailNotices } from './modules/notices/index.ts'
import { endSubstitutions } from './modules/substitutions/index.ts'
import type { Db } from './platform/db.ts'
import { runJobs, type Round, type Runner } from './platform/jobs.ts'
import type { Keys } from './platform/keys.ts'
import type { Logger } from './platform/log.ts'
import { createMailer, type Mailer } from './platform/mail.ts'

export interface JobDeps {
  /** As the role that owns the queue; the jobs themselves look at data as everybody does, through `db`. */
  workerUrl: string
  db: Db
  keys: Keys
  log: Logger
  mail: { mailer: Mailer; publicUrl: string } | undefined
}

/** Set all three or none: readConfig sees to it. */
export const mailOf = ({ smtpUrl, mailFrom, publicUrl }: Config): JobDeps['mail'] =>
  smtpUrl && mailFrom && publicUrl ? { mailer: createMailer(smtpUrl, mailFrom), publicUrl } : undefined

/** One municipality at a time; what goes wrong in one of them is no reason to forget the others. */
async function tick({ db, log, mail }: JobDeps, { municipalities, signal }: Round) {
  const acts: [string, (tenantId: string) => Promise<unknown>][] = [
    ['deadlines', (tenantId) => escalateDeadlines(db, tenantId)],
    ['substitutions', (tenantId) => endSubstitutions(db, tenantId)],
  ]
  // Without a mail server nothing is marked as mailed: once there is one, it is told what still waits.
  if (mail) acts.push(['mail', (tenantId) => mailNotices({ db, log, ...mail, signal }, tenantId)])
  const all = await municipalities()
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

export function startJobs(deps: JobDeps): Runner {
  const { workerUrl: url, db, keys, log, mail } = deps
  return runJobs({
    url,
    log,
    tasks: {
      tick: (_, round) => tick(deps, round),
      // Without a mail server these wait in the queue, until there is one or the link has ended.
      ...(mail && {
        mail_answer_link: async (payload) => {
          await mailAnswerLink({ db, keys, ...mail }, OfLink.parse(payload))
        },
      }),
    },
    crontab: '*/5 * * * * tick',
    atStart: ['tick'],
  })
}
