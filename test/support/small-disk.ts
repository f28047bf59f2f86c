// A PostgreSQL on a disk of its own, as a process of its own: `unshare -m` gives it a mount that nobody else sees.
// It says where it is, and does what it is told, a word a line: fill the disk, free it, start again.
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'

const dataDir = process.argv[2]!
const ballast = join(dataDir, 'ballast')
const say = (word: string, more: object = {}) =>
  process.stdout.write(`${JSON.stringify({ word, ...more })}\n`)
let postgres: EmbeddedPostgres | undefined

async function start() {
  postgres = await startEmbeddedPostgres({ dataDir })
  void postgres.lost.then(() => say('lost'))
  say('started', { adminUrl: postgres.adminUrl })
}

async function fill() {
  const file = await open(ballast, 'a')
  const write = async (size: number) => {
    const piece = Buffer.alloc(size, 1)
    for (;;) await file.write(piece)
  }
  await write(65_536)
    .catch(() => write(1_024))
    .catch(() => {})
  await file.close()
  say('full')
}

const words: Record<string, () => Promise<unknown>> = {
  start,
  fill,
  free: () => rm(ballast, { force: true }).then(() => say('free')),
}
const lines = createInterface({ input: process.stdin })
lines.on('line', (word) => void words[word]!())
// Whoever asked for this is gone: so is the disk.
lines.on('close', () => void (postgres?.stop() ?? Promise.resolve()).then(() => process.exit(0)))
await start()
