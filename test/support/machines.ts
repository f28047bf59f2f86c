// How does a test get at a service account, its keys and its tokens?
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { randomUUID } from 'node:crypto'
import type { Lotse } from './app.ts'
import { ada, type Member } from './cast.ts'
import { done, inDays, today } from './factories.ts'
import type { Answer, Body } from './http.ts'

export interface AccountBody extends Body {
  clientId: string
  membershipId: string
  scopes: string[]
  addresses: string[]
  active: boolean
  isBoundToSecrecy: boolean
  keys: Body[]
}
export interface TokenBody extends Body {
  access_token: string
  token_type: string
  expires_in: number
  scope: string
  error: string
}

const form = 'application/x-www-form-urlencoded'
export const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export function machines({ as, nobody, withToken, address }: Lotse) {
  /** A machine of the place of `like`, in the same role, that answers to an administrator. */
  async function aServiceAccount(like: Member, scopes: string[], given: object = {}, admin: Member = ada) {
    const { role, organizationId } = like
    const fields = { name: 'Import', role, organizationId, scopes, responsibleUserId: admin.userId, ...given }
    return done(await (await as(admin)).post<AccountBody>('/v1/service-accounts', fields)).body
  }

  const bind = async (id: string, admin: Member = ada) =>
    done(
      await (
        await as(admin)
      ).post(`/v1/users/${id}/secrecy-obligations`, { basis: 'declared', boundOn: today() }),
    )

  async function aKey(accountId: string, given: object = {}, admin: Member = ada) {
    const fields = { kind: 'secret', label: 'One', expiresOn: inDays(30), ...given }
    return done(
      await (
        await as(admin)
      ).post<Body & { secret: string }>(`/v1/service-accounts/${accountId}/keys`, fields),
    ).body
  }

  const tokenFor = (
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Answer<TokenBody>> =>
    nobody.send<TokenBody>(
      'POST',
      '/v1/auth/token',
      new URLSearchParams({ grant_type: 'client_credentials', ...fields }).toString(),
      { 'content-type': form, ...headers },
    )

  /** A client that is signed in as this account. */
  async function signedIn(client_id: string, client_secret: string, scope?: string) {
    const { body } = done(await tokenFor({ client_id, client_secret, ...(scope && { scope }) }))
    return withToken(body.access_token)
  }

  async function aKeyPair(accountId: string, alg = 'ES256') {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    const jwk: JWK = await exportJWK(publicKey)
    const key = await aKey(accountId, { kind: 'public_key', jwk })
    return { ...key, privateKey, jwk, alg }
  }

  /** What `private_key_jwt` sends; each part can be given otherwise. */
  const assertion = (clientId: string, key: { privateKey: CryptoKey; alg: string }, claims: object = {}) =>
    new SignJWT({
      iss: clientId,
      sub: clientId,
      aud: `${address}/v1/auth/token`,
      jti: randomUUID(),
      exp: Math.floor(Date.now() / 1000) + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: key.alg })
      .sign(key.privateKey)

  const proving = (client_assertion: string) => ({ client_assertion_type: jwtBearer, client_assertion })

  return { aServiceAccount, bind, aKey, aKeyPair, tokenFor, signedIn, assertion, proving }
}
