// Does every role get exactly what it may, from whomever the record is? Every role × every action × every relation.
import { describe, expect, test } from 'vitest'
import { access, roles as ours } from '../../src/access.ts'
import { lotse } from '../support/app.ts'
import { sina } from '../support/cast.ts'
import { actors, anyCanary } from '../support/world.ts'
import { actions, cellsOf, eachOf, isNoMember, matrix, succeeds, type Cell } from './cells.ts'
import { expectation, roles, withoutObligation } from './expectation.ts'
import { silent } from './silent.ts'

const service = await lotse()
const { sql, logged } = service
const since = new Date(Date.now() - 50)
const { answered, call, holds, recordsFor, tried } = await matrix(service)
const all = async (given: Cell[]) => (await eachOf(given, holds)).sort()

test('the expectation knows every action and every role, and no others', () => {
  expect(Object.keys(expectation).sort()).toEqual([...actions].sort())
  expect([...roles].sort()).toEqual([...ours].sort())
  expect(actors.map(({ role }) => role)).toEqual([...roles])
})

test('what the expectation says about roles is what the table of access says', () => {
  for (const action of actions) {
    const { who } = access[action]
    if (isNoMember(action)) continue
    const expected = new Set(expectation[action]!.flatMap((line) => line.who))
    expect([...expected].sort(), action).toEqual(
      typeof who === 'string' ? [...roles].sort() : [...who].sort(),
    )
  }
})

describe('only those who may', () => {
  for (const action of actions.filter((one) => !isNoMember(one)))
    test(`${access[action].may} (${action})`, async () => {
      const given = cellsOf(action)
      expect(given.length).toBeGreaterThanOrEqual(roles.length)
      expect(await all(given)).toEqual([])
    }, 60_000)
})

describe('without a recorded secrecy obligation nobody may', () => {
  for (const action of actions.filter(
    (one) => Array.isArray(access[one].who) && access[one].who.includes('navigator' as never),
  ))
    test(`${access[action].may} (${action}): ${withoutObligation.includes(action) ? 'but this is about no person' : 'not even the own'}`, async () => {
      // What her colleagues of the same role get.
      const { relation, expected } = cellsOf(action).find(({ actor }) => actor.role === sina.role)!
      const cell = { action, actor: sina, relation, expected: 403 }
      const records = await recordsFor(cell)
      const answer = await call(cell, records)
      if (withoutObligation.includes(action)) expect(answer.status).toBe(expected)
      else expect(answer).toMatchObject({ status: 403, body: { code: 'secrecy_obligation_missing' } })
      expect(answer.text).not.toMatch(anyCanary)
    })
})

test('a version that is named is heeded by exactly those acts of which the document says so', async () => {
  const operations = Object.values(service.document.paths).flatMap((methods) => Object.values(methods))
  const stale = async (member: Cell['actor']) => {
    const client = await service.as(member)
    return {
      ...client,
      post: <T>(path: string, body?: unknown) => client.post<T>(path, body, { ifMatch: '"99999.AAAAAAAA"' }),
    }
  }
  const acts = service.routes.filter(({ method, url }) => method === 'POST' && url.includes('/:id'))
  expect(acts.length).toBeGreaterThan(40)
  const wrong = await eachOf(acts, async ({ config }) => {
    const action = config!.action!
    const cell = cellsOf(action).find(({ expected }) => succeeds(expected))!
    const { status } = await call(cell, await recordsFor(cell), stale)
    const { responses } = operations.find(({ operationId }) => operationId === action)!
    return (status === 412) === '412' in responses ? [] : [`${action}: ${status}`]
  })
  expect(wrong).toEqual([])
})

test('every cell has left its row in the audit trail, under the name of whoever asked', async () => {
  expect(answered.length).toBeGreaterThan(1000)
  const rows = await sql<{
    user_id: string
    action: string
    status: number
    request_id: string
    object_ids: string[]
  }>('select user_id, action, status, request_id, object_ids from audit_events where at >= $1', [since])
  const byRequest = new Map(rows.map((row) => [row.request_id, row]))
  const byObject = new Set(
    rows.flatMap((row) =>
      [null, ...row.object_ids].map((id) => [row.user_id, row.action, row.status, id].join()),
    ),
  )
  const missing = answered.filter(({ user, action, status, request, object }) => {
    if (request === null) return !byObject.has([user, action, status, object ?? ''].join())
    const row = byRequest.get(request)
    return row?.user_id !== user || row.action !== action || row.status !== status
  })
  expect(missing).toEqual([])
  expect(byRequest.size).toBe(rows.length)
})

test('every act that wrote something is an event for those who follow, or stands in silent.ts with its reason', async () => {
  const rows = await sql<{ action: string; acts: number; told: number }>(
    `select a.action, count(*)::int as acts, count(e.xid)::int as told from audit_events a
     left join (select distinct tenant_id, xid from events) e on e.tenant_id = a.tenant_id and e.xid = a.xid
     where a.status < 300 group by a.action`,
  )
  const byAction = new Map(rows.map((row) => [row.action, row]))
  const writing = service.routes
    .filter(({ method, config }) => method !== 'GET' && config?.action && !isNoMember(config.action))
    .map(({ config }) => config!.action!)
  const wrong = writing.flatMap((action) => {
    const { acts, told } = byAction.get(action) ?? { acts: 0, told: 0 }
    if (action in silent) return told > 0 ? [`${action} is an event, and stands in silent.ts`] : []
    return acts === 0 || told < acts ? [`${action}: ${told} of ${acts} acts are an event`] : []
  })
  expect(wrong).toEqual([])
  expect(Object.keys(silent).filter((action) => !writing.includes(action as never))).toEqual([])
})

test('what a role may not attempt was refused before the database had to refuse it', () => {
  expect(logged().filter((line) => line.includes('"code":"42501"'))).toEqual([])
})

test('a cell that does not hold is found', async () => {
  const [actor] = actors
  const cell = (more: Partial<Cell>): Cell => ({
    action: 'cases.read',
    actor: actor!,
    relation: 'own',
    expected: 'content',
    ...more,
  })
  expect(await holds(cell({}))).toEqual([])
  expect(await holds(cell({ expected: 404 }))).not.toEqual([])
  expect(await holds(cell({ expected: 'thread' }))).not.toEqual([])
  expect(await holds(cell({ relation: 'other unit' }))).not.toEqual([])
  expect(await holds(cell({ relation: 'nowhere', expected: 200 }))).not.toEqual([])
})

test('no cell was left out', () => {
  process.stdout.write(`  matrix: ${tried.cells} cells of role × action × relation\n`)
  expect(tried.cells).toBeGreaterThanOrEqual(8000)
})
