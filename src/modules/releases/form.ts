// What does the person sign? The release on one sheet of paper, in a language that they read.
import { buffer } from 'node:stream/consumers'
import { codes, label, type Code, type Vocabulary } from '../vocabularies/index.ts'
import { words, type FormLanguage } from './form-words.ts'
import information from './information.json' with { type: 'json' }
import {
  artifact,
  beside,
  decorated,
  flow,
  hairline,
  ink,
  margins,
  newDocument,
  space,
  stack,
  within,
  writer,
} from '../../platform/paper.ts'
import type { Block, Document, Style } from '../../platform/paper.ts'
import type { releases } from './table.ts'

type Release = typeof releases.$inferSelect
type Asked = 'purpose' | 'purposeDetail' | 'categories' | 'direction' | 'validUntil' | 'endsWith'
type Told = 'proof' | 'informationVersion' | 'informationLanguage' | 'interpreterUsed' | 'capacity'

export interface ReleaseFormContent {
  release: Pick<Release, 'id' | 'createdAt' | 'recipientPerson' | Asked | Told>
  person: {
    alias?: string | null
    givenName?: string | undefined
    familyName?: string | undefined
    birthDate?: string | undefined
    /** The person's own; there may be no information text in it yet. */
    language?: Code<'language'> | null
  }
  discloser: string
  recipient: string
  municipality: { name: string; timeZone: string; language: 'de' | 'en' | 'da' }
}

type Context = ReleaseFormContent & {
  doc: Document
  language: FormLanguage
  write: ReturnType<typeof writer>
  size: number
}

const locales = { de: 'de-DE', en: 'en-GB', da: 'da-DK', es: 'es-ES', fr: 'fr-FR' } as const
const { left, width, top, bottom } = margins

/** The same content gives the same bytes; nothing else is read. */
export async function releaseForm(content: ReleaseFormContent): Promise<Buffer> {
  const { release, discloser, municipality } = content
  // Somebody may have been informed in a language whose text has been taken back.
  const language = release.informationLanguage in words ? release.informationLanguage : municipality.language
  // Without the person's name: a title shows in windows and lists of files.
  const { title } = information.texts[language]
  const doc = await newDocument(locales[language], title, discloser, release.createdAt)

  // As large as fits on one page; two pages at a size that can be read rather than one that cannot.
  const sizes = [10.5, 10, 9.5, 9]
  const versions = sizes.map((size) => blocks({ ...content, doc, language, size, write: writer(doc, size) }))
  flow(doc, versions.find((version) => stack(...version).height <= bottom - top) ?? versions[1]!)
  footers(doc, release, language)
  doc.end()
  return buffer(doc)
}

function blocks(context: Context): Block[] {
  const { doc, write, size, language, release, person, discloser, municipality } = context
  const { title, intro } = information.texts[language]
  const line = (text: string, style?: Style) => write(text, left, width, style)
  const quiet = (text: string) => line(text, { scale: 0.9, color: ink.quiet })
  const { language: own } = person
  const head = [
    quiet(`${discloser} · ${municipality.name}`),
    line(title, { font: 'bold', scale: 1.5, color: ink.accent, tag: 'H1' }),
    ...(language === municipality.language ? [] : [quiet(information.texts[municipality.language].title)]),
    space(size * 0.4),
    line(intro),
    ...(own && !(own in words)
      ? [space(size * 0.4), line(words[language].untranslated(nameOf(own, language)), { font: 'bold' })]
      : []),
    space(size * 0.7),
  ]
  const minor = release.capacity !== 'not_needed_adult'
  return [
    stack(...head),
    within(doc, 'Table', stack(...rows(context))),
    rights(context, minor),
    signatures(context, minor),
  ]
}

function rows(context: Context): Block[] {
  const { doc, write, size, language, release, person, discloser, recipient, municipality } = context
  const { labels } = information.texts[language]
  const { alias, yes } = words[language]
  const [first, second] = [140, 345]
  const x = left + width - second

  const ruled = (block: Block) => decorated(doc, block, (y) => hairline(doc, left, y, width))
  const row = (title: string, ...cell: Block[]): Block => {
    const padding = space(size * 0.28)
    const head = write(title, left, first, { font: 'bold', scale: 0.9, color: ink.quiet, tag: 'TH' })
    const cells = beside(head, within(doc, 'TD', stack(...cell)))
    return within(doc, 'TR', ruled(stack(padding, cells, padding)))
  }
  const plain = (text: string) => write(text, x, second)
  // Whoever keeps the form may not read the person's language: what applies stands below in the municipality's own.
  const inBoth = (text: string, translated: string, at = x, wide = second): Block =>
    text === translated
      ? write(text, at, wide)
      : stack(write(text, at, wide), write(translated, at, wide, { scale: 0.8, color: ink.quiet }))
  const both = <V extends Vocabulary>(vocabulary: V, code: Code<V>, at = x, wide = second) =>
    inBoth(termOf(vocabulary, code, language), label(vocabulary, code, municipality.language), at, wide)
  const category = (code: Code<'data_category'>, at: number): Block => {
    const text = within(doc, 'LBody', both('data_category', code, at + size, second / 2 - size - 8))
    const dot = (y: number) => doc.circle(at + 3, y + size * 0.72, 2).fill(ink.accent)
    return within(doc, 'LI', decorated(doc, text, dot))
  }
  const ordered = codes('data_category').filter((code) => release.categories.includes(code))
  const lines = ordered.flatMap((code, at) => {
    const next = ordered[at + 1]
    if (at % 2 === 1) return []
    return [beside(category(code, x), ...(next ? [category(next, x + second / 2)] : []))]
  })
  const date = (given: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', ...options }).format(new Date(given))
  const until = date(release.validUntil, { timeStyle: 'short', timeZone: municipality.timeZone })
  const { birthDate } = person
  const name = [person.givenName, person.familyName].filter(Boolean).join(' ')
  const { language: own } = person
  const spoken = nameOf(release.interpreterUsed && own ? own : release.informationLanguage, language)

  return [
    row(
      labels.person,
      ...[name, person.alias && `${person.alias} (${alias})`].filter(Boolean).map((text) => plain(text!)),
    ),
    ...(birthDate ? [row(labels.birthDate, plain(date(birthDate, { timeZone: 'UTC' })))] : []),
    row(labels.discloser, plain(`${discloser}, ${municipality.name}`)),
    row(labels.recipient, plain([recipient, release.recipientPerson].filter(Boolean).join(', '))),
    row(
      labels.purpose,
      both('release_purpose', release.purpose),
      ...(release.purposeDetail ? [plain(release.purposeDetail)] : []),
    ),
    row(labels.categories, within(doc, 'L', stack(...lines))),
    row(labels.direction, both('release_direction', release.direction)),
    row(labels.validUntil, plain(until)),
    ...(release.endsWith ? [row(labels.endsWith, plain(release.endsWith))] : []),
    row(labels.proof, both('release_proof', release.proof)),
    row(labels.language, plain(spoken)),
    ...(release.interpreterUsed ? [row(labels.interpreter, plain(yes))] : []),
    ruled(space(0)),
  ]
}

const half = (width - 22) / 2
const [one, two] = [left, left + half + 22]

/** What has to be told before somebody agrees: § 67b (2) SGB X, Art. 7 (3) and 13 GDPR. */
function rights({ write, size, language }: Context, minor: boolean): Block {
  const texts = information.texts[language]
  const { headings } = words[language]
  const say = (key: keyof typeof headings, x: number): Block =>
    stack(
      space(size * 0.5),
      write(headings[key], x, half, { font: 'bold', scale: 0.95, color: ink.accent, tag: 'H2' }),
      write(texts[key], x, half, { scale: 0.95 }),
    )
  return stack(
    space(size * 0.4),
    beside(
      stack(say('voluntary', one), say('consequences', one), say('purposeBinding', one)),
      stack(say('withdrawal', two), ...(minor ? [say('minor', two)] : []), say('copy', two)),
    ),
  )
}

function signatures({ doc, write, size, language }: Context, minor: boolean): Block {
  const { labels } = information.texts[language]
  const room = space(size * 3.4)
  const line = (text: string, x: number): Block =>
    decorated(doc, stack(room, write(text, x, half, { scale: 0.85, color: ink.quiet })), (y) =>
      hairline(doc, x, y + room.height - 1, half, ink.text),
    )
  const box = (text: string, x: number): Block =>
    decorated(doc, stack(room, write(text, x + size * 1.6, half, { scale: 0.95 })), (y) =>
      doc
        .rect(x + 0.5, y + room.height + size * 0.15, size, size)
        .lineWidth(0.8)
        .stroke(ink.text),
    )
  return stack(
    beside(line(labels.place_date, one), line(labels.signature, two)),
    ...(minor ? [beside(line(labels.place_date, one), line(words[language].custodian, two))] : []),
    beside(box(labels.copy, one), line(labels.navigator_signature, two)),
  )
}

function footers(doc: Document, release: ReleaseFormContent['release'], language: FormLanguage) {
  const { text, page } = words[language]
  const { count } = doc.bufferedPageRange()
  for (let number = 1; number <= count; number++) {
    doc.switchToPage(number - 1)
    artifact(doc, () => {
      doc.font('regular').fontSize(7.5).fillColor(ink.quiet)
      doc.text(`${text} ${release.informationVersion} · ${release.id}`, left, 808, {
        width,
        lineBreak: false,
      })
      if (count > 1) doc.text(`${page} ${number}/${count}`, left, 808, { width, align: 'right' })
    })
  }
}

/** Vocabularies are kept in three languages; the other two come with the information text. */
function termOf<V extends Vocabulary>(vocabulary: V, code: Code<V>, language: FormLanguage): string {
  if (language !== 'es' && language !== 'fr') return label(vocabulary, code, language)
  const terms: Partial<Record<string, Partial<Record<string, string>>>> = information.texts[language].terms
  return terms[vocabulary]?.[code] ?? label(vocabulary, code, 'en')
}

const nameOf = (spoken: Code<'language'>, language: FormLanguage): string =>
  language === 'es' || language === 'fr'
    ? (new Intl.DisplayNames(language, { type: 'language' }).of(spoken) ?? spoken)
    : label('language', spoken, language)
