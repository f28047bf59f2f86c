// What may other modules use of login?
export { loginRoutes } from './routes.ts'
export { forgetSessions, keptForDays } from './forget.ts'
export { beginSession, endSessions, tokensWith, turnToBegin, turnToEnd, type NewSession } from './session.ts'
