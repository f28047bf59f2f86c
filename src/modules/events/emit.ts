// How is it kept that something happened, in the same transaction, for each organisation that may know of it?
import type { Tx } from '../../platform/db.ts'
import type { Code } from '../vocabularies/index.ts'
import { newEvents } from './queries.ts'

export interface Audiences {
  /** The unit that holds the record; of a shielded person the compartment is another one, and only who is named sees it. */
  unit?: { id: string; compartmentId: string }
  /** Organisations that may know of the record without any release: only to whom it was sent, or who is asked. */
  partners?: readonly (string | null | undefined)[]
}

/** Queued: it costs no round trip. Never a word about a person, and never to somebody who could not read the record. */
export function emit(
  tx: Tx,
  type: Code<'event_type'>,
  subject: { kind: Code<'event_subject'>; id: string },
  { unit, partners = [] }: Audiences,
) {
  const partnerIds = partners.filter((id) => id != null)
  tx.saveAll(newEvents, {
    type,
    kind: subject.kind,
    id: subject.id,
    unitId: unit?.id ?? null,
    compartmentId: unit?.compartmentId ?? null,
    partnerIds,
  })
}
