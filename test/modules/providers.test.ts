// Does a token of the municipality's own identity provider open what it should, there and nowhere else?
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { createOutbound } from '../../src/platform/outbound.ts'
import { createChecker } from '../support/answers.ts'
import { lotse } from '../support/app.ts'
import { ada, cast, hanna, nora, orhan, organizations, otto, sina, type Member } from '../support/cast.ts'
import { done } from '../support/factories.ts'
import { createClient, type Body, type Client } from '../support/http.ts'
import { machines } from '../support/machines.ts'
import { anIdentityProvider, aSigningKey, type Claims } from '../support/oidc.ts'

const service = await lotse()
const { as, sql, aCase, withToken, logged, address } = service
const { aServiceAccount, bind } = machines(service)

const reader = await generateKeyPair('ES256', { extractable: true })
const idp = await anIdentityProvider('https://lotse.lindenau.example', [
  {
    client_id: 'importer',
    client_secret: 'importer-secret',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
  },
  {
    client_id: 'reader',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [{ ...(await exportJWK(reader.publicKey)), kid: 'reader', alg: 'ES256', use: 'sig' }] },
  } as never,
])
const { sign } = idp

afterEach(() => {
  idp.instead()
  vi.useRealTimers()
})

const navigating = {
  claim: 'groups',
  value: 'navigators',
  role: 'navigator',
  organizationId: nora.organizationId,
}
const aProvider = async (given: object = {}, admin: Member = ada) =>
  done(
    await (
      await as(admin)
    ).post<Body>('/v1/identity-providers', {
      issuer: idp.issuer,
      audience: idp.audience,
      label: 'Keycloak of the city',
      linkByEmail: true,
      provision: true,
      mappings: [
        navigating,
        {
          claim: 'realm_access.roles',
          value: 'planner',
          role: 'planner',
          organizationId: organizations.mitte,
        },
      ],
      ...given,
    }),
  ).body
const provider = await aProvider()
const path = `/v1/identity-providers/${provider.id}`

let people = 0
/** Somebody whom the provider knows and Lotse does not yet. */
const somebody = (claims: Claims = {}) => {
  people += 1
  return {
    sub: `subject-${people}`,
    email: `person-${people}@lindenau.example`,
    email_verified: true,
    name: `Person ${people}`,
    groups: ['everybody', 'navigators'],
    ...claims,
  }
}
type Me = Body & { memberships: { id: string; role: string }[]; membership: Body }
const me = (token: string, headers: Record<string, string> = {}) =>
  withToken(token).get<Me>('/v1/me', { headers })
const rolesOf = ({ body }: { body: Me }) => body.memberships.map(({ role }) => role).sort()

/** A process that has just begun, on the same database: it remembers no token. */
async function elsewhere<T>(work: (client: (token: string) => Client) => Promise<T>): Promise<T> {
  const { urls, keys, log, document } = service
  const outbound = createOutbound({ networks: ['127.0.0.0/8'] })
  const { app } = await createApp({ databaseUrl: urls.service, databasePool: 2, keys, log, outbound })
  try {
    const there = await app.listen({ host: '127.0.0.1', port: 0 })
    return await work((token) => createClient(there, createChecker(document), token))
  } finally {
    await app.close()
  }
}
const meElsewhere = (token: string, headers: Record<string, string> = {}) =>
  elsewhere((client) => client(token).get<Me>('/v1/me', { headers }))

/** The clock of this process; that of the database goes on. */
const later = (seconds: number) => {
  const at = Date.now() + seconds * 1000
  vi.useFakeTimers({ toFake: ['Date'], now: at })
}

test('a token that the provider itself has made opens Lotse as it is, and somebody new is added', async () => {
  const claims = somebody()
  idp.says(() => claims)
  const token = await idp.tokenOf(claims.sub)
  expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())).toMatchObject({
    typ: 'at+jwt',
  })
  const answer = await me(token)
  expect(answer).toMatchObject({
    status: 200,
    body: {
      name: claims.name,
      email: claims.email,
      kind: 'person',
      membership: { role: 'navigator', organizationId: nora.organizationId },
      secrecyObligation: null,
    },
  })
  // The provider gives no secrecy: somebody here records it.
  const { id: caseId } = await aCase()
  expect(await withToken(token).get(`/v1/cases/${caseId}`)).toMatchObject({
    status: 403,
    body: { code: 'secrecy_obligation_missing' },
  })
  await bind(answer.body.id)
  expect((await withToken(token).get(`/v1/cases/${caseId}`)).status).toBe(200)
  const [row] = await sql<{ provider_id: string }>(`select provider_id from memberships where user_id = $1`, [
    answer.body.id,
  ])
  expect(row!.provider_id).toBe(provider.id)
})

test('many requests at the same moment make one person, one membership and one session', async () => {
  const claims = somebody()
  const token = await sign(claims)
  const answers = await Promise.all(Array.from({ length: 8 }, () => me(token)))
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  const other = await Promise.all([me(await sign(claims)), me(await sign(claims))])
  expect(other.map(({ status }) => status)).toEqual([200, 200])
  const [counts] = await sql(
    `select (select count(*)::int from users where email = $1) as users,
       (select count(*)::int from memberships where user_id = $2) as memberships,
       (select count(*)::int from sessions where user_id = $2) as sessions`,
    [claims.email, answers[0]!.body.id],
  )
  expect(counts).toEqual({ users: 1, memberships: 1, sessions: 3 })
})

test('somebody who works here already is found by a verified address, and keeps what was given by hand', async () => {
  const token = await sign(somebody({ email: nora.email.toUpperCase(), groups: ['navigators'] }))
  const answer = await me(token)
  expect(answer.body).toMatchObject({ id: nora.userId, membership: { id: nora.membershipId } })
  expect((await withToken(token).get('/v1/cases')).status).toBe(200)
  const rows = await sql(`select id from memberships where user_id = $1`, [nora.userId])
  expect(rows).toEqual([{ id: nora.membershipId }])
  // Without any group: what was given by hand stays hers.
  const none = await me(await sign({ ...somebody(), sub: `subject-${people - 1}`, groups: [] }))
  expect(none.body.membership.id).toBe(nora.membershipId)
})

test('an address that the provider has not verified links nobody', async () => {
  for (const email_verified of [false, undefined, 'true', 1])
    expect(await me(await sign(somebody({ email: hanna.email, email_verified })))).toMatchObject({
      status: 403,
      body: { code: 'member_unknown' },
    })
  expect(await sql(`select 1 from provider_subjects where user_id = $1`, [hanna.userId])).toEqual([])
})

test('a machine is nobody’s person: no address links with it, and no subject becomes it', async () => {
  const account = await aServiceAccount(nora, ['cases.list'])
  const answer = await me(await sign(somebody({ sub: account.id, email: account.clientId })))
  expect(answer).toMatchObject({ status: 403, body: { code: 'member_unknown' } })
})

test('whom no mapping gives anything is not added, and the refusal is in the audit trail of this municipality', async () => {
  const claims = somebody({ groups: ['everybody'] })
  const answer = await me(await sign(claims))
  expect(answer).toMatchObject({ status: 403, body: { code: 'member_unknown' } })
  expect(await sql(`select 1 from users where email = $1`, [claims.email])).toEqual([])
  const rows = await sql(`select tenant_id, status, code from audit_events where request_id = $1`, [
    answer.body.requestId,
  ])
  expect(rows).toEqual([{ tenant_id: ada.tenantId, status: 403, code: 'member_unknown' }])
})

test('memberships follow the claims: given when they say so, ended when they do not, given again when they say so again', async () => {
  const claims = somebody({ realm_access: { roles: ['planner'] }, iat: idp.now() - 90 })
  const old = await sign(claims)
  const both = await me(old)
  expect(rolesOf(both)).toEqual(['navigator', 'planner'])
  const byHand = { role: 'coordinator', organizationId: organizations.mitte }
  done(await (await as(ada)).post(`/v1/users/${both.body.id}/memberships`, byHand))
  const navigator = both.body.memberships.find(({ role }) => role === 'navigator')!
  const named = { 'lotse-membership': navigator.id }
  expect((await me(old, named)).body.membership.id).toBe(navigator.id)
  expect(rolesOf(await me(await sign({ ...claims, groups: [], iat: idp.now() - 60 })))).toEqual([
    'coordinator',
    'planner',
  ])
  // The session under it has ended with the membership; where nobody remembers the token, it gives nothing either.
  expect((await me(old, named)).status).toBe(401)
  expect((await meElsewhere(old, named)).status).toBe(403)
  expect(rolesOf(await meElsewhere(old))).toEqual(['coordinator', 'planner'])
  const again = ['coordinator', 'navigator', 'planner']
  expect(rolesOf(await me(await sign({ ...claims, iat: idp.now() - 30 })))).toEqual(again)
  // A token from between takes nothing away any more.
  expect(rolesOf(await meElsewhere(await sign({ ...claims, groups: [], iat: idp.now() - 45 })))).toEqual(
    again,
  )
})

test('a newer token that changes nothing counts all the same: what an older one says is not done any more', async () => {
  const claims = somebody()
  expect((await me(await sign({ ...claims, iat: idp.now() - 60 }))).status).toBe(200)
  expect((await me(await sign({ ...claims, iat: idp.now() - 20 }))).status).toBe(200)
  const older = { iat: idp.now() - 40, groups: [], realm_access: { roles: ['planner'] } }
  expect(rolesOf(await me(await sign({ ...claims, ...older })))).toEqual(['navigator'])
})

test('what an administrator has ended no provider gives again: with no token, in no process; by hand it comes again', async () => {
  const claims = somebody({ realm_access: { roles: ['planner'] } })
  const token = await sign(claims)
  const { body } = await me(token)
  const [ended, kept] = ['navigator', 'planner'].map(
    (role) => body.memberships.find((one) => one.role === role)!.id,
  )
  const admin = await as(ada)
  done(await admin.post(`/v1/memberships/${ended}/end`))
  for (const one of [token, await sign(claims)]) {
    expect(rolesOf(await meElsewhere(one))).toEqual(['planner'])
    expect(rolesOf(await me(one, { 'lotse-membership': kept! }))).toEqual(['planner'])
    expect((await meElsewhere(one, { 'lotse-membership': ended! })).status).toBe(403)
  }
  later(61)
  expect(rolesOf(await me(token))).toEqual(['planner'])
  vi.useRealTimers()
  // Nor does another one that knows the same person.
  const own = await anIdentityProvider('https://second.example')
  await aProvider({ issuer: own.issuer, audience: own.audience })
  expect(rolesOf(await me(await own.sign(claims)))).toEqual(['planner'])
  expect(await sql('select 1 from memberships where user_id = $1', [body.id])).toHaveLength(2)

  const { role, organizationId } = navigating
  done(await admin.post(`/v1/users/${body.id}/memberships`, { role, organizationId }))
  expect(rolesOf(await meElsewhere(token))).toEqual(['navigator', 'planner'])
  // What was given by hand stays when the claim goes.
  expect(rolesOf(await me(await sign({ ...claims, groups: [] })))).toEqual(['navigator', 'planner'])
})

test('one acts under the oldest membership, or the one that is named; never under somebody else’s', async () => {
  const claims = somebody({ realm_access: { roles: ['planner'] } })
  const token = await sign(claims)
  const { body } = await me(token)
  for (const { id } of body.memberships)
    expect((await me(token, { 'lotse-membership': id })).body.membership.id).toBe(id)
  for (const stranger of [nora.membershipId, otto.membershipId, 'nonsense'])
    expect((await me(token, { 'lotse-membership': stranger })).status).toBe(403)
})

test('signing out, ending the membership and deactivating work at once and everywhere, though the token is good for longer', async () => {
  const first = await sign(somebody())
  expect((await me(first)).status).toBe(200)
  expect((await withToken(first).post('/v1/auth/logout')).status).toBe(204)
  expect((await me(first)).status).toBe(401)
  expect((await meElsewhere(first)).status).toBe(401)

  const second = await sign(somebody())
  const { body } = await me(second)
  done(await (await as(ada)).edit(`/v1/users/${body.id}`, { active: false }))
  expect((await me(second)).status).toBe(401)
  expect((await meElsewhere(second)).status).toBe(401)

  const third = await sign(somebody())
  const { body: person } = await me(third)
  done(await (await as(ada)).post(`/v1/memberships/${person.membership.id}/end`))
  expect((await me(third)).status).toBe(401)
  // Who has no membership left is nobody here.
  expect(await meElsewhere(third)).toMatchObject({ status: 403, body: { code: 'member_unknown' } })
})

test('two processes know the same session of a token: signing out at one is heard by the other at once', () =>
  elsewhere(async (client) => {
    const token = await sign(somebody())
    const there = client(token)
    const [here, also] = await Promise.all([me(token), there.get('/v1/me')])
    expect([here.status, also.status]).toEqual([200, 200])
    expect(await sql('select 1 from sessions where user_id = $1', [here.body.id])).toHaveLength(1)
    expect((await withToken(token).post('/v1/auth/logout')).status).toBe(204)
    expect((await there.get('/v1/me')).status).toBe(401)
  }))

test('a provider that is switched off opens nothing any more, from the next request on', async () => {
  const own = await anIdentityProvider('https://off.example')
  const made = await aProvider({ issuer: own.issuer, audience: own.audience })
  const token = await own.sign(somebody())
  expect((await me(token)).status).toBe(200)
  const admin = await as(ada)
  done(await admin.edit(`/v1/identity-providers/${made.id}`, { active: false }))
  expect((await me(token)).status).toBe(401)
  expect((await me(await own.sign(somebody()))).status).toBe(401)
  // Switched on again, what was ended stays so.
  done(await admin.edit(`/v1/identity-providers/${made.id}`, { active: true }))
  expect((await me(await own.sign(somebody()))).status).toBe(200)
})

test('a mapping that is taken away ends what it has given at once, and nothing else; put back, it gives it again', async () => {
  const own = await anIdentityProvider('https://mapping.example')
  const made = await aProvider({ issuer: own.issuer, audience: own.audience })
  const token = await own.sign(somebody())
  expect((await me(token)).status).toBe(200)
  const other = await sign(somebody())
  expect((await me(other)).status).toBe(200)
  const admin = await as(ada)
  done(await admin.edit(`/v1/identity-providers/${made.id}`, { mappings: [] }))
  expect((await me(token)).status).toBe(401)
  expect((await me(other)).status).toBe(200)
  expect((await meElsewhere(token)).status).toBe(403)
  done(await admin.edit(`/v1/identity-providers/${made.id}`, { mappings: [navigating] }))
  expect(rolesOf(await meElsewhere(token))).toEqual(['navigator'])
})

test('a membership that an administrator ends does not come again with its mapping', async () => {
  const own = await anIdentityProvider('https://mapping-again.example')
  const made = await aProvider({ issuer: own.issuer, audience: own.audience })
  const token = await own.sign(somebody())
  const { body } = await me(token)
  const admin = await as(ada)
  done(await admin.post(`/v1/memberships/${body.membership.id}/end`))
  for (const mappings of [[], [navigating]])
    done(await admin.edit(`/v1/identity-providers/${made.id}`, { mappings }))
  expect((await meElsewhere(token)).status).toBe(403)
})

// ── Whose address is it? ───────────────────────────────────────────────────────────────────────────────────

const unknown = { status: 403, body: { code: 'member_unknown' } }
const subjectsOf = (userId: string) =>
  sql<{ subject: string }>('select subject from provider_subjects where user_id = $1', [userId])

test('two people of one provider never become one here: whoever comes second under an address is refused', async () => {
  // Somebody who only claims the address, and whoever has it.
  const squatter = somebody({ email_verified: false })
  const squatting = await me(await sign(squatter))
  expect(squatting.status).toBe(200)
  const owner = await sign(somebody({ email: squatter.email }))
  expect(await me(owner)).toMatchObject(unknown)
  expect(await subjectsOf(squatting.body.id)).toEqual([{ subject: squatter.sub }])

  // An address that has passed on to somebody new in the city.
  const before = somebody()
  const predecessor = await me(await sign(before))
  const successor = await sign(somebody({ email: before.email }))
  expect(await me(successor)).toMatchObject(unknown)
  expect((await me(await sign(before))).body.id).toBe(predecessor.body.id)

  // Once somebody here has said that the one before has left, the next one is somebody new, with nothing of theirs.
  const admin = await as(ada)
  for (const [token, { body: old }] of [
    [owner, squatting],
    [successor, predecessor],
  ] as const) {
    done(await admin.edit(`/v1/users/${old.id}`, { active: false }))
    const { status, body } = await me(token)
    expect([status, body.email]).toEqual([200, old.email])
    expect(body.id).not.toBe(old.id)
    // One address is that of one person: the old one does not come back beside the new one.
    expect(await admin.edit(`/v1/users/${old.id}`, { active: true })).toMatchObject({
      status: 409,
      body: { code: 'already_exists' },
    })
  }
  for (const old of [squatter, before]) expect((await meElsewhere(await sign(old))).status).toBe(401)
})

test('two people who come under one address at the same moment: one is linked, the other refused', async () => {
  const email = 'both@lindenau.example'
  const admin = await as(ada)
  const given = { email, name: 'Both', language: 'de', password: 'invented words for two' }
  const { id } = done(await admin.post<Body>('/v1/users', given)).body
  const { role, organizationId } = navigating
  done(await admin.post(`/v1/users/${id}/memberships`, { role, organizationId }))
  const tokens = await Promise.all([1, 2, 3, 4].map(() => sign(somebody({ email }))))
  const answers = await Promise.all(tokens.map((token) => me(token)))
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 403, 403, 403])
  expect(await subjectsOf(id)).toHaveLength(1)
  // And nobody was there before: one of them becomes somebody.
  const news = await Promise.all([1, 2, 3].map(() => sign(somebody({ email: 'three@lindenau.example' }))))
  const made = await Promise.all(news.map((token) => me(token)))
  expect(made.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 403, 403])
})

test('an address that nobody has vouched for links with nobody, also not through another provider that does', async () => {
  const squatter = somebody({ email_verified: undefined })
  const { body } = await me(await sign(squatter))
  const own = await anIdentityProvider('https://other.example')
  await aProvider({ issuer: own.issuer, audience: own.audience })
  const owner = somebody({ email: squatter.email })
  expect(await me(await own.sign(owner))).toMatchObject(unknown)
  expect(await subjectsOf(body.id)).toEqual([{ subject: squatter.sub }])
  // Whom this one has vouched for, the other may link.
  const proven = somebody()
  const { body: known } = await me(await sign(proven))
  expect((await me(await own.sign(proven))).body.id).toBe(known.id)
})

test('whom an administrator has shut out does not come back as somebody new under the same address', async () => {
  const admin = await as(ada)
  const given = {
    email: 'out@lindenau.example',
    name: 'Out',
    language: 'de',
    password: 'invented words for out',
  }
  const { id } = done(await admin.post<Body>('/v1/users', given)).body
  done(await admin.edit(`/v1/users/${id}`, { active: false }))
  expect(await me(await sign(somebody({ email: given.email })))).toMatchObject(unknown)
  expect(await sql('select id from users where email = $1', [given.email])).toEqual([{ id }])
})

test('an address that somebody who left had may be given anew: whoever signs in with it gets nothing of the one before', async () => {
  const admin = await as(ada)
  const { role, organizationId } = navigating
  const add = async (password: string) => {
    const fields = { email: 'desk@lindenau.example', name: 'Desk', language: 'de', password }
    const { id } = done(await admin.post<Body>('/v1/users', fields)).body
    return { id, fields }
  }
  const enter = (password: string) =>
    service.nobody.post<Body>('/v1/auth/token', {
      municipality: ada.municipality,
      email: 'desk@lindenau.example',
      password,
    })
  const before = await add('invented words of the one before')
  done(await admin.post(`/v1/users/${before.id}/memberships`, { role, organizationId }))
  expect(await admin.post('/v1/users', before.fields)).toMatchObject({ status: 409 })
  done(await admin.edit(`/v1/users/${before.id}`, { active: false }))
  const next = await add('invented words of the next one')
  expect((await enter('invented words of the one before')).status).toBe(401)
  // The one before has a membership still, and the next one none.
  expect((await enter('invented words of the next one')).status).toBe(401)
  const made = await admin.post<Body>(`/v1/users/${next.id}/memberships`, { role, organizationId })
  expect((await enter('invented words of the next one')).status).toBe(200)
  const sessions = await sql('select membership_id from sessions where user_id in ($1, $2)', [
    before.id,
    next.id,
  ])
  expect(sessions).toEqual([{ membership_id: made.body.id }])
})

test('a token of Ostheim’s provider opens nothing in Lindenau, also with the same issuer', async () => {
  const theirs = { ...navigating, organizationId: otto.organizationId }
  const audience = 'https://lotse.ostheim.example'
  await aProvider({ audience, mappings: [theirs] }, orhan)
  const token = await sign(somebody({ aud: audience, groups: ['navigators'] }))
  expect((await me(token)).body).toMatchObject({ membership: { organizationId: otto.organizationId } })
  const { id: caseId } = await aCase()
  await bind((await me(token)).body.id, orhan)
  expect((await withToken(token).get(`/v1/cases/${caseId}`)).status).toBe(404)
  expect((await withToken(token).get('/v1/organizations?limit=200')).text).not.toContain(nora.organizationId)
  expect((await (await as(orhan)).get(path)).status).toBe(404)
  expect((await (await as(orhan)).get('/v1/identity-providers')).text).not.toContain(provider.id)
  // For both at once: nobody can tell which one is meant.
  expect((await me(await sign(somebody({ aud: [idp.audience, audience] })))).status).toBe(401)
  expect((await me(await sign(somebody({ aud: [idp.audience, 'https://other.example'] })))).status).toBe(200)
})

test('whoever names another municipality’s issuer and audience gets 409, and so does whoever names the own twice', async () => {
  const given = { issuer: idp.issuer, audience: idp.audience, label: 'Mine' }
  for (const admin of [orhan, ada]) {
    const answer = await (await as(admin)).post('/v1/identity-providers', given)
    expect(answer).toMatchObject({ status: 409, body: { code: 'already_exists' } })
    expect(answer.text).not.toContain('Keycloak')
  }
  expect((await (await as(orhan)).get('/v1/identity-providers')).text).not.toContain(`"${idp.audience}"`)
})

test('what a provider maps to has to be here', async () => {
  const admin = await as(ada)
  for (const [given, pointer] of [
    [{ mappings: [{ ...navigating, organizationId: otto.organizationId }] }, '/mappings/0/organizationId'],
    [{ machines: [{ clientId: 'x', serviceAccountId: nora.userId }] }, '/machines/0/serviceAccountId'],
  ] as const)
    expect(await admin.edit(path, given)).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer }] },
    })
})

test('only the administrator looks after identity providers', async () => {
  for (const member of [nora, hanna, cast.dora]) {
    const client = await as(member)
    expect((await client.get('/v1/identity-providers')).status).toBe(403)
    expect((await client.get(path)).status).toBe(403)
    expect((await client.post('/v1/identity-providers', { label: 'x' })).status).toBe(403)
  }
})

// ── Machines of the provider ───────────────────────────────────────────────────────────────────────────────

test('a machine of the provider acts as its service account, limited by the scopes of its token', async () => {
  const account = await aServiceAccount(nora, ['cases.list', 'clients.list', 'me.read'])
  await bind(account.id)
  const machinesOf = (clientId: string) => ({ machines: [{ clientId, serviceAccountId: account.id }] })
  done(await (await as(ada)).edit(path, machinesOf('importer')))
  idp.says(() => ({}))
  const secret = { client_id: 'importer', client_secret: 'importer-secret' }
  const all = withToken(await idp.clientCredentials(secret))
  expect((await all.get('/v1/me')).body).toMatchObject({ kind: 'service', id: account.id })
  expect((await all.get('/v1/clients')).status).toBe(200)
  expect((await all.get('/v1/tasks')).status).toBe(403)
  const few = withToken(
    await idp.clientCredentials({ ...secret, scope: 'cases.list cases.read unknown.thing' }),
  )
  expect((await few.get('/v1/cases')).status).toBe(200)
  // In the token, not in the account; and in the account, not in the token.
  expect((await few.get(`/v1/cases/${account.id}`)).status).toBe(403)
  expect((await few.get('/v1/clients')).status).toBe(403)
  done(await (await as(ada)).edit(path, machinesOf('somebody-else')))
  expect((await all.get('/v1/clients')).status).toBe(401)
  expect((await me(await idp.clientCredentials(secret))).status).toBe(403)
})

test('a machine that proves itself to the provider with its own key (private_key_jwt) gets in as well', async () => {
  const account = await aServiceAccount(nora, ['me.read'])
  done(await (await as(ada)).edit(path, { machines: [{ clientId: 'reader', serviceAccountId: account.id }] }))
  const client_assertion = await new SignJWT({
    iss: 'reader',
    sub: 'reader',
    aud: idp.issuer,
    jti: 'reader-1',
    iat: idp.now(),
    exp: idp.now() + 60,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'reader' })
    .sign(reader.privateKey)
  const token = await idp.clientCredentials({
    client_id: 'reader',
    client_assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
  expect((await me(token)).body).toMatchObject({ id: account.id, kind: 'service' })
})

test('nobody signs in through a client that is a machine: a person is not let in as it', async () => {
  const account = await aServiceAccount(nora, ['me.read'])
  done(await (await as(ada)).edit(path, { machines: [{ clientId: 'robot', serviceAccountId: account.id }] }))
  expect((await me(await sign({ azp: 'robot' }))).body).toMatchObject({ id: account.id })
  for (const signed of [{ auth_time: idp.now() }, { sid: 'x' }, { scp: 'openid' }, { idtyp: 'user' }])
    expect((await me(await sign(somebody({ azp: 'robot', ...signed })))).status).toBe(403)
})

test('a person whom the provider really lets in through a client that is a machine here is not let in as it', async () => {
  const account = await aServiceAccount(nora, ['me.read'])
  const own = await anIdentityProvider('https://portal.example')
  const machines = [{ clientId: 'portal', serviceAccountId: account.id }]
  await aProvider({ issuer: own.issuer, audience: own.audience, machines })
  const claims = somebody()
  own.says(() => claims)
  const token = await own.tokenOf(claims.sub)
  const payload = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Claims
  expect(payload).toMatchObject({ sub: claims.sub, client_id: 'portal' })
  for (const sign of ['auth_time', 'nonce', 'sid', 'scp', 'idtyp']) expect(payload).not.toHaveProperty(sign)
  expect(await me(token)).toMatchObject({ status: 403, body: { code: 'member_unknown' } })
  expect(await sql('select 1 from sessions where user_id = $1', [account.id])).toEqual([])
  // The client's own token, of the same kind, opens.
  const itself = await own.sign({ sub: 'portal', client_id: 'portal' }, { header: { typ: 'at+jwt' } })
  expect((await me(itself)).body).toMatchObject({ id: account.id, kind: 'service' })
  const ofSomebody = await own.sign({ client_id: 'portal' }, { header: { typ: 'application/AT+JWT' } })
  expect((await me(ofSomebody)).status).toBe(403)
})

test('what Entra ID says of scopes limits as well: scp of a person, roles of a machine, never more than the account has', async () => {
  const person = withToken(await sign(somebody({ scp: 'openid me.read' })))
  expect((await person.get('/v1/me')).status).toBe(200)
  expect((await person.get('/v1/organizations')).status).toBe(403)
  // What roles a person has is for the mappings.
  const whole = withToken(await sign(somebody({ scp: 'openid profile', roles: ['me.read'] })))
  expect((await whole.get('/v1/organizations')).status).toBe(200)

  const account = await aServiceAccount(nora, ['me.read', 'organizations.list'])
  done(await (await as(ada)).edit(path, { machines: [{ clientId: 'app', serviceAccountId: account.id }] }))
  const machine = withToken(await sign({ azp: 'app', idtyp: 'app', roles: ['me.read', 'users.list'] }))
  expect((await machine.get('/v1/me')).body).toMatchObject({ id: account.id })
  expect((await machine.get('/v1/organizations')).status).toBe(403)
  expect((await machine.get('/v1/users')).status).toBe(403)
  const all = withToken(await sign({ azp: 'app', idtyp: 'app' }))
  expect((await all.get('/v1/organizations')).status).toBe(200)
})

test('the addresses of a service account hold for its tokens of the provider, and so does its end', async () => {
  const account = await aServiceAccount(nora, ['me.read'], { addresses: ['192.0.2.0/24'] })
  done(await (await as(ada)).edit(path, { machines: [{ clientId: 'far', serviceAccountId: account.id }] }))
  expect(await me(await sign({ azp: 'far' }))).toMatchObject({
    status: 403,
    body: { code: 'address_not_allowed' },
  })
  const token = await sign({ azp: 'far' })
  const near = await service.app.inject({
    url: '/v1/me',
    remoteAddress: '192.0.2.4',
    headers: { authorization: `Bearer ${token}` },
  })
  expect(near.statusCode).toBe(200)
  done(await (await as(ada)).edit(`/v1/service-accounts/${account.id}`, { active: false }))
  expect((await me(await sign({ azp: 'far' }))).status).toBe(403)
})

// ── What is not right ──────────────────────────────────────────────────────────────────────────────────────

const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const foreign = await aSigningKey('RS256', 'foreign')

test('the comparison: the same token, unchanged, is right', async () => {
  for (const typ of ['JWT', 'at+jwt', 'application/at+jwt', 'jwt'])
    expect((await me(await sign(somebody(), { header: { typ } }))).status, typ).toBe(200)
  expect((await me(await sign(somebody(), { header: { typ: undefined } }))).status).toBe(200)
})

test.each<[string, () => Promise<string>]>([
  ['a signature by another key', () => sign(somebody(), { key: foreign })],
  [
    'a signature by another key under a known kid',
    () => sign(somebody(), { key: { ...foreign, kid: idp.keys()[0]!.kid } }),
  ],
  ['an embedded key', () => sign(somebody(), { key: foreign, header: { jwk: foreign.jwk } })],
  ['a jku', () => sign(somebody(), { key: foreign, header: { jku: `${address}/keys` } })],
  ['a jku, though the signature is right', () => sign(somebody(), { header: { jku: `${idp.issuer}/jwks` } })],
  ['an x5u', () => sign(somebody(), { key: foreign, header: { x5u: `${address}/keys` } })],
  [
    'an extension that is critical',
    async () => {
      const [, body, signature] = (await sign(somebody())).split('.')
      return `${b64({ alg: 'RS256', kid: idp.keys()[0]!.kid, crit: ['exp'], exp: 1 })}.${body}.${signature}`
    },
  ],
  ['another audience', () => sign(somebody({ aud: 'https://elsewhere.example' }))],
  ['no audience', () => sign(somebody({ aud: undefined }))],
  ['an audience that is none', () => sign(somebody({ aud: [{ a: 1 }] }))],
  ['another issuer', () => sign(somebody({ iss: 'https://elsewhere.example' }))],
  ['an issuer with a slash more', () => sign(somebody({ iss: `${idp.issuer}/` }))],
  ['no issuer', () => sign(somebody({ iss: undefined }))],
  ['our own issuer', () => sign(somebody({ iss: 'lotse', aud: 'lotse' }))],
  ['the type of a logout token', () => sign(somebody(), { header: { typ: 'logout+jwt' } })],
  ['the type of a DPoP proof', () => sign(somebody(), { header: { typ: 'dpop+jwt' } })],
  ['an ID token', () => sign(somebody({ nonce: 'n' }))],
  ['an ID token with a hash', () => sign(somebody({ at_hash: 'x' }))],
  ['an ID token of Keycloak', () => sign(somebody({ typ: 'ID' }))],
  ['a refresh token of Keycloak', () => sign(somebody({ typ: 'Refresh' }))],
  ['a logout token', () => sign(somebody({ events: {} }))],
  ['a token that is bound to a key', () => sign(somebody({ cnf: { jkt: 'x' } }))],
  ['not yet, by more than five seconds', () => sign(somebody({ nbf: idp.now() + 8 }))],
  ['made in the future, by more than five seconds', () => sign(somebody({ iat: idp.now() + 8 }))],
  ['expired for more than five seconds', () => sign(somebody({ exp: idp.now() - 8 }))],
  ['no end', () => sign(somebody({ exp: undefined }))],
  ['an end that is a word', () => sign(somebody({ exp: 'tomorrow' as never }))],
  ['no beginning', () => sign(somebody({ iat: undefined }))],
  ['nobody', () => sign(somebody({ sub: undefined }))],
  ['an endless name', () => sign(somebody({ sub: 'x'.repeat(300) }))],
  ['a huge token', () => sign(somebody({ groups: Array(700).fill('navigators') }))],
  ['alg none', async () => `${b64({ alg: 'none', typ: 'JWT' })}.${(await sign(somebody())).split('.')[1]}.`],
  [
    'alg none with a signature',
    async () => `${b64({ alg: 'none' })}.${(await sign(somebody())).split('.').slice(1).join('.')}`,
  ],
  [
    'HS256 with the public key as the secret',
    async () => {
      const [key] = idp.keys()
      const text = `${b64({ alg: 'HS256', typ: 'JWT', kid: key!.kid })}.${(await sign(somebody())).split('.')[1]}`
      const secret = await exportSPKI(key!.publicKey)
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    },
  ],
  ['a signature that is cut', async () => (await sign(somebody())).slice(0, -8)],
  ['a payload that is no JSON', async () => `${b64({ alg: 'RS256', kid: 'x' })}.bm8.AAAA`],
  ['a payload that is a list', async () => `${b64({ alg: 'RS256', kid: 'x' })}.${b64([])}.AAAA`],
  ['three dots', async () => 'a.b.c'],
])('%s is refused with 401, and makes nobody', async (_, made) => {
  const before = await sql('select count(*)::int as n from users')
  const token = await made()
  const answer = await fetch(`${address}/v1/me`, { headers: { authorization: `Bearer ${token}` } })
  expect([answer.status, ((await answer.json()) as Body).code]).toEqual([401, 'not_signed_in'])
  expect(await sql('select count(*)::int as n from users')).toEqual(before)
})

test('clocks may differ by five seconds', async () => {
  expect((await me(await sign(somebody({ nbf: idp.now() + 3, iat: idp.now() + 3 })))).status).toBe(200)
  expect((await me(await sign(somebody({ exp: idp.now() - 2 })))).status).toBe(200)
})

test('a token that says it lives for years has a session of a day', async () => {
  const token = await sign(somebody({ exp: idp.now() + 10 * 365 * 86_400 }))
  const { body } = await me(token)
  const [row] = await sql<{ hours: number }>(
    `select extract(epoch from expires_at - now()) / 3600 as hours from sessions where user_id = $1`,
    [body.id],
  )
  expect(Number(row!.hours)).toBeLessThan(24.1)
})

// ── Keys and outages ───────────────────────────────────────────────────────────────────────────────────────

test('keys are fetched once; a kid that nobody knows causes no further fetch, a new key after the pause does', async () => {
  const own = await anIdentityProvider('https://rotation.example')
  await aProvider({ issuer: own.issuer, audience: own.audience })
  const old = own.keys()[0]!
  expect((await me(await own.sign(somebody()))).status).toBe(200)
  expect(own.asked()).toEqual(['/.well-known/openid-configuration', '/jwks'])
  for (let at = 0; at < 20; at += 1) {
    const junk = await own.sign(somebody(), { key: { ...foreign, kid: `junk-${at}` } })
    expect((await me(junk)).status).toBe(401)
  }
  expect((await me(await own.sign(somebody()))).status).toBe(200)
  expect(own.asked()).toEqual([])

  const next = await aSigningKey('ES256')
  own.publish(next)
  later(31)
  expect((await me(await own.sign(somebody(), { key: next }))).status).toBe(200)
  expect(own.asked()).toEqual(['/jwks'])
  // The old key is gone, and with it what it signs; that too causes no fetch.
  expect((await me(await own.sign(somebody(), { key: old }))).status).toBe(401)
  expect(own.asked()).toEqual([])
})

test('an audience or issuer that nobody has named causes no fetch at all', async () => {
  idp.asked()
  await me(await sign(somebody({ aud: 'https://nobody.example' })))
  await me(await sign(somebody({ iss: 'http://127.0.0.1:9' })))
  expect(idp.asked()).toEqual([])
})

test.each<[string, (own: Awaited<ReturnType<typeof anIdentityProvider>>) => void]>([
  ['does not answer', (own) => own.instead((request) => void request.socket.destroy())],
  ['answers 500', (own) => own.instead((_, response) => void response.writeHead(500).end('{}'))],
  ['answers no JSON', (own) => own.instead((_, response) => void response.writeHead(200).end('<html>'))],
  [
    'redirects to another address',
    (own) =>
      own.instead((_, response) => void response.writeHead(302, { location: `${idp.issuer}/x` }).end()),
  ],
  [
    'says that it is another one',
    (own) =>
      own.instead(
        (_, response) =>
          void response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify({ issuer: idp.issuer, jwks_uri: `${idp.issuer}/jwks` })),
      ),
  ],
  [
    'has its keys inside our own network',
    (own) =>
      own.instead(
        (_, response) =>
          void response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify({ issuer: own.issuer, jwks_uri: 'http://169.254.169.254/latest/meta-data' })),
      ),
  ],
])(
  'a provider that %s: 503 for its own, once asked and then left alone; nobody else suffers',
  async (_, breaks) => {
    const own = await anIdentityProvider('https://broken.example')
    await aProvider({ issuer: own.issuer, audience: own.audience })
    breaks(own)
    idp.asked()
    const answer = await me(await own.sign(somebody()))
    expect(answer).toMatchObject({ status: 503, body: { code: 'provider_unreachable' } })
    expect(answer.headers['retry-after']).toBeTruthy()
    const calls = own.asked().length
    expect((await me(await own.sign(somebody()))).status).toBe(503)
    expect(own.asked()).toEqual([])
    expect(calls).toBeLessThanOrEqual(2)
    expect(idp.asked()).toEqual([])
    expect((await me(await sign(somebody()))).status).toBe(200)
    expect((await (await as(sina)).get('/v1/me')).status).toBe(200)
    own.instead()
    later(11)
    expect((await me(await own.sign(somebody()))).status).toBe(200)
  },
)

test('while a provider is away, whoever its known key has signed still gets in', async () => {
  const own = await anIdentityProvider('https://away.example')
  await aProvider({ issuer: own.issuer, audience: own.audience })
  const token = await own.sign(somebody())
  expect((await me(token)).status).toBe(200)
  own.instead((request) => void request.socket.destroy())
  expect((await me(token)).status).toBe(200)
  expect((await me(await own.sign(somebody()))).status).toBe(200)
  later(31)
  expect((await me(await own.sign(somebody(), { key: foreign }))).status).toBe(503)
  expect((await me(await own.sign(somebody()))).status).toBe(200)
})

test('nothing of a token or of whom it speaks stands in the log', async () => {
  const claims = somebody()
  const token = await sign(claims)
  await me(token)
  const lines = logged().join('\n')
  for (const word of [token, token.split('.')[2]!, claims.email, claims.name])
    expect(lines).not.toContain(word)
})

// The last one: whoever comes after it is out.
test('"everybody out", as the manual says it, is everybody: also whose token nobody has seen yet', async () => {
  const manual = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const [, block = ''] = /\*\*Everybody out\*\*[^]*?```sql\n([^]*?)```/.exec(manual) ?? []
  const [providersOff = '', sessionsOver = ''] = block.trim().split('\n')
  const claims = somebody({ realm_access: { roles: ['planner'] } })
  const [seen, unseen] = [await sign(claims), await sign(claims)]
  const { body } = await me(seen)
  const [first, second] = body.memberships.map(({ id }) => ({ 'lotse-membership': id }))
  const own = await as(nora)
  // What the first line is for.
  await sql(sessionsOver)
  expect([(await me(seen, first)).status, (await me(seen, second)).status]).toEqual([401, 200])
  await sql(providersOff)
  await sql(sessionsOver)
  for (const token of [seen, unseen])
    for (const named of [first, second]) {
      expect((await me(token, named)).status).toBe(401)
      expect((await meElsewhere(token, named)).status).toBe(401)
    }
  expect((await own.get('/v1/me')).status).toBe(401)
})
