// Is somebody there for what a colleague leaves behind, without the lead of a case changing by it?
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { endSubstitutions } from '../../src/modules/substitutions/index.ts'
import { lotse } from '../support/app.ts'
import {
  ada,
  anton,
  carla,
  hanna,
  mira,
  mona,
  nils,
  nora,
  oda,
  organizations,
  otto,
  sina,
} from '../support/cast.ts'
import { done, inDays } from '../support/factories.ts'
import type { Member } from '../support/cast.ts'
import { password } from '../support/people.ts'
import { contextOf } from '../support/sql.ts'

const { as, aCase, aClient, asService, db, sql } = await lotse()

/** Every test has days of its own, so that nobody is away twice. */
let next = 10
function days(length = 3) {
  const from = next
  next += length + 1
  return { fromOn: inDays(from), untilOn: inDays(from + length - 1) }
}
const arrange = async (by: Member, given: object) => (await as(by)).post('/v1/substitutions', given)
const arranged = async (by: Member, given: object) => done(await arrange(by, given)).body
const told = (id: string) =>
  sql<{ kind: string; to: string }>(
    `select kind, to_membership_id as to from notices where subject_id = $1 and audience = 'member' order by created_at`,
    [id],
  )
const lived = async (id: string, from: number, until: number) =>
  sql('update substitutions set from_on = $2, until_on = $3 where id = $1', [id, inDays(from), inDays(until)])

test('whoever will be away arranges it for themselves, and the substitute is told', async () => {
  const period = days()
  const made = await arranged(nora, { substituteMembershipId: nils.membershipId, ...period })
  expect(made).toMatchObject({
    absentMembershipId: nora.membershipId,
    substituteMembershipId: nils.membershipId,
    organizationId: nora.organizationId,
    running: false,
    endedAt: null,
    ...period,
  })
  expect(await told(made.id)).toEqual([{ kind: 'substitution_began', to: nils.membershipId }])
  for (const member of [nora, nils, hanna])
    expect((await (await as(member)).get(`/v1/substitutions/${made.id}`)).status).toBe(200)
  for (const stranger of [mira, mona, anton, otto])
    expect((await (await as(stranger)).get(`/v1/substitutions/${made.id}`)).status).toBe(404)
  expect((await (await as(carla)).get(`/v1/substitutions/${made.id}`)).status).toBe(403)
})

test('the head arranges it for anybody of the unit, a colleague for nobody else', async () => {
  const given = {
    absentMembershipId: nora.membershipId,
    substituteMembershipId: nils.membershipId,
    ...days(),
  }
  expect(await arrange(nils, given)).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
  const { id } = await arranged(hanna, given)
  expect((await told(id)).map(({ to }) => to).sort()).toEqual([nora.membershipId, nils.membershipId].sort())
  expect(await arrange(mona, { ...given, ...days() })).toMatchObject({
    status: 400,
    body: { code: 'unknown_reference', errors: [{ pointer: '/absentMembershipId' }] },
  })
})

test('only somebody of the same unit who still works there stands in', async () => {
  const period = days()
  for (const stranger of [mira, anton, carla, otto, { membershipId: randomUUID() }])
    expect(await arrange(nora, { substituteMembershipId: stranger.membershipId, ...period })).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: '/substituteMembershipId' }] },
    })
  const gone = await aColleague(organizations.mitte, 'navigator')
  done(await (await as(ada)).post(`/v1/memberships/${gone}/end`))
  expect((await arrange(nora, { substituteMembershipId: gone, ...period })).body.code).toBe(
    'unknown_reference',
  )
})

async function aColleague(organizationId: string, role: string) {
  const administration = await as(ada)
  const email = `${randomUUID()}@lindenau.example`
  const user = done(
    await administration.post('/v1/users', { email, name: 'Ute Neu', language: 'de', password }),
  )
  const membership = { role, organizationId }
  return done(await administration.post(`/v1/users/${user.body.id}/memberships`, membership)).body.id
}

test.each([
  ['oneself', { substituteMembershipId: nora.membershipId }, 'substitute_is_somebody_else'],
  ['from yesterday on', { fromOn: inDays(-1) }, 'substitution_in_the_past'],
  ['until before it begins', { fromOn: inDays(9), untilOn: inDays(8) }, 'substitution_ends_before_it_begins'],
  ['for more than a year', { fromOn: inDays(9), untilOn: inDays(375) }, 'substitution_too_long'],
])('nobody is stood in for by %s', async (_, given, code) => {
  const answer = await arrange(nora, { substituteMembershipId: nils.membershipId, ...days(1), ...given })
  expect(answer).toMatchObject({ status: 409, body: { code } })
})

test('a day has one substitute, and that one is there', async () => {
  const period = days()
  await arranged(nora, { substituteMembershipId: nils.membershipId, ...period })
  const oneDay = { fromOn: period.untilOn, untilOn: period.untilOn }
  const refused = async (by: Member, substitute: Member, code: string) =>
    expect(await arrange(by, { substituteMembershipId: substitute.membershipId, ...oneDay })).toMatchObject({
      status: 409,
      body: { code },
    })
  await refused(nora, hanna, 'substitution_overlaps')
  await refused(hanna, nora, 'substitute_is_away')
  await refused(nils, hanna, 'stands_in_for_somebody')
  expect((await arrange(nora, { substituteMembershipId: hanna.membershipId, ...days(1) })).status).toBe(201)
})

test('arranged by two at once, there is one', async () => {
  const period = days()
  const answers = await Promise.all([
    arrange(nora, { substituteMembershipId: nils.membershipId, ...period }),
    arrange(nora, { substituteMembershipId: hanna.membershipId, ...period }),
    // Nils would be away on the days on which he stands in.
    arrange(nils, { substituteMembershipId: nora.membershipId, ...period }),
  ])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
})

test.each([
  ['the absent member', nora, [nils]],
  ['the substitute', nils, [nora]],
  ['the head', hanna, [nora, nils]],
] as const)('it is handed back by %s, once, and the others are told', async (_, by, others) => {
  const { id } = await arranged(nora, { substituteMembershipId: nils.membershipId, ...days() })
  const note = 'Everything is up to date.'
  const body = done(await (await as(by)).post(`/v1/substitutions/${id}/hand-back`, { note })).body
  expect(body).toMatchObject({ handBackNote: note, running: false })
  expect(body['endedAt']).not.toBeNull()
  const ended = (await told(id)).filter(({ kind }) => kind === 'substitution_ended')
  expect(ended.map(({ to }) => to)).toEqual(others.map(({ membershipId }) => membershipId))
  expect(await (await as(by)).post(`/v1/substitutions/${id}/hand-back`)).toMatchObject({
    status: 409,
    body: { code: 'substitution_has_ended' },
  })
})

test('nobody else hands it back', async () => {
  const { id } = await arranged(nora, { substituteMembershipId: hanna.membershipId, ...days() })
  expect((await (await as(nils)).post(`/v1/substitutions/${id}/hand-back`)).status).toBe(403)
  for (const stranger of [mira, mona, otto, oda])
    expect((await (await as(stranger)).post(`/v1/substitutions/${id}/hand-back`)).status).toBe(404)
  expect((await told(id)).map(({ kind }) => kind)).toEqual(['substitution_began'])
})

test('the list shows what runs and what comes, the earliest first, and nothing of another unit', async () => {
  const coming = await arranged(nora, { substituteMembershipId: nils.membershipId, ...days() })
  const running = await arranged(nora, { substituteMembershipId: hanna.membershipId, ...days() })
  const over = await arranged(nora, { substituteMembershipId: hanna.membershipId, ...days() })
  const elsewhere = await arranged(mira, { substituteMembershipId: mona.membershipId, ...days() })
  await lived(running.id, -1, 0)
  await lived(over.id, -4, -3)
  const { items } = (await (await as(nils)).get('/v1/substitutions?limit=200')).body
  const ids = items.map(({ id }) => id)
  expect(ids[0]).toBe(running.id)
  expect(items[0]).toMatchObject({ running: true })
  expect(ids).toContain(coming.id)
  for (const absent of [over.id, elsewhere.id]) expect(ids).not.toContain(absent)
  const mine = (await (await as(nils)).get('/v1/substitutions?of=me&limit=200')).body.items.map(
    ({ id }) => id,
  )
  expect(mine).toContain(coming.id)
  expect(mine).not.toContain(running.id)
  const first = (await (await as(nils)).get('/v1/substitutions?limit=1')).body
  const second = (await (await as(nils)).get(`/v1/substitutions?limit=1&cursor=${first.nextCursor}`)).body
  expect([first.items[0]!.id, second.items[0]!.id]).toEqual(ids.slice(0, 2))
  expect((await (await as(otto)).get('/v1/substitutions')).body.items).toEqual([])
  await (await as(nora)).post(`/v1/substitutions/${running.id}/hand-back`)
})

test('the lead of a case stays who it was', async () => {
  const { id } = await aCase()
  const { id: standing } = await arranged(nora, { substituteMembershipId: nils.membershipId, ...days() })
  await lived(standing, 0, 0)
  expect((await (await as(nils)).get(`/v1/cases/${id}`)).body['leadMembershipId']).toBe(nora.membershipId)
  await (await as(nils)).post(`/v1/substitutions/${standing}/hand-back`)
  expect((await (await as(nora)).get(`/v1/cases/${id}`)).body['leadMembershipId']).toBe(nora.membershipId)
})

test('a shielded person stays with the named members: a substitute who is not named sees nothing', async () => {
  const alias = 'Kanari-Vertretung'
  const client = await aClient({ identificationLevel: 'pseudonymous', shielded: true, alias }, nils)
  const { id: caseId } = await aCase({ clientId: client.id, concern: alias }, nils)
  const title = `${alias} fragen`
  const task = done(await (await as(nils)).post('/v1/tasks', { caseId, title, dueOn: inDays(0) })).body
  const { id } = await arranged(nils, { substituteMembershipId: hanna.membershipId, ...days() })
  await lived(id, 0, 0)
  const substitute = await as(hanna)
  for (const path of [`/v1/cases/${caseId}`, `/v1/clients/${client.id}`, `/v1/tasks/${task.id}`])
    expect((await substitute.get(path)).status, path).toBe(404)
  for (const path of [
    `/v1/tasks?owner=${nils.membershipId}&limit=200`,
    `/v1/cases?lead=${nils.membershipId}&limit=200`,
    '/v1/deadlines?limit=200',
    '/v1/me/day',
  ]) {
    const { status, text } = await substitute.get(path)
    expect(status, path).toBe(200)
    for (const secret of [alias, caseId, task.id]) expect(text, path).not.toContain(secret)
  }
  expect((await (await as(nils)).get('/v1/tasks?owner=me')).text).toContain(title)
  await (await as(nils)).post(`/v1/substitutions/${id}/hand-back`)
})

test('an agency arranges it in the same way, for its own people only', async () => {
  const colleague = await aColleague(organizations.wehr, 'network_professional')
  const made = await arranged(anton, { substituteMembershipId: colleague, ...days() })
  expect(made).toMatchObject({ organizationId: anton.organizationId, substituteMembershipId: colleague })
  expect((await (await as(nora)).get(`/v1/substitutions/${made.id}`)).status).toBe(404)
  expect((await (await as(nora)).get('/v1/substitutions?limit=200')).text).not.toContain(made.id)
})

test('without a recorded secrecy obligation nobody arranges anything', async () =>
  expect(await arrange(sina, { substituteMembershipId: nils.membershipId, ...days() })).toMatchObject({
    status: 403,
    body: { code: 'secrecy_obligation_missing' },
  }))

test('the clock ends what nobody handed back, after its last day and not on it, and both are told', async () => {
  const { id } = await arranged(nora, { substituteMembershipId: nils.membershipId, ...days() })
  await endSubstitutions(db, nora.tenantId)
  const ended = () =>
    sql<{ ended: boolean }>('select ended_at is not null as ended from substitutions where id = $1', [id])
  await lived(id, -2, 0)
  expect(await endSubstitutions(db, nora.tenantId)).toBe(0)
  expect(await ended()).toEqual([{ ended: false }])
  await lived(id, -2, -1)
  expect(await endSubstitutions(db, otto.tenantId)).toBe(0)
  const counts = await Promise.all([1, 2, 3].map(() => endSubstitutions(db, nora.tenantId)))
  expect(counts.reduce((a, b) => a + b)).toBe(1)
  expect(await ended()).toEqual([{ ended: true }])
  const last = (await told(id)).filter(({ kind }) => kind === 'substitution_ended')
  expect(last.map(({ to }) => to).sort()).toEqual([nora.membershipId, nils.membershipId].sort())
  const trail = await sql(
    `select action, role, object_ids from audit_events where action = 'clock.tick' and $1 = any (object_ids)`,
    [id],
  )
  expect(trail).toEqual([{ action: 'clock.tick', role: 'clock', object_ids: [id] }])
})

test('who stands in for whom does not change afterwards, also not by hand', async () => {
  const { id } = await arranged(nora, { substituteMembershipId: nils.membershipId, ...days() })
  for (const change of ['substitute_membership_id = absent_membership_id', 'until_on = until_on + 9'])
    await expect(
      asService(contextOf(nora), `update substitutions set ${change} where id = $1`, [id]),
    ).rejects.toMatchObject({ code: '42501' })
  done(await (await as(nora)).post(`/v1/substitutions/${id}/hand-back`))
  const again = 'update substitutions set ended_at = null where id = $1'
  expect((await asService(contextOf(nora), again, [id])).rowCount).toBe(0)
})
