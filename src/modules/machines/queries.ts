// Which rows of service accounts, keys and identity providers does a request need?
import { and, asc, eq, isNull, or, sql } from 'drizzle-orm'
import {
  byId,
  insertInto,
  lockById,
  ofTenant,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { memberships, secrecyObligations, tenants, users } from '../identity/table.ts'
import { sessions } from '../login/table.ts'
import {
  identityProviders,
  providerSubjects,
  serviceAccountKeys,
  serviceAccounts,
  usedAssertions,
} from './table.ts'

// ── Service accounts ───────────────────────────────────────────────────────────────────────────────────────

interface KeyInList {
  id: string
  serviceAccountId: string
  kind: 'secret' | 'public_key'
  label: string
  expiresAt: string
  usedAt: string | null
  revokedAt: string | null
  createdAt: string
  version: number
}

const account = {
  id: serviceAccounts.id,
  /** Not `clientId`: under that name the audit trail notes people. */
  signsInAs: sql<string>`(select ${tenants.slug} from ${tenants} where ${ofTenant(tenants)}) || '.' || ${serviceAccounts.id}`,
  name: users.name,
  language: users.language,
  scopes: serviceAccounts.scopes,
  expiresOn: serviceAccounts.expiresOn,
  addresses: serviceAccounts.addresses,
  responsibleUserId: serviceAccounts.responsibleUserId,
  membershipId: serviceAccounts.membershipId,
  role: memberships.role,
  organizationId: memberships.organizationId,
  membershipEndedAt: memberships.endedAt,
  active: users.active,
  isBoundToSecrecy: sql<boolean>`exists (select from ${secrecyObligations} where ${ofTenant(secrecyObligations)}
    and ${secrecyObligations.userId} = ${serviceAccounts.id})`,
  keys: sql<
    KeyInList[]
  >`coalesce((select json_agg(json_build_object('id', k.id, 'serviceAccountId', k.account_id,
      'kind', k.kind, 'label', k.label, 'expiresAt', k.expires_at, 'usedAt', k.used_at, 'revokedAt', k.revoked_at,
      'createdAt', k.created_at, 'version', k.version) order by k.created_at, k.id)
    from ${serviceAccountKeys} k where k.tenant_id = lotse.tenant_id() and k.account_id = ${serviceAccounts.id}
      and k.revoked_at is null and k.expires_at > now()), '[]')`,
  createdAt: serviceAccounts.createdAt,
  version: serviceAccounts.version,
}

const accounts = () =>
  q
    .select(account)
    .from(serviceAccounts)
    .innerJoin(users, and(eq(users.tenantId, serviceAccounts.tenantId), eq(users.id, serviceAccounts.id)))
    .innerJoin(
      memberships,
      and(
        eq(memberships.tenantId, serviceAccounts.tenantId),
        eq(memberships.id, serviceAccounts.membershipId),
      ),
    )

/** With its living keys, whether it is bound to secrecy, and the name under which it signs in. */
export const accountById = statement('serviceAccounts.byId', (given: Given<{ id: string }>) =>
  accounts().where(and(ofTenant(serviceAccounts), eq(serviceAccounts.id, given.id))),
)
export const lockAccount = statement('serviceAccounts.lock', (given: Given<{ id: string }>) =>
  accounts()
    .where(and(ofTenant(serviceAccounts), eq(serviceAccounts.id, given.id)))
    .for('no key update', { of: serviceAccounts }),
)
/** By name, a page after `key` and `id`. */
export const accountPage = statement(
  'serviceAccounts.page',
  (given: Given<{ key: string; id: string; limit: number }>) =>
    accounts()
      .where(
        and(
          ofTenant(serviceAccounts),
          sql`(${users.name}, ${serviceAccounts.id}) > (${given.key}::text, ${given.id}::uuid)`,
        ),
      )
      .orderBy(asc(users.name), asc(serviceAccounts.id))
      .limit(given.limit),
)
export const newAccount = insertInto('serviceAccounts.new', serviceAccounts, [
  'membershipId',
  'scopes',
  'expiresOn',
  'addresses',
  'responsibleUserId',
])
export const changedAccount = update('serviceAccounts.changed', serviceAccounts, [
  'scopes',
  'expiresOn',
  'addresses',
  'responsibleUserId',
])

export const keyById = byId('serviceAccountKeys.byId', serviceAccountKeys)
export const lockKey = lockById('serviceAccountKeys.lock', serviceAccountKeys)
export const newKey = insertInto('serviceAccountKeys.new', serviceAccountKeys, [
  'accountId',
  'kind',
  'label',
  'secretHash',
  'jwk',
  'expiresAt',
  'createdByUserId',
])
export const revokedKey = update('serviceAccountKeys.revoked', serviceAccountKeys, ['revokedAt'])
/** When the day is over in the municipality. */
export const endOfDay = statement(
  'serviceAccountKeys.endOfDay',
  (given: Given<{ day: string }>) => sql<{ at: string }>`
    select ((${given.day}::date + 1)::timestamp at time zone ${tenants.timeZone}) as at from ${tenants}
    where ${ofTenant(tenants)}`,
)

/** For the sign-in: with which keys the account may prove who it is. */
export const livingKeys = statement('serviceAccountKeys.living', (given: Given<{ accountId: string }>) =>
  q
    .select({
      id: serviceAccountKeys.id,
      kind: serviceAccountKeys.kind,
      secretHash: serviceAccountKeys.secretHash,
      jwk: serviceAccountKeys.jwk,
    })
    .from(serviceAccountKeys)
    .where(
      and(
        ofTenant(serviceAccountKeys),
        eq(serviceAccountKeys.accountId, given.accountId),
        isNull(serviceAccountKeys.revokedAt),
        sql`${serviceAccountKeys.expiresAt} > now()`,
      ),
    ),
)
export const usedKey = statement('serviceAccountKeys.used', (given: Given<{ id: string }>) =>
  q
    .update(serviceAccountKeys)
    .set({ usedAt: sql`now()` })
    .where(and(ofTenant(serviceAccountKeys), eq(serviceAccountKeys.id, given.id))),
)
/** Answers a row for the first who uses it, and none for everybody after. */
export const usedAssertion = statement(
  'usedAssertions.new',
  (given: Given<{ accountId: string; jti: Buffer; expiresAt: string }>) =>
    q
      .insert(usedAssertions)
      .values({
        tenantId: sql`lotse.tenant_id()`,
        accountId: given.accountId,
        jti: given.jti,
        expiresAt: given.expiresAt,
      })
      .onConflictDoNothing()
      .returning({ first: sql<boolean>`true` }),
)
export const forgottenAssertions = statement('usedAssertions.forget', (given: Given<{ accountId: string }>) =>
  q
    .delete(usedAssertions)
    .where(
      and(
        ofTenant(usedAssertions),
        eq(usedAssertions.accountId, given.accountId),
        sql`${usedAssertions.expiresAt} < now()`,
      ),
    ),
)

const ended = { revokedAt: sql`clock_timestamp()` }
/** Everything that began with a key or through a provider ends with it. */
export const endedByOrigin = statement('sessions.endedByOrigin', (given: Given<{ originId: string }>) =>
  q
    .update(sessions)
    .set(ended)
    .where(and(ofTenant(sessions), eq(sessions.originId, given.originId), isNull(sessions.revokedAt))),
)
/** A machine's sessions all have an origin: the index of origins finds them. All of them, or those through one provider. */
export const endedOfAccount = statement(
  'sessions.endedOfAccount',
  (given: Given<{ userId: string; originId: string | null }>) =>
    q
      .update(sessions)
      .set(ended)
      .where(
        and(
          ofTenant(sessions),
          sql`${sessions.originId} is not null`,
          eq(sessions.userId, given.userId),
          sql`(${given.originId}::uuid is null or ${sessions.originId} = ${given.originId}::uuid)`,
          isNull(sessions.revokedAt),
        ),
      ),
)

// ── Identity providers ─────────────────────────────────────────────────────────────────────────────────────

/** The only question that is asked before a municipality is known: an exact pair, or nothing. */
export const providerOf = statement(
  'providers.of',
  (given: Given<{ issuer: string; audiences: string[] }>) =>
    sql<{ tenantId: string; providerId: string }>`
      select tenant_id as "tenantId", provider_id as "providerId"
      from login.provider_of(${given.issuer}::text, ${given.audiences}::text[])`,
)
export const claimedIssuer = statement(
  'providers.claim',
  (given: Given<{ issuer: string; audience: string; id: string }>) =>
    sql`select login.claim_issuer(${given.issuer}::text, ${given.audience}::text, ${given.id}::uuid)`,
)

export const providerById = byId('providers.byId', identityProviders)
export const lockProvider = lockById('providers.lock', identityProviders)
const providerColumns = [
  'label',
  'subjectClaim',
  'emailClaim',
  'nameClaim',
  'linkByEmail',
  'provision',
  'mappings',
  'machines',
] as const
export const newProvider = insertInto('providers.new', identityProviders, [
  'issuer',
  'audience',
  ...providerColumns,
])
export const changedProvider = update('providers.changed', identityProviders, [...providerColumns, 'active'])
export const providerPage = statement(
  'providers.page',
  (given: Given<{ key: string; id: string; limit: number }>) =>
    q
      .select()
      .from(identityProviders)
      .where(
        and(
          ofTenant(identityProviders),
          sql`(${identityProviders.label}, ${identityProviders.id}) > (${given.key}::text, ${given.id}::uuid)`,
        ),
      )
      .orderBy(asc(identityProviders.label), asc(identityProviders.id))
      .limit(given.limit),
)

const held = {
  id: memberships.id,
  role: memberships.role,
  organizationId: memberships.organizationId,
  providerId: memberships.providerId,
  userId: memberships.userId,
  endedAt: memberships.endedAt,
  version: memberships.version,
}

/** What the provider has given and nobody has ended. */
export const givenByProvider = statement('providers.given', (given: Given<{ providerId: string }>) =>
  q
    .select(held)
    .from(memberships)
    .where(
      and(ofTenant(memberships), eq(memberships.providerId, given.providerId), isNull(memberships.endedAt)),
    ),
)

/** The memberships of whoever the provider knows under this subject, and those that a human has ended; the oldest first. */
export const heldBySubject = statement(
  'providers.heldBySubject',
  (given: Given<{ providerId: string; subject: string }>) =>
    q
      .select(held)
      .from(memberships)
      .innerJoin(
        providerSubjects,
        and(
          eq(providerSubjects.tenantId, memberships.tenantId),
          eq(providerSubjects.userId, memberships.userId),
        ),
      )
      .where(
        and(
          ofTenant(memberships),
          eq(providerSubjects.providerId, given.providerId),
          eq(providerSubjects.subject, given.subject),
          or(isNull(memberships.endedAt), eq(memberships.endedByProvider, false)),
        ),
      )
      .orderBy(asc(memberships.createdAt), asc(memberships.id)),
)
export const personOfSubject = statement(
  'providers.person',
  (given: Given<{ providerId: string; subject: string }>) =>
    q
      .select({ id: providerSubjects.userId, newestIat: providerSubjects.newestIat })
      .from(providerSubjects)
      .where(
        and(
          ofTenant(providerSubjects),
          eq(providerSubjects.providerId, given.providerId),
          eq(providerSubjects.subject, given.subject),
        ),
      ),
)
/**
 * Everybody who has or had this address; somebody else, when the provider knows them as another subject, or whoever named
 * them first did not vouch for the address. A machine has no address, and is nobody whom one could be linked with.
 */
export const namesakes = statement(
  'providers.namesakes',
  (given: Given<{ email: string; providerId: string }>) =>
    sql<{ id: string; active: boolean; isSomebodyElse: boolean }>`
      select u.id, u.active, exists (select from ${providerSubjects} s
          where s.tenant_id = lotse.tenant_id() and s.user_id = u.id
            and (s.provider_id = ${given.providerId}::uuid or not s.email_verified)) as "isSomebodyElse"
      from ${users} u where u.tenant_id = lotse.tenant_id() and u.email = ${given.email}::text and u.kind = 'person'`,
)
export const newSubject = insertInto('providers.newSubject', providerSubjects, [
  'providerId',
  'subject',
  'userId',
  'emailVerified',
  'newestIat',
])
/** From here on an older token of this subject changes nothing. */
export const followedToken = statement(
  'providers.followed',
  (given: Given<{ providerId: string; subject: string; newestIat: number }>) =>
    q
      .update(providerSubjects)
      .set({ newestIat: given.newestIat })
      .where(
        and(
          ofTenant(providerSubjects),
          eq(providerSubjects.providerId, given.providerId),
          eq(providerSubjects.subject, given.subject),
        ),
      ),
)
/** Two requests of one person at the same moment do not make two people of them. */
export const inTurn = statement(
  'providers.inTurn',
  (given: Given<{ providerId: string; subject: string }>) =>
    sql`select pg_advisory_xact_lock(hashtextextended(
      concat_ws(' ', 'provider', ${given.providerId}::text, ${given.subject}::text), 0))`,
)
/** Nor do two people under one address become one person, whichever of them comes first. Always after `inTurn`. */
export const addressInTurn = statement(
  'providers.addressInTurn',
  (given: Given<{ email: string }>) =>
    sql`select pg_advisory_xact_lock(hashtextextended(
      concat_ws(' ', 'address', lotse.tenant_id()::text, ${given.email}::text), 0))`,
)
export const newMembershipOf = insertInto('providers.newMembership', memberships, [
  'userId',
  'organizationId',
  'role',
  'providerId',
])
/** Because no claim or no mapping gives it any more: with them it comes again. What a human has just ended stays theirs. */
export const takenBack = statement('providers.takenBack', (given: Given<{ id: string }>) =>
  q
    .update(memberships)
    .set({ endedAt: sql`now()`, endedByProvider: true, version: sql`${memberships.version} + 1` })
    .where(and(ofTenant(memberships), eq(memberships.id, given.id), isNull(memberships.endedAt)))
    .returning({ id: memberships.id }),
)

export const sessionById = statement('providers.session', (given: Given<{ id: string }>) =>
  q
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(ofTenant(sessions), eq(sessions.id, given.id))),
)
/** The same token has the same session in every process; one that was ended stays so. */
export const sessionOfToken = statement(
  'providers.newSession',
  (
    given: Given<{
      id: string
      userId: string
      membershipId: string
      expiresAt: string
      scopes: string[] | null
      originId: string
    }>,
  ) =>
    q
      .insert(sessions)
      .values({
        tenantId: sql`lotse.tenant_id()`,
        id: given.id,
        userId: given.userId,
        membershipId: given.membershipId,
        expiresAt: given.expiresAt,
        scopes: given.scopes,
        originId: given.originId,
      })
      .onConflictDoNothing(),
)
