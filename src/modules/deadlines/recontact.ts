// Who goes after somebody who did not come? Three dated tasks and one clock, in the transaction that records it.
import { v7 as newId } from 'uuid'
import type { Tx } from '../../platform/db.ts'
import { daysAfter, newTask, recontactDays, settleRecontacts } from '../tasks/index.ts'
import { startDeadline, stopDeadlines } from './run.ts'

interface OfCase {
  caseId: string
  compartmentId: string
  clientId: string
}

/** What is open from an earlier no-show gives way: nobody is called twice on one day, and the count begins anew. */
export function recontact(
  tx: Tx,
  { originId, organizationId, ofCase }: { originId: string; organizationId: string; ofCase: OfCase },
) {
  tx.saveAll(settleRecontacts, { caseId: ofCase.caseId, taskId: null })
  stopDeadlines(tx, ofCase.caseId, 'replaced', 'reengagement')
  for (const days of recontactDays)
    tx.save(newTask, {
      ...ofCase,
      id: newId(),
      kind: 'recontact',
      dueOn: daysAfter(tx.today, days),
      originId,
    })
  startDeadline(tx, {
    kind: 'reengagement',
    organizationId,
    subjectId: ofCase.caseId,
    ofCase,
    dueOn: daysAfter(tx.today, recontactDays.at(-1)!),
  })
}

/** Somebody is there again, or does not want to be called: no more tries. */
export function endRecontact(tx: Tx, caseId: string, by: 'reached' | 'arrived' | 'other_choice') {
  tx.saveAll(settleRecontacts, { caseId, taskId: null })
  stopDeadlines(tx, caseId, by, 'reengagement')
}
