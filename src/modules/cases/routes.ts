// How is a case opened, moved on and closed, with one lead and one dated next step at every instant?
import { v7 as newId } from 'uuid'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import { taken } from '../../platform/external.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, patched, type App } from '../../platform/zod.ts'
import { clientById } from '../clients/index.ts'
import { closeClocks, ofKind } from '../deadlines/index.ts'
import { emit } from '../events/index.ts'
import { colleague, tenantById } from '../identity/index.ts'
import { tell } from '../notices/index.ts'
import { settleOfCase } from '../tasks/index.ts'
import type { Code } from '../vocabularies/index.ts'
import { openCase } from './open.ts'
import * as queries from './queries.ts'
import { follows, handedOn, leadIn, nextStep, pause, refuse, resume, running } from './rules.ts'
import * as wire from './schema.ts'
import type { cases } from './table.ts'

export type CaseRow = typeof cases.$inferSelect

/** What other modules end in the same transaction before a case closes; they may refuse. */
export interface OnCaseClosing {
  /** Before the case itself is locked: release, referral, handover, case is the order for everybody. */
  lock: (tx: Tx, caseId: string) => void
  end: (tx: Tx, closing: CaseRow, how: wire.Closing) => Promise<void> | void
}

const emitted = (tx: Tx, type: Extract<Code<'event_type'>, `case.${string}`>, row: CaseRow) =>
  emit(
    tx,
    type,
    { kind: 'case', id: row.id },
    { unit: { id: row.organizationId, compartmentId: row.compartmentId } },
  )

const shown = (row: CaseRow, today: string) => ({
  ...row,
  overdue: row.status !== 'closed' && row.nextStepOn !== null && row.nextStepOn < today,
})

export function caseRoutes(app: App, { db }: Deps, onCaseClosing: OnCaseClosing[]) {
  app.post(
    '/v1/cases',
    {
      config: {
        action: 'cases.open',
        refuses: [
          'unknown_reference',
          'previous_case_not_closed',
          'lead_outside_the_unit',
          'next_step_in_the_past',
          'external_id_taken',
        ],
      },
      schema: {
        summary: 'Open a case',
        description:
          'For a person of the own unit, with exactly one lead and one dated next step from the first instant. Somebody who comes back gets a new case that points to the previous one.',
        body: wire.NewCase,
        response: { 201: wire.Case },
      },
    },
    ({ actor, body }) => {
      const { externalId } = body
      const opening = db.as(actor, async (tx) => {
        const client = referenced(await tx.one(clientById, { id: body.clientId }), '/clientId')
        const leadId = body.leadMembershipId ?? actor.membershipId!
        const lead = referenced(await tx.one(colleague, { id: leadId }), '/leadMembershipId')
        const { previousCaseId = null } = body
        if (previousCaseId)
          follows(
            referenced(await tx.one(queries.caseById, { id: previousCaseId }), '/previousCaseId'),
            client.id,
          )
        const opened = openCase(tx, { ...body, client, lead, previousCaseId })
        return opened.map((row) => shown(row, tx.today))
      })
      const own = { externalId: externalId!, closed: null, lead: null, clientId: null }
      return opening.catch(taken(db, actor, externalId, ask(queries.ownCase, own)))
    },
  )

  app.get(
    '/v1/cases',
    {
      config: { action: 'cases.list' },
      schema: {
        summary: 'List cases',
        description: 'Running cases of the unit by the day of their next step: what is overdue stands first.',
        querystring: wire.CaseFilter,
        response: { 200: wire.Cases },
      },
    },
    async ({ actor, query: { limit, cursor, closed, lead, clientId = null, externalId } }) => {
      const whose = { lead: lead === 'me' ? actor.membershipId : (lead ?? null), clientId }
      if (externalId !== undefined) {
        const own = { externalId, closed: closed === undefined ? null : closed === 'true', ...whose }
        const [rows] = await db.read(actor, ask(queries.ownCase, own))
        return { items: rows.map((row) => shown(row, actor.today)), nextCursor: null }
      }
      const filter = {
        ...after(cursor, closed === 'true' ? 'newest' : 'soonest'),
        ...whose,
        limit: limit + 1,
      }
      const [rows] = await db.read(
        actor,
        ask(closed === 'true' ? queries.closedCases : queries.runningCases, filter),
      )
      return page(
        rows.map((row) => shown(row, actor.today)),
        limit,
        ({ nextStepOn, openedAt }) => (closed === 'true' ? openedAt : nextStepOn!),
      )
    },
  )

  app.get(
    '/v1/cases/:id',
    {
      config: { action: 'cases.read' },
      schema: {
        summary: 'Read a case',
        description: 'Status, phase, lead and next step.',
        params: ById,
        response: { 200: wire.Case },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.caseById, params))
      return shown(found(row), actor.today)
    },
  )

  app.patch(
    '/v1/cases/:id',
    {
      config: { action: 'cases.update', refuses: ['case_closed'] },
      schema: {
        summary: 'Change phase or concern',
        description: 'A merge patch; lead, next step and status have actions of their own.',
        params: ById,
        body: wire.CaseChange,
        response: { 200: wire.Case },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = running(await tx.load(queries.lockCase, params))
        emitted(tx, 'case.updated', row)
        return tx.save(queries.changedCase, patched(row, body)).map((changed) => shown(changed, tx.today))
      }),
  )

  app.post(
    '/v1/cases/:id/next-step',
    {
      config: { action: 'cases.next_step', refuses: ['case_closed', 'case_paused', 'next_step_in_the_past'] },
      schema: {
        summary: 'Set the next step',
        description: 'What happens next and on which day; the day may not lie in the past.',
        params: ById,
        body: wire.NextStep,
        response: { 200: wire.Case },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockCase, params)
        const step = nextStep(row, body, tx.today)
        emitted(tx, 'case.next_step_set', row)
        return tx.save(queries.changedCase, { ...row, ...step }).map((changed) => shown(changed, tx.today))
      }),
  )

  app.post(
    '/v1/cases/:id/pause',
    {
      config: { action: 'cases.pause', refuses: ['case_closed', 'case_paused', 'next_step_in_the_past'] },
      schema: {
        summary: 'Let a case rest',
        description: 'It keeps its lead and a day on which somebody looks again.',
        params: ById,
        body: wire.Pause,
        response: { 200: wire.Case },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockCase, params)
        const step = pause(row, body, tx.today)
        emitted(tx, 'case.paused', row)
        return tx.save(queries.changedCase, { ...row, ...step }).map((changed) => shown(changed, tx.today))
      }),
  )

  app.post(
    '/v1/cases/:id/resume',
    {
      config: {
        action: 'cases.resume',
        refuses: ['case_closed', 'case_not_paused', 'next_step_in_the_past'],
      },
      schema: {
        summary: 'Take a resting case up again',
        description: 'With a new dated next step.',
        params: ById,
        body: wire.Resume,
        response: { 200: wire.Case },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockCase, params)
        const step = resume(row, body, tx.today)
        emitted(tx, 'case.resumed', row)
        return tx.save(queries.changedCase, { ...row, ...step }).map((changed) => shown(changed, tx.today))
      }),
  )

  app.post(
    '/v1/cases/:id/close',
    {
      config: {
        action: 'cases.close',
        refuses: ['case_closed', 'contact_not_lost', 'handover_under_way', 'guarantee_still_running'],
      },
      schema: {
        summary: 'Close a case',
        description:
          'With the kind of end and the outcome. Open referrals are withdrawn and planned appointments cancelled; a handover that was accepted and has not arrived stands against it. Contact is lost only after three tries on three days in two ways, or in the person’s own words: otherwise 409 says what is missing. Tasks that are open are settled and deadlines stopped; in Denmark the follow-ups after one and six months begin, and a planned end says first what came of the treatment guarantee. Closed is final.',
        params: ById,
        body: wire.Close,
        response: { 200: wire.Case },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        // Endings go from right to left, locks from left to right.
        for (const { lock } of onCaseClosing.toReversed()) lock(tx, params.id)
        const [row, [tenant], guarantees] = await tx.load(
          queries.lockCase,
          params,
          ask(tenantById, { id: actor.tenantId }),
          ask(ofKind, { caseId: params.id, kind: 'treatment_guarantee_14d' }),
        )
        running(row)
        for (const { end } of onCaseClosing) await end(tx, row, body)
        closeClocks(tx, row, body.endType, { country: found(tenant).country, guarantees })
        tx.saveAll(settleOfCase, { caseId: row.id })
        const lead = found(await tx.one(queries.presentLead, { caseId: row.id }))
        tx.save(queries.endedLead, { id: lead.id, untilAt: handedOn(lead, tx.now) })
        emitted(tx, 'case.closed', row)
        return tx
          .save(queries.changedCase, {
            ...row,
            ...body,
            lastWords: body.lastWords || null,
            status: 'closed',
            phase: 'evaluation',
            closedAt: tx.now,
          })
          .map((closed) => shown(closed, tx.today))
      }),
  )

  app.post(
    '/v1/cases/:id/assignments',
    {
      config: {
        action: 'cases.assign',
        resource: '/v1/cases/:id',
        refuses: ['unknown_reference', 'case_closed', 'already_the_lead', 'lead_outside_the_unit'],
      },
      schema: {
        summary: 'Give a case to another lead',
        description:
          'Inside the unit; the next step stays, the new lead is told, and the history of leads has neither gap nor overlap.',
        params: ById,
        body: wire.Assignment,
        response: { 200: wire.Case },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = running(await tx.load(queries.lockCase, params))
        const lead = referenced(await tx.one(colleague, { id: body.membershipId }), '/membershipId')
        if (lead.id === row.leadMembershipId)
          throw refuse('already_the_lead', [{ pointer: '/membershipId', code: 'already_the_lead' }])
        const present = found(await tx.one(queries.presentLead, { caseId: row.id }))
        const at = handedOn(present, tx.now)
        tx.save(queries.endedLead, { id: present.id, untilAt: at })
        const leadMembershipId = leadIn(row.organizationId, lead, '/membershipId')
        tx.save(queries.newLead, {
          id: newId(),
          compartmentId: row.compartmentId,
          caseId: row.id,
          clientId: row.clientId,
          membershipId: leadMembershipId,
          reason: body.reason,
          fromAt: at,
        })
        emitted(tx, 'case.assigned', row)
        if (leadMembershipId !== actor.membershipId)
          tell(tx, 'case_assigned', { kind: 'case', id: row.id }, { memberId: leadMembershipId })
        return tx
          .save(queries.changedCase, { ...row, leadMembershipId })
          .map((changed) => shown(changed, tx.today))
      }),
  )

  app.get(
    '/v1/cases/:id/assignments',
    {
      config: { action: 'cases.leads' },
      schema: {
        summary: 'Who led the case when',
        description: 'From opening to closing without gap or overlap.',
        params: ById,
        response: { 200: wire.Leads },
      },
    },
    async ({ actor, params }) => {
      const [[row], items] = await db.read(
        actor,
        ask(queries.caseById, params),
        ask(queries.leadsOf, { caseId: params.id }),
      )
      found(row)
      return { items }
    },
  )
}
