// How does something leave? Sealed, entered in the ledger, with the notice for what it may be used.
import { v7 as newId } from 'uuid'
import type { Tx } from '../../platform/db.ts'
import type { Language } from '../../platform/language.ts'
import type { Vault } from '../../platform/seal.ts'
import type { Code } from '../vocabularies/index.ts'
import purposeNotice from './purpose-notice.json' with { type: 'json' }
import { newDisclosure } from './queries.ts'
import type { Category } from './rules.ts'
import type { disclosures, releases } from './table.ts'

export interface Part {
  category: Category
  topic: string
  need: Code<'need_level'> | null
  text: string
  facts: Record<string, string | number | boolean | string[]>
}

type Row = typeof disclosures.$inferSelect

/** Without a release nothing says until when: somebody anonymous is looked after for half a year, then asked anew. */
const anonymousDays = 180

interface Leaving {
  subjectId: string
  compartmentId: string
  caseId: string
  clientId: string
  senderOrganizationId: string
  recipientOrganizationId: string
  purpose: Code<'release_purpose'>
  categories: Category[]
  parts: Part[]
  /** None: the person stays anonymous. */
  release: typeof releases.$inferSelect | undefined
}

const place = (tenantId: string, id: string) => ({ tenantId, table: 'disclosures', id, column: 'content' })

/** Until when the recipient sees what leaves. */
export const seenUntil = (release: Leaving['release'], now: string) =>
  release?.validUntil ?? new Date(Date.parse(now) + anonymousDays * 86_400_000).toISOString()

/** Call only after `released` or `anonymously` has agreed. */
export function disclose(tx: Tx, vault: Vault, { release, parts, ...leaving }: Leaving) {
  const id = newId()
  const { tenantId, userId, trail } = tx.actor
  trail.basis = release ? 'release' : 'anonymous'
  return tx.save(newDisclosure, {
    ...leaving,
    ...vault.seal(parts, place(tenantId, id)),
    id,
    basis: release ? 'release' : 'anonymous',
    releaseId: release?.id ?? null,
    releaseVersion: release?.version ?? null,
    direction: release?.direction ?? 'both',
    madeByUserId: userId!,
    validUntil: seenUntil(release, tx.now),
  })
}

const partsOf = (vault: Vault, { tenantId, id, wrappedKey, sealed }: Row) =>
  vault.open({ wrappedKey, sealed }, place(tenantId, id)) as Part[]

export const ledgerEntry = (vault: Vault, row: Row, now: number) => ({
  ...row,
  parts: partsOf(vault, row),
  ended: Date.parse(row.validUntil) <= now,
})

/** For what a recipient may use it (§ 65 (1) SGB VIII, § 78 SGB X); it travels with the data, also on paper. */
export const noticeFor = (basis: Row['basis'], language: Language) =>
  purposeNotice[basis === 'anonymous' ? 'anonymous' : 'release'][language]

/** What a recipient sees of it, with the purpose-binding notice in their language. */
export const disclosed = (vault: Vault, row: Row, language: Language) => ({
  ...row,
  parts: partsOf(vault, row),
  notice: noticeFor(row.basis, language),
})
