// Who is responsible, and which step may a handover take? Every status and every event, and the database agrees.
import { expect, test } from 'vitest'
import {
  accept,
  afterwards,
  arrive,
  cancel,
  noShow,
  offer,
  prepare,
  refuseHandover,
  responsible,
  sheet,
  sheetOpen,
} from '../../src/modules/handovers/rules.ts'
import { codes, type Code } from '../../src/modules/vocabularies/index.ts'
import { Problem } from '../../src/platform/problem.ts'
import { lotse } from '../support/app.ts'
import { way } from '../support/way.ts'

const { as, sql } = await lotse()
const { aPreparedHandover } = way(as)

type Status = Code<'handover_status'>
const now = '2026-05-04T12:00:00Z'
const statuses = ['prepared', 'offered', 'accepted', 'refused', 'arrived', 'failed', 'cancelled'] as const
const twoWays = { receiver: true, direction: 'both' } as const

test('the table below knows every status of a handover', () => {
  expect([...codes('handover_status')].toSorted()).toEqual([...statuses].toSorted())
})

// What each event makes of each status; everything else is refused.
const table = {
  write: { from: ['prepared'], to: 'prepared' },
  offer: { from: ['prepared'], to: 'offered' },
  accept: { from: ['offered'], to: 'accepted' },
  refuse: { from: ['offered'], to: 'refused' },
  cancel: { from: ['prepared', 'offered', 'accepted'], to: 'cancelled' },
  arrive: { from: ['accepted'], to: 'arrived' },
  noShow: { from: ['accepted'], to: 'failed' },
} as const
const events: Record<keyof typeof table, (row: { status: Status }) => { status: Status }> = {
  write: sheetOpen,
  offer: (row) => offer(row, now),
  accept: (row) => accept(row, now),
  refuse: (row) => refuseHandover(row, 'no_capacity', ''),
  cancel: (row) => cancel(row, 'person_wish'),
  arrive: (row) => arrive(row, 'receiver', twoWays, now),
  noShow: (row) => noShow(row, twoWays, now),
}
// Nothing but arrival moves responsibility.
const party = (status: string) => (status === 'arrived' ? 'receiver' : 'giver')

const cells = Object.entries(table).flatMap(([event, { from, to }]) =>
  statuses.map((status) => ({
    event: event as keyof typeof table,
    status,
    outcome: (from as readonly string[]).includes(status) ? to : 'handover_not_open',
  })),
)

for (const { event, status, outcome } of cells)
  test(`${event} when it is ${status} → ${outcome}, with one responsible party`, () => {
    let got: Status = status
    try {
      got = events[event]({ status }).status
      expect(got).toBe(outcome)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      expect(error.code).toBe(outcome)
    }
    expect(responsible(got)).toBe(party(got))
  })

test('the database knows the same responsible party for every status', async () => {
  const { id } = await aPreparedHandover()
  for (const status of codes('handover_status')) {
    const [row] = await sql<{ party: string }>(
      `update handovers set status = $2, refusal_reason = 'other',
         arrived_at = case when $2 = 'arrived' then now() end,
         arrival_confirmed_by = case when $2 = 'arrived' then 'person' end
       where id = $1
       returning case responsible_organization_id when giver_organization_id then 'giver'
         when receiver_organization_id then 'receiver' end as party`,
      [id, status],
    )
    expect(row!.party, status).toBe(responsible(status))
    expect(row!.party, status).toBe(party(status))
  }
  // Nobody can write another one into the row.
  await expect(
    sql('update handovers set responsible_organization_id = receiver_organization_id where id = $1', [id]),
  ).rejects.toThrow('can only be updated to DEFAULT')
})

test('arrival is told by whom it is true: the receiver itself, or the giver from the person’s word', () => {
  const accepted = { status: 'accepted' } as const
  for (const by of codes('arrival_source')) {
    const asReceiver = () => arrive(accepted, by, twoWays, now)
    const asGiver = () => arrive(accepted, by, { receiver: false, direction: undefined }, now)
    const [right, wrong] = by === 'receiver' ? [asReceiver, asGiver] : [asGiver, asReceiver]
    expect(right()).toEqual({ status: 'arrived', arrivedAt: now, arrivalConfirmedBy: by })
    expect(wrong).toThrow('arrival_needs_another_witness')
  }
})

test.each(['outward', undefined] as const)(
  'with direction %s the receiver tells nothing back',
  (direction) => {
    const accepted = { status: 'accepted' } as const
    const secret = { receiver: true, direction }
    expect(() => arrive(accepted, 'receiver', secret, now)).toThrow('arrival_is_the_receivers_secret')
    expect(() => noShow(accepted, secret, now)).toThrow('arrival_is_the_receivers_secret')
    // The giver has it from the person, whatever the release says.
    expect(arrive(accepted, 'person', { receiver: false, direction }, now).status).toBe('arrived')
    expect(noShow(accepted, { receiver: false, direction }, now).status).toBe('failed')
  },
)

test('only an accepted referral, or one whose person did not come, is handed over', () => {
  for (const status of codes('referral_status')) {
    const preparing = () => prepare({ status })
    if (status === 'accepted' || status === 'not_started') expect(preparing).not.toThrow()
    else expect(preparing, status).toThrow('referral_not_accepted')
  }
})

const categories = {
  identity: 'identity_contact',
  situation: 'clearing_summary',
  background: 'clearing_summary',
  assessment: 'clearing_summary',
  recommendation: 'help_plan',
  client_view: 'clearing_summary',
  open_tasks: 'help_plan',
  release_scope: 'existence_of_contact',
  fallback: 'help_plan',
} as const

test('every section of the sheet uses its own category and no other', () => {
  expect(Object.keys(categories).toSorted()).toEqual([...codes('handover_section')].toSorted())
  for (const section of codes('handover_section')) {
    const { parts, categories: used } = sheet({ situation: 'now', [section]: 'words' })
    expect(used.toSorted()).toEqual([...new Set(['clearing_summary', categories[section]])].toSorted())
    expect(parts).toContainEqual({ section, text: 'words', category: categories[section] })
  }
  expect(sheet({ situation: ' now ', background: '  ' }).parts).toEqual([
    { section: 'situation', text: 'now', category: 'clearing_summary' },
  ])
})

test('a sheet without the present situation is not handed over', () => {
  for (const sections of [{}, { background: 'long ago' }, { situation: '  ' }])
    expect(() => sheet(sections)).toThrow('handover_without_situation')
})

test('after arrival and after a no-show the case has a dated next step in the municipality’s language', () => {
  for (const language of ['de', 'en', 'da'] as const) {
    const arrived = afterwards('arrived', language, '2028-02-20')
    expect(arrived).toMatchObject({ status: 'open', phase: 'monitoring', nextStepOn: '2028-03-05' })
    const failed = afterwards('failed', language, '2028-02-28')
    expect(failed).toMatchObject({ status: 'open', nextStepOn: '2028-03-01' })
    // A no-show moves no phase.
    expect(failed).not.toHaveProperty('phase')
    expect(arrived.nextStep).not.toBe(failed.nextStep)
  }
})
