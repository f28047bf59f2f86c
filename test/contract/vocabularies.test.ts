// Does every code have its word in each of our languages?
import { expect, test } from 'vitest'
import { roles } from '../../src/access.ts'
import { codes, vocabularies, type Vocabulary } from '../../src/modules/vocabularies/index.ts'
import { lotse } from '../support/app.ts'

const { nobody } = await lotse()
const languages = ['de', 'en', 'da'] as const
const names = Object.keys(vocabularies) as Vocabulary[]

test('every code has a label in German, English and Danish', () => {
  expect(names.length).toBeGreaterThan(60)
  for (const name of names) {
    const { title, values } = vocabularies[name]
    for (const language of languages) {
      expect(title[language].trim(), name).not.toBe('')
      for (const value of values) expect(value[language].trim(), `${name}.${value.code}`).not.toBe('')
    }
  }
})

test('inside a vocabulary no two codes and no two labels of a language are alike', () => {
  for (const name of names) {
    const { values } = vocabularies[name]
    for (const key of ['code', ...languages] as const) {
      const all = values.map((value) => value[key])
      expect(new Set(all).size, `${name}: ${key}`).toBe(all.length)
    }
  }
})

test('codes are words of a program', () => {
  for (const name of names)
    for (const code of codes(name))
      // An event is a noun and what became of it, as Standard Webhooks writes them: `referral.sent`.
      expect(code, name).toMatch(name === 'event_type' ? /^[a-z]+\.[a-z][a-z_]*$/ : /^[a-z][a-z0-9_]*$/)
})

test('the roles of the table of access are the roles of the vocabulary', () => {
  expect([...roles].sort()).toEqual([...codes('role')].sort())
})

test('anybody may read all codes, and finds no person in them', async () => {
  const { status, body, text } = await nobody.get<{ vocabularies: object }>('/v1/vocabularies')
  expect(status).toBe(200)
  expect(Object.keys(body.vocabularies)).toEqual(names)
  expect(text).not.toContain('Lenz')
})
