// What do a release and the ledger of disclosures look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant, line, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

const Categories = z
  .array(code('data_category'))
  .min(1)
  .max(30)
  .refine((categories) => new Set(categories).size === categories.length, { error: 'each category once' })
  .meta({ description: 'Exactly what may leave. There is no "everything".' })

const InformationLanguage = z.enum(['de', 'en', 'da', 'es', 'fr']).meta({ id: 'InformationLanguage' })

const fields = {
  recipientOrganizationId: Id,
  recipientPerson: line(200).nullable().meta({ description: 'Better a person than only an organisation.' }),
  purpose: code('release_purpose'),
  purposeDetail: line(500).meta({ description: 'In words that the person understands.' }),
  categories: Categories,
  direction: code('release_direction'),
  validUntil: Instant,
  endsWith: line(200).nullable().meta({ description: 'An event that ends it earlier, as on the form.' }),
  proof: code('release_proof'),
  proofReason: line(500).nullable().meta({ description: 'Why an exception (oral) was made.' }),
  informationVersion: z
    .int()
    .min(1)
    .max(1)
    .meta({ description: 'Version of the information text that the person got.' }),
  informationLanguage: InformationLanguage,
  interpreterUsed: z.boolean(),
  capacity: code('capacity_assessment').meta({
    description: 'For young people: who signed, and how that was judged.',
  }),
  capacityNote: line(500).nullable(),
  copyGiven: z.boolean(),
}

export const Release = z
  .object({
    id: Id,
    caseId: Id,
    clientId: Id,
    status: code('release_status'),
    expired: z.boolean().meta({ description: '`validUntil` has passed.' }),
    discloserOrganizationId: Id,
    ...fields,
    signedOn: Day.nullable(),
    refusedAt: Instant.nullable(),
    withdrawnAt: Instant.nullable(),
    withdrawnWay: code('release_withdrawal_way').nullable(),
    supersededById: Id.nullable(),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'Release' })
export const Releases = z.object({ items: z.array(Release) }).meta({ id: 'Releases' })

export const NewRelease = z
  .strictObject({
    ...fields,
    recipientPerson: fields.recipientPerson.default(null),
    direction: fields.direction.default('both'),
    endsWith: fields.endsWith.default(null),
    proofReason: fields.proofReason.default(null),
    interpreterUsed: fields.interpreterUsed.default(false),
    capacity: fields.capacity.default('not_needed_adult'),
    capacityNote: fields.capacityNote.default(null),
    copyGiven: fields.copyGiven.default(false),
    signedOn: Day.optional().meta({
      description: 'When it is signed already; otherwise a draft to print and sign.',
    }),
    supersedesId: Id.optional().meta({
      description: 'The signed release that this signed one replaces at once.',
    }),
  })
  .refine(({ supersedesId, signedOn }) => supersedesId === undefined || signedOn !== undefined, {
    error: 'only a signed release replaces another',
    path: ['signedOn'],
  })
  .meta({ id: 'NewRelease' })

/** The bytes of a PDF; described as binary in OpenAPI. */
export const Form = z.instanceof(Buffer)

export const Sign = z
  .strictObject({ signedOn: Day, copyGiven: z.boolean().default(true) })
  .meta({ id: 'SignRelease' })
export const Withdraw = z
  .strictObject({ way: code('release_withdrawal_way').default('oral') })
  .meta({ id: 'WithdrawRelease' })

export const DisclosedPart = z
  .object({
    category: code('data_category'),
    topic: z
      .string()
      .meta({ description: 'A life domain, a section of the handover sheet, `identity`, `situation` …' }),
    need: code('need_level').nullable(),
    text: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  })
  .meta({ id: 'DisclosedPart' })

/** What a recipient reads, as long as it is valid. */
export const Disclosed = z
  .object({
    id: Id,
    basis: code('disclosure_basis'),
    purpose: code('release_purpose'),
    categories: z.array(code('data_category')),
    parts: z.array(DisclosedPart),
    notice: z.string().meta({ description: 'For what it may be used; it travels with the data.' }),
    madeAt: Instant,
    validUntil: Instant,
  })
  .meta({ id: 'Disclosed' })

export const Disclosure = Disclosed.omit({ notice: true })
  .extend({
    caseId: Id,
    clientId: Id,
    releaseId: Id.nullable(),
    releaseVersion: Version.nullable(),
    recipientOrganizationId: Id,
    subjectId: Id.meta({ description: 'The referral or handover with which it left.' }),
    madeByUserId: Id,
    ended: z.boolean().meta({ description: 'The recipient no longer sees it.' }),
  })
  .meta({ id: 'Disclosure' })
export const Disclosures = z.object({ items: z.array(Disclosure) }).meta({ id: 'Disclosures' })
