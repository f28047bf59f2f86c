// How does a file come in, and what are its lines?
import type { FastifyRequest } from 'fastify'
import { problem } from '../../platform/problem.ts'
import { refuse } from './rules.ts'

export const largest = 10 * 1024 * 1024
export const mostLines = 10_000
export const longestLine = 64 * 1024

const newline = 0x0a
const byteOrderMark = Buffer.from('\uFEFF')

/**
 * The whole file, before any of its lines is looked at: whether it is too large is then known while nothing is done, and a
 * line that breaks off halfway is never taken for a line. It stays in memory: it holds names, and a disk would keep them.
 */
export async function received({ raw }: Pick<FastifyRequest, 'raw'>): Promise<Buffer> {
  if (Number(raw.headers['content-length'] ?? 0) > largest) throw refuse('import_too_large')
  const file = await new Promise<Buffer>((resolve, reject) => {
    // Whoever has gone already says so no second time.
    if (raw.destroyed) return reject(incomplete())
    let chunks: Buffer[] = []
    let size = 0
    raw
      .on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= largest) return chunks.push(chunk)
        // What still comes is thrown away while it arrives: the next request waits behind it.
        chunks = []
        return reject(refuse('import_too_large'))
      })
      .once('end', () => resolve(Buffer.concat(chunks, Math.min(size, largest))))
      .once('error', () => reject(incomplete()))
      .once('close', () => reject(incomplete()))
  })
  let lines = 0
  for (const _ of linesOf(file)) if (++lines > mostLines) throw refuse('import_too_large')
  return file
}

const incomplete = () => problem('invalid_request', [{ pointer: '', code: 'incomplete' }])

export interface Line {
  /** From 1, as an editor counts. */
  number: number
  bytes: Buffer
}

const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x09 || byte === 0x0d

/** Every line that is not blank; a byte order mark in front and an end without a newline are no fault. */
export function* linesOf(file: Buffer): Generator<Line> {
  let from = file.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
  for (let number = 1; from < file.length; number++) {
    let at = from
    while (isSpace(file[at])) at += 1
    // Ten million of these are no file, but they are in the way of everybody else's requests.
    const isBlank = at >= file.length || file[at] === newline
    const next = isBlank ? at : file.indexOf(newline, at)
    const end = next === -1 ? file.length : next
    if (!isBlank) yield { number, bytes: file.subarray(from, end) }
    from = end + 1
  }
}
