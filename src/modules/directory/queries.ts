// Which offers and interfaces does a request need?
import { and, asc, desc, sql } from 'drizzle-orm'
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
import { interfaces, offers } from './table.ts'

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

export const saidCapacity = update('offers.capacity', offers, [
  'freePlaces',
  'waitingDays',
  'capacityNote',
  'capacityAt',
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

export const interfaceById = byId('interfaces.byId', interfaces)
export const lockInterface = lockById('interfaces.lock', interfaces)
export const newInterface = insertInto('interfaces.new', interfaces, [
  'fromOrganizationId',
  'toOrganizationId',
  'answerDays',
  'agreement',
])
export const changedInterface = update('interfaces.changed', interfaces, ['answerDays', 'agreement'])

/** The newest first; of one organisation, on either side, where it is named. */
export const interfacePage = statement(
  'interfaces.page',
  (given: Given<{ key: string; id: string; organizationId: string | null; limit: number }>) =>
    q
      .select()
      .from(interfaces)
      .where(
        and(
          ofTenant(interfaces),
          sql`(${given.organizationId}::uuid is null
            or ${given.organizationId}::uuid in (${interfaces.fromOrganizationId}, ${interfaces.toOrganizationId}))`,
          sql`(${interfaces.createdAt}, ${interfaces.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
        ),
      )
      .orderBy(desc(interfaces.createdAt), desc(interfaces.id))
      .limit(given.limit),
)
