// How does one file come in, and no more of it than is allowed?
import type { FastifyRequest } from 'fastify'
import { createHash } from 'node:crypto'
import { problem } from '../../platform/problem.ts'
import { refuse } from './rules.ts'

export const largest = 5 * 1024 * 1024
/** The other field and the lines between the parts. */
const around = 16 * 1024

export const limits = {
  fileSize: largest,
  files: 1,
  fields: 4,
  parts: 5,
  fieldSize: 100,
  fieldNameSize: 100,
  headerPairs: 20,
}

export class Upload {
  readonly name: string
  readonly content: Buffer
  constructor(name: string, content: Buffer) {
    this.name = name
    this.content = content
  }
  /** Whether a repeated request is the same is decided by what was sent, not by five megabytes of it as text. */
  toJSON() {
    return { name: this.name, sha256: createHash('sha256').update(this.content).digest('base64url') }
  }
}

/**
 * The fields of a multipart body. A file is read up to the limit and not one byte further into memory; what comes after
 * is thrown away while it arrives.
 */
export async function received(request: FastifyRequest): Promise<Record<string, unknown>> {
  if (!request.isMultipart()) throw refuse('attachment_needs_multipart')
  if (Number(request.headers['content-length'] ?? 0) > largest + around) throw problem('body_too_large')
  const body: Record<string, unknown> = {}
  try {
    for await (const part of request.parts({ limits }))
      body[part.fieldname] =
        part.type === 'file' ? new Upload(part.filename ?? '', await part.toBuffer()) : part.value
  } catch (error) {
    if ((error as { code?: string }).code === 'FST_REQ_FILE_TOO_LARGE') throw problem('body_too_large')
    throw problem('invalid_request', [{ pointer: '', code: 'invalid_multipart' }])
  }
  return body
}
