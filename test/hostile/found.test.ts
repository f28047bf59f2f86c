// Does what the fuzzer once found stay repaired?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { dora, nora } from '../support/cast.ts'

const { as, nobody, address } = await lotse({ requestsPerMinute: 60 })

test('an encoding of a body that is not there is no reason to refuse', async () => {
  const answer = await (await as(nora)).get('/v1/me', { headers: { 'content-encoding': 'gzip' } })
  expect(answer.status).toBe(200)
})

test('whoever asks for a token in the wrong words is not asked to sign in', async () => {
  const headers = { authorization: 'Bearer x', 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await nobody.send('POST', '/v1/auth/token', 'grant_type=unheard', headers)
  expect(answer.status).toBe(400)
  expect(answer.headers['www-authenticate']).toBeUndefined()
})

test('bytes that are no text are refused in the words of the document', async () => {
  const response = await fetch(`${address}/v1/clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${(await as(nora)).token}`, 'content-type': 'application/json' },
    body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  })
  const { errors } = (await response.json()) as { errors: { code: string }[] }
  expect(response.status).toBe(400)
  expect(errors[0]!.code).toMatch(/^[a-z][a-z0-9_]+$/)
})

test('an offset that no place on earth has is the caller’s mistake, also in a filter', async () => {
  for (const offset of ['+16:00', '-23:59']) {
    const until = encodeURIComponent(`2026-02-03T12:00:00${offset}`)
    const { status, body } = await (await as(dora)).get(`/v1/audit-events?until=${until}`)
    expect([status, body.errors[0]!.pointer]).toEqual([400, '/query/until'])
  }
  const { status } = await (await as(dora)).get('/v1/audit-events?until=2026-02-03T12:00:00-12:00')
  expect(status).toBe(200)
})

test('a name that no text of ours may hold is told without it', async () => {
  const odd = { kind: 'client', externalId: 'x', '\u0000': 1, '\ud800': 1 }
  const headers = { 'content-type': 'application/x-ndjson' }
  const { text } = await (await as(nora)).send('POST', '/v1/imports', `${JSON.stringify(odd)}\n`, headers)
  expect(text).toContain('"pointer":"/\ufffd"')
  expect(text).not.toMatch(/\\u0000|\\ud800/i)
})

test('an address that cannot be read counts like any other', async () => {
  const statuses = new Set<number>()
  for (let asked = 0; asked < 70; asked += 1) statuses.add((await fetch(`${address}/v1/clients/%zz`)).status)
  expect([...statuses]).toEqual([404, 429])
})
