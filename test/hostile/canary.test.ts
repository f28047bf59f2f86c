// Does anything that somebody types in turn up where it does not belong? A word of its own in every field of every
// operation, looked for in log, refusals, audit trail, events, jobs, notices, e-mails, webhooks and addresses.
import { expect, test } from 'vitest'
import { mailAnswerLink } from '../../src/modules/answers/index.ts'
import { mailNotices } from '../../src/modules/notices/index.ts'
import type { Action } from '../../src/access.ts'
import { cellsOf, isNoMember, matrix, succeeds, type Cell } from '../access/cells.ts'
import { lotse } from '../support/app.ts'
import { cast, offers, organizations } from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import { aFile, aForm, aPdf } from '../support/files.ts'
import { noted } from '../support/figures.ts'
import type { Answer, Client } from '../support/http.ts'
import type { Records } from '../support/world.ts'
import { operationsOf } from './fuzz.ts'
import { filled, textsIn, textWith, type Schema, type Words } from './values.ts'

const metricsToken = 'of-the-installation-0123456789'
const service = await lotse({ metricsToken })
const { as, sql, db, keys, log, logged, document, address, signIn, nobody, withToken } = service
const { recordsFor, table, own } = await matrix(service)
const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>
const operations = operationsOf(document)

// ── Words ──────────────────────────────────────────────────────────────────────────────────────────────────────

const written = new Map<string, string>()
/** Short enough for every field, and never twice. */
function aWord(where: string): string {
  const word = `Kolibri${written.size.toString(36).padStart(4, '0')}q`
  written.set(word.toLowerCase(), where)
  return word
}

/** Fields whose look says that a word fits, and whose meaning does not; there a request keeps what it has. */
const noWord: Record<string, string> = {
  'second_factor.start /currentPassword': 'is compared with the present one',
}

type Way = string[]
const put = (body: unknown, [step, ...rest]: Way, value: unknown): unknown => {
  if (step === undefined) return value
  if (step === '0' || Array.isArray(body)) {
    const list = Array.isArray(body) ? [...(body as unknown[])] : []
    list[Number(step)] = put(list[Number(step)], rest, value)
    return list
  }
  const record = (body ?? {}) as Record<string, unknown>
  return { ...record, [step]: put(record[step], rest, value) }
}

// ── What would do ──────────────────────────────────────────────────────────────────────────────────────────────

const known = {
  identificationLevel: 'identified',
  identity: { birthDate: '1980-02-03' },
  reach: { modes: ['phone', 'email'] },
}
const ofProvider = ({ serviceAccount }: Records) => ({
  mappings: [{ role: 'planner', organizationId: organizations.mitte }],
  machines: [{ serviceAccountId: serviceAccount }],
})
/** What must stand beside the words so that all of them are taken, where what would do for anybody is too little. */
const beside: Partial<Record<Action, (records: Records) => Record<string, unknown>>> = {
  'clients.create': () => known,
  'clients.raise': () => ({ to: 'identified', identity: known.identity, reach: known.reach }),
  'providers.create': ofProvider,
  'providers.update': ofProvider,
  'clearings.update': () => ({ answers: { 'social_family.relationships': '', 'daily_structure.joy': '' } }),
}
/** A record that takes more words than the usual one. */
const richer: Partial<Record<Action, (records: Records) => Promise<Partial<Records>>>> = {
  // Its title is its own only where somebody wrote it.
  'tasks.update': async (records) => ({ task: (await service.aTask(records.case)).id }),
}

function cellFor(id: string): Cell | undefined {
  if (isNoMember(id as Action)) return undefined
  const order = ['own', 'same city', 'own organisation', 'in general', 'received']
  const cells = cellsOf(id as Action)
  const good = cells.filter(({ expected }) => succeeds(expected))
  good.sort((a, b) => order.indexOf(a.relation) - order.indexOf(b.relation))
  // What is refused to everybody for what it asks is tried all the same.
  return good[0] ?? cells.find(({ expected }) => expected !== 403)
}

async function clientOf({ action, actor }: Cell): Promise<Client> {
  if (action === 'auth.sign_in' || action === 'auth.refresh') return nobody
  // It ends its session.
  return action === 'auth.sign_out' ? (await signIn(actor)).client : as(actor)
}

// ── What was said ──────────────────────────────────────────────────────────────────────────────────────────────

/** What was said in answers that refuse, and where answers say that something lies. */
const refusals: string[] = []
const addresses: string[] = []
const letters: { to?: unknown }[] = []
const mailer = (mail: object) => Promise.resolve(void letters.push(mail))

let sent = 0
let kept = 0
const tried = new Set<string>()
/** Fields of an operation whose word was taken. */
const taken = new Set<string>()
const fields = new Set<string>()

function heard<T>(id: string, answer: Answer<T>) {
  sent += 1
  tried.add(id)
  if (answer.status >= 400) refusals.push(answer.text)
  else kept += 1
  addresses.push(JSON.stringify(answer.headers))
  return answer
}

interface Sending {
  path: string
  method: string
  media: string
  headers?: Record<string, string>
}
async function send(
  id: string,
  client: Client,
  body: unknown,
  { path, method, media, headers = {} }: Sending,
) {
  const versioned = method === 'PATCH' || method === 'DELETE'
  const etag = versioned ? (await client.get(path.replace(/\?.*/, ''))).headers['etag'] : undefined
  const isForm = body instanceof FormData || body instanceof Blob
  const answer = await client.send(method, path, body === undefined || isForm ? body : JSON.stringify(body), {
    ...(body !== undefined && !isForm && { 'content-type': media }),
    ...(versioned && { 'if-match': etag ?? '"1.AAAAAAAA"' }),
    ...headers,
  })
  return heard(id, answer)
}

/** In every header that a client may send. */
function oddHeaders(id: string) {
  const header = aWord(`${id}, a header`)
  return {
    'idempotency-key': header,
    'accept-language': header,
    'user-agent': header,
    'x-request-id': header,
    'x-forwarded-for': header,
    cookie: `a=${header}`,
    referer: `http://${header}/`,
    origin: `http://${header}`,
  }
}

const takesAWord = (schema: Schema) => textWith('Kolibri0000q', schema) !== undefined

/** Puts a word of its own into every field that takes one, and says which. */
function words(id: string, how = '') {
  const ways = new Set<string>()
  const place = (way: Way) => `${id} /${way.join('/')}`
  const ours: Words = {
    takes: (schema, way) => !(place(way) in noWord) && takesAWord(schema),
    text(schema, way) {
      ways.add(place(way))
      return textWith(aWord(`${place(way)}${how}`), schema)!
    },
  }
  const all = (body: Schema, usual: unknown) => filled(body, schemas, usual, ours)
  return { all, ways }
}

// ── Every operation ────────────────────────────────────────────────────────────────────────────────────────────

/** Operations that are tried below, because their bodies are no JSON or their words belong to a person of their own. */
const apart = ['auth.sign_in', 'passwords.change', 'attachments.add', 'imports.run']

test(
  'a word of its own is sent in every field of every operation, in what is accepted and in what is refused',
  { timeout: 180_000 },
  async () => {
    const refused: string[] = []
    for (const { id, method, path, query, body, media } of operations) {
      const cell = cellFor(id)
      if (!cell) continue
      const client = await clientOf(cell)
      const { names, query: usual, body: given } = table[id as Action] ?? {}
      const made = await recordsFor(cell)
      const records = { ...made, ...(await richer[id as Action]?.(made)) }
      const target = path.replace(/\{\w+\}/, names ? records[names] : '')
      const about = { path: `${target}${usual ? `?${usual}` : ''}`, method, media: media[0] ?? '' }

      // Where an id, a code or a number belongs, and in every header.
      const odd = oddHeaders(id)
      if (path.includes('{'))
        await send(id, client, undefined, {
          ...about,
          path: path.replace(/\{\w+\}/, aWord(`${id}, in the path`)),
          headers: odd,
        })
      for (const { name } of query) {
        const changed = new URLSearchParams(usual)
        changed.set(name, aWord(`${id}, ?${name}`))
        fields.add(`${id} ?${name}`)
        await send(id, client, undefined, { ...about, path: `${target}?${changed.toString()}`, headers: odd })
      }
      if (!body) {
        await send(id, client, undefined, { ...about, headers: odd })
        continue
      }
      for (const { way } of textsIn(body, schemas)) fields.add(`${id} /${way.join('/')}`)
      if (apart.includes(id)) continue

      const before = {
        ...(given?.(records, cell.actor, cell.relation) as object),
        ...beside[id as Action]?.(records),
      }
      for (const { way, schema } of textsIn(body, schemas))
        if (!takesAWord(schema))
          await send(id, client, put(before, way, aWord(`${id} /${way.join('/')}`)), about)
      // Refused for its shape, then for what it is about, whatever else it says.
      const more = { [aWord(`${id}, a field that there is not`)]: aWord(`${id}, its value`) }
      await send(id, client, { ...(words(id, ', refused').all(body, before) as object), ...more }, about)
      const { all, ways } = words(id)
      const whole = all(body, before)
      if (path.includes('{'))
        await send(id, client, whole, { ...about, path: path.replace(/\{\w+\}/, crypto.randomUUID()) })
      const answer = await send(id, client, whole, { ...about, headers: odd })
      if (ways.size === 0) continue
      if (answer.status < 300) for (const way of ways) taken.add(way)
      else refused.push(`${id}: ${answer.status} ${answer.body.code}`)
      // Done already, mostly: refused for its state.
      await send(id, client, whole, about)
    }
    expect(refused.sort()).toEqual([
      'auth.refresh: 401 session_ended',
      'second_factor.end: 409 second_factor_is_off',
    ])
  },
)

test('somebody whose every secret is a word signs in with it, and with no other word', async () => {
  const admin = await as(cast.ada)
  const secret = (what: string) => aWord(`auth.sign_in, ${what}`)
  const email = `${secret('the e-mail address').toLowerCase()}@lindenau.example`
  const [password, another] = [secret('the password'), secret('another password')]
  const { body: user } = done(
    await admin.post('/v1/users', { email, name: secret('the name'), language: 'de', password }),
  )
  const membership = { role: 'board_member', organizationId: cast.ada.organizationId }
  done(await admin.post(`/v1/users/${user.id}/memberships`, membership))

  const ask = async (id: string, client: Client, path: string, body: unknown, status: number) => {
    const answer = heard(id, await client.post<{ accessToken: string }>(path, body))
    expect([id, answer.status, answer.status === status ? '' : answer.text]).toEqual([id, status, ''])
    return answer.body
  }
  const signingIn = { municipality: 'lindenau', email, password }
  const given = (changed: object, status: number) =>
    ask('auth.sign_in', nobody, '/v1/auth/token', { ...signingIn, ...changed }, status)
  const { accessToken } = await given({ otp: secret('the code') }, 200)
  await given({ password: secret('a wrong password') }, 401)
  await given({ email: `${secret('nobody').toLowerCase()}@lindenau.example` }, 401)
  await given({ municipality: secret('no municipality').toLowerCase() }, 401)
  await given({ membershipId: secret('no membership') }, 400)
  await given({ [secret('a field that there is not')]: secret('its value') }, 400)
  for (const [name, status] of [
    ['client_id', 401],
    ['client_secret', 401],
    ['client_assertion', 400],
    ['client_assertion_type', 401],
    ['scope', 401],
    ['grant_type', 400],
  ] as const) {
    const form = {
      grant_type: 'client_credentials',
      client_id: 'x',
      client_secret: 'x',
      [name]: secret(name),
    }
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const text = new URLSearchParams(form).toString()
    expect([
      name,
      heard('auth.sign_in', await nobody.send('POST', '/v1/auth/token', text, type)).status,
    ]).toEqual([name, status])
  }

  const client = withToken(accessToken)
  const change = (current: string, next: string, status: number) =>
    ask(
      'passwords.change',
      client,
      '/v1/me/password',
      { currentPassword: current, newPassword: next },
      status,
    )
  await change(secret('a wrong present password'), secret('a new password'), 409)
  await change(password, another, 204)
  // What the administrator gave is good for nothing but that.
  const own = withToken((await given({ password: another }, 200)).accessToken)
  const factor = (current: string, status: number) =>
    ask('second_factor.start', own, '/v1/me/second-factor', { currentPassword: current }, status)
  await factor(secret('a wrong present password'), 409)
  await factor(another, 200)
})

/** A line of an import with words; what refers to another line keeps its reference. */
function line(usual: Record<string, unknown>, how = '') {
  const { id, body } = operations.find((one) => one.id === 'imports.run')!
  const place = (way: Way) => `${id} /${way.join('/')}`
  return filled(body!, schemas, usual, {
    takes: (schema, way) => !place(way).endsWith('ExternalId') && takesAWord(schema),
    text(schema, way) {
      if (how === '') taken.add(place(way))
      return textWith(aWord(`${place(way)} of a ${String(usual['kind'])}${how}`), schema)!
    },
  }) as Record<string, unknown>
}

test('a document and the file of another system are taken with words in them, and refused with others', async () => {
  const nora = await as(cast.nora)
  const draft = await service.aDraftReferral()
  const document = (category: string, how = '') =>
    aForm(
      category,
      aPdf(aWord(`attachments.add, the text${how}`)),
      `${aWord(`attachments.add, the name${how}`)}.pdf`,
    )
  const path = `/v1/referrals/${draft.id}/attachments`
  const attached = heard('attachments.add', await nora.post(path, document('clearing_summary')))
  expect(attached.status).toBe(201)
  for (const field of ['file', 'its name']) taken.add(`attachments.add /${field}`)
  const wrong = document(aWord('attachments.add /category'), ', refused')
  expect(heard('attachments.add', await nora.post(path, wrong)).status).toBe(400)
  const odd = aForm(
    'clearing_summary',
    Buffer.from(aWord('attachments.add, no document')),
    'a.pdf',
    `text/${aWord('attachments.add, its type')}`,
  )
  expect(heard('attachments.add', await nora.post(path, odd)).status).toBe(400)

  const client = { kind: 'client', ...known }
  const caseOf = (clientExternalId: unknown) => ({
    kind: 'case',
    clientExternalId,
    requesterRole: 'self',
    referralSource: 'unknown',
    nextStepOn: inDays(3),
  })
  const referralOf = (caseExternalId: unknown) => ({
    kind: 'referral',
    caseExternalId,
    offerId: offers.wehr,
  })
  const report = async (lines: unknown[]) => {
    const { text, status } = heard('imports.run', await nora.post<string>('/v1/imports', aFile(...lines)))
    expect(status, text).toBe(200)
    const told = text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each) as { externalId: string | null; status: string })
    // By its own id the sender finds the line again.
    for (const { externalId: _, ...rest } of told) refusals.push(JSON.stringify(rest))
    return told.slice(0, -1).map((each) => each.status)
  }
  const person = line(client)
  const kase = line(caseOf(person['externalId']))
  const referral = line(referralOf(kase['externalId']))
  expect(await report([person, kase, referral])).toEqual(['created', 'created', 'created'])
  const others = [client, caseOf('kis:nobody'), referralOf('kis:nothing')].map((one) =>
    line(one, ', refused'),
  )
  const more = { [aWord('imports.run, a field that there is not')]: aWord('imports.run, its value') }
  const refused = [
    ...others.map((one) => ({ ...one, ...more })),
    ...others.slice(1),
    aWord('imports.run, a line that is no JSON'),
    { ...others[0], kind: aWord('imports.run /kind') },
    // What is there already, with other words.
    { ...line(client, ', changed'), externalId: person['externalId'] },
  ]
  expect(await report(refused)).toEqual([...Array<string>(7).fill('refused'), 'changed'])
})

test('an agency without an account answers in words, once it has the code', async () => {
  const { id } = await service.aSentReferral()
  const email = `${aWord('answer_links.create /email').toLowerCase()}@praxis.example`
  const link = await service.anAnswerLink(id, { email })
  const publicUrl = 'https://lotse.example'
  await mailAnswerLink({ db, keys, mailer, publicUrl }, { tenantId: cast.nora.tenantId, linkId: link.id })
  const [, path] = /lotse\.example(\/answer\/\S+)/.exec(JSON.stringify(letters)) ?? []
  expect(path).toBeDefined()
  const follow = async (to: string, form: Record<string, string>, status: number, cookie = '') => {
    const response = await fetch(`${address}${to}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams(form),
    })
    const text = await response.text()
    expect(response.status, text).toBe(status)
    sent += 1
    return { text, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' }
  }
  const plain = /^\/answer\/[^\\"]+/.exec(path!)![0]
  const { text } = await follow(
    `${plain}?lang=${aWord('answers.unlock, ?lang')}`,
    { code: aWord('answers.unlock, code') },
    403,
  )
  refusals.push(text)
  const { cookie } = await follow(plain, { code: String(link.code) }, 303)
  const give = (form: Record<string, string>, status: number) =>
    follow(`${plain}/answer`, form, status, cookie)
  const [note, name] = [aWord('answers.give, note'), aWord('answers.give, name')]
  // What was typed comes back in its fields; what was chosen, and is no choice, does not.
  const decision = aWord('answers.give, decision')
  const again = await give({ decision, note, name }, 400)
  expect(again.text).toContain(note)
  expect(again.text).not.toContain(decision)
  await give({ decision: 'decline', reason: 'no_capacity', note, name }, 200)
  kept += 1
})

test('no operation was left out, and most words were taken', () => {
  expect(operations.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([])
  expect(taken.size).toBeGreaterThan(150)
  expect(new Set([...taken].map((place) => place.split(' ')[0])).size).toBeGreaterThan(50)
  expect(refusals.length).toBeGreaterThan(400)
})

// ── Where it must not stand ────────────────────────────────────────────────────────────────────────────────────

const word = /kolibri[0-9a-z]{4}q/gi
/** As the bytes of a table are printed. */
const asBytes = /[46]b6f6c69627269(?:[0-9a-f]{2}){4}71/gi
/** What stands where it should not, and from which field it came. */
function foundIn(place: string, text: string): string[] {
  const said = text.replace(asBytes, (bytes) => Buffer.from(bytes, 'hex').toString())
  const found = new Set((said.match(word) ?? []).map((one) => one.toLowerCase()))
  return [...found].map((one) => `${place}: ${written.get(one) ?? one}`)
}

/** Where a word may stand all the same, and why. */
const allowed: [RegExp, string][] = [
  [/^refusals: .*, a field that there is not$/, 'its name is the pointer to what was wrong (RFC 6901)'],
  [
    /^idempotency_keys: .*, a header$/,
    'the key itself: without it a repetition could not be told from a request',
  ],
]
const isAllowed = (found: string) => allowed.some(([pattern]) => pattern.test(found))

/** Tables of the records themselves, which keep what was written into them; whatever other table there is keeps nothing. */
const records =
  `login.issuers answer_links appointments case_leads cases clearings clients contact_attempts contacts handover_sheets
  handovers identification_steps identity_providers interfaces offers organizations referral_letters referral_messages
  referrals releases scope_rules service_account_keys substitutions tasks users webhooks`.split(/\s+/)
/** Who somebody is and how they are reached, their documents, and every secret: in no table as it was said. */
const neverKept =
  /^(clients\.\w+|imports\.run) \/(identity|reach|personCode)|^contacts\.register \/|^attachments\.add|[Pp]assword|secret|[cC]ode\b/
const busy =
  `audit_events events notices deadlines disclosures sessions attempt_counters idempotency_keys mail_settings
  webhook_deliveries graphile_worker._private_jobs`.split(/\s+/)

async function looked(): Promise<string[]> {
  const found = [
    ...foundIn('log', logged().join('\n')),
    ...foundIn('refusals', refusals.join('\n')),
    ...foundIn('addresses', addresses.join('\n')),
  ]
  const tables = await sql<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema|drizzle)'`,
  )
  const empty = new Set(busy)
  for (const { name } of tables) {
    const [row] = await sql<{ all: string | null }>(`select string_agg(t::text, ' ') as all from ${name} t`)
    if (row!.all) empty.delete(name)
    const there = foundIn(name, row!.all ?? '')
    const isRecord = records.includes(name)
    found.push(...there.filter((one) => !isRecord || neverKept.test(one.slice(name.length + 2))))
  }
  // Where there is nothing, nothing could be found.
  expect([...empty]).toEqual([])
  return found.filter((one) => !isAllowed(one))
}

const figures = { found: 0 }

test('and it stands in no log line, refusal, address, audit row, event, notice or job', async () => {
  const found = await looked()
  figures.found += found.length
  expect(found).toEqual([])
  expect(logged().length).toBeGreaterThan(1000)
})

test('nor in an e-mail, nor among the metrics', async () => {
  // Everybody is reminded at once, of what was told two days ago.
  await sql(`update notices set created_at = created_at - interval '2 days'`)
  await sql(
    `insert into mail_settings (tenant_id, id, rhythm) select tenant_id, id, 'at_once' from memberships
     on conflict (tenant_id, id) do update set rhythm = 'at_once', mailed_until = null`,
  )
  const before = letters.length
  const reminded = await mailNotices(
    { db, log, mailer, publicUrl: 'https://lotse.example', signal: new AbortController().signal },
    cast.nora.tenantId,
  )
  expect(reminded).toBeGreaterThan(3)
  expect(letters.length).toBe(before + reminded)
  // An address is where a letter goes, and nothing that it says.
  const said = letters.map((letter) => JSON.stringify({ ...letter, to: undefined })).join('\n')
  expect(said).toContain('https://lotse.example')
  const metrics = await fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })
  const counted = await metrics.text()
  expect(metrics.status).toBe(200)
  expect(counted).toContain('clients.create')
  const found = [...foundIn('e-mail', said), ...foundIn('metrics', counted)]
  figures.found += found.length
  expect(found).toEqual([])
})

test('a word in a log line, a refusal, an address, an audit row, a job, or a name as it was said is found', async ({
  task,
}) => {
  const leak = aWord('a leak')
  const before = await looked()
  log.info({ note: leak })
  refusals.push(`{"detail":"${leak.toLowerCase()}"}`)
  addresses.push(`/v1/clients/${leak}`)
  await sql(
    `update audit_events set code = $1 where (tenant_id, id) in (select tenant_id, id from audit_events limit 1)`,
    [leak],
  )
  await sql(`select graphile_worker.add_job('tick', json_build_object('note', $1::text))`, [leak])
  const [name] = [...written].find(([, where]) => where === 'clients.create /identity/familyName')!
  await sql(`update clients set sealed = convert_to($1, 'UTF8') where id = $2`, [name, own.client])
  const after = (await looked()).filter((one) => !before.includes(one))
  const expected = [
    'addresses: a leak',
    'audit_events: a leak',
    'clients: clients.create /identity/familyName',
    'graphile_worker._private_jobs: a leak',
    'log: a leak',
    'refusals: a leak',
  ]
  noted(task, {
    suite: 'canary',
    tried: `${written.size} words in ${fields.size} fields of ${tried.size} of ${operations.length} operations, ${sent} requests (${kept} kept), ${taken.size} words taken`,
    found: `${figures.found} where they do not belong`,
    defects: `${expected.filter((one) => after.includes(one)).length} of ${expected.length}`,
  })
  expect(after.sort()).toEqual(expected)
})
