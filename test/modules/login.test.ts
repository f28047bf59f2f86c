// Does guessing pay, is a code good once, and may somebody who has to put something right do nothing else?
import { TOTP } from 'otpauth'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { access, type Action, type Role } from '../../src/access.ts'
import { actor } from '../../src/platform/actor.ts'
import { forgetAttempts } from '../../src/platform/attempts.ts'
import { roundTrips } from '../../src/platform/batch.ts'
import { barrier } from '../concurrency/barrier.ts'
import { createChecker } from '../support/answers.ts'
import { lotse } from '../support/app.ts'
import { ada, bea, hanna, nils, nora, orhan, otto, paul, petra, type Member } from '../support/cast.ts'
import { createClient, type Answer, type Options } from '../support/http.ts'
import { password } from '../support/people.ts'
import { contextOf } from '../support/sql.ts'

const service = await lotse({ databasePool: 24 })
const { as, nobody, somebody, signIn, withToken, sql, urls, keys, log, routes, document, db, asService } =
  service
const together = barrier(service)

interface Tokens {
  accessToken: string
  refreshToken: string
  membershipId: string
  mustFirst: string | null
  code: string
}
interface Factor {
  id: string
  state: string
  recoveryCodesLeft: number
  secret: string | null
  uri: string | null
  recoveryCodes: string[] | null
}
type Given = Partial<Record<'municipality' | 'email' | 'password' | 'otp' | 'membershipId', string>>

const noPassword = 'a wrong sentence is not enough'
const enter = (given: Given, options?: Options) =>
  nobody.post<Tokens>('/v1/auth/token', { municipality: 'lindenau', password, ...given }, options)
const asWhom = ({ municipality, email, membershipId }: Member) => ({ municipality, email, membershipId })

const codeOf = (secret: string, away = 0) =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + away * 30_000 })
/** The device shows another code than the one before: time has passed. */
const laterFor = ({ userId }: Member) =>
  sql('update second_factors set last_step = last_step - 10 where id = $1', [userId])

async function withFactor(member: Member) {
  const { client } = await signIn(member)
  const begun = await client.post<Factor>('/v1/me/second-factor', { currentPassword: password })
  const secret = begun.body.secret!
  const on = await client.post<Factor>('/v1/me/second-factor/confirm', { code: codeOf(secret) })
  if (on.status !== 200) throw new Error(on.text)
  await laterFor(member)
  return { client, secret, recoveryCodes: on.body.recoveryCodes! }
}

const counters = () =>
  sql<{ failures: number; blocked: boolean }>(
    `select failures, coalesce(blocked_until > now(), false) as blocked from attempt_counters
     order by last_at desc, failures desc`,
  )
/** The next quarter of an hour has passed. */
const waited = () => sql(`update attempt_counters set blocked_until = now() - interval '1 second'`)
const forgotten = () => sql('delete from attempt_counters')

/** Everything that could tell one refusal from another. */
function seen({ status, text, headers }: Answer<unknown>) {
  const { date: _, ...rest } = headers
  const { requestId, ...body } = JSON.parse(text) as { requestId: string }
  expect(requestId).toHaveLength(36)
  return JSON.stringify([status, body, rest])
}

/** Of a role every route that members may call, and which answers nothing but 403. */
async function openedBy(token: string, role: Role, except: readonly string[]) {
  const client = withToken(token)
  const opened: string[] = []
  let tried = 0
  for (const { method, url, config } of routes) {
    const action = config!.action!
    const { who } = access[action]
    if (typeof who === 'string' || !(who as readonly string[]).includes(role) || except.includes(action))
      continue
    const path = url.replace(/:\w+/g, randomUUID())
    const { status, text } = await client.send(String(method), path, method === 'GET' ? undefined : '{}', {
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    })
    tried += 1
    if (status !== 403 || !text.includes('"not_allowed"')) opened.push(`${action}: ${status}`)
  }
  return { opened, tried }
}

describe('a second factor', () => {
  test('is begun with the password, shown once, and on only with a code of it', async () => {
    const uta = await somebody()
    const { client } = await signIn(uta)
    expect((await client.get<Factor>('/v1/me/second-factor')).body).toMatchObject({
      state: 'off',
      secret: null,
    })
    expect((await client.post('/v1/me/second-factor/confirm', { code: '123456' })).status).toBe(404)
    const without = await client.post('/v1/me/second-factor', { currentPassword: noPassword })
    expect(without).toMatchObject({ status: 409, body: { code: 'current_password_not_right' } })

    const begun = await client.post<Factor>('/v1/me/second-factor', { currentPassword: password })
    expect(begun.body).toMatchObject({ id: uta.userId, state: 'begun', recoveryCodes: null })
    const { secret, uri } = begun.body
    expect(uri).toContain(secret)
    const looked = await client.get<Factor>('/v1/me/second-factor')
    expect(looked.body).toMatchObject({ state: 'begun', secret: null, uri: null })
    // Begun is not on: until then it opens and closes nothing.
    expect((await enter(asWhom(uta))).status).toBe(200)

    const again = await client.post<Factor>('/v1/me/second-factor', { currentPassword: password })
    expect(again.body.secret).not.toBe(secret)
    await forgotten()
    for (const code of [codeOf(secret!), codeOf(again.body.secret!, 3)])
      expect(await client.post('/v1/me/second-factor/confirm', { code })).toMatchObject({
        status: 409,
        body: { code: 'code_not_right' },
      })
    expect((await counters()).map(({ failures }) => failures)).toEqual([2, 2])
    const on = await client.post<Factor>('/v1/me/second-factor/confirm', { code: codeOf(again.body.secret!) })
    expect(on.body).toMatchObject({ state: 'on', recoveryCodesLeft: 10, secret: null, uri: null })
    expect(new Set(on.body.recoveryCodes).size).toBe(10)
    const now = await client.get<Factor>('/v1/me/second-factor')
    expect(now.body).toMatchObject({ state: 'on', recoveryCodesLeft: 10, recoveryCodes: null })
    expect(await client.post('/v1/me/second-factor', { currentPassword: password })).toMatchObject({
      status: 409,
      body: { code: 'second_factor_is_on' },
    })
    // The code with which it was switched on is used up.
    expect((await enter({ ...asWhom(uta), otp: codeOf(again.body.secret!) })).status).toBe(401)
  })

  test('is asked for after the right password only, and never before', async () => {
    const uta = await somebody()
    const { secret } = await withFactor(uta)
    const needed = await enter(asWhom(uta))
    expect(needed).toMatchObject({ status: 401, body: { code: 'second_factor_needed' } })
    const unknown = await enter({ ...asWhom(uta), email: `${randomUUID()}@lindenau.example` })
    const tries = [
      await enter({ ...asWhom(uta), password: noPassword }),
      await enter({ ...asWhom(uta), password: noPassword, otp: codeOf(secret) }),
      await enter({ ...asWhom(uta), otp: '000000' }),
      await enter({ ...asWhom(uta), otp: 'ABCDE-FGHJK' }),
    ]
    for (const one of tries) expect(seen(one)).toBe(seen(unknown))
    // Neither did the wrong password use the code up.
    expect((await enter({ ...asWhom(uta), otp: codeOf(secret) })).status).toBe(200)
  })

  test('gives each code once: shown again inside its window it is refused', async () => {
    const uta = await somebody()
    const { secret } = await withFactor(uta)
    const otp = codeOf(secret)
    expect((await enter({ ...asWhom(uta), otp })).status).toBe(200)
    expect(await enter({ ...asWhom(uta), otp })).toMatchObject({
      status: 401,
      body: { code: 'sign_in_failed' },
    })
    // Nor is the one before it good any more, which the window alone would let pass.
    expect((await enter({ ...asWhom(uta), otp: codeOf(secret, -1) })).status).toBe(401)
    expect((await enter({ ...asWhom(uta), otp: codeOf(secret, 1) })).status).toBe(200)
  })

  test('lets one of two requests in that bring the same code at the same instant', async () => {
    const uta = await somebody()
    const { secret } = await withFactor(uta)
    for (let round = 0; round < 20; round++) {
      const given = { ...asWhom(uta), otp: codeOf(secret) }
      const answers = await together({ table: 'second_factors', id: uta.userId }, [
        () => enter(given),
        () => enter(given),
      ])
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401])
      await laterFor(uta)
    }
  })

  test('lets one of two requests in that bring the same recovery code at the same instant', async () => {
    const uta = await somebody()
    const { recoveryCodes } = await withFactor(uta)
    for (const otp of recoveryCodes.slice(0, 5)) {
      const answers = await together({ table: 'second_factors', id: uta.userId }, [
        () => enter({ ...asWhom(uta), otp }),
        () => enter({ ...asWhom(uta), otp }),
      ])
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401])
    }
  })

  test('takes a recovery code instead, each once, as people type it', async () => {
    const [uta, other] = [await somebody(), await somebody()]
    const { client, recoveryCodes } = await withFactor(uta)
    await withFactor(other)
    const [code, second] = recoveryCodes
    expect((await enter({ ...asWhom(other), otp: code! })).status).toBe(401)
    expect((await enter({ ...asWhom(uta), otp: code!.toLowerCase().replace('-', ' ') })).status).toBe(200)
    expect((await enter({ ...asWhom(uta), otp: code! })).status).toBe(401)
    expect((await enter({ ...asWhom(uta), otp: second! })).status).toBe(200)
    expect((await client.get<Factor>('/v1/me/second-factor')).body.recoveryCodesLeft).toBe(8)
  })

  test('is kept so that nobody reads it: neither secret nor recovery code stands anywhere', async () => {
    const uta = await somebody()
    const { secret, recoveryCodes } = await withFactor(uta)
    const tables = await sql<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    )
    const { bytes } = new TOTP({ secret }).secret
    const traces = [secret, Buffer.from(bytes).toString('hex'), ...recoveryCodes]
    for (const { name } of tables) {
      const lines = JSON.stringify(await sql(`select t::text from "${name}" t`))
      for (const trace of traces) expect(lines.includes(trace), name).toBe(false)
    }
    expect(service.logged().join('\n')).not.toContain(secret)
  })

  test('is switched off with a code, and a wrong one counts', async () => {
    const uta = await somebody()
    const { client, secret } = await withFactor(uta)
    await forgotten()
    const end = (code: string, options = {}) => client.post('/v1/me/second-factor/end', { code }, options)
    for (const wrong of ['000000', codeOf(secret, 5), 'ABCDE-FGHJK'])
      expect(await end(wrong)).toMatchObject({ status: 409, body: { code: 'code_not_right' } })
    expect((await counters())[0]).toMatchObject({ failures: 3 })
    const right = codeOf(secret)
    const off = { status: 200, body: { state: 'off', recoveryCodesLeft: 0 } }
    expect(await end(right, { idempotencyKey: 'off' })).toMatchObject(off)
    expect(await client.get<Factor>('/v1/me/second-factor')).toMatchObject(off)
    const again = await end(right, { idempotencyKey: 'off' })
    expect(again).toMatchObject({ ...off, headers: { 'idempotent-replayed': 'true' } })
    expect(await end(codeOf(secret, 1))).toMatchObject({
      status: 409,
      body: { code: 'second_factor_is_off' },
    })
    expect((await enter(asWhom(uta))).status).toBe(200)
  })

  test('is taken away by the administrator for whoever lost it, without a word about it, and their sessions end', async () => {
    const [uta, plain] = [await somebody(), await somebody()]
    const { client } = await withFactor(uta)
    const admin = await as(ada)
    const remove = (id: string, by = admin) => by.post(`/v1/users/${id}/remove-second-factor`)
    expect((await remove(uta.userId, await as(orhan))).status).toBe(404)
    expect((await remove(uta.userId, await as(nora))).status).toBe(403)
    expect((await enter(asWhom(uta))).status).toBe(401)

    const removed = await remove(uta.userId)
    expect(removed.status).toBe(200)
    expect(removed.text).toBe((await admin.get(`/v1/users/${uta.userId}`)).text)
    // Whoever had none reads the same.
    expect(Object.keys((await remove(plain.userId)).body)).toEqual(Object.keys(removed.body))
    expect((await client.get('/v1/me')).status).toBe(401)
    expect((await enter(asWhom(uta))).status).toBe(200)
    expect(await remove(ada.userId)).toMatchObject({ status: 409, body: { code: 'own_credentials' } })
  })

  test('is a matter of its owner alone: the walls show it to nobody else', async () => {
    const uta = await somebody()
    await withFactor(uta)
    const count = async (context: object) =>
      (await asService(context, 'select id from second_factors where id = $1', [uta.userId])).rowCount
    expect(await count(contextOf(uta))).toBe(1)
    for (const other of [nora, hanna, ada, otto, orhan]) expect(await count(contextOf(other))).toBe(0)
    for (const act of ['delete from second_factors', 'update second_factors set confirmed_at = null'])
      for (const other of [nora, ada, orhan])
        expect((await asService(contextOf(other), act)).rowCount).toBe(0)
    const named = { ...contextOf(ada), credentials_of: uta.userId }
    expect((await asService(named, 'delete from second_factors')).rowCount).toBe(1)
    expect((await asService({ ...named, role: 'navigator' }, 'delete from second_factors')).rowCount).toBe(0)
    expect(
      (await asService({ ...contextOf(orhan), credentials_of: uta.userId }, 'delete from second_factors'))
        .rowCount,
    ).toBe(0)
  })
})

describe('a municipality that demands a second factor', () => {
  const settings = '/v1/tenant/settings'
  const demand = async (secondFactorRequired: string) =>
    expect((await (await as(ada)).edit(settings, { secondFactorRequired })).status).toBe(200)
  afterAll(() => demand('none'))

  test('says so through its administrator, who names the version', async () => {
    const admin = await as(ada)
    const { body, headers } = await admin.get(settings)
    expect(body).toMatchObject({ secondFactorRequired: 'none' })
    expect((await admin.patch(settings, { secondFactorRequired: 'everyone' })).status).toBe(428)
    const changed = await admin.patch(
      settings,
      { secondFactorRequired: 'everyone' },
      { ifMatch: headers['etag'] },
    )
    expect(changed.body).toMatchObject({ secondFactorRequired: 'everyone', version: body.version + 1 })
    const stale = await admin.patch(settings, { secondFactorRequired: 'none' }, { ifMatch: headers['etag'] })
    expect(stale.status).toBe(412)
    expect((await (await as(nora)).edit(settings, { secondFactorRequired: 'none' })).status).toBe(403)
    expect((await (await as(otto)).get(settings)).body).toMatchObject({ secondFactorRequired: 'none' })
    await demand('none')
  })

  test.each([
    ['none', nora, null],
    ['content_roles', nora, 'set_up_second_factor'],
    ['content_roles', petra, 'set_up_second_factor'],
    ['content_roles', bea, null],
    ['everyone', bea, 'set_up_second_factor'],
    ['everyone', otto, null],
  ] as const)('%s: $key', async (required, who, mustFirst) => {
    await demand(required)
    expect((await enter(asWhom(who))).body.mustFirst).toBe(mustFirst)
  })

  test('lets whoever has none in to set one up and to do nothing else', async () => {
    await demand('everyone')
    const uta = await somebody('navigation_head')
    const limited = (await enter(asWhom(uta))).body
    expect(limited.mustFirst).toBe('set_up_second_factor')
    const allowed = ['second_factor.read', 'second_factor.start', 'second_factor.confirm', 'auth.sign_out']
    const { opened, tried } = await openedBy(limited.accessToken, 'navigation_head', allowed)
    expect(opened).toEqual([])
    expect(tried).toBeGreaterThan(100)
    // Renewing it opens nothing more, and it lives for a quarter of an hour.
    const renewed = await nobody.post<Tokens>('/v1/auth/refresh', { refreshToken: limited.refreshToken })
    expect(renewed.body.mustFirst).toBe('set_up_second_factor')
    expect((await withToken(renewed.body.accessToken).get('/v1/me')).status).toBe(403)
    const [session] = await sql(
      `select expires_at < now() + interval '15 minutes' as soon from sessions where user_id = $1`,
      [uta.userId],
    )
    expect(session).toEqual({ soon: true })

    const client = withToken(renewed.body.accessToken)
    expect((await client.get<Factor>('/v1/me/second-factor')).body.state).toBe('off')
    const { secret } = (await client.post<Factor>('/v1/me/second-factor', { currentPassword: password })).body
    const on = await client.post('/v1/me/second-factor/confirm', { code: codeOf(secret!) })
    expect(on.status).toBe(200)
    // It does not turn into more by having done so.
    expect((await client.get('/v1/me')).status).toBe(403)
    await laterFor(uta)
    const full = await enter({ ...asWhom(uta), otp: codeOf(secret!) })
    expect(full.body.mustFirst).toBeNull()
    expect((await withToken(full.body.accessToken).get('/v1/me')).status).toBe(200)
    expect((await client.post('/v1/auth/logout')).status).toBe(204)
  })
})

describe('a password', () => {
  const next = 'die Katze schläft um drei'
  test('is changed with the current one, and every other session of its owner ends', async () => {
    const uta = await somebody()
    const [mine, elsewhere] = [await signIn(uta), await signIn(uta)]
    const others = await signIn(nils)
    await forgotten()
    const change = (currentPassword: string, newPassword: string) =>
      mine.client.post('/v1/me/password', { currentPassword, newPassword })
    expect(await change(noPassword, next)).toMatchObject({
      status: 409,
      body: { code: 'current_password_not_right', errors: [{ pointer: '/currentPassword' }] },
    })
    expect((await counters())[0]).toMatchObject({ failures: 1 })
    expect(await change(password, uta.email)).toMatchObject({ body: { code: 'password_easily_guessed' } })
    expect(await change(password, 'Passwort1234')).toMatchObject({
      body: { code: 'password_easily_guessed' },
    })
    expect(await change(password, password)).toMatchObject({ body: { code: 'password_unchanged' } })
    expect((await change(password, 'zu kurz')).status).toBe(400)
    expect((await elsewhere.client.get('/v1/me')).status).toBe(200)

    const done = await change(password, next)
    expect(done).toMatchObject({ status: 204, text: '' })
    expect((await mine.client.get('/v1/me')).status).toBe(200)
    expect((await elsewhere.client.get('/v1/me')).status).toBe(401)
    expect((await nobody.post('/v1/auth/refresh', { refreshToken: elsewhere.refreshToken })).status).toBe(401)
    expect((await others.client.get('/v1/me')).status).toBe(200)
    expect((await enter(asWhom(uta))).status).toBe(401)
    expect((await enter({ ...asWhom(uta), password: next })).body.mustFirst).toBeNull()
  })

  test('is guessed at by a stolen session as slowly as at the door', async () => {
    const uta = await somebody()
    const { client } = await signIn(uta)
    const change = () => client.post('/v1/me/password', { currentPassword: noPassword, newPassword: next })
    for (let tries = 0; tries < 6; tries++) expect((await change()).status).toBe(409)
    const blocked = await change()
    expect(blocked).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } })
    expect(blocked.headers['retry-after']).toBe('1')
    expect((await enter(asWhom(uta))).status).toBe(429)
    await waited()
  })

  test('is given by the administrator for a while, and opens nothing but the way to another one', async () => {
    const uta = await somebody()
    const before = await signIn(uta)
    const admin = await as(ada)
    const reset = `/v1/users/${uta.userId}/reset-password`
    expect((await (await as(orhan)).post(reset)).status).toBe(404)
    expect((await (await as(hanna)).post(reset)).status).toBe(403)
    expect((await before.client.get('/v1/me')).status).toBe(200)
    const idempotencyKey = randomUUID()
    const given = await admin.post(reset, undefined, { idempotencyKey })
    const temporary = String(given.body['temporaryPassword'])
    expect(temporary).toMatch(/^[\w-]{23}$/)
    expect((await before.client.get('/v1/me')).status).toBe(401)
    // Whoever repeats the request does not read it once more, nor does anybody else.
    const again = await admin.post(reset, undefined, { idempotencyKey })
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.text).not.toContain(temporary)
    expect((await admin.get(`/v1/users/${uta.userId}`)).text).not.toContain(temporary)
    expect(service.logged().join('\n')).not.toContain(temporary)

    expect((await enter(asWhom(uta))).status).toBe(401)
    const limited = (await enter({ ...asWhom(uta), password: temporary })).body
    expect(limited.mustFirst).toBe('change_password')
    const { opened, tried } = await openedBy(limited.accessToken, 'navigator', [
      'passwords.change',
      'auth.sign_out',
    ])
    expect(opened).toEqual([])
    expect(tried).toBeGreaterThan(100)
    const client = withToken(limited.accessToken)
    const change = { currentPassword: temporary, newPassword: next }
    expect((await client.post('/v1/me/password', change)).status).toBe(204)
    expect((await client.get('/v1/me')).status).toBe(403)
    expect((await enter({ ...asWhom(uta), password: temporary })).status).toBe(401)
    expect((await enter({ ...asWhom(uta), password: next })).body.mustFirst).toBeNull()
  })

  describe('that somebody gets with their login', () => {
    const first = 'der Fluss führt heute Eis'
    const added = async (given: object = {}) => {
      const person = { email: `${randomUUID()}@lindenau.example`, name: 'Ulla Neu', language: 'de' }
      const answer = await (await as(ada)).post('/v1/users', { ...person, password: first, ...given })
      return { email: person.email, answer, userId: answer.body.id }
    }
    const asPlanner = async (userId: string) =>
      (await as(ada)).post(`/v1/users/${userId}/memberships`, {
        role: 'planner',
        organizationId: nora.organizationId,
      })

    test('is known to whoever gave it: it opens nothing but the way to another one', async () => {
      const { email, userId } = await added()
      await asPlanner(userId)
      const limited = (await enter({ email, password: first })).body
      expect(limited.mustFirst).toBe('change_password')
      const { opened, tried } = await openedBy(limited.accessToken, 'planner', [
        'passwords.change',
        'auth.sign_out',
      ])
      expect(opened).toEqual([])
      expect(tried).toBeGreaterThan(20)
      const change = { currentPassword: first, newPassword: next }
      expect((await withToken(limited.accessToken).post('/v1/me/password', change)).status).toBe(204)
      expect((await enter({ email, password: first })).status).toBe(401)
      expect((await enter({ email, password: next })).body.mustFirst).toBeNull()
    })

    test('is none after 72 hours', async () => {
      const { email, userId } = await added()
      await asPlanner(userId)
      const [kept] = await sql<{ hours: number }>(
        `select extract(epoch from temporary_until - now())::float / 3600 as hours from credentials where id = $1`,
        [userId],
      )
      expect(kept!.hours).toBeGreaterThan(71.9)
      expect(kept!.hours).toBeLessThanOrEqual(72)
      await sql(`update credentials set temporary_until = now() - interval '1 second' where id = $1`, [
        userId,
      ])
      expect(await enter({ email, password: first })).toMatchObject({
        status: 401,
        body: { code: 'sign_in_failed' },
      })
    })

    test.each(['Passwort1234', 'Ulla Neu 2026!', 'Lindenau2026!', 'qwertzuiopü123'])(
      'is not %j, which is easily guessed, and then nobody is added',
      async (password) => {
        const { email, answer } = await added({ password })
        const code = 'password_easily_guessed'
        expect(answer).toMatchObject({
          status: 409,
          body: { code, errors: [{ pointer: '/password', code }] },
        })
        expect(await sql('select from users where email = $1', [email])).toEqual([])
      },
    )

    test('lasts for those with whom a municipality was set up', async () => {
      for (const { municipality, email } of [ada, orhan])
        expect((await enter({ municipality, email })).body.mustFirst).toBeNull()
    })
  })

  test('that was given for a while is none after 72 hours', async () => {
    const uta = await somebody()
    const { body } = await (await as(ada)).post(`/v1/users/${uta.userId}/reset-password`)
    expect(Date.parse(String(body['temporaryUntil'])) - Date.now()).toBeGreaterThan(71.9 * 3_600_000)
    await sql(`update credentials set temporary_until = now() - interval '1 second' where id = $1`, [
      uta.userId,
    ])
    const late = await enter({ ...asWhom(uta), password: String(body['temporaryPassword']) })
    expect(late).toMatchObject({ status: 401, body: { code: 'sign_in_failed' } })
  })

  test('of the administrator is not reset by a session of theirs', async () => {
    const refused = await (await as(ada)).post(`/v1/users/${ada.userId}/reset-password`)
    expect(refused).toMatchObject({ status: 409, body: { code: 'own_credentials' } })
    expect((await enter(asWhom(ada))).status).toBe(200)
  })

  test('is read by nobody but the login', async () => {
    const look = 'select password_hash from credentials'
    for (const member of [nora, hanna, ada, orhan])
      expect((await asService(contextOf(member), look)).rowCount).toBe(0)
    const set = `update credentials set password_hash = 'x'`
    for (const member of [nora, ada]) expect((await asService(contextOf(member), set)).rowCount).toBe(0)
    // Even where somebody is named: a colleague sets nothing, and the administrator of another place neither.
    for (const member of [hanna, orhan])
      expect((await asService({ ...contextOf(member), credentials_of: nora.userId }, set)).rowCount).toBe(0)
    expect((await asService({ ...contextOf(ada), credentials_of: nora.userId }, set)).rowCount).toBe(1)
  })
})

describe('guessing', () => {
  const unknown = () => `${randomUUID()}@lindenau.example`
  const wrong = (given: Given, options?: Options) => enter({ ...given, password: noPassword }, options)
  const guessed = async (times: number, given: Given, options?: Options) => {
    const statuses: number[] = []
    for (let at = 0; at < times; at++) statuses.push((await wrong(given, options)).status)
    return statuses
  }

  test('is free five times, then it takes longer and longer, for the right password too', async () => {
    await forgotten()
    const uta = await somebody()
    expect(await guessed(6, asWhom(uta))).toEqual([401, 401, 401, 401, 401, 401])
    const right = await enter(asWhom(uta))
    expect(right).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } })
    expect(right.headers['retry-after']).toBe('1')
    for (const seconds of [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      await waited()
      expect((await wrong(asWhom(uta))).status).toBe(401)
      expect((await wrong(asWhom(uta))).headers['retry-after']).toBe(String(seconds))
    }
    await waited()
    expect((await enter(asWhom(uta))).status).toBe(200)
    // After a success it begins anew.
    expect(await guessed(6, asWhom(uta))).toEqual([401, 401, 401, 401, 401, 401])
    expect((await wrong(asWhom(uta))).headers['retry-after']).toBe('1')
    await forgotten()
  })

  test('waits as long as it is told and no longer', async () => {
    await forgotten()
    const uta = await somebody()
    await guessed(6, asWhom(uta))
    const { headers } = await enter(asWhom(uta))
    await sleep(Number(headers['retry-after']) * 1000)
    expect((await enter(asWhom(uta))).status).toBe(200)
  })

  test('is counted for everybody who guesses at the same instant', async () => {
    await forgotten()
    const uta = await somebody()
    const gate = new pg.Client({ connectionString: urls.admin })
    await gate.connect()
    // Whoever begins reads; whoever was wrong wants to count, and waits here for all the others.
    await gate.query('begin; lock table attempt_counters in share row exclusive mode')
    const all = Promise.all(Array.from({ length: 20 }, () => wrong(asWhom(uta))))
    const waiting = async () =>
      Number(
        (
          await sql(
            `select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          )
        )[0]!['n'],
      )
    while ((await waiting()) < 20) await sleep(5)
    await gate.query('rollback')
    await gate.end()
    expect((await all).map(({ status }) => status)).toEqual(Array(20).fill(401))
    expect((await counters()).map(({ failures }) => failures)).toEqual([20, 20])
    expect((await enter(asWhom(uta))).headers['retry-after']).toBe('900')

    // With nothing left for free, of twenty guesses at the same instant one is looked at.
    await waited()
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await wrong(asWhom(uta))).status),
    )
    expect(statuses.filter((status) => status === 401)).toHaveLength(1)
    expect(statuses.filter((status) => status === 429)).toHaveLength(19)
    expect((await counters()).map(({ failures }) => failures)).toEqual([21, 21])
    await forgotten()
  })

  test('says nothing about who there is: every refusal is the same, before the delay and during it', async () => {
    await forgotten()
    const [known, gone, secured] = [await somebody(), await somebody(), await somebody()]
    await (await as(ada)).edit(`/v1/users/${gone.userId}`, { active: false })
    await withFactor(secured)
    const cases: Record<string, Given> = {
      'wrong password': asWhom(known),
      'wrong membership': { ...asWhom(await somebody()), password, membershipId: otto.membershipId },
      deactivated: { ...asWhom(gone), password },
      'unknown e-mail': { email: unknown() },
      'unknown municipality': { municipality: 'nowhere', email: unknown() },
      'e-mail of elsewhere': { email: otto.email },
      'wrong code': { ...asWhom(secured), password, otp: '000000' },
    }
    const refusals = new Map<string, string>()
    const locked = new Map<string, string>()
    for (const [name, given] of Object.entries(cases)) {
      const attempt = () => enter({ password: noPassword, ...given })
      for (let at = 0; at < 6; at++) refusals.set(name, seen(await attempt()))
      locked.set(name, seen(await attempt()))
    }
    expect([...new Set(refusals.values())], JSON.stringify([...refusals], null, 1)).toHaveLength(1)
    expect([...new Set(locked.values())], JSON.stringify([...locked], null, 1)).toHaveLength(1)
    expect([...refusals.values()][0]).toContain('sign_in_failed')
    expect([...locked.values()][0]).toContain('too_many_attempts')
    await forgotten()
  })

  test('stands in the trail, also what was not looked at, without address and password', async () => {
    await forgotten()
    const uta = await somebody()
    await guessed(7, asWhom(uta))
    const rows = await sql<{ line: string; status: number; code: string; object_ids: string[] }>(
      `select a::text as line, status, code, object_ids from audit_events a where action = 'auth.sign_in'
       order by at desc limit 7`,
    )
    expect(rows.map(({ status }) => status)).toEqual([429, 401, 401, 401, 401, 401, 401])
    expect(rows[0]!.code).toBe('too_many_attempts')
    for (const { object_ids } of rows) expect(object_ids).toContain(uta.userId)
    for (const { line } of rows)
      for (const word of [uta.email, noPassword, '127.0.0.1']) expect(line).not.toContain(word)
    // A municipality that is not there has no trail, and counts all the same.
    const before = await sql('select from audit_events')
    const nowhere = { municipality: 'nowhere', email: unknown() }
    expect(await guessed(7, nowhere)).toEqual([401, 401, 401, 401, 401, 401, 429])
    expect(await sql('select from audit_events')).toHaveLength(before.length)
    const kept = JSON.stringify(await sql('select t::text from attempt_counters t'))
    for (const word of [uta.email, nowhere.email, 'nowhere', '127.0.0.1', nora.tenantId])
      expect(kept).not.toContain(word)
    await forgotten()
  })

  test('is forgotten after a day; from where somebody really signs in is known for a month', async () => {
    await forgotten()
    const uta = await somebody()
    await guessed(2, { email: unknown() })
    await signIn(uta)
    const forget = () =>
      db.read(
        actor({
          action: 'clock.tick',
          requestId: randomUUID(),
          tenantId: '00000000-0000-0000-0000-000000000000',
        }),
        forgetAttempts,
      )
    const left = async () => (await sql('select from attempt_counters')).length
    // One account, one address, and where Uta is at home.
    expect(await left()).toBe(3)
    await sql(`update attempt_counters set last_at = last_at - interval '23 hours'`)
    await forget()
    expect(await left()).toBe(3)
    await sql(`update attempt_counters set last_at = last_at - interval '1 hour 1 minute'`)
    await forget()
    expect(await left()).toBe(1)
    await sql(`update attempt_counters set familiar_until = now() - interval '1 second'`)
    await forget()
    expect(await left()).toBe(0)
  })

  test('is counted by nobody but the functions that count', async () => {
    await guessed(1, { email: unknown() })
    const nil = '00000000-0000-0000-0000-000000000000'
    for (const context of [contextOf(nora), contextOf(ada), { ...contextOf(ada), tenant_id: nil }, {}])
      for (const act of [
        'select from attempt_counters',
        'update attempt_counters set failures = 0',
        'delete from attempt_counters',
      ])
        expect((await asService(context, act)).rowCount).toBe(0)
    // They give the context back as it was.
    const { rows } = await asService(
      contextOf(nora),
      `select lotse.attempt_succeeded(null, 'x', null)::text || lotse.tenant_id() || lotse.acts_as() as context`,
    )
    expect(rows).toEqual([{ context: `${nora.tenantId}navigator` }])
  })

  describe('from other addresses, and at another process', async () => {
    const elsewhere = await createApp({
      databaseUrl: urls.service,
      databasePool: 4,
      keys,
      log,
      trustProxy: ['127.0.0.1'],
    })
    afterAll(() => elsewhere.app.close())
    const other = createClient(
      await elsewhere.app.listen({ host: '127.0.0.1', port: 0 }),
      createChecker(document),
    )
    const from = (ip: string) => ({ headers: { 'x-forwarded-for': ip } })
    const there = (given: Given, ip: string) =>
      other.post<Tokens>(
        '/v1/auth/token',
        { municipality: 'lindenau', password: noPassword, ...given },
        from(ip),
      )

    test('counts together, whichever process is asked', async () => {
      await forgotten()
      const email = unknown()
      for (let at = 0; at < 3; at++) {
        expect((await wrong({ email })).status).toBe(401)
        expect((await there({ email }, `192.0.2.${at}`)).status).toBe(401)
      }
      for (const answer of [await wrong({ email }), await there({ email }, '192.0.2.9')])
        expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
    })

    test('does not lock out its owner, who goes on where they always sign in', async () => {
      await forgotten()
      const uta = await somebody()
      await signIn(uta)
      const attacker = '203.0.113.7'
      for (let at = 0; at < 6; at++) expect((await there(asWhom(uta), attacker)).status).toBe(401)
      expect((await there(asWhom(uta), attacker)).status).toBe(429)
      expect((await enter(asWhom(uta))).status).toBe(200)
      // Nor does their success help the attacker, here or from yet another address.
      for (const ip of [attacker, '203.0.113.8', '2001:db8::1'])
        expect((await there({ ...asWhom(uta), password }, ip)).status).toBe(429)
      // And whoever guesses where the owner sits is counted there.
      expect(await guessed(6, asWhom(uta))).toEqual(Array(6).fill(401))
      expect((await enter(asWhom(uta))).status).toBe(429)
      await forgotten()
    })

    test('is slow for an address too, whomever it guesses at; right passwords never count', async () => {
      await forgotten()
      const ip = '2001:db8:1:2::10'
      const inTheSameNetwork = '2001:db8:1:2:ffff::1'
      expect((await there({ email: unknown() }, ip)).status).toBe(401)
      await sql('update attempt_counters set failures = 98')
      for (let at = 0; at < 3; at++) expect((await there({ ...asWhom(paul), password }, ip)).status).toBe(200)
      for (let at = 0; at < 3; at++)
        expect((await there({ email: unknown() }, inTheSameNetwork)).status).toBe(401)
      const uta = await somebody()
      const blocked = await there({ ...asWhom(uta), password }, ip)
      expect(blocked).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } })
      expect((await there({ ...asWhom(uta), password }, '2001:db8:1:3::1')).status).toBe(200)
      // Whoever is at home there does not wait for what others guess; their own guesses count as everywhere.
      expect((await there({ ...asWhom(paul), password }, ip)).status).toBe(200)
      // A right password neither counts nor lets the others guess on.
      await waited()
      expect((await there({ ...asWhom(paul), password }, ip)).status).toBe(200)
      expect((await there({ email: unknown() }, ip)).status).toBe(401)
      expect((await there({ email: unknown() }, ip)).status).toBe(429)
      await forgotten()
    })
  })

  test('costs everybody else nothing: a sign-in is two round trips, with a second factor three', async () => {
    const uta = await somebody()
    const trips = async (given: Given) => {
      const before = roundTrips.count
      expect((await enter(given)).status).toBe(200)
      return roundTrips.count - before
    }
    expect(await trips(asWhom(uta))).toBe(2)
    const { secret } = await withFactor(uta)
    expect(await trips({ ...asWhom(uta), otp: codeOf(secret) })).toBe(3)
  })
})

test('nothing of this is left out: every action of signing in is known to the table of access', () => {
  const mine = (Object.keys(access) as Action[]).filter((action) =>
    /^(passwords|second_factor)\./.test(action),
  )
  expect(mine).toHaveLength(7)
})
