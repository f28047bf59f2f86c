// How do many connections ask at once, and how long does each answer take? With wrk where it is installed, else autocannon.
import autocannon from 'autocannon'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface Request {
  method: 'GET' | 'POST'
  path: string
  token: string
}

/** Of the successful answers; the others are counted in `statuses`. */
export interface Answers {
  count: number
  perSecond: number
  /** In milliseconds. */
  p50: number
  p99: number
  statuses: Record<string, number>
}

export interface Load {
  port: number
  requests: readonly Request[]
  connections: number
  seconds: number
  /** Each request at most once: what has been finished cannot be finished again. */
  once: boolean
}

export function installed(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export const generator = installed('wrk') ? 'wrk' : 'autocannon'
/** Where refusals are expected they are counted by their status, which wrk does not tell. */
export const load = (given: Load): Promise<Answers> =>
  generator === 'wrk' && given.connections < 256 ? withWrk(given) : withAutocannon(given)

export const percentile = (sorted: ArrayLike<number>, share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

async function withAutocannon({ port, requests, connections, seconds, once }: Load): Promise<Answers> {
  const made = requests.map(({ method, path, token }) => ({
    method,
    path,
    headers: { authorization: `Bearer ${token}` },
  }))
  const ms: number[] = []
  const statuses: Record<string, number> = {}
  let [at, begin, end] = [0, 0, 0]
  const options: autocannon.Options = {
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: 600,
    ...(once && { amount: Math.max(requests.length, connections) }),
    sampleInt: 50,
    // No two connections send the same request, as long as there are enough.
    setupClient: (client) => {
      client.setRequests(
        made.filter((_, index) => index % connections === at % Math.min(connections, made.length)),
      )
      at += 1
    },
  }
  const { errors, timeouts } = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(options, (error: unknown, result) =>
      error ? reject(error as Error) : resolve(result),
    )
    run.on('response', (_client, status, _bytes, time) => {
      end = performance.now()
      begin ||= end - time
      if (status === 200) ms.push(time)
      statuses[status] = (statuses[status] ?? 0) + 1
    })
    run.once('start', () =>
      setTimeout(() => (run as unknown as { stop(): void }).stop(), seconds * 1000).unref(),
    )
  })
  if (errors + timeouts > 0) statuses['no answer'] = errors + timeouts
  const sorted = Float64Array.from(ms).sort()
  return {
    count: ms.length,
    perSecond: (ms.length / (end - begin)) * 1000,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    statuses,
  }
}

const script = fileURLToPath(new URL('wrk.lua', import.meta.url))

async function withWrk({ port, requests, connections, seconds, once }: Load): Promise<Answers> {
  const file = join(mkdtempSync(join(tmpdir(), 'lotse-bench-')), 'requests')
  writeFileSync(file, requests.map(({ method, path, token }) => `${method} ${path} ${token}\n`).join(''))
  const how = [
    '-t1',
    `-c${connections}`,
    `-d${Math.ceil(seconds)}s`,
    '-s',
    script,
    `http://127.0.0.1:${port}`,
  ]
  const { stdout } = await promisify(execFile)('wrk', [...how, '--', file, String(once)])
  const told = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<
    'count' | 'micros' | 'p50' | 'p99' | 'failed' | 'lost',
    number
  >
  const { count, micros, p50, p99, failed, lost } = told
  return {
    count,
    perSecond: (count / micros) * 1e6,
    p50: p50 / 1000,
    p99: p99 / 1000,
    statuses: { 200: count - failed, ...(failed > 0 && { failed }), ...(lost > 0 && { 'no answer': lost }) },
  }
}
