// Does a day stay cheap in a city with much behind it? Every source goes by an index on the municipality and its own side.
import pg from 'pg'
import { beforeAll, expect, test } from 'vitest'
import * as queries from '../../src/modules/overview/queries.ts'
import { lotse } from '../support/app.ts'
import { anton, carla, hanna, nora, organizations, type Member } from '../support/cast.ts'
import { contextOf } from '../support/sql.ts'

const { aSentReferral, urls } = await lotse()

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  Plans?: Plan[]
}
const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

/** How PostgreSQL would run a statement for this member, as the role of the service. */
async function planOf(member: Member, text: string, values: unknown[] = []): Promise<Plan[]> {
  const client = new pg.Client({ connectionString: urls.service })
  await client.connect()
  try {
    await client.query('begin')
    const settings = { ...contextOf(member), organization_id: member.organizationId, today: '2026-03-10' }
    for (const [name, value] of Object.entries(settings))
      await client.query('select set_config($1, $2, true)', [`app.${name}`, value])
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (format json) ${text}`,
      values,
    )
    return nodes(rows[0]!['QUERY PLAN'][0].Plan)
  } finally {
    await client.query('rollback')
    await client.end()
  }
}

/** Tables that grow with the years; organisations and their members do not. */
const growing = new Set([
  'appointments',
  'cases',
  'contacts',
  'deadlines',
  'handovers',
  'notices',
  'referrals',
  'tasks',
])
const read = (plan: Plan[]) => plan.filter((node) => growing.has(node['Relation Name'] ?? ''))
const indexed = (plan: Plan[]) => plan.filter((node) => node['Index Cond'] !== undefined)

beforeAll(async () => {
  const sent = await aSentReferral()
  // Years of the unit and of everybody around it; what they refer to does not matter here.
  const client = new pg.Client({
    connectionString: urls.admin,
    options: '-c session_replication_role=replica',
  })
  await client.connect()
  const many = (text: string) => client.query(`${text} from generate_series(1, 4000) n`)
  const [tenant, some] = [`'${nora.tenantId}'::uuid`, 'gen_random_uuid()']
  const oneIn = (each: number, id: string) => `case when n % ${each} = 0 then '${id}'::uuid else ${some} end`
  const unit = oneIn(8, nora.organizationId)
  const agency = oneIn(20, organizations.wehr)
  const day = `date '2026-01-01' + n % 400`
  const open = 'n % 10 = 0'
  try {
    for (const [table, changes] of [
      [
        'cases',
        {
          compartment_id: unit,
          lead_membership_id: oneIn(40, nora.membershipId),
          next_step_on: day,
          client_id: some,
        },
      ],
      [
        'referrals',
        {
          compartment_id: unit,
          recipient_organization_id: agency,
          client_id: some,
          status: `case when n % 50 = 0 then 'sent' else 'withdrawn' end`,
        },
      ],
    ] as const) {
      const { rows } = await client.query<{ name: string }>(
        `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
        [table],
      )
      const given: Record<string, string> = { id: some, ...changes }
      const names = rows.map(({ name }) => name)
      await client.query(
        `insert into ${table} (${names.join()}) select ${names.map((name) => given[name] ?? `one.${name}`).join()}
         from (select * from ${table} where id = $1) one, generate_series(1, 4000) n`,
        [table === 'cases' ? sent.caseId : sent.id],
      )
    }
    await many(`insert into tasks (tenant_id, id, compartment_id, case_id, client_id, kind, due_on, origin_id, done_at)
      select ${tenant}, ${some}, ${unit}, ${some}, ${some}, 'other', ${day}, ${some}, case when ${open} then null else now() end`)
    await many(`insert into deadlines (tenant_id, id, kind, basis, organization_id, compartment_id, case_id,
        subject_id, started_on, due_on, stopped_at, stopped_on, stopped_by, escalated_to)
      select ${tenant}, ${some}, 'reengagement', '', ${some}, ${unit}, ${some}, ${some}, ${day}, ${day},
        case when n % 2 = 0 then null else now() end, case when n % 2 = 0 then null else ${day} end,
        case when n % 2 = 0 then null else 'done' end,
        case when n % 100 = 0 then 'coordinator' end`)
    await many(`insert into notices (tenant_id, id, kind, subject_kind, subject_id, audience, to_membership_id,
        to_organization_id, compartment_id, case_id, to_role, seen_at)
      select ${tenant}, ${some}, 'referral_answered', 'referral', ${some},
        (array['member', 'organization', 'lead', 'role'])[1 + n % 4], case n % 4 when 0 then ${some} end,
        case n % 4 when 1 then ${some} end, case n % 4 when 2 then ${unit} end, case n % 4 when 2 then ${some} end,
        case n % 4 when 3 then 'coordinator' end, case when n % 3 = 0 then null else now() end`)
    await many(`insert into appointments (tenant_id, id, compartment_id, case_id, client_id, mode, place, starts_at, minutes,
        status, outcome_at, created_by_user_id)
      select ${tenant}, ${some}, ${unit}, ${some}, ${some}, 'phone', 'here', ${day}, 30,
        case when ${open} then 'planned' else 'held' end, case when ${open} then null else now() end, ${some}`)
    await many(`insert into contacts (tenant_id, id, organization_id, registered_by_user_id, registered_by_membership_id, kind,
        status, requester_role, mode, problems, out_of_scope, agreed, to_organization_id, first_contact_at, doors,
        next_step_on, declined_place, ended_at)
      select ${tenant}, ${some}, ${some}, ${some}, ${some}, 'first_contact',
        case when ${open} then 'registered' else 'person_declined' end, 'self', 'phone', '{}', false, false, ${unit}, now(), 1,
        ${day}, case when ${open} then null else 'there' end, case when ${open} then null else now() end`)
    await many(`insert into handovers (tenant_id, id, compartment_id, case_id, client_id, referral_id, giver_organization_id,
        receiver_organization_id, giver_organization_name, receiver_organization_name, type, status, basis, categories,
        offered_at, created_by_user_id)
      select ${tenant}, ${some}, ${unit}, ${some}, ${some}, ${some}, ${some}, ${agency}, '', '', 'written',
        case when ${open} then 'offered' else 'cancelled' end, 'anonymous', '{}', now(), ${some}`)
    await client.query('analyze')
  } finally {
    await client.end()
  }
}, 60_000)

test.each([...queries.sources, queries.caseload, queries.waiting].map((source) => [source.name, source]))(
  '%s reads no table from end to end, and each index by the municipality first',
  async (_, { text }) => {
    for (const member of [nora, hanna, anton, carla]) {
      const plan = await planOf(member, text)
      expect(read(plan).filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([])
      for (const node of indexed(plan)) expect(node['Index Cond'], member.key).toContain('(tenant_id = ')
    }
  },
)

test.each([
  ['overview.nextSteps', nora, 'cases__by_lead'],
  ['overview.tasks', nora, 'tasks__open'],
  ['overview.appointments', nora, 'appointments__planned'],
  ['overview.notices', nora, 'notices__of_member'],
  ['overview.notices', nora, 'notices__of_organization'],
  ['overview.notices', nora, 'notices__of_lead'],
  ['overview.notices', nora, 'notices__of_role'],
  ['overview.referrals', anton, 'referrals__unanswered'],
  ['overview.handovers', anton, 'handovers__awaited'],
  ['overview.contacts.asked', nora, 'contacts__asked'],
  ['overview.contacts.own', nora, 'contacts__open'],
  ['overview.withoutLead', hanna, 'cases__by_lead'],
] as const)('%s finds its side by index (%#)', async (name, member, index) => {
  const { text } = queries.sources.find((source) => source.name === name)!
  const used = (await planOf(member, text)).map((node) => node['Index Name'])
  expect(used).toContain(index)
})

test.each([
  ['cases', queries.casesOfPerson],
  ['contacts', queries.contactsOfPerson],
  ['referrals', queries.referralsOfPerson],
  ['handovers', queries.handoversOfPerson],
  ['appointments', queries.missedAppointments],
] as const)('a journey reads only the %s of one person', async (_, { text }) => {
  const plan = await planOf(nora, text, [nora.membershipId])
  expect(read(plan).filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([])
  for (const node of indexed(plan)) expect(node['Index Cond']).toContain('(tenant_id = ')
})
