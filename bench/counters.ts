// What did the machine spend? CPU time of the service and of PostgreSQL, and bytes of the write-ahead log.
import { readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The fields of /proc/<pid>/stat after the name, which may hold blanks. */
const stat = (pid: number | string) => read(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ')
const tick = 10_000 // µs; the kernel's USER_HZ is 100 everywhere

/** Nanoseconds of a single thread where the kernel tells them, else ticks. */
const microsOf = (pid: number | string) => {
  const nanos = Number(read(`/proc/${pid}/schedstat`).split(' ')[0])
  return nanos ? nanos / 1000 : (Number(stat(pid)[11]) + Number(stat(pid)[12])) * tick
}

export type PostgresCpu = () => number

/** CPU µs of all processes of this server so far; undefined when it runs on another machine (or not on Linux). */
export async function postgresCpu(client: pg.Client): Promise<PostgresCpu | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const backend = stat(rows[0]!.pid)
  const postmaster = Number(backend[1])
  if (!postmaster || !read(`/proc/${postmaster}/cmdline`).includes('postgres')) return undefined
  return () => {
    const own = stat(postmaster)
    const ended = (Number(own[13]) + Number(own[14])) * tick
    const children = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && Number(stat(pid)[1]) === postmaster,
    )
    return children.reduce((sum, pid) => sum + microsOf(pid), microsOf(postmaster) + ended)
  }
}

export async function walPosition(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ at: string }>(
    `select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as at`,
  )
  return Number(rows[0]!.at)
}
