// The table of contents: every hook and every module, in order, by hand.
import { createReadAudit } from './platform/audit.ts'
import { createDb } from './platform/db.ts'
import { docsRoutes } from './platform/docs.ts'
import { createHealth, healthRoutes } from './platform/health.ts'
import { createHttp, type Deps } from './platform/http.ts'
import type { Keys } from './platform/keys.ts'
import { requestsPerMinute as perMinute } from './platform/limits.ts'
import type { Logger } from './platform/log.ts'
import { createMetrics, metricsRoutes } from './platform/metrics.ts'
import { streamLists } from './platform/lists.ts'
import { collectRoutes } from './platform/openapi.ts'
import { createOutbound, type Outbound } from './platform/outbound.ts'
import { createPool } from './platform/pool.ts'
import { createVault } from './platform/seal.ts'
import { appointmentRoutes, cancelAppointmentsOfCase } from './modules/appointments/index.ts'
import { answerRoutes } from './modules/answers/index.ts'
import { attachmentRoutes, sendAttachments } from './modules/attachments/index.ts'
import { caseRoutes, cases } from './modules/cases/index.ts'
import { clearingRoutes } from './modules/clearing/index.ts'
import { clientRoutes } from './modules/clients/index.ts'
import { contactRoutes } from './modules/contacts/index.ts'
import { deadlineRoutes } from './modules/deadlines/index.ts'
import { directoryRoutes } from './modules/directory/index.ts'
import { eventRoutes } from './modules/events/index.ts'
import {
  cancelHandoversOfCase,
  cancelHandoversOfReferral,
  cancelHandoversOfRelease,
  endHandoverViewsOfReferral,
  handoverRoutes,
  takeBackReturned,
} from './modules/handovers/index.ts'
import { identityRoutes } from './modules/identity/index.ts'
import { importRoutes } from './modules/imports/index.ts'
import { endSessions, loginRoutes } from './modules/login/index.ts'
import { machineRoutes, providerTokens } from './modules/machines/index.ts'
import { overviewRoutes } from './modules/overview/index.ts'
import { noticeRoutes } from './modules/notices/index.ts'
import { privacyRoutes } from './modules/privacy/index.ts'
import {
  referralRoutes,
  withdrawReferralsOfCase,
  withdrawReferralsOfRelease,
} from './modules/referrals/index.ts'
import { releaseRoutes } from './modules/releases/index.ts'
import { substitutionRoutes } from './modules/substitutions/index.ts'
import { taskRoutes } from './modules/tasks/index.ts'
import { vocabularyRoutes } from './modules/vocabularies/index.ts'
import { webhookRoutes } from './modules/webhooks/index.ts'

export interface AppOptions {
  databaseUrl: string
  databasePool: number
  keys: Keys
  log: Logger
  /** Whose X-Forwarded headers are believed. */
  trustProxy?: string[]
  requestsPerMinute?: number
  /** Not given, nobody reads the figures. */
  metricsToken?: string | undefined
  /** Not given, only public addresses are called. */
  outbound?: Outbound
  /** Where it is reached from outside; not given, where it listens. */
  publicUrl?: string | undefined
}

export async function createApp({
  databaseUrl,
  databasePool,
  keys,
  log,
  trustProxy = [],
  requestsPerMinute = perMinute,
  metricsToken,
  outbound = createOutbound({ networks: [] }),
  publicUrl,
}: AppOptions) {
  const pool = createPool(databaseUrl, databasePool)
  // Group commit needs one connection at a time; the second takes over while a broken one is replaced.
  const auditPool = createPool(databaseUrl, 2, '-c role=lotse_audit')
  const db = createDb(pool)
  const deps: Deps = { db, vault: createVault(keys), keys, log, outbound }

  const readAudit = createReadAudit(auditPool)
  const metrics = createMetrics({ pool, audit: readAudit.waiting })
  const app = await createHttp({
    ...deps,
    readAudit,
    metrics,
    trustProxy,
    requestsPerMinute,
    foreignTokens: providerTokens(deps),
  })
  const routes = collectRoutes(app)
  streamLists(app, log)

  const { health, look } = createHealth(db, readAudit)
  healthRoutes(app, look)
  metricsRoutes(app, metrics, metricsToken)
  docsRoutes(app, routes)
  vocabularyRoutes(app)
  identityRoutes(app, deps, [endSessions])
  loginRoutes(app, deps)
  machineRoutes(app, { ...deps, publicUrl })
  eventRoutes(app, deps)
  noticeRoutes(app, deps)
  directoryRoutes(app, deps)
  taskRoutes(app, deps, cases)
  deadlineRoutes(app, deps, cases)
  substitutionRoutes(app, deps)
  clientRoutes(app, deps)
  caseRoutes(app, deps, [cancelAppointmentsOfCase, cancelHandoversOfCase, withdrawReferralsOfCase])
  contactRoutes(app, deps, [takeBackReturned])
  clearingRoutes(app, deps)
  releaseRoutes(app, deps, [withdrawReferralsOfRelease, cancelHandoversOfRelease])
  referralRoutes(app, deps, {
    onWithdrawn: [cancelHandoversOfReferral],
    onSending: [sendAttachments],
    onConcluded: [endHandoverViewsOfReferral],
  })
  attachmentRoutes(app, deps)
  handoverRoutes(app, deps)
  appointmentRoutes(app, deps)
  answerRoutes(app, deps)
  overviewRoutes(app, deps)
  privacyRoutes(app, deps)
  webhookRoutes(app, deps)
  importRoutes(app, deps)

  app.addHook('onClose', async () => {
    metrics.end()
    await Promise.all([pool.end(), auditPool.end()])
  })
  await app.ready()
  return { app, db, pool, routes, health, metrics }
}
