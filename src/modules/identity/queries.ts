// Which rows of identity does a request need?
import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm'
import {
  byId,
  insertInto,
  lockById,
  ofTenant,
  q,
  statement,
  update,
  type Given,
  type Statement,
} from '../../platform/statement.ts'
import {
  credentials,
  memberships,
  namedMembers,
  organizations,
  secrecyObligations,
  tenants,
  users,
} from './table.ts'

export const tenantById = byId('tenants.byId', tenants)
export const lockTenant = lockById('tenants.lock', tenants)
export const changedTenant = update('tenants.changed', tenants, ['secondFactorRequired'])
export const newTenant = insertInto('tenants.new', tenants, [
  'slug',
  'name',
  'kind',
  'country',
  'timeZone',
  'language',
  'auditCCutoffs',
])
/** The clock visits it from now on (migrations/0004_jobs.sql); the service itself cannot read that list. */
export const visitedTenant = statement(
  'tenants.visited',
  (given: Given<{ id: string }>) =>
    sql`insert into jobs.municipalities (id) values (${given.id}::uuid) on conflict do nothing`,
)
export const organizationById = byId('organizations.byId', organizations)
export const lockOrganization = lockById('organizations.lock', organizations)
const organizationColumns = [
  'parentId',
  'kind',
  'sector',
  'name',
  'phone',
  'email',
  'address',
  'website',
  'residences',
  'active',
] as const
export const newOrganization = insertInto('organizations.new', organizations, [...organizationColumns])
export const changedOrganization = update('organizations.changed', organizations, [...organizationColumns])

/** By name, a page after `key` and `id`; `kind` and `sector` narrow it where they are given. */
export const organizationPage = statement(
  'organizations.page',
  (given: Given<{ [K in 'key' | 'id' | 'kind' | 'sector']: string | null } & { limit: number }>) =>
    q
      .select()
      .from(organizations)
      .where(
        and(
          ofTenant(organizations),
          sql`(${given.kind}::text is null or ${organizations.kind} = ${given.kind})`,
          sql`(${given.sector}::text is null or ${organizations.sector} = ${given.sector})`,
          sql`(${organizations.name}, ${organizations.id}) > (${given.key}::text, ${given.id}::uuid)`,
        ),
      )
      .orderBy(asc(organizations.name), asc(organizations.id))
      .limit(given.limit),
)

export const userById = byId('users.byId', users)
type User = typeof users.$inferSelect
/** People have an address: a check of the table says so. */
const ofPeople = <P>(statement: Statement<P, User>) => statement as Statement<P, User & { email: string }>

export const newUser = ofPeople(insertInto('users.new', users, ['email', 'name', 'language']))
/** For a service account: the machine is a member too, with a name and without an address. */
export const newServiceUser = insertInto('users.newService', users, ['kind', 'name', 'language'])
export const changedUser = ofPeople(update('users.changed', users, ['name', 'language', 'active']))

/** People with a login; service accounts are looked after in their own place. */
const people = and(ofTenant(users), eq(users.kind, 'person'))
export const personById = ofPeople(
  statement('users.person', (given: Given<{ id: string }>) =>
    q
      .select()
      .from(users)
      .where(and(people, eq(users.id, given.id))),
  ),
)
export const lockPerson = ofPeople(
  statement('users.lockPerson', (given: Given<{ id: string }>) =>
    q
      .select()
      .from(users)
      .where(and(people, eq(users.id, given.id)))
      .for('no key update'),
  ),
)
/** Whoever sets a password may not read one: the row is answered without touching its columns. */
export const newCredential = statement(
  'credentials.new',
  (given: Given<{ id: string; passwordHash: string; temporaryUntil: string | null }>) =>
    q
      .insert(credentials)
      .values({
        tenantId: sql`lotse.tenant_id()`,
        id: given.id,
        passwordHash: given.passwordHash,
        temporaryUntil: given.temporaryUntil,
      })
      .returning({ saved: sql<boolean>`true` }),
)

export const userPage = ofPeople(
  statement('users.page', (given: Given<{ [K in 'key' | 'id']: string | null } & { limit: number }>) =>
    q
      .select()
      .from(users)
      .where(and(people, sql`(${users.email}, ${users.id}) > (${given.key}::text, ${given.id}::uuid)`))
      .orderBy(asc(users.email), asc(users.id))
      .limit(given.limit),
  ),
)

export const membershipById = byId('memberships.byId', memberships)
export const lockMembership = lockById('memberships.lock', memberships)
export const newMembership = insertInto('memberships.new', memberships, ['userId', 'organizationId', 'role'])
export const endedMembership = update('memberships.ended', memberships, ['endedAt'])

/** The living memberships of one user, the oldest first. */
export const membershipsOf = statement('memberships.ofUser', (given: Given<{ userId: string }>) =>
  q
    .select({
      id: memberships.id,
      role: memberships.role,
      organizationId: memberships.organizationId,
      organizationName: organizations.name,
    })
    .from(memberships)
    .innerJoin(
      organizations,
      and(eq(organizations.tenantId, memberships.tenantId), eq(organizations.id, memberships.organizationId)),
    )
    .where(and(ofTenant(memberships), eq(memberships.userId, given.userId), isNull(memberships.endedAt)))
    .orderBy(asc(memberships.createdAt), asc(memberships.id)),
)

/** A colleague with their role and unit, while the membership lives. No machine: a person answers for a person. */
export const colleague = statement('memberships.colleague', (given: Given<{ id: string }>) =>
  q
    .select({
      id: memberships.id,
      role: memberships.role,
      organizationId: memberships.organizationId,
      userId: memberships.userId,
      name: users.name,
    })
    .from(memberships)
    .innerJoin(users, and(eq(users.tenantId, memberships.tenantId), eq(users.id, memberships.userId)))
    .where(
      and(
        ofTenant(memberships),
        eq(memberships.id, given.id),
        isNull(memberships.endedAt),
        eq(users.active, true),
        eq(users.kind, 'person'),
      ),
    ),
)

export const obligationsOf = statement('secrecy.ofUser', (given: Given<{ userId: string }>) =>
  q
    .select()
    .from(secrecyObligations)
    .where(and(ofTenant(secrecyObligations), eq(secrecyObligations.userId, given.userId)))
    .orderBy(desc(secrecyObligations.boundOn)),
)
export const obligationById = byId('secrecy.byId', secrecyObligations)
export const newObligation = insertInto('secrecy.new', secrecyObligations, [
  'userId',
  'basis',
  'boundOn',
  'recordedByUserId',
])

export const newNamedMember = insertInto('named.new', namedMembers, ['compartmentId', 'membershipId'])

/** From here on this transaction sees the shielded person whom it is just recording. */
export const enterCompartment = statement(
  'named.enter',
  (given: Given<{ compartmentId: string }>) => sql<{ entered: string }>`
  select set_config('app.compartments', (lotse.compartments() || ${given.compartmentId}::uuid)::text, true) as entered`,
)
