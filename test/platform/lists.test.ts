// Does a list show everything once, page by page?
import { expect, test } from 'vitest'
import { access, type Action, type Rule } from '../../src/access.ts'
import { isList } from '../../src/platform/lists.ts'
import { lotse } from '../support/app.ts'
import { ada, carla, cast, mira, nora, otto, type Member } from '../support/cast.ts'
import type { Answer, Body } from '../support/http.ts'
import { done, inDays } from '../support/factories.ts'

const { as, aClient, aCase, routes, sql } = await lotse()

async function everyPage(member: Member, path: string, limit: number): Promise<Body[]> {
  const client = await as(member)
  const all: Body[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer: Answer = await client.get(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor && `&cursor=${cursor}`}`,
    )
    expect(answer.status).toBe(200)
    expect(answer.body.items.length).toBeLessThanOrEqual(limit)
    all.push(...answer.body.items)
    cursor = answer.body.nextCursor
  }
  return all
}

// Two on the same day, so that the day alone is not enough to go on.
for (const days of [5, 2, 2, 9, 1, 5, 2]) await aCase({ nextStepOn: inDays(days) })
for (const member of [nora, mira, otto])
  for (let n = 0; n < 3; n++) await aClient({ district: member.key }, member)

test.each([
  { member: nora, path: '/v1/clients' },
  { member: nora, path: '/v1/cases' },
  { member: ada, path: '/v1/users' },
  { member: ada, path: '/v1/organizations' },
  { member: ada, path: '/v1/offers' },
])('$member.key reads $path page by page: everything once, in the same order', async ({ member, path }) => {
  const whole = (await (await as(member)).get(`${path}?limit=200`)).body.items.map(({ id }) => id)
  expect(whole.length).toBeGreaterThan(4)
  for (const limit of [1, 2, 3, whole.length])
    expect((await everyPage(member, path, limit)).map(({ id }) => id)).toEqual(whole)
})

test('however long and odd a name is by which a list is sorted, the list is read to its end', async () => {
  const admin = await as(ada)
  const [keeper, path] = [await as(carla), '/v1/organizations']
  // What takes most room when it is written as JSON, or as UTF-8.
  const names = ['"', '\u0001', '€', '𝄞'].map((odd) => `zz ${odd.repeat(200)}`.slice(0, 199))
  const email = (n: number) => `zz${n}${'.a'.repeat(30)}@${'lindenau-am-wasser.'.repeat(9)}example`
  for (const [n, name] of names.entries()) {
    const { id } = done(await keeper.post(path, { kind: 'service_provider', sector: 'addiction', name })).body
    const offer = { organizationId: id, type: 'addiction_counselling', name }
    done(await keeper.post('/v1/offers', offer))
    done(
      await admin.post('/v1/users', {
        email: email(n),
        name,
        language: 'de',
        password: `one of many people ${n}`,
      }),
    )
    const machine = { name, role: 'planner', organizationId: nora.organizationId, scopes: ['overview.day'] }
    done(await admin.post('/v1/service-accounts', { ...machine, responsibleUserId: ada.userId }))
  }
  for (const path of ['/v1/organizations', '/v1/offers', '/v1/users', '/v1/service-accounts']) {
    const whole = (await admin.get(`${path}?limit=200`)).body.items.map(({ id }) => id)
    expect(
      (await everyPage(ada, path, 1)).map(({ id }) => id),
      path,
    ).toEqual(whole)
    expect(whole.length).toBeGreaterThanOrEqual(names.length)
  }
})

test('a list of people holds those of the own unit and nobody else', async () => {
  const ours = await everyPage(nora, '/v1/clients', 50)
  expect(ours.filter(({ district }) => district === 'nora')).toHaveLength(3)
  expect(ours.filter(({ district }) => district === 'mira' || district === 'otto')).toEqual([])
})

test('what is filtered stays filtered on the next page', async () => {
  const clientId = (await aClient()).id
  for (const days of [3, 4, 5]) await aCase({ clientId, nextStepOn: inDays(days) })
  const cases = await everyPage(nora, `/v1/cases?clientId=${clientId}`, 2)
  expect(cases.map((one) => one['clientId'])).toEqual([clientId, clientId, clientId])
})

const lists = routes.filter(
  ({ method, schema }) =>
    method === 'GET' &&
    isList((schema?.response as Record<string, unknown> | undefined)?.['200']) &&
    !JSON.stringify(schema?.params ?? null).includes('id'),
)

test('there are lists to look at', () => expect(lists.length).toBeGreaterThan(5))

const forged = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url')
const someId = '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'

test.each([
  ['limit=0', '/query/limit'],
  ['limit=201', '/query/limit'],
  ['limit=many', '/query/limit'],
  ['page=2', '/query/page'],
  ['cursor=x', '/query/cursor'],
  [`cursor=${forged(['a', 'b'])}`, '/query/cursor'],
  [`cursor=${forged(['2026-01-01', someId, 'more'])}`, '/query/cursor'],
  [`cursor=${forged({ id: someId })}`, '/query/cursor'],
])('a list refuses %s', async (query, pointer) => {
  for (const { member, url } of readable()) {
    const answer = await (await as(member)).get(`${url}?${needed(url)}${query}`)
    expect([answer.status, answer.body.errors[0]?.pointer], url).toEqual([400, pointer])
  }
})

test.each(['soon', '2026-13-45', 'a\u0000b', '9'.repeat(254), 'infinity', '99999-01-01'])(
  'a cursor that somebody made up is the caller’s mistake, never ours: %j',
  async (key) => {
    for (const { member, url } of readable()) {
      const answer = await (await as(member)).get(`${url}?${needed(url)}cursor=${forged([key, someId])}`)
      expect([200, 400], `${url} answers ${answer.status}`).toContain(answer.status)
    }
  },
)

// Some lists are asked for by their side.
const needed = (url: string) =>
  /referrals|handovers/.test(url) ? 'box=in&' : /contacts/.test(url) ? 'box=registered&' : ''

/** Each list with somebody who may read it. */
function readable() {
  const mayRead = (action: Action) => (member: Member) => {
    const { who } = access[action] as Rule
    return member.municipality === nora.municipality && who.includes(member.role as never)
  }
  return lists
    .filter(({ url }) => !url.includes(':'))
    .map(({ url, config }) => ({
      url,
      member: [nora, ...Object.values(cast)].find(mayRead(config!.action!))!,
    }))
}

test('a list leaves one row in the audit trail, with the ids that were shown and at most the one that says there are more', async () => {
  const { body } = await (await as(nora)).get('/v1/clients?limit=2')
  const [row] = await sql<{ object_ids: string[]; fields: string[] }>(
    `select object_ids, fields from audit_events where action = 'clients.list' and user_id = $1 order by at desc limit 1`,
    [nora.userId],
  )
  const shown = body.items.map(({ id }) => id)
  expect(row!.object_ids).toEqual(expect.arrayContaining(shown))
  expect(row!.object_ids.length).toBeLessThanOrEqual(shown.length + 1)
})
