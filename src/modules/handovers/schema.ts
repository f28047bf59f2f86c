// What does a handover look like on the wire, to its giver and to its receiver?
import { z } from 'zod'
import { languages } from '../../platform/language.ts'
import { Day, Id, Instant, line, list, Page, prose, Version } from '../../platform/zod.ts'
import { Disclosed } from '../releases/index.ts'
import { code, codes } from '../vocabularies/index.ts'
import type { Type as HandoverType } from './rules.ts'

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
const types = codes('handover_type').filter((type): type is HandoverType => type !== 'internal')
const Type = z.enum(types).meta({ id: 'HandoverTypeToOthers' })

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
      description:
        'The giver until the person has arrived, then the receiver; the giver again once it has recorded that the help has broken off, or has taken up a return.',
    }),
    type: code('handover_type'),
    status: code('handover_status'),
    conceptId: Id.nullable().meta({
      description: 'The handover concept that was published when it was prepared.',
    }),
    meetingAt: Instant.nullable().meta({ description: 'When all meet, for a joint handover.' }),
    accompaniedByMembershipId: Id.nullable().meta({ description: 'Only for the giver.' }),
    accompaniedByName: z.string().nullable().meta({ description: 'Only for the giver.' }),
    offeredAt: Instant.nullable(),
    answerDueOn: Day.nullable().meta({
      description: 'By when the concept asks for an answer; none without a concept.',
    }),
    jointTalkAt: Instant.nullable().meta({
      description: 'When giver, receiver and person talked together, for a warm handover.',
    }),
    acceptedAt: Instant.nullable(),
    arrivedAt: Instant.nullable(),
    arrivalConfirmedBy: code('arrival_source').nullable(),
    failedAt: Instant.nullable(),
    refusalReason: code('refusal_reason').nullable(),
    refusalNote: z.string().nullable(),
    cancellation: code('handover_cancellation').nullable(),
    stability: code('stability')
      .nullable()
      .meta({ description: 'Whether the help holds after arrival. Only for the giver.' }),
    stabilityAt: Instant.nullable().meta({ description: 'Only for the giver.' }),
    returnedAt: Instant.nullable(),
    returnReason: code('return_reason').nullable(),
    returnContactId: Id.nullable().meta({ description: 'The request in which the return consists.' }),
    takenBackAt: Instant.nullable().meta({
      description: 'When the giver took that request up; until then the receiver stays responsible.',
    }),
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
    accompaniedByMembershipId: Id.nullable()
      .default(null)
      .meta({ description: 'A colleague of the unit; needed before an accompanied handover is offered.' }),
    sections: Sections.default({}),
  })
  .meta({ id: 'NewHandover' })

export const HandoverChange = z
  .strictObject({
    type: Type,
    meetingAt: Instant.nullable(),
    accompaniedByMembershipId: Id.nullable(),
    sections: Sections,
  })
  .partial()
  .meta({ id: 'HandoverChange' })

export const Refuse = z
  .strictObject({
    reason: code('refusal_reason'),
    note: prose(1000).default('').meta({ description: 'Without facts about the person.' }),
  })
  .meta({ id: 'RefuseHandover' })

export const Arrival = z.strictObject({ confirmedBy: code('arrival_source') }).meta({ id: 'Arrival' })

export const JointTalk = z
  .strictObject({
    heldAt: Instant.meta({ description: 'After the offer and not in the future.' }),
  })
  .meta({ id: 'JointTalk' })

export const Check = z
  .strictObject({
    stability: code('stability'),
    nextStep: z
      .strictObject({ text: line(500), on: Day.meta({ description: 'Today or later.' }) })
      .optional()
      .meta({ description: 'The next step of the case; demanded when the help is shaky.' }),
  })
  .meta({ id: 'StabilityCheck' })

export const Return = z
  .strictObject({
    reason: code('return_reason'),
    note: prose(1000).min(1).meta({
      description: 'What was agreed with the person. Kept sealed; only the unit that is asked reads it.',
    }),
    agreed: z.literal(true).meta({ description: 'The person has agreed to be returned.' }),
  })
  .meta({ id: 'ReturnHandover' })

const SectionOnSheet = z
  .object({
    section: code('handover_section'),
    label: z.string(),
    text: z.string(),
    facts: z.array(z.object({ label: z.string(), text: z.string() })).meta({
      description:
        'Name, birth date and address, where they were disclosed with the section about the person.',
    }),
  })
  .meta({ id: 'SectionOnSheet' })

/** For the giver what is written, for the receiver what was disclosed and only as long as that is valid. */
export const Sheet = z
  .object({
    id: Id,
    language: z.enum(languages),
    municipality: z.string(),
    type: code('handover_type'),
    typeLabel: z.string(),
    status: code('handover_status'),
    statusLabel: z.string(),
    giverOrganizationName: z.string(),
    receiverOrganizationName: z.string(),
    responsibleOrganizationName: z.string(),
    accompaniedByName: HandoverInList.shape.accompaniedByName,
    meetingAt: HandoverInList.shape.meetingAt,
    offeredAt: Instant.nullable(),
    answerDueOn: HandoverInList.shape.answerDueOn,
    jointTalkAt: HandoverInList.shape.jointTalkAt,
    acceptedAt: Instant.nullable(),
    arrivedAt: Instant.nullable(),
    validUntil: Instant.nullable().meta({
      description: 'Until when the receiver sees it; only for the receiver.',
    }),
    sections: z
      .array(SectionOnSheet)
      .meta({ description: 'In the order of ISBAR; empty ones are left out.' }),
    notice: z.string().meta({ description: 'For what it may be used; it stands on every page.' }),
  })
  .meta({ id: 'HandoverSheet' })

export const SheetLanguage = z.strictObject({
  language: z.enum(languages).optional().meta({ description: 'Of the paper; otherwise by Accept-Language.' }),
})
/** The bytes of a PDF; described as binary in OpenAPI. */
export const Paper = z.instanceof(Buffer)

const Asked = z
  .strictObject({
    required: z
      .array(code('handover_section'))
      .max(codes('handover_section').length)
      .meta({ description: 'The present situation is always needed.' }),
    answerDays: z.int().min(1).max(90).meta({ description: 'Within how many days the receiver answers.' }),
  })
  .meta({ id: 'AskedOfHandover' })
const perType = <T extends z.ZodType>(asked: T) =>
  z.strictObject(Object.fromEntries(types.map((type) => [type, asked])) as Record<HandoverType, T>)

export const NewConcept = z
  .strictObject({
    types: perType(Asked.optional()).meta({
      id: 'HandoverConceptTypes',
      description: 'A type that is left out needs the present situation only.',
    }),
  })
  .meta({ id: 'NewHandoverConcept' })

export const Concept = z
  .object({
    id: Id,
    number: z.int(),
    types: NewConcept.shape.types,
    publishedByUserId: Id,
    publishedAt: Instant,
  })
  .meta({ id: 'HandoverConcept' })
export const Concepts = list(Concept, 'HandoverConcepts')
