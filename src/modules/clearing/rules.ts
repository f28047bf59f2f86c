// When may a clearing be finished, and what does an AUDIT-C say? Pure decisions about the clearing interview.
import type { Code } from '../vocabularies/index.ts'
import type { Text } from '../../platform/language.ts'

export type LifeDomain = Code<'life_domain'>

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

export interface Guide {
  key: string
  version: number
  title: Text
  domains: {
    code: LifeDomain
    category: Code<'data_category'>
    title: Text
    opening: Text
    questions: Question[]
  }[]
  closing: { strengths: Text; wishes: Text }
}

export type Answers = Record<string, string | number | boolean | string[]>

/** A domain is rated, or skipped with a reason. */
export type Rating =
  | { need: Exclude<Code<'need_level'>, 'nx'>; note: string }
  | { skipped: Code<'skip_reason'>; note: string }

export type Ratings = Partial<Record<LifeDomain, Rating>>

export interface AuditCResult {
  score: number
  positive: boolean
  cutoff: number
  /** All points come from the first item: the cut-off then says little. */
  onlyFrequency: boolean
  language: 'de' | 'en' | 'da'
  /** False where the wording shown was our own translation. */
  officialWording: boolean
}
