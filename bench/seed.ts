// How do 10 million invented episodes get into a migrated database? By set-based SQL that counts, the same every time.
import type pg from 'pg'
import { firstGuide } from '../src/modules/clearing/install.ts'
import type { Answer, Question } from '../src/modules/clearing/rules.ts'
import { codes, type Vocabulary } from '../src/modules/vocabularies/index.ts'
import { keysFrom } from '../src/platform/keys.ts'
import { createVault } from '../src/platform/seal.ts'
import {
  agencies,
  agencyOf,
  casesOf,
  id,
  kinds,
  masterKey,
  navigators,
  referralNumber,
  sampled,
  supply,
  tenants,
  unitOf,
  type Size,
} from './layout.ts'

const answer = ({ kind, vocabulary, options = [], min = 0 }: Question): Answer => {
  const possible = vocabulary ? codes(vocabulary as Vocabulary) : options.map(({ code }) => code)
  switch (kind) {
    case 'choice':
      return possible[0]!
    case 'multi':
      return possible.slice(0, 3)
    case 'number':
      return min + 20
    case 'text':
      return 'What was said about this in two or three sentences, as one writes it down in an interview.'
    case 'yes_no':
      return true
    case 'date':
      return '2026-03-02'
  }
}
const questions = firstGuide.domains.flatMap(({ questions }) => questions)
// Nothing that calls for a task of safety: finishing is measured, not prompting.
const answers = Object.fromEntries(
  questions.map((question) => [
    question.id,
    /suicidal|current_danger/.test(question.id) ? 'no' : answer(question),
  ]),
)
const ratings = Object.fromEntries(
  firstGuide.domains.map(({ code }) => [code, { need: 'n2', note: 'A sentence on the need.' }]),
)

// One day stands for "now", so that the same rows come out in every year.
const today = `'2026-06-30 12:00+00'::timestamptz`
const fiveYears = `interval '1826 days'`
const is = (kind: keyof typeof kinds, n: string) => `pg_temp.id(${kinds[kind]}, t, ${n})`
const tenant = is('tenant', '0')
const unit = `(1 + n / 10 % 2)`
const agency = (at: string | number) => `(1 + (n / 10 + n + ${at}) % ${agencies})`
const lead = `(${unit} * 10 + 1 + n % ${navigators})`
const day = `(${today} - (cases - n) * (${fiveYears} / cases))`
const open = `(cases - n < greatest(400, cases * 3 / 10))`
const waiting = `(t <= ${sampled.length} and cases - n < ${supply})`
const everyCase = `from pg_temp.tenant, generate_series(1, cases) as n`
// Two referrals of every tenth case that are under way, one of every tenth that has ended, and those that wait.
const everyReferral = `from pg_temp.tenant, generate_series(1, cases) as n, generate_series(0, 3) as at
  where (n % 10 = 0 and at < 2) or (n % 10 = 5 and at = 0) or (at = 3 and ${waiting})`
const people = (text: string) =>
  text.replaceAll(
    '$members',
    `(
  select t, 1 as n, 1 as organization, 'navigation_head' as role from pg_temp.tenant
  union all select t, u * 10 + k, u, 'navigator' from pg_temp.tenant, generate_series(1, 2) as u, generate_series(1, ${navigators}) as k
  union all select t, 100 + a, 10 + a, 'network_professional' from pg_temp.tenant, generate_series(1, ${agencies}) as a
) as member`,
  )

const steps: [table: string, sql: string][] = [
  [
    'tenants',
    `insert into tenants (tenant_id, id, slug, name, kind, country, time_zone, language, audit_c_cutoffs)
    select ${tenant}, ${tenant}, 'bench-' || t, 'Municipality ' || t, 'city', 'de', 'Europe/Berlin', 'de',
      '{"male":4,"female":3,"other":3}' from pg_temp.tenant`,
  ],
  [
    'organizations',
    `insert into organizations (tenant_id, id, kind, sector, name, residences)
    select ${tenant}, ${is('organization', 'n')}, case when n < 10 then 'municipal_unit' else 'service_provider' end,
      case when n < 10 then 'health' else 'addiction' end, case when n < 10 then 'Unit ' else 'Agency ' end || n, '{}'
    from pg_temp.tenant, unnest(array[1, 2] || array(select generate_series(11, 10 + ${agencies}))) as n`,
  ],
  [
    'users',
    people(`insert into users (tenant_id, id, email, name, language)
    select ${tenant}, ${is('user', 'n')}, 'member-' || n || '@bench.example', 'Member ' || n, 'de' from $members`),
  ],
  [
    'memberships',
    people(`insert into memberships (tenant_id, id, user_id, organization_id, role)
    select ${tenant}, ${is('membership', 'n')}, ${is('user', 'n')}, ${is('organization', 'organization')}, role from $members`),
  ],
  [
    'secrecy_obligations',
    people(`insert into secrecy_obligations (tenant_id, id, user_id, basis, bound_on, recorded_by_user_id)
    select ${tenant}, ${is('obligation', 'n')}, ${is('user', 'n')}, 'profession_203', '2026-01-15',
      ${is('user', `case n when 1 then 11 else 1 end`)} from $members`),
  ],
  [
    'sessions',
    people(`insert into sessions (tenant_id, id, user_id, membership_id, expires_at)
    select ${tenant}, ${is('session', 'n')}, ${is('user', 'n')}, ${is('membership', 'n')}, '2100-01-01' from $members`),
  ],
  [
    'offers',
    `insert into offers (tenant_id, id, organization_id, type, name, description, target_groups, languages)
    select ${tenant}, ${is('offer', 'a * 4 + at')}, ${is('organization', '10 + a')}, 'addiction_counselling',
      'Offer ' || at || ' of agency ' || a, '', '{}', '{}'
    from pg_temp.tenant, generate_series(1, ${agencies}) as a, generate_series(0, 3) as at`,
  ],
  [
    'clearing_guides',
    `insert into clearing_guides (tenant_id, id, key, number, content)
    select ${tenant}, ${is('guide', '1')}, 'lotse-clearing', 1, guide from pg_temp.tenant, pg_temp.content`,
  ],
  [
    'clients',
    `insert into clients (tenant_id, id, compartment_id, organization_id, shielded, identification_level, age_band,
      gender, district, language, interpreter_needed, alias, created_at)
    select ${tenant}, ${is('client', 'n')}, ${is('organization', unit)}, ${is('organization', unit)}, false,
      case when n % 3 = 0 then 'anonymous' else 'pseudonymous' end,
      (array['a20_24', 'a25_29', 'a35_39', 'a45_49', 'a55_59'])[1 + n % 5], (array['female', 'male', 'no_entry'])[1 + n % 3],
      'District ' || n % 12, 'de', n % 20 = 0, case when n % 3 > 0 then 'P-' || n end, ${day}
    ${everyCase}`,
  ],
  [
    'cases',
    `insert into cases (tenant_id, id, compartment_id, organization_id, client_id, status, phase, requester_role,
      referral_source, concern, lead_membership_id, next_step, next_step_on, end_type, outcome, opened_by_user_id, opened_at, closed_at)
    select ${tenant}, ${is('case', 'n')}, ${is('organization', unit)}, ${is('organization', unit)}, ${is('client', 'n')},
      case when ${open} then 'open' else 'closed' end, case when ${open} then 'assessment' else 'evaluation' end,
      'self', 'self_initiative', 'Wants to drink less', ${is('membership', lead)},
      case when ${open} then 'Call back' end, case when ${open} then date '2026-07-01' + (n % 60)::int end,
      case when not ${open} then $end end, case when not ${open} then $outcome end, ${is('user', lead)}, ${day},
      case when not ${open} then ${day} + interval '90 days' end
    ${everyCase}`,
  ],
  [
    'case_leads',
    `insert into case_leads (tenant_id, id, compartment_id, case_id, client_id, membership_id, reason, from_at, until_at)
    select ${tenant}, ${is('lead', 'n')}, ${is('organization', unit)}, ${is('case', 'n')}, ${is('client', 'n')},
      ${is('membership', lead)}, 'opened', ${day}, case when not ${open} then ${day} + interval '90 days' end
    ${everyCase}`,
  ],
  [
    'tasks',
    `insert into tasks (tenant_id, id, compartment_id, case_id, client_id, kind, due_on, origin_id, done_at, created_at)
    select ${tenant}, ${is('task', 'n')}, ${is('organization', unit)}, ${is('case', 'n')}, ${is('client', 'n')}, 'recontact',
      (${day})::date + 30, ${is('case', 'n')}, case when not ${open} then ${day} + interval '30 days' end, ${day}
    from pg_temp.tenant, generate_series(2, cases, 2) as n`,
  ],
  [
    'clearings',
    `insert into clearings (tenant_id, id, compartment_id, case_id, client_id, guide_id, status, answers, ratings,
      strengths, wishes, audit_c_answers, audit_c_language, audit_c, safety_prompts, started_by_user_id, started_at, finished_at)
    select ${tenant}, ${is('clearing', 'n * 2 + at')}, ${is('organization', unit)}, ${is('case', 'n')}, ${is('client', 'n')},
      ${is('guide', '1')}, case at when 0 then 'started' else 'finished' end, answers, ratings, 'Keeps going.', 'A place to live.',
      '{2,1,1}', 'de', case at when 1 then '{"score":4,"positive":true,"cutoff":4,"language":"de","onlyFrequency":false,"officialWording":true}'::jsonb end,
      '{}', ${is('user', lead)}, ${day}, case at when 1 then ${day} + interval '14 days' end
    from pg_temp.tenant, pg_temp.content, generate_series(1, cases) as n, generate_series(0, 1) as at
    where (at = 1 and n % 10 = 2) or (at = 0 and ${waiting})`,
  ],
  [
    'releases',
    `insert into releases (tenant_id, id, compartment_id, case_id, client_id, status, discloser_organization_id,
      recipient_organization_id, purpose, purpose_detail, categories, direction, valid_until, proof, information_version,
      information_language, interpreter_used, capacity, copy_given, signed_on, activated_at, created_by_user_id, created_at)
    select ${tenant}, ${is('release', 'n * 4 + at')}, ${is('organization', unit)}, ${is('case', 'n')}, ${is('client', 'n')}, 'active',
      ${is('organization', unit)}, ${is('organization', `10 + ${agency('at')}`)}, 'referral', '', '{clearing_summary,substance_use}',
      $direction, '2100-01-01', $proof, 1, 'de', false, $capacity, true, (${day})::date, ${day}, ${is('user', lead)}, ${day}
    ${everyReferral}`,
  ],
  [
    'referrals',
    `insert into referrals (tenant_id, id, compartment_id, case_id, client_id, offer_id, sender_organization_id,
      recipient_organization_id, status, urgency, basis, release_id, categories, sender_name, sender_organization_name,
      recipient_organization_name, offer_name, answer_due_on, sent_at, seen_at, answered_at, answered_by_name,
      decline_reason, decline_side, ended_at, created_by_user_id, created_at)
    select ${tenant}, ${is('referral', 'n * 4 + at')}, ${is('organization', unit)}, ${is('case', 'n')}, ${is('client', 'n')},
      ${is('offer', `${agency('at')} * 4 + at`)}, ${is('organization', unit)}, ${is('organization', `10 + ${agency('at')}`)},
      case when at = 3 then 'sent' when n % 10 = 5 then 'declined' when at = 0 then 'started' else 'accepted' end,
      'routine', 'release', ${is('release', 'n * 4 + at')}, '{clearing_summary,substance_use}', 'Member ' || ${lead},
      'Unit ' || ${unit}, 'Agency ' || 10 + ${agency('at')}, 'Offer ' || at || ' of agency ' || ${agency('at')},
      (${day})::date + 7, ${day}, case when at < 3 then ${day} + interval '1 day' end,
      case when at < 3 then ${day} + interval '3 days' end, case when at < 3 then 'Member ' || 100 + ${agency('at')} end,
      case when n % 10 = 5 and at < 3 then $decline end, case when n % 10 = 5 and at < 3 then 'provider' end,
      case when n % 10 = 5 and at < 3 then ${day} + interval '3 days' end, ${is('user', lead)}, ${day}
    ${everyReferral}`,
  ],
]

const first = (vocabulary: Vocabulary) => `'${codes(vocabulary)[0]!}'`
const filled = (sql: string) =>
  sql
    .replaceAll('$end', first('case_end_type'))
    .replaceAll('$outcome', first('outcome_rating'))
    .replaceAll('$direction', first('release_direction'))
    .replaceAll('$proof', first('release_proof'))
    .replaceAll('$capacity', first('capacity_assessment'))
    .replaceAll('$decline', first('decline_reason'))

const ground = `set session_replication_role = replica; set maintenance_work_mem = '512MB'; set timezone = 'UTC';
  set synchronous_commit = off; set jit = off;
  create temp table content (guide jsonb, answers jsonb, ratings jsonb);
  create temp table tenant (t int, cases bigint);
  create function pg_temp.id(kind int, t int, n bigint) returns uuid language sql immutable
    return (lpad(to_hex(n), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8' || lpad(to_hex(t), 3, '0') || '000000000000')::uuid`
const contents = [firstGuide, answers, ratings].map((content) => JSON.stringify(content))

/**
 * Writes as superuser into an empty migrated database. Foreign keys are not checked row by row meanwhile but all at the
 * end by joins; secondary indexes and the exclusion of overlapping leads are taken away and built again.
 * Each of the given connections does a part.
 */
export async function seed(clients: readonly pg.Client[], size: Size, told: (line: string) => void) {
  const client = clients[0]!
  for (const each of clients) {
    await each.query(ground)
    await each.query('insert into pg_temp.content values ($1, $2, $3)', contents)
    for (let t = 1; t <= tenants; t++)
      await each.query('insert into pg_temp.tenant values ($1, $2)', [t, casesOf(size, t)])
  }
  async function together(all: readonly [what: string, sql: string][]) {
    const rest = all.values()
    const work = async (each: pg.Client) => {
      for (const [what, sql] of rest) {
        const begin = performance.now()
        await each.query(sql)
        const seconds = (performance.now() - begin) / 1000
        if (seconds > 2) told(`  ${size}: ${what} ${seconds.toFixed(1)} s`)
      }
    }
    await Promise.all(clients.map(work))
  }
  const build = await takeAwayIndexes(client)
  await together(steps.map(([table, sql]) => [table, filled(sql)]))
  await sealDisclosures(client, size)
  await together(build.map((sql) => [/\w+__\w+/.exec(sql)![0], sql]))
  await client.query('reset session_replication_role')
  await checkReferences(client)
  await client.query('vacuum (analyze)')
  await client.query('checkpoint')
}

/** @returns the statements that bring them back as they were. */
async function takeAwayIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ away: string; back: string }>(`
    select format('drop index %s', i.indexrelid::regclass) as away, pg_get_indexdef(i.indexrelid) as back
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and not exists (select from pg_constraint where conindid = i.indexrelid)
    union all
    select format('alter table %s drop constraint %I', conrelid::regclass, conname),
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where contype = 'x' and connamespace = 'public'::regnamespace`)
  for (const { away } of rows) await client.query(away)
  return rows.map(({ back }) => back)
}

/** What the trigger would have refused, the join finds. */
async function checkReferences(client: pg.Client) {
  const { rows } = await client.query<{ name: string; sql: string }>(`
    select conname as name, format('select 1 from %s a where a.%3$I is not null and not exists
      (select from %2$s b where b.tenant_id = a.tenant_id and b.id = a.%3$I) limit 1',
      conrelid::regclass, confrelid::regclass, attname) as sql
    from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[2]
    where contype = 'f' and connamespace = 'public'::regnamespace`)
  for (const { name, sql } of rows)
    if ((await client.query(sql)).rowCount) throw new Error(`the seed violates ${name}`)
}

/** What left with the referrals that wait: accepting one opens it. Really sealed, so that opening costs what it costs. */
async function sealDisclosures(client: pg.Client, size: Size) {
  const vault = createVault(keysFrom(masterKey))
  const parts = [
    {
      category: 'clearing_summary',
      topic: 'situation',
      need: null,
      text: 'Wants to begin soon, has time in the afternoon.',
      facts: {},
    },
    {
      category: 'substance_use',
      topic: 'substance_use',
      need: 'n2',
      text: 'A sentence on the need.',
      facts: { 'substance_use.main': 'alcohol' },
    },
  ]
  for (const t of sampled) {
    const rows = Array.from({ length: supply }, (_, at) => {
      const n = casesOf(size, t) - at
      const [tenantId, disclosureId] = [id('tenant', t, 0), id('disclosure', t, referralNumber(n, 3))]
      const { wrappedKey, sealed } = vault.seal(parts, {
        tenantId,
        table: 'disclosures',
        id: disclosureId,
        column: 'content',
      })
      const unitId = id('organization', t, unitOf(n))
      const agencyId = id('organization', t, 10 + agencyOf(n, 3))
      const subject = [
        id('case', t, n),
        id('client', t, n),
        id('release', t, referralNumber(n, 3)),
        id('referral', t, referralNumber(n, 3)),
      ]
      return [
        tenantId,
        disclosureId,
        unitId,
        agencyId,
        ...subject,
        wrappedKey.toString('hex'),
        sealed.toString('hex'),
      ]
    })
    await client.query(
      `insert into disclosures (tenant_id, id, compartment_id, sender_organization_id, recipient_organization_id, case_id, client_id,
         release_id, subject_id, wrapped_key, sealed, basis, release_version, direction, purpose, categories, made_by_user_id, made_at, valid_until)
       select tenant, id, unit, unit, agency, case_id, client, release, subject, decode(key, 'hex'), decode(sealed, 'hex'), 'release', 1,
         ${first('release_direction')}, 'referral', '{clearing_summary,substance_use}', $11, ${today}, '2100-01-01'
       from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::text[], $10::text[])
         as row (tenant, id, unit, agency, case_id, client, release, subject, key, sealed)`,
      [...rows[0]!.map((_, column) => rows.map((row) => row[column])), id('user', t, 11)],
    )
  }
}
