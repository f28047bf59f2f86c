// How far may a person be known, and what may then be recorded?
import { createHash } from 'node:crypto'
import { defineProblems } from '../../platform/problem.ts'
import type { Code } from '../vocabularies/index.ts'

type Level = Code<'identification_level'>

export const refuse = defineProblems({
  level_does_not_allow: {
    status: 409,
    text: {
      de: 'So weit ist die Person nicht bekannt: Diese Angabe passt nicht zur Stufe.',
      en: 'The person is not known that far: this entry does not fit the level.',
      da: 'Personen er ikke kendt så langt: denne oplysning passer ikke til niveauet.',
    },
  },
  level_only_rises: {
    status: 409,
    text: {
      de: 'Die Stufe wird nur angehoben: von anonym über pseudonym zu namentlich bekannt.',
      en: 'The level is only raised: from anonymous over pseudonymous to identified.',
      da: 'Niveauet kan kun hæves: fra anonym over pseudonym til identificeret.',
    },
  },
  colleague_of_the_unit_only: {
    status: 409,
    text: {
      de: 'Benannt werden nur Lots*innen der eigenen Stelle.',
      en: 'Only navigators of the own unit can be named.',
      da: 'Kun brobyggere i egen enhed kan udpeges.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    clients: typeof refuse
  }
}

export interface Identity {
  givenName?: string | undefined
  familyName?: string | undefined
  birthDate?: string | undefined
  address?: string | undefined
}

/** How and when the person may safely be reached. */
export interface Reach {
  phone?: string | undefined
  email?: string | undefined
  modes: Code<'contact_mode'>[]
  mayLeaveMessage: boolean
  neutralSender: boolean
  when?: string | undefined
}

export interface Known {
  identity: Identity | null
  reach: Reach | null
}

const order: Level[] = ['anonymous', 'pseudonymous', 'identified']

// What each level adds; below it the entry is refused, not dropped. (SUL § 141 (7): treatment also for anonymous people.)
const needs = {
  alias: 'pseudonymous',
  personCode: 'pseudonymous',
  reach: 'pseudonymous',
  ags: 'pseudonymous',
  identity: 'identified',
} as const satisfies Record<string, Level>

export function fits(level: Level, given: { [K in keyof typeof needs]?: unknown }) {
  const wrong = (Object.keys(needs) as (keyof typeof needs)[]).filter(
    (field) =>
      given[field] !== undefined &&
      given[field] !== null &&
      order.indexOf(level) < order.indexOf(needs[field]),
  )
  if (wrong.length > 0)
    throw refuse(
      'level_does_not_allow',
      wrong.map((field) => ({ pointer: `/${field}`, code: 'level_does_not_allow' })),
    )
}

/** Whether somebody who is known so far is known as far as that. */
export const isKnown = (level: Level, asFarAs: Level) => order.indexOf(level) >= order.indexOf(asFarAs)

export function raise(from: Level, to: Level) {
  if (isKnown(from, to)) throw refuse('level_only_rises')
}

/** Names that differ only in case, accents or spacing are one name; the family name is compared by its sound. */
export const plain = (name: string) =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/ø/g, 'o')
    .replace(/æ/g, 'ae')
    .replace(/[^\p{L}]/gu, '')

// Kölner Phonetik (H. J. Postel, 1969): letter → digit, depending on the neighbours.
export function sound(name: string): string {
  const word = plain(name)
  const digits = [...word].map((letter, at) => {
    const previous = word[at - 1] ?? ''
    const next = word[at + 1] ?? ''
    switch (true) {
      case 'aeijouy'.includes(letter):
        return '0'
      case letter === 'b' || (letter === 'p' && next !== 'h'):
        return '1'
      case 'dt'.includes(letter):
        return 'csz'.includes(next || '-') ? '8' : '2'
      case 'fvwp'.includes(letter):
        return '3'
      case 'gkq'.includes(letter):
        return '4'
      case letter === 'c':
        return (at === 0 ? 'ahkloqrux' : 'ahkoqux').includes(next || '-') && !'sz'.includes(previous || '-')
          ? '4'
          : '8'
      case letter === 'x':
        return 'ckq'.includes(previous || '-') ? '8' : '48'
      case letter === 'l':
        return '5'
      case 'mn'.includes(letter):
        return '6'
      case letter === 'r':
        return '7'
      case 'sz'.includes(letter):
        return '8'
      default:
        return ''
    }
  })
  const joined = digits.join('').replace(/(.)\1+/g, '$1')
  const code = joined.slice(0, 1) + joined.slice(1).replaceAll('0', '')
  // A name in another script has no sound here: then it is compared as it is written.
  return code || createHash('sha256').update(word).digest('hex')
}
