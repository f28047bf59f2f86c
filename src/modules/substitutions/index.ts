// What may other modules use of substitutions?
export { endSubstitutions } from './end.ts'
export { substitutionRoutes } from './routes.ts'
