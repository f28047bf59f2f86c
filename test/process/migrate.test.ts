// Does a migration that has to wait hold anybody up?
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { migrate } from '../../src/platform/migrate.ts'
import { lotse } from '../support/app.ts'
import { hanna, nils, nora } from '../support/cast.ts'

const { as, aCase, sql, urls } = await lotse()

/** The access files replace every policy: of all migrations, this one needs the most locks. */
const pending = () => sql(`update migrations.applied set hash = '' where name = 'access'`)

async function holding(statement: string) {
  const client = new pg.Client({ connectionString: urls.admin })
  await client.connect()
  await client.query('begin')
  await client.query(statement)
  return { release: () => client.query('commit').then(() => client.end()) }
}

test(
  'while somebody holds a table, a migration waits, and requests do not wait for it',
  { timeout: 40_000 },
  async () => {
    const kase = await aCase()
    const own = await aCase({}, nils)
    const slowest = { read: 0, write: 0 }
    const refused: unknown[] = []
    let asked = 0
    let ended = false
    async function traffic(kind: 'read' | 'write', one: () => Promise<{ status: number; text: string }>) {
      while (!ended) {
        const began = performance.now()
        const { status, text } = await one()
        slowest[kind] = Math.max(slowest[kind], performance.now() - began)
        asked++
        if (status >= 400) refused.push(text)
        await sleep(10)
      }
    }
    const [one, two, three] = [await as(nora), await as(nils), await as(hanna)]
    // A row that nobody else changes: what its lock holds up is no matter of the migration.
    const keeper = await holding(`select from cases where id = '${kase.id}' for update`)
    await pending()
    const running = [
      traffic('read', () => one.get(`/v1/cases/${kase.id}`)),
      traffic('read', () => three.get('/v1/cases')),
      traffic('write', () => two.edit(`/v1/cases/${own.id}`, { concern: 'again' })),
    ]
    let done: string[] | undefined
    const migrating = migrate(urls.owner).then((names) => (done = names))
    await sleep(5_000)
    expect(done).toBeUndefined()
    await keeper.release()
    const released = performance.now()
    await migrating
    expect(performance.now() - released).toBeLessThan(8_000)
    expect(done).toEqual(['access'])
    await sleep(300)
    ended = true
    await Promise.all(running)
    expect(refused).toEqual([])
    expect(asked).toBeGreaterThan(50)
    expect(Math.max(slowest.read, slowest.write)).toBeLessThan(3_000)
  },
)

test('one that never gets its locks ends with a sentence, and nothing of it was done', async () => {
  await pending()
  const keeper = await holding('lock table clients in row share mode')
  await expect(migrate(urls.owner, { tries: 2 })).rejects.toThrow(
    /^access was tried 2 times, and each time somebody else held a table/,
  )
  await keeper.release()
  expect(await sql(`select hash from migrations.applied where name = 'access'`)).toEqual([{ hash: '' }])
  expect(await migrate(urls.owner)).toEqual(['access'])
  expect(await migrate(urls.owner)).toEqual([])
})

test('of two that begin together, one works and the other finds it done', async () => {
  await pending()
  const [one, two] = await Promise.all([migrate(urls.owner), migrate(urls.owner)])
  expect([...one, ...two]).toEqual(['access'])
})
