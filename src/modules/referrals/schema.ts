// What does a referral look like on the wire, to its sender and to its recipient?
import { z } from 'zod'
import { ExternalId } from '../../platform/external.ts'
import { Day, Id, Instant, list, Page, prose, Version } from '../../platform/zod.ts'
import { ClientInList } from '../clients/index.ts'
import { Disclosed } from '../releases/index.ts'
import { code } from '../vocabularies/index.ts'

const Categories = z.array(code('data_category')).max(30)
const DeclineSide = z.enum(['provider', 'person', 'funder', 'system']).meta({ id: 'DeclineSide' })
const Basis = z.enum(['release', 'anonymous']).meta({ id: 'ReferralBasis' })
const Box = z.enum(['in', 'out']).meta({ id: 'Box' })

export const ReferralInList = z
  .object({
    id: Id,
    box: Box.meta({ description: '`out` for the sender, `in` for the recipient.' }),
    caseId: Id.nullable().meta({ description: 'Only for the sender.' }),
    clientId: Id.nullable().meta({ description: 'Only for the sender.' }),
    offerId: Id,
    offerName: z.string(),
    senderOrganizationId: Id,
    senderOrganizationName: z.string(),
    senderName: z.string().nullable(),
    recipientOrganizationId: Id,
    recipientOrganizationName: z.string(),
    status: code('referral_status'),
    urgency: code('urgency'),
    basis: Basis,
    categories: Categories,
    answerDueOn: Day.nullable(),
    overdue: z.boolean().meta({ description: 'Sent, and the day for the answer has passed.' }),
    sentAt: Instant.nullable(),
    seenAt: Instant.nullable().meta({ description: 'When a person of the recipient opened it.' }),
    answeredAt: Instant.nullable(),
    answeredByName: z.string().nullable(),
    declineReason: code('decline_reason').nullable(),
    declineSide: DeclineSide.nullable(),
    declineNote: z.string().nullable(),
    answeredByLink: z.boolean().meta({ description: 'By an agency without an account, through its link.' }),
    takenByMembershipId: Id.nullable(),
    takenByName: z.string().nullable().meta({ description: 'Who at the recipient looks after it.' }),
    takenAt: Instant.nullable(),
    waitlistPosition: z.int().nullable(),
    expectedOn: Day.nullable().meta({ description: 'When a place is expected, as the recipient last said.' }),
    redirectOfferId: Id.nullable().meta({ description: 'What the recipient proposes instead.' }),
    redirectNote: z.string().nullable(),
    proposedByReferralId: Id.nullable().meta({
      description: 'Only for the sender: the redirected referral from which this draft came.',
    }),
    outcome: code('outcome_rating').nullable(),
    withdrawnBy: code('referral_withdrawal').nullable(),
    endedAt: Instant.nullable(),
    externalId: ExternalId.nullable().meta({ description: 'Only for the sender.' }),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'ReferralInList' })

export const Referral = ReferralInList.extend({
  releaseId: Id.nullable().meta({ description: 'Only for the sender.' }),
  situation: z
    .string()
    .nullable()
    .meta({ description: 'Only for the sender; the recipient finds it in `disclosed`.' }),
  disclosed: Disclosed.nullable().meta({
    description: 'Only for the recipient, and only as long as the release is valid.',
  }),
}).meta({ id: 'Referral' })

/** A person with what is still on its way for them. */
export const ClientReferrals = z
  .object({ client: ClientInList, referrals: z.array(ReferralInList) })
  .meta({ id: 'ClientReferrals' })

export const Referrals = list(ReferralInList, 'Referrals')
export const ReferralsOfCase = z.object({ items: z.array(ReferralInList) }).meta({ id: 'ReferralsOfCase' })
export const ReferralFilter = z
  .strictObject({
    ...Page.shape,
    box: Box.optional().meta({
      description:
        '`in`: sent to my organisation; `out`: sent by my unit. Left out only together with `externalId`.',
    }),
    status: code('referral_status').optional().meta({ description: 'Only referrals in this state.' }),
    taken: z
      .enum(['nobody', 'me', 'anybody'])
      .optional()
      .meta({ description: 'Looked after at the recipient by nobody yet, by me, or by anybody.' }),
    externalId: ExternalId.optional().meta({
      description: 'Only the one that the caller drafted under this own id.',
    }),
  })
  .refine(({ box, externalId }) => box !== undefined || externalId !== undefined, {
    error: 'in or out',
    path: ['box'],
  })

const situation = prose(4000).meta({ description: 'In own words; leaves as part of the clearing summary.' })

export const NewReferral = z
  .strictObject({
    offerId: Id,
    releaseId: Id.optional().meta({ description: 'Left out only for somebody who stays anonymous.' }),
    urgency: code('urgency').default('routine'),
    categories: Categories.default([]).meta({ description: 'What shall go along.' }),
    situation: situation.default(''),
    externalId: ExternalId.optional(),
  })
  .meta({ id: 'NewReferral' })

export const ReferralChange = z
  .strictObject({ releaseId: Id, urgency: code('urgency'), categories: Categories, situation })
  .partial()
  .meta({ id: 'ReferralChange' })

export const Decline = z
  .strictObject({
    reason: code('decline_reason'),
    side: DeclineSide.optional().meta({
      description: 'On whose side the reason lies; follows from the reason.',
    }),
    note: prose(1000)
      .default('')
      .meta({ description: 'Without facts about the person; needed for `other`.' }),
  })
  .meta({ id: 'DeclineReferral' })

const WithoutFacts = 'Without facts about the person.'

export const Waitlist = z
  .strictObject({
    position: z.int().min(1).max(10_000),
    expectedOn: Day.meta({ description: 'When a place is expected; not in the past.' }),
  })
  .meta({ id: 'WaitlistReferral' })

export const Redirect = z
  .strictObject({
    offerId: Id.meta({ description: 'An active offer of a third organisation.' }),
    note: prose(1000).default('').meta({ description: WithoutFacts }),
  })
  .meta({ id: 'RedirectReferral' })

export const Conclude = z.strictObject({ outcome: code('outcome_rating') }).meta({ id: 'ConcludeReferral' })

const Message = z
  .object({
    id: Id,
    fromOrganizationId: Id,
    byName: z.string(),
    text: z.string(),
    writtenAt: Instant,
  })
  .meta({ id: 'ReferralMessage' })
export const Thread = z.object({ items: z.array(Message) }).meta({ id: 'ReferralThread' })
export const NewMessage = z
  .strictObject({ text: prose(2000).min(1).meta({ description: WithoutFacts }) })
  .meta({ id: 'NewReferralMessage' })

export const Withdraw = z
  .strictObject({ by: z.enum(['person', 'navigator']).default('navigator').meta({ id: 'WithdrawnBy' }) })
  .meta({ id: 'WithdrawReferral' })
