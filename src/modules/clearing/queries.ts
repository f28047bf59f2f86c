// Which clearing guides and clearings does a request need?
import { and, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm'
import type { Text } from '../../platform/language.ts'
import {
  byId,
  insertInto,
  lockUnlessFinal,
  ofTenant,
  pointedAt,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import type { Instrument } from './rules.ts'
import { cases } from '../cases/table.ts'
import { clients } from '../clients/table.ts'
import { clearingGuides, clearings } from './table.ts'

export const guideById = byId('guides.byId', clearingGuides)
export const newGuide = insertInto('guides.new', clearingGuides, ['key', 'number', 'content'])
export const newestGuide = statement('guides.newest', () =>
  q
    .select()
    .from(clearingGuides)
    .where(ofTenant(clearingGuides))
    .orderBy(desc(clearingGuides.publishedAt), desc(clearingGuides.id))
    .limit(1),
)

type Place = { [K in 'key' | 'id']: string | null } & { limit: number }

export const guidePage = statement('guides.page', (given: Given<Place>) =>
  q
    .select({
      id: clearingGuides.id,
      key: clearingGuides.key,
      number: clearingGuides.number,
      title: sql<Text>`${clearingGuides.content} -> 'title'`,
      publishedAt: clearingGuides.publishedAt,
    })
    .from(clearingGuides)
    .where(
      and(
        ofTenant(clearingGuides),
        sql`(${clearingGuides.publishedAt}, ${clearingGuides.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
      ),
    )
    .orderBy(desc(clearingGuides.publishedAt), desc(clearingGuides.id))
    .limit(given.limit),
)

export const lockClearing = lockUnlessFinal('clearings.lock', clearings)
export const newClearing = insertInto('clearings.new', clearings, [
  'compartmentId',
  'caseId',
  'clientId',
  'guideId',
  'previousClearingId',
  'status',
  'answers',
  'ratings',
  'strengths',
  'wishes',
  'safetyPrompts',
  'startedByUserId',
])
export const changedClearing = update('clearings.changed', clearings, [
  'status',
  'answers',
  'ratings',
  'strengths',
  'wishes',
  'auditCAnswers',
  'auditCLanguage',
  'safetyPrompts',
])
/** Answers and ratings stay as they were saved last. */
export const finishedClearing = update('clearings.finished', clearings, ['status', 'auditC', 'finishedAt'])

export const guideOfClearing = pointedAt('clearings.guide', clearingGuides, {
  table: clearings,
  column: clearings.guideId,
})
export const caseOfClearing = pointedAt(
  'clearings.case',
  cases,
  { table: clearings, column: clearings.caseId },
  'locked',
)
export const clientOfClearing = pointedAt('clearings.client', clients, {
  table: clearings,
  column: clearings.clientId,
})

/** With what is shown of its guide. */
export const clearingWithGuide = statement('clearings.withGuide', (given: Given<{ id: string }>) =>
  q
    .select({
      ...getTableColumns(clearings),
      guideKey: clearingGuides.key,
      guideNumber: clearingGuides.number,
      instrument: sql<Instrument>`${clearingGuides.content} -> 'auditC'`,
    })
    .from(clearings)
    .innerJoin(
      clearingGuides,
      and(eq(clearingGuides.tenantId, clearings.tenantId), eq(clearingGuides.id, clearings.guideId)),
    )
    .where(and(ofTenant(clearings), eq(clearings.id, given.id))),
)

export const draftOf = statement('clearings.draft', (given: Given<{ caseId: string }>) =>
  q
    .select({ id: clearings.id })
    .from(clearings)
    .where(
      and(
        ofTenant(clearings),
        eq(clearings.caseId, given.caseId),
        inArray(clearings.status, ['started', 'paused']),
      ),
    ),
)

/** The clearing that counts for a case: the last one that was finished. */
export const latestFinishedClearing = statement(
  'clearings.latestFinished',
  (given: Given<{ caseId: string }>) =>
    q
      .select()
      .from(clearings)
      .where(and(ofTenant(clearings), eq(clearings.caseId, given.caseId), eq(clearings.status, 'finished')))
      .orderBy(desc(clearings.finishedAt), desc(clearings.id))
      .limit(1),
)

export const clearingPage = statement('clearings.page', (given: Given<Place & { caseId: string }>) =>
  q
    .select()
    .from(clearings)
    .where(
      and(
        ofTenant(clearings),
        eq(clearings.caseId, given.caseId),
        sql`(${clearings.startedAt}, ${clearings.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
      ),
    )
    .orderBy(desc(clearings.startedAt), desc(clearings.id))
    .limit(given.limit),
)
