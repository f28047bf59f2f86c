// Which help is there, and who offers it?
import { v7 as newId } from 'uuid'
import { after, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, patched, type App } from '../../platform/zod.ts'
import { organizationById } from '../identity/index.ts'
import * as queries from './queries.ts'
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
      config: { action: 'offers.create' },
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
        return tx.save(queries.newOffer, { ...body, id: newId() })
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
        return tx.save(queries.changedOffer, patched(offer, body))
      }),
  )
}
