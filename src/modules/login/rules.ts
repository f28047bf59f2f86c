// Who gets in, with what, and what may somebody do who gets in only to put something right?
import { defineProblems } from '../../platform/problem.ts'
import { hardToGuess } from '../identity/index.ts'

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

declare module '../../platform/problem.ts' {
  interface Defined {
    login: typeof refuse
  }
}

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

export const hasEnded = (temporaryUntil: string | null, now: number) =>
  temporaryUntil !== null && Date.parse(temporaryUntil) <= now

/** Nobody takes away from oneself what a stolen session could then do without. */
export function ofSomebodyElse(userId: string, adminId: string | null) {
  if (userId === adminId) throw refuse('own_credentials')
}

/** What somebody may set instead of the password that they have. */
export function acceptable(password: string, current: string, own: readonly string[]) {
  if (password === current)
    throw refuse('password_unchanged', [{ pointer: '/newPassword', code: 'password_unchanged' }])
  hardToGuess(password, own, '/newPassword')
}
