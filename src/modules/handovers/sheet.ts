// What stands on the handover sheet, on the screen and on paper, for whoever reads it?
import type { Language, Text } from '../../platform/language.ts'
import { noticeFor, type disclosed } from '../releases/index.ts'
import { codes, label } from '../vocabularies/index.ts'
import type { Section, Sections } from './rules.ts'
import type { handovers } from './table.ts'

type Row = typeof handovers.$inferSelect
type View = ReturnType<typeof disclosed>

interface Written {
  section: Section
  text: string
  facts: View['parts'][number]['facts']
}

export type SheetContent = ReturnType<typeof sheetContent>

const named: Record<string, Text> = {
  givenName: { de: 'Vorname', en: 'Given name', da: 'Fornavn' },
  familyName: { de: 'Nachname', en: 'Family name', da: 'Efternavn' },
  birthDate: { de: 'Geburtsdatum', en: 'Date of birth', da: 'Fødselsdato' },
  address: { de: 'Anschrift', en: 'Address', da: 'Adresse' },
}

/** What the giver has written, also while it is being written. */
export const asWritten = (sections: Sections): Written[] =>
  codes('handover_section').flatMap((section) => {
    const text = sections[section]?.trim()
    return text ? [{ section, text, facts: {} }] : []
  })

/** Exactly what left: topics of a handover are its sections. */
export const asDisclosed = ({ parts }: View): Written[] =>
  codes('handover_section').flatMap((section) =>
    parts.filter(({ topic }) => topic === section).map(({ text, facts }) => ({ section, text, facts })),
  )

interface Reader {
  language: Language
  municipality: string
  /** None for the giver. */
  view: View | undefined
}

export const sheetContent = (row: Row, written: Written[], { language, municipality, view }: Reader) => ({
  id: row.id,
  language,
  municipality,
  type: row.type,
  typeLabel: label('handover_type', row.type, language),
  status: row.status,
  statusLabel: label('handover_status', row.status, language),
  giverOrganizationName: row.giverOrganizationName,
  receiverOrganizationName: row.receiverOrganizationName,
  responsibleOrganizationName:
    row.responsibleOrganizationId === row.receiverOrganizationId
      ? row.receiverOrganizationName
      : row.giverOrganizationName,
  accompaniedByName: view ? null : row.accompaniedByName,
  meetingAt: row.meetingAt,
  offeredAt: row.offeredAt,
  answerDueOn: row.answerDueOn,
  jointTalkAt: row.jointTalkAt,
  acceptedAt: row.acceptedAt,
  arrivedAt: row.arrivedAt,
  validUntil: view?.validUntil ?? null,
  sections: written.map(({ section, text, facts }) => ({
    section,
    label: label('handover_section', section, language),
    text,
    facts: Object.entries(facts).map(([name, fact]) => ({
      label: named[name]?.[language] ?? name,
      text: String(fact),
    })),
  })),
  notice: view?.notice ?? noticeFor(row.basis, language),
})
