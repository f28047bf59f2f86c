// Where are municipalities, organisations, people with a login, their memberships and their secrecy kept?
import { sql } from 'drizzle-orm'
import {
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf, type Referable } from '../../platform/table.ts'
import { codes } from '../vocabularies/index.ts'

export interface AuditCCutoffs {
  male: number
  female: number
  other: number
}

export const secondFactorRequired = ['none', 'content_roles', 'everyone'] as const

export const tenants = pgTable(
  'tenants',
  {
    ...identified(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: codes('tenant_kind') }).notNull(),
    country: text('country', { enum: codes('country') }).notNull(),
    timeZone: text('time_zone').notNull(),
    language: text('language', { enum: ['de', 'en', 'da'] }).notNull(),
    auditCCutoffs: jsonb('audit_c_cutoffs').$type<AuditCCutoffs>().notNull(),
    /** Who signs in only with a second factor. */
    secondFactorRequired: text('second_factor_required', { enum: secondFactorRequired })
      .notNull()
      .default('none'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    unique('tenants__one_slug').on(t.tenantId, t.slug),
    always('tenants__is_its_own_tenant', sql`${t.tenantId} = ${t.id}`),
    oneOf('tenants__kind', t.kind, codes('tenant_kind')),
    oneOf('tenants__country', t.country, codes('country')),
    oneOf('tenants__second_factor_required', t.secondFactorRequired, secondFactorRequired),
  ],
)

export const organizations = pgTable(
  'organizations',
  {
    ...identified(),
    parentId: uuid('parent_id'),
    kind: text('kind', { enum: codes('organization_kind') }).notNull(),
    sector: text('sector', { enum: codes('sector') }).notNull(),
    name: text('name').notNull(),
    phone: text('phone'),
    email: text('email'),
    address: text('address'),
    website: text('website'),
    /** Residences for which a youth office is responsible: districts or official municipality keys (AGS). */
    residences: text('residences').array().notNull(),
    active: boolean('active').notNull().default(true),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('organizations__parent', t, t.parentId, (): Referable => organizations),
    oneOf('organizations__kind', t.kind, codes('organization_kind')),
    oneOf('organizations__sector', t.sector, codes('sector')),
    always('organizations__not_its_own_parent', sql`${t.parentId} <> ${t.id}`),
  ],
)

export const users = pgTable(
  'users',
  {
    ...identified(),
    /** A service account is a member like everybody else: the same policies, the same secrecy. */
    kind: text('kind', { enum: ['person', 'service'] })
      .notNull()
      .default('person'),
    email: text('email'),
    name: text('name').notNull(),
    language: text('language', { enum: ['de', 'en', 'da'] }).notNull(),
    active: boolean('active').notNull().default(true),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    // Of those who are active: an address may pass on to somebody new.
    uniqueIndex('users__one_email')
      .on(t.tenantId, t.email)
      .where(sql`${t.active}`),
    index('users__by_email').on(t.tenantId, t.email, t.id),
    always('users__email_lower_case', sql`${t.email} = lower(${t.email})`),
    oneOf('users__kind', t.kind, ['person', 'service']),
    // A machine reads no mail, and whoever signs in with a password has an address.
    always('users__email_of_people', sql`(${t.kind} = 'person') = (${t.email} is not null)`),
  ],
)

/** Apart from users, so that no member who may read a colleague's name can ever read a password hash. */
export const credentials = pgTable(
  'credentials',
  {
    ...identified(),
    passwordHash: text('password_hash').notNull(),
    changedAt: instant('changed_at').notNull().defaultNow(),
    /** Set by somebody else: until then it opens a session that may do nothing but set another one. */
    temporaryUntil: instant('temporary_until'),
  },
  (t) => [keyed(t), belongsTo('credentials__user', t, t.id, () => users)],
)

export const memberships = pgTable(
  'memberships',
  {
    ...identified(),
    userId: uuid('user_id').notNull(),
    organizationId: uuid('organization_id').notNull(),
    role: text('role', { enum: codes('role') }).notNull(),
    /** The identity provider that said so, and that may end it; null when somebody here gave it. */
    providerId: uuid('provider_id'),
    endedAt: instant('ended_at'),
    /** By its provider, whose claims may give it again; what somebody here has ended they may not. */
    endedByProvider: boolean('ended_by_provider').notNull().default(false),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('memberships__user', t, t.userId, () => users),
    belongsTo('memberships__organization', t, t.organizationId, () => organizations),
    oneOf('memberships__role', t.role, codes('role')),
  ],
)

export const secrecyObligations = pgTable(
  'secrecy_obligations',
  {
    ...identified(),
    userId: uuid('user_id').notNull(),
    basis: text('basis', { enum: codes('secrecy_basis') }).notNull(),
    boundOn: date('bound_on', { mode: 'string' }).notNull(),
    recordedByUserId: uuid('recorded_by_user_id').notNull(),
    recordedAt: instant('recorded_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('secrecy_obligations__user', t, t.userId, () => users),
    belongsTo('secrecy_obligations__recorded_by', t, t.recordedByUserId, () => users),
    oneOf('secrecy_obligations__basis', t.basis, codes('secrecy_basis')),
    // § 203 (4) StGB: nobody obliges themselves.
    always('secrecy_obligations__by_somebody_else', sql`${t.userId} <> ${t.recordedByUserId}`),
    always(
      'secrecy_obligations__not_in_the_future',
      sql`${t.boundOn} <= (${t.recordedAt} at time zone 'UTC')::date + 1`,
    ),
  ],
)

/** Who is named on a shielded person: only they see that person's record and cases. */
export const namedMembers = pgTable(
  'named_members',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    membershipId: uuid('membership_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    unique('named_members__once').on(t.tenantId, t.membershipId, t.compartmentId),
    belongsTo('named_members__membership', t, t.membershipId, () => memberships),
  ],
)
