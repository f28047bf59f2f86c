// npm run tour: does Lotse do its main job? Played over HTTP by the demo people; a broken promise ends it with exit code 1.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { openDatabase } from '../database.ts'
import { demoAccounts, demoPassword, loadDemo } from '../demo/index.ts'
import { play } from '../demo/tour/acts.ts'
import { coda } from '../demo/tour/coda.ts'
import { examplesOf, recording, type Description } from '../demo/tour/examples.ts'
import type { Letter } from '../demo/tour/link.ts'
import { today, type Cast } from '../demo/tour/scene.ts'
import { createScribe, heading, type Someone } from '../demo/tour/scribe.ts'
import { createVoice, done, signIn, type Carrier } from '../demo/voice.ts'
import { startJobs } from '../jobs.ts'
import { keysFrom } from '../platform/keys.ts'
import { createLog } from '../platform/log.ts'
import { command } from './command.ts'

const players = [
  'nora',
  'nils',
  'hanna',
  'anton',
  'agnes',
  'tarek',
  'jule',
  'selma',
  'carla',
  'paul',
  'ada',
  'dora',
  'otto',
] as const

/** What the service mails, instead of a mail server; a job sends it some time after the request. */
function letterbox() {
  const letters: Letter[] = []
  async function letterTo(address: string): Promise<Letter> {
    for (let waited = 0; waited < 20_000; waited += 50) {
      const letter = letters.find(({ to }) => to === address)
      if (letter) return letter
      await sleep(50)
    }
    throw new Error(`No e-mail has come to ${address}.`)
  }
  return { mailer: async (letter: Letter) => void letters.push(letter), letterTo }
}

/** Like `npm start` with an empty data folder, but for the tour only. */
async function ownService() {
  const dataDir = await mkdtemp(join(tmpdir(), 'lotse-tour-'))
  const database = await openDatabase({ dataDir, databaseUrl: undefined, databaseOwnerUrl: undefined })
  const [keys, log] = [keysFrom(randomBytes(32)), createLog('silent')]
  const { app, db } = await createApp({
    databaseUrl: database.serviceUrl,
    databasePool: 16,
    keys,
    log,
  })
  let jobs: ReturnType<typeof startJobs> | undefined
  const stop = async () => {
    await jobs?.end()
    await app.close()
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  await loadDemo(app, db, () => {})
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const { mailer, letterTo } = letterbox()
  jobs = startJobs({ workerUrl: database.workerUrl!, db, keys, log, mail: { mailer, publicUrl: url } })
  return { url, stop, letterTo }
}

const over =
  (base: string): Carrier =>
  async ({ method, url, headers, body }) => {
    const response = await fetch(`${base}${url}`, {
      method,
      headers: { 'accept-language': 'en', ...headers },
      ...(body !== undefined && { body }),
      redirect: 'manual',
    }).catch((error: unknown) => {
      throw new Error(`No service answers at ${base}.`, { cause: error })
    })
    return {
      status: response.status,
      bytes: Buffer.from(await response.arrayBuffer()),
      headers: Object.fromEntries(response.headers),
    }
  }

async function cast(carry: Carrier): Promise<Cast> {
  const people = await Promise.all(
    players.map(async (key): Promise<[string, Someone]> => {
      const { person, municipality, email } = demoAccounts.find((account) =>
        account.email.startsWith(`${key}.`),
      )!
      const voice = await signIn(carry, { municipality, email, password: demoPassword })
      const me = done(await voice.get('/v1/me'), `${person} asks who they are`)
      const { organizationId } = me['membership'] as { organizationId: string }
      return [key, { id: me.id, name: person.split(' ')[0]!, organizationId, voice }]
    }),
  )
  return Object.fromEntries(people) as unknown as Cast
}

async function record(description: Description, exchanges: Parameters<typeof examplesOf>[1]) {
  const examples = examplesOf(description, exchanges, today())
  await writeFile(
    new URL('../../openapi/examples.json', import.meta.url),
    `${JSON.stringify(examples, null, 2)}\n`,
  )
  console.log(`Recorded ${Object.keys(examples).length} examples in openapi/examples.json.`)
}

await command(async () => {
  const { values } = parseArgs({
    options: { record: { type: 'boolean', default: false } },
  })
  const { baseUrl } = readConfig()
  const { url, stop, letterTo } = baseUrl
    ? { url: baseUrl, stop: async () => {}, letterTo: undefined }
    : await ownService()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(130)))
  try {
    console.log(`The main job of Lotse, played at ${url}\n\n${heading}`)
    const scribe = createScribe((line) => console.log(line), process.stdout.isTTY)
    const { carrier, exchanges } = recording(over(url))
    const people = await cast(carrier)
    const run = values.record ? 0 : Math.floor(Date.now() / 1000)
    const known = await play({ ...scribe, cast: people, run }, letterTo && { letterTo, carry: over(url) })
    const { steps, promises, refusals } = scribe.counts
    console.log(`\n${steps} steps, ${promises} promises kept, ${refusals} refusals seen.`)
    if (!values.record) return
    await coda(people, carrier, known)
    const description = await createVoice(carrier).get('/v1/openapi.json')
    await record(description.body as unknown as Description, exchanges)
  } finally {
    await stop()
  }
})
