// How far may a person be known, and which names sound alike?
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fits, plain, raise, sound } from '../../src/modules/clients/rules.ts'
import { codes } from '../../src/modules/vocabularies/index.ts'

const levels = codes('identification_level')
const allowed = {
  alias: ['pseudonymous', 'identified'],
  personCode: ['pseudonymous', 'identified'],
  reach: ['pseudonymous', 'identified'],
  ags: ['pseudonymous', 'identified'],
  identity: ['identified'],
} as const

for (const level of levels)
  for (const [field, from] of Object.entries(allowed)) {
    const may = from.some((one) => one === level)
    test(`${field} of somebody ${level} ${may ? 'may be recorded' : 'is refused'}`, () => {
      const recorded = () => fits(level, { [field]: 'x' })
      if (may) expect(recorded).not.toThrow()
      else expect(recorded).toThrow('level_does_not_allow')
    })
  }

test('what is left out or empty fits every level', () => {
  for (const level of levels) expect(() => fits(level, { alias: undefined, identity: null })).not.toThrow()
})

for (const [a, from] of levels.entries())
  for (const [b, to] of levels.entries())
    test(`from ${from} to ${to}: ${b > a ? 'a step up' : 'refused'}`, () => {
      if (b > a) expect(() => raise(from, to)).not.toThrow()
      else expect(() => raise(from, to)).toThrow('level_only_rises')
    })

test.each([
  ['Meyer', 'Maier'],
  ['Mayr', 'Meier'],
  ['Schmidt', 'Schmitt'],
  ['Müller', 'Mueller'],
  ['Groß', 'Gross'],
  ['Sørensen', 'Sorensen'],
  ['von der Heide', 'Vonderheide'],
])('%s sounds like %s', (a, b) => expect(sound(a)).toBe(sound(b)))

test.each([
  ['Meyer', 'Meyerhoff'],
  ['Schmidt', 'Schneider'],
  ['Nowak', 'Novotny'],
])('%s does not sound like %s', (a, b) => expect(sound(a)).not.toBe(sound(b)))

// Postel's own examples.
test.each([
  ['Breschnew', '17863'],
  ['Wikipedia', '3412'],
  ['Müller-Lüdenscheidt', '65752682'],
])('the sound of %s is %s', (name, code) => expect(sound(name)).toBe(code))

test('names in other scripts are compared as they are written', () => {
  expect(sound('Иванов')).toBe(sound('иванов'))
  expect(sound('Иванов')).not.toBe(sound('Петров'))
})

test('every name has a sound, in capitals the same as in small letters, and plain is plain already', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (name) => {
      expect(sound(name)).not.toBe('')
      expect(sound(name)).toBe(sound(plain(name)))
      expect(plain(plain(name))).toBe(plain(name))
    }),
  )
})
