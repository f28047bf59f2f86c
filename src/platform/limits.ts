// How much may one caller ask in a minute? Whoever is signed in counts as themselves, everybody else as their address.
import rateLimit from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createHmac, randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import { problem } from './problem.ts'
import type { App } from './zod.ts'

/** For people far more than they need; a program that wants more asks for pages, or for the operator's leave. */
export const requestsPerMinute = 600
const seconds = 60

/** Whoever is remembered longest is forgotten first: an attacker with many addresses takes memory from nobody. */
const remembered = 10_000

export type Limits = (
  request: FastifyRequest,
  reply: FastifyReply,
  principal: string | undefined,
) => Promise<void>

/**
 * In this process and in memory: with two processes it is up to twice as much. Guessing (passwords, links) is counted
 * elsewhere, in the database.
 */
export async function createLimits(app: App, max: number): Promise<Limits> {
  await app.register(rateLimit, { global: false })
  const window = { max, timeWindow: seconds * 1_000, cache: remembered }
  const key = randomBytes(32)
  // Apart, so that a flood of addresses drives out no principal.
  const principals = new WeakMap<FastifyRequest, string>()
  const byPrincipal = app.createRateLimit({
    ...window,
    keyGenerator: (request) => principals.get(request)!,
  })
  const byAddress = app.createRateLimit({
    ...window,
    // Who has a /64 of IPv6 has more addresses than there is memory. What is remembered beyond its minute is no address.
    keyGenerator: (request) =>
      createHmac('sha256', key).update(rateLimit.normalizeIP(request.ip, 64)).digest('base64url'),
  })
  // RateLimit-Policy and RateLimit: draft-ietf-httpapi-ratelimit-headers-10.
  const policy = `"requests";q=${max};w=${seconds}`

  return async (request, reply, principal) => {
    // What goes on inside (a page of a stream, a replay) came in once already: it has no socket.
    if (!(request.raw.socket instanceof Socket)) return
    if (principal !== undefined) principals.set(request, principal)
    const count = await (principal === undefined ? byAddress : byPrincipal)(request)
    if (count.isAllowed) return
    reply.header('ratelimit-policy', policy)
    // What is left is said when it matters. Before, it would only make equal answers differ.
    if (count.remaining < max / 5)
      reply.header('ratelimit', `"requests";r=${count.remaining};t=${count.ttlInSeconds}`)
    if (!count.isExceeded) return
    reply.header('retry-after', String(count.ttlInSeconds))
    throw problem('too_many_requests')
  }
}
