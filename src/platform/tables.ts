// What does the platform itself keep? The audit trail and the keys of requests that may be repeated.
import { index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import { identified, instant, keyed } from './table.ts'

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
  },
  (t) => [
    keyed(t),
    index('audit_events__by_time').on(t.tenantId, t.at.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('audit_events__by_user').on(t.tenantId, t.userId, t.at.desc().nullsFirst()),
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
