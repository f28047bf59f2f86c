// What becomes of one line? The requests that it stands for, each of them as if the caller had sent it.
import type { FastifyRequest } from 'fastify'
import { parseJson } from '../../platform/body.ts'
import { sameCaller, type Deps } from '../../platform/http.ts'
import { languageOf } from '../../platform/language.ts'
import { Problem, problem, render, type FieldError } from '../../platform/problem.ts'
import { ShapeError, type App } from '../../platform/zod.ts'
import { longestLine, type Line } from './file.ts'
import { kinds, type Own } from './kinds.ts'
import { differences, refuse } from './rules.ts'
import { ImportLine, kinds as names, type ImportedLine } from './schema.ts'

type Fields = Record<string, unknown>
type Outcome = Pick<ImportedLine, 'status' | 'id'> & { refusal?: Refusal }
interface Refusal {
  code: string
  errors: FieldError[]
}

/** Somebody else changes the record at the same moment: after so many tries the line is refused as `stale`. */
const tries = 3

export function createTaker(app: App, { db, vault }: Deps) {
  const parse = parseJson(app as never)

  return (request: FastifyRequest) => {
    const { actor } = request
    const language = languageOf(request.headers['accept-language'])

    const parsed = ({ bytes }: Line) =>
      new Promise<unknown>((resolve, reject) => {
        if (bytes.length > longestLine) return reject(unreadable('line_too_long'))
        return parse(request, bytes, (error, json) => {
          if (!error) resolve(json)
          else reject(error instanceof Problem ? error : unreadable('invalid_json'))
        })
      })

    /** A request of its own: authorised, validated, audited and committed like any other of this caller. */
    async function send(method: 'GET' | 'POST' | 'PATCH', url: string, body?: Fields, ifMatch?: unknown) {
      const {
        statusCode,
        headers,
        body: text,
      } = await app.inject({
        method,
        url,
        remoteAddress: request.ip,
        headers: {
          ...sameCaller(request),
          ...(body && { 'content-type': 'application/json' }),
          ...(typeof ifMatch === 'string' && { 'if-match': ifMatch }),
        },
        ...(body && { payload: JSON.stringify(body) }),
      })
      const told = JSON.parse(text) as Fields & Refusal
      // While the service stops, its framework answers by itself.
      if (statusCode >= 500 && !Array.isArray(told.errors)) throw problem('try_again')
      return { status: statusCode, etag: headers['etag'], body: told }
    }
    type Answer = Awaited<ReturnType<typeof send>>

    async function take(given: unknown): Promise<Outcome> {
      const shape = ImportLine.safeParse(given)
      if (!shape.success) throw new ShapeError(ImportLine, given, 'body')
      const line = shape.data
      const { find, references, collection, one, meeting } = kinds[line.kind]

      // As it was sent, so that the single request fills in its own defaults, and the trail names what was named.
      const { kind: _, ...named } = given as Fields
      const values: Fields = { ...line }
      const asNamed = new Map<string, string>()
      const found = Object.entries(references).filter(([name]) => named[name] !== undefined)
      const [[own], ...others] = await db.read(
        actor,
        find(line.externalId),
        ...found.map(([name, reference]) => reference.find(String(named[name]))),
      )
      const unknown = found.filter((_, at) => others[at]![0] === undefined)
      if (unknown.length > 0)
        throw problem(
          'unknown_reference',
          unknown.map(([name]) => ({ pointer: `/${name}`, code: 'unknown_reference' })),
        )
      found.forEach(([name, { field }], at) => {
        if (named[field] !== undefined)
          throw problem('invalid_request', [{ pointer: `/${name}`, code: 'one_of_both' }])
        delete named[name]
        named[field] = values[field] = others[at]![0]!.id
        asNamed.set(`/${field}`, `/${name}`)
      })

      const refused = ({ body: { code, errors } }: Answer, id: string | null): Outcome => ({
        status: 'refused',
        id,
        refusal: {
          code,
          errors: errors.map((error) => ({ ...error, pointer: asNamed.get(error.pointer) ?? error.pointer })),
        },
      })

      let present: Own | undefined = own
      let last: Answer | undefined
      for (let attempt = 0; attempt < tries; attempt++) {
        if (!present) {
          if (line.kind === 'referral' && named['caseId'] === undefined)
            throw problem('invalid_request', [{ pointer: '/caseId', code: 'invalid_type' }])
          const { url, body } = collection(named)
          const answer = await send('POST', url, body)
          if (answer.status === 201) return { status: 'created', id: String(answer.body['id']) }
          if (answer.body.code !== 'external_id_taken') return refused(answer, null)
          // Written a moment ago by the same file, sent twice at once.
          ;[[present]] = await db.read(actor, find(line.externalId))
          if (!present) return refused(answer, null)
        }
        const { id } = present
        const there = await send('GET', one(id))
        if (there.status !== 200) return refused(there, null)
        const given = Object.fromEntries(Object.keys(named).map((field) => [field, values[field]]))
        const { patch, fixed } = differences(
          given,
          there.body,
          meeting(there.body, present, vault, actor.tenantId),
        )
        if (fixed.length > 0) {
          const told = refuse(
            'import_field_fixed',
            fixed.map((field) => ({
              pointer: asNamed.get(`/${field}`) ?? `/${field}`,
              code: 'import_field_fixed',
            })),
          )
          return { status: 'refused', id, refusal: render(told, language, request.id) }
        }
        if (Object.keys(patch).length === 0) return { status: 'unchanged', id }
        last = await send('PATCH', one(id), patch, there.etag)
        if (last.status === 200) return { status: 'changed', id }
        if (last.status !== 412) return refused(last, id)
      }
      return refused(last!, present!.id)
    }

    return async (line: Line): Promise<ImportedLine> => {
      let given: unknown
      let outcome: Outcome
      try {
        given = await parsed(line)
        outcome = await take(given)
      } catch (error) {
        const told = error instanceof ShapeError ? problem('invalid_request') : error
        if (!(told instanceof Problem)) throw error
        const { code, errors } = render(told, language, request.id)
        outcome = {
          status: 'refused',
          id: null,
          refusal: { code, errors: error instanceof ShapeError ? error.in(language) : errors },
        }
      }
      const { kind, externalId } = (given ?? {}) as Fields
      return {
        line: line.number,
        kind: names.find((name) => name === kind) ?? null,
        externalId: ImportLine.options[0].shape.externalId.safeParse(externalId).data ?? null,
        status: outcome.status,
        id: outcome.id,
        code: outcome.refusal?.code ?? null,
        errors: (outcome.refusal?.errors ?? []).map(({ pointer, code, detail }) => ({
          pointer,
          code,
          detail,
        })),
      }
    }
  }
}

const unreadable = (code: string) => problem('invalid_request', [{ pointer: '', code }])
