// How do many rows become one hash that any of them would change? The tree of RFC 9162 § 2.1 (and RFC 6962 before it).
import { hash } from 'node:crypto'

export const sha256 = (data: string | Buffer): Buffer => hash('sha256', data, 'buffer')

// The two prefixes keep a leaf from being taken for a node: without them two rows could pass for one, whose bytes are
// their hashes (second preimage).
const nodePrefix = Buffer.from([1])

export const leafHash = (data: string): Buffer => sha256(`\u0000${data}`)
export const nodeHash = (left: Buffer, right: Buffer): Buffer =>
  sha256(Buffer.concat([nodePrefix, left, right]))

export interface Tree {
  readonly size: number
  add(leaf: Buffer): void
  root(): Buffer
}

/** Leaves are added one by one; kept is only the root of each complete subtree: 17 hashes for 100,000 leaves. */
export function createTree(): Tree {
  const complete: Buffer[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    add(leaf) {
      complete.push(leaf)
      size += 1
      for (let rest = size; rest % 2 === 0; rest /= 2) {
        const right = complete.pop()!
        complete.push(nodeHash(complete.pop()!, right))
      }
    },
    // The tree of nothing is the hash of nothing.
    root: () =>
      complete.reduceRight<Buffer | undefined>(
        (right, left) => (right ? nodeHash(left, right) : left),
        undefined,
      ) ?? sha256(''),
  }
}
