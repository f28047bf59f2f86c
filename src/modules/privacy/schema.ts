// What does the audit trail look like on the wire? Who, what, when and with which outcome, never a value; and its seals.
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
    requestId: z.uuid(),
  })
  .meta({ id: 'AuditEvent' })
export const AuditEvents = list(AuditEvent, 'AuditEvents')

export const AuditFilter = z.strictObject({
  ...Page.shape,
  clientId: Id.optional().meta({ description: 'Everything that was read or written about this person.' }),
  userId: Id.optional().meta({ description: 'Everything that this person with a login did or tried.' }),
  from: Instant.optional().meta({ description: 'Not before this instant.' }),
  until: Instant.optional().meta({ description: 'Before this instant.' }),
})

const Hash = z.string().meta({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, in hexadecimal.' })

export const AuditHead = z
  .object({
    id: Id,
    tenantId: Id,
    number: z.int().meta({ description: 'From 1, without a gap.', examples: [412] }),
    encoding: z.int().meta({ description: 'How rows and heads are written before they are hashed.' }),
    rows: z.int().meta({ description: 'How many entries of the trail lie under this head.' }),
    lastXid: z
      .string()
      .meta({ description: 'Transaction of the last entry that is sealed.', examples: ['80152'] }),
    lastId: Id.meta({ description: 'Id of the last entry that is sealed.' }),
    root: Hash.meta({ description: 'Root of the Merkle tree over the entries (RFC 9162).' }),
    marksHash: Hash,
    previous: Hash.meta({ description: 'The hash of the head before; zeros for the first.' }),
    at: Instant,
    keyId: z
      .string()
      .meta({ description: 'Beginning of the hash of the public key.', examples: ['3b6a27bcceb6a42d'] }),
    signature: z.string().meta({ description: 'Ed25519 (RFC 8032), in base64.' }),
    hash: Hash.meta({ description: 'Of what is signed; the next head names it.' }),
  })
  .meta({ id: 'AuditHead', description: 'One line of this is a line of an anchor: keep it elsewhere.' })
export const AuditHeads = list(AuditHead, 'AuditHeads')

export const HeadFilter = z.strictObject(Page.shape)
