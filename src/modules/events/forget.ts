// When is an event forgotten? After ninety days: a feed is followed, and the audit trail remembers.
import type { Db } from '../../platform/db.ts'
import { forgetOld } from '../../platform/forget.ts'
import * as queries from './queries.ts'

export const forgetEvents = (db: Db, tenantId: string) => forgetOld(db, tenantId, queries)
