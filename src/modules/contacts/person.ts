// How are name and reach of somebody who came to a door sealed, and opened again?
import type { Vault } from '../../platform/seal.ts'
import type { Known } from './rules.ts'
import type { contactPeople } from './table.ts'

type Row = typeof contactPeople.$inferSelect

const place = ({ tenantId, id }: Pick<Row, 'tenantId' | 'id'>) => ({
  tenantId,
  table: 'contact_people',
  id,
  column: 'person',
})

export const sealedPerson = (vault: Vault, at: Pick<Row, 'tenantId' | 'id'>, known: Known) =>
  vault.seal(known, place(at))

export const openedPerson = (vault: Vault, row: Row) => vault.open(row, place(row)) as Known
