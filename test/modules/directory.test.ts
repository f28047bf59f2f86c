// Does everybody in a city find its offers, and does each organisation keep its own?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { anton, bea, carla, nora, offers, organizations, otto, selma } from '../support/cast.ts'

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
