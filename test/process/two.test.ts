// Do two processes on one database do everything once, and does each know at once what the other has done?
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createChecker } from '../support/answers.ts'
import { lotse } from '../support/app.ts'
import { anton, nora } from '../support/cast.ts'
import { createClient } from '../support/http.ts'
import { password } from '../support/people.ts'
import type { Member } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const service = await lotse()
const { urls, sql, document } = service
const check = createChecker(document)
const ending: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ending.reverse()) await end()
})

const metricsToken = 'm'.repeat(32)
const letters: string[] = []
const post = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  logger: false,
  onData: (stream, session, done) => {
    stream.resume()
    stream.on('end', () => {
      letters.push(...session.envelope.rcptTo.map(({ address }) => address))
      done()
    })
  },
})

let addresses: string[] = []
beforeAll(async () => {
  post.listen(0, '127.0.0.1')
  await once(post.server, 'listening')
  ending.push(() => new Promise<void>((resolve) => post.close(resolve)))
  const { port } = post.server.address() as AddressInfo
  const folder = await mkdtemp(join(tmpdir(), 'lotse-two-'))
  ending.push(() => rm(folder, { recursive: true, force: true }))
  const { PATH = '', HOME = '' } = process.env
  const start = async (name: string) => {
    const child = spawn(process.execPath, ['src/run.mjs', 'main'], {
      cwd: root,
      env: {
        PATH,
        HOME,
        PORT: '0',
        DATA_DIR: join(folder, name),
        DATABASE_URL: urls.service,
        DATABASE_WORKER_URL: urls.worker,
        MASTER_KEY: inject('run').masterKey,
        SMTP_URL: `smtp://127.0.0.1:${port}`,
        MAIL_FROM: 'lotse@lindenau.example',
        PUBLIC_URL: 'https://lotse.lindenau.example',
        METRICS_TOKEN: metricsToken,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    ending.push(async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    })
    let said = ''
    for await (const piece of child.stdout) {
      said += String(piece)
      const url = /Lotse runs on (http\S+)/.exec(said)?.[1]
      if (url) {
        child.stdout.resume()
        return url.replace(/\/$/, '')
      }
    }
    throw new Error(`ended before it served: ${said}`)
  }
  addresses = await Promise.all([start('one'), start('two')])
}, 120_000)

/** The same session, spoken to at both. */
async function atBoth(member: Member) {
  const { municipality, email, membershipId } = member
  const { body } = await createClient(addresses[0]!, check).post<{
    accessToken: string
    refreshToken: string
  }>('/v1/auth/token', { municipality, email, membershipId, password })
  const [one, two] = addresses.map((address) => createClient(address, check, body.accessToken))
  return { one: one!, two: two!, ...body }
}

test('a request that is repeated at the other process is done once', async () => {
  const { one, two } = await atBoth(nora)
  for (let round = 0; round < 10; round++) {
    const idempotencyKey = `round-${round}`
    const given = { identificationLevel: 'anonymous', district: `Round ${round}` }
    const both = await Promise.all(
      [one, two].map((client) => client.post('/v1/clients', given, { idempotencyKey })),
    )
    for (const answer of both) expect([201, 409]).toContain(answer.status)
    const again = await two.post('/v1/clients', given, { idempotencyKey })
    expect(again.status).toBe(201)
    expect(again.headers['idempotent-replayed']).toBe('true')
    const rows = await sql('select id from clients where district = $1', [given.district])
    expect(rows).toEqual([{ id: again.body.id }])
    const other = await one.post('/v1/clients', { ...given, district: 'Another' }, { idempotencyKey })
    expect(other.status).toBe(422)
  }
})

test('a refresh token is good once, at whichever', async () => {
  for (let round = 0; round < 10; round++) {
    const { refreshToken } = await atBoth(anton)
    const both = await Promise.all(
      addresses.map((address) => createClient(address, check).post('/v1/auth/refresh', { refreshToken })),
    )
    expect(both.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    expect(both.some(({ status }) => status === 401)).toBe(true)
  }
})

test('who signs out at one is signed out at the other, although it has just known the token', async () => {
  const { one, two } = await atBoth(anton)
  for (let count = 0; count < 3; count++) expect((await two.get('/v1/me')).status).toBe(200)
  expect((await one.post('/v1/auth/logout')).status).toBe(204)
  expect((await two.get('/v1/me')).status).toBe(401)
})

test('what is withdrawn at one is gone at the other with the next request', async () => {
  const [unit, agency] = [await atBoth(nora), await atBoth(anton)]
  for (let round = 0; round < 5; round++) {
    const { id, releaseId } = await service.aSentReferral({ situation: `Kanari ${round}` })
    expect((await agency.two.get(`/v1/referrals/${id}`)).text).toContain(`Kanari ${round}`)
    expect((await unit.one.post(`/v1/releases/${releaseId}/withdraw`)).status).toBe(200)
    const after = await agency.two.get(`/v1/referrals/${id}`)
    expect([200, 404]).toContain(after.status)
    expect(after.text).not.toMatch(/Kanari|Vogelsang/)
  }
})

test('an e-mail that both could write is written once', { timeout: 40_000 }, async () => {
  const before = letters.length
  for (const email of ['one', 'two', 'three', 'four', 'five', 'six']) {
    const { id } = await service.aSentReferral()
    await service.anAnswerLink(id, { email: `${email}@praxis.example` })
  }
  await expect
    .poll(() => letters.filter((to) => to.endsWith('@praxis.example')).length, { timeout: 20_000 })
    .toBe(6)
  // Both clocks at once, several times over, while somebody has to be reminded.
  await sql(`insert into mail_settings (tenant_id, id, rhythm) select tenant_id, id, 'at_once' from memberships
    on conflict (tenant_id, id) do update set rhythm = 'at_once'`)
  await sql(`update notices set created_at = created_at - interval '1 hour'`)
  for (let count = 0; count < 6; count++)
    for (const task of ['tick', 'mail']) await sql(`select graphile_worker.add_job($1)`, [task])
  const jobs = async () =>
    (await sql(`select from graphile_worker.jobs where task_identifier in ('tick', 'mail')`)).length
  await expect.poll(jobs, { timeout: 20_000 }).toBe(0)
  const written = letters.slice(before)
  expect(written.length).toBeGreaterThan(6)
  expect(written).toHaveLength(new Set(written).size)
})

test('both are ready, and say how many jobs they have done', async () => {
  let done = 0
  for (const address of addresses) {
    expect(await (await fetch(`${address}/health/ready`)).json()).toEqual({ status: 'ok', failing: [] })
    const headers = { authorization: `Bearer ${metricsToken}` }
    const text = await (await fetch(`${address}/metrics`, { headers })).text()
    done += Number(/^lotse_jobs_total\{task="tick",result="done"\} (\d+)$/m.exec(text)?.[1] ?? 0)
    expect(text).not.toContain('result="failed"')
  }
  // One at the start of each, and of the six from above at least one.
  expect(done).toBeGreaterThanOrEqual(3)
})

test('the trail of a municipality is sealed by one of them at a time', { timeout: 30_000 }, async () => {
  for (let count = 0; count < 4; count++)
    await sql(`select graphile_worker.add_job('seal', queue_name := 's' || $1)`, [String(count)])
  const jobs = async () =>
    (await sql(`select from graphile_worker.jobs where task_identifier = 'seal'`)).length
  await expect.poll(jobs, { timeout: 20_000 }).toBe(0)
  const heads = await sql<{ n: number; numbers: number; most: number }>(
    `select count(*)::int as n, count(distinct number)::int as numbers, max(number)::int as most
     from audit_heads group by tenant_id`,
  )
  expect(heads.length).toBeGreaterThan(0)
  for (const { n, numbers, most } of heads) expect([n, numbers]).toEqual([most, most])
})
