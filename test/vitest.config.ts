// How do the tests run? One PostgreSQL for all of them, two processes, and one copy of the template per file.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // `npm run test:browser`: not every machine has a browser.
    exclude: ['test/browser/**'],
    globalSetup: ['test/support/setup.ts'],
    pool: 'forks',
    // Loading the service takes longer than most files; what a file changes in a module, it puts back itself.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // What a failing line shows is ours to read, not a diff of a whole document.
    chaiConfig: { truncateThreshold: 400 },
  },
})
