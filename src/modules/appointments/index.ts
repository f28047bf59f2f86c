// What do appointments contribute to the modules to their left?
import type { OnCaseClosing } from '../cases/index.ts'
import * as queries from './queries.ts'
import { contactLost } from './rules.ts'

export { appointmentRoutes } from './routes.ts'

/** Nobody is given up after one call; and nobody waits for somebody whose case is closed. */
export const cancelAppointmentsOfCase: OnCaseClosing = {
  // An appointment is locked after its case: there is nothing to lock before.
  lock: () => {},
  async end(tx, { id }, { endType, lastWords }) {
    if (endType === 'lost_contact' && !lastWords) contactLost(await tx.all(queries.triesOf, { caseId: id }))
    tx.saveAll(queries.cancelByCase, { caseId: id })
  },
}
