// Does everybody in a city find its offers, and does each organisation keep its own?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { anton, bea, carla, mira, nora, offers, organizations, otto, selma } from '../support/cast.ts'
import { done } from '../support/factories.ts'

const { as } = await lotse()

test('professional help and self-help stand side by side in one list', async () => {
  const { items } = (await (await as(bea)).get('/v1/offers')).body
  expect(items.map(({ id }) => id)).toEqual(
    expect.arrayContaining([offers.wehr, offers.aufbruch, offers.jugendamt]),
  )
  expect(items.map(({ id }) => id)).not.toContain(offers.ostberatung)
})

test('a list of offers is narrowed by kind and by organisation', async () => {
  const client = await as(nora)
  const only = async (query: string) =>
    (await client.get(`/v1/offers?${query}`)).body.items.map(({ id }) => id)
  expect(await only('type=self_help_group')).toEqual([offers.aufbruch])
  expect(await only(`organizationId=${organizations.wehr}`)).toEqual([offers.wehr])
  expect(await only(`type=self_help_group&organizationId=${organizations.wehr}`)).toEqual([])
})

test('self-help adds and changes its own offers like every agency, and none of anybody else', async () => {
  const group = await as(selma)
  const evening = {
    organizationId: organizations.aufbruch,
    type: 'relatives_group',
    name: 'Angehörigenabend',
  }
  const { status, body } = await group.post('/v1/offers', evening)
  expect(status).toBe(201)
  expect((await group.edit(`/v1/offers/${body.id}`, { active: false })).body).toMatchObject({
    active: false,
    version: 2,
  })
  expect((await group.post('/v1/offers', { ...evening, organizationId: organizations.wehr })).status).toBe(
    403,
  )
  expect((await group.edit(`/v1/offers/${offers.wehr}`, { name: 'Ours now' })).status).toBe(404)
  expect((await (await as(anton)).edit(`/v1/offers/${body.id}`, { name: 'Ours now' })).status).toBe(404)
  expect((await (await as(otto)).get(`/v1/offers/${body.id}`)).status).toBe(404)
})

test('the coordinator keeps offers of everybody, and moves none to another organisation', async () => {
  const coordinator = await as(carla)
  expect((await coordinator.edit(`/v1/offers/${offers.wehr}`, { description: 'Mondays' })).status).toBe(200)
  expect(
    (await coordinator.edit(`/v1/offers/${offers.wehr}`, { organizationId: organizations.aufbruch })).status,
  ).toBe(400)
})

test('how many places are free is said in one call by whoever offers them, and shown with its instant', async () => {
  const agency = await as(anton)
  const path = `/v1/offers/${offers.wehr}`
  const before = (await agency.get(path)).body
  expect(before).toMatchObject({ freePlaces: null, waitingDays: null, capacityNote: null, capacityAt: null })
  const said = await agency.post(`${path}/capacity`, { freePlaces: 0, waitingDays: 21, note: 'Until June' })
  expect(said).toMatchObject({
    status: 200,
    body: { freePlaces: 0, waitingDays: 21, capacityNote: 'Until June', name: before['name'] },
  })
  const at = Date.parse(String(said.body['capacityAt']))
  expect(Math.abs(Date.now() - at)).toBeLessThan(60_000)
  const listed = (await (await as(nora)).get('/v1/offers')).body.items
  expect(listed.find(({ id }) => id === offers.wehr)).toMatchObject({ freePlaces: 0, waitingDays: 21 })
  // Whoever has said nothing has not said zero.
  expect(listed.find(({ id }) => id === offers.birkenhof)).toMatchObject({
    freePlaces: null,
    capacityAt: null,
  })
  // What is said replaces what was said: what is left out is not known any more.
  const again = done(await (await as(carla)).post(`${path}/capacity`, { freePlaces: 3 })).body
  expect(again).toMatchObject({ freePlaces: 3, waitingDays: null, capacityNote: null })
  expect(Date.parse(String(again['capacityAt']))).toBeGreaterThan(at)
})

test('nobody says it for somebody else, and nobody says what cannot be', async () => {
  const own = await as(nora)
  expect((await own.post(`/v1/offers/${offers.mitte}/capacity`, { waitingDays: 2 })).status).toBe(200)
  for (const stranger of [nora, mira, selma, otto])
    expect(
      (await (await as(stranger)).post(`/v1/offers/${offers.wehr}/capacity`, { freePlaces: 99 })).status,
      stranger.key,
    ).toBe(404)
  expect((await (await as(bea)).post(`/v1/offers/${offers.wehr}/capacity`, { freePlaces: 99 })).status).toBe(
    403,
  )
  for (const wrong of [{ freePlaces: -1 }, { freePlaces: 1.5 }, { waitingDays: 4000 }, { places: 2 }])
    expect((await (await as(anton)).post(`/v1/offers/${offers.wehr}/capacity`, wrong)).status).toBe(400)
  expect((await own.get(`/v1/offers/${offers.wehr}`)).body['freePlaces']).not.toBe(99)
})
