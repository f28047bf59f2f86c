// How is a password kept, and recognised again?
import { hash, verify } from '@node-rs/argon2'

// OWASP's second recommendation for argon2id: 19 MiB, two passes.
const argon2id = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
export const hashOf = (password: string) => hash(password, argon2id)
export const isPassword = (passwordHash: string, password: string) => verify(passwordHash, password)
