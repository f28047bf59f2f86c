// How does the whole run? The same suites as every day with the figures that take half an hour, and what only they try.
import { defineConfig } from 'vitest/config'
import { whole, type Figures } from '../support/figures.ts'
import others from '../vitest.config.ts'

/** What run.ts was told, if it was: fewer runs, to try it out. */
const told = JSON.parse(process.env['SECURITY_FIGURES'] ?? '{}') as Partial<Figures>

// Each project below says itself which files are its own.
const { include: _, exclude: __, ...shared } = others.test!
const alone = 'test/security/timing.test.ts'

export default defineConfig({
  test: {
    ...shared,
    provide: { figures: { ...whole, ...told } },
    testTimeout: 120_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'suites',
          include: ['hostile', 'model', 'concurrency', 'access', 'security'].map(
            (folder) => `test/${folder}/**/*.test.ts`,
          ),
          exclude: [alone],
          sequence: { groupOrder: 0 },
        },
      },
      // What counts time has the machine for itself, after everything else.
      { extends: true, test: { name: 'time', include: [alone], exclude: [], sequence: { groupOrder: 1 } } },
    ],
    reporters: [
      ['default', { summary: false }],
      new URL('../support/report.ts', import.meta.url).pathname,
      new URL('table.ts', import.meta.url).pathname,
    ] as never,
  },
})
