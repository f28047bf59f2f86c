// When is a webhook called again, when is it given up, and when does Lotse stop calling by itself?
import { defineProblems } from '../../platform/problem.ts'
import type { Code } from '../vocabularies/index.ts'

export const refuse = defineProblems({
  webhook_url_not_allowed: {
    status: 400,
    text: {
      de: 'Diese Adresse wird nicht angerufen: Sie muss mit https beginnen und zu einem öffentlichen oder vom Betrieb freigegebenen Rechner führen.',
      en: 'This address is not called: it must begin with https and lead to a public machine, or to one that the operator has allowed.',
      da: 'Denne adresse kaldes ikke: den skal begynde med https og føre til en offentlig maskine eller en, som driften har tilladt.',
    },
  },
  too_many_webhooks: {
    status: 409,
    text: {
      de: 'Diese Organisation hat schon so viele Webhooks, wie sie haben kann.',
      en: 'This organisation has as many webhooks as it can have.',
      da: 'Denne organisation har allerede så mange webhooks, som den kan have.',
    },
  },
  webhook_is_active: {
    status: 409,
    text: {
      de: 'Der Webhook ist schon aktiv.',
      en: 'The webhook is active already.',
      da: 'Webhooken er allerede aktiv.',
    },
  },
  webhook_is_paused: {
    status: 409,
    text: {
      de: 'Der Webhook ist schon angehalten.',
      en: 'The webhook is paused already.',
      da: 'Webhooken er allerede sat på pause.',
    },
  },
  delivery_under_way: {
    status: 409,
    text: {
      de: 'Diese Zustellung ist noch unterwegs.',
      en: 'This delivery is still on its way.',
      da: 'Denne levering er stadig undervejs.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    webhooks: typeof refuse
  }
}

type Status = Code<'webhook_status'>

export const mostWebhooks = 50

/** As it is stored and called: an ü in a path is six letters then. */
export const asCalled = (given: string) => {
  const url = new URL(given)
  url.hash = ''
  return url.href
}

/** Seconds after each failed attempt: eight attempts within 24 hours. */
const delays = [30, 120, 600, 3_600, 3 * 3_600, 7 * 3_600, 12 * 3_600] as const

/** How long the secret before the present one goes on signing, in milliseconds. */
const overlap = 24 * 3_600_000

const givenUpInARow = 10
const failingDays = 5

export function pause({ status }: { status: Status }) {
  if (status === 'paused') throw refuse('webhook_is_paused')
  return { status: 'paused' as const, stoppedBecause: null, failingSince: null, givenUp: 0 }
}

export function resume({ status }: { status: Status }) {
  if (status === 'active') throw refuse('webhook_is_active')
  return { status: 'active' as const, stoppedBecause: null, failingSince: null, givenUp: 0 }
}

/** Also what waits for its next attempt, but not while somebody makes one: by then that one has come to its end. */
const longestAttempt = 60_000

export function replay(
  { status, lastAttemptAt }: { status: Code<'delivery_status'>; lastAttemptAt: string | null },
  now: string,
) {
  const underWay = lastAttemptAt !== null && Date.parse(now) - Date.parse(lastAttemptAt) < longestAttempt
  if (status === 'pending' && underWay) throw refuse('delivery_under_way')
  return { status: 'pending' as const, attempts: 0, nextAttemptAt: now, deliveredAt: null }
}

export const formerUntil = (now: string) => new Date(Date.parse(now) + overlap).toISOString()

export interface Outcome {
  status: number | null
  error: string | null
}

/** Only 2xx says that it was taken; a redirect is somebody else's address, and nobody has checked that. */
export const taken = ({ status }: Pick<Outcome, 'status'>) => status !== null && status >= 200 && status < 300

/** By Lotse itself, because the process ended: that says nothing about the other side. */
export const brokenOff = ({ error }: Pick<Outcome, 'error'>) => error === 'given_up'

/**
 * What the log says of it. Of an address that is not public, or that was not found, only whether it was taken: otherwise
 * whoever sets up a webhook reads there which machines and ports there are inside, and how far away.
 */
export const logged = ({ status, error, ms }: Outcome & { ms: number }, isPublic: boolean) =>
  isPublic
    ? { lastStatus: status, lastError: error, lastMs: ms }
    : { lastStatus: null, lastError: taken({ status }) ? null : 'not_taken', lastMs: null }

/** `spread` from 0 to 1 keeps all that failed at one instant from coming back at one instant. */
export function afterAttempt(
  attempt: { attempts: number; only: boolean },
  outcome: Outcome,
  now: number,
  spread: number,
) {
  const at = new Date(now).toISOString()
  if (taken(outcome)) return { status: 'delivered' as const, nextAttemptAt: null, deliveredAt: at }
  const delay = attempt.only ? undefined : delays[attempt.attempts - 1]
  if (delay === undefined || outcome.status === 410)
    return { status: 'exhausted' as const, nextAttemptAt: null, deliveredAt: null }
  const nextAttemptAt = new Date(now + delay * (1 - spread / 5) * 1_000).toISOString()
  return { status: 'pending' as const, nextAttemptAt, deliveredAt: null }
}

interface Health {
  status: Status
  stoppedBecause: Code<'webhook_stop'> | null
  failingSince: string | null
  givenUp: number
}

/** Whoever has paused it meanwhile has decided; a failure that was under way changes nothing of that. */
export function afterCall(webhook: Health, outcome: Outcome, exhausted: boolean, now: string): Health {
  const { status, stoppedBecause } = webhook
  if (taken(outcome)) return { status, stoppedBecause, failingSince: null, givenUp: 0 }
  const failingSince = webhook.failingSince ?? now
  const givenUp = webhook.givenUp + (exhausted ? 1 : 0)
  const failing = { failingSince, givenUp }
  if (status !== 'active') return { status, stoppedBecause, ...failing }
  if (outcome.status === 410) return { status: 'failing', stoppedBecause: 'gone', ...failing }
  const tooLong = Date.parse(now) - Date.parse(failingSince) > failingDays * 24 * 3_600_000
  return givenUp >= givenUpInARow || tooLong
    ? { status: 'failing', stoppedBecause: 'failures', ...failing }
    : { status, stoppedBecause, ...failing }
}
