// How does a first contact end, when there is no "rejected"? Guided on and confirmed, taken up, or not wanted by the person.
import { defineProblems } from '../../platform/problem.ts'
import { dated } from '../cases/index.ts'
import { workingDaysAfter } from '../deadlines/index.ts'
import type { Code } from '../vocabularies/index.ts'

type Status = Code<'contact_status'>
type Problem = Code<'substance'>
type Sector = Code<'sector'>
export type ConfirmedBy = 'person' | 'place' | 'accompanied'

export const refuse = defineProblems({
  contact_ended: {
    status: 409,
    text: {
      de: 'Dieser Kontakt ist schon beendet. Wer wiederkommt, wird neu erfasst und verweist auf ihn.',
      en: 'This contact has ended. Somebody who comes back is registered anew and points to it.',
      da: 'Denne henvendelse er afsluttet. Den, der vender tilbage, registreres på ny med henvisning hertil.',
    },
  },
  name_without_agreement: {
    status: 409,
    text: {
      de: 'Name und Erreichbarkeit werden nur mit festgehaltener Zustimmung der Person aufbewahrt. Ohne sie bleibt der Kontakt anonym: Bitte diese Felder weglassen.',
      en: 'Name and reach are kept only with the person’s recorded agreement. Without it the contact stays anonymous: please leave these fields out.',
      da: 'Navn og kontaktmåde gemmes kun med personens registrerede accept. Uden den forbliver henvendelsen anonym: udelad disse felter.',
    },
  },
  contact_not_guided: {
    status: 409,
    text: {
      de: 'Bestätigt wird das Ankommen an einem Ort, der vorher mit Ansprechperson und Tag genannt wurde.',
      en: 'What is confirmed is the arrival at a place that was named before, with a contact and a day.',
      da: 'Det, der bekræftes, er ankomst til et sted, som forinden er angivet med kontaktperson og dag.',
    },
  },
  only_the_door: {
    status: 409,
    text: {
      de: 'Weiter begleitet, wer den Kontakt erfasst hat. Sind Sie auch nicht die richtige Stelle, erfassen Sie bitte einen eigenen Kontakt, der auf diesen verweist.',
      en: 'Whoever registered the contact guides on. If yours is not the right place either, please register a contact of your own that points to this one.',
      da: 'Den, der har registreret henvendelsen, hjælper videre. Er I heller ikke det rette sted, så registrér en egen henvendelse, der henviser til denne.',
    },
  },
  only_the_place: {
    status: 409,
    text: {
      de: 'Dass jemand an einem Ort angekommen ist, sagt dieser Ort selbst; wer begleitet hat, nennt die Person oder die Begleitung.',
      en: 'That somebody arrived at a place is said by the place itself; whoever guided names the person or the company.',
      da: 'At nogen er nået frem til et sted, siger stedet selv; den, der har hjulpet videre, angiver personen eller ledsagelsen.',
    },
  },
  only_the_asked_unit: {
    status: 409,
    text: {
      de: 'Aufnehmen kann die gefragte Lotsenstelle, oder die, an deren Tür der Kontakt erfasst wurde.',
      en: 'The unit of navigators that was asked takes up, or the one at whose door the contact was registered.',
      da: 'Den adspurgte brobyggerenhed opretter sagen, eller den, hvor henvendelsen er registreret.',
    },
  },
  out_of_scope: {
    status: 409,
    text: {
      de: 'Dafür ist in dieser Kommune ein anderer Bereich zuständig (responsibleSector). Bitte dorthin weiter begleiten.',
      en: 'In this municipality another sector is responsible for this (responsibleSector). Please guide on to it.',
      da: 'I denne kommune har et andet område ansvaret (responsibleSector). Hjælp venligst videre dertil.',
    },
  },
  offer_of_another_organization: {
    status: 409,
    text: {
      de: 'Dieses Angebot gehört zu einer anderen Organisation.',
      en: 'This offer belongs to another organisation.',
      da: 'Dette tilbud hører til en anden organisation.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    contacts: typeof refuse
  }
}

/** What the person agreed may be kept; each part only if they said it. */
export interface Known {
  name: string | null
  reach: string | null
  agreement: string
}

interface Told {
  name?: string | undefined
  reach?: string | undefined
  agreed?: boolean | undefined
  agreement?: string | undefined
}

/**
 * Writing down what the person agreed to is the record of the agreement; a "no" is never overruled by it. What may not
 * be kept is refused, not dropped: whoever typed it must know.
 */
export function kept({ name, reach, agreed, agreement }: Told): Known | null {
  if (name === undefined && reach === undefined && agreement === undefined) return null
  if (agreed === false || agreement === undefined) {
    const told = { name, reach, agreement }
    const fields = (Object.keys(told) as (keyof typeof told)[]).filter((field) => told[field] !== undefined)
    throw refuse(
      'name_without_agreement',
      fields.map((field) => ({ pointer: `/${field}`, code: 'name_without_agreement' })),
    )
  }
  return { name: name ?? null, reach: reach ?? null, agreement }
}

/** A self-help group says three things and no more; the rest follows from who they are. */
export const assumed = (role: string) =>
  role === 'self_help_rep'
    ? ({ kind: 'inbound_referral', requesterRole: 'self_help' } as const)
    : ({ kind: 'first_contact', requesterRole: 'self' } as const)

/** Two working days, unless the person and whoever was asked agreed on another day. */
export const nextStepOn = (given: string | undefined, today: string) =>
  dated(given ?? workingDaysAfter(today, 2), today, '/nextStepOn')

/** A contact is out of scope when everything that it is about is; whoever asks without naming a problem never is. */
export function scoped(
  problems: readonly Problem[],
  rules: readonly { problem: Problem; sector: Sector }[],
): { outOfScope: boolean; responsibleSector: Sector | null } {
  const excluded = problems.map((problem) => rules.find((rule) => rule.problem === problem))
  const [first] = excluded
  return first && excluded.every((rule) => rule !== undefined)
    ? { outOfScope: true, responsibleSector: first.sector }
    : { outOfScope: false, responsibleSector: null }
}

/** The same person at one more door: what they have been through is not forgotten. */
export const goesOnFrom = (
  previous: { id: string; firstContactAt: string; doors: number } | null,
  now: string,
) =>
  previous
    ? {
        previousContactId: previous.id,
        firstContactAt: previous.firstContactAt,
        doors: previous.doors + 1,
      }
    : { previousContactId: null, firstContactAt: now, doors: 1 }

interface Sides {
  organizationId: string
  registeredByUserId: string
  toOrganizationId: string | null
}
interface Asking {
  organizationId: string | null
  userId: string | null
}

export const isDoor = (row: Sides, { organizationId, userId }: Asking) =>
  row.organizationId === organizationId || row.registeredByUserId === userId
export const isAsked = (row: Sides, { organizationId }: Asking) =>
  row.toOrganizationId !== null && row.toOrganizationId === organizationId

/** Every rule about an open contact begins here. */
export function open<T extends { status: Status }>(row: T): T {
  if (row.status !== 'registered' && row.status !== 'guiding') throw refuse('contact_ended')
  return row
}

interface Place {
  place: string
  contact: string
  by: string
  offerId: string | null
  organizationId: string | null
}

/** Called and not reached, or the person asked for more time: the door looks again on another day. */
export function lookAgain(row: Sides & { status: Status }, on: string, who: Asking, today: string) {
  open(row)
  if (!isDoor(row, who)) throw refuse('only_the_door')
  return { nextStepOn: dated(on, today, '/nextStepOn') }
}

/** Also anew, to another place, until somebody has confirmed. */
export function guide(row: Sides & { status: Status }, given: Place, who: Asking, today: string) {
  open(row)
  if (!isDoor(row, who)) throw refuse('only_the_door')
  return {
    status: 'guiding' as const,
    guidedPlace: given.place,
    guidedContact: given.contact,
    guidedOfferId: given.offerId,
    toOrganizationId: given.organizationId,
    nextStepOn: dated(given.by, today, '/by'),
  }
}

export function offeredBy(
  offer: { organizationId: string } | undefined,
  organizationId: string | undefined,
): string | null {
  if (offer && organizationId && offer.organizationId !== organizationId)
    throw refuse('offer_of_another_organization', [
      { pointer: '/offerId', code: 'offer_of_another_organization' },
    ])
  return offer?.organizationId ?? organizationId ?? null
}

const ended = (now: string) => ({ endedAt: now, nextStepOn: null })

export function confirm(row: Sides & { status: Status }, by: ConfirmedBy, who: Asking, now: string) {
  if (open(row).status !== 'guiding') throw refuse('contact_not_guided')
  if (by === 'place' ? !isAsked(row, who) : !isDoor(row, who))
    throw refuse('only_the_place', [{ pointer: '/confirmedBy', code: 'only_the_place' }])
  return { status: 'guided_elsewhere' as const, confirmedBy: by, ...ended(now) }
}

type Scoped = { outOfScope: boolean; responsibleSector: Sector | null }

export function toTakeUp<T extends Sides & Scoped & { status: Status }>(
  row: T,
  organizationId: string | null,
): T {
  open(row)
  // By the unit, not by who registered it: somebody may work at two doors.
  if (row.organizationId !== organizationId && row.toOrganizationId !== organizationId)
    throw refuse('only_the_asked_unit')
  if (row.outOfScope) throw refuse('out_of_scope', [], { responsibleSector: row.responsibleSector })
  return row
}

export const takenUp = (caseId: string, now: string) => ({
  status: 'taken_up' as const,
  takenUpCaseId: caseId,
  ...ended(now),
})

/** The person's own refusal, of a place that was really offered; by whom it was offered is counted. */
export function declined(
  row: { status: Status; toOrganizationId: string | null },
  given: { place: string; organizationId: string | null | undefined },
  now: string,
) {
  open(row)
  return {
    status: 'person_declined' as const,
    declinedPlace: given.place,
    declinedOrganizationId: given.organizationId === undefined ? row.toOrganizationId : given.organizationId,
    ...ended(now),
  }
}

/** How the person came, where whoever takes up does not say it. */
export const sourceOf = (requester: Code<'requester_role'>): Code<'referral_source'> =>
  (
    ({
      self: 'self_initiative',
      relative: 'family_friends',
      self_help: 'self_help',
      professional: 'unknown',
      authority: 'unknown',
      other: 'other',
    }) as const
  )[requester]

/** Offices without an inbox are told through whoever registered the contact. */
export const hasInbox = (role: string) =>
  [
    'navigator',
    'navigation_head',
    'network_professional',
    'youth_welfare_professional',
    'self_help_rep',
  ].includes(role)

/** So long after the agreed day somebody who was not heard of is counted as lost after the first contact. */
export const lostAfterDays = 14

export interface Figures {
  registered: number
  guidedAndConfirmed: number
  takenUp: number
  refused: number
  open: number
  lost: number
}

export const total = (doors: readonly Figures[]): Figures => {
  const sum = (field: keyof Figures) => doors.reduce((all, door) => all + door[field], 0)
  return {
    registered: sum('registered'),
    guidedAndConfirmed: sum('guidedAndConfirmed'),
    takenUp: sum('takenUp'),
    refused: sum('refused'),
    open: sum('open'),
    lost: sum('lost'),
  }
}
