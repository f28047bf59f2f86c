// How is a long list read at once? As one stream, page by page, in constant memory.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { preferred } from './accept.ts'
import { csv } from './csv.ts'
import { passedOn, sameCaller } from './http.ts'
import type { Logger } from './log.ts'
import { ndjson } from './ndjson.ts'
import type { App } from './zod.ts'

/** A form in which a list can leave as a whole. */
export interface Form {
  mediaType: string
  description: string
  /** Of a file that a person saves. */
  ending?: string
  /** For a list of such items: what stands before the first page, and each page. */
  of: (item: unknown) => { head: string; page: (items: unknown[]) => string }
}

/** What a list can be beside pages of JSON. */
export const forms: readonly Form[] = [ndjson, csv]
const offered = ['application/json', ...forms.map(({ mediaType }) => mediaType)] as const

const Page = z.object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() })
const pageSize = 200

/** Whether an answer is a page of a list, so that the list can be streamed too. */
export const isList = (answer: unknown): answer is z.ZodObject<{ items: z.ZodArray }> =>
  answer instanceof z.ZodObject && 'nextCursor' in answer.shape

/**
 * Answers for the forms of a list. Each page is a request of its own, as this caller: authorised, audited before it
 * leaves, and empty of what was withdrawn a moment ago.
 */
export function streamLists(app: App, log: Logger) {
  app.addHook('preHandler', async (request, reply) => {
    const { response } = (request.routeOptions.schema ?? {}) as { response?: Record<string, unknown> }
    const answer = response?.['200']
    if (request.method !== 'GET' || !isList(answer)) return
    reply.header('vary', 'Accept')
    const wanted = preferred(request.headers.accept, offered as readonly [string, ...string[]])
    const form = forms.find(({ mediaType }) => mediaType === wanted)
    if (form) return stream(app, log, request, reply, form, answer.shape.items.element)
  })
}

async function stream(
  app: App,
  log: Logger,
  request: FastifyRequest,
  reply: FastifyReply,
  form: Form,
  item: unknown,
) {
  const pageAt = (cursor: string | null) => {
    const url = new URL(request.url, 'http://lotse')
    url.searchParams.set('limit', String(pageSize))
    if (cursor) url.searchParams.set('cursor', cursor)
    return app.inject({
      method: 'GET',
      url: url.pathname + url.search,
      remoteAddress: request.ip,
      headers: sameCaller(request),
    })
  }
  const first = await pageAt(null)
  // Its pages are on the audit trail; the stream itself read nothing.
  if (request.actor) request.actor.trail.durable = true
  if (first.statusCode !== 200) return passedOn(first, reply)

  const { head, page } = form.of(item)
  async function* text() {
    if (head) yield head
    let answer = first
    for (;;) {
      // The stream breaks off and the connection with it: half a list never looks like a whole one.
      if (answer.statusCode !== 200) {
        log.warn({ requestId: request.id, status: answer.statusCode }, 'a list broke off before its end')
        throw new Error('the list could not be read to its end')
      }
      const { items, nextCursor } = Page.parse(answer.json())
      yield page(items)
      if (nextCursor === null) return
      answer = await pageAt(nextCursor)
    }
  }
  if (form.ending)
    reply.header('content-disposition', `attachment; filename="${nameOf(request)}.${form.ending}"`)
  return reply
    .type(form.ending ? `${form.mediaType}; charset=utf-8` : form.mediaType)
    .send(Readable.from(text(), { objectMode: false, highWaterMark: 64 * 1024 }))
}

/** What the list is of; never whose it is. */
const nameOf = ({ routeOptions }: FastifyRequest) => routeOptions.config.action!.replace(/\..*$/, '')
