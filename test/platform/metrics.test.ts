// Do the figures say how the service is doing, to whoever runs it and to nobody else, and nothing about anybody?
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { lotse } from '../support/app.ts'
import { nora, otto } from '../support/cast.ts'

const { as, urls, keys, log, aKnownClient, address } = await lotse()
const metricsToken = 'a'.repeat(16) + 'Zwitscher0123456'
const measured = await createApp({ databaseUrl: urls.service, databasePool: 4, keys, log, metricsToken })
const at = await measured.app.listen({ host: '127.0.0.1', port: 0 })
afterAll(() => measured.app.close())
const scrape = (token?: string) =>
  fetch(`${at}/metrics`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
const figures = async () => (await scrape(metricsToken)).text()
const figure = (text: string, name: string) =>
  Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1])

test('without the token of the installation nobody reads them, from this machine neither', async () => {
  const { token } = await as(nora)
  for (const given of [undefined, '', 'x', token!, metricsToken.slice(0, -1), `${metricsToken}x`]) {
    const answer = await scrape(given)
    expect(answer.status).toBe(401)
    expect(await answer.text()).not.toContain('lotse_')
  }
  const forwarded = await fetch(`${at}/metrics`, { headers: { 'x-forwarded-for': '127.0.0.1' } })
  expect(forwarded.status).toBe(401)
})

test('where no token is set there is no such address', async () => {
  for (const authorization of ['Bearer undefined', 'Bearer ', `Bearer ${metricsToken}`])
    expect((await fetch(`${address}/metrics`, { headers: { authorization } })).status).toBe(404)
})

test('requests are counted by action and class of status, and how long they took', async () => {
  const before = await figures()
  const headers = { authorization: `Bearer ${(await as(nora)).token}` }
  const count = (text: string, action: string, status: string) =>
    figure(text, `lotse_requests_total{action="${action}",status="${status}"}`) || 0
  await fetch(`${at}/v1/cases`, { headers })
  await fetch(`${at}/v1/cases`)
  await fetch(`${at}/v1/nowhere`)
  const after = await figures()
  for (const [action, status] of [
    ['cases.list', '2xx'],
    ['cases.list', '4xx'],
    ['none', '4xx'],
  ] as const)
    expect(count(after, action, status) - count(before, action, status), `${action} ${status}`).toBe(1)
  expect(figure(after, 'lotse_request_duration_seconds_count{action="cases.list"}')).toBe(2)
  expect(figure(after, 'lotse_build_info{version="0.1.0",node="' + process.version + '"}')).toBe(1)
})

test('what waits is seen while it waits', async () => {
  const text = await figures()
  expect(figure(text, 'lotse_database_connections_most')).toBe(4)
  expect(figure(text, 'lotse_database_connections_in_use')).toBe(0)
  expect(figure(text, 'lotse_audit_rows_waiting')).toBe(0)
  const held = await Promise.all([1, 2, 3, 4].map(() => measured.pool.connect()))
  const waiting = fetch(`${at}/v1/me`, { headers: { authorization: `Bearer ${(await as(otto)).token}` } })
  await expect.poll(async () => figure(await figures(), 'lotse_database_requests_waiting')).toBe(1)
  expect(figure(await figures(), 'lotse_database_connections_in_use')).toBe(4)
  for (const client of held) client.release()
  expect((await waiting).status).toBe(200)
  for (const name of [
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_p99_seconds',
    'process_start_time_seconds',
  ])
    expect(figure(text, name), name).toBeGreaterThan(0)
})

test('nothing in them is about anybody: no id, no name, no municipality, no address', async () => {
  const headers = { authorization: `Bearer ${(await as(nora)).token}` }
  const person = await aKnownClient()
  await fetch(`${at}/v1/clients/${person.id}`, { headers })
  await fetch(`${at}/v1/clients/${person.id}/Kanarienvogel`, { headers })
  await fetch(`${at}/v1/Kanarienvogel?name=Vogelsang`, { headers: { 'x-forwarded-for': '192.0.2.77' } })
  const text = await figures()
  expect(text).toContain('clients.read')
  expect(text).not.toMatch(/Kanari|Vogelsang|lindenau|ostheim|nora|192\.0\.2|127\.0\.0|Zwitscher/i)
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
  expect(text).not.toContain(person.id)
})

test('each service of a process counts for itself', async () => {
  const other = await createApp({ databaseUrl: urls.service, databasePool: 2, keys, log, metricsToken })
  const { body } = await other.app.inject({
    url: '/metrics',
    headers: { authorization: `Bearer ${metricsToken}` },
  })
  expect(body).not.toContain('cases.list')
  await other.app.close()
})
