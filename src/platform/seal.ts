// How is what identifies a person kept? Sealed with a data key of its own, wrapped by a key of the municipality.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import type { Keys } from './keys.ts'

/** The place of a sealed value: AAD, so that a blob cannot be moved to another row, column or municipality. */
export interface Place {
  tenantId: string
  table: string
  id: string
  column: string
}

export interface Sealed {
  wrappedKey: Buffer
  sealed: Buffer
}

type Row = Omit<Place, 'column'>

const keyVersion = 1

const aad = (place: Place) =>
  Buffer.from([place.tenantId, place.table, place.id, place.column, keyVersion].join('\u0000'))

/** AES-256-GCM: version, nonce, tag, ciphertext. */
function encrypt(key: Buffer, plain: Buffer, place: Place): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad(place))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([Buffer.from([keyVersion]), nonce, cipher.getAuthTag(), body])
}

function decrypt(key: Buffer, box: Buffer, place: Place): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(1, 13)).setAAD(aad(place))
  decipher.setAuthTag(box.subarray(13, 29))
  return Buffer.concat([decipher.update(box.subarray(29)), decipher.final()])
}

export type Vault = ReturnType<typeof createVault>

export function createVault(keys: Keys) {
  const tenantKeys = new Map<string, Buffer>()
  const keyOf = (tenantId: string, purpose: string) => {
    const name = `${purpose} ${tenantId}`
    const key = tenantKeys.get(name) ?? keys.derive(name)
    tenantKeys.set(name, key)
    return key
  }
  const wrapping = (place: Place) => ({ ...place, column: `${place.column} key` })
  return {
    /** Seals under a fresh data key; destroying `wrappedKey` is the erasure. */
    seal(value: unknown, place: Place): Sealed {
      const dataKey = randomBytes(32)
      return {
        wrappedKey: encrypt(keyOf(place.tenantId, 'wrap'), dataKey, wrapping(place)),
        sealed: encrypt(dataKey, Buffer.from(JSON.stringify(value)), place),
      }
    },
    open({ wrappedKey, sealed }: Sealed, place: Place): unknown {
      const dataKey = decrypt(keyOf(place.tenantId, 'wrap'), wrappedKey, wrapping(place))
      return JSON.parse(decrypt(dataKey, sealed, place).toString())
    },
    /** Several columns of one row under one fresh data key, each read on its own; bytes stay bytes. */
    sealColumns<C extends string>(columns: Record<C, Buffer>, row: Row) {
      const dataKey = randomBytes(32)
      const sealed = Object.fromEntries(
        Object.entries<Buffer>(columns).map(([column, plain]) => [
          column,
          encrypt(dataKey, plain, { ...row, column }),
        ]),
      ) as Record<C, Buffer>
      return { wrappedKey: encrypt(keyOf(row.tenantId, 'wrap'), dataKey, { ...row, column: 'key' }), sealed }
    },
    openColumn({ wrappedKey, sealed }: Sealed, place: Place): Buffer {
      const dataKey = decrypt(keyOf(place.tenantId, 'wrap'), wrappedKey, { ...place, column: 'key' })
      return decrypt(dataKey, sealed, place)
    },
    /** A keyed index for exact match only: equal values of one municipality are equal, nothing else is told. */
    index: (tenantId: string, kind: string, value: string) =>
      createHmac('sha256', keyOf(tenantId, 'index')).update(`${kind}\u0000${value}`).digest(),
  }
}
