// How does a test look behind the interface? As the superuser (to look and to age rows), or as the service (to try).
import pg from 'pg'
import type { Member } from './run.ts'

export type Row = Record<string, unknown>
export type Sql = <R extends Row = Row>(text: string, values?: unknown[]) => Promise<R[]>

/** What lotse.enter would say about somebody; any setting can be given otherwise. */
export interface Context {
  tenant_id?: string
  user_id?: string
  membership_id?: string
  role?: string
  compartments?: string
  organization_id?: string
  receiving_organization_id?: string
  moving_case_id?: string
  moving_contact_id?: string
  credentials_of?: string
}

export function contextOf(member: Member): Context {
  const { tenantId, userId, membershipId, role, organizationId } = member
  const navigates = role === 'navigator' || role === 'navigation_head'
  const receives =
    navigates || ['network_professional', 'youth_welfare_professional', 'self_help_rep'].includes(role)
  return {
    tenant_id: tenantId,
    user_id: userId,
    membership_id: membershipId,
    role,
    compartments: navigates ? `{${organizationId}}` : '{}',
    organization_id: organizationId,
    receiving_organization_id: receives ? organizationId : '',
  }
}

/** FORCE ROW LEVEL SECURITY binds the owner too: only a superuser sees and ages every row. */
export function asSuperuser(url: string) {
  const pool = new pg.Pool({ connectionString: url, max: 2, options: '-c timezone=UTC' })
  pool.on('error', () => {})
  const sql: Sql = async <R extends Row>(text: string, values: unknown[] = []) =>
    (await pool.query<R>(text, values)).rows
  return { sql, end: () => pool.end() }
}

export type AsService = <R extends Row = Row>(
  context: Context,
  text: string,
  values?: unknown[],
) => Promise<{ rows: R[]; rowCount: number }>

/** One statement as the service's own role under a context; whatever happens, nothing stays. */
export function asServiceRole(url: string) {
  const pool = new pg.Pool({ connectionString: url, max: 2, options: '-c timezone=UTC' })
  pool.on('error', () => {})
  const asService: AsService = async <R extends Row>(
    context: Context,
    text: string,
    values: unknown[] = [],
  ) => {
    const client = await pool.connect()
    const settings = Object.entries(context).map(
      ([name, value]) => `select set_config('app.${name}', ${pg.escapeLiteral(String(value))}, true)`,
    )
    try {
      await client.query(['begin', ...settings].join(';'))
      const { rows, rowCount } = await client.query<R>(text, values)
      return { rows, rowCount: rowCount ?? 0 }
    } finally {
      await client.query('rollback')
      client.release()
    }
  }
  return { asService, end: () => pool.end() }
}
