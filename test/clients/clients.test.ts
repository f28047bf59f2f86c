// Can somebody build on the document alone? Generated clients compile as they are, and every recipe of the cookbook works.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const clients = join(root, 'clients')
const run = promisify(execFile)
const inClients = (command: string, ...args: string[]) => run(command, args, { cwd: clients, maxBuffer: 1e8 })
const node = (file: string, env: Record<string, string> = {}) =>
  run(process.execPath, ['--import', 'tsx/esm', file], { cwd: root, env: { ...process.env, ...env } })

const folder = await mkdtemp(join(tmpdir(), 'lotse-clients-'))
let service: { url: string; stop: () => Promise<void> }

/** The service as anybody starts it, with its demo; for trying, it may call webhooks on this machine. */
async function started() {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, PORT: '0', DATA_DIR: join(folder, 'data'), INTERNAL_NETWORKS: '127.0.0.0/8' }
  const child = spawn(process.execPath, ['src/run.mjs', 'main'], { cwd: root, env })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const read = (piece: Buffer) => {
      said += piece.toString()
      const [, found] = /Lotse runs on (http\S+)/.exec(said) ?? []
      if (found) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('close', () => reject(new Error(`ended before it served: ${said}`)))
  })
  const stop = async () => {
    const ended = once(child, 'close')
    child.kill('SIGTERM')
    await ended
  }
  return { url, stop }
}

/** The blocks of the cookbook in one language, in their order. */
const readme = await readFile(join(root, 'openapi/README.md'), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code!)

const cookbook = join(clients, 'openapi-typescript/generated/cookbook.ts')

beforeAll(async () => {
  await inClients('npm', 'ci', '--no-audit', '--no-fund')
  await inClients('npm', 'run', 'generate')
  await writeFile(cookbook, blocks('ts').join('\n'))
  service = await started()
})
afterAll(async () => {
  await service?.stop()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

test('what the generators make, and every recipe, compiles under strict TypeScript as it is', async () => {
  expect(blocks('ts').length).toBe(12)
  await inClients('npm', 'run', 'compile')
  // Only now are there types by which what we wrote can be linted.
  await run('npx', ['oxlint', '--config', '.oxlintrc.json', '--type-aware', '--deny-warnings', 'clients'], {
    cwd: root,
  })
  // What is wrong does not: the compiler was asked for something.
  const made = await readFile(cookbook, 'utf8')
  await writeFile(cookbook, made.replace("referralSource: 'self_initiative'", "referralSource: 'hearsay'"))
  await expect(inClients('npm', 'run', 'compile')).rejects.toMatchObject({
    stdout: expect.stringContaining('hearsay') as string,
  })
  await writeFile(cookbook, made)
})

test('no type of ours is "any"; one that is, is found', async () => {
  await node('clients/any.ts')
  // Its compiler is there only since the folder of the clients was installed.
  type Check = (text: string, isOurs: (name: string) => boolean) => string[]
  const { unsaid } = (await import(join(clients, 'any.ts'))) as { unsaid: Check }
  const defect = (type: string) =>
    `export interface components { schemas: { Case: { id: string; more: ${type} } } }`
  const isOurs = (name: string) => name.startsWith('components.schemas.')
  expect(unsaid(defect('any'), isOurs)).toEqual(['components.schemas.Case.more: any'])
  expect(unsaid(defect('Record<string, unknown>[]'), isOurs)).toEqual([
    'components.schemas.Case.more: unknown',
  ])
  expect(unsaid(defect('string'), isOurs)).toEqual([])
})

for (const client of ['openapi-typescript', 'hey-api'])
  test(`a referral goes its way through ${client}: accepted, declined once, and 412 for whoever was late`, async () => {
    const { stdout } = await node(`clients/${client}/drive.ts`, { BASE_URL: service.url })
    expect(stdout).toContain('accepted, 412, declined once')
  })

test('every recipe of the cookbook works with a typed client', async () => {
  const { stdout } = await node(cookbook, { BASE_URL: service.url })
  expect(stdout).toContain('Nora Lenz')
  expect(stdout).toContain('repeated sent true')
  expect(stdout).toContain('referral.accepted /v1/referrals/')
})

test('every recipe of the cookbook works with curl', async () => {
  const place = join(folder, 'curl')
  await mkdir(join(place, 'arrived'), { recursive: true })
  // Whoever receives: it keeps what came, body last.
  const server = createServer(async (request, reply) => {
    const body = await text(request)
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature'])
      await writeFile(join(place, 'arrived', name), String(request.headers[name]))
    await writeFile(join(place, 'arrived/body'), body)
    reply.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}/lotse`
  try {
    expect(blocks('sh').length).toBe(12)
    const script = ['set -euo pipefail', ...blocks('sh')].join('\n')
    await writeFile(join(place, 'cookbook.sh'), script)
    const env = { ...process.env, BASE_URL: service.url, receiver }
    const { stdout } = await run('bash', ['cookbook.sh'], { cwd: place, env })
    expect(stdout).toContain('Nora Lenz')
    expect(stdout).toContain('"unchanged":3')
    expect(stdout).toMatch(/^accepted$/m)
  } finally {
    server.close()
  }
})
