// Who leads a case, what is the next step, and when may it rest or be closed?
import { defineProblems } from '../../platform/problem.ts'
import type { Code } from '../vocabularies/index.ts'

export const refuse = defineProblems({
  case_closed: {
    status: 409,
    text: {
      de: 'Der Fall ist abgeschlossen. Wer wiederkommt, bekommt einen neuen Fall.',
      en: 'The case is closed. Somebody who comes back gets a new case.',
      da: 'Sagen er afsluttet. Den, der vender tilbage, får en ny sag.',
    },
  },
  case_paused: {
    status: 409,
    text: {
      de: 'Der Fall ruht. Bitte erst wieder aufnehmen.',
      en: 'The case rests. Please take it up again first.',
      da: 'Sagen er i bero. Genoptag den først.',
    },
  },
  case_not_paused: {
    status: 409,
    text: {
      de: 'Der Fall ruht nicht.',
      en: 'The case does not rest.',
      da: 'Sagen er ikke i bero.',
    },
  },
  next_step_in_the_past: {
    status: 409,
    text: {
      de: 'Der nächste Schritt liegt in der Vergangenheit.',
      en: 'The next step lies in the past.',
      da: 'Det næste skridt ligger i fortiden.',
    },
  },
  lead_outside_the_unit: {
    status: 409,
    text: {
      de: 'Die Fallführung liegt bei einer Lotsin oder einem Lotsen der zuständigen Stelle.',
      en: 'The lead is a navigator of the responsible unit.',
      da: 'Sagsansvaret ligger hos en brobygger i den ansvarlige enhed.',
    },
  },
  already_the_lead: {
    status: 409,
    text: {
      de: 'Diese Person führt den Fall schon.',
      en: 'This person leads the case already.',
      da: 'Denne person har allerede sagsansvaret.',
    },
  },
  previous_case_not_closed: {
    status: 409,
    text: {
      de: 'Der frühere Fall gehört zu jemand anderem oder läuft noch.',
      en: 'The previous case is somebody else’s or still open.',
      da: 'Den tidligere sag er en andens eller stadig åben.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    cases: typeof refuse
  }
}

type Status = Code<'case_status'>

/** Every rule about a running case begins here: closed is final, and then hidden from locks as well. */
export function running<T extends { status: Status }>(row: T | undefined): T {
  if (!row || row.status === 'closed') throw refuse('case_closed')
  return row
}

export function dated(on: string, today: string, pointer = '/on') {
  if (on < today) throw refuse('next_step_in_the_past', [{ pointer, code: 'next_step_in_the_past' }])
  return on
}

export function nextStep(
  row: { status: Status },
  step: { text: string; on: string; waiting: boolean },
  today: string,
) {
  if (running(row).status === 'paused') throw refuse('case_paused')
  return {
    nextStep: step.text,
    nextStepOn: dated(step.on, today),
    status: step.waiting ? ('waiting' as const) : ('open' as const),
  }
}

/** A resting case keeps its lead and the day on which somebody looks again. */
export function pause(
  row: { status: Status },
  given: { reason: Code<'case_pause_reason'>; text: string; on: string },
  today: string,
) {
  if (running(row).status === 'paused') throw refuse('case_paused')
  return {
    status: 'paused' as const,
    pauseReason: given.reason,
    nextStep: given.text,
    nextStepOn: dated(given.on, today),
  }
}

export function resume(row: { status: Status }, step: { text: string; on: string }, today: string) {
  if (running(row).status !== 'paused') throw refuse('case_not_paused')
  return {
    status: 'open' as const,
    pauseReason: null,
    nextStep: step.text,
    nextStepOn: dated(step.on, today),
  }
}

/**
 * When one lead ends and the next begins. A transaction that waited for another has begun before it: its own time would
 * lie before the lead that it ends. Instants of one form compare as text.
 */
export const handedOn = (present: { fromAt: string }, now: string) =>
  present.fromAt > now ? present.fromAt : now

interface Colleague {
  id: string
  role: string
  organizationId: string
}

export function leadIn(organizationId: string, lead: Colleague, pointer: string) {
  if (lead.organizationId !== organizationId || !['navigator', 'navigation_head'].includes(lead.role))
    throw refuse('lead_outside_the_unit', [{ pointer, code: 'lead_outside_the_unit' }])
  return lead.id
}

export function follows(previous: { clientId: string; status: Status }, clientId: string) {
  if (previous.clientId !== clientId || previous.status !== 'closed')
    throw refuse('previous_case_not_closed', [
      { pointer: '/previousCaseId', code: 'previous_case_not_closed' },
    ])
}
