// What may be said about a member's secrecy?
import { defineProblems } from '../../platform/problem.ts'

export const refuse = defineProblems({
  own_secrecy_obligation: {
    status: 409,
    text: {
      de: 'Die eigene Verpflichtung erfasst jemand anderes.',
      en: 'Somebody else records your own obligation.',
      da: 'Ens egen forpligtelse registreres af en anden.',
    },
  },
  date_in_the_future: {
    status: 409,
    text: {
      de: 'Das Datum liegt in der Zukunft.',
      en: 'The date lies in the future.',
      da: 'Datoen ligger i fremtiden.',
    },
  },
  membership_has_ended: {
    status: 409,
    text: {
      de: 'Diese Mitgliedschaft ist schon beendet.',
      en: 'This membership has ended already.',
      da: 'Dette medlemskab er allerede ophørt.',
    },
  },
})

/** § 203 (4) StGB: the obligation is a fact of the past, recorded by somebody else. */
export function obligation(
  subject: { userId: string; boundOn: string },
  recorderId: string | null,
  today: string,
) {
  if (subject.userId === recorderId) throw refuse('own_secrecy_obligation')
  if (subject.boundOn > today)
    throw refuse('date_in_the_future', [{ pointer: '/boundOn', code: 'date_in_the_future' }])
}
