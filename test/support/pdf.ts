// What does a test read on a PDF that the service has made?
import { inflateSync } from 'node:zlib'

const squeezed = (text: string) => text.replace(/\s/g, '')

/** What stands on the pages: every glyph, back through the font's own table to its character. */
export function read(bytes: Buffer) {
  const objects = new Map(
    [...bytes.toString('latin1').matchAll(/\n(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map(([, id, body]) => [
      id!,
      body!,
    ]),
  )
  const stream = (body: string) => {
    const start = body.indexOf('stream\n') + 'stream\n'.length
    const packed = Buffer.from(body.slice(start, body.lastIndexOf('\nendstream')), 'latin1')
    return (body.includes('/FlateDecode') ? inflateSync(packed) : packed).toString('latin1')
  }
  const ref = (body: string, name: string) =>
    objects.get(new RegExp(`/${name} (\\d+) 0 R`).exec(body)?.[1] ?? '')

  const fonts = new Map<string, string[]>()
  for (const body of objects.values())
    for (const [, name, id] of body.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const table = ref(objects.get(id!)!, 'ToUnicode')
      if (table) fonts.set(name!, glyphs(stream(table)))
    }

  const pages = [...objects.values()].filter((body) => /\/Type \/Page\n/.test(body))
  const lines = pages.flatMap((page) => {
    let font: string[] = []
    return [...stream(ref(page, 'Contents')!).matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)].map(
      ([, name, shown]) => {
        if (name) font = fonts.get(name)!
        const hex = [...(shown ?? '').matchAll(/<([0-9a-f]+)>/g)].map(([, digits]) => digits).join('')
        return (hex.match(/.{4}/g) ?? []).map((glyph) => font[Number.parseInt(glyph, 16)] ?? '').join('')
      },
    )
  })
  // A line may break anywhere: what counts is the order of the letters.
  const all = squeezed(lines.join(''))
  const missing = (...texts: string[]) => texts.filter((text) => !all.includes(squeezed(text)))
  return { bytes, pages: pages.length, all, missing }
}

/** Of `beginbfrange <first> <last> [<codes> …]`. */
function glyphs(table: string) {
  const found: string[] = []
  for (const [, first, codePoints] of table.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g))
    [...codePoints!.matchAll(/<([0-9a-f ]+)>/g)].forEach(([, utf16], at) => {
      const units = utf16!
        .replaceAll(' ', '')
        .match(/.{4}/g)!
        .map((unit) => Number.parseInt(unit, 16))
      found[Number.parseInt(first!, 16) + at] = String.fromCharCode(...units)
    })
  return found
}
