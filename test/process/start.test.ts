// Does the process start, end and refuse as promised, however it is started and however it ends?
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const service = [process.execPath, 'src/run.mjs', 'main']
const npm = ['npm', 'start']
const empty = { LOAD_DEMO: 'false' }

const folders: string[] = []
async function emptyFolder() {
  const path = await mkdtemp(join(tmpdir(), 'lotse-start-'))
  folders.push(path)
  return path
}
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true, maxRetries: 5 }))))

let served: Promise<string> | undefined
/** A folder with which a service without a demo has run and ended: a copy, since the first start takes a while. */
async function usedFolder() {
  served ??= (async () => {
    const DATA_DIR = await emptyFolder()
    const first = launch({ DATA_DIR, ...empty })
    await first.started()
    first.kill('SIGTERM')
    expect(await first.ended).toEqual({ code: 0, signal: null })
    return DATA_DIR
  })()
  const path = await emptyFolder()
  // Whose the files are and who may read them is part of it.
  await promisify(execFile)('cp', ['-a', `${await served}/.`, path])
  return path
}

/** A process with nothing of this one's environment but what a shell has. */
function launch(env: Record<string, string>, [command = '', ...args] = service) {
  const { PATH = '', HOME = '' } = process.env
  const began = Date.now()
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH, HOME, PORT: '0', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }))
  const started = new Promise<string>((resolve, reject) => {
    const read = (piece: Buffer) => {
      text += piece.toString()
      const url = /Lotse runs on (http\S+)/.exec(text)?.[1]
      if (url && /one line of JSON/.test(text)) resolve(url)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void ended.then(() => reject(new Error(`ended before it served: ${text}`)))
  })
  started.catch(() => {})
  return {
    pid: child.pid!,
    ended,
    said: () => text,
    /** Its address, when it serves; `after` tells how many milliseconds that took. */
    started: async () => ({ url: await started, after: Date.now() - began }),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** As a terminal does with Ctrl-C: to everybody in the foreground. */
    killGroup: (signal: NodeJS.Signals) => process.kill(-child.pid!, signal),
  }
}

/** What a start says that is refused. */
async function refusal(env: Record<string, string>) {
  const { ended, said } = launch(env)
  expect(await ended).toEqual({ code: 1, signal: null })
  expect(said()).not.toMatch(/^\s+at /m)
  return said()
}

const ready = async (url: string) => (await fetch(`${url}/health/ready`)).status

test(
  'the first start tells where to read, who to be and what to try; later ones are quick and keep everything',
  { timeout: 90_000 },
  async () => {
    const DATA_DIR = await emptyFolder()
    const first = launch({ DATA_DIR })
    const { url, after } = await first.started()
    expect(after).toBeLessThan(30_000)
    expect(first.said()).toContain(`${url}/docs`)
    expect(first.said()).toMatch(/Demo accounts[\s\S]+@[\s\S]+npm run tour/)
    expect(await (await fetch(`${url}/docs`)).text()).toContain('<title>Lotse')
    const command = /-d '(\{.+\})'/.exec(first.said())?.[1]
    const signIn = await fetch(`${url}/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: command!,
    })
    expect(signIn.status).toBe(200)
    first.kill('SIGTERM')
    expect(await first.ended).toEqual({ code: 0, signal: null })
    // Below the welcome, every line is JSON.
    for (const line of first.said().split('Below:')[1]!.split('\n').slice(1).filter(Boolean))
      expect(JSON.parse(line)).toHaveProperty('status')

    // Seconds are measured in .ci/run, where nothing else runs: here other tests take their share of the machine.
    const key = await readFile(join(DATA_DIR, 'master.key'), 'utf8')
    const later = launch({ DATA_DIR })
    expect((await later.started()).after).toBeLessThan(10_000)
    expect(later.said()).not.toMatch(/first start|brought to the present|loading the demo/)
    later.kill('SIGTERM')
    expect(await later.ended).toEqual({ code: 0, signal: null })
    expect(await readFile(join(DATA_DIR, 'master.key'), 'utf8')).toBe(key)

    // The demo is never served to others, also when it is only left over.
    expect(await refusal({ DATA_DIR, LOAD_DEMO: 'false', HOST: '0.0.0.0' })).toMatch(/demo accounts/)
    expect(await refusal({ DATA_DIR, LOAD_DEMO: 'false', NODE_ENV: 'production' })).toMatch(/demo accounts/)
  },
)

test(
  'Ctrl-C ends it cleanly, with npm in between too, and a connection that is kept open does not hold it',
  { timeout: 90_000 },
  async () => {
    const DATA_DIR = await usedFolder()
    for (const command of [service, npm]) {
      const running = launch({ DATA_DIR, ...empty }, command)
      const { url } = await running.started()
      expect(await ready(url)).toBe(200)
      const began = Date.now()
      running.killGroup('SIGINT')
      expect(await running.ended).toEqual({ code: 0, signal: null })
      expect(Date.now() - began).toBeLessThan(3_000)
      expect(running.said().split('Below:')[1]).not.toMatch(/error|level":[56]0/)
    }
  },
)

test('a signal that comes again and again does not cut the ending short', { timeout: 90_000 }, async () => {
  const running = launch({ DATA_DIR: await usedFolder(), ...empty })
  await running.started()
  const again = setInterval(() => running.kill('SIGINT'), 1)
  expect(await running.ended).toEqual({ code: 0, signal: null })
  clearInterval(again)
})

test('SIGTERM to npm alone ends the service too', { timeout: 90_000 }, async () => {
  const DATA_DIR = await usedFolder()
  const running = launch({ DATA_DIR, ...empty }, npm)
  const { url } = await running.started()
  running.kill('SIGTERM')
  expect(await running.ended).toEqual({ code: 0, signal: null })
  await expect(ready(url)).rejects.toThrow('fetch failed')
})

test(
  'kill -9 leaves nothing that blocks the next start, whoever is killed and whenever',
  { timeout: 90_000 },
  async () => {
    const DATA_DIR = await emptyFolder()
    const halfWay = launch({ DATA_DIR })
    await expect.poll(halfWay.said, { timeout: 20_000 }).toContain('first start')
    halfWay.kill('SIGKILL')
    await halfWay.ended
    const amongTheDemo = launch({ DATA_DIR })
    await expect.poll(amongTheDemo.said, { timeout: 20_000 }).toContain('loading the demo')
    amongTheDemo.kill('SIGKILL')
    await amongTheDemo.ended

    for (const command of [npm, service]) {
      const running = launch({ DATA_DIR }, command)
      expect(await ready((await running.started()).url)).toBe(200)
      running.kill('SIGKILL')
    }
    const last = launch({ DATA_DIR })
    expect(await ready((await last.started()).url)).toBe(200)
    last.kill('SIGTERM')
    expect(await last.ended).toEqual({ code: 0, signal: null })
  },
)

test(
  'what happens by itself begins with every start and ends with it, also after kill -9',
  { timeout: 90_000 },
  async () => {
    const DATA_DIR = await usedFolder()
    for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
      const running = launch({ DATA_DIR, LOG_LEVEL: 'debug', ...empty })
      await running.started()
      await expect.poll(running.said, { timeout: 20_000 }).toContain('Completed task')
      const began = Date.now()
      running.kill(signal)
      const ended = await running.ended
      if (signal === 'SIGKILL') continue
      expect(ended).toEqual({ code: 0, signal: null })
      expect(Date.now() - began).toBeLessThan(3_000)
      expect(running.said()).not.toMatch(
        /"level":[3456]0[^\n]+queue|a job failed|clock of a municipality failed/,
      )
    }
  },
)

test(
  'two run side by side; on the same folder or port the second is refused',
  { timeout: 90_000 },
  async () => {
    const [DATA_DIR, another] = [await usedFolder(), await usedFolder()]
    const one = launch({ DATA_DIR, ...empty })
    const two = launch({ DATA_DIR: another, ...empty })
    const { url } = await one.started()
    const { url: second } = await two.started()
    expect([await ready(url), await ready(second)]).toEqual([200, 200])
    expect(await refusal({ DATA_DIR })).toMatch(/Another Lotse .+ is using/)
    two.kill('SIGTERM')
    await two.ended
    const { port } = new URL(url)
    expect(await refusal({ DATA_DIR: another, PORT: port, ...empty })).toContain(
      `Port ${port} on 127.0.0.1 is taken`,
    )
    expect(await ready(url)).toBe(200)
  },
)

test('demo accounts are not made where others could reach them', async () => {
  const DATA_DIR = await emptyFolder()
  expect(await refusal({ DATA_DIR, HOST: '0.0.0.0' })).toMatch(/demo accounts/)
  expect(await refusal({ DATA_DIR, NODE_ENV: 'production' })).toMatch(/demo accounts/)
  expect(await readdir(DATA_DIR)).toEqual([])
})

test('a database that does not answer is one sentence', async () => {
  expect(await refusal({ DATABASE_URL: 'postgres://lotse_service:secret@127.0.0.1:1/lotse' })).toBe(
    'Lotse does not start. No PostgreSQL answers on 127.0.0.1, port 1.\n',
  )
})

test('without its database the process does not stay', { timeout: 90_000 }, async () => {
  const DATA_DIR = await usedFolder()
  const running = launch({ DATA_DIR, ...empty })
  await running.started()
  const postmaster = Number.parseInt(await readFile(join(DATA_DIR, 'postgres/data/postmaster.pid'), 'utf8'))
  process.kill(postmaster, 'SIGKILL')
  expect(await running.ended).toEqual({ code: 1, signal: null })
  expect(running.said()).toContain('ended by itself')
})
