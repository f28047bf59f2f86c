// What do service accounts, their keys, identity providers and a machine's sign-in look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant, line, list, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

const Scope = z
  .string()
  .max(60)
  .regex(/^[a-z_]+\.[a-z_]+$/)
  .meta({ description: 'An action: an `operationId` of this interface.', examples: ['cases.read'] })
const Network = z
  .union([z.cidrv4(), z.cidrv6()])
  .meta({ description: 'A network (CIDR), IPv4 or IPv6.', examples: ['192.0.2.0/24'] })

const Jwk = z
  .strictObject({
    kty: z.enum(['RSA', 'EC', 'OKP']),
    crv: z.string().max(20).optional(),
    n: z.string().max(1400).optional(),
    e: z.string().max(20).optional(),
    x: z.string().max(200).optional(),
    y: z.string().max(200).optional(),
    kid: z.string().max(200).optional(),
    alg: z.enum(['RS256', 'ES256', 'EdDSA']).optional(),
    use: z.literal('sig').optional(),
    key_ops: z.array(z.literal('verify')).max(1).optional(),
  })
  .meta({
    id: 'PublicJwk',
    description:
      'The public half of a signing key (RFC 7517): RSA from 2048 to 8192 bits, EC P-256 or OKP Ed25519. A private half is refused.',
  })

export const Key = z
  .object({
    id: Id,
    serviceAccountId: Id,
    kind: z.enum(['secret', 'public_key']).meta({ id: 'ServiceAccountKeyKind' }),
    label: z.string(),
    expiresAt: Instant,
    usedAt: Instant.nullable().meta({ description: 'When it last opened a session.' }),
    revokedAt: Instant.nullable(),
    createdAt: Instant,
    secret: z.string().nullable().meta({
      description:
        'The client secret: in the answer that makes it, and never again, also not in a repeated one.',
    }),
    version: Version,
  })
  .meta({ id: 'ServiceAccountKey' })

const keyFields = {
  label: line(100).meta({ examples: ['2026, first half'] }),
  expiresOn: Day.meta({ description: 'The last day; at most two years ahead.' }),
}
export const NewKey = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('secret'), ...keyFields }).meta({ id: 'NewSecret' }),
    z.strictObject({ kind: z.literal('public_key'), ...keyFields, jwk: Jwk }).meta({ id: 'NewPublicKey' }),
  ])
  .meta({ id: 'NewServiceAccountKey' })

const accountFields = {
  name: line(200).meta({ examples: ['Import from the former system'] }),
  scopes: z.array(Scope).min(1).max(200).meta({ description: 'What it may do, at most what its role may.' }),
  expiresOn: Day.nullable().meta({ description: 'The last day on which it gets in; null for no end.' }),
  addresses: z
    .array(Network)
    .max(20)
    .meta({ description: 'From where it may come; an empty list means from anywhere.' }),
  responsibleUserId: Id.meta({ description: 'The human who answers for it.' }),
}

export const ServiceAccount = z
  .object({
    id: Id,
    clientId: z.string().meta({
      description: 'Its name at `POST /v1/auth/token`.',
      examples: ['lindenau.01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'],
    }),
    ...accountFields,
    name: z.string(),
    scopes: z.array(z.string()),
    addresses: z.array(z.string()),
    membershipId: Id,
    role: code('role'),
    organizationId: Id,
    active: z.boolean(),
    isBoundToSecrecy: z.boolean().meta({
      description:
        'Whether somebody has recorded a secrecy obligation for it (`POST /v1/users/{id}/secrecy-obligations`); without one it opens no case.',
    }),
    keys: z.array(Key.omit({ secret: true }).meta({ id: 'ServiceAccountKeyInList' })),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'ServiceAccount' })
export const ServiceAccounts = list(ServiceAccount, 'ServiceAccounts')

export const NewServiceAccount = z
  .strictObject({
    ...accountFields,
    expiresOn: accountFields.expiresOn.default(null),
    addresses: accountFields.addresses.default([]),
    role: code('role'),
    organizationId: Id,
  })
  .meta({ id: 'NewServiceAccount' })
export const ServiceAccountChange = z
  .strictObject({ ...accountFields, active: z.boolean() })
  .partial()
  .meta({ id: 'ServiceAccountChange' })

// RFC 6749 § 3.2: what is sent without a value counts as left out, what is not known is ignored.
const field = (max: number) =>
  z
    .string()
    .max(max)
    .optional()
    .transform((text) => text || undefined)

/** The only place with snake_case: RFC 6749 § 4.4, RFC 7523 § 2.2. */
export const ClientCredentials = z
  .object({
    grant_type: field(100).meta({ examples: ['client_credentials'] }),
    client_id: field(100).meta({ description: 'In the body, or with HTTP Basic.' }),
    client_secret: field(100).meta({ description: 'In the body, or with HTTP Basic.' }),
    client_assertion_type: field(100).meta({
      examples: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
    }),
    client_assertion: field(4000).meta({
      description:
        'Instead of a secret: a JWT signed by a registered key, with `iss` and `sub` the client id, `aud` the address of this endpoint or of the installation, `exp` at most five minutes ahead, and a `jti` that is used once.',
    }),
    scope: field(8000).meta({
      description: 'Actions, separated by spaces; all of the account when left out.',
      examples: ['cases.list cases.read'],
    }),
  })
  .meta({ id: 'ClientCredentials' })

export const AccessToken = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds.' }),
    scope: z.string(),
  })
  .meta({ id: 'AccessToken' })

const Claim = z.string().trim().min(1).max(200)
const IssuerAddress = z
  .url({ protocol: /^https?$/ })
  .max(300)
  .refine((text) => !/[?#\s]/.test(text), { error: 'an issuer has no query and no fragment' })

const providerFields = {
  label: line(100).meta({ examples: ['Keycloak of the city'] }),
  subjectClaim: Claim.meta({
    description: 'Who somebody is, for good; `oid` for Entra ID.',
    examples: ['sub'],
  }),
  emailClaim: Claim.meta({ examples: ['email'] }),
  nameClaim: Claim.meta({ examples: ['name'] }),
  linkByEmail: z.boolean().meta({
    description:
      'Somebody seen for the first time is the person here with the same e-mail address, if the token says `email_verified`; never somebody whom this provider knows as another subject, or whose address nobody has vouched for.',
  }),
  provision: z.boolean().meta({
    description:
      'Somebody whom nobody knows here is added; not while somebody else has the address. An address without `email_verified` is kept, and nobody is ever linked by it.',
  }),
  mappings: z
    .array(
      z
        .strictObject({
          claim: Claim.meta({
            description: 'A claim, or a way into one with dots.',
            examples: ['groups', 'realm_access.roles'],
          }),
          value: z.string().min(1).max(300),
          role: code('role'),
          organizationId: Id,
        })
        .meta({ id: 'ClaimMapping' }),
    )
    .max(200)
    .meta({
      description:
        'Which claim gives which membership, and takes it away again. What somebody here has ended is not given again, and a token older than the newest one changes nothing.',
    }),
  machines: z
    .array(
      z
        .strictObject({
          clientId: z
            .string()
            .min(1)
            .max(200)
            .meta({ description: '`client_id`, `azp` or `appid` of the token.' }),
          serviceAccountId: Id,
        })
        .meta({ id: 'ProviderMachine' }),
    )
    .max(100)
    .meta({
      description:
        'Clients of the provider that act as a service account. Nobody signs in through such a client. Of tokens of type `at+jwt` only those whose `sub` is the client are its own (RFC 9068).',
    }),
}

export const IdentityProvider = z
  .object({
    id: Id,
    issuer: z.string(),
    audience: z.string(),
    ...providerFields,
    label: z.string(),
    subjectClaim: z.string(),
    emailClaim: z.string(),
    nameClaim: z.string(),
    active: z.boolean(),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'IdentityProvider' })
export const IdentityProviders = list(IdentityProvider, 'IdentityProviders')

export const NewIdentityProvider = z
  .strictObject({
    issuer: IssuerAddress.meta({
      description: 'Exactly as in the tokens; never changes. Its discovery document has to say the same.',
      examples: ['https://login.lindenau.example/realms/city'],
    }),
    audience: z
      .string()
      .trim()
      .min(1)
      .max(300)
      .meta({
        description:
          'The `aud` that tokens for Lotse bear; never changes. Name an identifier of Lotse itself, not the client through which people sign in: ID tokens bear that one.',
        examples: ['https://lotse.lindenau.example'],
      }),
    ...providerFields,
    subjectClaim: providerFields.subjectClaim.default('sub'),
    emailClaim: providerFields.emailClaim.default('email'),
    nameClaim: providerFields.nameClaim.default('name'),
    linkByEmail: providerFields.linkByEmail.default(false),
    provision: providerFields.provision.default(false),
    mappings: providerFields.mappings.default([]),
    machines: providerFields.machines.default([]),
  })
  .meta({ id: 'NewIdentityProvider' })
export const IdentityProviderChange = z
  .strictObject({ ...providerFields, active: z.boolean() })
  .partial()
  .meta({ id: 'IdentityProviderChange' })
