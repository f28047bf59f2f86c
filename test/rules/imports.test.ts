// What does a line mean for a record that is there already?
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf } from '../../src/modules/imports/file.ts'
import { differences, same } from '../../src/modules/imports/rules.ts'

const meeting = { editable: ['district', 'identity'], begins: ['nextStep'] }

test('what the line does not name is no difference', () => {
  expect(differences({}, { district: 'Hafen' }, meeting)).toEqual({ patch: {}, fixed: [] })
})

test('what can be changed is patched, what cannot is named, and how it began is not looked at', () => {
  const given = { district: 'Mitte', shielded: true, nextStep: 'Call', language: null }
  const present = { district: 'Hafen', shielded: false, nextStep: 'Visit' }
  expect(differences(given, present, meeting)).toEqual({
    patch: { district: 'Mitte' },
    fixed: ['shielded'],
  })
})

test('what agrees without being equal is no difference', () => {
  const agrees = (field: string) => field === 'shielded'
  expect(differences({ shielded: true }, { shielded: false }, { ...meeting, agrees }).fixed).toEqual([])
})

test('everything is the same as itself, in whatever order it comes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed())
      expect(same(value, structuredClone(turned))).toBe(true)
    }),
    { numRuns: 200 },
  )
  expect(same(['a', 'b'], ['b', 'a'])).toBe(true)
  expect(same({ a: undefined, b: null }, {})).toBe(true)
})

test.each([
  ['a', 'b'],
  [1, '1'],
  [0, null],
  ['', null],
  [false, null],
  [[], null],
  [['a'], ['a', 'b']],
  [['a', 'b'], ['a']],
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { a: 1, b: 1 }],
  [{}, null],
] as const)('%j and %j are not the same', (a, b) => {
  expect(same(a, b)).toBe(false)
  expect(same(b, a)).toBe(false)
})

test('a file has the lines that an editor shows, without the blank ones', () => {
  const line = fc.oneof(fc.constantFrom('', ' \t', '\r'), fc.string({ minLength: 1, unit: 'binary' }))
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), fc.boolean(), (given, marked, ended) => {
      const lines = given.map((text) => text.replaceAll('\n', ''))
      const text = `${marked ? '\uFEFF' : ''}${lines.join('\n')}${ended ? '\n' : ''}`
      const expected = lines
        .map((content, at) => [at + 1, Buffer.from(content).toString()] as const)
        .filter(([, content]) => /[^ \t\r]/.test(content))
      // A byte order mark of the first line's own goes the way of the file's.
      fc.pre(marked || !lines[0]?.startsWith('\uFEFF'))
      const found = [...linesOf(Buffer.from(text))].map(({ number, bytes }) => [number, bytes.toString()])
      expect(found).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})
