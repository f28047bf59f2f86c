// Does a log line ever hold what is known about a person?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { nora, otto } from '../support/cast.ts'
import { password } from '../support/people.ts'

const { as, signIn, nobody, aKnownClient, aCase, logged, sql, address } = await lotse()
const canaries = /Kanari|Vogelsang|K.figgasse|0555 010203|1990-05-04|Zwitscher|nora@|@lindenau/i

test('names, notes, addresses and tokens are in no log line, whatever went wrong', async () => {
  const { accessToken, refreshToken } = await signIn(nora)
  const client = await as(nora)
  const person = await aKnownClient()
  const kase = await aCase({ clientId: person.id, concern: 'Zwitschert den ganzen Tag' })
  await client.get(`/v1/clients/${person.id}`)
  await client.post('/v1/clients/search', { familyName: 'Vogelsang', birthDate: '1990-05-04' })
  await client.post('/v1/clients', {
    identificationLevel: 'anonymous',
    identity: { familyName: 'Vogelsang' },
  })
  await client.post('/v1/clients', { identificationLevel: 'Kanarienvogel' })
  await client.send('POST', '/v1/clients', '{"district":"Kanarienvogel', {
    'content-type': 'application/json',
  })
  await client.get('/v1/Kanarienvogel?name=Vogelsang')
  await client.get(`/v1/cases?lead=Kanarienvogel`)
  await nobody.post('/v1/auth/token', { municipality: 'lindenau', email: nora.email, password: 'Zwitscher' })
  await (await as(otto)).get(`/v1/clients/${person.id}`)
  // The database itself refuses: its error quotes values.
  await sql(`alter table cases add constraint no_singing check (concern !~ 'singt')`)
  const { headers } = await client.get(`/v1/cases/${kase.id}`)
  const ours = await fetch(`${address}/v1/cases/${kase.id}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${client.token}`,
      'content-type': 'application/json',
      'if-match': headers['etag']!,
    },
    body: JSON.stringify({ concern: 'Zwitschert und singt' }),
  })
  expect(ours.status).toBe(500)
  expect(await ours.text()).not.toMatch(canaries)

  const lines = logged()
  expect(lines.length).toBeGreaterThan(12)
  const all = lines.join('')
  expect(all).not.toMatch(canaries)
  for (const secret of [password, accessToken, refreshToken, person.id, kase.id])
    expect(all.includes(secret)).toBe(false)
})

test('a log line says what was attempted, how it ended and under which number to ask', () => {
  const requests = logged()
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ route }) => route === '/v1/clients/:id')
  expect(requests).toContainEqual(
    expect.objectContaining({
      method: 'GET',
      action: 'clients.read',
      status: 404,
      requestId: expect.any(String) as string,
    }),
  )
})

test('an error that we made ourselves is logged with its place and without its values', () => {
  const errors = logged()
    .map((line) => JSON.parse(line) as { level: number; err?: Record<string, unknown> })
    .filter(({ level }) => level >= 50)
  expect(errors.length).toBeGreaterThan(0)
  for (const { err } of errors) {
    expect(Object.keys(err!)).not.toEqual(expect.arrayContaining(['message', 'detail', 'where', 'params']))
    expect(err!['stack']).not.toEqual([])
  }
})
