// Who may be given a link, when is it dead, and what must an answer say that comes through it?
import { defineProblems } from '../../platform/problem.ts'
import { codes, type Code } from '../vocabularies/index.ts'

export const refuse = defineProblems({
  referral_awaits_no_answer: {
    status: 409,
    text: {
      de: 'Auf diese Vermittlung steht keine Antwort aus.',
      en: 'No answer to this referral is due.',
      da: 'Der afventes ikke svar på denne henvisning.',
    },
  },
  recipient_has_no_email: {
    status: 409,
    text: {
      de: 'Für die empfangende Stelle ist keine E-Mail-Adresse hinterlegt. Bitte eine angeben.',
      en: 'No e-mail address of the recipient is known. Please give one.',
      da: 'Der er ikke registreret en e-mailadresse for modtageren. Angiv venligst en.',
    },
  },
  answer_link_exists: {
    status: 409,
    text: {
      de: 'Es gibt schon einen gültigen Link für diese Vermittlung. Bitte ihn erst widerrufen.',
      en: 'There is a valid link for this referral already. Please revoke it first.',
      da: 'Der findes allerede et gyldigt link til denne henvisning. Tilbagekald det først.',
    },
  },
  answer_link_ended: {
    status: 409,
    text: {
      de: 'Über diesen Link wurde schon geantwortet, oder er ist widerrufen.',
      en: 'This link has been answered or revoked already.',
      da: 'Dette link er allerede besvaret eller tilbagekaldt.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    answers: typeof refuse
  }
}

export const days = 14
export const most = 5
export const openMinutes = 30

export const linkStatuses = ['waiting', 'open', 'locked', 'answered', 'revoked', 'expired', 'closed'] as const

interface Link {
  tries: number
  expiresAt: string
  openedUntil: string | null
  answeredAt: string | null
  revokedAt: string | null
}

const past = (instant: string, now: number) => Date.parse(instant) <= now

/** `awaited`: whether the referral behind it still waits for an answer. */
export function statusOf(link: Link, now: number, awaited = true): (typeof linkStatuses)[number] {
  if (link.answeredAt) return 'answered'
  if (link.revokedAt) return 'revoked'
  if (!awaited) return 'closed'
  if (link.tries >= most) return 'locked'
  if (past(link.expiresAt, now)) return 'expired'
  return link.openedUntil && !past(link.openedUntil, now) ? 'open' : 'waiting'
}

export const isLiving = (link: Link, now: number, awaited?: boolean) =>
  ['waiting', 'open'].includes(statusOf(link, now, awaited))

/** A locked or expired one makes way; a valid one is revoked first, so that nobody's code stops working unnoticed. */
export function replaceable(former: Link | undefined, now: string) {
  if (former && isLiving(former, Date.parse(now))) throw refuse('answer_link_exists')
}

export const isUnanswered = ({ status }: { status: Code<'referral_status'> }) =>
  status === 'sent' || status === 'waitlisted'

export function unanswered<T extends { status: Code<'referral_status'> }>(referral: T): T {
  if (!isUnanswered(referral)) throw refuse('referral_awaits_no_answer')
  return referral
}

export const expiryOf = (now: string) => new Date(Date.parse(now) + days * 86_400_000).toISOString()

export function addressOf(given: string | undefined, ofRecipient: string | null | undefined): string {
  const email = given ?? ofRecipient
  if (!email) throw refuse('recipient_has_no_email')
  return email
}

export function revoke(link: Link, now: string) {
  if (link.answeredAt || link.revokedAt) throw refuse('answer_link_ended')
  return { revokedAt: now }
}

/** As it is told by phone: people write it down in groups. */
export const codeFrom = (typed: string) => typed.replace(/[\s.-]/g, '')

export type Decision =
  | { kind: 'accept'; name: string }
  | { kind: 'decline'; name: string; reason: Code<'decline_reason'>; note: string }

export type Field = 'name' | 'decision' | 'reason' | 'note'

const longest = { name: 120, note: 1000 }
const isReason = (text: string): text is Code<'decline_reason'> =>
  codes('decline_reason').some((code) => code === text)

/** What a form says, or which of its fields are to be filled in once more. */
export function decisionOf(form: {
  decision: string
  reason: string
  note: string
  name: string
}): { decision: Decision } | { wrong: Field[] } {
  const name = form.name.trim()
  const note = form.note.replaceAll('\r\n', '\n').trim()
  const declines = form.decision === 'decline'
  const wrong: Field[] = []
  if (form.decision !== 'accept' && !declines) wrong.push('decision')
  if (declines && !isReason(form.reason)) wrong.push('reason')
  if (declines && form.reason === 'other' && note === '') wrong.push('note')
  else if (note.length > longest.note || !note.isWellFormed() || note.includes('\u0000')) wrong.push('note')
  if (name === '' || name.length > longest.name || !name.isWellFormed() || /\p{Cc}/u.test(name))
    wrong.push('name')
  if (wrong.length > 0) return { wrong }
  return {
    decision: declines
      ? { kind: 'decline', name, reason: form.reason as Code<'decline_reason'>, note }
      : { kind: 'accept', name },
  }
}
