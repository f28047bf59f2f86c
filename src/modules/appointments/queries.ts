// Which appointments and contact attempts does a request need?
import { and, desc, eq, sql } from 'drizzle-orm'
import {
  byId,
  insertInto,
  lockUnlessFinal,
  ofTenant,
  pointedAt,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { cases } from '../cases/table.ts'
import { emittedWith } from '../events/index.ts'
import { tenants } from '../identity/table.ts'
import type { Try } from './rules.ts'
import { appointments, contactAttempts } from './table.ts'

export const appointmentById = byId('appointments.byId', appointments)
export const lockAppointment = lockUnlessFinal('appointments.lock', appointments)

const when = [
  'referralId',
  'organizationId',
  'withWhom',
  'mode',
  'place',
  'startsAt',
  'minutes',
  'accompaniedByMembershipId',
  'interpreter',
] as const
export const newAppointment = insertInto('appointments.new', appointments, [
  'compartmentId',
  'caseId',
  'clientId',
  ...when,
  'status',
  'createdByUserId',
])
export const changedAppointment = update('appointments.changed', appointments, [...when])
export const concludedAppointment = update('appointments.concluded', appointments, [
  'status',
  'outcomeAt',
  'outcomeByUserId',
])

// An appointment is locked after its case, which closing locks as well: nobody waits in a circle.
const itsCase = { table: appointments, column: appointments.caseId }
export const caseOfAppointment = pointedAt('appointments.case', cases, itsCase)
export const lockCaseOfAppointment = pointedAt('appointments.lockCase', cases, itsCase, 'locked')

type Place = { key: string; id: string; caseId: string; limit: number }

/** The latest first: what is still to come stands at the top. */
export const appointmentsOf = statement('appointments.ofCase', (given: Given<Place>) =>
  q
    .select()
    .from(appointments)
    .where(
      and(
        ofTenant(appointments),
        eq(appointments.caseId, given.caseId),
        sql`(${appointments.startsAt}, ${appointments.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
      ),
    )
    .orderBy(desc(appointments.startsAt), desc(appointments.id))
    .limit(given.limit),
)

/** Something else of the same case that is still to come. */
export const anotherPlanned = statement('appointments.anotherPlanned', (given: Given<{ id: string }>) =>
  q
    .select({ id: appointments.id })
    .from(appointments)
    .where(
      and(
        ofTenant(appointments),
        sql`${appointments.caseId} = (select a.case_id from appointments a where a.tenant_id = lotse.tenant_id() and a.id = ${given.id}::uuid)`,
        eq(appointments.status, 'planned'),
        sql`${appointments.startsAt} > now()`,
        sql`${appointments.id} <> ${given.id}::uuid`,
      ),
    )
    .limit(1),
)

/** An appointment with what its calendar entry needs of the municipality, and when it was written. */
export const calendarEntry = statement('appointments.calendar', (given: Given<{ id: string }>) =>
  q
    .select({
      id: appointments.id,
      clientId: appointments.clientId,
      version: appointments.version,
      status: appointments.status,
      startsAt: appointments.startsAt,
      minutes: appointments.minutes,
      place: appointments.place,
      slug: tenants.slug,
      language: tenants.language,
      writtenAt: sql<string>`now()`,
    })
    .from(appointments)
    .innerJoin(tenants, and(eq(tenants.tenantId, appointments.tenantId), eq(tenants.id, tenants.tenantId)))
    .where(and(ofTenant(appointments), eq(appointments.id, given.id))),
)

export const cancelByCase = statement(
  'appointments.cancelByCase',
  (given: Given<{ caseId: string }>) => sql<{ id: string; clientId: string }>`
    with gone as (
      update ${appointments} a set status = 'cancelled_by_service', outcome_at = now(),
        outcome_by_user_id = lotse.user_id(), version = a.version + 1
      where a.tenant_id = lotse.tenant_id() and a.case_id = ${given.caseId}::uuid and a.status = 'planned'
      returning a.id, a.client_id, a.compartment_id
    ), emitted as (
      ${emittedWith(
        'appointment.ended',
        'appointment',
        sql`select id, lotse.organization_id() as unit_id, compartment_id, null::uuid as partner_id from gone`,
      )}
    )
    select id, client_id as "clientId" from gone`,
)

export const attemptById = byId('attempts.byId', contactAttempts)
export const newAttempt = insertInto('attempts.new', contactAttempts, [
  'compartmentId',
  'caseId',
  'clientId',
  'taskId',
  'attemptedOn',
  'mode',
  'outcome',
  'note',
  'byUserId',
])

/** The latest first. */
export const attemptsOf = statement('attempts.ofCase', (given: Given<Place>) =>
  q
    .select()
    .from(contactAttempts)
    .where(
      and(
        ofTenant(contactAttempts),
        eq(contactAttempts.caseId, given.caseId),
        sql`(${contactAttempts.attemptedOn}, ${contactAttempts.id}) < (${given.key}::date, ${given.id}::uuid)`,
      ),
    )
    .orderBy(desc(contactAttempts.attemptedOn), desc(contactAttempts.id))
    .limit(given.limit),
)

/** All that were ever made; whoever came to an appointment was reached, on the day that it was where the municipality is. */
export const triesOf = statement(
  'attempts.tries',
  (given: Given<{ caseId: string }>) => sql<Try>`
  select attempted_on as "attemptedOn", mode, outcome from ${contactAttempts}
  where ${ofTenant(contactAttempts)} and ${contactAttempts.caseId} = ${given.caseId}::uuid
  union all
  select (${appointments.startsAt} at time zone ${tenants.timeZone})::date, ${appointments.mode}, 'reached'
  from ${appointments} join ${tenants} on ${tenants.tenantId} = ${appointments.tenantId} and ${tenants.id} = ${tenants.tenantId}
  where ${ofTenant(appointments)} and ${appointments.caseId} = ${given.caseId}::uuid and ${appointments.status} = 'held'`,
)
