// What does the crash suite have to find? A server that saves two rows without a transaction: the deliberate defect.
import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const here = fileURLToPath(import.meta.url)

export async function startTextbook(databaseUrl: string) {
  const child = fork(here, {
    env: { ...process.env, DEFECTIVE_DATABASE: databaseUrl },
    execArgv: ['--import', 'tsx/esm'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (said) => resolve(said as number))
    child.once('exit', (code) => reject(new Error(`the defective server ended (${code})`)))
  })
  return { url: `http://127.0.0.1:${port}`, kill: () => child.kill('SIGKILL') }
}

if (process.send && process.env['DEFECTIVE_DATABASE']) {
  const pool = new pg.Pool({ connectionString: process.env['DEFECTIVE_DATABASE'], max: 12 })
  const server = createServer((request, response) => {
    const mark = request.url!.slice(1)
    void (async () => {
      await pool.query('insert into acts values ($1)', [mark])
      await pool.query('insert into audits values ($1)', [mark])
      response.end('done')
    })()
  })
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
}
