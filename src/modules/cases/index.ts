// What may other modules use of cases?
export { caseById, changedCase, lockCase } from './queries.ts'
export { caseRoutes, type CaseRow, type OnCaseClosing } from './routes.ts'
export { running } from './rules.ts'
