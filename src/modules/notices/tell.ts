// How is somebody told, in the same transaction as what they are told of?
import { v7 as newId } from 'uuid'
import type { Role } from '../../access.ts'
import type { Tx } from '../../platform/db.ts'
import type { Code } from '../vocabularies/index.ts'
import { newNotice } from './queries.ts'
import type { subjectKinds } from './table.ts'

export type Audience =
  | { memberId: string }
  | { organizationId: string }
  /** Whoever leads the case when it is read. */
  | { leadOf: { caseId: string; compartmentId: string } }
  /** Everybody of a role; of one organisation, where it is named. */
  | { role: Extract<Role, 'navigation_head' | 'coordinator'>; ofOrganizationId?: string }

/** An entry in the day of whoever is told, and an e-mail without content by their own rhythm. Never a word about a person. */
export function tell(
  tx: Tx,
  kind: Code<'notice_kind'>,
  subject: { kind: (typeof subjectKinds)[number]; id: string },
  to: Audience,
) {
  tx.saveAll(newNotice, {
    id: newId(),
    kind,
    subjectKind: subject.kind,
    subjectId: subject.id,
    toMembershipId: null,
    toOrganizationId: null,
    compartmentId: null,
    caseId: null,
    toRole: null,
    ...addressed(to),
  })
}

function addressed(to: Audience) {
  if ('memberId' in to) return { audience: 'member' as const, toMembershipId: to.memberId }
  if ('organizationId' in to)
    return { audience: 'organization' as const, toOrganizationId: to.organizationId }
  if ('leadOf' in to) return { audience: 'lead' as const, ...to.leadOf }
  return { audience: 'role' as const, toRole: to.role, toOrganizationId: to.ofOrganizationId ?? null }
}
