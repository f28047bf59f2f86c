// How is an appointment planned, moved and concluded, and how is every try to reach somebody kept?
import { v7 as newId } from 'uuid'
import { after, page } from '../../platform/cursor.ts'
import type { Rows, Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Page, patched, type App } from '../../platform/zod.ts'
import { caseById, changedCase, dated, lockCase, running, type CaseRow } from '../cases/index.ts'
import { dayIn, endRecontact, recontact, startDeadline, stopDeadlines } from '../deadlines/index.ts'
import { emit } from '../events/index.ts'
import { colleague, organizationById, tenantById } from '../identity/index.ts'
import { tell } from '../notices/index.ts'
import { referralById } from '../referrals/index.ts'
import { contactAgain, settleRecontacts, taskById, undone } from '../tasks/index.ts'
import { calendarOf } from './calendar.ts'
import * as queries from './queries.ts'
import { ahead, attempted, checked, checkOn, companion, conclude, planned } from './rules.ts'
import * as wire from './schema.ts'
import type { appointments, contactAttempts } from './table.ts'

type Row = typeof appointments.$inferSelect

const shownAttempt = ({ attemptedOn, ...row }: typeof contactAttempts.$inferSelect) => ({
  ...row,
  on: attemptedOn,
})

const unitOf = ({ organizationId, compartmentId }: CaseRow) => ({ id: organizationId, compartmentId })

interface Named {
  organizationId?: string | null | undefined
  accompaniedByMembershipId?: string | null | undefined
  referralId?: string | null | undefined
}

export function appointmentRoutes(app: App, { db }: Deps) {
  /** Whom and what a body names, in the round trip of the row itself: nothing has the id null. */
  const namedIn = (body: Named) =>
    [
      ask(organizationById, { id: body.organizationId! }),
      ask(colleague, { id: body.accompaniedByMembershipId! }),
      ask(referralById, { id: body.referralId! }),
    ] as const

  function checkNamed(
    body: Named,
    [[organization], [member], [referral]]: Rows<ReturnType<typeof namedIn>>,
    of: { id: string; organizationId: string },
  ) {
    if (body.organizationId) referenced(organization, '/organizationId')
    if (body.accompaniedByMembershipId)
      companion(of.organizationId, referenced(member, '/accompaniedByMembershipId'))
    if (body.referralId) referenced(referral?.caseId === of.id ? referral : undefined, '/referralId')
  }

  /** By the next working day somebody says whether the person came. */
  const startCheck = (tx: Tx, of: CaseRow, { id, startsAt }: Pick<Row, 'id' | 'startsAt'>, zone: string) =>
    startDeadline(tx, {
      kind: 'first_appointment_check',
      organizationId: of.organizationId,
      subjectId: id,
      ofCase: { caseId: of.id, compartmentId: of.compartmentId },
      dueOn: checkOn(zone, startsAt),
    })

  app.post(
    '/v1/cases/:id/appointments',
    {
      config: {
        action: 'appointments.plan',
        resource: '/v1/appointments/:id',
        refuses: [
          'case_closed',
          'unknown_reference',
          'companion_outside_the_unit',
          'appointment_in_the_past',
          'appointment_too_far_ahead',
        ],
      },
      schema: {
        summary: 'Plan an appointment',
        description:
          'When, where and with whom; for the working day after it a clock runs until it is recorded how it went.',
        params: ById,
        body: wire.NewAppointment,
        response: { 201: wire.Appointment },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [row, [tenant], ...named] = await tx.load(
          lockCase,
          params,
          ask(tenantById, { id: actor.tenantId }),
          ...namedIn(body),
        )
        const of = running(row)
        checkNamed(body, named, of)
        const id = newId()
        const startsAt = ahead(body.startsAt, tx.now, tx.today)
        const saved = tx.save(queries.newAppointment, {
          ...body,
          id,
          caseId: of.id,
          clientId: of.clientId,
          compartmentId: of.compartmentId,
          status: 'planned',
          createdByUserId: actor.userId!,
        })
        startCheck(tx, of, { id, startsAt }, found(tenant).timeZone)
        emit(tx, 'appointment.planned', { kind: 'appointment', id }, { unit: unitOf(of) })
        return saved
      }),
  )

  app.get(
    '/v1/cases/:id/appointments',
    {
      config: { action: 'appointments.list_of_case' },
      schema: {
        summary: 'List the appointments of a case',
        description: 'The latest first, planned and past.',
        params: ById,
        querystring: Page,
        response: { 200: wire.Appointments },
      },
    },
    async ({ actor, params, query: { limit, cursor } }) => {
      const [[of], rows] = await db.read(
        actor,
        ask(caseById, params),
        ask(queries.appointmentsOf, { ...after(cursor, 'newest'), caseId: params.id, limit: limit + 1 }),
      )
      found(of)
      return page(rows, limit, ({ startsAt }) => startsAt)
    },
  )

  app.get(
    '/v1/appointments/:id',
    {
      config: { action: 'appointments.read' },
      schema: {
        summary: 'Read an appointment',
        description: 'When, where, with whom, and how it went.',
        params: ById,
        response: { 200: wire.Appointment },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.appointmentById, params))
      return found(row)
    },
  )

  app.patch(
    '/v1/appointments/:id',
    {
      config: {
        action: 'appointments.update',
        refuses: [
          'appointment_not_planned',
          'unknown_reference',
          'companion_outside_the_unit',
          'appointment_in_the_past',
          'appointment_too_far_ahead',
        ],
      },
      schema: {
        summary: 'Move or change an appointment',
        description: 'A merge patch while it is planned. Moving it moves the clock that runs for it.',
        params: ById,
        body: wire.AppointmentChange,
        response: { 200: wire.Appointment },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [row, [of], [tenant], ...named] = await tx.load(
          queries.lockAppointment,
          params,
          ask(queries.caseOfAppointment, params),
          ask(tenantById, { id: actor.tenantId }),
          ...namedIn(body),
        )
        planned(row)
        checkNamed(body, named, found(of))
        const changed = patched(row, body)
        if (Date.parse(changed.startsAt) !== Date.parse(row.startsAt)) {
          ahead(changed.startsAt, tx.now, tx.today)
          stopDeadlines(tx, row.id, 'replaced', 'first_appointment_check')
          startCheck(tx, found(of), changed, found(tenant).timeZone)
        }
        emit(tx, 'appointment.changed', { kind: 'appointment', id: row.id }, { unit: unitOf(found(of)) })
        return tx.save(queries.changedAppointment, changed)
      }),
  )

  app.post(
    '/v1/appointments/:id/outcome',
    {
      config: {
        action: 'appointments.outcome',
        refuses: [
          'appointment_not_planned',
          'appointment_not_begun',
          'next_step_missing',
          'case_closed',
          'next_step_in_the_past',
        ],
      },
      schema: {
        summary: 'Record how an appointment went',
        description:
          'Once; that it took place or that nobody came not before it has begun. A no-show gives the unit dated tasks to make contact again after 2, 7 and 14 days, in the same transaction. A cancellation demands a new dated next step, unless another appointment is planned.',
        params: ById,
        body: wire.AppointmentOutcome,
        response: { 200: wire.Appointment },
      },
    },
    ({ actor, params, body: { status, nextStep } }) =>
      db.as(actor, async (tx) => {
        tx.saveAll(queries.lockCaseOfAppointment, params)
        const [row, [itsCase], [tenant], [another]] = await tx.load(
          queries.lockAppointment,
          params,
          ask(queries.caseOfAppointment, params),
          ask(tenantById, { id: actor.tenantId }),
          ask(queries.anotherPlanned, params),
        )
        const given = { stepGiven: nextStep !== undefined, anotherPlanned: another !== undefined }
        const concluded = conclude(row, status, given, tx.now)
        const of = running(itsCase)
        const saved = tx.save(queries.concludedAppointment, {
          ...concluded,
          id: row.id,
          outcomeByUserId: actor.userId,
        })
        stopDeadlines(tx, row.id, checked[status], 'first_appointment_check')
        emit(tx, 'appointment.ended', { kind: 'appointment', id: row.id }, { unit: unitOf(of) })
        if (status === 'held') endRecontact(tx, of.id, 'reached')
        if (nextStep) {
          const step = { nextStep: nextStep.text, nextStepOn: dated(nextStep.on, tx.today, '/nextStep/on') }
          tx.save(changedCase, { ...of, ...step })
        }
        if (status === 'no_show') {
          const ofCase = { caseId: of.id, compartmentId: of.compartmentId, clientId: of.clientId }
          recontact(tx, { originId: row.id, organizationId: of.organizationId, ofCase })
          tx.save(changedCase, { ...of, ...contactAgain(found(tenant).language, tx.today) })
          tell(tx, 'handover_failed', { kind: 'appointment', id: row.id }, { leadOf: ofCase })
        }
        return saved
      }),
  )

  app.get(
    '/v1/appointments/:id/calendar.ics',
    {
      config: { action: 'appointments.calendar' },
      schema: {
        summary: 'Take an appointment into a calendar',
        description:
          'As iCalendar (RFC 5545): time and place, and no word about the person or the reason. The same entry for ever; a moved or cancelled appointment replaces what the calendar holds.',
        params: ById,
        produces: 'text/calendar',
        response: { 200: wire.CalendarEntry },
      },
    },
    async ({ actor, params }, reply) => {
      const [[entry]] = await db.read(actor, ask(queries.calendarEntry, params))
      const { writtenAt, ...appointment } = found(entry)
      void reply
        .type('text/calendar; charset=utf-8')
        .header('content-disposition', 'attachment; filename="appointment.ics"')
      return calendarOf(appointment, appointment, writtenAt)
    },
  )

  app.post(
    '/v1/cases/:id/contact-attempts',
    {
      config: {
        action: 'attempts.record',
        resource: '/v1/contact-attempts/:id',
        refuses: [
          'case_closed',
          'unknown_reference',
          'task_is_done',
          'attempt_in_the_future',
          'attempt_before_the_case',
        ],
      },
      schema: {
        summary: 'Record a contact attempt',
        description:
          'Every try stays on record and never changes. Whoever was reached, or wants no more contact, is not called again: the open tasks of contacting again are settled.',
        params: ById,
        body: wire.NewAttempt,
        response: { 201: wire.Attempt },
      },
    },
    ({ actor, params, body: { on, taskId = null, ...body } }) =>
      db.as(actor, async (tx) => {
        const [row, [tenant], [task]] = await tx.load(
          lockCase,
          params,
          ask(tenantById, { id: actor.tenantId }),
          ask(taskById, { id: taskId! }),
        )
        const of = running(row)
        const opened = dayIn(found(tenant).timeZone, of.openedAt)
        const ofCase = { caseId: of.id, compartmentId: of.compartmentId, clientId: of.clientId }
        if (taskId) {
          const ours = task?.caseId === of.id && task.kind === 'recontact' ? task : undefined
          undone(referenced(ours, '/taskId'))
        }
        const id = newId()
        emit(tx, 'attempt.recorded', { kind: 'attempt', id }, { unit: unitOf(of) })
        const saved = tx.save(queries.newAttempt, {
          ...body,
          ...ofCase,
          id,
          taskId,
          attemptedOn: attempted(on ?? tx.today, opened, tx.today),
          byUserId: actor.userId!,
        })
        if (body.outcome === 'reached') endRecontact(tx, of.id, 'reached')
        else if (body.outcome === 'wants_no_contact') endRecontact(tx, of.id, 'other_choice')
        else if (taskId) tx.saveAll(settleRecontacts, { caseId: of.id, taskId })
        return saved.map(shownAttempt)
      }),
  )

  app.get(
    '/v1/cases/:id/contact-attempts',
    {
      config: { action: 'attempts.list_of_case' },
      schema: {
        summary: 'List the contact attempts of a case',
        description: 'Every try to reach the person, the latest first.',
        params: ById,
        querystring: Page,
        response: { 200: wire.Attempts },
      },
    },
    async ({ actor, params, query: { limit, cursor } }) => {
      const [[of], rows] = await db.read(
        actor,
        ask(caseById, params),
        ask(queries.attemptsOf, { ...after(cursor, 'newest'), caseId: params.id, limit: limit + 1 }),
      )
      found(of)
      return page(rows.map(shownAttempt), limit, ({ on }) => on)
    },
  )

  app.get(
    '/v1/contact-attempts/:id',
    {
      config: { action: 'attempts.read' },
      schema: {
        summary: 'Read a contact attempt',
        description: 'When, how and with what outcome somebody tried to reach the person.',
        params: ById,
        response: { 200: wire.Attempt },
      },
    },
    async ({ actor, params }) => {
      const [[row]] = await db.read(actor, ask(queries.attemptById, params))
      return shownAttempt(found(row))
    },
  )
}
