// What does a notice look like on the wire? What happened and to which record; never a word about a person.
import { z } from 'zod'
import { Id, Instant, list, Page } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'
import { subjectKinds } from './table.ts'

export const Notice = z
  .object({
    id: Id,
    kind: code('notice_kind'),
    subjectKind: z.enum(subjectKinds).meta({ id: 'NoticeSubject' }),
    subjectId: Id,
    createdAt: Instant,
    seenAt: Instant.nullable(),
  })
  .meta({ id: 'Notice' })
export const Notices = list(Notice, 'Notices')
export const NoticeFilter = z.strictObject({
  ...Page.shape,
  seen: z.enum(['true', 'false']).default('false').meta({
    description: '`true` lists what has been seen already instead of what has not.',
  }),
})

const Rhythm = code('mail_rhythm').meta({
  description: 'How often an e-mail says that something waits; it never says what.',
})
export const MailSettings = z
  .object({ rhythm: Rhythm, version: z.int().min(0).meta({ description: '0 until it is set.' }) })
  .meta({ id: 'MailSettings' })
export const MailChange = z.strictObject({ rhythm: Rhythm }).meta({ id: 'MailChange' })
