// What does the app need of privacy?
export { privacyRoutes } from './routes.ts'
