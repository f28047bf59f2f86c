// Where are other systems and the municipality's own identity provider kept?
import { sql } from 'drizzle-orm'
import {
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { always, belongsTo, bytes, identified, instant, keyed, oneOf } from '../../platform/table.ts'
import { memberships, users } from '../identity/table.ts'
import type { Code } from '../vocabularies/index.ts'

/** Its id is that of its member: a service account is somebody to whom all policies apply. */
export const serviceAccounts = pgTable(
  'service_accounts',
  {
    ...identified(),
    membershipId: uuid('membership_id').notNull(),
    /** Actions of access.ts: never more than the role may. */
    scopes: text('scopes').array().notNull(),
    expiresOn: date('expires_on', { mode: 'string' }),
    /** Networks from which it may come; none means from anywhere. */
    addresses: text('addresses').array().notNull(),
    /** The human who answers for it. */
    responsibleUserId: uuid('responsible_user_id').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('service_accounts__user', t, t.id, () => users),
    belongsTo('service_accounts__membership', t, t.membershipId, () => memberships),
    belongsTo('service_accounts__responsible', t, t.responsibleUserId, () => users),
    always('service_accounts__not_responsible_for_itself', sql`${t.responsibleUserId} <> ${t.id}`),
  ],
)

/** What is public of a key pair (RFC 7517). */
export interface PublicJwk {
  kty: string
  crv?: string
  n?: string
  e?: string
  x?: string
  y?: string
  kid?: string
}

export const serviceAccountKeys = pgTable(
  'service_account_keys',
  {
    ...identified(),
    accountId: uuid('account_id').notNull(),
    kind: text('kind', { enum: ['secret', 'public_key'] }).notNull(),
    label: text('label').notNull(),
    /** Keyed SHA-256: of 256 random bits nobody tries out enough for a slow hash to matter. */
    secretHash: bytes('secret_hash'),
    jwk: jsonb('jwk').$type<PublicJwk>(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    revokedAt: instant('revoked_at'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    index('service_account_keys__of_account').on(t.tenantId, t.accountId),
    belongsTo('service_account_keys__account', t, t.accountId, () => serviceAccounts),
    belongsTo('service_account_keys__created_by', t, t.createdByUserId, () => users),
    oneOf('service_account_keys__kind', t.kind, ['secret', 'public_key']),
    always(
      'service_account_keys__one_of_both',
      sql`(${t.secretHash} is not null) = (${t.kind} = 'secret') and (${t.jwk} is not null) = (${t.kind} = 'public_key')`,
    ),
    always(
      'service_account_keys__two_years',
      sql`${t.expiresAt} <= ${t.createdAt} + interval '2 years 1 day'`,
    ),
  ],
)

/** Each signed assertion opens once (RFC 7523 § 3): kept until it would have expired by itself. */
export const usedAssertions = pgTable(
  'used_assertions',
  {
    tenantId: uuid('tenant_id').notNull(),
    accountId: uuid('account_id').notNull(),
    /** SHA-256 of the `jti`. */
    jti: bytes('jti').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.accountId, t.jti] }),
    belongsTo('used_assertions__account', t, t.accountId, () => serviceAccounts),
  ],
)

export interface Mapping {
  claim: string
  value: string
  role: Code<'role'>
  organizationId: string
}

export interface MachineClient {
  clientId: string
  serviceAccountId: string
}

export const identityProviders = pgTable(
  'identity_providers',
  {
    ...identified(),
    issuer: text('issuer').notNull(),
    audience: text('audience').notNull(),
    label: text('label').notNull(),
    subjectClaim: text('subject_claim').notNull(),
    emailClaim: text('email_claim').notNull(),
    nameClaim: text('name_claim').notNull(),
    linkByEmail: boolean('link_by_email').notNull(),
    provision: boolean('provision').notNull(),
    mappings: jsonb('mappings').$type<Mapping[]>().notNull(),
    machines: jsonb('machines').$type<MachineClient[]>().notNull(),
    active: boolean('active').notNull().default(true),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [keyed(t), unique('identity_providers__once').on(t.tenantId, t.issuer, t.audience)],
)

/** Who somebody is to the provider. A subject never becomes somebody else, and nobody is two subjects of one provider. */
export const providerSubjects = pgTable(
  'provider_subjects',
  {
    ...identified(),
    providerId: uuid('provider_id').notNull(),
    subject: text('subject').notNull(),
    userId: uuid('user_id').notNull(),
    /** Whether the provider vouched for the address when it named this person for the first time. */
    emailVerified: boolean('email_verified').notNull().default(false),
    /** `iat` of the newest token whose word was followed. */
    newestIat: doublePrecision('newest_iat').notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    unique('provider_subjects__once').on(t.tenantId, t.providerId, t.subject),
    unique('provider_subjects__one_person').on(t.tenantId, t.providerId, t.userId),
    belongsTo('provider_subjects__provider', t, t.providerId, () => identityProviders),
    belongsTo('provider_subjects__user', t, t.userId, () => users),
  ],
)
