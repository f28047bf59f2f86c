// When is a task due, and when may it be done?
import type { Language, Text } from '../../platform/language.ts'
import { defineProblems } from '../../platform/problem.ts'
import type { Code } from '../vocabularies/index.ts'

export const refuse = defineProblems({
  task_is_done: {
    status: 409,
    text: {
      de: 'Diese Aufgabe ist schon erledigt.',
      en: 'This task is done already.',
      da: 'Denne opgave er allerede udført.',
    },
  },
  task_due_in_the_past: {
    status: 409,
    text: {
      de: 'Der Tag, bis zu dem etwas zu tun ist, liegt in der Vergangenheit.',
      en: 'The day by which something is to be done lies in the past.',
      da: 'Den dag, hvor noget skal være gjort, ligger i fortiden.',
    },
  },
  task_cannot_be_postponed: {
    status: 409,
    text: {
      de: 'Sicherheitsfragen und die erneute Kontaktaufnahme werden nicht verschoben.',
      en: 'Safety prompts and making contact again are not postponed.',
      da: 'Sikkerhedsspørgsmål og genkontakt udskydes ikke.',
    },
  },
  task_title_is_fixed: {
    status: 409,
    text: {
      de: 'Einen eigenen Titel hat nur eine selbst geschriebene Aufgabe.',
      en: 'Only a task that somebody wrote has a title of its own.',
      da: 'Kun en opgave, som nogen selv har skrevet, har en titel.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    tasks: typeof refuse
  }
}

type Kind = Code<'task_kind'>

export function dueOn(day: string, today: string) {
  if (day < today) throw refuse('task_due_in_the_past', [{ pointer: '/dueOn', code: 'task_due_in_the_past' }])
  return day
}

/** Fear for somebody's safety, and the three tries after a no-show. */
const postponedNever: readonly Kind[] = ['safety_prompt', 'recontact']

export function changed(
  task: { kind: Kind; dueOn: string; doneAt: string | null },
  change: { title?: string | undefined; dueOn?: string | undefined },
  today: string,
) {
  undone(task)
  if (change.title !== undefined && task.kind !== 'other')
    throw refuse('task_title_is_fixed', [{ pointer: '/title', code: 'task_title_is_fixed' }])
  if (change.dueOn === undefined) return
  if (change.dueOn > task.dueOn && postponedNever.includes(task.kind))
    throw refuse('task_cannot_be_postponed', [{ pointer: '/dueOn', code: 'task_cannot_be_postponed' }])
  dueOn(change.dueOn, today)
}

export function undone<T extends { doneAt: string | null }>(task: T): T {
  if (task.doneAt !== null) throw refuse('task_is_done')
  return task
}

/** A calendar day some days later; `day` and the answer are `YYYY-MM-DD`. */
export function daysAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

/** After a no-show the giver tries again on these days: three tries, none of them forgotten. */
export const recontactDays = [2, 7, 14] as const

const makeContactAgain: Text = {
  de: 'Wieder Kontakt aufnehmen (nicht erschienen)',
  en: 'Make contact again (did not come)',
  da: 'Tag kontakt igen (udeblevet)',
}

/** What a case does next when the person did not come; it runs from now on, whatever it waited for. */
export const contactAgain = (language: Language, today: string) => ({
  status: 'open' as const,
  pauseReason: null,
  nextStep: makeContactAgain[language],
  nextStepOn: daysAfter(today, recontactDays[0]),
})
