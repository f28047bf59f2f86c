// Which rows make up a member's day and a person's journey? Each source states its side and goes by an index.
import { sql, type SQL } from 'drizzle-orm'
import { ofTenant, statement, type Given } from '../../platform/statement.ts'
import { appointments } from '../appointments/table.ts'
import { cases } from '../cases/table.ts'
import { contacts } from '../contacts/table.ts'
import { deadlines } from '../deadlines/table.ts'
import { handovers } from '../handovers/table.ts'
import { memberships, organizations, tenants, users } from '../identity/table.ts'
import { notices } from '../notices/table.ts'
import { referrals } from '../referrals/table.ts'
import { substitutions } from '../substitutions/table.ts'
import { tasks } from '../tasks/table.ts'
import type { Code } from '../vocabularies/index.ts'
import {
  most,
  type AppointmentPart,
  type CasePart,
  type ContactPart,
  type HandoverPart,
  type ReferralPart,
} from './rules.ts'

// ── The day ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Row {
  kind: Code<'day_entry'>
  code: string | null
  subjectKind: (typeof notices.$inferSelect)['subjectKind']
  subjectId: string
  noticeId: string | null
  organizationId: string | null
  caseId: string | null
  /** For the audit trail only. */
  personId: string | null
  dueOn: string | null
  dueAt: string | null
  since: string
  forMembershipId: string | null
  text: string | null
}

const inSight = (table: { compartmentId: SQL | object }) =>
  sql`${table.compartmentId} = any (lotse.compartments())`
const asHead = sql`lotse.acts_as() = 'navigation_head'`
const asCoordinator = sql`lotse.acts_as() = 'coordinator'`
const one = sql.raw(String(most + 1))

/** Oneself, and whomever one stands in for today. */
const mine = sql`mine as (
  select lotse.membership_id() as id, null::uuid as for_id
  union
  select ${substitutions.absentMembershipId}, ${substitutions.absentMembershipId} from ${substitutions}
  where ${ofTenant(substitutions)} and ${substitutions.substituteMembershipId} = lotse.membership_id()
    and ${substitutions.endedAt} is null and lotse.today() between ${substitutions.fromOn} and ${substitutions.untilOn})`

/** The membership, as long as somebody acts under it: what belongs to nobody any more belongs to everybody there. */
const stillThere = (membership: unknown) => sql`(select m.id from memberships m
  join users u on u.tenant_id = m.tenant_id and u.id = m.user_id
  where m.tenant_id = lotse.tenant_id() and m.id = ${membership} and m.ended_at is null and u.active)`

/** Where neither lead nor owner is there any more, what is due is the head's. */
const nobodyThere = (owner?: unknown) => sql`(${asHead} and ${stillThere(cases.leadMembershipId)} is null
  ${owner === undefined ? sql`` : sql`and ${stillThere(owner)} is null`})`

const timeZone = sql`(select ${tenants.timeZone} from ${tenants}
  where ${ofTenant(tenants)} and ${tenants.id} = lotse.tenant_id())`
const midnight = (day: SQL) => sql`(${day}::timestamp at time zone ${timeZone})`

/** The columns of an entry: what a source does not say is null. */
function entry(
  given: { kind: SQL | Code<'day_entry'>; subjectId: unknown; since: unknown } & {
    [K in Exclude<keyof Row, 'kind' | 'subjectId' | 'since'>]?: unknown
  },
): SQL {
  const word = (value: unknown) => (typeof value === 'string' ? sql.raw(`'${value}'`) : sql`${value}`)
  const nothing = {
    code: 'text',
    noticeId: 'uuid',
    organizationId: 'uuid',
    caseId: 'uuid',
    personId: 'uuid',
    dueOn: 'date',
    dueAt: 'timestamptz',
    forMembershipId: 'uuid',
    text: 'text',
  }
  return sql.join(
    [
      ...Object.entries(given).map(([name, value]) => sql`${word(value)} as ${sql.identifier(name)}`),
      ...Object.entries(nothing)
        .filter(([name]) => !(name in given))
        .map(([name, type]) => sql`null::${sql.raw(type)} as ${sql.identifier(name)}`),
    ],
    sql`, `,
  )
}

const source = (name: string, text: SQL) => statement(`overview.${name}`, () => text as SQL<Row>)

const nextSteps = source(
  'nextSteps',
  sql`with ${mine}
  select ${entry({
    kind: 'next_step',
    code: cases.status,
    subjectKind: 'case',
    subjectId: cases.id,
    caseId: cases.id,
    personId: cases.clientId,
    dueOn: cases.nextStepOn,
    since: cases.openedAt,
    forMembershipId: sql`mine.for_id`,
    text: cases.nextStep,
  })}
  from mine join ${cases} on ${cases.leadMembershipId} = mine.id
  where ${ofTenant(cases)} and ${inSight(cases)} and ${cases.status} <> 'closed' and ${cases.nextStepOn} <= lotse.today()
  order by ${cases.nextStepOn}, ${cases.id} limit ${one}`,
)

const dueTasks = source(
  'tasks',
  sql`with ${mine}
  select ${entry({
    kind: 'task',
    code: tasks.kind,
    subjectKind: 'task',
    subjectId: tasks.id,
    caseId: tasks.caseId,
    personId: tasks.clientId,
    dueOn: tasks.dueOn,
    since: tasks.createdAt,
    forMembershipId: sql`mine.for_id`,
    text: tasks.title,
  })}
  from ${tasks}
  join ${cases} on ${ofTenant(cases)} and ${inSight(cases)} and ${cases.id} = ${tasks.caseId}
  left join mine on mine.id = coalesce(${stillThere(tasks.ownerMembershipId)}, ${cases.leadMembershipId})
  where ${ofTenant(tasks)} and ${inSight(tasks)} and ${tasks.doneAt} is null and ${tasks.dueOn} <= lotse.today()
    and (mine.id is not null or ${nobodyThere(tasks.ownerMembershipId)})
  order by ${tasks.kind} <> 'safety_prompt', ${tasks.dueOn}, ${tasks.id} limit ${one}`,
)

/** Of today, as long as nobody has said how it went; what was forgotten comes back as its deadline. */
const appointmentsToday = source(
  'appointments',
  sql`with ${mine}
  select ${entry({
    kind: 'appointment',
    code: appointments.status,
    subjectKind: 'appointment',
    subjectId: appointments.id,
    organizationId: appointments.organizationId,
    caseId: appointments.caseId,
    personId: appointments.clientId,
    dueOn: sql`lotse.today()`,
    dueAt: appointments.startsAt,
    since: appointments.createdAt,
    forMembershipId: sql`me.for_id`,
  })}
  from ${appointments}
  join ${cases} on ${ofTenant(cases)} and ${inSight(cases)} and ${cases.id} = ${appointments.caseId}
  left join lateral (select mine.id, mine.for_id from mine
    where mine.id in (${cases.leadMembershipId}, ${appointments.accompaniedByMembershipId})
    order by mine.for_id nulls first limit 1) me on true
  where ${ofTenant(appointments)} and ${inSight(appointments)} and ${appointments.status} = 'planned'
    and ${appointments.startsAt} >= ${midnight(sql`lotse.today()`)}
    and ${appointments.startsAt} < ${midnight(sql`(lotse.today() + 1)`)}
    and (me.id is not null or ${nobodyThere(appointments.accompaniedByMembershipId)})
  order by ${appointments.startsAt}, ${appointments.id} limit ${one}`,
)

/** Of the cases one leads; for the head also what has come up to the head. */
const deadlinesOfCases = source(
  'deadlines',
  sql`with ${mine}
  select ${entry({
    kind: 'deadline',
    code: deadlines.kind,
    subjectKind: 'deadline',
    subjectId: deadlines.id,
    organizationId: deadlines.organizationId,
    caseId: deadlines.caseId,
    personId: cases.clientId,
    dueOn: deadlines.dueOn,
    since: deadlines.createdAt,
    forMembershipId: sql`mine.for_id`,
  })}
  from ${deadlines}
  join ${cases} on ${ofTenant(cases)} and ${inSight(cases)} and ${cases.id} = ${deadlines.caseId}
  left join mine on mine.id = ${cases.leadMembershipId}
  where ${ofTenant(deadlines)} and ${inSight(deadlines)} and ${deadlines.stoppedAt} is null
    and ${deadlines.dueOn} <= lotse.today() + 2
    and (mine.id is not null or (${asHead} and ${deadlines.escalatedTo} in ('head', 'coordinator')) or ${nobodyThere()})
  order by ${deadlines.dueOn}, ${deadlines.id} limit ${one}`,
)

const toldTo = (
  audience: SQL,
  from = sql`${notices}`,
  more: Partial<Record<'caseId' | 'personId' | 'forMembershipId', unknown>> = {},
) => sql`
  (select ${entry({
    kind: 'notice',
    code: notices.kind,
    subjectKind: notices.subjectKind,
    subjectId: notices.subjectId,
    since: notices.createdAt,
    noticeId: notices.id,
    caseId: sql`null::uuid`,
    personId: sql`null::uuid`,
    forMembershipId: sql`null::uuid`,
    ...more,
  })}
  from ${from} where ${ofTenant(notices)} and ${notices.seenAt} is null and ${audience}
  order by ${notices.createdAt} limit ${one})`

/** To oneself, to the own organisation, to the own role, and to the lead of a case. */
const unseenNotices = source(
  'notices',
  sql`with ${mine}
  select * from (${sql.join(
    [
      toldTo(sql`${notices.audience} = 'member' and ${notices.toMembershipId} = lotse.membership_id()`),
      toldTo(
        sql`${notices.audience} = 'organization' and ${notices.toOrganizationId} = lotse.receiving_organization_id()`,
      ),
      toldTo(sql`${notices.audience} = 'role' and ${notices.toRole} = lotse.acts_as()
        and (${notices.toOrganizationId} is null or ${notices.toOrganizationId} = lotse.organization_id())`),
      toldTo(
        sql`${notices.audience} = 'lead' and ${inSight(notices)}`,
        sql`${notices}
          join ${cases} on ${ofTenant(cases)} and ${inSight(cases)} and ${cases.id} = ${notices.caseId}
          join mine on mine.id = ${cases.leadMembershipId}`,
        { caseId: notices.caseId, personId: cases.clientId, forMembershipId: sql`mine.for_id` },
      ),
    ],
    sql` union all `,
  )}) told
  order by since, "noticeId" limit ${one}`,
)

/** Sent to the own organisation: what nobody there looks after, and what one has taken and not answered. */
const referralsToUs = source(
  'referrals',
  sql`with ${mine}
  select * from (
    select ${entry({
      kind: sql`case when mine.id is null then 'referral_untaken' else 'referral_unanswered' end`,
      code: referrals.status,
      subjectKind: 'referral',
      subjectId: referrals.id,
      organizationId: referrals.senderOrganizationId,
      personId: referrals.clientId,
      dueOn: sql`case ${referrals.status} when 'waitlisted' then ${referrals.expectedOn} else ${referrals.answerDueOn} end`,
      since: referrals.sentAt,
      forMembershipId: sql`mine.for_id`,
    })}
    from ${referrals} left join mine on mine.id = ${referrals.takenByMembershipId}
    where ${ofTenant(referrals)} and ${referrals.recipientOrganizationId} = lotse.receiving_organization_id()
      and ${referrals.status} in ('sent', 'waitlisted') and ${referrals.sentAt} is not null
      and case when mine.id is null then ${stillThere(referrals.takenByMembershipId)} is null
        else ${referrals.status} = 'sent' or ${referrals.expectedOn} <= lotse.today() end) here
  order by "dueOn", "subjectId" limit ${one}`,
)

/** Offered to the own organisation and not answered, or accepted and the arrival not recorded. */
const handoversToUs = source(
  'handovers',
  sql`select ${entry({
    kind: sql`case ${handovers.status} when 'offered' then 'handover_offered' else 'arrival_expected' end`,
    code: handovers.status,
    subjectKind: 'handover',
    subjectId: handovers.id,
    organizationId: handovers.giverOrganizationId,
    personId: handovers.clientId,
    dueOn: sql`case ${handovers.status} when 'offered' then ${handovers.answerDueOn}
      else (${handovers.meetingAt} at time zone ${timeZone})::date end`,
    dueAt: handovers.meetingAt,
    since: sql`coalesce(${handovers.acceptedAt}, ${handovers.offeredAt})`,
  })}
  from ${handovers}
  where ${ofTenant(handovers)} and ${handovers.receiverOrganizationId} = lotse.receiving_organization_id()
    and ${handovers.status} in ('offered', 'accepted') and ${handovers.offeredAt} is not null
  order by "dueOn", ${handovers.offeredAt}, ${handovers.id} limit ${one}`,
)

const contactEntry = (kind: Code<'day_entry'>, forMembershipId: SQL) =>
  entry({
    kind,
    code: contacts.status,
    subjectKind: 'contact',
    subjectId: contacts.id,
    organizationId: contacts.organizationId,
    dueOn: contacts.nextStepOn,
    since: contacts.createdAt,
    forMembershipId,
  })

/** Somebody stands at our door, or was guided to it. */
const contactsToUs = source(
  'contacts.asked',
  sql`select ${contactEntry('contact_asked', sql`null::uuid`)}
  from ${contacts}
  where ${ofTenant(contacts)} and ${contacts.toOrganizationId} = lotse.receiving_organization_id() and ${contacts.endedAt} is null
  order by ${contacts.nextStepOn}, ${contacts.id} limit ${one}`,
)

/** Registered by oneself, or at the own door by somebody who is no longer there: its day has come. */
const ownContacts = source(
  'contacts.own',
  sql`with ${mine}
  select ${contactEntry('contact_due', sql`mine.for_id`)}
  from ${contacts} left join mine on mine.id = ${contacts.registeredByMembershipId}
  where ${ofTenant(contacts)} and ${contacts.endedAt} is null and ${contacts.nextStepOn} <= lotse.today()
    and (${contacts.toOrganizationId} = lotse.receiving_organization_id()) is not true
    and (mine.id is not null or (${contacts.organizationId} = lotse.receiving_organization_id()
      and ${stillThere(contacts.registeredByMembershipId)} is null))
  order by ${contacts.nextStepOn}, ${contacts.id} limit ${one}`,
)

/** Nobody is there: the lead's membership has ended, or nobody signs in under it any more. */
const withoutLead = source(
  'withoutLead',
  sql`select ${entry({
    kind: 'case_without_lead',
    code: cases.status,
    subjectKind: 'case',
    subjectId: cases.id,
    caseId: cases.id,
    personId: cases.clientId,
    dueOn: cases.nextStepOn,
    since: cases.openedAt,
    text: cases.nextStep,
  })}
  from ${memberships}
  join ${users} on ${ofTenant(users)} and ${users.id} = ${memberships.userId}
  join ${cases} on ${cases.leadMembershipId} = ${memberships.id}
  where ${asHead} and ${ofTenant(memberships)} and (${memberships.endedAt} is not null or not ${users.active})
    and ${ofTenant(cases)} and ${inSight(cases)} and ${cases.status} <> 'closed'
  order by ${cases.nextStepOn}, ${cases.id} limit ${one}`,
)

/** What lead and head have let pass; the coordinator learns of no case. */
const escalated = source(
  'escalated',
  sql`select ${entry({
    kind: 'deadline',
    code: deadlines.kind,
    subjectKind: 'deadline',
    subjectId: deadlines.id,
    organizationId: deadlines.organizationId,
    dueOn: deadlines.dueOn,
    since: deadlines.createdAt,
  })}
  from ${deadlines}
  where ${asCoordinator} and ${ofTenant(deadlines)} and ${deadlines.escalatedTo} = 'coordinator'
    and ${deadlines.stoppedAt} is null and ${deadlines.dueOn} < lotse.today()
  order by ${deadlines.dueOn}, ${deadlines.id} limit ${one}`,
)

/** For every member the same statements: what is not theirs, the side that each of them states leaves out. */
export const sources = [
  nextSteps,
  dueTasks,
  appointmentsToday,
  deadlinesOfCases,
  unseenNotices,
  referralsToUs,
  handoversToUs,
  contactsToUs,
  ownContacts,
  withoutLead,
  escalated,
] as const

interface Load {
  membershipId: string
  active: boolean
  running: number
  overdue: number
  paused: number
  escalated: number
}

/** The leads of the head's unit, also those without a case and those who have left cases behind. */
export const caseload = statement(
  'overview.caseload',
  () => sql<Load>`
  with led as (
    select ${cases.leadMembershipId} as id, count(*)::int as running,
      (count(*) filter (where ${cases.nextStepOn} < lotse.today()))::int as overdue,
      (count(*) filter (where ${cases.status} = 'paused'))::int as paused
    from ${cases}
    where ${asHead} and ${ofTenant(cases)} and ${inSight(cases)} and ${cases.status} <> 'closed' group by 1),
  missed as (
    select ${cases.leadMembershipId} as id, count(*)::int as escalated
    from ${deadlines} join ${cases} on ${ofTenant(cases)} and ${inSight(cases)} and ${cases.id} = ${deadlines.caseId}
    where ${asHead} and ${ofTenant(deadlines)} and ${inSight(deadlines)} and ${deadlines.stoppedAt} is null
      and ${deadlines.dueOn} < lotse.today() and ${deadlines.escalatedTo} in ('head', 'coordinator') group by 1)
  select ${memberships.id} as "membershipId", (${memberships.endedAt} is null and ${users.active}) as active,
    coalesce(led.running, 0) as running, coalesce(led.overdue, 0) as overdue, coalesce(led.paused, 0) as paused,
    coalesce(missed.escalated, 0) as escalated
  from ${memberships}
  join ${users} on ${ofTenant(users)} and ${users.id} = ${memberships.userId}
  left join led on led.id = ${memberships.id}
  left join missed on missed.id = ${memberships.id}
  where ${asHead} and ${ofTenant(memberships)} and (led.id is not null or missed.id is not null
    or (${memberships.organizationId} = lotse.organization_id() and ${memberships.role} in ('navigator', 'navigation_head')
      and ${memberships.endedAt} is null and ${users.active} and ${users.kind} = 'person'))
  order by active, overdue desc, running desc, "membershipId" limit 200`,
)

/** Whose unanswered referrals have come up to the coordinator, the longest first. */
export const waiting = statement(
  'overview.waiting',
  () => sql<{ organizationId: string; referrals: number; longestDays: number }>`
  select ${deadlines.organizationId} as "organizationId", count(*)::int as referrals,
    lotse.today() - min(${deadlines.startedOn}) as "longestDays"
  from ${deadlines}
  where ${asCoordinator} and ${ofTenant(deadlines)} and ${deadlines.escalatedTo} = 'coordinator'
    and ${deadlines.kind} = 'referral_response' and ${deadlines.stoppedAt} is null and ${deadlines.dueOn} < lotse.today()
  group by 1 order by 3 desc, 1 limit 50`,
)

// ── The journey ────────────────────────────────────────────────────────────────────────────────────────────

type OfCase = Given<{ id: string }>

const person = ({ id }: OfCase) => sql`(select p.client_id from cases p
  where p.tenant_id = lotse.tenant_id() and p.compartment_id = any (lotse.compartments()) and p.id = ${id}::uuid)`

export const casesOfPerson = statement(
  'overview.journey.cases',
  (given: OfCase) => sql<CasePart>`
  select ${cases.id} as "caseId", ${cases.previousCaseId} as "previousCaseId", ${organizations.name} as "organizationName",
    ${cases.openedAt} as "openedAt", ${cases.closedAt} as "closedAt"
  from ${cases} join ${organizations} on ${ofTenant(organizations)} and ${organizations.id} = ${cases.organizationId}
  where ${ofTenant(cases)} and ${inSight(cases)} and ${cases.clientId} = ${person(given)}`,
)

/** Those that became one of the person's cases; what was said at doors before them, they carry along. */
export const contactsOfPerson = statement(
  'overview.journey.contacts',
  (given: OfCase) => sql<ContactPart>`
  select ${contacts.takenUpCaseId} as "caseId", ${contacts.organizationId} as "organizationId",
    ${organizations.name} as "organizationName", ${contacts.firstContactAt} as "firstContactAt",
    ${contacts.createdAt} as "createdAt", ${contacts.doors} as doors
  from ${cases} join ${contacts} on ${contacts.takenUpCaseId} = ${cases.id}
  join ${organizations} on ${ofTenant(organizations)} and ${organizations.id} = ${contacts.organizationId}
  where ${ofTenant(cases)} and ${inSight(cases)} and ${cases.clientId} = ${person(given)} and ${ofTenant(contacts)}
    and lotse.receiving_organization_id() in (${contacts.toOrganizationId}, ${contacts.organizationId})`,
)

export const referralsOfPerson = statement(
  'overview.journey.referrals',
  (given: OfCase) => sql<ReferralPart>`
  select ${referrals.caseId} as "caseId", ${referrals.recipientOrganizationId} as "organizationId",
    ${referrals.recipientOrganizationName} as "organizationName", ${referrals.status} as status,
    ${referrals.sentAt} as "sentAt", ${referrals.answeredAt} as "answeredAt"
  from ${referrals}
  where ${ofTenant(referrals)} and ${inSight(referrals)} and ${referrals.clientId} = ${person(given)}
    and ${referrals.sentAt} is not null`,
)

export const handoversOfPerson = statement(
  'overview.journey.handovers',
  (given: OfCase) => sql<HandoverPart>`
  select ${handovers.caseId} as "caseId", ${handovers.receiverOrganizationName} as "organizationName",
    ${handovers.status} as status, ${handovers.offeredAt} as "offeredAt", ${handovers.arrivedAt} as "arrivedAt",
    ${handovers.failedAt} as "failedAt", ${handovers.stability} as stability
  from ${cases} join ${handovers} on ${handovers.caseId} = ${cases.id}
  where ${ofTenant(cases)} and ${inSight(cases)} and ${cases.clientId} = ${person(given)}
    and ${ofTenant(handovers)} and ${inSight(handovers)} and ${handovers.offeredAt} is not null`,
)

export const missedAppointments = statement(
  'overview.journey.appointments',
  (given: OfCase) => sql<AppointmentPart>`
  select ${appointments.caseId} as "caseId", ${organizations.name} as "organizationName", ${appointments.startsAt} as "startsAt"
  from ${cases} join ${appointments} on ${appointments.caseId} = ${cases.id}
  left join ${organizations} on ${ofTenant(organizations)} and ${organizations.id} = ${appointments.organizationId}
  where ${ofTenant(cases)} and ${inSight(cases)} and ${cases.clientId} = ${person(given)}
    and ${ofTenant(appointments)} and ${inSight(appointments)} and ${appointments.status} = 'no_show'`,
)
