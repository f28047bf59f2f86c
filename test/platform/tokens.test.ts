// Can anybody make a token but us?
import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { hanna, nora, otto } from '../support/cast.ts'

const { as, signIn, withToken, nobody, keys } = await lotse()

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const { accessToken } = await signIn(nora)
const [header = '', payload = '', signature = ''] = accessToken.split('.')
const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown> & {
  iat: number
  exp: number
}

function signed(
  change: Record<string, unknown>,
  key: KeyObject | string = keys.token.privateKey,
  head: object = { alg: 'EdDSA', typ: 'JWT' },
) {
  const text = `${encoded(head)}.${encoded({ ...claims, ...change })}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}
function withHmac(alg: string, secret: string | Buffer) {
  const text = `${encoded({ alg, typ: 'JWT' })}.${encoded(claims)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}
const rawPublicKey = createPublicKey(keys.token.publicKey)
  .export({ format: 'der', type: 'spki' })
  .subarray(12)
const now = Math.floor(Date.now() / 1000)
const stranger = generateKeyPairSync('ed25519').privateKey
const with_ = (change: object) => encoded({ ...claims, ...change })

const forgeries: [string, string][] = [
  ['no signature, algorithm none', `${encoded({ alg: 'none' })}.${payload}.`],
  ['algorithm none with the old signature', `${encoded({ alg: 'none' })}.${payload}.${signature}`],
  ['algorithm nOnE', `${encoded({ alg: 'nOnE' })}.${payload}.`],
  ['HS256 with the public key as the secret', withHmac('HS256', keys.token.publicKey)],
  ['HS256 with the bytes of the public key', withHmac('HS256', rawPublicKey)],
  ['HS256 with an empty secret', withHmac('HS256', '')],
  ['signed by somebody else', signed({}, stranger)],
  [
    'signed by somebody else who brings a key along',
    signed({}, stranger, { alg: 'EdDSA', jwk: createPublicKey(stranger).export({ format: 'jwk' }) }),
  ],
  ['of another issuer', signed({ iss: 'elsewhere' })],
  ['for another audience', signed({ aud: 'elsewhere' })],
  ['expired a second ago', signed({ iat: now - 601, exp: now - 1 })],
  ['not valid yet', signed({ nbf: now + 3600 })],
  [
    'with another municipality under the old signature',
    `${header}.${with_({ tenant: otto.tenantId })}.${signature}`,
  ],
  [
    'with another member under the old signature',
    `${header}.${with_({ membership: hanna.membershipId })}.${signature}`,
  ],
  ['without a signature', `${header}.${payload}`],
  ['with a signature cut short', `${header}.${payload}.${signature.slice(0, -4)}`],
  ['of an unknown session', signed({ session: nora.userId })],
  ['of the membership of a colleague', signed({ membership: hanna.membershipId })],
  ['of a colleague', signed({ sub: hanna.userId })],
  ['of another municipality', signed({ tenant: otto.tenantId })],
  ['nonsense', 'x'],
  ['nothing', ''],
]

test('the token itself opens the door', async () => {
  expect((await withToken(accessToken).get('/v1/me')).body).toMatchObject({ id: nora.userId })
  expect((await withToken(signed({})).get('/v1/me')).status).toBe(200)
})

test.each(forgeries)('a token is refused: %s', async (_, token) => {
  const answer = await withToken(token).get('/v1/me')
  expect(answer).toMatchObject({ status: 401, body: { code: 'not_signed_in', errors: [] } })
  expect(answer.headers['www-authenticate']).toBe('Bearer')
  expect(answer.text).not.toContain('Nora')
})

test('a token stands in its header and nowhere else', async () => {
  expect((await nobody.get(`/v1/cases?access_token=${accessToken}`)).status).toBe(401)
  expect((await nobody.get('/v1/me', { headers: { cookie: `token=${accessToken}` } })).status).toBe(401)
  expect((await nobody.get('/v1/me', { headers: { authorization: `Basic ${accessToken}` } })).status).toBe(
    401,
  )
  expect((await (await as(nora)).get('/v1/me')).status).toBe(200)
})

test('a token lives ten minutes at most and says nothing but who, where and in which session', () => {
  expect(claims.exp - claims.iat).toBeLessThanOrEqual(600)
  expect(Object.keys(claims).sort()).toEqual([
    'aud',
    'exp',
    'iat',
    'iss',
    'membership',
    'session',
    'sub',
    'tenant',
  ])
  expect(accessToken).not.toContain(Buffer.from('Nora').toString('base64url').slice(0, 4))
})
