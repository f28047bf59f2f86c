// How does a measured process say that it is ready, and what it has used so far?
import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'

/** What a target process is told when it starts. */
export interface Given {
  serviceUrl: string
  adminUrl: string
  pool: number
  size: string
}

export const given = JSON.parse(process.argv[2] ?? '{}') as Given

/** One PostgreSQL has not enough connections for all targets at once: whoever is not being measured lets go of them. */
export const idleTimeoutMillis = 2_000

export interface Used {
  /** µs of this process. */
  cpu: number
  rss: number
  roundTrips: number
}

export const used = (roundTrips = 0): Used => {
  const { user, system } = process.cpuUsage()
  return { cpu: user + system, rss: process.memoryUsage.rss(), roundTrips }
}

export async function serve(app: Pick<FastifyInstance, 'listen' | 'server'>, roundTrips: () => number) {
  await app.listen({ host: '127.0.0.1', port: 0 })
  process.on('message', () => process.send!(used(roundTrips())))
  process.on('disconnect', () => process.exit())
  process.send!({ port: (app.server.address() as AddressInfo).port })
}
