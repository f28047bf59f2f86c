// How does a referral go out, come in and get its answer, so that the sender always learns it?
import { v7 as newId } from 'uuid'
import type { Actor } from '../../platform/actor.ts'
import { after, builtPage, page } from '../../platform/cursor.ts'
import { Later, type Tx } from '../../platform/db.ts'
import { taken as keyTaken, writtenAs } from '../../platform/external.ts'
import type { Deps } from '../../platform/http.ts'
import { languageOf } from '../../platform/language.ts'
import { found, problem, referenced } from '../../platform/problem.ts'
import { ask, type Ask } from '../../platform/statement.ts'
import { Built, ById, type App } from '../../platform/zod.ts'
import { caseById, changedCase, lockCase, moveCase, running } from '../cases/index.ts'
import { byCategory, guideById, latestFinishedClearing } from '../clearing/index.ts'
import { opened } from '../clients/index.ts'
import { startDeadline, stopDeadlines, workingDaysAfter } from '../deadlines/index.ts'
import { offerById } from '../directory/index.ts'
import { emit } from '../events/index.ts'
import { organizationById, userById } from '../identity/index.ts'
import { tell } from '../notices/index.ts'
import {
  anonymously,
  disclose,
  disclosed,
  endDisclosuresOfSubject,
  received,
  releaseById,
  released,
  seenUntil,
  type Category,
} from '../releases/index.ts'
import { newTask, settleOfOrigin } from '../tasks/index.ts'
import {
  answerAccepted,
  answerDeclined,
  answered,
  answerWaitlisted,
  caseOf,
  emitted,
  leadOf,
  type ReferralRow,
} from './answer.ts'
import { whatLeaves } from './parts.ts'
import * as queries from './queries.ts'
import {
  answerDueOn,
  asRecipient,
  asSender,
  conclude,
  draft,
  isRecipient,
  nameless,
  onItsWay,
  redirect,
  refuse,
  responsibleForResidence,
  take,
  used,
  withdraw,
} from './rules.ts'
import * as wire from './schema.ts'

/** What rests on a referral and ends when it is withdrawn: contributed by the modules to the right. */
export type OnReferralWithdrawn = (tx: Tx, referral: ReferralRow) => Promise<void> | void

/** What of it the recipient still sees when the help has come to its end, and sees no more. */
export type OnReferralConcluded = (tx: Tx, referral: ReferralRow) => Promise<void> | void

/** What goes along with a referral beside the letter: documents. */
export interface OnReferralSending {
  /** Read together with the locked referral: a row for every category of which something goes along. */
  uses: (referral: { id: string }) => Ask<{ category: Category }>
  /** After all these categories were found released: from now on the recipient sees it, until then. */
  send: (tx: Tx, referral: ReferralRow, validUntil: string) => void
}

interface Hooks {
  onWithdrawn: OnReferralWithdrawn[]
  onSending: OnReferralSending[]
  onConcluded: OnReferralConcluded[]
}

/** The giver has two working days to ask the person about what was proposed. */
const redirectWorkingDays = 2

function inList(row: ReferralRow, actor: Actor) {
  const incoming = isRecipient(row, actor.organizationId)
  return {
    ...row,
    box: incoming ? ('in' as const) : ('out' as const),
    // The thread holds no fact about the person, and no handle on them either.
    caseId: incoming ? null : row.caseId,
    clientId: incoming ? null : row.clientId,
    externalId: incoming ? null : row.externalId,
    releaseId: incoming ? null : row.releaseId,
    proposedByReferralId: incoming ? null : row.proposedByReferralId,
    overdue: row.status === 'sent' && row.answerDueOn !== null && row.answerDueOn < actor.today,
  }
}

const aboutReferral = ({ id }: ReferralRow) => ({ kind: 'referral', id }) as const
const tellRecipient = (tx: Tx, kind: Parameters<typeof tell>[1], row: ReferralRow) =>
  tell(tx, kind, aboutReferral(row), { organizationId: row.recipientOrganizationId })

export function referralRoutes(
  app: App,
  { db, vault }: Deps,
  { onWithdrawn, onSending, onConcluded }: Hooks,
) {
  const shown = (row: ReferralRow, actor: Actor, situation: string | null) => ({
    ...inList(row, actor),
    situation,
    disclosed: null,
  })

  type Disclosure = Parameters<typeof disclosed>[1]
  const atRecipient = (
    row: ReferralRow,
    actor: Actor,
    disclosure: Disclosure | undefined,
    headers: { 'accept-language'?: string | undefined },
  ) => ({
    ...shown(row, actor, null),
    disclosed: disclosure ? disclosed(vault, disclosure, languageOf(headers['accept-language'])) : null,
  })

  /** By which names the recipient may know the person: those that were disclosed to it. */
  const disclosedNames = (disclosures: readonly Disclosure[]) =>
    disclosures.flatMap((disclosure) =>
      disclosed(vault, disclosure, 'en').parts.flatMap(({ facts }) =>
        [facts['givenName'], facts['familyName']].filter((name) => typeof name === 'string'),
      ),
    )

  /** Whoever sends or drops what a recipient proposed has considered it. */
  const proposalSettled = (tx: Tx, { caseId, proposedByReferralId }: ReferralRow) => {
    if (proposedByReferralId)
      tx.saveAll(settleOfOrigin, { caseId, originId: proposedByReferralId, kind: 'redirect' })
  }

  app.post(
    '/v1/cases/:id/referrals',
    {
      config: {
        action: 'referrals.create',
        resource: '/v1/referrals/:id',
        refuses: [
          'unknown_reference',
          'case_closed',
          'offer_not_active',
          'offer_of_the_own_unit',
          'another_youth_office_is_responsible',
          'external_id_taken',
          'already_exists',
        ],
      },
      schema: {
        summary: 'Draft a referral',
        description:
          'To an offer, with the categories that shall go along and the release on which they rest. Somebody who stays anonymous is referred without a release and without anything identifying.',
        params: ById,
        body: wire.NewReferral,
        response: { 201: wire.Referral },
      },
    },
    ({ actor, params, body: { situation, externalId, ...body } }) => {
      const drafting = db.as(actor, async (tx) => {
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
        if (recipient.kind === 'youth_office') {
          const whose = { clientId, recipientOrganizationId: recipient.id }
          responsibleForResidence(recipient.id, await tx.all(queries.youthOfficesFor, whose))
        }
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
          ...writtenAs(externalId, actor),
        })
        tx.save(queries.newLetter, { id, caseId, clientId, compartmentId, situation })
        emit(tx, 'referral.drafted', { kind: 'referral', id }, { unit: { id: sender.id, compartmentId } })
        return drafted.map((row) => shown(row, actor, situation))
      })
      const own = { externalId: externalId!, box: null, status: null, taken: null }
      return drafting.catch(keyTaken(db, actor, externalId, ask(queries.ownReferral, own)))
    },
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
          '`box=in`: sent to my organisation; `box=out`: drafted or sent by my unit. The newest first; `taken` narrows it to what nobody, oneself or anybody at the recipient looks after.',
        querystring: wire.ReferralFilter,
        response: { 200: wire.Referrals },
      },
    },
    async ({ actor, query: { box, limit, cursor, status = null, taken = null, externalId } }) => {
      if (externalId !== undefined) {
        const own = { externalId, box: box ?? null, status, taken }
        const [rows] = await db.read(actor, ask(queries.ownReferral, own))
        return { items: rows.map((row) => inList(row, actor)), nextCursor: null }
      }
      const where = { ...after(cursor, 'newest'), status, taken, limit: limit + 1 }
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
      return atRecipient(seen, actor, disclosure, headers)
    },
  )

  app.patch(
    '/v1/referrals/:id',
    {
      config: {
        action: 'referrals.update',
        refuses: ['unknown_reference', 'only_the_sender', 'referral_not_draft'],
      },
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
        emitted(tx, 'referral.updated', row, { recipientToo: false })
        return tx
          .save(queries.editedReferral, {
            id: row.id,
            releaseId,
            urgency,
            categories,
            // What was proposed for somebody known needs a release, also as long as none is named.
            basis: releaseId ? 'release' : row.basis,
          })
          .map((changed) => shown(changed, actor, situation))
      }),
  )

  app.post(
    '/v1/referrals/:id/send',
    {
      config: {
        action: 'referrals.send',
        refuses: [
          'only_the_sender',
          'referral_not_draft',
          'offer_not_active',
          'another_youth_office_is_responsible',
          'case_closed',
          'person_is_not_anonymous',
          'identifying_category',
          'not_released',
        ],
      },
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
        const [loaded, [letter], [offer], [lockedCase], [person], [me], [agreed], claiming, ...along] =
          await tx.load(
            queries.lockReferral,
            params,
            ask(queries.letterOf, params),
            ask(queries.offerOfReferral, params),
            ask(queries.caseOfReferral, params),
            ask(queries.clientOfReferral, params),
            ask(userById, { id: actor.userId! }),
            ask(queries.interfaceOfReferral, params),
            ask(queries.youthOfficesOfReferral, params),
            ...onSending.map(({ uses }) => uses(params)),
          )
        const row = draft(asSender(loaded, actor.organizationId))
        // The draft was changed to another release while this one was being locked.
        if (release && release.id !== row.releaseId) throw problem('stale')
        if (!found(offer).active) throw refuse('offer_not_active')
        responsibleForResidence(row.recipientOrganizationId, claiming)
        const ofCase = running(lockedCase)
        const { situation } = found(letter)
        const client = found(person)
        const clearing = await tx.one(latestFinishedClearing, { caseId: row.caseId })
        const guide = clearing && (await tx.one(guideById, { id: clearing.guideId }))

        const documents = along.flat().map(({ category }) => category)
        const categories = used([...row.categories, ...documents], situation)
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
            // A document leaves as itself; it does not draw along what else is known in its category.
            categories: used(row.categories, situation),
            situation,
            known: opened(vault, client),
            person: { language: client.language, interpreterNeeded: client.interpreterNeeded },
            clearing: clearing && guide ? byCategory(clearing, guide.content) : {},
          }),
        })
        for (const { send } of onSending) send(tx, row, seenUntil(release, tx.now))
        proposalSettled(tx, row)
        if (['clarification', 'assessment', 'planning'].includes(ofCase.phase))
          tx.save(changedCase, { ...ofCase, phase: 'linking' })
        const dueOn = answerDueOn(agreed, tx.today)
        startDeadline(tx, {
          kind: 'referral_response',
          organizationId: row.recipientOrganizationId,
          subjectId: row.id,
          ofCase: caseOf(row),
          dueOn,
        })
        tellRecipient(tx, 'referral_received', row)
        emitted(tx, 'referral.sent', row)
        return tx
          .save(queries.sentReferral, {
            id: row.id,
            status: 'sent',
            sentAt: tx.now,
            senderName: found(me).name,
            answerDueOn: dueOn,
            categories,
          })
          .map((sent) => shown(sent, actor, situation))
      }),
  )

  app.post(
    '/v1/referrals/:id/accept',
    {
      config: { action: 'referrals.accept', refuses: ['only_the_recipient', 'referral_not_open'] },
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
        return answerAccepted(tx, asRecipient(row, actor.organizationId), found(me).name).map((accepted) =>
          atRecipient(accepted, actor, disclosure, headers),
        )
      }),
  )

  app.post(
    '/v1/referrals/:id/waitlist',
    {
      config: {
        action: 'referrals.waitlist',
        refuses: ['only_the_recipient', 'referral_not_open', 'expected_in_the_past'],
      },
      schema: {
        summary: 'Put on the waiting list',
        description:
          'By the recipient, with the place and the day on which it is expected; again whenever these move. The sender sees both.',
        params: ById,
        body: wire.Waitlist,
        response: { 200: wire.Referral },
      },
    },
    ({ actor, params, body, headers }) =>
      db.as(actor, async (tx) => {
        const [row, [me], [disclosure]] = await tx.load(
          queries.lockReferral,
          params,
          ask(userById, { id: actor.userId! }),
          ask(received, { subjectId: params.id }),
        )
        return answerWaitlisted(tx, asRecipient(row, actor.organizationId), body, found(me).name).map(
          (waiting) => atRecipient(waiting, actor, disclosure, headers),
        )
      }),
  )

  app.post(
    '/v1/referrals/:id/redirect',
    {
      config: {
        action: 'referrals.redirect',
        refuses: [
          'unknown_reference',
          'only_the_recipient',
          'referral_not_open',
          'offer_not_active',
          'redirect_to_a_third_party',
          'thread_names_the_person',
        ],
      },
      schema: {
        summary: 'Propose another offer',
        description:
          'By the recipient, who never sends on: the referral ends, and the giver is left a draft to the proposed offer and a task to ask the person. The draft needs its own release. The recipient’s view of the person ends.',
        params: ById,
        body: wire.Redirect,
        response: { 200: wire.Referral },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [loaded, [me], seen, [proposed], [theirs]] = await tx.load(
          queries.lockReferral,
          params,
          ask(userById, { id: actor.userId! }),
          ask(queries.knownAtRecipient, params),
          ask(offerById, { id: body.offerId }),
          ask(queries.organizationOfOffer, { id: body.offerId }),
        )
        const row = asRecipient(loaded, actor.organizationId)
        const offer = referenced(proposed, '/offerId')
        const { name, active } = found(theirs)
        const there = { ...offer, active: offer.active && active }
        const ending = redirect(row, there, body.note, found(me).name, tx.now)
        nameless(body.note, disclosedNames(seen), '/note')
        answered(tx, row)
        emitted(tx, 'referral.redirected', row)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        tx.saveAll(moveCase, { caseId: row.caseId })
        tx.saveAll(queries.proposedReferral, {
          id: newId(),
          originId: row.id,
          offerId: offer.id,
          recipientOrganizationName: name,
          createdByUserId: actor.userId!,
        })
        tx.save(newTask, {
          ...caseOf(row),
          id: newId(),
          kind: 'redirect',
          dueOn: workingDaysAfter(tx.today, redirectWorkingDays),
          originId: row.id,
        })
        return tx
          .save(queries.redirectedReferral, { id: row.id, ...ending })
          .map((redirected) => shown(redirected, actor, null))
      }),
  )

  app.post(
    '/v1/referrals/:id/take',
    {
      config: { action: 'referrals.take', refuses: ['only_the_recipient', 'referral_not_open'] },
      schema: {
        summary: 'Look after a referral',
        description:
          'By a member of the recipient; both sides see who. A colleague may take over. Nobody becomes responsible for the person by that.',
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
        const by = { membershipId: actor.membershipId!, name: found(me).name }
        const taken = take(asRecipient(row, actor.organizationId), by, tx.now)
        emitted(tx, 'referral.taken', row)
        return tx
          .save(queries.takenReferral, { id: row.id, ...taken })
          .map((saved) => atRecipient(saved, actor, disclosure, headers))
      }),
  )

  app.post(
    '/v1/referrals/:id/conclude',
    {
      config: {
        action: 'referrals.conclude',
        refuses: ['only_the_sender', 'referral_not_open', 'outcome_is_the_recipients_secret'],
      },
      schema: {
        summary: 'The help has come to its end',
        description:
          'With its outcome, after the person had arrived: by the recipient when the release runs both ways, or by the giver from the person’s own word. The recipient’s view of the person ends.',
        params: ById,
        body: wire.Conclude,
        response: { 200: wire.Referral },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [row, [letter], [disclosure]] = await tx.load(
          queries.lockReferral,
          params,
          ask(queries.letterOf, params),
          ask(received, { subjectId: params.id }),
        )
        const recipient = isRecipient(row, actor.organizationId)
        if (!recipient) asSender(row, actor.organizationId)
        const witness = { recipient, direction: disclosure?.direction }
        const ending = conclude(row, body.outcome, witness, tx.now)
        for (const concluded of onConcluded) await concluded(tx, row)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        if (recipient) answered(tx, row)
        emitted(tx, 'referral.concluded', row)
        return tx
          .save(queries.concludedReferral, { id: row.id, ...ending })
          .map((ended) => shown(ended, actor, recipient ? null : found(letter).situation))
      }),
  )

  app.get(
    '/v1/referrals/:id/messages',
    {
      config: { action: 'referrals.thread' },
      schema: {
        summary: 'Read the thread',
        description:
          'What sender and recipient have asked and answered about the way, the oldest first. It stays when the referral has ended.',
        params: ById,
        response: { 200: wire.Thread },
      },
    },
    async ({ actor, params }) => {
      const [[row], items] = await db.read(
        actor,
        ask(queries.referralById, params),
        ask(queries.threadOf, { referralId: params.id }),
      )
      found(row)
      return { items }
    },
  )

  app.post(
    '/v1/referrals/:id/messages',
    {
      config: {
        action: 'referrals.write',
        resource: '/v1/referrals/:id/messages',
        refuses: ['referral_not_open', 'thread_names_the_person'],
      },
      schema: {
        summary: 'Write in the thread',
        description:
          'About the way, without facts about the person: a text that names them is refused. From sending until the referral ends; answers the whole thread.',
        params: ById,
        body: wire.NewMessage,
        response: { 201: wire.Thread },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [loaded, earlier, [me], [person], seen] = await tx.load(
          queries.lockReferral,
          params,
          ask(queries.threadOf, { referralId: params.id }),
          ask(userById, { id: actor.userId! }),
          ask(queries.clientOfReferral, params),
          ask(queries.knownAtRecipient, params),
        )
        const row = onItsWay(loaded)
        const recipient = isRecipient(row, actor.organizationId)
        const { givenName, familyName } = (!recipient && opened(vault, found(person)).identity) || {}
        const names = recipient ? disclosedNames(seen) : [givenName, familyName]
        const written = tx.save(queries.newMessage, {
          id: newId(),
          compartmentId: row.compartmentId,
          referralId: row.id,
          clientId: row.clientId,
          recipientOrganizationId: row.recipientOrganizationId,
          fromOrganizationId: recipient ? row.recipientOrganizationId : row.senderOrganizationId,
          byUserId: actor.userId!,
          byName: found(me).name,
          text: nameless(body.text, names, '/text'),
        })
        if (recipient) tell(tx, 'referral_message', aboutReferral(row), { leadOf: leadOf(row) })
        else tellRecipient(tx, 'referral_message', row)
        emitted(tx, 'referral.message_written', row)
        return new Later(row.id, () => ({ items: [...earlier, written.row()] }))
      }),
  )

  app.post(
    '/v1/referrals/:id/decline',
    {
      config: {
        action: 'referrals.decline',
        refuses: [
          'only_the_recipient',
          'referral_not_open',
          'decline_needs_a_sentence',
          'thread_names_the_person',
        ],
      },
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
        const [loaded, [me], seen] = await tx.load(
          queries.lockReferral,
          params,
          ask(userById, { id: actor.userId! }),
          ask(queries.knownAtRecipient, params),
        )
        const row = asRecipient(loaded, actor.organizationId)
        const answer = answerDeclined(tx, row, body, found(me).name)
        nameless(body.note, disclosedNames(seen), '/note')
        return answer.map((declined) => shown(declined, actor, null))
      }),
  )

  app.post(
    '/v1/referrals/:id/withdraw',
    {
      config: { action: 'referrals.withdraw', refuses: ['only_the_sender', 'referral_not_open'] },
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
        for (const withdrawn of onWithdrawn) await withdrawn(tx, row)
        tx.saveAll(endDisclosuresOfSubject, { subjectId: row.id })
        stopDeadlines(tx, row.id, 'withdrawn')
        proposalSettled(tx, row)
        if (row.sentAt !== null) tellRecipient(tx, 'referral_withdrawn', row)
        emitted(tx, 'referral.withdrawn', row, { recipientToo: row.sentAt !== null })
        return tx
          .save(queries.withdrawnReferral, { id: row.id, ...ending })
          .map((ended) => shown(ended, actor, situation))
      }),
  )
}
