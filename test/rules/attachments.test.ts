// Is a file only what its content says, and is its name harmless, whatever somebody makes up?
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dangerIn, typeOf } from '../../src/modules/attachments/content.ts'
import { disposition, nameOf, roomFor } from '../../src/modules/attachments/rules.ts'
import { aJpeg, aPdf, aPng, aZip, objectStream } from '../support/files.ts'

const bytes = fc.uint8Array({ maxLength: 400 }).map((content) => Buffer.from(content))
const ours = { pdf: aPdf(), png: aPng(), jpeg: aJpeg() }

test('each of our own is what it is', () => {
  for (const [type, content] of Object.entries(ours)) expect(typeOf(content)).toBe(type)
})

test('no bytes that somebody makes up are one of ours, and none make us stumble', () => {
  fc.assert(
    fc.property(bytes, (content) => {
      expect(typeOf(content)).toBeUndefined()
    }),
  )
})

test('whatever stands in front of a file, it is none any more', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(ours)),
      bytes.filter(({ length }) => length > 0),
      (content, before) => {
        expect(typeOf(Buffer.concat([before, content]))).toBeUndefined()
      },
    ),
  )
})

test('an archive behind it makes it none of ours, whatever stands behind that', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(ours)), bytes, (content, after) => {
      const both = Buffer.concat([content, aZip(), after, Buffer.from('\n%%EOF\n')])
      expect(typeOf(both)).toBeUndefined()
    }),
  )
})

test('a file that breaks off or is changed in any place never makes us stumble', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(ours)), fc.nat(2000), fc.nat(255), (content, at, value) => {
      const changed = Buffer.from(content)
      changed[at % changed.length] = value
      expect(() => typeOf(changed)).not.toThrow()
      // The line break behind the end of a PDF is nothing of it.
      expect(typeOf(content.subarray(0, at % (content.length - 1)))).toBeUndefined()
    }),
  )
})

test('a script is found in however many letters its name is written as numbers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
      fc.boolean(),
      async (as, packed) => {
        const name = [...'JavaScript']
          .map((letter, at) => (as[at] ? `#${letter.charCodeAt(0).toString(16)}` : letter))
          .join('')
        const action = `<< /S /${name} /JS (1) >>`
        const pdf = packed ? aPdf('x', { extra: objectStream(action) }) : aPdf('x', { catalog: action })
        expect(await dangerIn(pdf)).toBe('active')
      },
    ),
  )
})

test('a file that was made in order to be slow is looked at in time', async () => {
  const began = performance.now()
  const megabytes = (piece: string) => piece.repeat(Math.floor((5 * 1024 * 1024) / piece.length))
  const pieces = ['stream\n', ' obj << /ObjStm stream\n', '/Filter [', '#4a', '<<', ' obj ']
  const filters = ` obj << /ObjStm ${megabytes('/Filter [')} stream\nendstream`
  for (const made of [...pieces.map(megabytes), filters]) await dangerIn(Buffer.from(made))
  expect(performance.now() - began).toBeLessThan(10_000)
}, 30_000)

test('of any name only what can be a header leaves, and it ends as what it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('pdf', 'png', 'jpeg'),
      (given, type) => {
        let name: string
        try {
          name = nameOf(given, type)
        } catch (error) {
          return (error as { code?: string }).code === 'attachment_name_unusable'
        }
        expect(name).not.toMatch(/[/\\\p{Cc}]/u)
        expect(name).toMatch({ pdf: /\.pdf$/i, png: /\.png$/i, jpeg: /\.jpe?g$/i }[type])
        expect(disposition(name, type)).toMatch(
          /^attachment; filename="attachment\.\w{3}"; filename\*=UTF-8''[\w!$&+.^`|~%-]+$/,
        )
        return true
      },
    ),
  )
})

test('there is room for ten', () => {
  expect(() => roomFor(9)).not.toThrow()
  expect(() => roomFor(10)).toThrow('too_many_attachments')
})
