// How does responsibility pass on without a gap, until the person has arrived?
import type { FastifyRequest } from 'fastify'
import { v7 as newId } from 'uuid'
import type { Actor } from '../../platform/actor.ts'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { languageOf, type Language } from '../../platform/language.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Page, type App } from '../../platform/zod.ts'
import { caseById, changedCase, lockCase, moveCase, running } from '../cases/index.ts'
import { opened } from '../clients/index.ts'
import { requestAnew } from '../contacts/index.ts'
import {
  endRecontact,
  recontact,
  startDeadline,
  stopDeadlines,
  stopDeadlinesOfCase,
  workingDaysAfter,
} from '../deadlines/index.ts'
import { emit } from '../events/index.ts'
import { colleague, tenantById } from '../identity/index.ts'
import { tell } from '../notices/index.ts'
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
import { daysAfter, newTask } from '../tasks/index.ts'
import type { Code } from '../vocabularies/index.ts'
import { handoverPaper } from './paper.ts'
import * as queries from './queries.ts'
import {
  accept,
  afterCheck,
  afterwards,
  arrive,
  asked,
  cancel,
  check,
  giveBack,
  jointTalk,
  noShow,
  offer,
  prepare,
  refuse,
  refuseHandover,
  sheet,
  sheetOpen,
  stabilityDays,
  type Sections,
  type Witness,
} from './rules.ts'
import * as wire from './schema.ts'
import { asDisclosed, asWritten, sheetContent } from './sheet.ts'
import type { handoverConcepts, handovers } from './table.ts'

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
    accompaniedByMembershipId: isIn ? null : row.accompaniedByMembershipId,
    accompaniedByName: isIn ? null : row.accompaniedByName,
    // How it goes on after arrival is asked by the giver, and stays with it.
    stability: isIn ? null : row.stability,
    stabilityAt: isIn ? null : row.stabilityAt,
  }
}

const ofCase = ({ caseId, compartmentId, clientId }: Row) => ({ caseId, compartmentId, clientId })
const asHandover = ({ id }: Row) => ({ kind: 'handover' as const, id })
const toLead = ({ caseId, compartmentId }: Row) => ({ leadOf: { caseId, compartmentId } })

/** Both sides follow a handover, the receiver only from when it was offered. */
const emitted = (
  tx: Tx,
  type: Extract<Code<'event_type'>, `handover.${string}`>,
  row: Row,
  { receiverToo = true } = {},
) =>
  emit(tx, type, asHandover(row), {
    unit: { id: row.giverOrganizationId, compartmentId: row.compartmentId },
    partners: receiverToo ? [row.receiverOrganizationId] : [],
  })

const published = ({ content, ...row }: typeof handoverConcepts.$inferSelect) => ({ ...row, ...content })

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

  /** Who comes along is a colleague of the giving unit. */
  async function companion(tx: Tx, id: string | null, organizationId: string) {
    if (id === null) return { accompaniedByMembershipId: null, accompaniedByName: null }
    const member = await tx.one(colleague, { id })
    const { name } = referenced(
      member?.organizationId === organizationId ? member : undefined,
      '/accompaniedByMembershipId',
    )
    return { accompaniedByMembershipId: id, accompaniedByName: name }
  }

  /** Responsibility and next step of the giver's case, moved on by whoever saw what happened. */
  async function moveOn(tx: Tx, row: Row, outcome: 'arrived' | 'failed') {
    tx.saveAll(moveCase, { caseId: row.caseId })
    const [moving, [tenant]] = await tx.load(
      lockCase,
      { id: row.caseId },
      ask(tenantById, { id: tx.actor.tenantId }),
    )
    tx.save(changedCase, { ...moving, ...afterwards(outcome, found(tenant).language, tx.today) })
    tx.save(movedReferral, { id: row.referralId, status: moved[outcome] })
    const organizationId = row.giverOrganizationId
    if (outcome === 'failed') {
      tell(tx, 'handover_failed', asHandover(row), toLead(row))
      emitted(tx, 'handover.failed', row)
      recontact(tx, { originId: row.id, organizationId, ofCase: ofCase(row) })
      return
    }
    tell(tx, 'handover_arrived', asHandover(row), toLead(row))
    emitted(tx, 'handover.arrived', row)
    endRecontact(tx, row.caseId, 'arrived')
    stopDeadlinesOfCase(tx, row.caseId, 'arrived', 'first_appointment_check')
    askAgain(tx, row, daysAfter(tx.today, stabilityDays))
  }

  const askAgain = (tx: Tx, row: Row, dueOn: string) =>
    startDeadline(tx, {
      kind: 'stability_check',
      organizationId: row.giverOrganizationId,
      subjectId: row.id,
      ofCase: ofCase(row),
      dueOn,
    })

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
      config: {
        action: 'handovers.prepare',
        resource: '/v1/handovers/:id',
        refuses: [
          'unknown_reference',
          'case_closed',
          'only_the_sender',
          'referral_not_accepted',
          'handover_already_open',
        ],
      },
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
        const [owner, [open], [concept]] = await tx.load(
          lockCase,
          params,
          ask(queries.openHandoverOf, { referralId: referral.id }),
          ask(queries.newestConcept, {}),
        )
        if (referral.caseId !== running(owner).id) referenced(undefined, '/referralId')
        const companions = await companion(tx, body.accompaniedByMembershipId, referral.senderOrganizationId)
        prepare(asSender(referral, actor.organizationId))
        if (open) throw refuse('handover_already_open')
        const id = newId()
        const { caseId, clientId, compartmentId, releaseId, basis } = referral
        const prepared = tx.save(queries.newHandover, {
          ...body,
          ...companions,
          id,
          caseId,
          clientId,
          compartmentId,
          releaseId,
          basis,
          conceptId: concept?.id ?? null,
          status: 'prepared',
          categories: [],
          giverOrganizationId: referral.senderOrganizationId,
          giverOrganizationName: referral.senderOrganizationName,
          receiverOrganizationId: referral.recipientOrganizationId,
          receiverOrganizationName: referral.recipientOrganizationName,
          createdByUserId: actor.userId!,
        })
        tx.save(queries.newSheet, { id, caseId, clientId, compartmentId, sections })
        const unit = { id: referral.senderOrganizationId, compartmentId }
        emit(tx, 'handover.prepared', { kind: 'handover', id }, { unit })
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
          'The giver sees the sheet and whether the help holds, the receiver what was disclosed of the sheet, as long as that is valid.',
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
      config: {
        action: 'handovers.update',
        refuses: ['unknown_reference', 'only_the_sender', 'handover_not_open'],
      },
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
        const [loaded, [written]] = await tx.load(queries.lockHandover, params, ask(queries.sheetOf, params))
        const row = sheetOpen(asSender(parties(loaded), actor.organizationId))
        const sections = { ...found(written).sections, ...body.sections }
        const { type = row.type, meetingAt = row.meetingAt, accompaniedByMembershipId: along } = body
        const companions = along === undefined ? row : await companion(tx, along, row.giverOrganizationId)
        const { accompaniedByMembershipId, accompaniedByName } = companions
        tx.save(queries.editedSheet, { id: row.id, sections })
        emitted(tx, 'handover.updated', row, { receiverToo: false })
        return tx
          .save(queries.editedHandover, {
            id: row.id,
            type,
            meetingAt,
            accompaniedByMembershipId,
            accompaniedByName,
          })
          .map((edited) => asGiver(edited, actor, sections))
      }),
  )

  app.post(
    '/v1/handovers/:id/offer',
    {
      config: {
        action: 'handovers.offer',
        refuses: [
          'only_the_sender',
          'handover_not_open',
          'handover_accompanied_by_nobody',
          'referral_not_accepted',
          'handover_sections_missing',
          'handover_without_situation',
          'person_is_not_anonymous',
          'identifying_category',
          'not_released',
        ],
      },
      schema: {
        summary: 'Offer a handover',
        description:
          'The sheet leaves, when it has every section that the concept asks for its type and every category used is released to the receiver; otherwise 409 names what is missing. An accompanied handover names who comes along.',
        params: ById,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const release = await tx.one(queries.lockReleaseOfHandover, params)
        const referral = await tx.one(queries.lockReferralOfHandover, params)
        const [loaded, [written], [person], [concept]] = await tx.load(
          queries.lockHandover,
          params,
          ask(queries.sheetOf, params),
          ask(queries.clientOfHandover, params),
          ask(queries.conceptOfHandover, params),
        )
        const row = asSender(parties(loaded), actor.organizationId)
        const needs = asked(concept?.content, row.type)
        const offered = offer(row, needs?.answerDays, tx.now, tx.today)
        prepare(found(referral))
        const { sections } = found(written)
        const { parts, categories } = sheet(sections, needs?.required)
        const client = found(person)
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
        tell(tx, 'handover_offered', asHandover(row), { organizationId: row.receiverOrganizationId })
        emitted(tx, 'handover.offered', row)
        if (offered.answerDueOn)
          startDeadline(tx, {
            kind: 'handover_response',
            organizationId: row.receiverOrganizationId,
            subjectId: row.id,
            ofCase: ofCase(row),
            dueOn: offered.answerDueOn,
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
      config: { action: 'handovers.accept', refuses: ['only_the_recipient', 'handover_not_open'] },
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
        emitted(tx, 'handover.accepted', row)
        const language = languageOf(headers['accept-language'])
        tell(tx, 'handover_answered', asHandover(row), toLead(row))
        stopDeadlines(tx, row.id, 'answered', 'handover_response')
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
      config: { action: 'handovers.refuse', refuses: ['only_the_recipient', 'handover_not_open'] },
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
        emitted(tx, 'handover.refused', row)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        tell(tx, 'handover_answered', asHandover(row), toLead(row))
        stopDeadlines(tx, row.id, 'answered', 'handover_response')
        return tx
          .save(queries.refusedHandover, { id: row.id, ...refused })
          .map((saved) => asReceiver(saved, actor, null))
      }),
  )

  app.post(
    '/v1/handovers/:id/cancel',
    {
      config: { action: 'handovers.cancel', refuses: ['only_the_sender', 'handover_not_open'] },
      schema: {
        summary: 'Cancel a handover',
        description: 'By the giver, at the person’s wish; what was disclosed with it is no longer seen.',
        params: ById,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const [loaded, [written]] = await tx.load(queries.lockHandover, params, ask(queries.sheetOf, params))
        const row = asSender(parties(loaded), actor.organizationId)
        const cancelled = cancel(row, 'person_wish')
        emitted(tx, 'handover.cancelled', row, { receiverToo: row.offeredAt !== null })
        const { sections } = found(written)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        // What was never offered does not exist for the receiver.
        if (row.offeredAt !== null)
          tell(tx, 'handover_cancelled', asHandover(row), { organizationId: row.receiverOrganizationId })
        stopDeadlines(tx, row.id, 'withdrawn', 'handover_response')
        return tx
          .save(queries.cancelledHandover, { id: row.id, ...cancelled })
          .map((saved) => asGiver(saved, actor, sections))
      }),
  )

  app.post(
    '/v1/handovers/:id/confirm-arrival',
    {
      config: {
        action: 'handovers.confirm_arrival',
        refuses: [
          'handover_not_open',
          'arrival_needs_another_witness',
          'arrival_is_the_receivers_secret',
          'joint_talk_missing',
        ],
      },
      schema: {
        summary: 'The person has arrived',
        description:
          'Recorded once, by the receiver (when the release runs both ways) or by the giver from the person’s own word or from having accompanied them; a warm handover needs its joint talk first. Responsibility passes to the receiver, the referral has started, and the giver’s case gets its stability check in 14 days.',
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
      config: {
        action: 'handovers.report_no_show',
        refuses: ['handover_not_open', 'arrival_is_the_receivers_secret'],
      },
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

  app.post(
    '/v1/handovers/:id/joint-talk',
    {
      config: {
        action: 'handovers.joint_talk',
        refuses: ['handover_not_open', 'handover_is_not_warm', 'joint_talk_out_of_time'],
      },
      schema: {
        summary: 'Record the joint talk',
        description:
          'Of giver, receiver and person, for a warm handover: by either side, after it was offered. It may follow the receiver’s yes, but comes before the arrival.',
        params: ById,
        body: wire.JointTalk,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params, body, headers }) =>
      db.as(actor, async (tx) => {
        const [row, [disclosure], [written]] = await tx.load(
          queries.lockHandover,
          params,
          ask(received, { subjectId: params.id }),
          ask(queries.sheetOf, params),
        )
        const talk = jointTalk(row, body.heldAt, tx.now)
        emitted(tx, 'handover.joint_talk_held', row)
        const language = languageOf(headers['accept-language'])
        return tx
          .save(queries.talkedHandover, { id: row.id, ...talk })
          .map((saved) =>
            incoming(row, actor)
              ? asReceiver(saved, actor, disclosure ? disclosed(vault, disclosure, language) : null)
              : asGiver(saved, actor, found(written).sections),
          )
      }),
  )

  app.post(
    '/v1/handovers/:id/stability',
    {
      config: {
        action: 'handovers.stability',
        refuses: [
          'only_the_sender',
          'handover_not_open',
          'stability_is_final',
          'shaky_needs_a_next_step',
          'next_step_in_the_past',
          'case_closed',
        ],
      },
      schema: {
        summary: 'Record whether the help holds',
        description:
          'By the giver’s unit, after arrival. `holds` and `broken_off` are final; `shaky` demands a new dated next step of the case, and is asked again on that day. With `broken_off` the giver is responsible again, and its case gets dated tasks to make contact again after 2, 7 and 14 days, in the same transaction.',
        params: ById,
        body: wire.Check,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params, body: { stability, nextStep } }) =>
      db.as(actor, async (tx) => {
        const [loaded, [written]] = await tx.load(queries.lockHandover, params, ask(queries.sheetOf, params))
        const row = asSender(parties(loaded), actor.organizationId)
        const checked = check(row, stability, nextStep, tx.now, tx.today)
        const [locked, [tenant]] = await tx.load(
          lockCase,
          { id: row.caseId },
          ask(tenantById, { id: actor.tenantId }),
        )
        const moving = running(locked)
        stopDeadlines(tx, row.id, 'done', 'stability_check')
        // How it goes on after arrival stays with the giver.
        emitted(tx, 'handover.checked', row, { receiverToo: false })
        const next = afterCheck(stability, nextStep, found(tenant).language, tx.today)
        if (next) tx.save(changedCase, { ...moving, ...next })
        if (stability === 'shaky') askAgain(tx, row, nextStep!.on)
        if (stability === 'broken_off')
          recontact(tx, { originId: row.id, organizationId: row.giverOrganizationId, ofCase: ofCase(row) })
        return tx
          .save(queries.checkedHandover, { id: row.id, ...checked })
          .map((saved) => asGiver(saved, actor, found(written).sections))
      }),
  )

  app.post(
    '/v1/handovers/:id/return',
    {
      config: {
        action: 'handovers.return',
        refuses: [
          'only_the_recipient',
          'handover_not_open',
          'handover_returned_already',
          'arrival_is_the_receivers_secret',
        ],
      },
      schema: {
        summary: 'Return a person',
        description:
          'By the receiver, after arrival, agreed with the person, and only under a release that runs both ways. A return is a new request: it makes a contact at the giver’s unit and a dated task in its case. The receiver stays responsible, and keeps what was disclosed to it, until the unit has taken that contact up.',
        params: ById,
        body: wire.Return,
        response: { 200: wire.Handover },
      },
    },
    ({ actor, params, body, headers }) =>
      db.as(actor, async (tx) => {
        const [loaded, [disclosure], [earlier]] = await tx.load(
          queries.lockHandover,
          params,
          ask(received, { subjectId: params.id }),
          ask(queries.returnContactOf, params),
        )
        const row = asRecipient(parties(loaded), actor.organizationId)
        const underWay = row.returnedAt !== null && !earlier?.endedAt
        const witness = { receiver: true, direction: disclosure?.direction }
        const returned = giveBack({ ...row, underWay }, body.reason, witness, tx.now)
        emitted(tx, 'handover.returned', row)
        tx.saveAll(moveCase, { caseId: row.caseId })
        const stillOpen = await tx.one(lockCase, { id: row.caseId })
        const contact = requestAnew(tx, vault, {
          organizationId: row.receiverOrganizationId,
          toOrganizationId: row.giverOrganizationId,
          person: { agreement: body.note },
        })
        tell(
          tx,
          'handover_returned',
          asHandover(row),
          stillOpen ? toLead(row) : { organizationId: row.giverOrganizationId },
        )
        if (stillOpen)
          tx.save(newTask, {
            ...ofCase(row),
            id: newId(),
            kind: 'take_back',
            dueOn: workingDaysAfter(tx.today, 1),
            originId: row.id,
          })
        const language = languageOf(headers['accept-language'])
        return tx
          .save(queries.returnedHandover, { id: row.id, ...returned, returnContactId: contact.id })
          .map((saved) =>
            asReceiver(saved, actor, disclosure ? disclosed(vault, disclosure, language) : null),
          )
      }),
  )

  /** The sheet as whoever asks may see it: the receiver has none any more when what was disclosed has ended. */
  async function sheetFor(actor: Actor, id: string, language: Language) {
    const [[row], [written], [disclosure], [tenant]] = await db.read(
      actor,
      ask(queries.handoverById, { id }),
      ask(queries.sheetOf, { id }),
      ask(received, { subjectId: id }),
      ask(tenantById, { id: actor.tenantId }),
    )
    const handover = found(row)
    const { name: municipality, timeZone } = found(tenant)
    const view = incoming(handover, actor) ? disclosed(vault, found(disclosure), language) : undefined
    const sections = view ? asDisclosed(view) : asWritten(found(written).sections)
    const sheet = sheetContent(handover, sections, { language, municipality, view })
    return { sheet, timeZone, createdAt: handover.offeredAt ?? handover.createdAt }
  }

  app.get(
    '/v1/handovers/:id/sheet',
    {
      config: { action: 'handovers.sheet' },
      schema: {
        summary: 'Read the handover sheet',
        description:
          'With labels by Accept-Language: for the giver what is written, for the receiver exactly what was disclosed, and only as long as that is valid.',
        params: ById,
        response: { 200: wire.Sheet },
      },
    },
    async ({ actor, params, headers }) =>
      (await sheetFor(actor, params.id, languageOf(headers['accept-language']))).sheet,
  )

  app.get(
    '/v1/handovers/:id/sheet.pdf',
    {
      config: { action: 'handovers.print' },
      schema: {
        summary: 'Print the handover sheet',
        description:
          'The same as PDF, with the notice for what it may be used on every page. No name stands in its title or file name.',
        params: ById,
        querystring: wire.SheetLanguage,
        produces: 'application/pdf',
        response: { 200: wire.Paper },
      },
    },
    async ({ actor, params, query, headers }, reply) => {
      const language = query.language ?? languageOf(headers['accept-language'])
      const pdf = await handoverPaper(await sheetFor(actor, params.id, language))
      void reply
        .type('application/pdf')
        .header('content-disposition', 'inline; filename="handover-sheet.pdf"')
      return pdf
    },
  )

  app.post(
    '/v1/handover-concepts',
    {
      config: { action: 'handover_concepts.publish' },
      schema: {
        summary: 'Publish the handover concept',
        description:
          'The next number; a published concept never changes. For each type of handover: which sections its sheet needs, and within how many days it is answered. Handovers that are prepared from now on are bound to it; earlier ones stay bound to theirs.',
        body: wire.NewConcept,
        response: { 201: wire.Concept },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        await tx.one(queries.publishInTurn, {})
        const concept = { id: newId(), content: body, publishedByUserId: actor.userId! }
        return tx.save(queries.newConcept, concept).map(published)
      }),
  )

  app.get(
    '/v1/handover-concepts',
    {
      config: { action: 'handover_concepts.list' },
      schema: {
        summary: 'List handover concepts',
        description: 'The newest first: that one a new handover is bound to.',
        querystring: Page,
        response: { 200: wire.Concepts },
      },
    },
    async ({ actor, query: { limit, cursor } }) => {
      const where = { ...after(cursor, 'newest'), limit: limit + 1 }
      const [rows] = await db.read(actor, ask(queries.conceptPage, where))
      return page(rows.map(published), limit, ({ publishedAt }) => publishedAt)
    },
  )

  app.get(
    '/v1/handover-concepts/:id',
    {
      config: { action: 'handover_concepts.read' },
      schema: {
        summary: 'Read a handover concept',
        description: 'Also an earlier one, to which handovers are bound.',
        params: ById,
        response: { 200: wire.Concept },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.conceptById, params))
      return published(found(row))
    },
  )
}
