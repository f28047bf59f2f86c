// What may other modules use of contacts?
export { contactsOfCase } from './queries.ts'
export { requestAnew } from './register.ts'
export { contactRoutes, type OnContactTakenUp } from './routes.ts'
