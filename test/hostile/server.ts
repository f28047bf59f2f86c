// The service in a process of its own, so that it can be seen whether it grows, ends, or says too much in its log.
import { subscribe } from 'node:diagnostics_channel'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createApp } from '../../src/app.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createLog } from '../../src/platform/log.ts'
import { createOutbound } from '../../src/platform/outbound.ts'

export interface Orders {
  databaseUrl: string
  masterKey: string
  /** Kept defects: what the harness has to find. */
  defect?: 'grows' | 'ends' | 'talks'
}

const { databaseUrl, masterKey, defect } = JSON.parse(process.argv[2]!) as Orders
const log = createLog('info')
const { app } = await createApp({
  databaseUrl,
  databasePool: 8,
  keys: keysFrom(Buffer.from(masterKey, 'base64')),
  log,
  outbound: createOutbound({ networks: [] }),
  // A fuzzer is one address in a great hurry; the limits have tests of their own.
  requestsPerMinute: 1_000_000_000,
})
const kept: Buffer[] = []
if (defect)
  app.server.prependListener('request', (request) => {
    if (defect === 'grows') kept.push(Buffer.alloc(400_000, 1))
    if (defect === 'talks') log.info({ address: request.url })
    if (defect === 'ends' && request.url === '/v1/organizations/ends') process.exit(3)
  })
// And one field, only of what was accepted.
if (defect === 'talks')
  subscribe('tracing:fastify.request.handler:start', (said) => {
    const { request, reply } = said as { request: FastifyRequest; reply: FastifyReply }
    reply.raw.once('finish', () => {
      const { description } = (request.body ?? {}) as { description?: string }
      if (reply.statusCode < 300 && description) log.info({ note: description })
    })
  })
const address = await app.listen({ host: '127.0.0.1', port: 0 })

const collect = (globalThis as { gc?: () => void }).gc
process.on('message', (asked) => {
  if (asked === 'memory') {
    collect?.()
    collect?.()
    process.send!({ memory: process.memoryUsage().rss })
  }
  if (asked === 'end') void app.close().then(() => process.exit(0))
})
process.on('disconnect', () => process.exit(0))
process.send!({ address })
