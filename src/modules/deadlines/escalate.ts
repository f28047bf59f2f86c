// Who is told when a day has passed? First whoever had to act, then the head, then the coordinator; each of them once.
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db } from '../../platform/db.ts'
import { ask } from '../../platform/statement.ts'
import { wakeAny } from '../events/index.ts'
import * as queries from './queries.ts'

/** On one rung in one tick; what is left comes with the next. */
const most = 500

/** @returns how many steps were climbed. A tick with nothing to tell writes nothing, not even an audit row. */
export async function escalateDeadlines(db: Db, tenantId: string): Promise<number> {
  const clock = () => actor({ action: 'clock.tick', requestId: newId(), tenantId })
  const [[any]] = await db.read(clock(), ask(queries.anyMissed, {}))
  if (!any?.there) return 0
  return db.as(clock(), async (tx) => {
    let told = 0
    // From the first rung on: what nobody looked at for days climbs all that it missed.
    for (const escalation of queries.escalations) told += (await tx.all(escalation, { most })).length
    if (told > 0) tx.saveAll(wakeAny, {})
    return told
  })
}
