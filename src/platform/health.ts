// Is the process alive, can it answer, and what of it does not work?
import { z } from 'zod'
import type { ReadAudit } from './audit.ts'
import type { Db } from './db.ts'
import { problem } from './problem.ts'
import type { App } from './zod.ts'

const Live = z.object({ status: z.literal('ok') }).meta({ id: 'Live' })
const parts = ['writes', 'jobs'] as const
const Ready = z
  .object({
    status: z.enum(['ok', 'degraded']),
    failing: z
      .array(z.enum(parts))
      .max(parts.length)
      .meta({ description: 'What does not work: `writes` (no room, or read-only), `jobs` (the queue).' }),
  })
  .meta({ id: 'Ready' })

/** Looking whether there is room costs PostgreSQL about ten milliseconds: not for every question. */
const looksEvery = 5_000

export interface Health {
  /** Whether the queue works; set by a process that works on it. */
  jobs: (() => boolean) | undefined
}

export function createHealth(db: Db, audit: ReadAudit) {
  const health: Health = { jobs: undefined }
  let looked = 0
  let room: Promise<boolean> = Promise.resolve(true)

  /** @throws Problem when nothing could be answered: no database, or no audit row, and without one no data leaves. */
  async function look(): Promise<z.output<typeof Ready>> {
    await db.ready().catch((error: unknown) => {
      throw Object.assign(problem('try_again'), { cause: error })
    })
    if (audit.failing()) throw problem('try_again')
    if (Date.now() - looked > looksEvery) {
      looked = Date.now()
      room = db.hasRoom()
    }
    const works = { writes: await room, jobs: health.jobs?.() ?? true }
    const failing = parts.filter((part) => !works[part])
    return { status: failing.length > 0 ? 'degraded' : 'ok', failing }
  }
  return { health, look }
}

export function healthRoutes(app: App, look: ReturnType<typeof createHealth>['look']) {
  app.get(
    '/health/live',
    {
      config: { action: 'health.live' },
      schema: {
        summary: 'Does the process run?',
        description: 'Asks nothing but itself.',
        response: { 200: Live },
      },
    },
    async (_, reply) => {
      reply.header('cache-control', 'no-store')
      return { status: 'ok' as const }
    },
  )
  app.get(
    '/health/ready',
    {
      config: { action: 'health.ready' },
      schema: {
        summary: 'Can the service answer?',
        description:
          'Asks the database, and at times whether it has room. 503 while nothing could be answered; 200 with `degraded` while something else does not work: every process of an installation has the same database, so taking one away helps nobody.',
        response: { 200: Ready },
      },
    },
    async (_, reply) => {
      reply.header('cache-control', 'no-store')
      return look()
    },
  )
}
