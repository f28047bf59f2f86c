// When may a clearing be changed and finished, and what does an AUDIT-C say? Pure decisions about the clearing interview.
import { defineProblems } from '../../platform/problem.ts'
import type { Language, Text } from '../../platform/language.ts'
import { codes, vocabularies, type Code, type Vocabulary } from '../vocabularies/index.ts'

export type LifeDomain = Code<'life_domain'>
export type DataCategory = Code<'data_category'>
type Status = Code<'clearing_status'>

export interface Question {
  id: string
  kind: 'choice' | 'multi' | 'text' | 'number' | 'yes_no' | 'date'
  vocabulary?: string
  options?: ({ code: string } & Text)[]
  min?: number
  max?: number
  text: Text
  hint?: Text
}

/** The AUDIT-C as it is asked: official where it is the wording of the source, with a notice where it is not. */
export interface Instrument {
  code: string
  version: string
  items: { id: string; text: Text; options: ({ score: number } & Text)[] }[]
  official: Record<Language, boolean>
  notice: Text
  source: string
  licence: string
}

export interface Guide {
  key: string
  version: number
  title: Text
  domains: {
    code: LifeDomain
    category: DataCategory
    title: Text
    opening: Text
    questions: Question[]
  }[]
  closing: { strengths: Text; wishes: Text }
  auditC: Instrument
}

export type Answer = string | number | boolean | string[]
export type Answers = Record<string, Answer>

/** A domain is rated, or skipped with a reason. */
export type Rating =
  { need: Exclude<Code<'need_level'>, 'nx'>; note: string } | { skipped: Code<'skip_reason'>; note: string }

export type Ratings = Partial<Record<LifeDomain, Rating>>

export interface AuditCResult {
  score: number
  positive: boolean
  cutoff: number
  /** All points come from the first item: the cut-off then says little. */
  onlyFrequency: boolean
  language: Language
  /** False where the wording shown was our own translation. */
  officialWording: boolean
}

export const refuse = defineProblems({
  answer_does_not_fit: {
    status: 400,
    text: {
      de: 'Diese Antwort passt nicht zur Frage im Leitfaden. Es wurde nichts gespeichert.',
      en: 'This answer does not fit the question of the guide. Nothing was saved.',
      da: 'Svaret passer ikke til spørgsmålet i guiden. Intet blev gemt.',
    },
  },
  no_guide_published: {
    status: 409,
    text: {
      de: 'Die Kommune hat noch keinen Clearingleitfaden veröffentlicht.',
      en: 'The municipality has not published a clearing guide yet.',
      da: 'Kommunen har endnu ikke offentliggjort en afdækningsguide.',
    },
  },
  clearing_under_way: {
    status: 409,
    text: {
      de: 'In diesem Fall läuft schon ein Clearing. Bitte erst abschließen oder verwerfen.',
      en: 'A clearing is under way in this case. Please finish or discard it first.',
      da: 'Der er allerede en afdækning i gang i sagen. Afslut eller kassér den først.',
    },
  },
  clearing_is_final: {
    status: 409,
    text: {
      de: 'Dieses Clearing ist abgeschlossen oder verworfen und ändert sich nicht mehr.',
      en: 'This clearing is finished or discarded and no longer changes.',
      da: 'Afdækningen er afsluttet eller kasseret og kan ikke længere ændres.',
    },
  },
  clearing_paused: {
    status: 409,
    text: {
      de: 'Das Clearing ist unterbrochen. Bitte erst fortsetzen.',
      en: 'The clearing is paused. Please resume it first.',
      da: 'Afdækningen er sat på pause. Genoptag den først.',
    },
  },
  clearing_not_paused: {
    status: 409,
    text: {
      de: 'Das Clearing ist nicht unterbrochen.',
      en: 'The clearing is not paused.',
      da: 'Afdækningen er ikke sat på pause.',
    },
  },
  clearing_incomplete: {
    status: 409,
    text: {
      de: 'Jeder Lebensbereich braucht eine Einschätzung oder einen Grund, warum er ausgelassen wurde.',
      en: 'Every life domain needs a rating or a reason why it was skipped.',
      da: 'Hvert livsområde skal have en vurdering eller en grund til, at det er sprunget over.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    clearing: typeof refuse
  }
}

/** Finished and discarded are final. */
export function drafted<T extends { status: Status }>(row: T): T {
  if (row.status === 'finished' || row.status === 'discarded') throw refuse('clearing_is_final')
  return row
}

export function underWay<T extends { status: Status }>(row: T): T {
  if (drafted(row).status === 'paused') throw refuse('clearing_paused')
  return row
}

export const pause = (row: { status: Status }) => ({ status: underWay(row) && ('paused' as const) })

export function resume(row: { status: Status }) {
  if (drafted(row).status !== 'paused') throw refuse('clearing_not_paused')
  return { status: 'started' as const }
}

export const discard = (row: { status: Status }) => ({ status: drafted(row) && ('discarded' as const) })

const codesOf = ({ vocabulary, options = [] }: Question): readonly string[] =>
  vocabulary !== undefined && vocabulary in vocabularies
    ? codes(vocabulary as Vocabulary)
    : options.map(({ code }) => code)

const isDay = (text: string) =>
  /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true

export function fits(question: Question, answer: Answer): boolean {
  const { kind, min = 0, max = 1000 } = question
  switch (kind) {
    case 'choice':
      return typeof answer === 'string' && codesOf(question).includes(answer)
    case 'multi':
      return (
        Array.isArray(answer) &&
        new Set(answer).size === answer.length &&
        answer.every((code) => codesOf(question).includes(code))
      )
    case 'text':
      return typeof answer === 'string' && answer !== ''
    case 'number':
      return Number.isInteger(answer) && Number(answer) >= min && Number(answer) <= max
    case 'yes_no':
      return typeof answer === 'boolean'
    case 'date':
      return typeof answer === 'string' && isDay(answer)
  }
}

/** Merges by key; null takes an entry away. */
function merged<V>(
  before: Partial<Record<string, V>>,
  change: Partial<Record<string, V | null>>,
): Record<string, V> {
  const entries = Object.entries({ ...before, ...change })
  return Object.fromEntries(
    entries.filter((entry): entry is [string, V] => entry[1] !== null && entry[1] !== undefined),
  )
}

export const rated = (
  before: Ratings,
  change: Partial<Record<LifeDomain, Rating | null | undefined>>,
): Ratings => merged<Rating>(before, change as Partial<Record<string, Rating | null>>)

/** @throws Problem 400 with a pointer for every answer that its question does not allow. */
export function answered(guide: Guide, before: Answers, change: Record<string, Answer | null>): Answers {
  const questions = new Map(
    guide.domains.flatMap((domain) => domain.questions).map((question) => [question.id, question]),
  )
  const wrong = Object.entries(change).filter(([id, answer]) => {
    const question = questions.get(id)
    return !question || (answer !== null && !fits(question, answer))
  })
  if (wrong.length > 0)
    throw refuse(
      'answer_does_not_fit',
      wrong.map(([id]) => ({
        pointer: `/answers/${id}`,
        code: questions.has(id) ? 'answer_does_not_fit' : 'unknown_question',
      })),
    )
  return merged(before, change)
}

// Somebody looks at these the same day. An instrument or an answer never changes anything else by itself.
const safetyQuestions: Record<string, readonly string[]> = {
  'health_mental.suicidal': ['yes'],
  'violence_safety.current_danger': ['yes', 'unsure'],
}

/** The questions of safety that have to be looked at now and have not led to a task in this clearing before. */
export const newPrompts = (prompted: readonly string[], answers: Answers) =>
  Object.keys(safetyQuestions).filter(
    (id) => !prompted.includes(id) && safetyQuestions[id]!.includes(String(answers[id])),
  )

/** @throws Problem 409 with a pointer for every life domain that is neither rated nor skipped. */
export function complete(guide: Guide, ratings: Ratings) {
  const open = guide.domains.filter(({ code }) => !ratings[code])
  if (open.length > 0)
    throw refuse(
      'clearing_incomplete',
      open.map(({ code }) => ({ pointer: `/ratings/${code}`, code: 'neither_rated_nor_skipped' })),
    )
}

interface Cutoffs {
  male: number
  female: number
  other: number
}

export function scored(
  instrument: Instrument,
  { answers, language }: { answers: readonly number[]; language: Language },
  gender: Code<'gender'>,
  cutoffs: Cutoffs,
): AuditCResult {
  const score = answers.reduce((sum, points) => sum + points, 0)
  const cutoff = gender === 'male' || gender === 'female' ? cutoffs[gender] : cutoffs.other
  return {
    score,
    positive: score >= cutoff,
    cutoff,
    onlyFrequency: score > 0 && score === answers[0],
    language,
    officialWording: instrument.official[language],
  }
}

/** Goes with the answers and with the result wherever they are shown. */
export const noticeOf = (instrument: Instrument, language: Language): Text | null =>
  instrument.official[language] ? null : instrument.notice

interface Clearing {
  answers: Answers
  ratings: Ratings
  strengths: string
  wishes: string
  auditC: AuditCResult | null
}

/** A piece of what a clearing says: it leaves or stays as a whole. */
export interface Finding {
  category: DataCategory
  /** A life domain, `audit_c`, `strengths` or `wishes`. */
  topic: string
  need: Code<'need_level'> | null
  text: string
  facts: Answers
}

/** Every piece belongs to exactly one data category: to release one says nothing about the others. */
export function byCategory(clearing: Clearing, guide: Guide): Partial<Record<DataCategory, Finding[]>> {
  const { answers, ratings, strengths, wishes, auditC } = clearing
  const domains = guide.domains.flatMap(({ code: topic, category, questions }): Finding[] => {
    const rating = ratings[topic]
    if (!rating) return []
    const facts = Object.fromEntries(
      questions.flatMap(({ id }) => (id in answers ? [[id, answers[id]!]] : [])),
    )
    const text = rating.note
    return 'need' in rating
      ? [{ category, topic, need: rating.need, text, facts }]
      : [{ category, topic, need: 'nx', text, facts: { skipped: rating.skipped, ...facts } }]
  })
  const words = Object.entries({ strengths, wishes }).flatMap(([topic, text]): Finding[] =>
    text ? [{ category: 'clearing_summary', topic, need: null, text, facts: {} }] : [],
  )
  const scores = auditC ? [auditCFinding(auditC, guide.auditC)] : []
  const found: Partial<Record<DataCategory, Finding[]>> = {}
  for (const finding of [...domains, ...words, ...scores]) (found[finding.category] ??= []).push(finding)
  return found
}

const auditCFinding = (result: AuditCResult, instrument: Instrument): Finding => ({
  category: 'screening_scores',
  topic: 'audit_c',
  need: null,
  text: noticeOf(instrument, result.language)?.[result.language] ?? '',
  facts: { ...result },
})
