// How does a municipality come into being? With its first unit and one administrator, from the command line.
import { v7 as newId } from 'uuid'
import { actor } from '../../platform/actor.ts'
import type { Db, Tx } from '../../platform/db.ts'
import type { Language } from '../../platform/language.ts'
import type { Code } from '../vocabularies/index.ts'
import { hashOf } from './password.ts'
import * as queries from './queries.ts'
import { tenantIdOf } from './tenant-id.ts'

export interface NewTenant {
  slug: string
  name: string
  kind: Code<'tenant_kind'>
  country: Code<'country'>
  timeZone: string
  language: Language
  administration: string
  admin: { name: string; email: string; password: string }
}

/**
 * Somebody who is there when a municipality is set up, with a lasting password. Everybody after them gets a temporary one
 * from its administrator.
 */
export function comesWithIt(
  tx: Tx,
  { passwordHash, ...person }: { name: string; email: string; language: Language; passwordHash: string },
): string {
  const id = newId()
  tx.save(queries.newUser, { id, ...person })
  tx.save(queries.newCredential, { id, passwordHash, temporaryUntil: null })
  return id
}

/** `furnish` adds what a municipality has from its first day: a clearing guide, and in an invented one its people. */
export async function installTenant(db: Db, given: NewTenant, furnish: (tx: Tx) => void) {
  const { administration, admin, ...tenant } = given
  const id = tenantIdOf(tenant.slug)
  const passwordHash = await hashOf(admin.password)
  return db.as(actor({ action: 'tenants.install', requestId: newId(), tenantId: id }), async (tx) => {
    tx.save(queries.newTenant, { ...tenant, id, auditCCutoffs: { male: 4, female: 3, other: 3 } })
    tx.saveAll(queries.visitedTenant, { id })
    const organizationId = newId()
    tx.save(queries.newOrganization, {
      id: organizationId,
      kind: 'municipal_unit',
      sector: 'health',
      name: administration,
      parentId: null,
      phone: null,
      email: null,
      address: null,
      website: null,
      residences: [],
      active: true,
    })
    const { name, email } = admin
    const userId = comesWithIt(tx, { name, email, language: tenant.language, passwordHash })
    tx.save(queries.newMembership, { id: newId(), userId, organizationId, role: 'tenant_admin' })
    furnish(tx)
    return { id, organizationId, userId }
  })
}
