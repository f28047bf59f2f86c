// How does a request reach the data? Through two doors only, each with one identity and one transaction.
import { sql } from 'drizzle-orm'
import type pg from 'pg'
import { access, type Rule } from '../access.ts'
import type { Actor } from './actor.ts'
import { auditOf } from './audit.ts'
import { inOneRoundTrip } from './batch.ts'
import { found, Problem, problem } from './problem.ts'
import { ask, statement, type Ask, type Given, type Statement } from './statement.ts'

interface Entered {
  role: string
  organizationId: string | null
  now: string
  /** The calendar day in the municipality's time zone. */
  today: string
}

/** A row that will be there when the transaction has been committed: what a handler returns after its last statement. */
export class Later<R> {
  readonly id: string
  readonly row: () => R
  constructor(id: string, row: () => R) {
    this.id = id
    this.row = row
  }
  map<S>(change: (row: R) => S): Later<S> {
    return new Later(this.id, () => change(this.row()))
  }
}

/** The rows of each statement, in order. */
export type Rows<A extends readonly Ask<unknown>[]> = {
  [I in keyof A]: A[I] extends Ask<infer R> ? R[] : never
}

export interface Tx {
  readonly actor: Actor
  /** One timestamp per transaction, from the database; known after the first statement. */
  readonly now: string
  readonly today: string
  readonly role: string
  /** The row that this request is about: 404 when it is not there for this actor, 428 and 412 by its version. */
  load<P, R extends { version?: number }>(statement: Statement<P, R>, params: P): Promise<R>
  /** The same, with what else the decision needs, in the same round trip. */
  load<P, R extends { version?: number }, A extends readonly Ask<unknown>[]>(
    statement: Statement<P, R>,
    params: P,
    ...along: A
  ): Promise<[R, ...Rows<A>]>
  one<P, R>(statement: Statement<P, R>, params: P): Promise<R | undefined>
  all<P, R>(statement: Statement<P, R>, params: P): Promise<R[]>
  /** Queued; travels with the next statement or with COMMIT. */
  save<P extends { id: string }, R>(statement: Statement<P, R>, params: P): Later<R>
  /** Queued like `save`, for as many rows as there are. */
  saveAll<P, R>(statement: Statement<P, R>, params: P): void
}

/** The answer of an earlier request with the same Idempotency-Key: the resource is read again as this actor. */
export class Replayed extends Error {
  readonly resourceId: string
  readonly status: number
  constructor(resourceId: string, status: number) {
    super('replayed')
    this.resourceId = resourceId
    this.status = status
  }
}

const nothing = {}
const begin = ask(
  statement('platform.begin', () => sql`begin`),
  nothing,
)
const commit = ask(
  statement('platform.commit', () => sql`commit`),
  nothing,
)
const rollback = ask(
  statement('platform.rollback', () => sql`rollback`),
  nothing,
)

const anything = ask(
  statement('platform.ready', () => sql`select 1`),
  nothing,
)
/**
 * Whether the disk takes a megabyte more: a sort that does not fit into its memory writes it to a file that is gone with the
 * query. Whether it takes changes at all: a standby does not. And whether a commit reaches the disk: an empty message, which
 * nobody reads, in the log.
 */
const room = [
  statement('platform.room.memory', () => sql`select set_config('work_mem', '64kB', true)`),
  statement(
    'platform.room.changes',
    () => sql`select 1 / case current_setting('transaction_read_only') when 'off' then 1 else 0 end`,
  ),
  statement(
    'platform.room.file',
    () => sql`select count(*) from (select g from generate_series(1, 40000) g order by g desc) as sorted`,
  ),
  statement('platform.room.commit', () => sql`select pg_logical_emit_message(true, 'lotse.room', '')`),
].map((each) => ask(each, nothing))
const longestLook = 4_000

const enter = statement(
  'platform.enter',
  (
    given: Given<
      { [K in 'user' | 'membership' | 'session' | 'as']: string | null } & {
        tenant: string
        roles: readonly string[]
        content: boolean
        action: string
      }
    >,
  ) => sql<Entered>`
    select role, organization_id as "organizationId", now, today
    from lotse.enter(${given.tenant}::uuid, ${given.user}::uuid, ${given.membership}::uuid, ${given.session}::uuid,
      ${given.as}::text, ${given.roles}::text[], ${given.content}::boolean, ${given.action}::text)`,
)

const claim = statement(
  'platform.idempotency.claim',
  (given: Given<{ key: string; fingerprint: string }>) => sql<{ resourceId: string; status: number }>`
    select resource_id as "resourceId", status from lotse.claim_key(${given.key}::text, ${given.fingerprint}::text)`,
)

const keep = statement(
  'platform.idempotency.keep',
  (given: Given<{ key: string; fingerprint: string; status: number; resourceId: string }>) => sql`
    insert into idempotency_keys (tenant_id, principal_id, key, fingerprint, status, resource_id)
    values (lotse.tenant_id(), lotse.user_id(), ${given.key}, ${given.fingerprint}, ${given.status}::int, ${given.resourceId}::uuid)`,
)

/** With the tick. After a day nobody repeats a request; so many at once that a statement of it never takes long. */
export const forgetKeys = ask(
  statement(
    'platform.idempotency.forget',
    () => sql`
      delete from idempotency_keys k using (
        select principal_id, key from idempotency_keys
        where tenant_id = lotse.tenant_id() and created_at < now() - interval '1 day' limit 5000
      ) as old
      where k.tenant_id = lotse.tenant_id() and k.principal_id = old.principal_id and k.key = old.key`,
  ),
  nothing,
)

const entering = (actor: Actor): Ask<unknown> => {
  const { who, content = false } = access[actor.action] as Rule
  return ask(enter, {
    tenant: actor.tenantId,
    user: actor.userId,
    membership: actor.membershipId,
    session: actor.sessionId,
    as: typeof who === 'string' ? who : null,
    roles: typeof who === 'string' ? [] : who,
    content,
    action: actor.action,
  })
}

/** SQLSTATEs of class LT are our own (lotse.enter, lotse.claim_key); the rest say what the database refused. */
function translate(error: unknown): unknown {
  const { code, message, constraint } = error as { code?: string; message?: string; constraint?: string }
  switch (code) {
    case 'LT401':
      return problem('not_signed_in')
    case 'LT403':
      return problem(message === 'secrecy_obligation_missing' ? 'secrecy_obligation_missing' : 'not_allowed')
    case 'LT409':
      return problem('still_running')
    case 'LT422':
      return problem('idempotency_key_reused')
    case '23505':
    case '23P01':
      return Object.assign(problem('already_exists'), { constraint })
    case '22007':
    case '22008':
    case '22009':
    case '22021':
    case '22003':
    case '22P02':
      // A day that no calendar has, a cursor that somebody made up: the schema should have caught it.
      return Object.assign(problem('invalid_request'), { cause: error })
    case '42501':
      // A rule reached the database that access.ts should have caught: the log says so, the caller reads 403.
      return Object.assign(problem('not_allowed'), { cause: error })
    case '53100':
    case '58030':
      return Object.assign(problem('out_of_room'), { cause: error })
    case '40001':
    case '40P01':
    case '55P03':
    case '57014':
    case '57P01':
    case '57P03':
    case '08006':
    case '53300':
      return Object.assign(problem('try_again'), { cause: error })
    default:
      return error instanceof Problem
        ? error
        : isConnectionLoss(error)
          ? Object.assign(problem('try_again'), { cause: error })
          : error
  }
}

const isConnectionLoss = (error: unknown) =>
  error instanceof Error &&
  (['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes((error as { code?: string }).code ?? '') ||
    /terminated|timeout exceeded when trying to connect|Client was closed|not queryable/.test(error.message))

/** Ids of rows and of the people they are about, for the audit trail, from whatever a statement answered. */
function note({ trail }: Actor, rows: readonly unknown[]) {
  for (const row of rows as { id?: unknown; clientId?: unknown; ids?: string[]; clientIds?: string[] }[]) {
    if (typeof row?.id === 'string') trail.objects.add(row.id)
    if (typeof row?.clientId === 'string') trail.clients.add(row.clientId)
    row?.ids?.forEach((id) => trail.objects.add(id))
    row?.clientIds?.forEach((id) => trail.clients.add(id))
  }
}

export type Db = ReturnType<typeof createDb>

export function createDb(pool: pg.Pool) {
  // Whoever would wait behind so many others is told at once to come again (503), instead of waiting for long.
  const longestQueue = 8 * (pool.options.max ?? 10)

  async function connected<T>(
    actor: Actor | undefined,
    work: (client: pg.PoolClient) => Promise<T>,
  ): Promise<T> {
    if (pool.waitingCount >= longestQueue) throw problem('try_again')
    const client = await pool.connect().catch((error: unknown) => {
      throw translate(error)
    })
    let broken: unknown
    try {
      return await work(client)
    } catch (error) {
      const told = translate(error)
      const { code, detail } = error as { code?: string; detail?: string }
      if (actor && code === 'LT403' && detail) actor.role = detail
      if (isConnectionLoss(error) || (error as { severity?: string }).severity === 'FATAL') broken = error
      throw told
    } finally {
      client.release(broken instanceof Error ? broken : undefined)
    }
  }

  /** One round trip, one implicit transaction: who asks, then every statement. Rows of each statement, in order. */
  async function read<A extends readonly Ask<unknown>[]>(actor: Actor, ...asks: A): Promise<Rows<A>> {
    const [entered, ...rows] = await connected(actor, (client) =>
      inOneRoundTrip(client, [entering(actor), ...asks]),
    )
    arrived(actor, entered as Entered[])
    rows.forEach((answer, at) => note(actor, answer.slice(0, asks[at]!.shown)))
    return rows as never
  }

  /**
   * One transaction for load → decide → save. BEGIN and the identity ride on the first statement; what was saved,
   * the audit row and COMMIT ride on the last: two round trips. A problem that is thrown takes everything back; one that is
   * returned refuses as well, but what was saved stays, and the audit row is that of a refusal.
   */
  async function as<T>(actor: Actor, work: (tx: Tx) => Promise<T | Later<T> | Problem>): Promise<T> {
    const answer = await connected(actor, async (client) => {
      let entered: Entered | undefined
      let loaded = false
      let queue: { ask: Ask<unknown>; take: (rows: unknown[]) => void }[] = []

      async function send(asks: readonly Ask<unknown>[], last = false): Promise<unknown[][]> {
        // Nothing may be written before it is known that this is not a repeated request.
        if (!entered && actor.idempotency && (last || queue.length > 0)) {
          const queued = queue
          queue = []
          await send([])
          queue = queued
        }
        const opening = entered ? [] : [begin, entering(actor), ...claiming(actor)]
        const queued = queue
        queue = []
        const rows = await inOneRoundTrip(client, [
          ...opening,
          ...queued.map((item) => item.ask),
          ...asks,
          ...(last ? [commit] : []),
        ])
        if (!entered) {
          entered = arrived(actor, rows[1] as Entered[])
          const earlier = actor.idempotency && (rows[2] as { resourceId: string; status: number }[])[0]
          if (earlier) throw new Replayed(earlier.resourceId, earlier.status)
        }
        queued.forEach((item, at) => item.take(rows[opening.length + at]!))
        return rows.slice(opening.length + queued.length)
      }

      const here = () => {
        if (!entered) throw new Error('the transaction is known only after its first statement')
        return entered
      }

      const tx: Tx = {
        actor,
        get now() {
          return here().now
        },
        get today() {
          return here().today
        },
        get role() {
          return here().role
        },
        async all(statement, params) {
          const [rows] = await send([ask(statement, params)])
          note(actor, rows!)
          return rows as never
        },
        async one(statement, params) {
          return (await tx.all(statement, params))[0]
        },
        async load(
          statement: Statement<never, { version?: number }>,
          params: never,
          ...along: Ask<unknown>[]
        ) {
          const { otherwise } = statement
          const rows = await send([
            ask(statement, params),
            ...(otherwise ? [ask(otherwise, params)] : []),
            ...along,
          ])
          const own = rows.splice(0, otherwise ? 2 : 1).flat()
          const row = found(own[0] as { version?: number } | undefined)
          note(actor, [row])
          if (!loaded && row.version !== undefined) checkVersion(actor, row.version)
          loaded = true
          rows.forEach((answer) => note(actor, answer))
          return (along.length > 0 ? [row, ...rows] : row) as never
        },
        save(statement, params) {
          let answer: unknown[] | undefined
          actor.trail.objects.add(params.id)
          queue.push({
            ask: ask(statement, params),
            take: (rows) => {
              if (rows.length !== 1)
                throw new Error(`${statement.name} saved ${rows.length} rows instead of one`)
              answer = rows
              note(actor, rows)
            },
          })
          return new Later(params.id, () => {
            if (!answer) throw new Error(`${statement.name} has not been saved yet`)
            return answer[0] as never
          })
        },
        saveAll(statement, params) {
          queue.push({ ask: ask(statement, params), take: (rows) => note(actor, rows) })
        },
      }

      try {
        const result = await work(tx)
        const refused = result instanceof Problem ? result : undefined
        const { idempotency } = actor
        await send(
          [
            ...(idempotency && result instanceof Later
              ? [ask(keep, { ...idempotency, status: actor.successStatus, resourceId: result.id })]
              : []),
            auditOf(actor, refused?.kind.status ?? actor.successStatus, refused?.code ?? null),
          ],
          true,
        )
        actor.trail.durable = true
        return result instanceof Later ? result.row() : result
      } catch (error) {
        await inOneRoundTrip(client, [rollback]).catch(() => {})
        throw error
      }
    })
    if (answer instanceof Problem) throw answer
    return answer
  }

  /** Soon, also on a dead line: whoever looks after the service asks again and again, and would take every connection. */
  const look = (asks: readonly Ask<unknown>[]) =>
    connected(undefined, (client) => inOneRoundTrip(client, asks, longestLook))

  return {
    read,
    as,
    /** Only who asks and whether they may: for answers that refuse before any data is looked at. */
    enter: (actor: Actor) => read(actor),
    ready: () => look([anything]),
    hasRoom: () =>
      look(room).then(
        () => true,
        () => false,
      ),
  }
}

const claiming = ({ idempotency }: Actor) => (idempotency ? [ask(claim, idempotency)] : [])

function arrived(actor: Actor, [entered]: Entered[]): Entered {
  if (!entered) throw new Error('lotse.enter answered no row')
  actor.role = entered.role
  actor.organizationId = entered.organizationId
  actor.today = entered.today
  actor.now = entered.now
  return entered
}

function checkVersion({ ifMatch, versionRequired }: Actor, version: number) {
  if (ifMatch === undefined && versionRequired) throw problem('version_required')
  if (ifMatch !== undefined && ifMatch !== version) throw problem('stale')
}
