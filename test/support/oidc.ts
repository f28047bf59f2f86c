// What does a municipality's own identity provider look like to Lotse? A real one, on this machine.
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type ClientMetadata, type JWKS } from 'oidc-provider'
import { afterAll } from 'vitest'

export interface SigningKey {
  kid: string
  alg: string
  privateKey: CryptoKey
  publicKey: CryptoKey
  jwk: JWK
}

export async function aSigningKey(alg = 'RS256', kid: string = randomUUID()): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' } }
}

export interface Claims {
  [claim: string]: unknown
}

/**
 * `oidc-provider` over HTTP on loopback; ends with the file. What people get through a browser is made from its own
 * models, or signed with the very keys that it publishes.
 */
export async function anIdentityProvider(audience: string, clients: ClientMetadata[] = []) {
  const calls: string[] = []
  /** Instead of the provider, for what no honest one does. */
  let instead: RequestListener | undefined
  let listener: RequestListener
  const server = createServer((request, response) => {
    calls.push(request.url ?? '')
    ;(instead ?? listener)(request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  let keys: SigningKey[] = []
  let provider: Provider
  let claimsOf: (subject: string) => Claims = () => ({})

  function publish(...given: SigningKey[]) {
    keys = given
    const [{ alg } = { alg: 'RS256' }] = keys
    provider = new Provider(issuer, {
      clients: [
        { client_id: 'portal', client_secret: 'portal-secret', redirect_uris: ['https://portal.example/cb'] },
        ...clients,
      ],
      clientDefaults: { id_token_signed_response_alg: alg as 'RS256' },
      jwks: { keys: keys.map(({ jwk }) => jwk) } as JWKS,
      cookies: { keys: ['invented'] },
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA', 'PS256'] },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => audience,
          useGrantedResource: () => true,
          getResourceServerInfo: () => resource,
        },
      },
      extraTokenClaims: (_, token) =>
        claimsOf('accountId' in token ? String(token.accountId) : String(token.clientId)),
      findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    })
    listener = provider.callback() as RequestListener
    const resource = {
      audience,
      scope: 'cases.read cases.list clients.create clients.list me.read unknown.thing',
      accessTokenFormat: 'jwt' as const,
      accessTokenTTL: 300,
      jwt: { sign: { alg: alg as 'RS256' } },
    }
    return resource
  }
  publish(await aSigningKey())

  afterAll(() => new Promise<void>((closed) => server.close(() => closed())))

  const now = () => Math.floor(Date.now() / 1000)
  /** An access token as Keycloak and Entra ID make them: any claim and header can be given otherwise. */
  function sign(
    claims: Claims = {},
    { key = keys[0]!, header = {} }: { key?: SigningKey; header?: object } = {},
  ) {
    const payload = {
      iss: issuer,
      aud: audience,
      sub: 'somebody',
      azp: 'portal',
      jti: randomUUID(),
      iat: now(),
      exp: now() + 300,
      ...claims,
    }
    return new SignJWT(payload)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
      .sign(key.privateKey)
  }

  return {
    issuer,
    audience,
    publish,
    sign,
    now,
    keys: () => keys,
    /** What was asked of it since the last look. */
    asked: () => calls.splice(0),
    instead: (given?: RequestListener) => {
      instead = given
    },
    says: (given: typeof claimsOf) => {
      claimsOf = given
    },
    /** What somebody gets who has signed in through `portal`: made by the provider itself (RFC 9068). */
    async tokenOf(subject: string, scope = 'openid'): Promise<string> {
      const client = await provider.Client.find('portal')
      const grant = new provider.Grant({ accountId: subject, clientId: 'portal' })
      const resource = publishResource(audience, keys[0]!.alg)
      const token = new provider.AccessToken({
        accountId: subject,
        client: client!,
        grantId: await grant.save(),
        scope,
        gty: 'authorization_code',
        resourceServer: new provider.ResourceServer(audience, resource),
        extra: claimsOf(subject),
      } as unknown as ConstructorParameters<typeof provider.AccessToken>[0])
      return token.save()
    },
    /** What a machine gets there. */
    async clientCredentials(fields: Record<string, string>): Promise<string> {
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience, ...fields }),
      })
      const { access_token: token } = (await answer.json()) as { access_token?: string }
      if (!token) throw new Error(`the identity provider answered ${answer.status}`)
      return token
    },
  }
}

const publishResource = (audience: string, alg: string) => ({
  audience,
  scope: 'openid cases.read cases.list',
  accessTokenFormat: 'jwt' as const,
  accessTokenTTL: 300,
  jwt: { sign: { alg: alg as 'RS256' } },
})
