// Where is kept through which link an agency without an account may answer one referral, once?
import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, bytes, identified, instant, keyed } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { organizations, users } from '../identity/table.ts'
import { referrals } from '../referrals/table.ts'

export const answerLinks = pgTable(
  'answer_links',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    referralId: uuid('referral_id').notNull(),
    recipientOrganizationId: uuid('recipient_organization_id').notNull(),
    email: text('email').notNull(),
    language: text('language', { enum: ['de', 'en', 'da'] }).notNull(),
    /** Keyed hash of the code that is told by phone. */
    codeHash: bytes('code_hash').notNull(),
    tries: integer('tries').notNull().default(0),
    expiresAt: instant('expires_at').notNull(),
    /** Half an hour from the right code on. */
    openedUntil: instant('opened_until'),
    mailedAt: instant('mailed_at'),
    answeredAt: instant('answered_at'),
    revokedAt: instant('revoked_at'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('answer_links__case', t, t.caseId, () => cases),
    belongsTo('answer_links__client', t, t.clientId, () => clients),
    belongsTo('answer_links__referral', t, t.referralId, () => referrals),
    belongsTo('answer_links__recipient', t, t.recipientOrganizationId, () => organizations),
    belongsTo('answer_links__created_by', t, t.createdByUserId, () => users),
    always('answer_links__five_tries', sql`${t.tries} between 0 and 5`),
    uniqueIndex('answer_links__one_living_per_referral')
      .on(t.tenantId, t.referralId)
      .where(sql`${t.answeredAt} is null and ${t.revokedAt} is null`),
    index('answer_links__by_case').on(t.tenantId, t.caseId),
    index('answer_links__unmailed')
      .on(t.tenantId, t.createdAt)
      .where(sql`${t.mailedAt} is null`),
  ],
)
