// Which substitutions does a request need?
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import {
  byId,
  insertInto,
  lockUnlessFinal,
  ofTenant,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { memberships, users } from '../identity/table.ts'
import { notices } from '../notices/table.ts'
import { substitutions } from './table.ts'

export const substitutionById = byId('substitutions.byId', substitutions)
export const lockSubstitution = lockUnlessFinal('substitutions.lock', substitutions)
export const newSubstitution = insertInto('substitutions.new', substitutions, [
  'organizationId',
  'absentMembershipId',
  'substituteMembershipId',
  'fromOn',
  'untilOn',
  'createdByUserId',
])
export const handedBack = update('substitutions.handedBack', substitutions, ['endedAt', 'handBackNote'])

/**
 * Two arrangements of one organisation come one after the other: no constraint could see that the substitute of one is
 * the absent one of the other.
 */
export const inTurn = statement(
  'substitutions.inTurn',
  () => sql`select pg_advisory_xact_lock(hashtextextended(
    concat_ws(' ', 'substitutions', lotse.tenant_id(), lotse.organization_id()), 0))`,
)

/** Living members of the own organisation who have something to be stood in for. */
export const colleagues = statement(
  'substitutions.colleagues',
  (given: Given<{ absentId: string; substituteId: string }>) =>
    q
      .select({ id: memberships.id, role: memberships.role })
      .from(memberships)
      .innerJoin(users, and(eq(users.tenantId, memberships.tenantId), eq(users.id, memberships.userId)))
      .where(
        and(
          ofTenant(memberships),
          sql`${memberships.id} in (${given.absentId}::uuid, ${given.substituteId}::uuid)`,
          sql`${memberships.organizationId} = lotse.receiving_organization_id()`,
          inArray(memberships.role, [
            'navigator',
            'navigation_head',
            'network_professional',
            'youth_welfare_professional',
            'self_help_rep',
          ]),
          isNull(memberships.endedAt),
          eq(users.active, true),
          eq(users.kind, 'person'),
        ),
      ),
)

/** What is arranged already on these days with one of the two. */
export const crossing = statement(
  'substitutions.crossing',
  (given: Given<{ absentId: string; substituteId: string; fromOn: string; untilOn: string }>) =>
    q
      .select({
        absentMembershipId: substitutions.absentMembershipId,
        substituteMembershipId: substitutions.substituteMembershipId,
      })
      .from(substitutions)
      .where(
        and(
          ofTenant(substitutions),
          sql`${substitutions.organizationId} = lotse.receiving_organization_id()`,
          isNull(substitutions.endedAt),
          sql`${substitutions.fromOn} <= ${given.untilOn}::date and ${substitutions.untilOn} >= ${given.fromOn}::date`,
          sql`(${substitutions.absentMembershipId} in (${given.absentId}::uuid, ${given.substituteId}::uuid)
            or ${substitutions.substituteMembershipId} = ${given.absentId}::uuid)`,
        ),
      ),
)

/** What runs and what comes, by its first day. */
export const livingSubstitutions = statement(
  'substitutions.living',
  (given: Given<{ key: string; id: string; member: string | null; limit: number }>) =>
    q
      .select()
      .from(substitutions)
      .where(
        and(
          ofTenant(substitutions),
          sql`${substitutions.organizationId} = lotse.receiving_organization_id()`,
          isNull(substitutions.endedAt),
          sql`${substitutions.untilOn} >= lotse.today()`,
          sql`(${given.member}::uuid is null
            or ${given.member}::uuid in (${substitutions.absentMembershipId}, ${substitutions.substituteMembershipId}))`,
          sql`(${substitutions.fromOn}, ${substitutions.id}) > (${given.key}::date, ${given.id}::uuid)`,
        ),
      )
      .orderBy(asc(substitutions.fromOn), asc(substitutions.id))
      .limit(given.limit),
)

const over = sql`${substitutions.endedAt} is null and ${substitutions.untilOn} < lotse.today()`

export const anyOver = statement(
  'substitutions.anyOver',
  () => sql<{ there: boolean }>`
    select exists (select from ${substitutions} where ${ofTenant(substitutions)} and ${over}) as there`,
)

/** Ends those whose last day has passed, and tells both; what another process ends just now is left to it. */
export const endOver = statement(
  'substitutions.endOver',
  (given: Given<{ most: number }>) => sql<{ id: string }>`
    with passed as (
      select ${substitutions.id} as id from ${substitutions} where ${ofTenant(substitutions)} and ${over}
      order by ${substitutions.untilOn}, ${substitutions.id} limit ${given.most}::int for no key update skip locked
    ), ended as (
      update ${substitutions} set ended_at = now(), version = ${substitutions.version} + 1
      from passed where ${ofTenant(substitutions)} and ${substitutions.id} = passed.id
      returning ${substitutions.id} as id, absent_membership_id, substitute_membership_id
    ), told as (
      insert into ${notices} (tenant_id, id, kind, subject_kind, subject_id, audience, to_membership_id)
      select lotse.tenant_id(), uuidv7(), 'substitution_ended', 'substitution', ended.id, 'member', who
      from ended, unnest(array[absent_membership_id, substitute_membership_id]) who
    )
    select id from ended`,
)
