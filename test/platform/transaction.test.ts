// Does a request have one identity and one transaction, whatever happens in the middle?
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as template } from 'drizzle-orm'
import { v7 as newId } from 'uuid'
import { expect, test } from 'vitest'
import { newTask } from '../../src/modules/tasks/index.ts'
import { caseById, lockCase } from '../../src/modules/cases/index.ts'
import { actor, type Actor } from '../../src/platform/actor.ts'
import { roundTrips } from '../../src/platform/batch.ts'
import { createDb } from '../../src/platform/db.ts'
import { createPool, withOptions } from '../../src/platform/pool.ts'
import { ask, statement } from '../../src/platform/statement.ts'
import { lotse } from '../support/app.ts'
import { nora, otto, type Member } from '../support/cast.ts'

const { aCase, db, signIn, sql, urls } = await lotse()

const claims = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { session: string }

/** Somebody at the door of the database, without HTTP in between. */
async function at(member: Member, more: Partial<Actor> = {}): Promise<Actor> {
  const { session: sessionId } = claims((await signIn(member)).accessToken)
  const { tenantId, userId, membershipId } = member
  return actor({
    action: 'cases.update',
    requestId: newId(),
    tenantId,
    userId,
    membershipId,
    sessionId,
    ...more,
  })
}

const task = ({ id, clientId }: { id: string; clientId?: unknown }) => ({
  id: newId(),
  compartmentId: nora.organizationId,
  caseId: id,
  clientId: String(clientId),
  kind: 'other' as const,
  dueOn: '2030-01-01',
  originId: id,
})
const tasksOf = ({ id }: { id: string }) => sql('select from tasks where case_id = $1', [id])
const sleeping = statement('test.sleep', () => template`select pg_sleep(20)`)
const whoIsThere = statement(
  'test.settings',
  () => template<{ tenant: string; compartments: string; pid: number }>`
  select current_setting('app.tenant_id', true) as tenant, current_setting('app.compartments', true) as compartments,
    pg_backend_pid() as pid`,
)
const endOf = (pid: number) => sql('select pg_terminate_backend($1)', [pid])

test('what was saved before the work failed is gone, with its audit row', async () => {
  const given = await aCase()
  const who = await at(nora)
  const work = db.as(who, async (tx) => {
    tx.save(newTask, task(given))
    await tx.load(lockCase, { id: given.id })
    throw new Error('the rule says no')
  })
  await expect(work).rejects.toThrow('the rule says no')
  expect(await tasksOf(given)).toEqual([])
  expect(await sql('select from audit_events where request_id = $1', [who.requestId])).toEqual([])
})

test('what was saved is there, with its audit row, and nothing of another case', async () => {
  const [given, other] = [await aCase(), await aCase()]
  const who = await at(nora)
  await db.as(who, async (tx) => {
    await tx.load(lockCase, { id: given.id })
    return tx.save(newTask, task(given))
  })
  expect(await tasksOf(given)).toHaveLength(1)
  expect(await tasksOf(other)).toEqual([])
  expect(await sql('select action, status from audit_events where request_id = $1', [who.requestId])).toEqual(
    [{ action: 'cases.update', status: 200 }],
  )
})

test('a session of one municipality opens nothing in another', async () => {
  const given = await aCase()
  const who = await at(otto, { tenantId: nora.tenantId })
  await expect(db.read(who, ask(caseById, { id: given.id }))).rejects.toMatchObject({ code: 'not_signed_in' })
  const [[none]] = await db.read(await at(otto), ask(caseById, { id: given.id }))
  expect(none).toBeUndefined()
})

test('a session of one member is not a session of a colleague', async () => {
  const who = await at(nora, { membershipId: otto.membershipId })
  await expect(db.enter(who)).rejects.toMatchObject({ code: 'not_signed_in' })
})

test('the next user of a connection finds nothing of the one before', async () => {
  const pool = createPool(urls.service, 1)
  const alone = createDb(pool)
  try {
    const [[during]] = await alone.read(await at(nora), ask(whoIsThere, {}))
    expect(during).toMatchObject({ tenant: nora.tenantId, compartments: `{${nora.organizationId}}` })
    await alone.as(await at(nora), (tx) => tx.one(whoIsThere, {}))
    await expect(alone.as(await at(nora), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const { rows } = await pool.query(`select pg_backend_pid() as pid, (select count(*) from cases) as cases,
      concat(${[
        'tenant_id',
        'user_id',
        'membership_id',
        'role',
        'compartments',
        'receiving_organization_id',
        'moving_case_id',
        'moving_contact_id',
      ]
        .map((name) => `current_setting('app.${name}', true)`)
        .join()}) as left_over`)
    expect(rows).toEqual([{ pid: during!.pid, cases: '0', left_over: '' }])
  } finally {
    await pool.end()
  }
})

test('an address that brings options of its own takes none of ours away', async () => {
  const url = withOptions(urls.admin, '-c work_mem=3MB -c role=lotse_service -c timezone=Asia/Tokyo')
  const pool = createPool(url, 1, '-c role=lotse_audit')
  try {
    const { rows } = await pool.query(
      `select current_user as role, current_setting('work_mem') as own, current_setting('timezone') as zone,
         current_setting('statement_timeout') as longest`,
    )
    expect(rows).toEqual([{ role: 'lotse_audit', own: '3MB', zone: 'UTC', longest: '10s' }])
  } finally {
    await pool.end()
  }
})

test('a read is one round trip, a change is two', async () => {
  const given = await aCase()
  const [reader, writer] = [await at(nora), await at(nora)]
  const counted = async (work: () => Promise<unknown>) => {
    const before = roundTrips.count
    await work()
    return roundTrips.count - before
  }
  expect(await counted(() => db.read(reader, ask(caseById, { id: given.id })))).toBe(1)
  const change = () =>
    db.as(writer, async (tx) => {
      await tx.load(lockCase, { id: given.id })
      return tx.save(newTask, task(given))
    })
  expect(await counted(change)).toBe(2)
})

test('a connection that is lost while nobody uses it is not noticed by the next request', async () => {
  const who = await at(nora)
  const [[there]] = await db.read(who, ask(whoIsThere, {}))
  await endOf(there!.pid)
  const lives = () => sql('select 1 from pg_stat_activity where pid = $1', [there!.pid])
  while ((await lives()).length > 0) await sleep(10)
  await sleep(50)
  const [[again]] = await db.read(who, ask(whoIsThere, {}))
  expect(again!.pid).not.toBe(there!.pid)
})

test('a connection that is lost during a statement answers: try again', async () => {
  const who = await at(nora)
  const slow = db.read(who, ask(sleeping, {}))
  const found = async () =>
    (
      await sql<{ pid: number }>(
        `select pid from pg_stat_activity where state = 'active' and wait_event = 'PgSleep' and datname = current_database()`,
      )
    )[0]
  let sleeper = await found()
  for (; !sleeper; sleeper = await found()) await sleep(10)
  const [ended] = await Promise.allSettled([slow, endOf(sleeper.pid)])
  expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'try_again' } })
  await expect(db.enter(who)).resolves.toEqual([])
})

test.each(['before the first save', 'after the last save'])(
  'a connection that is lost in the middle of a change, %s, leaves nothing behind',
  async (when) => {
    const given = await aCase()
    const who = await at(nora)
    const work = db.as(who, async (tx) => {
      const there = await tx.one(whoIsThere, {})
      if (when === 'after the last save') {
        tx.save(newTask, task(given))
        await tx.load(lockCase, { id: given.id })
      }
      await endOf(there!.pid)
      await sleep(20)
      return tx.save(newTask, task(given))
    })
    await expect(work).rejects.toMatchObject({ code: 'try_again' })
    expect(await tasksOf(given)).toEqual([])
    await expect(db.enter(who)).resolves.toEqual([])
  },
)

test('while the database cannot be reached the service says so and lives on', async () => {
  const nowhere = createPool('postgres://nobody@127.0.0.1:1/nothing', 1)
  await expect(createDb(nowhere).enter(await at(nora))).rejects.toMatchObject({ code: 'try_again' })
  await nowhere.end()
})
