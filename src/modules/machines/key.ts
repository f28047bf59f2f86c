// How is a secret made and recognised, and which public keys do we take?
import { createHash, createHmac, createPublicKey, randomBytes, timingSafeEqual } from 'node:crypto'
import { decodeJwt, importJWK, jwtVerify } from 'jose'
import type { Keys } from '../../platform/keys.ts'
import type { PublicJwk } from './table.ts'

/**
 * A client secret is 256 random bits, so a fast hash is the right one: a slow one (argon2) makes guessing dear where few
 * guesses would do, and here 2²⁵⁵ are needed. It is keyed as well: the database alone does not even show which of two
 * secrets is the right one.
 */
export function clientSecrets(keys: Keys) {
  const key = keys.derive('client secret')
  const hashOf = (secret: string) => createHmac('sha256', key).update(secret).digest()
  return {
    make() {
      const secret = `lotse_${randomBytes(32).toString('base64url')}`
      return { secret, secretHash: hashOf(secret) }
    },
    fits: (secret: string, hash: Buffer | null) => hash !== null && timingSafeEqual(hashOf(secret), hash),
  }
}

const algorithmOf = ({ kty }: PublicJwk) => (kty === 'RSA' ? 'RS256' : kty === 'EC' ? 'ES256' : 'EdDSA')

type Given = { [K in keyof PublicJwk]: PublicJwk[K] | undefined } & { kty: string; alg?: string | undefined }

/** Only what is public of it and what we need; undefined when it is no key with which we would verify. */
export function publicJwk(given: Given): PublicJwk | undefined {
  const { kty, crv, n, e, x, y, kid } = given
  const parts: PublicJwk | undefined =
    kty === 'RSA' && n && e
      ? { kty, n, e }
      : kty === 'EC' && crv === 'P-256' && x && y
        ? { kty, crv, x, y }
        : kty === 'OKP' && crv === 'Ed25519' && x
          ? { kty, crv, x }
          : undefined
  if (!parts || (given.alg && given.alg !== algorithmOf(parts))) return undefined
  try {
    const { asymmetricKeyDetails: details } = createPublicKey({ key: { ...parts }, format: 'jwk' })
    if (kty === 'RSA') {
      const { modulusLength = 0, publicExponent = 0n } = details ?? {}
      // An even exponent or 1 would make every signature right; a huge one makes verifying slow.
      if (modulusLength < 2048 || modulusLength > 8192) return undefined
      if (publicExponent < 3n || publicExponent % 2n === 0n || publicExponent > 2n ** 32n) return undefined
    }
  } catch {
    return undefined
  }
  return kid ? { ...parts, kid } : parts
}

/** What an unverified assertion says about whose it is: only to find the keys. */
export function subjectOf(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}

const longest = 5 * 60
const tolerance = 5

/** RFC 7523 § 3. Answers what has to be remembered so that it opens nothing twice; undefined when it opens nothing. */
export async function usableAssertion(
  assertion: string,
  clientId: string,
  audience: string[],
  jwk: PublicJwk,
): Promise<{ jti: Buffer; expiresAt: string } | undefined> {
  try {
    const { payload } = await jwtVerify(assertion, await importJWK({ ...jwk }, algorithmOf(jwk)), {
      algorithms: [algorithmOf(jwk)],
      issuer: clientId,
      subject: clientId,
      audience,
      clockTolerance: tolerance,
      requiredClaims: ['exp', 'jti'],
    })
    const { exp = 0, iat = 0, jti } = payload
    const now = Date.now() / 1000
    if (exp > now + longest + tolerance || iat > now + tolerance || !jti || jti.length > 255) return undefined
    // As long as it might still be taken.
    return {
      jti: createHash('sha256').update(jti).digest(),
      expiresAt: new Date((exp + 2 * tolerance) * 1000).toISOString(),
    }
  } catch {
    return undefined
  }
}
