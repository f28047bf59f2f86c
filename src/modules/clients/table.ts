// Where is a person kept? What identifies stands apart, sealed; everything else says nothing about who it is.
import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { external, oncePerAuthor } from '../../platform/external.ts'
import { always, belongsTo, bytes, identified, instant, keyed, oneOf } from '../../platform/table.ts'
import { organizations, users } from '../identity/table.ts'
import { codes } from '../vocabularies/index.ts'

export const clients = pgTable(
  'clients',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    organizationId: uuid('organization_id').notNull(),
    shielded: boolean('shielded').notNull(),
    identificationLevel: text('identification_level', { enum: codes('identification_level') }).notNull(),
    ageBand: text('age_band', { enum: codes('age_band') }).notNull(),
    gender: text('gender', { enum: codes('gender') }).notNull(),
    district: text('district'),
    ags: text('ags'),
    language: text('language', { enum: codes('language') }),
    interpreterNeeded: boolean('interpreter_needed').notNull(),
    alias: text('alias'),
    /** Keyed hash of the code that the person holds. */
    personCode: bytes('person_code'),
    wrappedKey: bytes('wrapped_key'),
    sealed: bytes('sealed'),
    familyNameIndex: bytes('family_name_index'),
    givenNameIndex: bytes('given_name_index'),
    birthDateIndex: bytes('birth_date_index'),
    ...external(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('clients__organization', t, t.organizationId, () => organizations),
    oneOf('clients__identification_level', t.identificationLevel, codes('identification_level')),
    oneOf('clients__age_band', t.ageBand, codes('age_band')),
    oneOf('clients__gender', t.gender, codes('gender')),
    always(
      'clients__anonymous_means_anonymous',
      sql`${t.identificationLevel} <> 'anonymous' or num_nonnulls(${t.alias}, ${t.personCode}, ${t.sealed}, ${t.ags},
        ${t.familyNameIndex}, ${t.givenNameIndex}, ${t.birthDateIndex}) = 0`,
    ),
    always(
      'clients__names_only_when_identified',
      sql`${t.identificationLevel} = 'identified'
        or num_nonnulls(${t.familyNameIndex}, ${t.givenNameIndex}, ${t.birthDateIndex}) = 0`,
    ),
    always('clients__sealed_with_a_key', sql`(${t.sealed} is null) = (${t.wrappedKey} is null)`),
    always(
      'clients__shielded_apart',
      sql`${t.compartmentId} = case when ${t.shielded} then ${t.id} else ${t.organizationId} end`,
    ),
    ...oncePerAuthor('clients', t),
    index('clients__by_birth_date').on(t.tenantId, t.compartmentId, t.birthDateIndex),
    index('clients__by_family_name').on(t.tenantId, t.compartmentId, t.familyNameIndex),
    index('clients__by_person_code').on(t.tenantId, t.compartmentId, t.personCode),
    index('clients__by_alias').on(t.tenantId, t.compartmentId, t.alias),
    index('clients__newest').on(
      t.tenantId,
      t.compartmentId,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
  ],
)

/** Every step from anonymous over pseudonymous to identified, with its reason. */
export const identificationSteps = pgTable(
  'identification_steps',
  {
    ...identified(),
    compartmentId: uuid('compartment_id').notNull(),
    clientId: uuid('client_id').notNull(),
    fromLevel: text('from_level', { enum: codes('identification_level') }).notNull(),
    toLevel: text('to_level', { enum: codes('identification_level') }).notNull(),
    reason: text('reason').notNull(),
    byUserId: uuid('by_user_id').notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (t) => [
    keyed(t),
    belongsTo('identification_steps__client', t, t.clientId, () => clients),
    belongsTo('identification_steps__by', t, t.byUserId, () => users),
  ],
)
