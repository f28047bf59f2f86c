// What do webhooks contribute to the service and its jobs?
export { deliverWebhooks, forgetDeliveries, type Messenger } from './deliver.ts'
export { webhookRoutes } from './routes.ts'
