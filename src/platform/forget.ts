// How is forgotten what has become old? With every tick so many, as the clock of a municipality.
import { v7 as newId } from 'uuid'
import { actor } from './actor.ts'
import type { Db } from './db.ts'
import { ask, type Statement } from './statement.ts'

const most = 5_000

/** What grows old: whether there is anything to forget, and the statement that forgets it. */
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
