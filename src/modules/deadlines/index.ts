// What may other modules use of deadlines?
export { closeClocks } from './close.ts'
export { escalateDeadlines } from './escalate.ts'
export { ofKind, stoppedWith } from './queries.ts'
export { deadlineRoutes } from './routes.ts'
export { dayIn, monthsAfter, workingDaysAfter } from './rules.ts'
export { endRecontact, recontact } from './recontact.ts'
export { startDeadline, stopDeadlines, stopDeadlinesOfCase } from './run.ts'
