// What was acknowledged, and is it there exactly once, whole? Writers that retry, and the account that is drawn up after.
import { setTimeout as sleep } from 'node:timers/promises'
import { password } from '../support/people.ts'
import type { Member } from '../support/run.ts'
import type { City } from './city.ts'

/** One act that leaves several rows in one transaction, recognisable by its mark. */
export interface Act {
  mark: string
  path: string
  body: unknown
}

export interface Findings {
  acknowledged: number
  /** Acknowledged and not there. */
  lost: string[]
  /** There, but not all of what belongs to it. */
  half: string[]
  /** There more than once. */
  doubled: string[]
  /** Answers that are neither a success nor "try again". */
  strange: string[]
}

/** `counts`: how many rows of each kind a mark has left; each should be one. A mark that left nothing has no entry. */
export function judge(acknowledged: ReadonlySet<string>, rows: { mark: string; counts: number[] }[]) {
  const there = new Map(rows.map(({ mark, counts }) => [mark, counts]))
  const lost = [...acknowledged].filter((mark) => !there.has(mark))
  const half: string[] = []
  const doubled: string[] = []
  for (const [mark, counts] of there) {
    if (counts.some((count) => count > 1)) doubled.push(mark)
    if (counts.some((count) => count !== counts[0])) half.push(mark)
  }
  return { lost, half, doubled }
}

export interface WriterOptions {
  city: City
  url: () => string
  /** One's own mark, so that several runs in one database stay apart. */
  run: string
  writers: number
  /** Without one, a repeated request is done again: the deliberate defect. */
  idempotent?: boolean
}

export type Writers = ReturnType<typeof startWriters>

/**
 * Each writer records a person, opens a case and writes down tasks, one after the other, and repeats every act under the
 * same key until it is acknowledged. An act is a case (case, lead, idempotency key, audit row) or a task (task, key, audit).
 */
export function startWriters({ city, url, run, writers, idempotent = true }: WriterOptions) {
  const acknowledged = new Set<string>()
  const strange: string[] = []
  const statuses: Record<string, number> = {}
  let ending = false
  let slowest = 0
  const nora = city.cast.members.nora
  const tokens = createTokens(nora, url)

  async function act(mark: string, path: string, body: unknown): Promise<{ id: string } | undefined> {
    for (let tries = 0; ; tries++) {
      if (ending && tries > 40) return undefined
      const began = performance.now()
      const answer = await send(url(), path, body, await tokens.current(), idempotent ? mark : undefined)
      slowest = Math.max(slowest, performance.now() - began)
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      if (answer.status === 201) {
        acknowledged.add(mark)
        return answer.body as { id: string }
      }
      const again =
        answer.status === 0 || answer.status === 503 || answer.status === 429 || answer.status === 409
      if (answer.status === 401) tokens.forget()
      else if (!again)
        strange.push(`${path} ${answer.status} ${(answer.body as { code?: string }).code ?? ''}`)
      if (strange.length > 20) return undefined
      await sleep(20 + Math.random() * 60)
    }
  }

  async function writer(number: number) {
    for (let turn = 0; !ending; turn++) {
      const name = `${run}-${number}-${turn}`
      const client = await act(`${name}-person`, '/v1/clients', { identificationLevel: 'anonymous' })
      if (!client) return
      const opened = await act(`${name}-case`, '/v1/cases', {
        clientId: client.id,
        requesterRole: 'self',
        referralSource: 'unknown',
        concern: `${name}-case`,
        nextStep: 'Call',
        nextStepOn: '2099-01-01',
      })
      if (!opened) return
      for (let task = 0; task < 8 && !ending; task++) {
        const title = `${name}-task-${task}`
        const done = await act(title, '/v1/tasks', { caseId: opened.id, title, dueOn: '2099-01-01' })
        if (!done) return
      }
    }
  }

  const all = Promise.all(Array.from({ length: writers }, (_, number) => writer(number)))

  return {
    statuses,
    strange,
    get acknowledged() {
      return acknowledged.size
    },
    get slowest() {
      return slowest
    },
    marks: () => acknowledged.values(),
    forgetSlowest: () => void (slowest = 0),
    async end(): Promise<Findings> {
      ending = true
      await all
      const rows = await accountOf(city, run)
      const persons = new Set([...acknowledged].filter((mark) => mark.endsWith('-person')))
      const named = new Set([...acknowledged].filter((mark) => !persons.has(mark)))
      return { acknowledged: acknowledged.size, ...judge(named, rows), strange }
    },
  }
}

/** A person without a name leaves no mark; cases and tasks do, in every table that belongs to the act. */
async function accountOf(city: City, run: string) {
  return city.sql<{ mark: string; counts: number[] }>(
    `with audited as (
       select unnest(object_ids) as id, action = 'cases.open' as opens from audit_events
       where action in ('cases.open', 'tasks.create') and status = 201
     ), audits as (select id, opens, count(*)::int as n from audited group by id, opens),
     keys as (select resource_id as id, count(*)::int as n from idempotency_keys group by resource_id),
     leads as (select case_id as id, count(*)::int as n from case_leads where until_at is null group by case_id),
     acts as (
       select concern as mark, id, true as opens from cases where concern like $1
       union all select title, id, false from tasks where title like $1
     )
     select mark, array[count(*)::int, coalesce(sum(audits.n), 0)::int,
       case when bool_and(opens) then coalesce(sum(leads.n), 0)::int else count(*)::int end,
       coalesce(sum(keys.n), 0)::int] as counts
     from acts left join audits using (id, opens) left join keys using (id) left join leads using (id)
     group by mark`,
    [`${run}-%`],
  )
}

/** Without answer: status 0. */
export async function send(url: string, path: string, body: unknown, token: string, key?: string) {
  try {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(key && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    })
    return { status: response.status, body: (await response.json()) as unknown }
  } catch (error) {
    const { name } = error as Error
    return { status: name === 'TimeoutError' ? -1 : 0, body: name }
  }
}

/** One session for all writers; a new one when it is refused. */
function createTokens({ municipality, email }: Member, url: () => string) {
  let token: Promise<string> | undefined
  async function signIn(): Promise<string> {
    for (;;) {
      const { status, body } = await send(url(), '/v1/auth/token', { municipality, email, password }, '')
      if (status === 200) return (body as { accessToken: string }).accessToken
      await sleep(100)
    }
  }
  let since = 0
  return {
    current() {
      // It lives ten minutes.
      if (performance.now() - since > 480_000) token = undefined
      if (!token) {
        since = performance.now()
        token = signIn()
      }
      return token
    },
    forget() {
      if (performance.now() - since > 1_000) token = undefined
    },
  }
}
