// Can another system send what it knows as often as it likes, and nothing is doubled, lost or seen by strangers?
import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import pg from 'pg'
import { expect, test } from 'vitest'
import { ownCase } from '../../src/modules/cases/queries.ts'
import { ownClient } from '../../src/modules/clients/queries.ts'
import { received } from '../../src/modules/imports/file.ts'
import { ownReferral } from '../../src/modules/referrals/queries.ts'
import { lotse } from '../support/app.ts'
import { anton, carla, hanna, mira, nils, nora, offers, otto, sina, type Member } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { aFile } from '../support/files.ts'
import { machines } from '../support/machines.ts'
import { contextOf } from '../support/sql.ts'

const service = await lotse()
const { as, sql, aSentReferral, address, nobody, signIn, urls, logged } = service
const { aServiceAccount, bind, aKey, signedIn } = machines(service)

interface Told {
  line: number
  kind: string | null
  externalId: string | null
  status: string
  id: string | null
  code: string | null
  errors: { pointer: string; code: string }[]
}
interface Sums {
  lines: number
  created: number
  unchanged: number
  changed: number
  refused: number
}

async function imported(file: Blob, by: Member = nora) {
  const answer = await (await as(by)).post<string>('/v1/imports', file)
  expect(answer.status, answer.text).toBe(200)
  const all = answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  return { lines: all.slice(0, -1) as Told[], sums: all.at(-1) as Sums, text: answer.text }
}

const own = () => `t:${randomUUID().slice(0, 8)}`
const aClient = (externalId: string, more = {}) => ({
  kind: 'client',
  externalId,
  identificationLevel: 'anonymous',
  ...more,
})
const aCase = (externalId: string, clientExternalId: string, more = {}) => ({
  kind: 'case',
  externalId,
  clientExternalId,
  requesterRole: 'self',
  referralSource: 'unknown',
  nextStep: 'Call',
  nextStepOn: inDays(3),
  ...more,
})

const aReferral = (externalId: string, caseExternalId: string, more = {}) => ({
  kind: 'referral',
  externalId,
  caseExternalId,
  offerId: offers.wehr,
  ...more,
})
const ndjson = 'application/x-ndjson'
const read = async (path: string, by: Member = nora) => (await as(by)).get(path)
const found = async (list: string, externalId: string, by: Member = nora) =>
  (await read(`/v1/${list}?externalId=${encodeURIComponent(externalId)}`, by)).body.items
const counted = async (externalIds: string[]) => {
  const [row] = await sql<{ n: number }>(
    `select ((select count(*) from clients where external_id = any ($1)) + (select count(*) from cases where external_id = any ($1))
       + (select count(*) from referrals where external_id = any ($1)))::int as n`,
    [externalIds],
  )
  return row!.n
}

// ── Own ids ────────────────────────────────────────────────────────────────────────────────────────────────

test('what somebody recorded under an own id is found by it, and recorded once', async () => {
  const client = await as(nora)
  const [person, kase, referral] = [own(), own(), own()]
  const made = done(
    await client.post('/v1/clients', { identificationLevel: 'anonymous', externalId: person }),
  ).body
  const opened = { ...aCase(kase, ''), kind: undefined, clientExternalId: undefined, clientId: made.id }
  const first = done(await client.post('/v1/cases', opened)).body
  const drafted = { offerId: offers.wehr, externalId: referral }
  const draft = done(await client.post(`/v1/cases/${first.id}/referrals`, drafted)).body
  for (const [list, key, id] of [
    ['clients', person, made.id],
    ['cases', kase, first.id],
    ['referrals', referral, draft.id],
  ] as const) {
    expect((await found(list, key)).map((one) => [one.id, one['externalId']])).toEqual([[id, key]])
    expect((await read(`/v1/${list}/${id}`)).body['externalId']).toBe(key)
    expect(await found(list, own())).toEqual([])
  }
  for (const [path, given, id] of [
    ['/v1/clients', { identificationLevel: 'anonymous', externalId: person }, made.id],
    ['/v1/cases', opened, first.id],
    [`/v1/cases/${first.id}/referrals`, { ...drafted, offerId: offers.birkenhof }, draft.id],
    // The same offer as well: still it is the own id that says which record it is.
    [`/v1/cases/${first.id}/referrals`, drafted, draft.id],
  ] as const) {
    const again = await client.post(path, given)
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'external_id_taken', existingId: id, errors: [{ pointer: '/externalId' }] },
    })
  }
  expect(await counted([person, kase, referral])).toBe(3)
  const { version } = (await read(`/v1/clients/${made.id}`)).body
  expect(version).toBe(1)
})

test('a closed case is found by its own id as well, and other filters narrow it', async () => {
  const [person, kase] = [own(), own()]
  const { lines } = await imported(aFile(aClient(person), aCase(kase, person)))
  const id = lines[1]!.id!
  done(await (await as(nora)).post(`/v1/cases/${id}/close`, { endType: 'moved', outcome: 'unchanged' }))
  expect((await found('cases', kase)).map((one) => one.id)).toEqual([id])
  expect((await read(`/v1/cases?externalId=${kase}&closed=false`)).body.items).toEqual([])
  expect((await read(`/v1/cases?externalId=${kase}&closed=true&lead=me`)).body.items).toHaveLength(1)
  expect((await read(`/v1/referrals?limit=1`)).body.errors[0]).toMatchObject({ pointer: '/query/box' })
})

test.each(['', ' a', 'ä', '-a', 'a b', 'a;b', "a'--", 'a\u0000'])(
  'an own id is a key and nothing else: %j',
  async (externalId) => {
    const client = await as(nora)
    const answer = await client.post('/v1/clients', { identificationLevel: 'anonymous', externalId })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/externalId' }] } })
  },
)

test('an own id stays as it was written', async () => {
  const client = await as(nora)
  const { id } = done(
    await client.post('/v1/clients', { identificationLevel: 'anonymous', externalId: own() }),
  ).body
  const answer = await client.edit(`/v1/clients/${id}`, { externalId: own() })
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/externalId' }] } })
})

test('the recipient of a referral does not see the own id of its sender, nor find anything by it', async () => {
  const sent = await aSentReferral()
  const key = own()
  await sql('update referrals set external_id = $1, external_by = $2 where id = $3', [
    key,
    nora.userId,
    sent.id,
  ])
  expect((await read(`/v1/referrals/${sent.id}`)).body['externalId']).toBe(key)
  for (const path of [`/v1/referrals/${sent.id}`, '/v1/referrals?box=in']) {
    const answer = await read(path, anton)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain(sent.id)
    expect(answer.text).not.toContain(key)
  }
  expect(await found('referrals', key, anton)).toEqual([])
})

test('two who import under the same own ids each have their own records', async () => {
  const [person, kase] = [own(), own()]
  const file = () => aFile(aClient(person), aCase(kase, person))
  const ids = new Set<string>()
  for (const member of [nora, nils, mira, otto]) {
    const { lines, sums } = await imported(file(), member)
    expect(sums).toMatchObject({ created: 2, refused: 0 })
    expect((await found('clients', person, member)).map(({ id }) => id)).toEqual([lines[0]!.id])
    lines.forEach(({ id }) => ids.add(id!))
  }
  expect(ids.size).toBe(8)
  expect(await found('clients', person, hanna)).toEqual([])
})

test('nobody can write under the key of somebody else, whatever the service would ask for', async () => {
  const { asService } = await import('../support/sql.ts').then(({ asServiceRole }) =>
    asServiceRole(urls.service),
  )
  const insert = (by: Member) =>
    asService(
      contextOf(nora),
      `insert into clients (tenant_id, id, compartment_id, organization_id, shielded, identification_level, age_band, gender,
         interpreter_needed, external_id, external_by)
       values ($1, uuidv7(), $2, $2, false, 'anonymous', 'unknown', 'no_entry', false, 'k1', $3)`,
      [nora.tenantId, nora.organizationId, by.userId],
    )
  await expect(insert(nils)).rejects.toMatchObject({ code: '42501' })
  expect((await insert(nora)).rowCount).toBe(1)
})

test('a look-up by own id goes by the index on it, also when its plan is made once', async () => {
  const client = new pg.Client({ connectionString: urls.admin })
  await client.connect()
  try {
    await client.query('begin')
    await client.query('set local session_replication_role = replica')
    // Years of another system; what they refer to does not matter here, and nothing of it stays.
    for (const [table, kase, offer] of [
      ['clients', '', ''],
      ['cases', ', client_id', ''],
      ['referrals', ', client_id, case_id', ', offer_id'],
    ]) {
      const [first] = (
        await client.query<Record<string, unknown>>(
          `select * from ${table} where external_id is not null limit 1`,
        )
      ).rows
      expect(first, table).toBeDefined()
      const columns = Object.keys(first!).filter((name) => !/^(id|external_id)$/.test(name))
      const fresh = `${kase}${offer}`.split(', ').filter(Boolean)
      await client.query(
        `insert into ${table} (id, external_id, ${columns.join()}) select uuidv7(), 'plan:' || n,
           ${columns.map((name) => (fresh.includes(name) ? 'uuidv7()' : `t.${name}`)).join()}
         from generate_series(1, 4000) n, (select * from ${table} where id = $1) t`,
        [first!['id']],
      )
      await client.query(`analyze ${table}`)
    }
    await client.query('set local role lotse_service')
    await client.query('set local plan_cache_mode = force_generic_plan')
    for (const [name, value] of Object.entries(contextOf(nora)))
      await client.query('select set_config($1, $2, true)', [`app.${name}`, value])
    for (const [at, look] of [ownClient, ownCase, ownReferral].entries()) {
      const { name, text } = look
      const values = look.bind({ externalId: 'plan:7' } as never)
      await client.query(`prepare look_${at} as ${text}`)
      const given = values.map((value) => (value === null ? 'null' : pg.escapeLiteral(String(value))))
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain execute look_${at}(${given.join()})`,
      )
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan, name).toMatch(/Index Scan using (clients|cases|referrals)__external_id/)
      expect(plan, name).toMatch(/Index Cond: .*external_by.*external_id/)
      expect(plan, name).not.toContain('Seq Scan')
    }
  } finally {
    await client.query('rollback')
    await client.end()
  }
})

// ── Again and again ────────────────────────────────────────────────────────────────────────────────────────

const aWholeFile = () => {
  const [person, kase, referral] = [own(), own(), own()]
  const lines = {
    client: aClient(person, { district: 'Hafen', gender: 'female' }),
    case: aCase(kase, person, { concern: 'Wants to drink less' }),
    referral: aReferral(referral, kase, { urgency: 'soon' }),
  }
  return { lines, keys: [person, kase, referral], file: aFile(...Object.values(lines)) }
}

test('a file that is sent again changes nothing, and says so in the order of its lines', async () => {
  const { file, keys } = aWholeFile()
  const first = await imported(file)
  expect(first.sums).toEqual({ lines: 3, created: 3, unchanged: 0, changed: 0, refused: 0 })
  expect(first.lines.map(({ line, kind, externalId }) => [line, kind, externalId])).toEqual([
    [1, 'client', keys[0]],
    [2, 'case', keys[1]],
    [3, 'referral', keys[2]],
  ])
  const before = await sql('select id, version from cases where external_id = $1', [keys[1]])
  const again = await imported(file)
  expect(again.sums).toEqual({ lines: 3, created: 0, unchanged: 3, changed: 0, refused: 0 })
  expect(again.lines.map(({ id }) => id)).toEqual(first.lines.map(({ id }) => id))
  expect(await sql('select id, version from cases where external_id = $1', [keys[1]])).toEqual(before)
  expect(await counted(keys)).toBe(3)
})

test('what the file says otherwise is changed, and what it does not name stays', async () => {
  const { lines, file } = aWholeFile()
  const [person, kase, referral] = (await imported(file)).lines
  done(await (await as(nils)).edit(`/v1/clients/${person!.id}`, { language: 'uk' }))
  const changed = await imported(
    aFile(
      { ...lines.client, district: 'Mitte' },
      { ...lines.case, concern: 'Wants to stop' },
      { ...lines.referral, urgency: 'urgent', situation: 'In own words' },
    ),
  )
  expect(changed.sums).toMatchObject({ changed: 3, refused: 0 })
  expect((await read(`/v1/clients/${person!.id}`)).body).toMatchObject({
    district: 'Mitte',
    gender: 'female',
    language: 'uk',
  })
  expect((await read(`/v1/cases/${kase!.id}`)).body).toMatchObject({ concern: 'Wants to stop' })
  expect((await read(`/v1/referrals/${referral!.id}`)).body).toMatchObject({
    urgency: 'urgent',
    situation: 'In own words',
    status: 'draft',
  })
})

test('what cannot be changed is refused with its place, and nothing else of that line is done', async () => {
  const { lines, file } = aWholeFile()
  const [person, kase, referral] = (await imported(file)).lines
  const other = own()
  const { lines: told } = await imported(
    aFile(
      aClient(other),
      { ...lines.client, district: 'Mitte', shielded: true, identificationLevel: 'pseudonymous' },
      { ...lines.case, clientExternalId: other, requesterRole: 'relative', concern: 'Another' },
      { ...lines.referral, offerId: offers.birkenhof, urgency: 'urgent' },
    ),
  )
  const fixed = (...pointers: string[]) => ({
    status: 'refused',
    code: 'import_field_fixed',
    errors: pointers.map((pointer) => ({ pointer, code: 'import_field_fixed' })),
  })
  expect(told[1]).toMatchObject({ id: person!.id, ...fixed('/identificationLevel', '/shielded') })
  expect(told[2]).toMatchObject({ id: kase!.id, ...fixed('/requesterRole', '/clientExternalId') })
  expect(told[3]).toMatchObject({ id: referral!.id, ...fixed('/offerId') })
  expect((await read(`/v1/clients/${person!.id}`)).body).toMatchObject({ district: 'Hafen', version: 1 })
  expect((await read(`/v1/cases/${kase!.id}`)).body).toMatchObject({ version: 1 })
  expect((await read(`/v1/referrals/${referral!.id}`)).body).toMatchObject({ urgency: 'soon', version: 1 })
})

test('a file that is sent again does not turn back what has happened since', async () => {
  const { lines, file } = aWholeFile()
  const [person, kase, referral] = (await imported(file)).lines
  const client = await as(nora)
  done(await client.post(`/v1/cases/${kase!.id}/next-step`, { text: 'Visit', on: inDays(20) }))
  done(await client.post(`/v1/referrals/${referral!.id}/send`))
  done(
    await client.post(`/v1/clients/${person!.id}/raise-level`, {
      to: 'pseudonymous',
      reason: 'Wants to be called back',
      alias: 'Spatz',
    }),
  )
  done(
    await (
      await as(hanna)
    ).post(`/v1/cases/${kase!.id}/assignments`, {
      membershipId: nils.membershipId,
      reason: 'Holiday',
    }),
  )
  expect((await imported(file)).sums).toMatchObject({ unchanged: 3 })
  expect((await read(`/v1/cases/${kase!.id}`)).body).toMatchObject({
    nextStep: 'Visit',
    leadMembershipId: nils.membershipId,
  })
  expect((await read(`/v1/clients/${person!.id}`)).body).toMatchObject({ alias: 'Spatz' })
  const { lines: told } = await imported(aFile({ ...lines.referral, urgency: 'urgent' }))
  expect(told[0]).toMatchObject({ status: 'refused', errors: [{ pointer: '/urgency' }] })
  expect((await read(`/v1/referrals/${referral!.id}`)).body).toMatchObject({
    status: 'sent',
    urgency: 'soon',
  })

  done(await client.post(`/v1/cases/${kase!.id}/close`, { endType: 'moved', outcome: 'unchanged' }))
  expect((await imported(file)).sums).toMatchObject({ unchanged: 3 })
  const { lines: late } = await imported(aFile({ ...lines.case, concern: 'Too late' }))
  expect(late[0]).toMatchObject({ status: 'refused', code: 'case_closed', id: kase!.id })
})

test('names and the code of a person are compared like anything else, and stand in no report and no log', async () => {
  const person = own()
  const line = {
    ...aClient(person, { identificationLevel: 'identified' }),
    identity: { givenName: 'Kanaria', familyName: 'Vogelsang', birthDate: '1990-05-04' },
    reach: { phone: '0555 010203' },
    personCode: 'Kanari 77',
    alias: 'Kanari-Spatz',
  }
  const texts = [(await imported(aFile(line))).text]
  const again = await imported(aFile({ ...line, personCode: 'kanari77' }))
  expect(again.lines[0]).toMatchObject({ status: 'unchanged' })
  for (const other of [
    { identity: { ...line.identity, familyName: 'Kanarienvogel' } },
    { reach: { phone: '0555 010204' } },
    { personCode: 'Kanari 78' },
  ]) {
    const changed = await imported(aFile({ ...line, ...other }))
    expect(changed.lines[0], JSON.stringify(other)).toMatchObject({ status: 'changed' })
    const back = await imported(aFile(line))
    expect(back.lines[0]).toMatchObject({ status: 'changed' })
    texts.push(changed.text)
  }
  const wrong = await imported(aFile({ ...line, birthDate: 'Kanari', alias: 'Kanari\nVogel' }))
  expect(wrong.lines[0]).toMatchObject({ status: 'refused', code: 'invalid_request' })
  texts.push(wrong.text, (await imported(aFile({ ...line, identificationLevel: 'Kanari' }))).text)
  for (const text of [...texts, logged().join('')]) expect(text).not.toMatch(/kanari/i)
})

// ── Half-broken files ──────────────────────────────────────────────────────────────────────────────────────

test('a wrong line says so and harms no other', async () => {
  const [person, kase, second] = [own(), own(), own()]
  const bytes = Buffer.concat([
    Buffer.from(`\uFEFF${JSON.stringify(aClient(person))}\r\n`),
    Buffer.from('\r\n   \n'),
    Buffer.from('{"kind":"client",\n'),
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d, 0x0a]),
    Buffer.from(`${JSON.stringify(aClient(own(), { district: 'x'.repeat(70_000) }))}\n`),
    Buffer.from(`[]\nnull\n"text"\n{}\n`),
    Buffer.from(`${JSON.stringify({ ...aClient(own()), kind: 'clearing' })}\n`),
    Buffer.from(`${JSON.stringify({ ...aClient(own()), surprise: 1 })}\n`),
    Buffer.from(`{"__proto__":{},"kind":"client","externalId":"p1","identificationLevel":"anonymous"}\n`),
    Buffer.from(`${'['.repeat(30_000)}\n`),
    Buffer.from(`${JSON.stringify(aCase(kase, own()))}\n`),
    Buffer.from(`${JSON.stringify({ ...aCase(kase, person), clientId: randomUUID() })}\n`),
    Buffer.from(`${JSON.stringify(aCase(kase, person, { nextStepOn: inDays(-1) }))}\n`),
    Buffer.from(`${JSON.stringify(aCase(kase, person))}\n`),
    Buffer.from(`${JSON.stringify({ ...aReferral(own(), kase), caseExternalId: undefined })}\n`),
    Buffer.from(JSON.stringify(aClient(second))),
  ])
  const { lines, sums } = await imported(new Blob([bytes], { type: `${ndjson}; charset=utf-8` }))
  const summary = lines.map(({ line, status, code, errors: [first] }) =>
    [line, status, code, first && `${first.pointer} ${first.code}`].filter(Boolean).join(' '),
  )
  expect(summary).toEqual([
    '1 created',
    '4 refused invalid_request  invalid_json',
    '5 refused invalid_request  invalid_utf8',
    '6 refused invalid_request  line_too_long',
    '7 refused invalid_request  invalid_type',
    '8 refused invalid_request  invalid_type',
    '9 refused invalid_request  invalid_type',
    '10 refused invalid_request /kind invalid_union',
    '11 refused invalid_request /kind invalid_union',
    '12 refused invalid_request /surprise unrecognized_keys',
    '13 refused invalid_request  invalid_json',
    '14 refused invalid_request  too_deep',
    '15 refused unknown_reference /clientExternalId unknown_reference',
    '16 refused invalid_request /clientExternalId one_of_both',
    '17 refused next_step_in_the_past /nextStepOn next_step_in_the_past',
    '18 created',
    '19 refused invalid_request /caseId invalid_type',
    '20 created',
  ])
  expect(sums).toEqual({ lines: 18, created: 3, unchanged: 0, changed: 0, refused: 15 })
})

test('an empty file is a file without lines', async () => {
  for (const text of ['', '\n\n', '\uFEFF'])
    expect((await imported(new Blob([text], { type: ndjson }))).sums).toEqual({
      lines: 0,
      created: 0,
      unchanged: 0,
      changed: 0,
      refused: 0,
    })
})

test('no line, however hostile, harms the lines around it', async () => {
  const hostile = fc.oneof(
    fc.json().map((text) => text.replaceAll('\n', ' ')),
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => text.replaceAll('\n', ' ')),
    fc
      .record(
        {
          kind: fc.constantFrom('client', 'case', 'referral', 'user', '__proto__'),
          externalId: fc.oneof(fc.string(), fc.constant('x:1'), fc.integer()),
          identificationLevel: fc.oneof(fc.constant('anonymous'), fc.jsonValue()),
          clientExternalId: fc.oneof(fc.string(), fc.constant('x:1')),
          clientId: fc.oneof(fc.uuid(), fc.jsonValue()),
          caseId: fc.oneof(fc.uuid(), fc.constant('../clients'), fc.jsonValue()),
          offerId: fc.oneof(fc.constant(offers.wehr), fc.jsonValue()),
          identity: fc.jsonValue(),
          district: fc.string({ unit: 'binary' }),
        },
        { requiredKeys: ['kind'] },
      )
      .map((line) => JSON.stringify(line)),
  )
  const lines = fc.sample(hostile, { numRuns: 200, seed: 20261122 }).map((line) => line.trim() || '{}')
  const around = Array.from({ length: 20 }, () => aClient(own()))
  const mixed = lines.flatMap((line, at) => (at % 10 === 0 ? [line, around[at / 10]!] : [line]))
  const { lines: told, sums, text } = await imported(aFile(...mixed))
  expect(sums.lines).toBe(220)
  const keys = new Set(around.map(({ externalId }) => externalId))
  const good = told.filter(({ externalId }) => externalId !== null && keys.has(externalId))
  expect(good.map(({ status }) => status)).toEqual(around.map(() => 'created'))
  expect(told.filter(({ code }) => code === 'internal_error' || code === 'try_again')).toEqual([])
  expect(text).not.toContain(nora.organizationId)
})

// ── Refused as a whole ─────────────────────────────────────────────────────────────────────────────────────

const nothing = async (externalId: string) => expect(await counted([externalId])).toBe(0)

test('an import is refused as a whole before any line is done', async () => {
  const key = own()
  const line = JSON.stringify(aClient(key))
  const client = await as(nora)
  const file = aFile(aClient(key))
  const many = new Blob([`${line}\n`.repeat(10_001)], { type: ndjson })
  const large = new Blob([`${line}\n`, ' '.repeat(10 * 1024 * 1024)], { type: ndjson })
  const json = new Blob([line], { type: 'application/json' })
  const key409 = { idempotencyKey: 'a-key' }
  for (const [body, options, status, code] of [
    [json, {}, 415, 'import_needs_ndjson'],
    [new Blob([line], { type: 'text/plain' }), {}, 415, 'import_needs_ndjson'],
    [undefined, {}, 415, 'import_needs_ndjson'],
    [many, {}, 413, 'import_too_large'],
    [large, {}, 413, 'import_too_large'],
    [file, { headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported_media_type'],
    [file, key409, 400, 'invalid_request'],
  ] as const) {
    const answer = await client.post('/v1/imports', body, options)
    expect([answer.status, answer.body.code]).toEqual([status, code])
  }
  expect((await client.post('/v1/imports', file, key409)).body.errors[0]).toMatchObject({
    pointer: '/header/idempotency-key',
    code: 'not_replayable',
  })
  expect((await client.post('/v1/imports?dryRun=true', file)).body.errors[0]).toMatchObject({
    pointer: '/query/dryRun',
  })
  expect((await nobody.post('/v1/imports', file)).status).toBe(401)
  for (const member of [anton, carla, sina])
    for (const body of [file, large, json])
      expect((await (await as(member)).post('/v1/imports', body)).status, member.key).toBe(403)
  await nothing(key)
})

test('a file whose length nobody announced is measured while it comes', async () => {
  const key = own()
  const { accessToken } = await signIn(nora)
  const chunk = Buffer.from(`${JSON.stringify(aClient(key))}\n${' '.repeat(1024 * 1024)}`)
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= 12) return controller.close()
      sent += 1
      controller.enqueue(new Uint8Array(chunk))
    },
  })
  const answer = await fetch(`${address}/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': ndjson },
    body: endless,
    duplex: 'half',
  } as RequestInit)
  expect(answer.status).toBe(413)
  expect(await answer.json()).toMatchObject({ code: 'import_too_large' })
  await nothing(key)
})

// ── Strangers ──────────────────────────────────────────────────────────────────────────────────────────────

test('an import reaches nothing that its sender could not reach otherwise', async () => {
  const { file, keys } = aWholeFile()
  const [person, kase] = (await imported(file)).lines
  for (const stranger of [otto, mira]) {
    const { lines, text } = await imported(
      aFile(
        { ...aCase(own(), ''), clientExternalId: undefined, clientId: person!.id },
        aCase(own(), keys[0]!),
        { ...aReferral(own(), ''), caseExternalId: undefined, caseId: kase!.id },
        aReferral(own(), keys[1]!),
      ),
      stranger,
    )
    expect(lines.map(({ code, errors }) => [code, errors[0]?.pointer])).toEqual([
      ['unknown_reference', '/clientId'],
      ['unknown_reference', '/clientExternalId'],
      ['not_found', undefined],
      ['unknown_reference', '/caseExternalId'],
    ])
    expect(text).not.toContain(kase!.id)
    for (const list of ['clients', 'cases', 'referrals'])
      for (const key of keys) expect(await found(list, key, stranger)).toEqual([])
  }
})

test('two systems import side by side, each under its own ids and from its own address', async () => {
  const scopes = ['imports.run', 'clients.create', 'clients.read', 'clients.list', 'cases.open', 'cases.read']
  const { lines: told, keys } = aWholeFile()
  const led = { ...told.case, leadMembershipId: nora.membershipId }
  const ids = new Set<string>()
  for (const addresses of [['127.0.0.1/32'], []]) {
    const account = await aServiceAccount(nora, scopes, { addresses })
    await bind(account.id)
    const { secret } = await aKey(account.id)
    const machine = await signedIn(account.clientId, secret)
    for (const status of ['created', 'unchanged']) {
      const answer = await machine.post<string>('/v1/imports', aFile(told.client, led))
      const lines = answer.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Told)
      expect(lines.slice(0, 2)).toMatchObject([{ status }, { status }])
      lines.slice(0, 2).forEach(({ id }) => ids.add(id!))
    }
    const { body } = await machine.get(`/v1/clients?externalId=${keys[0]!}`)
    expect(body.items).toHaveLength(1)
  }
  expect(ids.size).toBe(4)
  expect(await found('clients', keys[0]!)).toEqual([])
})

test('an account that may do little imports no more than that, line by line', async () => {
  const { accessToken, client } = await signIn(nora)
  const { session } = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as {
    session: string
  }
  const may = (...scopes: string[]) => sql('update sessions set scopes = $1 where id = $2', [scopes, session])
  const { file, keys } = aWholeFile()
  await may('clients.create', 'cases.open')
  expect(await client.post('/v1/imports', file)).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
  await may('imports.run', 'clients.create', 'cases.open')
  const answer = await client.post<string>('/v1/imports', file)
  expect(
    answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Told),
  ).toMatchObject([
    { status: 'created' },
    { status: 'created' },
    { status: 'refused', code: 'not_allowed' },
    { created: 2, refused: 1 },
  ])
  // To see whether anything differs, it has to be allowed to look.
  const again = await client.post<string>('/v1/imports', file)
  expect(again.text).toContain('"status":"refused","id":null,"code":"not_allowed"')
  expect(again.text).not.toContain('unchanged","id')
  expect(await counted(keys)).toBe(2)
})

test('whoever is no longer named on a shielded person learns only that the own id is used', async () => {
  const [person, kase] = [own(), own()]
  const file = aFile(
    aClient(person, { shielded: true, district: 'Hafen' }),
    aCase(kase, person, { concern: 'Kanari' }),
  )
  const first = await imported(file, nils)
  expect(first.sums).toMatchObject({ created: 2 })
  expect((await imported(file, nils)).sums).toMatchObject({ unchanged: 2 })
  const [client] = first.lines
  expect(await found('clients', person, nora)).toEqual([])
  expect((await imported(file, nora)).sums).toMatchObject({ created: 2 })

  await sql('delete from named_members where compartment_id = $1', [client!.id])
  expect(await found('clients', person, nils)).toEqual([])
  const later = await imported(aFile(aClient(person, { district: 'Mitte' }), aCase(kase, person)), nils)
  expect(later.lines).toMatchObject([
    { status: 'refused', code: 'external_id_taken', id: null },
    { status: 'refused', code: 'unknown_reference', id: null },
  ])
  const single = await (
    await as(nils)
  ).post('/v1/clients', { identificationLevel: 'anonymous', externalId: person })
  expect(single).toMatchObject({ status: 409, body: { code: 'external_id_taken' } })
  for (const text of [later.text, single.text]) expect(text).not.toContain(client!.id)
})

test('every line is an act of its own on the audit trail, and so is the import', async () => {
  const { lines, file } = aWholeFile()
  await sql('delete from audit_events')
  const told = (await imported(file)).lines
  await imported(aFile({ ...lines.client, district: 'Mitte' }))
  await imported(aFile({ kind: 'client' }))
  const trail = await sql<{ action: string; status: number; object_ids: string[]; fields: string[] }>(
    'select action, status, object_ids, fields from audit_events where user_id = $1 order by at, id',
    [nora.userId],
  )
  expect(trail.map(({ action, status }) => `${action} ${status}`)).toEqual([
    'imports.run 200',
    'clients.create 201',
    'cases.open 201',
    'referrals.create 201',
    'imports.run 200',
    'clients.read 200',
    'clients.update 200',
    'imports.run 200',
  ])
  const acts = trail.filter(({ status }) => status === 201)
  acts.forEach(({ object_ids }, at) => expect(object_ids).toContain(told[at]!.id))
  expect(acts[0]!.fields.toSorted()).toEqual(['district', 'externalId', 'gender', 'identificationLevel'])
})

// ── Broken connections, and several at once ────────────────────────────────────────────────────────────────

const manyLines = (n: number) =>
  Array.from({ length: n }, () => {
    const person = own()
    return [aClient(person), aCase(own(), person)]
  }).flat()

async function begun(lines: unknown[]) {
  const { accessToken } = await signIn(nora)
  const ending = new AbortController()
  const answer = await fetch(`${address}/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}` },
    body: aFile(...lines),
    signal: ending.signal,
  })
  expect(answer.status).toBe(200)
  const reader = answer.body!.getReader()
  await reader.read()
  return { ending, reader, accessToken }
}

test('a connection that breaks in the middle loses nothing, and the same file again doubles nothing', async () => {
  const lines = manyLines(60)
  const keys = lines.map(({ externalId }) => externalId)
  const { ending } = await begun(lines)
  ending.abort()
  await new Promise((resolve) => setTimeout(resolve, 150))
  const half = await counted(keys)
  expect(half).toBeGreaterThan(0)
  expect(half).toBeLessThan(keys.length)
  const { sums } = await imported(aFile(...lines))
  expect(sums).toMatchObject({ lines: 120, created: 120 - half, unchanged: half, refused: 0 })
  expect(await counted(keys)).toBe(120)
  expect(logged().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

test('who is signed out in the middle imports no line more', async () => {
  const lines = manyLines(60)
  const { reader } = await begun(lines)
  await sql('update sessions set revoked_at = now() where user_id = $1', [nora.userId])
  let text = ''
  for (let part = await reader.read(); !part.done; part = await reader.read())
    text += Buffer.from(part.value).toString()
  const told = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told)
  expect(told.at(-2)).toMatchObject({ status: 'refused', code: 'not_signed_in' })
  const before = await counted(lines.map(({ externalId }) => externalId))
  expect(before).toBeLessThan(120)
  expect((told.at(-1) as unknown as Sums).created).toBe(before)
  await sql('update sessions set revoked_at = null where user_id = $1', [nora.userId])
})

test('the same file several times at once is taken once', async () => {
  const { lines, keys } = aWholeFile()
  const more = manyLines(8)
  const file = aFile(...Object.values(lines), ...more)
  const answers = await Promise.all([imported(file), imported(file)])
  for (const { sums } of answers) expect(sums).toMatchObject({ lines: 19, refused: 0, changed: 0 })
  expect(answers.reduce((sum, { sums }) => sum + sums.created, 0)).toBe(19)
  expect(await counted([...keys, ...more.map(({ externalId }) => externalId)])).toBe(19)
  const changed = aFile({ ...lines.client, district: 'Mitte' })
  const [a, b] = await Promise.all([imported(changed), imported(changed)])
  expect([a.lines[0]!.status, b.lines[0]!.status].toSorted()).toEqual(['changed', 'unchanged'])
})

test('a municipality whose files come slowly keeps no other from importing', async () => {
  const slowly = async (member: Member) => {
    const { accessToken } = await signIn(member)
    const { port } = new URL(address)
    const socket = connect(Number(port), '127.0.0.1')
    const told: string[] = []
    socket.on('data', (data: Buffer) => told.push(String(data))).on('error', () => {})
    socket.write(
      `POST /v1/imports HTTP/1.1\r\nhost: lotse\r\nauthorization: Bearer ${accessToken}\r\n` +
        `content-type: ${ndjson}\r\ncontent-length: 5000\r\n\r\n{`,
    )
    return { socket, told }
  }
  const status = async (member: Member) =>
    (await (await as(member)).post<string>('/v1/imports', aFile())).status
  const sockets = await Promise.all([slowly(nora), slowly(nora), slowly(nora)])
  try {
    const refused = () => sockets.map(({ told }) => told.join('')).filter((text) => text !== '')
    await expect.poll(refused, { timeout: 5_000 }).toEqual([expect.stringMatching(/^HTTP\/1\.1 503 /)])
    expect(await status(nora)).toBe(503)
    expect(await Promise.all([status(otto), status(otto)])).toEqual([200, 200])
  } finally {
    for (const { socket } of sockets) socket.destroy()
  }
  // Whoever goes away leaves their place.
  await expect.poll(() => status(nora), { timeout: 5_000 }).toBe(200)
})

test('whoever has gone before the first byte was read has sent no file', async () => {
  const gone = new PassThrough()
  gone.destroy()
  await new Promise((closed) => gone.once('close', closed))
  const raw = Object.assign(gone, { headers: {} }) as never
  await expect(received({ raw })).rejects.toMatchObject({ code: 'invalid_request' })
})

test('a file as large as it may be costs a few times its size, and no more', async () => {
  const line = JSON.stringify({ ...aClient(own()), district: 'x'.repeat(950) })
  const file = new Blob([`${line}\n`.repeat(9_999)], { type: ndjson })
  expect(file.size).toBeGreaterThan(9.9 * 1024 * 1024)
  const before = process.memoryUsage().rss
  const { sums } = await imported(file)
  expect(sums).toMatchObject({ lines: 9_999, refused: 9_999 })
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
})
