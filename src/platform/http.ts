// How does every request walk? Who asks, what went wrong, which version, and the audit row before the answer.
import jwt from '@fastify/jwt'
import fastify, { type FastifyReply, type FastifyRequest, type LightMyRequestResponse } from 'fastify'
import { createHash, createHmac } from 'node:crypto'
import { v7 as newId } from 'uuid'
import { z } from 'zod'
import { access, type Action } from '../access.ts'
import { actor, type Actor } from './actor.ts'
import { comesFrom } from './addresses.ts'
import type { ReadAudit } from './audit.ts'
import { bodyLimit, parseJson, refuseWhatIsNoText, watchSpeed } from './body.ts'
import { Replayed, type Db } from './db.ts'
import { collectMethods, refuseOnSocket, secure } from './edge.ts'
import type { Keys } from './keys.ts'
import { languageOf } from './language.ts'
import { createLimits } from './limits.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Outbound } from './outbound.ts'
import { Problem, problem, render, type ProblemCode } from './problem.ts'
import type { Vault } from './seal.ts'
import { createTokens } from './tokens.ts'
import { serializerCompiler, ShapeError, validatorCompiler, type App, type ZodTypes } from './zod.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What is attempted: the key of access.ts, the operationId, the audit verb and the log field. */
    action?: Action
    /** Where the answer of a POST can be read again, when it is not the path without its last verb. */
    resource?: string
    /** A POST that only looks something up: its criteria are audited as a hash, and repeating it needs no key. */
    search?: boolean
    /** A POST of many lines, each of which is an act of its own: nobody keeps its report, and repeating it needs no key. */
    bulk?: boolean
    /** With which codes only this route and a few others refuse; the common ones stand in openapi.ts. */
    refuses?: readonly ProblemCode[]
    /** There is no version to name: what is deleted never changed, or what is done changes no row that has one. */
    unversioned?: boolean
    /** A page for people, who have no token and read HTML: how it says that something is refused. */
    page?: (status: number, request: FastifyRequest) => string
  }
  interface FastifyRequest {
    actor: Actor
  }
  interface FastifySchema {
    summary?: string
    description?: string
    /** Media types of an answer that is not, or not only, JSON. */
    produces?: string | readonly string[]
    /** Media type of a body that is not JSON. */
    consumes?: string
  }
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: Claims
    user: Claims
  }
}

/** What an access token says; the role is read from the database with every request. */
export interface Claims {
  sub: string
  tenant: string
  membership: string
  session: string
  /** The networks from which it may be used; a change of them ends the session. */
  from?: string[]
}

/** Bearer tokens that somebody else has made: contributed from a module, assembled in app.ts. */
export interface ForeignTokens {
  /** One that was found right a moment ago. */
  known(request: FastifyRequest): Claims | undefined
  /** Whose it is; or for whose trail the refusal is, when it is right and lets nobody in. */
  check(request: FastifyRequest): Promise<Claims | { tenant: string; refused: Problem } | undefined>
}

export interface Deps {
  db: Db
  vault: Vault
  keys: Keys
  log: Logger
  /** The only way to an address that somebody has named. */
  outbound: Outbound
}

export const accessTokenSeconds = 600
const issuer = 'lotse'

export interface HttpDeps extends Deps {
  readAudit: ReadAudit
  /** Whose X-Forwarded headers are believed. */
  trustProxy: string[]
  requestsPerMinute: number
  metrics: Metrics
  foreignTokens: ForeignTokens
}

export async function createHttp(deps: HttpDeps): Promise<App> {
  const { db, keys, log, readAudit, trustProxy, requestsPerMinute, metrics, foreignTokens } = deps
  const app = fastify({
    bodyLimit,
    trustProxy: trustProxy.length > 0 && trustProxy,
    // The outermost bound; how fast a body has to come is watched in body.ts.
    requestTimeout: 600_000,
    http: { headersTimeout: 8_000, connectionsCheckingInterval: 1_000 },
    clientErrorHandler: refuseOnSocket(log),
    exposeHeadRoutes: false,
    genReqId: () => newId(),
    logger: false,
    routerOptions: { maxParamLength: 100 },
    // An address that cannot be read is an address where nothing is; Fastify's own answer would repeat it.
    frameworkErrors: (_, request, reply) => {
      // No hook runs for it.
      atTheDoor(request, reply)
      const answer = (told: Problem) => void reply.send(problemAnswer(request, reply, told) as never)
      // It counts like any other that names nothing.
      void limited(request, reply, undefined).then(
        () => answer(problem('not_found')),
        (refusal: unknown) => answer(toldOf(refusal)),
      )
    },
  }).withTypeProvider<ZodTypes>() as App

  app.setValidatorCompiler(validatorCompiler as never)
  app.setSerializerCompiler(serializerCompiler as never)
  app.removeContentTypeParser(['text/plain', 'application/json'])
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    parseJson(app as never),
  )
  app.decorateRequest('actor', null as unknown as Actor)

  await app.register(jwt, {
    secret: { private: keys.token.privateKey, public: keys.token.publicKey },
    sign: { algorithm: 'EdDSA', expiresIn: `${accessTokenSeconds}s`, iss: issuer, aud: issuer },
    verify: { algorithms: ['EdDSA'], allowedIss: issuer, allowedAud: issuer, cache: false },
  })

  const limited = await createLimits(app, requestsPerMinute)
  const methods = collectMethods()
  const tokenOf = createTokens(app)
  const criteriaKey = keys.derive('audit criteria')

  app.addHook('onRoute', (route) => {
    const { url } = route
    methods.add(route)
    if (route.config?.action === undefined && url.startsWith('/v1/')) throw new Error(`${url} has no action`)
    // What nobody described is refused in a query as it is in a body.
    if (url.startsWith('/v1/')) route.schema = { querystring: NoQuery, ...route.schema }
    const [success] = Object.keys((route.schema?.response as object) ?? {})
    if (success) route.config = { ...route.config, successStatus: Number(success) } as never
  })

  function atTheDoor(request: FastifyRequest, reply: FastifyReply) {
    secure(request, reply)
    watchSpeed(request, () => {
      const { socket } = request.raw
      // As node says it of headers that do not end.
      if (reply.sent) socket.destroy()
      else
        app.server.emit(
          'clientError',
          Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
          socket,
        )
    })
  }
  app.addHook('onRequest', async (request, reply) => atTheDoor(request, reply))

  // Who asks? The token only; whether they may is decided in the first statement of the transaction.
  app.addHook('onRequest', async (request, reply) => {
    const { action } = request.routeOptions.config
    const isMember = action !== undefined && typeof access[action].who !== 'string'
    let claims = isMember
      ? (tokenOf(request.headers.authorization) ?? foreignTokens.known(request))
      : undefined
    if (!action || !isOutsideLimits(action))
      await limited(request, reply, claims && `${claims.tenant} ${claims.sub}`)
    if (!isMember) return
    if (!claims) {
      const whose = await foreignTokens.check(request)
      if (whose && 'refused' in whose) {
        request.actor = actor({ action, requestId: request.id, tenantId: whose.tenant })
        throw whose.refused
      }
      claims = whose
    }
    if (!claims) throw problem('not_signed_in')
    request.actor = actor({
      action,
      requestId: request.id,
      tenantId: claims.tenant,
      userId: claims.sub,
      membershipId: claims.membership,
      sessionId: claims.session,
      ifMatch: request.routeOptions.config.unversioned ? undefined : versionOf(request.headers['if-match']),
      versionRequired:
        ['PATCH', 'PUT', 'DELETE'].includes(request.method) && !request.routeOptions.config.unversioned,
      successStatus: successOf(request),
    })
    const { id } = (request.params ?? {}) as { id?: string }
    if (id && /^[0-9a-f-]{36}$/i.test(id)) request.actor.trail.objects.add(id)
    if (claims.from && !comesFrom(claims.from, request.ip)) throw problem('address_not_allowed')
  })

  app.addHook('preParsing', async (request) => {
    const { 'content-encoding': encoding = 'identity' } = request.headers
    // Of a body that is not there, it says nothing.
    if (request.method !== 'GET' && encoding.toLowerCase() !== 'identity')
      throw problem('unsupported_media_type')
  })

  app.addHook('preValidation', async (request) => {
    // First, because what is no text cannot be noted on the audit trail either.
    refuseWhatIsNoText(request)
    const { actor: who, body } = request
    // As it was sent: zod fills in defaults that nobody named.
    if (who && body !== null && typeof body === 'object' && !request.routeOptions.config.search)
      who.trail.fields = Object.keys(body)
  })

  app.addHook('preHandler', async (request, reply) => {
    void reply.code(successOf(request))
    const { actor: who, body, method } = request
    if (!who) return
    const { search, bulk } = request.routeOptions.config
    const canonical = JSON.stringify(body ?? null)
    if (search) who.trail.criteria = createHmac('sha256', criteriaKey).update(canonical).digest('base64url')
    const key = request.headers['idempotency-key']
    if (method === 'POST' && !search && key !== undefined) {
      // A key that promises nothing is worse than none.
      if (bulk)
        throw problem('invalid_request', [{ pointer: '/header/idempotency-key', code: 'not_replayable' }])
      if (typeof key !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(key))
        throw problem('invalid_request', [{ pointer: '/header/idempotency-key', code: 'invalid_format' }])
      const fingerprint = createHash('sha256').update(`${request.url}\n${canonical}`).digest('base64url')
      who.idempotency = { key, fingerprint }
    }
  })

  const versions = new WeakMap<FastifyReply, number>()

  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    const { version, id } = (payload ?? {}) as { version?: unknown; id?: unknown }
    // A version that the answer does not show is that of another row.
    if (typeof version === 'number' && names(request, 'version')) versions.set(reply, version)
    if (reply.statusCode === 201 && typeof id === 'string' && !reply.hasHeader('location'))
      reply.header('location', resourceOf(request, id))
    return payload
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const who = request.actor
    const { action } = request.routeOptions.config
    if (action && access[action].who !== 'public') reply.header('cache-control', 'no-store')
    if (!who) return payload
    let answer = payload
    const version = versions.get(reply)
    if (version !== undefined && reply.statusCode < 300 && typeof payload === 'string') {
      const etag = `"${version}.${createHash('sha256').update(payload).digest('base64url').slice(0, 8)}"`
      reply.header('etag', etag)
      if (request.method === 'GET' && request.headers['if-none-match'] === etag) {
        void reply.code(304)
        answer = ''
      }
    }
    if (who.trail.durable) return answer
    try {
      await readAudit.append(who, reply.statusCode, refusals.get(reply) ?? null)
      who.trail.durable = true
      return answer
    } catch (error) {
      log.error(
        { err: error, requestId: request.id },
        'the audit trail cannot be written: nothing is answered',
      )
      for (const name of ['etag', 'location', 'www-authenticate', 'idempotent-replayed'])
        reply.removeHeader(name)
      return problemAnswer(request, reply, problem('try_again'))
    }
  })

  const refusals = new WeakMap<FastifyReply, string>()

  function problemAnswer(request: FastifyRequest, reply: FastifyReply, told: Problem, shape?: ShapeError) {
    const language = languageOf(request.headers['accept-language'])
    const document = render(told, language, request.id)
    void reply
      .code(told.kind.status)
      .type('application/problem+json')
      .headers({ 'content-language': language, 'cache-control': 'no-store' })
    if (told.kind.status !== 401) reply.removeHeader('www-authenticate')
    else if (!reply.hasHeader('www-authenticate')) reply.header('www-authenticate', 'Bearer')
    if (told.kind.status === 503) reply.header('retry-after', '2')
    if (told.retryAfter !== undefined) reply.header('retry-after', String(told.retryAfter))
    return JSON.stringify(shape ? { ...document, errors: shape.in(language) } : document)
  }

  app.setErrorHandler(async (error: Error & { statusCode?: number; code?: string }, request, reply) => {
    if (error instanceof Replayed) return replay(error, request, reply)
    let told = toldOf(error)
    // 403 comes before 400: what was wrong with the body is told only to those who may attempt this at all.
    const who = request.actor
    // Names that no schema knows could be anybody's words.
    if (who && error instanceof ShapeError) who.trail.fields = []
    if (who && who.role === null && [400, 413, 415].includes(told.kind.status))
      await db.enter(who).catch((refusal: unknown) => {
        told = toldOf(refusal)
      })
    if (told.kind.status >= 500 || told.cause)
      log.error({ err: told.cause ?? error, requestId: request.id }, told.code)
    refusals.set(reply, told.code)
    const { page } = request.routeOptions.config
    // Whoever asks for a page learns nothing of why: every refusal is the same 404, but our own failure and too many tries.
    if (page) {
      const status = told.kind.status === 429 ? 429 : told.kind.status < 500 ? 404 : 503
      if (told.retryAfter !== undefined) reply.header('retry-after', String(told.retryAfter))
      return reply
        .code(status)
        .type('text/html; charset=utf-8')
        .send(page(status, request) as never)
    }
    return reply.send(
      problemAnswer(
        request,
        reply,
        told,
        error instanceof ShapeError && told.kind.status === 400 ? error : undefined,
      ),
    )
  })

  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.of(request.url)
    if (allowed.length > 0) reply.header('allow', allowed.join(', '))
    const told = problem(allowed.length > 0 ? 'method_not_allowed' : 'not_found')
    return reply.send(problemAnswer(request, reply, told))
  })

  /** The earlier outcome, read again as this actor: what they may no longer see, they do not get from a replay either. */
  async function replay({ resourceId, status }: Replayed, request: FastifyRequest, reply: FastifyReply) {
    const again = await app.inject({
      method: 'GET',
      url: resourceOf(request, resourceId),
      remoteAddress: request.ip,
      headers: { ...sameCaller(request), accept: 'application/json' },
    })
    // Nobody, or nothing, was asked yet.
    if (again.statusCode === 401 || again.statusCode >= 500) return passedOn(again, reply)
    reply.header('idempotent-replayed', 'true')
    if (again.statusCode !== 200) return passedOn(again, reply)
    if (status === 201 && names(request, 'id')) reply.header('location', resourceOf(request, resourceId))
    return passedOn(again, reply, status)
  }

  app.addHook('onResponse', async (request, reply) => {
    metrics.answered(request, reply)
    // One line per request; the path as a pattern, so that no id of a person stands in it.
    log.info({
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url,
      action: request.routeOptions.config.action,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    })
  })

  return app
}

function toldOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof ShapeError) return problem('invalid_request')
  const { statusCode } = error as { statusCode?: number }
  if (statusCode === 413) return problem('body_too_large')
  if (statusCode === 415) return problem('unsupported_media_type')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return problem('invalid_request', [{ pointer: '', code: 'invalid_json' }])
  return Object.assign(problem('internal_error'), { cause: error })
}

/** What a request that went on inside was answered, as the answer to the one that came in. */
export function passedOn(inner: LightMyRequestResponse, reply: FastifyReply, status = inner.statusCode) {
  for (const name of ['content-type', 'content-language', 'etag', 'retry-after', 'www-authenticate'])
    if (inner.headers[name] !== undefined) reply.header(name, inner.headers[name])
  return reply
    .code(status)
    .serializer((text: string) => text)
    .send(inner.body)
}

/** For a request that goes on inside: who asks, and in which language they read. */
export const sameCaller = ({ headers }: FastifyRequest) => ({
  authorization: headers.authorization ?? '',
  ...(headers['lotse-membership'] && { 'lotse-membership': headers['lotse-membership'] }),
  ...(headers['accept-language'] && { 'accept-language': headers['accept-language'] }),
})

const NoQuery = z.strictObject({})

/** Whoever watches over the service must hear from it also when it has too much to do. */
const isOutsideLimits = (action: Action) => action.startsWith('health.') || action.startsWith('metrics.')

const successOf = (request: FastifyRequest) =>
  (request.routeOptions.config as { successStatus?: number }).successStatus ?? 200

/** Whether the answer of this route has a field of this name. */
function names(request: FastifyRequest, field: string): boolean {
  const answers = request.routeOptions.schema?.response as Record<string, unknown> | undefined
  const answer = answers?.[successOf(request)]
  return !(answer instanceof z.ZodObject) || field in answer.shape
}

/** `/v1/referrals/:id/accept` is read again at `/v1/referrals/:id`; a collection at its entry. */
function resourceOf(request: FastifyRequest, id: string) {
  const { url = '', config } = request.routeOptions
  const pattern =
    config.resource ?? (/\/:id\/[a-z-]+$/.test(url) ? url.replace(/\/[a-z-]+$/, '') : `${url}/:id`)
  return pattern.replace(':id', id)
}

/** The version in our own ETags; NaN for anything else, which then matches no row. */
const versionOf = (ifMatch: string | undefined) =>
  ifMatch === undefined ? undefined : Number(/^"(\d+)\.[\w-]{8}"$/.exec(ifMatch)?.[1] ?? Number.NaN)
