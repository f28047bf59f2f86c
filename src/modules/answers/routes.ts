// How does an agency without an account answer one referral, once, and how does the sender know what became of the link?
import cookies from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { v7 as newId } from 'uuid'
import { actor as actorOf } from '../../platform/actor.ts'
import { createAttempts } from '../../platform/attempts.ts'
import { Later } from '../../platform/db.ts'
import { pageHeaders } from '../../platform/html.ts'
import type { Deps } from '../../platform/http.ts'
import { enqueue } from '../../platform/jobs.ts'
import type { Language } from '../../platform/language.ts'
import { found, missing } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, type App } from '../../platform/zod.ts'
import { attachmentsOf, contentById, handedOut, named } from '../attachments/index.ts'
import { tenantById } from '../identity/index.ts'
import { tell } from '../notices/index.ts'
import { answerAccepted, answerDeclined, asSender, lockReferral, referralById } from '../referrals/index.ts'
import { disclosed } from '../releases/index.ts'
import { codePage, donePage, plainPage, questionPage, sheet, type Filled } from './page.ts'
import * as queries from './queries.ts'
import * as rules from './rules.ts'
import * as wire from './schema.ts'
import type { answerLinks } from './table.ts'
import { answerTokens, type LinkId } from './token.ts'
import type { Question } from './words.ts'

type LinkRow = typeof answerLinks.$inferSelect

const shown = (row: LinkRow, now: number, { code = null as string | null, awaited = true } = {}) => ({
  ...row,
  status: rules.statusOf(row, now, awaited),
  code,
})

export function answerRoutes(app: App, deps: Deps) {
  const { db, keys } = deps
  const tokens = answerTokens(keys)

  app.post(
    '/v1/referrals/:id/answer-link',
    {
      config: {
        action: 'answer_links.create',
        resource: '/v1/referrals/:id/answer-link',
        refuses: [
          'only_the_sender',
          'referral_awaits_no_answer',
          'recipient_has_no_email',
          'answer_link_exists',
        ],
      },
      schema: {
        summary: 'Let an agency without an account answer',
        description:
          'Makes a link that goes out by e-mail and answers the code for it, once: it is told by phone. Valid for fourteen days; five wrong codes lock it for good. A repeated request answers without the code.',
        params: ById,
        body: wire.NewAnswerLink,
        response: { 201: wire.AnswerLink },
      },
    },
    ({ actor, params, body }, reply) =>
      db.as(actor, async (tx) => {
        const [referral, [recipient], [municipality], [former]] = await tx.load(
          lockReferral,
          params,
          ask(queries.recipientOf, params),
          ask(tenantById, { id: actor.tenantId }),
          ask(queries.lockLivingLink, { referralId: params.id }),
        )
        const row = rules.unanswered(asSender(referral, actor.organizationId))
        const email = rules.addressOf(body.email, recipient?.email)
        rules.replaceable(former, tx.now)
        if (former) tx.save(queries.revokedLink, { id: former.id, revokedAt: tx.now })
        const link = { tenantId: actor.tenantId, linkId: newId() }
        const code = tokens.newCode()
        const made = tx.save(queries.newLink, {
          id: link.linkId,
          compartmentId: row.compartmentId,
          caseId: row.caseId,
          clientId: row.clientId,
          referralId: row.id,
          recipientOrganizationId: row.recipientOrganizationId,
          email,
          language: body.language ?? found(municipality).language,
          codeHash: tokens.hashOf(link, code),
          expiresAt: rules.expiryOf(tx.now),
          createdByUserId: actor.userId!,
        })
        enqueue(tx, 'mail_answer_link', { ...link })
        void reply.header('location', `/v1/referrals/${row.id}/answer-link`)
        return new Later(row.id, () => shown(made.row(), Date.parse(tx.now), { code }))
      }),
  )

  app.get(
    '/v1/referrals/:id/answer-link',
    {
      config: { action: 'answer_links.read' },
      schema: {
        summary: 'What became of the link?',
        description:
          'The newest link of a referral: mailed, opened, answered, locked or revoked. Never the code.',
        params: ById,
        response: { 200: wire.AnswerLink },
      },
    },
    async ({ actor, params }) => {
      const [[referral], [link]] = await db.read(
        actor,
        ask(referralById, params),
        ask(queries.newestLinkOf, { referralId: params.id }),
      )
      return shown(found(link), Date.now(), { awaited: rules.isUnanswered(found(referral)) })
    },
  )

  app.post(
    '/v1/answer-links/:id/revoke',
    {
      config: {
        action: 'answer_links.revoke',
        resource: '/v1/referrals/:id/answer-link',
        refuses: ['answer_link_ended'],
      },
      schema: {
        summary: 'Revoke a link',
        description: 'Works with the next request, also for whoever has opened it.',
        params: ById,
        response: { 200: wire.AnswerLink },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const link = await tx.load(queries.lockLink, params)
        const ended = tx.save(queries.revokedLink, { id: link.id, ...rules.revoke(link, tx.now) })
        return new Later(link.referralId, () => shown(ended.row(), Date.parse(tx.now)))
      }),
  )

  // The page: outside it nobody reads cookies or forms.
  void app.register(async (scope) => {
    await scope.register(cookies)
    await scope.register(formbody, { bodyLimit: 16 * 1024 })
    scope.addHook('onRequest', async (request, reply) => {
      void reply.headers(pageHeaders(sheet))
      const { token } = request.params as { token: string }
      const link = tokens.read(token) ?? missing()
      request.actor = actorOf({
        action: request.routeOptions.config.action!,
        requestId: request.id,
        tenantId: link.tenantId,
        sessionId: link.linkId,
      })
      request.actor.trail.objects.add(link.linkId)
      if (request.method === 'POST') fromOurPage(request)
    })
    scope.addHook('preHandler', async ({ actor }) => {
      // A form is sent once more by hand, or not at all: nobody's key is kept for a link.
      actor.idempotency = undefined
    })
    answerPages(scope as unknown as App, deps)
  })
}

const cookie = 'lotse_answer'
const asPage = { page: (status: number) => plainPage(status) }

/** A form of another site must not answer for somebody. What an old browser leaves out, the strict cookie decides. */
function fromOurPage({ headers, host }: FastifyRequest) {
  const { origin, 'sec-fetch-site': site } = headers
  // With `Referrer-Policy: no-referrer`, browsers send `Origin: null` from our own page too.
  const foreign = origin !== undefined && origin !== 'null' && !origin.endsWith(`://${host}`)
  if (foreign || (site !== undefined && site !== 'same-origin')) missing()
}

const isLoopback = (hostname: string) => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(hostname)

const kept = ({ protocol, hostname }: FastifyRequest, token: string) =>
  ({
    path: `/answer/${token}`,
    httpOnly: true,
    sameSite: 'strict',
    secure: protocol === 'https' || !isLoopback(hostname),
    maxAge: rules.openMinutes * 60,
  }) as const

function answerPages(app: App, { db, vault, keys }: Deps) {
  const tokens = answerTokens(keys)
  const attempts = createAttempts(keys)
  const linkOf = ({ actor }: FastifyRequest): LinkId => ({
    tenantId: actor.tenantId,
    linkId: actor.sessionId!,
  })
  const mayPass = (request: FastifyRequest) =>
    tokens.passes(linkOf(request), request.cookies[cookie], Date.now())
  const sent = (reply: FastifyReply, language: Language, markup: string) => {
    void reply.type('text/html; charset=utf-8').header('content-language', language)
    return markup as never
  }

  /** All that whoever opened the link may still see, as far as there is anything to answer. */
  async function asked(request: FastifyRequest, token: string, lang: Language | undefined, filled?: Filled) {
    const { actor } = request
    const [[link], [referral], rows, guides, [municipality]] = await db.read(
      actor,
      ask(queries.linkFace, { id: actor.sessionId! }),
      ask(queries.linkedReferral, {}),
      ask(queries.linkedDisclosures, {}),
      ask(queries.guides, {}),
      ask(tenantById, { id: actor.tenantId }),
    )
    const { language, openedUntil } = found(link)
    const open = found(referral)
    if (!openedUntil || !rules.isUnanswered(open)) return missing()
    const [attached] = await db.read(actor, ask(attachmentsOf, { referralId: open.id }))
    const chosen = lang ?? language
    return {
      language: chosen,
      markup: questionPage(
        chosen,
        {
          token,
          referral: open,
          openUntil: openedUntil,
          timeZone: found(municipality).timeZone,
          disclosed: rows.map((row) => disclosed(vault, row, chosen)),
          attachments: attached.map((row) => named(vault, actor.tenantId, row)),
          questions: new Map(
            guides
              .flatMap(({ content }) => content.domains.flatMap(({ questions }) => questions))
              .map((question): [string, Question] => [question.id, question]),
          ),
        },
        filled,
      ),
    }
  }

  app.get(
    '/answer/:token',
    {
      config: { action: 'answers.show', ...asPage },
      schema: { params: wire.ByToken, querystring: wire.PageQuery },
    },
    async (request, reply) => {
      const { params, query, actor } = request
      if (mayPass(request)) {
        const { language, markup } = await asked(request, params.token, query.lang)
        return sent(reply, language, markup)
      }
      const [[link]] = await db.read(actor, ask(queries.linkFace, { id: actor.sessionId! }))
      if (!rules.isLiving(found(link), Date.now())) missing()
      const language = query.lang ?? found(link).language
      return sent(reply, language, codePage(language, params.token))
    },
  )

  app.post(
    '/answer/:token',
    {
      config: { action: 'answers.unlock', ...asPage },
      schema: { params: wire.ByToken, querystring: wire.PageQuery, body: wire.CodeForm },
    },
    async (request, reply) => {
      const { params, query, body, actor } = request
      const of = linkOf(request)
      // A link counts for itself; whoever has many of them is counted by where they come from.
      const attempt = attempts.of('answer_link', request.ip)
      const [[begun]] = await db.read(actor, attempt.begins)
      attempt.admit(begun)
      const tried = await db.as(actor, async (tx) => {
        const link = await tx.one(queries.tryCode, {
          id: of.linkId,
          codeHash: tokens.hashOf(of, rules.codeFrom(body.code)),
          most: rules.most,
          minutes: rules.openMinutes,
        })
        if (!link) return missing()
        if (link.right) attempt.succeeded(tx)
        const locked = link.tries >= rules.most
        actor.successStatus = link.right ? 303 : locked ? 404 : 403
        if (locked)
          tell(
            tx,
            'answer_link_locked',
            { kind: 'referral', id: link.referralId },
            { leadOf: { caseId: link.caseId, compartmentId: link.compartmentId } },
          )
        return link
      })
      const language = query.lang ?? tried.language
      if (!tried.right) {
        await db.read(actor, attempt.failed())
        const left = rules.most - tried.tries
        if (left <= 0) missing()
        void reply.code(403)
        return sent(reply, language, codePage(language, params.token, left))
      }
      const pass = tokens.passFor(of, Date.parse(tried.openedUntil!))
      void reply.setCookie(cookie, pass, kept(request, params.token))
      // Whoever loads the page again then sends no code again.
      return reply.redirect(`/answer/${params.token}?lang=${language}`, 303) as never
    },
  )

  app.get(
    '/answer/:token/attachments/:attachment',
    {
      config: { action: 'answers.download', ...asPage },
      schema: { params: wire.FileByToken },
    },
    async (request, reply) => {
      if (!mayPass(request)) missing()
      const { actor, params } = request
      const [[referral], [file]] = await db.read(
        actor,
        ask(queries.linkedReferral, {}),
        ask(contentById, { id: params.attachment }),
      )
      if (!rules.isUnanswered(found(referral))) missing()
      return handedOut(reply, vault, actor.tenantId, found(file)) as never
    },
  )

  app.post(
    '/answer/:token/answer',
    {
      config: { action: 'answers.give', ...asPage },
      schema: { params: wire.ByToken, querystring: wire.PageQuery, body: wire.AnswerForm },
    },
    async (request, reply) => {
      if (!mayPass(request)) missing()
      const { params, query, body, actor } = request
      const read = rules.decisionOf(body)
      if ('wrong' in read) {
        const again = await asked(request, params.token, query.lang, { wrong: read.wrong, form: body })
        void reply.code(400)
        return sent(reply, again.language, again.markup)
      }
      const { decision } = read
      const language = await db.as(actor, async (tx) => {
        const [referral, [link]] = await tx.load(
          queries.lockLinkedReferral,
          {},
          ask(queries.lockLink, { id: actor.sessionId! }),
        )
        if (!link) return missing()
        const byLink = { byLink: true }
        if (decision.kind === 'accept') answerAccepted(tx, referral, decision.name, byLink)
        else answerDeclined(tx, referral, decision, decision.name, byLink)
        tx.save(queries.answeredLink, { id: link.id, answeredAt: tx.now })
        return link.language
      })
      // Chromium keeps a page for "back" in spite of `no-store` until a cookie gets another value; that it is deleted
      // does not count.
      void reply.setCookie(cookie, 'answered', kept(request, params.token))
      return sent(reply, query.lang ?? language, donePage(query.lang ?? language, decision.kind))
    },
  )
}
