// How do the tests run? One PostgreSQL for all of them, three processes, and one copy of the template per file.
import { statfsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { everyday } from './support/figures.ts'

// PostgreSQL and everything else that lies in a temporary folder lies in memory, where there is room: nobody's disk is tested.
const inMemory = '/dev/shm'
try {
  const { bavail, bsize } = statfsSync(inMemory)
  if (bavail * bsize > 6e9) process.env['TMPDIR'] = inMemory
} catch {
  // Other systems have no such folder.
}

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // `npm run test:browser`: not every machine has a browser. `npm run test:security`: what takes long, or counts time.
    exclude: ['test/browser/**', 'test/clients/**', 'test/security/**'],
    globalSetup: ['test/support/setup.ts'],
    provide: { figures: everyday },
    pool: 'forks',
    // Loading the service takes longer than most files; what a file changes in a module, it puts back itself.
    isolate: false,
    // On two cores too: while one waits for PostgreSQL or for a process that starts, another works.
    maxWorkers: 3,
    // Every answer is read, checked and thrown away: with room for that, less is copied.
    execArgv: ['--max-semi-space-size=64'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // What was left out is named with its reason; what nobody allowed to leave out fails the run.
    reporters: ['default', new URL('support/report.ts', import.meta.url).pathname],
    allowOnly: false,
    // What a failing line shows is ours to read, not a diff of a whole document.
    chaiConfig: { truncateThreshold: 400 },
  },
})
