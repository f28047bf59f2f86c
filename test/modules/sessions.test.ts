// Does a session end with what it rests on, also one that is just beginning, and is it forgotten afterwards?
import { TOTP } from 'otpauth'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, test, vi } from 'vitest'
import { startJobs } from '../../src/jobs.ts'
import { forgetSessions, keptForDays } from '../../src/modules/login/index.ts'
import { lotse } from '../support/app.ts'
import { ada, nora, otto, type Member } from '../support/cast.ts'
import { done } from '../support/factories.ts'
import type { Body } from '../support/http.ts'
import { machines } from '../support/machines.ts'
import { anIdentityProvider } from '../support/oidc.ts'
import { password } from '../support/people.ts'
import { contextOf } from '../support/sql.ts'

const service = await lotse({ databasePool: 16 })
const { as, asService, db, nobody, signIn, somebody, sql, urls, withToken } = service
const { aServiceAccount, aKey, aKeyPair, tokenFor, assertion, proving } = machines(service)

interface Tokens {
  accessToken: string
  refreshToken: string
  mustFirst: string | null
  code: string
  requestId: string
}
const next = 'die Katze schläft um drei'
const enter = ({ municipality, email }: Member, given: object = {}) =>
  nobody.post<Tokens>('/v1/auth/token', { municipality, email, password, ...given })
const refresh = (refreshToken: string) => nobody.post<Tokens>('/v1/auth/refresh', { refreshToken })
const living = (userId: string) =>
  sql('select from sessions where user_id = $1 and revoked_at is null', [userId])

/** Whoever comes to what is locked here waits, until it is opened. */
async function gate(lock: string, values: unknown[] = []) {
  const holder = new pg.Client({ connectionString: urls.admin })
  await holder.connect()
  await holder.query('begin')
  await holder.query(lock, values)
  return async () => {
    await holder.query('rollback')
    await holder.end()
  }
}

const patience = 10_000
/** @throws Error when fewer than so many were ever seen waiting: then nothing overlapped and nothing is proved. */
async function waiting(count: number, orUntil?: Promise<unknown>) {
  let over = false
  void orUntil?.finally(() => (over = true))
  for (const until = performance.now() + patience; !over; await sleep(5)) {
    const [row] = await sql<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (row!.n >= count) return
    if (performance.now() > until) throw new Error(`fewer than ${count} requests ever waited`)
  }
}

/** What both halves of a sign-in have between them: the proof was right, and its session is not there yet. */
const beforeTheSession = () => gate('lock table attempt_counters in share row exclusive mode')
/** Whoever ends the sessions of somebody waits at one of them. */
const whileTheyEnd = (userId: string) =>
  gate('select from sessions where user_id = $1 and revoked_at is null for update', [userId])

interface Person extends Member {
  secret: string
}
const codeOf = (secret: string) => new TOTP({ secret }).generate()

/** Somebody with a session and a second factor. */
async function secured(): Promise<Person & Awaited<ReturnType<typeof signIn>>> {
  const uta = await somebody()
  const session = await signIn(uta)
  const begun = await session.client.post('/v1/me/second-factor', { currentPassword: password })
  const secret = String(begun.body['secret'])
  done(await session.client.post('/v1/me/second-factor/confirm', { code: codeOf(secret) }))
  await sql('update second_factors set last_step = last_step - 10 where id = $1', [uta.userId])
  return { ...uta, ...session, secret }
}

type Secured = Awaited<ReturnType<typeof secured>>
const enders: [string, (uta: Secured) => Promise<{ status: number }>][] = [
  [
    'its owner has changed the password',
    ({ client }) => client.post('/v1/me/password', { currentPassword: password, newPassword: next }),
  ],
  [
    'the password was reset',
    async ({ userId }) => (await as(ada)).post(`/v1/users/${userId}/reset-password`),
  ],
  [
    'the second factor was taken away',
    async ({ userId }) => (await as(ada)).post(`/v1/users/${userId}/remove-second-factor`),
  ],
  [
    'the person was deactivated',
    async ({ userId }) => (await as(ada)).edit(`/v1/users/${userId}`, { active: false }),
  ],
]

describe('a session that is just beginning', () => {
  test.each(enders)('ends like every other when %s', async (_, end) => {
    const uta = await secured()
    const open = await beforeTheSession()
    const entering = enter(uta, { otp: codeOf(uta.secret) })
    await waiting(1)
    const ending = end(uta)
    await waiting(2, ending)
    await open()
    expect((await ending).status).toBeLessThan(300)
    const { status, body } = await entering
    expect(status).toBe(200)
    expect((await withToken(body.accessToken).get('/v1/me')).status).toBe(401)
    expect((await refresh(body.refreshToken)).status).toBe(401)
    // Only whoever has changed the password goes on, where they did it.
    expect(await living(uta.userId)).toHaveLength((await uta.client.get('/v1/me')).status === 200 ? 1 : 0)
  })

  test.each(enders)('does not begin once %s: it is refused like a wrong password', async (_, end) => {
    const uta = await secured()
    // So that there is a session which the change ends: one's own goes on.
    const other = await enter(uta, { otp: codeOf(uta.secret) })
    expect(other.status).toBe(200)
    await sql('update second_factors set last_step = last_step - 10 where id = $1', [uta.userId])
    const open = await whileTheyEnd(uta.userId)
    const ending = end(uta)
    await waiting(1, ending)
    const entering = enter(uta, { otp: codeOf(uta.secret) })
    await waiting(2, entering)
    await open()
    expect((await ending).status).toBeLessThan(300)
    const wrong = await enter(uta, { password: 'a wrong sentence is not enough' })
    const { status, body } = await entering
    expect([status, body]).toEqual([401, { ...wrong.body, requestId: body.requestId }])
    // Once in the trail, and not as a success.
    expect(
      await sql('select status, code from audit_events where request_id = $1', [body.requestId]),
    ).toEqual([{ status: 401, code: 'sign_in_failed' }])
  })

  test('is not held up by others of the same person', async () => {
    const uta = await somebody()
    const answers = await Promise.all(Array.from({ length: 6 }, () => enter(uta)))
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
    expect(await living(uta.userId)).toHaveLength(6)
  })
})

test('a change of the password that is under way does not replace the one that was set meanwhile', async () => {
  const uta = await somebody()
  const thief = await signIn(uta)
  const open = await gate('select from credentials where id = $1 for update', [uta.userId])
  const resetting = (await as(ada)).post(`/v1/users/${uta.userId}/reset-password`)
  await waiting(1)
  // Has looked that the session lives, and that the password is right.
  const changing = thief.client.post('/v1/me/password', { currentPassword: password, newPassword: next })
  await waiting(2)
  await open()
  const temporary = String((await resetting).body['temporaryPassword'])
  expect(await changing).toMatchObject({ status: 409, body: { code: 'current_password_not_right' } })
  expect((await enter(uta, { password: next })).status).toBe(401)
  expect((await enter(uta, { password: temporary })).body.mustFirst).toBe('change_password')
})

describe('a machine that is just signing in', () => {
  const account = async () => {
    const { id, clientId } = await aServiceAccount(nora, ['me.read', 'organizations.list'])
    const { id: keyId, secret } = await aKey(id)
    return { id, keyId, given: { client_id: clientId, client_secret: secret } }
  }
  type Account = Awaited<ReturnType<typeof account>>
  const changes: [string, number, (of: Account) => Promise<{ status: number }>][] = [
    [
      'its key is revoked',
      401,
      async ({ keyId }) => (await as(ada)).post(`/v1/service-account-keys/${keyId}/revoke`),
    ],
    [
      'it is switched off',
      401,
      async ({ id }) => (await as(ada)).edit(`/v1/service-accounts/${id}`, { active: false }),
    ],
    [
      'it may do less',
      200,
      async ({ id }) =>
        (await as(ada)).edit(`/v1/service-accounts/${id}`, { scopes: ['organizations.list'] }),
    ],
  ]

  test.each(changes)('is out again when %s', async (_, __, change) => {
    const machine = await account()
    const open = await beforeTheSession()
    const entering = tokenFor(machine.given)
    await waiting(1)
    const changing = change(machine)
    await waiting(2, changing)
    await open()
    expect((await changing).status).toBe(200)
    const { body } = done(await entering)
    expect((await withToken(body.access_token).get('/v1/me')).status).toBe(401)
    expect(await living(machine.id)).toEqual([])
  })

  test.each(changes)('gets nothing of what it had before when %s', async (_, expected, change) => {
    const machine = await account()
    done(await tokenFor(machine.given))
    const open = await whileTheyEnd(machine.id)
    const changing = change(machine)
    await waiting(1)
    const entering = tokenFor(machine.given)
    await waiting(2, entering)
    await open()
    expect((await changing).status).toBe(200)
    const { status, body } = await entering
    expect(status).toBe(expected)
    if (status === 200) {
      expect(body.scope).toBe('organizations.list')
      expect((await withToken(body.access_token).get('/v1/me')).status).toBe(403)
    } else expect(await living(machine.id)).toEqual([])
  })
})

describe('in the trail a refusal stands once, as a refusal', () => {
  const trail = (requestId: string) =>
    sql('select action, status, code from audit_events where request_id = $1', [requestId])

  test('of a refresh token that was used twice, and the end of its session stays', async () => {
    const { client, refreshToken } = await signIn(otto)
    const first = done(await refresh(refreshToken))
    const again = await refresh(refreshToken)
    expect(again).toMatchObject({ status: 401, body: { code: 'session_ended' } })
    expect(await trail(again.body.requestId)).toEqual([
      { action: 'auth.refresh', status: 401, code: 'session_ended' },
    ])
    expect((await client.get('/v1/me')).status).toBe(401)
    const late = await refresh(first.body.refreshToken)
    expect(await trail(late.body.requestId)).toEqual([
      { action: 'auth.refresh', status: 401, code: 'session_ended' },
    ])
  })

  test('of an assertion that was used twice', async () => {
    const account = await aServiceAccount(nora, ['me.read'])
    const made = await assertion(account.clientId, await aKeyPair(account.id))
    done(await tokenFor(proving(made)))
    const again = await tokenFor(proving(made))
    expect(again).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(await trail(again.body.requestId)).toEqual([
      { action: 'service_accounts.sign_in', status: 401, code: 'invalid_client' },
    ])
    expect(await living(account.id)).toHaveLength(1)
  })
})

test('whoever was deactivated is not back in with what they had when they are active again', async () => {
  const uta = await somebody()
  const [one, another] = [await signIn(uta), await signIn(uta)]
  const colleague = await signIn(nora)
  const admin = await as(ada)
  const path = `/v1/users/${uta.userId}`
  done(await admin.edit(path, { name: 'Uta Anders' }))
  expect((await one.client.get('/v1/me')).status).toBe(200)
  done(await admin.edit(path, { active: false }))
  done(await admin.edit(path, { active: true }))
  for (const { client, refreshToken } of [one, another]) {
    expect((await client.get('/v1/me')).status).toBe(401)
    expect((await refresh(refreshToken)).status).toBe(401)
  }
  expect((await colleague.client.get('/v1/me')).status).toBe(200)
  expect((await enter(uta)).status).toBe(200)
})

describe('a session that is over', () => {
  const aged = (userId: string, days: number) =>
    sql(`update sessions set expires_at = now() - $2 * interval '1 day' where user_id = $1`, [userId, days])
  const kept = (userId: string) => sql('select from sessions where user_id = $1', [userId])

  test('is forgotten a week later, by the clock of its municipality and nobody else', async () => {
    const [uta, lives] = [await somebody(), await somebody()]
    await signIn(uta)
    const { client } = await signIn(lives)
    await aged(uta.userId, keptForDays - 0.1)
    expect(await forgetSessions(db, nora.tenantId)).toBe(0)
    const remove = 'delete from sessions where tenant_id = $1 and user_id = $2'
    const clock = { tenant_id: nora.tenantId, role: 'clock' }
    const gone = async (context: object) =>
      (await asService(context, remove, [nora.tenantId, uta.userId])).rowCount
    expect(await gone(clock)).toBe(0)

    await aged(uta.userId, keptForDays + 0.1)
    for (const context of [contextOf(uta), contextOf(ada), { tenant_id: nora.tenantId, role: 'login' }])
      expect(await gone(context)).toBe(0)
    expect(await gone(clock)).toBe(1)
    expect(await forgetSessions(db, otto.tenantId)).toBe(0)
    expect(await forgetSessions(db, nora.tenantId)).toBe(1)
    expect(await kept(uta.userId)).toEqual([])
    expect(await forgetSessions(db, nora.tenantId)).toBe(0)
    expect((await client.get('/v1/me')).status).toBe(200)
  })

  test('goes with the tick', async () => {
    const uta = await somebody()
    await signIn(uta)
    await aged(uta.userId, keptForDays + 1)
    const { keys, log } = service
    const runner = startJobs({ workerUrl: urls.worker, db, keys, log, mail: undefined })
    await expect.poll(() => kept(uta.userId), { timeout: 10_000 }).toEqual([])
    await runner.end()
  })

  test('is not begun anew by the token of a provider when it is forgotten', async () => {
    const idp = await anIdentityProvider('https://lotse.lindenau.example')
    const mapping = {
      claim: 'groups',
      value: 'planners',
      role: 'planner',
      organizationId: nora.organizationId,
    }
    const { issuer, audience } = idp
    const admin = await as(ada)
    done(
      await admin.post<Body>('/v1/identity-providers', {
        issuer,
        audience,
        label: 'Keycloak of the city',
        linkByEmail: true,
        mappings: [mapping],
      }),
    )
    const uta = await somebody()
    const day = 86_400
    const claims = { sub: randomUUID(), email: uta.email, email_verified: true, groups: ['planners'] }
    // One that is good for a month, which no provider should make.
    const stolen = await idp.sign({ ...claims, exp: idp.now() + 30 * day })
    expect((await withToken(stolen).get('/v1/me')).status).toBe(200)
    await sql('update sessions set revoked_at = now() where user_id = $1', [uta.userId])
    expect((await withToken(stolen).get('/v1/me')).status).toBe(401)

    // A month later in the database: nothing remembers it any more.
    await aged(uta.userId, keptForDays + 1)
    await forgetSessions(db, nora.tenantId)
    expect(await kept(uta.userId)).toEqual([])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + (keptForDays + 1) * day * 1000 })
    try {
      expect((await withToken(stolen).get('/v1/me')).status).toBe(401)
      const fresh = await idp.sign({ ...claims, iat: idp.now(), exp: idp.now() + 300 })
      expect((await withToken(fresh).get('/v1/me')).status).toBe(200)
    } finally {
      vi.useRealTimers()
    }
  })
})
