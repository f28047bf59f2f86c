// Where are the offers kept to which a person can be referred?
import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf, someOf } from '../../platform/table.ts'
import { organizations } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

export const offers = pgTable(
  'offers',
  {
    ...identified(),
    organizationId: uuid('organization_id').notNull(),
    type: text('type', { enum: codes('offer_type') }).notNull(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    targetGroups: text('target_groups', { enum: codes('target_group') })
      .array()
      .notNull(),
    languages: text('languages', { enum: codes('language') })
      .array()
      .notNull(),
    active: boolean('active').notNull().default(true),
    /** What the agency last said about its places; nothing is not zero. */
    freePlaces: integer('free_places'),
    waitingDays: integer('waiting_days'),
    capacityNote: text('capacity_note'),
    capacityAt: instant('capacity_at'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('offers__organization', t, t.organizationId, () => organizations),
    oneOf('offers__type', t.type, codes('offer_type')),
    someOf('offers__target_groups', t.targetGroups, codes('target_group')),
    always(
      'offers__capacity',
      sql`coalesce(${t.freePlaces}, 0) between 0 and 10000 and coalesce(${t.waitingDays}, 0) between 0 and 3650`,
    ),
    index('offers__by_organization').on(t.tenantId, t.organizationId),
  ],
)

/** What two organisations have agreed on about handing people on, in this direction. */
export const interfaces = pgTable(
  'interfaces',
  {
    ...identified(),
    fromOrganizationId: uuid('from_organization_id').notNull(),
    toOrganizationId: uuid('to_organization_id').notNull(),
    /** Days within which a referral is answered. */
    answerDays: integer('answer_days').notNull(),
    agreement: text('agreement').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    unique('interfaces__one_per_direction').on(t.tenantId, t.fromOrganizationId, t.toOrganizationId),
    belongsTo('interfaces__from', t, t.fromOrganizationId, () => organizations),
    belongsTo('interfaces__to', t, t.toOrganizationId, () => organizations),
    always('interfaces__answer_days', sql`${t.answerDays} between 1 and 90`),
    always('interfaces__two_organizations', sql`${t.fromOrganizationId} <> ${t.toOrganizationId}`),
  ],
)
