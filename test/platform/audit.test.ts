// Is there an answer without its row in the audit trail, and can a row be changed?
import { afterEach, expect, test } from 'vitest'
import { access, type Rule } from '../../src/access.ts'
import { answerTokens } from '../../src/modules/answers/token.ts'
import { lotse } from '../support/app.ts'
import { ada, cast, dora, hanna, nora, otto, paul, type Member } from '../support/cast.ts'
import { contextOf } from '../support/sql.ts'
import { actors, anyCanary, worlds } from '../support/world.ts'
import { attempts } from '../access/attempts.ts'

const service = await lotse()
const { address, as, asService, keys, nobody, routes, sql, aKnownClient, aSentReferral, anAnswerLink } =
  service
const { own } = await worlds(service)
const table = attempts(service)

const revoke = () => sql('revoke insert on audit_events from lotse_service, lotse_audit')
const grant = () => sql('grant insert on audit_events to lotse_service, lotse_audit')
afterEach(async () => {
  await grant()
})

const readers: Member[] = [nora, hanna, ada, dora, ...actors]
const reads = routes
  .filter(
    ({ method, config }) => method === 'GET' && typeof (access[config!.action!] as Rule).who !== 'string',
  )
  .map(({ url, config }) => {
    const action = config!.action!
    const { names, query } = table[action] ?? {}
    const reader = readers.find(({ role }) => (access[action] as Rule).who.includes(role as never))!
    return {
      action,
      reader,
      path: `${url.replace(':id', names ? own[names] : '')}${query ? `?${query}` : ''}`,
    }
  })

test(
  'while the audit trail cannot be written, nothing is read: every address answers 503 without data',
  { timeout: 60_000 },
  async () => {
    expect(reads.length).toBeGreaterThan(25)
    for (const { reader, path } of reads) expect((await (await as(reader)).get(path)).status, path).toBe(200)
    await revoke()
    for (const { reader, path } of reads) {
      const { status, body, text, headers } = await (await as(reader)).get(path)
      expect([status, body.code], path).toEqual([503, 'try_again'])
      expect(Object.keys(body).sort()).toEqual([
        'code',
        'detail',
        'errors',
        'requestId',
        'status',
        'title',
        'type',
      ])
      expect(text).not.toMatch(anyCanary)
      expect(headers['etag']).toBeUndefined()
      expect(headers['retry-after']).toBe('2')
    }
    await grant()
    for (const { reader, path } of reads.slice(0, 5))
      expect((await (await as(reader)).get(path)).status, path).toBe(200)
  },
)

test(
  'every address that a member reads is among them, and a list is not streamed either',
  { timeout: 60_000 },
  async () => {
    const members = Object.entries<Rule>(access).filter(([, { who }]) => typeof who !== 'string')
    const tried = new Set(reads.map(({ action }) => action))
    const left = routes.filter(
      ({ method, config }) =>
        method === 'GET' &&
        members.some(([action]) => action === config!.action) &&
        !tried.has(config!.action!),
    )
    expect(left).toEqual([])
    await revoke()
    for (const { reader, path } of reads) {
      const { status, text } = await (
        await as(reader)
      ).get(path, { headers: { accept: 'application/x-ndjson' } })
      expect(status, path).toBe(503)
      expect(text).not.toMatch(anyCanary)
    }
  },
)

test('while the audit trail cannot be written, a link shows nothing, opens nothing and takes no answer', async () => {
  const { id, attachmentId } = await aSentReferral({ attached: 'Kanaria' })
  const { id: linkId, code } = await anAnswerLink(id)
  const path = `/answer/${answerTokens(keys).make({ tenantId: nora.tenantId, linkId })}`
  const follow = async (to: string, cookie?: string, form?: Record<string, string>) => {
    const answer = await fetch(`${address}${to}`, {
      redirect: 'manual',
      headers: { ...(cookie && { cookie }) },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    return { status: answer.status, text: await answer.text(), cookie: answer.headers.get('set-cookie') }
  }
  const opened = await follow(path, undefined, { code: String(code) })
  const cookie = opened.cookie!.split(';')[0]!
  const document = `${path}/attachments/${attachmentId}`
  const shown = await follow(path, cookie)
  expect([shown.status, (await follow(document, cookie)).status]).toEqual([200, 200])
  expect(shown.text).toContain('Kanaria')
  await revoke()
  for (const answer of [
    await follow(path),
    await follow(path, cookie),
    await follow(document, cookie),
    await follow(path, undefined, { code: String(code) }),
    await follow(`${path}/answer`, cookie, { decision: 'accept', name: 'Ida Brand' }),
  ]) {
    expect(answer.status).toBe(503)
    expect(answer.text).not.toMatch(/Kanaria|Vogel|PDF/)
    expect(answer.cookie).toBeNull()
  }
  await grant()
  expect((await (await as(nora)).get(`/v1/referrals/${id}`)).body.status).toBe('sent')
})

test('while the audit trail cannot be written, nothing is written, searched or refused either', async () => {
  const [client, planner, outsider] = [await as(nora), await as(paul), await as(otto)]
  const before = await sql('select count(*) from clients')
  await revoke()
  const created = await client.post('/v1/clients', { identificationLevel: 'anonymous' })
  const searched = await client.post('/v1/clients/search', { familyName: 'Kanari-own-Vogel' })
  const refused = await planner.get('/v1/cases')
  const foreign = await outsider.get(`/v1/clients/${own.client}`)
  const signIn = await nobody.post('/v1/auth/token', {
    municipality: 'lindenau',
    email: nora.email,
    password: 'wrong',
  })
  for (const { status } of [created, searched, refused, foreign, signIn]) expect(status).toBe(503)
  expect(created.text).not.toContain('identificationLevel')
  expect(await sql('select count(*) from clients')).toEqual(before)
})

test.each(['update audit_events set status = 200', 'delete from audit_events', 'truncate audit_events'])(
  'nobody changes the trail: %s',
  async (statement) => {
    for (const member of [nora, dora, ada])
      await expect(asService(contextOf(member), statement)).rejects.toMatchObject({ code: '42501' })
  },
)

test('a row says who, what, about whom, which fields and how it ended, and no value', async () => {
  const client = await as(nora)
  const person = await aKnownClient({ alias: 'Zwitschernd' })
  await client.edit(`/v1/clients/${person.id}`, { district: 'Kanariengrund', interpreterNeeded: true })
  const rows = await sql<Record<string, unknown>>(
    `select a.*, a::text as line from audit_events a where $1 = any (object_ids) order by at`,
    [person.id],
  )
  expect(rows.map(({ action, status }) => [action, status])).toEqual([
    ['clients.create', 201],
    ['clients.read', 200],
    ['clients.update', 200],
  ])
  expect(rows[2]).toMatchObject({
    user_id: nora.userId,
    membership_id: nora.membershipId,
    role: 'navigator',
    fields: ['district', 'interpreterNeeded'],
    code: null,
  })
  expect(rows.map(({ line }) => line).join()).not.toMatch(/Kanari|Vogelsang|Zwitschernd|1990|0555/)
})

test('a search leaves a keyed hash of what was looked for: equal searches are equal, and nothing can be read from them', async () => {
  const client = await as(nora)
  for (const criteria of [{ familyName: 'Vogelsang' }, { familyName: 'Vogelsang' }, { familyName: 'Anders' }])
    await client.post('/v1/clients/search', criteria)
  const rows = await sql<{ criteria: string; line: string }>(
    `select criteria, a::text as line from audit_events a where action = 'clients.search' and criteria is not null
     order by at desc limit 3`,
  )
  const [third, second, first] = rows.map(({ criteria }) => criteria)
  expect(first).toBe(second)
  expect(third).not.toBe(first)
  expect(first).toMatch(/^[\w-]{43}$/)
  expect(rows.map(({ line }) => line).join()).not.toContain('Vogelsang')
})

test('what left is in the trail with its legal basis', async () => {
  const [row] = await sql(
    `select basis, code from audit_events where action = 'referrals.send' and $1 = any (object_ids)`,
    [own.referral],
  )
  expect(row).toEqual({ basis: 'release', code: null })
})

test('a refusal is in the trail as well, with its code', async () => {
  const refused = await (await as(otto)).get(`/v1/cases/${own.case}`)
  const rows = await sql('select tenant_id, user_id, status, code from audit_events where request_id = $1', [
    refused.body.requestId,
  ])
  expect(rows).toEqual([{ tenant_id: otto.tenantId, user_id: otto.userId, status: 404, code: 'not_found' }])
})

test('the data protection officer finds everything that was done about one person, and reading it leaves a row', async () => {
  const officer = await as(dora)
  const { status, body, text } = await officer.get(`/v1/audit-events?clientId=${own.client}&limit=200`)
  expect(status).toBe(200)
  expect(body.items.length).toBeGreaterThan(5)
  expect(new Set(body.items.map((item) => item['userId']))).toContain(nora.userId)
  for (const item of body.items)
    expect([...(item['clientIds'] as string[]), ...(item['objectIds'] as string[])]).toContain(own.client)
  expect(text).not.toMatch(anyCanary)
  const foreign = await (await as(cast.odila)).get(`/v1/audit-events?clientId=${own.client}`)
  expect(foreign.body.items).toEqual([])
  const [row] = await sql(
    `select status from audit_events where action = 'audit.read' and user_id = $1 limit 1`,
    [dora.userId],
  )
  expect(row).toEqual({ status: 200 })
})

test('two hundred readers at once each leave their row', async () => {
  const client = await as(nora)
  const count = async () =>
    (
      await sql<{ n: number }>(
        `select count(*)::int as n from audit_events where action = 'cases.leads' and user_id = $1`,
        [nora.userId],
      )
    )[0]!.n
  const before = await count()
  await Promise.all(Array.from({ length: 200 }, () => client.get(`/v1/cases/${own.case}/assignments`)))
  expect(await count()).toBe(before + 200)
})
