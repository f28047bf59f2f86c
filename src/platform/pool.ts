// How does the service connect to PostgreSQL? Through pools whose lost connections end nothing but a request.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

// Policies are OR-ed: the planner guesses few rows for that, combines indexes as bitmaps and sorts what an index had in
// order already (an inbox of 50: 284 pages instead of 52).
export const poolSettings =
  '-c enable_bitmapscan=off -c timezone=UTC -c statement_timeout=10000 -c idle_in_transaction_session_timeout=15000'

const line = {
  connectionTimeoutMillis: 5_000,
  // Of a line that is dead, and on which nobody asks just now, one hears within a minute.
  keepAlive: true,
  keepAliveInitialDelayMillis: 30_000,
}

/** To pg, the options of an address count more than those beside it: so ours are added to them, and the last one counts. */
export function withOptions(url: string, options: string): string {
  const made = new URL(url)
  const own = made.searchParams.get('options')
  made.searchParams.set('options', own === null ? options : `${own} ${options}`)
  return made.toString()
}

export function createPool(url: string, max: number, options = '') {
  const pool = new pg.Pool({
    ...line,
    connectionString: withOptions(url, `${poolSettings} ${options}`),
    max,
    // A connection keeps its prepared statements; pg would give it up after ten seconds without work.
    idleTimeoutMillis: 600_000,
  })
  // A checked-out client that loses its connection emits `error` too, and nobody listening ends the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  pool.on('error', () => {})
  return pool
}

/** One connection, for what is done step by step. Lost between two steps, the next one says so. */
export async function connect(url: string, options?: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...line,
    connectionString: options === undefined ? url : withOptions(url, options),
  })
  // Where nobody listens, a lost connection ends the process before anything can be tidied up.
  client.on('error', () => {})
  await client.connect()
  return client
}

/**
 * For a start, at which nobody waits for an answer yet: a database that is slow just now, or starts itself, is asked again
 * for half a minute. Where nobody listens at all, the start says so at once.
 */
export async function whenReady<T>(ask: () => Promise<T>, told: (line: string) => void): Promise<T> {
  for (const end = performance.now() + 30_000; ; await sleep(500)) {
    try {
      return await ask()
    } catch (error) {
      // What comes through a transaction was translated, and carries it as its cause.
      if (![error, (error as Error).cause].some(isSlow)) throw error
      if (performance.now() > end) throw new Error('PostgreSQL does not answer in time.', { cause: error })
      told('PostgreSQL does not answer yet; asking again')
    }
  }
}

function isSlow(error: unknown) {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string }
  return code === '57P03' || /connection timeout|trying to connect|^timeout expired$/.test(message)
}
