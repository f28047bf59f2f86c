// What may a request carry? Text that is text, not nested without end, and arriving at a speed that a person's line has.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isUtf8 } from 'node:buffer'
import { problem } from './problem.ts'

/** Of a body of JSON; what may be larger says so on its route, and is then measured by its speed. */
export const bodyLimit = 256 * 1024
const maxDepth = 20

const refuse = (code: string, pointer = '') => problem('invalid_request', [{ pointer, code }])

/** In one pass and before anything is built: what is nested 100,000 deep would be made, only to be refused. */
function isDeep(json: string): boolean {
  let level = 0
  let inString = false
  for (let at = 0; at < json.length; at++) {
    const sign = json.charCodeAt(at)
    if (inString) {
      if (sign === 0x5c) at++
      else if (sign === 0x22) inString = false
    } else if (sign === 0x22) inString = true
    else if (sign === 0x5b || sign === 0x7b) {
      if (++level > maxDepth) return true
    } else if (sign === 0x5d || sign === 0x7d) level--
  }
  return false
}

/** RFC 8259 in UTF-8. Keys that would reach a prototype are refused; of a key given twice, the last one counts. */
export function parseJson(app: FastifyInstance) {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request: FastifyRequest, body: Buffer, done: (error: Error | null, json?: unknown) => void) => {
    if (!isUtf8(body)) return done(refuse('invalid_utf8'))
    const text = body.toString()
    if (isDeep(text)) return done(refuse('too_deep'))
    return parse(request, text as never, done)
  }
}

// NUL cannot be stored, and half a surrogate pair is no text.
const isText = (text: string) => !text.includes('\u0000') && text.isWellFormed()

interface Fault {
  pointer: string
  code: string
}

const step = (key: string) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`

function faultIn(value: unknown, level: number): Fault | undefined {
  if (typeof value === 'string') return isText(value) ? undefined : { pointer: '', code: 'not_text' }
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return undefined
  if (level >= maxDepth) return { pointer: '', code: 'too_deep' }
  for (const [key, inner] of Object.entries(value)) {
    // Such a key cannot be repeated either: the place of what holds it must do.
    if (!isText(key)) return { pointer: '', code: 'not_text' }
    const fault = faultIn(inner, level + 1)
    if (fault) return { pointer: step(key) + fault.pointer, code: fault.code }
  }
  return undefined
}

/** Whatever the schemas say: keys as well as values. */
export function refuseWhatIsNoText({ body, query, params }: FastifyRequest): void {
  for (const [part, prefix] of [
    [body, ''],
    [query, '/query'],
    [params, '/path'],
  ] as const) {
    const fault = faultIn(part, 0)
    if (fault) throw refuse(fault.code, prefix + fault.pointer)
  }
}

/** One megabit a second has twelve times as much. */
const slowest = { bytes: 10 * 10_240, within: 10_000 }

/**
 * A body of JSON is there within ten seconds. What may be larger takes as long as it comes at ten kilobytes a second:
 * five megabytes over a poor line are no attack. Also for what nobody will read: a request that was refused already.
 */
export function watchSpeed({ raw, routeOptions }: FastifyRequest, tooSlow: () => void): void {
  const { headers, socket } = raw
  if (headers['transfer-encoding'] === undefined && !Number(headers['content-length'])) return
  // What comes as a form is read piece by piece, and has its bounds there.
  const isLarge =
    routeOptions.bodyLimit > bodyLimit ||
    [routeOptions.schema?.consumes].flat().includes('multipart/form-data')
  let before = socket.bytesRead
  const look = setInterval(() => {
    const arrived = socket.bytesRead - before
    before = socket.bytesRead
    if (raw.complete || socket.destroyed) clearInterval(look)
    else if (!isLarge || arrived < slowest.bytes) {
      clearInterval(look)
      tooSlow()
    }
  }, slowest.within)
  look.unref()
  raw.once('end', () => clearInterval(look)).once('close', () => clearInterval(look))
}
