// How is a refresh token made and recognised? A keyed hash over session and generation: nothing of it is stored.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Keys } from '../../platform/keys.ts'

export interface RefreshToken {
  tenantId: string
  sessionId: string
  generation: number
}

export function refreshTokens(keys: Keys) {
  const key = keys.derive('refresh token')
  const seal = (text: string) => createHmac('sha256', key).update(text).digest()
  return {
    make({ tenantId, sessionId, generation }: RefreshToken) {
      const text = `${tenantId}.${sessionId}.${generation}`
      return `${text}.${seal(text).toString('base64url')}`
    },
    read(token: string): RefreshToken | undefined {
      const [, text, hash] = /^([0-9a-f-]{36}\.[0-9a-f-]{36}\.\d{1,9})\.([\w-]{43})$/.exec(token) ?? []
      if (!text || !hash || !timingSafeEqual(seal(text), Buffer.from(hash, 'base64url'))) return undefined
      const [tenantId, sessionId, generation] = text.split('.')
      return { tenantId: tenantId!, sessionId: sessionId!, generation: Number(generation) }
    },
  }
}
