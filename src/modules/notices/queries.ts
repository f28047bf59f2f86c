// Which notices does a request write, which does its member read, and of which does the courier remind?
import { and, desc, eq, sql, type SQL } from 'drizzle-orm'
import { ofTenant, q, statement, update, type Given } from '../../platform/statement.ts'
import { memberships, tenants, users } from '../identity/table.ts'
import { mailSettings, notices } from './table.ts'

type Row = typeof notices.$inferInsert

/** Without an answer: whoever tells may not read what others are told. */
export const newNotice = statement(
  'notices.new',
  (
    given: Given<
      Pick<Row, 'id' | 'kind' | 'subjectKind' | 'subjectId' | 'audience'> & {
        [K in 'toMembershipId' | 'toOrganizationId' | 'compartmentId' | 'caseId' | 'toRole']: string | null
      }
    >,
  ) =>
    q.insert(notices).values({
      tenantId: sql`lotse.tenant_id()`,
      id: given.id,
      kind: given.kind,
      subjectKind: given.subjectKind,
      subjectId: given.subjectId,
      audience: given.audience,
      toMembershipId: given.toMembershipId,
      toOrganizationId: given.toOrganizationId,
      compartmentId: given.compartmentId,
      caseId: given.caseId,
      toRole: given.toRole as never,
    }),
)

/** Cases and substitutions lie to the right of what everybody tells with: here they are only asked for by their names. */
const standsInFor = (absent: SQL, substitute: SQL) => sql`exists (
  select from substitutions s where s.tenant_id = lotse.tenant_id() and s.ended_at is null
    and s.absent_membership_id = ${absent} and s.substitute_membership_id = ${substitute}
    and lotse.today() between s.from_on and s.until_on)`

/** The policies show the unit what one of its leads is told; it is told to the lead, the substitute and the head. */
const told = sql`(${notices.toMembershipId} = lotse.membership_id()
  or (${notices.audience} = 'organization' and ${notices.toOrganizationId} = lotse.organization_id())
  or (${notices.audience} = 'role' and ${notices.toRole} = lotse.acts_as()
    and (${notices.toOrganizationId} is null or ${notices.toOrganizationId} = lotse.organization_id()))
  or (${notices.audience} = 'lead' and ${notices.compartmentId} = any (lotse.compartments())
    and exists (select from cases c where c.tenant_id = ${notices.tenantId} and c.id = ${notices.caseId}
      and (c.lead_membership_id = lotse.membership_id()
        or (lotse.acts_as() = 'navigation_head' and c.organization_id = lotse.organization_id())
        or ${standsInFor(sql`c.lead_membership_id`, sql`lotse.membership_id()`)}))))`

export const noticePage = statement(
  'notices.page',
  (given: Given<{ key: string; id: string; seen: boolean; limit: number }>) =>
    q
      .select()
      .from(notices)
      .where(
        and(
          ofTenant(notices),
          sql`(${notices.seenAt} is not null) = ${given.seen}::boolean`,
          told,
          sql`(${notices.createdAt}, ${notices.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
        ),
      )
      .orderBy(desc(notices.createdAt), desc(notices.id))
      .limit(given.limit),
)

const mine = (given: Given<{ id: string }>) =>
  q
    .select()
    .from(notices)
    .where(and(ofTenant(notices), eq(notices.id, given.id), told))
export const noticeById = statement('notices.byId', mine)
export const lockNotice = statement('notices.lock', (given: Given<{ id: string }>) =>
  mine(given).for('no key update'),
)
export const seenNotice = update('notices.seen', notices, ['seenAt'])

export const ownMail = statement(
  'notices.mail.own',
  () => sql<{ rhythm: 'at_once' | 'daily' | 'never'; version: number }>`
    select coalesce(s.rhythm, 'daily') as rhythm, coalesce(s.version, 0) as version
    from ${memberships} m left join ${mailSettings} s on s.tenant_id = m.tenant_id and s.id = m.id
    where m.tenant_id = lotse.tenant_id() and m.id = lotse.membership_id()`,
)
/** So that there is a row to lock; nothing changes where there is one. */
export const mailSettingsOf = statement('notices.mail.there', (given: Given<{ id: string }>) =>
  q
    .insert(mailSettings)
    .values({ tenantId: sql`lotse.tenant_id()`, id: given.id, rhythm: 'daily' })
    .onConflictDoNothing(),
)
export const lockMail = statement('notices.mail.lock', (given: Given<{ id: string }>) =>
  q
    .select()
    .from(mailSettings)
    .where(and(ofTenant(mailSettings), eq(mailSettings.id, given.id)))
    .for('no key update'),
)
export const changedMail = update('notices.mail.changed', mailSettings, ['rhythm'])

/**
 * The courier looks at what was told some time ago: everything that was told before has been committed by then, so that
 * nothing falls between two e-mails. No transaction takes so long (platform/pool.ts).
 */
const toldUntil = sql`(now() - interval '30 seconds')`

const waiting = sql`n.tenant_id = lotse.tenant_id() and n.mailed_at is null and n.seen_at is null
  and n.created_at <= ${toldUntil}`

/** Who is to know of which notice, and has had no e-mail about it yet. After a week it is given up; the notice stays. */
const pending = sql`
  with n as (select * from ${notices} n where ${waiting} and n.created_at > now() - interval '7 days'),
  addressed as (
    select n.id, n.created_at, n.to_membership_id as membership_id from n where n.audience = 'member'
    union
    select n.id, n.created_at, m.id from n join ${memberships} m on m.tenant_id = n.tenant_id
      and m.organization_id = n.to_organization_id
      and m.role in ('navigator', 'navigation_head', 'network_professional', 'youth_welfare_professional',
        'self_help_rep', 'coordinator', 'planner', 'prevention_officer', 'safeguarding_expert')
    where n.audience = 'organization'
    union
    select n.id, n.created_at, m.id from n join ${memberships} m on m.tenant_id = n.tenant_id and m.role = n.to_role
      and (n.to_organization_id is null or m.organization_id = n.to_organization_id)
    where n.audience = 'role'
    union
    select n.id, n.created_at, l.membership_id from n join case_leads l on l.tenant_id = n.tenant_id
      and l.case_id = n.case_id and l.until_at is null
    where n.audience = 'lead'
    union
    select n.id, n.created_at, s.substitute_membership_id from n join case_leads l on l.tenant_id = n.tenant_id
      and l.case_id = n.case_id and l.until_at is null
    join substitutions s on s.tenant_id = n.tenant_id and s.absent_membership_id = l.membership_id
      and s.ended_at is null and lotse.today() between s.from_on and s.until_on
    where n.audience = 'lead'
  ),
  pending as (
    select a.id, m.id as membership_id, u.email, u.language, t.name as municipality,
      coalesce(s.rhythm = 'at_once'
        or ((now() at time zone t.time_zone)::time >= '08:00'
          and (s.mailed_until is null or (s.mailed_until at time zone t.time_zone)::date < lotse.today())),
        false) as due
    from addressed a
    join ${memberships} m on m.tenant_id = lotse.tenant_id() and m.id = a.membership_id and m.ended_at is null
    join ${users} u on u.tenant_id = m.tenant_id and u.id = m.user_id and u.active and u.kind = 'person'
    join ${tenants} t on t.tenant_id = m.tenant_id and t.id = m.tenant_id
    left join ${mailSettings} s on s.tenant_id = m.tenant_id and s.id = m.id
    where coalesce(s.rhythm, 'daily') <> 'never' and (s.mailed_until is null or s.mailed_until < a.created_at)
  )`

/** Whom the courier writes to now. */
export const dueMails = statement(
  'notices.mail.due',
  () => sql<{ membershipId: string }>`${pending}
    select distinct membership_id as "membershipId" from pending where due order by 1`,
)

/** One e-mail to one member: how many things wait, and in which language to say so. */
export const dueMail = statement(
  'notices.mail.dueOf',
  (given: Given<{ id: string }>) => sql<{
    email: string
    language: 'de' | 'en' | 'da'
    municipality: string
    things: number
  }>`${pending}
    select email, language, municipality, count(*)::int as things from pending
    where due and membership_id = ${given.id}::uuid group by email, language, municipality`,
)

/** Whoever else writes to this member just now has the row. */
export const takeMail = statement('notices.mail.take', (given: Given<{ id: string }>) =>
  q
    .select({ id: mailSettings.id })
    .from(mailSettings)
    .where(and(ofTenant(mailSettings), eq(mailSettings.id, given.id)))
    .for('no key update', { skipLocked: true }),
)

/** The version stays: the member's own settings have not changed. */
export const mailed = statement('notices.mail.mailed', (given: Given<{ id: string }>) =>
  q
    .update(mailSettings)
    .set({ mailedUntil: sql`${toldUntil}` })
    .where(and(ofTenant(mailSettings), eq(mailSettings.id, given.id)))
    .returning({ id: mailSettings.id }),
)

const settled = sql`${waiting} and n.id not in (select id from pending)`

/** Is there anything of which everybody has been reminded? */
export const anySettled = statement(
  'notices.mail.anySettled',
  () => sql<{ any: boolean }>`${pending} select exists (select from ${notices} n where ${settled}) as any`,
)
export const settle = statement(
  'notices.mail.settle',
  () => sql<{ id: string }>`${pending}
    update ${notices} n set mailed_at = now() where ${settled} returning n.id`,
)
