// Under which key does another system find again what it wrote here?
import { sql } from 'drizzle-orm'
import { text, uniqueIndex, uuid, type AnyPgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import type { Actor } from './actor.ts'
import type { Db } from './db.ts'
import { defineProblems, Problem } from './problem.ts'
import type { Ask } from './statement.ts'
import { always } from './table.ts'

const refuse = defineProblems({
  external_id_taken: {
    status: 409,
    text: {
      de: 'Unter dieser eigenen Kennung haben Sie schon etwas angelegt; wenn Sie es sehen dürfen, steht es unter „existingId“.',
      en: 'You have recorded something under this own id already; if you may see it, it stands under "existingId".',
      da: 'Du har allerede oprettet noget under dette eget id; hvis du må se det, står det under "existingId".',
    },
  },
})

declare module './problem.ts' {
  interface Defined {
    external: typeof refuse
  }
}

export const ExternalId = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/)
  .meta({
    id: 'ExternalId',
    description:
      'The key that the record has in the system that writes it; once for each account that writes, and never changed. It must not hold a name, a birth date or anything else about the person: it stands in addresses.',
    examples: ['kis:2026/004711'],
  })

/** Whoever wrote the record chose the key: two systems never meet in one. */
export const external = () => ({ externalId: text('external_id'), externalBy: uuid('external_by') })

export const oncePerAuthor = (
  table: string,
  t: { tenantId: AnyPgColumn; externalId: AnyPgColumn; externalBy: AnyPgColumn },
) => [
  always(`${table}__external_id_of_somebody`, sql`(${t.externalId} is null) = (${t.externalBy} is null)`),
  uniqueIndex(`${table}__external_id`)
    .on(t.tenantId, t.externalBy as never, t.externalId as never)
    .where(sql`${t.externalId} is not null`),
]

export const writtenAs = (externalId: string | undefined, { userId }: Actor) =>
  externalId === undefined ? { externalId: null, externalBy: null } : { externalId, externalBy: userId }

/** Whatever this caller recorded under the key; the policies say whether it is still there for them. */
export const ofAuthor = (
  { externalId, externalBy }: { externalId: AnyPgColumn; externalBy: AnyPgColumn },
  given: unknown,
) => sql`${externalBy} = lotse.user_id() and ${externalId} = ${given}`

/**
 * For what a POST throws: names the record that has the key already, if the caller may see it. Asked only after the index
 * has refused, so that nobody else's POST pays for it.
 */
export const taken =
  (db: Db, actor: Actor, externalId: string | undefined, present: Ask<{ id: string }>) =>
  async (error: unknown): Promise<never> => {
    if (externalId === undefined || !(error instanceof Problem) || error.code !== 'already_exists')
      throw error
    const [[there]] = await db.read(actor, present)
    const { constraint = '' } = error as { constraint?: string }
    if (!there && !constraint.endsWith('__external_id')) throw error
    throw refuse(
      'external_id_taken',
      [{ pointer: '/externalId', code: 'external_id_taken' }],
      there && { existingId: there.id },
    )
  }
