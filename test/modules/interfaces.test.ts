// Does what two organisations agreed on about handing people on hold for what is sent from then on?
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { ada, anton, bea, carla, cast, hanna, nora, organizations, otto, selma } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { way } from '../support/way.ts'

const { as, sql } = await lotse()
const { aDraftReferral, aSentReferral } = way(as)

const between = (from: keyof typeof organizations, to: keyof typeof organizations) => ({
  fromOrganizationId: organizations[from],
  toOrganizationId: organizations[to],
})

test('an answer is due as was agreed for this direction; a clock that runs is not moved', async () => {
  const keeper = await as(carla)
  const before = await aSentReferral()
  const made = await keeper.post('/v1/interfaces', {
    ...between('mitte', 'wehr'),
    answerDays: 3,
    agreement: 'A call on the same day when it is urgent',
  })
  expect(made).toMatchObject({ status: 201, body: { answerDays: 3, version: 1 } })
  // The other direction is another agreement, and so is that of another unit.
  done(await keeper.post('/v1/interfaces', { ...between('wehr', 'mitte'), answerDays: 20 }))
  done(await keeper.post('/v1/interfaces', { ...between('nord', 'wehr'), answerDays: 30 }))

  const agreed = await aSentReferral()
  expect(agreed['answerDueOn']).toBe(inDays(3))
  expect((await (await as(anton)).get(`/v1/referrals/${agreed.id}`)).body['answerDueOn']).toBe(inDays(3))
  expect((await aSentReferral({ to: 'birkenhof' }))['answerDueOn']).toBe(inDays(7))

  const draft = await aDraftReferral()
  const changed = await keeper.edit(`/v1/interfaces/${made.body.id}`, { answerDays: 12 })
  expect(changed.body).toMatchObject({ answerDays: 12, agreement: made.body['agreement'], version: 2 })
  const sent = done(await (await as(nora)).post(`/v1/referrals/${draft.id}/send`)).body
  expect(sent['answerDueOn']).toBe(inDays(12))
  const due = async (id: string) =>
    (await sql('select due_on::text as due from deadlines where subject_id = $1', [id])).map(
      (row) => row['due'],
    )
  expect(await due(before.id)).toEqual([inDays(7)])
  expect(await due(agreed.id)).toEqual([inDays(3)])
  expect(await due(sent.id)).toEqual([inDays(12)])
  expect((await (await as(nora)).get(`/v1/referrals/${agreed.id}`)).body['answerDueOn']).toBe(inDays(3))
})

test('everybody in the network reads what was agreed, nobody of another municipality does', async () => {
  const keeper = await as(ada)
  const one = done(
    await keeper.post('/v1/interfaces', { ...between('mitte', 'aufbruch'), answerDays: 5 }),
  ).body
  for (const reader of [nora, hanna, anton, selma, bea]) {
    expect((await (await as(reader)).get(`/v1/interfaces/${one.id}`)).body).toMatchObject({ answerDays: 5 })
    const list = await (await as(reader)).get(`/v1/interfaces?organizationId=${organizations.aufbruch}`)
    expect(list.body.items.map(({ id }) => id)).toEqual([one.id])
  }
  for (const stranger of [otto, cast.orla]) {
    const client = await as(stranger)
    expect((await client.get(`/v1/interfaces/${one.id}`)).status).toBe(404)
    expect((await client.get('/v1/interfaces')).body.items).toEqual([])
  }
  expect((await (await as(cast.orla)).edit(`/v1/interfaces/${one.id}`, { answerDays: 1 })).status).toBe(404)
  for (const member of [nora, hanna, anton, selma, bea]) {
    const client = await as(member)
    const attempt = await client.post('/v1/interfaces', { ...between('mitte', 'jugendamt'), answerDays: 1 })
    expect(attempt.status).toBe(403)
    expect((await client.edit(`/v1/interfaces/${one.id}`, { answerDays: 1 })).status).toBe(403)
  }
})

test('a list of interfaces is read page by page, each once', async () => {
  const client = await as(carla)
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await client.get(`/v1/interfaces?limit=2${cursor && `&cursor=${cursor}`}`)
    seen.push(...body.items.map(({ id }) => id))
    cursor = body.nextCursor ?? ''
  } while (cursor)
  const [all] = await sql<{ n: number }>(
    `select count(*)::int as n from interfaces where from_organization_id = any ($1)`,
    [Object.values(organizations)],
  )
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBe(all!.n)
})

test('there is one interface for each direction, between two organisations that exist here', async () => {
  const client = await as(carla)
  const given = { ...between('birkenhof', 'wehr'), answerDays: 4 }
  done(await client.post('/v1/interfaces', given))
  expect((await client.post('/v1/interfaces', given)).body.code).toBe('already_exists')
  expect(await client.post('/v1/interfaces', { ...between('wehr', 'wehr'), answerDays: 4 })).toMatchObject({
    status: 409,
    body: { code: 'interface_needs_two_organizations' },
  })
  for (const side of ['fromOrganizationId', 'toOrganizationId'])
    for (const unknown of [randomUUID(), organizations.ostlotsen]) {
      const wrong = { ...between('birkenhof', 'aufbruch'), answerDays: 4, [side]: unknown }
      expect(await client.post('/v1/interfaces', wrong)).toMatchObject({
        status: 400,
        body: { code: 'unknown_reference', errors: [{ pointer: `/${side}` }] },
      })
    }
  for (const answerDays of [0, 91, 2.5])
    expect((await client.post('/v1/interfaces', { ...given, answerDays })).status).toBe(400)
  const fixed = { fromOrganizationId: organizations.mitte }
  const { body } = await client.get('/v1/interfaces?limit=1')
  expect((await client.edit(`/v1/interfaces/${body.items[0]!.id}`, fixed)).status).toBe(400)
})
