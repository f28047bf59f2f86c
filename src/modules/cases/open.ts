// How does a case begin, whoever asks for it: with one lead and one dated next step from its first instant?
import { v7 as newId } from 'uuid'
import type { Later, Tx } from '../../platform/db.ts'
import { emit } from '../events/index.ts'
import type { Code } from '../vocabularies/index.ts'
import { writtenAs } from '../../platform/external.ts'
import { newCase, newLead } from './queries.ts'
import { dated, leadIn } from './rules.ts'
import type { cases } from './table.ts'

interface Opening {
  client: { id: string; compartmentId: string; organizationId: string }
  /** A colleague as identity knows them; that it is one of the unit is checked here. */
  lead: { id: string; role: string; organizationId: string }
  requesterRole: Code<'requester_role'>
  referralSource: Code<'referral_source'>
  concern: string
  nextStep: string
  nextStepOn: string
  previousCaseId: string | null
  externalId?: string | undefined
}

export function openCase(tx: Tx, { client, lead, ...given }: Opening): Later<typeof cases.$inferSelect> {
  const id = newId()
  const leadMembershipId = leadIn(client.organizationId, lead, '/leadMembershipId')
  const ofClient = { compartmentId: client.compartmentId, clientId: client.id }
  const opened = tx.save(newCase, {
    ...ofClient,
    requesterRole: given.requesterRole,
    referralSource: given.referralSource,
    concern: given.concern,
    nextStep: given.nextStep,
    previousCaseId: given.previousCaseId,
    id,
    organizationId: client.organizationId,
    leadMembershipId,
    nextStepOn: dated(given.nextStepOn, tx.today, '/nextStepOn'),
    status: 'open',
    phase: 'clarification',
    openedByUserId: tx.actor.userId!,
    ...writtenAs(given.externalId, tx.actor),
  })
  tx.save(newLead, {
    ...ofClient,
    id: newId(),
    caseId: id,
    membershipId: leadMembershipId,
    reason: 'opened',
    fromAt: tx.now,
  })
  const unit = { id: client.organizationId, compartmentId: client.compartmentId }
  emit(tx, 'case.opened', { kind: 'case', id }, { unit })
  return opened
}
