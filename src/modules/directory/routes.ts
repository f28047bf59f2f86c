// Which help is there, who offers it, and what have two organisations agreed on?
import { v7 as newId } from 'uuid'
import { after, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, patched, type App } from '../../platform/zod.ts'
import { emit } from '../events/index.ts'
import { organizationById } from '../identity/index.ts'
import * as queries from './queries.ts'
import { ofOwnOrganization, twoOrganizations } from './rules.ts'
import * as wire from './schema.ts'

export function directoryRoutes(app: App, { db }: Deps) {
  app.get(
    '/v1/offers',
    {
      config: { action: 'offers.list' },
      schema: {
        summary: 'List offers',
        description: 'All offers of the network by name: professional help and self-help side by side.',
        querystring: wire.OfferFilter,
        response: { 200: wire.Offers },
      },
    },
    async ({ actor, query: { limit, cursor, type = null, organizationId = null } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.offerPage, { ...after(cursor, 'byName'), type, organizationId, limit: limit + 1 }),
      )
      return page(rows, limit, ({ name }) => name)
    },
  )

  app.post(
    '/v1/offers',
    {
      config: { action: 'offers.create', refuses: ['unknown_reference'] },
      schema: {
        summary: 'Add an offer',
        description:
          'Administrator and coordinator add offers for everybody; every organisation adds its own.',
        body: wire.NewOffer,
        response: { 201: wire.Offer },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        referenced(await tx.one(organizationById, { id: body.organizationId }), '/organizationId')
        ofOwnOrganization(tx.role, actor.organizationId, body.organizationId)
        const id = newId()
        emit(tx, 'offer.added', { kind: 'offer', id }, { partners: [body.organizationId] })
        return tx.save(queries.newOffer, { ...body, id })
      }),
  )

  app.get(
    '/v1/offers/:id',
    {
      config: { action: 'offers.read' },
      schema: {
        summary: 'Read an offer',
        description: 'What is offered, by whom, for whom and in which languages.',
        params: ById,
        response: { 200: wire.Offer },
      },
    },
    async ({ actor, params }) => {
      const [[offer]] = await db.read(actor, ask(queries.offerById, params))
      return found(offer)
    },
  )

  app.patch(
    '/v1/offers/:id',
    {
      config: { action: 'offers.update' },
      schema: {
        summary: 'Change an offer',
        description: 'A merge patch; an offer that is no longer active cannot be referred to.',
        params: ById,
        body: wire.OfferChange,
        response: { 200: wire.Offer },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const offer = await tx.load(queries.lockOffer, params)
        emit(tx, 'offer.changed', { kind: 'offer', id: offer.id }, { partners: [offer.organizationId] })
        return tx.save(queries.changedOffer, patched(offer, body))
      }),
  )

  app.post(
    '/v1/offers/:id/capacity',
    {
      config: { action: 'offers.capacity' },
      schema: {
        summary: 'Say how many places are free',
        description:
          'In one call, by the offering organisation, coordinator or administrator. It replaces what was said before; what is left out is not known, which is not zero.',
        params: ById,
        body: wire.Capacity,
        response: { 200: wire.Offer },
      },
    },
    ({ actor, params, body: { note, ...places } }) =>
      db.as(actor, async (tx) => {
        const { id, organizationId } = await tx.load(queries.lockOffer, params)
        emit(tx, 'offer.capacity_changed', { kind: 'offer', id }, { partners: [organizationId] })
        return tx.save(queries.saidCapacity, { id, ...places, capacityNote: note, capacityAt: tx.now })
      }),
  )

  app.get(
    '/v1/interfaces',
    {
      config: { action: 'interfaces.list' },
      schema: {
        summary: 'List interfaces',
        description:
          'What organisations have agreed on about handing people on, each in one direction, the newest first; those of one organisation where `organizationId` is given.',
        querystring: wire.InterfaceFilter,
        response: { 200: wire.Interfaces },
      },
    },
    async ({ actor, query: { limit, cursor, organizationId = null } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.interfacePage, { ...after(cursor, 'newest'), organizationId, limit: limit + 1 }),
      )
      return page(rows, limit, ({ createdAt }) => createdAt)
    },
  )

  app.post(
    '/v1/interfaces',
    {
      config: {
        action: 'interfaces.create',
        refuses: ['interface_needs_two_organizations', 'unknown_reference', 'already_exists'],
      },
      schema: {
        summary: 'Record an interface',
        description:
          'One for each direction between two organisations: within how many days a referral is answered, and what else was agreed on. Without one it is 7 days.',
        body: wire.NewInterface,
        response: { 201: wire.Interface },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        twoOrganizations(body)
        for (const side of ['fromOrganizationId', 'toOrganizationId'] as const)
          referenced(await tx.one(organizationById, { id: body[side] }), `/${side}`)
        return tx.save(queries.newInterface, { ...body, id: newId() })
      }),
  )

  app.get(
    '/v1/interfaces/:id',
    {
      config: { action: 'interfaces.read' },
      schema: {
        summary: 'Read an interface',
        description: 'Who refers, who answers within how many days, and what else was agreed on.',
        params: ById,
        response: { 200: wire.Interface },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.interfaceById, params))
      return found(row)
    },
  )

  app.patch(
    '/v1/interfaces/:id',
    {
      config: { action: 'interfaces.update' },
      schema: {
        summary: 'Change an interface',
        description: 'A merge patch. It holds for what is sent from now on; a clock that runs is not moved.',
        params: ById,
        body: wire.InterfaceChange,
        response: { 200: wire.Interface },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockInterface, params)
        return tx.save(queries.changedInterface, patched(row, body))
      }),
  )
}
