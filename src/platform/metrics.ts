// How is the service doing? Figures for whoever runs it; a label is a word of the code, never an id, a name or an address.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type pg from 'pg'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { z } from 'zod'
import { problem } from './problem.ts'
import type { App } from './zod.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

export type Metrics = ReturnType<typeof createMetrics>

/** A registry for each service of a process: tests have many. `audit` is how many answers wait for their row. */
export function createMetrics({ pool, audit }: { pool: pg.Pool; audit: () => number }) {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'lotse_requests_total',
    help: 'Requests that were answered, by action and class of status.',
    labelNames: ['action', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'lotse_request_duration_seconds',
    help: 'How long they took.',
    labelNames: ['action'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const jobs = new Counter({
    name: 'lotse_jobs_total',
    help: 'Jobs that ran in this process, by task and result.',
    labelNames: ['task', 'result'],
    registers,
  })
  const build = new Gauge({
    name: 'lotse_build_info',
    help: 'Always 1; its labels say what runs.',
    labelNames: ['version', 'node'],
    registers,
  })
  build.set({ version, node: process.version }, 1)

  const lag = monitorEventLoopDelay({ resolution: 20 })
  lag.enable()
  // Looked up when somebody asks, and never otherwise. The names of a process are those that dashboards know.
  const looked: [string, string, () => number][] = [
    ['lotse_database_connections_in_use', 'That a request holds.', () => pool.totalCount - pool.idleCount],
    ['lotse_database_connections_most', 'DATABASE_POOL.', () => pool.options.max],
    ['lotse_database_requests_waiting', 'For a connection.', () => pool.waitingCount],
    ['lotse_audit_rows_waiting', 'Answers that wait until their audit row is durable.', audit],
    [
      'nodejs_eventloop_lag_p99_seconds',
      'Since the last look.',
      () => {
        const seconds = lag.percentile(99) / 1e9
        lag.reset()
        return seconds
      },
    ],
    ['process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()],
    ['nodejs_heap_size_used_bytes', 'Of the heap.', () => process.memoryUsage().heapUsed],
    ['process_start_time_seconds', 'Since 1970.', () => Math.round(Date.now() / 1000 - process.uptime())],
  ]
  for (const [name, help, value] of looked)
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })

  return {
    /** What was asked for is named by its action; what exists not, by nothing. */
    answered({ routeOptions }: FastifyRequest, { statusCode, elapsedTime }: FastifyReply) {
      const action = routeOptions.config.action ?? 'none'
      requests.inc({ action, status: `${Math.floor(statusCode / 100)}xx` })
      durations.observe({ action }, elapsedTime / 1_000)
    },
    job: (task: string, result: 'done' | 'failed') => jobs.inc({ task, result }),
    text: () => registry.metrics(),
    type: registry.contentType,
    end: () => lag.disable(),
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/**
 * Only with the token of METRICS_TOKEN; without one in the environment there is no such address. That somebody asks from
 * this machine proves nothing: behind a proxy, everybody does.
 */
export function metricsRoutes(app: App, metrics: Metrics, token: string | undefined) {
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`)
  app.get(
    '/metrics',
    {
      config: { action: 'metrics.read', refuses: ['not_signed_in', 'not_found'] },
      schema: {
        summary: 'How is the service doing?',
        description: 'For Prometheus, with the token of the installation; 404 where none is set.',
        produces: 'text/plain',
        response: { 200: z.string() },
      },
    },
    async ({ headers }, reply) => {
      if (!expected) throw problem('not_found')
      if (!timingSafeEqual(digest(headers.authorization ?? ''), expected)) throw problem('not_signed_in')
      return reply
        .header('cache-control', 'no-store')
        .type(metrics.type)
        .serializer((text: string) => text)
        .send(await metrics.text()) as never
    },
  )
}
