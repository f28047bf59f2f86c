// What stands at the top of a day, and when does the clock of a person's way stop?
import { describe, expect, test } from 'vitest'
import { byUrgency, journey, overdueDays, type Past } from '../../src/modules/overview/rules.ts'

const today = '2026-03-10'

describe('the day', () => {
  const entry = (subjectId: string, more: object = {}) => ({
    subjectId,
    kind: 'task' as const,
    code: 'other',
    dueOn: today,
    dueAt: null,
    since: '2026-03-01T08:00:00Z',
    ...more,
  })
  const inOrder = [
    entry('somebody may be in danger', { code: 'safety_prompt' }),
    entry('nobody leads this case, though its day lies ahead', {
      kind: 'case_without_lead',
      dueOn: '2026-04-01',
    }),
    entry('a month overdue', { kind: 'deadline', dueOn: '2026-02-10' }),
    entry('a day overdue', { kind: 'next_step', dueOn: '2026-03-09' }),
    entry('today at eight', { kind: 'appointment', dueAt: '2026-03-10T07:00:00Z' }),
    entry('today at four', { kind: 'appointment', dueAt: '2026-03-10T15:00:00Z' }),
    entry('today, waiting since January', { since: '2026-01-02T08:00:00Z' }),
    entry('today, waiting since March'),
    entry('tomorrow', { kind: 'deadline', dueOn: '2026-03-11' }),
    entry('no day, waiting since January', { dueOn: null, since: '2026-01-02T08:00:00Z' }),
    entry('no day, waiting since March', { dueOn: null, kind: 'notice' }),
  ]
  const said = (entries: { subjectId: string }[]) => entries.map(({ subjectId }) => subjectId)

  test('fear for safety stands first, then a case with nobody there, then what is longest overdue', () => {
    expect(said(byUrgency(inOrder.toReversed(), today))).toEqual(said(inOrder))
    const [one, ...others] = inOrder
    expect(said(byUrgency([...others, one!], today))).toEqual(said(inOrder))
  })

  test('the order does not depend on the order in which entries come, and takes none away', () => {
    const twins = [entry('b'), entry('a'), entry('c')]
    expect(said(byUrgency(twins, today))).toEqual(['a', 'b', 'c'])
    expect(said(twins)).toEqual(['b', 'a', 'c'])
  })

  test.each([
    ['2026-03-11', 0],
    [today, 0],
    ['2026-03-09', 1],
    ['2026-02-10', 28],
    [null, 0],
  ])('what was due on %s is %d days overdue', (dueOn, days) =>
    expect(overdueDays({ dueOn }, today)).toBe(days),
  )
})

describe('the journey', () => {
  const id = 'case'
  const opened = '2026-01-10T09:00:00Z'
  const caseOf = (more: object = {}) => ({
    caseId: id,
    previousCaseId: null,
    organizationName: 'Unit',
    openedAt: opened,
    closedAt: null,
    ...more,
  })
  const contact = (more: object = {}) => ({
    caseId: id,
    organizationId: 'group',
    organizationName: 'Group',
    firstContactAt: '2026-01-05T09:00:00Z',
    createdAt: '2026-01-05T09:00:00Z',
    doors: 1,
    ...more,
  })
  const referral = (to: string, more: object = {}) => ({
    caseId: id,
    organizationId: to,
    organizationName: to,
    status: 'sent' as const,
    sentAt: '2026-01-12T09:00:00Z',
    answeredAt: null,
    ...more,
  })
  const handover = (more: object = {}) => ({
    caseId: id,
    organizationName: 'Ward',
    status: 'arrived' as const,
    offeredAt: '2026-01-20T09:00:00Z',
    arrivedAt: '2026-01-25T09:00:00Z',
    failedAt: null,
    stability: null,
    ...more,
  })
  const past = (more: Partial<Past> = {}): Past => ({
    cases: [caseOf()],
    contacts: [],
    referrals: [],
    handovers: [],
    appointments: [],
    ...more,
  })
  const of = (given: Past, zone = 'Europe/Berlin') => journey(id, given, today, zone)
  const kinds = ({ steps }: ReturnType<typeof of>) => steps.map(({ kind, outcome }) => [kind, outcome])

  test('the clock begins at the first contact, and runs until today while nobody has arrived', () => {
    expect(of(past())).toMatchObject({ firstContactAt: opened, arrivedAt: null, days: 59, doors: 1 })
    expect(of(past({ contacts: [contact()] }))).toMatchObject({
      firstContactAt: '2026-01-05T09:00:00Z',
      days: 64,
    })
  })

  test('doors before the contact count, and whoever was there first is not named', () => {
    const third = contact({ doors: 3, firstContactAt: '2025-12-20T09:00:00Z' })
    const told = of(past({ contacts: [third] }))
    expect(told).toMatchObject({ doors: 3, days: 80 })
    expect(told.steps[0]).toEqual({
      at: '2025-12-20T09:00:00Z',
      kind: 'contact',
      organizationName: null,
      outcome: null,
    })
    expect(told.steps[1]).toMatchObject({ kind: 'contact', organizationName: 'Group', outcome: 'taken_up' })
  })

  test('every other organisation that was tried is one more door, however often it was tried', () => {
    const referrals = [
      referral('ward', { status: 'declined', answeredAt: '2026-01-13T09:00:00Z' }),
      referral('agency', { status: 'redirected', answeredAt: '2026-01-14T09:00:00Z' }),
      referral('ward'),
      referral('group'),
    ]
    expect(of(past({ referrals, contacts: [contact()] })).doors).toBe(3)
    expect(of(past({ referrals })).doors).toBe(4)
  })

  test.each([
    ['sent', [['referral', null]]],
    [
      'declined',
      [
        ['referral', null],
        ['answer', 'declined'],
      ],
    ],
    [
      'redirected',
      [
        ['referral', null],
        ['answer', 'redirected'],
      ],
    ],
    [
      'waitlisted',
      [
        ['referral', null],
        ['answer', 'waitlisted'],
      ],
    ],
    [
      'not_started',
      [
        ['referral', null],
        ['answer', 'accepted'],
      ],
    ],
    [
      'withdrawn',
      [
        ['referral', 'withdrawn'],
        ['answer', null],
      ],
    ],
  ] as const)('a referral that is %s says what was answered', (status, told) => {
    const answeredAt = status === 'sent' ? null : '2026-01-14T09:00:00Z'
    expect(kinds(of(past({ referrals: [referral('ward', { status, answeredAt })] }))).slice(1)).toEqual(told)
  })

  test('a no-show does not stop the clock, arrival does', () => {
    const failed = handover({ status: 'failed', arrivedAt: null, failedAt: '2026-01-22T09:00:00Z' })
    const none = of(past({ handovers: [failed] }))
    expect(none).toMatchObject({ arrivedAt: null, days: 59 })
    expect(kinds(none)).toEqual([
      ['case_opened', null],
      ['handover', null],
      ['no_show', null],
    ])
    const later = handover({ offeredAt: '2026-02-01T09:00:00Z', arrivedAt: '2026-02-03T09:00:00Z' })
    expect(of(past({ handovers: [later, failed] }))).toMatchObject({
      arrivedAt: '2026-02-03T09:00:00Z',
      days: 24,
    })
  })

  test('an arrival that was broken off lets the clock run on, until the next that holds', () => {
    const broken = handover({ stability: 'broken_off' })
    expect(of(past({ handovers: [broken] }))).toMatchObject({ arrivedAt: null, days: 59 })
    const next = handover({ arrivedAt: '2026-02-09T09:00:00Z', stability: 'shaky' })
    const told = of(past({ handovers: [broken, next] }))
    expect(told).toMatchObject({ arrivedAt: '2026-02-09T09:00:00Z', days: 30 })
    expect(kinds(told)).toContainEqual(['arrival', 'broken_off'])
  })

  test('of two arrivals that hold the first stops the clock', () => {
    const arrivals = [handover({ arrivedAt: '2026-02-09T09:00:00Z' }), handover()]
    expect(of(past({ handovers: arrivals })).days).toBe(15)
  })

  test('a case closed without arrival stops the count on that day, and nobody is said to have arrived', () => {
    const cases = [caseOf({ closedAt: '2026-01-30T09:00:00Z' })]
    expect(of(past({ cases }))).toMatchObject({ arrivedAt: null, days: 20 })
  })

  describe('somebody comes back', () => {
    const before = (closedAt: string) => ({
      caseId: 'before',
      previousCaseId: null,
      organizationName: 'Unit',
      openedAt: '2025-11-10T09:00:00Z',
      closedAt,
    })
    const again = (closedAt: string, more: Partial<Past> = {}) =>
      of(past({ cases: [before(closedAt), caseOf({ previousCaseId: 'before' })], ...more }))
    const tried = referral('ward', { caseId: 'before', sentAt: '2025-11-12T09:00:00Z' })

    test('within two weeks of a closing without arrival it is the same way', () => {
      const told = again('2025-12-27T09:00:00Z', { referrals: [tried] })
      expect(told).toMatchObject({ firstContactAt: '2025-11-10T09:00:00Z', days: 120, doors: 2 })
    })
    test('later a new way begins, which knows nothing of the old one', () => {
      const told = again('2025-12-26T09:00:00Z', { referrals: [tried] })
      expect(told).toMatchObject({ firstContactAt: opened, days: 59, doors: 1 })
      expect(kinds(told)).toEqual([['case_opened', null]])
    })
    test('after an arrival a new way begins, unless that arrival was broken off', () => {
      const arrived = handover({ caseId: 'before', arrivedAt: '2025-12-01T09:00:00Z' })
      expect(again('2026-01-09T09:00:00Z', { handovers: [arrived] }).days).toBe(59)
      const broken = { ...arrived, stability: 'broken_off' as const }
      expect(again('2026-01-09T09:00:00Z', { handovers: [broken] }).days).toBe(120)
    })
    test('a case of the same person that is not the one before has nothing to do with it', () => {
      const other = { ...before('2026-01-09T09:00:00Z'), caseId: 'other' }
      expect(of(past({ cases: [other, caseOf()] })).days).toBe(59)
    })
  })

  test('days are those of the calendar where the person lives', () => {
    const cases = [caseOf({ openedAt: '2026-01-10T23:30:00Z' })]
    const handovers = [handover({ arrivedAt: '2026-01-12T22:30:00Z' })]
    expect(of(past({ cases, handovers })).days).toBe(1)
    expect(of(past({ cases, handovers }), 'UTC').days).toBe(2)
  })

  test('what happened stands in the order of time, also an appointment that nobody came to', () => {
    const told = of(
      past({
        contacts: [contact()],
        referrals: [referral('Ward', { status: 'started', answeredAt: '2026-01-15T09:00:00Z' })],
        handovers: [handover()],
        appointments: [{ caseId: id, organizationName: null, startsAt: '2026-01-18T09:00:00Z' }],
      }),
    )
    expect(kinds(told)).toEqual([
      ['contact', 'taken_up'],
      ['case_opened', null],
      ['referral', null],
      ['answer', 'accepted'],
      ['appointment', 'no_show'],
      ['handover', null],
      ['arrival', null],
    ])
    expect(told.steps.map(({ at }) => at)).toEqual(told.steps.map(({ at }) => at).toSorted())
  })
})
