// What does a caller read when something is refused, and what never?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { nora, otto, paul } from '../support/cast.ts'

const { as, nobody, aCase, sql } = await lotse()
const aPerson = { identificationLevel: 'anonymous' }
const json = { 'content-type': 'application/json' }

test.each([
  ['de', 'Die Anfrage entspricht nicht'],
  ['en', 'The request does not match'],
  ['da', 'Anmodningen svarer ikke'],
  ['fr, da;q=0.5, en;q=0.3', 'Anmodningen svarer ikke'],
  ['fr', 'Die Anfrage entspricht nicht'],
  ['en;q=0, de;q=0.1', 'Die Anfrage entspricht nicht'],
])('a refusal is told in the caller’s language: %s', async (language, beginning) => {
  const { status, body, headers } = await (await as(nora)).post('/v1/clients', {}, { language })
  expect(status).toBe(400)
  expect(String(body['detail'])).toMatch(new RegExp(`^${beginning}`))
  expect(headers['content-type']).toMatch(/^application\/problem\+json\b/)
  expect(['de', 'en', 'da']).toContain(headers['content-language'])
  expect(body.errors[0]!.detail).not.toBe('')
})

test('the sentences for single fields differ by language as well', async () => {
  const client = await as(nora)
  const details = new Set<string>()
  for (const language of ['de', 'en', 'da'])
    details.add(
      (await client.post('/v1/clients', { identificationLevel: 'anonymous', district: 7 }, { language })).body
        .errors[0]!.detail,
    )
  expect(details.size).toBe(3)
})

test.each([
  ['a missing field', {}, ['/identificationLevel']],
  ['an unknown code', { identificationLevel: 'famous' }, ['/identificationLevel']],
  ['a wrong type', { ...aPerson, district: 7 }, ['/district']],
  ['an unknown field', { ...aPerson, tenantId: otto.tenantId, id: nora.userId }, ['/tenantId', '/id']],
  [
    'an unknown field further down',
    { identificationLevel: 'identified', identity: { nickname: 'x' } },
    ['/identity/nickname'],
  ],
  ['a field with an odd name', { ...aPerson, 'a/b~c': 1 }, ['/a~1b~0c']],
  ['a text that is too long', { ...aPerson, district: 'x'.repeat(101) }, ['/district']],
  ['a character that no database keeps', { ...aPerson, district: 'a\u0000b' }, ['/district']],
  ['half a character', { ...aPerson, district: 'a\ud800b' }, ['/district']],
  ['several lines where one belongs', { ...aPerson, district: 'a\nb' }, ['/district']],
  ['a list instead of an object', [], ['']],
  ['nothing', null, ['/identificationLevel']],
])('%s is refused with its place', async (_, given, pointers) => {
  const { status, body } = await (await as(nora)).send('POST', '/v1/clients', JSON.stringify(given), json)
  expect(status).toBe(400)
  expect(body.code).toBe('invalid_request')
  expect(body.errors.map(({ pointer }) => pointer)).toEqual(pointers)
})

test('a refusal repeats no value that was sent', async () => {
  const canary = 'Kanarienvogel'
  const client = await as(nora)
  const answers = [
    await client.post('/v1/clients', { ...aPerson, district: canary.repeat(20) }),
    await client.post('/v1/clients', { identificationLevel: canary }),
    await client.post('/v1/clients', { ...aPerson, ageBand: [canary] }),
    await client.post('/v1/clients', { identificationLevel: 'identified', identity: { birthDate: canary } }),
    await client.post('/v1/clients', { ...aPerson, identity: { familyName: canary } }),
    await client.post('/v1/clients/search', { givenName: canary }),
    await client.send('POST', '/v1/clients', `{"district": "${canary}`, json),
    await client.get(`/v1/clients/${canary}`),
    await client.get(`/v1/cases?lead=${canary}`),
    await client.get(`/v1/cases?cursor=${canary}`),
    await client.get(`/v1/${canary}`),
  ]
  for (const { status, text } of answers) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(text).not.toContain(canary)
  }
})

const nested = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels)

test.each([
  ['JSON that does not end', '{"identificationLevel":', json, 400, 'invalid_json'],
  ['JSON that is too deep', nested(21), json, 400, 'too_deep'],
  ['JSON that is far too deep', nested(20_000), json, 400, 'too_deep'],
  ['a key that would change our objects', '{"__proto__":{"role":"dpo"}}', json, 400, 'invalid_json'],
  ['more than we read', JSON.stringify({ district: 'x'.repeat(262_145) }), json, 413, undefined],
  ['another kind of document', '<person/>', { 'content-type': 'application/xml' }, 415, undefined],
  ['plain text', 'anonymous', { 'content-type': 'text/plain' }, 415, undefined],
])('%s is refused', async (_, body, headers, status, code) => {
  const before = await sql('select count(*) from clients')
  const answer = await (await as(nora)).send('POST', '/v1/clients', body, headers as Record<string, string>)
  expect(answer.status).toBe(status)
  expect(answer.body.errors[0]?.code).toBe(code)
  expect(await sql('select count(*) from clients')).toEqual(before)
})

test('first who, then the role, then the shape: nobody learns what a body should look like who may not send it', async () => {
  for (const [body, headers] of [
    ['{}', json],
    ['{"broken', json],
    ['<x/>', { 'content-type': 'application/xml' }],
    ['x'.repeat(300_000), json],
  ] as const) {
    expect((await nobody.send('POST', '/v1/clients', body, headers)).status).toBe(401)
    const refused = await (await as(paul)).send('POST', '/v1/clients', body, headers)
    expect(refused).toMatchObject({ status: 403, body: { code: 'not_allowed', errors: [] } })
  }
})

test('first the shape, then the row, then the version, then the state', async () => {
  const client = await as(nora)
  const { id } = await aCase()
  const nowhere = '00000000-0000-4000-8000-000000000000'
  await client.post(`/v1/cases/${id}/close`, { endType: 'moved', outcome: 'unchanged' })
  const change = (to: string, body: object, ifMatch?: string) =>
    client.patch(`/v1/cases/${to}`, body, { ifMatch })
  expect((await change(nowhere, { phase: 'nonsense' })).status).toBe(400)
  expect((await change(nowhere, { concern: 'x' })).status).toBe(404)
  expect((await change(id, { concern: 'x' })).status).toBe(428)
  expect((await change(id, { concern: 'x' }, '"1.AAAAAAAA"')).status).toBe(412)
  expect((await change(id, { concern: 'x' }, '"2.AAAAAAAA"')).status).toBe(409)
})

test('a reference to somebody else’s record and one to no record are told alike, with their place', async () => {
  const foreign = await (await as(otto)).post('/v1/clients', aPerson)
  const open = async (clientId: string) =>
    (await as(nora)).post('/v1/cases', {
      clientId,
      requesterRole: 'self',
      referralSource: 'unknown',
      nextStep: 'Call',
      nextStepOn: '2090-01-01',
    })
  const [theirs, nothing] = [await open(foreign.body.id), await open('00000000-0000-4000-8000-000000000000')]
  expect(theirs).toMatchObject({
    status: 400,
    body: { code: 'unknown_reference', errors: [{ pointer: '/clientId' }] },
  })
  const apart = ({ body }: typeof theirs) => ({ ...body, requestId: '' })
  expect(apart(theirs)).toEqual(apart(nothing))
})

test('what is not there answers as a problem too', async () => {
  expect((await nobody.send('GET', '/v1/cases/../../etc/passwd')).status).toBe(404)
})

test.each(['not-a-uuid', '%00', "1' or '1'='1", 'x'.repeat(101)])(
  'an id that is none is refused or not found: %s',
  async (id) => {
    const answer = await (await as(nora)).get(`/v1/cases/${encodeURIComponent(id)}`)
    expect([400, 404]).toContain(answer.status)
  },
)

test.each([
  ['/v1/users/:id/secrecy-obligations', { basis: 'declared', boundOn: '0000-01-01' }],
  ['/v1/users/:id/secrecy-obligations', { basis: 'declared', boundOn: '0001-02-29' }],
])('a day that no calendar has is the caller’s mistake, not ours: %s %j', async (path, body) => {
  const { hanna } = await import('../support/cast.ts')
  const answer = await (await as(hanna)).post(path.replace(':id', nora.userId), body)
  expect(answer.status).toBe(400)
})

test('a body of thousands of fields that nobody knows is refused in few words', async () => {
  const given = Object.fromEntries(Array.from({ length: 15_000 }, (_, at) => [`f${at}`, 1]))
  const { status, body, text } = await (await as(nora)).post('/v1/clients', given)
  expect([status, body.code]).toEqual([400, 'invalid_request'])
  expect(body.errors.length).toBeLessThanOrEqual(100)
  expect(text.length).toBeLessThan(100_000)
})
