// When is a task due, and when may it be done?
import { defineProblems } from '../../platform/problem.ts'

export const refuse = defineProblems({
  task_is_done: {
    status: 409,
    text: {
      de: 'Diese Aufgabe ist schon erledigt.',
      en: 'This task is done already.',
      da: 'Denne opgave er allerede udført.',
    },
  },
})

/** A calendar day some days later; `day` and the answer are `YYYY-MM-DD`. */
export function daysAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

/** After a no-show the giver tries again on these days: three tries, none of them forgotten. */
export const recontactDays = [2, 7, 14] as const
