// How does a referral go out, come in and get its answer, so that the sender always learns it?
import { v7 as newId } from 'uuid'
import type { Actor } from '../../platform/actor.ts'
import { after, builtPage, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { languageOf } from '../../platform/language.ts'
import { found, problem, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { Built, ById, type App } from '../../platform/zod.ts'
import { caseById, changedCase, lockCase, running } from '../cases/index.ts'
import { byCategory, guideById, latestFinishedClearing } from '../clearing/index.ts'
import { opened } from '../clients/index.ts'
import { offerById } from '../directory/index.ts'
import { organizationById, userById } from '../identity/index.ts'
import {
  anonymously,
  disclose,
  disclosed,
  endDisclosuresOfSubject,
  received,
  releaseById,
  released,
} from '../releases/index.ts'
import { daysAfter } from '../tasks/index.ts'
import { whatLeaves } from './parts.ts'
import * as queries from './queries.ts'
import {
  accept,
  answerDays,
  asRecipient,
  asSender,
  decline,
  draft,
  isRecipient,
  refuse,
  used,
  withdraw,
} from './rules.ts'
import * as wire from './schema.ts'
import type { referrals } from './table.ts'

export type ReferralRow = typeof referrals.$inferSelect

/** What rests on a referral and ends when it is withdrawn: contributed by the modules to the right. */
export type OnReferralWithdrawn = (tx: Tx, referral: ReferralRow) => Promise<void> | void

function inList(row: ReferralRow, actor: Actor) {
  const incoming = isRecipient(row, actor.organizationId)
  return {
    ...row,
    box: incoming ? ('in' as const) : ('out' as const),
    // The thread holds no fact about the person, and no handle on them either.
    caseId: incoming ? null : row.caseId,
    clientId: incoming ? null : row.clientId,
    releaseId: incoming ? null : row.releaseId,
    overdue: row.status === 'sent' && row.answerDueOn !== null && row.answerDueOn < actor.today,
  }
}

export function referralRoutes(app: App, { db, vault }: Deps, onReferralWithdrawn: OnReferralWithdrawn[]) {
  const shown = (row: ReferralRow, actor: Actor, situation: string | null) => ({
    ...inList(row, actor),
    situation,
    disclosed: null,
  })

  app.post(
    '/v1/cases/:id/referrals',
    {
      config: { action: 'referrals.create', resource: '/v1/referrals/:id' },
      schema: {
        summary: 'Draft a referral',
        description:
          'To an offer, with the categories that shall go along and the release on which they rest. Somebody who stays anonymous is referred without a release and without anything identifying.',
        params: ById,
        body: wire.NewReferral,
        response: { 201: wire.Referral },
      },
    },
    ({ actor, params, body: { situation, ...body } }) =>
      db.as(actor, async (tx) => {
        const {
          id: caseId,
          clientId,
          compartmentId,
          organizationId,
        } = running(await tx.load(lockCase, params))
        const offer = referenced(await tx.one(offerById, { id: body.offerId }), '/offerId')
        const recipient = found(await tx.one(organizationById, { id: offer.organizationId }))
        const sender = found(await tx.one(organizationById, { id: organizationId }))
        if (!offer.active || !recipient.active) throw refuse('offer_not_active')
        if (recipient.id === sender.id) throw refuse('offer_of_the_own_unit')
        const { releaseId = null } = body
        if (releaseId) referenced(await tx.one(releaseById, { id: releaseId }), '/releaseId')
        const id = newId()
        const drafted = tx.save(queries.newReferral, {
          ...body,
          id,
          caseId,
          clientId,
          compartmentId,
          releaseId,
          basis: releaseId ? 'release' : 'anonymous',
          status: 'draft',
          senderOrganizationId: sender.id,
          senderOrganizationName: sender.name,
          recipientOrganizationId: recipient.id,
          recipientOrganizationName: recipient.name,
          offerName: offer.name,
          createdByUserId: actor.userId!,
        })
        tx.save(queries.newLetter, { id, caseId, clientId, compartmentId, situation })
        return drafted.map((row) => shown(row, actor, situation))
      }),
  )

  app.get(
    '/v1/cases/:id/referrals',
    {
      config: { action: 'referrals.list_of_case' },
      schema: {
        summary: 'List the referrals of a case',
        description: 'The newest first, with the answers.',
        params: ById,
        response: { 200: wire.ReferralsOfCase },
      },
    },
    async ({ actor, params }) => {
      const [[ofCase], rows] = await db.read(
        actor,
        ask(caseById, params),
        ask(queries.referralsOf, { caseId: params.id }),
      )
      found(ofCase)
      return { items: rows.map((row) => inList(row, actor)) }
    },
  )

  app.get(
    '/v1/clients/:id/referrals',
    {
      config: { action: 'referrals.list_of_client' },
      schema: {
        summary: 'A person with their open referrals',
        description: 'What is still on its way for this person, the newest first.',
        params: ById,
        response: { 200: wire.ClientReferrals },
      },
    },
    async ({ actor, params }) => {
      const [[built]] = await db.read(actor, ask(queries.clientReferrals, params))
      return Built.as(found(built).json)
    },
  )

  app.get(
    '/v1/referrals',
    {
      config: { action: 'referrals.list' },
      schema: {
        summary: 'List referrals',
        description:
          '`box=in`: sent to my organisation; `box=out`: drafted or sent by my unit. The newest first.',
        querystring: wire.ReferralFilter,
        response: { 200: wire.Referrals },
      },
    },
    async ({ actor, query: { box, limit, cursor, status = null } }) => {
      const where = { ...after(cursor, 'newest'), status, limit: limit + 1 }
      if (box === 'in') {
        const [[received]] = await db.read(actor, ask(queries.inbox, where))
        return builtPage(found(received))
      }
      const [rows] = await db.read(actor, ask(queries.outbox, where))
      return page(
        rows.map((row) => inList(row, actor)),
        limit,
        ({ createdAt }) => createdAt,
      )
    },
  )

  app.get(
    '/v1/referrals/:id',
    {
      config: { action: 'referrals.read' },
      schema: {
        summary: 'Read a referral',
        description:
          'The sender sees the case and the answer. The recipient sees the thread and, as long as the release is valid, what was disclosed; opening it for the first time is noted as `seenAt`.',
        params: ById,
        response: { 200: wire.Referral },
      },
    },
    async ({ actor, params, headers }) => {
      const language = languageOf(headers['accept-language'])
      const [[row], [letter], [disclosure]] = await db.read(
        actor,
        ask(queries.referralById, params),
        ask(queries.letterOf, params),
        ask(received, { subjectId: params.id }),
      )
      const referral = found(row)
      if (!isRecipient(referral, actor.organizationId)) return shown(referral, actor, letter?.situation ?? '')
      const seen =
        referral.seenAt === null
          ? await db.as(actor, async (tx) =>
              tx.save(queries.seenReferral, { id: referral.id, seenAt: new Date().toISOString() }),
            )
          : referral
      return {
        ...shown(seen, actor, null),
        disclosed: disclosure ? disclosed(vault, disclosure, language) : null,
      }
    },
  )

  app.patch(
    '/v1/referrals/:id',
    {
      config: { action: 'referrals.update' },
      schema: {
        summary: 'Change a draft',
        description: 'A merge patch; once it is sent, a referral is withdrawn and drafted anew.',
        params: ById,
        body: wire.ReferralChange,
        response: { 200: wire.Referral },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = draft(asSender(await tx.load(queries.lockReferral, params), actor.organizationId))
        if (body.releaseId) referenced(await tx.one(releaseById, { id: body.releaseId }), '/releaseId')
        const letter = found(await tx.one(queries.letterOf, params))
        const {
          situation = letter.situation,
          releaseId = row.releaseId,
          urgency = row.urgency,
          categories = row.categories,
        } = body
        tx.save(queries.editedLetter, { id: row.id, situation })
        return tx
          .save(queries.editedReferral, {
            id: row.id,
            releaseId,
            urgency,
            categories,
            basis: releaseId ? 'release' : 'anonymous',
          })
          .map((changed) => shown(changed, actor, situation))
      }),
  )

  app.post(
    '/v1/referrals/:id/send',
    {
      config: { action: 'referrals.send' },
      schema: {
        summary: 'Send a referral',
        description:
          'Only when every category used is released to this recipient for this purpose at this moment; otherwise 409 names what is missing. What leaves is entered in the ledger.',
        params: ById,
        response: { 200: wire.Referral },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        // The lock on the release comes first: a withdrawal at the same moment is before or after, never in between.
        const release = await tx.one(queries.lockReleaseOfReferral, params)
        const [loaded, [letter], [offer], [lockedCase], [person], [me]] = await tx.load(
          queries.lockReferral,
          params,
          ask(queries.letterOf, params),
          ask(queries.offerOfReferral, params),
          ask(queries.caseOfReferral, params),
          ask(queries.clientOfReferral, params),
          ask(userById, { id: actor.userId! }),
        )
        const row = draft(asSender(loaded, actor.organizationId))
        // The draft was changed to another release while this one was being locked.
        if (release && release.id !== row.releaseId) throw problem('stale')
        if (!found(offer).active) throw refuse('offer_not_active')
        const ofCase = running(lockedCase)
        const { situation } = found(letter)
        const client = found(person)
        const clearing = await tx.one(latestFinishedClearing, { caseId: row.caseId })
        const guide = clearing && (await tx.one(guideById, { id: clearing.guideId }))

        const categories = used(row.categories, situation)
        if (row.basis === 'anonymous') anonymously(client.identificationLevel, categories)
        else released(release, { ...row, purpose: 'referral', categories }, tx.now)

        disclose(tx, vault, {
          subjectId: row.id,
          compartmentId: row.compartmentId,
          caseId: row.caseId,
          clientId: row.clientId,
          senderOrganizationId: row.senderOrganizationId,
          recipientOrganizationId: row.recipientOrganizationId,
          purpose: 'referral',
          categories,
          release,
          parts: whatLeaves({
            categories,
            situation,
            known: opened(vault, client),
            person: { language: client.language, interpreterNeeded: client.interpreterNeeded },
            clearing: clearing && guide ? byCategory(clearing, guide.content) : {},
          }),
        })
        if (['clarification', 'assessment', 'planning'].includes(ofCase.phase))
          tx.save(changedCase, { ...ofCase, phase: 'linking' })
        return tx
          .save(queries.sentReferral, {
            id: row.id,
            status: 'sent',
            sentAt: tx.now,
            senderName: found(me).name,
            answerDueOn: daysAfter(tx.today, answerDays),
            categories,
          })
          .map((sent) => shown(sent, actor, situation))
      }),
  )

  app.post(
    '/v1/referrals/:id/accept',
    {
      config: { action: 'referrals.accept' },
      schema: {
        summary: 'Accept a referral',
        description: 'By the recipient. Responsibility stays with the giver until the person has arrived.',
        params: ById,
        response: { 200: wire.Referral },
      },
    },
    ({ actor, params, headers }) =>
      db.as(actor, async (tx) => {
        const [row, [me], [disclosure]] = await tx.load(
          queries.lockReferral,
          params,
          ask(userById, { id: actor.userId! }),
          ask(received, { subjectId: params.id }),
        )
        const answer = accept(asRecipient(row, actor.organizationId), found(me).name, tx.now)
        return tx.save(queries.acceptedReferral, { id: row.id, ...answer }).map((accepted) => ({
          ...shown(accepted, actor, null),
          disclosed: disclosure ? disclosed(vault, disclosure, languageOf(headers['accept-language'])) : null,
        }))
      }),
  )

  app.post(
    '/v1/referrals/:id/decline',
    {
      config: { action: 'referrals.decline' },
      schema: {
        summary: 'Decline a referral',
        description:
          'With a reason and the side on which it lies. The recipient’s view of the person ends; the sender sees the answer.',
        params: ById,
        body: wire.Decline,
        response: { 200: wire.Referral },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [row, [me]] = await tx.load(queries.lockReferral, params, ask(userById, { id: actor.userId! }))
        const answer = decline(asRecipient(row, actor.organizationId), body, found(me).name, tx.now)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        return tx
          .save(queries.declinedReferral, { id: row.id, ...answer })
          .map((declined) => shown(declined, actor, null))
      }),
  )

  app.post(
    '/v1/referrals/:id/withdraw',
    {
      config: { action: 'referrals.withdraw' },
      schema: {
        summary: 'Withdraw a referral',
        description:
          'At the person’s wish or by the navigator. The recipient sees nothing of the person any more; an open handover ends with it.',
        params: ById,
        body: wire.Withdraw,
        response: { 200: wire.Referral },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [row, [letter]] = await tx.load(queries.lockReferral, params, ask(queries.letterOf, params))
        const ending = withdraw(asSender(row, actor.organizationId), body.by, tx.now)
        const { situation } = found(letter)
        for (const withdrawn of onReferralWithdrawn) await withdrawn(tx, row)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        return tx
          .save(queries.withdrawnReferral, { id: row.id, ...ending })
          .map((ended) => shown(ended, actor, situation))
      }),
  )
}
