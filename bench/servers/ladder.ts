// What does each layer cost? Operation 1 six times on bare Fastify, from a constant to a durable audit row.
import jwt from '@fastify/jwt'
import fastify, { type FastifyRequest } from 'fastify'
import pg from 'pg'
import type { Action } from '../../src/access.ts'
import { actor } from '../../src/platform/actor.ts'
import { createReadAudit } from '../../src/platform/audit.ts'
import { inOneRoundTrip, roundTrips } from '../../src/platform/batch.ts'
import { createPool } from '../../src/platform/pool.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import type { Claims } from '../../src/platform/http.ts'
import type { Ask } from '../../src/platform/statement.ts'
import { masterKey, type Size } from '../layout.ts'
import { operations } from '../operations.ts'
import { record, translated, type Trip } from '../trace.ts'
import { given, idleTimeoutMillis, serve } from './serve.ts'

const calls = operations.client(given.size as Size)
const [trace] = await record(given.serviceUrl, calls.slice(0, 1))
const underRls = new Map(calls.map((call) => [call.path, translated(trace!, call)[0]!]))

/** The same statement as a superuser: what the settings say and the policies would ask is given as values. */
const bare = new Map(
  calls.map(({ path, ids }) => {
    const { statement, values } = underRls.get(path)!.at(-1)!
    const [tenant, unit] = [values.length + 1, values.length + 2]
    const text = statement.text
      .replaceAll('lotse.tenant_id()', `$${tenant}::uuid`)
      .replaceAll('lotse.compartments()', `array[$${unit}::uuid]`)
      .replace(/lotse\.\w+\(\)/g, 'null')
    return [
      path,
      [
        {
          statement: { ...statement, name: 'bare', text },
          values: [...values, ids[0], ids[5]],
        } satisfies Ask<unknown>,
      ],
    ]
  }),
)

const app = fastify()
await app.register(jwt, {
  secret: { public: keysFrom(masterKey).token.publicKey },
  verify: { algorithms: ['EdDSA'], allowedIss: 'lotse', allowedAud: 'lotse', cache: 10_000 },
})
const pool = createPool(given.serviceUrl, given.pool)
const superuser = new pg.Pool({
  connectionString: given.adminUrl,
  max: given.pool,
  options: '-c timezone=UTC',
  idleTimeoutMillis,
})
const audit = createReadAudit(createPool(given.serviceUrl, 2, '-c role=lotse_audit'))

const verified = (request: FastifyRequest) => request.jwtVerify<Claims>()

async function asked(from: typeof pool, trip: Trip): Promise<{ json: string; ids: string[] }> {
  const client = await from.connect()
  try {
    const rows = await inOneRoundTrip(client, trip)
    return (rows.at(-1) as { json: string; ids: string[] }[])[0]!
  } finally {
    client.release()
  }
}

const pathOf = (request: FastifyRequest) => request.url.slice(request.url.indexOf('/v1/'))
const rungs: Record<string, (request: FastifyRequest) => Promise<string> | string> = {
  static: () => trace!.body,
  jwt: async (request) => {
    await verified(request)
    return trace!.body
  },
  prepared: async (request) => {
    await verified(request)
    return (await asked(superuser, bare.get(pathOf(request))!)).json
  },
  rls: async (request) => {
    await verified(request)
    return (await asked(pool, underRls.get(pathOf(request))!)).json
  },
  audit: async (request) => {
    const { tenant, sub, membership, session } = await verified(request)
    const { json, ids } = await asked(pool, underRls.get(pathOf(request))!)
    const action: Action = 'clients.read'
    const who = actor({
      action,
      requestId: request.id,
      tenantId: tenant,
      userId: sub,
      membershipId: membership,
      sessionId: session,
    })
    for (const id of ids) who.trail.objects.add(id)
    await audit.append(who, 200, null)
    return json
  },
}
for (const [name, answer] of Object.entries(rungs))
  app.get(`/${name}/*`, async (request, reply) => {
    const body = await answer(request)
    return reply.type('application/json').send(body)
  })

await serve(app, () => roundTrips.count)
