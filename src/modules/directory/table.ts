// Where are the offers kept to which a person can be referred?
import { boolean, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { belongsTo, identified, instant, keyed, oneOf, someOf } from '../../platform/table.ts'
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
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('offers__organization', t, t.organizationId, () => organizations),
    oneOf('offers__type', t.type, codes('offer_type')),
    someOf('offers__target_groups', t.targetGroups, codes('target_group')),
    index('offers__by_organization').on(t.tenantId, t.organizationId),
  ],
)
