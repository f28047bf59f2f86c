// Which keys does an identity provider sign with, and did it sign this?
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
  type RemoteJWKSet,
} from 'jose'
import type { Outbound } from '../../platform/outbound.ts'
import { keptForDays } from '../login/index.ts'
import type { Payload } from './rules.ts'

/** Asymmetric only: with a secret (HS256), whoever can check a token can make one. */
export const algorithms = ['RS256', 'ES256', 'EdDSA']
const tolerance = 5

/** The provider does not answer, or not with what it should: nobody can say whether the token is right. */
export class Unreachable extends Error {}

const minute = 60_000
/** After a failure it is left alone for a while: whoever comes meanwhile does not wait for it. */
const pause = 10_000

interface Known {
  remote: RemoteJWKSet
  until: number
}

export type Issuers = ReturnType<typeof createIssuers>

/** Per process and issuer: the keys for ten minutes, where they lie for an hour; an unknown `kid` asks twice a minute at most. */
export function createIssuers(outbound: Outbound) {
  const known = new Map<string, Known>()
  const asking = new Map<string, Promise<Known>>()
  const failedUntil = new Map<string, number>()

  const isPaused = (issuer: string) => (failedUntil.get(issuer) ?? 0) > Date.now()

  /** OpenID Connect Discovery 1.0 § 4: what it says about itself has to be said under its own name. */
  async function discover(issuer: string): Promise<Known> {
    const before = known.get(issuer)
    if (before && before.until > Date.now()) return before
    if (isPaused(issuer)) {
      if (before) return before
      throw new Unreachable()
    }
    try {
      const response = await outbound(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
        headers: { accept: 'application/json' },
      })
      const about = (response.status === 200 ? await response.json() : {}) as Record<string, unknown>
      if (about['issuer'] !== issuer || typeof about['jwks_uri'] !== 'string') throw new Unreachable()
      const remote = createRemoteJWKSet(new URL(about['jwks_uri']), {
        cooldownDuration: minute / 2,
        cacheMaxAge: 10 * minute,
        [customFetch]: (url, { headers, signal }) =>
          outbound(url, { headers: Object.fromEntries(headers), signal }),
      })
      const found = { remote, until: Date.now() + 60 * minute }
      known.set(issuer, found)
      return found
    } catch {
      failedUntil.set(issuer, Date.now() + pause)
      if (before) return before
      throw new Unreachable()
    }
  }

  function about(issuer: string) {
    const one = asking.get(issuer) ?? discover(issuer).finally(() => asking.delete(issuer))
    asking.set(issuer, one)
    return one
  }

  const keyOf =
    (issuer: string, remote: RemoteJWKSet): JWTVerifyGetKey =>
    async (header, token) => {
      const isHere = remote.fresh && remote.jwks()?.keys.some(({ kid }) => kid === header?.kid)
      if (!isHere && isPaused(issuer)) throw new Unreachable()
      try {
        return await remote(header, token)
      } catch (error) {
        if (
          error instanceof errors.JWKSNoMatchingKey ||
          error instanceof errors.JWKSMultipleMatchingKeys ||
          error instanceof errors.JOSENotSupported
        )
          throw error
        // Perhaps they lie elsewhere by now: next time it is asked where.
        if (!remote.fresh) known.delete(issuer)
        failedUntil.set(issuer, Date.now() + pause)
        throw new Unreachable()
      }
    }

  return {
    /** What the token says, when it is right; undefined when not. @throws Unreachable */
    async verified(token: string, issuer: string, audience: string): Promise<Payload | undefined> {
      const { remote } = await about(issuer)
      try {
        const { payload } = await jwtVerify(token, keyOf(issuer, remote), {
          algorithms,
          issuer,
          audience,
          clockTolerance: tolerance,
          requiredClaims: ['exp', 'iat'],
          maxTokenAge: `${keptForDays} days`,
        })
        return payload.iat! > Date.now() / 1000 + tolerance ? undefined : (payload as Payload)
      } catch (error) {
        if (error instanceof Unreachable) throw error
        return undefined
      }
    },
  }
}
