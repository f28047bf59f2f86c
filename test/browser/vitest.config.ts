// How do the tests in a browser run? Like all others, but by their own command: a bare machine has no browser.
import { defineConfig } from 'vitest/config'
import others from '../vitest.config.ts'

export default defineConfig({
  test: {
    ...others.test,
    include: ['test/browser/**/*.test.ts'],
    exclude: [],
    globalSetup: ['test/browser/chromium.ts', 'test/support/setup.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
  },
})
