// Where is kept who wants to be called for what, and how each call went?
import { sql } from 'drizzle-orm'
import { index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import {
  always,
  belongsTo,
  bytes,
  identified,
  instant,
  keyed,
  oneOf,
  someOf,
  transaction,
} from '../../platform/table.ts'
import { organizations, users } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

export const webhooks = pgTable(
  'webhooks',
  {
    ...identified(),
    organizationId: uuid('organization_id').notNull(),
    url: text('url').notNull(),
    eventTypes: text('event_types', { enum: codes('event_type') })
      .array()
      .notNull(),
    status: text('status', { enum: codes('webhook_status') }).notNull(),
    stoppedBecause: text('stopped_because', { enum: codes('webhook_stop') }),
    /** Of the secret that signs; the former one signs along until then. */
    wrappedKey: bytes('wrapped_key').notNull(),
    sealed: bytes('sealed').notNull(),
    formerWrappedKey: bytes('former_wrapped_key'),
    formerSealed: bytes('former_sealed'),
    formerUntil: instant('former_until'),
    /** How far the feed of the organisation has been read for it. */
    readXid: transaction('read_xid').notNull(),
    readId: uuid('read_id').notNull(),
    /** Since when every call has failed, and how many deliveries were given up since. */
    failingSince: instant('failing_since'),
    givenUp: integer('given_up').notNull().default(0),
    /** Somebody calls it just now; what is older than this belongs to a process that has ended. */
    calledUntil: instant('called_until'),
    createdByUserId: uuid('created_by_user_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('webhooks__organization', t, t.organizationId, () => organizations),
    belongsTo('webhooks__created_by', t, t.createdByUserId, () => users),
    oneOf('webhooks__status', t.status, codes('webhook_status')),
    oneOf('webhooks__stopped_because', t.stoppedBecause, codes('webhook_stop')),
    someOf('webhooks__event_types', t.eventTypes, codes('event_type')),
    always('webhooks__something_is_wanted', sql`cardinality(${t.eventTypes}) > 0`),
    always(
      'webhooks__stopped_for_a_reason',
      sql`(${t.status} = 'failing') = (${t.stoppedBecause} is not null)`,
    ),
    always(
      'webhooks__former_secret_is_whole',
      sql`num_nonnulls(${t.formerWrappedKey}, ${t.formerSealed}, ${t.formerUntil}) in (0, 3)`,
    ),
    index('webhooks__of_organization').on(
      t.tenantId,
      t.organizationId,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
  ],
)

export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    ...identified(),
    webhookId: uuid('webhook_id').notNull(),
    organizationId: uuid('organization_id').notNull(),
    /** None for a call that only tries whether somebody is there. */
    eventId: uuid('event_id'),
    eventType: text('event_type', { enum: codes('event_type') }),
    subjectKind: text('subject_kind', { enum: codes('event_subject') }),
    subjectId: uuid('subject_id'),
    happenedAt: instant('happened_at').notNull(),
    status: text('status', { enum: codes('delivery_status') }).notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** While somebody is calling: when another may try, should that one never come back. */
    nextAttemptAt: instant('next_attempt_at'),
    lastAttemptAt: instant('last_attempt_at'),
    lastStatus: integer('last_status'),
    /** Only a code: what the other side has answered is nobody's business here. */
    lastError: text('last_error'),
    lastMs: integer('last_ms'),
    deliveredAt: instant('delivered_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    version: integer('version').notNull().default(1),
  },
  (t) => [
    keyed(t),
    belongsTo('webhook_deliveries__webhook', t, t.webhookId, () => webhooks),
    oneOf('webhook_deliveries__event_type', t.eventType, codes('event_type')),
    oneOf('webhook_deliveries__subject_kind', t.subjectKind, codes('event_subject')),
    oneOf('webhook_deliveries__status', t.status, codes('delivery_status')),
    always(
      'webhook_deliveries__event_is_whole',
      sql`num_nonnulls(${t.eventId}, ${t.eventType}, ${t.subjectKind}, ${t.subjectId}) in (0, 4)`,
    ),
    always(
      'webhook_deliveries__pending_is_dated',
      sql`(${t.status} = 'pending') = (${t.nextAttemptAt} is not null)`,
    ),
    unique('webhook_deliveries__once').on(t.tenantId, t.webhookId, t.eventId),
    index('webhook_deliveries__log').on(
      t.tenantId,
      t.webhookId,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('webhook_deliveries__due')
      .on(t.tenantId, t.webhookId, t.nextAttemptAt)
      .where(sql`${t.status} = 'pending'`),
    index('webhook_deliveries__by_age').on(t.tenantId, t.createdAt),
  ],
)
