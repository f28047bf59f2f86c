// What does a deadline look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant, list, Page, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'
import { startsByHand } from './rules.ts'

export const Deadline = z
  .object({
    id: Id,
    kind: code('deadline_kind'),
    basis: z.string().meta({
      description: 'The paragraph or the agreement from which it follows.',
      examples: ['§ 14 SGB IX'],
    }),
    organizationId: Id.meta({ description: 'Whose act stops it.' }),
    caseId: Id.nullable().meta({ description: 'Only for the unit that holds the case.' }),
    subjectId: Id.nullable().meta({
      description:
        'The referral, handover, appointment, release, contact or case on which it runs; for the unit that holds the case and for whoever has to act.',
    }),
    startedOn: Day,
    dueOn: Day,
    stoppedAt: Instant.nullable().meta({ description: 'When it was recorded that it ended.' }),
    stoppedOn: Day.nullable().meta({ description: 'On which day that happened which stopped it.' }),
    stoppedBy: code('deadline_stop').nullable(),
    lateDays: z.int().min(0).meta({
      description: 'How many days after the due day it was stopped, or has been running until today.',
    }),
    escalatedTo: code('escalation_level').nullable(),
    escalatedAt: Instant.nullable(),
    version: Version,
  })
  .meta({ id: 'Deadline' })
export const Deadlines = list(Deadline, 'Deadlines')

export const DeadlineFilter = z.strictObject({
  ...Page.shape,
  box: z.enum(['unit', 'ours']).default('unit').meta({
    description:
      '`unit`: what runs on the cases of the own unit; for the coordinator what lead and head have let pass. `ours`: what the own organisation has to stop by acting.',
  }),
  missed: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: '`true`: only those that are late, or were.' }),
  caseId: Id.optional().meta({ description: 'All that run and ran on this case of the unit.' }),
})

export const NewDeadline = z
  .strictObject({
    kind: z.enum(startsByHand).meta({
      id: 'DeadlineByHand',
      description: 'The treatment guarantee in Denmark, the responsibility for rehabilitation in Germany.',
    }),
    startedOn: Day.optional().meta({
      description:
        'The day of the first registered treatment request, or of the application; today when left out. It can never be changed.',
    }),
  })
  .meta({ id: 'NewDeadline' })

export const StopDeadline = z
  .strictObject({
    by: code('deadline_stop'),
    on: Day.optional().meta({ description: 'On which day it happened; today when left out.' }),
  })
  .meta({ id: 'StopDeadline' })
