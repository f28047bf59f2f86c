// What may other modules use of tasks?
export { newTask } from './queries.ts'
export { taskRoutes } from './routes.ts'
export { daysAfter, recontactDays } from './rules.ts'
