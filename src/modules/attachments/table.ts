// Where are documents kept that go along with a referral? Sealed, each in one data category, seen only while that is released.
import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { always, belongsTo, bytes, identified, instant, keyed, oneOf } from '../../platform/table.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { organizations, users } from '../identity/table.ts'
import { referrals } from '../referrals/table.ts'
import { codes } from '../vocabularies/index.ts'

export const attachments = pgTable(
  'attachments',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    caseId: uuid('case_id').notNull(),
    clientId: uuid('client_id').notNull(),
    referralId: uuid('referral_id').notNull(),
    recipientOrganizationId: uuid('recipient_organization_id').notNull(),
    category: text('category', { enum: codes('data_category') }).notNull(),
    type: text('type', { enum: codes('attachment_type') }).notNull(),
    size: integer('size').notNull(),
    wrappedKey: bytes('wrapped_key').notNull(),
    /** A file name says as much as a file. Apart from the content, so that a list does not open every file. */
    sealedName: bytes('sealed_name').notNull(),
    sealedContent: bytes('sealed_content').notNull(),
    /** How long the recipient sees it; nothing before it was sent. */
    validUntil: instant('valid_until'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('attachments__case', t, t.caseId, () => cases),
    belongsTo('attachments__client', t, t.clientId, () => clients),
    belongsTo('attachments__referral', t, t.referralId, () => referrals),
    belongsTo('attachments__recipient', t, t.recipientOrganizationId, () => organizations),
    belongsTo('attachments__created_by', t, t.createdByUserId, () => users),
    oneOf('attachments__category', t.category, codes('data_category')),
    oneOf('attachments__type', t.type, codes('attachment_type')),
    always('attachments__size', sql`${t.size} between 1 and 10485760`),
    index('attachments__by_referral').on(t.tenantId, t.referralId),
  ],
)
