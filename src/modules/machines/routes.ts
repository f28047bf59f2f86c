// How do other systems and the municipality's own identity provider get in, and who looks after them?
import type { FastifyRequest } from 'fastify'
import { v7 as newId } from 'uuid'
import { access } from '../../access.ts'
import { actor as actorOf } from '../../platform/actor.ts'
import { createAttempts } from '../../platform/attempts.ts'
import { after, page } from '../../platform/cursor.ts'
import type { Tx } from '../../platform/db.ts'
import { accessTokenSeconds, type Deps } from '../../platform/http.ts'
import { comesFrom } from '../../platform/addresses.ts'
import { found, Problem, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Page, patched, type App } from '../../platform/zod.ts'
import {
  changedUser,
  newMembership,
  newServiceUser,
  organizationById,
  personById,
  tenantById,
  tenantIdOf,
} from '../identity/index.ts'
import { beginSession, turnToBegin, turnToEnd } from '../login/index.ts'
import { clientSecrets, publicJwk, subjectOf, usableAssertion } from './key.ts'
import * as queries from './queries.ts'
import * as rules from './rules.ts'
import * as wire from './schema.ts'
import type { identityProviders, MachineClient, Mapping, serviceAccountKeys } from './table.ts'

export interface MachineDeps extends Deps {
  /** Where this installation is reached from outside; assertions are made for that address. */
  publicUrl?: string | undefined
}

export function machineRoutes(app: App, deps: MachineDeps) {
  accountRoutes(app, deps)
  providerRoutes(app, deps)
  tokenRoute(app, deps)
}

const shown = <R extends { signsInAs: string }>(row: R) => ({ ...row, clientId: row.signsInAs })

const shownKey = (row: typeof serviceAccountKeys.$inferSelect, secret: string | null = null) => ({
  ...row,
  serviceAccountId: row.accountId,
  secret,
})

function accountRoutes(app: App, { db, keys }: Deps) {
  const secrets = clientSecrets(keys)

  const answering = async (tx: Tx, id: string) =>
    void referenced(await activePerson(tx, id), '/responsibleUserId')
  const activePerson = async (tx: Tx, id: string) => {
    const person = await tx.one(personById, { id })
    return person?.active ? person : undefined
  }

  app.get(
    '/v1/service-accounts',
    {
      config: { action: 'service_accounts.list' },
      schema: {
        summary: 'List service accounts',
        description: 'The accounts of other systems by name, with their living keys.',
        querystring: Page,
        response: { 200: wire.ServiceAccounts },
      },
    },
    async ({ actor, query: { limit, cursor } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.accountPage, { ...after(cursor, 'byName'), limit: limit + 1 }),
      )
      return page(rows.map(shown), limit, ({ name }) => name)
    },
  )

  app.post(
    '/v1/service-accounts',
    {
      config: { action: 'service_accounts.create', refuses: ['scope_not_grantable', 'unknown_reference'] },
      schema: {
        summary: 'Add a service account',
        description:
          'A member for another system: a role in an organisation, limited to the scopes. All rules hold for it as for everybody, also the secrecy obligation, which somebody records for it. It leads no case and owns no task: a person answers for a person.',
        body: wire.NewServiceAccount,
        response: { 201: wire.ServiceAccount },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        rules.grantable(body.scopes, body.role, access)
        const tenant = found(await tx.one(tenantById, { id: actor.tenantId }))
        const { organizationId, role } = body
        referenced(await tx.one(organizationById, { id: organizationId }), '/organizationId')
        await answering(tx, body.responsibleUserId)
        const [id, membershipId] = [newId(), newId()]
        tx.save(newServiceUser, { id, kind: 'service', name: body.name, language: tenant.language })
        tx.save(newMembership, { id: membershipId, userId: id, organizationId, role })
        return tx.save(queries.newAccount, { ...body, id, membershipId }).map((row) => ({
          ...row,
          name: body.name,
          role,
          organizationId,
          clientId: `${tenant.slug}.${id}`,
          active: true,
          isBoundToSecrecy: false,
          keys: [],
        }))
      }),
  )

  app.get(
    '/v1/service-accounts/:id',
    {
      config: { action: 'service_accounts.read' },
      schema: {
        summary: 'Read a service account',
        description: 'Role, scopes, addresses, who answers for it, and its living keys.',
        params: ById,
        response: { 200: wire.ServiceAccount },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.accountById, params))
      return shown(found(row))
    },
  )

  app.patch(
    '/v1/service-accounts/:id',
    {
      config: { action: 'service_accounts.update', refuses: ['scope_not_grantable', 'unknown_reference'] },
      schema: {
        summary: 'Change or deactivate a service account',
        description:
          'A merge patch. A change of scopes, addresses or expiry, and deactivating, ends its sessions with the next request. Role and organisation never change: that is another account.',
        params: ById,
        body: wire.ServiceAccountChange,
        response: { 200: wire.ServiceAccount },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row = await tx.load(queries.lockAccount, params)
        const next = patched(row, body)
        if (body.scopes) rules.grantable(body.scopes, row.role, access)
        if (body.responsibleUserId) await answering(tx, body.responsibleUserId)
        if (next.name !== row.name || next.active !== row.active) tx.save(changedUser, next)
        if (rules.endsSessions(row, next)) {
          turnToEnd(tx, row.id)
          tx.saveAll(queries.endedOfAccount, { userId: row.id, originId: null })
        }
        return tx.save(queries.changedAccount, next).map(({ version }) => shown({ ...next, version }))
      }),
  )

  app.post(
    '/v1/service-accounts/:id/keys',
    {
      config: {
        action: 'service_accounts.add_key',
        resource: '/v1/service-account-keys/:id',
        refuses: ['key_not_usable', 'key_expiry_out_of_range', 'too_many_keys'],
      },
      schema: {
        summary: 'Make a key',
        description:
          'A client secret, shown once in this answer, or a public key for signed assertions (private_key_jwt). Several keys are good at the same time, so that one can be replaced by the next without a gap.',
        params: ById,
        body: wire.NewKey,
        response: { 201: wire.Key },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const jwk = body.kind === 'public_key' ? publicJwk(body.jwk) : null
        if (jwk === undefined)
          throw rules.refuse('key_not_usable', [{ pointer: '/jwk', code: 'key_not_usable' }])
        const row = await tx.load(queries.lockAccount, params)
        rules.keyUntil(body.expiresOn, tx.today)
        rules.oneMoreKey(row.keys.length)
        const [end] = await tx.all(queries.endOfDay, { day: body.expiresOn })
        const made = body.kind === 'secret' ? secrets.make() : undefined
        return tx
          .save(queries.newKey, {
            id: newId(),
            accountId: row.id,
            kind: body.kind,
            label: body.label,
            secretHash: made?.secretHash ?? null,
            jwk,
            expiresAt: end!.at,
            createdByUserId: actor.userId!,
          })
          .map((key) => shownKey(key, made?.secret))
      }),
  )

  app.get(
    '/v1/service-account-keys/:id',
    {
      config: { action: 'service_accounts.read_key' },
      schema: {
        summary: 'Read a key',
        description: 'Kind, expiry, and when it was used last; never the secret.',
        params: ById,
        response: { 200: wire.Key },
      },
    },
    async ({ actor, params }) => {
      const [[key]] = await db.read(actor, ask(queries.keyById, params))
      return shownKey(found(key))
    },
  )

  app.post(
    '/v1/service-account-keys/:id/revoke',
    {
      config: { action: 'service_accounts.revoke_key', refuses: ['key_is_revoked'] },
      schema: {
        summary: 'Revoke a key',
        description: 'At once: sessions that began with it are refused with the next request.',
        params: ById,
        response: { 200: wire.Key },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const key = await tx.load(queries.lockKey, params)
        if (key.revokedAt !== null) throw rules.refuse('key_is_revoked')
        tx.saveAll(queries.endedByOrigin, { originId: key.id })
        return tx.save(queries.revokedKey, { id: key.id, revokedAt: tx.now }).map((row) => shownKey(row))
      }),
  )
}

function providerRoutes(app: App, { db }: Deps) {
  async function known(
    tx: Tx,
    given: { mappings?: Mapping[] | undefined; machines?: MachineClient[] | undefined },
  ) {
    for (const [at, { organizationId }] of (given.mappings ?? []).entries())
      referenced(await tx.one(organizationById, { id: organizationId }), `/mappings/${at}/organizationId`)
    for (const [at, { serviceAccountId }] of (given.machines ?? []).entries())
      referenced(
        await tx.one(queries.accountById, { id: serviceAccountId }),
        `/machines/${at}/serviceAccountId`,
      )
  }

  app.get(
    '/v1/identity-providers',
    {
      config: { action: 'providers.list' },
      schema: {
        summary: 'List identity providers',
        description: 'Whose bearer tokens are accepted here, by label.',
        querystring: Page,
        response: { 200: wire.IdentityProviders },
      },
    },
    async ({ actor, query: { limit, cursor } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.providerPage, { ...after(cursor, 'byName'), limit: limit + 1 }),
      )
      return page(rows, limit, ({ label }) => label)
    },
  )

  app.post(
    '/v1/identity-providers',
    {
      config: { action: 'providers.create', refuses: ['unknown_reference', 'already_exists'] },
      schema: {
        summary: 'Add an identity provider',
        description:
          'From now on its bearer tokens are accepted on every route, as far as the mappings give somebody a membership. Issuer and audience belong to one municipality. A secrecy obligation never comes from a provider: somebody records it here. A token that was made more than seven days ago opens nothing.',
        body: wire.NewIdentityProvider,
        response: { 201: wire.IdentityProvider },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        await known(tx, body)
        const id = newId()
        tx.saveAll(queries.claimedIssuer, { issuer: body.issuer, audience: body.audience, id })
        return tx.save(queries.newProvider, { ...body, id })
      }),
  )

  app.get(
    '/v1/identity-providers/:id',
    {
      config: { action: 'providers.read' },
      schema: {
        summary: 'Read an identity provider',
        description: 'Issuer, audience, and what its claims give.',
        params: ById,
        response: { 200: wire.IdentityProvider },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.providerById, params))
      return found(row)
    },
  )

  app.patch(
    '/v1/identity-providers/:id',
    {
      config: { action: 'providers.update', refuses: ['unknown_reference'] },
      schema: {
        summary: 'Change or deactivate an identity provider',
        description:
          'A merge patch. Memberships for which there is no mapping any more end at once; deactivating ends all sessions of the provider with the next request, and its memberships stay. Issuer and audience never change: that is another provider.',
        params: ById,
        body: wire.IdentityProviderChange,
        response: { 200: wire.IdentityProvider },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const row: typeof identityProviders.$inferSelect = await tx.load(queries.lockProvider, params)
        await known(tx, body)
        const next = patched(row, body)
        if (body.mappings)
          for (const { id } of rules.withoutMapping(
            await tx.all(queries.givenByProvider, { providerId: row.id }),
            body.mappings,
          ))
            tx.saveAll(queries.takenBack, { id })
        // The sessions of a machine that may not come through the provider any more, or of everybody.
        const machines = row.machines.filter(
          (one) =>
            !next.machines.some(
              ({ clientId, serviceAccountId }) =>
                clientId === one.clientId && serviceAccountId === one.serviceAccountId,
            ),
        )
        if (!next.active) tx.saveAll(queries.endedByOrigin, { originId: row.id })
        else
          for (const { serviceAccountId } of machines)
            tx.saveAll(queries.endedOfAccount, { userId: serviceAccountId, originId: row.id })
        return tx.save(queries.changedProvider, next)
      }),
  )
}

/** The media type decides which of two sign-ins is meant: they share an address, and nothing else. */
const form = 'application/x-www-form-urlencoded'
const byMediaType = {
  name: 'mediaType',
  storage() {
    const handlers = new Map<unknown, unknown>()
    return {
      get: (type: unknown) => handlers.get(type) ?? null,
      set: (type: unknown, handler: unknown) => void handlers.set(type, handler),
    }
  },
  deriveConstraint: (request: { headers: { 'content-type'?: string } }) =>
    request.headers['content-type']?.split(';')[0]?.trim().toLowerCase(),
  validate: () => {},
  mustMatchWhenDerived: false,
}

function tokenRoute(app: App, { db, keys, publicUrl }: MachineDeps) {
  const secrets = clientSecrets(keys)
  const attempts = createAttempts(keys)
  // Nobody has its hash: somebody unknown costs the same work as somebody known.
  const nobody = secrets.make().secretHash

  /** Never from the Host header, which anybody writes: an assertion that was made for others must not open anything. */
  function audiencesOf({ socket: { localAddress, localPort } }: FastifyRequest) {
    const own = publicUrl ?? `http://${localAddress}:${localPort}`
    return [own, `${own}/v1/auth/token`]
  }

  async function fitting(proof: rules.Proof, audiences: string[], own: KeyRow[]) {
    if ('secret' in proof) {
      const all = own.filter(({ kind }) => kind === 'secret')
      const right = all.find(({ secretHash }) => secrets.fits(proof.secret, secretHash))
      if (all.length === 0) secrets.fits(proof.secret, nobody)
      return right && { key: right, used: undefined }
    }
    for (const key of own.filter(({ kind }) => kind === 'public_key')) {
      const used = await usableAssertion(proof.assertion, proof.clientId, audiences, key.jwk!)
      if (used) return { key, used }
    }
    return undefined
  }

  app.addConstraintStrategy(byMediaType as never)
  void app.register(async (inner) => {
    const scope = inner as App
    scope.addContentTypeParser(form, { parseAs: 'string', bodyLimit: 16 * 1024 }, (_, body, done) => {
      const fields = new Map<string, string | string[]>()
      // RFC 6749 § 3.2: nothing comes twice; the schema takes text only.
      for (const [name, value] of new URLSearchParams(body as string))
        fields.set(name, fields.has(name) ? [] : value)
      done(null, Object.fromEntries(fields))
    })

    scope.post(
      '/v1/auth/token',
      {
        constraints: { mediaType: form } as never,
        // RFC 6749 § 5.2 has its own word for a wrong shape.
        attachValidation: true,
        config: {
          action: 'service_accounts.sign_in',
          refuses: [
            'invalid_token_request',
            'unsupported_grant_type',
            'unauthorized_client',
            'invalid_scope',
            'invalid_client',
            'too_many_attempts',
          ],
        },
        schema: {
          summary: 'Sign in as a service account',
          description:
            'RFC 6749 client credentials, form-encoded: with a client secret (in the body or with HTTP Basic) or an assertion signed by a registered key (private_key_jwt, RFC 7523). Refusals are problem documents that hold the `error` of RFC 6749 as well. There is no refresh token: sign in again.',
          consumes: form,
          body: wire.ClientCredentials,
          response: { 200: wire.AccessToken },
        },
      },
      async (request, reply) => {
        const { body, headers } = request
        if (request.validationError) throw rules.invalidTokenRequest()
        // RFC 6749 § 5.2: whoever came with HTTP Basic is answered in its words.
        if (headers.authorization !== undefined) reply.header('www-authenticate', 'Basic realm="lotse"')
        const proof = rules.proofOf(body, headers.authorization, subjectOf)
        const { slug, accountId } = rules.clientOf(proof.clientId)
        const tenantId = tenantIdOf(slug)
        const who = actorOf({ action: 'service_accounts.sign_in', requestId: request.id, tenantId })
        const attempt = attempts.of('client', request.ip, proof.clientId)
        const [[begun], [tenant], [account], own] = await db.read(
          who,
          attempt.begins,
          ask(tenantById, { id: tenantId }),
          ask(queries.accountById, { id: accountId }),
          ask(queries.livingKeys, { accountId }),
        )
        if (tenant) request.actor = who
        attempt.admit(begun)
        const failed = async () => {
          await db.read(who, attempt.failed())
          return rules.invalidClient()
        }
        const right = await fitting(proof, audiencesOf(request), own)
        if (!right || !account || !rules.isLiving(account, who.today)) throw await failed()
        who.userId = account.id
        who.membershipId = account.membershipId
        const begins = db.as(who, async (tx) => {
          turnToBegin(tx, accountId)
          // Behind whoever is revoking it just now.
          tx.saveAll(queries.usedKey, { id: right.key.id })
          // To check the proof took a while: what it opens is what the account may do now.
          const [present, living] = await tx.load(
            queries.accountById,
            { id: accountId },
            ask(queries.livingKeys, { accountId }),
          )
          if (!rules.isLiving(present, tx.today) || !living.some(({ id }) => id === right.key.id))
            throw rules.invalidClient()
          const { addresses, membershipId } = present
          if (addresses.length > 0 && !comesFrom(addresses, request.ip)) throw rules.fromElsewhere()
          const scopes = rules.granted(body.scope, present.scopes)
          if (right.used) {
            tx.saveAll(queries.forgottenAssertions, { accountId })
            if (!(await tx.one(queries.usedAssertion, { accountId, ...right.used })))
              throw rules.invalidClient()
          }
          attempt.succeeded(tx)
          who.trail.objects.add(right.key.id)
          const expiresAt = new Date(Date.parse(who.now) + accessTokenSeconds * 1000).toISOString()
          const originId = right.key.id
          return beginSession(tx, { userId: accountId, membershipId, expiresAt, scopes, originId }).map(
            ({ id }) => ({ id, membershipId, scopes, addresses }),
          )
        })
        const session = await begins.catch(async (error: unknown) => {
          throw error instanceof Problem && error.code === 'invalid_client' ? await failed() : error
        })
        reply.removeHeader('www-authenticate')
        return {
          access_token: app.jwt.sign({
            sub: accountId,
            tenant: tenantId,
            membership: session.membershipId,
            session: session.id,
            ...(session.addresses.length > 0 && { from: session.addresses }),
          }),
          token_type: 'Bearer' as const,
          expires_in: accessTokenSeconds,
          scope: session.scopes.join(' '),
        }
      },
    )
  })
}

type KeyRow = Pick<typeof serviceAccountKeys.$inferSelect, 'id' | 'kind' | 'secretHash' | 'jwk'>
