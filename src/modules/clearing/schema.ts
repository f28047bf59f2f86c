// What do clearing guides and clearings look like on the wire?
import { z } from 'zod'
import { languages } from '../../platform/language.ts'
import { Id, Instant, list, prose, Version } from '../../platform/zod.ts'
import { code, codes } from '../vocabularies/index.ts'
import type { LifeDomain } from './rules.ts'

const Wording = z
  .object({ de: z.string(), en: z.string(), da: z.string() })
  .meta({ id: 'Wording', description: 'The same in German, English and Danish.' })

const Language = z
  .enum(languages)
  .meta({ id: 'InterviewLanguage', description: 'One of the languages of the interview guide.' })

const Official = z.object({ de: z.boolean(), en: z.boolean(), da: z.boolean() }).meta({
  id: 'OfficialWording',
  description:
    'Whether the wording in this language is that of the source; otherwise it is our own translation.',
})

const Question = z
  .object({
    id: z
      .string()
      .meta({ description: 'The key of its answer in a clearing.', examples: ['housing.secure'] }),
    kind: z.enum(['choice', 'multi', 'text', 'number', 'yes_no', 'date']).meta({
      description: '`choice`: one code; `multi`: a list of codes; `yes_no`: true or false; `date`: a day.',
    }),
    vocabulary: z.string().optional().meta({ description: 'The codes of this vocabulary are the options.' }),
    options: z.array(Wording.extend({ code: z.string() }).meta({ id: 'GuideOption' })).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    text: Wording,
    hint: Wording.optional().meta({ description: 'For whoever asks, not for the person.' }),
  })
  .meta({ id: 'GuideQuestion' })

export const Guide = z
  .object({
    id: Id,
    key: z.string(),
    number: z.int(),
    title: Wording,
    domains: z.array(
      z
        .object({
          code: code('life_domain'),
          category: code('data_category').meta({
            description: 'As which data category this domain may leave.',
          }),
          title: Wording,
          opening: Wording.meta({ description: 'An invitation to tell, before any question.' }),
          questions: z.array(Question),
        })
        .meta({ id: 'GuideDomain' }),
    ),
    closing: z.object({ strengths: Wording, wishes: Wording }),
    auditC: z
      .object({
        code: z.string(),
        version: z.string(),
        items: z.array(
          z
            .object({
              id: z.string(),
              text: Wording,
              options: z.array(Wording.extend({ score: z.int() }).meta({ id: 'AuditCOption' })),
            })
            .meta({ id: 'AuditCItem' }),
        ),
        official: Official,
        notice: Wording.meta({ description: 'To be shown wherever the wording is not the official one.' }),
        source: z.string(),
        licence: z.string(),
      })
      .meta({ id: 'AuditCInstrument' }),
    publishedAt: Instant,
  })
  .meta({ id: 'ClearingGuide', description: 'Never changes once it is published; a change is a new number.' })

export const Guides = list(
  z
    .object({ id: Id, key: z.string(), number: z.int(), title: Wording, publishedAt: Instant })
    .meta({ id: 'ClearingGuideEntry' }),
  'ClearingGuides',
)

const Answer = z.union([
  prose(2000).meta({
    id: 'TextAnswer',
    description: 'For `text`, `choice` (a code) and `date` (YYYY-MM-DD).',
  }),
  z.int().min(-1_000_000).max(1_000_000).meta({ id: 'NumberAnswer' }),
  z.boolean().meta({ id: 'YesNoAnswer' }),
  z.array(z.string().max(60)).max(100).meta({ id: 'CodesAnswer', description: 'For `multi`.' }),
])
const QuestionId = z
  .string()
  .max(80)
  .regex(/^[a-z_]+\.[a-z_]+$/)
const answers = <T extends z.ZodType>(answer: T) =>
  z
    .record(QuestionId, answer)
    .refine((given) => Object.keys(given).length <= 300, { error: 'at most 300 answers' })
    .meta({ maxProperties: 300 })

const note = prose(4000).default('')
const Rating = z.union([
  z
    .strictObject({
      need: z.enum(codes('need_level').filter((level) => level !== 'nx')).meta({ id: 'RatedNeed' }),
      note,
    })
    .meta({ id: 'RatedDomain' }),
  z
    .strictObject({ skipped: code('skip_reason'), note })
    .refine((given) => given.skipped !== 'other' || given.note !== '', {
      path: ['note'],
      error: '`other` needs a note',
    })
    .meta({ id: 'SkippedDomain', description: 'Not assessed, with the reason; `other` needs a note.' }),
])
const ratings = <T extends z.ZodType>(rating: T) =>
  z
    .strictObject(
      Object.fromEntries(codes('life_domain').map((domain) => [domain, rating])) as Record<LifeDomain, T>,
    )
    .partial()

const Points = z
  .array(z.int().min(0).max(4))
  .length(3)
  .meta({ description: 'The points of the three items.' })

const AuditCResult = z
  .object({
    score: z.int().min(0).max(12),
    positive: z.boolean().meta({ description: 'The score reaches the cut-off. A hint, never a diagnosis.' }),
    cutoff: z.int().meta({ description: 'Of the municipality, by the gender that is recorded.' }),
    onlyFrequency: z
      .boolean()
      .meta({ description: 'All points come from the first item: the cut-off then says little.' }),
  })
  .meta({ id: 'AuditCResult' })

const AuditC = z
  .object({
    answers: Points,
    language: Language,
    officialWording: z.boolean().meta({ description: 'False where our own translation was read out.' }),
    notice: Wording.nullable().meta({
      description: 'To be shown with every use of an unofficial translation.',
    }),
    result: AuditCResult.nullable().meta({ description: 'Once the clearing is finished.' }),
  })
  .meta({ id: 'AuditC' })

export const Clearing = z
  .object({
    id: Id,
    caseId: Id,
    clientId: Id,
    guideId: Id.meta({ description: 'The guide as it was when the clearing began.' }),
    guideKey: z.string(),
    guideNumber: z.int(),
    previousClearingId: Id.nullable(),
    status: code('clearing_status'),
    answers: answers(Answer).meta({ description: 'By the id of the question.' }),
    ratings: ratings(Rating).meta({ description: 'By life domain.' }),
    strengths: z.string(),
    wishes: z.string(),
    auditC: AuditC.nullable(),
    startedAt: Instant,
    finishedAt: Instant.nullable(),
    version: Version,
  })
  .meta({ id: 'Clearing' })

export const Clearings = list(
  z
    .object({
      id: Id,
      caseId: Id,
      guideId: Id,
      previousClearingId: Id.nullable(),
      status: code('clearing_status'),
      startedAt: Instant,
      finishedAt: Instant.nullable(),
      version: Version,
    })
    .meta({ id: 'ClearingEntry' }),
  'Clearings',
)

export const ClearingChange = z
  .strictObject({
    answers: answers(Answer.nullable()).meta({
      description: 'By the id of the question; null takes the answer away.',
    }),
    ratings: ratings(Rating.nullable()).meta({ description: 'By life domain; null takes the rating away.' }),
    strengths: prose(4000).meta({ description: 'In the person’s own words.' }),
    wishes: prose(4000).meta({ description: 'In the person’s own words.' }),
    auditC: z
      .strictObject({ answers: Points, language: Language })
      .meta({
        id: 'AuditCAnswers',
        description: 'All three items, in the language in which they were asked.',
      })
      .nullable(),
  })
  .partial()
  .meta({ id: 'ClearingChange' })
