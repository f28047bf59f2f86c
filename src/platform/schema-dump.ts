// What does a migrated database look like? As SQL to read and to compare, in an order that never changes.
import pg from 'pg'

// Each answers one column `line`, in order. PostgreSQL writes its own definitions; this only arranges them. What lies in
// graphile_worker is graphile-worker's own.
const ground = `
  select format('create schema %I;', nspname) as line from pg_namespace
  where nspname !~ '^pg_' and nspname not in ('information_schema', 'public', 'migrations') order by nspname`

const extensions = `
  select format('create extension %I schema %I;', extname, nspname) as line
  from pg_extension join pg_namespace n on n.oid = extnamespace where extname <> 'plpgsql' order by extname`

const schemaGrants = `
  select format('grant %s on schema %I to %s;', lower(privilege_type), nspname,
    case grantee when 0 then 'public' else grantee::regrole::text end) as line
  from pg_namespace, aclexplode(nspacl)
  where nspname !~ '^pg_' and nspname not in ('information_schema', 'migrations') and grantee <> nspowner order by line`

const functions = `
  select rtrim(pg_get_functiondef(p.oid), E'\\n') || ';' as line from pg_proc p
  where p.pronamespace in ('lotse'::regnamespace, 'jobs'::regnamespace, 'login'::regnamespace)
  order by p.pronamespace <> 'lotse'::regnamespace, p.proname, pg_get_function_identity_arguments(p.oid)`

const functionGrants = `
  select format('grant execute on function %s to %s;', p.oid::regprocedure,
    case grantee when 0 then 'public' else grantee::regrole::text end) as line
  from pg_proc p, aclexplode(p.proacl)
  where p.pronamespace in ('lotse'::regnamespace, 'jobs'::regnamespace, 'login'::regnamespace) and grantee <> p.proowner order by line`

const tables = `
  select c.oid::int as oid, c.oid::regclass::text as name, c.relkind as kind,
    c.relrowsecurity as protected, c.relforcerowsecurity as forced
  from pg_class c
  where c.relnamespace in ('public'::regnamespace, 'jobs'::regnamespace, 'login'::regnamespace) and c.relkind not in ('i', 'I')
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
  order by c.relnamespace <> 'public'::regnamespace, c.relname`

const columns = `
  select format('  %I %s', a.attname, format_type(a.atttypid, a.atttypmod))
    || case a.attgenerated
         when 's' then format(' generated always as (%s) stored', pg_get_expr(d.adbin, d.adrelid))
         when 'v' then format(' generated always as (%s) virtual', pg_get_expr(d.adbin, d.adrelid))
         else coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') end
    || case when a.attnotnull then ' not null' else '' end as line
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`

// "n" is NOT NULL, which stands beside its column.
const constraints = `
  select format('  constraint %I %s', conname, pg_get_constraintdef(oid)) as line from pg_constraint
  where conrelid = $1 and contype <> 'n' order by position(contype::text in 'puxcf'), conname`

const indexes = `
  select lower(substr(definition, 1, 12)) || substr(definition, 13) || ';' as line
  from pg_index i join pg_class c on c.oid = i.indexrelid, pg_get_indexdef(i.indexrelid) as definition
  where i.indrelid = $1 and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
  order by c.relname`

const triggers = `
  select pg_get_triggerdef(oid) || ';' as line from pg_trigger where tgrelid = $1 and not tgisinternal order by tgname`

const grants = `
  select format('grant %s on %s to %s;', string_agg(privilege, ', ' order by privilege), $1::oid::regclass, receiver) as line
  from (
    select case grantee when 0 then 'public' else grantee::regrole::text end as receiver, lower(privilege_type) as privilege
    from pg_class, aclexplode(relacl) where oid = $1 and grantee <> relowner
    union all
    select case grantee when 0 then 'public' else grantee::regrole::text end,
      format('%s (%s)', lower(privilege_type), string_agg(quote_ident(attname), ', ' order by attnum))
    from pg_attribute, aclexplode(attacl)
    where attrelid = $1 and not attisdropped and grantee <> (select relowner from pg_class where oid = $1)
    group by grantee, privilege_type
  ) as granted
  group by receiver order by receiver`

const policies = `
  select format(E'create policy %I on %s%s for %s to %s', polname, polrelid::regclass,
      case when polpermissive then '' else ' as restrictive' end,
      case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      (select string_agg(case role when 0 then 'public' else role::regrole::text end, ', ' order by role) from unnest(polroles) as role))
    || coalesce(E'\\n  using (' || pg_get_expr(polqual, polrelid) || ')', '')
    || coalesce(E'\\n  with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '') || ';'
    || coalesce(format(E'\\ncomment on policy %I on %s is %L;', polname, polrelid::regclass, obj_description(oid, 'pg_policy')), '') as line
  from pg_policy where polrelid = $1 order by polname`

export async function dumpSchema(ownerUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  const lines = async (sql: string, ...params: number[]) =>
    (await client.query<{ line: string }>(sql, params)).rows.map(({ line }) => line)
  try {
    const parts = [
      '-- What all migrations together make. Written by `npm run openapi`, compared in CI; never edited, never run.',
      [...(await lines(ground)), ...(await lines(extensions)), ...(await lines(schemaGrants))].join('\n'),
      ...(await lines(functions)),
      (await lines(functionGrants)).join('\n'),
    ]
    const { rows } = await client.query<{
      oid: number
      name: string
      kind: string
      protected: boolean
      forced: boolean
    }>(tables)
    for (const { oid, name, kind, ...rowSecurity } of rows) {
      // Whoever adds a view or a sequence teaches this file to write it down.
      if (kind !== 'r')
        throw new Error(`schema-dump.ts cannot write down ${name}, a relation of kind "${kind}"`)
      parts.push(
        [
          `-- ${name}`,
          `create table ${name} (\n${[...(await lines(columns, oid)), ...(await lines(constraints, oid))].join(',\n')}\n);`,
          ...(await lines(indexes, oid)),
          ...(await lines(triggers, oid)),
          ...(rowSecurity.protected ? [`alter table ${name} enable row level security;`] : []),
          ...(rowSecurity.forced ? [`alter table ${name} force row level security;`] : []),
          ...(await lines(grants, oid)),
          ...(await lines(policies, oid)),
        ].join('\n'),
      )
    }
    return `${parts.filter(Boolean).join('\n\n')}\n`
  } finally {
    await client.end()
  }
}
