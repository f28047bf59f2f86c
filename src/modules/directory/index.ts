// What may other modules use of the directory?
export { offerById } from './queries.ts'
export { directoryRoutes } from './routes.ts'
