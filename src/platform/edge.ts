// What does every request pass before it reaches a route, and what does every answer carry, whoever gives it?
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { v7 as newId } from 'uuid'
import { languages } from './language.ts'
import type { Logger } from './log.ts'
import { problem, render } from './problem.ts'

/**
 * For answers that are data: nothing in them is to be run, framed, guessed at or read by another site. There is no CORS
 * header anywhere, so a browser lets no other origin read an answer. What is a page says more exactly what it needs.
 */
const strict = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

export function secure(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(strict)
  // RFC 6797 § 7.2: never over plain HTTP. For this host only: what else the domain serves is not ours to say.
  if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000')
}

/** RFC 9110 § 15.5.6: which methods an address has, for those that it has not. Call before any route is registered. */
export function collectMethods() {
  const patterns = new Map<string, { matches: RegExp; methods: Set<string> }>()
  return {
    add({ url, method }: Pick<RouteOptions, 'url' | 'method'>) {
      const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')
      const known = patterns.get(url) ?? { matches: new RegExp(`^${escaped}$`), methods: new Set() }
      for (const each of [method].flat()) known.methods.add(each)
      patterns.set(url, known)
    },
    of(url: string): string[] {
      const path = url.replace(/\?.*$/s, '').replace(/^https?:\/\/[^/]*/i, '')
      return [...patterns.values()]
        .filter(({ matches }) => matches.test(path))
        .flatMap(({ methods }) => [...methods])
    },
  }
}

const byNode: Record<string, ReturnType<typeof problem>> = {
  HPE_HEADER_OVERFLOW: problem('headers_too_large'),
  ERR_HTTP_REQUEST_TIMEOUT: problem('request_timeout'),
}

/** What node refuses before there is a request: said in all our languages, because nobody could name one. */
export const refuseOnSocket = (log: Logger) => (error: Error & { code?: string }, socket: Socket) => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const told = byNode[error.code ?? ''] ?? problem('malformed_request')
  const { status } = told.kind
  const requestId = newId()
  const document = render(told, 'en', requestId)
  const body = JSON.stringify({
    ...document,
    detail: languages.map((language) => told.kind.text[language]).join(' · '),
  })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries({
      ...strict,
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      connection: 'close',
      date: new Date().toUTCString(),
    }).map(([name, value]) => `${name}: ${value}`),
  ]
  log.info({ requestId, status, code: told.code })
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}
