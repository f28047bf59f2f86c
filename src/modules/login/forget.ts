// When is a session forgotten? A week after it would have ended: the table is no record of when who was at work.
import type { Db } from '../../platform/db.ts'
import { forgetOld } from '../../platform/forget.ts'
import * as queries from './queries.ts'

/**
 * The trail says for good who signed in; how long a session lived and who ended it, somebody may want to know of one that
 * was stolen, also after a long weekend. No token may be taken that is older: its session would begin anew (issuer.ts).
 */
export const keptForDays = 7

export const forgetSessions = (db: Db, tenantId: string) => forgetOld(db, tenantId, queries)
