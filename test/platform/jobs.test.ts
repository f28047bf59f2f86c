// Does a job happen when its transaction does, once, and can nobody but the queue's own role touch what waits?
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as sqlText } from 'drizzle-orm'
import { NIL, v7 as newId } from 'uuid'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { createLog } from '../../src/platform/log.ts'
import type { Mailer } from '../../src/platform/mail.ts'
import { actor } from '../../src/platform/actor.ts'
import { enqueue, runJobs, type Jobs, type Runner, type Task } from '../../src/platform/jobs.ts'
import { statement } from '../../src/platform/statement.ts'
import { crontab, startJobs, type JobDeps } from '../../src/jobs.ts'
import { openProxy } from '../chaos/proxy.ts'
import { lotse } from '../support/app.ts'
import { nora, otto } from '../support/cast.ts'
import { contextOf } from '../support/sql.ts'

const { db, keys, sql, asService, urls, log, logged, aSentReferral, anAnswerLink } = await lotse()

const running = new Set<Runner>()
afterAll(() => Promise.all([...running].map((runner) => runner.end())))

const never = '0 0 1 1 * tick'
function run(tasks: Record<string, Task>, more: Partial<Jobs> = {}) {
  const runner = runJobs({
    url: urls.worker,
    log,
    lanes: [{ hands: 2, tasks: { tick: async () => {}, ...tasks } }],
    crontab: never,
    atStart: [],
    lookEvery: 200,
    ...more,
  })
  running.add(runner)
  const end = (within?: number) => {
    running.delete(runner)
    return runner.end(within)
  }
  return { end, works: () => runner.works() }
}

interface Waiting extends Record<string, unknown> {
  task: string
  attempts: number
  lockedAt: string | null
  lastError: string | null
  payload: unknown
}
const waiting = (task: string) =>
  sql<Waiting>(
    `select t.identifier as task, j.attempts, j.locked_at as "lockedAt", j.last_error as "lastError", j.payload
     from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier = $1`,
    [task],
  )

const asCourier = () => actor({ action: 'courier.mail', requestId: newId(), tenantId: nora.tenantId })
const aStatement = statement('test.jobs.something', () => sqlText`select 1 as one`)
const nothing = async () => {}

test('a job of a transaction that is rolled back never was', async () => {
  await expect(
    db.as(asCourier(), async (tx) => {
      enqueue(tx, 'rolled_back', { id: randomUUID() })
      await tx.all(aStatement, {})
      throw new Error('changed our mind')
    }),
  ).rejects.toThrow('changed our mind')
  expect(await waiting('rolled_back')).toEqual([])

  await db.as(asCourier(), async (tx) => enqueue(tx, 'kept', { id: randomUUID() }))
  expect(await waiting('kept')).toHaveLength(1)
})

test('a job runs after its transaction, with the ids that it was given, and is gone then', async () => {
  const linkId = randomUUID()
  const seen: unknown[] = []
  const { end } = run({ told: async (payload) => void seen.push(payload) })
  await db.as(asCourier(), async (tx) => enqueue(tx, 'told', { tenantId: nora.tenantId, linkId }))
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual([{ tenantId: nora.tenantId, linkId }])
  await expect.poll(() => waiting('told'), { timeout: 5_000 }).toEqual([])
  await end()
})

test.each([
  ['a name', { client: 'Kanaria Vogelsang' }],
  ['a number', { client: 7 }],
  ['nothing', { client: null }],
  ['a list of ids', { client: [randomUUID()] }],
])('a payload with %s instead of an id is refused', async (_, payload) => {
  const asked = asService(contextOf(nora), `select jobs.enqueue('anything', $1)`, [JSON.stringify(payload)])
  await expect(asked).rejects.toThrow('ids only')
})

test('the service can queue, and do nothing else with the queue or the list of municipalities', async () => {
  await asService(contextOf(nora), `select jobs.enqueue('anything', '{}')`)
  for (const attempt of [
    'select * from graphile_worker._private_jobs',
    'select * from graphile_worker.jobs',
    `insert into graphile_worker._private_tasks (identifier) values ('mine')`,
    `select graphile_worker.add_job('anything')`,
    `select graphile_worker.complete_jobs('{1}')`,
    'delete from graphile_worker._private_jobs',
    'select * from jobs.municipalities',
    'delete from jobs.municipalities',
    'set role lotse_worker',
  ])
    await expect(asService(contextOf(nora), attempt), attempt).rejects.toMatchObject({ code: '42501' })
})

test('the role of the queue sees no record, and knows municipalities by their ids only', async () => {
  const client = new pg.Client({ connectionString: urls.worker })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, string>>('select * from jobs.municipalities')
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([nora.tenantId, otto.tenantId]))
    expect(Object.keys(rows[0]!)).toEqual(['id'])
    for (const table of ['clients', 'users', 'tenants', 'notices', 'audit_events'])
      await expect(client.query(`select from ${table}`), table).rejects.toMatchObject({ code: '42501' })
    await expect(client.query('create schema mine')).rejects.toMatchObject({ code: '42501' })
  } finally {
    await client.end()
  }
})

test('what comes round is queued once, however many processes there are', { timeout: 30_000 }, async () => {
  // The crontab counts in minutes: the last one is made up for, by whichever of the two is first.
  await sql(
    `insert into graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
     values ('rounds', now() - interval '1 hour', date_trunc('minute', now()) - interval '2 minutes')
     on conflict (identifier) do update set last_execution = excluded.last_execution`,
  )
  const rounds: string[] = []
  const tasks = {
    rounds: async (payload: unknown) => void rounds.push((payload as { _cron: { ts: string } })._cron.ts),
  }
  const crontab = `* * * * * rounds ?id=rounds&fill=90s`
  const runners = [run(tasks, { crontab }), run(tasks, { crontab })]
  await expect.poll(() => rounds.length, { timeout: 10_000 }).toBeGreaterThan(0)
  await sleep(1_500)
  expect(rounds).toHaveLength(new Set(rounds).size)
  await Promise.all(runners.map(({ end }) => end()))
})

test('two processes share what waits, and no job is done twice', { timeout: 30_000 }, async () => {
  const done: string[] = []
  const tasks = {
    shared: async (payload: unknown) => {
      await sleep(20)
      done.push((payload as { id: string }).id)
    },
  }
  const runners = [run(tasks), run(tasks)]
  const ids = Array.from({ length: 30 }, () => randomUUID())
  await Promise.all(ids.map((id) => db.as(asCourier(), async (tx) => enqueue(tx, 'shared', { id }))))
  await expect.poll(() => done.length, { timeout: 15_000 }).toBe(30)
  await sleep(300)
  expect([...done].sort()).toEqual([...ids].sort())
  await Promise.all(runners.map(({ end }) => end()))
})

test('however long one kind of job takes, no other kind waits for it', { timeout: 20_000 }, async () => {
  const ending = new AbortController()
  const hanging = () => sleep(60_000, undefined, { signal: ending.signal, ref: false }).catch(() => {})
  const done: string[] = []
  const { end, works } = run(
    {},
    {
      lanes: [
        { hands: 1, tasks: { clock: async () => void done.push('clock') } },
        { hands: 2, tasks: { calls: hanging } },
        { hands: 1, tasks: { letters: async () => void done.push('letters') } },
      ],
    },
  )
  for (let n = 0; n < 20; n += 1)
    await db.as(asCourier(), async (tx) => enqueue(tx, 'calls', { id: randomUUID() }))
  const locked = async () => (await waiting('calls')).filter(({ lockedAt }) => lockedAt !== null).length
  await expect.poll(locked, { timeout: 10_000 }).toBe(2)
  for (const task of ['clock', 'letters'])
    await db.as(asCourier(), async (tx) => enqueue(tx, task, { id: randomUUID() }))
  await expect.poll(() => done.toSorted(), { timeout: 5_000 }).toEqual(['clock', 'letters'])
  expect(await locked()).toBe(2)
  expect(works()).toBe(true)
  ending.abort()
  await end()
  await sql(`delete from graphile_worker._private_jobs`)
})

test('of what comes round one runs at a time, and what comes meanwhile is done without being counted', async () => {
  const ending = new AbortController()
  const ended: string[] = []
  let begun = 0
  const round = async () => {
    begun += 1
    await sleep(60_000, undefined, { signal: ending.signal, ref: false }).catch(() => {})
  }
  const { end } = run(
    {},
    {
      lanes: [{ hands: 3, tasks: { round }, alone: ['round'] }],
      ended: (task, result) => ended.push(`${task} ${result}`),
    },
  )
  const again = () => db.as(asCourier(), async (tx) => enqueue(tx, 'round', { id: randomUUID() }))
  await again()
  await expect.poll(() => begun, { timeout: 10_000 }).toBe(1)
  await Promise.all([again(), again(), again()])
  await expect.poll(async () => (await waiting('round')).length, { timeout: 10_000 }).toBe(1)
  expect([begun, ended]).toEqual([1, []])
  ending.abort()
  await expect.poll(() => ended, { timeout: 5_000 }).toEqual(['round done'])
  await again()
  await expect.poll(() => begun, { timeout: 5_000 }).toBe(2)
  await end()
})

test('a job may leave the rest to another one, at once or later, and holds no hand meanwhile', async () => {
  const seen: unknown[] = []
  const { end } = run(
    {},
    {
      lanes: [
        {
          hands: 1,
          tasks: {
            parts: async (payload, { queue, sleep }) => {
              const { part = 0 } = payload as { part?: number }
              seen.push(part)
              if (part === 0) {
                void sleep(400).then(() => queue({ part: 2 }))
                await queue({ part: 1 })
              }
            },
          },
        },
      ],
    },
  )
  await db.as(asCourier(), async (tx) => enqueue(tx, 'parts', { id: randomUUID() }))
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual([0, 1, 2])
  await end()
})

test('a job that fails is tried again, and neither the queue nor the log repeats what it said', async () => {
  const { end } = run({
    failing: async () => {
      throw Object.assign(new Error('Kanaria Vogelsang, 0555 010203'), { code: 'XX999' })
    },
  })
  await db.as(asCourier(), async (tx) => enqueue(tx, 'failing', { id: randomUUID() }))
  await expect
    .poll(() => waiting('failing'), { timeout: 10_000 })
    .toMatchObject([{ attempts: 1, lockedAt: null, lastError: 'XX999' }])
  await end()
  expect(logged().join('')).toContain('a job failed')
  expect(logged().join('')).not.toContain('Kanaria')
  await sql(`delete from graphile_worker._private_jobs`)
})

test('whoever ends waits for a short job, and gives a long one back', { timeout: 20_000 }, async () => {
  let short = 'waiting'
  const one = run({
    short: async () => {
      short = 'running'
      await sleep(400)
      short = 'done'
    },
  })
  await db.as(asCourier(), async (tx) => enqueue(tx, 'short', { id: randomUUID() }))
  await expect.poll(() => short, { timeout: 10_000, interval: 20 }).toBe('running')
  await one.end()
  expect(short).toBe('done')
  expect(await waiting('short')).toEqual([])

  let long = 0
  const two = run({
    long: async () => {
      long += 1
      await sleep(60_000, undefined, { ref: false })
    },
  })
  await db.as(asCourier(), async (tx) => enqueue(tx, 'long', { id: randomUUID() }))
  await expect.poll(() => long, { timeout: 10_000 }).toBe(1)
  const began = Date.now()
  await two.end(300)
  expect(Date.now() - began).toBeLessThan(3_000)
  expect(await waiting('long')).toMatchObject([{ lockedAt: null, attempts: 1 }])

  const three = run({ long: async () => void (long += 1) })
  await expect.poll(() => long, { timeout: 15_000 }).toBe(2)
  await three.end()
})

test('what a killed process has locked is given back, and what another one does just now is not', async () => {
  const id = randomUUID()
  await db.as(asCourier(), async (tx) => {
    enqueue(tx, 'orphan', { id })
    enqueue(tx, 'orphan', { id: newId() })
  })
  const lock = `update graphile_worker._private_jobs set locked_by = $1, attempts = 1, locked_at = now() - $2::interval
    where (payload ->> 'id' = $3) = $4`
  await sql(lock, ['worker-killed', '16 minutes', id, true])
  await sql(lock, ['worker-busy', '3 minutes', id, false])
  const seen: unknown[] = []
  const { end } = run({ orphan: async (payload) => void seen.push(payload) })
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual([{ id }])
  await end()
  expect(await waiting('orphan')).toMatchObject([{ attempts: 1 }])
  await sql(`delete from graphile_worker._private_jobs`)
})

test(
  'a line that is dead, though nobody says so, is given up; the queue says that it does not work, and then works again',
  { timeout: 40_000 },
  async () => {
    const { hostname, port } = new URL(urls.worker)
    const proxy = await openProxy({ host: hostname, port: Number(port) })
    const url = Object.assign(new URL(urls.worker), { port: String(proxy.port) }).toString()
    let runs = 0
    const { works, end } = run({ over: async () => void (runs += 1) }, { url, givesUpAfter: 1_000 })
    try {
      await expect.poll(works, { timeout: 10_000 }).toBe(true)
      // Nobody asks for longer than that, and nothing is given up.
      await sleep(1_500)
      expect(works()).toBe(true)
      proxy.set('half-open')
      await expect.poll(works, { timeout: 10_000 }).toBe(false)
      proxy.set('none')
      await db.as(asCourier(), async (tx) => enqueue(tx, 'over', { id: randomUUID() }))
      await expect.poll(() => runs, { timeout: 20_000 }).toBe(1)
      expect(works()).toBe(true)
    } finally {
      await end()
      await proxy.close()
    }
  },
)

test('whoever was killed while sealing holds up no later sealing', { timeout: 20_000 }, async () => {
  const { parseCrontab } = await import('graphile-worker')
  const { options } = parseCrontab(crontab).find(({ task }) => task === 'seal')!
  const queued = () =>
    sql(
      `select graphile_worker.add_job('seal', queue_name := $1, job_key := $2, max_attempts := $3::int, job_key_mode := $4)`,
      [options.queueName ?? null, options.jobKey, options.maxAttempts, options.jobKeyMode],
    )
  await queued()
  await sql(
    `update graphile_worker._private_jobs set locked_by = 'worker-killed', locked_at = now(), attempts = 1 where key = 'seal'`,
  )
  await sql(
    `update graphile_worker._private_job_queues set locked_by = 'worker-killed', locked_at = now() where queue_name = $1`,
    [options.queueName ?? null],
  )
  await queued()
  let sealed = 0
  const { end } = run({ seal: async () => void (sealed += 1) })
  await expect.poll(() => sealed, { timeout: 5_000 }).toBe(1)
  await end()
  await sql(`delete from graphile_worker._private_jobs`)
})

test(
  'a database that is away stops nothing for good, at the start or later',
  { timeout: 60_000 },
  async () => {
    const database = new URL(urls.worker).pathname.slice(1)
    const back = () => sql(`grant connect on database ${database} to lotse_worker`)
    async function away() {
      await sql(`revoke connect on database ${database} from lotse_worker`)
      await sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'lotse_worker' and datname = $1`,
        [database],
      )
    }
    const again = () => db.as(asCourier(), async (tx) => enqueue(tx, 'after', { id: randomUUID() }))
    let runs = 0

    await away()
    const { end } = run({ after: async () => void (runs += 1) })
    await again()
    await expect
      .poll(() => logged().join(''), { timeout: 10_000 })
      .toContain('cannot be reached; trying again')
    expect(runs).toBe(0)
    await back()
    await expect.poll(() => runs, { timeout: 20_000 }).toBe(1)

    await away()
    await again()
    await sleep(1_000)
    expect(runs).toBe(1)
    await back()
    await expect.poll(() => runs, { timeout: 20_000 }).toBe(2)
    await end()
  },
)

test(
  'an answer link goes out by itself once a mail server is known, to its address only',
  { timeout: 30_000 },
  async () => {
    const { id } = await aSentReferral()
    const { code } = await anAnswerLink(id, { email: 'post@praxis.example' })
    const start = (mail: JobDeps['mail']) => {
      const runner = startJobs({ workerUrl: urls.worker, db, keys, log, mail })
      running.add(runner)
      return runner
    }
    const silent = start(undefined)
    await expect.poll(() => waiting('tick'), { timeout: 10_000 }).toEqual([])
    running.delete(silent)
    await silent.end()
    expect(await waiting('mail_answer_link')).toMatchObject([{ attempts: 0, lockedAt: null }])

    const sent: Parameters<Mailer>[0][] = []
    const publicUrl = 'https://lotse.example'
    const runner = start({ mailer: async (mail) => void sent.push(mail), publicUrl })
    await expect.poll(() => sent.map(({ to }) => to), { timeout: 10_000 }).toEqual(['post@praxis.example'])
    expect(sent[0]!.text).toContain(`${publicUrl}/answer/`)
    expect(sent[0]!.text).not.toMatch(new RegExp(`Kanaria|Vogelsang|stopped|${String(code)}`))
    await expect.poll(() => waiting('mail_answer_link'), { timeout: 5_000 }).toEqual([])
    running.delete(runner)
    await runner.end()
  },
)

test(
  'the clock of one municipality that fails does not stop that of another',
  { timeout: 20_000 },
  async () => {
    const lines: string[] = []
    const visited: string[] = []
    const ended: string[] = []
    const mailer = nothing
    const runner = startJobs({
      workerUrl: urls.worker,
      keys,
      ended: (task, result) => ended.push(`${task} ${result}`),
      log: createLog('debug', { write: (line) => void lines.push(line) }),
      db: {
        ...db,
        read: async (...given: Parameters<typeof db.read>) => {
          visited.push(given[0].tenantId)
          if (given[0].tenantId === nora.tenantId) throw new Error('Kanari: no')
          return db.read(...given)
        },
      } as typeof db,
      mail: { mailer, publicUrl: 'https://lotse.example' },
    })
    running.add(runner)
    // Counted tries are forgotten for no municipality in particular.
    await expect
      .poll(() => new Set(visited), { timeout: 10_000 })
      .toEqual(new Set([NIL, nora.tenantId, otto.tenantId]))
    await expect
      .poll(() => lines.join(''), { timeout: 5_000 })
      .toContain('the clock of a municipality failed')
    await expect.poll(() => waiting('tick'), { timeout: 5_000 }).toEqual([])
    // Whoever runs it is told, of every round that comes again by itself; none is tried again before that.
    await sql(`select graphile_worker.add_job('webhooks')`)
    await expect
      .poll(() => new Set(ended), { timeout: 10_000 })
      .toEqual(new Set(['tick failed', 'seal failed', 'mail failed', 'webhooks failed']))
    // Unless a minute has just begun, which queues them anew.
    for (const task of ['tick', 'seal', 'mail', 'webhooks'])
      await expect.poll(() => waiting(task), { timeout: 5_000 }).toEqual([])
    running.delete(runner)
    await runner.end()
    expect(visited.filter((id) => id === otto.tenantId).length).toBeGreaterThan(1)
    expect(lines.join('')).not.toContain('Kanari')
  },
)

test(
  'two processes whose clocks meet tell nobody twice that a day has passed',
  { timeout: 30_000 },
  async () => {
    const { id } = await aSentReferral()
    await sql(
      `update deadlines set started_on = started_on - 30, due_on = due_on - 30 where subject_id = $1 and stopped_at is null`,
      [id],
    )
    const told = () =>
      sql<{ times: number }>(
        `select count(*)::int as times from notices where kind = 'deadline_missed'
       group by subject_id, audience, to_organization_id, case_id, to_role`,
      )
    expect(await told()).toEqual([])
    const sent: string[] = []
    const mail = {
      mailer: async ({ to }: { to: string }) => void sent.push(to),
      publicUrl: 'https://lotse.example',
    }
    const runners = [0, 1].map(() => startJobs({ workerUrl: urls.worker, db, keys, log, mail }))
    runners.forEach((runner) => running.add(runner))
    await expect.poll(told, { timeout: 10_000 }).not.toEqual([])
    await expect.poll(() => waiting('tick'), { timeout: 10_000 }).toEqual([])
    for (const { times } of await told()) expect(times).toBe(1)

    await expect.poll(() => waiting('mail'), { timeout: 10_000 }).toEqual([])

    // An hour later everybody is reminded of it, once.
    await sql(`update notices set created_at = created_at - interval '1 hour'`)
    await sql(`insert into mail_settings (tenant_id, id, rhythm) select tenant_id, id, 'at_once' from memberships
    on conflict (tenant_id, id) do update set rhythm = 'at_once'`)
    for (const _ of runners) await sql(`select graphile_worker.add_job('mail')`)
    await expect.poll(() => sent.length, { timeout: 10_000 }).toBeGreaterThan(0)
    await expect.poll(() => waiting('mail'), { timeout: 10_000 }).toEqual([])
    expect(sent).toHaveLength(new Set(sent).size)
    for (const runner of runners) {
      running.delete(runner)
      await runner.end()
    }
  },
)
