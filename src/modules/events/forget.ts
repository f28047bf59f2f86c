// When is an event forgotten? After ninety days: a feed is followed, and the audit trail remembers.
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db } from '../../platform/db.ts'
import { ask } from '../../platform/statement.ts'
import * as queries from './queries.ts'

const most = 5_000

/** @returns how many are gone; what is left goes with the next tick. */
export async function forgetEvents(db: Db, tenantId: string): Promise<number> {
  const clock = () => actor({ action: 'clock.tick', requestId: newId(), tenantId })
  const [[old]] = await db.read(clock(), ask(queries.anyForgettable, {}))
  if (!old?.any) return 0
  return db.as(clock(), async (tx) => (await tx.one(queries.forget, { most }))?.count ?? 0)
}
