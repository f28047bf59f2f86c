// Which step may a referral take now, and what does each step set?
import { defineProblems } from '../../platform/problem.ts'
import { extra, type Code } from '../vocabularies/index.ts'
import type { Category } from '../releases/index.ts'
import { daysAfter } from '../tasks/index.ts'

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
      de: 'In diesem Stand geht das mit der Vermittlung nicht.',
      en: 'The referral is not in a state in which this is possible.',
      da: 'Dette er ikke muligt i henvisningens nuværende status.',
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
  expected_in_the_past: {
    status: 409,
    text: {
      de: 'Der erwartete Tag liegt in der Vergangenheit.',
      en: 'The expected day lies in the past.',
      da: 'Den forventede dag ligger i fortiden.',
    },
  },
  redirect_to_a_third_party: {
    status: 409,
    text: {
      de: 'Vorgeschlagen wird ein Angebot einer dritten Stelle, nicht das eigene und nicht das der abgebenden.',
      en: 'What is proposed is an offer of a third organisation, neither the own nor the giving one.',
      da: 'Der foreslås et tilbud fra en tredje instans, hverken den egne eller den afgivende.',
    },
  },
  thread_names_the_person: {
    status: 409,
    text: {
      de: 'Der Text nennt die Person beim Namen. Hier geht es um den Weg, nicht um die Person.',
      en: 'The text names the person. This is about the way, not about the person.',
      da: 'Teksten nævner personen ved navn. Her handler det om vejen, ikke om personen.',
    },
  },
  outcome_is_the_recipients_secret: {
    status: 409,
    text: {
      de: 'Die Entbindung gilt nur in eine Richtung: Das Ergebnis darf die empfangende Stelle nicht zurückmelden.',
      en: 'The release runs one way only: the recipient may not tell back the outcome.',
      da: 'Samtykket gælder kun én vej: modtageren må ikke melde resultatet tilbage.',
    },
  },
  another_youth_office_is_responsible: {
    status: 409,
    text: {
      de: 'Für diesen Wohnort ist ein anderes Jugendamt zuständig; es steht unter „responsibleOrganizationName“.',
      en: 'Another youth office is responsible for this residence; see "responsibleOrganizationName".',
      da: 'En anden børne- og ungemyndighed er ansvarlig for dette bopælssted; se "responsibleOrganizationName".',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    referrals: typeof refuse
  }
}

/** A referral that is still on its way; these end when the release or the case under them ends. */
export const openStatuses = [
  'draft',
  'sent',
  'waitlisted',
  'accepted',
  'started',
  'not_started',
] as const satisfies readonly Status[]

/** Where the two organisations have agreed on nothing. */
const defaultAnswerDays = 7

export const answerDueOn = (agreed: { answerDays: number } | undefined, today: string) =>
  daysAfter(today, agreed?.answerDays ?? defaultAnswerDays)

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

/** Sent and not answered for good: the recipient's turn. */
function awaiting(row: { status: Status }) {
  if (row.status !== 'sent' && row.status !== 'waitlisted') throw refuse('referral_not_open')
}

export function accept(row: { status: Status }, by: string, now: string) {
  awaiting(row)
  return { status: 'accepted' as const, answeredAt: now, answeredByName: by }
}

type DeclineReason = Code<'decline_reason'>
export type Side = 'provider' | 'person' | 'funder' | 'system'

/** On whose side the reason lies follows from the reason, unless the recipient knows better. */
export const sideOf = (reason: DeclineReason, told?: Side) =>
  told ?? (extra('decline_reason', reason, 'side') as Side)

export interface Declining {
  reason: DeclineReason
  side?: Side | undefined
  note: string
}

export function decline(row: { status: Status }, answer: Declining, by: string, now: string) {
  awaiting(row)
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

export interface Waiting {
  position: number
  expectedOn: string
}

/** Also again: a place on a waiting list moves. */
export function waitlist(row: { status: Status }, place: Waiting, by: string, now: string, today: string) {
  awaiting(row)
  if (place.expectedOn < today)
    throw refuse('expected_in_the_past', [{ pointer: '/expectedOn', code: 'expected_in_the_past' }])
  return {
    status: 'waitlisted' as const,
    answeredAt: now,
    answeredByName: by,
    waitlistPosition: place.position,
    expectedOn: place.expectedOn,
  }
}

/** Proposes and ends; whether anything goes there, the person and the giver decide anew. */
export function redirect(
  row: { status: Status } & Parties,
  offer: { id: string; organizationId: string; active: boolean },
  note: string,
  by: string,
  now: string,
) {
  awaiting(row)
  if (!offer.active) throw refuse('offer_not_active', [{ pointer: '/offerId', code: 'offer_not_active' }])
  if ([row.recipientOrganizationId, row.senderOrganizationId].includes(offer.organizationId))
    throw refuse('redirect_to_a_third_party', [{ pointer: '/offerId', code: 'redirect_to_a_third_party' }])
  return {
    status: 'redirected' as const,
    answeredAt: now,
    answeredByName: by,
    endedAt: now,
    redirectOfferId: offer.id,
    redirectNote: note || null,
  }
}

/** Somebody at the recipient looks after it; a colleague may take over. */
export function take(row: { status: Status }, by: { membershipId: string; name: string }, now: string) {
  onItsWay(row)
  return { takenByMembershipId: by.membershipId, takenByName: by.name, takenAt: now }
}

/**
 * The end of a help that began. That it began and how it ended is the recipient's secret: telling it back needs a release
 * that runs both ways; the giver knows it from the person.
 */
export function conclude(
  row: { status: Status },
  outcome: Code<'outcome_rating'>,
  witness: { recipient: boolean; direction: Code<'release_direction'> | undefined },
  now: string,
) {
  if (row.status !== 'started') throw refuse('referral_not_open')
  if (witness.recipient && witness.direction !== 'both') throw refuse('outcome_is_the_recipients_secret')
  return { status: 'closed_engaged' as const, outcome, endedAt: now }
}

/** Sent and not ended: there is a way to write about. */
export function onItsWay<T extends { status: Status }>(row: T): T {
  if (row.status === 'draft' || !openStatuses.some((status) => status === row.status))
    throw refuse('referral_not_open')
  return row
}

const words = (text: string) =>
  text
    .normalize('NFC')
    .toLowerCase()
    .match(/[\p{L}\p{M}]+/gu) ?? []

// Parts of names that are everyday words of our languages.
const particles = new Set([
  'von',
  'van',
  'der',
  'den',
  'dem',
  'des',
  'das',
  'und',
  'zum',
  'zur',
  'del',
  'dos',
  'the',
])

/** The thread holds no fact about the person, and their name is the first of all facts. */
export function nameless(text: string, names: readonly (string | undefined)[], pointer: string) {
  const telling = new Set(
    names.flatMap((name) => words(name ?? '')).filter((word) => [...word].length > 2 && !particles.has(word)),
  )
  if (words(text).some((word) => telling.has(word)))
    throw refuse('thread_names_the_person', [{ pointer, code: 'thread_names_the_person' }])
  return text
}

interface YouthOffice {
  id: string
  name: string
}

/**
 * Several youth offices in one district are responsible by residence. `claiming` are those that claim the person's, and
 * nobody where the recipient is no youth office; an unknown residence says nothing against anybody.
 */
export function responsibleForResidence(recipientOrganizationId: string, claiming: readonly YouthOffice[]) {
  const [office] = claiming
  if (!office || claiming.some(({ id }) => id === recipientOrganizationId)) return
  throw refuse('another_youth_office_is_responsible', [], {
    responsibleOrganizationId: office.id,
    responsibleOrganizationName: office.name,
  })
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
