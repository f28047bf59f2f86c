// How does responsibility pass on without a gap, until the person has arrived?
import type { FastifyRequest } from 'fastify'
import { v7 as newId } from 'uuid'
import type { Actor } from '../../platform/actor.ts'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { languageOf } from '../../platform/language.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, type App } from '../../platform/zod.ts'
import { caseById, changedCase, lockCase, running } from '../cases/index.ts'
import { clientById, opened } from '../clients/index.ts'
import { tenantById } from '../identity/index.ts'
import { asRecipient, asSender, lockReferral, moved, movedReferral } from '../referrals/index.ts'
import {
  anonymously,
  disclose,
  disclosed,
  endDisclosuresOfSubject,
  received,
  released,
  type Part,
} from '../releases/index.ts'
import { daysAfter, newTask, recontactDays } from '../tasks/index.ts'
import * as queries from './queries.ts'
import {
  accept,
  afterwards,
  arrive,
  cancel,
  noShow,
  offer,
  prepare,
  refuse,
  refuseHandover,
  sheet,
  sheetOpen,
  type Sections,
  type Witness,
} from './rules.ts'
import * as wire from './schema.ts'
import type { handovers } from './table.ts'

type Row = typeof handovers.$inferSelect

// Giver and receiver of a handover are sender and recipient of its referral: the same rules say who speaks.
const parties = (row: Row) => ({
  ...row,
  senderOrganizationId: row.giverOrganizationId,
  recipientOrganizationId: row.receiverOrganizationId,
})
const incoming = (row: Row, actor: Actor) => row.receiverOrganizationId === actor.organizationId

function inList(row: Row, actor: Actor) {
  const isIn = incoming(row, actor)
  return {
    ...row,
    box: isIn ? ('in' as const) : ('out' as const),
    caseId: isIn ? null : row.caseId,
    clientId: isIn ? null : row.clientId,
  }
}

export function handoverRoutes(app: App, { db, vault }: Deps) {
  const asGiver = (row: Row, actor: Actor, sections: Sections) => ({
    ...inList(row, actor),
    sections,
    disclosed: null,
  })
  const asReceiver = (row: Row, actor: Actor, view: ReturnType<typeof disclosed> | null) => ({
    ...inList(row, actor),
    sections: null,
    disclosed: view,
  })

  const sectionsOf = async (tx: Tx, row: Row) => found(await tx.one(queries.sheetOf, { id: row.id })).sections

  /** Responsibility and next step of the giver's case, moved on by whoever saw what happened. */
  async function moveOn(tx: Tx, row: Row, outcome: 'arrived' | 'failed') {
    await tx.one(queries.moveCase, { caseId: row.caseId })
    const tenant = found(await tx.one(tenantById, { id: tx.actor.tenantId }))
    const ofCase = found(await tx.one(lockCase, { id: row.caseId }))
    tx.save(changedCase, { ...ofCase, ...afterwards(outcome, tenant.language, tx.today), pauseReason: null })
    tx.save(movedReferral, { id: row.referralId, status: moved[outcome] })
    if (outcome === 'arrived') return
    for (const days of recontactDays)
      tx.save(newTask, {
        id: newId(),
        compartmentId: row.compartmentId,
        caseId: row.caseId,
        clientId: row.clientId,
        kind: 'recontact',
        dueOn: daysAfter(tx.today, days),
        originId: row.id,
      })
  }

  /** Arrival and no-show: whoever saw it says so, once, and the giver's case moves on in the same transaction. */
  const conclude = (
    { actor, params, headers }: Pick<FastifyRequest, 'actor' | 'headers'> & { params: { id: string } },
    decide: (
      row: Row,
      witness: Witness,
      now: string,
    ) => ReturnType<typeof arrive> | ReturnType<typeof noShow>,
  ) =>
    db.as(actor, async (tx) => {
      await tx.one(queries.lockReferralOfHandover, params)
      const [row, [disclosure], [written]] = await tx.load(
        queries.lockHandover,
        params,
        ask(received, { subjectId: params.id }),
        ask(queries.sheetOf, params),
      )
      const receiver = incoming(row, actor)
      const concluded = decide(row, { receiver, direction: disclosure?.direction }, tx.now)
      await moveOn(tx, row, concluded.status)
      const saved = tx.save(queries.concludedHandover, { ...row, ...concluded })
      const language = languageOf(headers['accept-language'])
      return saved.map((ended) =>
        receiver
          ? asReceiver(ended, actor, disclosure ? disclosed(vault, disclosure, language) : null)
          : asGiver(ended, actor, found(written).sections),
      )
    })

  app.post(
    '/v1/cases/:id/handovers',
    {
      config: { action: 'handovers.prepare', resource: '/v1/handovers/:id' },
      schema: {
        summary: 'Prepare a handover',
        description:
          'Of a referral that was accepted. The sheet follows ISBAR; nothing leaves until it is offered.',
        params: ById,
        body: wire.NewHandover,
        response: { 201: wire.Handover },
      },
    },
    ({ actor, params, body: { sections, ...body } }) =>
      db.as(actor, async (tx) => {
        const referral = referenced(await tx.one(lockReferral, { id: body.referralId }), '/referralId')
        const ofCase = running(await tx.load(lockCase, params))
        if (referral.caseId !== ofCase.id) referenced(undefined, '/referralId')
        prepare(asSender(referral, actor.organizationId))
        if (await tx.one(queries.openHandoverOf, { referralId: referral.id }))
          throw refuse('handover_already_open')
        const id = newId()
        const { caseId, clientId, compartmentId, releaseId, basis } = referral
        const prepared = tx.save(queries.newHandover, {
          ...body,
          id,
          caseId,
          clientId,
          compartmentId,
          releaseId,
          basis,
          status: 'prepared',
          categories: [],
          giverOrganizationId: referral.senderOrganizationId,
          giverOrganizationName: referral.senderOrganizationName,
          receiverOrganizationId: referral.recipientOrganizationId,
          receiverOrganizationName: referral.recipientOrganizationName,
          createdByUserId: actor.userId!,
        })
        tx.save(queries.newSheet, { id, caseId, clientId, compartmentId, sections })
        return prepared.map((row) => asGiver(row, actor, sections))
      }),
  )

  app.get(
    '/v1/cases/:id/handovers',
    {
      config: { action: 'handovers.list_of_case' },
      schema: {
        summary: 'List the handovers of a case',
        description: 'The newest first, each with the party that is responsible now.',
        params: ById,
        response: { 200: wire.HandoversOfCase },
      },
    },
    async ({ actor, params }) => {
      const [[ofCase], rows] = await db.read(
        actor,
        ask(caseById, params),
        ask(queries.handoversOf, { caseId: params.id }),
      )
      found(ofCase)
      return { items: rows.map((row) => inList(row, actor)) }
    },
  )

  app.get(
    '/v1/handovers',
    {
      config: { action: 'handovers.list' },
      schema: {
        summary: 'List handovers',
        description:
          '`box=in`: offered to my organisation; `box=out`: prepared by my unit. The newest first.',
        querystring: wire.HandoverFilter,
        response: { 200: wire.Handovers },
      },
    },
    async ({ actor, query: { box, limit, cursor } }) => {
      const where = { ...after(cursor, 'newest'), limit: limit + 1 }
      const [rows] = await db.read(
        actor,
        box === 'in' ? ask(queries.inbox, where) : ask(queries.outbox, where),
      )
      return page(
        rows.map((row) => inList(row, actor)),
        limit,
        ({ offeredAt, createdAt }) => (box === 'in' ? offeredAt! : createdAt),
      )
    },
  )

  app.get(
    '/v1/handovers/:id',
    {
      config: { action: 'handovers.read' },
      schema: {
        summary: 'Read a handover',
        description:
          'The giver sees the sheet, the receiver what was disclosed of it, as long as that is valid.',
        params: ById,
        response: { 200: wire.Handover },
      },
    },
    async ({ actor, params, headers }) => {
      const [[row], [written], [disclosure]] = await db.read(
        actor,
        ask(queries.handoverById, params),
        ask(queries.sheetOf, params),
        ask(received, { subjectId: params.id }),
      )
      const handover = found(row)
      if (!incoming(handover, actor)) return asGiver(handover, actor, written?.sections ?? {})
      const language = languageOf(headers['accept-language'])
      return asReceiver(handover, actor, disclosure ? disclosed(vault, disclosure, language) : null)
    },
  )

  app.patch(
    '/v1/handovers/:id',
    {
      config: { action: 'handovers.update' },
      schema: {
        summary: 'Write the sheet',
        description: 'A merge patch until it is offered; sections are merged one by one.',
        params: ById,
        body: wire.HandoverChange,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = sheetOpen(
          asSender(parties(await tx.load(queries.lockHandover, params)), actor.organizationId),
        )
        const sections = { ...(await sectionsOf(tx, row)), ...body.sections }
        const { type = row.type, meetingAt = row.meetingAt } = body
        tx.save(queries.editedSheet, { id: row.id, sections })
        return tx
          .save(queries.editedHandover, { id: row.id, type, meetingAt })
          .map((edited) => asGiver(edited, actor, sections))
      }),
  )

  app.post(
    '/v1/handovers/:id/offer',
    {
      config: { action: 'handovers.offer' },
      schema: {
        summary: 'Offer a handover',
        description:
          'The sheet leaves, when every category used is released to the receiver; otherwise 409 names what is missing.',
        params: ById,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const release = await tx.one(queries.lockReleaseOfHandover, params)
        const referral = await tx.one(queries.lockReferralOfHandover, params)
        const row = asSender(parties(await tx.load(queries.lockHandover, params)), actor.organizationId)
        const offered = offer(row, tx.now)
        prepare(found(referral))
        const sections = await sectionsOf(tx, row)
        const { parts, categories } = sheet(sections)
        const client = found(await tx.one(clientById, { id: row.clientId }))
        const { basis } = found(referral)
        if (basis === 'anonymous') anonymously(client.identificationLevel, categories)
        else
          released(
            release,
            {
              caseId: row.caseId,
              recipientOrganizationId: row.receiverOrganizationId,
              purpose: 'referral',
              categories,
            },
            tx.now,
          )
        const { identity } = opened(vault, client)
        disclose(tx, vault, {
          subjectId: row.id,
          compartmentId: row.compartmentId,
          caseId: row.caseId,
          clientId: row.clientId,
          senderOrganizationId: row.giverOrganizationId,
          recipientOrganizationId: row.receiverOrganizationId,
          purpose: 'referral',
          categories,
          release,
          parts: parts.map(({ section, text, category }): Part => {
            const facts = section === 'identity' && identity ? (identity as Part['facts']) : {}
            return { category, topic: section, need: null, text, facts }
          }),
        })
        return tx
          .save(queries.offeredHandover, {
            id: row.id,
            ...offered,
            categories,
            basis,
            releaseId: release?.id ?? null,
          })
          .map((saved) => asGiver(saved, actor, sections))
      }),
  )

  app.post(
    '/v1/handovers/:id/accept',
    {
      config: { action: 'handovers.accept' },
      schema: {
        summary: 'Accept a handover',
        description: 'By the receiver. The giver stays responsible until the person has arrived.',
        params: ById,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params, headers }) =>
      db.as(actor, async (tx) => {
        const [row, [disclosure]] = await tx.load(
          queries.lockHandover,
          params,
          ask(received, { subjectId: params.id }),
        )
        const accepted = accept(asRecipient(parties(row), actor.organizationId), tx.now)
        const language = languageOf(headers['accept-language'])
        return tx
          .save(queries.acceptedHandover, { id: row.id, ...accepted })
          .map((saved) =>
            asReceiver(saved, actor, disclosure ? disclosed(vault, disclosure, language) : null),
          )
      }),
  )

  app.post(
    '/v1/handovers/:id/refuse',
    {
      config: { action: 'handovers.refuse' },
      schema: {
        summary: 'Refuse a handover',
        description:
          'By the receiver, with a reason. What was disclosed with it is no longer seen; the referral stays accepted.',
        params: ById,
        body: wire.Refuse,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = asRecipient(parties(await tx.load(queries.lockHandover, params)), actor.organizationId)
        const refused = refuseHandover(row, body.reason, body.note)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        return tx
          .save(queries.refusedHandover, { id: row.id, ...refused })
          .map((saved) => asReceiver(saved, actor, null))
      }),
  )

  app.post(
    '/v1/handovers/:id/cancel',
    {
      config: { action: 'handovers.cancel' },
      schema: {
        summary: 'Cancel a handover',
        description: 'By the giver, at the person’s wish; what was disclosed with it is no longer seen.',
        params: ById,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const row = asSender(parties(await tx.load(queries.lockHandover, params)), actor.organizationId)
        const cancelled = cancel(row, 'person_wish')
        const sections = await sectionsOf(tx, row)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        return tx
          .save(queries.cancelledHandover, { id: row.id, ...cancelled })
          .map((saved) => asGiver(saved, actor, sections))
      }),
  )

  app.post(
    '/v1/handovers/:id/confirm-arrival',
    {
      config: { action: 'handovers.confirm_arrival' },
      schema: {
        summary: 'The person has arrived',
        description:
          'Recorded once, by the receiver (when the release runs both ways) or by the giver from the person’s own word or from having been there. Responsibility passes to the receiver, the referral has started, and the giver’s case gets its stability check in 14 days.',
        params: ById,
        body: wire.Arrival,
        response: { 200: wire.Handover },
      },
    },
    (request) =>
      conclude(request, (row, witness, now) => arrive(row, request.body.confirmedBy, witness, now)),
  )

  app.post(
    '/v1/handovers/:id/report-no-show',
    {
      config: { action: 'handovers.report_no_show' },
      schema: {
        summary: 'The person did not come',
        description:
          'Moves no responsibility: the giver still is responsible and gets dated tasks to make contact again after 2, 7 and 14 days, in the same transaction.',
        params: ById,
        response: { 200: wire.Handover },
      },
    },
    (request) => conclude(request, noShow),
  )
}
