// Where is kept what happened, for systems that follow it?
import { sql } from 'drizzle-orm'
import { boolean, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { belongsTo, identified, instant, keyed, oneOf, transaction } from '../../platform/table.ts'
import { organizations } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

/** One row for each organisation that may know of it. No word about a person: what happened, and to which record. */
export const events = pgTable(
  'events',
  {
    ...identified(),
    /** Of the transaction that wrote it: the feed goes by this and not by time, which is known before COMMIT. */
    xid: transaction('xid').notNull(),
    type: text('type', { enum: codes('event_type') }).notNull(),
    subjectKind: text('subject_kind', { enum: codes('event_subject') }).notNull(),
    subjectId: uuid('subject_id').notNull(),
    organizationId: uuid('organization_id').notNull(),
    /** The unit or the shielded person, for what only who sees them may know; null for what a receiver may know. */
    compartmentId: uuid('compartment_id'),
    /** Who reads it, in one column, so that a page of the feed is one index range. */
    audienceId: uuid('audience_id')
      .notNull()
      .generatedAlwaysAs(sql`coalesce(compartment_id, organization_id)`),
    /** About somebody shielded: it goes to no webhook, of whichever side. */
    shielded: boolean('shielded').notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    oneOf('events__type', t.type, codes('event_type')),
    oneOf('events__subject_kind', t.subjectKind, codes('event_subject')),
    index('events__feed').on(t.tenantId, t.audienceId, t.xid, t.id),
  ],
)

/** Organisations of which something goes out by webhook: only where there is one, an act wakes the courier. */
export const eventListeners = pgTable('event_listeners', identified(), (t) => [
  keyed(t),
  belongsTo('event_listeners__organization', t, t.id, () => organizations),
])
