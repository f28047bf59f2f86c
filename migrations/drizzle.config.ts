import { defineConfig } from 'drizzle-kit'

// Only ever `npx drizzle-kit generate --config migrations/drizzle.config.ts`; never `push` (see README.md beside this).
export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/platform/tables.ts', './src/modules/*/table.ts'],
  out: './migrations',
})
