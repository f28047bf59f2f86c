// Does anything exist for somebody whom it does not concern? Every table by SQL, every address over HTTP.
import { expect, test } from 'vitest'
import { access, type Role, type Rule } from '../../src/access.ts'
import { sealNext } from '../../src/platform/audit-seal.ts'
import { lotse } from '../support/app.ts'
import {
  agnes,
  anton,
  cast,
  dora,
  mira,
  nils,
  nora,
  offers,
  organizations,
  otto,
  type Member,
} from '../support/cast.ts'
import type { Answer } from '../support/http.ts'
import { contextOf, type Context } from '../support/sql.ts'
import { actors, anyCanary, nowhere, worlds } from '../support/world.ts'
import { inDays } from '../support/factories.ts'
import { attempts } from './attempts.ts'

const service = await lotse()
const { as, asService, routes, sql } = service
const { own, shielded } = await worlds(service)
await sealNext(service, nora.tenantId)
await sql(
  `insert into second_factors (tenant_id, id, wrapped_key, sealed, recovery_codes) values ($1, $2, 'k', 's', '{}')`,
  [nora.tenantId, nora.userId],
)
// Guesses are counted outside every municipality; were they counted in one, nobody would find them there either.
await sql(`insert into attempt_counters (tenant_id, key, failures, last_at) values ($1, 'k', 1, now())`, [
  nora.tenantId,
])
const table = attempts(service)

const columns = await sql<{ name: string; columns: string[] }>(
  `select c.relname as name, array_agg(a.attname::text) as columns from pg_class c join pg_attribute a on a.attrelid = c.oid
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
     and a.attgenerated = '' group by 1 order by 1`,
)
const everyTable = columns.map(({ name }) => name)
const aboutPeople = columns.filter((one) => one.columns.includes('compartment_id')).map(({ name }) => name)

async function rowsFor(context: Context, name: string, where: string, value: string): Promise<number> {
  const select = `select count(*)::int as seen from "${name}" where ${where}`
  return asService<{ seen: number }>(context, select, [value]).then(
    ({ rows }) => rows[0]!.seen,
    // No grant at all is as good as no row.
    (error: { code?: string }) => (error.code === '42501' ? 0 : Promise.reject(error as Error)),
  )
}
const thereAre = async (name: string, where: string, value: string) =>
  (await sql<{ there: number }>(`select count(*)::int as there from "${name}" where ${where}`, [value]))[0]!
    .there

test('there is something to find in every table', async () => {
  expect(everyTable.length).toBeGreaterThan(20)
  const empty: string[] = []
  for (const name of everyTable)
    if ((await thereAre(name, 'tenant_id = $1', nora.tenantId)) === 0) empty.push(name)
  expect(empty).toEqual([])
})

test.each(everyTable)(
  'a row of %s does not exist for another municipality, whatever the role',
  async (name) => {
    for (const member of Object.values(cast).filter(({ municipality }) => municipality === 'ostheim'))
      expect(await rowsFor(contextOf(member), name, 'tenant_id = $1', nora.tenantId), member.key).toBe(0)
    for (const role of ['login', 'installer', 'public'])
      expect(
        await rowsFor({ tenant_id: otto.tenantId, role }, name, 'tenant_id = $1', nora.tenantId),
        role,
      ).toBe(0)
  },
)

test.each(aboutPeople)(
  'a row of %s does not exist for another unit, nor for anybody else in the city',
  async (name) => {
    const where = 'compartment_id = $1'
    const strangers = Object.values(cast).filter(
      ({ municipality, organizationId }) =>
        municipality === 'lindenau' && ![nora.organizationId, agnes.organizationId].includes(organizationId),
    )
    expect(strangers).toEqual(expect.arrayContaining([mira, anton, dora]))
    for (const member of strangers)
      expect(await rowsFor(contextOf(member), name, where, nora.organizationId), member.key).toBe(0)
  },
)

test.each(aboutPeople)('a row of %s about a shielded person exists for named members only', async (name) => {
  const where = 'compartment_id = $1'
  for (const member of [nora, cast.hanna, mira, otto])
    expect(await rowsFor(contextOf(member), name, where, shielded.client), member.key).toBe(0)
  const named = { ...contextOf(nils), compartments: `{${nils.organizationId},${shielded.client}}` }
  expect(await rowsFor(named, name, where, shielded.client)).toBe(
    await thereAre(name, where, shielded.client),
  )
})

test('a recipient finds the thread and what was disclosed to it, and no table about the person', async () => {
  const seen = []
  for (const name of aboutPeople)
    if ((await rowsFor(contextOf(agnes), name, 'compartment_id = $1', nora.organizationId)) > 0)
      seen.push(name)
  expect(seen).toEqual([
    'attachments',
    'deadlines',
    'disclosures',
    'handovers',
    'referral_messages',
    'referrals',
  ])
})

test('passwords exist for the login, the audit trail for the data protection officer, and both for nobody else', async () => {
  for (const member of actors) {
    expect(await rowsFor(contextOf(member), 'credentials', 'tenant_id = $1', nora.tenantId), member.key).toBe(
      0,
    )
    const trail = await rowsFor(contextOf(member), 'audit_events', 'tenant_id = $1', nora.tenantId)
    expect(trail > 0, member.key).toBe(member === dora)
  }
  expect(
    await rowsFor(
      { tenant_id: nora.tenantId, role: 'login' },
      'credentials',
      'tenant_id = $1',
      nora.tenantId,
    ),
  ).toBeGreaterThan(0)
})

test.each(everyTable)('no row of %s can be put into another municipality', async (name) => {
  const columnsOf = columns
    .find((one) => one.name === name)!
    .columns.filter((column) => !/pg\.dropped/.test(column))
  const list = columnsOf.map((column) => `"${column}"`).join()
  const copied = columnsOf.map((column) => (column === 'tenant_id' ? '$1::uuid' : `"${column}"`)).join()
  const stolen = `insert into "${name}" (${list}) select ${copied} from "${name}" limit 1`
  for (const [member, tenant] of [
    [nora, otto.tenantId],
    [cast.ada, otto.tenantId],
  ] as const) {
    const outcome = await asService(contextOf(member), stolen, [tenant]).then(
      ({ rowCount }) => (rowCount === 0 ? 'nothing to copy' : 'stolen'),
      (error: { code?: string }) => error.code,
    )
    expect(['nothing to copy', '42501'], `${member.key}: ${outcome}`).toContain(outcome)
  }
})

// ── Over HTTP ──────────────────────────────────────────────────────────────────────────────────────────────

/** What an answer tells beside time and number: nothing, when both are equal. */
function told({ status, text, headers }: Answer) {
  const { date: _, ...rest } = headers
  const { requestId, ...body } = JSON.parse(text) as Record<string, unknown>
  return { status, body, headers: rest, length: String(requestId).length }
}

const outsiders = Object.values(cast).filter(({ municipality }) => municipality === 'ostheim')
const byRole = (members: Member[], who: readonly Role[]) => members.find(({ role }) => who.includes(role))!
const withId = routes.filter(({ url }) => url.includes(':id'))

test('there are addresses to look at', () => expect(withId.length).toBeGreaterThan(50))

for (const { method, url, config } of withId) {
  const action = config!.action!
  const { who } = access[action] as Rule
  test(`to an outsider ${String(method)} ${url} says the same about a foreign record and about none`, async () => {
    const { names, body } = table[action] ?? {}
    const strangers = [
      byRole(outsiders, who as Role[]),
      ...(['navigator'].some((role) => who.includes(role as never)) && aboutPeople.length > 0 ? [mira] : []),
    ]
    for (const stranger of strangers) {
      if (
        stranger === mira &&
        [
          'organization',
          'offer',
          'guide',
          'user',
          'membership',
          'obligation',
          'scopeRule',
          'handoverConcept',
          'interface',
        ].includes(names!)
      )
        continue
      const client = await as(stranger)
      const ask = async (ids: typeof own) => {
        const path = url.replace(':id', ids[names!])
        const form = body?.({ ...ids, referral: nowhereElse }, stranger, 'other city') ?? {}
        if (form instanceof FormData) return client.post(path, form, { language: 'en' })
        const given = JSON.stringify(form)
        const headers = {
          'content-type': 'application/json',
          'if-match': '"1.AAAAAAAA"',
          'accept-language': 'en',
        }
        return method === 'GET' ? client.send('GET', path) : client.send(String(method), path, given, headers)
      }
      const [foreign, none] = [await ask(own), await ask(nowhere())]
      expect([400, 404]).toContain(foreign.status)
      expect(told(foreign)).toEqual(told(none))
      expect(foreign.text).not.toMatch(anyCanary)
    }
  })
}
const nowhereElse = '00000000-0000-4000-8000-000000000001'

const stepped = { nextStep: 'Call', nextStepOn: inDays(1), requesterRole: 'self', referralSource: 'unknown' }
const released = {
  purpose: 'referral',
  purposeDetail: 'x',
  categories: ['existence_of_contact'],
  validUntil: `${inDays(9)}T00:00:00Z`,
  proof: 'paper_signed',
  informationVersion: 1,
  informationLanguage: 'de',
}
const theirCase = await service.aCaseOfSomebodyKnown({}, otto)
const theirClient = String(theirCase['clientId'])

const references: [string, Member, string, (id: string) => object, string, string][] = [
  ['a person in a case', otto, '/v1/cases', (id) => ({ ...stepped, clientId: id }), own.client, '/clientId'],
  [
    'a lead in a case',
    otto,
    '/v1/cases',
    (id) => ({ ...stepped, clientId: theirClient, leadMembershipId: id }),
    nora.membershipId,
    '/leadMembershipId',
  ],
  [
    'a previous case',
    otto,
    '/v1/cases',
    (id) => ({ ...stepped, clientId: theirClient, previousCaseId: id }),
    own.case,
    '/previousCaseId',
  ],
  [
    'the case of a task',
    otto,
    '/v1/tasks',
    (id) => ({ title: 'x', dueOn: inDays(1), caseId: id }),
    own.case,
    '/caseId',
  ],
  [
    'the owner of a task',
    otto,
    '/v1/tasks',
    (id) => ({ title: 'x', dueOn: inDays(1), caseId: theirCase.id, ownerMembershipId: id }),
    nora.membershipId,
    '/ownerMembershipId',
  ],
  [
    'a substitute',
    otto,
    '/v1/substitutions',
    (id) => ({ fromOn: inDays(1), untilOn: inDays(2), substituteMembershipId: id }),
    nora.membershipId,
    '/substituteMembershipId',
  ],
  [
    'a successor',
    cast.oda,
    `/v1/cases/${theirCase.id}/assignments`,
    (id) => ({ membershipId: id, reason: 'x' }),
    nora.membershipId,
    '/membershipId',
  ],
  [
    'a named colleague',
    otto,
    `/v1/clients/${theirClient}/named-members`,
    (id) => ({ membershipId: id }),
    nora.membershipId,
    '/membershipId',
  ],
  [
    'a recipient',
    otto,
    `/v1/cases/${theirCase.id}/releases`,
    (id) => ({ ...released, recipientOrganizationId: id }),
    organizations.wehr,
    '/recipientOrganizationId',
  ],
  [
    'an offer',
    otto,
    `/v1/cases/${theirCase.id}/referrals`,
    (id) => ({ offerId: id }),
    offers.wehr,
    '/offerId',
  ],
  [
    'a release',
    otto,
    `/v1/cases/${theirCase.id}/referrals`,
    (id) => ({ offerId: offers.ostberatung, releaseId: id }),
    own.release,
    '/releaseId',
  ],
  [
    'a referral',
    otto,
    `/v1/cases/${theirCase.id}/handovers`,
    (id) => ({ referralId: id, type: 'written' }),
    own.referral,
    '/referralId',
  ],
  [
    'an organisation of an offer',
    cast.orhan,
    '/v1/offers',
    (id) => ({ organizationId: id, type: 'other', name: 'x' }),
    organizations.wehr,
    '/organizationId',
  ],
  [
    'an organisation of a member',
    cast.orhan,
    `/v1/users/${otto.userId}/memberships`,
    (id) => ({ organizationId: id, role: 'planner' }),
    organizations.wehr,
    '/organizationId',
  ],
  [
    'a parent organisation',
    cast.orhan,
    '/v1/organizations',
    (id) => ({ kind: 'other', sector: 'health', name: 'x', parentId: id }),
    organizations.wehr,
    '/parentId',
  ],
]

test.each(references)(
  '%s of another municipality cannot be named, and says no more than one that is not there',
  async (_, member, path, body, foreign, pointer) => {
    const client = await as(member)
    const [theirs, none] = [
      await client.post(path, body(foreign)),
      await client.post(path, body(nowhereElse)),
    ]
    expect(theirs).toMatchObject({ status: 400, body: { code: 'unknown_reference', errors: [{ pointer }] } })
    expect(told(theirs)).toEqual(told(none))
  },
)
