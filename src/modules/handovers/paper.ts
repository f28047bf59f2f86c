// How does the handover sheet come onto paper, with the notice for what it may be used on every page?
import { buffer } from 'node:stream/consumers'
import type { Language, Text } from '../../platform/language.ts'
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
  type Block,
  type Document,
} from '../../platform/paper.ts'
import type { SheetContent } from './sheet.ts'

const words = {
  title: { de: 'Übergabebogen', en: 'Handover sheet', da: 'Overleveringsark' },
  from: { de: 'Von', en: 'From', da: 'Fra' },
  to: { de: 'An', en: 'To', da: 'Til' },
  type: { de: 'Art', en: 'Type', da: 'Type' },
  status: { de: 'Stand', en: 'State', da: 'Status' },
  responsible: { de: 'Zuständig ist', en: 'Responsible', da: 'Ansvarlig' },
  accompaniedBy: { de: 'Begleitet von', en: 'Accompanied by', da: 'Ledsaget af' },
  meetingAt: { de: 'Treffen', en: 'Meeting', da: 'Møde' },
  offeredAt: { de: 'Angeboten', en: 'Offered', da: 'Tilbudt' },
  answerDueOn: { de: 'Antwort bis', en: 'Answer by', da: 'Svar senest' },
  jointTalkAt: { de: 'Gemeinsames Gespräch', en: 'Joint talk', da: 'Fælles samtale' },
  acceptedAt: { de: 'Angenommen', en: 'Accepted', da: 'Accepteret' },
  arrivedAt: { de: 'Angekommen', en: 'Arrived', da: 'Mødt frem' },
  validUntil: { de: 'Einsehbar bis', en: 'To be read until', da: 'Kan læses indtil' },
  page: { de: 'Seite', en: 'Page', da: 'Side' },
} as const satisfies Record<string, Text>

const locales = { de: 'de-DE', en: 'en-GB', da: 'da-DK' } as const satisfies Record<Language, string>
const { left, width } = margins
const size = 10
/** Where the last line of a page stands; the notice stands above it. */
const footer = 808
const small = 7.5

interface Printed {
  sheet: SheetContent
  timeZone: string
  /** A sheet that is read twice gives the same bytes: nothing on it is of the present instant. */
  createdAt: string
}

export async function handoverPaper({ sheet, timeZone, createdAt }: Printed): Promise<Buffer> {
  const { language } = sheet
  // Without the person's name: a title shows in windows and lists of files.
  const title = words.title[language]
  const doc = await newDocument(locales[language], title, sheet.giverOrganizationName, createdAt)
  const notice = writer(doc, small)(sheet.notice, left, width, { color: ink.quiet })
  const top = footer - 6 - notice.height
  flow(doc, [head(doc, sheet, timeZone), ...sections(doc, sheet)], top - 10)
  footers(doc, sheet, notice, top)
  doc.end()
  return buffer(doc)
}

function head(doc: Document, sheet: SheetContent, timeZone: string): Block {
  const { language } = sheet
  const write = writer(doc, size)
  const first = 140
  const instant = (given: string | null) =>
    given &&
    new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeStyle: 'short', timeZone }).format(
      new Date(given),
    )
  const day = (given: string | null) =>
    given &&
    new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(given))
  const rows = [
    ['from', sheet.giverOrganizationName],
    ['to', sheet.receiverOrganizationName],
    ['type', sheet.typeLabel],
    ['status', sheet.statusLabel],
    ['responsible', sheet.responsibleOrganizationName],
    ['accompaniedBy', sheet.accompaniedByName],
    ['meetingAt', instant(sheet.meetingAt)],
    ['offeredAt', instant(sheet.offeredAt)],
    ['answerDueOn', day(sheet.answerDueOn)],
    ['jointTalkAt', instant(sheet.jointTalkAt)],
    ['acceptedAt', instant(sheet.acceptedAt)],
    ['arrivedAt', instant(sheet.arrivedAt)],
    ['validUntil', instant(sheet.validUntil)],
  ] as const
  const row = ([word, text]: readonly [keyof typeof words, string]): Block => {
    const label = write(words[word][language], left, first, { font: 'bold', color: ink.quiet, tag: 'TH' })
    const cell = write(text, left + first, width - first, { tag: 'TD' })
    const padding = space(size * 0.2)
    const ruled = decorated(doc, stack(padding, beside(label, cell), padding), (y) =>
      hairline(doc, left, y, width),
    )
    return within(doc, 'TR', ruled)
  }
  return stack(
    write(sheet.municipality, left, width, { scale: 0.9, color: ink.quiet }),
    write(words.title[language], left, width, { font: 'bold', scale: 1.6, color: ink.accent, tag: 'H1' }),
    space(size * 0.6),
    within(doc, 'Table', stack(...rows.flatMap(([word, text]) => (text ? [row([word, text])] : [])))),
    space(size * 0.6),
  )
}

function sections(doc: Document, { sections: written }: SheetContent): Block[] {
  const write = writer(doc, size)
  return written.flatMap(({ label, text, facts }) => {
    const heading = write(label, left, width, { font: 'bold', scale: 1.1, color: ink.accent, tag: 'H2' })
    const said = [...facts.map((fact) => `${fact.label}: ${fact.text}`), text].flatMap((paragraph) =>
      pieces(paragraph, (part) => write(part, left, width)),
    )
    const [begins = space(0), ...goesOn] = said
    // A heading never stands alone at the foot of a page.
    return [stack(space(size * 0.8), heading, space(size * 0.2), begins), ...goesOn]
  })
}

const highest = 240

/** A text that is too high for what may be left of a page goes on in the next piece, cut between two lines or words. */
function pieces(text: string, write: (part: string) => Block): Block[] {
  const block = write(text)
  if (block.height <= highest) return [block]
  const middle = Math.ceil(text.length / 2)
  const gap = [text.lastIndexOf('\n', middle), text.lastIndexOf(' ', middle)].find((at) => at > 0)
  // Somebody's text without a space is cut anywhere, but never inside a character.
  const cut = gap ?? middle + (/[\uDC00-\uDFFF]/.test(text[middle]!) ? 1 : 0)
  return [text.slice(0, cut), text.slice(cut).trimStart()].flatMap((part) =>
    part ? pieces(part, write) : [],
  )
}

function footers(doc: Document, sheet: SheetContent, notice: Block, top: number) {
  const { id, language, municipality } = sheet
  const { count } = doc.bufferedPageRange()
  for (let number = 1; number <= count; number++) {
    doc.switchToPage(number - 1)
    // Read aloud once; on the pages that follow it is the same again.
    if (number === 1) {
      const element = doc.struct('Note')
      doc.addStructure(element)
      notice.draw(top, element)
      element.end()
    }
    artifact(doc, () => {
      hairline(doc, left, top - 4, width)
      doc.font('regular').fontSize(small).fillColor(ink.quiet)
      if (number > 1) doc.text(sheet.notice, left, top, { width, lineGap: small * 0.05 })
      doc.text(`${municipality} · ${words.title[language]} · ${id}`, left, footer, {
        width,
        lineBreak: false,
      })
      doc.text(`${words.page[language]} ${number}/${count}`, left, footer, { width, align: 'right' })
    })
  }
}
