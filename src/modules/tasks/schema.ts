// What does a task look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant, list, Page, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

export const Task = z
  .object({
    id: Id,
    caseId: Id,
    kind: code('task_kind'),
    dueOn: Day,
    originId: Id.meta({ description: 'The handover or other record from which the task arose.' }),
    doneAt: Instant.nullable(),
    overdue: z.boolean(),
    version: Version,
  })
  .meta({ id: 'Task' })
export const Tasks = list(Task, 'Tasks')
export const TaskFilter = z.strictObject({ ...Page.shape, caseId: Id.optional() })
