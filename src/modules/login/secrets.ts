// Which secrets does the service make up for people? Recovery codes and temporary passwords; kept only as hashes.
import { createHmac, randomBytes } from 'node:crypto'
import type { Keys } from '../../platform/keys.ts'

// Crockford's thirty-two: nothing that looks like something else.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const letters = (count: number) =>
  Array.from(randomBytes(count), (byte) => alphabet[byte % alphabet.length]).join('')
const groups = (count: number) => Array.from({ length: count }, () => letters(5)).join('-')

/** 100 bits, to read out on the phone. */
export const temporaryPassword = () => groups(4).toLowerCase()

const howMany = 10
/** Ten of 50 bits each: guessed only through the sign-in, where every guess counts. */
export const newRecoveryCodes = () => Array.from({ length: howMany }, () => groups(2))

/** As people type it. */
const read = (code: string) =>
  code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')

export function recoveryHashes(keys: Keys) {
  const key = keys.derive('recovery code')
  return (tenantId: string, userId: string, code: string) =>
    createHmac('sha256', key)
      .update(`${tenantId} ${userId} ${read(code)}`)
      .digest('base64url')
}
