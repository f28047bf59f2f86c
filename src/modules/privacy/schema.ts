// What does the audit trail look like on the wire? Who, what, when and with which outcome; never a value.
import { z } from 'zod'
import { Id, Instant, list, Page } from '../../platform/zod.ts'

export const AuditEvent = z
  .object({
    id: Id,
    at: Instant,
    userId: Id.nullable(),
    membershipId: Id.nullable(),
    role: z.string().nullable(),
    action: z.string().meta({ examples: ['cases.read'] }),
    status: z.int().meta({ description: 'Status of the answer; from 400 on it was refused.' }),
    code: z.string().nullable().meta({ description: 'Problem code of a refusal.' }),
    objectIds: z.array(Id),
    clientIds: z.array(Id),
    fields: z.array(z.string()).meta({ description: 'Names of the fields that were sent.' }),
    basis: z.string().nullable().meta({ description: 'Legal basis of a disclosure.' }),
    criteria: z.string().nullable().meta({ description: 'Keyed hash of search criteria.' }),
    requestId: z.string(),
  })
  .meta({ id: 'AuditEvent' })
export const AuditEvents = list(AuditEvent, 'AuditEvents')

export const AuditFilter = z.strictObject({
  ...Page.shape,
  clientId: Id.optional().meta({ description: 'Everything that was read or written about this person.' }),
  userId: Id.optional(),
  from: Instant.optional(),
  until: Instant.optional(),
})
