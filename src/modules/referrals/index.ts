// What may other modules use of referrals, and what do referrals contribute to them?
import type { OnCaseClosing } from '../cases/index.ts'
import { wakeAny } from '../events/index.ts'
import type { OnReleaseEnded } from '../releases/index.ts'
import {
  endDisclosuresByCase,
  lockOpenOfCase,
  lockOpenOfRelease,
  withdrawByCase,
  withdrawByRelease,
} from './queries.ts'

export { lockReferral, movedReferral, ownReferral, referralById } from './queries.ts'
export { answerAccepted, answerDeclined, answerWaitlisted, emitted, type ReferralRow } from './answer.ts'
export {
  referralRoutes,
  type OnReferralConcluded,
  type OnReferralSending,
  type OnReferralWithdrawn,
} from './routes.ts'
export { asRecipient, asSender, draft, isRecipient, moved } from './rules.ts'
export { NewReferral, ReferralChange } from './schema.ts'

export const withdrawReferralsOfRelease: OnReleaseEnded = (tx, { id }, because) => {
  tx.saveAll(lockOpenOfRelease, { releaseId: id })
  tx.saveAll(withdrawByRelease, { releaseId: id, because, at: tx.now })
  tx.saveAll(wakeAny, {})
}

export const withdrawReferralsOfCase: OnCaseClosing = {
  lock: (tx, caseId) => tx.saveAll(lockOpenOfCase, { caseId }),
  end(tx, { id }) {
    tx.saveAll(withdrawByCase, { caseId: id, because: 'case_closed', at: tx.now })
    tx.saveAll(endDisclosuresByCase, { caseId: id })
    tx.saveAll(wakeAny, {})
  },
}
