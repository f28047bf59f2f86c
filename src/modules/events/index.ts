// What may other modules use of events?
export { emit, type Audiences } from './emit.ts'
export { forgetEvents } from './forget.ts'
export { emittedWith, horizon, wakeAny } from './queries.ts'
export { resourceOf } from './resource.ts'
export { eventRoutes } from './routes.ts'
