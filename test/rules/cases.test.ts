// What may be done with a case in which state? Every state, every event.
import { expect, test } from 'vitest'
import {
  dated,
  follows,
  handedOn,
  leadIn,
  nextStep,
  pause,
  resume,
  running,
} from '../../src/modules/cases/rules.ts'
import { codes, type Code } from '../../src/modules/vocabularies/index.ts'

const [today, tomorrow, yesterday] = ['2026-03-02', '2026-03-03', '2026-03-01']
const step = { text: 'Call', on: tomorrow }

type Status = Code<'case_status'>
const events = {
  'next step': (status: Status) => nextStep({ status }, { ...step, waiting: false }, today).status,
  'wait for others': (status: Status) => nextStep({ status }, { ...step, waiting: true }, today).status,
  pause: (status: Status) => pause({ status }, { ...step, reason: 'away' }, today).status,
  resume: (status: Status) => resume({ status }, step, today).status,
  'anything else': (status: Status) => running({ status }).status,
}

const table: Record<keyof typeof events, Record<Status, string>> = {
  'next step': { open: 'open', waiting: 'open', paused: 'case_paused', closed: 'case_closed' },
  'wait for others': { open: 'waiting', waiting: 'waiting', paused: 'case_paused', closed: 'case_closed' },
  pause: { open: 'paused', waiting: 'paused', paused: 'case_paused', closed: 'case_closed' },
  resume: { open: 'case_not_paused', waiting: 'case_not_paused', paused: 'open', closed: 'case_closed' },
  'anything else': { open: 'open', waiting: 'waiting', paused: 'paused', closed: 'case_closed' },
}

const outcome = (work: () => string) => {
  try {
    return work()
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('the table knows every state', () => {
  for (const line of Object.values(table))
    expect(Object.keys(line).sort()).toEqual([...codes('case_status')].sort())
})

for (const [event, line] of Object.entries(table) as [keyof typeof events, Record<Status, string>][])
  for (const [status, expected] of Object.entries(line) as [Status, string][])
    test(`${event}, when the case is ${status}: ${expected}`, () => {
      expect(outcome(() => events[event](status))).toBe(expected)
    })

test('a day may be today or later, never earlier', () => {
  expect(dated(today, today)).toBe(today)
  expect(dated(tomorrow, today)).toBe(tomorrow)
  expect(outcome(() => dated(yesterday, today))).toBe('next_step_in_the_past')
})

test('a pause leaves no old reason behind when it ends', () => {
  expect(resume({ status: 'paused' }, step, today)).toEqual({
    status: 'open',
    pauseReason: null,
    nextStep: 'Call',
    nextStepOn: tomorrow,
  })
})

test.each([
  ['navigator', 'here', true],
  ['navigation_head', 'here', true],
  ['navigator', 'elsewhere', false],
  ['network_professional', 'here', false],
  ['tenant_admin', 'here', false],
])('a %s who works %s can lead: %s', (role, organizationId, can) => {
  const tried = outcome(() => leadIn('here', { id: 'm', role, organizationId }, '/lead'))
  expect(tried).toBe(can ? 'm' : 'lead_outside_the_unit')
})

test('a new case follows only a closed one of the same person', () => {
  expect(() => follows({ clientId: 'a', status: 'closed' }, 'a')).not.toThrow()
  for (const previous of [
    { clientId: 'b', status: 'closed' },
    { clientId: 'a', status: 'open' },
    { clientId: 'a', status: 'paused' },
  ] as const)
    expect(outcome(() => String(follows(previous, 'a')))).toBe('previous_case_not_closed')
})

test('a lead ends no earlier than it began, also for whoever waited for somebody else', () => {
  const began = '2026-03-02T09:30:00.070021+00:00'
  expect(handedOn({ fromAt: began }, '2026-03-02T09:30:00.07+00:00')).toBe(began)
  expect(handedOn({ fromAt: began }, '2026-03-02T09:29:59+00:00')).toBe(began)
  expect(handedOn({ fromAt: began }, '2026-03-02T09:30:01+00:00')).toBe('2026-03-02T09:30:01+00:00')
})
