// Which clearing guide does a municipality have from its first day?
import { v7 as newId } from 'uuid'
import type { Tx } from '../../platform/db.ts'
import auditC from './audit-c.json' with { type: 'json' }
import guide from './guide.json' with { type: 'json' }
import { newGuide } from './queries.ts'
import type { Guide } from './rules.ts'

/** Our own guide together with the instrument as it is asked today: both are frozen in every clearing. */
export const firstGuide = { ...guide, auditC } as Guide

export function publishFirstGuide(tx: Tx): void {
  tx.save(newGuide, { id: newId(), key: firstGuide.key, number: 1, content: firstGuide })
}
