// How does a navigator go through the clearing interview with a person, save it piece by piece and finish it?
import { v7 as newId } from 'uuid'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { found } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Page, type App } from '../../platform/zod.ts'
import { caseById, changedCase, lockCase, running } from '../cases/index.ts'
import { emit } from '../events/index.ts'
import { tenantById } from '../identity/index.ts'
import { newTask } from '../tasks/index.ts'
import type { Code } from '../vocabularies/index.ts'
import * as queries from './queries.ts'
import {
  answered,
  complete,
  discard,
  newPrompts,
  noticeOf,
  pause,
  rated,
  refuse,
  resume,
  scored,
  underWay,
  type Instrument,
} from './rules.ts'
import * as wire from './schema.ts'
import type { clearingGuides, clearings } from './table.ts'

type Row = typeof clearings.$inferSelect
type GuideRow = typeof clearingGuides.$inferSelect

function shown(row: Row, guideKey: string, guideNumber: number, instrument: Instrument) {
  const { auditCAnswers, auditCLanguage: language, auditC: result, ...plain } = row
  const auditC = auditCAnswers &&
    language && {
      answers: auditCAnswers,
      language,
      officialWording: instrument.official[language],
      notice: noticeOf(instrument, language),
      result,
    }
  return { ...plain, guideKey, guideNumber, auditC }
}

/** Whoever works on a clearing is of its unit. */
const emitted = (
  tx: Tx,
  type: Extract<Code<'event_type'>, `clearing.${string}`>,
  { id, compartmentId }: Pick<Row, 'id' | 'compartmentId'>,
) => emit(tx, type, { kind: 'clearing', id }, { unit: { id: tx.actor.organizationId!, compartmentId } })

const shownWith =
  ({ key, number, content }: GuideRow) =>
  (row: Row) =>
    shown(row, key, number, content.auditC)

export function clearingRoutes(app: App, { db }: Deps) {
  app.get(
    '/v1/clearing-guides',
    {
      config: { action: 'guides.list' },
      schema: {
        summary: 'List clearing guides',
        description: 'What the municipality has published, the newest first: that one a new clearing takes.',
        querystring: Page,
        response: { 200: wire.Guides },
      },
    },
    async ({ actor, query: { limit, cursor } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.guidePage, { ...after(cursor, 'newest'), limit: limit + 1 }),
      )
      return page(rows, limit, ({ publishedAt }) => publishedAt)
    },
  )

  app.get(
    '/v1/clearing-guides/:id',
    {
      config: { action: 'guides.read' },
      schema: {
        summary: 'Read a clearing guide',
        description:
          'Fourteen life domains with their questions, what is asked at the end, and the items of the AUDIT-C. Where the wording of the AUDIT-C is not the official one, its notice has to be shown.',
        params: ById,
        response: { 200: wire.Guide },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.guideById, params))
      const { content, ...guide } = found(row)
      return { ...content, ...guide }
    },
  )

  app.post(
    '/v1/cases/:id/clearings',
    {
      config: {
        action: 'clearings.start',
        resource: '/v1/clearings/:id',
        refuses: ['case_closed', 'clearing_under_way', 'no_guide_published'],
      },
      schema: {
        summary: 'Begin a clearing',
        description:
          'With the newest published guide, which stays the same to the end. One at a time in a case; it points back to the one finished before. The case moves on from clarification to the clearing.',
        params: ById,
        response: { 201: wire.Clearing },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const of = running(await tx.load(lockCase, params))
        if (await tx.one(queries.draftOf, { caseId: of.id })) throw refuse('clearing_under_way')
        const previous = await tx.one(queries.latestFinishedClearing, { caseId: of.id })
        const guide = await tx.one(queries.newestGuide, {})
        if (!guide) throw refuse('no_guide_published')
        if (of.phase === 'clarification') tx.save(changedCase, { ...of, phase: 'assessment' })
        const id = newId()
        emitted(tx, 'clearing.started', { id, compartmentId: of.compartmentId })
        return tx
          .save(queries.newClearing, {
            id,
            compartmentId: of.compartmentId,
            caseId: of.id,
            clientId: of.clientId,
            guideId: guide.id,
            previousClearingId: previous?.id ?? null,
            status: 'started',
            answers: {},
            ratings: {},
            strengths: '',
            wishes: '',
            safetyPrompts: [],
            startedByUserId: actor.userId!,
          })
          .map(shownWith(guide))
      }),
  )

  app.get(
    '/v1/cases/:id/clearings',
    {
      config: { action: 'clearings.list' },
      schema: {
        summary: 'List the clearings of a case',
        description: 'The newest first, without their content.',
        params: ById,
        querystring: Page,
        response: { 200: wire.Clearings },
      },
    },
    async ({ actor, params, query: { limit, cursor } }) => {
      const [[of], rows] = await db.read(
        actor,
        ask(caseById, params),
        ask(queries.clearingPage, { ...after(cursor, 'newest'), caseId: params.id, limit: limit + 1 }),
      )
      found(of)
      return page(rows, limit, ({ startedAt }) => startedAt)
    },
  )

  app.get(
    '/v1/clearings/:id',
    {
      config: { action: 'clearings.read' },
      schema: {
        summary: 'Read a clearing',
        description:
          'Answers, ratings, strengths and wishes, and the AUDIT-C with its result once it is finished.',
        params: ById,
        response: { 200: wire.Clearing },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.clearingWithGuide, params))
      const { guideKey, guideNumber, instrument, ...clearing } = found(row)
      return shown(clearing, guideKey, guideNumber, instrument)
    },
  )

  /** The draft, locked, with the guide that was frozen at its start. */
  async function load(tx: Tx, params: { id: string }) {
    const [row, [guide]] = await tx.load(queries.lockClearing, params, ask(queries.guideOfClearing, params))
    return { row, guide: found(guide) }
  }

  app.patch(
    '/v1/clearings/:id',
    {
      config: {
        action: 'clearings.update',
        refuses: ['answer_does_not_fit', 'clearing_is_final', 'clearing_paused', 'case_closed'],
      },
      schema: {
        summary: 'Save answers and ratings',
        description:
          'A merge patch: answers by question, ratings by life domain, null takes one away. Every answer has to fit its question, or nothing is saved. An answer that lets fear for somebody’s safety makes a task for today.',
        params: ById,
        body: wire.ClearingChange,
        response: { 200: wire.Clearing },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [row, [guideRow], [ofCase]] = await tx.load(
          queries.lockClearing,
          params,
          ask(queries.guideOfClearing, params),
          ask(queries.caseOfClearing, params),
        )
        underWay(row)
        const guide = found(guideRow)
        const of = running(ofCase)
        const { strengths = row.strengths, wishes = row.wishes } = body
        const answers = answered(guide.content, row.answers, body.answers ?? {})
        const prompts = newPrompts(row.safetyPrompts, answers)
        for (const _ of prompts)
          tx.save(newTask, {
            id: newId(),
            compartmentId: of.compartmentId,
            caseId: of.id,
            clientId: of.clientId,
            kind: 'safety_prompt',
            dueOn: tx.today,
            originId: row.id,
          })
        emitted(tx, 'clearing.updated', row)
        return tx
          .save(queries.changedClearing, {
            ...row,
            answers,
            strengths,
            wishes,
            ratings: rated(row.ratings, body.ratings ?? {}),
            ...(body.auditC !== undefined && {
              auditCAnswers: body.auditC?.answers ?? null,
              auditCLanguage: body.auditC?.language ?? null,
            }),
            safetyPrompts: [...row.safetyPrompts, ...prompts],
          })
          .map(shownWith(guide))
      }),
  )

  app.post(
    '/v1/clearings/:id/pause',
    {
      config: { action: 'clearings.pause', refuses: ['clearing_is_final', 'clearing_paused'] },
      schema: {
        summary: 'Interrupt a clearing',
        description: 'What was saved stays; it goes on where it stopped.',
        params: ById,
        response: { 200: wire.Clearing },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const { row, guide } = await load(tx, params)
        const step = pause(row)
        emitted(tx, 'clearing.paused', row)
        return tx.save(queries.changedClearing, { ...row, ...step }).map(shownWith(guide))
      }),
  )

  app.post(
    '/v1/clearings/:id/resume',
    {
      config: { action: 'clearings.resume', refuses: ['clearing_is_final', 'clearing_not_paused'] },
      schema: {
        summary: 'Go on with a clearing',
        description: 'After an interruption, however long, with the same guide.',
        params: ById,
        response: { 200: wire.Clearing },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const { row, guide } = await load(tx, params)
        const step = resume(row)
        emitted(tx, 'clearing.resumed', row)
        return tx.save(queries.changedClearing, { ...row, ...step }).map(shownWith(guide))
      }),
  )

  app.post(
    '/v1/clearings/:id/finish',
    {
      config: {
        action: 'clearings.finish',
        refuses: ['clearing_is_final', 'clearing_paused', 'case_closed', 'clearing_incomplete'],
      },
      schema: {
        summary: 'Finish a clearing',
        description:
          'When every life domain is rated or skipped with a reason. The AUDIT-C, where it was answered, is scored. From then on nothing changes; whoever comes to see things differently begins a new clearing. The case moves on to planning.',
        params: ById,
        response: { 200: wire.Clearing },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const [row, [guideRow], [ofCase], [client], [tenant]] = await tx.load(
          queries.lockClearing,
          params,
          ask(queries.guideOfClearing, params),
          ask(queries.caseOfClearing, params),
          ask(queries.clientOfClearing, params),
          ask(tenantById, { id: actor.tenantId }),
        )
        underWay(row)
        const guide = found(guideRow)
        const of = running(ofCase)
        complete(guide.content, row.ratings)
        const { auditCAnswers: answers, auditCLanguage: language } = row
        const { gender } = found(client)
        const { auditCCutoffs } = found(tenant)
        const auditC =
          answers && language && scored(guide.content.auditC, { answers, language }, gender, auditCCutoffs)
        if (of.phase === 'assessment') tx.save(changedCase, { ...of, phase: 'planning' })
        emitted(tx, 'clearing.finished', row)
        return tx
          .save(queries.finishedClearing, { id: row.id, status: 'finished', auditC, finishedAt: tx.now })
          .map(shownWith(guide))
      }),
  )

  app.post(
    '/v1/clearings/:id/discard',
    {
      config: { action: 'clearings.discard', refuses: ['clearing_is_final'] },
      schema: {
        summary: 'Discard a clearing',
        description: 'It stays readable, counts for nothing and never changes again; a new one can begin.',
        params: ById,
        response: { 200: wire.Clearing },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const { row, guide } = await load(tx, params)
        const step = discard(row)
        emitted(tx, 'clearing.discarded', row)
        return tx.save(queries.changedClearing, { ...row, ...step }).map(shownWith(guide))
      }),
  )
}
