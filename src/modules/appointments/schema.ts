// What do an appointment and a contact attempt look like on the wire?
import { z } from 'zod'
import { Day, Id, Instant, line, list, prose, Version } from '../../platform/zod.ts'
import { code } from '../vocabularies/index.ts'

const When = Instant.meta({ description: 'Not in the past when it is written.' })
const Minutes = z.int().min(5).max(1440)
const Place = line(300).meta({
  description: 'Where one meets; for a call or a video talk, how. Goes into the calendar entry as it stands.',
  examples: ['Am Anger 3, first floor'],
})
const Companion = Id.nullable().meta({ description: 'A navigator of the unit who goes along.' })
const Interpreter = code('language').nullable().meta({
  description: 'The language for which somebody interprets; null when nobody has to.',
})

const shape = {
  startsAt: When,
  minutes: Minutes,
  mode: code('contact_mode'),
  place: Place,
  organizationId: Id.nullable().meta({ description: 'With whom: an organisation of the network.' }),
  withWhom: line(200).nullable().meta({
    description: 'With whom: a name. Where neither is said, it is with the lead.',
  }),
  accompaniedByMembershipId: Companion,
  interpreter: Interpreter,
  referralId: Id.nullable().meta({ description: 'The referral of the same case that this belongs to.' }),
}

export const Appointment = z
  .object({
    id: Id,
    caseId: Id,
    ...shape,
    place: z.string(),
    withWhom: z.string().nullable(),
    status: code('appointment_status'),
    outcomeAt: Instant.nullable().meta({ description: 'When it was recorded how it went.' }),
    createdAt: Instant,
    version: Version,
  })
  .meta({ id: 'Appointment' })
export const Appointments = list(Appointment, 'Appointments')

export const NewAppointment = z
  .strictObject({
    ...shape,
    minutes: Minutes.default(60),
    organizationId: shape.organizationId.default(null),
    withWhom: shape.withWhom.default(null),
    accompaniedByMembershipId: Companion.default(null),
    interpreter: Interpreter.default(null),
    referralId: shape.referralId.default(null),
  })
  .meta({ id: 'NewAppointment' })

export const AppointmentChange = z.strictObject(shape).partial().meta({ id: 'AppointmentChange' })

export const AppointmentOutcome = z
  .strictObject({
    status: z
      .enum(['held', 'no_show', 'cancelled_by_person', 'cancelled_by_service'])
      .meta({ id: 'AppointmentOutcomeStatus' }),
    nextStep: z
      .strictObject({ text: line(500), on: Day })
      .optional()
      .meta({
        id: 'StepAfterAppointment',
        description:
          'What the case does next. A cancellation demands it unless another appointment is planned; a no-show sets it by itself.',
      }),
  })
  .refine(({ status, nextStep }) => status !== 'no_show' || nextStep === undefined, {
    path: ['nextStep'],
    error: 'a no-show sets the next step by itself',
  })
  .meta({ id: 'AppointmentOutcome' })

/** text/calendar. */
export const CalendarEntry = z.string()

export const Attempt = z
  .object({
    id: Id,
    caseId: Id,
    taskId: Id.nullable(),
    on: Day,
    mode: code('contact_mode'),
    outcome: code('attempt_outcome'),
    note: z.string(),
    byUserId: Id,
    createdAt: Instant,
  })
  .meta({ id: 'ContactAttempt' })
export const Attempts = list(Attempt, 'ContactAttempts')

export const NewAttempt = z
  .strictObject({
    on: Day.optional().meta({ description: 'Today when left out; not before the case was opened.' }),
    mode: code('contact_mode'),
    outcome: code('attempt_outcome'),
    note: prose(2000).default(''),
    taskId: Id.optional().meta({ description: 'The task of contacting again that this try settles.' }),
  })
  .meta({ id: 'NewContactAttempt' })
