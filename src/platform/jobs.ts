// What happens without a request? A job is queued in a request's own transaction, names ids only, and runs once it is there.
import { sql } from 'drizzle-orm'
import type { JobHelpers, WorkerEvents, WorkerPool } from 'graphile-worker'
import { EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Tx } from './db.ts'
import type { Logger } from './log.ts'
import { createPool } from './pool.ts'
import { statement, type Given } from './statement.ts'

/** Ids, and nothing else: jobs.enqueue refuses every other value, and a job reads the rest itself when it runs. */
export type Payload = Record<string, string>

const newJob = statement(
  'jobs.enqueue',
  (given: Given<{ task: string; payload: string }>) =>
    sql`select jobs.enqueue(${given.task}::text, ${given.payload}::jsonb)`,
)

/** The job exists when the transaction does, and never otherwise. */
export function enqueue(tx: Tx, task: string, payload: Payload) {
  tx.saveAll(newJob, { task, payload: JSON.stringify(payload) })
}

export interface Round {
  /** Every municipality, for what nobody asks for. */
  municipalities: () => Promise<string[]>
  /** The process ends, or the job has taken too long: stop at the next good place. */
  signal: AbortSignal
  /**
   * A part went wrong and was logged, and the others go on: the job counts as failed. It is not tried again, since what comes
   * round comes again by itself.
   */
  failed: () => void
  /** Another job of this kind, behind all that waits. */
  queue: (payload: object) => Promise<void>
  /** Also beyond the end of the job; it refuses when the process ends. */
  sleep: (ms: number) => Promise<void>
}

/** One municipality after the other; what goes wrong in one of them is no reason to forget the others. */
export async function inEach(
  tenantIds: readonly string[],
  { signal, failed }: Pick<Round, 'signal' | 'failed'>,
  work: (tenantId: string) => Promise<unknown>,
  tell: (told: { err: unknown; tenantId: string }) => void,
): Promise<void> {
  for (const tenantId of tenantIds) {
    if (signal.aborted) return
    try {
      await work(tenantId)
    } catch (err) {
      failed()
      if (!signal.aborted) tell({ err, tenantId })
    }
  }
}

export type Task = (payload: unknown, round: Round) => Promise<void>

/**
 * Its own hands, which do nothing else: however long one kind of job takes, it holds up no other kind. No queue of
 * graphile-worker: whoever is killed leaves one locked for a quarter of an hour.
 */
export interface Lane {
  hands: number
  tasks: Readonly<Record<string, Task>>
  /** Of these one runs at a time in this process; what comes meanwhile has nothing left to do, and does not count. */
  alone?: readonly string[]
}

export interface Jobs {
  /** Of the database, as the role that owns the queue. */
  url: string
  log: Logger
  /** The first one keeps the time for all. */
  lanes: readonly Lane[]
  /** What comes round, as crontab says it: however many processes there are, it is queued once. */
  crontab: string
  /** What runs once when a process begins. */
  atStart: readonly string[]
  /** What waits for a time is looked for so often, in milliseconds; what can run at once is announced. */
  lookEvery?: number
  /** A line on which nothing comes for so many milliseconds, though somebody waits for an answer, is given up. */
  givesUpAfter?: number
  /** Is told how each job ended. */
  ended?: ((task: string, result: 'done' | 'failed') => void) | undefined
}

export interface Runner {
  /** Whether somebody looks after the queue just now. */
  works(): boolean
  /** What runs is finished, or after so many milliseconds given back for another process. */
  end(within?: number): Promise<void>
}

/** Hands ask the queue for a moment and then work without a connection, so they share these. */
const connections = 3
const longestJob = 600_000
/** A lock that is older than a job can be belongs to a process that was killed. */
const lockOfNobody = '15 minutes'
const lookForThose = 300_000
const pause = 2_000
/** PostgreSQL itself ends a statement after ten seconds. */
const longestSilence = 12_000

/** Answers at once; what it needs is loaded and connected meanwhile, and again when the database was away. */
export function runJobs(given: Jobs): Runner {
  const { url, log, lanes, crontab, atStart, lookEvery = 10_000, ended: told } = given
  const { givesUpAfter = longestSilence } = given
  const ending = new AbortController()
  const ended = once(ending.signal, 'abort')
  // Each lane listens on one of its own.
  const pool = createPool(url, lanes.length + connections)
  pool.on('connect', (client) => giveUpInSilence(client, givesUpAfter))
  const ask = patient(pool, ending.signal, log)
  const workers = new Map<Lane, WorkerPool>()
  const answered = new Set<Lane>()
  const busy = new Set<string>()
  let begun = false

  async function municipalities() {
    const { rows } = await ask<{ id: string }>('select id from jobs.municipalities order by id')
    return rows.map(({ id }) => id)
  }

  /** What a job throws may quote a row: the log keeps where it arose, the queue only what it is called. */
  const guarded =
    (name: string, task: Task, alone: boolean) =>
    async (payload: unknown, { job, addJob }: JobHelpers) => {
      if (alone && busy.has(name)) return
      busy.add(name)
      const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(longestJob)])
      let whole = true
      const round: Round = {
        municipalities,
        signal,
        failed: () => void (whole = false),
        queue: async (more) => void (await addJob(name, more)),
        sleep: (ms) => sleep(ms, undefined, { ref: false, signal: ending.signal }),
      }
      try {
        await task(payload, round)
        told?.(name, whole || ending.signal.aborted ? 'done' : 'failed')
      } catch (error) {
        told?.(name, 'failed')
        if (!ending.signal.aborted)
          log.error({ err: error, task: name, job: job.id, attempt: job.attempts }, 'a job failed')
        const { code, name: kind } = error as { code?: string; name?: string }
        throw Object.assign(new Error(code ?? kind ?? 'failed'), { stack: '' })
      } finally {
        busy.delete(name)
      }
    }

  const giveBack = () =>
    ask(
      `select graphile_worker.force_unlock_workers(array_agg(distinct locked_by))
       from graphile_worker._private_jobs where locked_at < now() - $1::interval having count(*) > 0`,
      [lockOfNobody],
    )

  async function runUntilItBreaks(lane: Lane) {
    const { Logger, run } = await import('graphile-worker')
    if (ending.signal.aborted) return
    const keepsTime = lane === lanes[0]
    if (keepsTime) await giveBack()
    const events: WorkerEvents = new EventEmitter()
    events.once('pool:create', ({ workerPool }) => workers.set(lane, workerPool))
    // Whoever looks for a job asks the queue, every few seconds.
    events.on('worker:getJob:error', () => answered.delete(lane))
    for (const event of ['worker:getJob:empty', 'job:start'] as const)
      events.on(event, () => answered.add(lane))
    // What was queued after the first look and before anybody listened is announced to nobody: it is looked for once more.
    events.on('pool:listen:success', ({ client }) =>
      client.once('drain', () => {
        const announced = `select pg_notify('jobs:insert', json_build_object('count', $1::int)::text)`
        client.query(announced, [lane.hands]).catch(() => {})
      }),
    )
    // A worker that cannot write down how its job ended stops for good, and nobody takes its place.
    const broken = once(events, 'worker:fatalError')
    const { tasks, hands, alone = [] } = lane
    const runner = await run({
      pgPool: pool,
      schema: 'graphile_worker',
      taskList: Object.fromEntries(
        Object.entries(tasks).map(([name, task]) => [name, guarded(name, task, alone.includes(name))]),
      ),
      crontab: keepsTime ? crontab : '',
      concurrency: hands,
      events,
      pollInterval: lookEvery,
      noHandleSignals: true,
      logger: new Logger(() => (level, message) => {
        // Only how its sentence begins: it may go on with what somebody else has said.
        const [queue = ''] = message.split(/[:'"(\n]| with /)
        if (level === 'error' && !queue.startsWith('Failed task') && !ending.signal.aborted)
          log.warn({ queue }, 'the queue of jobs')
        else log.debug({ queue }, 'the queue of jobs')
      }),
    })
    const stopped = runner.promise.catch(() => {})
    const looking = keepsTime ? setInterval(() => void giveBack(), lookForThose) : undefined
    try {
      if (keepsTime && !begun) for (const task of atStart) await runner.addJob(task, {})
      begun ||= keepsTime
      await Promise.race([stopped, broken, ended])
    } finally {
      clearInterval(looking)
      // It refuses when it has stopped already.
      await runner.stop().catch(() => {})
      workers.delete(lane)
      answered.delete(lane)
    }
  }

  async function runLane(lane: Lane) {
    while (!ending.signal.aborted) {
      await runUntilItBreaks(lane).catch((error: unknown) => {
        if (!ending.signal.aborted) log.warn({ err: error }, 'the queue of jobs cannot be used; trying again')
      })
      await Promise.race([sleep(pause, undefined, { ref: false }), ended])
    }
  }
  const running = Promise.all(lanes.map(runLane))

  return {
    works: () => answered.size === lanes.length,
    async end(within = 4_000) {
      ending.abort()
      const inTime = (work: Promise<unknown>, most: number) =>
        Promise.race([work.then(() => true), sleep(most, false, { ref: false })])
      if (!(await inTime(running, within))) {
        const killed = [...workers.values()].map((each) => each.forcefulShutdown('the process ends'))
        await inTime(Promise.all(killed), 1_000)
        await inTime(running, 1_000)
      }
      await inTime(pool.end(), 1_000)
    },
  }
}

/** graphile-worker waits for an answer as long as it takes; on a dead line that is a quarter of an hour. Listening asks nothing. */
function giveUpInSilence(client: pg.PoolClient, after: number) {
  const { connection } = client as unknown as { connection: { stream: Socket } }
  const { stream } = connection
  stream.setTimeout(after, () => {
    // What pg knows of it and its types leave out: nothing is under way on this connection.
    const { readyForQuery } = client as unknown as { readyForQuery: boolean }
    if (!readyForQuery) stream.destroy(new Error('the database does not answer'))
  })
}

/**
 * Asks again until it is answered. graphile-worker's crontab asks the pool itself: refused once, while the database
 * restarts, it would give up for good and end the process with a rejection that nobody handles.
 */
function patient(pool: pg.Pool, until: AbortSignal, log: Logger) {
  const query = pool.query.bind(pool) as Ask
  const ask: Ask = async (text, values) => {
    for (let wait = pause; ; wait = Math.min(2 * wait, 60_000)) {
      try {
        return await query(text, values)
      } catch (error) {
        if (until.aborted) return { rows: [] }
        log.warn({ err: error }, 'the queue of jobs cannot be reached; trying again')
        await Promise.race([sleep(wait, undefined, { ref: false }), once(until, 'abort')])
      }
    }
  }
  pool.query = ask as typeof pool.query
  return ask
}

type Ask = <R>(text: string, values?: unknown[]) => Promise<{ rows: R[] }>
