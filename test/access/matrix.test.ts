// Does every role get exactly what it may, from whomever the record is? Every role × every action × every relation.
import { describe, expect, test } from 'vitest'
import { access, roles as ours, type Action } from '../../src/access.ts'
import { lotse } from '../support/app.ts'
import { mira, offers, sina, type Member } from '../support/cast.ts'
import type { Answer as Told } from '../support/http.ts'
import type { Organization } from '../support/people.ts'
import { actors, anyCanary, aWorld, canary, nowhere, worlds, type Records } from '../support/world.ts'
import { attempts, incoming, placeOf } from './attempts.ts'
import { expectation, roles, withoutObligation, type Answer, type Relation } from './expectation.ts'

const service = await lotse()
const { as, signIn, nobody, routes, sql } = service
const table = attempts(service)

const { own, ...foreign } = await worlds(service)
const inboxes = await Promise.all(
  (['mitte', 'wehr', 'jugendamt', 'aufbruch'] as const).map(async (to) => {
    const [received, withdrawn, expired] = await Promise.all([
      aWorld('received', service, mira, to),
      aWorld('received', service, mira, to),
      aWorld('received', service, mira, to),
    ])
    await (await as(mira)).post(`/v1/releases/${withdrawn.release}/withdraw`)
    await aged(expired)
    return [to, { received, withdrawn, expired }] as const
  }),
)
const inboxOf = new Map<Organization, (typeof inboxes)[number][1]>(inboxes)

/** Time passes: whatever was released with these records has run out. */
async function aged({ referral, handover }: Partial<Records>) {
  const subject = [referral ?? null, handover ?? null]
  await sql(`update disclosures set valid_until = now() - interval '1 minute' where subject_id = any ($1)`, [
    subject,
  ])
  await sql(
    `update attachments set valid_until = now() - interval '1 minute' where valid_until is not null
       and referral_id in (select $1::uuid union select referral_id from handovers where id = $2::uuid)`,
    subject,
  )
  await sql(
    `update releases set valid_until = now() - interval '1 minute' where id in (select release_id from referrals where id = any ($1)
       union select release_id from handovers where id = any ($1))`,
    [subject],
  )
}

interface Cell {
  action: Action
  actor: Member
  relation: Relation
  expected: Answer
}

const succeeds = (expected: Answer) => typeof expected === 'string' || expected < 300

async function recordsFor({ action, actor, relation, expected }: Cell): Promise<Records> {
  const { fresh, received } = table[action] ?? {}
  const all = { ...nowhere(), ...own }
  switch (relation) {
    case 'own':
    case 'same city':
      return succeeds(expected) && fresh ? { ...all, ...(await fresh(actor)) } : all
    case 'own organisation':
      return { ...all, organization: actor.organizationId, offer: offers[placeOf(actor)] }
    case 'received':
    case 'withdrawn':
    case 'expired': {
      const place = placeOf(actor)
      const shared = inboxOf.get(place)?.[relation] ?? own
      if (!succeeds(expected) || !received) return shared
      const made = await received(place)
      if (relation === 'expired') await aged(made)
      return { ...shared, ...made }
    }
    case 'in general':
      return all
    case 'nowhere':
      return nowhere()
    default:
      return foreign[relation]
  }
}

async function call(cell: Cell, records: Records): Promise<Told> {
  const { action, actor, relation } = cell
  const { names, query, body } = table[action] ?? {}
  if (action === 'auth.refresh')
    return nobody.post('/v1/auth/refresh', { refreshToken: (await signIn(actor)).refreshToken })
  const route = routes.find(({ config }) => config?.action === action)!
  const path = `${route.url.replace(':id', names ? records[names] : '')}${query ? `?${query}` : ''}`
  const client = action === 'auth.sign_out' ? (await signIn(actor)).client : await as(actor)
  const given = body?.(records, actor, relation)
  if (route.method === 'GET') return client.get(path)
  if (route.method === 'POST') return client.post(path, given)
  const { headers } = await client.get(path)
  const ifMatch = headers['etag'] ?? '"1.AAAAAAAA"'
  if (route.method === 'DELETE') return client.send('DELETE', path, undefined, { 'if-match': ifMatch })
  return client.patch(path, given, { ifMatch })
}

interface Audited {
  user: string
  action: string
  status: number
  request: string | null
  object: string | null
}
const answered: Audited[] = []
const since = new Date(Date.now() - 50)
let cells = 0

/** One cell: the status, what the body shows and what it does not, and a place in the audit trail. */
async function holds(cell: Cell): Promise<string[]> {
  const { action, actor, relation, expected } = cell
  const records = await recordsFor(cell)
  const answer = await call(cell, records)
  cells += 1
  const wrong: string[] = []
  const says = (what: string) => wrong.push(`${actor.role}, ${relation}: ${what}`)

  const { status, text } = answer
  if (typeof expected === 'number' ? status !== expected : status !== 200)
    says(`${status} ${answer.body?.code ?? ''} instead of ${expected}`)
  const mine = incoming.includes(relation) ? 'received' : 'own'
  if (expected === 'content' && !text.includes(canary(mine))) says('shows nothing of the person')
  const shown = text.match(/Kanari-[a-z-]+-Vogel/g) ?? []
  const allowed = succeeds(expected) && expected !== 'thread' ? [canary(mine)] : []
  for (const found of new Set(shown)) if (!allowed.includes(found)) says(`shows ${found}`)
  if (status >= 400 && anyCanary.test(text)) says('a refusal says something about a person')

  if (access[action].who !== 'public' && access[action].who !== 'login') {
    const { names } = table[action] ?? {}
    const object =
      names && routes.find(({ config }) => config?.action === action)!.url.includes(':id')
        ? records[names]
        : null
    answered.push({
      user: actor.userId,
      action,
      status,
      request: status >= 400 ? answer.body.requestId : null,
      object,
    })
  }
  return wrong
}

async function all(given: Cell[]): Promise<string[]> {
  const waiting = [...given]
  const wrong: string[] = []
  const worker = async () => {
    for (let cell = waiting.pop(); cell; cell = waiting.pop()) wrong.push(...(await holds(cell)))
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return wrong.sort()
}

function cellsOf(action: Action): Cell[] {
  const lines = expectation[action] ?? []
  const relations = [...new Set(lines.flatMap(({ answers }) => Object.keys(answers) as Relation[]))]
  return actors.flatMap((actor) =>
    relations.flatMap((relation) => {
      const mine = lines.filter(({ who }) => who.includes(actor.role))
      if (mine.length === 0) return [{ action, actor, relation, expected: 403 }]
      const said = mine.find(({ answers }) => answers[relation] !== undefined)
      return said ? [{ action, actor, relation, expected: said.answers[relation]! }] : []
    }),
  )
}

const actions = Object.keys(access) as Action[]
/** There is nothing that a member could call: the command line, the clock, the courier, and whoever follows a link. */
const isNoMember = (action: Action) =>
  ['installer', 'clock', 'courier', 'link_holder'].includes(String(access[action].who))

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
      const [relation] = cellsOf(action).map((cell) => cell.relation)
      const cell = { action, actor: sina, relation: relation!, expected: 403 }
      const records = await recordsFor(cell)
      const answer = await call(cell, records)
      if (withoutObligation.includes(action)) expect(answer.status).toBeLessThan(300)
      else expect(answer).toMatchObject({ status: 403, body: { code: 'secrecy_obligation_missing' } })
      expect(answer.text).not.toMatch(anyCanary)
    })
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

test('no cell was left out', () => expect(cells).toBeGreaterThan(4000))
