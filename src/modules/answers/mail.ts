// How does a link go out? By e-mail, without a word about anybody; what opens it is told by phone.
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db } from '../../platform/db.ts'
import type { Keys } from '../../platform/keys.ts'
import type { Mailer } from '../../platform/mail.ts'
import { found } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { tenantById } from '../identity/index.ts'
import { linkToMail, mailedLink } from './queries.ts'
import { isLiving } from './rules.ts'
import { answerTokens, type LinkId } from './token.ts'
import { instantIn, words } from './words.ts'

interface Courier {
  db: Db
  keys: Keys
  mailer: Mailer
  /** Where the page is found from outside. */
  publicUrl: string
}

/**
 * Sent while the row is held and noted only when it was taken: a job that runs twice sends once.
 * @returns whether an e-mail went out; none does for a link or a referral that has ended meanwhile.
 */
export function mailAnswerLink({ db, keys, mailer, publicUrl }: Courier, of: LinkId): Promise<boolean> {
  const courier = actor({ action: 'courier.mail', requestId: newId(), tenantId: of.tenantId })
  return db.as(courier, async (tx) => {
    const [link, [tenant]] = await tx.load(
      linkToMail,
      { id: of.linkId },
      ask(tenantById, { id: of.tenantId }),
    )
    if (link.mailedAt || !isLiving(link, Date.parse(tx.now), link.awaited)) return false
    const { name, timeZone } = found(tenant)
    const { mail } = words[link.language]
    await mailer({
      to: link.email,
      subject: mail.subject,
      text: mail.text(
        name,
        `${publicUrl}/answer/${answerTokens(keys).make(of)}`,
        instantIn(timeZone, link.expiresAt, link.language),
      ),
    })
    return tx.save(mailedLink, { id: link.id, mailedAt: tx.now }).map(() => true)
  })
}
