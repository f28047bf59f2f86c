// Where is kept who stands in for whom, and until when?
import { sql } from 'drizzle-orm'
import { date, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed } from '../../platform/table.ts'
import { memberships, organizations, users } from '../identity/table.ts'

export const substitutions = pgTable(
  'substitutions',
  {
    ...identified(),
    organizationId: uuid('organization_id').notNull(),
    absentMembershipId: uuid('absent_membership_id').notNull(),
    substituteMembershipId: uuid('substitute_membership_id').notNull(),
    fromOn: date('from_on', { mode: 'string' }).notNull(),
    untilOn: date('until_on', { mode: 'string' }).notNull(),
    endedAt: instant('ended_at'),
    handBackNote: text('hand_back_note'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('substitutions__organization', t, t.organizationId, () => organizations),
    belongsTo('substitutions__absent', t, t.absentMembershipId, () => memberships),
    belongsTo('substitutions__substitute', t, t.substituteMembershipId, () => memberships),
    belongsTo('substitutions__created_by', t, t.createdByUserId, () => users),
    always('substitutions__somebody_else', sql`${t.absentMembershipId} <> ${t.substituteMembershipId}`),
    always('substitutions__ends_after_it_begins', sql`${t.untilOn} >= ${t.fromOn}`),
    index('substitutions__by_substitute')
      .on(t.tenantId, t.substituteMembershipId)
      .where(sql`${t.endedAt} is null`),
    index('substitutions__by_absent')
      .on(t.tenantId, t.absentMembershipId)
      .where(sql`${t.endedAt} is null`),
  ],
)
