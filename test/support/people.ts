// Who plays in the tests? Two invented municipalities and everybody who works there.
import type { Role } from '../../src/access.ts'

export const password = 'a sentence that only the tests know'

export const municipalities = {
  lindenau: { name: 'Stadt Lindenau', administration: 'Stadtverwaltung Lindenau', admin: 'ada' },
  ostheim: { name: 'Gemeinde Ostheim', administration: 'Gemeindeverwaltung Ostheim', admin: 'orhan' },
} as const
export type Municipality = keyof typeof municipalities

/** `administration` of each municipality is there from its first day. */
export const organizations = {
  mitte: { at: 'lindenau', kind: 'municipal_unit', sector: 'addiction', name: 'Lotsenstelle Mitte' },
  nord: { at: 'lindenau', kind: 'municipal_unit', sector: 'addiction', name: 'Lotsenstelle Nord' },
  wehr: { at: 'lindenau', kind: 'service_provider', sector: 'addiction', name: 'Suchtberatung Am Wehr' },
  birkenhof: { at: 'lindenau', kind: 'clinic', sector: 'health', name: 'Tagesklinik Birkenhof' },
  jugendamt: { at: 'lindenau', kind: 'youth_office', sector: 'youth', name: 'Jugendamt Lindenau' },
  aufbruch: { at: 'lindenau', kind: 'self_help', sector: 'self_help', name: 'Gruppe Aufbruch' },
  ostlotsen: { at: 'ostheim', kind: 'municipal_unit', sector: 'addiction', name: 'Lotsenstelle Ostheim' },
  ostberatung: { at: 'ostheim', kind: 'service_provider', sector: 'addiction', name: 'Beratung Ostheim' },
  ostjugend: { at: 'ostheim', kind: 'youth_office', sector: 'youth', name: 'Jugendamt Ostheim' },
  ostgruppe: { at: 'ostheim', kind: 'self_help', sector: 'self_help', name: 'Gruppe Ostheim' },
} as const satisfies Record<string, { at: Municipality; kind: string; sector: string; name: string }>
export type Organization = keyof typeof organizations

export interface Person {
  name: string
  role: Role
  at: Municipality
  /** Left out: the administration of the municipality. */
  in?: Organization
  /** Without a recorded secrecy obligation. */
  unbound?: true
}

export const people = {
  ada: { name: 'Ada Ahrens', role: 'tenant_admin', at: 'lindenau' },
  nora: { name: 'Nora Lenz', role: 'navigator', at: 'lindenau', in: 'mitte' },
  nils: { name: 'Nils Oder', role: 'navigator', at: 'lindenau', in: 'mitte' },
  hanna: { name: 'Hanna Voss', role: 'navigation_head', at: 'lindenau', in: 'mitte' },
  sina: { name: 'Sina Neu', role: 'navigator', at: 'lindenau', in: 'mitte', unbound: true },
  mira: { name: 'Mira Sand', role: 'navigator', at: 'lindenau', in: 'nord' },
  mona: { name: 'Mona Wald', role: 'navigation_head', at: 'lindenau', in: 'nord' },
  anton: { name: 'Anton Brück', role: 'network_professional', at: 'lindenau', in: 'wehr' },
  agnes: { name: 'Agnes Thal', role: 'network_professional', at: 'lindenau', in: 'birkenhof' },
  jule: { name: 'Jule Hain', role: 'youth_welfare_professional', at: 'lindenau', in: 'jugendamt' },
  selma: { name: 'Selma Roth', role: 'self_help_rep', at: 'lindenau', in: 'aufbruch' },
  carla: { name: 'Carla Stern', role: 'coordinator', at: 'lindenau' },
  paul: { name: 'Paul Lindt', role: 'planner', at: 'lindenau' },
  bea: { name: 'Bea Kamp', role: 'board_member', at: 'lindenau' },
  petra: { name: 'Petra Moor', role: 'prevention_officer', at: 'lindenau' },
  emil: { name: 'Emil Horst', role: 'safeguarding_expert', at: 'lindenau' },
  dora: { name: 'Dora Siel', role: 'dpo', at: 'lindenau' },
  arne: { name: 'Arne Deich', role: 'auditor', at: 'lindenau' },

  orhan: { name: 'Orhan Feld', role: 'tenant_admin', at: 'ostheim' },
  otto: { name: 'Otto Ostermann', role: 'navigator', at: 'ostheim', in: 'ostlotsen' },
  oda: { name: 'Oda Heide', role: 'navigation_head', at: 'ostheim', in: 'ostlotsen' },
  olaf: { name: 'Olaf Kern', role: 'network_professional', at: 'ostheim', in: 'ostberatung' },
  olga: { name: 'Olga Busch', role: 'youth_welfare_professional', at: 'ostheim', in: 'ostjugend' },
  okan: { name: 'Okan Berg', role: 'self_help_rep', at: 'ostheim', in: 'ostgruppe' },
  orla: { name: 'Orla Fink', role: 'coordinator', at: 'ostheim' },
  oskar: { name: 'Oskar Blum', role: 'planner', at: 'ostheim' },
  ottilie: { name: 'Ottilie Krug', role: 'board_member', at: 'ostheim' },
  ove: { name: 'Ove Strand', role: 'prevention_officer', at: 'ostheim' },
  onno: { name: 'Onno Bach', role: 'safeguarding_expert', at: 'ostheim' },
  odila: { name: 'Odila Grund', role: 'dpo', at: 'ostheim' },
  oxana: { name: 'Oxana Weide', role: 'auditor', at: 'ostheim' },
} as const satisfies Record<string, Person>
export type PersonKey = keyof typeof people

export const emailOf = (key: PersonKey) => `${key}@${people[key].at}.example`
