// Can a request be repeated without doing it twice?
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { mira, nils, nora, organizations, otto } from '../support/cast.ts'
import { inDays } from '../support/factories.ts'

const { as, aCase, sql } = await lotse()
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

test('the same request twenty times at once is done once', async () => {
  const client = await as(nora)
  const idempotencyKey = randomUUID()
  const given = { ...aPerson, district: 'Gleichzeitig' }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => client.post('/v1/clients', given, { idempotencyKey })),
  )
  const created = answers.filter(({ status }) => status === 201)
  const refused = answers.filter(({ status }) => status !== 201)
  expect(created.length).toBeGreaterThan(0)
  expect(new Set(created.map(({ body }) => body.id)).size).toBe(1)
  expect(created.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1)
  for (const { status, body } of refused)
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'still_running' })
  expect(await people('Gleichzeitig')).toBe(1)
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
