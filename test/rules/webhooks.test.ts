// When is a webhook called again, and when no more?
import { expect, test } from 'vitest'
import {
  afterAttempt,
  afterCall,
  asCalled,
  logged,
  pause,
  replay,
  resume,
} from '../../src/modules/webhooks/rules.ts'

const now = Date.parse('2026-03-02T09:30:00Z')
const at = new Date(now).toISOString()
const failed = { status: 500, error: 'answer_not_2xx' }
const taken = { status: 204, error: null }

test('eight attempts within twenty-four hours, further and further apart', () => {
  for (const spread of [0, 0.5, 0.999]) {
    const waits: number[] = []
    for (let attempts = 1; ; attempts += 1) {
      const { status, nextAttemptAt } = afterAttempt({ attempts, only: false }, failed, now, spread)
      if (status === 'exhausted') {
        expect(attempts).toBe(8)
        break
      }
      waits.push(Date.parse(nextAttemptAt!) - now)
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    const all = waits.reduce((sum, wait) => sum + wait, 0) / 3_600_000
    expect(all).toBeLessThan(24)
    expect(all).toBeGreaterThan(18)
  }
})

test('what failed at one instant does not come back at one instant', () => {
  const [soon, late] = [0.9, 0.1].map((spread) =>
    afterAttempt({ attempts: 3, only: false }, failed, now, spread),
  )
  expect(soon!.nextAttemptAt! < late!.nextAttemptAt!).toBe(true)
})

test('only 2xx is a yes; 410 and a ping are not tried again', () => {
  for (const status of [200, 201, 204, 299])
    expect(afterAttempt({ attempts: 1, only: false }, { status, error: null }, now, 0).status).toBe(
      'delivered',
    )
  for (const status of [301, 302, 304, 400, 401, 404, 429, 500, 503, null])
    expect(
      afterAttempt({ attempts: 1, only: false }, { status, error: 'x' }, now, 0).status,
      String(status),
    ).toBe('pending')
  expect(afterAttempt({ attempts: 1, only: false }, { status: 410, error: 'x' }, now, 0).status).toBe(
    'exhausted',
  )
  expect(afterAttempt({ attempts: 1, only: true }, failed, now, 0).status).toBe('exhausted')
})

const well = { status: 'active' as const, stoppedBecause: null, failingSince: null, givenUp: 0 }
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString()

test('a webhook stops by itself after five days, ten that were given up, or 410, and a success heals', () => {
  expect(afterCall(well, failed, false, at)).toEqual({ ...well, failingSince: at })
  expect(afterCall({ ...well, failingSince: daysAgo(4.9) }, failed, false, at).status).toBe('active')
  expect(afterCall({ ...well, failingSince: daysAgo(5.1) }, failed, false, at)).toMatchObject({
    status: 'failing',
    stoppedBecause: 'failures',
  })
  expect(afterCall({ ...well, givenUp: 8 }, failed, true, at).status).toBe('active')
  expect(afterCall({ ...well, givenUp: 9 }, failed, true, at).status).toBe('failing')
  expect(afterCall({ ...well, givenUp: 9 }, failed, false, at).status).toBe('active')
  expect(afterCall(well, { status: 410, error: 'x' }, true, at)).toMatchObject({
    status: 'failing',
    stoppedBecause: 'gone',
  })
  expect(afterCall({ ...well, failingSince: daysAgo(9), givenUp: 9 }, taken, false, at)).toEqual(well)
})

test('what somebody paused by hand stays paused, whatever a call under way came to', () => {
  const paused = { ...well, status: 'paused' as const }
  for (const outcome of [failed, taken, { status: 410, error: 'x' }])
    expect(afterCall({ ...paused, failingSince: daysAgo(9), givenUp: 9 }, outcome, true, at)).toMatchObject({
      status: 'paused',
      stoppedBecause: null,
    })
})

test('pausing and resuming are for what is not so already', () => {
  expect(() => pause({ status: 'paused' })).toThrow('webhook_is_paused')
  expect(() => resume({ status: 'active' })).toThrow('webhook_is_active')
  for (const status of ['active', 'failing'] as const) expect(pause({ status }).status).toBe('paused')
  for (const status of ['paused', 'failing'] as const)
    expect(resume({ status })).toEqual({
      status: 'active',
      stoppedBecause: null,
      failingSince: null,
      givenUp: 0,
    })
})

test('nobody calls once more for what is being called for just now', () => {
  const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString()
  expect(() => replay({ status: 'pending', lastAttemptAt: ago(3) }, at)).toThrow('delivery_under_way')
  for (const row of [
    { status: 'pending' as const, lastAttemptAt: null },
    { status: 'pending' as const, lastAttemptAt: ago(61) },
    { status: 'delivered' as const, lastAttemptAt: ago(1) },
    { status: 'exhausted' as const, lastAttemptAt: ago(1) },
  ])
    expect(replay(row, at)).toEqual({ status: 'pending', attempts: 0, nextAttemptAt: at, deliveredAt: null })
})

test('only of the public net the log of a call says more than whether it was taken', () => {
  const ms = 17
  expect(logged({ ...failed, ms }, true)).toEqual({
    lastStatus: 500,
    lastError: 'answer_not_2xx',
    lastMs: 17,
  })
  for (const outcome of [
    failed,
    { status: 302, error: 'answer_not_2xx' },
    { status: null, error: 'name_not_found' },
  ])
    expect(logged({ ...outcome, ms }, false)).toEqual({
      lastStatus: null,
      lastError: 'not_taken',
      lastMs: null,
    })
  expect(logged({ ...taken, ms }, false)).toEqual({ lastStatus: null, lastError: null, lastMs: null })
})

test('an address is kept as it is called: without what only a browser reads', () => {
  expect(asCalled('https://System.example/Ämter?x=1#part')).toBe('https://system.example/%C3%84mter?x=1')
})
