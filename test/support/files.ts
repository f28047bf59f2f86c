// Which documents do tests attach? Small ones that are what they say, made here, and a form that sends them.
import { crc32, deflateSync } from 'node:zlib'

/** One page whose text can be found again in its bytes. */
export function aPdf(text = 'A letter', { catalog = '', trailer = '', extra = '' } = {}): Buffer {
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>',
    `<< /Length ${text.length + 9} >>\nstream\nBT (${text}) Tj\nendstream`,
  ]
  const body = objects.map((object, at) => `${at + 1} 0 obj\n${object}\nendobj\n`).join('')
  const pdf = `%PDF-1.7\n${body}${extra}trailer\n<< /Size 5 /Root 1 0 R ${trailer} >>\nstartxref\n9\n%%EOF\n`
  return Buffer.from(pdf, 'latin1')
}

/** Objects as newer writers pack them: out of sight for whoever only looks at the text. */
export function objectStream(objects: string, dictionary = '/Filter /FlateDecode'): string {
  const packed = deflateSync(Buffer.from(objects, 'latin1')).toString('latin1')
  return `9 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Length ${packed.length} ${dictionary} >>\nstream\n${packed}\nendstream\nendobj\n`
}

export function aPng(): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from([0, 0]))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

export function aJpeg(): Buffer {
  const frame = Buffer.from('ffc0000b080001000101011100', 'hex')
  const scan = Buffer.from('ffda0008010100003f00', 'hex')
  return Buffer.concat([Buffer.from('ffd8', 'hex'), frame, scan, Buffer.from('d2ffd9', 'hex')])
}

/** An archive with one empty file in it. */
export function aZip(name = 'a.exe'): Buffer {
  const local = Buffer.alloc(30 + name.length)
  local.write('PK\u0003\u0004', 'latin1')
  local.writeUInt16LE(name.length, 26)
  local.write(name, 30, 'latin1')
  const entry = Buffer.alloc(46 + name.length)
  entry.write('PK\u0001\u0002', 'latin1')
  entry.writeUInt16LE(name.length, 28)
  entry.write(name, 46, 'latin1')
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(entry.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, entry, end])
}

export function aForm(
  category: string,
  content: Buffer,
  name = 'letter.pdf',
  type = 'application/pdf',
): FormData {
  const form = new FormData()
  form.set('category', category)
  form.set('file', new Blob([new Uint8Array(content)], { type }), name)
  return form
}

/** A file for an import: an object a line, and text as it is. */
export const aFile = (...lines: unknown[]): Blob =>
  new Blob([lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'), '\n'], {
    type: 'application/x-ndjson',
  })
