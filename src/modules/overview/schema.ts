// What do a member's day and a person's journey look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant } from '../../platform/zod.ts'
import { Notice } from '../notices/index.ts'
import { code } from '../vocabularies/index.ts'
import { most, outcomes } from './rules.ts'

const Entry = z
  .object({
    kind: code('day_entry'),
    code: z
      .string()
      .nullable()
      .meta({
        description:
          'The kind of the task, deadline or notice; the status of the case, referral, handover or contact.',
        examples: ['recontact'],
      }),
    subjectKind: Notice.shape.subjectKind,
    subjectId: Id,
    noticeId: Id.nullable().meta({ description: 'Of a notice: what is marked as seen.' }),
    organizationId: Id.nullable().meta({
      description: 'Who sent, gave or asks; of a deadline, whose act stops it.',
    }),
    caseId: Id.nullable().meta({ description: 'Only for the unit that holds the case.' }),
    dueOn: Day.nullable(),
    dueAt: Instant.nullable(),
    overdueDays: z.int().min(0),
    since: Instant,
    forMembershipId: Id.nullable().meta({ description: 'Whom one stands in for.' }),
    text: z.string().nullable().meta({
      description: 'The next step or the title of the task; only for the unit that holds the case.',
    }),
  })
  .meta({ id: 'EntryOfDay', description: 'Ids and codes; never the name of a person.' })

const Caseload = z
  .object({
    membershipId: Id,
    active: z.boolean().meta({ description: 'Whether the lead is still there.' }),
    running: z.int().min(0),
    overdue: z.int().min(0).meta({ description: 'Next steps whose day has passed.' }),
    paused: z.int().min(0),
    escalated: z.int().min(0).meta({ description: 'Missed deadlines that have come up to the head.' }),
  })
  .meta({ id: 'Caseload' })

const Waiting = z
  .object({
    organizationId: Id,
    referrals: z.int().min(1).meta({ description: 'Unanswered ones that have come up to the coordinator.' }),
    longestDays: z.int().min(0),
  })
  .meta({ id: 'WaitingOrganization' })

export const MyDay = z
  .object({
    day: Day,
    items: z.array(Entry).max(most),
    more: z.boolean().meta({ description: `There is more than these ${most}.` }),
    caseload: z.array(Caseload).meta({ description: 'For the head: the leads of the unit.' }),
    waiting: z.array(Waiting).meta({
      description: 'For the coordinator: the organisations whose answers are longest overdue.',
    }),
  })
  .meta({ id: 'MyDay' })

const Step = z
  .object({
    at: Instant,
    kind: code('journey_step'),
    organizationName: z.string().nullable().meta({
      description: 'Null for a door that is known only by its date.',
    }),
    outcome: z.enum(outcomes).nullable().meta({ id: 'JourneyOutcome' }),
  })
  .meta({ id: 'StepOfJourney' })

export const Journey = z
  .object({
    caseId: Id,
    firstContactAt: Instant,
    arrivedAt: Instant.nullable(),
    days: z.int().min(0).meta({
      description: 'Calendar days from the first contact to arrival; until today where nobody has arrived.',
    }),
    doors: z.int().min(1),
    steps: z.array(Step),
  })
  .meta({ id: 'Journey' })
