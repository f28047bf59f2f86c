// What is somebody told, and how often may an e-mail remind them?
import { after, page } from '../../platform/cursor.ts'
import type { Deps } from '../../platform/http.ts'
import { found } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, type App } from '../../platform/zod.ts'
import * as queries from './queries.ts'
import * as wire from './schema.ts'

export function noticeRoutes(app: App, { db }: Deps) {
  app.get(
    '/v1/notices',
    {
      config: { action: 'notices.list' },
      schema: {
        summary: 'List what I am told',
        description:
          'As a member, as somebody of my organisation, as lead of a case (also whom I stand in for today, and all of my unit as its head), or as a holder of my role; the newest first.',
        querystring: wire.NoticeFilter,
        response: { 200: wire.Notices },
      },
    },
    async ({ actor, query: { limit, cursor, seen } }) => {
      const [rows] = await db.read(
        actor,
        ask(queries.noticePage, { ...after(cursor, 'newest'), seen: seen === 'true', limit: limit + 1 }),
      )
      return page(rows, limit, ({ createdAt }) => createdAt)
    },
  )

  app.get(
    '/v1/notices/:id',
    {
      config: { action: 'notices.read' },
      schema: {
        summary: 'Read what I am told',
        description: 'What happened, and to which record; the record itself is read at its own address.',
        params: ById,
        response: { 200: wire.Notice },
      },
    },
    async ({ actor, params }) => {
      const [[notice]] = await db.read(actor, ask(queries.noticeById, params))
      return found(notice)
    },
  )

  app.post(
    '/v1/notices/:id/seen',
    {
      config: { action: 'notices.seen', unversioned: true },
      schema: {
        summary: 'Mark a notice as seen',
        description:
          'By whoever is told first, for all who are told with them. Once more changes nothing and answers the same.',
        params: ById,
        response: { 200: wire.Notice },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const notice = found(await tx.one(queries.lockNotice, params))
        return notice.seenAt === null
          ? tx.save(queries.seenNotice, { id: notice.id, seenAt: tx.now })
          : notice
      }),
  )

  app.get(
    '/v1/me/mail',
    {
      config: { action: 'mail.read' },
      schema: {
        summary: 'Read how often an e-mail reminds me',
        description: 'Under the membership under which one acts; once a day until it is set otherwise.',
        response: { 200: wire.MailSettings },
      },
    },
    async ({ actor }) => {
      const [[settings]] = await db.read(actor, ask(queries.ownMail, {}))
      return found(settings)
    },
  )

  app.patch(
    '/v1/me/mail',
    {
      config: { action: 'mail.update' },
      schema: {
        summary: 'Choose how often an e-mail reminds me',
        description:
          'At once, once a day after eight in the morning, or never. The e-mail says that something waits and nothing else.',
        body: wire.MailChange,
        response: { 200: wire.MailSettings },
      },
    },
    ({ actor, body }) =>
      db.as(actor, async (tx) => {
        const mine = { id: actor.membershipId! }
        tx.saveAll(queries.mailSettingsOf, mine)
        await tx.load(queries.lockMail, mine)
        return tx.save(queries.changedMail, { ...mine, ...body })
      }),
  )
}
