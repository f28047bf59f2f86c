// When may an appointment be planned, moved and concluded, and after how many tries is contact lost?
import { defineProblems } from '../../platform/problem.ts'
import { dayIn, workingDaysAfter } from '../deadlines/index.ts'
import { daysAfter } from '../tasks/index.ts'
import type { Code } from '../vocabularies/index.ts'

export const refuse = defineProblems({
  appointment_not_planned: {
    status: 409,
    text: {
      de: 'Wie der Termin ausging, ist schon festgehalten.',
      en: 'How this appointment went is on record already.',
      da: 'Det er allerede registreret, hvordan aftalen gik.',
    },
  },
  appointment_in_the_past: {
    status: 409,
    text: {
      de: 'Ein Termin wird für die Zukunft vereinbart.',
      en: 'An appointment is arranged for the future.',
      da: 'En aftale laves for fremtiden.',
    },
  },
  appointment_too_far_ahead: {
    status: 409,
    text: {
      de: 'Ein Termin liegt höchstens drei Jahre voraus.',
      en: 'An appointment lies three years ahead at most.',
      da: 'En aftale ligger højst tre år ude i fremtiden.',
    },
  },
  appointment_not_begun: {
    status: 409,
    text: {
      de: 'Der Termin hat noch nicht begonnen: bis dahin kann er nur abgesagt werden.',
      en: 'The appointment has not begun yet: until then it can only be cancelled.',
      da: 'Aftalen er ikke begyndt endnu: indtil da kan den kun aflyses.',
    },
  },
  next_step_missing: {
    status: 409,
    text: {
      de: 'Nach einer Absage braucht es einen neuen nächsten Schritt mit Datum oder einen anderen Termin.',
      en: 'After a cancellation there has to be a new dated next step, or another appointment.',
      da: 'Efter en aflysning skal der være et nyt dateret næste skridt eller en anden aftale.',
    },
  },
  companion_outside_the_unit: {
    status: 409,
    text: {
      de: 'Begleitet wird durch eine Lotsin oder einen Lotsen der zuständigen Stelle.',
      en: 'A navigator of the responsible unit goes along.',
      da: 'En brobygger fra den ansvarlige enhed går med.',
    },
  },
  attempt_in_the_future: {
    status: 409,
    text: {
      de: 'Ein Kontaktversuch wird festgehalten, wenn er gemacht ist.',
      en: 'A contact attempt is recorded once it has been made.',
      da: 'Et kontaktforsøg registreres, når det er gjort.',
    },
  },
  attempt_before_the_case: {
    status: 409,
    text: {
      de: 'An diesem Tag war der Fall noch nicht eröffnet.',
      en: 'On that day the case was not open yet.',
      da: 'Den dag var sagen endnu ikke åbnet.',
    },
  },
  contact_not_lost: {
    status: 409,
    text: {
      de: 'Der Kontakt ist erst verloren nach drei vergeblichen Versuchen an drei Tagen auf zwei Wegen, oder wenn die Person keinen mehr möchte.',
      en: 'Contact is lost only after three tries in vain on three days in two ways, or when the person wants no more.',
      da: 'Kontakten er først tabt efter tre forgæves forsøg på tre dage ad to veje, eller når personen ikke ønsker mere.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    appointments: typeof refuse
  }
}

type Status = Code<'appointment_status'>
export type Outcome = Exclude<Status, 'planned'>

export function planned<T extends { status: Status }>(row: T): T {
  if (row.status !== 'planned') throw refuse('appointment_not_planned')
  return row
}

const furthestDays = 3 * 366

/** As it is written: a planned appointment whose hour has come stays planned until somebody says how it went. */
export function ahead(startsAt: string, now: string, today: string) {
  const at = Date.parse(startsAt)
  const refused = (code: 'appointment_in_the_past' | 'appointment_too_far_ahead') =>
    refuse(code, [{ pointer: '/startsAt', code }])
  if (at < Date.parse(now)) throw refused('appointment_in_the_past')
  if (at > Date.parse(`${daysAfter(today, furthestDays)}T00:00:00Z`))
    throw refused('appointment_too_far_ahead')
  return startsAt
}

/** By then somebody has said whether the person came. */
export const checkOn = (timeZone: string, startsAt: string) => workingDaysAfter(dayIn(timeZone, startsAt), 1)

export function companion(organizationId: string, colleague: { role: string; organizationId: string }) {
  if (
    colleague.organizationId !== organizationId ||
    !['navigator', 'navigation_head'].includes(colleague.role)
  )
    throw refuse('companion_outside_the_unit', [
      { pointer: '/accompaniedByMembershipId', code: 'companion_outside_the_unit' },
    ])
}

/** Recorded once. Whoever takes an appointment away says what comes instead. */
export function conclude(
  row: { status: Status; startsAt: string },
  status: Outcome,
  { stepGiven, anotherPlanned }: { stepGiven: boolean; anotherPlanned: boolean },
  now: string,
) {
  planned(row)
  if (status === 'held' || status === 'no_show') {
    if (Date.parse(now) < Date.parse(row.startsAt)) throw refuse('appointment_not_begun')
  } else if (!stepGiven && !anotherPlanned)
    throw refuse('next_step_missing', [{ pointer: '/nextStep', code: 'next_step_missing' }])
  return { status, outcomeAt: now }
}

/** Why the clock of the first appointment stops. */
export const checked = {
  held: 'arrived',
  no_show: 'no_show',
  cancelled_by_person: 'withdrawn',
  cancelled_by_service: 'withdrawn',
} as const satisfies Record<Outcome, Code<'deadline_stop'>>

export function attempted(on: string, opened: string, today: string) {
  const refused = (code: 'attempt_in_the_future' | 'attempt_before_the_case') =>
    refuse(code, [{ pointer: '/on', code }])
  if (on > today) throw refused('attempt_in_the_future')
  if (on < opened) throw refused('attempt_before_the_case')
  return on
}

export interface Try {
  attemptedOn: string
  mode: string
  outcome: Code<'attempt_outcome'>
}

/** Nobody is given up after one call: so many tries, on so many days, in so many ways. */
export const beforeContactIsLost = { tries: 3, days: 3, ways: 2 } as const

/**
 * What is still missing until contact counts as lost; nothing when it is. Whoever came to an appointment was reached.
 * Tries count from the day after the person was last reached, and what they said before that day is past.
 */
export function missingUntilLost(tries: readonly Try[]) {
  const lastMet = tries
    .filter(({ outcome }) => outcome === 'reached')
    .reduce((latest, { attemptedOn }) => (attemptedOn > latest ? attemptedOn : latest), '')
  // Who was reached and said it then, said it on that day.
  if (tries.some(({ outcome, attemptedOn }) => outcome === 'wants_no_contact' && attemptedOn >= lastMet))
    return null
  const inVain = tries.filter(
    ({ outcome, attemptedOn }) => outcome === 'not_reached' && attemptedOn > lastMet,
  )
  const missing = {
    tries: left(beforeContactIsLost.tries, inVain.length),
    days: left(beforeContactIsLost.days, new Set(inVain.map(({ attemptedOn }) => attemptedOn)).size),
    ways: left(beforeContactIsLost.ways, new Set(inVain.map(({ mode }) => mode)).size),
  }
  return Object.values(missing).some((many) => many > 0) ? missing : null
}

const left = (needed: number, made: number) => Math.max(0, needed - made)

export function contactLost(tries: readonly Try[]) {
  const missing = missingUntilLost(tries)
  if (missing) throw refuse('contact_not_lost', undefined, { missing })
}
