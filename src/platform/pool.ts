// How does the service connect to PostgreSQL? Through pools whose lost connections end nothing but a request.
import pg from 'pg'

// Policies are OR-ed: the planner guesses few rows for that, combines indexes as bitmaps and sorts what an index had in
// order already (an inbox of 50: 284 pages instead of 52).
export const poolSettings =
  '-c enable_bitmapscan=off -c timezone=UTC -c statement_timeout=10000 -c idle_in_transaction_session_timeout=15000'

export function createPool(url: string, max: number, options = '') {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    // A connection keeps its prepared statements; pg would give it up after ten seconds without work.
    idleTimeoutMillis: 600_000,
    options: `${poolSettings} ${options}`,
  })
  // A checked-out client that loses its connection emits `error` too, and nobody listening ends the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  pool.on('error', () => {})
  return pool
}
