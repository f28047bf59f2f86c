// How does text come onto A4? Measured before it is drawn, and tagged for people who listen to it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type PDFDocument from 'pdfkit'

export type Document = InstanceType<typeof PDFDocument>
type Element = ReturnType<Document['struct']>

/** Something of a known height that can be drawn anywhere on the page. */
export interface Block {
  height: number
  draw(y: number, parent: Element): void
}

export const margins = { left: 50, top: 40, width: 495, bottom: 792 }
export const ink = { text: '#1a1a1a', quiet: '#595959', accent: '#0b5563', line: '#b5bcc0' }

// The fonts that every PDF reader has cannot write ş, ł or Cyrillic, and people's names need them.
const { resolve } = createRequire(import.meta.url)
const files = { regular: '400Regular/NotoSans_400Regular', bold: '600SemiBold/NotoSans_600SemiBold' }
const noto = (file: string) => resolve(`@expo-google-fonts/noto-sans/${file}.ttf`)

/** pdfkit comes with the first form: it is a third of everything that a start would have to load. */
async function load() {
  const [{ default: PDFDocument }, { create }] = await Promise.all([import('pdfkit'), import('fontkit')])
  const fonts = Object.entries(files).map(([name, file]) => {
    const bytes = readFileSync(noto(file))
    // Reading its tables takes ten times as long as writing a page, so that they are read once, as fontkit itself does
    // for the variations of a font. Glyphs are each document's own: they remember whose characters they stood for.
    const _tables = {}
    return { name, open: () => Object.assign(create(bytes), { _tables }) }
  })
  return { PDFDocument, fonts }
}
let loaded: ReturnType<typeof load> | undefined

export interface Style {
  font?: keyof typeof files
  scale?: number
  color?: string
  /** What it is: paragraph, heading, cell. */
  tag?: string
}

export const space = (height: number): Block => ({ height, draw: () => {} })

export const stack = (...blocks: Block[]): Block => ({
  height: blocks.reduce((sum, { height }) => sum + height, 0),
  draw(y, parent) {
    let below = y
    for (const block of blocks) {
      block.draw(below, parent)
      below += block.height
    }
  },
})

export const beside = (...blocks: Block[]): Block => ({
  height: Math.max(...blocks.map(({ height }) => height)),
  draw: (y, parent) => blocks.forEach((block) => block.draw(y, parent)),
})

export async function newDocument(
  language: string,
  title: string,
  author: string,
  createdAt: string,
): Promise<Document> {
  const { PDFDocument, fonts } = await (loaded ??= load())
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: language,
    displayTitle: true,
    // pdfkit would take the present instant: the same content shall give the same bytes.
    info: { Title: title, Author: author, CreationDate: new Date(createdAt) },
  })
  // pdfkit takes an opened font; its types do not say so yet.
  for (const { name, open } of fonts) doc.registerFont(name, open() as unknown as Uint8Array)
  return doc
}

/** Draws the blocks one below the other; one that does not fit any more begins a new page. */
export function flow(doc: Document, blocks: Block[], bottom = margins.bottom) {
  const root = doc.struct('Document')
  doc.addStructure(root)
  let y = margins.top
  for (const block of blocks) {
    if (y + block.height > bottom) {
      doc.addPage()
      y = margins.top
    }
    block.draw(y, root)
    y += block.height
  }
  root.end()
}

/** Lines, boxes and page numbers say nothing to somebody who listens. */
export function artifact(doc: Document, draw: () => void) {
  doc.markContent('Artifact', { type: 'Layout' })
  draw()
  doc.endMarkedContent()
}

/** A block with something drawn beside or above it. */
export const decorated = (doc: Document, block: Block, draw: (y: number) => void): Block => ({
  height: block.height,
  draw(y, parent) {
    artifact(doc, () => draw(y))
    block.draw(y, parent)
  },
})

export const hairline = (doc: Document, x: number, y: number, length: number, color = ink.line) =>
  doc
    .moveTo(x, y)
    .lineTo(x + length, y)
    .lineWidth(0.6)
    .stroke(color)

export const within = (doc: Document, tag: string, block: Block): Block => ({
  height: block.height,
  draw(y, parent) {
    const element = doc.struct(tag)
    parent.add(element)
    block.draw(y, element)
  },
})

/** Writes text in one size and its multiples. */
export const writer =
  (doc: Document, size: number) =>
  (
    given: string,
    x: number,
    width: number,
    { font = 'regular', scale = 1, color = ink.text, tag = 'P' }: Style = {},
  ): Block => {
    // Intl puts narrow spaces into dates, for which the font has no glyph.
    const text = given.replaceAll('\u202f', ' ')
    const options = { width, lineGap: size * 0.05 }
    const set = () =>
      doc
        .font(font)
        .fontSize(size * scale)
        .fillColor(color)
    return {
      height: set().heightOfString(text, options),
      draw(y, parent) {
        set().text(text, x, y, { ...options, structParent: parent, structType: tag })
      },
    }
  }
