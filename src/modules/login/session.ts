// How does a session begin, and which tokens does its holder get?
import { v7 as newId } from 'uuid'
import type { Tx } from '../../platform/db.ts'
import { accessTokenSeconds } from '../../platform/http.ts'
import type { Keys } from '../../platform/keys.ts'
import type { App } from '../../platform/zod.ts'
import * as queries from './queries.ts'
import { mustFirstOf } from './rules.ts'
import { refreshTokens } from './tokens.ts'

export interface NewSession {
  userId: string
  membershipId: string
  expiresAt: string
  /** The actions to which it is limited; whatever the role may when left out. */
  scopes?: string[]
  /** The key of a service account with which it begins. */
  originId?: string
}

/**
 * Between the proof of who somebody is and their session there is time, in which what they proved may be taken from them.
 * So who lets a member in and who ends the sessions of that member take turns: what begins first is ended, what comes
 * later looks once more, behind its turn. Before anything that both of them write.
 */
export const turnToBegin = (tx: Tx, userId: string) => tx.saveAll(queries.turnToBegin, { userId })
export const turnToEnd = (tx: Tx, userId: string) => tx.saveAll(queries.turnToEnd, { userId })

/** Of one person all sessions, but for one: another password, no second factor any more, or they leave. */
export function endSessions(tx: Tx, userId: string, except: string | null = null) {
  turnToEnd(tx, userId)
  tx.saveAll(queries.endedSessions, { userId, except })
}

/** Queued in a transaction that acts as `login`; its row goes to `tokensWith`. */
export const beginSession = (tx: Tx, session: NewSession) =>
  tx.save(queries.newSession, { id: newId(), scopes: null, originId: null, ...session })

/** What the holder of a session is handed; made once, when the routes are. */
export function tokensWith(app: App, keys: Keys) {
  const refreshToken = refreshTokens(keys)
  return (
    session: {
      id: string
      userId: string
      membershipId: string
      generation: number
      scopes: string[] | null
    },
    tenantId: string,
  ) => ({
    accessToken: app.jwt.sign({
      sub: session.userId,
      tenant: tenantId,
      membership: session.membershipId,
      session: session.id,
    }),
    expiresIn: accessTokenSeconds,
    refreshToken: refreshToken.make({ tenantId, sessionId: session.id, generation: session.generation }),
    tokenType: 'Bearer' as const,
    membershipId: session.membershipId,
    mustFirst: mustFirstOf(session.scopes),
  })
}
