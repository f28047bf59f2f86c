// What may other modules use of cases?
import type { CasesToTheRight } from '../tasks/index.ts'
import { lockCase } from './queries.ts'
import { running } from './rules.ts'

export { caseById, changedCase, lockCase, moveCase, ownCase } from './queries.ts'
export { openCase } from './open.ts'
export { caseRoutes, type CaseRow, type OnCaseClosing } from './routes.ts'
export { dated, running } from './rules.ts'
export { CaseChange, NewCase } from './schema.ts'

/** For the modules to the left that write into a case. */
export const cases: CasesToTheRight = { lock: lockCase, running }
