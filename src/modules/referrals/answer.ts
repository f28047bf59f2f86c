// What happens when a referral is answered, at a desk or through a link? The sender is told, the clock stands still.
import type { Tx } from '../../platform/db.ts'
import { startDeadline, stopDeadlines } from '../deadlines/index.ts'
import { emit } from '../events/index.ts'
import { tell } from '../notices/index.ts'
import { endDisclosuresOfSubject } from '../releases/index.ts'
import type { Code } from '../vocabularies/index.ts'
import * as queries from './queries.ts'
import { accept, decline, waitlist, type Declining, type Waiting } from './rules.ts'
import type { referrals } from './table.ts'

export type ReferralRow = typeof referrals.$inferSelect

interface Way {
  /** Answered by an agency without an account, through its link. */
  byLink?: boolean
}

/** The unit that sends; of a shielded person only who is named. */
const unitOf = ({ senderOrganizationId, compartmentId }: ReferralRow) => ({
  id: senderOrganizationId,
  compartmentId,
})

/**
 * Both sides follow what becomes of a referral, the other one only from when it was sent. With a release that is withdrawn
 * every open referral ends, and nothing more happens to it: so that is the last thing its recipient is told.
 */
export const emitted = (
  tx: Tx,
  type: Extract<Code<'event_type'>, `referral.${string}`>,
  row: ReferralRow,
  { recipientToo = true } = {},
) =>
  emit(
    tx,
    type,
    { kind: 'referral', id: row.id },
    { unit: unitOf(row), partners: recipientToo ? [row.recipientOrganizationId] : [] },
  )

/** Whoever leads the case reads it in their day; no clock of the referral runs on. */
export function answered(tx: Tx, row: ReferralRow) {
  stopDeadlines(tx, row.id, 'answered')
  tell(tx, 'referral_answered', { kind: 'referral', id: row.id }, { leadOf: leadOf(row) })
}

export const leadOf = ({ caseId, compartmentId }: ReferralRow) => ({ caseId, compartmentId })
export const caseOf = ({ caseId, compartmentId, clientId }: ReferralRow) => ({
  caseId,
  compartmentId,
  clientId,
})

/** `row` is locked; `by` is the name that the sender reads. */
export function answerAccepted(tx: Tx, row: ReferralRow, by: string, { byLink = false }: Way = {}) {
  const answer = accept(row, by, tx.now)
  answered(tx, row)
  emitted(tx, 'referral.accepted', row)
  return tx.save(queries.acceptedReferral, { id: row.id, ...answer, answeredByLink: byLink })
}

export function answerDeclined(
  tx: Tx,
  row: ReferralRow,
  given: Declining,
  by: string,
  { byLink = false }: Way = {},
) {
  const answer = decline(row, given, by, tx.now)
  answered(tx, row)
  emitted(tx, 'referral.declined', row)
  tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
  return tx.save(queries.declinedReferral, { id: row.id, ...answer, answeredByLink: byLink })
}

export function answerWaitlisted(tx: Tx, row: ReferralRow, given: Waiting, by: string) {
  const answer = waitlist(row, given, by, tx.now, tx.today)
  stopDeadlines(tx, row.id, 'replaced', 'waitlist_expected')
  answered(tx, row)
  emitted(tx, 'referral.waitlisted', row)
  startDeadline(tx, {
    kind: 'waitlist_expected',
    organizationId: row.recipientOrganizationId,
    subjectId: row.id,
    ofCase: caseOf(row),
    dueOn: answer.expectedOn,
  })
  return tx.save(queries.waitlistedReferral, { id: row.id, ...answer })
}
