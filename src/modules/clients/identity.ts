// How do a person's names become a sealed block and a keyed index, and back?
import type { Vault } from '../../platform/seal.ts'
import type { Likeness } from './queries.ts'
import { plain, sound, type Known } from './rules.ts'
import type { clients } from './table.ts'

type Row = typeof clients.$inferSelect

const place = (row: Pick<Row, 'tenantId' | 'id'>) => ({
  tenantId: row.tenantId,
  table: 'clients',
  id: row.id,
  column: 'identity',
})

export function opened(vault: Vault, row: Row): Known {
  const { wrappedKey, sealed } = row
  if (!wrappedKey || !sealed) return { identity: null, reach: null }
  return vault.open({ wrappedKey, sealed }, place(row)) as Known
}

export function closed(vault: Vault, row: Pick<Row, 'tenantId' | 'id'>, known: Known) {
  const { tenantId } = row
  const { familyName, givenName, birthDate } = likeness(vault, tenantId, known.identity ?? {})
  const nothing = known.identity === null && known.reach === null
  return {
    ...(nothing ? { wrappedKey: null, sealed: null } : vault.seal(known, place(row))),
    familyNameIndex: familyName,
    givenNameIndex: givenName,
    birthDateIndex: birthDate,
  }
}

export const codeIndex = (vault: Vault, tenantId: string, personCode: string) =>
  vault.index(tenantId, 'person code', personCode.replace(/\s/g, '').toLowerCase())

interface Criteria {
  familyName?: string | undefined
  givenName?: string | undefined
  birthDate?: string | undefined
  alias?: string | null | undefined
  personCode?: string | undefined
}

export function likeness(vault: Vault, tenantId: string, given: Criteria): Likeness {
  const index = (kind: string, value: string | undefined) =>
    value === undefined ? null : vault.index(tenantId, kind, value)
  return {
    familyName: index('family name', given.familyName && sound(given.familyName)),
    givenName: index('given name', given.givenName && plain(given.givenName)),
    birthDate: index('birth date', given.birthDate),
    personCode: given.personCode === undefined ? null : codeIndex(vault, tenantId, given.personCode),
    alias: given.alias ?? null,
  }
}
