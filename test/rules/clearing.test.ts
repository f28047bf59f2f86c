// Is it legal now, does the answer fit, and is the AUDIT-C scored right? The clearing's decisions, without a database.
import { expect, test } from 'vitest'
import { firstGuide as guide } from '../../src/modules/clearing/install.ts'
import {
  answered,
  byCategory,
  complete,
  discard,
  drafted,
  fits,
  newPrompts,
  noticeOf,
  pause,
  rated,
  resume,
  scored,
  underWay,
  type Answer,
  type Question,
  type Ratings,
} from '../../src/modules/clearing/rules.ts'
import { Problem } from '../../src/platform/problem.ts'
import { codes, extra, vocabularies } from '../../src/modules/vocabularies/index.ts'

const refusal = (work: () => unknown) => {
  try {
    work()
    return undefined
  } catch (error) {
    return error as Problem
  }
}
const codeOf = (work: () => unknown) => refusal(work)?.code ?? 'allowed'

const events = { change: underWay, finish: underWay, pause, resume, discard }
const table = {
  started: {
    change: 'allowed',
    finish: 'allowed',
    pause: 'allowed',
    resume: 'clearing_not_paused',
    discard: 'allowed',
  },
  paused: {
    change: 'clearing_paused',
    finish: 'clearing_paused',
    pause: 'clearing_paused',
    resume: 'allowed',
    discard: 'allowed',
  },
  finished: final(),
  discarded: final(),
} as const

function final() {
  const no = 'clearing_is_final'
  return { change: no, finish: no, pause: no, resume: no, discard: no }
}

const cells = codes('clearing_status').flatMap((status) =>
  Object.entries(events).map(([name, event]) => ({ status, name: name as keyof typeof events, event })),
)

test.each(cells)('a $status clearing and $name', ({ status, name, event }) => {
  expect(codeOf(() => event({ status }))).toBe(table[status][name])
})

test('pausing, resuming and discarding lead where they say', () => {
  expect(pause({ status: 'started' })).toEqual({ status: 'paused' })
  expect(resume({ status: 'paused' })).toEqual({ status: 'started' })
  expect(discard({ status: 'paused' })).toEqual({ status: 'discarded' })
  expect(drafted({ status: 'started' })).toEqual({ status: 'started' })
})

const questions = guide.domains.flatMap((domain) => domain.questions)

/** For every question of the guide: an answer that fits, and some that do not. */
function tried(question: Question): { good: Answer[]; bad: Answer[] } {
  const options = question.vocabulary
    ? (vocabularies[question.vocabulary as keyof typeof vocabularies].values as readonly { code: string }[])
    : (question.options ?? [])
  const all = options.map(({ code }) => code)
  const { min, max } = question
  switch (question.kind) {
    case 'choice':
      return { good: all, bad: ['no_such_code', '', true, 1, [all[0]!]] }
    case 'multi':
      return { good: [[], [all[0]!], all], bad: [all[0]!, ['no_such_code'], [all[0]!, all[0]!], true] }
    case 'text':
      return { good: ['a word'], bad: ['', 1, false, ['a word']] }
    case 'number':
      return { good: [min!, max!], bad: [min! - 1, max! + 1, min! + 0.5, Number.NaN, String(min), true] }
    case 'yes_no':
      return { good: [true, false], bad: ['yes', 1, ['yes']] }
    case 'date':
      return {
        good: ['2026-02-28', '2028-02-29'],
        bad: ['2026-02-29', '2026-13-01', '28.02.2026', '2026-02-28T00:00', '', true],
      }
  }
}

test.each(questions)('$id takes what it asks for and nothing else', (question) => {
  const { good, bad } = tried(question)
  expect(good.length).toBeGreaterThan(0)
  for (const answer of good) expect(fits(question, answer), String(answer)).toBe(true)
  for (const answer of bad) expect(fits(question, answer), String(answer)).toBe(false)
})

test('the guide has every life domain once, each in the data category of the vocabulary, and no question twice', () => {
  expect(guide.domains.map(({ code }) => code)).toEqual(codes('life_domain'))
  for (const { code, category } of guide.domains)
    expect(category).toBe(extra('life_domain', code, 'category'))
  expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length)
  for (const { id, vocabulary, options } of questions)
    expect(vocabulary === undefined || (vocabulary in vocabularies && options === undefined), id).toBe(true)
})

test('one wrong answer refuses all of them, each with its pointer', () => {
  const problem = refusal(() =>
    answered(guide, {}, { 'housing.until': 'soon', 'legal.next_date': '2026-05-04', 'housing.roof': true }),
  )
  expect(problem).toMatchObject({ code: 'answer_does_not_fit', kind: { status: 400 } })
  expect(problem!.errors).toEqual([
    { pointer: '/answers/housing.until', code: 'answer_does_not_fit' },
    { pointer: '/answers/housing.roof', code: 'unknown_question' },
  ])
})

test('answers and ratings are merged, and null takes one away', () => {
  const before = { 'housing.until': '2026-05-04', 'health_physical.untreated': true }
  expect(answered(guide, before, { 'housing.until': null, 'legal.next_date': '2026-06-01' })).toEqual({
    'health_physical.untreated': true,
    'legal.next_date': '2026-06-01',
  })
  const housing = { need: 'n2', note: '' } as const
  expect(
    rated({ housing, legal: housing }, { legal: null, work_education: { skipped: 'later', note: '' } }),
  ).toEqual({
    housing,
    work_education: { skipped: 'later', note: '' },
  })
  expect(before).toHaveProperty(['housing.until'])
})

const everything = Object.fromEntries(
  guide.domains.map(({ code }, at) => [
    code,
    at % 2 ? { need: 'n1', note: '' } : { skipped: 'later', note: '' },
  ]),
) as Ratings

test('a clearing is complete when every domain is rated or skipped with a reason', () => {
  expect(codeOf(() => complete(guide, everything))).toBe('allowed')
})

test.each(guide.domains)('without $code it is incomplete', ({ code }) => {
  const { [code]: _, ...rest } = everything
  const problem = refusal(() => complete(guide, rest))
  expect(problem).toMatchObject({ code: 'clearing_incomplete', kind: { status: 409 } })
  expect(problem!.errors.map(({ pointer }) => pointer)).toEqual([`/ratings/${code}`])
})

test('fear for somebody’s safety prompts once per question', () => {
  expect(newPrompts([], { 'health_mental.suicidal': 'yes' })).toEqual(['health_mental.suicidal'])
  expect(newPrompts([], { 'violence_safety.current_danger': 'unsure' })).toEqual([
    'violence_safety.current_danger',
  ])
  expect(newPrompts(['health_mental.suicidal'], { 'health_mental.suicidal': 'yes' })).toEqual([])
  const calm = { 'health_mental.suicidal': 'earlier', 'violence_safety.current_danger': 'no_answer' }
  expect(newPrompts([], calm)).toEqual([])
  expect(newPrompts([], {})).toEqual([])
})

test('the questions of safety are in the guide, with the answers that prompt', () => {
  for (const [id, answer] of [
    ['health_mental.suicidal', 'yes'],
    ['violence_safety.current_danger', 'yes'],
    ['violence_safety.current_danger', 'unsure'],
  ] as const) {
    expect(
      fits(
        questions.find((question) => question.id === id)!,
        answer,
      ),
    ).toBe(true)
    expect(newPrompts([], { [id]: answer })).toEqual([id])
  }
})

const cutoffs = { male: 4, female: 3, other: 2 }
const auditC = (answers: number[], gender: (typeof genders)[number], language: 'de' | 'en' | 'da' = 'en') =>
  scored(guide.auditC, { answers, language }, gender, cutoffs)
const genders = codes('gender')

test.each([
  {
    answers: [0, 0, 0],
    score: 0,
    onlyFrequency: false,
    male: false,
    female: false,
    diverse: false,
    no_entry: false,
  },
  {
    answers: [1, 1, 0],
    score: 2,
    onlyFrequency: false,
    male: false,
    female: false,
    diverse: true,
    no_entry: true,
  },
  {
    answers: [3, 0, 0],
    score: 3,
    onlyFrequency: true,
    male: false,
    female: true,
    diverse: true,
    no_entry: true,
  },
  {
    answers: [2, 1, 0],
    score: 3,
    onlyFrequency: false,
    male: false,
    female: true,
    diverse: true,
    no_entry: true,
  },
  {
    answers: [4, 0, 0],
    score: 4,
    onlyFrequency: true,
    male: true,
    female: true,
    diverse: true,
    no_entry: true,
  },
  {
    answers: [4, 4, 4],
    score: 12,
    onlyFrequency: false,
    male: true,
    female: true,
    diverse: true,
    no_entry: true,
  },
])(
  'AUDIT-C $answers is $score, positive by the cut-off of the recorded gender',
  ({ answers, score, onlyFrequency, ...positive }) => {
    for (const gender of genders)
      expect(auditC(answers, gender), gender).toMatchObject({
        score,
        onlyFrequency,
        positive: positive[gender],
      })
  },
)

test('the cut-off that counted is told', () => {
  expect(genders.map((gender) => auditC([1, 1, 1], gender).cutoff)).toEqual(
    genders.map((gender) => cutoffs[gender === 'male' || gender === 'female' ? gender : 'other']),
  )
})

test('only the English wording is official; the others carry their notice', () => {
  expect(auditC([1, 1, 1], 'male', 'en').officialWording).toBe(true)
  expect(noticeOf(guide.auditC, 'en')).toBeNull()
  for (const language of ['de', 'da'] as const) {
    expect(auditC([1, 1, 1], 'male', language).officialWording).toBe(false)
    expect(noticeOf(guide.auditC, language)).toEqual(guide.auditC.notice)
  }
})

test('every item of the AUDIT-C scores from 0 to 4', () => {
  expect(guide.auditC.items).toHaveLength(3)
  for (const { options } of guide.auditC.items)
    expect(options.map(({ score }) => score)).toEqual([0, 1, 2, 3, 4])
})

const finished = {
  answers: { 'housing.until': '2026-05-04', 'finances_debt.income': 'none', 'health_mental.suicidal': 'no' },
  ratings: {
    housing: { need: 'n3', note: 'Has to leave' },
    finances_debt: { need: 'n1', note: '' },
    health_mental: { skipped: 'person_declined', note: 'Another day' },
    daily_structure: { need: 'n0', note: '' },
  } satisfies Ratings,
  strengths: 'Cooks well',
  wishes: '',
  auditC: auditC([4, 1, 0], 'female', 'de'),
}

test('each piece of a clearing belongs to one data category', () => {
  const found = byCategory(finished, guide)
  expect(Object.keys(found).sort()).toEqual([
    'clearing_summary',
    'health_mental',
    'housing_finance',
    'screening_scores',
  ])
  expect(found.housing_finance).toMatchObject([
    { topic: 'housing', need: 'n3', text: 'Has to leave', facts: { 'housing.until': '2026-05-04' } },
    { topic: 'finances_debt', need: 'n1' },
  ])
  expect(found.health_mental).toMatchObject([
    { topic: 'health_mental', need: 'nx', text: 'Another day', facts: { skipped: 'person_declined' } },
  ])
  expect(found.clearing_summary!.map(({ topic }) => topic)).toEqual(['daily_structure', 'strengths'])
  expect(found.screening_scores).toMatchObject([
    { topic: 'audit_c', text: guide.auditC.notice.de, facts: { score: 5, officialWording: false } },
  ])
  for (const [category, findings] of Object.entries(found))
    for (const finding of findings) expect(finding.category).toBe(category)
})

test('no answer stands in two categories', () => {
  const answers = Object.fromEntries(questions.map(({ id }) => [id, true]))
  const found = Object.values(byCategory({ ...finished, answers, ratings: everything }, guide)).flat()
  const given = found.filter(({ topic }) => topic !== 'audit_c').flatMap(({ facts }) => Object.keys(facts))
  expect(given.filter((key) => key !== 'skipped').sort()).toEqual(questions.map(({ id }) => id).sort())
})
