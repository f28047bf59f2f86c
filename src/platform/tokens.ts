// Is this access token ours? A signature costs more than a query, so one that was right is remembered for a moment.
import type { App } from './zod.ts'
import type { Claims } from './http.ts'

const remembered = 10_000
const longest = 60_000

/**
 * Verifies access tokens; answers undefined for anything else. What is remembered is only that the signature was right,
 * for a minute at most and never past its expiry: that the session still lives is asked in every transaction.
 */
export function createTokens(app: App) {
  const known = new Map<string, { claims: Claims; until: number }>()
  return (authorization: string | undefined): Claims | undefined => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1]
    if (!token) return undefined
    const now = Date.now()
    const right = known.get(token)
    if (right && right.until > now) return right.claims
    try {
      const claims = app.jwt.verify<Claims & { exp: number }>(token)
      if (known.size >= remembered) known.delete(known.keys().next().value!)
      known.set(token, { claims, until: Math.min(now + longest, claims.exp * 1000) })
      return claims
    } catch {
      known.delete(token)
      return undefined
    }
  }
}
