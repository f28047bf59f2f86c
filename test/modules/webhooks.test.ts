// Is another system told what happened, signed, at least once, and never a word about a person?
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { startJobs } from '../../src/jobs.ts'
import { publishFirstGuide } from '../../src/modules/clearing/index.ts'
import { installTenant } from '../../src/modules/identity/index.ts'
import { createDelivery, forgetDeliveries } from '../../src/modules/webhooks/index.ts'
import { createOutbound, type Outbound } from '../../src/platform/outbound.ts'
import { createVault } from '../../src/platform/seal.ts'
import { lotse } from '../support/app.ts'
import {
  ada,
  agnes,
  anton,
  carla,
  hanna,
  jule,
  mira,
  mona,
  nils,
  nora,
  orhan,
  otto,
  paul,
  selma,
  type Member,
} from '../support/cast.ts'
import { done } from '../support/factories.ts'
import { aNameServer } from '../support/names.ts'
import { password } from '../support/people.ts'
import { authority, serveTls } from '../support/tls.ts'

const service = await lotse()
const { as, sql, db, keys, log, outbound, urls, logged } = service
/** This machine, told of as if it stood in the public net: of any other place the log of deliveries says less. */
const asPublic: Outbound = Object.assign(
  (url: string, init: Parameters<Outbound>[1] = {}) =>
    outbound(url, { ...init, found: () => init.found?.(true) }),
  outbound,
)
const messenger = { db, vault: createVault(keys), log, outbound: asPublic }
const deliverWebhooks = (as = messenger, tenantId = nora.tenantId) =>
  createDelivery()(as, tenantId, { sweeping: true })

interface Call {
  body: string
  headers: Record<string, string>
  message: { type: string; timestamp: string; data: { id: string; kind: string; resource: string } }
}

const ends: (() => Promise<void>)[] = []
afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
})

/** Another system: keeps what it was called with, and answers as it is told. */
async function aReceiver(
  answer: (response: ServerResponse, call: Call) => void = (response) => void response.end(),
) {
  const calls: Call[] = []
  const how = { answer }
  const { url, end, server } = await serveTls((request: IncomingMessage, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = String(Buffer.concat(parts))
      const call = {
        body,
        headers: request.headers as Call['headers'],
        message: JSON.parse(body) as Call['message'],
      }
      calls.push(call)
      how.answer(response, call)
    })
  })
  ends.push(end)
  return { url: `${url}/lotse`, calls, how, end, server }
}
const answers =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, headers)
    response.end('{"who":"Kanari-answer-Vogel"}')
  }

/** A webhook of Anton's agency, with its secret. */
async function aHook(url: string, given: Record<string, unknown> = {}, by = anton) {
  const { body } = done(
    await (
      await as(by)
    ).post('/v1/webhooks', { url, eventTypes: ['referral.sent', 'referral.withdrawn'], ...given }),
  )
  return { id: body.id, secret: String(body['secret']), at: `/v1/webhooks/${body.id}` }
}

/** Until everything that was written has ended for the feed too: other files write into the same cluster. */
async function carry(until: () => boolean | Promise<boolean> = () => true, tries = 300) {
  for (let n = 0; n < tries; n += 1) {
    await deliverWebhooks()
    const [open] = await sql<{ open: boolean }>(
      'select exists (select from events where xid >= pg_snapshot_xmin(pg_current_snapshot())) as open',
    )
    if (!open!.open && (await until())) {
      await deliverWebhooks()
      return
    }
    await sleep(20)
  }
  throw new Error('what was waited for did not come')
}

interface Delivery {
  id: string
  status: string
  attempts: number
  lastStatus: number | null
  lastError: string | null
  lastMs: number | null
  lastAttemptAt: string | null
  nextAttemptAt: string | null
  eventType: string | null
  subjectId: string | null
}
const deliveriesOf = async ({ at }: { at: string }, by = anton) =>
  (await (await as(by)).get(`${at}/deliveries`)).body.items as unknown as Delivery[]
/** Time passes for what waits. */
const due = (id: string) =>
  sql(`update webhook_deliveries set next_attempt_at = now() where webhook_id = $1 and status = 'pending'`, [
    id,
  ])

beforeEach(async () => {
  await sql('delete from webhook_deliveries')
  await sql('delete from webhooks')
  await sql('delete from event_listeners')
})

test('a call is signed as Standard Webhooks says, and holds kind and id and nothing about the person', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  const { id, caseId, clientId } = await service.aSentReferral({ situation: 'Kanari-webhook-Vogel' })
  await carry(() => receiver.calls.length > 0)
  expect(receiver.calls).toHaveLength(1)
  const [{ body, headers, message }] = receiver.calls as [Call]
  const verified = new Webhook(hook.secret).verify(body, headers)
  expect(verified).toEqual(message)
  expect(message).toEqual({
    type: 'referral.sent',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    data: { id, kind: 'referral', resource: `/v1/referrals/${id}` },
  })
  expect(headers['content-type']).toBe('application/json')
  expect(JSON.stringify([body, headers])).not.toMatch(
    new RegExp(`Kanari|${caseId}|${clientId}|${nora.userId}`),
  )
  // What is read behind it is read with one's own rights.
  expect((await (await as(anton)).get(message.data.resource)).status).toBe(200)

  const refused = (secret: string, given: string, changed: Record<string, string> = {}) =>
    expect(
      () => new Webhook(secret).verify(given, { ...headers, ...changed }),
      JSON.stringify(changed),
    ).toThrow()
  refused(hook.secret, body.replace('sent', 'lost'))
  refused(hook.secret, body, { 'webhook-id': nora.userId })
  refused(hook.secret, body, { 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) })
  refused(`whsec_${Buffer.alloc(32, 7).toString('base64')}`, body)
  const old = new Date(Date.now() - 6 * 60_000)
  const late = {
    'webhook-timestamp': String(Math.floor(old.getTime() / 1000)),
    'webhook-signature': new Webhook(hook.secret).sign(headers['webhook-id']!, old, body),
  }
  refused(hook.secret, body, late)

  const [delivery] = await deliveriesOf(hook)
  expect(delivery).toMatchObject({
    id: headers['webhook-id'],
    status: 'delivered',
    attempts: 1,
    lastStatus: 200,
    lastError: null,
  })
  // Nothing of what was answered, of the address or of the secret is kept or logged.
  const [kept] = await sql<{ all: string }>(
    `select (select json_agg(w) from webhooks w)::text || (select json_agg(d) from webhook_deliveries d)::text as all`,
  )
  expect(kept!.all).not.toContain(hook.secret.slice(6))
  expect(kept!.all).not.toMatch(/Kanari/)
  expect(logged().join('\n')).not.toMatch(/Kanari|whsec|\/lotse"/)
  expect((await (await as(anton)).get(hook.at)).body['secret']).toBeNull()
})

test('only who connects systems of an organisation sees its webhooks; nobody else finds any', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  await service.aSentReferral()
  await carry(() => receiver.calls.length > 0)
  const [delivery] = await deliveriesOf(hook)
  const paths = [hook.at, `${hook.at}/deliveries`, `/v1/webhook-deliveries/${delivery!.id}`]
  for (const member of [agnes, jule, hanna, mona, otto, nora, selma, paul])
    for (const path of paths) {
      const answer = await (await as(member)).get(path)
      expect([403, 404], `${member.key} ${path}`).toContain(answer.status)
      expect(answer.text).not.toContain(receiver.url)
    }
  for (const member of [agnes, jule, hanna, mona])
    expect((await (await as(member)).get('/v1/webhooks')).body.items).toEqual([])
  for (const keeper of [ada, carla]) {
    for (const path of paths) expect((await (await as(keeper)).get(path)).status).toBe(200)
    expect((await (await as(keeper)).get('/v1/webhooks')).body.items).toHaveLength(1)
  }
  // For another organisation only administrator and coordinator set one up, and never for another municipality.
  const given = { url: receiver.url, eventTypes: ['referral.sent'] }
  const of = (organizationId: string) => ({ ...given, organizationId })
  expect((await (await as(anton)).post('/v1/webhooks', of(agnes.organizationId))).status).toBe(400)
  expect((await (await as(hanna)).post('/v1/webhooks', of(mira.organizationId))).status).toBe(400)
  expect((await (await as(ada)).post('/v1/webhooks', of(otto.organizationId))).status).toBe(400)
  expect((await (await as(ada)).post('/v1/webhooks', of(agnes.organizationId))).status).toBe(201)
})

test('an address that Lotse may not call is not taken, and the answer does not say why', async () => {
  const client = await as(anton)
  const eventTypes = ['referral.sent']
  const texts = new Set<string>()
  for (const url of [
    'http://system.example/lotse',
    'https://name:secret@system.example/lotse',
    'https://system.example:22/lotse',
    'https://10.0.0.1/lotse',
    'https://169.254.169.254/latest/meta-data',
    'https://[::ffff:127.0.0.1]/lotse',
    'https://[::1]/lotse',
  ]) {
    const { status, body, text } = await client.post('/v1/webhooks', { url, eventTypes })
    expect([status, body.code], url).toEqual([
      400,
      url.startsWith('http://') ? body.code : 'webhook_url_not_allowed',
    ])
    texts.add(text.replace(/"requestId":"[^"]*"/, ''))
  }
  expect(texts.size).toBeLessThanOrEqual(2)
  for (const wrong of [
    { url: 'ftp://system.example/' },
    { url: 'lotse' },
    { eventTypes: [] },
    { eventTypes: ['case.lost'] },
  ])
    expect(
      (await client.post('/v1/webhooks', { url: 'https://system.example', eventTypes, ...wrong })).status,
    ).toBe(400)
  const { at } = await aHook('https://system.example/lotse#part')
  expect((await client.get(at)).body['url']).toBe('https://system.example/lotse')
  expect((await client.edit(at, { url: 'https://192.168.0.1/lotse' })).body.code).toBe(
    'webhook_url_not_allowed',
  )
})

test('an address that grows when it is written as it is called is measured as it is called', async () => {
  const client = await as(anton)
  const eventTypes = ['referral.sent']
  const [fits, grows] = [50, 200].map((many) => `https://system.example/${'ü'.repeat(many)}`)
  const hook = await aHook(fits!)
  const refused = { status: 400, body: { errors: [{ pointer: '/url', code: 'too_big' }] } }
  expect(await client.post('/v1/webhooks', { url: grows, eventTypes })).toMatchObject(refused)
  expect(await client.edit(hook.at, { url: grows })).toMatchObject(refused)
  const { status, body } = await client.get('/v1/webhooks')
  expect([status, body.items.map(({ url }) => url)]).toEqual([
    200,
    [`https://system.example/${'%C3%BC'.repeat(50)}`],
  ])
})

test('an address that leads inside only later is not called then either', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  // What the operator no longer allows, or a name that now answers otherwise.
  await sql(`update webhooks set url = 'https://10.0.0.1/lotse' where id = $1`, [hook.id])
  await service.aSentReferral()
  await carry(async () => (await deliveriesOf(hook)).some(({ attempts }) => attempts > 0))
  expect(await deliveriesOf(hook)).toMatchObject([
    { status: 'pending', lastStatus: null, lastError: 'not_taken' },
  ])
  expect(receiver.calls).toEqual([])
})

test('of what does not stand in the public net the log says whether it was taken, and nothing else', async () => {
  const closed = await aReceiver()
  await closed.end()
  const [refusing, babbling] = [await aReceiver(answers(500)), await aReceiver(answers(404))]
  const well = await aReceiver(answers(202))
  const { at, end } = await aNameServer((name) => (name === 'inside.example' ? ['10.0.0.5'] : []))
  ends.push(end)
  const urls = {
    closed: closed.url,
    refusing: refusing.url,
    babbling: babbling.url,
    // Not allowed, and not there at all.
    forbidden: 'https://inside.example/lotse',
    unknown: 'https://nobody.example/lotse',
  }
  const hooks = await Promise.all(Object.values(urls).map((url) => aHook(url)))
  const taken = await aHook(well.url)
  for (const hook of [...hooks, taken]) done(await (await as(anton)).post(`${hook.at}/test`))
  await service.aSentReferral()
  const inside = createOutbound({ networks: ['127.0.0.0/8'], ca: authority, nameServers: [at] })
  for (let n = 0; n < 300 && well.calls.length < 2; n += 1) {
    await deliverWebhooks({ ...messenger, outbound: inside })
    await sleep(20)
  }
  const seen = new Set<string>()
  for (const hook of hooks)
    for (const { status, attempts, lastStatus, lastError, lastMs } of await deliveriesOf(hook))
      seen.add(JSON.stringify({ status, attempts, lastStatus, lastError, lastMs }))
  const untold = { attempts: 1, lastStatus: null, lastError: 'not_taken', lastMs: null }
  expect([...seen].sort()).toEqual(
    ['exhausted', 'pending'].map((status) => JSON.stringify({ status, ...untold })),
  )
  for (const delivery of await deliveriesOf(taken))
    expect(delivery).toMatchObject({ status: 'delivered', lastStatus: null, lastError: null, lastMs: null })
})

test('while a secret is changed both sign, for a day', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  const { body } = done(await (await as(anton)).post(`${hook.at}/rotate-secret`))
  const fresh = String(body['secret'])
  expect(fresh).not.toBe(hook.secret)
  expect(body['formerSecretUntil']).not.toBeNull()
  await service.aSentReferral()
  await carry(() => receiver.calls.length > 0)
  for (const secret of [hook.secret, fresh])
    expect(new Webhook(secret).verify(receiver.calls[0]!.body, receiver.calls[0]!.headers)).toBeTruthy()
  await sql(`update webhooks set former_until = now() - interval '1 second' where id = $1`, [hook.id])
  await service.aSentReferral()
  await carry(() => receiver.calls.length > 1)
  const [, { body: later, headers }] = receiver.calls as [Call, Call]
  expect(new Webhook(fresh).verify(later, headers)).toBeTruthy()
  expect(() => new Webhook(hook.secret).verify(later, headers)).toThrow()
  expect((await (await as(anton)).get(hook.at)).body['formerSecretUntil']).toBeNull()
})

test('what is not taken is tried again, later and later, under the same id', async () => {
  const receiver = await aReceiver(answers(500))
  const hook = await aHook(receiver.url)
  await service.aSentReferral()
  await carry(() => receiver.calls.length > 0)
  const [failed] = await deliveriesOf(hook)
  expect(failed).toMatchObject({
    status: 'pending',
    attempts: 1,
    lastStatus: 500,
    lastError: 'answer_not_2xx',
  })
  expect(Date.parse(failed!.nextAttemptAt!) - Date.now()).toBeGreaterThan(15_000)
  // Not before it is due, however often somebody looks.
  await carry()
  expect(receiver.calls).toHaveLength(1)
  // Nobody follows a redirect, nor takes it for a yes.
  receiver.how.answer = answers(302, { location: receiver.url })
  await due(hook.id)
  await carry()
  expect((await deliveriesOf(hook))[0]).toMatchObject({ status: 'pending', attempts: 2, lastStatus: 302 })
  receiver.how.answer = answers(204)
  await due(hook.id)
  await carry()
  expect((await deliveriesOf(hook))[0]).toMatchObject({
    status: 'delivered',
    attempts: 3,
    lastStatus: 204,
    nextAttemptAt: null,
  })
  expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(receiver.calls).toHaveLength(3)
  expect(JSON.stringify(await deliveriesOf(hook))).not.toMatch(/Kanari/)
})

test('a system that hangs or is away delays nobody but itself', async () => {
  const [hanging, away, well] = [await aReceiver(() => {}), await aReceiver(), await aReceiver()]
  const hooks = [await aHook(hanging.url), await aHook(away.url), await aHook(well.url)]
  await away.end()
  await service.aSentReferral()
  const from = Date.now()
  let told = 0
  const watching = (async () => {
    while (well.calls.length === 0 && Date.now() - from < 15_000) await sleep(10)
    told = Date.now() - from
  })()
  await carry(() => hanging.calls.length > 0 && well.calls.length > 0)
  await watching
  expect(told).toBeLessThan(4_000)
  const state = async (n: number) => (await deliveriesOf(hooks[n]!))[0]
  expect(await state(0)).toMatchObject({ status: 'pending', lastStatus: null, lastError: 'took_too_long' })
  expect(await state(1)).toMatchObject({ status: 'pending', lastStatus: null, lastError: 'no_connection' })
  expect(await state(2)).toMatchObject({ status: 'delivered' })
})

test('what Lotse itself breaks off counts against nobody, and goes on with the next process', async () => {
  const receiver = await aReceiver(() => {})
  const hook = await aHook(receiver.url)
  done(await (await as(anton)).post(`${hook.at}/test`))
  await service.aSentReferral()
  const runner = startJobs({ workerUrl: urls.worker, db, keys, log, mail: undefined, outbound: asPublic })
  const began = Date.now()
  try {
    await expect.poll(() => receiver.calls.length, { timeout: 10_000, interval: 20 }).toBeGreaterThan(0)
  } finally {
    await runner.end()
  }
  // Nobody has waited for the five seconds.
  expect(Date.now() - began).toBeLessThan(14_000)
  for (const { status, attempts, lastError, lastAttemptAt, nextAttemptAt } of await deliveriesOf(hook)) {
    expect({ status, attempts, lastError, lastAttemptAt }).toEqual({
      status: 'pending',
      attempts: 0,
      lastError: null,
      lastAttemptAt: null,
    })
    expect(Date.parse(nextAttemptAt!)).toBeLessThanOrEqual(Date.now())
  }
  expect((await (await as(anton)).get(hook.at)).body).toMatchObject({ status: 'active', failingSince: null })
  receiver.how.answer = answers(200)
  const calls = receiver.calls.length
  const next = startJobs({ workerUrl: urls.worker, db, keys, log, mail: undefined, outbound: asPublic })
  try {
    // Not the round that comes every minute.
    await expect.poll(() => receiver.calls.length, { timeout: 15_000 }).toBe(calls + 2)
    await expect
      .poll(async () => (await deliveriesOf(hook)).map(({ status, attempts }) => `${status} ${attempts}`), {
        timeout: 10_000,
      })
      .toEqual(['delivered 1', 'delivered 1'])
  } finally {
    await next.end()
  }
})

test('when a process has another day than the database, signatures and attempts have that of the database', async () => {
  const receiver = await aReceiver(answers(500))
  const hook = await aHook(receiver.url)
  await service.aSentReferral()
  const now = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: now + 86_400_000 })
  try {
    for (let n = 0; n < 300 && receiver.calls.length === 0; n += 1) {
      await deliverWebhooks()
      await sleep(20)
    }
  } finally {
    vi.useRealTimers()
  }
  const [{ body, headers }] = receiver.calls as [Call]
  expect(new Webhook(hook.secret).verify(body, headers)).toBeTruthy()
  const [delivery] = await deliveriesOf(hook)
  expect(Date.parse(delivery!.nextAttemptAt!) - now).toBeLessThan(60_000)
  expect((await (await as(anton)).get(hook.at)).body['failingSince']).toSatisfy(
    (since: string) => Date.parse(since) - now < 60_000,
  )
})

test('a delivery is given up after a day, and called for once more by hand', async () => {
  const receiver = await aReceiver(answers(503))
  const hook = await aHook(receiver.url)
  await service.aSentReferral()
  await carry(() => receiver.calls.length > 0)
  for (let n = 2; n <= 8; n += 1) {
    expect((await deliveriesOf(hook))[0]).toMatchObject({ status: 'pending', attempts: n - 1 })
    await due(hook.id)
    await carry()
  }
  const [given] = await deliveriesOf(hook)
  expect(given).toMatchObject({ status: 'exhausted', attempts: 8, nextAttemptAt: null })
  expect((await (await as(anton)).get(hook.at)).body['failingSince']).not.toBeNull()
  receiver.how.answer = answers(200)
  const replay = `/v1/webhook-deliveries/${given!.id}/replay`
  expect((await (await as(agnes)).post(replay)).status).toBe(404)
  expect(done(await (await as(anton)).post(replay)).body).toMatchObject({ status: 'pending', attempts: 0 })
  await carry()
  expect((await deliveriesOf(hook))[0]).toMatchObject({ status: 'delivered', attempts: 1 })
  expect(receiver.calls).toHaveLength(9)
  expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect((await (await as(anton)).get(hook.at)).body['failingSince']).toBeNull()
})

test('whoever never answers is called no more, and taken up again where it stopped', async () => {
  const receiver = await aReceiver(answers(500))
  const hook = await aHook(receiver.url)
  const { id } = await service.aSentReferral()
  await carry(() => receiver.calls.length > 0)
  await sql(`update webhooks set failing_since = now() - interval '6 days' where id = $1`, [hook.id])
  await due(hook.id)
  await carry()
  const client = await as(anton)
  expect((await client.get(hook.at)).body).toMatchObject({ status: 'failing', stoppedBecause: 'failures' })
  expect(await sql('select from event_listeners')).toHaveLength(0)
  const calls = receiver.calls.length
  await due(hook.id)
  const later = await service.aSentReferral()
  await carry()
  expect(receiver.calls).toHaveLength(calls)
  receiver.how.answer = answers(200)
  expect(done(await client.post(`${hook.at}/resume`)).body).toMatchObject({
    status: 'active',
    stoppedBecause: null,
  })
  await due(hook.id)
  await carry(() => receiver.calls.length >= calls + 2)
  const states = (await deliveriesOf(hook)).map(({ subjectId, status }) => `${subjectId} ${status}`)
  expect(states.sort()).toEqual([`${id} delivered`, `${later.id} delivered`].sort())
  expect((await client.post(`${hook.at}/resume`)).body.code).toBe('webhook_is_active')
})

test('ten deliveries given up one after the other stop a webhook, too', async () => {
  const receiver = await aReceiver(answers(500))
  const hook = await aHook(receiver.url)
  await service.aSentReferral()
  await carry(() => receiver.calls.length > 0)
  await sql(`update webhooks set given_up = 9 where id = $1`, [hook.id])
  await sql(`update webhook_deliveries set attempts = 7 where webhook_id = $1`, [hook.id])
  await due(hook.id)
  await carry()
  expect((await (await as(anton)).get(hook.at)).body).toMatchObject({
    status: 'failing',
    stoppedBecause: 'failures',
  })
})

test('410 ends it at once', async () => {
  const receiver = await aReceiver(answers(410))
  const hook = await aHook(receiver.url)
  await service.aSentReferral()
  await carry(() => receiver.calls.length > 0)
  await service.aSentReferral()
  await due(hook.id)
  await carry()
  expect(receiver.calls).toHaveLength(1)
  expect((await (await as(anton)).get(hook.at)).body).toMatchObject({
    status: 'failing',
    stoppedBecause: 'gone',
  })
  expect(await deliveriesOf(hook)).toMatchObject([{ status: 'exhausted', lastStatus: 410 }])
})

test('a pause loses nothing, a change of events counts from then on, and what was taken away calls nobody', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  const client = await as(anton)
  done(await client.post(`${hook.at}/pause`))
  expect((await client.post(`${hook.at}/pause`)).body.code).toBe('webhook_is_paused')
  const { id } = await service.aSentReferral()
  await carry()
  expect(receiver.calls).toEqual([])
  done(await client.post(`${hook.at}/resume`))
  await carry(() => receiver.calls.length > 0)
  expect(receiver.calls.map(({ message }) => message.data.id)).toEqual([id])
  done(await client.edit(hook.at, { eventTypes: ['referral.accepted'] }))
  const accepted = await service.anAcceptedReferral()
  await carry(() => receiver.calls.length > 1)
  expect(receiver.calls.slice(1).map(({ message }) => [message.type, message.data.id])).toEqual([
    ['referral.accepted', accepted.id],
  ])
  const { headers } = await client.get(hook.at)
  expect((await client.send('DELETE', hook.at, undefined, {})).status).toBe(428)
  expect((await client.send('DELETE', hook.at, undefined, { 'if-match': headers['etag']! })).status).toBe(204)
  expect((await client.get(hook.at)).status).toBe(404)
  expect(await sql('select from webhook_deliveries')).toHaveLength(0)
  expect(await sql('select from event_listeners')).toHaveLength(0)
  await service.anAcceptedReferral()
  await carry()
  expect(receiver.calls).toHaveLength(2)
})

test('what is wanted is found behind any amount of what is not', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url, { eventTypes: ['offer.capacity_changed'] })
  await sql(
    `insert into events (tenant_id, id, xid, type, subject_kind, subject_id, organization_id, compartment_id, shielded)
     select $1, uuidv7(), pg_current_xact_id(), 'referral.taken', 'referral', uuidv7(), $2, null, false from generate_series(1, 1200)`,
    [anton.tenantId, anton.organizationId],
  )
  const [offer] = (await (await as(anton)).get(`/v1/offers?organizationId=${anton.organizationId}`)).body
    .items
  done(await (await as(anton)).post(`/v1/offers/${offer!.id}/capacity`, { freePlaces: 2 }))
  for (let n = 0; n < 300 && receiver.calls.length === 0; n += 1) {
    await createDelivery()(messenger, nora.tenantId)
    await sleep(20)
  }
  expect(receiver.calls.map(({ message }) => message.data.id)).toEqual([offer!.id])
  expect(await deliveriesOf(hook)).toHaveLength(1)
})

test('a ping tries whether somebody is there, once, also while the webhook rests', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  const client = await as(anton)
  done(await client.post(`${hook.at}/pause`))
  const ping = done(await client.post(`${hook.at}/test`)).body
  await carry(() => receiver.calls.length > 0)
  expect(receiver.calls.map(({ message }) => message)).toMatchObject([
    { type: 'ping', data: { id: hook.id, kind: 'webhook', resource: hook.at } },
  ])
  expect(new Webhook(hook.secret).verify(receiver.calls[0]!.body, receiver.calls[0]!.headers)).toBeTruthy()
  expect((await client.get(`/v1/webhook-deliveries/${ping.id}`)).body).toMatchObject({
    status: 'delivered',
    eventType: null,
  })
  receiver.how.answer = answers(500)
  const second = done(await client.post(`${hook.at}/test`)).body
  await carry(() => receiver.calls.length > 1)
  expect((await client.get(`/v1/webhook-deliveries/${second.id}`)).body).toMatchObject({
    status: 'exhausted',
    attempts: 1,
  })
  expect((await client.get(hook.at)).body).toMatchObject({ status: 'paused', failingSince: null })
})

test('nothing about somebody shielded goes out, on neither side', async () => {
  const [ofUnit, ofAgency] = [await aReceiver(), await aReceiver()]
  const eventTypes = [
    'client.recorded',
    'case.opened',
    'referral.drafted',
    'referral.sent',
    'referral.accepted',
  ]
  await aHook(ofUnit.url, { eventTypes }, hanna)
  await aHook(ofAgency.url, { eventTypes })
  const person = await service.aClient(
    { identificationLevel: 'pseudonymous', shielded: true, alias: 'Kranich' },
    nils,
  )
  const shielded = await service.anAcceptedReferral({ clientId: person.id, by: nils })
  const { id } = await service.aSentReferral()
  await carry(() => ofUnit.calls.length >= 4 && ofAgency.calls.length >= 1)
  expect(ofAgency.calls.map(({ message }) => [message.type, message.data.id])).toEqual([
    ['referral.sent', id],
  ])
  const told = ofUnit.calls.map(({ message }) => message.data.id)
  for (const hidden of [person.id, shielded.caseId, shielded.id]) expect(told).not.toContain(hidden)
  expect(ofUnit.calls.map(({ message }) => message.type)).toEqual([
    'client.recorded',
    'case.opened',
    'referral.drafted',
    'referral.sent',
  ])
})

test('after a release was withdrawn its recipient hears that the referral was, and nothing more', async () => {
  const receiver = await aReceiver()
  const all = [
    'referral.sent',
    'referral.accepted',
    'referral.withdrawn',
    'handover.offered',
    'handover.cancelled',
    'release.withdrawn',
    'case.closed',
  ]
  await aHook(receiver.url, { eventTypes: all })
  const { releaseId, caseId, id, referralId } = await service.anOfferedHandover()
  await carry(() => receiver.calls.length >= 3)
  const before = receiver.calls.length
  const unit = await as(nora)
  done(await unit.post(`/v1/releases/${releaseId}/withdraw`))
  done(await unit.post(`/v1/cases/${caseId}/close`, { endType: 'moved', outcome: 'unchanged' }))
  await carry(() => receiver.calls.length > before)
  await carry()
  expect(receiver.calls.slice(before).map(({ message }) => [message.type, message.data.id])).toEqual([
    ['referral.withdrawn', referralId],
  ])
  expect(receiver.calls.map(({ message }) => message.data.id)).toContain(id)
})

test('two runners at once call once for each event, and miss none', async () => {
  const receiver = await aReceiver((response) => void setTimeout(() => response.end(), 5))
  await aHook(receiver.url, { eventTypes: ['case.updated'] }, hanna)
  const { id } = await service.aCase()
  const unit = await as(nora)
  const many = 30
  let changing = true
  const changes = (async () => {
    for (let n = 0; n < many; n += 1)
      done(await unit.edit(`/v1/cases/${id}`, { concern: `Kanari-${n}-Vogel` }))
    changing = false
  })()
  const runner = async () => {
    while (changing || receiver.calls.length < many) {
      await deliverWebhooks()
      await sleep(3)
    }
  }
  await Promise.all([changes, runner(), runner(), runner()])
  await carry()
  const ids = receiver.calls.map(({ headers }) => headers['webhook-id'])
  expect(ids).toHaveLength(many)
  expect(new Set(ids).size).toBe(many)
})

test('a runner that died in the middle leaves the attempt to the next one', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  await service.aSentReferral()
  // It took the attempt, and never came back.
  let failed = 0
  const dying = {
    ...messenger,
    failed: () => void (failed += 1),
    outbound: Object.assign(() => Promise.reject(new Error('killed')), outbound) as never,
  }
  for (let n = 0; n < 300 && (await deliveriesOf(hook)).length === 0; n += 1) {
    await deliverWebhooks(dying)
    await sleep(20)
  }
  expect(await deliveriesOf(hook)).toMatchObject([{ status: 'pending', attempts: 1, lastError: null }])
  expect(failed).toBe(1)
  await carry()
  expect(receiver.calls).toEqual([])
  await due(hook.id)
  await sql(`update webhooks set called_until = now() - interval '1 second'`)
  await carry(() => receiver.calls.length > 0)
  expect(await deliveriesOf(hook)).toMatchObject([{ status: 'delivered', attempts: 2 }])
})

// The horizon is that of the whole server: the other test files hold it back too, for some seconds.
const slowly = { timeout: 60_000 }
const isReadable = async () =>
  (await sql('select from events where xid >= pg_snapshot_xmin(pg_current_snapshot())')).length === 0
test('the queue carries it by itself, right after the act', slowly, async () => {
  const receiver = await aReceiver()
  await aHook(receiver.url)
  const runner = startJobs({ workerUrl: urls.worker, db, keys, log, mail: undefined, outbound: asPublic })
  try {
    // What waits from before, and the tick of the start.
    for (let n = 0; n < 200 && !(await idle()); n += 1) await sleep(25)
    const { id } = await service.aSentReferral()
    for (let n = 0; n < 1_000 && receiver.calls.length === 0; n += 1) await sleep(25)
    expect(receiver.calls.map(({ message }) => message.data.id)).toEqual([id])
  } finally {
    await runner.end()
  }
})

test(
  'an older transaction that is still open delays a delivery no longer than it lasts',
  slowly,
  async () => {
    const receiver = await aReceiver()
    await aHook(receiver.url)
    const older = new pg.Client({ connectionString: urls.admin })
    await older.connect()
    const runner = startJobs({ workerUrl: urls.worker, db, keys, log, mail: undefined, outbound: asPublic })
    try {
      for (let n = 0; n < 200 && !(await idle()); n += 1) await sleep(25)
      await older.query('begin; select pg_current_xact_id()')
      const { id } = await service.aSentReferral()
      await sleep(400)
      expect(receiver.calls).toEqual([])
      await older.query('commit')
      // Not the round that comes every minute.
      for (let n = 0; n < 1_000 && receiver.calls.length === 0; n += 1) await sleep(25)
      expect(receiver.calls.map(({ message }) => message.data.id)).toEqual([id])
    } finally {
      await Promise.all([runner.end(), older.end()])
    }
  },
)

/** A municipality of its own, with its administrator. */
async function aMunicipality(slug: string): Promise<Member> {
  const email = `admin@${slug}.example`
  const { id, organizationId, userId } = await installTenant(
    db,
    {
      slug,
      name: slug,
      administration: slug,
      kind: 'city',
      country: 'de',
      timeZone: 'Europe/Berlin',
      language: 'de',
      admin: { name: 'Alma', email, password },
    },
    publishFirstGuide,
  )
  const [membership] = await sql<{ id: string }>('select id from memberships where user_id = $1', [userId])
  return {
    ...ada,
    municipality: slug as never,
    email,
    tenantId: id,
    userId,
    organizationId,
    membershipId: membership!.id,
  }
}

test(
  'hanging webhooks of two municipalities delay neither a seal, nor an e-mail, nor the delivery of a third',
  { timeout: 60_000 },
  async () => {
    const [one, other] = [await aReceiver(() => {}), await aReceiver(() => {})]
    for (const [{ url }, keeper] of [
      [one, ada],
      [other, orhan],
    ] as const)
      for (let n = 0; n < 12; n += 1) {
        const hook = await aHook(url, {}, keeper)
        for (let ping = 0; ping < 3; ping += 1) done(await (await as(keeper)).post(`${hook.at}/test`))
      }
    const well = await aReceiver()
    const { client } = await service.signIn(await aMunicipality('weiler'))
    const hook = done(
      await client.post('/v1/webhooks', { url: well.url, eventTypes: ['referral.sent'] }),
    ).body
    const letters: string[] = []
    const mail = {
      mailer: async ({ to }: { to: string }) => void letters.push(to),
      publicUrl: 'https://lotse.example',
    }
    const runner = startJobs({ workerUrl: urls.worker, db, keys, log, mail, outbound: asPublic })
    try {
      await expect.poll(() => one.calls.length > 0 && other.calls.length > 0, { timeout: 20_000 }).toBe(true)
      // All that the start has brought is over; what hangs, hangs.
      const others = async () =>
        sql(`select from graphile_worker.jobs where task_identifier in ('tick', 'seal', 'mail')`)
      await expect.poll(others, { timeout: 10_000 }).toEqual([])
      const heads = async () => (await sql<{ n: number }>('select count(*)::int as n from audit_heads'))[0]!.n
      const before = await heads()
      const { id } = await service.aSentReferral()
      await service.anAnswerLink(id, { email: 'post@praxis.example' })
      done(await client.post(`/v1/webhooks/${hook.id}/test`))
      await sql(`select graphile_worker.add_job('seal')`)
      const all = async () => ({
        letters: letters.includes('post@praxis.example'),
        delivered: well.calls.length,
        sealed: (await heads()) > before,
      })
      await expect.poll(all, { timeout: 8_000 }).toEqual({ letters: true, delivered: 1, sealed: true })
      // They do hang: what came first has not even been tried by now.
      const untried = await sql(
        `select from webhook_deliveries where status = 'pending' and last_attempt_at is null`,
      )
      expect(untried.length).toBeGreaterThan(20)
    } finally {
      await runner.end()
    }
    await sql('delete from graphile_worker._private_jobs')
  },
)

test(
  'while one webhook hangs, what happens meanwhile reaches the others of its municipality',
  slowly,
  async () => {
    const [hanging, well] = [await aReceiver(() => {}), await aReceiver()]
    await aHook(hanging.url)
    await aHook(well.url)
    const runner = startJobs({ workerUrl: urls.worker, db, keys, log, mail: undefined, outbound: asPublic })
    try {
      const first = await service.aSentReferral()
      await expect
        .poll(() => hanging.calls.length > 0 && well.calls.length > 0, { timeout: 25_000, interval: 10 })
        .toBe(true)
      const second = await service.aSentReferral()
      await expect.poll(isReadable, { timeout: 25_000, interval: 10 }).toBe(true)
      const from = Date.now()
      await expect.poll(() => well.calls.length, { timeout: 10_000, interval: 10 }).toBe(2)
      // A call that hangs takes five seconds.
      expect(Date.now() - from).toBeLessThan(4_500)
      expect(hanging.calls).toHaveLength(1)
      expect(well.calls.map(({ message }) => message.data.id)).toEqual([first.id, second.id])
    } finally {
      await runner.end()
    }
  },
)

test(
  'what happens while another process calls a webhook is not left to the next minute',
  slowly,
  async () => {
    const receiver = await aReceiver()
    const hook = await aHook(receiver.url)
    // Of that process nobody knows whether it looked before or after the act.
    await sql(`update webhooks set called_until = now() + interval '1 minute' where id = $1`, [hook.id])
    const runner = startJobs({ workerUrl: urls.worker, db, keys, log, mail: undefined, outbound: asPublic })
    try {
      const { id } = await service.aSentReferral()
      await sleep(500)
      expect(receiver.calls).toEqual([])
      await sql(`update webhooks set called_until = null where id = $1`, [hook.id])
      await expect.poll(() => receiver.calls.length, { timeout: 25_000 }).toBe(1)
      expect(receiver.calls[0]!.message.data.id).toBe(id)
    } finally {
      await runner.end()
    }
  },
)

test('whoever has much to be told lets others pass, and loses nothing by that', async () => {
  const receiver = await aReceiver((response) => void setTimeout(() => response.end(), 50))
  const hook = await aHook(receiver.url)
  for (let n = 0; n < 30; n += 1) done(await (await as(anton)).post(`${hook.at}/test`))
  const deliver = createDelivery({ longest: 300 })
  const left: object[] = []
  const queue = async (payload: object) => void left.push(payload)
  await deliver(messenger, nora.tenantId, { queue })
  expect(receiver.calls.length).toBeGreaterThan(0)
  expect(receiver.calls.length).toBeLessThan(30)
  expect(left).toEqual([{ tenantId: nora.tenantId }])
  let turns = 1
  for (; left.length > 0; turns += 1) {
    left.pop()
    await deliver(messenger, nora.tenantId, { queue })
  }
  expect(turns).toBeGreaterThan(3)
  expect(receiver.calls).toHaveLength(30)
  expect(new Set((await deliveriesOf(hook)).map(({ status }) => status))).toEqual(new Set(['delivered']))
})

test('a municipality has one turn at a time: whoever comes meanwhile makes it look again, and is free', async () => {
  const [slow, well] = [
    await aReceiver((response) => void setTimeout(() => response.end(), 2_000)),
    await aReceiver(),
  ]
  const [first, second] = [await aHook(slow.url), await aHook(well.url)]
  const deliver = createDelivery()
  done(await (await as(anton)).post(`${first.at}/test`))
  let over = false
  const turn = deliver(messenger, nora.tenantId).then(() => (over = true))
  await expect.poll(() => slow.calls.length, { timeout: 5_000, interval: 10 }).toBe(1)
  done(await (await as(anton)).post(`${second.at}/test`))
  await Promise.all([1, 2, 3].map(() => deliver(messenger, nora.tenantId)))
  // The calls belong to the turn; whoever asked for them does not wait for their end.
  expect(over).toBe(false)
  await turn
  expect([slow.calls.length, well.calls.length]).toEqual([1, 1])
})

test('a delivery that waits for an older transaction keeps no hand busy, and gives up after a while', async () => {
  const receiver = await aReceiver()
  await aHook(receiver.url)
  const older = new pg.Client({ connectionString: urls.admin })
  await older.connect()
  try {
    await older.query('begin; select pg_current_xact_id()')
    await service.aSentReferral()
    const deliver = createDelivery()
    const waits: number[] = []
    const queue = async () => {}
    const sleep = async (ms: number) => void waits.push(ms)
    for (let look = 0; look < 37; look += 1) {
      const from = Date.now()
      await deliver(messenger, nora.tenantId, { queue, sleep })
      expect(Date.now() - from).toBeLessThan(2_000)
    }
    // A minute in all.
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, ...Array<number>(29).fill(2_000), 50])
    // Many who look at once sleep once.
    const sleeping: number[] = []
    const asleep = (ms: number) => new Promise<void>(() => sleeping.push(ms))
    const another = createDelivery()
    for (let look = 0; look < 3; look += 1) await another(messenger, nora.tenantId, { queue, sleep: asleep })
    expect(sleeping).toEqual([50])
    // Nobody else is held up by it.
    const well = await aReceiver()
    const hook = await aHook(well.url, {}, orhan)
    done(await (await as(orhan)).post(`${hook.at}/test`))
    await deliver(messenger, orhan.tenantId, { queue, sleep })
    expect(well.calls).toHaveLength(1)
    expect(receiver.calls).toEqual([])
  } finally {
    await older.end()
  }
})

const idle = async () =>
  (await sql<{ n: number }>('select count(*)::int as n from graphile_worker.jobs'))[0]!.n === 0

test('the log goes back ninety days', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  await service.aSentReferral()
  await carry(() => receiver.calls.length > 0)
  expect(await forgetDeliveries(db, nora.tenantId)).toBe(0)
  await sql(`update webhook_deliveries set created_at = now() - interval '91 days'`)
  expect(await forgetDeliveries(db, otto.tenantId)).toBe(0)
  expect(await forgetDeliveries(db, nora.tenantId)).toBe(1)
  expect(await deliveriesOf(hook)).toEqual([])
})

test('nobody of a municipality invents a delivery or reads how it is signed', async () => {
  const receiver = await aReceiver()
  const hook = await aHook(receiver.url)
  const admin = await as(ada)
  for (const path of [hook.at, '/v1/webhooks']) {
    const { text } = await admin.get(path)
    expect(text).not.toContain(hook.secret)
    expect(text).not.toMatch(/sealed|wrapped/i)
  }
  // A repeated request answers the webhook, and the secret no more.
  const given = { url: receiver.url, eventTypes: ['referral.sent'] }
  const first = done(await admin.post('/v1/webhooks', given, { idempotencyKey: 'hook-1' }))
  const again = done(await admin.post('/v1/webhooks', given, { idempotencyKey: 'hook-1' }))
  expect(again.body.id).toBe(first.body.id)
  expect([typeof first.body['secret'], again.body['secret']]).toEqual(['string', null])
  await expect(
    service.asService(
      { tenant_id: ada.tenantId, role: 'tenant_admin', organization_id: ada.organizationId },
      `insert into webhook_deliveries (tenant_id, id, webhook_id, organization_id, event_id, event_type, subject_kind, subject_id,
         happened_at, status, next_attempt_at)
       select tenant_id, uuidv7(), id, organization_id, uuidv7(), 'referral.sent', 'referral', uuidv7(), now(), 'pending', now()
       from webhooks where id = $1`,
      [hook.id],
    ),
  ).rejects.toThrow(/row-level security/)
})
