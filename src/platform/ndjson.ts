// How is a long list read at once? As one stream of lines, page by page, in constant memory.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { sameCaller } from './http.ts'
import type { App } from './zod.ts'

export const mediaType = 'application/x-ndjson'

const Page = z.object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() })
const pageSize = 200

/** Whether an answer is a page of a list, so that the list can be streamed too. */
export const isList = (answer: unknown): boolean =>
  answer instanceof z.ZodObject && 'nextCursor' in answer.shape

/**
 * Answers `Accept: application/x-ndjson` on every list. Each page is a request of its own, as this caller: authorised,
 * audited before it leaves, and empty of what was withdrawn a moment ago.
 */
export function streamLists(app: App) {
  app.addHook('preHandler', async (request, reply) => {
    const { response } = (request.routeOptions.schema ?? {}) as { response?: Record<string, unknown> }
    if (request.method === 'GET' && request.headers.accept === mediaType && isList(response?.['200']))
      return stream(app, request, reply)
  })
}

async function stream(app: App, request: FastifyRequest, reply: FastifyReply) {
  const pageAt = (cursor: string | null) => {
    const url = new URL(request.url, 'http://lotse')
    url.searchParams.set('limit', String(pageSize))
    if (cursor) url.searchParams.set('cursor', cursor)
    return app.inject({ method: 'GET', url: url.pathname + url.search, headers: sameCaller(request) })
  }
  const first = await pageAt(null)
  // Its pages are on the audit trail; the stream itself read nothing.
  if (request.actor) request.actor.trail.durable = true
  if (first.statusCode !== 200)
    return reply
      .code(first.statusCode)
      .type(String(first.headers['content-type']))
      .serializer((body: string) => body)
      .send(first.body)

  async function* lines() {
    let answer = first
    for (;;) {
      if (answer.statusCode !== 200) throw new Error('the list could not be read to its end')
      const { items, nextCursor } = Page.parse(answer.json())
      yield items.map((item) => `${JSON.stringify(item)}\n`).join('')
      if (nextCursor === null) return
      answer = await pageAt(nextCursor)
    }
  }
  return reply.type(mediaType).send(Readable.from(lines(), { objectMode: false, highWaterMark: 64 * 1024 }))
}
