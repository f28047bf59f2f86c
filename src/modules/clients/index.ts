// What may other modules use of people?
export { codeIndex, opened } from './identity.ts'
export { clientById, lockClient, ownClient } from './queries.ts'
export { recordPerson } from './record.ts'
export { clientRoutes } from './routes.ts'
export { isKnown } from './rules.ts'
export { ClientChange, ClientInList, NewClient } from './schema.ts'
export type { Known } from './rules.ts'
