// Who is reminded by e-mail that something waits? By everybody's own rhythm, one e-mail for all of it, and never what it is.
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db } from '../../platform/db.ts'
import type { Language } from '../../platform/language.ts'
import type { Logger } from '../../platform/log.ts'
import { refusedAddress, type Mailer } from '../../platform/mail.ts'
import { ask } from '../../platform/statement.ts'
import * as queries from './queries.ts'

export interface Courier {
  db: Db
  log: Logger
  mailer: Mailer
  /** Where people sign in. */
  publicUrl: string
  signal?: AbortSignal
  /** Is told when nothing goes out any more; one address that is refused holds up nobody else. */
  failed?: () => void
}

/** @returns how many e-mails went out. What the mail server does not take now is tried again with the next tick. */
export async function mailNotices({ db, log, mailer, publicUrl, signal, failed }: Courier, tenantId: string) {
  const courier = () => actor({ action: 'courier.mail', requestId: newId(), tenantId })

  /** Sent while the row of the member is held, so that nobody else writes meanwhile; noted only when it was taken. */
  const mail = (id: string) =>
    db.as(courier(), async (tx) => {
      tx.saveAll(queries.mailSettingsOf, { id })
      if (!(await tx.one(queries.takeMail, { id }))) return 0
      const due = await tx.one(queries.dueMail, { id })
      if (!due) return 0
      await mailer({ to: due.email, ...reminder(due, publicUrl) })
      return tx.save(queries.mailed, { id }).map(() => 1)
    })

  let sent = 0
  const [due] = await db.read(courier(), ask(queries.dueMails, {}))
  for (const { membershipId } of due) {
    if (signal?.aborted) return sent
    try {
      sent += await mail(membershipId)
    } catch (error) {
      log.warn({ err: error, membership: membershipId }, 'an e-mail was not taken; trying again later')
      if (refusedAddress(error)) continue
      failed?.()
      break
    }
  }
  const [[settled]] = await db.read(courier(), ask(queries.anySettled, {}))
  if (settled?.any) await db.as(courier(), (tx) => tx.all(queries.settle, {}))
  return sent
}

interface Due {
  language: Language
  municipality: string
  things: number
}

/** No name of a person and no kind of record: an e-mail is a postcard. */
function reminder({ language, municipality, things }: Due, publicUrl: string) {
  const { subject, lines } = words[language]
  return { subject, text: [municipality, ...lines(things, publicUrl)].join('\n\n') + '\n' }
}

const words: Record<Language, { subject: string; lines: (things: number, at: string) => string[] }> = {
  de: {
    subject: 'In Lotse wartet etwas auf Sie',
    lines: (things, at) => [
      things === 1 ? 'In Lotse wartet eine Sache auf Sie.' : `In Lotse warten ${things} Sachen auf Sie.`,
      `Bitte melden Sie sich an: ${at}`,
      'Diese E-Mail wurde automatisch verschickt und sagt mit Absicht nicht mehr. Wie oft Sie erinnert werden, stellen Sie in Lotse ein.',
    ],
  },
  en: {
    subject: 'Something waits for you in Lotse',
    lines: (things, at) => [
      things === 1 ? 'One thing waits for you in Lotse.' : `${things} things wait for you in Lotse.`,
      `Please sign in: ${at}`,
      'This e-mail was sent automatically and says no more on purpose. How often you are reminded is set in Lotse.',
    ],
  },
  da: {
    subject: 'Der venter noget på dig i Lotse',
    lines: (things, at) => [
      things === 1 ? 'Der venter én ting på dig i Lotse.' : `Der venter ${things} ting på dig i Lotse.`,
      `Log venligst ind: ${at}`,
      'Denne e-mail er sendt automatisk og siger med vilje ikke mere. Hvor ofte du bliver mindet om noget, vælger du i Lotse.',
    ],
  },
}
