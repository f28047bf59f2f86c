// How is the secret of a webhook kept, and how does it sign, so that the other side knows that it was us?
import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { Sealed, Vault } from '../../platform/seal.ts'
import type { webhooks } from './table.ts'

type Row = typeof webhooks.$inferSelect
type Kept = Pick<
  Row,
  'tenantId' | 'id' | 'wrappedKey' | 'sealed' | 'formerWrappedKey' | 'formerSealed' | 'formerUntil'
>

const placeOf = ({ tenantId, id }: { tenantId: string; id: string }) => ({
  tenantId,
  table: 'webhooks',
  id,
  column: 'secret',
})

/** As Standard Webhooks writes it: 32 random bytes. */
export const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

export const sealedSecret = (vault: Vault, of: { tenantId: string; id: string }, secret: string): Sealed =>
  vault.seal(secret, placeOf(of))

/** The headers of one attempt; while a secret is being changed, both sign. */
export function signed(vault: Vault, row: Kept, message: { id: string; body: string }, now: Date) {
  const former =
    row.formerWrappedKey && row.formerSealed && row.formerUntil && Date.parse(row.formerUntil) > now.getTime()
      ? [{ wrappedKey: row.formerWrappedKey, sealed: row.formerSealed }]
      : []
  const signatures = [{ wrappedKey: row.wrappedKey, sealed: row.sealed }, ...former].map((kept) =>
    new Webhook(String(vault.open(kept, placeOf(row)))).sign(message.id, now, message.body),
  )
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': signatures.join(' '),
  }
}
