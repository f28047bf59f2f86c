// Which step may a referral take now, and what does each step set?
import { defineProblems } from '../../platform/problem.ts'
import { extra, type Code } from '../vocabularies/index.ts'
import type { Category } from '../releases/index.ts'

type Status = Code<'referral_status'>

export const refuse = defineProblems({
  referral_not_draft: {
    status: 409,
    text: {
      de: 'Die Vermittlung ist schon versendet.',
      en: 'The referral has been sent already.',
      da: 'Henvisningen er allerede sendt.',
    },
  },
  referral_not_open: {
    status: 409,
    text: {
      de: 'In diesem Stand geht das mit der Vermittlung nicht mehr.',
      en: 'The referral is past the point where this was possible.',
      da: 'Dette er ikke længere muligt for henvisningen.',
    },
  },
  only_the_recipient: {
    status: 409,
    text: {
      de: 'Das beantwortet die empfangende Stelle.',
      en: 'The receiving organisation answers this.',
      da: 'Det besvares af den modtagende instans.',
    },
  },
  only_the_sender: {
    status: 409,
    text: {
      de: 'Das entscheidet die abgebende Stelle.',
      en: 'The giving organisation decides this.',
      da: 'Det afgøres af den afgivende instans.',
    },
  },
  offer_not_active: {
    status: 409,
    text: {
      de: 'Dieses Angebot wird derzeit nicht vermittelt.',
      en: 'This offer is not referred to at present.',
      da: 'Der henvises ikke til dette tilbud for tiden.',
    },
  },
  offer_of_the_own_unit: {
    status: 409,
    text: {
      de: 'Das ist ein Angebot der eigenen Stelle; dafür braucht es keine Vermittlung.',
      en: 'This is an offer of the own unit; it needs no referral.',
      da: 'Det er egen enheds tilbud; det kræver ingen henvisning.',
    },
  },
  decline_needs_a_sentence: {
    status: 409,
    text: {
      de: '„Sonstiges“ braucht einen Satz dazu.',
      en: '"Other" needs a sentence.',
      da: '"Andet" kræver en sætning.',
    },
  },
  release_or_anonymous: {
    status: 409,
    text: {
      de: 'Zur Vermittlung gehört eine Entbindung; ohne sie nur, wer anonym bleibt.',
      en: 'A referral rests on a release; without one only for somebody who stays anonymous.',
      da: 'En henvisning hviler på et samtykke; uden kun for den, der forbliver anonym.',
    },
  },
})

/** A referral that is still on its way; these end when the release or the case under them ends. */
export const openStatuses = [
  'draft',
  'sent',
  'waitlisted',
  'accepted',
  'started',
  'not_started',
] as const satisfies readonly Status[]

/** The default until interfaces between organisations say otherwise. */
export const answerDays = 7

interface Parties {
  senderOrganizationId: string
  recipientOrganizationId: string
}

export const isRecipient = (row: Parties, organizationId: string | null) =>
  row.recipientOrganizationId === organizationId

export function asRecipient<T extends Parties>(row: T, organizationId: string | null): T {
  if (!isRecipient(row, organizationId)) throw refuse('only_the_recipient')
  return row
}

export function asSender<T extends Parties>(row: T, organizationId: string | null): T {
  if (row.senderOrganizationId !== organizationId) throw refuse('only_the_sender')
  return row
}

export function draft<T extends { status: Status }>(row: T): T {
  if (row.status !== 'draft') throw refuse('referral_not_draft')
  return row
}

export function accept(row: { status: Status }, by: string, now: string) {
  if (row.status !== 'sent' && row.status !== 'waitlisted') throw refuse('referral_not_open')
  return { status: 'accepted' as const, answeredAt: now, answeredByName: by }
}

type DeclineReason = Code<'decline_reason'>
export type Side = 'provider' | 'person' | 'funder' | 'system'

/** On whose side the reason lies follows from the reason, unless the recipient knows better. */
export const sideOf = (reason: DeclineReason, told?: Side) =>
  told ?? (extra('decline_reason', reason, 'side') as Side)

export function decline(
  row: { status: Status },
  answer: { reason: DeclineReason; side?: Side | undefined; note: string },
  by: string,
  now: string,
) {
  if (row.status !== 'sent' && row.status !== 'waitlisted') throw refuse('referral_not_open')
  if (answer.reason === 'other' && answer.note === '')
    throw refuse('decline_needs_a_sentence', [{ pointer: '/note', code: 'decline_needs_a_sentence' }])
  return {
    status: 'declined' as const,
    answeredAt: now,
    answeredByName: by,
    endedAt: now,
    declineReason: answer.reason,
    declineSide: sideOf(answer.reason, answer.side),
    declineNote: answer.note || null,
  }
}

export function withdraw(row: { status: Status }, by: Code<'referral_withdrawal'>, now: string) {
  if (!openStatuses.some((status) => status === row.status)) throw refuse('referral_not_open')
  return { status: 'withdrawn' as const, withdrawnBy: by, endedAt: now }
}

/** Arrival and no-show are recorded on the handover; they move the referral along. */
export const moved = { arrived: 'started', failed: 'not_started' } as const satisfies Record<string, Status>

/** Free text belongs to its section: the situation is part of the clearing summary. */
export const used = (categories: readonly Category[], situation: string): Category[] => [
  ...new Set<Category>([...categories, ...(situation ? (['clearing_summary'] as const) : [])]),
]
