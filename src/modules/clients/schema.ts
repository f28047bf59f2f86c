// What does a person look like on the wire? As little as the level of being known allows.
import { z } from 'zod'
import { ExternalId } from '../../platform/external.ts'
import { Day, Id, Instant, line, list, Page, prose, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

const Identity = z
  .strictObject({
    givenName: line(100).optional(),
    familyName: line(100).optional(),
    birthDate: Day.optional(),
    address: line(300).optional(),
  })
  .meta({ id: 'Identity', description: 'Kept sealed, with a data key of its own.' })

const Reach = z
  .strictObject({
    phone: line(40).optional(),
    email: z.email().max(254).optional(),
    modes: z.array(code('contact_mode')).max(10).default([]),
    mayLeaveMessage: z.boolean().default(false),
    neutralSender: z
      .boolean()
      .default(true)
      .meta({ description: 'Letters and calls name no addiction service.' }),
    when: line(200)
      .optional()
      .meta({ examples: ['weekdays before noon'] }),
  })
  .meta({ id: 'Reach', description: 'How and when the person may safely be reached; kept sealed.' })

const common = {
  ageBand: code('age_band'),
  gender: code('gender'),
  district: line(100).nullable(),
  language: code('language').nullable(),
  interpreterNeeded: z.boolean(),
}
const known = {
  alias: line(60).meta({ description: 'A name that the person chose, not the real one.' }),
  personCode: line(60).meta({ description: 'A code that the person holds; only its hash is kept.' }),
  ags: z
    .string()
    .max(8)
    .regex(/^\d{3,8}$/)
    .meta({ description: 'Official municipality key of the residence.' }),
  reach: Reach,
  identity: Identity,
}

export const Client = z
  .object({
    id: Id,
    identificationLevel: code('identification_level'),
    ...common,
    ags: z.string().nullable(),
    alias: z.string().nullable(),
    holdsCode: z.boolean().meta({ description: 'Whether the person holds a code.' }),
    identity: Identity.nullable(),
    reach: Reach.nullable(),
    shielded: z.boolean().meta({ description: 'Only named members see this person.' }),
    externalId: ExternalId.nullable(),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'Client' })

export const ClientInList = Client.omit({ identity: true, reach: true }).meta({ id: 'ClientInList' })
export const Clients = list(ClientInList, 'Clients')
export const ClientFilter = z.strictObject({
  ...Page.shape,
  externalId: ExternalId.optional().meta({
    description: 'Only the one that the caller recorded under this own id.',
  }),
})

export const NewClient = z
  .strictObject({
    identificationLevel: code('identification_level'),
    ageBand: common.ageBand.default('unknown'),
    gender: common.gender.default('no_entry'),
    district: common.district.default(null),
    language: common.language.default(null),
    interpreterNeeded: common.interpreterNeeded.default(false),
    shielded: z
      .boolean()
      .default(false)
      .meta({ description: 'For a colleague, say: only named members see this person.' }),
    ...z.object(known).partial().shape,
    externalId: ExternalId.optional(),
  })
  .meta({ id: 'NewClient' })

const PossiblySame = z
  .object({ id: Id, alike: z.array(z.enum(['familyName', 'givenName', 'birthDate', 'alias', 'personCode'])) })
  .meta({ id: 'PossiblySame' })
export const CreatedClient = Client.extend({
  possiblySame: z.array(PossiblySame).optional().meta({
    description: 'People of the own unit who may be the same person; nothing is ever merged by itself.',
  }),
}).meta({ id: 'CreatedClient' })

export const ClientChange = z
  .strictObject({ ...common, ...known, alias: known.alias.nullable(), ags: known.ags.nullable() })
  .partial()
  .meta({ id: 'ClientChange' })

export const RaiseLevel = z
  .strictObject({
    to: code('identification_level'),
    reason: prose(1000).min(3).meta({ description: 'Why more is recorded now, and that the person agrees.' }),
    ...z.object(known).partial().shape,
  })
  .meta({ id: 'RaiseLevel' })

export const Search = z
  .strictObject({
    familyName: line(100).optional().meta({ description: 'Compared by its sound.' }),
    givenName: line(100).optional(),
    birthDate: Day.optional(),
    alias: line(60).optional(),
    personCode: line(60).optional(),
  })
  .refine((criteria) => Object.values(criteria).some((value) => value !== undefined), {
    error: 'at least one criterion',
  })
  .refine(({ givenName, familyName, birthDate }) => !givenName || familyName || birthDate, {
    error: 'a given name needs a family name or a birth date beside it',
    path: ['givenName'],
  })
  .meta({ id: 'ClientSearch' })
export const Found = z.object({ items: z.array(ClientInList) }).meta({ id: 'ClientsFound' })

export const NamedMember = z.strictObject({ membershipId: Id }).meta({ id: 'NamedMember' })
