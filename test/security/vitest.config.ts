// How does the whole run? The same suites as every day with the figures that take half an hour, and what only they try.
import { defineConfig } from 'vitest/config'
import { whole, type Figures } from '../support/figures.ts'
import others from '../vitest.config.ts'

/** What run.ts was told, if it was: fewer runs, to try it out. */
const told = JSON.parse(process.env['SECURITY_FIGURES'] ?? '{}') as Partial<Figures>

export default defineConfig({
  test: {
    ...others.test,
    provide: { figures: { ...whole, ...told } },
    include: [
      'test/hostile/**/*.test.ts',
      'test/model/**/*.test.ts',
      'test/access/**/*.test.ts',
      'test/security/**/*.test.ts',
    ],
    exclude: [],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: [
      ['default', { summary: false }],
      new URL('../support/report.ts', import.meta.url).pathname,
      new URL('table.ts', import.meta.url).pathname,
    ] as never,
  },
})
