// The process: config → database → app → listen → close.
import closeWithGrace from 'close-with-grace'
import type { AddressInfo } from 'node:net'
import { readConfig, refuseToServe, startedByNpm } from './config.ts'
import { openDatabase } from './database.ts'
import { keysFrom, masterKey } from './platform/keys.ts'
import { createLog } from './platform/log.ts'
import { createOutbound } from './platform/outbound.ts'
import { whenReady } from './platform/pool.ts'
import { sentence } from './platform/sentence.ts'

const say = (line: string) => console.log(line)
const opened: (() => Promise<unknown>)[] = []
let serving = false

// Whatever ends the process passes here: a signal, an error, and a start that was refused.
const asked = ['SIGINT', 'SIGTERM'] as const
const { close } = closeWithGrace({ delay: 10_000, logger: false, skip: [...asked] }, async ({ err }) => {
  // While serving, a message may quote values of a row: the log keeps only where the error arose.
  if (err && serving) log.fatal({ err }, 'ended by an error')
  else if (err) console.error(`Lotse does not start. ${sentence(err)}`)
  for (const stop of opened.reverse()) await stop()
})
// npm passes on the Ctrl-C that the terminal has given us already: the second one is no impatience.
// These stay for good: while a signal has no listener, even for an instant, it kills.
let ending = false
const end = () => {
  if (!ending) close()
  ending = true
}
for (const signal of asked) process.on(signal, end)

// Whoever kills npm leaves this process behind, and it would hold port and data folder against the next start.
if (startedByNpm) {
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && end(), 200).unref()
}

const config = readConfig()
refuseToServe(config)
const log = createLog(config.logLevel)

// PostgreSQL starts while most of the code is still being read.
const opening = openDatabase(config, say).then((database) => {
  opened.push(() => database.stop())
  return database
})
const [database, { createApp }, { demoPresent, loadDemo }, { welcome }] = await Promise.all([
  opening,
  import('./app.ts'),
  import('./demo/index.ts'),
  import('./welcome.ts'),
])
void database.lost.then(() => {
  throw new Error('The embedded PostgreSQL has ended by itself.')
})

const keys = keysFrom(await masterKey(config.masterKey, config.dataDir))
const outbound = createOutbound({ networks: config.internalNetworks })
const { app, db, health, metrics } = await createApp({
  databaseUrl: database.serviceUrl,
  databasePool: config.databasePool,
  keys,
  log,
  trustProxy: config.trustProxy,
  requestsPerMinute: config.requestsPerMinute,
  metricsToken: config.metricsToken,
  outbound,
  publicUrl: config.publicUrl,
})
opened.push(() => app.close())

if (config.loadDemo) {
  // The demo comes in through the routes; its requests are nobody's, so they are not logged.
  if (log.isLevelEnabled('info')) log.level = 'warn'
  await loadDemo(app, db, say)
  log.level = config.logLevel
}
const demo = await whenReady(() => demoPresent(db), say)
refuseToServe(config, demo)

await app.listen({ host: config.host, port: config.port })
serving = true
const { port } = app.server.address() as AddressInfo
say(welcome({ host: config.host, port, demo, embedded: database.embedded, seconds: process.uptime() }))

// What happens by itself begins behind the welcome, and ends before what it needs.
const { workerUrl } = database
if (workerUrl) {
  const jobs = import('./jobs.ts').then(({ mailOf, startJobs }) =>
    startJobs({
      workerUrl,
      db,
      keys,
      log,
      mail: mailOf(config),
      anchorDir: config.anchorDir,
      outbound,
      ended: metrics.job,
    }),
  )
  let runner: Awaited<typeof jobs> | undefined
  void jobs.then((running) => (runner = running))
  health.jobs = () => runner?.works() ?? false
  opened.push(async () => (await jobs).end())
} else
  log.warn(
    'DATABASE_WORKER_URL is not set: by this process no deadline escalates, no e-mail goes out and no audit trail is sealed',
  )
