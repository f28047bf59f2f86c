// What may others use of machines?
export { providerTokens } from './bearer.ts'
export { machineRoutes } from './routes.ts'
