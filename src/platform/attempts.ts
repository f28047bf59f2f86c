// How often has somebody guessed? Counted for all processes together, so that guessing pays nowhere; never whom or from where.
import rateLimit from '@fastify/rate-limit'
import { sql } from 'drizzle-orm'
import { createHmac } from 'node:crypto'
import type { Tx } from './db.ts'
import type { Keys } from './keys.ts'
import { defineProblems } from './problem.ts'
import { ask, statement, type Ask, type Given } from './statement.ts'

export const refuse = defineProblems({
  too_many_attempts: {
    status: 429,
    text: {
      de: 'Das waren zu viele Versuche. Bitte warten Sie so lange, wie „Retry-After“ sagt.',
      en: 'These were too many attempts. Please wait as long as "Retry-After" says.',
      da: 'Det var for mange forsøg. Vent så længe, som "Retry-After" siger.',
    },
  },
})

declare module './problem.ts' {
  interface Defined {
    attempts: typeof refuse
  }
}

/** What is guessed at: each kind is counted for itself. */
export type Kind = 'account' | 'client' | 'answer_link'

// Many people sit behind one address of a town hall, and all of them mistype; answer links are followed by few.
const freeOf: Record<Kind, { subject: number; address: number }> = {
  account: { subject: 5, address: 100 },
  client: { subject: 5, address: 100 },
  answer_link: { subject: 5, address: 50 },
}

export const longestDelay = 900

/** Seconds until the next try, after so many failures: some are free, then 1, 2, 4 …, at most a quarter of an hour. */
export const delayAfter = (failures: number, free: number) =>
  failures <= free ? 0 : Math.min(2 ** (failures - free - 1), longestDelay)

/** For the database, which counts: the delay after the first failure that is not free, after the second … */
const delays = Array.from({ length: 11 }, (_, at) => delayAfter(at + 1, 0))

interface Counted {
  subject: Buffer | null
  familiar: Buffer | null
  address: Buffer | null
  freeOfSubject: number
  freeOfAddress: number
  delays: number[]
}

export interface Begun {
  /** Seconds; 0 when this try may be made. */
  wait: number
  /** Counted already, as if it had failed: with no free tries left, there is one at a time. */
  subjectCounted: boolean
  addressCounted: boolean
}

const begins = statement(
  'platform.attempts.begins',
  (given: Given<Counted>) => sql<Begun>`
    select wait, subject_counted as "subjectCounted", address_counted as "addressCounted"
    from lotse.attempt_begins(${given.subject}::bytea, ${given.familiar}::bytea, ${given.address}::bytea,
      ${given.freeOfSubject}::int, ${given.freeOfAddress}::int, ${given.delays}::int[])`,
)
const failed = statement(
  'platform.attempts.failed',
  (given: Given<Counted>) => sql`
    select lotse.attempt_failed(${given.subject}::bytea, ${given.familiar}::bytea, ${given.address}::bytea,
      ${given.freeOfSubject}::int, ${given.freeOfAddress}::int, ${given.delays}::int[])`,
)
const succeeded = statement(
  'platform.attempts.succeeded',
  (given: Given<Pick<Counted, 'subject' | 'familiar' | 'address'>>) => sql`
    select lotse.attempt_succeeded(${given.subject}::bytea, ${given.familiar}::bytea, ${given.address}::bytea)`,
)

/** Counts are kept for a day; for a month, from where an account was really used. */
export const forgetAttempts = ask(
  statement('platform.attempts.forget', () => sql`select lotse.forget_attempts()`),
  {},
)

export interface Attempt {
  /** Ask this together with what the decision needs, and give the answer to `admit` before looking at any secret. */
  begins: Ask<Begun>
  /** @throws too_many_attempts */
  admit(begun: Begun | undefined): void
  /** Ask this when it was wrong, outside a transaction that is rolled back. */
  failed(): Ask<unknown>
  /** Queued in the transaction that lets somebody in. */
  succeeded(tx: Tx): void
}

export function createAttempts(keys: Keys) {
  const key = keys.derive('attempts')
  const hashOf = (...parts: string[]) => createHmac('sha256', key).update(parts.join('\u0000')).digest()
  return {
    /**
     * One try, by whom it claims to be (nobody, where only the address is known) and from where. An account that was
     * used from this address before is counted apart there: whoever guesses elsewhere does not lock its owner out.
     */
    of(kind: Kind, ip: string, subject?: string): Attempt {
      // Whoever has one address of IPv6 has a /64 of them.
      const address = rateLimit.normalizeIP(ip, 64)
      // A new count with every hour: what a whole town hall mistypes does not add up for weeks.
      const hour = String(Math.floor(Date.now() / 3_600_000))
      const free = freeOf[kind]
      const counted: Counted = {
        subject: subject === undefined ? null : hashOf(kind, 'subject', subject),
        familiar: subject === undefined ? null : hashOf(kind, 'familiar', subject, address),
        address: hashOf(kind, 'address', address, hour),
        freeOfSubject: free.subject,
        freeOfAddress: free.address,
        delays,
      }
      let begun: Begun | undefined
      return {
        begins: ask(begins, counted),
        admit(answer) {
          if (!answer) throw new Error('the attempt was not counted')
          if (answer.wait > 0) throw Object.assign(refuse('too_many_attempts'), { retryAfter: answer.wait })
          begun = answer
        },
        failed: () =>
          ask(failed, {
            ...counted,
            ...(begun?.subjectCounted && { subject: null, familiar: null }),
            ...(begun?.addressCounted && { address: null }),
          }),
        succeeded: (tx) =>
          tx.saveAll(succeeded, { ...counted, address: begun?.addressCounted ? counted.address : null }),
      }
    },
  }
}
