// What may other modules use of tasks?
export { newTask, settleOfCase, settleOfOrigin, settleRecontacts, taskById } from './queries.ts'
export { taskRoutes, type CasesToTheRight } from './routes.ts'
export { contactAgain, daysAfter, recontactDays, undone } from './rules.ts'
