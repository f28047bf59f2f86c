// How does a clock start and stop, in the same transaction as the act that starts or stops it?
import { v7 as newId } from 'uuid'
import type { Tx } from '../../platform/db.ts'
import { newDeadline, stopOfCase, stopOfSubject } from './queries.ts'
import { basisOf, type RunningKind, type Stop } from './rules.ts'

interface Starting {
  kind: RunningKind
  /** Whose act stops it. */
  organizationId: string
  /** The record on which it runs; one clock of a kind runs on it at a time. */
  subjectId: string
  /** None for a contact, which has no case yet. */
  ofCase: { caseId: string; compartmentId: string } | null
  dueOn: string
}

export function startDeadline(tx: Tx, { kind, ofCase, ...starting }: Starting) {
  tx.saveAll(newDeadline, {
    ...starting,
    caseId: ofCase?.caseId ?? null,
    compartmentId: ofCase?.compartmentId ?? null,
    id: newId(),
    kind,
    basis: basisOf[kind],
    startedOn: tx.today,
  })
}

export const stopDeadlines = (tx: Tx, subjectId: string, by: Stop, kind: RunningKind | null = null) =>
  tx.saveAll(stopOfSubject, { subjectId, kind, by })

export const stopDeadlinesOfCase = (tx: Tx, caseId: string, by: Stop, kind: RunningKind | null = null) =>
  tx.saveAll(stopOfCase, { caseId, kind, by })
