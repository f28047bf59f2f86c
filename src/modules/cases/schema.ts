// What does a case look like on the wire?
import { z } from 'zod'
import { ExternalId } from '../../platform/external.ts'
import { Day, Id, Instant, line, list, Page, prose, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

const Step = line(500).meta({
  description: 'What happens next, as one sentence.',
  examples: ['Call about the appointment'],
})
const On = Day.meta({ description: 'On which day; not in the past when it is written.' })

export const Case = z
  .object({
    id: Id,
    clientId: Id,
    organizationId: Id.meta({ description: 'The responsible unit.' }),
    previousCaseId: Id.nullable(),
    status: code('case_status'),
    phase: code('case_phase'),
    requesterRole: code('requester_role'),
    referralSource: code('referral_source'),
    concern: z.string(),
    leadMembershipId: Id.nullable(),
    nextStep: z.string().nullable(),
    nextStepOn: Day.nullable(),
    overdue: z.boolean().meta({ description: 'The day of the next step has passed.' }),
    pauseReason: code('case_pause_reason').nullable(),
    endType: code('case_end_type').nullable(),
    outcome: code('outcome_rating').nullable(),
    lastWords: z
      .string()
      .nullable()
      .meta({ description: 'How the person said that they want no more contact.' }),
    externalId: ExternalId.nullable(),
    openedAt: Instant,
    closedAt: Instant.nullable(),
    version: Version,
  })
  .meta({ id: 'Case' })
export const Cases = list(Case, 'Cases')

export const CaseFilter = z.strictObject({
  ...Page.shape,
  closed: z.enum(['true', 'false']).optional().meta({
    description:
      '`true`: closed cases, the newest first. `false`, or left out without `externalId`: all others by the day of their next step.',
  }),
  lead: z
    .union([z.literal('me'), Id])
    .optional()
    .meta({ description: 'Only cases that this membership leads; `me` for one’s own.' }),
  clientId: Id.optional().meta({ description: 'Only cases of this person.' }),
  externalId: ExternalId.optional().meta({
    description: 'Only the one that the caller opened under this own id, running or closed.',
  }),
})

export const NewCase = z
  .strictObject({
    clientId: Id,
    requesterRole: code('requester_role'),
    referralSource: code('referral_source'),
    concern: prose(4000).default(''),
    leadMembershipId: Id.optional().meta({
      description: 'A navigator of the own unit; oneself when left out.',
    }),
    nextStep: Step,
    nextStepOn: On,
    previousCaseId: Id.optional().meta({
      description: 'For somebody who comes back: the closed case before.',
    }),
    externalId: ExternalId.optional(),
  })
  .meta({ id: 'NewCase' })

export const CaseChange = z
  .strictObject({ phase: code('case_phase'), concern: prose(4000) })
  .partial()
  .meta({ id: 'CaseChange' })

export const NextStep = z
  .strictObject({
    text: Step,
    on: On,
    waiting: z
      .boolean()
      .default(false)
      .meta({ description: 'Somebody else has to act first; the day is when we ask.' }),
  })
  .meta({ id: 'NextStep' })

export const Pause = z
  .strictObject({
    reason: code('case_pause_reason'),
    text: Step,
    on: On.meta({ description: 'When we look again.' }),
  })
  .meta({ id: 'Pause' })
export const Resume = z.strictObject({ text: Step, on: On }).meta({ id: 'Resume' })
export const Close = z
  .strictObject({
    endType: code('case_end_type'),
    outcome: code('outcome_rating'),
    lastWords: prose(2000).nullable().default(null).meta({
      description:
        'How the person said that they want no more contact, in their own words. Without them contact is lost only after three tries on three days in two ways.',
    }),
  })
  .meta({ id: 'CloseCase' })
export type Closing = z.output<typeof Close>

export const Assignment = z
  .strictObject({ membershipId: Id, reason: line(500) })
  .meta({ id: 'Assignment', description: 'Who leads from now on, and why.' })
export const Lead = z
  .object({ id: Id, membershipId: Id, reason: z.string(), fromAt: Instant, untilAt: Instant.nullable() })
  .meta({ id: 'Lead' })
export const Leads = z.object({ items: z.array(Lead) }).meta({ id: 'Leads' })
