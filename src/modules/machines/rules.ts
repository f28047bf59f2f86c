// Which machine may get in with what, and what does a provider's token say about somebody?
import type { Role, Rule } from '../../access.ts'
import { defineProblems } from '../../platform/problem.ts'
import type { Mapping } from './table.ts'

export const refuse = defineProblems({
  scope_not_grantable: {
    status: 400,
    text: {
      de: 'Diese Aktion gibt es nicht, die Rolle darf sie nicht, oder sie ist Menschen vorbehalten.',
      en: 'There is no such action, the role may not do it, or it is reserved for people.',
      da: 'Handlingen findes ikke, rollen må ikke udføre den, eller den er forbeholdt mennesker.',
    },
  },
  key_not_usable: {
    status: 400,
    text: {
      de: 'Gebraucht wird ein öffentlicher Schlüssel: RSA mit 2048 bis 8192 Bit, EC P-256 oder Ed25519.',
      en: 'A public key is needed: RSA of 2048 to 8192 bits, EC P-256 or Ed25519.',
      da: 'Der kræves en offentlig nøgle: RSA med 2048 til 8192 bit, EC P-256 eller Ed25519.',
    },
  },
  key_expiry_out_of_range: {
    status: 409,
    text: {
      de: 'Ein Schlüssel gilt mindestens bis heute und höchstens zwei Jahre.',
      en: 'A key is good until today at least, and for two years at most.',
      da: 'En nøgle gælder mindst til i dag og højst i to år.',
    },
  },
  too_many_keys: {
    status: 409,
    text: {
      de: 'Zehn gültige Schlüssel sind genug. Bitte zuerst einen widerrufen.',
      en: 'Ten living keys are enough. Please revoke one first.',
      da: 'Ti gyldige nøgler er nok. Tilbagekald først en.',
    },
  },
  key_is_revoked: {
    status: 409,
    text: {
      de: 'Dieser Schlüssel ist schon widerrufen.',
      en: 'This key is revoked already.',
      da: 'Denne nøgle er allerede tilbagekaldt.',
    },
  },
  invalid_token_request: {
    status: 400,
    text: {
      de: 'Die Anfrage nach einem Token ist nicht vollständig oder widerspricht sich (RFC 6749).',
      en: 'The request for a token is incomplete or contradicts itself (RFC 6749).',
      da: 'Anmodningen om et token er ufuldstændig eller modsigende (RFC 6749).',
    },
  },
  unsupported_grant_type: {
    status: 400,
    text: {
      de: 'Hier gibt es nur „client_credentials“.',
      en: 'Here is only "client_credentials".',
      da: 'Her findes kun "client_credentials".',
    },
  },
  invalid_client: {
    status: 401,
    text: {
      de: 'Dieses Dienstkonto gibt es nicht, es ist abgelaufen, oder der Nachweis stimmt nicht.',
      en: 'There is no such service account, it has expired, or its proof is not right.',
      da: 'Tjenestekontoen findes ikke, er udløbet, eller beviset er ikke rigtigt.',
    },
  },
  unauthorized_client: {
    status: 400,
    text: {
      de: 'Von dieser Adresse aus darf das Dienstkonto nicht kommen.',
      en: 'The service account may not come from this address.',
      da: 'Tjenestekontoen må ikke komme fra denne adresse.',
    },
  },
  invalid_scope: {
    status: 400,
    text: {
      de: 'Diese Aktion hat das Dienstkonto nicht.',
      en: 'The service account does not have this action.',
      da: 'Tjenestekontoen har ikke denne handling.',
    },
  },
  member_unknown: {
    status: 403,
    text: {
      de: 'Der Identitätsdienst kennt Sie, diese Kommune noch nicht. Bitte wenden Sie sich an die Administration.',
      en: 'The identity provider knows you, this municipality does not yet. Please turn to its administrator.',
      da: 'Identitetstjenesten kender dig, men denne kommune gør ikke endnu. Henvend dig til administratoren.',
    },
  },
  provider_unreachable: {
    status: 503,
    text: {
      de: 'Der Identitätsdienst Ihrer Kommune antwortet gerade nicht. Bitte gleich noch einmal versuchen.',
      en: 'The identity provider of your municipality does not answer right now. Please try again shortly.',
      da: 'Din kommunes identitetstjeneste svarer ikke lige nu. Prøv igen om lidt.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    machines: typeof refuse
  }
}

// Who may get in, with what, and who is bound to secrecy: a human decides that (§ 203 (4) StGB), and no machine opens
// a door for the next one, or takes the second lock off one.
const forPeople =
  /^(service_accounts|providers|passwords|second_factor)\.|^(secrecy|memberships|users|tenants)\.(?!list$|read$)/

/** @throws scope_not_grantable at the first scope that this role cannot have. */
export function grantable(
  scopes: readonly string[],
  role: Role,
  access: Readonly<Record<string, Pick<Rule, 'who'>>>,
) {
  scopes.forEach((scope, at) => {
    const who = Object.hasOwn(access, scope) ? access[scope]!.who : undefined
    if (!Array.isArray(who) || !who.includes(role) || forPeople.test(scope))
      throw refuse('scope_not_grantable', [{ pointer: `/scopes/${at}`, code: 'scope_not_grantable' }])
  })
}

/** A key ends with its day; days are the municipality's. */
export function keyUntil(expiresOn: string, today: string) {
  const last = `${Number(today.slice(0, 4)) + 2}${today.slice(4)}`
  if (expiresOn < today || expiresOn > last)
    throw refuse('key_expiry_out_of_range', [{ pointer: '/expiresOn', code: 'key_expiry_out_of_range' }])
}

const mostKeys = 10

export function oneMoreKey(living: number) {
  if (living >= mostKeys) throw refuse('too_many_keys')
}

/** What a change of an account ends: whoever is in under the old conditions. */
export const endsSessions = (
  before: { scopes: string[]; addresses: string[]; expiresOn: string | null; active: boolean },
  after: typeof before,
) =>
  (['scopes', 'addresses', 'expiresOn', 'active'] as const).some(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  )

interface Form {
  grant_type?: string | undefined
  client_id?: string | undefined
  client_secret?: string | undefined
  client_assertion_type?: string | undefined
  client_assertion?: string | undefined
}

export type Proof = { clientId: string } & ({ secret: string } | { assertion: string })

const oauth = (
  code:
    | 'invalid_token_request'
    | 'unsupported_grant_type'
    | 'invalid_client'
    | 'unauthorized_client'
    | 'invalid_scope',
) => refuse(code, [], { error: code === 'invalid_token_request' ? 'invalid_request' : code })

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** RFC 6749 § 2.3: exactly one way to prove who it is. `subjectOf` reads the name in an assertion, unverified. */
export function proofOf(
  form: Form,
  authorization: string | undefined,
  subjectOf: (assertion: string) => string | undefined,
): Proof {
  if (!form.grant_type) throw oauth('invalid_token_request')
  if (form.grant_type !== 'client_credentials') throw oauth('unsupported_grant_type')
  const { client_secret: secret, client_assertion: assertion } = form
  const ways = [authorization, secret, assertion].filter((way) => way !== undefined)
  if (ways.length > 1) throw oauth('invalid_token_request')
  if (ways.length === 0) throw oauth('invalid_client')
  if (assertion !== undefined) {
    if (form.client_assertion_type !== assertionType) throw oauth('invalid_token_request')
    const clientId = subjectOf(assertion)
    if (!clientId || (form.client_id ?? clientId) !== clientId) throw oauth('invalid_client')
    return { clientId, assertion }
  }
  const given = authorization === undefined ? [form.client_id, secret] : basicOf(authorization)
  const [clientId, known] = given ?? []
  if (!clientId || !known) throw oauth('invalid_client')
  if ((form.client_id ?? clientId) !== clientId) throw oauth('invalid_token_request')
  return { clientId, secret: known }
}

/** RFC 6749 § 2.3.1: both halves are form-encoded before they are put together. */
function basicOf(authorization: string): [string, string] | undefined {
  const [, encoded] = /^basic ([\w+/=-]{1,400})$/i.exec(authorization) ?? []
  const [, name, secret] = /^([^:]+):(.+)$/.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? []
  if (!name || !secret) return undefined
  try {
    const decoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '))
    return [decoded(name), decoded(secret)]
  } catch {
    return undefined
  }
}

/** The municipality stands in the name of the client, so that it is found without looking anywhere. */
export function clientOf(clientId: string): { slug: string; accountId: string } {
  const [, slug, accountId] =
    /^([a-z][a-z0-9-]{1,40})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(clientId) ?? []
  if (!slug || !accountId) throw oauth('invalid_client')
  return { slug, accountId }
}

export const invalidClient = () => oauth('invalid_client')
export const invalidTokenRequest = () => oauth('invalid_token_request')
export const fromElsewhere = () => oauth('unauthorized_client')

export interface Account {
  active: boolean
  membershipEndedAt: string | null
  expiresOn: string | null
}

export const isLiving = ({ active, membershipEndedAt, expiresOn }: Account, today: string) =>
  active && membershipEndedAt === null && (expiresOn === null || expiresOn >= today)

/** RFC 6749 § 3.3: what was asked for and the account has; all that it has when nothing was asked for. */
export function granted(asked: string | undefined, scopes: readonly string[]): string[] {
  if (asked === undefined) return [...scopes]
  const wanted = [...new Set(asked.split(' ').filter((scope) => scope !== ''))]
  if (wanted.length === 0 || wanted.some((scope) => !scopes.includes(scope))) throw oauth('invalid_scope')
  return wanted
}

// ── What a provider's token says ───────────────────────────────────────────────────────────────────────────

export type Payload = Readonly<Record<string, unknown>>

/** A claim by its whole name (`https://city.example/roles`), or a way with dots (`realm_access.roles`). */
export function claimOf(payload: Payload, claim: string): unknown {
  if (Object.hasOwn(payload, claim)) return payload[claim]
  return claim
    .split('.')
    .reduce<unknown>(
      (value, step) =>
        value !== null && typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, step)
          ? (value as Payload)[step]
          : undefined,
      payload,
    )
}

export function textOf(payload: Payload, claim: string, max: number): string | undefined {
  const value = claimOf(payload, claim)
  const text = typeof value === 'string' ? value.trim() : ''
  return text !== '' && text.length <= max && !/\p{Cc}/u.test(text) && text.isWellFormed() ? text : undefined
}

const holds = (value: unknown, wanted: string) =>
  value === wanted || (Array.isArray(value) && value.includes(wanted))

interface Place {
  role: string
  organizationId: string
}
const same = (a: Place, b: Place) => a.role === b.role && a.organizationId === b.organizationId

interface Held extends Place {
  id: string
  providerId: string | null
  /** Ended by a human: what a provider has ended itself is not among them, and may be given again. */
  endedAt: string | null
}

/** RFC 7519 § 4.1.6; without one no token is taken (issuer.ts). */
export const issuedAt = ({ iat }: Payload) => iat as number

/**
 * Which memberships does this token give and take away? Those of this provider follow its word; those that were given by
 * hand, or by another provider, are none of its business; what somebody has already is not given twice, and what a human
 * has ended not again. A token that is older than one whose word was followed changes nothing: who is the later, says `iat`.
 */
export function inStep(
  held: readonly Held[],
  { id, mappings }: { id: string; mappings: readonly Mapping[] },
  payload: Payload,
  newestIat = 0,
) {
  const iat = issuedAt(payload)
  if (iat < newestIat) return { give: [], end: [], isNewest: false }
  const said = mappings.filter(({ claim, value }) => holds(claimOf(payload, claim), value))
  const wanted = said.filter((place, at) => said.findIndex((other) => same(place, other)) === at)
  return {
    give: wanted.filter((place) => !held.some((one) => same(one, place))),
    end: held.filter(
      (one) => one.endedAt === null && one.providerId === id && !wanted.some((place) => same(one, place)),
    ),
    isNewest: iat > newestIat,
  }
}

interface Namesake {
  id: string
  active: boolean
  isSomebodyElse: boolean
}

/**
 * Who is somebody whom the provider names for the first time? Among those who have the address here, at most one of them
 * active: that one, if the provider vouches for the address; undefined for somebody new. Never somebody who certainly is
 * another person: whom the provider knows by another name already, or who has the address only by saying so.
 * @throws member_unknown for nobody; also for a deactivated person who would have been that one: they stay shut out.
 */
export function linkedTo(
  namesakes: readonly Namesake[],
  { linkByEmail, provision }: { linkByEmail: boolean; provision: boolean },
  payload: Payload,
): string | undefined {
  const one = namesakes.find(({ active }) => active)
  if (one) {
    if (!linkByEmail || one.isSomebodyElse || !isVouchedFor(payload)) throw refuse('member_unknown')
    return one.id
  }
  if (!provision || namesakes.some(({ isSomebodyElse }) => !isSomebodyElse)) throw refuse('member_unknown')
  return undefined
}

/** OpenID Connect Core § 5.1: whether the e-mail address was proven to be this person's. */
export const isVouchedFor = (payload: Payload) => payload['email_verified'] === true

/** Of the memberships of a provider: those for which it has no mapping any more. */
export const withoutMapping = (held: readonly Held[], mappings: readonly Mapping[]) =>
  held.filter((one) => !mappings.some((place) => same(one, place)))

/** Under which one acts: the living one that was named, else the oldest. */
export function membershipFor<M extends { id: string; endedAt: string | null }>(
  held: readonly M[],
  named: string | undefined,
) {
  const living = held.filter(({ endedAt }) => endedAt === null)
  return named === undefined ? living[0] : living.find(({ id }) => id === named)
}

/**
 * Scopes of the token that are actions limit the session; others (`openid`, `email`) say nothing here. RFC 9068 says
 * `scope`, Entra ID `scp`, and `roles` where a machine has signed in; a person's roles are for the mappings.
 */
export function scopesOf(
  payload: Payload,
  isAction: (scope: string) => boolean,
  isMachine: boolean,
): string[] | null {
  const all = ['scope', 'scp', ...(isMachine ? ['roles'] : [])].flatMap((claim) => {
    const value = payload[claim]
    return typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? (value as unknown[]) : []
  })
  const actions = [...new Set(all)].filter((one): one is string => typeof one === 'string' && isAction(one))
  return actions.length > 0 ? actions : null
}

/** RFC 9068 `client_id`, OpenID Connect and Entra ID 2.0 `azp`, Entra ID 1.0 `appid`. */
export const clientIdOf = (payload: Payload): string | undefined =>
  ['client_id', 'azp', 'appid'].map((claim) => payload[claim]).find((id) => typeof id === 'string')

/** RFC 9068 § 2.1; Keycloak and Entra ID say `JWT`. */
export const isAtJwt = (typ: string) => /^(application\/)?at\+jwt$/i.test(typ)

/**
 * A person signed in for this token; it is not the client's own, whatever the client is. One that is made along RFC 9068
 * need not say how somebody signed in, but names the client as its subject when nobody did (§ 2.2).
 */
export const isOfPerson = (payload: Payload, typ: string) =>
  ['auth_time', 'nonce', 'sid', 'scp'].some((claim) => payload[claim] !== undefined) ||
  payload['idtyp'] === 'user' ||
  (isAtJwt(typ) && payload['sub'] !== clientIdOf(payload))

/**
 * Not an access token: an ID token (OpenID Connect Core § 2, § 3.1.3.6; Keycloak says `ID`), a logout token, a refresh
 * token; or one that is bound to a key of its holder (RFC 9449, RFC 8705), which is no bearer token. The audience decides
 * first: it has to name Lotse, and ID tokens name the client they were made for.
 */
export const isAnotherKind = (payload: Payload) =>
  ['nonce', 'at_hash', 'c_hash', 's_hash', 'events', 'cnf'].some((claim) => payload[claim] !== undefined) ||
  (payload['typ'] !== undefined && payload['typ'] !== 'Bearer')
