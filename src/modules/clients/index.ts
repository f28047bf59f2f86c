// What may other modules use of people?
export { opened } from './identity.ts'
export { clientById, lockClient } from './queries.ts'
export { recordPerson } from './record.ts'
export { clientRoutes } from './routes.ts'
export { ClientInList } from './schema.ts'
export type { Known } from './rules.ts'
