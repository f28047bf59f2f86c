// Where is kept who is signed in, and with which second factor?
import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { belongsTo, bytes, identified, instant, keyed } from '../../platform/table.ts'
import { memberships, users } from '../identity/table.ts'

export const sessions = pgTable(
  'sessions',
  {
    ...identified(),
    userId: uuid('user_id').notNull(),
    membershipId: uuid('membership_id').notNull(),
    /** Counts up with every refresh; a refresh token of an earlier generation was used twice. */
    generation: integer('generation').notNull().default(1),
    startedAt: instant('started_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    /** The actions to which this session is limited; null means whatever the role may. */
    scopes: text('scopes').array(),
    /** With which key of a service account, or through which identity provider it began: it ends together with that. */
    originId: uuid('origin_id'),
  },
  (t) => [
    keyed(t),
    belongsTo('sessions__user', t, t.userId, () => users),
    belongsTo('sessions__membership', t, t.membershipId, () => memberships),
    index('sessions__by_user')
      .on(t.tenantId, t.userId)
      .where(sql`${t.revokedAt} is null`),
  ],
)

/** Of one person at most one: begun with a secret, on once a code of it was given. */
export const secondFactors = pgTable(
  'second_factors',
  {
    ...identified(),
    wrappedKey: bytes('wrapped_key').notNull(),
    sealed: bytes('sealed').notNull(),
    confirmedAt: instant('confirmed_at'),
    /** The thirty seconds whose code was used last: none of them or before is good again (RFC 6238 § 5.2). */
    lastStep: bigint('last_step', { mode: 'number' }),
    /** Keyed hashes; what was used is no longer there. */
    recoveryCodes: text('recovery_codes').array().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [keyed(t), belongsTo('second_factors__user', t, t.id, () => users)],
)
