// What may other modules use of clearings?
export { publishFirstGuide } from './install.ts'
export { guideById, latestFinishedClearing } from './queries.ts'
export { clearingRoutes } from './routes.ts'
export { byCategory, type Finding } from './rules.ts'
