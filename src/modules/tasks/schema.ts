// What does a task look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant, line, list, Page, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

export const Task = z
  .object({
    id: Id,
    caseId: Id,
    kind: code('task_kind'),
    title: z
      .string()
      .nullable()
      .meta({ description: 'In own words; null where the kind says what is to be done.' }),
    dueOn: Day,
    ownerMembershipId: Id.nullable().meta({ description: 'Whose it is; the lead’s where nobody is named.' }),
    originId: Id.meta({ description: 'The handover, clearing, case or other record from which it arose.' }),
    doneAt: Instant.nullable(),
    doneByUserId: Id.nullable(),
    overdue: z.boolean(),
    version: Version,
  })
  .meta({ id: 'Task' })
export const Tasks = list(Task, 'Tasks')
export const TaskFilter = z.strictObject({
  ...Page.shape,
  caseId: Id.optional().meta({ description: 'Only tasks of this case.' }),
  owner: z
    .union([z.literal('me'), Id])
    .optional()
    .meta({
      description:
        'Only tasks of this membership, and those without an owner in cases that it leads; `me` for one’s own.',
    }),
})

const Title = line(300).meta({ description: 'What is to be done.', examples: ['Ask for the papers'] })
const DueOn = Day.meta({ description: 'By when; not in the past when it is written.' })
const Owner = Id.meta({ description: 'A navigator of the unit who may see the case.' })

export const NewTask = z
  .strictObject({ caseId: Id, title: Title, dueOn: DueOn, ownerMembershipId: Owner.optional() })
  .meta({ id: 'NewTask' })
export const TaskChange = z
  .strictObject({
    title: Title,
    dueOn: DueOn,
    ownerMembershipId: Owner.nullable().meta({ description: 'Null gives it back to the lead.' }),
  })
  .partial()
  .meta({ id: 'TaskChange' })
