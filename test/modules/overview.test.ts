// Does everybody find in their day what waits for them, and nothing that waits for others?
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { roundTrips } from '../../src/platform/batch.ts'
import { lotse } from '../support/app.ts'
import {
  agnes,
  anton,
  cast,
  carla,
  hanna,
  jule,
  mira,
  mona,
  nils,
  nora,
  organizations,
  otto,
  paul,
  selma,
  type Member,
} from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import type { Body } from '../support/http.ts'
import { way } from '../support/way.ts'

const { as, aCase, aClient, aKnownClient, aClearing, sql, ...make } = await lotse()
const { anAcceptedHandover, anOfferedHandover } = way(as)

type Entry = Body & { kind: string; subjectId: string; overdueDays: number }
interface Day {
  day: string
  items: Entry[]
  more: boolean
  caseload: Record<string, unknown>[]
  waiting: Record<string, unknown>[]
}

const dayOf = async (member: Member) => {
  const { body, text } = done(await (await as(member)).get<Day & { code?: string }>('/v1/me/day'))
  return { ...body, text }
}
const entryOf = async (member: Member, subjectId: string, kind?: string) =>
  (await dayOf(member)).items.find(
    (entry) => entry.subjectId === subjectId && (kind === undefined || entry.kind === kind),
  )

const everybody = [nora, nils, hanna, mira, mona, anton, agnes, jule, selma, carla, otto, cast.oda, cast.orla]

/** Whose day names this record, in words or by its id. */
async function whoSees(subjectId: string, kind?: string): Promise<string[]> {
  const seen = await Promise.all(
    everybody.map(async (member) => ((await entryOf(member, subjectId, kind)) ? [member.key] : [])),
  )
  return seen.flat()
}

const post = async (by: Member, path: string, body?: object) =>
  done(await (await as(by)).post(path, body)).body

interface Clock {
  caseId: string
  dueOn: string
  subjectId?: string
  escalatedTo?: string
}

/** As if a clock of the unit Mitte had been running for a while. */
async function aClock({ caseId, dueOn, subjectId = caseId, escalatedTo }: Clock) {
  const id = randomUUID()
  await sql(
    `insert into deadlines (tenant_id, id, kind, basis, organization_id, compartment_id, case_id, subject_id, started_on,
       due_on, escalated_to, escalated_at)
     values ($1, $2, 'reengagement', 'a test', $3, $3, $4, $5, $6::date - 20, $6, $7, case when $7::text is null then null else now() end)`,
    [nora.tenantId, id, nora.organizationId, caseId, subjectId, dueOn, escalatedTo ?? null],
  )
  return id
}

describe('what a lead has to do', () => {
  test('the next step whose day has come stands in the day of the lead, in the words of the unit, and in no other', async () => {
    const kase = await aCase({ nextStep: 'Kanari ruft zurück', nextStepOn: today() })
    expect(await whoSees(kase.id)).toEqual(['nora'])
    expect(await entryOf(nora, kase.id)).toMatchObject({
      kind: 'next_step',
      code: 'open',
      subjectKind: 'case',
      caseId: kase.id,
      dueOn: today(),
      overdueDays: 0,
      forMembershipId: null,
      text: 'Kanari ruft zurück',
    })
    for (const other of everybody.filter(({ key }) => key !== 'nora'))
      expect((await dayOf(other)).text, other.key).not.toContain('Kanari ruft')
  })

  test('what lies ahead does not stand there, what is overdue says for how long', async () => {
    const kase = await aCase({ nextStepOn: inDays(1) })
    expect(await whoSees(kase.id)).toEqual([])
    await sql('update cases set next_step_on = $2 where id = $1', [kase.id, inDays(-4)])
    expect(await entryOf(nora, kase.id)).toMatchObject({ overdueDays: 4, dueOn: inDays(-4) })
    await post(nora, `/v1/cases/${kase.id}/close`, { endType: 'planned_regular', outcome: 'improved' })
    expect(await whoSees(kase.id, 'next_step')).toEqual([])
  })

  test('an answer that lets fear for somebody comes first, before everything overdue', async () => {
    const kase = await aCase({ nextStepOn: today() })
    await sql('update cases set next_step_on = $2 where id = $1', [kase.id, inDays(-30)])
    const clearing = await aClearing(kase.id)
    const answers = { 'health_mental.suicidal': 'yes' }
    done(await (await as(nora)).edit(`/v1/clearings/${clearing.id}`, { answers }))
    const [first, ...others] = (await dayOf(nora)).items
    expect(first).toMatchObject({ kind: 'task', code: 'safety_prompt', caseId: kase.id })
    expect(others.map(({ overdueDays }) => overdueDays)).toContain(30)
    expect(await whoSees(first!.subjectId)).toEqual(['nora'])
    await post(nora, `/v1/tasks/${first!.subjectId}/done`)
    expect(await whoSees(first!.subjectId)).toEqual([])
  })

  test('a task is its owner’s; without one, or when the owner has left, it is the lead’s', async () => {
    const kase = await aCase()
    const mine = await post(nora, '/v1/tasks', { caseId: kase.id, title: 'Kanari fragt', dueOn: today() })
    const theirs = await post(nora, '/v1/tasks', {
      caseId: kase.id,
      title: 'Papiere holen',
      dueOn: today(),
      ownerMembershipId: nils.membershipId,
    })
    expect(await whoSees(mine.id, 'task')).toEqual(['nora'])
    expect(await whoSees(theirs.id, 'task')).toEqual(['nils'])
    expect(await entryOf(nils, theirs.id, 'task')).toMatchObject({
      text: 'Papiere holen',
      caseId: kase.id,
      forMembershipId: null,
    })
    await sql('update memberships set ended_at = now() where id = $1', [nils.membershipId])
    expect(await entryOf(nora, theirs.id, 'task')).toBeDefined()
    await sql('update memberships set ended_at = null where id = $1', [nils.membershipId])
  })

  test('an appointment of today stands there until it is said how it went, also for whoever goes along', async () => {
    const kase = await aCase()
    const planned = await post(nora, `/v1/cases/${kase.id}/appointments`, {
      startsAt: `${inDays(2)}T10:00:00Z`,
      mode: 'accompanied',
      place: 'Am Kanariweg 3',
      accompaniedByMembershipId: nils.membershipId,
    })
    expect(await whoSees(planned.id, 'appointment')).toEqual([])
    await sql(
      `update appointments set starts_at = ($2::date + time '00:00') at time zone 'Europe/Berlin' where id = $1`,
      [planned.id, today()],
    )
    expect(await whoSees(planned.id, 'appointment')).toEqual(['nora', 'nils'])
    const entry = await entryOf(nora, planned.id, 'appointment')
    expect(entry).toMatchObject({ dueOn: today(), overdueDays: 0, text: null })
    expect(Number.isNaN(Date.parse(String(entry!['dueAt'])))).toBe(false)
    await post(nora, `/v1/appointments/${planned.id}/outcome`, { status: 'held' })
    expect(await whoSees(planned.id, 'appointment')).toEqual([])
  })

  test('a clock stands there two days before it runs out and for as long as it is missed', async () => {
    const kase = await aCase()
    const [missed, near, far] = await Promise.all(
      [-3, 2, 3].map((days) => aClock({ caseId: kase.id, subjectId: randomUUID(), dueOn: inDays(days) })),
    )
    expect(await whoSees(missed!)).toEqual(['nora'])
    expect(await entryOf(nora, missed!)).toMatchObject({
      kind: 'deadline',
      code: 'reengagement',
      overdueDays: 3,
      caseId: kase.id,
      organizationId: nora.organizationId,
    })
    expect(await whoSees(near!)).toEqual(['nora'])
    expect(await whoSees(far!)).toEqual([])
    await sql(
      `update deadlines set stopped_at = now(), stopped_on = due_on, stopped_by = 'done' where id = $1`,
      [missed],
    )
    expect(await whoSees(missed!)).toEqual([])
  })

  test('a shielded case stands in the day of its lead, and not even the head learns of it', async () => {
    const client = await aClient({ shielded: true }, nils)
    const kase = await aCase({ clientId: client.id, nextStepOn: today() }, nils)
    expect(await whoSees(kase.id)).toEqual(['nils'])
    const clock = await aClock({ caseId: kase.id, dueOn: inDays(-9), escalatedTo: 'head' })
    await sql('update deadlines set compartment_id = $2 where id = $1', [clock, client.id])
    expect(await whoSees(clock)).toEqual(['nils'])
  })
})

describe('standing in', () => {
  test('whoever stands in today sees what is the absent one’s, with a word for whom, until it is handed back', async () => {
    const kase = await aCase({ nextStepOn: today() })
    const { id: taskId } = await post(nora, '/v1/tasks', {
      caseId: kase.id,
      title: 'Nachfragen',
      dueOn: today(),
    })
    const { id } = await post(nora, '/v1/substitutions', {
      substituteMembershipId: nils.membershipId,
      fromOn: today(),
      untilOn: inDays(2),
    })
    expect(await whoSees(kase.id)).toEqual(['nora', 'nils'])
    expect(await entryOf(nils, kase.id)).toMatchObject({ forMembershipId: nora.membershipId })
    expect(await entryOf(nils, taskId, 'task')).toMatchObject({ forMembershipId: nora.membershipId })
    expect(await entryOf(nora, kase.id)).toMatchObject({ forMembershipId: null })
    const own = await aCase({ nextStepOn: today() }, nils)
    expect(await whoSees(own.id)).toEqual(['nils'])

    for (const [from, until] of [
      [1, 2],
      [-5, -1],
    ])
      await sql('update substitutions set from_on = $2, until_on = $3 where id = $1', [
        id,
        inDays(from!),
        inDays(until!),
      ]).then(async () => expect(await whoSees(kase.id)).toEqual(['nora']))
    await sql('update substitutions set from_on = $2, until_on = $2 where id = $1', [id, today()])
    expect(await whoSees(kase.id)).toEqual(['nora', 'nils'])
    await post(nils, `/v1/substitutions/${id}/hand-back`, {})
    expect(await whoSees(kase.id)).toEqual(['nora'])
  })
})

describe('what somebody is told', () => {
  const kase = { id: '' }
  const notices: Record<string, [string, string[]]> = {
    'a member': ['to_membership_id', ['anton']],
    'an organisation': ['to_organization_id', ['agnes']],
    'the heads of one unit': ['to_role', ['mona']],
    'the lead of a case': ['case_id', ['nora']],
  }
  async function aNotice(audience: string, to: Record<string, string>) {
    const [id, subjectId] = [randomUUID(), randomUUID()]
    const names = Object.keys(to)
    await sql(
      `insert into notices (tenant_id, id, kind, subject_kind, subject_id, audience, ${names.join()})
       values ($1, $2, 'referral_answered', 'referral', $3, $4, ${names.map((_, n) => `$${n + 5}`).join()})`,
      [nora.tenantId, id, subjectId, audience, ...Object.values(to)],
    )
    return { id, subjectId }
  }
  const told: Record<string, () => Promise<{ id: string; subjectId: string }>> = {
    'a member': () => aNotice('member', { to_membership_id: anton.membershipId }),
    'an organisation': () => aNotice('organization', { to_organization_id: agnes.organizationId }),
    'the heads of one unit': () =>
      aNotice('role', { to_role: 'navigation_head', to_organization_id: mona.organizationId }),
    'the lead of a case': () => aNotice('lead', { compartment_id: nora.organizationId, case_id: kase.id }),
  }
  beforeAll(async () => void Object.assign(kase, await aCase()))

  test.each(Object.keys(notices))('a notice to %s stands in their day until it was seen', async (who) => {
    const { id, subjectId } = await told[who]!()
    expect(await whoSees(subjectId)).toEqual(notices[who]![1])
    const reader = everybody.find(({ key }) => key === notices[who]![1][0])!
    expect(await entryOf(reader, subjectId)).toMatchObject({
      kind: 'notice',
      code: 'referral_answered',
      subjectKind: 'referral',
      noticeId: id,
      dueOn: null,
      overdueDays: 0,
      caseId: who === 'the lead of a case' ? kase.id : null,
      text: null,
    })
    await sql('update notices set seen_at = now() where id = $1', [id])
    expect(await whoSees(subjectId)).toEqual([])
  })

  test('what the lead is told moves on with the lead', async () => {
    const { subjectId } = await told['the lead of a case']!()
    await post(hanna, `/v1/cases/${kase.id}/assignments`, {
      membershipId: nils.membershipId,
      reason: 'Holiday',
    })
    expect(await whoSees(subjectId)).toEqual(['nils'])
  })
})

describe('what waits at an organisation', () => {
  test('a referral that nobody has taken stands in the day of everybody there, without a word about the person', async () => {
    const sent = await make.aSentReferral({ situation: 'Kanari-Brief' })
    expect(await whoSees(sent.id, 'referral_untaken')).toEqual(['anton'])
    const entry = await entryOf(anton, sent.id, 'referral_untaken')
    expect(entry).toMatchObject({
      code: 'sent',
      organizationId: nora.organizationId,
      caseId: null,
      forMembershipId: null,
      text: null,
    })
    const { text } = await dayOf(anton)
    for (const secret of ['Kanari', 'Vogelsang', sent.caseId, sent.clientId])
      expect(text).not.toContain(secret)
  })

  test('once taken it is one’s own until it is answered, and everybody’s again when that one has left', async () => {
    const sent = await make.aSentReferral()
    await post(anton, `/v1/referrals/${sent.id}/take`)
    expect(await whoSees(sent.id, 'referral_untaken')).toEqual([])
    expect(await whoSees(sent.id, 'referral_unanswered')).toEqual(['anton'])
    await sql('update referrals set taken_by_membership_id = $2 where id = $1', [sent.id, mira.membershipId])
    expect(await whoSees(sent.id, 'referral_untaken')).toEqual([])
    await sql('update memberships set ended_at = now() where id = $1', [mira.membershipId])
    expect(await entryOf(anton, sent.id, 'referral_untaken')).toBeDefined()
    await sql('update memberships set ended_at = null where id = $1', [mira.membershipId])
    await sql('update referrals set taken_by_membership_id = $2 where id = $1', [sent.id, anton.membershipId])
    await post(anton, `/v1/referrals/${sent.id}/decline`, { reason: 'no_capacity' })
    expect(await entryOf(anton, sent.id, 'referral_unanswered')).toBeUndefined()
  })

  test('somebody on the waiting list comes back on the day that was named', async () => {
    const sent = await make.aSentReferral()
    await post(anton, `/v1/referrals/${sent.id}/take`)
    await post(anton, `/v1/referrals/${sent.id}/waitlist`, {
      position: 3,
      expectedOn: inDays(9),
    })
    expect(await entryOf(anton, sent.id, 'referral_unanswered')).toBeUndefined()
    await sql('update referrals set expected_on = $2 where id = $1', [sent.id, inDays(-1)])
    expect(await entryOf(anton, sent.id, 'referral_unanswered')).toMatchObject({
      code: 'waitlisted',
      dueOn: inDays(-1),
      overdueDays: 1,
    })
  })

  test('a handover stands there from the offer until the arrival is recorded', async () => {
    const offered = await anOfferedHandover()
    expect(await whoSees(offered.id, 'handover_offered')).toEqual(['anton'])
    const { id } = await anAcceptedHandover()
    expect(await whoSees(id, 'arrival_expected')).toEqual(['anton'])
    expect(await entryOf(anton, id, 'arrival_expected')).toMatchObject({
      caseId: null,
      organizationId: nora.organizationId,
    })
    await post(anton, `/v1/handovers/${id}/confirm-arrival`, { confirmedBy: 'receiver' })
    expect(await entryOf(anton, id, 'arrival_expected')).toBeUndefined()
  })

  test('a contact stands in the day of those who are asked, and on its day with whoever registered it', async () => {
    const contact = await post(selma, '/v1/contacts', {
      name: 'Kanari',
      reach: '0555 7100',
      agreement: 'The navigators may call',
      toOrganizationId: organizations.mitte,
      nextStepOn: inDays(1),
    })
    expect(await whoSees(contact.id, 'contact_asked')).toEqual(['nora', 'nils', 'hanna'])
    expect(await whoSees(contact.id, 'contact_due')).toEqual([])
    const { text } = await dayOf(nora)
    expect(text).not.toContain('Kanari"')
    expect(text).not.toContain('0555 7100')
    await sql('update contacts set next_step_on = $2 where id = $1', [contact.id, inDays(-2)])
    expect(await whoSees(contact.id, 'contact_due')).toEqual(['selma'])
    expect(await entryOf(selma, contact.id, 'contact_due')).toMatchObject({
      organizationId: selma.organizationId,
      overdueDays: 2,
      text: null,
    })
    await post(nora, `/v1/contacts/${contact.id}/take-up`, { nextStep: 'Call', nextStepOn: inDays(1) })
    expect(await whoSees(contact.id, 'contact_asked')).toEqual([])
    expect(await whoSees(contact.id, 'contact_due')).toEqual([])
  })
})

describe('the head and the coordinator', () => {
  test('the head sees what each lead of the unit has to carry, and nothing of another unit', async () => {
    const { id } = await aCase({}, mira)
    const overdue = await aCase({}, nils)
    await sql('update cases set next_step_on = $2 where id = $1', [overdue.id, inDays(-2)])
    const before = (await dayOf(hanna)).caseload.find(
      ({ membershipId }) => membershipId === nils.membershipId,
    )!
    const paused = await aCase({}, nils)
    await post(nils, `/v1/cases/${paused.id}/pause`, { reason: 'away', text: 'Look again', on: inDays(4) })
    await aClock({ caseId: overdue.id, dueOn: inDays(-8), escalatedTo: 'head' })
    const { caseload, text } = await dayOf(hanna)
    const ofNils = caseload.find(({ membershipId }) => membershipId === nils.membershipId)!
    expect(ofNils).toEqual({
      ...before,
      active: true,
      running: Number(before['running']) + 1,
      paused: Number(before['paused']) + 1,
      escalated: Number(before['escalated']) + 1,
    })
    expect(Number(before['overdue'])).toBeGreaterThan(0)
    expect(caseload.map(({ membershipId }) => membershipId)).toEqual(
      expect.arrayContaining([nora.membershipId, hanna.membershipId]),
    )
    expect(caseload.map(({ membershipId }) => membershipId)).not.toContain(mira.membershipId)
    expect(text).not.toContain(id)
    expect(text).not.toMatch(/Lenz|Oder/)
    for (const other of [nora, anton, carla]) expect((await dayOf(other)).caseload, other.key).toEqual([])
  })

  test('a missed clock that has come up to the head stands in the day of that unit’s head', async () => {
    const kase = await aCase()
    const id = await aClock({ caseId: kase.id, dueOn: inDays(-8) })
    expect(await whoSees(id)).toEqual(['nora'])
    await sql(`update deadlines set escalated_to = 'head', escalated_at = now() where id = $1`, [id])
    expect(await whoSees(id)).toEqual(['nora', 'hanna'])
  })

  test('a case whose lead is no longer there stands at the top of the head’s day', async () => {
    const kase = await aCase({ nextStep: 'Kanari wartet' })
    const clearing = await aClearing(kase.id)
    const answers = { 'health_mental.suicidal': 'yes' }
    done(await (await as(nora)).edit(`/v1/clearings/${clearing.id}`, { answers }))
    const [prompt] = done(await (await as(nora)).get(`/v1/tasks?caseId=${kase.id}`)).body.items
    const clock = await aClock({ caseId: kase.id, dueOn: today() })
    const meeting = await post(nora, `/v1/cases/${kase.id}/appointments`, {
      startsAt: `${inDays(2)}T10:00:00Z`,
      mode: 'in_person_office',
      place: 'Am Anger 3',
    })
    await sql(
      `update appointments set starts_at = ($2::date + time '00:00') at time zone 'Europe/Berlin' where id = $1`,
      [meeting.id, today()],
    )
    const left = [prompt!.id, clock, meeting.id]
    for (const id of [kase.id, ...left]) expect(await entryOf(hanna, id), id).toBeUndefined()
    for (const [gone, back] of [
      [
        'update memberships set ended_at = now() where id = $1',
        'update memberships set ended_at = null where id = $1',
      ],
      [
        'update users u set active = false from memberships m where m.user_id = u.id and m.id = $1',
        'update users u set active = true from memberships m where m.user_id = u.id and m.id = $1',
      ],
    ] as const) {
      await sql(gone, [nora.membershipId])
      const { items, caseload, text } = await dayOf(hanna)
      const at = items.findIndex(({ subjectId }) => subjectId === kase.id)
      expect(items[at]).toMatchObject({ kind: 'case_without_lead', text: 'Kanari wartet', caseId: kase.id })
      expect(items.slice(0, at).map(({ code }) => code)).toContain('safety_prompt')
      expect(items.slice(0, at).filter(({ kind }) => kind === 'next_step')).toEqual([])
      expect(items.map(({ subjectId }) => subjectId)).toEqual(expect.arrayContaining(left))
      expect(caseload[0]).toMatchObject({ membershipId: nora.membershipId, active: false })
      expect(text).not.toContain('Lenz')
      for (const other of [nils, mona, anton, carla, cast.oda])
        for (const id of [kase.id, ...left]) expect((await dayOf(other)).text, other.key).not.toContain(id)
      await sql(back, [nora.membershipId])
    }
    for (const id of [kase.id, ...left]) expect(await entryOf(hanna, id), id).toBeUndefined()
  })

  test('the coordinator sees what lead and head have let pass, and where answers are overdue, but no case', async () => {
    const sent = await make.aSentReferral({ to: 'birkenhof' })
    await sql(
      `update deadlines set due_on = $2, started_on = $3, escalated_to = 'coordinator', escalated_at = now()
       where subject_id = $1 and kind = 'referral_response'`,
      [sent.id, inDays(-15), inDays(-22)],
    )
    const [clock] = await sql<{ id: string }>(
      `select id from deadlines where subject_id = $1 and kind = 'referral_response'`,
      [sent.id],
    )
    expect(clock).toBeDefined()
    expect(await whoSees(clock!.id)).toEqual(['nora', 'hanna', 'carla'])
    expect(await entryOf(carla, clock!.id)).toMatchObject({
      kind: 'deadline',
      code: 'referral_response',
      organizationId: agnes.organizationId,
      caseId: null,
      overdueDays: 15,
      text: null,
    })
    const { waiting, text } = await dayOf(carla)
    expect(waiting).toEqual([{ organizationId: agnes.organizationId, referrals: 1, longestDays: 22 }])
    for (const secret of [sent.caseId, sent.clientId, sent.id, 'Vogelsang'])
      expect(text).not.toContain(secret)
    for (const other of [hanna, nora, agnes, cast.orla])
      expect((await dayOf(other)).waiting, other.key).toEqual([])
  })
})

describe('the day as a whole', () => {
  test('it is asked for in one round trip, whatever waits in it', async () => {
    const [client, kase] = [await as(nora), await aCase()]
    const counted = async (path: string) => {
      const before = roundTrips.count
      done(await client.get(path))
      return roundTrips.count - before
    }
    await counted('/v1/me/day')
    // One for the data, one for the audit trail: as when a single case is read.
    expect(await counted(`/v1/cases/${kase.id}`)).toBe(2)
    expect(await counted('/v1/me/day')).toBe(2)
    expect(await counted(`/v1/cases/${kase.id}/journey`)).toBe(2)
  })

  test('it names no person, and the audit trail knows about whom something was read', async () => {
    const client = await aKnownClient()
    const kase = await aCase({ clientId: client.id, nextStepOn: today() })
    const [{ since }] = (await sql<{ since: string }>('select clock_timestamp()::text as since')) as [
      { since: string },
    ]
    const { text } = await dayOf(nora)
    expect(text).not.toMatch(/Kanaria|Vogelsang|Lenz/)
    expect(text).not.toContain(client.id)
    const [event] = await sql<{ object_ids: string[]; client_ids: string[] }>(
      `select object_ids, client_ids from audit_events where action = 'overview.day' and user_id = $1 and at >= $2`,
      [nora.userId, since],
    )
    expect(event!.object_ids).toContain(kase.id)
    expect(event!.client_ids).toContain(client.id)
  })

  test('it holds 200 entries and says that there are more', async () => {
    const kase = await aCase()
    await sql(
      `insert into tasks (tenant_id, id, compartment_id, case_id, client_id, kind, due_on, origin_id)
       select tenant_id, gen_random_uuid(), compartment_id, id, client_id, 'other', $2::date - n, id
       from cases, generate_series(1, 250) n where id = $1`,
      [kase.id, today()],
    )
    const { items, more } = await dayOf(nora)
    expect(items).toHaveLength(200)
    expect(more).toBe(true)
    const overdue = items.filter((entry) => entry['code'] === 'other').map(({ overdueDays }) => overdueDays)
    expect(overdue).toEqual(overdue.toSorted((a, b) => b - a))
    expect(overdue[0]).toBe(250)
    await sql('update tasks set done_at = now() where case_id = $1', [kase.id])
    expect((await dayOf(nora)).more).toBe(false)
  })

  test('an office without cases has the contacts of its own, and nothing else', async () => {
    const { id } = await post(paul, '/v1/contacts', { kind: 'wrong_door' })
    expect((await dayOf(paul)).items).toEqual([])
    await sql('update contacts set next_step_on = current_date - 1 where id = $1', [id])
    const { items } = await dayOf(paul)
    expect(items).toMatchObject([{ subjectKind: 'contact', subjectId: id, caseId: null, text: null }])
    for (const other of [cast.petra, carla])
      expect((await dayOf(other)).items.map(({ subjectId }) => subjectId)).not.toContain(id)
  })
})

describe('the journey', () => {
  const journeyOf = async (by: Member, id: string) =>
    done(
      await (
        await as(by)
      ).get<{
        firstContactAt: string
        arrivedAt: string | null
        days: number
        doors: number
        steps: { kind: string; outcome: string | null; organizationName: string | null }[]
        code?: string
      }>(`/v1/cases/${id}/journey`),
    ).body

  test('goes from the first door through declines and no-shows to arrival', async () => {
    const client = await aKnownClient()
    const contact = await post(selma, '/v1/contacts', { toOrganizationId: organizations.mitte })
    await sql(
      `update contacts set first_contact_at = first_contact_at - interval '10 days',
         created_at = created_at - interval '10 days' where id = $1`,
      [contact.id],
    )
    const kase = await aCase({ clientId: client.id })
    await post(nora, `/v1/contacts/${contact.id}/take-up`, { caseId: kase.id })
    const { aSentReferral, aPreparedHandover, anAcceptedReferral } = way(as)
    const first = await aSentReferral({ caseId: kase.id, to: 'birkenhof' })
    await post(agnes, `/v1/referrals/${first.id}/decline`, { reason: 'no_capacity' })
    const accepted = await anAcceptedReferral({ caseId: kase.id, to: 'wehr' })
    const hands = async () => {
      const { id } = await aPreparedHandover({ referral: accepted, type: 'written' })
      await post(nora, `/v1/handovers/${id}/offer`)
      await post(anton, `/v1/handovers/${id}/accept`)
      return id
    }
    await post(anton, `/v1/handovers/${await hands()}/report-no-show`)
    const onTheWay = await journeyOf(nora, kase.id)
    expect(onTheWay).toMatchObject({ arrivedAt: null, days: 10, doors: 3 })
    const second = await hands()
    await post(anton, `/v1/handovers/${second}/confirm-arrival`, { confirmedBy: 'receiver' })
    const arrived = await journeyOf(nora, kase.id)
    expect(arrived).toMatchObject({ days: 10, doors: 3 })
    expect(arrived.arrivedAt).not.toBeNull()
    expect(arrived.steps.map(({ kind, outcome, organizationName: name }) => [kind, outcome, name])).toEqual([
      ['contact', 'taken_up', 'Gruppe Aufbruch'],
      ['case_opened', null, 'Lotsenstelle Mitte'],
      ['referral', null, 'Tagesklinik Birkenhof'],
      ['answer', 'declined', 'Tagesklinik Birkenhof'],
      ['referral', null, 'Suchtberatung Am Wehr'],
      ['answer', 'accepted', 'Suchtberatung Am Wehr'],
      ['handover', null, 'Suchtberatung Am Wehr'],
      ['no_show', null, 'Suchtberatung Am Wehr'],
      ['handover', null, 'Suchtberatung Am Wehr'],
      ['arrival', null, 'Suchtberatung Am Wehr'],
    ])
    await sql(`update handovers set stability = 'broken_off', stability_at = now() where id = $1`, [second])
    expect(await journeyOf(nora, kase.id)).toMatchObject({ arrivedAt: null, days: 10 })
    expect(JSON.stringify(arrived)).not.toMatch(/Kanaria|Vogelsang|Brief/)
  })

  test('somebody who comes back within two weeks is still on the same way', async () => {
    const before = await aCase()
    await sql(`update cases set opened_at = now() - interval '40 days' where id = $1`, [before.id])
    await post(nora, `/v1/cases/${before.id}/close`, {
      endType: 'lost_contact',
      outcome: 'unchanged',
      lastWords: 'Needs time',
    })
    const again = await aCase({ clientId: before['clientId'], previousCaseId: before.id })
    expect(await journeyOf(nora, again.id)).toMatchObject({ days: 40, arrivedAt: null })
    await sql(`update cases set closed_at = now() - interval '15 days' where id = $1`, [before.id])
    expect((await journeyOf(nora, again.id)).days).toBe(0)
  })

  test('exists for the unit that holds the case, and for nobody else', async () => {
    const shielded = await aClient({ shielded: true }, nils)
    const hidden = await aCase({ clientId: shielded.id }, nils)
    const kase = await aCase()
    expect((await (await as(hanna)).get(`/v1/cases/${kase.id}/journey`)).status).toBe(200)
    for (const [member, id, status] of [
      [mira, kase.id, 404],
      [otto, kase.id, 404],
      [hanna, hidden.id, 404],
      [anton, kase.id, 403],
      [selma, kase.id, 403],
      [carla, kase.id, 403],
    ] as const) {
      const answer = await (await as(member)).get(`/v1/cases/${id}/journey`)
      expect(answer.status, member.key).toBe(status)
      expect(answer.text).not.toContain('firstContactAt')
    }
  })
})
