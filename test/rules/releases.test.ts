// When does a release cover what shall leave? Every status and every event, without a database.
import { expect, test } from 'vitest'
import {
  anonymously,
  drafted,
  identifying,
  refused,
  released,
  sign,
  withdrawn,
  type Category,
  type Wish,
} from '../../src/modules/releases/rules.ts'
import { codes } from '../../src/modules/vocabularies/index.ts'

const now = '2026-05-04T12:00:00Z'
const today = '2026-05-04'
const later = '2026-05-04T12:00:01Z'
const statuses = ['draft', 'active', 'withdrawn', 'superseded', 'refused'] as const

const codeOf = (act: () => unknown) => {
  try {
    return act() as Record<string, unknown>
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('the tables below know every status of a release', () => {
  expect([...codes('release_status')].toSorted()).toEqual([...statuses].toSorted())
})

const table: Record<'sign' | 'refuse' | 'withdraw', Record<(typeof statuses)[number], string>> = {
  sign: {
    draft: 'active',
    active: 'release_not_draft',
    withdrawn: 'release_not_draft',
    superseded: 'release_not_draft',
    refused: 'release_not_draft',
  },
  refuse: {
    draft: 'refused',
    active: 'release_not_draft',
    withdrawn: 'release_not_draft',
    superseded: 'release_not_draft',
    refused: 'release_not_draft',
  },
  withdraw: {
    draft: 'release_not_active',
    active: 'withdrawn',
    withdrawn: 'release_not_active',
    superseded: 'release_not_active',
    refused: 'release_not_active',
  },
}
const events = {
  sign: (status: (typeof statuses)[number]) => sign({ status, validUntil: later }, today, now, today),
  refuse: (status: (typeof statuses)[number]) => refused({ status }, now),
  withdraw: (status: (typeof statuses)[number]) => withdrawn({ status }, 'oral', now),
}
const cells = Object.entries(table).flatMap(([event, row]) =>
  Object.entries(row).map(([status, outcome]) => ({ event, status, outcome })),
) as { event: keyof typeof events; status: (typeof statuses)[number]; outcome: string }[]

for (const { event, status, outcome } of cells)
  test(`${event} when it is ${status} → ${outcome}`, () => {
    const act = () => events[event](status)
    if (outcome.startsWith('release_not_')) expect(act).toThrow(outcome)
    else expect(act().status).toBe(outcome)
  })

test('a release that has ended meanwhile can no longer be signed, but still be withdrawn', () => {
  expect(codeOf(() => sign({ status: 'draft', validUntil: now }, today, now, today))).toBe(
    'release_ends_in_the_past',
  )
  expect(withdrawn({ status: 'active' }, 'written', now)).toEqual({
    status: 'withdrawn',
    withdrawnAt: now,
    withdrawnWay: 'written',
  })
})

const release = {
  status: 'active' as (typeof statuses)[number],
  caseId: 'case',
  recipientOrganizationId: 'wehr',
  purpose: 'referral' as Wish['purpose'],
  categories: ['substance_use', 'help_plan'] as Category[],
  validUntil: later,
}
const wish: Wish = {
  caseId: 'case',
  recipientOrganizationId: 'wehr',
  purpose: 'referral',
  categories: ['substance_use'],
}
const missing = (given: typeof release | undefined, wanted: Wish = wish) => {
  try {
    released(given, wanted, now)
    return undefined
  } catch (error) {
    const { code, more } = error as { code: string; more: { missingCategories: string[] } }
    expect(code).toBe('not_released')
    return more.missingCategories
  }
}

test('a release that applies covers exactly its own categories', () => {
  expect(missing(release)).toBeUndefined()
  expect(missing(release, { ...wish, categories: ['help_plan', 'substance_use'] })).toBeUndefined()
  expect(
    missing(release, { ...wish, categories: ['substance_use', 'health_mental', 'legal_matters'] }),
  ).toEqual(['health_mental', 'legal_matters'])
})

test.each<[string, typeof release | undefined, Partial<Wish>]>([
  ['no release at all', undefined, {}],
  ['a draft', { ...release, status: 'draft' }, {}],
  ['a withdrawn one', { ...release, status: 'withdrawn' }, {}],
  ['a refused one', { ...release, status: 'refused' }, {}],
  ['a superseded one', { ...release, status: 'superseded' }, {}],
  ['one that ends at this very instant', { ...release, validUntil: now }, {}],
  ['an expired one', { ...release, validUntil: '2026-05-04T13:59:59+02:00' }, {}],
  ['one to another recipient', release, { recipientOrganizationId: 'birkenhof' }],
  ['one for another purpose', release, { purpose: 'case_conference' }],
  ['one of another case', release, { caseId: 'other' }],
])('%s covers nothing', (_, given, change) => {
  const categories: Category[] = ['substance_use', 'help_plan']
  expect(missing(given, { ...wish, ...change, categories })).toEqual(categories)
  // Not even that there is contact at all.
  expect(missing(given, { ...wish, ...change, categories: [] })).toEqual([])
})

test('an end in another time zone is the same instant', () => {
  expect(missing({ ...release, validUntil: '2026-05-04T14:00:01+02:00' })).toBeUndefined()
})

test('anonymously goes only who is anonymous, and nothing that identifies', () => {
  const all = codes('data_category')
  const telling: string[] = all.filter(identifying)
  expect(telling).toContain('identity_contact')
  expect(telling).not.toContain('substance_use')
  expect(codeOf(() => anonymously('anonymous', ['substance_use']))).toBeUndefined()
  for (const level of ['pseudonymous', 'identified'] as const)
    expect(codeOf(() => anonymously(level, []))).toBe('person_is_not_anonymous')
  for (const category of all)
    expect(codeOf(() => anonymously('anonymous', [category]))).toBe(
      telling.includes(category) ? 'identifying_category' : undefined,
    )
})

const draft = {
  discloserOrganizationId: 'mitte',
  recipientOrganizationId: 'wehr',
  validUntil: later,
  proof: 'paper_signed' as const,
}
const drafting = (change: object, level: 'anonymous' | 'pseudonymous' | 'identified' = 'identified') =>
  codeOf(() => drafted({ ...draft, ...change }, level, now, today))

test('what a release needs before it can be drafted', () => {
  expect(drafting({})).toBeUndefined()
  expect(drafting({}, 'pseudonymous')).toBeUndefined()
  expect(drafting({}, 'anonymous')).toBe('release_needs_a_known_person')
  expect(drafting({ recipientOrganizationId: 'mitte' })).toBe('release_to_the_own_unit')
  expect(drafting({ validUntil: now })).toBe('release_ends_in_the_past')
  expect(drafting({ proof: 'oral_documented' })).toBe('oral_release_needs_a_reason')
  expect(drafting({ proof: 'oral_documented', proofReason: 'in the street' })).toBeUndefined()
  expect(drafting({ signedOn: '2026-05-05' })).toBe('release_signed_in_the_future')
  expect(drafting({ signedOn: today })).toBeUndefined()
})
