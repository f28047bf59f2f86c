// How fast is this machine just now? Bare Fastify with one trivial prepared statement, none of the product's code.
import fastify from 'fastify'
import pg from 'pg'
import { given, serve } from './serve.ts'

const pool = new pg.Pool({ connectionString: given.serviceUrl, max: given.pool })
const app = fastify()
app.get('/*', async () => {
  const { rows } = await pool.query({
    name: 'calibration',
    text: 'select n, md5(n::text) as text from generate_series(1, 50) as n',
    values: [],
  })
  return rows
})
await serve(app, () => 0)
