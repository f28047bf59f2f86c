// What do handovers contribute to the modules to their left?
import type { OnCaseClosing } from '../cases/index.ts'
import type { OnContactTakenUp } from '../contacts/index.ts'
import type { OnReferralConcluded, OnReferralWithdrawn } from '../referrals/index.ts'
import type { OnReleaseEnded } from '../releases/index.ts'
import * as queries from './queries.ts'
import { refuse } from './rules.ts'

export { handoverRoutes } from './routes.ts'

export const cancelHandoversOfRelease: OnReleaseEnded = (tx, { id }, because) =>
  tx.saveAll(queries.cancelByRelease, { releaseId: id, because })

export const cancelHandoversOfReferral: OnReferralWithdrawn = (tx, { id }) => {
  tx.saveAll(queries.cancelByReferral, { referralId: id, because: 'referral_withdrawn' })
  tx.saveAll(queries.endDisclosuresByReferral, { referralId: id })
}

export const endHandoverViewsOfReferral: OnReferralConcluded = (tx, { id }) =>
  tx.saveAll(queries.endAllDisclosuresByReferral, { referralId: id })

/** Nobody gets lost between two doors: a case with somebody on the way does not close. */
export const cancelHandoversOfCase: OnCaseClosing = {
  lock: (tx, caseId) => tx.saveAll(queries.lockOpenOfCase, { caseId }),
  async end(tx, { id }) {
    if (await tx.one(queries.acceptedOfCase, { caseId: id })) throw refuse('handover_under_way')
    tx.saveAll(queries.cancelByCase, { caseId: id, because: 'case_closed' })
    tx.saveAll(queries.endDisclosuresByCase, { caseId: id })
  },
}

/** What was returned has been taken up: from this instant on the giver is responsible again. */
export const takeBackReturned: OnContactTakenUp = (tx, { id }) =>
  tx.saveAll(queries.takenBack, { contactId: id })
