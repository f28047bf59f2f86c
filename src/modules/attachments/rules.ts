// Which document may go along with a referral, and under which name?
import { defineProblems } from '../../platform/problem.ts'
import type { Code } from '../vocabularies/index.ts'

export const refuse = defineProblems({
  attachment_needs_multipart: {
    status: 415,
    text: {
      de: 'Eine Anlage kommt als multipart/form-data mit den Feldern „category“ und „file“.',
      en: 'An attachment comes as multipart/form-data with the fields "category" and "file".',
      da: 'Et bilag sendes som multipart/form-data med felterne "category" og "file".',
    },
  },
  attachment_type_unknown: {
    status: 400,
    text: {
      de: 'Die Datei ist kein PDF, kein PNG und kein JPEG. Es zählt der Inhalt, nicht der Name.',
      en: 'The file is neither PDF nor PNG nor JPEG. The content counts, not the name.',
      da: 'Filen er hverken PDF, PNG eller JPEG. Det er indholdet, der tæller, ikke navnet.',
    },
  },
  attachment_is_active: {
    status: 400,
    text: {
      de: 'Das PDF enthält ein Skript, einen Programmaufruf oder eine eingebettete Datei. Bitte neu als einfaches PDF drucken.',
      en: 'The PDF holds a script, a call of a program or an embedded file. Please print it anew as a plain PDF.',
      da: 'PDF-filen indeholder et script, et programkald eller en indlejret fil. Udskriv den på ny som en almindelig PDF.',
    },
  },
  attachment_is_protected: {
    status: 400,
    text: {
      de: 'Das PDF ist verschlüsselt oder so gepackt, dass es nicht geprüft werden kann.',
      en: 'The PDF is encrypted, or packed in a way that cannot be checked.',
      da: 'PDF-filen er krypteret eller pakket, så den ikke kan kontrolleres.',
    },
  },
  attachment_name_unusable: {
    status: 400,
    text: {
      de: 'Der Dateiname fehlt, ist zu lang oder enthält Steuerzeichen.',
      en: 'The file name is missing, too long or holds control characters.',
      da: 'Filnavnet mangler, er for langt eller indeholder styretegn.',
    },
  },
  too_many_attachments: {
    status: 409,
    text: {
      de: 'Mit einer Vermittlung gehen höchstens zehn Anlagen mit.',
      en: 'At most ten attachments go along with a referral.',
      da: 'Højst ti bilag kan følge en henvisning.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    attachments: typeof refuse
  }
}

type FileType = Code<'attachment_type'>

const most = 10
const longestName = 200
const endings = { pdf: /\.pdf$/i, png: /\.png$/i, jpeg: /\.jpe?g$/i }
const ending = { pdf: '.pdf', png: '.png', jpeg: '.jpg' }
export const mediaTypes = { pdf: 'application/pdf', png: 'image/png', jpeg: 'image/jpeg' } as const

const at = (code: string) => [{ pointer: '/file', code }]

export function oneOfOurs(type: FileType | undefined): FileType {
  if (!type) throw refuse('attachment_type_unknown', at('attachment_type_unknown'))
  return type
}

export function harmless(danger: 'active' | 'protected' | undefined) {
  if (danger) throw refuse(`attachment_is_${danger}`, at(`attachment_is_${danger}`))
}

// Cc, and what turns the direction of reading round, so that "exe.pdf" reads "fdp.exe".
const invisible = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u

/** Its last part only, and with the ending of what it is: nobody opens a document as a page or a program. */
export function nameOf(given: string, type: FileType): string {
  const name = (given.split(/[/\\]/).at(-1) ?? '').trim().normalize('NFC')
  const unusable =
    name === '' ||
    /^\.+$/.test(name) ||
    name.length > longestName ||
    !name.isWellFormed() ||
    invisible.test(name)
  if (unusable) throw refuse('attachment_name_unusable', at('attachment_name_unusable'))
  return endings[type].test(name) ? name : `${name}${ending[type]}`
}

export function roomFor(already: number) {
  if (already >= most) throw refuse('too_many_attachments')
}

/** RFC 6266 and RFC 8187: the name in UTF-8, and one without any word for what cannot read that. */
export function disposition(name: string, type: FileType): string {
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="attachment${ending[type]}"; filename*=UTF-8''${encoded}`
}
