// What does the platform itself keep? The audit trail with its seals, and what requests leave behind.
import { index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import { bytes, identified, instant, keyed, transaction } from './table.ts'

export const auditEvents = pgTable(
  'audit_events',
  {
    ...identified(),
    id: uuid('id')
      .notNull()
      .default(sql`uuidv7()`),
    at: instant('at')
      .notNull()
      .default(sql`clock_timestamp()`),
    userId: uuid('user_id'),
    membershipId: uuid('membership_id'),
    role: text('role'),
    action: text('action').notNull(),
    status: integer('status').notNull(),
    code: text('code'),
    objectIds: uuid('object_ids').array().notNull(),
    clientIds: uuid('client_ids').array().notNull(),
    fields: text('fields').array().notNull(),
    basis: text('basis'),
    criteria: text('criteria'),
    requestId: text('request_id').notNull(),
    // What the sealer goes by. Rows from before this column all carry the number of the migration: a default that is
    // not volatile rewrites nothing. access/platform.sql lets it count on where a restored database begins anew.
    xid: transaction('xid')
      .notNull()
      .default(sql`pg_current_xact_id()`),
  },
  (t) => [
    keyed(t),
    index('audit_events__by_transaction').on(t.tenantId, t.xid, t.id),
    // None by time: the ids are in the order of time (UUID v7), and every index is paid for by every request.
    index('audit_events__by_member').on(t.tenantId, t.userId, t.id),
  ],
)

/** What was sealed: audit-heads.ts says what each field means and how the signature is made. */
export const auditHeads = pgTable(
  'audit_heads',
  {
    ...identified(),
    number: integer('number').notNull(),
    encoding: integer('encoding').notNull(),
    rows: integer('rows').notNull(),
    lastXid: transaction('last_xid').notNull(),
    lastId: uuid('last_id').notNull(),
    root: bytes('root').notNull(),
    marks: bytes('marks').notNull(),
    marksHash: bytes('marks_hash').notNull(),
    previous: bytes('previous').notNull(),
    at: instant('at').notNull(),
    keyId: text('key_id').notNull(),
    signature: bytes('signature').notNull(),
  },
  (t) => [
    keyed(t),
    unique('audit_heads__one_number').on(t.tenantId, t.number),
    index('audit_heads__by_time').on(t.tenantId, t.at.desc().nullsFirst(), t.id.desc().nullsFirst()),
  ],
)

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    tenantId: uuid('tenant_id').notNull(),
    principalId: uuid('principal_id').notNull(),
    key: text('key').notNull(),
    fingerprint: text('fingerprint').notNull(),
    status: integer('status').notNull(),
    resourceId: uuid('resource_id').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.principalId, t.key] })],
)

/**
 * How often somebody guessed wrong. Kept apart from every municipality (tenant_id is the nil UUID): whoever guesses names
 * municipalities that do not exist, and comes from one address to all of them. Keyed hashes only.
 */
export const attemptCounters = pgTable(
  'attempt_counters',
  {
    tenantId: uuid('tenant_id').notNull(),
    key: bytes('key').notNull(),
    failures: integer('failures').notNull(),
    blockedUntil: instant('blocked_until'),
    lastAt: instant('last_at').notNull(),
    /** The key is an account at an address from which it was really used; it is counted apart until then. */
    familiarUntil: instant('familiar_until'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] })],
)
