// How is somebody recorded of whom another module already knows a little?
import { v7 as newId } from 'uuid'
import type { Tx } from '../../platform/db.ts'
import type { Vault } from '../../platform/seal.ts'
import { emit } from '../events/index.ts'
import { closed } from './identity.ts'
import { newClient } from './queries.ts'

/** In the own unit; anonymous unless there is an alias or a way to reach them that they agreed to. */
export function recordPerson(tx: Tx, vault: Vault, known: { alias: string | null; reach: string | null }) {
  const { tenantId, organizationId } = tx.actor
  const id = newId()
  const { alias } = known
  // A careful sender until the person has said otherwise.
  const reach =
    known.reach === null
      ? null
      : { modes: [], mayLeaveMessage: false, neutralSender: true, when: known.reach }
  tx.save(newClient, {
    ...closed(vault, { tenantId, id }, { identity: null, reach }),
    id,
    compartmentId: organizationId!,
    organizationId: organizationId!,
    shielded: false,
    identificationLevel: alias === null && reach === null ? 'anonymous' : 'pseudonymous',
    ageBand: 'unknown',
    gender: 'no_entry',
    district: null,
    ags: null,
    language: null,
    interpreterNeeded: false,
    alias,
    personCode: null,
    externalId: null,
    externalBy: null,
  })
  const unit = { id: organizationId!, compartmentId: organizationId! }
  emit(tx, 'client.recorded', { kind: 'client', id }, { unit })
  return { id, compartmentId: organizationId!, organizationId: organizationId! }
}
