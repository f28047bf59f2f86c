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
    when: `select 1 where to_regprocedure('lotse.tenant_id()') is null or to_regprocedure('jobs.enqueue(text, jsonb)') is null`,
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
    when: `select 1 from pg_roles where rolname = 'lotse_worker' and pg_has_role(current_user, oid, 'member')`,
    sentence: 'the role of DATABASE_URL is a member of lotse_worker: it could change jobs that wait',
  },
  {
    when: `select 1 where current_setting('server_version_num')::int < 180000`,
    sentence: 'PostgreSQL 18 or newer is needed',
  },
]

// What the queue holds is not worth a role that sees more.
const workerChecks: typeof checks = [
  {
    when: `select 1 from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)`,
    sentence: 'the role of DATABASE_WORKER_URL can bypass row-level security',
  },
  {
    when: `select 1 from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
           and has_any_column_privilege(oid, 'select, insert, update')`,
    sentence: 'the role of DATABASE_WORKER_URL reaches the tables; it is meant for the queue only',
  },
  {
    when: `select 1 where not pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'graphile_worker'), 'usage')`,
    sentence:
      'the role of DATABASE_WORKER_URL does not own the queue (lotse_worker, see migrations/roles.sql)',
  },
]

/** @throws Error with one sentence per reason. */
export const refuseUnsafe = (pool: pg.Pool) => refuse(pool, checks)
export const refuseUnsafeWorker = (pool: pg.Pool) => refuse(pool, workerChecks)

async function refuse(pool: pg.Pool, all: typeof checks) {
  const reasons: string[] = []
  for (const { when, sentence } of all) {
    const { rowCount } = await pool.query(when)
    if (rowCount) reasons.push(sentence)
  }
  if (reasons.length > 0)
    throw new Error(`This database cannot be used:\n${reasons.map((r) => `  ${r}`).join('\n')}`)
}
