// How long does somebody wait who guesses, which code is good now, and which password is none?
import { TOTP, Secret } from 'otpauth'
import { describe, expect, test } from 'vitest'
import { temporaryUntil } from '../../src/modules/identity/index.ts'
import {
  acceptable,
  expiryOf,
  hasEnded,
  mustFirst,
  mustFirstOf,
  ofSomebodyElse,
  onlyTo,
} from '../../src/modules/login/rules.ts'
import { newRecoveryCodes, recoveryHashes, temporaryPassword } from '../../src/modules/login/secrets.ts'
import { newSecret, stepOf, uriOf } from '../../src/modules/login/totp.ts'
import { delayAfter, longestDelay } from '../../src/platform/attempts.ts'
import { keysFrom } from '../../src/platform/keys.ts'

describe('the delay grows and ends', () => {
  test('five failures are free, then it doubles from one second to a quarter of an hour', () => {
    const delays = Array.from({ length: 18 }, (_, failures) => delayAfter(failures, 5))
    expect(delays).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
  })
  test('nobody ever waits longer', () => {
    for (const failures of [20, 1_000, 100_000]) expect(delayAfter(failures, 5)).toBe(longestDelay)
    expect(longestDelay).toBe(900)
  })
})

describe('a code of the second factor', () => {
  // RFC 6238, appendix B: the secret of the test vectors, of which six digits are the last six of eight.
  const secret = Secret.fromLatin1('12345678901234567890').base32
  test.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_234_567_890, '89005924'],
    [20_000_000_000, '65353130'],
  ])('is that of RFC 6238 at %i seconds', (seconds, eight) => {
    expect(stepOf(secret, eight.slice(2), seconds * 1000)).toBe(Math.floor(seconds / 30))
  })

  const at = (seconds: number) => new TOTP({ secret }).generate({ timestamp: seconds * 1000 })
  const now = 1_800_000_015
  test.each([
    [-60, undefined],
    [-30, -1],
    [0, 0],
    [30, 1],
    [60, undefined],
  ])('made %i seconds from now belongs to step %s', (away, step) => {
    const expected = step === undefined ? undefined : Math.floor(now / 30) + step
    expect(stepOf(secret, at(now + away), now * 1000)).toBe(expected)
  })
  test.each(['', '12345', '1234567', 'abcdef', '000000 '])('is not %j', (code) => {
    expect(stepOf(secret, code, now * 1000)).toBeUndefined()
  })
  test('comes from a secret of 160 bits, and an app is told all that it needs', () => {
    expect(newSecret()).toMatch(/^[A-Z2-7]{32}$/)
    expect(newSecret()).not.toBe(newSecret())
    const uri = new URL(uriOf(secret, 'nora.lenz@lindenau.example'))
    expect(uri.protocol).toBe('otpauth:')
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Lotse',
      secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })
})

test('recovery codes and temporary passwords are made up anew every time, and read as people type them', () => {
  const codes = newRecoveryCodes()
  expect(new Set(codes).size).toBe(10)
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
  expect(temporaryPassword()).toMatch(/^([0-9a-hjkmnp-tv-z]{5}-){3}[0-9a-hjkmnp-tv-z]{5}$/)
  expect(temporaryPassword()).not.toBe(temporaryPassword())
  const hash = recoveryHashes(keysFrom(Buffer.alloc(32, 7)))
  const [tenant, user] = ['t', 'u']
  expect(hash(tenant, user, 'ab1o0-xyz99')).toBe(hash(tenant, user, 'AB L0O XYZ99'))
  expect(hash(tenant, user, 'AB100-XYZ99')).not.toBe(hash(tenant, 'somebody else', 'AB100-XYZ99'))
  expect(hash(tenant, user, 'AB100-XYZ99')).not.toBe(hash('elsewhere', user, 'AB100-XYZ99'))
})

describe('what has to be put right first', () => {
  const own = { temporaryUntil: null, hasSecondFactor: false }
  test.each([
    ['none', true, null],
    ['none', false, null],
    ['content_roles', true, 'set_up_second_factor'],
    ['content_roles', false, null],
    ['everyone', true, 'set_up_second_factor'],
    ['everyone', false, 'set_up_second_factor'],
  ] as const)(
    'a second factor, where %s need one and the role sees people: %s',
    (required, content, must) => {
      expect(mustFirst(own, required, content)).toBe(must)
      expect(mustFirst({ ...own, hasSecondFactor: true }, required, content)).toBeNull()
    },
  )
  test('a temporary password comes before everything', () => {
    for (const hasSecondFactor of [true, false])
      expect(mustFirst({ temporaryUntil: '2026-03-02T00:00:00Z', hasSecondFactor }, 'everyone', true)).toBe(
        'change_password',
      )
  })
  test('is read from the session again, and a session of another kind is none of these', () => {
    for (const must of ['change_password', 'set_up_second_factor'] as const)
      expect(mustFirstOf(onlyTo[must])).toBe(must)
    for (const scopes of [null, [], ['clients.read'], [...onlyTo.change_password, 'clients.read']])
      expect(mustFirstOf(scopes)).toBeNull()
  })
  test('takes a quarter of an hour; a working day takes twelve hours', () => {
    const now = Date.parse('2026-03-02T09:00:00Z')
    expect(expiryOf('change_password', now)).toBe('2026-03-02T09:15:00.000Z')
    expect(expiryOf(null, now)).toBe('2026-03-02T21:00:00.000Z')
  })
})

test('a temporary password is good for 72 hours and not a moment longer', () => {
  const until = temporaryUntil('2026-03-02T09:00:00Z')
  expect(until).toBe('2026-03-05T09:00:00.000Z')
  expect(hasEnded(until, Date.parse(until) - 1)).toBe(false)
  expect(hasEnded(until, Date.parse(until))).toBe(true)
  expect(hasEnded(null, Date.parse(until))).toBe(false)
})

test('nobody resets their own password or takes away their own second factor as an administrator', () => {
  expect(() => ofSomebodyElse('ada', 'ada')).toThrow('own_credentials')
  expect(() => ofSomebodyElse('nora', 'ada')).not.toThrow()
})

describe('a new password', () => {
  const own = ['nora.lenz@lindenau.example', 'Nora Lenz', 'lindenau', 'Stadt Lindenau']
  const judged = (password: string) => () => acceptable(password, 'what it was before', own)
  test.each([
    'nora.lenz@lindenau.example',
    'Nora Lenz 1234',
    'lenznoralenz1',
    'Lindenau2026!',
    'passwordpassword',
    'Passwort1234!',
    'Willkommen2026',
    'Sommer2026!!!!',
    'aaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    '123456789012345',
    'qwertzuiopü123',
    '9876543210987',
    '1qay2wsx3edc4rfv',
    'correct horse battery staple',
    '............',
    '            ',
  ])('is not %j', (password) => expect(judged(password)).toThrow('password_easily_guessed'))
  test.each([
    'ein langer Satz ist am besten',
    'sonnenschein im september auf dem deich',
    'Kx7-vQ2m-9rTz',
    'die Katze schläft um drei',
    'noras Boot heißt Kranichfeder',
    'смешной кораблик плывёт',
    'k7m2p-9qxwd-4hbtn-c8vzr',
  ])('may be %j', (password) => expect(judged(password)).not.toThrow())
  test('is not the one before', () => expect(judged('what it was before')).toThrow('password_unchanged'))
})
