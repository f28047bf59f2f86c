// Which keys does an installation have? All of them are derived from one master key, so there is one secret to keep.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Keys {
  /** 32 bytes for one purpose (RFC 5869). */
  derive(purpose: string): Buffer
  /** Ed25519, for the access tokens of this installation. */
  token: { privateKey: string; publicKey: string }
  /** Ed25519, for the heads of the audit trail: whoever verifies them knows the public one. */
  audit: { privateKey: KeyObject; publicKey: KeyObject; id: string }
}

// RFC 8410 § 7: the fixed beginning of a PKCS #8 Ed25519 private key; the 32 bytes of the seed follow.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

export function keysFrom(masterKey: Buffer): Keys {
  if (masterKey.length !== 32) throw new Error('the master key has 32 bytes')
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', masterKey, 'lotse', purpose, 32))
  const ed25519 = (purpose: string) =>
    createPrivateKey({ key: Buffer.concat([pkcs8, derive(purpose)]), format: 'der', type: 'pkcs8' })
  const privateKey = ed25519('access token')
  const audit = ed25519('audit trail')
  const pem = (key: KeyObject, type: 'pkcs8' | 'spki') => key.export({ format: 'pem', type }).toString()
  return {
    derive,
    token: { privateKey: pem(privateKey, 'pkcs8'), publicKey: pem(createPublicKey(privateKey), 'spki') },
    audit: {
      privateKey: audit,
      publicKey: createPublicKey(audit),
      id: keyIdOf(createPublicKey(audit)),
    },
  }
}

/** What a public key is called: the beginning of its hash. */
export const keyIdOf = (key: KeyObject) =>
  createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex')
    .slice(0, 16)

/** The same, where there is one already: for a command that must not make another. */
export async function presentMasterKey(given: string | undefined, dataDir: string) {
  const text = given ?? (await readFile(join(dataDir, 'master.key'), 'utf8').catch(() => undefined))
  return text === undefined ? undefined : Buffer.from(text.trim(), 'base64')
}

/** The master key from the environment or, where there is none, from a file of the data folder, made on first use. */
export async function masterKey(given: string | undefined, dataDir: string): Promise<Buffer> {
  if (given) return Buffer.from(given, 'base64')
  const file = join(dataDir, 'master.key')
  const read = async () => Buffer.from((await readFile(file, 'utf8')).trim(), 'base64')
  try {
    return await read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // Written aside, then linked: a kill -9 in the middle leaves no half key, and of two starts one key wins.
  const draft = `${file}.${process.pid}`
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true })
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  return read()
}
