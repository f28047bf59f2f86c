// Who stands in for whom while somebody is away? The lead of no case changes by it.
import { v7 as newId } from 'uuid'
import { after, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { found, problem, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, type App } from '../../platform/zod.ts'
import { tell } from '../notices/index.ts'
import * as queries from './queries.ts'
import { arrange, handBack, mayArrange, mayHandBack } from './rules.ts'
import * as wire from './schema.ts'
import type { substitutions } from './table.ts'

type Row = typeof substitutions.$inferSelect

const shown = (row: Row, today: string) => ({
  ...row,
  running: row.endedAt === null && row.fromOn <= today && row.untilOn >= today,
})

export function substitutionRoutes(app: App, { db }: Deps) {
  app.post(
    '/v1/substitutions',
    {
      config: {
        action: 'substitutions.create',
        refuses: [
          'unknown_reference',
          'substitute_is_somebody_else',
          'substitute_of_another_kind',
          'substitution_in_the_past',
          'substitution_ends_before_it_begins',
          'substitution_too_long',
          'substitution_overlaps',
          'substitute_is_away',
          'stands_in_for_somebody',
        ],
      },
      schema: {
        summary: 'Arrange a substitution',
        description:
          'By the member who will be away, or by the head for anybody of the unit. The substitute is told, and their day list shows what is the absent one’s too; the lead of no case changes, and a shielded person is still seen by named members only.',
        body: wire.NewSubstitution,
        response: { 201: wire.Substitution },
      },
    },
    ({ actor, body: { absentMembershipId, substituteMembershipId, fromOn, untilOn } }) =>
      db.as(actor, async (tx) => {
        const absentId = absentMembershipId ?? actor.membershipId!
        const pair = { absentId, substituteId: substituteMembershipId }
        tx.saveAll(queries.inTurn, {})
        const members = await tx.all(queries.colleagues, pair)
        if (!mayArrange(absentId, actor)) throw problem('not_allowed')
        const member = (wanted: string, pointer: string) =>
          referenced(
            members.find(({ id }) => id === wanted),
            pointer,
          )
        const absent = member(absentId, '/absentMembershipId')
        const substitute = member(substituteMembershipId, '/substituteMembershipId')
        const crossing = await tx.all(queries.crossing, { ...pair, fromOn, untilOn })
        arrange({ absent, substitute, fromOn, untilOn }, crossing, tx.today)
        const id = newId()
        for (const memberId of [substitute.id, absent.id])
          if (memberId !== actor.membershipId)
            tell(tx, 'substitution_began', { kind: 'substitution', id }, { memberId })
        return tx
          .save(queries.newSubstitution, {
            id,
            organizationId: actor.organizationId!,
            absentMembershipId: absent.id,
            substituteMembershipId: substitute.id,
            fromOn,
            untilOn,
            createdByUserId: actor.userId!,
          })
          .map((row) => shown(row, tx.today))
      }),
  )

  app.get(
    '/v1/substitutions',
    {
      config: { action: 'substitutions.list' },
      schema: {
        summary: 'List substitutions',
        description: 'Those of the own organisation that run or will come, by their first day.',
        querystring: wire.SubstitutionFilter,
        response: { 200: wire.Substitutions },
      },
    },
    async ({ actor, query: { limit, cursor, of } }) => {
      const member = of === 'me' ? actor.membershipId : (of ?? null)
      const [rows] = await db.read(
        actor,
        ask(queries.livingSubstitutions, { ...after(cursor, 'soonest'), member, limit: limit + 1 }),
      )
      return page(
        rows.map((row) => shown(row, actor.today)),
        limit,
        ({ fromOn }) => fromOn,
      )
    },
  )

  app.get(
    '/v1/substitutions/:id',
    {
      config: { action: 'substitutions.read' },
      schema: {
        summary: 'Read a substitution',
        description: 'Who stands in for whom, on which days, and how it was handed back.',
        params: ById,
        response: { 200: wire.Substitution },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.substitutionById, params))
      return shown(found(row), actor.today)
    },
  )

  app.post(
    '/v1/substitutions/:id/hand-back',
    {
      config: { action: 'substitutions.hand_back', refuses: ['substitution_has_ended'] },
      schema: {
        summary: 'Hand a substitution back',
        description:
          'By the absent member, the substitute or the head; also before its first day. Both are told. No facts about people in the note.',
        params: ById,
        body: wire.HandBack,
        response: { 200: wire.Substitution },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockSubstitution, params)
        if (!mayHandBack(row, actor)) throw problem('not_allowed')
        const ended = handBack(row, tx.now)
        for (const memberId of [row.absentMembershipId, row.substituteMembershipId])
          if (memberId !== actor.membershipId)
            tell(tx, 'substitution_ended', { kind: 'substitution', id: row.id }, { memberId })
        return tx
          .save(queries.handedBack, { id: row.id, ...ended, handBackNote: body.note || null })
          .map((saved) => shown(saved, tx.today))
      }),
  )
}
