// Who gets in, with what, and what may somebody do who gets in only to put something right?
import { defineProblems } from '../../platform/problem.ts'
import { commonWords, rows } from './common.ts'

export const refuse = defineProblems({
  sign_in_failed: {
    status: 401,
    text: {
      de: 'Kommune, E-Mail, Passwort oder Code stimmen nicht.',
      en: 'Municipality, e-mail, password or code are not right.',
      da: 'Kommune, e-mail, adgangskode eller kode er ikke rigtig.',
    },
  },
  session_ended: {
    status: 401,
    text: {
      de: 'Diese Sitzung ist beendet. Bitte neu anmelden.',
      en: 'This session has ended. Please sign in again.',
      da: 'Denne session er afsluttet. Log ind igen.',
    },
  },
  second_factor_needed: {
    status: 401,
    text: {
      de: 'Dazu gehört der Code des zweiten Faktors (oder ein Wiederherstellungscode), als „otp“.',
      en: 'This needs the code of the second factor (or a recovery code), as "otp".',
      da: 'Hertil hører koden fra den anden faktor (eller en gendannelseskode), som "otp".',
    },
  },
  second_factor_is_on: {
    status: 409,
    text: {
      de: 'Der zweite Faktor ist schon eingeschaltet.',
      en: 'The second factor is on already.',
      da: 'Den anden faktor er allerede slået til.',
    },
  },
  second_factor_is_off: {
    status: 409,
    text: {
      de: 'Es ist kein zweiter Faktor eingeschaltet.',
      en: 'No second factor is on.',
      da: 'Der er ikke slået nogen anden faktor til.',
    },
  },
  code_not_right: {
    status: 409,
    text: {
      de: 'Dieser Code stimmt nicht oder wurde schon benutzt.',
      en: 'This code is not right or was used already.',
      da: 'Denne kode er ikke rigtig eller er allerede brugt.',
    },
  },
  current_password_not_right: {
    status: 409,
    text: {
      de: 'Das jetzige Passwort stimmt nicht.',
      en: 'The current password is not right.',
      da: 'Den nuværende adgangskode er ikke rigtig.',
    },
  },
  password_unchanged: {
    status: 409,
    text: {
      de: 'Das ist das bisherige Passwort.',
      en: 'This is the password that you had.',
      da: 'Det er den hidtidige adgangskode.',
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
  own_credentials: {
    status: 409,
    text: {
      de: 'Das eigene Passwort und den eigenen zweiten Faktor ändert man selbst, mit dem jetzigen Passwort oder einem Code.',
      en: 'One changes the own password and the own second factor oneself, with the current password or a code.',
      da: 'Egen adgangskode og egen anden faktor ændrer man selv, med den nuværende adgangskode eller en kode.',
    },
  },
  no_password_here: {
    status: 409,
    text: {
      de: 'Diese Person meldet sich hier nicht mit einem Passwort an.',
      en: 'This person does not sign in here with a password.',
      da: 'Denne person logger ikke ind her med en adgangskode.',
    },
  },
})

/** What a session may do that began only to put something right: that, and to end. */
export const onlyTo = {
  change_password: ['passwords.change', 'auth.sign_out'],
  set_up_second_factor: [
    'second_factor.read',
    'second_factor.start',
    'second_factor.confirm',
    'auth.sign_out',
  ],
} as const
export type MustFirst = keyof typeof onlyTo

export const mustFirstOf = (scopes: readonly string[] | null): MustFirst | null =>
  (Object.keys(onlyTo) as MustFirst[]).find((must) => onlyTo[must].join() === scopes?.join()) ?? null

export type SecondFactorRequired = 'none' | 'content_roles' | 'everyone'

/** The password comes first: who sets up a second factor should do it with a password that only they know. */
export function mustFirst(
  { temporaryUntil, hasSecondFactor }: { temporaryUntil: string | null; hasSecondFactor: boolean },
  required: SecondFactorRequired,
  worksWithContent: boolean,
): MustFirst | null {
  if (temporaryUntil !== null) return 'change_password'
  const needed = required === 'everyone' || (required === 'content_roles' && worksWithContent)
  return needed && !hasSecondFactor ? 'set_up_second_factor' : null
}

const sessionMinutes = 12 * 60
const minutesToPutRight = 15
export const expiryOf = (must: MustFirst | null, now: number) =>
  new Date(now + (must ? minutesToPutRight : sessionMinutes) * 60_000).toISOString()

const temporaryHours = 72
export const temporaryUntil = (now: string) =>
  new Date(Date.parse(now) + temporaryHours * 3_600_000).toISOString()

export const hasEnded = (temporaryUntil: string | null, now: number) =>
  temporaryUntil !== null && Date.parse(temporaryUntil) <= now

/** Nobody takes away from oneself what a stolen session could then do without. */
export function ofSomebodyElse(userId: string, adminId: string | null) {
  if (userId === adminId) throw refuse('own_credentials')
}

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
export function acceptable(password: string, current: string, own: readonly string[]) {
  if (password === current)
    throw refuse('password_unchanged', [{ pointer: '/newPassword', code: 'password_unchanged' }])
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
    throw refuse('password_easily_guessed', [{ pointer: '/newPassword', code: 'password_easily_guessed' }])
}
