// How does a substitution end that nobody hands back? The clock ends it when its last day has passed.
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db } from '../../platform/db.ts'
import { ask } from '../../platform/statement.ts'
import * as queries from './queries.ts'

/** In one tick; what is left comes with the next. */
const most = 500

/** @returns how many ended. A tick with nothing to do writes nothing, not even an audit row. */
export async function endSubstitutions(db: Db, tenantId: string): Promise<number> {
  const clock = () => actor({ action: 'clock.tick', requestId: newId(), tenantId })
  const [[any]] = await db.read(clock(), ask(queries.anyOver, {}))
  if (!any?.there) return 0
  return db.as(clock(), async (tx) => (await tx.all(queries.endOver, { most })).length)
}
