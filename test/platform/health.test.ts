// Does "ready" say what is true: that it works, what of it does not, or that nothing could be answered?
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { openProxy } from '../chaos/proxy.ts'
import { lotse } from '../support/app.ts'
import { nora } from '../support/cast.ts'

const { as, nobody, sql, urls, keys, log } = await lotse()

/** A service of its own on the same database. */
async function another() {
  const made = await createApp({ databaseUrl: urls.service, databasePool: 2, keys, log })
  afterAll(() => made.app.close())
  const ready = async () => {
    const { statusCode, body } = await made.app.inject('/health/ready')
    return [statusCode, JSON.parse(body) as unknown]
  }
  return { ...made, ready }
}
const ok = [200, { status: 'ok', failing: [] }]

test('when everything works it says so, and nothing else', async () => {
  const answer = await nobody.get('/health/ready')
  expect([answer.status, answer.body]).toEqual(ok)
  expect((await nobody.get('/health/live')).body).toEqual({ status: 'ok' })
})

test('a process whose queue does not work is degraded, and answers', async () => {
  const { health, ready } = await another()
  health.jobs = () => false
  expect(await ready()).toEqual([200, { status: 'degraded', failing: ['jobs'] }])
  health.jobs = () => true
  expect(await ready()).toEqual(ok)
})

test('a database that takes no changes is degraded', async () => {
  const name = new URL(urls.service).pathname.slice(1)
  await sql(`alter database ${name} set default_transaction_read_only = on`)
  const { ready } = await another()
  try {
    expect(await ready()).toEqual([200, { status: 'degraded', failing: ['writes'] }])
  } finally {
    await sql(`alter database ${name} reset default_transaction_read_only`)
  }
})

test(
  'without the audit trail nothing is ready, and afterwards it is again',
  { timeout: 20_000 },
  async () => {
    const client = await as(nora)
    await sql('revoke insert on audit_events from lotse_audit')
    expect((await client.get('/v1/cases')).status).toBe(503)
    expect((await nobody.get('/health/ready')).status).toBe(503)
    await sql('grant insert on audit_events to lotse_audit')
    expect((await client.get('/v1/cases')).status).toBe(200)
    expect((await nobody.get('/health/ready')).status).toBe(200)
  },
)

test('without the database nothing is ready, and the process lives', async () => {
  const gone = new URL(urls.service)
  gone.port = '1'
  const { app } = await createApp({ databaseUrl: gone.toString(), databasePool: 2, keys, log })
  expect((await app.inject('/health/ready')).statusCode).toBe(503)
  expect((await app.inject('/health/live')).statusCode).toBe(200)
  await app.close()
})

test('on a line that is dead, though nobody says so, it answers in time and holds no connection', async () => {
  const { hostname, port } = new URL(urls.service)
  const proxy = await openProxy({ host: hostname, port: Number(port) })
  const through = Object.assign(new URL(urls.service), { port: String(proxy.port) })
  const made = await createApp({ databaseUrl: through.toString(), databasePool: 3, keys, log })
  const ready = async () => (await made.app.inject('/health/ready')).statusCode
  try {
    expect(await Promise.all([ready(), ready(), ready()])).toEqual([200, 200, 200])
    proxy.set('half-open')
    const began = performance.now()
    expect(await Promise.all([ready(), ready(), made.db.hasRoom()])).toEqual([503, 503, false])
    expect(performance.now() - began).toBeLessThan(6_000)
    expect(made.pool.totalCount).toBe(0)
    expect((await made.app.inject('/health/live')).statusCode).toBe(200)
    proxy.set('none')
    expect(await ready()).toBe(200)
  } finally {
    await Promise.all([made.app.close(), proxy.close()])
  }
})

test('asking often costs the database one look in five seconds', async () => {
  const { ready } = await another()
  const looks = async () =>
    Number(
      (
        await sql<{ n: string }>(
          `select temp_files as n from pg_stat_database where datname = current_database()`,
        )
      )[0]!.n,
    )
  await ready()
  // An idle connection tells its figures after ten seconds.
  await expect.poll(looks, { timeout: 15_000 }).toBeGreaterThan(0)
  const before = await looks()
  await Promise.all(Array.from({ length: 20 }, ready))
  await sql('select pg_stat_force_next_flush()')
  // Connections of the tests above may tell theirs only now.
  expect((await looks()) - before).toBeLessThan(10)
})
