// Is this the token of a provider that a municipality trusts, and as whom does its holder act?
import type { FastifyRequest } from 'fastify'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { createHash } from 'node:crypto'
import { NIL, v5, v7 as newId } from 'uuid'
import { access, type Action } from '../../access.ts'
import { actor, type Actor } from '../../platform/actor.ts'
import type { Tx } from '../../platform/db.ts'
import type { Claims, Deps, ForeignTokens } from '../../platform/http.ts'
import { Problem } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { Email, newUser, tenantById } from '../identity/index.ts'
import { algorithms, createIssuers, Unreachable } from './issuer.ts'
import * as queries from './queries.ts'
import * as rules from './rules.ts'
import type { identityProviders } from './table.ts'

type Provider = typeof identityProviders.$inferSelect
interface Token {
  text: string
  typ: string
  issuer: string
  audiences: string[]
}
/** What a token opens, until it is looked at anew. */
interface Opened {
  claims: Claims
  until: number
}

const remembered = 10_000
const longest = 60_000
// A cookie jar of groups is no token; a municipality with that many maps fewer.
const longestToken = 8 * 1024
const longestSession = 24 * 3600
const tolerance = 5

const isAction = (scope: string) => Object.hasOwn(access, scope) && Array.isArray(access[scope as Action].who)

/** What can be said of a token without asking anybody. */
function tokenIn(request: FastifyRequest): Token | undefined {
  const [, text] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(request.headers.authorization ?? '') ?? []
  if (!text || text.length > longestToken) return undefined
  try {
    const { alg = '', typ = 'JWT', ...header } = decodeProtectedHeader(text)
    if (!algorithms.includes(alg)) return undefined
    if (!rules.isAtJwt(typ) && !/^(application\/)?jwt$/i.test(typ)) return undefined
    // Keys are the provider's, never the token's.
    if (['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64'].some((field) => field in header)) return undefined
    const { iss, aud } = decodeJwt(text)
    const audiences = [aud].flat().filter((one) => typeof one === 'string')
    if (!iss || !/^https?:\/\//.test(iss) || iss.length > 300) return undefined
    if (audiences.length === 0 || audiences.length > 20) return undefined
    return { text, typ, issuer: iss, audiences }
  } catch {
    return undefined
  }
}

const membershipNamed = ({ headers }: FastifyRequest) => {
  const named = headers['lotse-membership']
  return typeof named === 'string' ? named.toLowerCase() : undefined
}

/**
 * Bearer tokens of identity providers. What is remembered for a minute is only that a token was right and which session
 * is its own: that this session still lives is asked in every transaction (lotse.enter), as of every other.
 */
export function providerTokens({ db, log, outbound }: Pick<Deps, 'db' | 'log' | 'outbound'>): ForeignTokens {
  const issuers = createIssuers(outbound)
  const opened = new Map<string, Opened>()
  const opening = new Map<string, ReturnType<typeof open>>()

  const nameOf = (request: FastifyRequest) => {
    const { authorization = '' } = request.headers
    return createHash('sha256')
      .update(`${membershipNamed(request) ?? ''} ${authorization}`)
      .digest('base64url')
  }
  const signing = (tenantId: string, requestId: string, more: Partial<Actor> = {}) =>
    actor({ action: 'providers.sign_in', requestId, tenantId, ...more })

  async function open(request: FastifyRequest, token: Token) {
    const { issuer, audiences } = token
    // Before the municipality is known there is none: the policies show nothing.
    const places = await db.read(signing(NIL, request.id), ask(queries.providerOf, { issuer, audiences }))
    // A token for two municipalities is for none: which one is meant, nobody can tell.
    const [place, ...others] = places[0]
    if (!place || others.length > 0) return undefined
    const { tenantId, providerId } = place
    const [[provider]] = await db.read(
      signing(tenantId, request.id),
      ask(queries.providerById, { id: providerId }),
    )
    if (!provider?.active) return undefined
    const payload = await verified(token, provider)
    if (!payload || rules.isAnotherKind(payload)) return undefined
    try {
      return await whose(request, token, provider, payload)
    } catch (error) {
      if (error instanceof Problem && error.kind.status === 403) return { tenant: tenantId, refused: error }
      throw error
    }
  }

  async function verified({ text }: Token, { id, issuer, audience }: Provider) {
    try {
      return await issuers.verified(text, issuer, audience)
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      log.warn({ provider: id }, 'an identity provider does not answer')
      throw rules.refuse('provider_unreachable')
    }
  }

  async function whose(
    request: FastifyRequest,
    token: Token,
    provider: Provider,
    payload: rules.Payload,
  ): Promise<Opened | undefined> {
    const clientId = rules.clientIdOf(payload)
    const machine = provider.machines.find((one) => one.clientId === clientId)
    const subject = rules.textOf(payload, provider.subjectClaim, 255)
    // A client that is a machine is nobody's way in: what a person does through it, the machine would have done.
    if (machine && rules.isOfPerson(payload, token.typ)) throw rules.refuse('member_unknown')
    if (!machine && !subject) return undefined
    const who = machine
      ? await machineOf(request, provider, machine.serviceAccountId, payload)
      : await personOf(request, provider, subject!, payload)

    const { tenantId, id: providerId } = provider
    const now = Date.now() / 1000
    const exp = Math.min(payload['exp'] as number, now + longestSession)
    const sessionId = v5(
      createHash('sha256').update(`${who.membershipId} ${token.text}`).digest('base64url'),
      providerId,
    )
    const signer = signing(tenantId, request.id, { userId: who.userId, membershipId: who.membershipId })
    const [[session]] = await db.read(
      signing(tenantId, request.id),
      ask(queries.sessionById, { id: sessionId }),
    )
    if (!session)
      await db.as(signer, async (tx) => {
        tx.saveAll(queries.sessionOfToken, {
          id: sessionId,
          userId: who.userId,
          membershipId: who.membershipId,
          expiresAt: new Date((exp + tolerance) * 1000).toISOString(),
          scopes: who.scopes,
          originId: providerId,
        })
      })
    return {
      claims: {
        sub: who.userId,
        tenant: tenantId,
        membership: who.membershipId,
        session: sessionId,
        ...(who.from.length > 0 && { from: who.from }),
      },
      until: Math.min(Date.now() + longest, (exp + tolerance) * 1000),
    }
  }

  async function machineOf(
    { id: requestId }: FastifyRequest,
    { tenantId }: Provider,
    serviceAccountId: string,
    payload: rules.Payload,
  ) {
    const who = signing(tenantId, requestId)
    const [[account]] = await db.read(who, ask(queries.accountById, { id: serviceAccountId }))
    if (!account || !rules.isLiving(account, who.today)) throw rules.refuse('member_unknown')
    const said = rules.scopesOf(payload, isAction, true)
    const scopes = said ? account.scopes.filter((scope) => said.includes(scope)) : account.scopes
    return { userId: account.id, membershipId: account.membershipId, scopes, from: account.addresses }
  }

  async function personOf(
    request: FastifyRequest,
    provider: Provider,
    subject: string,
    payload: rules.Payload,
  ) {
    const { tenantId, id: providerId } = provider
    const whom = { providerId, subject }
    const [[known], before] = await db.read(
      signing(tenantId, request.id),
      ask(queries.personOfSubject, whom),
      ask(queries.heldBySubject, whom),
    )
    let held = before
    const { give, end, isNewest } = rules.inStep(held, provider, payload, known?.newestIat)
    if (!known || isNewest || give.length > 0 || end.length > 0)
      held = await db.as(signing(tenantId, request.id), async (tx) => {
        await tx.one(queries.inTurn, whom)
        // Once more: another request of the same person may just have done it.
        const person = await tx.one(queries.personOfSubject, whom)
        const userId = person?.id ?? (await newcomer(tx, provider, subject, payload))
        tx.actor.userId = userId
        const present = await tx.all(queries.heldBySubject, whom)
        const change = rules.inStep(present, provider, payload, person?.newestIat)
        if (person && change.isNewest)
          tx.saveAll(queries.followedToken, { ...whom, newestIat: rules.issuedAt(payload) })
        for (const { id } of change.end) tx.saveAll(queries.takenBack, { id })
        for (const { role, organizationId } of change.give)
          tx.save(queries.newMembershipOf, { id: newId(), userId, organizationId, role, providerId })
        return await tx.all(queries.heldBySubject, whom)
      })
    const membership = rules.membershipFor(held, membershipNamed(request))
    if (!membership) throw rules.refuse('member_unknown')
    return {
      userId: membership.userId,
      membershipId: membership.id,
      scopes: rules.scopesOf(payload, isAction, false),
      from: [],
    }
  }

  /** Somebody seen for the first time: the person here with the same verified address, or somebody new; if allowed to. */
  async function newcomer(tx: Tx, provider: Provider, subject: string, payload: rules.Payload) {
    const { data: email } = Email.safeParse(rules.textOf(payload, provider.emailClaim, 254))
    if (!email) throw rules.refuse('member_unknown')
    await tx.one(queries.addressInTurn, { email })
    const namesakes = await tx.all(queries.namesakes, { email, providerId: provider.id })
    const known = rules.linkedTo(namesakes, provider, payload)
    const userId = known ?? newId()
    if (!known) {
      // Whom no mapping gives anything is nobody here: no row is made of everybody in the city's directory.
      if (rules.inStep([], provider, payload).give.length === 0) throw rules.refuse('member_unknown')
      const tenant = await tx.one(tenantById, { id: provider.tenantId })
      const name = rules.textOf(payload, provider.nameClaim, 200) ?? email
      tx.save(newUser, { id: userId, email, name, language: tenant!.language })
    }
    tx.save(queries.newSubject, {
      id: newId(),
      providerId: provider.id,
      subject,
      userId,
      emailVerified: rules.isVouchedFor(payload),
      newestIat: rules.issuedAt(payload),
    })
    return userId
  }

  return {
    known(request) {
      const name = nameOf(request)
      const found = opened.get(name)
      if (found && found.until > Date.now()) return found.claims
      opened.delete(name)
      return undefined
    },
    async check(request) {
      const token = tokenIn(request)
      if (!token) return undefined
      const name = nameOf(request)
      // Many requests of one page begin at the same moment, with the same token.
      const one = opening.get(name) ?? open(request, token).finally(() => opening.delete(name))
      opening.set(name, one)
      const answer = await one
      if (!answer || 'refused' in answer) return answer
      if (opened.size >= remembered) opened.delete(opened.keys().next().value!)
      opened.set(name, answer)
      return answer.claims
    },
  }
}
