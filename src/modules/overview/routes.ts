// What must this member do today, and how long has this person been on the way?
import type { Deps } from '../../platform/http.ts'
import { found } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, type App } from '../../platform/zod.ts'
import { caseById } from '../cases/index.ts'
import { tenantById } from '../identity/index.ts'
import * as queries from './queries.ts'
import { byUrgency, journey, most, overdueDays } from './rules.ts'
import * as wire from './schema.ts'

export function overviewRoutes(app: App, { db }: Deps) {
  app.get(
    '/v1/me/day',
    {
      config: { action: 'overview.day' },
      schema: {
        summary: 'Read what is to be done today',
        description: `Next steps, tasks, appointments, deadlines, notices, referrals, handovers and contacts that wait for this member, for their organisation or for somebody they stand in for today; the most urgent first: fear for somebody's safety, cases whose lead is no longer there, what is overdue, today, the next two days, and what has no day. At most ${most}. The head also sees the leads of the unit, the coordinator where answers are overdue.`,
        response: { 200: wire.MyDay },
      },
    },
    async ({ actor }) => {
      const [caseload, waiting, ...sources] = await db.read(
        actor,
        ask(queries.caseload, {}),
        ask(queries.waiting, {}),
        ...queries.sources.map((source) => ask(source, {})),
      )
      const entries = byUrgency(sources.flat(), actor.today)
      const items = entries.slice(0, most)
      for (const { subjectId, personId } of items) {
        actor.trail.objects.add(subjectId)
        if (personId) actor.trail.clients.add(personId)
      }
      return {
        day: actor.today,
        items: items.map((entry) => ({ ...entry, overdueDays: overdueDays(entry, actor.today) })),
        more: entries.length > most,
        caseload,
        waiting,
      }
    },
  )

  app.get(
    '/v1/cases/:id/journey',
    {
      config: { action: 'overview.journey' },
      schema: {
        summary: 'Read how long a person has been on the way',
        description:
          'From the first contact, also at the wrong door, until the first arrival that has not been broken off: through declines and no-shows, in calendar days, with every organisation that was tried. Who comes back within 14 days of a closing without arrival is still on the same way; later, a new one begins. A case closed without arrival stops the count on that day.',
        params: ById,
        response: { 200: wire.Journey },
      },
    },
    async ({ actor, params }) => {
      const [[ofCase], [municipality], cases, contacts, referrals, handovers, appointments] = await db.read(
        actor,
        ask(caseById, params),
        ask(tenantById, { id: actor.tenantId }),
        ask(queries.casesOfPerson, params),
        ask(queries.contactsOfPerson, params),
        ask(queries.referralsOfPerson, params),
        ask(queries.handoversOfPerson, params),
        ask(queries.missedAppointments, params),
      )
      const past = { cases, contacts, referrals, handovers, appointments }
      return journey(found(ofCase).id, past, actor.today, found(municipality).timeZone)
    },
  )
}
