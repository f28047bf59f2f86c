// Who works here, where, in which role, bound to which secrecy?
import { v7 as newId } from 'uuid'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Page, patched, type App } from '../../platform/zod.ts'
import { hashOf } from './password.ts'
import * as queries from './queries.ts'
import { hardToGuess, obligation, refuse, temporaryUntil } from './rules.ts'
import * as wire from './schema.ts'

/** What ends when somebody is deactivated; contributed by other modules, queued in the same transaction. */
export type OnLeaving = (tx: Tx, userId: string) => void

export function identityRoutes(app: App, { db }: Deps, onLeaving: OnLeaving[]) {
  app.get(
    '/v1/me',
    {
      config: { action: 'me.read' },
      schema: {
        summary: 'Who am I?',
        description: 'The signed-in person, the municipality, and the membership acted under.',
        response: { 200: wire.Me },
      },
    },
    async ({ actor }) => {
      const userId = actor.userId!
      const [[user], [tenant], memberships, [obligation]] = await db.read(
        actor,
        ask(queries.userById, { id: userId }),
        ask(queries.tenantById, { id: actor.tenantId }),
        ask(queries.membershipsOf, { userId }),
        ask(queries.obligationsOf, { userId }),
      )
      return {
        ...found(user),
        municipality: found(tenant),
        memberships,
        membership: found(memberships.find(({ id }) => id === actor.membershipId)),
        secrecyObligation: obligation ?? null,
      }
    },
  )

  app.get(
    '/v1/tenant/settings',
    {
      config: { action: 'tenants.read' },
      schema: {
        summary: 'Read the settings of the municipality',
        description: 'Country profile, time zone, cut-offs, and who needs a second factor.',
        response: { 200: wire.TenantSettings },
      },
    },
    async ({ actor }) => {
      const [[tenant]] = await db.read(actor, ask(queries.tenantById, { id: actor.tenantId }))
      return found(tenant)
    },
  )

  app.patch(
    '/v1/tenant/settings',
    {
      config: { action: 'tenants.update' },
      schema: {
        summary: 'Change the settings of the municipality',
        description:
          'Who needs a second factor. It holds from the next sign-in on: whoever needs one and has none gets a session that may do nothing but set one up.',
        body: wire.TenantSettingsChange,
        response: { 200: wire.TenantSettings },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        const tenant = await tx.load(queries.lockTenant, { id: actor.tenantId })
        return tx.save(queries.changedTenant, patched(tenant, body))
      }),
  )

  app.get(
    '/v1/organizations',
    {
      config: { action: 'organizations.list' },
      schema: {
        summary: 'List organisations',
        description: 'The network of the municipality by name: units, agencies, youth offices, self-help.',
        querystring: wire.OrganizationFilter,
        response: { 200: wire.Organizations },
      },
    },
    async ({ actor, query: { limit, cursor, kind = null, sector = null } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.organizationPage, { ...after(cursor, 'byName'), kind, sector, limit: limit + 1 }),
      )
      return page(rows, limit, ({ name }) => name)
    },
  )

  app.post(
    '/v1/organizations',
    {
      config: { action: 'organizations.create', refuses: ['unknown_reference'] },
      schema: {
        summary: 'Add an organisation',
        description: 'A unit of the municipality is an organisation too, of kind `municipal_unit`.',
        body: wire.NewOrganization,
        response: { 201: wire.Organization },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        if (body.parentId)
          referenced(await tx.one(queries.organizationById, { id: body.parentId }), '/parentId')
        const { parentId = null, phone = null, email = null, address = null, website = null } = body
        return tx.save(queries.newOrganization, {
          ...body,
          parentId,
          phone,
          email,
          address,
          website,
          id: newId(),
          active: true,
        })
      }),
  )

  app.get(
    '/v1/organizations/:id',
    {
      config: { action: 'organizations.read' },
      schema: {
        summary: 'Read an organisation',
        description: 'Kind, sector, parent and public contact.',
        params: ById,
        response: { 200: wire.Organization },
      },
    },
    async ({ actor, params }) => {
      const [[organization]] = await db.read(actor, ask(queries.organizationById, params))
      return found(organization)
    },
  )

  app.patch(
    '/v1/organizations/:id',
    {
      config: { action: 'organizations.update', refuses: ['unknown_reference'] },
      schema: {
        summary: 'Change an organisation',
        description: 'A merge patch: only the fields that are sent change.',
        params: ById,
        body: wire.OrganizationChange,
        response: { 200: wire.Organization },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const organization = await tx.load(queries.lockOrganization, params)
        if (body.parentId === organization.id) referenced(undefined, '/parentId')
        if (body.parentId)
          referenced(await tx.one(queries.organizationById, { id: body.parentId }), '/parentId')
        return tx.save(queries.changedOrganization, patched(organization, body))
      }),
  )

  app.get(
    '/v1/users',
    {
      config: { action: 'users.list' },
      schema: {
        summary: 'List people with a login',
        description: 'By e-mail address.',
        querystring: Page,
        response: { 200: wire.Users },
      },
    },
    async ({ actor, query: { limit, cursor } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.userPage, { ...after(cursor, 'byName'), limit: limit + 1 }),
      )
      return page(rows, limit, ({ email }) => email)
    },
  )

  app.post(
    '/v1/users',
    {
      config: { action: 'users.create', refuses: ['password_easily_guessed', 'already_exists'] },
      schema: {
        summary: 'Add a person with a login',
        description:
          'The person can sign in once a membership is given, and opens cases once a secrecy obligation is recorded. The password is a temporary one: good for 72 hours, for a session that may do nothing but set another. From 12 characters, of whatever kind; refused is what is easily guessed.',
        body: wire.NewUser,
        response: { 201: wire.User },
      },
    },
    async ({ actor, body: { password, ...user } }) => {
      const [[tenant]] = await db.read(actor, ask(queries.tenantById, { id: actor.tenantId }))
      const { slug, name: municipality } = found(tenant)
      hardToGuess(password, [user.email, user.name, slug, municipality], '/password')
      const passwordHash = await hashOf(password)
      return db.as(actor, async (tx) => {
        const id = newId()
        const made = tx.save(queries.newUser, { id, ...user })
        // Whoever gives it knows it.
        tx.save(queries.newCredential, { id, passwordHash, temporaryUntil: temporaryUntil(actor.now) })
        return made
      })
    },
  )

  app.get(
    '/v1/users/:id',
    {
      config: { action: 'users.read' },
      schema: {
        summary: 'Read a person with a login',
        description: 'With living memberships and recorded secrecy obligations.',
        params: ById,
        response: { 200: wire.UserInFull },
      },
    },
    async ({ actor, params }) => {
      const [[user], memberships, secrecyObligations] = await db.read(
        actor,
        ask(queries.personById, params),
        ask(queries.membershipsOf, { userId: params.id }),
        ask(queries.obligationsOf, { userId: params.id }),
      )
      return { ...found(user), memberships, secrecyObligations }
    },
  )

  app.patch(
    '/v1/users/:id',
    {
      config: { action: 'users.update', refuses: ['already_exists'] },
      schema: {
        summary: 'Change or deactivate a person with a login',
        description:
          'Somebody who is deactivated is refused with the next request, and their sessions end; their e-mail address is free for somebody else. While somebody active has it, they cannot be switched on again.',
        params: ById,
        body: wire.UserChange,
        response: { 200: wire.User },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const user = await tx.load(queries.lockPerson, params)
        const next = patched(user, body)
        if (user.active && !next.active) for (const ends of onLeaving) ends(tx, user.id)
        return tx.save(queries.changedUser, next)
      }),
  )

  app.post(
    '/v1/users/:id/memberships',
    {
      config: {
        action: 'memberships.create',
        unversioned: true,
        resource: '/v1/memberships/:id',
        refuses: ['unknown_reference'],
      },
      schema: {
        summary: 'Give a membership',
        description:
          'A role in an organisation. One person may hold several and acts under one of them at a time.',
        params: ById,
        body: wire.NewMembership,
        response: { 201: wire.Membership },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const user = found(await tx.one(queries.personById, params))
        referenced(await tx.one(queries.organizationById, { id: body.organizationId }), '/organizationId')
        return tx.save(queries.newMembership, { ...body, id: newId(), userId: user.id })
      }),
  )

  app.get(
    '/v1/memberships/:id',
    {
      config: { action: 'memberships.read' },
      schema: {
        summary: 'Read a membership',
        description: 'Role and organisation of one person with a login.',
        params: ById,
        response: { 200: wire.Membership },
      },
    },
    async ({ actor, params }) => {
      const [[membership]] = await db.read(actor, ask(queries.membershipById, params))
      return found(membership)
    },
  )

  app.post(
    '/v1/memberships/:id/end',
    {
      config: { action: 'memberships.end', refuses: ['membership_has_ended'] },
      schema: {
        summary: 'End a membership',
        description: 'Whoever acts under it is refused with the next request.',
        params: ById,
        response: { 200: wire.Membership },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const membership = await tx.load(queries.lockMembership, params)
        if (membership.endedAt !== null) throw refuse('membership_has_ended')
        return tx.save(queries.endedMembership, { id: membership.id, endedAt: tx.now })
      }),
  )

  app.post(
    '/v1/users/:id/secrecy-obligations',
    {
      config: {
        action: 'secrecy.record',
        unversioned: true,
        resource: '/v1/secrecy-obligations/:id',
        refuses: ['own_secrecy_obligation', 'date_in_the_future'],
      },
      schema: {
        summary: 'Record a secrecy obligation',
        description: 'Basis and date, recorded by somebody else; without one, no case opens for this person.',
        params: ById,
        body: wire.NewObligation,
        response: { 201: wire.Obligation },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const user = found(await tx.one(queries.userById, params))
        obligation({ userId: user.id, boundOn: body.boundOn }, actor.userId, tx.today)
        return tx.save(queries.newObligation, {
          ...body,
          id: newId(),
          userId: user.id,
          recordedByUserId: actor.userId!,
        })
      }),
  )

  app.get(
    '/v1/secrecy-obligations/:id',
    {
      config: { action: 'secrecy.read' },
      schema: {
        summary: 'Read a secrecy obligation',
        description: 'Basis, date, and who recorded it.',
        params: ById,
        response: { 200: wire.Obligation },
      },
    },
    async ({ actor, params }) => {
      const [[recorded]] = await db.read(actor, ask(queries.obligationById, params))
      return found(recorded)
    },
  )
}
