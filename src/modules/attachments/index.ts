// What may other modules use of attachments, and what do attachments contribute to a referral that is sent?
import type { OnReferralSending } from '../referrals/index.ts'
import { ask } from '../../platform/statement.ts'
import { attachedTo, openedToRecipient } from './queries.ts'

export { handedOut, named } from './file.ts'
export { attachmentsOf, contentById } from './queries.ts'
export { attachmentRoutes } from './routes.ts'

/** A document leaves as its category; sending opens it to the recipient, as long as the disclosure is valid. */
export const sendAttachments: OnReferralSending = {
  uses: ({ id }) => ask(attachedTo, { referralId: id }),
  send: (tx, { id }, validUntil) => tx.saveAll(openedToRecipient, { referralId: id, validUntil }),
}
