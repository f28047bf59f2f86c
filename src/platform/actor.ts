// Who asks, for what, and what has this request touched? Nothing reaches the database without one of these.
import type { Action } from '../access.ts'

export interface Actor {
  action: Action
  requestId: string
  tenantId: string
  userId: string | null
  membershipId: string | null
  sessionId: string | null
  /** For a member known only after the first statement: it is read in the request's own transaction. */
  role: string | null
  organizationId: string | null
  /** The calendar day in the municipality's time zone; known with the role. */
  today: string
  /** When the database last let this actor in, by its clock: that of a service may be wrong. */
  now: string
  /** The version that the caller names in If-Match, and whether the method demands one. */
  ifMatch: number | undefined
  versionRequired: boolean
  idempotency: { key: string; fingerprint: string } | undefined
  /** The status of success, for the audit trail and for a replay. */
  successStatus: number
  /** For the audit trail: what was read or written, about whom, which fields, on which basis, what was searched for (hashed). */
  trail: {
    objects: Set<string>
    clients: Set<string>
    fields: string[]
    basis: string | null
    criteria: string | null
    durable: boolean
  }
}

export const actor = (who: Pick<Actor, 'action' | 'requestId' | 'tenantId'> & Partial<Actor>): Actor => ({
  userId: null,
  membershipId: null,
  sessionId: null,
  role: null,
  organizationId: null,
  today: '',
  now: '',
  ifMatch: undefined,
  versionRequired: false,
  idempotency: undefined,
  successStatus: 200,
  trail: { objects: new Set(), clients: new Set(), fields: [], basis: null, criteria: null, durable: false },
  ...who,
})
