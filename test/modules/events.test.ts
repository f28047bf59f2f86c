// Can another system follow what happens, without losing, repeating or learning anything that is not its own?
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { actor } from '../../src/platform/actor.ts'
import { roundTrips } from '../../src/platform/batch.ts'
import { statement } from '../../src/platform/statement.ts'
import { sql as raw } from 'drizzle-orm'
import { emit, forgetEvents } from '../../src/modules/events/index.ts'
import * as queries from '../../src/modules/events/queries.ts'
import { escalateDeadlines } from '../../src/modules/deadlines/index.ts'
import { lotse } from '../support/app.ts'
import { agnes, anton, hanna, mira, nils, nora, otto, paul, type Member } from '../support/cast.ts'
import { done } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'

const service = await lotse({ databasePool: 14 })
const { as, signIn, sql, asService, db, urls } = service

interface Event {
  id: string
  type: string
  subjectKind: string
  subjectId: string
  resource: string
  organizationId: string
  cursor: string
}

/** Everything that a member may follow; other files write into the same cluster, so the horizon may lag behind. */
async function feedOf(member: Member, query = '') {
  const client = await as(member)
  const items: Event[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, body } = await client.get(
      `/v1/events?limit=200${query}${cursor ? `&cursor=${cursor}` : ''}`,
    )
    expect(status).toBe(200)
    items.push(...(body.items as unknown as Event[]))
    cursor = body['nextCursor'] as string | null
  }
  return items
}

/** What was written so far has ended, also for the feed. */
async function settled() {
  for (let tries = 0; tries < 400; tries += 1) {
    const [row] = await sql<{ open: boolean }>(
      'select exists (select from events where xid >= pg_snapshot_xmin(pg_current_snapshot())) as open',
    )
    if (!row!.open) return
    await sleep(25)
  }
  throw new Error('some transaction of this cluster has been open for ten seconds')
}

const closing = { endType: 'moved', outcome: 'unchanged' }

const of = (events: Event[], ...ids: string[]) =>
  events.filter(({ subjectId }) => ids.includes(subjectId)).map(({ type }) => type)

test('each side follows its own part of the way, and nobody else any of it', async () => {
  const { id, referralId, caseId, clientId, releaseId } = await service.anArrivedHandover({
    situation: 'Kanari-event-Vogel',
  })
  const mine = await as(nora)
  done(await mine.post(`/v1/referrals/${referralId}/messages`, { text: 'Which day suits?' }))
  done(await mine.post(`/v1/handovers/${id}/stability`, { stability: 'holds' }))
  await settled()
  const unit = await feedOf(nora)
  expect(of(unit, clientId)).toEqual(['client.recorded'])
  expect(of(unit, caseId)).toEqual(['case.opened'])
  expect(of(unit, releaseId)).toEqual(['release.signed'])
  expect(of(unit, referralId)).toEqual([
    'referral.drafted',
    'referral.sent',
    'referral.accepted',
    'referral.message_written',
  ])
  expect(of(unit, id)).toEqual([
    'handover.prepared',
    'handover.offered',
    'handover.accepted',
    'handover.arrived',
    'handover.checked',
  ])
  expect(await feedOf(hanna)).toEqual(unit)
  const agency = await feedOf(anton)
  // Not the draft, not what the unit keeps to itself, and no id that leads back to the case.
  expect(of(agency, referralId)).toEqual(['referral.sent', 'referral.accepted', 'referral.message_written'])
  expect(of(agency, id)).toEqual(['handover.offered', 'handover.accepted', 'handover.arrived'])
  expect(of(agency, clientId, caseId, releaseId)).toEqual([])
  for (const stranger of [mira, agnes, otto])
    expect(of(await feedOf(stranger), id, referralId, caseId, clientId, releaseId), stranger.key).toEqual([])
  expect((await (await as(paul)).get('/v1/events')).status).toBe(403)
  // Names a record that is read where it says, and nothing about anybody.
  const sent = agency.find(({ subjectId }) => subjectId === referralId)!
  expect((await (await as(anton)).get(sent.resource)).status).toBe(200)
  expect(JSON.stringify([unit, agency])).not.toMatch(/Kanari/)
})

test('a draft and what becomes of it before it is sent stay with the unit', async () => {
  const { id } = await service.aDraftReferral()
  done(await (await as(nora)).edit(`/v1/referrals/${id}`, { urgency: 'urgent' }))
  done(await (await as(nora)).post(`/v1/referrals/${id}/withdraw`, { by: 'navigator' }))
  await settled()
  expect(of(await feedOf(nora), id)).toEqual(['referral.drafted', 'referral.updated', 'referral.withdrawn'])
  expect(of(await feedOf(anton), id)).toEqual([])
})

test('a release that is withdrawn tells its recipient that the referral was withdrawn, and nothing after that', async () => {
  const { id, referralId, releaseId, caseId } = await service.anAcceptedHandover()
  const mine = await as(nora)
  done(await mine.post(`/v1/releases/${releaseId}/withdraw`))
  const written = await mine.post(`/v1/referrals/${referralId}/messages`, { text: 'Are you there?' })
  expect(written.status).toBe(409)
  done(await mine.post(`/v1/cases/${caseId}/close`, closing))
  await settled()
  const agency = await feedOf(anton)
  expect(of(agency, referralId).at(-1)).toBe('referral.withdrawn')
  expect(of(agency, referralId).filter((type) => type === 'referral.withdrawn')).toHaveLength(1)
  expect(of(agency, id)).toEqual(['handover.offered', 'handover.accepted'])
  expect(of(agency, releaseId)).toEqual([])
  const unit = await feedOf(nora)
  expect(of(unit, releaseId)).toEqual(['release.signed', 'release.withdrawn'])
  expect(of(unit, id).at(-1)).toBe('handover.cancelled')
})

test('what happens to somebody shielded is followed only by who is named', async () => {
  const person = await service.aClient(
    { identificationLevel: 'pseudonymous', shielded: true, alias: 'Kranich' },
    nils,
  )
  const { id, caseId } = await service.aSentReferral({ clientId: person.id, by: nils })
  await settled()
  expect(of(await feedOf(nils), person.id, caseId)).toEqual(['client.recorded', 'case.opened'])
  expect(of(await feedOf(nils), id)).toEqual(['referral.drafted', 'referral.sent'])
  for (const colleague of [nora, hanna, mira, otto])
    expect(of(await feedOf(colleague), person.id, caseId, id), colleague.key).toEqual([])
  // The agency finds the referral in its inbox, and the event says no more than that.
  expect(of(await feedOf(anton), id, caseId, person.id)).toEqual(['referral.sent'])
  // Whatever carries events to webhooks has none of them.
  const messenger = { tenant_id: nora.tenantId, role: 'messenger' }
  const seen = (ids: string[]) =>
    asService<{ n: number }>(messenger, 'select count(*)::int as n from events where subject_id = any ($1)', [
      ids,
    ])
  expect((await seen([person.id, caseId, id])).rows[0]!.n).toBe(0)
  const other = await service.aCase()
  expect((await seen([other.id])).rows[0]!.n).toBe(1)
})

test('what ends many records at once has an event for each of them', async () => {
  const { caseId, id } = await service.aSentReferral()
  const first = await service.anAppointment(caseId)
  const second = await service.anAppointment(caseId)
  await settled()
  const before = (await feedOf(nora)).at(-1)!.cursor
  done(await (await as(nora)).post(`/v1/cases/${caseId}/close`, closing))
  await settled()
  const after = await feedOf(nora, `&cursor=${before}`)
  expect(of(after, caseId)).toEqual(['case.closed'])
  expect(of(after, first.id, second.id)).toEqual(['appointment.ended', 'appointment.ended'])
  expect(of(after, id)).toEqual(['referral.withdrawn'])
  expect(of(await feedOf(anton), id).at(-1)).toBe('referral.withdrawn')
})

test('a day that passes is an event for whoever had to act and for the unit, once', async () => {
  const { id } = await service.aSentReferral()
  const [clock] = await sql<{ id: string }>(
    `update deadlines set started_on = current_date - 9, due_on = current_date - 1 where subject_id = $1 returning id`,
    [id],
  )
  for (let round = 0; round < 2; round += 1) await escalateDeadlines(db, nora.tenantId)
  await settled()
  for (const member of [nora, anton])
    expect(of(await feedOf(member), clock!.id), member.key).toEqual(['deadline.missed'])
  for (const member of [mira, agnes, otto])
    expect(of(await feedOf(member), clock!.id), member.key).toEqual([])
})

test('pages join without gap and overlap, types narrow them, and the cursor of the last event goes on later', async () => {
  await service.aSentReferral()
  await settled()
  const client = await as(nora)
  const whole = await feedOf(nora)
  expect(whole.length).toBeGreaterThan(10)
  const joined: Event[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await client.get(`/v1/events?limit=3${cursor ? `&cursor=${cursor}` : ''}`)
    joined.push(...(body.items as unknown as Event[]))
    cursor = body['nextCursor'] as string | null
  }
  expect(joined).toEqual(whole)
  expect(await feedOf(nora, '&types=case.opened,referral.sent')).toEqual(
    whole.filter(({ type }) => ['case.opened', 'referral.sent'].includes(type)),
  )
  const last = whole.at(-1)!.cursor
  expect(await feedOf(nora, `&cursor=${last}`)).toEqual([])
  const { id } = await service.aCase()
  await settled()
  expect(of(await feedOf(nora, `&cursor=${last}`), id)).toEqual(['case.opened'])
  // As lines, for whoever takes it all at once.
  const lines = await client.get('/v1/events', { headers: { accept: 'application/x-ndjson' } })
  const events = lines.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
  expect(events).toEqual(await feedOf(nora))
  for (const query of ['cursor=abc', 'types=case', 'types=', 'types=case.opened,', 'limit=0', 'since=1'])
    expect((await client.get(`/v1/events?${query}`)).status, query).toBe(400)
  // A cursor of our shape that names no transaction.
  const made = Buffer.from(JSON.stringify(['soon', nora.userId])).toString('base64url')
  expect((await client.get(`/v1/events?cursor=${made}`)).status).toBe(400)
})

const nothing = statement('test.nothing', () => raw<{ one: number }>`select 1 as one`)

test(
  'under eight writers that commit in any order, whoever follows the cursor loses and repeats nothing',
  { timeout: 60_000 },
  async () => {
    const { accessToken } = await signIn(nora)
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as Record<
      string,
      string
    >
    await settled()
    const client = await as(nora)
    let cursor = (await feedOf(nora)).at(-1)!.cursor
    const [newest] = await sql<{ id: string }>('select max(id::text) as id from events')
    const [writers, each] = [8, 120]
    const written: string[] = []
    const subject = '0198ffff-0000-7000-8000-000000000000'

    async function writer(who: number) {
      for (let n = 0; n < each; n += 1) {
        const id = `${subject.slice(0, -8)}${String(who * each + n).padStart(8, '0')}`
        const by = actor({
          action: 'cases.update',
          requestId: 'test',
          tenantId: nora.tenantId,
          userId: nora.userId,
          membershipId: nora.membershipId,
          sessionId: claims['session']!,
        })
        await db.as(by, async (tx) => {
          const unit = { id: nora.organizationId, compartmentId: nora.organizationId }
          emit(tx, 'case.updated', { kind: 'case', id }, { unit })
          // Written, and not committed before some time has passed.
          await tx.one(nothing, {})
          await sleep(Math.random() ** 3 * 40)
        })
        written.push(id)
      }
    }

    const seen: string[] = []
    const seenByDefect: string[] = []
    let writing = true
    async function reader() {
      for (;;) {
        const over = !writing
        const { body } = await client.get(`/v1/events?limit=50&cursor=${cursor}`)
        const items = body.items as unknown as Event[]
        seen.push(...items.map(({ subjectId }) => subjectId))
        cursor = items.at(-1)?.cursor ?? cursor
        if (over && items.length === 0) return
      }
    }
    // The defect that everybody writes first: ids grow with time, so what is greater than the last one is new.
    async function defect() {
      let last = newest!.id
      for (;;) {
        const over = !writing
        const rows = await sql<{ id: string; subject_id: string }>(
          'select id, subject_id from events where id > $1 and organization_id = $2 order by id limit 50',
          [last, nora.organizationId],
        )
        seenByDefect.push(...rows.map(({ subject_id }) => subject_id))
        last = rows.at(-1)?.id ?? last
        if (over && rows.length === 0) return
        await sleep(1)
      }
    }
    const following = Promise.all([reader(), defect()])
    await Promise.all(Array.from({ length: writers }, (_, who) => writer(who)))
    await settled()
    writing = false
    await following
    expect(written).toHaveLength(writers * each)
    expect([...seen].sort()).toEqual([...written].sort())
    expect(new Set(seenByDefect).size).toBeLessThan(written.length)
    process.stdout.write(
      `  events: ${written.length} written, ${seen.length} followed; by id alone ${written.length - seenByDefect.length} would be lost\n`,
    )
  },
)

test('an act costs no round trip for its events, whether somebody listens or not', async () => {
  const client = await as(anton)
  const tripsOf = async () => {
    const { id } = await service.aSentReferral()
    const before = roundTrips.count
    done(await client.post(`/v1/referrals/${id}/accept`))
    return roundTrips.count - before
  }
  expect(await tripsOf()).toBe(2)
  const jobs = async () =>
    (
      await sql<{ n: number }>(
        `select count(*)::int as n from graphile_worker.jobs where task_identifier = 'webhooks'`,
      )
    )[0]!.n
  expect(await jobs()).toBe(0)
  const { id } = await service.aWebhook(anton, { eventTypes: ['referral.accepted'] })
  const before = await jobs()
  expect(await tripsOf()).toBe(2)
  expect(await jobs()).toBeGreaterThan(before)
  await sql('delete from webhook_deliveries where webhook_id = $1', [id])
  await sql('delete from webhooks where id = $1', [id])
  await sql('delete from event_listeners')
})

test('an event cannot be changed, nor removed before ninety days have passed', async () => {
  const { id } = await service.aCase()
  const clock = { tenant_id: nora.tenantId, role: 'clock' }
  const [event] = await sql<{ id: string }>('select id from events where subject_id = $1', [id])
  const gone = (context: object) =>
    asService(context as never, 'delete from events where tenant_id = $1 and id = $2', [
      nora.tenantId,
      event!.id,
    ])
  expect((await gone(clock)).rowCount).toBe(0)
  expect((await gone(contextOf(nora))).rowCount).toBe(0)
  await expect(
    asService(contextOf(nora), `update events set type = 'case.closed' where id = $1`, [event!.id]),
  ).rejects.toThrow(/permission denied/)
  expect(await forgetEvents(db, nora.tenantId)).toBe(0)
  await sql(`update events set at = now() - interval '91 days' where id = $1`, [event!.id])
  expect((await gone(contextOf(nora))).rowCount).toBe(0)
  // The id begins with the instant, too.
  await sql(`update events set id = uuidv7(interval '-91 days') where id = $1`, [event!.id])
  expect(await forgetEvents(db, otto.tenantId)).toBe(0)
  expect(await forgetEvents(db, nora.tenantId)).toBe(1)
  await settled()
  expect(of(await feedOf(nora), id)).toEqual([])
})

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  Plans?: Plan[]
}
const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

test('a page of the feed is a range of one index, however much has happened', async () => {
  await sql(
    `insert into events (tenant_id, id, xid, type, subject_kind, subject_id, organization_id, compartment_id, shielded, at)
     select $1, uuidv7(), '3'::xid8, 'case.updated', 'case', gen_random_uuid(), case n % 4 when 0 then $2 else gen_random_uuid() end,
       null, false, now() from generate_series(1, 40000) n`,
    [nora.tenantId, nora.organizationId],
  )
  await sql('analyze events')
  const client = new pg.Client({ connectionString: urls.service })
  await client.connect()
  try {
    await client.query('begin')
    for (const [name, value] of Object.entries(contextOf(nora)))
      await client.query('select set_config($1, $2, true)', [`app.${name}`, value])
    const values = queries.feed.bind({ key: '3', id: nora.userId, types: [], limit: 51 })
    const wire = values.map((value) => (Array.isArray(value) ? '{}' : value))
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (format json) ${queries.feed.text}`,
      wire,
    )
    const reads = nodes(rows[0]!['QUERY PLAN'][0].Plan).filter((node) => node['Relation Name'] === 'events')
    expect(reads.map((node) => node['Index Name'])).toEqual(['events__feed'])
    expect(reads[0]!['Index Cond']).toMatch(/audience_id = .*ROW\(.*xid.*id.*\) > ROW/)
  } finally {
    await client.query('rollback')
    await client.end()
  }
})
