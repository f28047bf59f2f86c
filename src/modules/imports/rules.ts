// What does a line mean for a record that is there already?
import { defineProblems } from '../../platform/problem.ts'

export const refuse = defineProblems({
  import_needs_ndjson: {
    status: 415,
    text: {
      de: 'Ein Import kommt als application/x-ndjson: ein JSON-Objekt je Zeile.',
      en: 'An import comes as application/x-ndjson: one JSON object a line.',
      da: 'En import sendes som application/x-ndjson: ét JSON-objekt pr. linje.',
    },
  },
  import_too_large: {
    status: 413,
    text: {
      de: 'Ein Import hat höchstens 10 MiB und 10.000 Zeilen. Es wurde nichts übernommen; bitte aufteilen.',
      en: 'An import has at most 10 MiB and 10,000 lines. Nothing was taken; please split it.',
      da: 'En import er højst 10 MiB og 10.000 linjer. Intet blev overtaget; del den op.',
    },
  },
  import_field_fixed: {
    status: 409,
    text: {
      de: 'Den Datensatz gibt es schon, und diese Angabe ändert ein Import nicht.',
      en: 'The record is there already, and this entry is not changed by an import.',
      da: 'Posten findes allerede, og denne oplysning ændres ikke af en import.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    imports: typeof refuse
  }
}

type Fields = Readonly<Record<string, unknown>>

export interface Meeting {
  /** What the PATCH of this kind can change. */
  editable: readonly string[]
  /** How it began: said once. It moves on by acts of its own, and a file that is sent again does not turn that back. */
  begins: readonly string[]
  /** What agrees though it is not equal. */
  agrees?: (field: string, given: unknown, present: unknown) => boolean
}

/** Objects whatever their order, lists of codes whatever theirs; what is empty and what is not there are one. */
export function same(a: unknown, b: unknown): boolean {
  if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null)
  if (Array.isArray(a) && Array.isArray(b)) return holds(a, b) && holds(b, a)
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  const [left, right] = [a as Fields, b as Fields]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    same(left[key], right[key]),
  )
}

const holds = (all: unknown[], some: unknown[]): boolean =>
  some.every((one) => all.some((other) => same(one, other)))

/** What is said of the present record otherwise: what can be changed, and what cannot. What is not said stays. */
export function differences(
  given: Fields,
  present: Fields,
  { editable, begins, agrees = () => false }: Meeting,
) {
  const others = Object.keys(given).filter(
    (field) =>
      !begins.includes(field) &&
      !same(given[field], present[field]) &&
      !agrees(field, given[field], present[field]),
  )
  const patch = Object.fromEntries(
    others.filter((field) => editable.includes(field)).map((field) => [field, given[field]]),
  )
  return { patch, fixed: others.filter((field) => !editable.includes(field)) }
}
