// Which code does the other device show now? RFC 6238 with what every authenticator app understands.
import { Secret, TOTP } from 'otpauth'

const period = 30
const settings = { issuer: 'Lotse', algorithm: 'SHA1', digits: 6, period }
// A clock that is half a minute wrong, or somebody who types slowly (RFC 6238 § 5.2).
const window = 1

const totp = (secret: string, label = '') =>
  new TOTP({ ...settings, label, secret: Secret.fromBase32(secret) })

/** 160 bits, as long as what SHA-1 makes of it (RFC 4226 § 4). */
export const newSecret = () => new Secret({ size: 20 }).base32

/** For the QR code: whose it is, under which name the app shows it. */
export const uriOf = (secret: string, label: string) => totp(secret, label).toString()

/** Which thirty seconds since 1970 the code belongs to; undefined when it belongs to none that counts now. */
export function stepOf(secret: string, code: string, now: number): number | undefined {
  const delta = totp(secret).validate({ token: code, timestamp: now, window })
  return delta === null ? undefined : Math.floor(now / 1000 / period) + delta
}
