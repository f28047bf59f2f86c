// Which offers does a request need?
import { and, asc, sql } from 'drizzle-orm'
import {
  byId,
  insertInto,
  lockById,
  ofTenant,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { offers } from './table.ts'

export const offerById = byId('offers.byId', offers)
export const lockOffer = lockById('offers.lock', offers)
export const newOffer = insertInto('offers.new', offers, [
  'organizationId',
  'type',
  'name',
  'description',
  'targetGroups',
  'languages',
])
export const changedOffer = update('offers.changed', offers, [
  'type',
  'name',
  'description',
  'targetGroups',
  'languages',
  'active',
])

/** By name; `type` and `organizationId` narrow the list where they are given. */
export const offerPage = statement(
  'offers.page',
  (given: Given<{ [K in 'key' | 'id' | 'type' | 'organizationId']: string | null } & { limit: number }>) =>
    q
      .select()
      .from(offers)
      .where(
        and(
          ofTenant(offers),
          sql`(${given.type}::text is null or ${offers.type} = ${given.type})`,
          sql`(${given.organizationId}::uuid is null or ${offers.organizationId} = ${given.organizationId}::uuid)`,
          sql`(${offers.name}, ${offers.id}) > (${given.key}::text, ${given.id}::uuid)`,
        ),
      )
      .orderBy(asc(offers.name), asc(offers.id))
      .limit(given.limit),
)
