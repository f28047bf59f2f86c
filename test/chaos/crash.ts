// Is anything lost, half or doubled when service and database are killed in the middle of writing?
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, openCity, until, type City } from './city.ts'
import { startTextbook } from './defective.ts'
import { judge, startWriters, type Findings } from './writers.ts'

export interface Told {
  (line: string): void
}

export interface Row {
  suite: string
  tried: string
  found: string
  /** Whether what was found is what must be found. */
  good: boolean
  seconds: number
}

const pause = (least: number, most: number) => sleep(least + Math.random() * (most - least))

/** How a defect is told, or that there was none. */
export const inWords = ({ lost, half, doubled, strange }: Findings) =>
  `${lost.length} lost, ${half.length} half-applied, ${doubled.length} doubled${strange.length > 0 ? `, strange answers: ${[...new Set(strange)].slice(0, 3).join('; ')}` : ''}`
export const isClean = ({ lost, half, doubled, strange }: Findings) =>
  lost.length + half.length + doubled.length + strange.length === 0

/** Kills service and PostgreSQL in turn under load; goes on writing until enough was acknowledged. */
export async function crash(kills: number, writes: number, told: Told): Promise<Row> {
  const began = performance.now()
  const city = await openCity()
  try {
    const port = String(await freePort())
    let service = await city.startService({ PORT: port })
    const { url } = service
    const writers = startWriters({ city, url: () => url, run: 'crash', writers: 12 })
    const back = { service: 0, postgres: 0 }
    await until('the first write', async () => writers.acknowledged > 20)
    for (let kill = 1; kill <= kills; kill++) {
      for (const whom of ['service', 'postgres'] as const) {
        await pause(200, 900)
        const before = writers.acknowledged
        const since = performance.now()
        if (whom === 'service') {
          await service.kill()
          service = await city.startService({ PORT: port })
        } else {
          await city.killPostgres()
          await city.startPostgres()
        }
        await until(`a write after killing ${whom}`, async () => writers.acknowledged > before + 12, 60_000)
        back[whom] = Math.max(back[whom], performance.now() - since)
        if (service.child.exitCode !== null) throw new Error(`the service ended: ${service.said()}`)
      }
      if (kill % 10 === 0 || kill === kills)
        told(`${kill} kills each, ${writers.acknowledged.toLocaleString('en')} writes acknowledged`)
    }
    for (let next = 0; writers.acknowledged < writes; await sleep(200)) {
      if (writers.acknowledged < next) continue
      told(
        `${writers.acknowledged.toLocaleString('en')} of ${writes.toLocaleString('en')} writes acknowledged`,
      )
      next = writers.acknowledged + 20_000
    }
    const findings = await writers.end()
    await service.end()
    const slowest = Math.max(back.service, back.postgres)
    return {
      suite: 'crash',
      tried: `SIGKILL of service and PostgreSQL ${kills} times each, ${findings.acknowledged.toLocaleString('en')} acknowledged writes`,
      found: `${inWords(findings)}; writing again after at most ${(back.service / 1000).toFixed(1)} s (service) and ${(back.postgres / 1000).toFixed(1)} s (PostgreSQL)`,
      good: isClean(findings) && slowest <= 10_000,
      seconds: (performance.now() - began) / 1000,
    }
  } finally {
    await city.close()
  }
}

/** What the suite must notice: an acknowledged commit that was not on disk, and a repeated request that is done again. */
export async function keptDefects(told: Told): Promise<Row[]> {
  const rows: Row[] = []
  for (const [defect, make] of [
    ['synchronous_commit=off', asynchronous],
    ['no idempotency key', withoutKey],
    ['no transaction', withoutTransaction],
  ] as const) {
    const began = performance.now()
    const city = await openCity()
    try {
      const { tried, findings, expected } = await make(city)
      told(`${defect}: ${inWords(findings)}`)
      rows.push({
        suite: `crash, kept defect: ${defect}`,
        tried,
        found: inWords(findings),
        good: findings[expected].length > 0,
        seconds: (performance.now() - began) / 1000,
      })
    } finally {
      await city.close()
    }
  }
  return rows
}

interface Defect {
  tried: string
  findings: Findings
  /** Where it must show. */
  expected: 'lost' | 'half' | 'doubled'
}

/** The service refuses to start on such a database; so it is switched on behind its back. */
async function asynchronous(city: City): Promise<Defect> {
  const port = String(await freePort())
  const service = await city.startService({ PORT: port })
  // On the command line of the embedded server it is on; a role's own setting goes before that.
  await city.sql('alter role lotse_service set synchronous_commit = off')
  await city.sql(`alter system set wal_writer_delay = '10s'`)
  await city.sql('select pg_reload_conf()')
  await city.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'lotse_service'`)
  const writers = startWriters({ city, url: () => service.url, run: 'late', writers: 8 })
  let kills = 0
  // What was lost is missed by whoever goes on with it: then there is nothing more to wait for.
  for (; kills < 3 && writers.strange.length === 0; kills++) {
    const before = writers.acknowledged
    const goneOn = async () => writers.acknowledged > before + 300 || writers.strange.length > 0
    await until('some writes', goneOn, 30_000)
    await city.killPostgres()
    await city.startPostgres()
  }
  const findings = await writers.end()
  await service.kill()
  return { tried: `${kills} kills of PostgreSQL`, findings, expected: 'lost' }
}

async function withoutKey(city: City): Promise<Defect> {
  const port = String(await freePort())
  let service = await city.startService({ PORT: port })
  const { url } = service
  const writers = startWriters({ city, url: () => url, run: 'again', writers: 12, idempotent: false })
  let kills = 0
  // Which answers are lost on their way is chance: so often that some are.
  for (; kills < 12; kills++) {
    await pause(300, 600)
    await city.killPostgres()
    await city.startPostgres()
    await service.kill()
    service = await city.startService({ PORT: port })
  }
  const findings = await writers.end()
  await service.kill()
  // Without keys there is no row of one: that is not what this is about.
  return {
    tried: `${kills} kills each, requests repeated without a key`,
    findings: { ...findings, half: [] },
    expected: 'doubled',
  }
}

/** A server of a dozen lines that saves an act and its audit row one after the other, killed in between. */
async function withoutTransaction(city: City): Promise<Defect> {
  await city.sql('create table acts (mark text not null)')
  await city.sql('create table audits (mark text not null)')
  const acknowledged = new Set<string>()
  let kills = 0
  for (; kills < 5; kills++) {
    const textbook = await startTextbook(city.postgres.adminUrl.replace(/postgres$/, 'lotse'))
    let ending = false
    const writer = async (number: number) => {
      for (let turn = 0; !ending; turn++) {
        const mark = `${kills}-${number}-${turn}`
        const done = await fetch(`${textbook.url}/${mark}`, { method: 'POST' }).catch(() => undefined)
        if (done?.status === 200) acknowledged.add(mark)
      }
    }
    const all = Promise.all(Array.from({ length: 12 }, (_, number) => writer(number)))
    await pause(200, 400)
    textbook.kill()
    ending = true
    await all
  }
  const rows = await city.sql<{ mark: string; counts: number[] }>(
    `select mark, array[count(acts.mark)::int, count(audits.mark)::int] as counts
     from acts full join audits using (mark) group by mark`,
  )
  return {
    tried: `${kills} kills of a server without transactions`,
    findings: { acknowledged: acknowledged.size, ...judge(acknowledged, rows), strange: [] },
    expected: 'half',
  }
}
