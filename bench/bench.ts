// npm run bench: how fast is the product, compared with the limit below it and the textbook beside it?
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import { postgresCpu } from './counters.ts'
import { dataDir, openDatabases, openServer, refill, type Database } from './database.ts'
import { sizes, type Size } from './layout.ts'
import { generator, installed } from './load.ts'
import { operations, type Call, type Operation } from './operations.ts'
import { figures, report, type Buffers, type Cell, type Result, type Soak, type Stream } from './report.ts'
import {
  drivers,
  measure,
  pgbench,
  pool,
  servers,
  stopAll,
  wake,
  type How,
  type Meter,
  type Sample,
  type Target,
} from './targets.ts'
import { explain, isAudit, record } from './trace.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    sizes: { type: 'string' },
    soak: { type: 'string' },
    fresh: { type: 'boolean', default: false },
  },
})
const { quick, fresh } = options
const isSize = (name: string): name is Size => name in sizes
const chosen = (options.sizes ?? (quick ? '10k,100k' : '10k,100k,1m')).split(',').filter(isSize)
if (chosen.length === 0) throw new Error(`--sizes takes some of ${Object.keys(sizes).join(', ')}`)
const main = chosen.includes('100k') ? '100k' : chosen[0]!
const soakMinutes = Number(options.soak ?? (quick ? 0 : 10))
const rounds = quick ? 2 : 3
const seconds = quick ? 1 : 2

const begin = performance.now()
const told = (line: string) => {
  const elapsed = Math.round((performance.now() - begin) / 1000)
  console.log(
    `${String(Math.floor(elapsed / 60)).padStart(2)}:${String(elapsed % 60).padStart(2, '0')}  ${line}`,
  )
}

type Plan = Omit<How, 'seconds'> & { target: Target }

/** Every cell once per round, each round beginning with another one; the median, the least and the most of each figure. */
async function interleaved(title: string, plans: readonly Plan[], meter: Meter): Promise<Cell[]> {
  const samples = plans.map((): Sample[] => [])
  for (let round = 0; round < rounds; round++) {
    told(`${title}: round ${round + 1} of ${rounds}, ${plans.length} measurements`)
    for (let step = 0; step < plans.length; step++) {
      const at = (step + round * Math.ceil(plans.length / rounds)) % plans.length
      const { target, ...how } = plans[at]!
      await wake(target, { ...how, seconds })
      samples[at]!.push(await measure(target, { ...how, seconds }, meter))
    }
  }
  return plans.map(({ target, ...how }, at) => ({
    ...how,
    target: target.name,
    size: target.database.size,
    samples: samples[at]!,
  }))
}

/** Once and unmeasured: connections, prepared statements and the compiler settle. */
async function warm(targets: readonly Target[], all: readonly Operation[], meter: Meter) {
  for (const target of targets) {
    told(`warming ${target.name} on ${target.database.size}`)
    for (const operation of all)
      await measure(target, { operation, connections: pool, seconds: 1, tokens: 'known' }, meter)
  }
}

const each = <T, R>(list: readonly T[], make: (item: T) => R[]): R[] => list.flatMap(make)
const named = (targets: readonly Target[], ...names: string[]) =>
  targets.filter(({ name }) => names.includes(name))

/** @throws Error when the textbook answers about other rows than the product. */
async function sameWork(product: Target, textbook: Target) {
  for (const calls of Object.values(operations)) {
    const call = calls(product.database.size)[0]!
    const said = async (target: Target) => {
      const found: unknown[] = []
      JSON.parse(await (await target.fetch!(call)).text(), (key, value: unknown) => {
        if (['status', 'offerId', 'score'].includes(key)) found.push(value)
        return value
      })
      await refill(product.database)
      return found.join()
    }
    const [ours, theirs] = [await said(product), await said(textbook)]
    if (ours !== theirs || ours === '')
      throw new Error(`${call.path}: the product says ${ours}, the textbook ${theirs}`)
  }
}

async function buffersOf(databases: readonly Database[]): Promise<Buffers[]> {
  const found: Buffers[] = []
  for (const database of databases) {
    const { size, serviceUrl } = database
    const traces = await record(
      serviceUrl,
      Object.values(operations).map((calls) => calls(size)[0]!),
    )
    await refill(database)
    for (const [at, operation] of Object.keys(operations).entries()) {
      const plans = await explain(serviceUrl, traces[at]!, 'generic')
      const roundTrips = traces[at]!.trips.filter((trip) => !isAudit(trip)).length
      found.push({
        size,
        operation,
        roundTrips,
        statements: plans.map(({ name, buffers }) => ({ name, buffers })),
      })
    }
  }
  return found
}

/** Whether the memory of the service stays flat while it works. */
async function soak(product: Target, minutes: number, meter: Meter): Promise<Soak> {
  const rss: Soak['rss'] = []
  const start = performance.now()
  for (let said = 0; performance.now() - start < minutes * 60_000;) {
    await measure(product, { operation: 'mix', connections: pool, seconds: 5, tokens: 'known' }, meter)
    const elapsed = (performance.now() - start) / 60_000
    rss.push({ minutes: elapsed, bytes: (await product.used()).rss })
    if (Math.floor(elapsed) > said)
      told(
        `memory: minute ${(said = Math.floor(elapsed))} of ${minutes}, ${Math.round(rss.at(-1)!.bytes / 2 ** 20)} MB`,
      )
  }
  return { rss }
}

async function fillReadme(result: Result) {
  const readme = new URL('README.md', import.meta.url)
  const [before, , after] = (await readFile(readme, 'utf8')).split(
    /(?<=<!-- figures -->\n)|(?=<!-- end of figures -->)/,
  )
  await writeFile(readme, await format(`${before}\n${figures(result)}\n\n${after}`, { parser: 'markdown' }))
}

/** A whole list as one stream of lines: its length must not show in the memory of the service. */
async function stream(product: Target): Promise<Stream> {
  const { rss: before } = await product.used()
  let [rows, most] = [0, before]
  const list: Call = { method: 'GET', path: '/v1/clients', by: { tenant: 1, n: 11 }, ids: [] }
  const { body, status } = await product.fetch!(list, 'application/x-ndjson')
  if (status !== 200) throw new Error(`the stream answers ${status}`)
  for await (const chunk of body!) {
    rows += chunk.filter((byte: number) => byte === 10).length
    most = Math.max(most, (await product.used()).rss)
  }
  return { rows, bytes: most - before }
}

const server = await openServer(told)
try {
  const databases = await openDatabases(server, chosen, fresh, told)
  const database = databases.find(({ size }) => size === main)!
  const cpu = await postgresCpu(database.admin)
  const meter: Meter = { cpu, idle: 0 }
  if (cpu) {
    await sleep(1000)
    const before = cpu()
    await sleep(2000)
    meter.idle = (cpu() - before) / 2
  }
  const result: Result = {
    at: new Date().toISOString(),
    machine: { cpu: cpus()[0]?.model.trim() ?? '', cores: cpus().length, node: process.version },
    generator,
    pool,
    rounds,
    seconds,
    main,
    cells: [],
    buffers: [],
    soak: undefined,
    stream: undefined,
  }

  told('plans and buffers of the operations')
  result.buffers = await buffersOf(databases)

  const [product] = await servers('product', database)
  const [textbook] = await servers('textbook', database)
  const rungs = await servers(
    'ladder',
    database,
    Object.fromEntries(['static', 'jwt', 'prepared', 'rls', 'audit'].map((rung) => [rung, `/${rung}`])),
  )
  const limits = [...(await drivers(database)), ...(installed('pgbench') ? await pgbench(database) : [])]
  const all = ['client', 'inbox', 'finish', 'accept'] as const
  await warm([product!, textbook!], [...all, 'mix'], meter)
  await warm([...rungs, ...limits], ['client'], meter)

  await sameWork(product!, textbook!)

  const at = { connections: pool, tokens: 'known' } as const
  const add = async (title: string, plans: Plan[]) =>
    result.cells.push(...(await interleaved(title, plans, meter)))
  await add(
    'the ladder',
    [...limits, ...rungs, product!, textbook!].map((target) => ({
      ...at,
      target,
      operation: 'client' as const,
    })),
  )
  await add(
    'the operations',
    each(['inbox', 'finish', 'accept', 'mix'] as const, (operation) =>
      [product!, textbook!, ...(operation === 'mix' ? [] : named(limits, 'driver'))].map((target) => ({
        ...at,
        target,
        operation,
      })),
    ),
  )
  await add(
    'concurrency',
    each(['client', 'mix'] as const, (operation) =>
      each(quick ? [1, 256] : [1, 4, 64, 256], (connections) =>
        [product!, textbook!].map((target) => ({ ...at, connections, target, operation })),
      ),
    ),
  )
  await add(
    'tokens never seen before',
    (['client', 'mix'] as const).map((operation) => ({
      ...at,
      tokens: 'fresh' as const,
      target: product!,
      operation,
    })),
  )
  // Their connections are needed for the other sizes.
  await stopAll()
  const products: Target[] = []
  for (const each of databases) products.push(...(await servers('product', each)))
  await warm(products, ['client', 'inbox', 'mix'], meter)
  await add(
    'growth',
    each([...all, 'mix'] as const, (operation) =>
      products
        .filter(
          ({ database: { size } }) =>
            size !== main && (size !== '10m' || operation === 'client' || operation === 'inbox'),
        )
        .map((target) => ({ ...at, target, operation })),
    ),
  )
  result.stream = await stream(products.at(-1)!)
  const soaked = products.find((target) => target.database === database)!
  if (soakMinutes > 0) result.soak = await soak(soaked, soakMinutes, meter)

  const folder = quick ? `${dataDir}/quick` : new URL('results', import.meta.url).pathname
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(report(result))) await writeFile(`${folder}/${name}`, text)
  if (!quick) await fillReadme(result)
  told(`written to ${folder}`)
  await Promise.all(databases.map(({ admin }) => admin.end()))
} finally {
  await stopAll()
  await server.stop()
}
