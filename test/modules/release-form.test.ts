// Does the form say everything that somebody has to know before they sign it?
import { expect, test } from 'vitest'
import information from '../../src/modules/releases/information.json' with { type: 'json' }
import { releaseForm, type ReleaseFormContent } from '../../src/modules/releases/form.ts'
import { codes, label } from '../../src/modules/vocabularies/index.ts'
import { read } from '../support/pdf.ts'

type Given = Partial<ReleaseFormContent['release']>
type Person = Partial<ReleaseFormContent['person']>

const form = async (release: Given = {}, person: Person = {}) =>
  read(
    await releaseForm({
      release: {
        id: '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e',
        createdAt: '2026-03-02T09:30:00Z',
        recipientPerson: 'Anton Brück',
        purpose: 'referral',
        purposeDetail: 'Aufnahme in die Beratung',
        categories: ['substance_use', 'identity_contact', 'housing_finance'],
        direction: 'both',
        // Summer time: the day is another one in UTC.
        validUntil: '2026-08-31T22:30:00Z',
        endsWith: null,
        proof: 'paper_signed',
        informationVersion: 1,
        informationLanguage: 'de',
        interpreterUsed: false,
        capacity: 'not_needed_adult',
        ...release,
      },
      person: {
        alias: null,
        givenName: 'Kanaria',
        familyName: 'Vogelsang-Şahin',
        birthDate: '1990-05-04',
        ...person,
      },
      discloser: 'Lotsenstelle Mitte',
      recipient: 'Suchtberatung Am Wehr',
      municipality: { name: 'Stadt Lindenau', timeZone: 'Europe/Berlin', language: 'de' },
    }),
  )

const languages = Object.keys(information.texts) as (keyof typeof information.texts)[]

test.each(languages)('the form in "%s" says what § 67b (2) SGB X demands', async (informationLanguage) => {
  const { labels, title, intro, voluntary, consequences, withdrawal, purposeBinding, copy } =
    information.texts[informationLanguage]
  const { missing, all } = await form({ informationLanguage, endsWith: 'Probezeit' })
  const names = Object.entries(labels).flatMap(([name, text]) => (name === 'interpreter' ? [] : [text]))
  expect(missing(title, intro, voluntary, consequences, withdrawal, purposeBinding, copy)).toEqual([])
  expect(missing(...names)).toEqual([])
  expect(missing('Kanaria Vogelsang-Şahin', 'Lotsenstelle Mitte, Stadt Lindenau', 'Probezeit')).toEqual([])
  expect(missing('Suchtberatung Am Wehr, Anton Brück', 'Aufnahme in die Beratung')).toEqual([])
  // Whoever files it can read what applies, whatever language the person reads.
  const categories = ['substance_use', 'identity_contact', 'housing_finance'] as const
  expect(missing(...categories.map((category) => label('data_category', category, 'de')))).toEqual([])
  expect(missing(label('data_category', 'medication', 'de'))).toHaveLength(1)
  expect(all).not.toMatch(/undefined|null|NaN|\[object/)
})

test('the person’s language stands first, also where the vocabulary has no label in it', async () => {
  const { missing } = await form({ informationLanguage: 'es' })
  expect(missing('Nombre y datos de contacto Name und Erreichbarkeit', 'Derivación y traspaso')).toEqual([])
})

test('the end is told in the municipality’s own time', async () => {
  expect((await form()).missing('1. September 2026 um 00:30')).toEqual([])
})

test('a usual form is one page; the longest stays readable on two', async () => {
  expect((await form()).pages).toBe(1)
  expect((await form({ informationLanguage: 'fr', endsWith: 'x' })).pages).toBe(1)
  const longest: Given = { categories: [...codes('data_category')], capacity: 'both_signed' }
  const { pages, missing } = await form({ informationLanguage: 'fr', ...longest })
  expect(pages).toBe(2)
  expect(missing('Page 2/2')).toEqual([])
})

const untranslated = 'Diesen Text gibt es in Ihrer Sprache (Türkisch) noch nicht.'

test('somebody whose language has no text yet is told to have it translated', async () => {
  expect((await form({}, { language: 'tr' })).missing(untranslated, information.texts.de.title)).toEqual([])
  expect((await form({}, { language: 'de' })).missing(untranslated)).toEqual([untranslated])
})

test('a text that is gone is replaced by that of the municipality', async () => {
  const { missing } = await form({ informationLanguage: 'kl' as 'de' })
  expect(missing(information.texts.de.title)).toEqual([])
})

test('only young people read about young people, and only then somebody else signs too', async () => {
  const parts = [information.texts.de.minor, 'Unterschrift der sorgeberechtigten Person']
  expect((await form()).missing(...parts)).toEqual(parts)
  expect((await form({ capacity: 'both_signed' })).missing(...parts)).toEqual([])
})

test('somebody known by an alias only signs without a name', async () => {
  const nameless = { givenName: undefined, familyName: undefined, birthDate: undefined, alias: 'Wolke' }
  const { missing } = await form({}, nameless)
  expect(missing('Wolke (Kennwort)')).toEqual([])
  expect(missing('Geburtsdatum')).toEqual(['Geburtsdatum'])
})

test('the interpreter is on the form, with the language that was spoken', async () => {
  const { missing } = await form({ interpreterUsed: true }, { language: 'tr' })
  expect(missing('Sprache des Gesprächs Türkisch', 'Dolmetscher*in ja')).toEqual([])
})

test('the same release gives the same bytes, and no name outside the page itself', async () => {
  const [one, two] = [await form(), await form()]
  expect(one.bytes.equals(two.bytes)).toBe(true)
  const outside = one.bytes.toString('latin1').replace(/stream\r?\n[\s\S]*?endstream/g, '')
  expect(outside).not.toMatch(/Kanaria|Vogelsang/)
  expect(outside).toContain('/Lang (de-DE)')
  expect(outside).toContain('/Marked true')
})
