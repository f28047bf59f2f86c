// What does a document that goes along with a referral look like on the wire?
import { z } from 'zod'
import { Id, Instant } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'
import { Upload } from './upload.ts'

export const Attachment = z
  .object({
    id: Id,
    referralId: Id,
    name: z.string(),
    type: code('attachment_type').meta({ description: 'Decided by the content, never by the name.' }),
    size: z.int().meta({ description: 'Bytes.' }),
    category: code('data_category'),
    createdAt: Instant,
  })
  .meta({ id: 'Attachment' })

export const Attachments = z.object({ items: z.array(Attachment) }).meta({ id: 'Attachments' })

export const NewAttachment = z
  .strictObject({
    category: code('data_category').meta({ description: 'As which category it leaves; exactly one.' }),
    file: z.instanceof(Upload).meta({
      override: { type: 'string', format: 'binary', maxLength: 5 * 1024 * 1024 },
      description: 'PDF, PNG or JPEG, at most 5 MiB, with a file name of at most 200 characters.',
    }),
  })
  .meta({ id: 'NewAttachment' })
