// How does somebody get in, stay in and get out, with which password and second factor?
import type { FastifyRequest } from 'fastify'
import { access, type Rule } from '../../access.ts'
import { actor, type Actor } from '../../platform/actor.ts'
import { createAttempts, type Attempt } from '../../platform/attempts.ts'
import { Later } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { found, missing, Problem } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Nothing, type App } from '../../platform/zod.ts'
import {
  hashOf,
  isPassword,
  lockPerson,
  membershipsOf,
  obligationsOf,
  temporaryUntil,
  tenantById,
  tenantIdOf,
  userById,
} from '../identity/index.ts'
import * as queries from './queries.ts'
import * as rules from './rules.ts'
import { refuse } from './rules.ts'
import * as wire from './schema.ts'
import { newRecoveryCodes, recoveryHashes, temporaryPassword } from './secrets.ts'
import { beginSession, endSessions, tokensWith, turnToBegin } from './session.ts'
import { refreshTokens } from './tokens.ts'
import { newSecret, stepOf, uriOf } from './totp.ts'

/** The roles that do anything with what is known about people. */
const contentRoles = new Set<string>(
  Object.values<Rule>(access).flatMap(({ who, content }) => (content && typeof who !== 'string' ? who : [])),
)

const accountOf = (tenantId: string, email: string) => `${tenantId} ${email}`

interface Factor {
  wrappedKey: Buffer
  sealed: Buffer
}

export function loginRoutes(app: App, { db, keys, vault }: Deps) {
  const refreshToken = refreshTokens(keys)
  const tokens = tokensWith(app, keys)
  const attempts = createAttempts(keys)
  const recoveryHash = recoveryHashes(keys)
  // Somebody unknown costs the same work as somebody known.
  const nobody = hashOf('nobody has this password')

  const placeOf = (tenantId: string, id: string) => ({
    tenantId,
    table: 'second_factors',
    id,
    column: 'secret',
  })

  /** What uses up the code that was given: six digits are one of now, everything else is meant for recovery. */
  function use(factor: Factor, otp: string, { tenantId, userId, now }: Actor) {
    const id = userId!
    const digits = otp.replaceAll(' ', '')
    if (!/^\d{6}$/.test(digits))
      return ask(queries.usedRecoveryCode, { id, hash: recoveryHash(tenantId, id, otp) })
    const step = stepOf(String(vault.open(factor, placeOf(tenantId, id))), digits, Date.parse(now))
    return step === undefined ? undefined : ask(queries.usedStep, { id, step })
  }

  app.post(
    '/v1/auth/token',
    {
      config: {
        action: 'auth.sign_in',
        refuses: ['sign_in_failed', 'second_factor_needed', 'too_many_attempts'],
      },
      schema: {
        summary: 'Sign in',
        description:
          'Answers a short-lived access token and a refresh token that is good for one use. A wrong municipality, address, password or code answers the same; that a code is needed is said only after the right password. After five wrong tries each further one has to wait longer, up to a quarter of an hour (429 with Retry-After).',
        body: wire.SignIn,
        response: { 200: wire.Tokens },
      },
    },
    async (request) => {
      const { municipality, email, password, otp, membershipId } = request.body
      const tenantId = tenantIdOf(municipality)
      const who = actor({ action: 'auth.sign_in', requestId: request.id, tenantId })
      const attempt = attempts.of('account', request.ip, accountOf(tenantId, email))
      const [[begun], [tenant], [user], memberships] = await db.read(
        who,
        attempt.begins,
        ask(tenantById, { id: tenantId }),
        ask(queries.signIn, { email }),
        ask(queries.membershipsByEmail, { email }),
      )
      // Where there is no municipality, there is no trail in which it could stand.
      if (tenant) request.actor = who
      attempt.admit(begun)

      const failed = async () => {
        await db.read(who, attempt.failed())
        return refuse('sign_in_failed')
      }
      const right = await isPassword(user?.passwordHash ?? (await nobody), password)
      if (!tenant || !user || !right || rules.hasEnded(user.temporaryUntil, Date.parse(who.now)))
        throw await failed()
      const membership = membershipId
        ? memberships.find((one) => one.membershipId === membershipId)
        : memberships[0]
      if (!membership) throw await failed()
      who.userId = user.id
      const { factor } = user
      if (factor) {
        if (otp === undefined) throw refuse('second_factor_needed')
        const using = use(factor, otp, who)
        const [used] = using ? await db.read(who, using) : [[]]
        if (used.length === 0) throw await failed()
      }
      const must = rules.mustFirst(
        { temporaryUntil: user.temporaryUntil, hasSecondFactor: factor !== null },
        tenant.secondFactorRequired,
        contentRoles.has(membership.role),
      )
      const begins = db.as(who, async (tx) => {
        turnToBegin(tx, user.id)
        const { passwordHash } = user
        tx.saveAll(queries.stillProved, { userId: user.id, passwordHash, sealed: factor?.sealed ?? null })
        attempt.succeeded(tx)
        return beginSession(tx, {
          userId: user.id,
          membershipId: membership.membershipId,
          expiresAt: rules.expiryOf(must, Date.parse(who.now)),
          ...(must && { scopes: [...rules.onlyTo[must]] }),
        })
      })
      const session = await begins.catch(async (error: unknown) => {
        throw error instanceof Problem && error.code === 'not_signed_in' ? await failed() : error
      })
      return tokens(session, tenantId)
    },
  )

  app.post(
    '/v1/auth/refresh',
    {
      config: { action: 'auth.refresh', refuses: ['session_ended'] },
      schema: {
        summary: 'Renew the access token',
        description:
          'Every refresh token is good for one use; a second use, also at the same moment, ends the session.',
        body: wire.Refresh,
        response: { 200: wire.Tokens },
      },
    },
    async (request) => {
      const token = refreshToken.read(request.body.refreshToken)
      if (!token) throw refuse('session_ended')
      const { tenantId, sessionId, generation } = token
      request.actor = actor({ action: 'auth.refresh', requestId: request.id, tenantId })
      request.actor.trail.objects.add(sessionId)
      const session = await db.as(request.actor, async (tx) => {
        const renewed = await tx.one(queries.refreshedSession, { id: sessionId, generation })
        // Returned, not thrown: that it ended the session stays.
        return renewed?.revokedAt === null ? renewed : refuse('session_ended')
      })
      return tokens(session, tenantId)
    },
  )

  app.post(
    '/v1/auth/logout',
    {
      config: { action: 'auth.sign_out' },
      schema: {
        summary: 'Sign out',
        description:
          'Ends the session at once: access and refresh tokens of it are refused with the next request.',
        response: { 204: Nothing },
      },
    },
    async ({ actor }) => {
      await db.as(actor, async (tx) => {
        await tx.one(userById, { id: actor.userId! })
        return tx.save(queries.revokedSession, { id: actor.sessionId!, revokedAt: tx.now })
      })
    },
  )

  /** Whoever is signed in proves once more who they are: every wrong try counts as one of the sign-in. */
  async function attempted({ actor: who, ip }: FastifyRequest): Promise<Attempt> {
    const [[user]] = await db.read(who, ask(userById, { id: who.userId! }))
    // A service account has neither password nor second factor.
    const attempt = attempts.of('account', ip, accountOf(who.tenantId, found(user).email ?? missing()))
    const [[begun]] = await db.read(who, attempt.begins)
    attempt.admit(begun)
    return attempt
  }

  async function proven(
    request: FastifyRequest,
    isThem: () => Promise<boolean>,
    otherwise: () => Problem,
  ): Promise<Attempt> {
    const attempt = await attempted(request)
    if (await isThem()) return attempt
    await db.read(request.actor, attempt.failed())
    throw otherwise()
  }

  const notTheirs = () =>
    refuse('current_password_not_right', [
      { pointer: '/currentPassword', code: 'current_password_not_right' },
    ])

  async function withPassword(request: FastifyRequest, password: string) {
    const { tenantId, requestId, userId } = request.actor
    let proved = ''
    const isTheirs = async () => {
      const login = actor({ action: 'auth.sign_in', requestId, tenantId })
      const [[kept]] = await db.read(login, ask(queries.passwordHashOf, { id: userId! }))
      proved = kept?.passwordHash ?? (await nobody)
      return isPassword(proved, password)
    }
    return { attempt: await proven(request, isTheirs, notTheirs), proved }
  }

  app.post(
    '/v1/me/password',
    {
      config: {
        action: 'passwords.change',
        refuses: [
          'current_password_not_right',
          'password_unchanged',
          'password_easily_guessed',
          'too_many_attempts',
        ],
      },
      schema: {
        summary: 'Change my password',
        description:
          'From 12 characters, of whatever kind; refused is what is easily guessed. Ends every other session of this person. A wrong current password counts like a wrong sign-in.',
        body: wire.PasswordChange,
        response: { 204: Nothing },
      },
    },
    async (request) => {
      const { actor, body } = request
      const id = actor.userId!
      const { attempt, proved } = await withPassword(request, body.currentPassword)
      const [[user], [tenant]] = await db.read(
        actor,
        ask(userById, { id }),
        ask(tenantById, { id: actor.tenantId }),
      )
      const { email, name } = found(user)
      const { slug, name: municipality } = found(tenant)
      rules.acceptable(body.newPassword, body.currentPassword, [email ?? '', name, slug, municipality])
      const passwordHash = await hashOf(body.newPassword)
      await db.as(actor, async (tx) => {
        endSessions(tx, id, actor.sessionId)
        tx.saveAll(queries.nameCredentials, { id })
        // Another one may have been set meanwhile, which this one must not replace.
        const set = await tx.one(queries.newPassword, {
          id,
          passwordHash,
          temporaryUntil: null,
          instead: proved,
        })
        if (!set) throw notTheirs()
        attempt.succeeded(tx)
      })
    },
  )

  app.post(
    '/v1/users/:id/reset-password',
    {
      config: { action: 'passwords.reset', refuses: ['own_credentials', 'no_password_here'] },
      schema: {
        summary: 'Give somebody a temporary password',
        description:
          'The service makes it up and shows it once. It is good for 72 hours and opens a session that may do nothing but set another one. Ends every session of this person. A second factor stays on.',
        params: ById,
        response: { 200: wire.UserWithPassword },
      },
    },
    async ({ actor, params }) => {
      const password = temporaryPassword()
      const passwordHash = await hashOf(password)
      return db.as(actor, async (tx) => {
        const [user, memberships, secrecyObligations] = await tx.load(
          lockPerson,
          params,
          ask(membershipsOf, { userId: params.id }),
          ask(obligationsOf, { userId: params.id }),
        )
        rules.ofSomebodyElse(user.id, actor.userId)
        const until = temporaryUntil(tx.now)
        endSessions(tx, user.id)
        tx.saveAll(queries.nameCredentials, { id: user.id })
        const set = await tx.one(queries.newPassword, {
          id: user.id,
          passwordHash,
          temporaryUntil: until,
          instead: null,
        })
        if (!set) throw refuse('no_password_here')
        return new Later(user.id, () => ({
          ...user,
          memberships,
          secrecyObligations,
          temporaryPassword: password,
          temporaryUntil: until,
        }))
      })
    },
  )

  const shown = (
    id: string,
    factor: { confirmedAt: string | null; recoveryCodes: string[] } | undefined,
    once: { secret?: string; uri?: string; recoveryCodes?: string[] } = {},
  ) => ({
    id,
    state: !factor ? ('off' as const) : factor.confirmedAt ? ('on' as const) : ('begun' as const),
    recoveryCodesLeft: factor?.recoveryCodes.length ?? 0,
    secret: null,
    uri: null,
    recoveryCodes: null,
    ...once,
  })

  app.get(
    '/v1/me/second-factor',
    {
      config: { action: 'second_factor.read' },
      schema: {
        summary: 'Is my second factor on?',
        description: 'And how many recovery codes are left. Never the secret, never a code.',
        response: { 200: wire.SecondFactor },
      },
    },
    async ({ actor }) => {
      const id = actor.userId!
      const [[factor]] = await db.read(actor, ask(queries.factorById, { id }))
      return shown(id, factor)
    },
  )

  app.post(
    '/v1/me/second-factor',
    {
      config: {
        action: 'second_factor.start',
        resource: '/v1/me/second-factor',
        refuses: ['current_password_not_right', 'second_factor_is_on', 'too_many_attempts'],
      },
      schema: {
        summary: 'Begin to set up my second factor',
        description:
          'Answers the secret once, to put it into an authenticator app (RFC 6238). It is on when a code of it was given. Doing it again before that makes another secret.',
        body: wire.StartSecondFactor,
        response: { 200: wire.SecondFactor },
      },
    },
    async (request) => {
      const { actor, body } = request
      const id = actor.userId!
      const { attempt } = await withPassword(request, body.currentPassword)
      const secret = newSecret()
      const sealed = vault.seal(secret, placeOf(actor.tenantId, id))
      return db.as(actor, async (tx) => {
        attempt.succeeded(tx)
        const factor = await tx.one(queries.begunFactor, { id, ...sealed })
        if (!factor) throw refuse('second_factor_is_on')
        const user = found(await tx.one(userById, { id }))
        return new Later(id, () => shown(id, factor, { secret, uri: uriOf(secret, user.email ?? user.name) }))
      })
    },
  )

  app.post(
    '/v1/me/second-factor/confirm',
    {
      config: {
        action: 'second_factor.confirm',
        resource: '/v1/me/second-factor',
        refuses: ['second_factor_is_on', 'code_not_right', 'too_many_attempts'],
      },
      schema: {
        summary: 'Switch my second factor on',
        description:
          'With a code of now. Answers ten recovery codes once, each good for one sign-in without the device. A session that was for this only ends by itself: sign in again, with a code.',
        body: wire.ConfirmSecondFactor,
        response: { 200: wire.SecondFactor },
      },
    },
    async (request) => {
      const { actor, body } = request
      const attempt = await attempted(request)
      const switched = db.as(actor, async (tx) => {
        const factor = found(await tx.one(queries.lockFactor, { id: actor.userId! }))
        if (factor.confirmedAt) throw refuse('second_factor_is_on')
        const secret = String(vault.open(factor, placeOf(actor.tenantId, factor.id)))
        const step = stepOf(secret, body.code.replace(' ', ''), Date.parse(tx.now))
        if (step === undefined) throw refuse('code_not_right', [{ pointer: '/code', code: 'code_not_right' }])
        attempt.succeeded(tx)
        const codes = newRecoveryCodes()
        const on = tx.save(queries.confirmedFactor, {
          id: factor.id,
          confirmedAt: tx.now,
          lastStep: step,
          recoveryCodes: codes.map((code) => recoveryHash(actor.tenantId, factor.id, code)),
        })
        return on.map((row) => shown(row.id, row, { recoveryCodes: codes }))
      })
      return switched.catch(async (error: unknown) => {
        if (error instanceof Problem && error.code === 'code_not_right')
          await db.read(actor, attempt.failed())
        throw error
      })
    },
  )

  app.post(
    '/v1/me/second-factor/end',
    {
      config: {
        action: 'second_factor.end',
        resource: '/v1/me/second-factor',
        refuses: ['second_factor_is_off', 'code_not_right', 'too_many_attempts'],
      },
      schema: {
        summary: 'Switch my second factor off',
        description:
          'With a code of now or a recovery code; a wrong one counts like a wrong sign-in. Where the municipality demands a second factor, the next sign-in leads to setting up another.',
        body: wire.EndSecondFactor,
        response: { 200: wire.SecondFactor },
      },
    },
    async (request) => {
      const { actor, body } = request
      const id = actor.userId!
      const [[factor]] = await db.read(actor, ask(queries.factorById, { id }))
      const isTheirs = async () => {
        const using = factor && use(factor, body.code, actor)
        const [used] = using ? await db.read(actor, using) : [[]]
        return used.length > 0
      }
      const code = 'code_not_right'
      const attempt = factor?.confirmedAt
        ? await proven(request, isTheirs, () => refuse(code, [{ pointer: '/code', code }]))
        : undefined
      return db.as(actor, async (tx) => {
        // A repeated request is known as one from here on: what it ended is off.
        await tx.one(queries.nameCredentials, { id })
        if (!attempt) throw refuse('second_factor_is_off')
        tx.saveAll(queries.removedFactor, { id })
        attempt.succeeded(tx)
        return new Later(id, () => shown(id, undefined))
      })
    },
  )

  app.post(
    '/v1/users/:id/remove-second-factor',
    {
      config: { action: 'second_factor.remove', refuses: ['own_credentials'] },
      schema: {
        summary: "Take away somebody's second factor",
        description:
          'For whoever has lost device and recovery codes. Says nothing about it, not even whether there was one; ends every session of this person.',
        params: ById,
        response: { 200: wire.UserInFull },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const [user, memberships, secrecyObligations] = await tx.load(
          lockPerson,
          params,
          ask(membershipsOf, { userId: params.id }),
          ask(obligationsOf, { userId: params.id }),
        )
        rules.ofSomebodyElse(user.id, actor.userId)
        endSessions(tx, user.id)
        tx.saveAll(queries.nameCredentials, { id: user.id })
        tx.saveAll(queries.removedFactor, { id: user.id })
        return new Later(user.id, () => ({ ...user, memberships, secrecyObligations }))
      }),
  )
}
