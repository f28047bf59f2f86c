// Can a request be repeated without doing it twice?
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, test } from 'vitest'
import { actor } from '../../src/platform/actor.ts'
import { forgetKeys } from '../../src/platform/db.ts'
import { lotse } from '../support/app.ts'
import { mira, nils, nora, organizations, otto } from '../support/cast.ts'
import { inDays } from '../support/factories.ts'
import type { Answer } from '../support/http.ts'
import { contextOf } from '../support/sql.ts'
import { barrier } from '../concurrency/barrier.ts'

const service = await lotse()
const { as, aCase, asService, db, signIn, sql, urls, withToken } = service
const together = barrier(service)
const aPerson = { identificationLevel: 'anonymous', district: 'Werder' }
const people = async (district: string) =>
  (await sql('select from clients where district = $1', [district])).length

test('a repeated request answers the same and is done once', async () => {
  const client = await as(nora)
  const idempotencyKey = randomUUID()
  const given = { ...aPerson, district: 'Einmal' }
  const first = await client.post('/v1/clients', given, { idempotencyKey })
  const second = await client.post('/v1/clients', given, { idempotencyKey })
  expect([first.status, second.status]).toEqual([201, 201])
  expect(second.body.id).toBe(first.body.id)
  expect(first.headers['idempotent-replayed']).toBeUndefined()
  expect(second.headers['idempotent-replayed']).toBe('true')
  expect(await people('Einmal')).toBe(1)
})

test('the repetition reads again what is there now', async () => {
  const client = await as(nora)
  const idempotencyKey = randomUUID()
  const { body } = await client.post('/v1/clients', aPerson, { idempotencyKey })
  await client.edit(`/v1/clients/${body.id}`, { district: 'Umgezogen' })
  const again = await client.post('/v1/clients', aPerson, { idempotencyKey })
  expect(again.body).toMatchObject({ id: body.id, district: 'Umgezogen', version: 2 })
  expect(again.text).not.toContain('Werder')
})

test('an action is repeated as well: a paused case is not paused twice', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  const pause = () =>
    client.post(
      `/v1/cases/${id}/pause`,
      { reason: 'away', text: 'Look again', on: inDays(9) },
      { idempotencyKey: `pause-${id}` },
    )
  expect((await pause()).body).toMatchObject({ status: 'paused', version: 2 })
  expect((await pause()).body).toMatchObject({ status: 'paused', version: 2 })
})

test('a key is good for a day, and forgotten after it', async () => {
  const client = await as(nora)
  const [young, old] = [randomUUID(), randomUUID()]
  const given = { ...aPerson, district: 'Gestern' }
  const first = await client.post('/v1/clients', given, { idempotencyKey: young })
  await client.post('/v1/clients', given, { idempotencyKey: old })
  const theirs = await (await as(otto)).post('/v1/clients', given, { idempotencyKey: old })
  await sql(`update idempotency_keys set created_at = now() - interval '23 hours' where key = $1`, [young])
  await sql(`update idempotency_keys set created_at = now() - interval '25 hours' where key = $1`, [old])
  const clock = actor({ action: 'clock.tick', requestId: randomUUID(), tenantId: nora.tenantId })
  await db.read(clock, forgetKeys)
  const kept = await sql('select key, tenant_id as "tenantId" from idempotency_keys where key = any ($1)', [
    [young, old],
  ])
  expect(kept).toHaveLength(2)
  expect(kept).toContainEqual({ key: young, tenantId: nora.tenantId })
  expect(kept).toContainEqual({ key: old, tenantId: otto.tenantId })
  const again = await client.post('/v1/clients', given, { idempotencyKey: young })
  expect(again.body.id).toBe(first.body.id)
  expect(theirs.status).toBe(201)
  // Whoever may repeat their own requests forgets none of them.
  expect((await asService(contextOf(nora), 'delete from idempotency_keys')).rowCount).toBe(0)
})

test('a key belongs to one request: another body or another address is refused', async () => {
  const client = await as(nora)
  const idempotencyKey = randomUUID()
  await client.post('/v1/clients', aPerson, { idempotencyKey })
  const otherBody = await client.post('/v1/clients', { ...aPerson, district: 'Anders' }, { idempotencyKey })
  expect(otherBody).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
  const { id } = await aCase()
  const otherPath = await client.post(
    `/v1/cases/${id}/next-step`,
    { text: 'x', on: inDays(1) },
    { idempotencyKey },
  )
  expect(otherPath.status).toBe(422)
  expect(await people('Anders')).toBe(0)
})

test('a key belongs to one person: a colleague and an outsider with the same key do their own', async () => {
  const idempotencyKey = 'everybody-thinks-of-this'
  const ids = new Set<string>()
  for (const member of [nora, nils, otto]) {
    const answer = await (await as(member)).post('/v1/clients', aPerson, { idempotencyKey })
    expect(answer.headers['idempotent-replayed']).toBeUndefined()
    ids.add(answer.body.id)
  }
  expect(ids.size).toBe(3)
})

test('what was refused can be tried again with the same key', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  const idempotencyKey = randomUUID()
  const resume = () =>
    client.post(`/v1/cases/${id}/resume`, { text: 'Go on', on: inDays(2) }, { idempotencyKey })
  expect((await resume()).status).toBe(409)
  await client.post(`/v1/cases/${id}/pause`, { reason: 'away', text: 'Look again', on: inDays(9) })
  expect((await resume()).status).toBe(200)
})

test('what the caller may no longer see does not come back in a repetition', async () => {
  const client = await as(nora)
  const idempotencyKey = randomUUID()
  const given = { ...aPerson, district: 'Gewandert' }
  const { body } = await client.post('/v1/clients', given, { idempotencyKey })
  await sql('update clients set compartment_id = $2, organization_id = $2 where id = $1', [
    body.id,
    organizations.nord,
  ])
  const again = await client.post('/v1/clients', given, { idempotencyKey })
  expect(again.status).toBe(404)
  expect(again.text).not.toContain('Gewandert')
  expect((await (await as(mira)).get(`/v1/clients/${body.id}`)).status).toBe(200)
})

test('the same request five times at the same moment is done once', async () => {
  const client = await as(nora)
  for (let round = 0; round < 20; round += 1) {
    const idempotencyKey = randomUUID()
    const given = { ...aPerson, district: `Gleichzeitig ${round}` }
    const create = () => client.post('/v1/clients', given, { idempotencyKey })
    const meanwhile: Answer[] = []
    // The first waits for its organisation, which somebody holds; the others come while it waits.
    const [first] = await together({ table: 'organizations', id: nora.organizationId }, [create], {
      meanwhile: async () => meanwhile.push(...(await Promise.all([create(), create(), create(), create()]))),
    })
    expect(first!.status).toBe(201)
    expect(first!.headers['idempotent-replayed']).toBeUndefined()
    for (const { status, body } of meanwhile)
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'still_running' })
    const again = await create()
    expect(again).toMatchObject({ status: 201, body: { id: first!.body.id } })
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(await people(given.district)).toBe(1)
  }
})

test('two requests with one key at the same moment: the second is refused, whatever it asks', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  for (let round = 0; round < 20; round += 1) {
    const idempotencyKey = randomUUID()
    const step = (text: string) => () =>
      client.post(`/v1/cases/${id}/next-step`, { text, on: inDays(1) }, { idempotencyKey })
    let other: Answer | undefined
    const [first] = await together({ table: 'cases', id }, [step('One')], {
      meanwhile: async () => (other = await step('Another')()),
    })
    expect(first).toMatchObject({ status: 200, body: { version: round + 2 } })
    expect(other).toMatchObject({ status: 409, body: { code: 'still_running' } })
    expect((await step('Another')()).status).toBe(422)
  }
})

test.each(['', 'with space', 'ü', 'x'.repeat(129)])(
  'a key is a short word without spaces: %j is refused',
  async (key) => {
    const answer = await (
      await as(nora)
    ).post('/v1/clients', { ...aPerson, district: 'Nie' }, { idempotencyKey: key })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/header/idempotency-key' }] } })
    expect(await people('Nie')).toBe(0)
  },
)

test('no body is kept with a key', async () => {
  await (
    await as(nora)
  ).post('/v1/clients', { ...aPerson, district: 'Kanarienweg' }, { idempotencyKey: randomUUID() })
  const kept = await sql('select k::text as line from idempotency_keys k')
  expect(kept.length).toBeGreaterThan(0)
  expect(JSON.stringify(kept)).not.toContain('Kanarienweg')
})

test('whoever is signed out before the answer is read again is refused like anybody who is not signed in', async () => {
  const { accessToken } = await signIn(nora)
  const client = withToken(accessToken)
  const idempotencyKey = randomUUID()
  const given = { ...aPerson, district: 'Zuletzt' }
  expect((await client.post('/v1/clients', given, { idempotencyKey })).status).toBe(201)
  const { session } = JSON.parse(atob(accessToken.split('.')[1]!)) as { session: string }
  const holder = new pg.Client({ connectionString: urls.admin })
  await holder.connect()
  try {
    // It is let in, and then waits to learn that its key was used.
    await holder.query('begin')
    await holder.query('lock table idempotency_keys in access exclusive mode')
    const again = client.post('/v1/clients', given, { idempotencyKey })
    const waits = () =>
      sql(`select from pg_locks where not granted and relation = 'idempotency_keys'::regclass`)
    await expect.poll(waits).toHaveLength(1)
    await sql('update sessions set revoked_at = now() where id = $1', [session])
    await holder.query('commit')
    const { status, headers, text } = await again
    expect([status, headers['www-authenticate'], headers['content-language']]).toEqual([401, 'Bearer', 'de'])
    expect(headers['idempotent-replayed']).toBeUndefined()
    expect(text).not.toContain('Zuletzt')
  } finally {
    await holder.end()
  }
  expect(await people('Zuletzt')).toBe(1)
})
