// Does the database itself keep the walls? Read from its own catalogue; every check is shown a defect it must find.
import pg from 'pg'
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { contextOf } from '../support/sql.ts'
import { nora } from '../support/cast.ts'

const { urls, asService } = await lotse()

interface Rule {
  promise: string
  /** Answers one column `offender` for whatever breaks the promise. */
  offenders: string
  /** Breaks it. */
  defect: string
}

const tables = `pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`

const rules: Rule[] = [
  {
    promise: 'every table has row-level security, and its owner is bound by it',
    offenders: `select c.relname as offender from ${tables} and not (c.relrowsecurity and c.relforcerowsecurity)`,
    defect: 'alter table cases no force row level security',
  },
  {
    promise:
      'every index, and with it every primary key, unique and exclusion constraint, begins with the municipality',
    offenders: `select i.indexrelid::regclass::text as offender from pg_index i join pg_class c on c.oid = i.indrelid
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where c.relnamespace = 'public'::regnamespace and a.attname is distinct from 'tenant_id'`,
    defect: 'create unique index one_alias_in_the_whole_world on clients (alias)',
  },
  {
    promise: 'every table has a primary key',
    offenders: `select c.relname as offender from ${tables}
      and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
    defect: 'create table heap (tenant_id uuid not null)',
  },
  {
    promise: 'no reference can leave the municipality',
    offenders: `select f.conname as offender from pg_constraint f
      join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
      join pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
      where f.contype = 'f' and f.connamespace = 'public'::regnamespace
        and not (a.attname = 'tenant_id' and b.attname = 'tenant_id')`,
    defect: `create unique index c on clients (id);
      alter table cases add constraint cases__any_client foreign key (client_id) references clients (id)`,
  },
  {
    promise: 'no reference deletes, empties or rewrites rows by itself',
    offenders: `select conname as offender from pg_constraint where contype = 'f'
      and connamespace = 'public'::regnamespace and (confdeltype not in ('a', 'r') or confupdtype not in ('a', 'r'))`,
    defect: `alter table cases add constraint cases__gone foreign key (tenant_id, client_id)
      references clients (tenant_id, id) on delete cascade`,
  },
  {
    promise: 'every policy begins with the municipality, for what is seen and for what is written',
    // A deparsed `a and b` begins with two brackets; `a and b or c` would begin with three.
    offenders: `select p.tablename || '.' || p.policyname || ': ' || e as offender
      from pg_policies p, unnest(array[p.qual, p.with_check]) e
      where p.schemaname = 'public' and e is not null and e <> '(tenant_id = lotse.tenant_id())'
        and not starts_with(e, '((tenant_id = lotse.tenant_id()) AND ')`,
    defect: `create policy leak on cases for select
      using (tenant_id = lotse.tenant_id() and status = 'closed' or status = 'open')`,
  },
  {
    promise: 'a policy asks no table',
    offenders: `select p.tablename || '.' || p.policyname as offender from pg_policies p
      where concat(p.qual, ' ', p.with_check) ~* '\\m(select|exists|from)\\M'`,
    defect: `create policy leak on cases for select
      using (tenant_id = lotse.tenant_id() and exists (select from clients))`,
  },
  {
    promise: 'a policy calls nothing but our one-line functions and plain comparisons of settings',
    offenders: `select p.tablename || '.' || p.policyname || ': ' || f[1] as offender from pg_policies p,
      regexp_matches(concat(p.qual, ' ', p.with_check), '([[:alnum:]_.]+) ?\\(', 'g') f
      where f[1] not in ('AND', 'OR', 'NOT', 'ANY', 'now', 'current_setting', 'COALESCE', 'NULLIF')
        and f[1] !~ '^lotse\\.[a-z_]+$'`,
    defect: `create policy leak on cases for select
      using (tenant_id = lotse.tenant_id() and pg_sleep(1) is not null)`,
  },
  {
    promise: 'our functions in policies are one line that the planner looks through',
    offenders: `select f[1] as offender from pg_policies p,
      regexp_matches(concat(p.qual, ' ', p.with_check), '(lotse\\.[a-z_]+)\\(', 'g') f
      where not exists (select from pg_proc r join pg_language l on l.oid = r.prolang
        where r.oid = to_regprocedure(f[1] || '()') and l.lanname = 'sql' and r.provolatile in ('s', 'i')
          and not r.prosecdef and not r.proisstrict and not r.proretset and r.proconfig is null
          and r.prosqlbody is not null)`,
    defect: 'alter function lotse.tenant_id() security definer',
  },
  {
    promise: 'no function runs with the rights of its owner',
    offenders: `select oid::regprocedure::text as offender from pg_proc
      where pronamespace in ('lotse'::regnamespace, 'public'::regnamespace) and prosecdef`,
    defect: `create function lotse.sesame() returns text language sql security definer return 'open'`,
  },
  {
    promise:
      'the functions that run with the rights of their owner queue a job, or find and name the issuer of a token',
    offenders: `select p.oid::regprocedure::text as offender from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not (p.oid = to_regprocedure('jobs.enqueue(text, jsonb)') and p.proowner = 'lotse_worker'::regrole
          and p.proconfig is not distinct from array['search_path=pg_catalog, pg_temp'])
        and not (p.oid in (to_regprocedure('login.provider_of(text, text[])'), to_regprocedure('login.claim_issuer(text, text, uuid)'))
          and p.proowner = 'lotse_owner'::regrole
          and p.proconfig is not distinct from array['search_path=pg_catalog, pg_temp'])`,
    defect: 'alter function jobs.enqueue(text, jsonb) reset search_path',
  },
  {
    promise: 'whose issuer and audience these are is answered for an exact pair, and listed for nobody',
    offenders: `select grantee || ' ' || privilege_type as offender from information_schema.table_privileges
      where table_schema = 'login' and grantee <> 'lotse_owner'
      union all select r.rolname || ' ' || p.proname from pg_proc p, pg_roles r
      where p.pronamespace = 'login'::regnamespace and r.rolname in ('lotse_worker', 'lotse_audit')
        and has_function_privilege(r.oid, p.oid, 'execute') and has_schema_privilege(r.oid, 'login', 'usage')`,
    defect: 'grant select on login.issuers to lotse_service',
  },
  {
    promise: 'the queue is closed to the service, and the tables to the queue',
    offenders: `select 'schema' as offender where has_schema_privilege('lotse_service', 'graphile_worker', 'usage')
      union all select 'member' where pg_has_role('lotse_service', 'lotse_worker', 'member')
      union all select c.oid::regclass::text from pg_class c where c.relnamespace in ('public'::regnamespace, 'jobs'::regnamespace)
        and c.relkind in ('r', 'p') and has_any_column_privilege('lotse_worker', c.oid, 'select, insert, update, references')
        and c.oid <> 'jobs.municipalities'::regclass
      union all select 'lists municipalities' where has_table_privilege('lotse_service', 'jobs.municipalities', 'select, update, delete')
      union all select 'makes schemas' where has_database_privilege('lotse_worker', current_database(), 'create')`,
    defect: 'grant usage on schema graphile_worker to lotse_service',
  },
  {
    promise: 'policies only ever open, none of them narrows another',
    offenders: `select tablename || '.' || policyname as offender from pg_policies where permissive <> 'PERMISSIVE'`,
    defect: 'create policy narrow on cases as restrictive for select using (tenant_id = lotse.tenant_id())',
  },
  {
    promise: 'a policy says for which act it is, never for all of them',
    offenders: `select tablename || '.' || policyname as offender from pg_policies
      where schemaname = 'public' and cmd = 'ALL'`,
    defect: 'create policy everything on cases using (tenant_id = lotse.tenant_id())',
  },
  {
    promise: 'every policy says in a sentence whom it lets in',
    offenders: `select polrelid::regclass || '.' || polname as offender from pg_policy
      where coalesce(obj_description(oid, 'pg_policy'), '') !~ '^[A-Z].{15,}\\.$'`,
    defect: 'create policy wordless on cases for select using (tenant_id = lotse.tenant_id())',
  },
  {
    promise: 'no table has a trigger, a rule or a view over it',
    offenders: `select tgname::text as offender from pg_trigger where not tgisinternal
      union all select viewname::text from pg_views where schemaname in ('public', 'lotse')
      union all select matviewname::text from pg_matviews`,
    defect: 'create view all_cases as select * from cases',
  },
  {
    promise: 'whatever is known about a person lies in a compartment, and its unit is the first to see it',
    offenders: `select c.relname as offender from ${tables}
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'client_id')
      and not (exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'compartment_id' and a.attnotnull)
        and exists (select from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname and p.cmd = 'SELECT'
          and p.qual = '((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())))'))`,
    defect: 'create table notes (tenant_id uuid, id uuid, client_id uuid, compartment_id uuid not null)',
  },
  {
    promise:
      'whatever is known about a person is seen by its unit, its recipient, the receiver who moves the case on, or whoever opened a link; the courier sees who leads, where a link goes, and which referrals wait for an answer',
    offenders: `select p.tablename || '.' || p.policyname as offender from pg_policies p
      where p.cmd in ('SELECT', 'UPDATE') and exists (select from pg_attribute a
        where a.attrelid = format('public.%I', p.tablename)::regclass and a.attname = 'client_id')
      and p.qual !~ 'compartment_id = ANY \\(lotse\\.compartments\\(\\)\\)'
      and p.qual !~ '(recipient|receiver)_organization_id = lotse\\.receiving_organization_id\\(\\)'
      and p.qual !~ 'id = lotse\\.moving_case_id\\(\\)'
      and p.qual !~ 'id = lotse\\.(link|linked_referral)_id\\(\\)'
      and not (p.tablename in ('case_leads', 'answer_links') and p.qual ~ 'lotse\\.acts_as\\(\\) = ''courier''')
      and not (p.tablename = 'referrals'
        and p.qual ~ 'lotse\\.acts_as\\(\\) = ''courier''::text\\) AND \\(status = ANY \\(ARRAY\\[''sent''::text, ''waitlisted''::text')`,
    defect: `create policy curious on clearings for select
      using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'planner')`,
  },
  {
    promise:
      'name and reach of somebody who came to a door are seen there and by whoever is asked, by nobody else',
    offenders: `select p.policyname as offender from pg_policies p
      where p.tablename = 'contact_people' and p.cmd in ('SELECT', 'UPDATE')
      and p.qual !~ '^\\(\\(tenant_id = lotse.tenant_id\\(\\)\\) AND \\((\\(organization_id = lotse.receiving_organization_id\\(\\)\\) OR \\(registered_by_user_id = lotse.user_id\\(\\)|to_organization_id = lotse.receiving_organization_id\\(\\))\\)+$'`,
    defect: `create policy counting on contact_people for select
      using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('navigation_head', 'coordinator'))`,
  },
  {
    promise: 'the service owns nothing and is nobody special',
    offenders: `select rolname::text as offender from pg_roles
      where rolname in ('lotse_service', 'lotse_audit', 'lotse_worker') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)
      union all select relname::text from pg_class where relowner in ('lotse_service'::regrole, 'lotse_audit'::regrole)
      union all select proname::text from pg_proc where proowner in ('lotse_service'::regrole, 'lotse_audit'::regrole)
      union all select 'member of the owner' where pg_has_role('lotse_service', 'lotse_owner', 'member')
      union all select nspname::text from pg_namespace where nspname !~ '^pg_(toast_)?temp'
        and (has_schema_privilege('lotse_service', oid, 'create') or has_schema_privilege('lotse_audit', oid, 'create'))`,
    defect: 'grant create on schema public to lotse_service',
  },
  {
    promise: 'nobody but the owner may change or delete the audit trail and its heads',
    offenders: `select grantee || ' ' || privilege_type as offender from information_schema.table_privileges
      where table_name in ('audit_events', 'audit_heads') and grantee <> 'lotse_owner' and privilege_type not in ('INSERT', 'SELECT')
      union all select grantee || ' ' || privilege_type || ' ' || column_name from information_schema.column_privileges
      where table_name in ('audit_events', 'audit_heads') and grantee <> 'lotse_owner' and privilege_type not in ('INSERT', 'SELECT')`,
    defect: 'grant update (at) on audit_heads to lotse_service',
  },
  {
    promise: 'the second pool may add to the audit trail and nothing else',
    offenders: `select table_name || ' ' || privilege_type as offender from information_schema.table_privileges
      where grantee = 'lotse_audit' and not (table_name = 'audit_events' and privilege_type = 'INSERT')`,
    defect: 'grant select on audit_events to lotse_audit',
  },
  {
    promise: 'of what left, only the end of the recipient’s view can change',
    offenders: `select c.column_name || ' ' || c.privilege_type as offender from information_schema.column_privileges c
      where c.table_name = 'disclosures' and c.grantee <> 'lotse_owner'
        and c.privilege_type = 'UPDATE' and c.column_name <> 'valid_until'`,
    defect: 'grant update on disclosures to lotse_service',
  },
  {
    promise:
      'the service deletes nothing but a document that was never sent, a second factor, counts of guesses, assertions that have expired, webhooks, sessions that are long over, keys of repeated requests, and what happened long ago, and everybody else may do nothing at all',
    offenders: `select grantee || ' ' || privilege_type || ' ' || table_name as offender
      from information_schema.table_privileges where table_schema = 'public' and grantee <> 'lotse_owner'
        and not (grantee in ('lotse_service', 'lotse_audit') and privilege_type in ('SELECT', 'INSERT', 'UPDATE'))
        and not (grantee = 'lotse_service' and privilege_type = 'DELETE'
          and table_name in ('attachments', 'second_factors', 'attempt_counters', 'used_assertions', 'sessions', 'idempotency_keys', 'events', 'event_listeners', 'webhooks', 'webhook_deliveries'))`,
    defect: 'grant delete on clients to lotse_service',
  },
  {
    promise: 'every act that is granted on a table has a policy, and every policy a grant',
    offenders: `with granted as (
        select distinct table_name as name, privilege_type as act from information_schema.column_privileges
        where table_schema = 'public' and grantee in ('lotse_service', 'lotse_audit') and privilege_type <> 'REFERENCES'
        union select table_name, privilege_type from information_schema.table_privileges
        where table_schema = 'public' and grantee in ('lotse_service', 'lotse_audit') and privilege_type = 'DELETE'),
      allowed as (select distinct tablename::text as name, cmd as act from pg_policies where schemaname = 'public')
      select concat_ws(' ', 'without a policy:', name, act) as offender from (table granted except table allowed) g
      union all
      select concat_ws(' ', 'without a grant:', name, act) from (table allowed except table granted) p`,
    defect: 'grant update on clearing_guides to lotse_service',
  },
  {
    promise: 'a status, role, kind or category in the database is one of its codes',
    offenders: `select c.relname || '.' || a.attname as offender from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'audit_events'
        and a.attname in ('status', 'role', 'kind', 'type', 'urgency', 'categories') and a.atttypid in ('text'::regtype, 'text[]'::regtype)
        and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey @> array[a.attnum])`,
    defect: 'alter table organizations drop constraint organizations__kind',
  },
]

async function withOneTransaction<T>(
  work: (sql: (text: string) => Promise<string[]>) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: urls.admin })
  await client.connect()
  try {
    await client.query('begin')
    return await work(async (text) => {
      // Several statements in one text answer an array of results.
      const { rows } = await client.query<{ offender: string }>(text)
      return rows?.map(({ offender }) => offender)
    })
  } finally {
    await client.end()
  }
}

for (const { promise, offenders, defect } of rules)
  test(promise, () =>
    withOneTransaction(async (sql) => {
      expect(await sql(offenders)).toEqual([])
      await sql(defect)
      expect(await sql(offenders)).not.toEqual([])
    }),
  )

test('there are tables, policies and references to look at', () =>
  withOneTransaction(async (sql) => {
    const [count] = await sql(`select (select count(*) from ${tables}) * (select count(*) from pg_policies)
      * (select count(*) from pg_constraint where contype = 'f') as offender`)
    expect(Number(count)).toBeGreaterThan(10_000)
  }))

test('the planner sees through our functions: a policy costs comparisons only', async () => {
  const { rows } = await asService(contextOf(nora), 'explain (verbose, costs off) select id from cases')
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toContain("current_setting('app.tenant_id'")
  expect(plan).not.toContain('lotse.')
})

test('without a context there is nothing to see', async () => {
  const { rows } = await asService(
    {},
    `select (select count(*) from tenants) + (select count(*) from users) + (select count(*) from offers) as seen`,
  )
  expect(rows).toEqual([{ seen: '0' }])
})

test('the owner of the tables is bound by the walls as well', async () => {
  const client = new pg.Client({ connectionString: urls.owner })
  await client.connect()
  try {
    expect((await client.query('update audit_events set status = 200')).rowCount).toBe(0)
    expect((await client.query('select from users')).rowCount).toBe(0)
  } finally {
    await client.end()
  }
})
