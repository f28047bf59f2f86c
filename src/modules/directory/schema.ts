// What does an offer of help look like on the wire?
import { z } from 'zod'
import { Id, line, list, Page, prose, Version } from '../../platform/zod.ts'
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
  .object({ id: Id, ...fields, active: z.boolean(), version: Version })
  .meta({ id: 'Offer' })
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
  type: code('offer_type').optional(),
  organizationId: Id.optional(),
})
