// What becomes of the clocks of a case that closes?
import type { Tx } from '../../platform/db.ts'
import type { Code } from '../vocabularies/index.ts'
import { followUps, guaranteeSettled } from './rules.ts'
import { startDeadline, stopDeadlinesOfCase } from './run.ts'

interface Closing {
  id: string
  organizationId: string
  compartmentId: string
}

/** All of them stop; in Denmark those begin that remind the unit to ask again. `guarantees` are those of the case. */
export function closeClocks(
  tx: Tx,
  { id: caseId, organizationId, compartmentId }: Closing,
  endType: Code<'case_end_type'>,
  { country, guarantees }: { country: string; guarantees: readonly { stoppedAt: string | null }[] },
) {
  guaranteeSettled(endType, guarantees)
  stopDeadlinesOfCase(tx, caseId, 'withdrawn')
  for (const followUp of followUps(endType, country, tx.today))
    startDeadline(tx, {
      ...followUp,
      organizationId,
      subjectId: caseId,
      ofCase: { caseId, compartmentId },
    })
}
