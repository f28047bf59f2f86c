// What does a first contact look like on the wire, at the door and to whoever is asked?
import { z } from 'zod'
import { Day, Id, Instant, line, list, Page, prose, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

const Problems = z.array(code('substance')).max(20).meta({
  description: 'What it is about; decides with the scope rules which sector is responsible.',
})
const Box = z.enum(['registered', 'received']).meta({ id: 'ContactBox' })
const ConfirmedBy = z.enum(['person', 'place', 'accompanied']).meta({ id: 'ContactConfirmedBy' })

export const ContactInList = z
  .object({
    id: Id,
    box: Box.meta({ description: '`registered` at the own door, `received` by whoever is asked.' }),
    organizationId: Id.meta({ description: 'The door.' }),
    kind: code('contact_kind'),
    status: code('contact_status'),
    requesterRole: code('requester_role'),
    mode: code('contact_mode'),
    problems: Problems,
    outOfScope: z.boolean().meta({ description: 'Guided on to the responsible sector, never turned away.' }),
    responsibleSector: code('sector').nullable(),
    agreed: z.boolean().meta({ description: 'The person agreed that name and reach are kept.' }),
    toOrganizationId: Id.nullable().meta({
      description: 'Who is asked to take up, or to whom the person is guided, inside the network.',
    }),
    previousContactId: Id.nullable().meta({ description: 'The door before; only for this door.' }),
    firstContactAt: Instant.meta({ description: 'At the first of all doors.' }),
    doors: z.int().min(1).meta({ description: 'At how many doors the person has been by now.' }),
    nextStepOn: Day.nullable(),
    overdue: z.boolean().meta({ description: 'Still open, and the agreed day has passed.' }),
    guidedOfferId: Id.nullable(),
    guidedPlace: z.string().nullable(),
    guidedContact: z.string().nullable(),
    confirmedBy: ConfirmedBy.nullable(),
    declinedPlace: z.string().nullable(),
    declinedOrganizationId: Id.nullable(),
    endedAt: Instant.nullable(),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'ContactInList' })

const Person = z
  .object({ name: z.string().nullable(), reach: z.string().nullable(), agreement: z.string() })
  .meta({ id: 'ContactPerson', description: 'Kept sealed, and only as far as the person agreed.' })

export const Contact = ContactInList.extend({
  person: Person.nullable().meta({
    description: 'For the door and for whoever is asked; null for somebody who stays anonymous.',
  }),
  caseId: Id.nullable().meta({ description: 'The case into which it was taken up, for those who see it.' }),
  clientId: Id.nullable(),
}).meta({ id: 'Contact' })

export const Contacts = list(ContactInList, 'Contacts')
export const ContactFilter = z.strictObject({
  ...Page.shape,
  box: Box.meta({
    description:
      '`registered`: at my door; `received`: my organisation is asked, or people are guided to it.',
  }),
  open: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Only those still open, or only ended ones.' }),
})

export const NewContact = z
  .strictObject({
    name: line(60)
      .optional()
      .meta({ description: 'First name or alias.', examples: ['Robin'] }),
    reach: line(200)
      .optional()
      .meta({ description: 'How and when to reach them safely.', examples: ['0555 010 20, after six'] }),
    agreement: prose(1000)
      .min(1)
      .optional()
      .meta({
        description:
          'What the person agreed to: that name and reach are kept and passed on, and what happens next. Without it neither is accepted.',
        examples: ['The navigators may call Robin on Thursday'],
      }),
    agreed: z.boolean().optional().meta({
      description:
        'That the person agreed. Left out, it follows from `agreement`; `false` is never overruled.',
    }),
    kind: code('contact_kind')
      .optional()
      .meta({ description: 'Left out: `inbound_referral` for self-help, otherwise `first_contact`.' }),
    requesterRole: code('requester_role')
      .optional()
      .meta({ description: 'Left out: `self_help` for self-help, otherwise `self`.' }),
    mode: code('contact_mode').default('in_person_office'),
    problems: Problems.default([]),
    toOrganizationId: Id.optional().meta({
      description:
        'Who is asked to take up. Left out for an `inbound_referral`: the unit of navigators, where there is only one.',
    }),
    previousContactId: Id.optional().meta({
      description: 'The same person at an earlier door; first contact and count of doors go on from there.',
    }),
    nextStepOn: Day.optional().meta({
      description: 'When somebody looks again; two working days after today when left out.',
    }),
  })
  .meta({ id: 'NewContact' })

export const ContactChange = z
  .strictObject({ nextStepOn: Day.meta({ description: 'When the door looks again; not in the past.' }) })
  .meta({ id: 'ContactChange' })

export const Guide = z
  .strictObject({
    place: line(200).meta({ description: 'Where to.', examples: ['Practice on the green'] }),
    contact: line(200).meta({
      description: 'Who expects the person there, or how it is reached.',
      examples: ['reception, 0555 0800-0'],
    }),
    by: Day.meta({ description: 'By when we ask whether the person has arrived.' }),
    offerId: Id.optional().meta({ description: 'When the place is an offer of the network.' }),
    organizationId: Id.optional().meta({ description: 'When the place is an organisation of the network.' }),
    passOn: z.boolean().default(false).meta({
      description:
        'The person agreed that name and reach go to this organisation as well. Otherwise it learns only that somebody comes.',
    }),
  })
  .meta({ id: 'GuideContact' })

export const Confirm = z
  .strictObject({
    confirmedBy: ConfirmedBy.meta({
      description: '`place` is said by the organisation itself; the others by whoever guided.',
    }),
  })
  .meta({ id: 'ConfirmContact' })

export const Decline = z
  .strictObject({
    place: line(200).meta({ description: 'What was offered and is not wanted at present.' }),
    organizationId: Id.nullable().optional().meta({
      description: 'Whose place that is; left out: whoever was asked. Counted by organisation.',
    }),
  })
  .meta({ id: 'DeclineContact' })

export const TakeUp = z
  .strictObject({
    caseId: Id.optional().meta({ description: 'The running case of the same person, if there is one.' }),
    leadMembershipId: Id.optional().meta({ description: 'A navigator of the unit; oneself when left out.' }),
    nextStep: line(500)
      .optional()
      .meta({ description: 'Of the new case.', examples: ['Call Robin'] }),
    nextStepOn: Day.optional().meta({ description: 'Not in the past.' }),
    concern: prose(4000).optional(),
    referralSource: code('referral_source')
      .optional()
      .meta({ description: 'Follows from who made contact when left out.' }),
  })
  .refine(({ caseId, nextStep }) => caseId !== undefined || nextStep !== undefined, {
    error: 'a new case needs a next step',
    path: ['nextStep'],
  })
  .refine(({ caseId, nextStepOn }) => caseId !== undefined || nextStepOn !== undefined, {
    error: 'a new case needs a day for its next step',
    path: ['nextStepOn'],
  })
  .refine(
    ({ caseId, ...ofNew }) => caseId === undefined || Object.values(ofNew).every((one) => one === undefined),
    {
      error: 'an existing case keeps its lead and next step',
      path: ['caseId'],
    },
  )
  .meta({ id: 'TakeUpContact' })

export const Between = z
  .strictObject({
    from: Day.meta({ description: 'First day on which contacts were registered.' }),
    until: Day.meta({ description: 'Last day, included.' }),
  })
  .refine(({ from, until }) => from <= until, { error: 'not before the first day', path: ['until'] })

const Count = z.int().min(0)
const counts = {
  registered: Count,
  guidedAndConfirmed: Count,
  takenUp: Count,
  refused: Count.meta({ description: 'By the person.' }),
  open: Count.meta({ description: 'Neither of the three yet.' }),
  lost: Count.meta({
    description: 'Of these, lost after the first contact: the agreed day passed more than 14 days ago.',
  }),
}
const RefusedPlace = z
  .object({
    organizationId: Id.nullable().meta({ description: 'Null: outside the network.' }),
    refused: Count,
  })
  .meta({ id: 'RefusedPlace' })
export const Figures = z
  .object({
    from: Day,
    until: Day,
    doors: z.array(
      z
        .object({
          organizationId: Id.meta({ description: 'The door.' }),
          ...counts,
          refusedPlaces: z.array(RefusedPlace),
        })
        .meta({ id: 'ContactFiguresOfDoor' }),
    ),
    total: z.object(counts).meta({ id: 'ContactFiguresInTotal' }),
  })
  .meta({ id: 'ContactFigures' })

const rule = {
  sector: code('sector').meta({ description: 'Which sector is responsible instead.' }),
  organizationId: Id.nullable().meta({ description: 'Whom to ask there, if it belongs to the network.' }),
  note: prose(1000),
}
export const ScopeRule = z
  .object({ id: Id, problem: code('substance'), ...rule, version: Version })
  .meta({ id: 'ScopeRule' })
export const ScopeRules = z.object({ items: z.array(ScopeRule) }).meta({ id: 'ScopeRules' })
export const NewScopeRule = z
  .strictObject({
    problem: code('substance').meta({ description: 'With what the municipality does not help itself.' }),
    sector: rule.sector,
    organizationId: rule.organizationId.default(null),
    note: rule.note.default(''),
  })
  .meta({ id: 'NewScopeRule' })
export const ScopeRuleChange = z.strictObject(rule).partial().meta({ id: 'ScopeRuleChange' })
