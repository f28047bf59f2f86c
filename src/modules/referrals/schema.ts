// What does a referral look like on the wire, to its sender and to its recipient?
import { z } from 'zod'
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
    withdrawnBy: code('referral_withdrawal').nullable(),
    endedAt: Instant.nullable(),
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
export const ReferralFilter = z.strictObject({
  ...Page.shape,
  box: Box.meta({ description: '`in`: sent to my organisation; `out`: sent by my unit.' }),
  status: code('referral_status').optional(),
})

const situation = prose(4000).meta({ description: 'In own words; leaves as part of the clearing summary.' })

export const NewReferral = z
  .strictObject({
    offerId: Id,
    releaseId: Id.optional().meta({ description: 'Left out only for somebody who stays anonymous.' }),
    urgency: code('urgency').default('routine'),
    categories: Categories.default([]).meta({ description: 'What shall go along.' }),
    situation: situation.default(''),
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

export const Withdraw = z
  .strictObject({ by: z.enum(['person', 'navigator']).default('navigator').meta({ id: 'WithdrawnBy' }) })
  .meta({ id: 'WithdrawReferral' })
