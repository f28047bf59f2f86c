// When is an event forgotten? After ninety days: a feed is followed, and the audit trail remembers.
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db } from '../../platform/db.ts'
import { ask, type Statement } from '../../platform/statement.ts'
import * as queries from './queries.ts'

const most = 5_000

/** What goes back as far as the feed: whether there is anything to forget, and the statement that forgets it. */
export interface Forgettable {
  anyForgettable: Statement<object, { any: boolean }>
  forget: Statement<{ most: number }, { count: number }>
}

/** @returns how many are gone; what is left goes with the next tick. */
export async function forgetOld(
  db: Db,
  tenantId: string,
  { anyForgettable, forget }: Forgettable,
): Promise<number> {
  const clock = () => actor({ action: 'clock.tick', requestId: newId(), tenantId })
  const [[old]] = await db.read(clock(), ask(anyForgettable, {}))
  if (!old?.any) return 0
  return db.as(clock(), async (tx) => (await tx.one(forget, { most }))?.count ?? 0)
}

export const forgetEvents = (db: Db, tenantId: string) => forgetOld(db, tenantId, queries)
