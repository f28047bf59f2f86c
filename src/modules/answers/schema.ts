// What does a link look like to the unit that gave it, and what does its page send back?
import { z } from 'zod'
import { languages } from '../../platform/language.ts'
import { Id, Instant, Version } from '../../platform/zod.ts'
import { linkStatuses } from './rules.ts'

const Language = z.enum(languages).meta({ id: 'LinkLanguage', description: 'Of the mail and of the page.' })

export const AnswerLink = z
  .object({
    id: Id,
    referralId: Id,
    email: z.string(),
    language: Language,
    status: z.enum(linkStatuses).meta({
      id: 'AnswerLinkStatus',
      description: '`closed`: the referral was answered otherwise, or withdrawn.',
    }),
    code: z.string().nullable().meta({
      description: 'Six digits to tell by phone: only in the answer that made the link, and never again.',
    }),
    mailedAt: Instant.nullable().meta({ description: 'When the link went out by e-mail.' }),
    tries: z.int().meta({ description: 'Wrong codes so far; the fifth locks the link for good.' }),
    openedUntil: Instant.nullable(),
    answeredAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
    expiresAt: Instant,
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'AnswerLink' })

export const NewAnswerLink = z
  .strictObject({
    email: z
      .email()
      .max(254)
      .optional()
      .meta({ description: 'Left out: the address of the recipient in the directory.' }),
    language: Language.optional().meta({ description: 'Left out: the language of the municipality.' }),
  })
  .meta({ id: 'NewAnswerLink' })

// The page. Whatever a browser sends is read leniently and answered in words; what cannot come from our form is not.
export const ByToken = z.object({ token: z.string().max(64) })
export const FileByToken = ByToken.extend({ attachment: Id })
export const PageQuery = z.object({ lang: z.enum(languages).optional().catch(undefined) })
export const CodeForm = z.object({ code: z.string().max(40).default('') })
const field = (max: number) => z.string().max(max).default('')
export const AnswerForm = z.object({
  decision: field(20),
  reason: field(60),
  note: field(4000),
  name: field(400),
})
