// What may other modules use of login?
export { loginRoutes } from './routes.ts'
export { beginSession, tokensWith, type NewSession } from './session.ts'
