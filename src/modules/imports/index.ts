// What may other modules use of imports?
export { importRoutes } from './routes.ts'
