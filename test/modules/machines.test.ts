// Does another system get in only as what it is allowed to be, and out at once?
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { ada, cast, hanna, nora, olaf, orhan, organizations } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { machines } from '../support/machines.ts'
import { barrier } from '../concurrency/barrier.ts'

const service = await lotse()
const { as, nobody, sql, aCase, aClient, signIn, address, logged, withToken } = service
const { aServiceAccount, bind, aKey, aKeyPair, tokenFor, signedIn, assertion, proving } = machines(service)
const together = barrier(service)

const reading = ['cases.list', 'cases.read']
const basic = (name: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(name)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

test('a machine signs in with its secret, and may what its scopes say and its role may', async () => {
  const { id: caseId } = await aCase()
  const account = await aServiceAccount(nora, [...reading, 'me.read'])
  await bind(account.id)
  const { secret } = await aKey(account.id)
  const answer = await tokenFor({ client_id: account.clientId, client_secret: secret })
  expect(answer).toMatchObject({
    status: 200,
    body: { token_type: 'Bearer', expires_in: 600, scope: 'cases.list cases.read me.read' },
    headers: { 'cache-control': 'no-store' },
  })
  expect(answer.body).not.toHaveProperty('refresh_token')
  const machine = withToken(answer.body.access_token)
  expect((await machine.get(`/v1/cases/${caseId}`)).status).toBe(200)
  expect((await machine.get('/v1/me')).body).toMatchObject({ kind: 'service', email: null, name: 'Import' })
  // The role may, the scopes do not hold it.
  expect(await machine.get('/v1/clients')).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
  const [session] = await sql<{ minutes: number }>(
    `select extract(epoch from expires_at - started_at)::int / 60 as minutes from sessions where user_id = $1`,
    [account.id],
  )
  expect(session!.minutes).toBeLessThanOrEqual(10)
})

test('without a secrecy obligation that somebody has recorded, a machine opens no case', async () => {
  const { id: caseId } = await aCase()
  const account = await aServiceAccount(nora, reading)
  const { secret } = await aKey(account.id)
  const machine = await signedIn(account.clientId, secret)
  expect(await machine.get(`/v1/cases/${caseId}`)).toMatchObject({
    status: 403,
    body: { code: 'secrecy_obligation_missing' },
  })
  await bind(account.id)
  expect((await machine.get(`/v1/cases/${caseId}`)).status).toBe(200)
  const { body } = await (await as(ada)).get(`/v1/service-accounts/${account.id}`)
  expect(body['isBoundToSecrecy']).toBe(true)
})

test('a machine of another municipality or another unit sees nothing of Nora’s', async () => {
  const { id: caseId } = await aCase()
  for (const [like, admin] of [
    [cast.otto, orhan],
    [cast.mira, ada],
  ] as const) {
    const account = await aServiceAccount(like, reading, {}, admin)
    await bind(account.id, admin)
    const { secret } = await aKey(account.id, {}, admin)
    const machine = await signedIn(account.clientId, secret)
    expect((await machine.get('/v1/cases')).status).toBe(200)
    expect((await machine.get(`/v1/cases/${caseId}`)).status).toBe(404)
  }
})

test('another municipality’s administrator finds neither the account nor its keys', async () => {
  const account = await aServiceAccount(nora, reading)
  const key = await aKey(account.id)
  const stranger = await as(orhan)
  expect((await stranger.get(`/v1/service-accounts/${account.id}`)).status).toBe(404)
  expect((await stranger.get(`/v1/service-account-keys/${key.id}`)).status).toBe(404)
  expect((await stranger.post(`/v1/service-account-keys/${key.id}/revoke`)).status).toBe(404)
  expect((await stranger.get('/v1/service-accounts')).text).not.toContain(account.id)
})

test('only a person answers for a person: a machine leads no case, owns no task and shields nobody', async () => {
  const account = await aServiceAccount(nora, ['cases.open', 'clients.create', 'tasks.create'])
  await bind(account.id)
  const { secret } = await aKey(account.id)
  const machine = await signedIn(account.clientId, secret)
  const client = done(await machine.post('/v1/clients', { identificationLevel: 'anonymous' })).body
  const opened = {
    clientId: client.id,
    nextStep: 'Call',
    nextStepOn: inDays(2),
    requesterRole: 'self',
    referralSource: 'unknown',
  }
  expect(await machine.post('/v1/cases', opened)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/leadMembershipId' }] },
  })
  const made = done(await machine.post('/v1/cases', { ...opened, leadMembershipId: nora.membershipId })).body
  expect(made['leadMembershipId']).toBe(nora.membershipId)
  const task = { caseId: made.id, title: 'x', dueOn: inDays(1), ownerMembershipId: account.membershipId }
  expect((await machine.post('/v1/tasks', task)).status).toBe(400)
  expect(
    await machine.post('/v1/clients', { identificationLevel: 'anonymous', shielded: true }),
  ).toMatchObject({ status: 400, body: { errors: [{ pointer: '/shielded' }] } })
  const handing = { membershipId: account.membershipId, reason: 'x' }
  expect((await (await as(hanna)).post(`/v1/cases/${made.id}/assignments`, handing)).status).toBe(400)
})

test('service accounts are no people: neither in the list of people nor to be changed there', async () => {
  const account = await aServiceAccount(nora, reading)
  const admin = await as(ada)
  expect((await admin.get('/v1/users?limit=200')).text).not.toContain(account.id)
  expect((await admin.get(`/v1/users/${account.id}`)).status).toBe(404)
  expect(
    (await admin.patch(`/v1/users/${account.id}`, { name: 'x' }, { ifMatch: '"1.AAAAAAAA"' })).status,
  ).toBe(404)
  const another = { role: 'planner', organizationId: nora.organizationId }
  expect((await admin.post(`/v1/users/${account.id}/memberships`, another)).status).toBe(404)
  expect((await admin.get('/v1/service-accounts?limit=200')).text).toContain(account.id)
})

test('a scope that does not exist, that the role may not, or that is for people only is refused', async () => {
  const admin = await as(ada)
  const given = (role: string, scopes: string[]) => ({
    name: 'x',
    role,
    organizationId: nora.organizationId,
    scopes,
    responsibleUserId: ada.userId,
  })
  for (const [role, scopes] of [
    ['navigator', ['cases.read', 'cases.fly']],
    ['navigator', ['cases.read', 'audit.read']],
    ['navigator', ['cases.read', 'auth.sign_in']],
    ['tenant_admin', ['users.list', 'service_accounts.create']],
    ['tenant_admin', ['users.list', 'secrecy.record']],
    ['tenant_admin', ['users.list', 'memberships.create']],
    ['tenant_admin', ['users.list', 'providers.update']],
  ] as const)
    expect(await admin.post('/v1/service-accounts', given(role, [...scopes]))).toMatchObject({
      status: 400,
      body: { code: 'scope_not_grantable', errors: [{ pointer: '/scopes/1' }] },
    })
  expect((await admin.post('/v1/service-accounts', given('navigator', ['toString.call']))).status).toBe(400)
})

test('who answers for a machine is a person who works here', async () => {
  const admin = await as(ada)
  const account = await aServiceAccount(nora, reading)
  for (const responsibleUserId of [account.id, orhan.userId])
    expect(await admin.edit(`/v1/service-accounts/${account.id}`, { responsibleUserId })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/responsibleUserId' }] },
    })
})

test('a token can be asked for fewer scopes, never for more', async () => {
  const account = await aServiceAccount(nora, reading)
  await bind(account.id)
  const { secret } = await aKey(account.id)
  const given = { client_id: account.clientId, client_secret: secret }
  const fewer = await tokenFor({ ...given, scope: 'cases.list' })
  expect(fewer.body.scope).toBe('cases.list')
  const machine = withToken(fewer.body.access_token)
  expect((await machine.get('/v1/cases')).status).toBe(200)
  expect((await machine.get(`/v1/cases/${account.id}`)).status).toBe(403)
  expect(await tokenFor({ ...given, scope: 'cases.list clients.list' })).toMatchObject({
    status: 400,
    body: { code: 'invalid_scope', error: 'invalid_scope' },
  })
})

test('a secret is shown once: not read again, not in a repeated answer, not in the database, not in the log', async () => {
  const account = await aServiceAccount(nora, reading)
  const admin = await as(ada)
  const fields = { kind: 'secret', label: 'Once', expiresOn: inDays(30) }
  const path = `/v1/service-accounts/${account.id}/keys`
  const first = done(await admin.post(path, fields, { idempotencyKey: 'one-secret' }))
  const secret = String(first.body['secret'])
  expect(secret).toMatch(/^lotse_[\w-]{43}$/)
  const again = await admin.post(path, fields, { idempotencyKey: 'one-secret' })
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(again.body).toMatchObject({ id: first.body.id, secret: null })
  expect((await admin.get(`/v1/service-account-keys/${first.body.id}`)).body['secret']).toBeNull()
  expect((await admin.get(`/v1/service-accounts/${account.id}`)).text).not.toContain(secret)
  await tokenFor({ client_id: account.clientId, client_secret: secret })
  expect(logged().join('\n')).not.toContain(secret)
  const stored = await sql<{ text: string }>(
    `select row_to_json(k)::text as text from service_account_keys k where id = $1`,
    [first.body.id],
  )
  expect(stored[0]!.text).not.toContain(secret.slice(6))
})

test('keys overlap, and revoking one ends what began with it at once and nothing else', async () => {
  const account = await aServiceAccount(nora, reading)
  await bind(account.id)
  const [old, next] = [await aKey(account.id), await aKey(account.id, { label: 'Two' })]
  const [before, after] = [
    await signedIn(account.clientId, old.secret),
    await signedIn(account.clientId, next.secret),
  ]
  expect((await before.get('/v1/cases')).status).toBe(200)
  const admin = await as(ada)
  done(await admin.post(`/v1/service-account-keys/${old.id}/revoke`))
  expect((await before.get('/v1/cases')).status).toBe(401)
  expect((await after.get('/v1/cases')).status).toBe(200)
  expect(await tokenFor({ client_id: account.clientId, client_secret: old.secret })).toMatchObject({
    status: 401,
    body: { code: 'invalid_client', error: 'invalid_client' },
  })
  expect(await admin.post(`/v1/service-account-keys/${old.id}/revoke`)).toMatchObject({
    status: 409,
    body: { code: 'key_is_revoked' },
  })
  const { body } = await admin.get(`/v1/service-account-keys/${next.id}`)
  expect(body['usedAt']).not.toBeNull()
})

test('a key lasts two years at most, and ends with its day', async () => {
  const account = await aServiceAccount(nora, reading)
  const admin = await as(ada)
  const key = (expiresOn: string) =>
    admin.post(`/v1/service-accounts/${account.id}/keys`, { kind: 'secret', label: 'x', expiresOn })
  expect((await key(inDays(740))).body.code).toBe('key_expiry_out_of_range')
  expect((await key(inDays(-1))).body.code).toBe('key_expiry_out_of_range')
  expect((await key(inDays(725))).status).toBe(201)
  const { id, secret } = await aKey(account.id)
  await sql(`update service_account_keys set expires_at = now() - interval '1 second' where id = $1`, [id])
  expect((await tokenFor({ client_id: account.clientId, client_secret: secret })).status).toBe(401)
})

test('more than ten living keys are nobody’s rotation', async () => {
  const account = await aServiceAccount(nora, reading)
  const keys = []
  for (let at = 0; at < 10; at += 1) keys.push(await aKey(account.id))
  const admin = await as(ada)
  const more = { kind: 'secret', label: 'x', expiresOn: inDays(3) }
  expect((await admin.post(`/v1/service-accounts/${account.id}/keys`, more)).body.code).toBe('too_many_keys')
  done(await admin.post(`/v1/service-account-keys/${keys[0]!.id}/revoke`))
  expect((await admin.post(`/v1/service-accounts/${account.id}/keys`, more)).status).toBe(201)
})

test.each([
  ['fewer scopes', { scopes: ['cases.list'] }],
  ['other addresses', { addresses: ['127.0.0.0/8'] }],
  ['days that are counted', { expiresOn: inDays(3) }],
  ['switching it off', { active: false }],
])('a change of an account (%s) ends the sessions of a machine with the next request', async (_, change) => {
  const account = await aServiceAccount(nora, reading)
  await bind(account.id)
  const { secret } = await aKey(account.id)
  const machine = await signedIn(account.clientId, secret)
  expect((await machine.get('/v1/cases')).status).toBe(200)
  done(await (await as(ada)).edit(`/v1/service-accounts/${account.id}`, { name: 'Renamed' }))
  expect((await machine.get('/v1/cases')).status).toBe(200)
  const changed = done(await (await as(ada)).edit(`/v1/service-accounts/${account.id}`, change))
  expect(changed.body).toMatchObject({ ...change, name: 'Renamed' })
  expect((await machine.get('/v1/cases')).status).toBe(401)
  const anew = await tokenFor({ client_id: account.clientId, client_secret: secret })
  expect(anew.status).toBe('active' in change ? 401 : 200)
})

test('after its last day, or when its membership has ended, a machine gets no token', async () => {
  const account = await aServiceAccount(nora, reading)
  const { secret } = await aKey(account.id)
  const given = { client_id: account.clientId, client_secret: secret }
  await sql(`update service_accounts set expires_on = current_date - 2 where id = $1`, [account.id])
  expect((await tokenFor(given)).status).toBe(401)
  await sql(`update service_accounts set expires_on = null where id = $1`, [account.id])
  expect((await tokenFor(given)).status).toBe(200)
  const { body } = await (await as(ada)).get(`/v1/service-accounts/${account.id}`)
  done(await (await as(ada)).post(`/v1/memberships/${String(body['membershipId'])}/end`))
  expect((await tokenFor(given)).status).toBe(401)
})

test('a machine comes from its networks only, at the door and with every request', async () => {
  const account = await aServiceAccount(nora, reading, { addresses: ['192.0.2.0/24', '2001:db8::/32'] })
  await bind(account.id)
  const { secret } = await aKey(account.id)
  const given = { client_id: account.clientId, client_secret: secret }
  expect(await tokenFor(given)).toMatchObject({
    status: 400,
    body: { code: 'unauthorized_client', error: 'unauthorized_client' },
  })
  const ask = (token: string, remoteAddress: string) =>
    service.app.inject({
      url: '/v1/cases',
      remoteAddress,
      headers: { authorization: `Bearer ${token}` },
    })
  const token = async (remoteAddress: string) => {
    const answer = await service.app.inject({
      method: 'POST',
      url: '/v1/auth/token',
      remoteAddress,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ grant_type: 'client_credentials', ...given }).toString(),
    })
    return answer.json<{ access_token: string }>().access_token
  }
  for (const at of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8:1::7']) {
    const own = await token(at)
    expect((await ask(own, at)).statusCode).toBe(200)
    const stolen = await ask(own, '198.51.100.7')
    expect([stolen.statusCode, stolen.json<{ code: string }>().code]).toEqual([403, 'address_not_allowed'])
  }
  expect(await token('198.51.100.7')).toBeUndefined()
})

test('what is no network is refused', async () => {
  const admin = await as(ada)
  const account = await aServiceAccount(nora, reading)
  for (const wrong of ['10.0.0.1', '10.0.0.0/33', 'example.org', '::/200', '10.0.0.0/8,0.0.0.0/0'])
    expect(
      (await admin.edit(`/v1/service-accounts/${account.id}`, { addresses: [wrong] })).status,
      wrong,
    ).toBe(400)
})

test('RFC 6749: the secret may come with HTTP Basic, and a refusal says so in the words of RFC 6749', async () => {
  const account = await aServiceAccount(nora, reading)
  const { secret } = await aKey(account.id)
  expect((await tokenFor({}, basic(account.clientId, secret))).status).toBe(200)
  expect((await tokenFor({ client_id: account.clientId }, basic(account.clientId, secret))).status).toBe(200)
  const wrong = await tokenFor({}, basic(account.clientId, `${secret}x`))
  expect(wrong).toMatchObject({
    status: 401,
    body: { code: 'invalid_client', error: 'invalid_client' },
    headers: {
      'content-type': expect.stringContaining('application/problem+json'),
      'www-authenticate': 'Basic realm="lotse"',
    },
  })
})

test.each([
  ['no grant type', { grant_type: '' }, 400, 'invalid_request'],
  ['another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ['no proof at all', { client_secret: '' }, 401, 'invalid_client'],
  ['two ways at once', { client_assertion: 'a.b.c' }, 400, 'invalid_request'],
  ['a name of nobody', { client_id: 'lindenau.00000000-0000-4000-8000-000000000000' }, 401, 'invalid_client'],
  [
    'a name of no municipality',
    { client_id: 'nowhere.00000000-0000-4000-8000-000000000000' },
    401,
    'invalid_client',
  ],
  ['no name', { client_id: "' or 1=1 --" }, 401, 'invalid_client'],
  ['a secret of somebody else', { client_secret: `lotse_${'A'.repeat(43)}` }, 401, 'invalid_client'],
])('RFC 6749: %s is refused as %j → %i %s', async (_, change, status, error) => {
  const account = await aServiceAccount(nora, reading)
  const { secret } = await aKey(account.id)
  const answer = await tokenFor({ client_id: account.clientId, client_secret: secret, ...change })
  expect(answer).toMatchObject({ status, body: { error } })
  expect(answer.body).not.toHaveProperty('access_token')
})

test('RFC 6749: a parameter that comes twice is refused, one that nobody knows is ignored', async () => {
  const account = await aServiceAccount(nora, reading)
  const { secret } = await aKey(account.id)
  const all = `grant_type=client_credentials&client_id=${account.clientId}&client_secret=${secret}`
  const send = (body: string, type = 'application/x-www-form-urlencoded; charset=UTF-8') =>
    nobody.send('POST', '/v1/auth/token', body, { 'content-type': type })
  expect((await send(`${all}&resource=x&resource=y&audience=z`)).status).toBe(200)
  expect(await send(`${all}&client_secret=${secret}`)).toMatchObject({
    status: 400,
    body: { error: 'invalid_request' },
  })
  expect(await send(`${all}&scope=${'x'.repeat(9000)}`)).toMatchObject({ status: 400 })
  expect((await send(`${all}&x=${'x'.repeat(20_000)}`)).status).toBe(413)
  // The other sign-in at this address is not touched by it.
  expect((await signIn(nora)).accessToken).toBeTruthy()
  expect((await nobody.post('/v1/auth/token', { grant_type: 'client_credentials' })).status).toBe(400)
})

test('guessing a secret gets slower, and the right one waits as well', async () => {
  const account = await aServiceAccount(nora, reading)
  const { secret } = await aKey(account.id)
  const wrong = { client_id: account.clientId, client_secret: `lotse_${'B'.repeat(43)}` }
  const answers = []
  for (let at = 0; at < 7; at += 1) answers.push((await tokenFor(wrong)).status)
  expect(answers.slice(0, 5)).toEqual(Array(5).fill(401))
  expect(answers.at(-1)).toBe(429)
  const answer = await tokenFor({ client_id: account.clientId, client_secret: secret })
  expect(answer.status).toBe(429)
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
})

test.each(['RS256', 'ES256', 'EdDSA'])('private_key_jwt: a signed assertion (%s) opens once', async (alg) => {
  const account = await aServiceAccount(nora, reading)
  await bind(account.id)
  const key = await aKeyPair(account.id, alg)
  expect(key).toMatchObject({ kind: 'public_key', secret: null })
  const made = await assertion(account.clientId, key)
  const answer = done(await tokenFor(proving(made)))
  expect((await withToken(answer.body.access_token).get('/v1/cases')).status).toBe(200)
  expect(await tokenFor(proving(made))).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
})

test('private_key_jwt: the same assertion at the same moment opens once', async () => {
  const account = await aServiceAccount(nora, reading)
  const key = await aKeyPair(account.id)
  for (let round = 0; round < 20; round += 1) {
    const made = await assertion(account.clientId, key)
    const use = () => tokenFor(proving(made))
    const answers = await together({ table: 'service_accounts', id: account.id }, [use, use, use])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401])
    await sql('delete from attempt_counters')
  }
})

test('private_key_jwt: what is not said by the account itself, to us, now, opens nothing', async () => {
  const account = await aServiceAccount(nora, reading)
  const key = await aKeyPair(account.id)
  const other = await aKeyPair((await aServiceAccount(nora, reading)).id)
  const { clientId } = account
  const now = Math.floor(Date.now() / 1000)
  const wrong: [string, Promise<string>][] = [
    ['another key', assertion(clientId, other)],
    ['another audience', assertion(clientId, key, { aud: 'https://elsewhere.example/v1/auth/token' })],
    ['another issuer', assertion(clientId, key, { iss: 'somebody' })],
    ['longer than five minutes', assertion(clientId, key, { exp: now + 400 })],
    ['expired', assertion(clientId, key, { exp: now - 10 })],
    ['not yet', assertion(clientId, key, { nbf: now + 30 })],
    ['made in the future', assertion(clientId, key, { iat: now + 30 })],
    ['without a name', assertion(clientId, key, { jti: undefined })],
    ['without an end', assertion(clientId, key, { exp: undefined })],
  ]
  for (const [what, made] of wrong) {
    // Each from its own count of failures: what is refused here is the assertion.
    await sql('delete from attempt_counters')
    expect((await tokenFor(proving(await made))).status, what).toBe(401)
  }
  const [head, body] = (await assertion(clientId, key)).split('.')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  for (const forged of [`${none}.${body}.`, `${head}.${body}.AAAA`, 'x.y.z', '', `${head}.${body}`])
    expect((await tokenFor(proving(forged))).status).toBe(401)
  await sql('delete from attempt_counters')
  expect((await tokenFor(proving(await assertion(clientId, key, { aud: address })))).status).toBe(200)
})

test('a Host header does not make an assertion for somebody else ours', async () => {
  const account = await aServiceAccount(nora, reading)
  const key = await aKeyPair(account.id)
  const aud = 'https://elsewhere.example/v1/auth/token'
  const answer = await service.app.inject({
    method: 'POST',
    url: '/v1/auth/token',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      host: 'elsewhere.example',
      'x-forwarded-proto': 'https',
    },
    payload: new URLSearchParams({
      grant_type: 'client_credentials',
      ...proving(await assertion(account.clientId, key, { aud })),
    }).toString(),
  })
  expect(answer.statusCode).toBe(401)
})

test('a key that proves little, or says too much, is not taken', async () => {
  const account = await aServiceAccount(nora, reading)
  const admin = await as(ada)
  const send = (jwk: object) =>
    admin.post(`/v1/service-accounts/${account.id}/keys`, {
      kind: 'public_key',
      label: 'x',
      expiresOn: inDays(9),
      jwk,
    })
  const jwkOf = (
    kind: 'rsa' | 'ec' | 'ed25519' | 'x25519',
    options: object,
    half: 'publicKey' | 'privateKey',
  ) =>
    generateKeyPairSync(kind as 'rsa', options as { modulusLength: number })[half].export({ format: 'jwk' })
  expect((await send(jwkOf('rsa', { modulusLength: 1024 }, 'publicKey'))).body.code).toBe('key_not_usable')
  expect((await send(jwkOf('rsa', { modulusLength: 2048, publicExponent: 1 + 2 }, 'publicKey'))).status).toBe(
    201,
  )
  expect((await send(jwkOf('ec', { namedCurve: 'secp256k1' }, 'publicKey'))).body.code).toBe('key_not_usable')
  expect((await send(jwkOf('x25519', {}, 'publicKey'))).body.code).toBe('key_not_usable')
  expect((await send({ kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' })).body.code).toBe('key_not_usable')
  expect((await send({ ...jwkOf('ec', { namedCurve: 'P-256' }, 'publicKey'), alg: 'RS256' })).body.code).toBe(
    'key_not_usable',
  )
  // A private half, and a key that whoever checks could sign with.
  expect((await send(jwkOf('ec', { namedCurve: 'P-256' }, 'privateKey'))).status).toBe(400)
  expect((await send({ kty: 'oct', k: 'c2VjcmV0' })).status).toBe(400)
})

test('every sign-in of a machine is in the audit trail, the refused one too, without a secret', async () => {
  const account = await aServiceAccount(nora, reading)
  const { id, secret } = await aKey(account.id)
  done(await tokenFor({ client_id: account.clientId, client_secret: secret }))
  const refused = await tokenFor({ client_id: account.clientId, client_secret: 'wrong-words' })
  const rows = await sql<{ status: number; user_id: string | null; object_ids: string[]; text: string }>(
    `select status, user_id, object_ids, row_to_json(a)::text as text from audit_events a
     where action = 'service_accounts.sign_in' and (request_id = $1 or user_id = $2)`,
    [refused.body.requestId, account.id],
  )
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set([200, 401]))
  const right = rows.find(({ status }) => status === 200)!
  expect([right.user_id, right.object_ids.includes(id)]).toEqual([account.id, true])
  for (const { text } of rows) for (const word of [secret, 'wrong-words']) expect(text).not.toContain(word)
})

test('only the administrator looks after machines, and no machine may make another', async () => {
  const account = await aServiceAccount(nora, reading)
  for (const member of [nora, hanna, cast.dora, olaf]) {
    const client = await as(member)
    expect([403, 404]).toContain((await client.get(`/v1/service-accounts/${account.id}`)).status)
    expect((await client.get('/v1/service-accounts')).status).toBe(403)
  }
  const admin = await aServiceAccount(ada, ['users.list', 'organizations.list'], {
    organizationId: organizations.mitte,
  })
  const { secret } = await aKey(admin.id)
  const machine = await signedIn(admin.clientId, secret)
  expect((await machine.get('/v1/users')).status).toBe(200)
  expect((await machine.get('/v1/service-accounts')).status).toBe(403)
  const person = await aClient()
  expect((await machine.get(`/v1/clients/${person.id}`)).status).toBe(403)
})
