// How is a release prepared, signed, refused and withdrawn, and what has left because of it?
import { v7 as newId } from 'uuid'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/http.ts'
import { found, referenced } from '../../platform/problem.ts'
import { ask } from '../../platform/statement.ts'
import { ById, type App } from '../../platform/zod.ts'
import { caseById, lockCase, running } from '../cases/index.ts'
import { clientById, opened } from '../clients/index.ts'
import { dayIn, startDeadline, stopDeadlines } from '../deadlines/index.ts'
import { emit } from '../events/index.ts'
import { organizationById, tenantById } from '../identity/index.ts'
import type { Code } from '../vocabularies/index.ts'
import { ledgerEntry } from './disclosure.ts'
import { releaseForm } from './form.ts'
import * as queries from './queries.ts'
import { drafted, refuse, refused, sign, withdrawn } from './rules.ts'
import * as wire from './schema.ts'
import type { releases } from './table.ts'

export type ReleaseRow = typeof releases.$inferSelect

/** What rests on a release and must end with it, in the same transaction: contributed by the modules to the right. */
export type OnReleaseEnded = (
  tx: Tx,
  release: ReleaseRow,
  because: 'release_withdrawn' | 'release_ended',
) => Promise<void> | void

/** The recipient hears of its referrals, never of the release itself. */
const emitted = (
  tx: Tx,
  type: Extract<Code<'event_type'>, `release.${string}`>,
  { id, ...row }: Pick<ReleaseRow, 'id' | 'discloserOrganizationId' | 'compartmentId'>,
) =>
  emit(
    tx,
    type,
    { kind: 'release', id },
    { unit: { id: row.discloserOrganizationId, compartmentId: row.compartmentId } },
  )

const shown = (row: ReleaseRow) => ({ ...row, expired: Date.parse(row.validUntil) <= Date.now() })

type Signed = Pick<ReleaseRow, 'id' | 'caseId' | 'compartmentId' | 'discloserOrganizationId' | 'validUntil'>

export function releaseRoutes(app: App, { db, vault }: Deps, onReleaseEnded: OnReleaseEnded[]) {
  async function end(tx: Tx, release: ReleaseRow, because: Parameters<OnReleaseEnded>[2]) {
    for (const ended of onReleaseEnded) await ended(tx, release, because)
    stopDeadlines(
      tx,
      release.id,
      because === 'release_withdrawn' ? 'withdrawn' : 'replaced',
      'release_expiry',
    )
    tx.saveAll(queries.endDisclosuresOfRelease, { releaseId: release.id })
  }

  /** Somebody thinks of a new one before nothing may leave any more. */
  function watchOver(tx: Tx, release: Signed, { timeZone }: { timeZone: string }) {
    startDeadline(tx, {
      kind: 'release_expiry',
      organizationId: release.discloserOrganizationId,
      subjectId: release.id,
      ofCase: release,
      dueOn: dayIn(timeZone, release.validUntil),
    })
  }

  /** Locked before the case; one that has ended already is hidden from the lock, but still known. */
  const replaced = async (tx: Tx, id: string) =>
    (await tx.one(queries.lockRelease, { id })) ??
    referenced(await tx.one(queries.releaseById, { id }), '/supersedesId')

  async function supersede(tx: Tx, old: ReleaseRow, by: { id: string; caseId: string }) {
    if (old.caseId !== by.caseId || old.status !== 'active') throw refuse('release_not_active')
    await end(tx, old, 'release_ended')
    emitted(tx, 'release.superseded', old)
    tx.save(queries.supersededRelease, { id: old.id, status: 'superseded', supersededById: by.id })
  }

  app.post(
    '/v1/cases/:id/releases',
    {
      config: {
        action: 'releases.create',
        resource: '/v1/releases/:id',
        refuses: [
          'unknown_reference',
          'case_closed',
          'release_needs_a_known_person',
          'release_to_the_own_unit',
          'release_ends_in_the_past',
          'oral_release_needs_a_reason',
          'release_signed_in_the_future',
          'release_not_active',
        ],
      },
      schema: {
        summary: 'Prepare or record a release',
        description:
          'With everything that § 67b (2) SGB X demands: a named recipient, purpose, categories (never "everything"), an end, the form of proof and the information text. Without `signedOn` it is a draft whose form can be printed and signed.',
        params: ById,
        body: wire.NewRelease,
        response: { 201: wire.Release },
      },
    },
    ({ actor, params, body: { supersedesId, signedOn, ...draft } }) =>
      db.as(actor, async (tx) => {
        const old = supersedesId && (await replaced(tx, supersedesId))
        const [ofCase, [tenant]] = await tx.load(lockCase, params, ask(tenantById, { id: actor.tenantId }))
        const { id: caseId, clientId, compartmentId, organizationId } = running(ofCase)
        const client = found(await tx.one(clientById, { id: clientId }))
        referenced(
          await tx.one(organizationById, { id: draft.recipientOrganizationId }),
          '/recipientOrganizationId',
        )
        const discloserOrganizationId = organizationId
        drafted({ ...draft, signedOn, discloserOrganizationId }, client.identificationLevel, tx.now, tx.today)
        const id = newId()
        const saved = tx.save(queries.newRelease, {
          ...draft,
          id,
          caseId,
          clientId,
          compartmentId,
          discloserOrganizationId,
          status: signedOn === undefined ? 'draft' : 'active',
          signedOn: signedOn ?? null,
          activatedAt: signedOn === undefined ? null : tx.now,
          createdByUserId: actor.userId!,
        })
        if (old) await supersede(tx, old, { id, caseId })
        const draftOrSigned = signedOn === undefined ? 'release.drafted' : 'release.signed'
        emitted(tx, draftOrSigned, { id, discloserOrganizationId, compartmentId })
        if (signedOn !== undefined) {
          const signed = { id, caseId, compartmentId, discloserOrganizationId }
          watchOver(tx, { ...signed, validUntil: draft.validUntil }, found(tenant))
        }
        return saved.map(shown)
      }),
  )

  app.get(
    '/v1/cases/:id/releases',
    {
      config: { action: 'releases.list' },
      schema: {
        summary: 'List the releases of a case',
        description: 'The newest first, also refused, expired and withdrawn ones.',
        params: ById,
        response: { 200: wire.Releases },
      },
    },
    async ({ actor, params }) => {
      const [[ofCase], rows] = await db.read(
        actor,
        ask(caseById, params),
        ask(queries.releasesOf, { caseId: params.id }),
      )
      found(ofCase)
      return { items: rows.map(shown) }
    },
  )

  app.get(
    '/v1/releases/:id',
    {
      config: { action: 'releases.read' },
      schema: {
        summary: 'Read a release',
        description: 'What may leave, to whom, for what and until when.',
        params: ById,
        response: { 200: wire.Release },
      },
    },
    async ({ actor, params }) => {
      const [[release]] = await db.read(actor, ask(queries.releaseById, params))
      return shown(found(release))
    },
  )

  app.get(
    '/v1/releases/:id/form.pdf',
    {
      config: { action: 'releases.form' },
      schema: {
        summary: 'The form to sign',
        description: 'As PDF in the language in which the person is informed.',
        params: ById,
        produces: 'application/pdf',
        response: { 200: wire.Form },
      },
    },
    async ({ actor, params }, reply) => {
      const [[release]] = await db.read(actor, ask(queries.releaseById, params))
      const { clientId, discloserOrganizationId, recipientOrganizationId } = found(release)
      const [[client], [discloser], [recipient], [tenant]] = await db.read(
        actor,
        ask(clientById, { id: clientId }),
        ask(organizationById, { id: discloserOrganizationId }),
        ask(organizationById, { id: recipientOrganizationId }),
        ask(tenantById, { id: actor.tenantId }),
      )
      const person = found(client)
      const pdf = await releaseForm({
        release: found(release),
        person: { alias: person.alias, language: person.language, ...opened(vault, person).identity },
        discloser: found(discloser).name,
        recipient: found(recipient).name,
        municipality: found(tenant),
      })
      void reply.type('application/pdf').header('content-disposition', 'inline; filename="release.pdf"')
      return pdf
    },
  )

  app.post(
    '/v1/releases/:id/sign',
    {
      config: {
        action: 'releases.sign',
        refuses: ['release_not_draft', 'release_ends_in_the_past', 'release_signed_in_the_future'],
      },
      schema: {
        summary: 'Record the signature',
        description: 'From now on the release applies.',
        params: ById,
        body: wire.Sign,
        response: { 200: wire.Release },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const [release, [tenant]] = await tx.load(
          queries.lockRelease,
          params,
          ask(tenantById, { id: actor.tenantId }),
        )
        const signed = sign(release, body.signedOn, tx.now, tx.today)
        watchOver(tx, release, found(tenant))
        emitted(tx, 'release.signed', release)
        return tx
          .save(queries.signedRelease, { id: release.id, ...signed, copyGiven: body.copyGiven })
          .map(shown)
      }),
  )

  app.post(
    '/v1/releases/:id/refuse',
    {
      config: { action: 'releases.refuse', refuses: ['release_not_draft'] },
      schema: {
        summary: 'Record a refusal',
        description: 'The person did not agree. The case goes on as before; nothing leaves.',
        params: ById,
        response: { 200: wire.Release },
      },
    },
    ({ actor, params }) =>
      db.as(actor, async (tx) => {
        const release = await tx.load(queries.lockRelease, params)
        const refusal = refused(release, tx.now)
        emitted(tx, 'release.refused', release)
        return tx.save(queries.refusedRelease, { id: release.id, ...refusal }).map(shown)
      }),
  )

  app.post(
    '/v1/releases/:id/withdraw',
    {
      config: { action: 'releases.withdraw', refuses: ['release_not_active'] },
      schema: {
        summary: 'Withdraw a release',
        description:
          'Works with the next request: the recipient sees nothing any more, and open referrals and handovers that rest on it end in the same transaction. The ledger of what left before stays. Needs no version and no reason (Art. 7 (3) GDPR).',
        params: ById,
        body: wire.Withdraw,
        response: { 200: wire.Release },
      },
    },
    ({ actor, params, body }) =>
      db.as(actor, async (tx) => {
        const release = await tx.load(queries.lockRelease, params)
        const ending = withdrawn(release, body.way, tx.now)
        await end(tx, release, 'release_withdrawn')
        emitted(tx, 'release.withdrawn', release)
        return tx.save(queries.withdrawnRelease, { id: release.id, ...ending }).map(shown)
      }),
  )

  app.get(
    '/v1/cases/:id/disclosures',
    {
      config: { action: 'disclosures.list' },
      schema: {
        summary: 'What left, to whom, on which basis',
        description:
          'The ledger of a case. It is never changed and never deleted; a withdrawal only ends the recipient’s view.',
        params: ById,
        response: { 200: wire.Disclosures },
      },
    },
    async ({ actor, params }) => {
      const [[ofCase], rows] = await db.read(
        actor,
        ask(caseById, params),
        ask(queries.disclosuresOf, { caseId: params.id }),
      )
      found(ofCase)
      return { items: rows.map((row) => ledgerEntry(vault, row, Date.now())) }
    },
  )
}
