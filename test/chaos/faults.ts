// What do callers see while line, pool, clock or schema misbehave, and is everything there afterwards?
import { execFile } from 'node:child_process'
import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { password } from '../support/people.ts'
import { openCity, until, type City } from './city.ts'
import { inWords, isClean, type Row, type Told } from './crash.ts'
import { openProxy, type Fault } from './proxy.ts'
import { send, startWriters } from './writers.ts'

const run = promisify(execFile)

/** Nobody waits longer than this for an answer, whatever happens behind it. */
const longestWait = 25_000

const counted = (statuses: Record<string, number>) =>
  Object.entries(statuses)
    .map(([status, count]) => `${count} × ${status === '0' ? 'no answer' : status}`)
    .join(', ')

/** What was answered since then. */
const since = (before: Record<string, number>, statuses: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(statuses).map(([status, count]) => [status, count - (before[status] ?? 0)]),
  )

/** Like a load balancer: every second, whether or not it was answered before. */
function watchReady(url: string) {
  let slowest = 0
  let last = 0
  const asked: Promise<void>[] = []
  const ask = async () => {
    const began = performance.now()
    last = await fetch(`${url}/health/ready`).then(
      ({ status }) => status,
      () => 0,
    )
    slowest = Math.max(slowest, performance.now() - began)
  }
  const asking = setInterval(() => asked.push(ask()), 1_000)
  return {
    async end() {
      clearInterval(asking)
      await Promise.all(asked)
      await ask()
      return { slowest, last }
    },
  }
}

/** Of each bad line some seconds, longer than anybody should wait, under load; right statuses, no endless wait, and writing again within ten seconds. */
export async function lines(secondsEach: number, told: Told): Promise<Row[]> {
  const rows: Row[] = []
  for (const fault of [
    'latency',
    'reset',
    'half-open',
    'blackhole',
    'trickle',
  ] as const satisfies readonly Fault[]) {
    const began = performance.now()
    const city = await openCity()
    const proxy = await openProxy({ host: '127.0.0.1', port: city.postgres.port })
    try {
      const through = (url: string) => url.replace(/:\d+\//, `:${proxy.port}/`)
      const service = await city.startService({
        DATABASE_URL: through(city.urls.serviceUrl),
        DATABASE_WORKER_URL: through(city.urls.workerUrl),
      })
      const writers = startWriters({ city, url: () => service.url, run: 'line', writers: 12 })
      await until('the first writes', async () => writers.acknowledged > 100)
      const before = { ...writers.statuses }
      writers.forgetSlowest()
      const watching = watchReady(service.url)
      proxy.set(fault)
      await sleep(secondsEach * 1000)
      const during = writers.acknowledged
      proxy.set('none')
      const back = await until(
        `a write after ${fault}`,
        async () => writers.acknowledged > during + 24,
        30_000,
      )
      const { slowest } = writers
      const findings = await writers.end()
      const ready = await watching.end()
      const alive = service.child.exitCode === null
      const code = await service.end()
      const statuses = since(before, writers.statuses)
      const row = {
        suite: `line: ${fault}`,
        tried: `${secondsEach} s under load (${counted(statuses)})`,
        found: `${inWords(findings)}; slowest answer ${(slowest / 1000).toFixed(1)} s, of /health/ready ${(ready.slowest / 1000).toFixed(1)} s, writing again after ${(back / 1000).toFixed(1)} s${alive ? '' : '; THE SERVICE ENDED'}`,
        good:
          isClean(findings) &&
          alive &&
          code === 0 &&
          Math.max(slowest, ready.slowest) < longestWait &&
          ready.last === 200 &&
          back < 10_000,
        seconds: (performance.now() - began) / 1000,
      }
      told(`${row.suite}: ${row.found}`)
      rows.push(row)
    } finally {
      await proxy.close()
      await city.close()
    }
  }
  return rows
}

/** Two connections, a lock on what everybody writes, and a crowd: whoever cannot be served is told so at once. */
export async function crowd(told: Told): Promise<Row> {
  const began = performance.now()
  const city = await openCity()
  try {
    const service = await city.startService({ DATABASE_POOL: '2' })
    const writers = startWriters({ city, url: () => service.url, run: 'crowd', writers: 80 })
    await until('the first writes', async () => writers.acknowledged > 200)
    writers.forgetSlowest()
    const holder = await holding(city, 'lock table cases, tasks in access exclusive mode')
    await sleep(14_000)
    await holder.end()
    const during = writers.acknowledged
    const back = await until('a write', async () => writers.acknowledged > during + 50, 30_000)
    const { slowest } = writers
    const findings = await writers.end()
    const alive = service.child.exitCode === null
    await service.end()
    told(`crowd: ${inWords(findings)}`)
    return {
      suite: 'pool exhausted',
      tried: `80 writers on 2 connections, tables locked for 14 s (${counted(writers.statuses)})`,
      found: `${inWords(findings)}; slowest answer ${(slowest / 1000).toFixed(1)} s, writing again after ${(back / 1000).toFixed(1)} s`,
      good:
        isClean(findings) &&
        alive &&
        slowest < longestWait &&
        back < 10_000 &&
        (writers.statuses[503] ?? 0) > 0,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await city.close()
  }
}

async function holding(city: City, statement: string) {
  const url = new URL(city.postgres.adminUrl)
  url.pathname = '/lotse'
  const client = new pg.Client({ connectionString: url.toString() })
  await client.connect()
  await client.query('begin')
  await client.query(statement)
  return client
}

/** The policies are all taken back and made anew while everybody works: nobody sees more, nobody is refused wrongly. */
export async function migrations(times: number, told: Told): Promise<Row> {
  const began = performance.now()
  const city = await openCity()
  try {
    const service = await city.startService()
    const writers = startWriters({ city, url: () => service.url, run: 'migration', writers: 12 })
    await until('the first writes', async () => writers.acknowledged > 100)
    writers.forgetSlowest()
    let done = 0
    const failed: string[] = []
    for (; done < times; done++) {
      await city.sql(`update migrations.applied set hash = 'another' where name = 'access'`)
      await migrate(city.urls.ownerUrl).catch((error: Error) => failed.push(error.message))
      await sleep(100)
    }
    const { slowest } = writers
    const findings = await writers.end()
    const alive = service.child.exitCode === null
    await service.end()
    told(`migrations: ${inWords(findings)}`)
    return {
      suite: 'migration under load',
      tried: `all policies and grants replaced ${done} times while 12 wrote (${counted(writers.statuses)})`,
      found: `${inWords(findings)}; ${failed.length} migrations gave up; slowest answer ${(slowest / 1000).toFixed(1)} s`,
      good: isClean(findings) && alive && failed.length === 0 && slowest < longestWait,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await city.close()
  }
}

/** A service whose clock is a day off, beside one whose clock is right. */
export async function clocks(told: Told): Promise<Row[]> {
  // The command of the same name would stand between us and the service: it is the library that matters.
  const faketime = await run('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketime.so.1']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
  if (!faketime)
    return [
      {
        suite: 'clock ± 1 day',
        tried: 'skipped: faketime is not installed (apt-get install faketime)',
        found: 'not tried',
        good: true,
        seconds: 0,
      },
    ]
  const rows: Row[] = []
  for (const shift of ['+1d', '-1d']) {
    const began = performance.now()
    const city = await openCity()
    try {
      const service = await city.startService({
        LD_PRELOAD: faketime,
        FAKETIME: shift,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      })
      const { date } = Object.fromEntries((await fetch(`${service.url}/health/live`)).headers)
      const off = Math.round((Date.parse(date!) - Date.now()) / 3_600_000)
      const { municipality, email } = city.cast.members.nora
      const signedIn = await send(service.url, '/v1/auth/token', { municipality, email, password }, '')
      const tokens = signedIn.body as { accessToken: string; refreshToken: string }
      const me = await fetch(`${service.url}/v1/me`, {
        headers: { authorization: `Bearer ${tokens.accessToken}` },
      })
      const renewed = await send(service.url, '/v1/auth/refresh', { refreshToken: tokens.refreshToken }, '')
      const writers = startWriters({ city, url: () => service.url, run: 'clock', writers: 4 })
      await until('writes', async () => writers.acknowledged > 200, 30_000).catch(() => {})
      const findings = await writers.end()
      const [late] = await city.sql<{ n: number }>(
        `select count(*)::int as n from cases where opened_at not between now() - interval '5 minutes' and now()`,
      )
      const alive = service.child.exitCode === null
      await service.end()
      const statuses = [signedIn.status, me.status, renewed.status]
      told(`clock ${shift}: ${statuses.join()} ${inWords(findings)}`)
      rows.push({
        suite: `clock ${shift}`,
        tried: `a service whose clock is ${off} h off: sign-in, read, renew, ${findings.acknowledged} writes`,
        found: `${statuses.join(', ')}; ${inWords(findings)}; ${late!.n} instants of the wrong day`,
        good:
          isClean(findings) &&
          alive &&
          statuses.every((status) => status === 200) &&
          findings.acknowledged > 200 &&
          late!.n === 0 &&
          Math.abs(off) === 24,
        seconds: (performance.now() - began) / 1000,
      })
    } finally {
      await city.close()
    }
  }
  return rows
}

/** Base backup and write-ahead log under load, then back to one instant: what was there before is, nothing later is. */
export async function pointInTime(told: Told): Promise<Row> {
  const began = performance.now()
  const city = await openCity()
  const archive = join(city.folder, 'archive')
  const base = join(city.folder, 'base')
  const restored = join(city.folder, 'restored')
  try {
    const data = join(city.folder, 'postgres/data')
    await mkdir(archive, { mode: 0o777 })
    await run('chmod', ['777', archive])
    await city.sql(`alter system set archive_mode = on`)
    await city.sql(`alter system set archive_command = '/bin/cp %p ${archive}/%f'`)
    await city.stopPostgres()
    await city.startPostgres()
    const service = await city.startService()
    const writers = startWriters({ city, url: () => service.url, run: 'pitr', writers: 8 })
    await until('writes before the backup', async () => writers.acknowledged > 300)

    const url = new URL(city.postgres.adminUrl)
    const client = new pg.Client({ connectionString: url.toString() })
    await client.connect()
    await client.query(`select pg_backup_start('chaos', true)`)
    await cp(data, base, {
      recursive: true,
      filter: (path) => !/postmaster\.(pid|opts)$|pg_wal\/.+/.test(path),
    })
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
    await writeFile(join(base, 'backup_label'), rows[0]!.labelfile)
    await client.end()

    await until('writes after the backup', async () => writers.acknowledged > 1_000, 60_000)
    const before = new Set(writers.marks())
    // Between two commits, with a clear distance to both.
    await sleep(50)
    const [instant] = await city.sql<{ now: string }>('select clock_timestamp()::text as now')
    await sleep(50)
    const after = writers.acknowledged
    await until('writes after the instant', async () => writers.acknowledged > after + 500, 60_000)
    const findings = await writers.end()
    const last = await city.sql<{ mark: string }>(
      `select title as mark from tasks where title like 'pitr-%' order by created_at desc limit 200`,
    )
    await service.end()
    await city.sql('select pg_switch_wal()')
    await sleep(1_000)
    await city.stopPostgres()

    await mkdir(restored)
    await cp(join(city.folder, 'postgres'), join(restored, 'postgres'), {
      recursive: true,
      filter: (path) => !path.startsWith(data),
    })
    await cp(base, join(restored, 'postgres/data'), { recursive: true })
    await mkdir(join(restored, 'postgres/data/pg_wal/archive_status'), { recursive: true })
    await writeFile(
      join(restored, 'postgres/data/postgresql.auto.conf'),
      `restore_command = '/bin/cp ${archive}/%f %p'\nrecovery_target_time = '${instant!.now}'\nrecovery_target_action = 'promote'\n`,
    )
    await writeFile(join(restored, 'postgres/data/recovery.signal'), '')
    await run('chmod', ['-R', 'go-rwx', join(restored, 'postgres/data')])
    await rm(join(restored, 'postgres/port'), { force: true })
    const postgres = await startEmbeddedPostgres({ dataDir: restored })
    try {
      const there = await marksOf(postgres.adminUrl)
      const named = [...before].filter((mark) => !mark.endsWith('-person'))
      const lost = named.filter((mark) => !there.has(mark))
      const later = last.filter(({ mark }) => there.has(mark) && !before.has(mark))
      told(`point in time: ${lost.length} lost, ${later.length} from later`)
      return {
        suite: 'point-in-time restore',
        tried: `base backup under load, ${named.length.toLocaleString('en')} marks before the instant, ${findings.acknowledged.toLocaleString('en')} writes in all`,
        found: `${lost.length} of before missing, ${later.length} of the last 200 there although they came later`,
        good: isClean(findings) && lost.length === 0 && later.length === 0 && named.length > 500,
        seconds: (performance.now() - began) / 1000,
      }
    } finally {
      await postgres.stop()
    }
  } finally {
    await city.close()
  }
}

async function marksOf(adminUrl: string): Promise<Set<string>> {
  const url = new URL(adminUrl)
  url.pathname = '/lotse'
  const client = new pg.Client({ connectionString: url.toString() })
  await client.connect()
  const { rows } = await client.query<{ mark: string }>(
    `select title as mark from tasks where title like 'pitr-%' union all select concern from cases where concern like 'pitr-%'`,
  )
  await client.end()
  return new Set(rows.map(({ mark }) => mark))
}

/** A disk of its own that is filled to the brim while everybody writes, and emptied again. */
export async function disk(told: Told): Promise<Row> {
  const began = performance.now()
  const skipped = (why: string): Row => ({
    suite: 'disk full',
    tried: `skipped: ${why}`,
    found: 'not tried',
    good: true,
    seconds: 0,
  })
  if (process.getuid?.() !== 0) return skipped('only root can mount a small disk')
  const city = await openCity()
  const small = join(city.folder, 'postgres/data/pg_wal')
  let mounted = false
  try {
    await city.stopPostgres()
    const kept = join(city.folder, 'kept')
    await cp(small, kept, { recursive: true })
    const { uid, gid } = await stat(small)
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=0700', 'tmpfs', small])
      mounted = true
    } catch (error) {
      return skipped(`no small disk can be mounted here (${(error as Error).message.split('\n')[0]})`)
    }
    await cp(kept, small, { recursive: true })
    await run('chown', ['-R', `${uid}:${gid}`, small])
    await city.startPostgres()
    const service = await city.startService()
    const writers = startWriters({ city, url: () => service.url, run: 'disk', writers: 12 })
    await until('the first writes', async () => writers.acknowledged > 100)
    writers.forgetSlowest()
    const ballast = join(small, 'ballast')
    await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M']).catch(() => {})
    const before = { ...writers.statuses }
    // Segments that were written before lie there to be written again, and would last for a while.
    const refused = () => (writers.statuses[503] ?? 0) + (writers.statuses[0] ?? 0)
    const none = refused()
    await until('a write that is refused', async () => {
      await city.sql('select pg_switch_wal()').catch(() => {})
      return refused() > none
    })
    await sleep(8_000)
    const during = since(before, writers.statuses)
    await rm(ballast)
    // PostgreSQL stops itself when it cannot write its log ahead; whoever operates it starts it again.
    const stopped = await Promise.race([city.postgres.lost.then(() => true), sleep(500, false)])
    if (stopped) await city.startPostgres()
    const then = writers.acknowledged
    const back = await until('a write after', async () => writers.acknowledged > then + 24, 30_000)
    const findings = await writers.end()
    const alive = service.child.exitCode === null
    await service.end()
    told(`disk full: ${inWords(findings)}`)
    return {
      suite: 'disk full',
      tried: `the disk of the write-ahead log full for 8 s under load (${counted(during)})${stopped ? '; PostgreSQL stopped itself and was started again' : ''}`,
      found: `${inWords(findings)}; the service ${alive ? 'lived on' : 'ENDED'}, writing again after ${(back / 1000).toFixed(1)} s`,
      good: isClean(findings) && alive && back < 10_000 && (during[503] ?? 0) > 0,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await city.stopPostgres()
    if (mounted) await run('umount', ['-l', small]).catch(() => {})
    await city.close()
  }
}
