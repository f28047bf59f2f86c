// Is the demo whole, also after a start that was killed, and is everybody in it who is told to be?
import { expect, test } from 'vitest'
import { access, roles, type Role, type Rule } from '../../src/access.ts'
import { demoAccounts, demoPassword, demoPresent, loadDemo } from '../../src/demo/index.ts'
import { codes } from '../../src/modules/vocabularies/index.ts'
import type { App } from '../../src/platform/zod.ts'
import { lotse, type Lotse } from '../support/app.ts'
import type { Body } from '../support/http.ts'

const quiet = () => {}
const here = await lotse()
const absentAtFirst = !(await demoPresent(here.db))
const loaded = await loadDemo(here.app, here.db, quiet)

const city = 'demo-lindenau'
const accountOf = (role: Role) =>
  demoAccounts.find((account) => account.municipality === city && account.role === role)!

async function signedIn({ municipality, email }: (typeof demoAccounts)[number]) {
  const given = { municipality, email, password: demoPassword }
  const { status, body } = await here.nobody.post('/v1/auth/token', given)
  expect(status, email).toBe(200)
  return here.withToken(String(body['accessToken']))
}

/** Everything that was told, without what differs from one telling to the next. */
async function told({ sql }: Lotse) {
  const rows = (text: string) => sql(`select row_to_json(told)::text as line from (${text}) told order by 1`)
  const all = await Promise.all(
    [
      `select slug, name from tenants where slug like 'demo-%'`,
      `select o.name, o.kind, p.name as part_of from organizations o
         left join organizations p on p.tenant_id = o.tenant_id and p.id = o.parent_id`,
      `select f.name, f.type, o.name as of from offers f join organizations o on o.tenant_id = f.tenant_id and o.id = f.organization_id`,
      `select u.email, m.role, o.name, (select count(*) from secrecy_obligations s where s.user_id = u.id) as obligations
         from users u join memberships m on m.tenant_id = u.tenant_id and m.user_id = u.id
         join organizations o on o.tenant_id = m.tenant_id and o.id = m.organization_id`,
      `select c.concern, c.status, c.phase, c.next_step, c.next_step_on, p.alias, p.identification_level, p.age_band
         from cases c join clients p on p.tenant_id = c.tenant_id and p.id = c.client_id`,
      `select l.status, l.ratings, l.audit_c, c.concern from clearings l join cases c on c.id = l.case_id`,
      `select r.status, r.purpose_detail, r.categories, r.valid_until from releases r`,
      `select r.status, r.offer_name, r.decline_reason, r.seen_at is not null as seen from referrals r`,
      `select h.status, h.receiver_organization_name from handovers h`,
      `select d.categories, d.basis, d.valid_until > now() as valid from disclosures d`,
      `select c.kind, c.status, c.mode, c.doors, c.agreed, c.out_of_scope, o.name from contacts c
         left join organizations o on o.tenant_id = c.tenant_id and o.id = c.to_organization_id`,
      `select a.status, a.place, a.starts_at from appointments a`,
      `select d.kind, d.due_on, d.stopped_by from deadlines d`,
      `select n.kind, n.audience from notices n`,
      `select s.problem, s.sector, s.note from scope_rules s`,
      `select i.answer_days, i.agreement from interfaces i`,
      `select h.number, h.content from handover_concepts h`,
      `select t.kind, t.due_on from tasks t`,
    ].map(rows),
  )
  return all.map((lines) => lines.map(({ line }) => String(line)))
}

/** The app of a process that is killed with its `last` request. */
function dying(app: App, last: number) {
  const answers: Promise<unknown>[] = []
  const inject = (request: never) => {
    if (answers.length >= last) return Promise.reject(new Error('killed'))
    const answer = app.inject(request)
    answers.push(answer)
    return answer
  }
  return {
    app: Object.assign(Object.create(app), { inject }) as App,
    over: () => Promise.allSettled(answers),
  }
}

test('the demo is not there before it is loaded, and is there afterwards', async () => {
  expect(absentAtFirst).toBe(true)
  expect(loaded).toBe(true)
  expect(await demoPresent(here.db)).toBe(true)
})

test('loading the demo again changes nothing', async () => {
  const before = await told(here)
  expect(before.every((lines) => lines.length > 0 || before.indexOf(lines) === before.length - 1)).toBe(true)
  expect(await loadDemo(here.app, here.db, quiet)).toBe(false)
  expect(await told(here)).toEqual(before)
})

test(
  'a start that is killed again and again ends with the same demo, and nothing in it twice',
  { timeout: 120_000 },
  async () => {
    const elsewhere = await lotse()
    const ends: unknown[] = []
    for (let last = 20; ends.at(-1) !== true; last += 90) {
      const { app, over } = dying(elsewhere.app, last)
      ends.push(await loadDemo(app, elsewhere.db, quiet).catch((error: Error) => error.message))
      await over()
      expect(await demoPresent(elsewhere.db)).toBe(true)
    }
    expect(ends.length).toBeGreaterThan(3)
    expect(new Set(ends)).toEqual(new Set(['killed', true]))
    expect(await told(elsewhere)).toEqual(await told(here))
  },
)

test('everybody in the table can sign in, and acts in the role and the municipality that are told', async () => {
  const content = Object.values<Rule>(access).filter((rule) => rule.content)
  await Promise.all(
    demoAccounts.map(async (account) => {
      const { body } = await (
        await signedIn(account)
      ).get<Record<string, Body | null> & { name: string }>('/v1/me')
      expect(body.name).toBe(account.person)
      expect(body['membership']?.['role'], account.email).toBe(account.role)
      expect(body['municipality']?.['slug']).toBe(account.municipality)
      if (content.some(({ who }) => who.includes(account.role)))
        expect(body['secrecyObligation'], account.email).not.toBeNull()
    }),
  )
})

test('in the city every role of the table of access is played by somebody', () => {
  const played = new Set(
    demoAccounts.filter(({ municipality }) => municipality === city).map(({ role }) => role),
  )
  expect([...played].sort()).toEqual([...roles].sort())
})

test('in the city every sector and every kind of organisation occurs', async () => {
  const { body } = await (await signedIn(accountOf('planner'))).get('/v1/organizations?limit=200')
  expect(new Set(body.items.map(({ sector }) => sector))).toEqual(new Set(codes('sector')))
  expect(new Set(body.items.map(({ kind }) => kind))).toEqual(new Set(codes('organization_kind')))
})

test('the district has five youth offices, and no residence belongs to two of them', async () => {
  const onno = demoAccounts.find(({ email }) => email.startsWith('onno.'))!
  const { body } = await (await signedIn(onno)).get('/v1/organizations?kind=youth_office')
  expect(body.items).toHaveLength(5)
  const residences = body.items.flatMap((office) => office['residences'] as string[])
  expect(residences.length).toBeGreaterThan(9)
  expect(new Set(residences).size).toBe(residences.length)
})

test('the lists of a navigator are not empty, and every next step lies ahead', async () => {
  const nora = await signedIn(accountOf('navigator'))
  const [cases, referrals] = await Promise.all([nora.get('/v1/cases'), nora.get('/v1/referrals?box=out')])
  expect(cases.body.items.length).toBeGreaterThan(6)
  expect(cases.body.items.filter(({ overdue }) => overdue)).toEqual([])
  expect(new Set(cases.body.items.map(({ phase }) => phase)).size).toBeGreaterThan(3)
  const states = referrals.body.items.map(({ status }) => status)
  expect(states).toEqual(expect.arrayContaining(['sent', 'accepted', 'declined', 'started']))
  expect(cases.text).not.toContain('Wollgras')
})

test('no mail of the demo can reach anybody', async () => {
  expect(demoAccounts.filter(({ email }) => !email.endsWith('.example'))).toEqual([])
  expect(new Set(demoAccounts.map(({ email }) => email)).size).toBe(demoAccounts.length)
})
