// What do municipalities, organisations and members look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant, line, list, Page, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

const Language = z.enum(['de', 'en', 'da']).meta({ id: 'InterfaceLanguage' })
export const Slug = z
  .string()
  .max(41)
  .regex(/^[a-z][a-z0-9-]{1,40}$/)
  .meta({ description: 'Short name of the municipality; never changes.', examples: ['lindenau'] })
// argon2 reads all of it: a bound keeps a long password from becoming work for us.
export const Password = z
  .string()
  .min(1)
  .max(200)
  .meta({ examples: ['a long sentence is best'] })
export const NewPassword = Password.min(12)
export const Email = z
  .email()
  .max(254)
  .toLowerCase()
  .meta({ examples: ['nora.lenz@lindenau.example'] })

const MembershipOfMine = z
  .object({ id: Id, role: code('role'), organizationId: Id, organizationName: z.string() })
  .meta({ id: 'MembershipOfMine' })

export const Me = z
  .object({
    id: Id,
    kind: z.enum(['person', 'service']).meta({ id: 'UserKind' }),
    name: z.string(),
    email: z.string().nullable().meta({ description: 'A service account has none.' }),
    language: Language,
    municipality: z.object({
      id: Id,
      slug: Slug,
      name: z.string(),
      country: code('country'),
      timeZone: z.string(),
    }),
    membership: MembershipOfMine,
    memberships: z.array(MembershipOfMine),
    secrecyObligation: z.object({ basis: code('secrecy_basis'), boundOn: Day }).nullable(),
  })
  .meta({ id: 'Me' })

const Cutoff = z.int().min(1).max(12)
const Cutoffs = z.strictObject({ male: Cutoff, female: Cutoff, other: Cutoff }).meta({
  id: 'AuditCCutoffs',
  description: 'From which score an AUDIT-C counts as positive; unknown and diverse gender use `other`.',
})

const SecondFactorRequired = z.enum(['none', 'content_roles', 'everyone']).meta({
  id: 'SecondFactorRequired',
  description:
    'Who signs in only with a second factor: nobody has to, whoever works with what is known about people, or everyone.',
})

export const TenantSettings = z
  .object({
    id: Id,
    slug: Slug,
    name: z.string(),
    kind: code('tenant_kind'),
    country: code('country'),
    timeZone: z.string(),
    language: Language,
    auditCCutoffs: Cutoffs,
    secondFactorRequired: SecondFactorRequired,
    version: Version,
  })
  .meta({ id: 'TenantSettings' })
export const TenantSettingsChange = z
  .strictObject({ secondFactorRequired: SecondFactorRequired })
  .partial()
  .meta({ id: 'TenantSettingsChange' })

const organizationFields = {
  kind: code('organization_kind'),
  sector: code('sector'),
  name: line(200),
  parentId: Id.nullable().meta({ description: 'The organisation of which this one is a part.' }),
  phone: line(50).nullable(),
  email: z.email().max(254).nullable(),
  address: line(300).nullable(),
  website: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .nullable(),
  residences: z.array(line(100)).max(200).meta({
    description: 'Districts or official municipality keys for whose residents a youth office is responsible.',
  }),
}
const optionalFields = { parentId: true, phone: true, email: true, address: true, website: true } as const

export const Organization = z
  .object({ id: Id, ...organizationFields, active: z.boolean(), version: Version })
  .meta({ id: 'Organization' })
export const NewOrganization = z
  .strictObject({ ...organizationFields, residences: organizationFields.residences.default([]) })
  .partial(optionalFields)
  .meta({ id: 'NewOrganization' })
export const OrganizationChange = z
  .strictObject({ ...organizationFields, active: z.boolean() })
  .partial()
  .meta({ id: 'OrganizationChange' })
export const Organizations = list(Organization, 'Organizations')
export const OrganizationFilter = z.strictObject({
  ...Page.shape,
  kind: code('organization_kind').optional().meta({ description: 'Only organisations of this kind.' }),
  sector: code('sector').optional().meta({ description: 'Only organisations of this sector.' }),
})

export const Membership = z
  .object({
    id: Id,
    userId: Id,
    role: code('role'),
    organizationId: Id,
    endedAt: Instant.nullable(),
    version: Version,
  })
  .meta({ id: 'Membership' })
export const Obligation = z
  .object({ id: Id, basis: code('secrecy_basis'), boundOn: Day, recordedByUserId: Id, recordedAt: Instant })
  .meta({ id: 'SecrecyObligation' })

export const User = z
  .object({
    id: Id,
    email: z.string(),
    name: z.string(),
    language: Language,
    active: z.boolean(),
    version: Version,
  })
  .meta({ id: 'User' })
export const UserInFull = User.extend({
  memberships: z.array(MembershipOfMine),
  secrecyObligations: z.array(Obligation),
}).meta({
  id: 'UserInFull',
})
export const Users = list(User, 'Users')
export const NewUser = z
  .strictObject({ email: Email, name: line(200), language: Language, password: NewPassword })
  .meta({ id: 'NewUser' })
export const UserChange = z
  .strictObject({ name: line(200), language: Language, active: z.boolean() })
  .partial()
  .meta({ id: 'UserChange' })

export const NewMembership = z
  .strictObject({ role: code('role'), organizationId: Id })
  .meta({ id: 'NewMembership' })
export const NewObligation = z
  .strictObject({ basis: code('secrecy_basis'), boundOn: Day })
  .meta({ id: 'NewSecrecyObligation' })
