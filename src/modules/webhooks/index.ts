// What do webhooks contribute to the service and its jobs?
export { createDelivery, forgetDeliveries, waitsForCalls, type Messenger } from './deliver.ts'
export { webhookRoutes } from './routes.ts'
