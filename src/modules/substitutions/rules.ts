// Who may stand in for whom, from when until when, and who may end it?
import { defineProblems } from '../../platform/problem.ts'
import type { Code } from '../vocabularies/index.ts'

export const refuse = defineProblems({
  substitution_in_the_past: {
    status: 409,
    text: {
      de: 'Eine Vertretung beginnt heute oder später.',
      en: 'A substitution begins today or later.',
      da: 'En vikariering begynder i dag eller senere.',
    },
  },
  substitution_ends_before_it_begins: {
    status: 409,
    text: {
      de: 'Der letzte Tag der Vertretung liegt vor dem ersten.',
      en: 'The last day of the substitution lies before the first.',
      da: 'Vikarieringens sidste dag ligger før den første.',
    },
  },
  substitution_too_long: {
    status: 409,
    text: {
      de: 'Eine Vertretung dauert höchstens ein Jahr. Wer länger fehlt, gibt die Fallführung ab.',
      en: 'A substitution lasts one year at most. Whoever is away for longer hands over the lead.',
      da: 'En vikariering varer højst et år. Den, der er væk i længere tid, giver sagsansvaret videre.',
    },
  },
  substitute_is_somebody_else: {
    status: 409,
    text: {
      de: 'Niemand vertritt sich selbst.',
      en: 'Nobody stands in for themselves.',
      da: 'Ingen vikarierer for sig selv.',
    },
  },
  substitute_of_another_kind: {
    status: 409,
    text: {
      de: 'Eine Lotsin oder einen Lotsen vertritt, wer selbst lotst; sonst sieht die Vertretung die Fälle nicht.',
      en: 'A navigator is stood in for by a navigator; nobody else would see the cases.',
      da: 'En brobygger vikarieres af en brobygger; ellers kan vikaren ikke se sagerne.',
    },
  },
  substitution_overlaps: {
    status: 409,
    text: {
      de: 'Für diese Zeit ist schon eine Vertretung eingetragen.',
      en: 'Somebody stands in for these days already.',
      da: 'Der er allerede en vikar i denne periode.',
    },
  },
  substitute_is_away: {
    status: 409,
    text: {
      de: 'Wer vertreten soll, ist in dieser Zeit selbst abwesend.',
      en: 'The substitute is away during these days.',
      da: 'Vikaren er selv fraværende i denne periode.',
    },
  },
  stands_in_for_somebody: {
    status: 409,
    text: {
      de: 'Wer abwesend sein wird, vertritt in dieser Zeit selbst jemanden. Bitte erst diese Vertretung zurückgeben.',
      en: 'Whoever will be away stands in for somebody during these days. Please hand that substitution back first.',
      da: 'Den fraværende vikarierer selv for nogen i denne periode. Giv først den vikariering tilbage.',
    },
  },
  substitution_has_ended: {
    status: 409,
    text: {
      de: 'Diese Vertretung ist schon beendet.',
      en: 'This substitution has ended already.',
      da: 'Denne vikariering er allerede afsluttet.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    substitutions: typeof refuse
  }
}

interface Colleague {
  id: string
  role: Code<'role'>
}

interface Pair {
  absentMembershipId: string
  substituteMembershipId: string
}

const refuseAt = (pointer: string, code: Parameters<typeof refuse>[0]) => refuse(code, [{ pointer, code }])
const navigates = ({ role }: Colleague) => role === 'navigator' || role === 'navigation_head'
const longestDays = 366
const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / 86_400_000

/**
 * `crossing` are the living substitutions of the organisation on these days in which one of the two takes part: nobody
 * is left to somebody who is away as well.
 */
export function arrange(
  given: { absent: Colleague; substitute: Colleague; fromOn: string; untilOn: string },
  crossing: readonly Pair[],
  today: string,
) {
  const { absent, substitute, fromOn, untilOn } = given
  if (absent.id === substitute.id) throw refuseAt('/substituteMembershipId', 'substitute_is_somebody_else')
  if (navigates(absent) !== navigates(substitute))
    throw refuseAt('/substituteMembershipId', 'substitute_of_another_kind')
  if (fromOn < today) throw refuseAt('/fromOn', 'substitution_in_the_past')
  if (untilOn < fromOn) throw refuseAt('/untilOn', 'substitution_ends_before_it_begins')
  if (dayNumber(untilOn) - dayNumber(fromOn) >= longestDays)
    throw refuseAt('/untilOn', 'substitution_too_long')
  if (crossing.some(({ absentMembershipId }) => absentMembershipId === absent.id))
    throw refuse('substitution_overlaps')
  if (crossing.some(({ absentMembershipId }) => absentMembershipId === substitute.id))
    throw refuseAt('/substituteMembershipId', 'substitute_is_away')
  if (crossing.some(({ substituteMembershipId }) => substituteMembershipId === absent.id))
    throw refuse('stands_in_for_somebody')
}

/** Oneself, or the head for anybody of the unit. */
export const mayArrange = (absentId: string, by: { membershipId: string | null; role: string | null }) =>
  absentId === by.membershipId || by.role === 'navigation_head'

export const mayHandBack = (pair: Pair, by: { membershipId: string | null; role: string | null }) =>
  mayArrange(pair.absentMembershipId, by) || pair.substituteMembershipId === by.membershipId

export function handBack<T extends { endedAt: string | null }>(row: T, now: string) {
  if (row.endedAt !== null) throw refuse('substitution_has_ended')
  return { endedAt: now }
}
