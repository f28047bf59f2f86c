// Which people does a request need?
import { and, desc, eq, or, sql } from 'drizzle-orm'
import { ofAuthor } from '../../platform/external.ts'
import {
  byId,
  insertInto,
  lockById,
  ofTenant,
  ofUnits,
  q,
  statement,
  update,
  type Given,
} from '../../platform/statement.ts'
import { clients, identificationSteps } from './table.ts'

export const clientById = byId('clients.byId', clients)
export const lockClient = lockById('clients.lock', clients)
const editable = [
  'identificationLevel',
  'ageBand',
  'gender',
  'district',
  'ags',
  'language',
  'interpreterNeeded',
  'alias',
  'personCode',
  'wrappedKey',
  'sealed',
  'familyNameIndex',
  'givenNameIndex',
  'birthDateIndex',
] as const
export const newClient = insertInto('clients.new', clients, [
  'compartmentId',
  'organizationId',
  'shielded',
  'externalId',
  'externalBy',
  ...editable,
])
export const changedClient = update('clients.changed', clients, [...editable])
export const newStep = insertInto('clients.step', identificationSteps, [
  'compartmentId',
  'clientId',
  'fromLevel',
  'toLevel',
  'reason',
  'byUserId',
])

export const clientPage = statement(
  'clients.page',
  (given: Given<{ key: string; id: string; limit: number }>) =>
    ofUnits(clients, {
      where: sql`(${clients.createdAt}, ${clients.id}) < (${given.key}::timestamptz, ${given.id}::uuid)`,
      order: ({ createdAt, id }) => [desc(createdAt), desc(id)],
      limit: given.limit,
    }),
)

export const ownClient = statement('clients.own', (given: Given<{ externalId: string }>) =>
  q
    .select()
    .from(clients)
    .where(and(ofTenant(clients), ofAuthor(clients, given.externalId))),
)

type Index = Buffer | null
export interface Likeness {
  familyName: Index
  givenName: Index
  birthDate: Index
  personCode: Index
  alias: string | null
}

/** Everybody of the own compartments who agrees in every criterion that is given. */
export const searchClients = statement('clients.search', (given: Given<Likeness>) =>
  q
    .select()
    .from(clients)
    .where(
      and(
        ofTenant(clients),
        sql`${clients.compartmentId} = any (lotse.compartments())`,
        sql`(${given.familyName}::bytea is null or ${clients.familyNameIndex} = ${given.familyName}::bytea)`,
        sql`(${given.givenName}::bytea is null or ${clients.givenNameIndex} = ${given.givenName}::bytea)`,
        sql`(${given.birthDate}::bytea is null or ${clients.birthDateIndex} = ${given.birthDate}::bytea)`,
        sql`(${given.personCode}::bytea is null or ${clients.personCode} = ${given.personCode}::bytea)`,
        sql`(${given.alias}::text is null or ${clients.alias} = ${given.alias})`,
      ),
    )
    .orderBy(desc(clients.createdAt))
    .limit(50),
)

/** Who may be the same person: the same code or alias, or two of family name, given name and birth date. */
export const alikeClients = statement('clients.alike', (given: Given<Likeness & { id: string }>) =>
  q
    .select()
    .from(clients)
    .where(
      and(
        ofTenant(clients),
        sql`${clients.compartmentId} = any (lotse.compartments())`,
        sql`${clients.id} <> ${given.id}`,
        or(
          eq(clients.personCode, given.personCode),
          eq(clients.alias, given.alias),
          and(eq(clients.familyNameIndex, given.familyName), eq(clients.birthDateIndex, given.birthDate)),
          and(eq(clients.givenNameIndex, given.givenName), eq(clients.birthDateIndex, given.birthDate)),
          and(eq(clients.familyNameIndex, given.familyName), eq(clients.givenNameIndex, given.givenName)),
        ),
      ),
    )
    .limit(20),
)
