// Who gets in, for how long, and what does somebody learn who does not?
import pg from 'pg'
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { ada, agnes, anton, bea, nora, otto, paul } from '../support/cast.ts'
import { password } from '../support/people.ts'

const { as, nobody, signIn, withToken, sql, urls } = await lotse()
type Tokens = { accessToken: string; refreshToken: string; code: string }
const refresh = (refreshToken: string) => nobody.post<Tokens>('/v1/auth/refresh', { refreshToken })

const noraSignsIn = { municipality: 'lindenau', email: nora.email, password }

test('a wrong password, an unknown address and an unknown municipality answer alike, byte by byte', async () => {
  const tries = [
    { ...noraSignsIn, password: 'wrong' },
    { ...noraSignsIn, email: 'nobody@lindenau.example' },
    { ...noraSignsIn, municipality: 'nowhere' },
    { ...noraSignsIn, municipality: 'ostheim' },
    { ...noraSignsIn, membershipId: otto.membershipId },
    { ...noraSignsIn, email: otto.email },
  ]
  const answers = new Set<string>()
  for (const given of tries) {
    const { status, text, headers } = await nobody.post('/v1/auth/token', given)
    expect(status).toBe(401)
    const { date: _, ...rest } = headers
    const { requestId, ...body } = JSON.parse(text) as { requestId: string }
    expect(requestId).toHaveLength(36)
    answers.add(JSON.stringify([body, rest]))
  }
  expect([...answers]).toHaveLength(1)
  expect([...answers][0]).toContain('sign_in_failed')
})

test('an address is the same in capitals', async () => {
  expect(
    (await nobody.post('/v1/auth/token', { ...noraSignsIn, email: nora.email.toUpperCase() })).status,
  ).toBe(200)
})

test('signing in is refused to whoever was deactivated, and their tokens end with the next request', async () => {
  const { client, refreshToken } = await signIn(bea)
  expect((await client.get('/v1/me')).status).toBe(200)
  await (await as(ada)).edit(`/v1/users/${bea.userId}`, { active: false })
  expect((await client.get('/v1/me')).status).toBe(401)
  expect(
    (await nobody.post('/v1/auth/token', { municipality: 'lindenau', email: bea.email, password })).status,
  ).toBe(401)
  expect((await refresh(refreshToken)).status).toBe(401)
})

test('when a membership ends, whoever acts under it is refused with the next request', async () => {
  const { client, refreshToken } = await signIn(paul)
  await (await as(ada)).post(`/v1/memberships/${paul.membershipId}/end`)
  expect((await client.get('/v1/me')).status).toBe(401)
  expect((await refresh(refreshToken)).status).toBe(401)
})

test('signing out ends the session at once, and only this one', async () => {
  const [one, other] = [await signIn(anton), await signIn(anton)]
  expect((await one.client.post('/v1/auth/logout')).status).toBe(204)
  expect((await one.client.get('/v1/me')).status).toBe(401)
  expect((await refresh(one.refreshToken)).status).toBe(401)
  expect((await other.client.get('/v1/me')).status).toBe(200)
})

test('a refresh token is good for one use; a second use ends the session', async () => {
  const { refreshToken } = await signIn(agnes)
  const first = await refresh(refreshToken)
  expect(first.status).toBe(200)
  const renewed = withToken(first.body.accessToken)
  expect((await renewed.get('/v1/me')).status).toBe(200)
  const again = await refresh(refreshToken)
  expect(again).toMatchObject({ status: 401, body: { code: 'session_ended' } })
  expect((await renewed.get('/v1/me')).status).toBe(401)
  expect((await refresh(first.body.refreshToken)).status).toBe(401)
})

test('of two refreshes at the same instant exactly one succeeds, and the session ends', async () => {
  for (let round = 0; round < 20; round++) {
    const { refreshToken } = await signIn(agnes)
    const session = refreshToken.split('.')[1]!
    const gate = new pg.Client({ connectionString: urls.admin })
    await gate.connect()
    await gate.query('begin')
    await gate.query('select from sessions where id = $1 for update', [session])
    const both = Promise.all([refresh(refreshToken), refresh(refreshToken)])
    const waiting = async () =>
      (
        await sql(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).length
    // Without both of them at the gate this would not be a race.
    while ((await waiting()) < 2);
    await gate.query('rollback')
    await gate.end()
    const statuses = (await both).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200, 401]))
    const [kept] = await sql('select revoked_at is not null as ended from sessions where id = $1', [session])
    expect(kept).toEqual({ ended: true })
  }
})

test.each(['x', 'a.b.c.d', `${otto.tenantId}.${nora.userId}.1.${'A'.repeat(43)}`])(
  'a refresh token that we did not make is refused: %s',
  async (token) => {
    expect(await refresh(token)).toMatchObject({ status: 401, body: { code: 'session_ended' } })
  },
)

test('an access token renews nothing, and a refresh token opens nothing', async () => {
  const { accessToken, refreshToken } = await signIn(nora)
  expect([400, 401]).toContain((await refresh(accessToken)).status)
  expect((await withToken(refreshToken).get('/v1/me')).status).toBe(401)
})

test('a session that has run out renews nothing', async () => {
  const { refreshToken, client } = await signIn(nora)
  await sql(`update sessions set expires_at = now() - interval '1 second' where id = $1`, [
    refreshToken.split('.')[1],
  ])
  expect((await client.get('/v1/me')).status).toBe(401)
  expect((await refresh(refreshToken)).status).toBe(401)
})

test('every try to sign in stands in the audit trail, without address and password', async () => {
  await nobody.post('/v1/auth/token', { ...noraSignsIn, password: 'Kanarienvogel' })
  const rows = await sql(
    `select a::text as line, status from audit_events a where action = 'auth.sign_in' order by at desc limit 1`,
  )
  expect(rows).toMatchObject([{ status: 401 }])
  expect(JSON.stringify(rows)).not.toMatch(/Kanarienvogel|nora@/)
})

test('passwords and tokens are kept nowhere', async () => {
  const { accessToken, refreshToken } = await signIn(nora)
  const tables = await sql<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  )
  for (const { name } of tables) {
    const lines = JSON.stringify(await sql(`select t::text from "${name}" t`))
    for (const secret of [password, accessToken, refreshToken, refreshToken.split('.')[3]!])
      expect(lines.includes(secret), name).toBe(false)
  }
})
