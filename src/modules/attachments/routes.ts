// How does a document come along with a referral, and who opens it?
import multipart from '@fastify/multipart'
import { v7 as newId } from 'uuid'
import type { Deps } from '../../platform/http.ts'
import { found } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, Nothing, type App } from '../../platform/zod.ts'
import { asSender, draft, emitted, lockReferral, referralById } from '../referrals/index.ts'
import { dangerIn, typeOf } from './content.ts'
import { handedOut, named, sealedFile } from './file.ts'
import * as queries from './queries.ts'
import { harmless, mediaTypes, nameOf, oneOfOurs, roomFor } from './rules.ts'
import * as wire from './schema.ts'
import { received } from './upload.ts'

export function attachmentRoutes(app: App, deps: Deps) {
  const { db, vault } = deps

  // Only here a body may be something else than JSON, and larger.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    await scope.register(multipart)
    scope.addHook('preValidation', async (request) => {
      // Whoever may not attach anything does not make us read five megabytes.
      await db.enter(request.actor)
      request.body = await received(request)
      request.actor.trail.fields = Object.keys(request.body as object).filter(
        (field) => field in wire.NewAttachment.shape,
      )
    })
    uploads(scope as unknown as App, deps)
  })

  app.get(
    '/v1/referrals/:id/attachments',
    {
      config: { action: 'attachments.list' },
      schema: {
        summary: 'List the attachments of a referral',
        description:
          'In the order in which they were attached. The recipient finds them as long as the release is valid, and nothing after that.',
        params: ById,
        response: { 200: wire.Attachments },
      },
    },
    async ({ actor, params }) => {
      const [[referral], rows] = await db.read(
        actor,
        ask(referralById, params),
        ask(queries.attachmentsOf, { referralId: params.id }),
      )
      found(referral)
      return { items: rows.map((row) => named(vault, actor.tenantId, row)) }
    },
  )

  app.get(
    '/v1/attachments/:id',
    {
      config: { action: 'attachments.read' },
      schema: {
        summary: 'Open an attachment',
        description:
          'The file itself. With `Accept: application/json` only what the list says of it: that is also what a repeated upload answers.',
        params: ById,
        produces: ['application/json', ...Object.values(mediaTypes)],
        response: { 200: wire.Attachment },
      },
    },
    async ({ actor, params, headers }, reply) => {
      if (headers.accept === 'application/json') {
        const [[row]] = await db.read(actor, ask(queries.attachmentById, params))
        return named(vault, actor.tenantId, found(row))
      }
      const [[row]] = await db.read(actor, ask(queries.contentById, params))
      // Bytes leave as they are; no schema describes them.
      return handedOut(reply, vault, actor.tenantId, found(row)) as never
    },
  )

  app.delete(
    '/v1/attachments/:id',
    {
      config: {
        action: 'attachments.remove',
        unversioned: true,
        refuses: ['only_the_sender', 'referral_not_draft'],
      },
      schema: {
        summary: 'Take an attachment away',
        description: 'Only while the referral is a draft; what has left stays in the ledger of the giver.',
        params: ById,
        response: { 204: Nothing },
      },
    },
    async ({ actor, params }) => {
      await db.as(actor, async (tx) => {
        const row = draft(asSender(await tx.load(queries.lockReferralOf, params), actor.organizationId))
        emitted(tx, 'referral.updated', row, { recipientToo: false })
        tx.saveAll(queries.removed, params)
      })
    },
  )
}

function uploads(app: App, { db, vault }: Deps) {
  app.post(
    '/v1/referrals/:id/attachments',
    {
      config: {
        action: 'attachments.add',
        resource: '/v1/attachments/:id',
        refuses: [
          'attachment_needs_multipart',
          'attachment_type_unknown',
          'attachment_name_unusable',
          'attachment_is_active',
          'attachment_is_protected',
          'only_the_sender',
          'referral_not_draft',
          'too_many_attachments',
        ],
      },
      schema: {
        summary: 'Attach a document to a draft',
        description:
          'PDF, PNG or JPEG, at most 5 MiB each and ten in all; what counts is the content, not the name. It belongs to one data category, and is sent only when that is released. An Idempotency-Key covers the content too.',
        params: ById,
        consumes: 'multipart/form-data',
        body: wire.NewAttachment,
        response: { 201: wire.Attachment },
      },
    },
    async ({ actor, params, body: { category, file } }) => {
      const type = oneOfOurs(typeOf(file.content))
      const name = nameOf(file.name, type)
      if (type === 'pdf') harmless(await dangerIn(file.content))
      return db.as(actor, async (tx) => {
        const [referral, already] = await tx.load(
          lockReferral,
          params,
          ask(queries.attachedTo, { referralId: params.id }),
        )
        const row = draft(asSender(referral, actor.organizationId))
        roomFor(already.length)
        emitted(tx, 'referral.updated', row, { recipientToo: false })
        const id = newId()
        return tx
          .save(queries.newAttachment, {
            ...sealedFile(vault, actor.tenantId, id, { name, content: file.content }),
            id,
            category,
            type,
            size: file.content.length,
            compartmentId: row.compartmentId,
            caseId: row.caseId,
            clientId: row.clientId,
            referralId: row.id,
            recipientOrganizationId: row.recipientOrganizationId,
            createdByUserId: actor.userId!,
          })
          .map((saved) => ({ ...saved, name }))
      })
    },
  )
}
