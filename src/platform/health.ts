// Is the process alive, and can it answer?
import { z } from 'zod'
import type { Db } from './db.ts'
import { problem } from './problem.ts'
import type { App } from './zod.ts'

const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })

export function healthRoutes(app: App, db: Db) {
  app.get(
    '/health/live',
    {
      config: { action: 'health.live' },
      schema: {
        summary: 'Does the process run?',
        description: 'Asks nothing but itself.',
        response: { 200: Health },
      },
    },
    async () => ({ status: 'ok' as const }),
  )
  app.get(
    '/health/ready',
    {
      config: { action: 'health.ready' },
      schema: {
        summary: 'Can the service answer?',
        description: 'Asks the database; 503 while it cannot be reached.',
        response: { 200: Health },
      },
    },
    async () => {
      await db.ready().catch((error: unknown) => {
        throw Object.assign(problem('try_again'), { cause: error })
      })
      return { status: 'ok' as const }
    },
  )
}
