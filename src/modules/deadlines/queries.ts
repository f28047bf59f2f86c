// Which clocks does a request start, stop or show?
import { and, asc, eq, getTableColumns, isNull, sql, type SQL } from 'drizzle-orm'
import {
  insertInto,
  lockUnlessFinal,
  ofTenant,
  ofUnits,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { emittedWith } from '../events/index.ts'
import { answeredElsewhere, goesNoHigher, ladder, onClosedCases, type Rung } from './rules.ts'
import { deadlines } from './table.ts'

type Row = typeof deadlines.$inferInsert

/** Without an answer: a receiver may start a clock of the giver that it will never see. */
export const newDeadline = statement(
  'deadlines.new',
  (
    given: Given<
      Pick<Row, 'id' | 'kind' | 'basis' | 'organizationId' | 'subjectId' | 'startedOn' | 'dueOn'> & {
        [K in 'compartmentId' | 'caseId']: string | null
      }
    >,
  ) =>
    q.insert(deadlines).values({
      tenantId: sql`lotse.tenant_id()`,
      id: given.id,
      kind: given.kind,
      basis: given.basis,
      organizationId: given.organizationId,
      compartmentId: given.compartmentId,
      caseId: given.caseId,
      subjectId: given.subjectId,
      startedOn: given.startedOn,
      dueOn: given.dueOn,
    }),
)

const stopping = (by: unknown) =>
  ({
    stoppedAt: sql`now()`,
    stoppedOn: sql`lotse.today()`,
    stoppedBy: sql`${by}::text`,
    version: sql`${deadlines.version} + 1`,
  }) as const

/** One that somebody registers by hand, and sees. */
export const registeredDeadline = insertInto('deadlines.registered', deadlines, [
  'kind',
  'basis',
  'organizationId',
  'compartmentId',
  'caseId',
  'subjectId',
  'startedOn',
  'dueOn',
])
export const lockDeadline = lockUnlessFinal('deadlines.lock', deadlines)
export const stoppedDeadline = update('deadlines.stopped', deadlines, ['stoppedAt', 'stoppedOn', 'stoppedBy'])

/** All of a kind that ever ran on a case. */
export const ofKind = statement('deadlines.ofKind', (given: Given<{ caseId: string; kind: string }>) =>
  q
    .select({ id: deadlines.id, stoppedAt: deadlines.stoppedAt })
    .from(deadlines)
    .where(
      and(
        ofTenant(deadlines),
        eq(deadlines.caseId, given.caseId),
        sql`${deadlines.kind} = ${given.kind}::text`,
      ),
    ),
)

/** For the audit trail: whom it is about is known only to whoever may see the case. Cases stand to the right. */
const clientId = sql<string | null>`(select c.client_id from cases c
  where c.tenant_id = lotse.tenant_id() and c.id = ${deadlines.caseId})`.as('client_id')

const shown = {
  ...getTableColumns(deadlines),
  clientId,
  inUnit: sql<boolean>`coalesce(${deadlines.compartmentId} = any (lotse.compartments()), false)`,
}

export const deadlineById = statement('deadlines.byId', (given: Given<{ id: string }>) =>
  q
    .select(shown)
    .from(deadlines)
    .where(and(ofTenant(deadlines), eq(deadlines.id, given.id))),
)

type Filter = { key: string; id: string; missed: boolean; limit: number }

const late = (given: Given<Filter>) =>
  sql`(not ${given.missed}::boolean or ${deadlines.dueOn} < coalesce(${deadlines.stoppedOn}, lotse.today()))`
const further = (given: Given<Filter>) =>
  sql`(${deadlines.dueOn}, ${deadlines.id}) > (${given.key}::date, ${given.id}::uuid)`

const page = (given: Given<Filter>, ...side: SQL[]) =>
  q
    .select(shown)
    .from(deadlines)
    .where(and(ofTenant(deadlines), ...side, late(given), further(given)))
    .orderBy(asc(deadlines.dueOn), asc(deadlines.id))
    .limit(given.limit)

/** What runs on the cases of the unit, the most urgent first. */
export const deadlinesOfUnit = statement('deadlines.ofUnit', (given: Given<Filter>) =>
  ofUnits(deadlines, {
    more: { clientId },
    where: and(isNull(deadlines.stoppedAt), late(given), further(given)),
    order: ({ dueOn, id }) => [asc(dueOn), asc(id)],
    limit: given.limit,
  }),
)

/** What the own organisation has to stop by acting. */
export const ourDeadlines = statement('deadlines.ours', (given: Given<Filter>) =>
  page(given, isNull(deadlines.stoppedAt), sql`${deadlines.organizationId} = lotse.organization_id()`),
)

/** What lead and head have let pass; for the coordinator, and nothing for anybody else. */
export const escalatedDeadlines = statement('deadlines.escalated', (given: Given<Filter>) =>
  page(
    given,
    isNull(deadlines.stoppedAt),
    sql`lotse.acts_as() = 'coordinator'`,
    eq(deadlines.escalatedTo, 'coordinator'),
  ),
)

/** All that run and ran on one case. */
export const deadlinesOfCase = statement('deadlines.ofCase', (given: Given<Filter & { caseId: string }>) =>
  page(
    given,
    sql`${deadlines.compartmentId} = any (lotse.compartments())`,
    sql`${deadlines.caseId} = ${given.caseId}::uuid`,
  ),
)

/** Whatever of this still runs stands still. */
const stopped = (whose: SQL, by: unknown) =>
  q
    .update(deadlines)
    .set(stopping(by))
    .where(and(ofTenant(deadlines), isNull(deadlines.stoppedAt), whose))

/** For a statement that ends many records at once: what ran on them is no longer needed. `ended` selects their ids. */
export const stoppedWith = (ended: SQL): SQL =>
  stopped(sql`${deadlines.subjectId} in (${ended})`, 'withdrawn').getSQL()

const ofOneOrAll = (kind: unknown) => sql`(${kind}::text is null or ${deadlines.kind} = ${kind}::text)`

/** What runs on a subject, of one kind or of all. */
export const stopOfSubject = statement(
  'deadlines.stopOfSubject',
  (given: Given<{ subjectId: string; kind: string | null; by: string }>) =>
    stopped(and(eq(deadlines.subjectId, given.subjectId), ofOneOrAll(given.kind))!, given.by),
)

/** What runs on a case, of one kind or of all. */
export const stopOfCase = statement(
  'deadlines.stopOfCase',
  (given: Given<{ caseId: string; kind: string | null; by: string }>) =>
    stopped(and(eq(deadlines.caseId, given.caseId), ofOneOrAll(given.kind))!, given.by),
)

const list = (kinds: readonly string[]) => sql.raw(`(${kinds.map((kind) => `'${kind}'`).join(', ')})`)

/** Nobody on this rung has been told yet of a clock whose day passed so many days ago. */
const waitsFor = ({ to, after, days }: Rung) => sql`(d.tenant_id = lotse.tenant_id() and d.stopped_at is null
  and d.due_on <= lotse.today() - ${sql.raw(String(days))}
  and d.escalated_to ${sql.raw(after === null ? 'is null' : `= '${after}'`)}
  ${to === 'lead' ? sql`` : sql`and d.kind not in ${list(goesNoHigher)}`})`

export const anyMissed = statement(
  'deadlines.anyMissed',
  () => sql<{ there: boolean }>`
    select exists (select from deadlines d where ${sql.join(ladder.map(waitsFor), sql` or `)}) as there`,
)

// Who is told on each rung. `told` is the clock; `unit` the organisation that holds the case, null for a shielded person,
// whose compartment is no organisation.
const lead = sql`select 'lead', null::uuid, told.compartment_id, told.case_id, null`
const door = sql`select 'organization', told.organization_id, null::uuid, null::uuid, null`
const elsewhere = sql`told.kind in ${list(answeredElsewhere)}`
const audience: Record<Rung['to'], SQL> = {
  lead: sql`
    ${lead} where told.case_id is not null and (told.kind not in ${list(onClosedCases)} or unit.id is null)
    union all ${door} where told.case_id is null or ${elsewhere}
    -- A closed case has no lead who looks after it: the unit is told.
    union all select 'organization', unit.id, null, null, null
      where told.kind in ${list(onClosedCases)} and unit.id is not null`,
  head: sql`
    select 'role', case when not ${elsewhere} then told.organization_id else unit.id end, null::uuid, null::uuid, 'navigation_head'
      where told.case_id is not null and (not ${elsewhere} or unit.id is not null)
    union all ${lead} where told.case_id is not null and ${elsewhere} and unit.id is null
    union all select 'role', null, null, null, 'navigation_head' where told.case_id is null`,
  coordinator: sql`select 'role', null::uuid, null::uuid, null::uuid, 'coordinator'`,
}

/** Whoever had to act, and the unit that holds the case; of somebody shielded, a partner only. */
const missed = sql`
  select told.id, told.compartment_id,
    case when ${elsewhere} then unit.id when told.compartment_id is not null then told.organization_id end as unit_id,
    case when ${elsewhere} or told.compartment_id is null then told.organization_id end as partner_id
  from told left join organizations unit on unit.tenant_id = lotse.tenant_id() and unit.id = told.compartment_id`

/**
 * One rung: the clocks are noted and whoever stands on it is told in one statement. What another process notes just now,
 * or somebody stops, is left to them: nobody is told twice.
 */
const escalated = (rung: Rung) =>
  statement(
    `deadlines.escalated.${rung.to}`,
    (given: Given<{ most: number }>) => sql<{ id: string }>`
    with late as (
      select d.id from deadlines d where ${waitsFor(rung)}
      order by d.due_on, d.id limit ${given.most}::int for no key update skip locked
    ), told as (
      update deadlines d set escalated_to = ${sql.raw(`'${rung.to}'`)}, escalated_at = now(), version = d.version + 1
      from late where d.tenant_id = lotse.tenant_id() and d.id = late.id
      returning d.id, d.kind, d.organization_id, d.compartment_id, d.case_id
    ), noticed as (
      insert into notices (tenant_id, id, kind, subject_kind, subject_id, audience, to_organization_id, compartment_id,
        case_id, to_role)
      select lotse.tenant_id(), uuidv7(), 'deadline_missed', 'deadline', told.id, who.*
      from told
      left join organizations unit on unit.tenant_id = lotse.tenant_id() and unit.id = told.compartment_id
      cross join lateral (${audience[rung.to]}) as who
    )${rung.to === 'lead' ? sql`, emitted as (${emittedWith('deadline.missed', 'deadline', missed)})` : sql``}
    select id from told`,
  )

export const escalations = ladder.map(escalated)
