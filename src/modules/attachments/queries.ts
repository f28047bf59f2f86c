// Which documents does a request need, and of which only the name?
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { ofTenant, pointedAt, q, statement, type Given } from '../../platform/statement.ts'
import { referrals } from '../referrals/table.ts'
import { attachments } from './table.ts'

type Row = typeof attachments.$inferSelect

/** Without the content: a list of ten documents is no fifty megabytes. */
const entry = {
  id: attachments.id,
  clientId: attachments.clientId,
  referralId: attachments.referralId,
  category: attachments.category,
  type: attachments.type,
  size: attachments.size,
  wrappedKey: attachments.wrappedKey,
  sealedName: attachments.sealedName,
  createdAt: attachments.createdAt,
}

const columns = [
  'id',
  'compartmentId',
  'caseId',
  'clientId',
  'referralId',
  'recipientOrganizationId',
  'category',
  'type',
  'size',
  'wrappedKey',
  'sealedName',
  'sealedContent',
  'createdByUserId',
] as const

export const newAttachment = statement(
  'attachments.new',
  (given: Given<Pick<Row, (typeof columns)[number]>>) =>
    q
      .insert(attachments)
      .values({
        tenantId: sql`lotse.tenant_id()`,
        id: given.id,
        compartmentId: given.compartmentId,
        caseId: given.caseId,
        clientId: given.clientId,
        referralId: given.referralId,
        recipientOrganizationId: given.recipientOrganizationId,
        category: given.category,
        type: given.type,
        size: given.size,
        wrappedKey: given.wrappedKey,
        sealedName: given.sealedName,
        sealedContent: given.sealedContent,
        createdByUserId: given.createdByUserId,
      })
      .returning(entry),
)

/** In the order in which they were attached; at most ten. */
export const attachmentsOf = statement('attachments.ofReferral', (given: Given<{ referralId: string }>) =>
  q
    .select(entry)
    .from(attachments)
    .where(and(ofTenant(attachments), eq(attachments.referralId, given.referralId)))
    .orderBy(asc(attachments.createdAt), asc(attachments.id)),
)

export const attachmentById = statement('attachments.byId', (given: Given<{ id: string }>) =>
  q
    .select(entry)
    .from(attachments)
    .where(and(ofTenant(attachments), eq(attachments.id, given.id))),
)

export const contentById = statement('attachments.content', (given: Given<{ id: string }>) =>
  q
    .select({ ...entry, sealedContent: attachments.sealedContent })
    .from(attachments)
    .where(and(ofTenant(attachments), eq(attachments.id, given.id))),
)

/** Behind the lock on the referral: nobody attaches or sends at the same moment. */
export const attachedTo = statement('attachments.attachedTo', (given: Given<{ referralId: string }>) =>
  q
    .select({ category: attachments.category })
    .from(attachments)
    .where(and(ofTenant(attachments), eq(attachments.referralId, given.referralId))),
)

export const lockReferralOf = pointedAt(
  'attachments.lockReferral',
  referrals,
  { table: attachments, column: attachments.referralId },
  'locked',
)

export const removed = statement('attachments.removed', (given: Given<{ id: string }>) =>
  q
    .delete(attachments)
    .where(and(ofTenant(attachments), eq(attachments.id, given.id)))
    .returning({ id: attachments.id, clientId: attachments.clientId }),
)

export const openedToRecipient = statement(
  'attachments.opened',
  (given: Given<{ referralId: string; validUntil: string }>) =>
    q
      .update(attachments)
      .set({ validUntil: sql`${given.validUntil}::timestamptz` })
      .where(
        and(
          ofTenant(attachments),
          eq(attachments.referralId, given.referralId),
          isNull(attachments.validUntil),
        ),
      )
      .returning({ id: attachments.id, clientId: attachments.clientId }),
)
