// When does a link live, and what must an answer through it say?
import { expect, test } from 'vitest'
import * as rules from '../../src/modules/answers/rules.ts'
import { answerTokens } from '../../src/modules/answers/token.ts'
import { codes } from '../../src/modules/vocabularies/index.ts'
import { markup as written, style } from '../../src/platform/html.ts'
import { keysFrom } from '../../src/platform/keys.ts'

const now = Date.parse('2026-03-02T09:30:00Z')
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString()
const fresh = { tries: 0, expiresAt: at(60), openedUntil: null, answeredAt: null, revokedAt: null }

test.each([
  [{}, true, 'waiting'],
  [{ tries: 4 }, true, 'waiting'],
  [{ openedUntil: at(1) }, true, 'open'],
  [{ openedUntil: at(0) }, true, 'waiting'],
  [{ tries: 5, openedUntil: at(1) }, true, 'locked'],
  [{ expiresAt: at(0), openedUntil: at(1) }, true, 'expired'],
  [{ revokedAt: at(-1), tries: 5 }, true, 'revoked'],
  [{ answeredAt: at(-1), revokedAt: null, expiresAt: at(-1) }, true, 'answered'],
  [{ openedUntil: at(1) }, false, 'closed'],
  [{ answeredAt: at(-1) }, false, 'answered'],
] as const)('a link with %o of a referral that waits (%o) is %s', (given, awaited, status) => {
  const link = { ...fresh, ...given }
  expect(rules.statusOf(link, now, awaited)).toBe(status)
  if (awaited) expect(rules.isLiving(link, now)).toBe(['waiting', 'open'].includes(status))
})

test('a living link is not replaced unnoticed; a locked or expired one makes way', () => {
  expect(() => rules.replaceable(fresh, at(0))).toThrow('answer_link_exists')
  expect(() => rules.replaceable({ ...fresh, openedUntil: at(1) }, at(0))).toThrow('answer_link_exists')
  for (const former of [undefined, { ...fresh, tries: 5 }, { ...fresh, expiresAt: at(-1) }])
    expect(() => rules.replaceable(former, at(0))).not.toThrow()
})

test('a link is revoked once, and never after the answer', () => {
  expect(rules.revoke({ ...fresh, tries: 5 }, at(0))).toEqual({ revokedAt: at(0) })
  expect(() => rules.revoke({ ...fresh, revokedAt: at(-1) }, at(0))).toThrow('answer_link_ended')
  expect(() => rules.revoke({ ...fresh, answeredAt: at(-1) }, at(0))).toThrow('answer_link_ended')
})

test('only a referral that was sent or waits on a list waits for an answer', () => {
  for (const status of codes('referral_status'))
    expect(rules.isUnanswered({ status }), status).toBe(['sent', 'waitlisted'].includes(status))
})

test('a code is read however it was written down', () => {
  for (const typed of ['123456', ' 123 456 ', '12-34-56', '123.456'])
    expect(rules.codeFrom(typed)).toBe('123456')
})

const form = { decision: 'accept', reason: '', note: '', name: ' Ida Brand ' }

test('an answer is whole, or says what is missing', () => {
  const wrong = (given: object) => (rules.decisionOf({ ...form, ...given }) as { wrong?: string[] }).wrong
  expect(rules.decisionOf(form)).toEqual({ decision: { kind: 'accept', name: 'Ida Brand' } })
  expect(rules.decisionOf({ ...form, decision: 'decline', reason: 'other', note: 'Full\r\nhouse ' })).toEqual(
    {
      decision: { kind: 'decline', name: 'Ida Brand', reason: 'other', note: 'Full\nhouse' },
    },
  )
  expect(wrong({ decision: 'perhaps' })).toEqual(['decision'])
  expect(wrong({ decision: 'decline' })).toEqual(['reason'])
  expect(wrong({ decision: 'decline', reason: 'toString' })).toEqual(['reason'])
  expect(wrong({ decision: 'decline', reason: 'other' })).toEqual(['note'])
  expect(wrong({ decision: 'decline', reason: 'no_capacity' })).toBeUndefined()
  expect(wrong({ note: 'x'.repeat(1001) })).toEqual(['note'])
  for (const name of ['', '  ', 'x'.repeat(121), 'a\nb', '\ud800'])
    expect(wrong({ name }), name).toEqual(['name'])
})

const tokens = answerTokens(keysFrom(Buffer.alloc(32, 1)))
const link = {
  tenantId: '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e',
  linkId: '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4f',
}

test('a token names its link, and every other letter makes it none', () => {
  const token = tokens.make(link)
  expect(tokens.read(token)).toEqual(link)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let place = 0; place < token.length; place += 1)
    for (const letter of alphabet)
      if (letter !== token[place])
        expect(tokens.read(token.slice(0, place) + letter + token.slice(place + 1))).toBeUndefined()
  expect(answerTokens(keysFrom(Buffer.alloc(32, 2))).read(token)).toBeUndefined()
})

test('code and pass belong to one link; a pass ends', () => {
  const other = { ...link, linkId: link.tenantId }
  expect(tokens.hashOf(link, '123456').equals(tokens.hashOf(other, '123456'))).toBe(false)
  const pass = tokens.passFor(link, now + 1)
  expect(tokens.passes(link, pass, now)).toBe(true)
  expect(tokens.passes(other, pass, now)).toBe(false)
  expect(tokens.passes(link, pass, now + 1)).toBe(false)
  expect(tokens.passes(link, `${now + 2}${pass.slice(pass.indexOf('.'))}`, now)).toBe(false)
  for (const none of [undefined, '', '.', `${now + 1}.`, 'x.y'])
    expect(tokens.passes(link, none, now)).toBe(false)
})

test('codes have six digits, and are not always the same', () => {
  const made = Array.from({ length: 200 }, tokens.newCode)
  for (const code of made) expect(code).toMatch(/^\d{6}$/)
  expect(new Set(made).size).toBeGreaterThan(150)
})

test('nobody’s words become markup', () => {
  const words = `<b a='1' c="2">&\``
  const { markup } =
    written`<p title="${words}">${words}${[words, 1]}${null}${false}${undefined}${written`<i>${words}</i>`}</p>`
  const escaped = '&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;&#96;'
  expect(markup).toBe(`<p title="${escaped}">${escaped}${escaped}1<i>${escaped}</i></p>`)
  expect(style('p{}').source).toMatch(/^'sha256-[\w+/]{43}='$/)
})
