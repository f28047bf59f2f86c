// Which link does a request need, and what does whoever opened it see?
import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm'
import {
  insertInto,
  lockUnlessFinal,
  ofTenant,
  pointedAt,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { clearingGuides } from '../clearing/table.ts'
import { organizations } from '../identity/table.ts'
import { referrals } from '../referrals/table.ts'
import { disclosures } from '../releases/table.ts'
import { answerLinks } from './table.ts'

export const newLink = insertInto('answerLinks.new', answerLinks, [
  'compartmentId',
  'caseId',
  'clientId',
  'referralId',
  'recipientOrganizationId',
  'email',
  'language',
  'codeHash',
  'expiresAt',
  'createdByUserId',
])
export const lockLink = lockUnlessFinal('answerLinks.lock', answerLinks)
export const revokedLink = update('answerLinks.revoked', answerLinks, ['revokedAt'])
export const answeredLink = update('answerLinks.answered', answerLinks, ['answeredAt'])

export const recipientOf = pointedAt('answerLinks.recipient', organizations, {
  table: referrals,
  column: referrals.recipientOrganizationId,
})

/** The one that was neither answered nor revoked, also when it is locked or expired. */
export const lockLivingLink = statement('answerLinks.lockLiving', (given: Given<{ referralId: string }>) =>
  q
    .select()
    .from(answerLinks)
    .where(
      and(
        ofTenant(answerLinks),
        eq(answerLinks.referralId, given.referralId),
        isNull(answerLinks.answeredAt),
        isNull(answerLinks.revokedAt),
      ),
    )
    .for('no key update'),
)

export const newestLinkOf = statement('answerLinks.newestOf', (given: Given<{ referralId: string }>) =>
  q
    .select()
    .from(answerLinks)
    .where(and(ofTenant(answerLinks), eq(answerLinks.referralId, given.referralId)))
    .orderBy(desc(answerLinks.createdAt), desc(answerLinks.id))
    .limit(1),
)

/** Of the link itself only: nothing that says about whom it is. */
const face = {
  id: answerLinks.id,
  language: answerLinks.language,
  tries: answerLinks.tries,
  expiresAt: answerLinks.expiresAt,
  openedUntil: answerLinks.openedUntil,
  answeredAt: answerLinks.answeredAt,
  revokedAt: answerLinks.revokedAt,
}

export const linkFace = statement('answerLinks.face', (given: Given<{ id: string }>) =>
  q
    .select(face)
    .from(answerLinks)
    .where(and(ofTenant(answerLinks), eq(answerLinks.id, given.id))),
)

/**
 * One statement counts and decides: of twenty tries at the same moment each waits for the one before, and none comes
 * after the fifth wrong one. The hash is keyed, so that comparing it here tells nothing.
 */
export const tryCode = statement(
  'answerLinks.tryCode',
  (given: Given<{ id: string; codeHash: Buffer; most: number; minutes: number }>) => {
    const right = sql`${answerLinks.codeHash} = ${given.codeHash}::bytea`
    return q
      .update(answerLinks)
      .set({
        tries: sql`case when ${right} then ${answerLinks.tries} else ${answerLinks.tries} + 1 end`,
        openedUntil: sql`case when ${right} then now() + make_interval(mins => ${given.minutes}::int) else ${answerLinks.openedUntil} end`,
        version: sql`${answerLinks.version} + 1`,
      })
      .where(
        and(
          ofTenant(answerLinks),
          eq(answerLinks.id, given.id),
          sql`${answerLinks.tries} < ${given.most}::int`,
          sql`${answerLinks.expiresAt} > now()`,
          isNull(answerLinks.answeredAt),
          isNull(answerLinks.revokedAt),
        ),
      )
      .returning({
        ...face,
        right: sql<boolean>`${right}`,
        referralId: answerLinks.referralId,
        caseId: answerLinks.caseId,
        compartmentId: answerLinks.compartmentId,
      })
  },
)

/** The one referral behind a link that was opened; no row before that, and none after its end. */
export const linkedReferral = statement('answerLinks.referral', () =>
  q
    .select()
    .from(referrals)
    .where(and(ofTenant(referrals), eq(referrals.id, sql`lotse.linked_referral_id()`))),
)

export const lockLinkedReferral = statement('answerLinks.lockReferral', () =>
  q
    .select()
    .from(referrals)
    .where(and(ofTenant(referrals), eq(referrals.id, sql`lotse.linked_referral_id()`)))
    .for('no key update'),
)

/** What is still valid of what was disclosed with it. */
export const linkedDisclosures = statement('answerLinks.disclosures', () =>
  q
    .select()
    .from(disclosures)
    .where(
      and(
        ofTenant(disclosures),
        eq(disclosures.subjectId, sql`lotse.linked_referral_id()`),
        sql`${disclosures.validUntil} > now()`,
      ),
    )
    .orderBy(asc(disclosures.madeAt)),
)

/** The words of the questions, for whoever reads answers without having asked. */
export const guides = statement('answerLinks.guides', () =>
  q
    .select({ content: clearingGuides.content })
    .from(clearingGuides)
    .where(ofTenant(clearingGuides))
    .orderBy(desc(clearingGuides.publishedAt), desc(clearingGuides.id))
    .limit(10),
)

export const linkToMail = statement('answerLinks.toMail', (given: Given<{ id: string }>) =>
  q
    .select({
      ...face,
      email: answerLinks.email,
      mailedAt: answerLinks.mailedAt,
      version: answerLinks.version,
      // Whatever has ended it, a release that was withdrawn or an answer by another way: the courier sees no other.
      awaited: sql<boolean>`exists (select from ${referrals} r where r.tenant_id = lotse.tenant_id()
        and r.id = ${answerLinks.referralId} and r.status in ('sent', 'waitlisted'))`,
    })
    .from(answerLinks)
    .where(and(ofTenant(answerLinks), eq(answerLinks.id, given.id)))
    .for('no key update'),
)

export const mailedLink = update('answerLinks.mailed', answerLinks, ['mailedAt'])
