// Can the data protection officer say who looked at whom, without reading a word about anybody?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import {
  anton,
  arne,
  cast,
  dora,
  hanna,
  mira,
  nils,
  nora,
  odila,
  olaf,
  otto,
  type Member,
} from '../support/cast.ts'
import { done } from '../support/factories.ts'
import type { Body } from '../support/http.ts'
import { contextOf } from '../support/sql.ts'
import { allCanaries, sheet, way } from '../support/way.ts'

const { as, aKnownClient, sql, asService } = await lotse()
const { aFinishedClearing, aKnownCase, anArrivedHandover, aSentReferral } = way(as)

async function trail(filter: Record<string, string>, by: Member = dora): Promise<Body[]> {
  const items: Body[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = new URLSearchParams({ ...filter, limit: '200', ...(cursor && { cursor }) })
    const { body }: { body: Body } = done(await (await as(by)).get(`/v1/audit-events?${query.toString()}`))
    items.push(...body.items)
    cursor = body.nextCursor
  }
  return items
}
const actions = (rows: Body[]) => rows.map((row) => String(row['action']))
const now = async () => {
  const [row] = await sql<{ at: string }>(
    `select to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
  )
  return row!.at
}
const read = async (by: Member, path: string) => (await as(by)).get(path)

test('who read or wrote about a person is found by the person', async () => {
  const referral = await aSentReferral()
  const [clientId, caseId] = [String(referral['clientId']), String(referral['caseId'])]
  await read(nils, `/v1/clients/${clientId}`)
  await read(hanna, `/v1/cases/${caseId}`)
  await read(anton, `/v1/referrals/${referral.id}`)
  const rows = await trail({ clientId })
  expect(actions(rows).toReversed()).toEqual([
    'clients.create',
    'cases.open',
    'releases.create',
    'referrals.create',
    'referrals.send',
    'clients.read',
    'cases.read',
    'referrals.read',
  ])
  const by = (action: string) => rows.find((row) => row['action'] === action)
  expect(by('clients.read')).toMatchObject({
    userId: nils.userId,
    role: 'navigator',
    status: 200,
    code: null,
  })
  expect(by('referrals.read')).toMatchObject({ userId: anton.userId, membershipId: anton.membershipId })
  expect(by('referrals.send')).toMatchObject({ basis: 'release' })
  // Nothing about somebody else.
  const other = await aKnownClient()
  expect(actions(await trail({ clientId: other.id }))).toEqual(['clients.create'])
})

test('what somebody did is found by the member, and in a period', async () => {
  const { id } = await aKnownCase()
  const before = await now()
  await read(hanna, `/v1/cases/${id}`)
  const after = await now()
  await read(hanna, `/v1/cases/${id}`)
  const userId = hanna.userId
  const all = await trail({ userId })
  expect(all.every((row) => row['userId'] === userId)).toBe(true)
  expect(actions(await trail({ userId, from: before, until: after }))).toEqual(['cases.read'])
  expect(actions(await trail({ userId, from: after }))).toEqual(['cases.read'])
  expect(await trail({ userId, from: '2100-01-01T00:00:00Z' })).toEqual([])
  expect(await trail({ userId: otto.userId })).toEqual([])
})

test('reading the trail leaves an entry too', async () => {
  const before = await now()
  await trail({ userId: nora.userId, from: before })
  const rows = await trail({ userId: dora.userId, from: before })
  expect(rows).toMatchObject([{ action: 'audit.read', role: 'dpo', status: 200 }])
})

test('a refusal is recorded with its code: also of somebody from elsewhere, in their own municipality', async () => {
  const referral = await aSentReferral()
  const caseId = String(referral['caseId'])
  const before = await now()
  await read(mira, `/v1/cases/${caseId}`)
  await read(anton, `/v1/cases/${caseId}`)
  await (await as(nora)).post(`/v1/referrals/${referral.id}/send`)
  await (await as(nora)).patch(`/v1/cases/${caseId}`, { concern: 'x' })
  await (await as(nora)).post(`/v1/cases/${caseId}/next-step`, { text: '' })
  await read(otto, `/v1/cases/${caseId}`)
  const rows = await trail({ from: before })
  const refused = rows.filter((row) => Number(row.status) >= 400)
  expect(refused.map(({ status, code, userId }) => ({ status, code, userId })).toReversed()).toEqual([
    { status: 404, code: 'not_found', userId: mira.userId },
    { status: 403, code: 'not_allowed', userId: anton.userId },
    { status: 409, code: 'referral_not_draft', userId: nora.userId },
    { status: 428, code: 'version_required', userId: nora.userId },
    { status: 400, code: 'invalid_request', userId: nora.userId },
  ])
  const elsewhere = await trail({ from: before, userId: otto.userId }, odila)
  expect(elsewhere.filter((row) => row['action'] !== 'auth.sign_in')).toMatchObject([
    { status: 404, code: 'not_found', objectIds: [caseId], clientIds: [] },
  ])
})

test('of a search only a hash is kept, the same for the same question and another for another', async () => {
  const before = await now()
  const search = async (body: object, by = nora) =>
    done(await (await as(by)).post('/v1/clients/search', body))
  await search({ familyName: 'Geheimnisvoll', birthDate: '1971-02-03' })
  await search({ familyName: 'Geheimnisvoll', birthDate: '1971-02-03' })
  await search({ familyName: 'Anders' })
  const rows = await trail({ userId: nora.userId, from: before })
  const criteria = rows.map((row) => String(row['criteria']))
  expect(criteria).toHaveLength(3)
  expect(new Set(criteria).size).toBe(2)
  for (const word of ['Geheimnisvoll', '1971-02-03', 'Anders'])
    expect(JSON.stringify(rows)).not.toContain(word)
  expect(rows.every((row) => /^[\w-]{43}$/.test(String(row['criteria'])))).toBe(true)
})

test('nobody else reads the trail, neither through the interface nor in the database', async () => {
  await aKnownCase()
  for (const member of Object.values(cast)) {
    if (member.role === 'dpo') continue
    const answer = await read(member, '/v1/audit-events')
    expect(answer.status, member.key).toBe(403)
    const { rowCount } = await asService(contextOf(member), 'select from audit_events')
    expect(rowCount, member.key).toBe(0)
  }
  expect((await asService(contextOf(dora), 'select from audit_events')).rowCount).toBeGreaterThan(0)
  expect((await read(arne, '/v1/audit-events')).body.code).toBe('not_allowed')
})

test('a municipality’s trail says nothing about another’s', async () => {
  const referral = await aSentReferral()
  await read(olaf, `/v1/referrals/${referral.id}`)
  const [ours, theirs] = [await trail({}), await trail({}, odila)]
  const own = new Set(
    Object.values(cast)
      .filter(({ municipality }) => municipality === 'ostheim')
      .map(({ userId }) => userId),
  )
  expect(theirs.length).toBeGreaterThan(0)
  for (const row of theirs) expect(row['userId'] === null || own.has(String(row['userId']))).toBe(true)
  for (const row of ours) expect(own.has(String(row['userId']))).toBe(false)
  expect(JSON.stringify(theirs)).not.toContain(String(referral['clientId']))
  expect(await trail({ clientId: String(referral['clientId']) }, odila)).toEqual([])
})

test('the trail holds ids and names of fields, never a value, and never a name', async () => {
  const caseId = (await aKnownCase()).id
  await aFinishedClearing({ caseId, strengths: 'Kanarie-strengths' })
  const handover = await anArrivedHandover({ caseId })
  const decline = await aSentReferral({ caseId, to: 'birkenhof' })
  done(
    await (
      await as(cast.agnes)
    ).post(`/v1/referrals/${decline.id}/decline`, { reason: 'other', note: 'Kanarie-note' }),
  )
  await read(anton, `/v1/handovers/${handover.id}`)
  const [row] = await sql<{ all: string }>(`select string_agg(a::text, ' ') as all from audit_events a`)
  const words = [
    'Vogelsang',
    'Kanaria',
    'Käfiggasse',
    '1990-05-04',
    '0555 010203',
    'Wants to drink less',
    'Brief-situation',
  ]
  for (const word of [...words, ...allCanaries, ...Object.values(sheet), 'Kanarie-'])
    expect(row!.all).not.toContain(word)
  const created = (await trail({ clientId: String(handover['clientId']) })).find(
    (entry) => entry['action'] === 'clients.create',
  )
  expect(created!['fields']).toEqual(expect.arrayContaining(['identificationLevel', 'identity', 'reach']))
})

test('a row of the trail is neither changed nor deleted, and none is written in another’s name', async () => {
  for (const member of [dora, nora, cast.ada]) {
    await expect(asService(contextOf(member), `update audit_events set status = 200`)).rejects.toThrow(
      'permission denied',
    )
    await expect(asService(contextOf(member), 'delete from audit_events')).rejects.toThrow(
      'permission denied',
    )
  }
  const forged = `insert into audit_events (tenant_id, action, status, object_ids, client_ids, fields, request_id)
    values ($1, 'cases.read', 200, '{}', '{}', '{}', 'forged')`
  await expect(asService(contextOf(nora), forged, [otto.tenantId])).rejects.toThrow('row-level security')
})
