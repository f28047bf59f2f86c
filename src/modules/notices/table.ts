// Where is kept what somebody has to be told, and how often an e-mail may remind them?
import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, identified, instant, keyed, oneOf } from '../../platform/table.ts'
import { memberships, organizations } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

export const subjectKinds = [
  'contact',
  'case',
  'release',
  'referral',
  'handover',
  'appointment',
  'task',
  'deadline',
  'substitution',
] as const

/** No word about a person: what happened, to which record, and who is to know. */
export const notices = pgTable(
  'notices',
  {
    ...identified(),
    kind: text('kind', { enum: codes('notice_kind') }).notNull(),
    subjectKind: text('subject_kind', { enum: subjectKinds }).notNull(),
    subjectId: uuid('subject_id').notNull(),
    /** One member; or one organisation; or whoever leads a case; or a role, of one organisation where it is named. */
    audience: text('audience', { enum: ['member', 'organization', 'lead', 'role'] }).notNull(),
    toMembershipId: uuid('to_membership_id'),
    toOrganizationId: uuid('to_organization_id'),
    compartmentId: uuid('compartment_id'),
    caseId: uuid('case_id'),
    toRole: text('to_role', { enum: codes('role') }),
    createdAt: instant('created_at').notNull().defaultNow(),
    seenAt: instant('seen_at'),
    mailedAt: instant('mailed_at'),
  },
  (t) => [
    keyed(t),
    belongsTo('notices__to_membership', t, t.toMembershipId, () => memberships),
    belongsTo('notices__to_organization', t, t.toOrganizationId, () => organizations),
    oneOf('notices__kind', t.kind, codes('notice_kind')),
    oneOf('notices__subject_kind', t.subjectKind, subjectKinds),
    always(
      'notices__somebody_is_told',
      sql`case ${t.audience}
        when 'member' then ${t.toMembershipId} is not null and num_nonnulls(${t.toOrganizationId}, ${t.compartmentId}, ${t.toRole}) = 0
        when 'organization' then ${t.toOrganizationId} is not null and num_nonnulls(${t.toMembershipId}, ${t.compartmentId}, ${t.toRole}) = 0
        when 'lead' then num_nonnulls(${t.compartmentId}, ${t.caseId}) = 2 and num_nonnulls(${t.toMembershipId}, ${t.toOrganizationId}, ${t.toRole}) = 0
        when 'role' then ${t.toRole} is not null and num_nonnulls(${t.toMembershipId}, ${t.compartmentId}) = 0
        else false end`,
    ),
    index('notices__of_member')
      .on(t.tenantId, t.toMembershipId, t.createdAt)
      .where(sql`${t.seenAt} is null`),
    index('notices__of_organization')
      .on(t.tenantId, t.toOrganizationId, t.createdAt)
      .where(sql`${t.seenAt} is null`),
    index('notices__of_lead')
      .on(t.tenantId, t.compartmentId, t.caseId)
      .where(sql`${t.seenAt} is null`),
    index('notices__of_role')
      .on(t.tenantId, t.toRole, t.createdAt)
      .where(sql`${t.seenAt} is null`),
    index('notices__unmailed')
      .on(t.tenantId, t.createdAt)
      .where(sql`${t.mailedAt} is null and ${t.seenAt} is null`),
  ],
)

/** By membership; whoever has no row is reminded once a day. */
export const mailSettings = pgTable(
  'mail_settings',
  {
    ...identified(),
    rhythm: text('rhythm', { enum: codes('mail_rhythm') }).notNull(),
    /** What was told until then has been in an e-mail, or has been seen before. */
    mailedUntil: instant('mailed_until'),
    version: integer('version').notNull().default(0),
  },
  (t) => [
    keyed(t),
    belongsTo('mail_settings__membership', t, t.id, () => memberships),
    oneOf('mail_settings__rhythm', t.rhythm, codes('mail_rhythm')),
  ],
)
