// What does a handover look like on the wire, to its giver and to its receiver?
import { z } from 'zod'
import { Id, Instant, list, Page, prose, Version } from '../../platform/zod.ts'
import { Disclosed } from '../releases/index.ts'
import { code, codes } from '../vocabularies/index.ts'

const Box = z.enum(['in', 'out']).meta({ id: 'HandoverBox' })
const Section = prose(4000)
const Sections = z
  .strictObject(
    Object.fromEntries(codes('handover_section').map((section) => [section, Section.optional()])) as Record<
      ReturnType<typeof codes<'handover_section'>>[number],
      z.ZodOptional<typeof Section>
    >,
  )
  .meta({ id: 'HandoverSections', description: 'The sheet; each section belongs to one data category.' })

// An internal change of lead is no handover to another organisation: see /v1/cases/{id}/assignments.
const Type = z
  .enum(['warm_joint', 'warm_phone', 'accompanied', 'written', 'emergency'])
  .meta({ id: 'HandoverTypeToOthers' })

export const HandoverInList = z
  .object({
    id: Id,
    box: Box.meta({ description: '`out` for the giver, `in` for the receiver.' }),
    referralId: Id,
    caseId: Id.nullable().meta({ description: 'Only for the giver.' }),
    clientId: Id.nullable().meta({ description: 'Only for the giver.' }),
    giverOrganizationId: Id,
    giverOrganizationName: z.string(),
    receiverOrganizationId: Id,
    receiverOrganizationName: z.string(),
    responsibleOrganizationId: Id.meta({
      description: 'The giver until the person has arrived, then the receiver.',
    }),
    type: code('handover_type'),
    status: code('handover_status'),
    meetingAt: Instant.nullable().meta({ description: 'When all meet, for a joint handover.' }),
    offeredAt: Instant.nullable(),
    acceptedAt: Instant.nullable(),
    arrivedAt: Instant.nullable(),
    arrivalConfirmedBy: code('arrival_source').nullable(),
    failedAt: Instant.nullable(),
    refusalReason: code('refusal_reason').nullable(),
    refusalNote: z.string().nullable(),
    cancellation: code('handover_cancellation').nullable(),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'HandoverInList' })

export const Handover = HandoverInList.extend({
  sections: Sections.nullable().meta({ description: 'Only for the giver.' }),
  disclosed: Disclosed.nullable().meta({
    description: 'Only for the receiver, and only as long as it is valid.',
  }),
}).meta({ id: 'Handover' })

export const Handovers = list(HandoverInList, 'Handovers')
export const HandoversOfCase = z.object({ items: z.array(HandoverInList) }).meta({ id: 'HandoversOfCase' })
export const HandoverFilter = z.strictObject({
  ...Page.shape,
  box: Box.meta({ description: '`in`: offered to my organisation; `out`: prepared by my unit.' }),
})

export const NewHandover = z
  .strictObject({
    referralId: Id,
    type: Type,
    meetingAt: Instant.nullable().default(null),
    sections: Sections.default({}),
  })
  .meta({ id: 'NewHandover' })

export const HandoverChange = z
  .strictObject({ type: Type, meetingAt: Instant.nullable(), sections: Sections })
  .partial()
  .meta({ id: 'HandoverChange' })

export const Refuse = z
  .strictObject({
    reason: code('refusal_reason'),
    note: prose(1000).default('').meta({ description: 'Without facts about the person.' }),
  })
  .meta({ id: 'RefuseHandover' })

export const Arrival = z.strictObject({ confirmedBy: code('arrival_source') }).meta({ id: 'Arrival' })
