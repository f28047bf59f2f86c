// How is a person recorded, found and known a step further, without telling more than they want?
import { v7 as newId } from 'uuid'
import type { z } from 'zod'
import { after, page } from '../../platform/cursor.ts'
import { taken, writtenAs } from '../../platform/external.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, patched, type App } from '../../platform/zod.ts'
import { emit } from '../events/index.ts'
import { colleague, enterCompartment, newNamedMember } from '../identity/index.ts'
import { closed, codeIndex, likeness, opened } from './identity.ts'
import * as queries from './queries.ts'
import { fits, raise, refuse } from './rules.ts'
import * as wire from './schema.ts'
import type { clients } from './table.ts'

type Row = typeof clients.$inferSelect

export function clientRoutes(app: App, { db, vault }: Deps) {
  const inList = (row: Row) => ({ ...row, holdsCode: row.personCode !== null })
  const shown = (row: Row) => ({ ...inList(row), ...opened(vault, row) })

  app.post(
    '/v1/clients',
    {
      config: {
        action: 'clients.create',
        refuses: ['level_does_not_allow', 'unknown_reference', 'external_id_taken'],
      },
      schema: {
        summary: 'Record a person',
        description:
          'Anonymous: age band, gender and district at most. Pseudonymous: also an alias, a code that the person holds, and how to reach them. Identified: also names, birth date and address, kept sealed. The answer shows who of the own unit may be the same person.',
        body: wire.NewClient,
        response: { 201: wire.CreatedClient },
      },
    },
    ({ actor, body }) => {
      fits(body.identificationLevel, body)
      const { externalId } = body
      const recorded = db.as(actor, async (tx) => {
        const id = newId()
        const { alias = null, ags = null, identity = null, reach = null, personCode } = body
        const alike = likeness(vault, actor.tenantId, { ...identity, alias, personCode })
        const same = await tx.all(queries.alikeClients, { ...alike, id })
        const compartmentId = body.shielded ? id : actor.organizationId!
        if (body.shielded) {
          // Known to a machine alone, the person would be known to nobody.
          referenced(await tx.one(colleague, { id: actor.membershipId! }), '/shielded')
          await tx.one(enterCompartment, { compartmentId })
          tx.save(newNamedMember, { id: newId(), compartmentId, membershipId: actor.membershipId! })
        }
        const unit = { id: actor.organizationId!, compartmentId }
        emit(tx, 'client.recorded', { kind: 'client', id }, { unit })
        return tx
          .save(queries.newClient, {
            ...body,
            ...closed(vault, { tenantId: actor.tenantId, id }, { identity, reach }),
            id,
            alias,
            ags,
            compartmentId,
            organizationId: actor.organizationId!,
            personCode: alike.personCode,
            ...writtenAs(externalId, actor),
          })
          .map((row) => ({
            ...shown(row),
            possiblySame: same.map((other) => ({ id: other.id, alike: alikeIn(row, other) })),
          }))
      })
      return recorded.catch(taken(db, actor, externalId, ask(queries.ownClient, { externalId: externalId! })))
    },
  )

  app.get(
    '/v1/clients',
    {
      config: { action: 'clients.list' },
      schema: {
        summary: 'List the people of the unit',
        description: 'The newest first, without names: those are read one person at a time.',
        querystring: wire.ClientFilter,
        response: { 200: wire.Clients },
      },
    },
    async ({ actor, query: { limit, cursor, externalId } }) => {
      if (externalId !== undefined) {
        const [own] = await db.read(actor, ask(queries.ownClient, { externalId }))
        return { items: own.map(inList), nextCursor: null }
      }
      const [rows] = await db.read(
        actor,
        ask(queries.clientPage, { ...after(cursor, 'newest'), limit: limit + 1 }),
      )
      return page(rows.map(inList), limit, ({ createdAt }) => createdAt)
    },
  )

  app.post(
    '/v1/clients/search',
    {
      config: { action: 'clients.search', search: true },
      schema: {
        summary: 'Search for a person',
        description:
          'Exact values only (the family name by its sound), all criteria together, within the own unit. The criteria stand in the body, never in an address, and in the audit trail as a hash.',
        body: wire.Search,
        response: { 200: wire.Found },
      },
    },
    async ({ actor, body }) => {
      const [rows] = await db.read(actor, ask(queries.searchClients, likeness(vault, actor.tenantId, body)))
      return { items: rows.map(inList) }
    },
  )

  app.get(
    '/v1/clients/:id',
    {
      config: { action: 'clients.read' },
      schema: {
        summary: 'Read a person',
        description: 'With names and safe ways to reach them, as far as the level allows.',
        params: ById,
        response: { 200: wire.Client },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.clientById, params))
      return shown(found(row))
    },
  )

  app.patch(
    '/v1/clients/:id',
    {
      config: { action: 'clients.update', refuses: ['level_does_not_allow'] },
      schema: {
        summary: 'Change what is recorded about a person',
        description:
          'A merge patch within the present level; `identity` and `reach` are replaced as a whole.',
        params: ById,
        body: wire.ClientChange,
        response: { 200: wire.Client },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockClient, params)
        fits(row.identificationLevel, body)
        updated(tx, row)
        return tx.save(queries.changedClient, changed(row, body)).map(shown)
      }),
  )

  app.post(
    '/v1/clients/:id/raise-level',
    {
      config: { action: 'clients.raise', refuses: ['level_only_rises', 'level_does_not_allow'] },
      schema: {
        summary: 'Know a person a step further',
        description:
          'From anonymous over pseudonymous to identified, only by this explicit act and with a reason.',
        params: ById,
        body: wire.RaiseLevel,
        response: { 200: wire.Client },
      },
    },
    ({ actor, params, body: { to, reason, ...more } }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockClient, params)
        raise(row.identificationLevel, to)
        fits(to, more)
        updated(tx, row)
        tx.save(queries.newStep, {
          id: newId(),
          compartmentId: row.compartmentId,
          clientId: row.id,
          fromLevel: row.identificationLevel,
          toLevel: to,
          reason,
          byUserId: actor.userId!,
        })
        return tx.save(queries.changedClient, { ...changed(row, more), identificationLevel: to }).map(shown)
      }),
  )

  app.post(
    '/v1/clients/:id/named-members',
    {
      config: {
        action: 'clients.name_member',
        resource: '/v1/clients/:id',
        refuses: ['unknown_reference', 'colleague_of_the_unit_only'],
      },
      schema: {
        summary: 'Name a colleague on a shielded person',
        description: 'From the next request on the colleague sees this person and their cases.',
        params: ById,
        body: wire.NamedMember,
        response: { 200: wire.Client },
      },
    },
    ({ actor, params, body: { membershipId } }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockClient, params)
        const member = referenced(await tx.one(colleague, { id: membershipId }), '/membershipId')
        if (member.organizationId !== row.organizationId || !member.role.startsWith('navig'))
          throw refuse('colleague_of_the_unit_only', [
            { pointer: '/membershipId', code: 'colleague_of_the_unit_only' },
          ])
        if (row.shielded)
          tx.save(newNamedMember, { id: newId(), compartmentId: row.compartmentId, membershipId })
        updated(tx, row)
        return shown(row)
      }),
  )

  const updated = (tx: Tx, { id, organizationId, compartmentId }: Row) =>
    emit(tx, 'client.updated', { kind: 'client', id }, { unit: { id: organizationId, compartmentId } })

  type More = Omit<z.output<typeof wire.RaiseLevel>, 'to' | 'reason'> | z.output<typeof wire.ClientChange>

  function changed(row: Row, { identity, reach, personCode, ...plain }: More) {
    const before = opened(vault, row)
    const known = { identity: identity ?? before.identity, reach: reach ?? before.reach }
    return {
      ...patched(row, plain),
      ...closed(vault, row, known),
      personCode: personCode === undefined ? row.personCode : codeIndex(vault, row.tenantId, personCode),
    }
  }
}

function alikeIn(a: Row, b: Row) {
  const same = (left: Buffer | null, right: Buffer | null) =>
    left !== null && right !== null && left.equals(right)
  return [
    ...(same(a.familyNameIndex, b.familyNameIndex) ? (['familyName'] as const) : []),
    ...(same(a.givenNameIndex, b.givenNameIndex) ? (['givenName'] as const) : []),
    ...(same(a.birthDateIndex, b.birthDateIndex) ? (['birthDate'] as const) : []),
    ...(same(a.personCode, b.personCode) ? (['personCode'] as const) : []),
    ...(a.alias !== null && a.alias === b.alias ? (['alias'] as const) : []),
  ]
}
