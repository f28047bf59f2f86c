// How are name and content of a document kept and handed out? Sealed under one key, each read on its own.
import type { FastifyReply } from 'fastify'
import type { Vault } from '../../platform/seal.ts'
import type { Code } from '../vocabularies/index.ts'
import { disposition, mediaTypes } from './rules.ts'

interface Entry {
  id: string
  type: Code<'attachment_type'>
  wrappedKey: Buffer
  sealedName: Buffer
}

const place = (tenantId: string, id: string) => ({ tenantId, table: 'attachments', id })

export function sealedFile(
  vault: Vault,
  tenantId: string,
  id: string,
  { name, content }: { name: string; content: Buffer },
) {
  const { wrappedKey, sealed } = vault.sealColumns({ name: Buffer.from(name), content }, place(tenantId, id))
  return { wrappedKey, sealedName: sealed.name, sealedContent: sealed.content }
}

export const named = <R extends Entry>(vault: Vault, tenantId: string, row: R) => ({
  ...row,
  name: vault
    .openColumn(
      { wrappedKey: row.wrappedKey, sealed: row.sealedName },
      { ...place(tenantId, row.id), column: 'name' },
    )
    .toString(),
})

/** The bytes, to be kept and not shown: whatever a browser thinks of them, it runs nothing. */
export function handedOut(
  reply: FastifyReply,
  vault: Vault,
  tenantId: string,
  row: Entry & { sealedContent: Buffer },
): Buffer {
  const { name } = named(vault, tenantId, row)
  void reply
    .type(mediaTypes[row.type])
    .header('content-disposition', disposition(name, row.type))
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('cross-origin-resource-policy', 'same-origin')
    .header('referrer-policy', 'no-referrer')
  return vault.openColumn(
    { wrappedKey: row.wrappedKey, sealed: row.sealedContent },
    { ...place(tenantId, row.id), column: 'content' },
  )
}
