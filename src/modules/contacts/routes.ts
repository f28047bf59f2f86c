// How does a first contact go on, so that no door is the wrong one?
import { v7 as newId } from 'uuid'
import type { z } from 'zod'
import type { Actor } from '../../platform/actor.ts'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Nothing, patched, type App } from '../../platform/zod.ts'
import { caseById, lockCase, openCase, running } from '../cases/index.ts'
import { recordPerson } from '../clients/index.ts'
import { stopDeadlines } from '../deadlines/index.ts'
import { offerById } from '../directory/index.ts'
import { emit } from '../events/index.ts'
import { colleague, organizationById } from '../identity/index.ts'
import { tell } from '../notices/index.ts'
import type { Code } from '../vocabularies/index.ts'
import { openedPerson } from './person.ts'
import * as queries from './queries.ts'
import { register, startClock, type ContactRow } from './register.ts'
import {
  assumed,
  confirm,
  declined,
  guide,
  hasInbox,
  isDoor,
  kept,
  lookAgain,
  lostAfterDays,
  offeredBy,
  scoped,
  sourceOf,
  takenUp,
  total,
  toTakeUp,
  type Known,
} from './rules.ts'
import * as wire from './schema.ts'
import type { contactPeople } from './table.ts'

type PersonRow = typeof contactPeople.$inferSelect
type TakeUp = z.output<typeof wire.TakeUp>

function inList(row: ContactRow, actor: Actor) {
  const door = isDoor(row, actor)
  return {
    ...row,
    box: door ? ('registered' as const) : ('received' as const),
    // Whoever is asked has nothing to do with the door before this one.
    previousContactId: door ? row.previousContactId : null,
    overdue: row.endedAt === null && row.nextStepOn !== null && row.nextStepOn < actor.today,
  }
}

/** The door and whoever is asked: both have the contact before them. */
const emitted = (
  tx: Tx,
  type: Extract<Code<'event_type'>, `contact.${string}`>,
  { id, organizationId, toOrganizationId }: ContactRow,
) => emit(tx, type, { kind: 'contact', id }, { partners: [organizationId, toOrganizationId] })

/**
 * What waited for a contact and moves on when it is taken up: contributed by the modules to the right. It comes before
 * the case is locked, in the order in which everybody locks.
 */
export type OnContactTakenUp = (tx: Tx, contact: ContactRow) => Promise<void> | void

export function contactRoutes(app: App, { db, vault }: Deps, onTakenUp: OnContactTakenUp[] = []) {
  type OfCase = { id: string; clientId: string } | undefined
  const shown = (row: ContactRow, actor: Actor, person: Known | null, ofCase?: OfCase) => ({
    ...inList(row, actor),
    person,
    caseId: ofCase?.id ?? null,
    clientId: ofCase?.clientId ?? null,
  })
  const knownOf = (person: PersonRow | undefined) => (person ? openedPerson(vault, person) : null)

  /** The clock ends with the contact, also where it runs at somebody else's door; and the door is told of an answer. */
  async function answered(tx: Tx, row: ContactRow, by: Code<'deadline_stop'>) {
    if (!isDoor(row, tx.actor)) {
      const registrar = await tx.one(colleague, { id: row.registeredByMembershipId })
      tell(
        tx,
        'contact_answered',
        { kind: 'contact', id: row.id },
        registrar && !hasInbox(registrar.role)
          ? { memberId: registrar.id }
          : { organizationId: row.organizationId },
      )
    }
    tx.saveAll(queries.moveContact, { contactId: row.id })
    stopDeadlines(tx, row.id, by, 'contact_next_step')
  }

  app.post(
    '/v1/contacts',
    {
      config: {
        action: 'contacts.register',
        refuses: ['name_without_agreement', 'unknown_reference', 'next_step_in_the_past'],
      },
      schema: {
        summary: 'Register a first contact',
        description:
          'By any member of staff, at whatever door somebody came to; for a self-help group three fields are enough: name, reach and what was agreed. Name and reach are kept only with the person’s recorded agreement. Every contact has a dated next step from its first instant.',
        body: wire.NewContact,
        response: { 201: wire.Contact },
      },
    },
    ({ actor, body }) => {
      const person = kept(body)
      return db.as(actor, async (tx) => {
        const rules = await tx.all(queries.scopeRulesInForce, {})
        const usual = assumed(tx.role)
        const { kind = usual.kind, requesterRole = usual.requesterRole } = body
        const { previousContactId, toOrganizationId } = body
        const previous = previousContactId
          ? referenced(await tx.one(queries.contactById, { id: previousContactId }), '/previousContactId')
          : null
        if (toOrganizationId)
          referenced(await tx.one(organizationById, { id: toOrganizationId }), '/toOrganizationId')
        const [unit, another] =
          !toOrganizationId && kind === 'inbound_referral' ? await tx.all(queries.units, {}) : []
        return register(tx, vault, {
          kind,
          requesterRole,
          mode: body.mode,
          problems: body.problems,
          ...scoped(body.problems, rules),
          person,
          organizationId: actor.organizationId!,
          toOrganizationId: toOrganizationId ?? (unit && !another ? unit.organizationId : null),
          previous,
          nextStepOn: body.nextStepOn,
        }).map((row) => shown(row, actor, person))
      })
    },
  )

  app.get(
    '/v1/contacts',
    {
      config: { action: 'contacts.list' },
      schema: {
        summary: 'List contacts',
        description:
          '`box=registered`: at my own door; `box=received`: my organisation is asked. The newest first, without names: those are read one contact at a time.',
        querystring: wire.ContactFilter,
        response: { 200: wire.Contacts },
      },
    },
    async ({ actor, query: { box, limit, cursor, open } }) => {
      const where = {
        ...after(cursor, 'newest'),
        open: open === undefined ? null : open === 'true',
        limit: limit + 1,
      }
      const [rows] = await db.read(
        actor,
        ask(box === 'registered' ? queries.registeredPage : queries.receivedPage, where),
      )
      return page(
        rows.map((row) => inList(row, actor)),
        limit,
        ({ createdAt }) => createdAt,
      )
    },
  )

  app.get(
    '/v1/contacts/figures',
    {
      config: { action: 'contacts.figures' },
      schema: {
        summary: 'Count how contacts ended',
        description:
          'By door: numbers only, none of which leads back to a contact. For the inside of the network, not for publication.',
        querystring: wire.Between,
        response: { 200: wire.Figures },
      },
    },
    async ({ actor, query }) => {
      const between = { ...query, lostAfterDays }
      const [doors, refused] = await db.read(
        actor,
        ask(queries.figures, between),
        ask(queries.refusedPlaces, between),
      )
      return {
        ...query,
        doors: doors.map((door) => ({
          ...door,
          refusedPlaces: refused.filter((place) => place.door === door.organizationId),
        })),
        total: total(doors),
      }
    },
  )

  app.get(
    '/v1/contacts/:id',
    {
      config: { action: 'contacts.read' },
      schema: {
        summary: 'Read a contact',
        description: 'At the door and by whoever is asked; with name and reach, if the person agreed.',
        params: ById,
        response: { 200: wire.Contact },
      },
    },
    async ({ actor, params }) => {
      const [[row], [person], [ofCase]] = await db.read(
        actor,
        ask(queries.contactById, params),
        ask(queries.personOf, params),
        ask(queries.caseOfContact, params),
      )
      return shown(found(row), actor, knownOf(person), ofCase)
    },
  )

  app.patch(
    '/v1/contacts/:id',
    {
      config: {
        action: 'contacts.update',
        refuses: ['contact_ended', 'only_the_door', 'next_step_in_the_past'],
      },
      schema: {
        summary: 'Set another day',
        description:
          'By the door: on which day somebody looks again, when the person was not reached or asked for more time. The clock begins anew; where the person came first, and when, stays.',
        params: ById,
        body: wire.ContactChange,
        response: { 200: wire.Contact },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [row, [person]] = await tx.load(queries.lockContact, params, ask(queries.personOf, params))
        const step = lookAgain(row, body.nextStepOn, actor, tx.today)
        stopDeadlines(tx, row.id, 'replaced', 'contact_next_step')
        startClock(tx, row, step.nextStepOn)
        emitted(tx, 'contact.updated', row)
        return tx
          .save(queries.rescheduledContact, { id: row.id, ...step })
          .map((changed) => shown(changed, actor, knownOf(person)))
      }),
  )

  app.post(
    '/v1/contacts/:id/guide',
    {
      config: {
        action: 'contacts.guide',
        refuses: [
          'unknown_reference',
          'offer_of_another_organization',
          'contact_ended',
          'only_the_door',
          'next_step_in_the_past',
        ],
      },
      schema: {
        summary: 'Guide somebody on',
        description:
          'By the door: to a place, with a contact there and the day by which we ask. Nobody is sent away with an address: the contact stays open until somebody confirms that the person has arrived.',
        params: ById,
        body: wire.Guide,
        response: { 200: wire.Contact },
      },
    },
    ({ actor, params, body: { offerId = null, organizationId, passOn, ...place } }) =>
      db.as(actor, async (tx) => {
        const [row, [person]] = await tx.load(queries.lockContact, params, ask(queries.personOf, params))
        const offer = offerId ? referenced(await tx.one(offerById, { id: offerId }), '/offerId') : undefined
        if (organizationId)
          referenced(await tx.one(organizationById, { id: organizationId }), '/organizationId')
        const to = offeredBy(offer, organizationId)
        const step = guide(row, { ...place, offerId, organizationId: to }, actor, tx.today)
        tx.saveAll(queries.moveContact, { contactId: row.id })
        stopDeadlines(tx, row.id, 'replaced', 'contact_next_step')
        startClock(tx, row, step.nextStepOn)
        if (to && to !== row.toOrganizationId && to !== row.organizationId)
          tell(tx, 'contact_received', { kind: 'contact', id: row.id }, { organizationId: to })
        emitted(tx, 'contact.guided', { ...row, toOrganizationId: to })
        // Who may see the name changes only with the person's word.
        const seenBy = passOn || (person && person.toOrganizationId === to) ? to : null
        tx.saveAll(queries.passedOn, { id: row.id, toOrganizationId: seenBy })
        return tx
          .save(queries.guidedContact, { id: row.id, ...step })
          .map((guided) => shown(guided, actor, knownOf(person)))
      }),
  )

  app.post(
    '/v1/contacts/:id/confirm',
    {
      config: {
        action: 'contacts.confirm',
        refuses: ['contact_ended', 'contact_not_guided', 'only_the_place'],
      },
      schema: {
        summary: 'Confirm that the person has arrived',
        description:
          'By the place itself, if it belongs to the network; otherwise on the person’s own word, or because somebody went along. Only then has a guided contact ended.',
        params: ById,
        body: wire.Confirm,
        response: { 200: wire.Contact },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [row, [person]] = await tx.load(queries.lockContact, params, ask(queries.personOf, params))
        const ending = confirm(row, body.confirmedBy, actor, tx.now)
        await answered(tx, row, 'arrived')
        emitted(tx, 'contact.confirmed', row)
        return tx
          .save(queries.confirmedContact, { id: row.id, ...ending })
          .map((ended) => shown(ended, actor, knownOf(person)))
      }),
  )

  app.post(
    '/v1/contacts/:id/take-up',
    {
      config: {
        action: 'contacts.take_up',
        refuses: [
          'contact_ended',
          'only_the_asked_unit',
          'out_of_scope',
          'unknown_reference',
          'case_closed',
          'lead_outside_the_unit',
          'next_step_in_the_past',
        ],
      },
      schema: {
        summary: 'Take a contact up as a case',
        description:
          'By navigators of the unit that was asked, or at whose door it was registered: into the running case of the same person (`caseId`), or as a new person with a new case, with lead and dated next step in the same instant. What is out of scope is guided on instead: 409 names the responsible sector.',
        params: ById,
        body: wire.TakeUp,
        response: { 200: wire.Contact },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [loaded, [person]] = await tx.load(queries.lockContact, params, ask(queries.personOf, params))
        const row = toTakeUp(loaded, actor.organizationId)
        const known = knownOf(person)
        for (const moveOn of onTakenUp) await moveOn(tx, row)
        const ofCase = body.caseId ? await runningCase(tx, body.caseId) : await newCase(tx, row, known, body)
        await answered(tx, row, 'done')
        emitted(tx, 'contact.taken_up', row)
        return tx
          .save(queries.takenUpContact, { id: row.id, ...takenUp(ofCase.id, tx.now) })
          .map((ended) => shown(ended, actor, known, ofCase))
      }),
  )

  async function runningCase(tx: Tx, id: string) {
    running(referenced(await tx.one(caseById, { id }), '/caseId'))
    return running(await tx.one(lockCase, { id }))
  }

  async function newCase(
    tx: Tx,
    row: ContactRow,
    known: Known | null,
    {
      leadMembershipId = tx.actor.membershipId!,
      nextStep = '',
      nextStepOn = tx.today,
      concern = '',
      referralSource = sourceOf(row.requesterRole),
    }: Omit<TakeUp, 'caseId'>,
  ) {
    const lead = referenced(await tx.one(colleague, { id: leadMembershipId }), '/leadMembershipId')
    const client = recordPerson(tx, vault, { alias: known?.name ?? null, reach: known?.reach ?? null })
    const { requesterRole } = row
    const opened = openCase(tx, {
      client,
      lead,
      requesterRole,
      referralSource,
      concern,
      nextStep,
      nextStepOn,
      previousCaseId: null,
    })
    return { id: opened.id, clientId: client.id }
  }

  app.post(
    '/v1/contacts/:id/decline',
    {
      config: { action: 'contacts.decline', refuses: ['unknown_reference', 'contact_ended'] },
      schema: {
        summary: 'Record that the person does not want it',
        description:
          'The person’s own refusal of a named place that was offered. Nobody else can refuse a contact.',
        params: ById,
        body: wire.Decline,
        response: { 200: wire.Contact },
      },
    },
    ({ actor, params, body: { place, organizationId } }) =>
      db.as(actor, async (tx) => {
        const [row, [person]] = await tx.load(queries.lockContact, params, ask(queries.personOf, params))
        if (organizationId)
          referenced(await tx.one(organizationById, { id: organizationId }), '/organizationId')
        const ending = declined(row, { place, organizationId }, tx.now)
        await answered(tx, row, 'other_choice')
        emitted(tx, 'contact.declined', row)
        return tx
          .save(queries.declinedContact, { id: row.id, ...ending })
          .map((ended) => shown(ended, actor, knownOf(person)))
      }),
  )

  app.get(
    '/v1/scope-rules',
    {
      config: { action: 'scope.list' },
      schema: {
        summary: 'List what other sectors are responsible for',
        description:
          'With which problems this municipality does not help itself, and who does. There may be none. People are guided on all the same.',
        response: { 200: wire.ScopeRules },
      },
    },
    async ({ actor }) => {
      const [items] = await db.read(actor, ask(queries.scopeRulesInForce, {}))
      return { items }
    },
  )

  app.post(
    '/v1/scope-rules',
    {
      config: { action: 'scope.create', refuses: ['unknown_reference', 'already_exists'] },
      schema: {
        summary: 'Add a scope rule',
        description: 'One for each problem; it counts for contacts that are registered from now on.',
        body: wire.NewScopeRule,
        response: { 201: wire.ScopeRule },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        const { organizationId } = body
        if (organizationId)
          referenced(await tx.one(organizationById, { id: organizationId }), '/organizationId')
        return tx.save(queries.newScopeRule, { ...body, id: newId() })
      }),
  )

  app.get(
    '/v1/scope-rules/:id',
    {
      config: { action: 'scope.read' },
      schema: {
        summary: 'Read a scope rule',
        description: 'As long as it is in force.',
        params: ById,
        response: { 200: wire.ScopeRule },
      },
    },
    async ({ actor, params }) => {
      const [[rule]] = await db.read(actor, ask(queries.scopeRuleById, params))
      return found(rule)
    },
  )

  app.patch(
    '/v1/scope-rules/:id',
    {
      config: { action: 'scope.update', refuses: ['unknown_reference'] },
      schema: {
        summary: 'Change a scope rule',
        description: 'A merge patch; the problem stays.',
        params: ById,
        body: wire.ScopeRuleChange,
        response: { 200: wire.ScopeRule },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const rule = await tx.load(queries.lockScopeRule, params)
        const { organizationId } = body
        if (organizationId)
          referenced(await tx.one(organizationById, { id: organizationId }), '/organizationId')
        return tx.save(queries.changedScopeRule, patched(rule, body))
      }),
  )

  app.delete(
    '/v1/scope-rules/:id',
    {
      config: { action: 'scope.remove' },
      schema: {
        summary: 'Widen the scope again',
        description:
          'From now on the municipality helps with this itself. Earlier contacts stay as they were.',
        params: ById,
        response: { 204: Nothing },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const rule = await tx.load(queries.lockScopeRule, params)
        return tx.save(queries.endedScopeRule, { id: rule.id, endedAt: tx.now }).map(() => undefined)
      }),
  )
}
