// How is a contact written down: with its clock from the first instant, and whoever is asked told?
import { v7 as newId } from 'uuid'
import type { Later, Tx } from '../../platform/db.ts'
import type { Vault } from '../../platform/seal.ts'
import { startDeadline } from '../deadlines/index.ts'
import { emit } from '../events/index.ts'
import { tell } from '../notices/index.ts'
import type { Code } from '../vocabularies/index.ts'
import { sealedPerson } from './person.ts'
import { newContact, newPerson } from './queries.ts'
import { goesOnFrom, nextStepOn, type Known } from './rules.ts'
import type { contacts } from './table.ts'

export type ContactRow = typeof contacts.$inferSelect

interface Entry {
  kind: Code<'contact_kind'>
  requesterRole: Code<'requester_role'>
  mode: Code<'contact_mode'>
  problems: Code<'substance'>[]
  outOfScope: boolean
  responsibleSector: Code<'sector'> | null
  /** Only with the person's agreement. */
  person: Known | null
  /** The door. */
  organizationId: string
  toOrganizationId: string | null
  previous: { id: string; firstContactAt: string; doors: number } | null
  nextStepOn: string | undefined
}

export function register(tx: Tx, vault: Vault, { person, previous, ...entry }: Entry): Later<ContactRow> {
  const { tenantId, userId, membershipId } = tx.actor
  const { organizationId, toOrganizationId } = entry
  const id = newId()
  const on = nextStepOn(entry.nextStepOn, tx.today)
  const registered = tx.save(newContact, {
    ...entry,
    ...goesOnFrom(previous, tx.now),
    id,
    registeredByUserId: userId!,
    registeredByMembershipId: membershipId!,
    status: 'registered',
    agreed: person !== null,
    nextStepOn: on,
  })
  if (person)
    tx.save(newPerson, {
      id,
      organizationId,
      registeredByUserId: userId!,
      toOrganizationId,
      ...sealedPerson(vault, { tenantId, id }, person),
    })
  startClock(tx, { id, organizationId }, on)
  if (toOrganizationId && toOrganizationId !== organizationId)
    tell(tx, 'contact_received', { kind: 'contact', id }, { organizationId: toOrganizationId })
  const partners = [organizationId, toOrganizationId]
  emit(tx, 'contact.registered', { kind: 'contact', id }, { partners })
  return registered
}

export const startClock = (
  tx: Tx,
  { id, organizationId }: Pick<ContactRow, 'id' | 'organizationId'>,
  dueOn: string,
) => startDeadline(tx, { kind: 'contact_next_step', organizationId, subjectId: id, ofCase: null, dueOn })

interface Anew {
  /** Who returns the person: the organisation of whoever acts. */
  organizationId: string
  /** The unit that is to take the person up again. */
  toOrganizationId: string
  /** Name, reach and what was agreed, if the person agreed; left out, the request is anonymous. */
  person?: { name?: string | undefined; reach?: string | undefined; agreement: string } | null
  mode?: Code<'contact_mode'>
  problems?: Code<'substance'>[]
  /** Two working days after today when left out. */
  nextStepOn?: string | undefined
}

/** A receiver that returns a person asks the giver's unit anew. Call it after the transaction has read something. */
export const requestAnew = (
  tx: Tx,
  vault: Vault,
  { person, mode, problems, ...anew }: Anew,
): Later<ContactRow> =>
  register(tx, vault, {
    ...anew,
    kind: 'inbound_referral',
    requesterRole: 'professional',
    mode: mode ?? 'phone',
    problems: problems ?? [],
    outOfScope: false,
    responsibleSector: null,
    person: person
      ? { name: person.name ?? null, reach: person.reach ?? null, agreement: person.agreement }
      : null,
    previous: null,
    nextStepOn: anew.nextStepOn,
  })
