// What does the app need of the overview?
export { overviewRoutes } from './routes.ts'
