// What does an event look like on the wire? What happened and to which record; never a word about a person.
import { z } from 'zod'
import { Cursor, Id, Instant, list, Page } from '../../platform/zod.ts'
import { code, codes } from '../vocabularies/index.ts'

export const Event = z
  .object({
    id: Id,
    type: code('event_type'),
    at: Instant.meta({ description: 'When the transaction began in which it happened.' }),
    subjectKind: code('event_subject'),
    subjectId: Id,
    resource: z
      .string()
      .max(120)
      .meta({
        description: 'Where the record is read.',
        examples: ['/v1/referrals/01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'],
      }),
    organizationId: Id.meta({ description: 'For whom it is: the own organisation.' }),
    cursor: Cursor.meta({ description: 'Give it as `cursor` to read what came after this event.' }),
  })
  .meta({ id: 'Event' })
export const Events = list(Event, 'Events')

const known: ReadonlySet<string> = new Set(codes('event_type'))

export const EventFilter = z.strictObject({
  ...Page.shape,
  cursor: Cursor.optional().meta({
    description:
      'The `cursor` of the last event that was handled, or a `nextCursor`. Left out, the feed begins 90 days ago.',
  }),
  types: z
    .string()
    .max(2_000)
    .meta({ pattern: '^[a-z_.]+(,[a-z_.]+)*$' })
    .refine((given) => given.split(',').every((type) => known.has(type)), {
      error: 'types of events, separated by commas',
    })
    .transform((given) => given.split(','))
    .optional()
    .meta({
      description: 'Only these types, separated by commas.',
      examples: ['referral.sent,referral.withdrawn'],
    }),
})
