// How do many records come in from another system at once, as often as needed, and nothing twice?
import { Readable } from 'node:stream'
import type { Deps } from '../../platform/http.ts'
import { mediaType } from '../../platform/ndjson.ts'
import { problem } from '../../platform/problem.ts'
import { validatorCompiler, type App } from '../../platform/zod.ts'
import { largest, linesOf, received } from './file.ts'
import { refuse } from './rules.ts'
import * as wire from './schema.ts'
import { createTaker } from './take.ts'

/** Each holds its whole file in memory, from its first byte on: also one that comes slowly. */
const atOnce = 4
/** So none keeps the others out, however slowly its files come. */
const ofOneMunicipality = 2
const patience = 60_000

export function importRoutes(app: App, deps: Deps) {
  const taker = createTaker(app, deps)

  const running = new Map<symbol, string>()
  function enter(tenantId: string) {
    const own = [...running.values()].filter((other) => other === tenantId).length
    if (running.size >= atOnce || own >= ofOneMunicipality) throw problem('try_again')
    const place = Symbol()
    running.set(place, tenantId)
    return () => void running.delete(place)
  }

  // Here a body is a file of lines, and none of them is looked at before all have come.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    routes(scope as unknown as App)
  })

  function routes(app: App) {
    app.post(
      '/v1/imports',
      {
        bodyLimit: largest,
        config: { action: 'imports.run', bulk: true, refuses: ['import_needs_ndjson', 'import_too_large'] },
        // Each line is validated when its turn comes.
        validatorCompiler: (route) =>
          route.httpPart === 'body' ? (body: unknown) => ({ value: body }) : validatorCompiler(route),
        schema: {
          summary: 'Import people, cases and referrals',
          description: `At most 10 MiB and 10,000 lines, each at most 64 KiB: JSON objects with \`kind\`, \`externalId\` and the fields of the POST of that kind. Lines are taken one after the other, each in a transaction of its own and under exactly the rules of the single request; a wrong line says so in the report and harms no other. A line may name a record of a line further up by its own id (\`clientExternalId\`, \`caseExternalId\`, \`previousCaseExternalId\`).

The file may be sent as often as needed. What is there already under its own id is compared field by field with what the line names: nothing differs, then \`unchanged\`; otherwise it is patched (\`changed\`), and a field that cannot be patched is \`refused\` with its pointer. What the line does not name stays. Next step and lead say how a case begins and are not compared; somebody who is known further meanwhile stays so; a referral that was sent is never changed. When the connection breaks, lines that were done are done and no line is done by half: send the file again.

The report is complete when its last line, with the sums, is there. It cannot be replayed: an \`Idempotency-Key\` is refused, and not needed.`,
          consumes: mediaType,
          produces: mediaType,
          body: wire.ImportLine,
          response: { 200: wire.ImportReport },
        },
      },
      async (request, reply) => {
        const { headers } = request.raw
        // Whoever may not import does not make us read ten megabytes.
        await deps.db.enter(request.actor)
        if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== mediaType)
          throw refuse('import_needs_ndjson')
        const leave = enter(request.actor.tenantId)
        reply.raw.once('close', leave)
        const file = await received(request).catch((error: unknown) => {
          leave()
          throw error
        })
        const take = taker(request)

        async function* report() {
          const sums = { lines: 0, created: 0, unchanged: 0, changed: 0, refused: 0 }
          try {
            for (const line of linesOf(file)) {
              const taken = await take(line)
              sums.lines += 1
              sums[taken.status] += 1
              // Whoever sends a file and does not listen to its report keeps others waiting.
              const stuck = setTimeout(() => reply.raw.destroy(), patience).unref()
              yield `${JSON.stringify(taken)}\n`
              clearTimeout(stuck)
            }
            yield `${JSON.stringify(sums)}\n`
          } finally {
            leave()
          }
        }
        return reply.type(mediaType).send(Readable.from(report(), { objectMode: false }) as never)
      },
    )
  }
}
