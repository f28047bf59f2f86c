// Who is responsible, and which step may a handover take now?
import { defineProblems } from '../../platform/problem.ts'
import type { Text } from '../../platform/language.ts'
import { daysAfter } from '../tasks/index.ts'
import type { Category } from '../releases/index.ts'
import { codes, extra, type Code } from '../vocabularies/index.ts'

type Status = Code<'handover_status'>
export type Section = Code<'handover_section'>
export type Sections = { [S in Section]?: string | undefined }

export const refuse = defineProblems({
  handover_not_open: {
    status: 409,
    text: {
      de: 'In diesem Stand geht das mit der Übergabe nicht.',
      en: 'The handover is not in a state in which this is possible.',
      da: 'Dette er ikke muligt i overleveringens nuværende status.',
    },
  },
  referral_not_accepted: {
    status: 409,
    text: {
      de: 'Übergeben wird, wenn die empfangende Stelle die Vermittlung angenommen hat.',
      en: 'A handover follows once the recipient has accepted the referral.',
      da: 'Overlevering sker, når modtageren har accepteret henvisningen.',
    },
  },
  handover_already_open: {
    status: 409,
    text: {
      de: 'Zu dieser Vermittlung läuft schon eine Übergabe.',
      en: 'A handover of this referral is under way already.',
      da: 'En overlevering af denne henvisning er allerede i gang.',
    },
  },
  handover_without_situation: {
    status: 409,
    text: {
      de: 'Der Übergabebogen braucht mindestens die aktuelle Situation.',
      en: 'The handover sheet needs at least the present situation.',
      da: 'Overleveringsarket skal mindst beskrive den aktuelle situation.',
    },
  },
  arrival_is_the_receivers_secret: {
    status: 409,
    text: {
      de: 'Die Entbindung gilt nur in eine Richtung: Ankommen und Nichterscheinen darf die empfangende Stelle nicht zurückmelden.',
      en: 'The release runs one way only: the receiver may not tell back arrival or no-show.',
      da: 'Samtykket gælder kun én vej: modtageren må ikke melde fremmøde eller udeblivelse tilbage.',
    },
  },
  arrival_needs_another_witness: {
    status: 409,
    text: {
      de: 'Die empfangende Stelle bestätigt selbst; die abgebende hat es von der Person oder war dabei.',
      en: 'The receiver confirms itself; the giver knows it from the person or was there.',
      da: 'Modtageren bekræfter selv; den afgivende ved det fra personen eller var med.',
    },
  },
  handover_under_way: {
    status: 409,
    text: {
      de: 'Eine angenommene Übergabe ist noch unterwegs: erst Ankommen oder Nichterscheinen festhalten.',
      en: 'An accepted handover is still under way: record arrival or no-show first.',
      da: 'En accepteret overlevering er stadig undervejs: registrér først fremmøde eller udeblivelse.',
    },
  },
})

export const openStatuses = ['prepared', 'offered', 'accepted'] as const satisfies readonly Status[]

/** One function of the status: never nobody, never two. The database computes the same in a generated column. */
export const responsible = (status: Status) => (status === 'arrived' ? 'receiver' : 'giver')

function from<T extends { status: Status }>(row: T, ...allowed: Status[]): T {
  if (!allowed.includes(row.status)) throw refuse('handover_not_open')
  return row
}

export const sheetOpen = <T extends { status: Status }>(row: T) => from(row, 'prepared')

export function prepare(referral: { status: Code<'referral_status'> }) {
  if (referral.status !== 'accepted' && referral.status !== 'not_started')
    throw refuse('referral_not_accepted')
}

const filled = (sections: Sections) =>
  codes('handover_section').flatMap((section) => {
    const text = sections[section]?.trim()
    return text
      ? [{ section, text, category: extra('handover_section', section, 'category') as Category }]
      : []
  })

/** Every section belongs to one category; all that are used must be released. */
export function sheet(sections: Sections) {
  const parts = filled(sections)
  if (!parts.some(({ section }) => section === 'situation')) throw refuse('handover_without_situation')
  return { parts, categories: [...new Set(parts.map(({ category }) => category))] }
}

export function offer(row: { status: Status }, now: string) {
  from(row, 'prepared')
  return { status: 'offered' as const, offeredAt: now }
}

export function accept(row: { status: Status }, now: string) {
  from(row, 'offered')
  return { status: 'accepted' as const, acceptedAt: now }
}

export function refuseHandover(row: { status: Status }, reason: Code<'refusal_reason'>, note: string) {
  from(row, 'offered')
  return { status: 'refused' as const, refusalReason: reason, refusalNote: note || null }
}

export function cancel(row: { status: Status }, because: Code<'handover_cancellation'>) {
  from(row, ...openStatuses)
  return { status: 'cancelled' as const, cancellation: because }
}

export interface Witness {
  /** Whether the receiver's organisation speaks; otherwise the giver's. */
  receiver: boolean
  /** Direction of the release under which the sheet was disclosed; the receiver's secret otherwise. */
  direction: Code<'release_direction'> | undefined
}

// Arrival and no-show are the receiver's secret: telling them back needs a release that runs both ways.
function mayTell({ receiver, direction }: Witness) {
  if (receiver && direction !== 'both') throw refuse('arrival_is_the_receivers_secret')
}

export function arrive(row: { status: Status }, by: Code<'arrival_source'>, witness: Witness, now: string) {
  from(row, 'accepted')
  if ((by === 'receiver') !== witness.receiver)
    throw refuse('arrival_needs_another_witness', [
      { pointer: '/confirmedBy', code: 'arrival_needs_another_witness' },
    ])
  mayTell(witness)
  return { status: 'arrived' as const, arrivedAt: now, arrivalConfirmedBy: by }
}

export function noShow(row: { status: Status }, witness: Witness, now: string) {
  from(row, 'accepted')
  mayTell(witness)
  return { status: 'failed' as const, failedAt: now }
}

/** Responsibility has moved, the case stays open: after two weeks somebody asks whether it holds. */
export const stabilityDays = 14

const nextSteps = {
  arrived: {
    de: 'Nachfragen, ob die Hilfe trägt (14 Tage nach dem Ankommen)',
    en: 'Ask whether the help holds (14 days after arrival)',
    da: 'Spørg, om hjælpen holder (14 dage efter fremmøde)',
  },
  failed: {
    de: 'Wieder Kontakt aufnehmen (nicht erschienen)',
    en: 'Make contact again (did not come)',
    da: 'Tag kontakt igen (udeblevet)',
  },
} as const satisfies Record<string, Text>

/** What the giver's case does next; its lead and the dated next step never lapse. */
export const afterwards = (outcome: 'arrived' | 'failed', language: keyof Text, today: string) => ({
  status: 'open' as const,
  nextStep: nextSteps[outcome][language],
  nextStepOn: daysAfter(today, outcome === 'arrived' ? stabilityDays : 2),
  ...(outcome === 'arrived' && { phase: 'monitoring' as const }),
})
