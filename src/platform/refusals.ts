// On which database does the service refuse to start, because a promise could not be kept there?
import type pg from 'pg'

const checks: { when: string; sentence: string }[] = [
  {
    when: `select 1 from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)`,
    sentence: 'the role of DATABASE_URL can bypass row-level security',
  },
  {
    when: `select 1 from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')
           and pg_has_role(current_user, relowner, 'member')`,
    sentence: 'the role of DATABASE_URL owns tables, or is a member of the role that does',
  },
  {
    when: `select 1 from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
           and not (relrowsecurity and relforcerowsecurity)`,
    sentence: 'a table lacks FORCE ROW LEVEL SECURITY',
  },
  {
    when: `select 1 where to_regprocedure('lotse.tenant_id()') is null`,
    sentence: 'the database has not been migrated (npm run migrate)',
  },
  {
    when: `select 1 where 'off' in (current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'))`,
    sentence:
      'PostgreSQL runs with fsync, full_page_writes or synchronous_commit off: an acknowledged row could be lost',
  },
  {
    when: `select 1 where not pg_has_role(current_user, 'lotse_audit', 'set')`,
    sentence: 'the role of DATABASE_URL cannot change into lotse_audit (see migrations/roles.sql)',
  },
  {
    when: `select 1 where current_setting('server_version_num')::int < 180000`,
    sentence: 'PostgreSQL 18 or newer is needed',
  },
]

/** @throws Error with one sentence per reason. */
export async function refuseUnsafe(pool: pg.Pool) {
  const reasons: string[] = []
  for (const { when, sentence } of checks) {
    const { rowCount } = await pool.query(when)
    if (rowCount) reasons.push(sentence)
  }
  if (reasons.length > 0)
    throw new Error(`This database cannot be used:\n${reasons.map((r) => `  ${r}`).join('\n')}`)
}
