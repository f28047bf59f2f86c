// Which rows do a sign-in, a password and a second factor need?
import { and, asc, eq, isNotNull, isNull, sql, type SQL } from 'drizzle-orm'
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
import { credentials, memberships, users } from '../identity/table.ts'
import { secondFactors, sessions } from './table.ts'

/**
 * For the login only: the policies show password hashes and second factors to no other actor.
 */
export const signIn = statement('login.byEmail', (given: Given<{ email: string }>) =>
  q
    .select({
      id: users.id,
      passwordHash: credentials.passwordHash,
      temporaryUntil: credentials.temporaryUntil,
      factor: { wrappedKey: secondFactors.wrappedKey, sealed: secondFactors.sealed },
    })
    .from(users)
    .innerJoin(credentials, and(eq(credentials.tenantId, users.tenantId), eq(credentials.id, users.id)))
    .leftJoin(
      secondFactors,
      and(
        eq(secondFactors.tenantId, users.tenantId),
        eq(secondFactors.id, users.id),
        isNotNull(secondFactors.confirmedAt),
      ),
    )
    .where(and(ofTenant(users), eq(users.email, given.email), eq(users.active, true))),
)

/** The living memberships of an account, the oldest first; in the same round trip, before it is known whose it is. */
export const membershipsByEmail = statement('login.memberships', (given: Given<{ email: string }>) =>
  q
    .select({ membershipId: memberships.id, role: memberships.role })
    .from(memberships)
    .innerJoin(users, and(eq(users.tenantId, memberships.tenantId), eq(users.id, memberships.userId)))
    .where(
      and(
        ofTenant(memberships),
        eq(users.email, given.email),
        // Somebody who has left may have had the same address.
        eq(users.active, true),
        isNull(memberships.endedAt),
      ),
    )
    .orderBy(asc(memberships.createdAt), asc(memberships.id)),
)

export const passwordHashOf = statement('credentials.hash', (given: Given<{ id: string }>) =>
  q
    .select({ passwordHash: credentials.passwordHash })
    .from(credentials)
    .where(and(ofTenant(credentials), eq(credentials.id, given.id))),
)

/** From here on this transaction may set the password of this person and take away their second factor. */
export const nameCredentials = statement(
  'credentials.name',
  (given: Given<{ id: string }>) => sql<{ named: string }>`
  select set_config('app.credentials_of', ${given.id}::text, true) as named`,
)

/** Whoever sets a password reads none: of the row nothing is answered. `instead` is what was proved, if anything was. */
export const newPassword = statement(
  'credentials.set',
  (
    given: Given<{
      id: string
      passwordHash: string
      temporaryUntil: string | null
      instead: string | null
    }>,
  ) =>
    q
      .update(credentials)
      .set({
        passwordHash: given.passwordHash,
        temporaryUntil: given.temporaryUntil,
        changedAt: sql`now()`,
      })
      .where(
        and(
          ofTenant(credentials),
          eq(credentials.id, given.id),
          sql`(${given.instead}::text is null or ${credentials.passwordHash} = ${given.instead})`,
        ),
      )
      .returning({ saved: sql<boolean>`true` }),
)

export const removedFactor = statement('secondFactors.removed', (given: Given<{ id: string }>) =>
  q
    .delete(secondFactors)
    .where(and(ofTenant(secondFactors), eq(secondFactors.id, given.id)))
    .returning({ removed: sql<boolean>`true` }),
)

const turn = (userId: SQL) =>
  sql`hashtextextended(concat_ws(' ', 'sessions of', lotse.tenant_id(), ${userId}::uuid), 0)`
/** Held until COMMIT. Whoever begins a session waits only for those who end them; these for everybody. */
export const turnToBegin = statement(
  'sessions.turnToBegin',
  (given: Given<{ userId: string }>) => sql`select pg_advisory_xact_lock_shared(${turn(given.userId)})`,
)
export const turnToEnd = statement(
  'sessions.turnToEnd',
  (given: Given<{ userId: string }>) => sql`select pg_advisory_xact_lock(${turn(given.userId)})`,
)

/** Nothing of what a sign-in rests on has changed since it was read; otherwise LT401, and nothing of this transaction stays. */
export const stillProved = statement(
  'login.stillProved',
  (given: Given<{ userId: string; passwordHash: string; sealed: Buffer | null }>) => sql`
    select lotse.still(exists (
      select from ${users} u
      join ${credentials} c on c.tenant_id = u.tenant_id and c.id = u.id
      left join ${secondFactors} f on f.tenant_id = u.tenant_id and f.id = u.id and f.confirmed_at is not null
      where u.tenant_id = lotse.tenant_id() and u.id = ${given.userId}::uuid and u.active
        and c.password_hash = ${given.passwordHash}::text and f.sealed is not distinct from ${given.sealed}::bytea
    ))`,
)

export const endedSessions = statement(
  'sessions.ended',
  (given: Given<{ userId: string; except: string | null }>) =>
    q
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(
        and(
          ofTenant(sessions),
          eq(sessions.userId, given.userId),
          isNull(sessions.revokedAt),
          sql`${sessions.id} is distinct from ${given.except}::uuid`,
        ),
      )
      .returning({ id: sessions.id }),
)

export const factorById = byId('secondFactors.byId', secondFactors)
export const lockFactor = lockById('secondFactors.lock', secondFactors)

/** Begins anew as often as somebody likes, until it is on: then nothing is answered. */
export const begunFactor = statement(
  'secondFactors.begun',
  (given: Given<{ id: string; wrappedKey: Buffer; sealed: Buffer }>) =>
    q
      .insert(secondFactors)
      .values({
        tenantId: sql`lotse.tenant_id()`,
        id: given.id,
        wrappedKey: given.wrappedKey,
        sealed: given.sealed,
        recoveryCodes: sql`'{}'`,
      })
      .onConflictDoUpdate({
        target: [secondFactors.tenantId, secondFactors.id],
        set: { wrappedKey: sql`excluded.wrapped_key`, sealed: sql`excluded.sealed` },
        setWhere: isNull(secondFactors.confirmedAt),
      })
      .returning(),
)
export const confirmedFactor = update('secondFactors.confirmed', secondFactors, [
  'confirmedAt',
  'lastStep',
  'recoveryCodes',
])

/** A code is good once, also for two requests at the same instant: the second one finds the step used. */
export const usedStep = statement('secondFactors.usedStep', (given: Given<{ id: string; step: number }>) =>
  q
    .update(secondFactors)
    .set({ lastStep: given.step })
    .where(
      and(
        ofTenant(secondFactors),
        eq(secondFactors.id, given.id),
        isNotNull(secondFactors.confirmedAt),
        sql`${secondFactors.lastStep} < ${given.step}::bigint`,
      ),
    )
    .returning({ id: secondFactors.id }),
)
/** A recovery code likewise: it is gone with its use. */
export const usedRecoveryCode = statement(
  'secondFactors.usedRecoveryCode',
  (given: Given<{ id: string; hash: string }>) =>
    q
      .update(secondFactors)
      .set({ recoveryCodes: sql`array_remove(${secondFactors.recoveryCodes}, ${given.hash}::text)` })
      .where(
        and(
          ofTenant(secondFactors),
          eq(secondFactors.id, given.id),
          isNotNull(secondFactors.confirmedAt),
          sql`${given.hash}::text = any (${secondFactors.recoveryCodes})`,
        ),
      )
      .returning({ id: secondFactors.id }),
)

export const newSession = insertInto('sessions.new', sessions, [
  'userId',
  'membershipId',
  'expiresAt',
  'scopes',
  'originId',
])
export const revokedSession = update('sessions.revoked', sessions, ['revokedAt'])

/**
 * Renews a session once per generation, in one statement: the same refresh token used twice, also at the same moment,
 * ends the session instead (RFC 9700 § 4.14.2).
 */
export const refreshedSession = statement(
  'sessions.refreshed',
  (given: Given<{ id: string; generation: number }>) =>
    q
      .update(sessions)
      .set({
        generation: sql`case when ${sessions.generation} = ${given.generation} then ${sessions.generation} + 1 else ${sessions.generation} end`,
        revokedAt: sql`case when ${sessions.generation} = ${given.generation} then null else clock_timestamp() end`,
      })
      .where(
        and(
          ofTenant(sessions),
          eq(sessions.id, given.id),
          isNull(sessions.revokedAt),
          sql`${sessions.expiresAt} > now()`,
          // Whoever left renews nothing.
          sql`exists (select from ${memberships} join ${users} on ${users.tenantId} = ${memberships.tenantId}
            and ${users.id} = ${memberships.userId} where ${memberships.tenantId} = ${sessions.tenantId}
            and ${memberships.id} = ${sessions.membershipId} and ${memberships.endedAt} is null and ${users.active})`,
        ),
      )
      .returning(),
)

const old = sql`s.tenant_id = lotse.tenant_id() and s.expires_at < now() - interval '7 days'`
export const anyForgettable = statement(
  'sessions.anyForgettable',
  () => sql<{ any: boolean }>`select exists (select from ${sessions} s where ${old}) as any`,
)
export const forget = statement(
  'sessions.forget',
  (given: Given<{ most: number }>) => sql<{ count: number }>`
    with old as (
      select s.id from ${sessions} s where ${old} limit ${given.most}::int
    ), gone as (
      delete from ${sessions} s using old where s.tenant_id = lotse.tenant_id() and s.id = old.id returning s.generation
    )
    select count(*)::int as count from gone`,
)
