// Where is a first contact kept, also one at the wrong door? Who the person is stands apart, sealed, and only if they agreed.
import { sql } from 'drizzle-orm'
import { boolean, date, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import {
  always,
  belongsTo,
  bytes,
  identified,
  instant,
  keyed,
  oneOf,
  someOf,
  type Referable,
} from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { offers } from '../directory/table.ts'
import { memberships, organizations, users } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

/** No word about the person: what came, to which door, and how it goes on. */
export const contacts = pgTable(
  'contacts',
  {
    ...identified(),
    /** The door. */
    organizationId: uuid('organization_id').notNull(),
    registeredByUserId: uuid('registered_by_user_id').notNull(),
    registeredByMembershipId: uuid('registered_by_membership_id').notNull(),
    kind: text('kind', { enum: codes('contact_kind') }).notNull(),
    status: text('status', { enum: codes('contact_status') }).notNull(),
    requesterRole: text('requester_role', { enum: codes('requester_role') }).notNull(),
    mode: text('mode', { enum: codes('contact_mode') }).notNull(),
    problems: text('problems', { enum: codes('substance') })
      .array()
      .notNull(),
    /** By the scope rules of the day; nobody is turned away for it, but guided on to this sector. */
    outOfScope: boolean('out_of_scope').notNull(),
    responsibleSector: text('responsible_sector', { enum: codes('sector') }),
    /** The person agreed that their name is kept and passed on. */
    agreed: boolean('agreed').notNull(),
    /** Who is asked to take up, or to whom the person is guided, inside the network. */
    toOrganizationId: uuid('to_organization_id'),
    /** The same person at an earlier door; the clock and the count of doors go on from there. */
    previousContactId: uuid('previous_contact_id'),
    firstContactAt: instant('first_contact_at').notNull(),
    doors: integer('doors').notNull(),
    /** Until the contact has ended, somebody looks on this day. */
    nextStepOn: date('next_step_on', { mode: 'string' }),
    guidedOfferId: uuid('guided_offer_id'),
    guidedPlace: text('guided_place'),
    guidedContact: text('guided_contact'),
    confirmedBy: text('confirmed_by', { enum: ['person', 'place', 'accompanied'] }),
    /** What the person did not want; without a named place nobody has refused anything. */
    declinedPlace: text('declined_place'),
    /** Counted by organisation; none when the place is outside the network. */
    declinedOrganizationId: uuid('declined_organization_id'),
    /** The case says whose it is: this row points at nobody. */
    takenUpCaseId: uuid('taken_up_case_id'),
    endedAt: instant('ended_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('contacts__organization', t, t.organizationId, () => organizations),
    belongsTo('contacts__registered_by', t, t.registeredByUserId, () => users),
    belongsTo('contacts__registered_under', t, t.registeredByMembershipId, () => memberships),
    belongsTo('contacts__to', t, t.toOrganizationId, () => organizations),
    belongsTo('contacts__guided_to', t, t.guidedOfferId, () => offers),
    belongsTo('contacts__previous', t, t.previousContactId, (): Referable => contacts),
    belongsTo('contacts__case', t, t.takenUpCaseId, () => cases),
    belongsTo('contacts__declined_at', t, t.declinedOrganizationId, () => organizations),
    oneOf('contacts__kind', t.kind, codes('contact_kind')),
    oneOf('contacts__status', t.status, codes('contact_status')),
    oneOf('contacts__requester_role', t.requesterRole, codes('requester_role')),
    oneOf('contacts__mode', t.mode, codes('contact_mode')),
    someOf('contacts__problems', t.problems, codes('substance')),
    oneOf('contacts__responsible_sector', t.responsibleSector, codes('sector')),
    // There is no "rejected": a contact ends guided on and confirmed, taken up, or by the person's own refusal.
    always(
      'contacts__open_with_a_day',
      sql`(${t.status} in ('registered', 'guiding')) = (${t.endedAt} is null)
        and (${t.endedAt} is not null or ${t.nextStepOn} is not null)`,
    ),
    always(
      'contacts__guiding_names_place_and_contact',
      sql`${t.status} not in ('guiding', 'guided_elsewhere') or num_nonnulls(${t.guidedPlace}, ${t.guidedContact}) = 2`,
    ),
    always(
      'contacts__guided_is_confirmed',
      sql`${t.status} <> 'guided_elsewhere' or ${t.confirmedBy} is not null`,
    ),
    always(
      'contacts__taken_up_with_a_case',
      sql`(${t.status} = 'taken_up') = (${t.takenUpCaseId} is not null)`,
    ),
    always(
      'contacts__declined_what_was_offered',
      sql`(${t.status} = 'person_declined') = (${t.declinedPlace} is not null)`,
    ),
    index('contacts__of_organization').on(
      t.tenantId,
      t.organizationId,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('contacts__of_registrar').on(
      t.tenantId,
      t.registeredByUserId,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('contacts__inbox').on(
      t.tenantId,
      t.toOrganizationId,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('contacts__open')
      .on(t.tenantId, t.nextStepOn)
      .where(sql`${t.endedAt} is null`),
    index('contacts__by_case').on(t.tenantId, t.takenUpCaseId),
    index('contacts__asked')
      .on(t.tenantId, t.toOrganizationId, t.nextStepOn)
      .where(sql`${t.endedAt} is null`),
    index('contacts__by_day').on(t.tenantId, t.createdAt),
  ],
)

/** First name or alias, how to reach them, what was agreed; seen by the door and by whoever is asked to take up. */
export const contactPeople = pgTable(
  'contact_people',
  {
    ...identified(),
    organizationId: uuid('organization_id').notNull(),
    registeredByUserId: uuid('registered_by_user_id').notNull(),
    toOrganizationId: uuid('to_organization_id'),
    wrappedKey: bytes('wrapped_key').notNull(),
    sealed: bytes('sealed').notNull(),
  },
  (t) => [
    keyed(t),
    belongsTo('contact_people__contact', t, t.id, () => contacts),
    belongsTo('contact_people__organization', t, t.organizationId, () => organizations),
    belongsTo('contact_people__to', t, t.toOrganizationId, () => organizations),
  ],
)

/** What this municipality does not help with itself, and which sector does instead. */
export const scopeRules = pgTable(
  'scope_rules',
  {
    ...identified(),
    problem: text('problem', { enum: codes('substance') }).notNull(),
    sector: text('sector', { enum: codes('sector') }).notNull(),
    organizationId: uuid('organization_id'),
    note: text('note').notNull(),
    /** Widened again: kept, because contacts were guided on by it. */
    endedAt: instant('ended_at'),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    uniqueIndex('scope_rules__one_per_problem')
      .on(t.tenantId, t.problem)
      .where(sql`${t.endedAt} is null`),
    belongsTo('scope_rules__organization', t, t.organizationId, () => organizations),
    oneOf('scope_rules__problem', t.problem, codes('substance')),
    oneOf('scope_rules__sector', t.sector, codes('sector')),
  ],
)
