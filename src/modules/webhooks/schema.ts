// What do webhooks and their deliveries look like on the wire?
import { z } from 'zod'
import { Id, Instant, list, Page, Version } from '../../platform/zod.ts'
import { code, codes } from '../vocabularies/index.ts'
import { asCalled } from './rules.ts'

const longestUrl = 500
const Url = z
  .url({ protocol: /^https?$/ })
  .max(longestUrl)
  .superRefine((input, context) => {
    if (URL.canParse(input) && asCalled(input).length > longestUrl)
      context.addIssue({ code: 'too_big', origin: 'string', maximum: longestUrl, inclusive: true, input })
  })
  .meta({
    description:
      'https, without name or password in it, on port 443 or from 1024 on, at a public address. It counts as it is called, with `%C3%BC` for an ü. Where its name leads is asked with every call.',
    examples: ['https://system.example/lotse'],
  })
const EventTypes = z
  .array(code('event_type'))
  .min(1)
  .max(codes('event_type').length)
  .meta({ description: 'What it is called for.' })

export const Webhook = z
  .object({
    id: Id,
    organizationId: Id.meta({ description: 'Whose events it is called for.' }),
    url: Url,
    eventTypes: EventTypes,
    status: code('webhook_status'),
    stoppedBecause: code('webhook_stop').nullable(),
    secret: z
      .string()
      .max(100)
      .nullable()
      .meta({ description: 'Only in the answer that makes it, once; null everywhere else.' }),
    formerSecretUntil: Instant.nullable().meta({ description: 'Until then the secret before signs along.' }),
    failingSince: Instant.nullable().meta({ description: 'Since when every call has failed.' }),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'Webhook' })
export const Webhooks = list(Webhook, 'Webhooks')

export const NewWebhook = z
  .strictObject({
    url: Url,
    eventTypes: EventTypes,
    organizationId: Id.optional().meta({
      description: 'As administrator or coordinator for any organisation; left out, the own one.',
    }),
  })
  .meta({ id: 'NewWebhook' })
export const WebhookChange = z
  .strictObject({ url: Url, eventTypes: EventTypes })
  .partial()
  .meta({ id: 'WebhookChange' })

export const Delivery = z
  .object({
    id: Id.meta({ description: 'Also the header `webhook-id`, the same with every attempt.' }),
    webhookId: Id,
    eventId: Id.nullable(),
    eventType: code('event_type').nullable().meta({ description: 'Null for a ping.' }),
    subjectKind: code('event_subject').nullable(),
    subjectId: Id.nullable(),
    happenedAt: Instant,
    status: code('delivery_status'),
    attempts: z.int().min(0).max(1_000),
    nextAttemptAt: Instant.nullable(),
    lastAttemptAt: Instant.nullable(),
    lastStatus: z.int().min(100).max(999).nullable().meta({ description: 'The status that was answered.' }),
    lastError: z.string().max(40).nullable().meta({
      description:
        'Why nothing usable was answered; never what was answered. `not_taken`, and nothing else of the call, where the address is not public or was not found.',
    }),
    lastMs: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'How long the last attempt took, in milliseconds.' }),
    deliveredAt: Instant.nullable(),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'WebhookDelivery' })
export const Deliveries = list(Delivery, 'WebhookDeliveries')

export const DeliveryFilter = z.strictObject({
  ...Page.shape,
  status: code('delivery_status').optional().meta({ description: 'Only deliveries in this state.' }),
})
