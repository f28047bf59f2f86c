// Which clocks are there, on which ground do they run, when are they due, and what stops them?
import { defineProblems } from '../../platform/problem.ts'
import { daysAfter } from '../tasks/index.ts'
import { extra, type Code } from '../vocabularies/index.ts'

export const refuse = defineProblems({
  deadline_of_another_country: {
    status: 409,
    text: {
      de: 'Diese Frist gibt es im Recht dieses Landes nicht.',
      en: 'The law of this country has no such deadline.',
      da: 'Denne frist findes ikke i landets lovgivning.',
    },
  },
  guarantee_registered_already: {
    status: 409,
    text: {
      de: 'Der erste Behandlungswunsch ist schon registriert; die Garantie läuft ab ihm und wird nie geändert.',
      en: 'The first treatment request is registered already; the guarantee runs from it and is never changed.',
      da: 'Den første henvendelse om behandling er allerede registreret; garantien løber derfra og ændres aldrig.',
    },
  },
  deadline_runs_already: {
    status: 409,
    text: {
      de: 'Diese Frist läuft schon.',
      en: 'This deadline runs already.',
      da: 'Denne frist løber allerede.',
    },
  },
  deadline_starts_in_the_future: {
    status: 409,
    text: {
      de: 'Eine Frist beginnt mit dem, was geschehen ist: heute oder früher.',
      en: 'A deadline starts with what has happened: today or earlier.',
      da: 'En frist begynder med det, der er sket: i dag eller tidligere.',
    },
  },
  deadline_started_too_long_ago: {
    status: 409,
    text: {
      de: 'Der Beginn liegt mehr als ein Jahr zurück. Er kann später nicht geändert werden: bitte noch einmal prüfen.',
      en: 'The start lies more than a year back. It cannot be changed later: please check it again.',
      da: 'Begyndelsen ligger mere end et år tilbage. Den kan ikke ændres senere: kontroller den igen.',
    },
  },
  deadline_is_stopped: {
    status: 409,
    text: {
      de: 'Diese Frist läuft nicht mehr.',
      en: 'This deadline runs no more.',
      da: 'Denne frist løber ikke længere.',
    },
  },
  deadline_stops_by_its_act: {
    status: 409,
    text: {
      de: 'Diese Frist endet, wenn geschieht, worauf sie wartet, und nicht von Hand.',
      en: 'This deadline stops when that happens for which it waits, and not by hand.',
      da: 'Denne frist stopper, når det sker, som den venter på, og ikke manuelt.',
    },
  },
  deadline_not_stopped_by_this: {
    status: 409,
    text: {
      de: 'Dadurch endet diese Frist nicht.',
      en: 'This does not stop this deadline.',
      da: 'Det stopper ikke denne frist.',
    },
  },
  deadline_stopped_outside_its_days: {
    status: 409,
    text: {
      de: 'Der Tag liegt vor dem Beginn der Frist oder in der Zukunft.',
      en: 'The day lies before the deadline started, or in the future.',
      da: 'Dagen ligger før fristens begyndelse eller i fremtiden.',
    },
  },
  guarantee_still_running: {
    status: 409,
    text: {
      de: 'Die Behandlungsgarantie läuft noch. Bitte erst festhalten, ob die Behandlung begonnen oder die Person anders gewählt hat.',
      en: 'The treatment guarantee still runs. Please record first whether treatment has started or the person chose otherwise.',
      da: 'Behandlingsgarantien løber stadig. Registrer først, om behandlingen er begyndt, eller om personen har valgt andet.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    deadlines: typeof refuse
  }
}

export type DeadlineKind = Code<'deadline_kind'>

/** The paragraph or the agreement from which a clock follows; shown with it, so that nobody has to believe us. */
export const basisOf = {
  treatment_guarantee_14d: '§ 101 SEL, § 141 SUL',
  rehab_responsibility_2w: '§ 14 SGB IX',
  followup_1m: '§ 4 (2) BEK 1477/2019',
  followup_6m: '§ 4 (2) BEK 1477/2019',
  referral_response: 'Interface of the two organisations, otherwise 7 days',
  handover_response: 'Handover concept of the municipality',
  waitlist_expected: 'Day that the recipient named',
  first_appointment_check: 'One working day after the appointment',
  reengagement: 'Three tries after a no-show: 2, 7 and 14 days',
  stability_check: '14 days after arrival',
  contact_next_step: 'Day agreed with the person',
  release_expiry: 'End of the release',
} as const satisfies Partial<Record<DeadlineKind, string>>

export type RunningKind = keyof typeof basisOf
export type Stop = Code<'deadline_stop'>

// ── By hand ────────────────────────────────────────────────────────────────────────────────────────────────

/** Registered by a navigator; all other clocks start with an act. */
export const startsByHand = ['treatment_guarantee_14d', 'rehab_responsibility_2w'] as const

const allOfTwoWeeks = 14
const longestBack = 366

/**
 * § 101 SEL, § 141 SUL: fourteen calendar days from the first registered request for treatment, and no second start.
 * § 14 SGB IX: two weeks from the day on which the application came in. `earlier` are the clocks of this kind on the case.
 */
export function startByHand(
  kind: (typeof startsByHand)[number],
  startedOn: string,
  given: { country: string; earlier: readonly { stoppedAt: string | null }[] },
  today: string,
) {
  const { country, earlier } = given
  if (!lawOf(kind).includes(country))
    throw refuse('deadline_of_another_country', [{ pointer: '/kind', code: 'deadline_of_another_country' }])
  if (kind === 'treatment_guarantee_14d' && earlier.length > 0) throw refuse('guarantee_registered_already')
  if (earlier.some(({ stoppedAt }) => stoppedAt === null)) throw refuse('deadline_runs_already')
  if (startedOn > today)
    throw refuse('deadline_starts_in_the_future', [
      { pointer: '/startedOn', code: 'deadline_starts_in_the_future' },
    ])
  if (startedOn < daysAfter(today, -longestBack))
    throw refuse('deadline_started_too_long_ago', [
      { pointer: '/startedOn', code: 'deadline_started_too_long_ago' },
    ])
  return { startedOn, dueOn: daysAfter(startedOn, allOfTwoWeeks), basis: basisOf[kind] }
}

/** In which countries a clock exists. */
const lawOf = (kind: RunningKind) => (extra('deadline_kind', kind, 'countries') ?? []) as readonly string[]

/** What may be recorded by hand as the end of a clock; every other kind is stopped by the act for which it waits. */
export const stopsByHand: Partial<Record<RunningKind, readonly Stop[]>> = {
  // Nothing but the start, or what the person chose instead (§ 101 (5) SEL).
  treatment_guarantee_14d: ['treatment_started', 'other_choice'],
  rehab_responsibility_2w: ['forwarded', 'responsibility_clear'],
  followup_1m: ['done', 'not_reached'],
  followup_6m: ['done', 'not_reached'],
  // Looked at: no new release is needed.
  release_expiry: ['done'],
}

export function stopByHand(
  clock: { kind: DeadlineKind; startedOn: string; stoppedAt: string | null },
  { by, on }: { by: Stop; on?: string | undefined },
  now: string,
  today: string,
) {
  if (clock.stoppedAt !== null) throw refuse('deadline_is_stopped')
  const reasons = stopsByHand[clock.kind as RunningKind]
  if (!reasons) throw refuse('deadline_stops_by_its_act')
  if (!reasons.includes(by))
    throw refuse('deadline_not_stopped_by_this', [{ pointer: '/by', code: 'deadline_not_stopped_by_this' }])
  const stoppedOn = on ?? today
  if (stoppedOn < clock.startedOn || stoppedOn > today)
    throw refuse('deadline_stopped_outside_its_days', [
      { pointer: '/on', code: 'deadline_stopped_outside_its_days' },
    ])
  return { stoppedAt: now, stoppedOn, stoppedBy: by }
}

const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / 86_400_000

/** Days after the due day on which it was stopped, or until today while it runs. */
export const lateDays = (clock: { dueOn: string; stoppedOn: string | null }, today: string) =>
  Math.max(0, dayNumber(clock.stoppedOn ?? today) - dayNumber(clock.dueOn))

// ── When a case closes ─────────────────────────────────────────────────────────────────────────────────────

type EndType = Code<'case_end_type'>

/**
 * § 4 (2) BEK 1477/2019: asked again one and six months after the end, for people who completed, went on to another offer
 * or to hospital. Part of the official list was not readable to us: this one is ours, to be checked by somebody who has it.
 */
const askedAgain: readonly EndType[] = [
  'planned_regular',
  'planned_on_advice',
  'planned_early_agreed',
  'planned_transfer',
]

export function followUps(endType: EndType, country: string, today: string) {
  if (country !== 'dk' || !askedAgain.includes(endType)) return []
  return [
    { kind: 'followup_1m', dueOn: monthsAfter(today, 1) },
    { kind: 'followup_6m', dueOn: monthsAfter(today, 6) },
  ] as const
}

/** A planned end knows what came of the request; where contact broke off or life went otherwise, the case ends it. */
export function guaranteeSettled(endType: EndType, guarantees: readonly { stoppedAt: string | null }[]) {
  if (askedAgain.includes(endType) && guarantees.some(({ stoppedAt }) => stoppedAt === null))
    throw refuse('guarantee_still_running')
}

// ── When a day has passed ──────────────────────────────────────────────────────────────────────────────────

/** Who is told how many days after the due day, and who was told before. */
export const ladder = [
  { to: 'lead', after: null, days: 1 },
  { to: 'head', after: 'lead', days: 3 },
  { to: 'coordinator', after: 'head', days: 7 },
] as const satisfies { to: Code<'escalation_level'>; after: Code<'escalation_level'> | null; days: number }[]
export type Rung = (typeof ladder)[number]

/** The recipient acts and the lead waits: both are told. */
export const answeredElsewhere: readonly RunningKind[] = [
  'referral_response',
  'waitlist_expected',
  'handover_response',
]
export const onClosedCases: readonly RunningKind[] = ['followup_1m', 'followup_6m']
/** That a release has run out is nobody's omission: the lead is told, and whoever leads the lead is not. */
export const goesNoHigher: readonly RunningKind[] = ['release_expiry']

// ── Days ───────────────────────────────────────────────────────────────────────────────────────────────────

// One of each zone that a municipality lies in: making one takes a hundred times as long as asking it.
const calendars = new Map<string, Intl.DateTimeFormat>()

/** The calendar day of an instant in a time zone. */
export function dayIn(timeZone: string, instant: string): string {
  const calendar = calendars.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone })
  calendars.set(timeZone, calendar)
  return calendar.format(new Date(instant))
}

/** Monday to Friday; public holidays differ by place and are not counted. */
export function workingDaysAfter(day: string, days: number): string {
  let on = day
  for (let left = days; left > 0;) {
    on = daysAfter(on, 1)
    if (![0, 6].includes(new Date(`${on}T00:00:00Z`).getUTCDay())) left -= 1
  }
  return on
}

/** The same day some months later, or the last of that month. */
export function monthsAfter(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10)
}
