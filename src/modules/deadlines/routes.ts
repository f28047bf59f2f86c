// Which clocks run, since when, until when, and how late are they?
import { v7 as newId } from 'uuid'
import type { Actor } from '../../platform/actor.ts'
import { after, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { found } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, type App } from '../../platform/zod.ts'
import { emit } from '../events/index.ts'
import { tenantById } from '../identity/index.ts'
import type { CasesToTheRight } from '../tasks/index.ts'
import * as queries from './queries.ts'
import { lateDays, startByHand, stopByHand } from './rules.ts'
import * as wire from './schema.ts'
import type { deadlines } from './table.ts'

type Row = typeof deadlines.$inferSelect

function shown({ inUnit, ...row }: Row & { inUnit: boolean }, actor: Actor) {
  const ours = inUnit || row.organizationId === actor.organizationId
  return {
    ...row,
    caseId: inUnit ? row.caseId : null,
    subjectId: ours ? row.subjectId : null,
    lateDays: lateDays(row, actor.today),
  }
}
const inUnit = true

export function deadlineRoutes(app: App, { db }: Deps, cases: CasesToTheRight) {
  /** One of the two is empty: who coordinates has no unit. */
  async function ofUnitOrCity(actor: Actor, filter: Parameters<typeof queries.deadlinesOfUnit.bind>[0]) {
    const [unit, city] = await db.read(
      actor,
      ask(queries.deadlinesOfUnit, filter),
      ask(queries.escalatedDeadlines, filter),
    )
    return [...unit.map((row) => ({ ...row, inUnit })), ...city]
  }

  app.get(
    '/v1/deadlines',
    {
      config: { action: 'deadlines.list' },
      schema: {
        summary: 'List deadlines',
        description:
          'What runs, the most urgent first; of one case also what ran. The coordinator sees what lead and head have let pass, without the case.',
        querystring: wire.DeadlineFilter,
        response: { 200: wire.Deadlines },
      },
    },
    async ({ actor, query: { limit, cursor, box, missed, caseId } }) => {
      const filter = { ...after(cursor, 'soonest'), missed: missed === 'true', limit: limit + 1 }
      const lists = caseId
        ? await db.read(actor, ask(queries.deadlinesOfCase, { ...filter, caseId }))
        : box === 'ours'
          ? await db.read(actor, ask(queries.ourDeadlines, filter))
          : await ofUnitOrCity(actor, filter)
      return page(
        lists.flat().map((row) => shown(row, actor)),
        limit,
        ({ dueOn }) => dueOn,
      )
    },
  )

  app.get(
    '/v1/deadlines/:id',
    {
      config: { action: 'deadlines.read' },
      schema: {
        summary: 'Read a deadline',
        description:
          'On which ground it runs, when it is due, what stopped it, and who was told that it passed.',
        params: ById,
        response: { 200: wire.Deadline },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.deadlineById, params))
      return shown(found(row), actor)
    },
  )

  app.post(
    '/v1/cases/:id/deadlines',
    {
      config: {
        action: 'deadlines.start',
        resource: '/v1/deadlines/:id',
        refuses: [
          'case_closed',
          'deadline_of_another_country',
          'guarantee_registered_already',
          'deadline_runs_already',
          'deadline_starts_in_the_future',
          'deadline_started_too_long_ago',
        ],
      },
      schema: {
        summary: 'Register what starts a deadline of law',
        description:
          'In Denmark the first request for treatment (§ 101 SEL, § 141 SUL: 14 calendar days, once per case), in Germany an application for rehabilitation (§ 14 SGB IX: two weeks). Neither start nor due day can ever be changed.',
        params: ById,
        body: wire.NewDeadline,
        response: { 201: wire.Deadline },
      },
    },
    ({ actor, params, body: { kind, startedOn } }) =>
      db.as(actor, async (tx) => {
        const [ofCase, [tenant], earlier] = await tx.load(
          cases.lock,
          params,
          ask(tenantById, { id: actor.tenantId }),
          ask(queries.ofKind, { caseId: params.id, kind }),
        )
        cases.running(ofCase)
        const { country } = found(tenant)
        const started = startByHand(kind, startedOn ?? tx.today, { country, earlier }, tx.today)
        const { compartmentId, organizationId } = ofCase
        const id = newId()
        const unit = { id: organizationId, compartmentId }
        emit(tx, 'deadline.started', { kind: 'deadline', id }, { unit })
        return tx
          .save(queries.registeredDeadline, {
            ...started,
            id,
            kind,
            organizationId,
            compartmentId,
            caseId: ofCase.id,
            subjectId: ofCase.id,
          })
          .map((row) => shown({ ...row, inUnit }, actor))
      }),
  )

  app.post(
    '/v1/deadlines/:id/stop',
    {
      config: {
        action: 'deadlines.stop',
        refuses: [
          'deadline_is_stopped',
          'deadline_stops_by_its_act',
          'deadline_not_stopped_by_this',
          'deadline_stopped_outside_its_days',
        ],
      },
      schema: {
        summary: 'Record what stopped a deadline',
        description:
          'The guarantee only when treatment has started or the person chose otherwise; the responsibility for rehabilitation when it is clear or forwarded; a follow-up when it was done or nobody was reached; the end of a release when nothing more is needed. All other deadlines stop by the act for which they wait.',
        params: ById,
        body: wire.StopDeadline,
        response: { 200: wire.Deadline },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockDeadline, params)
        const stopped = stopByHand(row, body, tx.now, tx.today)
        // Only the unit that holds the case stops a clock by hand.
        const unit = { id: actor.organizationId!, compartmentId: row.compartmentId ?? actor.organizationId! }
        emit(tx, 'deadline.stopped', { kind: 'deadline', id: row.id }, { unit })
        return tx
          .save(queries.stoppedDeadline, { id: row.id, ...stopped })
          .map((saved) => shown({ ...saved, inUnit }, actor))
      }),
  )
}
