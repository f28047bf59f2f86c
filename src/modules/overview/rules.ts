// What is most urgent today, and how long was the way of a person?
import { dayIn } from '../deadlines/index.ts'
import type { Code } from '../vocabularies/index.ts'

// ── The day ────────────────────────────────────────────────────────────────────────────────────────────────

/** As many as somebody can look at; whoever has more has another problem than a longer list. */
export const most = 200

interface Entry {
  kind: Code<'day_entry'>
  code: string | null
  subjectId: string
  dueOn: string | null
  dueAt: string | null
  since: string
}

const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / 86_400_000
const daysBetween = (from: string, until: string) => Math.max(0, dayNumber(until) - dayNumber(from))

export const overdueDays = ({ dueOn }: { dueOn: string | null }, today: string) =>
  dueOn === null ? 0 : daysBetween(dueOn, today)

/** Fear for somebody's safety comes before everything; then a case where nobody is there; then by the day. */
function rank({ kind, code, dueOn }: Entry, today: string) {
  if (kind === 'task' && code === 'safety_prompt') return 0
  if (kind === 'case_without_lead') return 1
  if (dueOn === null) return 5
  return dueOn < today ? 2 : dueOn === today ? 3 : 4
}

/** Inside a rank: the earlier day, then the earlier hour (who has an hour before who has none), then who waits longer. */
const inOrder = ({ dueOn, dueAt, since, subjectId }: Entry) => [
  dueOn ?? '9999-12-31',
  dueAt ?? '9999-12-31',
  since,
  subjectId,
]

export function byUrgency<T extends Entry>(entries: readonly T[], today: string): T[] {
  const keyed = entries.map((entry) => ({ entry, keys: [String(rank(entry, today)), ...inOrder(entry)] }))
  keyed.sort((a, b) => {
    const at = a.keys.findIndex((key, n) => key !== b.keys[n])
    return at < 0 ? 0 : a.keys[at]! < b.keys[at]! ? -1 : 1
  })
  return keyed.map(({ entry }) => entry)
}

// ── The journey ────────────────────────────────────────────────────────────────────────────────────────────

export const outcomes = [
  'taken_up',
  'accepted',
  'waitlisted',
  'declined',
  'redirected',
  'withdrawn',
  'refused',
  'cancelled',
  'holds',
  'shaky',
  'broken_off',
  'no_show',
] as const
type Outcome = (typeof outcomes)[number]

export interface Step {
  at: string
  kind: Code<'journey_step'>
  organizationName: string | null
  outcome: Outcome | null
}

export interface CasePart {
  caseId: string
  previousCaseId: string | null
  organizationName: string
  openedAt: string
  closedAt: string | null
}
export interface ContactPart {
  caseId: string
  organizationId: string
  organizationName: string
  firstContactAt: string
  createdAt: string
  doors: number
}
export interface ReferralPart {
  caseId: string
  organizationId: string
  organizationName: string
  status: Code<'referral_status'>
  sentAt: string
  answeredAt: string | null
}
export interface HandoverPart {
  caseId: string
  organizationName: string
  status: Code<'handover_status'>
  offeredAt: string
  arrivedAt: string | null
  failedAt: string | null
  stability: Code<'stability'> | null
}
export interface AppointmentPart {
  caseId: string
  organizationName: string | null
  startsAt: string
}

export interface Past {
  cases: CasePart[]
  contacts: ContactPart[]
  referrals: ReferralPart[]
  handovers: HandoverPart[]
  appointments: AppointmentPart[]
}

/** Who comes back within two weeks of a closing without arrival is still on the same way. */
export const sameWayDays = 14

const holds = ({ arrivedAt, stability }: HandoverPart) => arrivedAt !== null && stability !== 'broken_off'

/** The case itself, and those before it that belong to the same way; the latest first. */
function sameWay(caseId: string, { cases, handovers }: Past, dayOf: (instant: string) => string): CasePart[] {
  const way: CasePart[] = []
  let next = cases.find((one) => one.caseId === caseId)
  while (next && !way.includes(next)) {
    way.push(next)
    const { previousCaseId, openedAt } = next
    next = cases.find(
      (before) =>
        before.caseId === previousCaseId &&
        before.closedAt !== null &&
        daysBetween(dayOf(before.closedAt), dayOf(openedAt)) <= sameWayDays &&
        !handovers.some((handover) => handover.caseId === before.caseId && holds(handover)),
    )
  }
  return way
}

// What came of an answer later (started, not started) stands at the handover.
function answered(status: ReferralPart['status']): Outcome | null {
  if (status === 'declined' || status === 'redirected' || status === 'waitlisted') return status
  return status === 'withdrawn' ? null : 'accepted'
}

const first = (instants: readonly string[]) => instants.toSorted()[0]

/**
 * The clock of the wrong doors runs on the person: from the first contact until an arrival that has not been broken off,
 * through every decline and no-show. A case that was closed without arrival stops it on that day.
 */
export function journey(caseId: string, past: Past, today: string, timeZone: string) {
  const dayOf = (instant: string) => dayIn(timeZone, instant)
  const way = sameWay(caseId, past, dayOf)
  const [last] = way
  if (!last) throw new Error('a journey is that of a case')
  const onTheWay = <T extends { caseId: string }>(parts: readonly T[]) =>
    parts.filter((part) => way.some((one) => one.caseId === part.caseId))
  const contacts = onTheWay(past.contacts)
  const referrals = onTheWay(past.referrals)
  const handovers = onTheWay(past.handovers)
  const appointments = onTheWay(past.appointments)

  const firstContactAt = first([
    ...contacts.map((contact) => contact.firstContactAt),
    ...way.map((one) => one.openedAt),
  ])!
  const arrivedAt = first(handovers.filter(holds).map((handover) => handover.arrivedAt!)) ?? null
  const end = arrivedAt ?? last.closedAt

  // A person who came to the unit itself has met one door: that of the unit.
  const doorsBefore = Math.max(1, ...contacts.map(({ doors }) => doors))
  const met = new Set(contacts.map(({ organizationId }) => organizationId))
  const tried = new Set(referrals.map(({ organizationId }) => organizationId).filter((id) => !met.has(id)))

  const seen = contacts.map(({ createdAt }) => createdAt)
  const unseen = contacts.map((contact) => contact.firstContactAt).filter((at) => !seen.includes(at))
  const steps: Step[] = [
    // Earlier doors are not ours to name; that the person stood there is.
    ...[...new Set(unseen)].map((at) => step(at, 'contact', null)),
    ...contacts.map((one) => step(one.createdAt, 'contact', one.organizationName, 'taken_up')),
    ...way.map((one) => step(one.openedAt, 'case_opened', one.organizationName)),
    ...referrals.flatMap(({ status, sentAt, answeredAt, organizationName: name }) => [
      step(sentAt, 'referral', name, status === 'withdrawn' ? 'withdrawn' : null),
      ...(answeredAt ? [step(answeredAt, 'answer', name, answered(status))] : []),
    ]),
    ...handovers.flatMap(({ status, organizationName: name, stability, ...at }) => [
      step(at.offeredAt, 'handover', name, status === 'refused' || status === 'cancelled' ? status : null),
      ...(at.arrivedAt ? [step(at.arrivedAt, 'arrival', name, stability)] : []),
      ...(at.failedAt ? [step(at.failedAt, 'no_show', name)] : []),
    ]),
    ...appointments.map((one) => step(one.startsAt, 'appointment', one.organizationName, 'no_show')),
  ]
  return {
    caseId,
    firstContactAt,
    arrivedAt,
    days: daysBetween(dayOf(firstContactAt), end ? dayOf(end) : today),
    doors: doorsBefore + tried.size,
    // What happened in one transaction stays in the order above.
    steps: steps.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
  }
}

const step = (
  at: string,
  kind: Step['kind'],
  organizationName: string | null,
  outcome: Outcome | null = null,
): Step => ({ at, kind, organizationName, outcome })
