// How are link, code and opened page made and recognised? Keyed hashes: nothing with which one could be made is stored.
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import type { Keys } from '../../platform/keys.ts'

export interface LinkId {
  tenantId: string
  linkId: string
}

const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex')
const uuidOf = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

export function answerTokens(keys: Keys) {
  const sealing = (purpose: string) => {
    const key = keys.derive(purpose)
    return (...parts: (Buffer | string)[]) => {
      const hmac = createHmac('sha256', key)
      for (const part of parts) hmac.update(part)
      return hmac.digest()
    }
  }
  const [link, code, pass] = [sealing('answer link'), sealing('answer code'), sealing('answer pass')]
  const ids = ({ tenantId, linkId }: LinkId) => Buffer.concat([bytesOf(tenantId), bytesOf(linkId)])

  return {
    /** 48 bytes, so that there is one way only to write them in base64url. */
    make: (of: LinkId) => Buffer.concat([ids(of), link(ids(of)).subarray(0, 16)]).toString('base64url'),
    read(token: string): LinkId | undefined {
      if (!/^[\w-]{64}$/.test(token)) return undefined
      const bytes = Buffer.from(token, 'base64url')
      const named = bytes.subarray(0, 32)
      if (!timingSafeEqual(link(named).subarray(0, 16), bytes.subarray(32))) return undefined
      return { tenantId: uuidOf(named.subarray(0, 16)), linkId: uuidOf(named.subarray(16)) }
    },

    /** Six digits: easily told in any language, and five tries at a million leave a chance of one in two hundred thousand. */
    newCode: () => String(randomInt(1_000_000)).padStart(6, '0'),
    hashOf: (of: LinkId, given: string) => code(ids(of), given),

    /** What the browser keeps after the right code: for this link only, and until then only. */
    passFor: (of: LinkId, until: number) => `${until}.${pass(ids(of), String(until)).toString('base64url')}`,
    passes(of: LinkId, given: string | undefined, now: number): boolean {
      const [, until, hash] = /^(\d{1,15})\.([\w-]{43})$/.exec(given ?? '') ?? []
      if (!until || !hash || Number(until) <= now) return false
      return timingSafeEqual(pass(ids(of), until), Buffer.from(hash, 'base64url'))
    },
  }
}

export type AnswerTokens = ReturnType<typeof answerTokens>
