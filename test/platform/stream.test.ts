// Does a stream hold what the pages hold, and not a row more?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { ada, carla, dora, nora, otto } from '../support/cast.ts'

const { as, sql, aClient, address, signIn, logged } = await lotse()

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; name?: string })

const streamed = async (member: typeof nora, path: string) => {
  const { accessToken } = await signIn(member)
  return fetch(`${address}${path}`, {
    headers: { accept: 'application/x-ndjson', authorization: `Bearer ${accessToken}` },
  })
}

await sql(
  `insert into organizations (tenant_id, id, kind, sector, name, residences)
   select $1, uuidv7(), 'service_provider', 'addiction', 'Stelle ' || n, '{}' from generate_series(1, 450) n`,
  [ada.tenantId],
)

test('a list that is longer than any page comes as one stream, everything once, in the order of the pages', async () => {
  const answer = await streamed(ada, '/v1/organizations')
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
  const all = lines(await answer.text())
  const [counted] = await sql<{ count: number }>(
    'select count(*)::int from organizations where tenant_id = $1',
    [ada.tenantId],
  )
  expect(all).toHaveLength(counted!.count)
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  const first = await (await as(ada)).get('/v1/organizations?limit=200')
  expect(all.slice(0, 200).map(({ id }) => id)).toEqual(first.body.items.map(({ id }) => id))
})

test('every page of a stream is on the audit trail with its ids', async () => {
  await aClient()
  await sql('delete from audit_events')
  const ours = lines(await (await streamed(nora, '/v1/clients')).text())
  const trail = await sql<{ object_ids: string[] }>(
    `select object_ids from audit_events where action = 'clients.list'`,
  )
  expect(trail.flatMap((row) => row.object_ids).toSorted()).toEqual(ours.map(({ id }) => id).toSorted())
})

test('a stream shows nobody what a page would not', async () => {
  const { id } = await aClient()
  const refused = await streamed(carla, '/v1/clients')
  expect(refused.status).toBe(403)
  expect(refused.headers.get('content-type')).toContain('application/problem+json')
  expect(await refused.text()).not.toContain(id)
  expect(await (await streamed(otto, '/v1/clients')).text()).not.toContain(id)
})

test('whoever is signed out while it streams gets half a list that does not look like a whole one', async () => {
  // More than what lies ready on the way when the first of it arrives.
  await sql(
    `insert into audit_events (tenant_id, action, status, object_ids, client_ids, fields, request_id)
     select $1, 'clients.list', 200, '{}', '{}', '{}', uuidv7()::text from generate_series(1, 30000)`,
    [dora.tenantId],
  )
  const { accessToken } = await signIn(dora)
  const { session } = JSON.parse(atob(accessToken.split('.')[1]!)) as { session: string }
  const answer = await fetch(`${address}/v1/audit-events`, {
    headers: { accept: 'text/csv', authorization: `Bearer ${accessToken}` },
  })
  expect(answer.status).toBe(200)
  let text = ''
  const read = async () => {
    for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
      if (text === '') await sql('update sessions set revoked_at = now() where id = $1', [session])
      text += piece
    }
  }
  await expect(read()).rejects.toThrow('terminated')
  expect(text.split('\r\n').length).toBeLessThan(30_000)
  expect(logged().filter((line) => line.includes('a list broke off'))).toHaveLength(1)
})

test('a wrong filter is told before a stream begins', async () => {
  const answer = await streamed(ada, '/v1/organizations?kind=nonsense')
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ errors: [{ pointer: '/query/kind' }] })
})
