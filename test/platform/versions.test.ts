// Can one change overwrite another without anybody noticing?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { nora, otto } from '../support/cast.ts'
import { inDays } from '../support/factories.ts'

const { as, aCase, sql } = await lotse()

test('a change names the version it changes: without one it is refused', async () => {
  const client = await as(nora)
  const { id } = await aCase({ concern: 'before' })
  const answer = await client.patch(`/v1/cases/${id}`, { concern: 'after' })
  expect(answer).toMatchObject({ status: 428, body: { code: 'version_required' } })
  expect((await client.get(`/v1/cases/${id}`)).text).not.toContain('after')
})

test('a change of the present version succeeds and makes a new one', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  const { headers } = await client.get(`/v1/cases/${id}`)
  const changed = await client.patch(`/v1/cases/${id}`, { phase: 'planning' }, { ifMatch: headers['etag'] })
  expect(changed).toMatchObject({ status: 200, body: { phase: 'planning', version: 2 } })
  expect(changed.headers['etag']).not.toBe(headers['etag'])
  expect(changed.headers['etag']).toBe((await client.get(`/v1/cases/${id}`)).headers['etag'])
})

test.each(['"99.AAAAAAAA"', '"1"', '1', '*', 'W/"1.AAAAAAAA"', '"1.AAAAAAAA", "2.AAAAAAAA"'])(
  'a version that is not the present one is refused: %s',
  async (ifMatch) => {
    const client = await as(nora)
    const { id } = await aCase()
    const answer = await client.patch(`/v1/cases/${id}`, { concern: 'overwritten' }, { ifMatch })
    expect(answer).toMatchObject({ status: 412, body: { code: 'stale' } })
    expect((await client.get(`/v1/cases/${id}`)).text).not.toContain('overwritten')
  },
)

test('an action heeds the version when one is named', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  const step = { text: 'Write a letter', on: inDays(1) }
  expect((await client.post(`/v1/cases/${id}/next-step`, step, { ifMatch: '"7.AAAAAAAA"' })).status).toBe(412)
  expect((await client.post(`/v1/cases/${id}/next-step`, step)).status).toBe(200)
})

test('whoever may not see a row learns nothing from its version', async () => {
  const { id } = await aCase()
  const outsider = await as(otto)
  for (const options of [{}, { ifMatch: '"1.AAAAAAAA"' }, { ifMatch: '"99.AAAAAAAA"' }])
    expect((await outsider.patch(`/v1/cases/${id}`, { concern: 'mine' }, options)).status).toBe(404)
})

test('of fifty changes of the same version at once, one succeeds', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  const { headers } = await client.get(`/v1/cases/${id}`)
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      client.patch(`/v1/cases/${id}`, { concern: `change ${n}` }, { ifMatch: headers['etag'] }),
    ),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 412)).toHaveLength(49)
  expect((await client.get(`/v1/cases/${id}`)).body.version).toBe(2)
})

test('what has not changed is not sent again, and the look at it is audited like any other', async () => {
  const client = await as(nora)
  const { id } = await aCase({ concern: 'Still the same' })
  const { headers } = await client.get(`/v1/cases/${id}`)
  const again = await client.get(`/v1/cases/${id}`, { ifNoneMatch: headers['etag']! })
  expect(again).toMatchObject({ status: 304, text: '' })
  expect((await (await as(otto)).get(`/v1/cases/${id}`, { ifNoneMatch: headers['etag']! })).status).toBe(404)
  const rows = await sql(
    `select status from audit_events where action = 'cases.read' and $1 = any (object_ids) order by at`,
    [id],
  )
  expect(rows).toEqual([{ status: 200 }, { status: 304 }, { status: 404 }])
})

test('an answer about a person is kept by no cache', async () => {
  const { id } = await aCase()
  const { headers } = await (await as(nora)).get(`/v1/cases/${id}`)
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['server']).toBeUndefined()
  expect(headers['x-powered-by']).toBeUndefined()
})
