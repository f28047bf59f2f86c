// How do two requests meet for certain? Both wait for the same row, which somebody else holds, before either goes on.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Lotse } from '../support/app.ts'

type Held = {
  table:
    | 'contacts'
    | 'cases'
    | 'referrals'
    | 'releases'
    | 'handovers'
    | 'second_factors'
    | 'organizations'
    | 'service_accounts'
  id: unknown
}

interface How {
  /** How many have to be seen waiting; all of them when left out, in the order in which they are named. */
  waiting?: number | undefined
  /** Done while they wait. */
  meanwhile?: () => Promise<unknown>
  patience?: number
}

/** @throws Error when fewer requests were seen waiting than should: then nothing overlapped and nothing is proved. */
export function barrier({ urls, sql }: Pick<Lotse, 'urls' | 'sql'>) {
  // One connection for all rounds: to open it takes as long as a round. It ends by itself, or with the database.
  const holders = new pg.Pool({ connectionString: urls.admin, max: 2, idleTimeoutMillis: 1_000 })
  holders.on('error', () => {})
  const overlapping = async () => {
    const [row] = await sql<{ waiting: string }>(
      `select count(*) as waiting from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return Number(row!.waiting)
  }

  return async function together<T>(
    { table, id }: Held,
    requests: (() => Promise<T>)[],
    { waiting = requests.length, meanwhile, patience = 5_000 }: How = {},
  ): Promise<T[]> {
    const holder = await holders.connect()
    let open = false
    try {
      await holder.query('begin')
      open = true
      const { rowCount } = await holder.query(`select from ${table} where id = $1 for update`, [id])
      if (rowCount !== 1) throw new Error(`there is no such row in ${table}`)
      const answers: Promise<T>[] = []
      for (const request of requests) {
        answers.push(request())
        if (waiting === requests.length) await seen(answers.length, patience)
      }
      await seen(waiting, patience)
      await meanwhile?.()
      await holder.query('commit')
      open = false
      return await Promise.all(answers)
    } finally {
      if (open) await holder.query('rollback')
      holder.release()
    }
  }

  async function seen(expected: number, patience: number) {
    const until = performance.now() + patience
    while ((await overlapping()) < expected) {
      if (performance.now() > until)
        throw new Error(`fewer than ${expected} requests ever waited: nothing overlapped`)
      await sleep(2)
    }
  }
}
