// What is this file really, whatever it is called? Its first bytes, its last ones, and what a PDF would do when opened.
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import type { Code } from '../vocabularies/index.ts'

export type FileType = Code<'attachment_type'>

/** Nothing, when it is none of ours or two things at once. */
export function typeOf(content: Buffer): FileType | undefined {
  if (endsAsZip(content)) return undefined
  if (isPdf(content)) return 'pdf'
  if (isPng(content)) return 'png'
  if (isJpeg(content)) return 'jpeg'
  return undefined
}

/**
 * Readers of ZIP look from the end backwards for a list of contents, and forgive whatever stands around it: a picture or
 * a PDF may be an archive as well.
 */
function endsAsZip(content: Buffer) {
  const from = Math.max(0, content.length - (22 + 0xffff))
  for (let at = content.length - 22; at >= from; at -= 1) {
    at = content.lastIndexOf('PK\u0005\u0006', at, 'latin1')
    if (at < from) return false
    const list = at - content.readUInt32LE(at + 12)
    if (list >= 0 && list < at && content.readUInt32LE(list) === 0x02014b50) return true
  }
  return false
}

function isPdf(content: Buffer) {
  if (!/^%PDF-[12]\.\d/.test(content.toString('latin1', 0, 8))) return false
  // Zero bytes are how some scanners fill up the last block.
  return /%%EOF[\s\0]*$/.test(content.toString('latin1', Math.max(0, content.length - 1024)))
}

const signature = Buffer.from('89504e470d0a1a0a', 'hex')

/** Chunk by chunk from the header to the end, and the file ends there. */
function isPng(content: Buffer) {
  if (!content.subarray(0, 8).equals(signature)) return false
  let first = true
  for (let at = 8; at + 12 <= content.length;) {
    const length = content.readUInt32BE(at)
    const type = content.toString('latin1', at + 4, at + 8)
    if (first && (type !== 'IHDR' || length !== 13)) return false
    first = false
    at += 12 + length
    if (type === 'IEND') return length === 0 && at === content.length
  }
  return false
}

/** Segment by segment to the picture itself, which ends. Cameras write more behind that end. */
function isJpeg(content: Buffer) {
  if (content.length < 4 || content.readUInt16BE(0) !== 0xffd8) return false
  let framed = false
  for (let at = 2; at + 4 <= content.length;) {
    const marker = content[at + 1]!
    if (content[at] !== 0xff || marker < 0xc0 || marker === 0xd8 || marker === 0xd9) return false
    const length = content.readUInt16BE(at + 2)
    if (length < 2) return false
    at += 2 + length
    // SOF0 to SOF15 without DHT, JPG and DAC.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) framed = true
    if (marker === 0xda) return framed && content.indexOf(Buffer.from([0xff, 0xd9]), at) > 0
  }
  return false
}

export type Danger = 'active' | 'protected'

const active = /\/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)(?![A-Za-z0-9])/
const inflated = promisify(inflate)
const mostObjectStreams = 2000
const longestDictionary = 2000
const mostInflated = 4 * 1024 * 1024
const mostInflatedAltogether = 32 * 1024 * 1024

const hex = (digit: number | undefined) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode((digit ?? 0) | 0x20))
  return digit !== undefined && digit >= 0x30 && value >= 0 ? value : -1
}

/** ISO 32000-1 § 7.3.5: a letter of a name may be written as #4A. */
function plain(bytes: Buffer): string {
  const text = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const [high, low] = bytes[at] === 0x23 ? [hex(bytes[at + 1]), hex(bytes[at + 2])] : [-1, -1]
    const written = high >= 0 && low >= 0
    text[length] = written ? high * 16 + low : bytes[at]!
    length += 1
    if (written) at += 2
  }
  return text.toString('latin1', 0, length)
}

/**
 * What speaks against a PDF: scripts, programs to start, files inside; or that nobody can look into it. Objects may stand
 * in compressed object streams, so these are opened. This keeps out what is careless or simple; it is no virus scanner.
 */
export async function dangerIn(pdf: Buffer): Promise<Danger | undefined> {
  const text = plain(pdf)
  if (active.test(text)) return 'active'
  if (/\/Encrypt(?![A-Za-z0-9])/.test(text)) return 'protected'
  let altogether = 0
  for (const { data, filters } of objectStreams(pdf)) {
    if (filters.length > 1 || (filters[0] ?? 'FlateDecode') !== 'FlateDecode') return 'protected'
    const objects = filters.length === 0 ? data : await opened(data)
    altogether += objects?.length ?? 0
    if (!objects || altogether > mostInflatedAltogether) return 'protected'
    if (active.test(plain(objects))) return 'active'
  }
  return undefined
}

const opened = (data: Buffer) =>
  inflated(data, { maxOutputLength: mostInflated }).catch(() => undefined) as Promise<Buffer | undefined>

const unreadable = { data: Buffer.alloc(0), filters: ['Unknown'] }

/** The dictionary between `obj` and the next `stream`; every byte is looked at once, however the file is made. */
function objectStreams(pdf: Buffer): { data: Buffer; filters: string[] }[] {
  const text = pdf.toString('latin1')
  const words = /\bobj\b|\bstream(?:\r\n|\n|\r)/g
  const found: { data: Buffer; filters: string[] }[] = []
  let begun: number | undefined
  let end = 0
  for (let word = words.exec(text); word; word = words.exec(text)) {
    if (word[0] === 'obj') {
      begun = words.lastIndex
      continue
    }
    const dictionary = begun === undefined ? '' : plain(pdf.subarray(begun, word.index))
    begun = undefined
    if (!/\/ObjStm(?![A-Za-z0-9])/.test(dictionary)) continue
    if (end < words.lastIndex) end = text.indexOf('endstream', words.lastIndex)
    // Whoever writes these has made the file in order to be slow, or to hide something.
    if (end < 0 || dictionary.length > longestDictionary || found.length === mostObjectStreams)
      return [unreadable]
    const [, several, one] = /\/Filter\s*(?:\[([^\]]*)\]|\/(\w+))/.exec(dictionary) ?? []
    const filters = one ? [one] : [...(several ?? '').matchAll(/\/(\w+)/g)].map(([, name]) => name!)
    found.push({ data: pdf.subarray(words.lastIndex, end), filters })
  }
  return found
}
