// Which contacts and scope rules does a request need?
import { and, asc, desc, eq, isNull, or, sql, type SQL } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import {
  insertInto,
  ofTenant,
  pointedAt,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { cases } from '../cases/table.ts'
import { memberships, organizations, tenants } from '../identity/table.ts'
import { contactPeople, contacts, scopeRules } from './table.ts'

const door = (table: typeof contacts | typeof contactPeople) =>
  or(
    sql`${table.organizationId} = lotse.receiving_organization_id()`,
    sql`${table.registeredByUserId} = lotse.user_id()`,
  )
const asked = (table: typeof contacts | typeof contactPeople) =>
  sql`${table.toOrganizationId} = lotse.receiving_organization_id()`

// Head and coordinator count contacts that they may not read: hence the two sides, here and in the lists.
const ofOneSide = (name: string, lock?: 'locked') =>
  statement(name, (given: Given<{ id: string }>) => {
    const query = q
      .select()
      .from(contacts)
      .where(and(ofTenant(contacts), eq(contacts.id, given.id), or(door(contacts), asked(contacts))))
    return lock ? query.for('no key update') : query
  })

export const contactById = ofOneSide('contacts.byId')
export const lockContact = {
  ...ofOneSide('contacts.lock', 'locked'),
  otherwise: ofOneSide('contacts.lock.otherwise'),
}
export const newContact = insertInto('contacts.new', contacts, [
  'organizationId',
  'registeredByUserId',
  'registeredByMembershipId',
  'kind',
  'status',
  'requesterRole',
  'mode',
  'problems',
  'outOfScope',
  'responsibleSector',
  'agreed',
  'toOrganizationId',
  'previousContactId',
  'firstContactAt',
  'doors',
  'nextStepOn',
])
export const guidedContact = update('contacts.guided', contacts, [
  'status',
  'guidedPlace',
  'guidedContact',
  'guidedOfferId',
  'toOrganizationId',
  'nextStepOn',
])
export const rescheduledContact = update('contacts.rescheduled', contacts, ['nextStepOn'])
export const confirmedContact = update('contacts.confirmed', contacts, [
  'status',
  'confirmedBy',
  'endedAt',
  'nextStepOn',
])
export const takenUpContact = update('contacts.takenUp', contacts, [
  'status',
  'takenUpCaseId',
  'endedAt',
  'nextStepOn',
])
export const declinedContact = update('contacts.declined', contacts, [
  'status',
  'declinedPlace',
  'declinedOrganizationId',
  'endedAt',
  'nextStepOn',
])

/** From here on this transaction may stop and start the clock that runs at the door of this one contact. */
export const moveContact = statement(
  'contacts.move',
  (given: Given<{ contactId: string }>) => sql<{ moving: string }>`
  select set_config('app.moving_contact_id', ${given.contactId}::text, true) as moving`,
)

/** Name and reach, for those who may see them. */
export const personOf = statement('contacts.person', (given: Given<{ id: string }>) =>
  q
    .select()
    .from(contactPeople)
    .where(
      and(
        ofTenant(contactPeople),
        eq(contactPeople.id, given.id),
        or(door(contactPeople), asked(contactPeople)),
      ),
    ),
)
export const newPerson = insertInto('contacts.person.new', contactPeople, [
  'organizationId',
  'registeredByUserId',
  'toOrganizationId',
  'wrappedKey',
  'sealed',
])
/** Nobody may be there: then the contact is anonymous. */
export const passedOn = statement(
  'contacts.person.passedOn',
  (given: Given<{ id: string; toOrganizationId: string | null }>) =>
    q
      .update(contactPeople)
      .set({ toOrganizationId: sql`${given.toOrganizationId}::uuid` })
      .where(and(ofTenant(contactPeople), eq(contactPeople.id, given.id)))
      .returning({ id: contactPeople.id }),
)

/** The case into which a contact was taken up, for those who may see it. */
export const caseOfContact = pointedAt('contacts.case', cases, {
  table: contacts,
  column: contacts.takenUpCaseId,
})

interface Box {
  key: string
  id: string
  open: boolean | null
  limit: number
}

const pageOf = (side: SQL, given: Given<Box>) =>
  q
    .select()
    .from(contacts)
    .where(
      and(
        ofTenant(contacts),
        side,
        sql`(${given.open}::boolean is null or (${contacts.endedAt} is null) = ${given.open}::boolean)`,
        sql`(${contacts.createdAt}, ${contacts.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
      ),
    )
    .orderBy(desc(contacts.createdAt), desc(contacts.id))
    .limit(given.limit)

/** Of the own organisation; where offices have no door of their own, what one has registered oneself. Two index ranges. */
export const registeredPage = statement('contacts.registered', (given: Given<Box>) =>
  unionAll(
    pageOf(sql`${contacts.organizationId} = lotse.receiving_organization_id()`, given),
    pageOf(
      sql`${contacts.registeredByUserId} = lotse.user_id() and lotse.receiving_organization_id() is null`,
      given,
    ),
  )
    .orderBy(desc(contacts.createdAt), desc(contacts.id))
    .limit(given.limit),
)
export const receivedPage = statement('contacts.received', (given: Given<Box>) =>
  pageOf(asked(contacts), given),
)

/** What came to which door before a case was opened: the beginning of the person's way. */
export const contactsOfCase = statement('contacts.ofCase', (given: Given<{ caseId: string }>) =>
  q
    .select({
      id: contacts.id,
      kind: contacts.kind,
      organizationId: contacts.organizationId,
      organizationName: organizations.name,
      firstContactAt: contacts.firstContactAt,
      doors: contacts.doors,
      createdAt: contacts.createdAt,
      endedAt: contacts.endedAt,
    })
    .from(contacts)
    .innerJoin(
      organizations,
      and(eq(organizations.tenantId, contacts.tenantId), eq(organizations.id, contacts.organizationId)),
    )
    .where(
      and(ofTenant(contacts), eq(contacts.takenUpCaseId, given.caseId), or(door(contacts), asked(contacts))),
    )
    .orderBy(asc(contacts.createdAt), asc(contacts.id)),
)

/** Where somebody navigates; two are enough to know that there is more than one. */
export const units = statement('contacts.units', () =>
  q
    .selectDistinct({ organizationId: memberships.organizationId })
    .from(memberships)
    .where(
      and(
        ofTenant(memberships),
        sql`${memberships.role} in ('navigator', 'navigation_head')`,
        isNull(memberships.endedAt),
      ),
    )
    .limit(2),
)

type Between = { from: string; until: string; lostAfterDays: number }

// A day begins in the municipality's own zone.
const between = (given: Given<Between>) => {
  const zone = sql`(select ${tenants.timeZone} from ${tenants} where ${ofTenant(tenants)} and ${tenants.id} = lotse.tenant_id())`
  return sql`${contacts.createdAt} >= ${given.from}::date::timestamp at time zone ${zone}
    and ${contacts.createdAt} < (${given.until}::date + 1)::timestamp at time zone ${zone}`
}

const count = (where: unknown) => sql<number>`(count(*) filter (where ${where}))::int`

/** Numbers by door, and nothing that leads back to a contact. */
export const figures = statement('contacts.figures', (given: Given<Between>) =>
  q
    .select({
      organizationId: contacts.organizationId,
      registered: sql<number>`count(*)::int`,
      guidedAndConfirmed: count(eq(contacts.status, 'guided_elsewhere')),
      takenUp: count(eq(contacts.status, 'taken_up')),
      refused: count(eq(contacts.status, 'person_declined')),
      open: count(isNull(contacts.endedAt)),
      lost: count(
        sql`${contacts.endedAt} is null and ${contacts.nextStepOn} < lotse.today() - ${given.lostAfterDays}::int`,
      ),
    })
    .from(contacts)
    .where(and(ofTenant(contacts), between(given)))
    .groupBy(contacts.organizationId)
    .orderBy(asc(contacts.organizationId)),
)

/** Whose place people did not want, by the door at which it was offered. */
export const refusedPlaces = statement('contacts.refusedPlaces', (given: Given<Between>) =>
  q
    .select({
      door: contacts.organizationId,
      organizationId: contacts.declinedOrganizationId,
      refused: sql<number>`count(*)::int`,
    })
    .from(contacts)
    .where(and(ofTenant(contacts), eq(contacts.status, 'person_declined'), between(given)))
    .groupBy(contacts.organizationId, contacts.declinedOrganizationId)
    .orderBy(asc(contacts.organizationId), asc(contacts.declinedOrganizationId)),
)

const inForce = (id: unknown) =>
  and(ofTenant(scopeRules), eq(scopeRules.id, id as string), isNull(scopeRules.endedAt))

export const scopeRuleById = statement('scope.byId', (given: Given<{ id: string }>) =>
  q.select().from(scopeRules).where(inForce(given.id)),
)
export const lockScopeRule = statement('scope.lock', (given: Given<{ id: string }>) =>
  q.select().from(scopeRules).where(inForce(given.id)).for('no key update'),
)
/** What is in force; there is at most one rule for each problem. */
export const scopeRulesInForce = statement('scope.inForce', () =>
  q
    .select()
    .from(scopeRules)
    .where(and(ofTenant(scopeRules), isNull(scopeRules.endedAt)))
    .orderBy(asc(scopeRules.problem)),
)
export const newScopeRule = insertInto('scope.new', scopeRules, [
  'problem',
  'sector',
  'organizationId',
  'note',
])
export const changedScopeRule = update('scope.changed', scopeRules, ['sector', 'organizationId', 'note'])
export const endedScopeRule = update('scope.ended', scopeRules, ['endedAt'])
