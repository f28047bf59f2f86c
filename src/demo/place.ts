// What is a demo municipality made of? Organisations, offers, people, and what has happened there so far.
import type { Role } from '../access.ts'
import type { Language } from '../platform/language.ts'
import type { Code } from '../modules/vocabularies/index.ts'
import type { Stage } from './stage.ts'

export interface Offer {
  type: Code<'offer_type'>
  name: string
  description?: string
  for?: Code<'target_group'>[]
  languages?: Code<'language'>[]
}

export interface Organization {
  kind: Code<'organization_kind'>
  sector: Code<'sector'>
  name: string
  /** The organisation of which this one is a part; `administration` is there from the first day. */
  in?: string
  phone?: string
  email?: string
  address?: string
  residences?: string[]
  offers?: Record<string, Offer>
}

export interface Person {
  name: string
  role: Role
  in: string
  /** Recorded by the administrator for everybody who handles what is known about a person. */
  secrecy?: Code<'secrecy_basis'>
}

export interface Place {
  slug: string
  name: string
  kind: Code<'tenant_kind'>
  country: Code<'country'>
  timeZone: string
  language: Language
  administration: string
  /** Of all e-mail addresses; ends with `.example`. */
  domain: string
  organizations: Record<string, Organization>
  /** Exactly one administrator, who sets everything up, and one auditor, who comes last. */
  people: Record<string, Person>
  /** With what the municipality does not help itself, and who does; a German one has no such rule. */
  scope?: { problem: Code<'substance'>; sector: Code<'sector'>; note: string }[]
  live(stage: Stage): Promise<void>
}

const letters: Record<string, string> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  ø: 'oe',
  å: 'aa',
  é: 'e',
  ' ': '.',
}

export const emailOf = (place: Place, { name }: Person) =>
  `${name.toLowerCase().replace(/[^a-z]/g, (letter) => letters[letter] ?? '')}@${place.domain}`
