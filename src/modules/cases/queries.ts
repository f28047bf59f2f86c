// Which cases does a request need?
import { and, asc, desc, eq, isNull, ne, sql } from 'drizzle-orm'
import { ofAuthor } from '../../platform/external.ts'
import {
  byId,
  insertInto,
  lockUnlessFinal,
  ofTenant,
  ofUnits,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { caseLeads, cases } from './table.ts'

export const caseById = byId('cases.byId', cases)
export const lockCase = lockUnlessFinal('cases.lock', cases)
export const newCase = insertInto('cases.new', cases, [
  'compartmentId',
  'organizationId',
  'clientId',
  'previousCaseId',
  'status',
  'phase',
  'requesterRole',
  'referralSource',
  'concern',
  'leadMembershipId',
  'nextStep',
  'nextStepOn',
  'openedByUserId',
  'externalId',
  'externalBy',
])
export const changedCase = update('cases.changed', cases, [
  'status',
  'phase',
  'concern',
  'leadMembershipId',
  'nextStep',
  'nextStepOn',
  'pauseReason',
  'endType',
  'outcome',
  'lastWords',
  'closedAt',
])

type Filter = { [K in 'key' | 'id' | 'lead' | 'clientId']: string | null } & { limit: number }

/** Cases that run, the most urgent first: those whose day has passed stand at the top. */
export const runningCases = statement('cases.running', (given: Given<Filter>) =>
  ofUnits(cases, {
    where: and(
      ne(cases.status, 'closed'),
      sql`(${given.lead}::uuid is null or ${cases.leadMembershipId} = ${given.lead}::uuid)`,
      sql`(${given.clientId}::uuid is null or ${cases.clientId} = ${given.clientId}::uuid)`,
      sql`(${cases.nextStepOn}, ${cases.id}) > (${given.key}::date, ${given.id}::uuid)`,
    ),
    order: ({ nextStepOn, id }) => [asc(nextStepOn), asc(id)],
    limit: given.limit,
  }),
)

export const closedCases = statement('cases.closed', (given: Given<Filter>) =>
  ofUnits(cases, {
    where: and(
      eq(cases.status, 'closed'),
      sql`(${given.lead}::uuid is null or ${cases.leadMembershipId} = ${given.lead}::uuid)`,
      sql`(${given.clientId}::uuid is null or ${cases.clientId} = ${given.clientId}::uuid)`,
      sql`(${cases.openedAt}, ${cases.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
    ),
    order: ({ openedAt, id }) => [desc(openedAt), desc(id)],
    limit: given.limit,
  }),
)

/** Whatever the caller opened under this own id. */
export const ownCase = statement(
  'cases.own',
  (
    given: Given<{
      externalId: string
      closed: boolean | null
      lead: string | null
      clientId: string | null
    }>,
  ) =>
    q
      .select()
      .from(cases)
      .where(
        and(
          ofTenant(cases),
          ofAuthor(cases, given.externalId),
          sql`(${given.closed}::boolean is null or (${cases.status} = 'closed') = ${given.closed}::boolean)`,
          sql`(${given.lead}::uuid is null or ${cases.leadMembershipId} = ${given.lead}::uuid)`,
          sql`(${given.clientId}::uuid is null or ${cases.clientId} = ${given.clientId}::uuid)`,
        ),
      ),
)

/**
 * From here until COMMIT this transaction may move on that one case: a receiver's answer sets the giver's next step and
 * leaves it tasks, though the receiver may never read a case.
 */
export const moveCase = statement(
  'cases.move',
  (given: Given<{ caseId: string }>) => sql<{ moving: string }>`
  select set_config('app.moving_case_id', ${given.caseId}::text, true) as moving`,
)

export const newLead = insertInto('cases.lead.new', caseLeads, [
  'compartmentId',
  'caseId',
  'clientId',
  'membershipId',
  'reason',
  'fromAt',
])
export const endedLead = update('cases.lead.ended', caseLeads, ['untilAt'])
export const presentLead = statement('cases.lead.present', (given: Given<{ caseId: string }>) =>
  q
    .select()
    .from(caseLeads)
    .where(and(ofTenant(caseLeads), eq(caseLeads.caseId, given.caseId), isNull(caseLeads.untilAt)))
    .for('no key update'),
)
export const leadsOf = statement('cases.leads', (given: Given<{ caseId: string }>) =>
  q
    .select()
    .from(caseLeads)
    .where(and(ofTenant(caseLeads), eq(caseLeads.caseId, given.caseId)))
    .orderBy(asc(caseLeads.fromAt)),
)
