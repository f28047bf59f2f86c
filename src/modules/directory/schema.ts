// What do an offer of help and an agreement of two organisations look like on the wire?
import { z } from 'zod'
import { Id, Instant, line, list, Page, prose, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

const fields = {
  organizationId: Id,
  type: code('offer_type'),
  name: line(200),
  description: prose(4000),
  targetGroups: z.array(code('target_group')).max(20),
  languages: z.array(code('language')).max(50),
}

export const Offer = z
  .object({
    id: Id,
    ...fields,
    active: z.boolean(),
    freePlaces: z.int().nullable().meta({ description: 'As last said; nothing said is null, not zero.' }),
    waitingDays: z.int().nullable(),
    capacityNote: z.string().nullable(),
    capacityAt: Instant.nullable().meta({ description: 'When this was last said.' }),
    version: Version,
  })
  .meta({ id: 'Offer' })
/** The whole of what is known now: what is left out is not known. */
export const Capacity = z
  .strictObject({
    freePlaces: z.int().min(0).max(10_000).nullable().default(null),
    waitingDays: z.int().min(0).max(3650).nullable().default(null),
    note: line(300).nullable().default(null),
  })
  .meta({ id: 'OfferCapacity' })
export const NewOffer = z
  .strictObject({
    ...fields,
    description: fields.description.default(''),
    targetGroups: fields.targetGroups.default([]),
    languages: fields.languages.default([]),
  })
  .meta({ id: 'NewOffer' })
export const OfferChange = z
  .strictObject({ ...fields, active: z.boolean() })
  .omit({ organizationId: true })
  .partial()
  .meta({ id: 'OfferChange' })
export const Offers = list(Offer, 'Offers')
export const OfferFilter = z.strictObject({
  ...Page.shape,
  type: code('offer_type').optional().meta({ description: 'Only offers of this type.' }),
  organizationId: Id.optional().meta({ description: 'Only offers of this organisation.' }),
})

const agreed = {
  answerDays: z.int().min(1).max(90).meta({ description: 'Days within which a referral is answered.' }),
  agreement: prose(4000).meta({ description: 'What else was agreed on about handing people on.' }),
}
const between = {
  fromOrganizationId: Id.meta({ description: 'Who refers.' }),
  toOrganizationId: Id.meta({ description: 'Who answers.' }),
}

export const Interface = z
  .object({ id: Id, ...between, ...agreed, createdAt: Instant, version: Version })
  .meta({ id: 'Interface' })
export const NewInterface = z
  .strictObject({ ...between, ...agreed, agreement: agreed.agreement.default('') })
  .meta({ id: 'NewInterface' })
export const InterfaceChange = z.strictObject(agreed).partial().meta({ id: 'InterfaceChange' })
export const Interfaces = list(Interface, 'Interfaces')
export const InterfaceFilter = z.strictObject({
  ...Page.shape,
  organizationId: Id.optional().meta({
    description: 'Only what this organisation agreed on, on either side.',
  }),
})
