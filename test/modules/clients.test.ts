// Is a person known only as far as they want, and only by those who work with them?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { ada, hanna, mira, nils, nora, otto, sina } from '../support/cast.ts'
import { contextOf } from '../support/sql.ts'

const { as, aClient, aKnownClient, aCase, asService, sql } = await lotse()
const row = async (id: string) =>
  (await sql<{ line: string }>('select c::text as line from clients c where id = $1', [id]))[0]!.line
const identity = {
  givenName: 'Kanaria',
  familyName: 'Vogelsang',
  birthDate: '1990-05-04',
  address: 'Käfiggasse 7',
}

test('somebody anonymous has no field that identifies', async () => {
  const person = await aClient({ ageBand: 'a30_34', gender: 'female', district: 'Werder' })
  expect(person).toMatchObject({
    identificationLevel: 'anonymous',
    identity: null,
    reach: null,
    alias: null,
    ags: null,
    holdsCode: false,
  })
})

test.each([
  ['anonymous', { alias: 'Spatz' }, '/alias'],
  ['anonymous', { personCode: 'AB12' }, '/personCode'],
  ['anonymous', { reach: { phone: '0555 1' } }, '/reach'],
  ['anonymous', { ags: '12345678' }, '/ags'],
  ['anonymous', { identity }, '/identity'],
  ['pseudonymous', { identity }, '/identity'],
])(
  'whoever is %s cannot be recorded with %j: it is refused, not dropped',
  async (identificationLevel, more, pointer) => {
    const answer = await (await as(nora)).post('/v1/clients', { identificationLevel, ...more })
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'level_does_not_allow', errors: [{ pointer }] },
    })
    expect(answer.text).not.toContain('Vogelsang')
  },
)

test('somebody pseudonymous has an alias and a code, of which only a hash is kept', async () => {
  const person = await aClient({ identificationLevel: 'pseudonymous', alias: 'Spatz', personCode: 'ROT 17' })
  expect(person).toMatchObject({ alias: 'Spatz', holdsCode: true, identity: null })
  expect(JSON.stringify(person)).not.toContain('ROT')
  expect(await row(person.id)).not.toContain('ROT')
  const found = await (await as(nora)).post('/v1/clients/search', { personCode: 'rot17' })
  expect(found.body.items.map(({ id }) => id)).toEqual([person.id])
})

test('names, birth date, address and telephone are sealed: a dump of the row shows none of them', async () => {
  const person = await aKnownClient()
  expect(person).toMatchObject({ identity })
  // As text and as the bytes that the hexadecimal digits stand for: the digits themselves may show any number by chance.
  const bytes: string[] = []
  const text = (await row(person.id)).replace(/\\x([0-9a-f]+)/g, (_, hex: string) => {
    bytes.push(Buffer.from(hex, 'hex').toString('latin1'))
    return ''
  })
  expect(bytes.length).toBeGreaterThan(3)
  for (const plain of [text, ...bytes]) expect(plain).not.toMatch(/Kanaria|Vogelsang|1990-05|gasse|0555/)
})

test('equal names are sealed differently in every row, and indexed differently in every municipality', async () => {
  const [here, again, there] = [await aKnownClient(), await aKnownClient(), await aKnownClient({}, otto)]
  const rows = await sql<{ id: string; sealed: string; index: string }>(
    `select id, encode(sealed, 'hex') as sealed, encode(family_name_index, 'hex') as index from clients where id = any ($1)`,
    [[here.id, again.id, there.id]],
  )
  const of = (id: string) => rows.find((one) => one.id === id)!
  expect(of(here.id).sealed).not.toBe(of(again.id).sealed)
  expect(of(here.id).index).toBe(of(again.id).index)
  expect(of(here.id).index).not.toBe(of(there.id).index)
})

test('a sealed block that is moved to another person does not open', async () => {
  const [one, other] = [await aKnownClient(), await aKnownClient({ identity: { familyName: 'Andersen' } })]
  await sql(
    'update clients c set sealed = o.sealed, wrapped_key = o.wrapped_key from clients o where c.id = $1 and o.id = $2',
    [one.id, other.id],
  )
  await expect((await as(nora)).get(`/v1/clients/${one.id}`)).rejects.toThrow('→ 500')
})

test('a list of people shows no names', async () => {
  await aKnownClient()
  const { text, body } = await (await as(nora)).get('/v1/clients')
  expect(body.items.length).toBeGreaterThan(0)
  expect(text).not.toMatch(/Vogelsang|identity|reach|0555/)
})

test('the level rises only by an explicit act with a reason, which is kept', async () => {
  const client = await as(nora)
  const { id } = await aClient()
  const path = `/v1/clients/${id}/raise-level`
  expect((await client.post(path, { to: 'pseudonymous', alias: 'Star' })).status).toBe(400)
  expect((await client.post(path, { to: 'pseudonymous', reason: '', alias: 'Star' })).status).toBe(400)
  const raised = await client.post(path, { to: 'identified', reason: 'Needs a bed today', identity })
  expect(raised).toMatchObject({ status: 200, body: { identificationLevel: 'identified', identity } })
  const steps = await sql(
    'select from_level, to_level, reason, by_user_id from identification_steps where client_id = $1',
    [id],
  )
  expect(steps).toEqual([
    { from_level: 'anonymous', to_level: 'identified', reason: 'Needs a bed today', by_user_id: nora.userId },
  ])
})

test.each([
  ['pseudonymous', 'anonymous'],
  ['pseudonymous', 'pseudonymous'],
  ['identified', 'pseudonymous'],
])('the level never falls: %s does not become %s', async (from, to) => {
  const { id } = await aClient({ identificationLevel: from })
  const answer = await (await as(nora)).post(`/v1/clients/${id}/raise-level`, { to, reason: 'A mistake' })
  expect(answer).toMatchObject({ status: 409, body: { code: 'level_only_rises' } })
})

test('an edit raises nothing: neither the level nor what it allows', async () => {
  const client = await as(nora)
  const { id } = await aClient()
  expect((await client.edit(`/v1/clients/${id}`, { identificationLevel: 'identified' })).status).toBe(400)
  expect((await client.edit(`/v1/clients/${id}`, { identity })).status).toBe(409)
  expect((await client.edit(`/v1/clients/${id}`, { alias: 'Star' })).status).toBe(409)
  expect((await client.get(`/v1/clients/${id}`)).body).toMatchObject({
    identificationLevel: 'anonymous',
    alias: null,
  })
})

test('the database itself keeps names away from whoever is anonymous', async () => {
  const { id } = await aClient()
  for (const change of [
    `alias = 'Star'`,
    `ags = '12345678'`,
    `sealed = 'x', wrapped_key = 'x'`,
    `family_name_index = 'x'`,
  ])
    await expect(
      asService(contextOf(nora), `update clients set ${change} where id = $1`, [id]),
    ).rejects.toMatchObject({ code: '23514' })
})

test('why somebody was asked for more cannot be changed or deleted', async () => {
  for (const statement of [
    `update identification_steps set reason = 'x'`,
    'delete from identification_steps',
  ])
    await expect(asService(contextOf(nora), statement)).rejects.toMatchObject({ code: '42501' })
})

test('"this may be the same person" is told inside the own unit only, and nothing is merged', async () => {
  const unusual = { familyName: 'Zeisigbauer', birthDate: '1971-11-30' }
  const ours = await aKnownClient({ identity: unusual })
  await aKnownClient({ identity: unusual }, mira)
  await aKnownClient({ identity: unusual }, otto)
  const again = await aKnownClient({ identity: unusual })
  expect(again['possiblySame']).toEqual([{ id: ours.id, alike: ['familyName', 'birthDate'] }])
  expect(again.id).not.toBe(ours.id)
})

test('a shared family name alone says nothing', async () => {
  await aKnownClient({ identity: { familyName: 'Ammerfink' } })
  const other = await aKnownClient({ identity: { familyName: 'Ammerfink', givenName: 'Ilse' } })
  expect(other['possiblySame']).toEqual([])
})

test('a search finds exactly: by the sound of the family name, by birth date, by alias; and in the own unit only', async () => {
  const client = await as(nora)
  const ours = await aKnownClient({
    identity: { familyName: 'Meyerhoff', givenName: 'Änne', birthDate: '1966-06-06' },
    alias: 'Dohle',
  })
  await aKnownClient({ identity: { familyName: 'Meyerhoff', birthDate: '1966-06-06' } }, mira)
  const search = async (criteria: object) =>
    (await client.post('/v1/clients/search', criteria)).body.items.map(({ id }) => id)
  for (const criteria of [
    { familyName: 'Meyerhoff' },
    { familyName: 'Maierhof' },
    { birthDate: '1966-06-06' },
    { givenName: 'anne', birthDate: '1966-06-06' },
    { alias: 'Dohle' },
  ])
    expect(await search(criteria), JSON.stringify(criteria)).toEqual([ours.id])
  for (const criteria of [
    { familyName: 'Mey' },
    { familyName: 'Meyerhoff', birthDate: '1966-06-07' },
    { alias: 'dohle%' },
    { alias: 'Doh' },
  ])
    expect(await search(criteria), JSON.stringify(criteria)).toEqual([])
})

test('a search without a criterion, or by a given name alone, is refused', async () => {
  const client = await as(nora)
  expect((await client.post('/v1/clients/search', {})).status).toBe(400)
  expect((await client.post('/v1/clients/search', { givenName: 'Anna' })).status).toBe(400)
})

test('a shielded person exists for named members only: not for the unit, not for its head', async () => {
  const person = await aKnownClient({ shielded: true }, nils)
  const kase = await aCase({ clientId: person.id }, nils)
  for (const path of [`/v1/clients/${person.id}`, `/v1/cases/${kase.id}`]) {
    expect((await (await as(nils)).get(path)).status).toBe(200)
    for (const member of [nora, hanna, mira, otto])
      expect((await (await as(member)).get(path)).status, member.key).toBe(404)
  }
  const found = await (
    await as(nora)
  ).post('/v1/clients/search', { familyName: 'Vogelsang', birthDate: '1990-05-04' })
  expect(found.body.items.map(({ id }) => id)).not.toContain(person.id)
})

test('whoever is named sees a shielded person from the next request on, and can name nobody outside the unit', async () => {
  const person = await aClient({ shielded: true }, nils)
  const path = `/v1/clients/${person.id}/named-members`
  expect((await (await as(nora)).post(path, { membershipId: nora.membershipId })).status).toBe(404)
  expect((await (await as(nils)).post(path, { membershipId: mira.membershipId })).status).toBe(409)
  expect((await (await as(nils)).post(path, { membershipId: nora.membershipId })).status).toBe(200)
  expect((await (await as(nora)).get(`/v1/clients/${person.id}`)).status).toBe(200)
  expect((await (await as(hanna)).get(`/v1/clients/${person.id}`)).status).toBe(404)
})

test('from the day on which the secrecy obligation is recorded, and not before, somebody opens records', async () => {
  const { id } = await aClient()
  const client = await as(sina)
  expect(await client.get(`/v1/clients/${id}`)).toMatchObject({
    status: 403,
    body: { code: 'secrecy_obligation_missing' },
  })
  await (
    await as(ada)
  ).post(`/v1/users/${sina.userId}/secrecy-obligations`, { basis: 'profession_203', boundOn: '2026-01-02' })
  expect((await client.get(`/v1/clients/${id}`)).status).toBe(200)
})
