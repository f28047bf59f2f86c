// What may be said about a member's secrecy, and which password may somebody have?
import { defineProblems } from '../../platform/problem.ts'
import { commonWords, rows } from './common.ts'

export const refuse = defineProblems({
  own_secrecy_obligation: {
    status: 409,
    text: {
      de: 'Die eigene Verpflichtung erfasst jemand anderes.',
      en: 'Somebody else records your own obligation.',
      da: 'Ens egen forpligtelse registreres af en anden.',
    },
  },
  date_in_the_future: {
    status: 409,
    text: {
      de: 'Das Datum liegt in der Zukunft.',
      en: 'The date lies in the future.',
      da: 'Datoen ligger i fremtiden.',
    },
  },
  password_easily_guessed: {
    status: 409,
    text: {
      de: 'Dieses Passwort errät man leicht: Es besteht vor allem aus dem Namen, der Adresse oder einem der häufigsten Wörter. Am besten ist ein langer Satz.',
      en: 'This password is easily guessed: it is mostly the name, the address or one of the most common words. A long sentence is best.',
      da: 'Denne adgangskode er let at gætte: den består mest af navnet, adressen eller et af de mest almindelige ord. Bedst er en lang sætning.',
    },
  },
  membership_has_ended: {
    status: 409,
    text: {
      de: 'Diese Mitgliedschaft ist schon beendet.',
      en: 'This membership has ended already.',
      da: 'Dette medlemskab er allerede ophørt.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    identity: typeof refuse
  }
}

/** § 203 (4) StGB: the obligation is a fact of the past, recorded by somebody else. */
export function obligation(
  subject: { userId: string; boundOn: string },
  recorderId: string | null,
  today: string,
) {
  if (subject.userId === recorderId) throw refuse('own_secrecy_obligation')
  if (subject.boundOn > today)
    throw refuse('date_in_the_future', [{ pointer: '/boundOn', code: 'date_in_the_future' }])
}

const temporaryHours = 72
export const temporaryUntil = (now: string) =>
  new Date(Date.parse(now) + temporaryHours * 3_600_000).toISOString()

const longestRun = 4
const fewest = 6
const plain = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

const runs = rows.flatMap((row) => [row, [...row].reverse().join('')])

/** Takes away every stretch that a finger runs along. */
function withoutRuns(text: string): string {
  let rest = ''
  for (let at = 0; at < text.length;) {
    let length = longestRun
    while (at + length <= text.length && runs.some((run) => run.includes(text.slice(at, at + length))))
      length += 1
    if (length > longestRun) at += length - 1
    else rest += text[at++]
  }
  return rest
}

/**
 * NIST SP 800-63B-4 § 3.1.1.2: no rules about kinds of characters; refused is what is expected. What is left of a password
 * without the person's own words, without runs, repetitions and years, and without one common word has to be something.
 */
export function hardToGuess(password: string, own: readonly string[], pointer: string) {
  const words = own
    .flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)])
    .map(plain)
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length)
  let rest = plain(password)
  for (const word of words) rest = rest.replaceAll(word, '')
  rest = withoutRuns(rest.replace(/(.{1,4}?)\1{2,}/gu, '')).replace(/(19|20)\d\d/g, '')
  const common = [...commonWords].filter((word) => rest.includes(word)).sort((a, b) => b.length - a.length)[0]
  if (common !== undefined) rest = rest.replaceAll(common, '')
  if (rest.length < fewest)
    throw refuse('password_easily_guessed', [{ pointer, code: 'password_easily_guessed' }])
}
