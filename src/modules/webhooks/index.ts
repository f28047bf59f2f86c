// What do webhooks contribute to the service and its jobs?
export { deliverWebhooks, forgetDeliveries, promptDelivery, type Messenger } from './deliver.ts'
export { webhookRoutes } from './routes.ts'
