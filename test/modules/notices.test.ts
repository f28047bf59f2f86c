// Is everybody told what concerns them, and nobody what does not?
import { v7 as newId } from 'uuid'
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import {
  anton,
  carla,
  cast,
  hanna,
  mira,
  mona,
  nils,
  nora,
  oda,
  organizations,
  otto,
  paul,
  petra,
  type Member,
} from '../support/cast.ts'
import { inDays, today } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'

const { as, sql, asService, aCase } = await lotse()

/** A notice as `tell` writes it. */
async function told(given: Record<string, unknown>, by: Member = nora): Promise<string> {
  const row = {
    tenant_id: by.tenantId,
    id: newId(),
    kind: 'referral_answered',
    subject_kind: 'referral',
    subject_id: newId(),
    ...given,
  }
  const names = Object.keys(row)
  await sql(
    `insert into notices (${names.join()}) values (${names.map((_, at) => `$${at + 1}`).join()})`,
    Object.values(row),
  )
  return row.id
}
const toMember = (member: Member) =>
  told({ audience: 'member', to_membership_id: member.membershipId }, member)
const toOrganization = (id: string, more = {}) =>
  told({ audience: 'organization', to_organization_id: id, ...more })
const toLead = (caseId: string, compartment = nora.organizationId) =>
  told({ audience: 'lead', case_id: caseId, compartment_id: compartment })

const list = async (member: Member, query = '') =>
  (await (await as(member)).get(`/v1/notices?limit=200${query}`)).body.items.map(({ id }) => id)

/** Everybody who lists it; whoever does not list it can neither read it nor mark it as seen. */
async function whoIsTold(id: string): Promise<string[]> {
  const told: string[] = []
  for (const member of [nora, nils, hanna, mira, mona, anton, carla, petra, otto, oda]) {
    const client = await as(member)
    const listed = (await list(member)).includes(id)
    expect((await client.get(`/v1/notices/${id}`)).status, member.key).toBe(listed ? 200 : 404)
    if (listed) told.push(member.key)
    else expect((await client.post(`/v1/notices/${id}/seen`)).status, member.key).toBe(404)
  }
  return told
}

test('what a member is told is read by this member only', async () => {
  expect(await whoIsTold(await toMember(nora))).toEqual(['nora'])
})

test('what an organisation is told is read by everybody who works with people there', async () => {
  expect(await whoIsTold(await toOrganization(organizations.wehr))).toEqual(['anton'])
  expect(await whoIsTold(await toOrganization(nora.organizationId))).toEqual(['nora', 'nils', 'hanna'])
  expect(await whoIsTold(await toOrganization(petra.organizationId))).toEqual(['carla', 'petra'])
})

test('what a lead is told is read by the lead and the head, not by a colleague', async () => {
  const { id } = await aCase()
  expect(await whoIsTold(await toLead(id))).toEqual(['nora', 'hanna'])
})

test('whoever stands in today reads it too, before and afterwards not', async () => {
  const { id } = await aCase()
  const notice = await toLead(id)
  const arranged = (from: string, until: string) =>
    sql<{ id: string }>(
      `insert into substitutions (tenant_id, id, organization_id, absent_membership_id, substitute_membership_id,
         from_on, until_on, created_by_user_id) values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
      [
        nora.tenantId,
        newId(),
        nora.organizationId,
        nora.membershipId,
        nils.membershipId,
        from,
        until,
        hanna.userId,
      ],
    )
  await arranged(inDays(2), inDays(4))
  expect(await whoIsTold(notice)).toEqual(['nora', 'hanna'])
  const [{ id: substitution } = { id: '' }] = await arranged(inDays(-1), today())
  expect(await whoIsTold(notice)).toEqual(['nora', 'nils', 'hanna'])
  await sql('update substitutions set ended_at = now() where id = $1', [substitution])
  expect(await whoIsTold(notice)).toEqual(['nora', 'hanna'])
})

test('a new lead reads what the case is told, the one before does not any more', async () => {
  const { id } = await aCase()
  const notice = await toLead(id)
  await (
    await as(hanna)
  ).post(`/v1/cases/${id}/assignments`, {
    membershipId: nils.membershipId,
    reason: 'Holiday',
  })
  expect(await list(nils)).toContain(notice)
  expect(await list(nora)).not.toContain(notice)
})

test('what is told about a shielded case reaches nobody who is not named on the person', async () => {
  const client = await as(nils)
  const shielded = await client.post('/v1/clients', {
    identificationLevel: 'pseudonymous',
    alias: 'Kollegin',
    shielded: true,
  })
  const { id } = await aCase({ clientId: shielded.body.id }, nils)
  expect(await whoIsTold(await toLead(id, shielded.body.id))).toEqual(['nils'])
})

test('what a role is told is read by its holders, of one organisation where it is named', async () => {
  expect(await whoIsTold(await told({ audience: 'role', to_role: 'coordinator' }))).toEqual(['carla'])
  expect(await whoIsTold(await told({ audience: 'role', to_role: 'navigation_head' }))).toEqual([
    'hanna',
    'mona',
  ])
  expect(
    await whoIsTold(
      await told({ audience: 'role', to_role: 'navigation_head', to_organization_id: nora.organizationId }),
    ),
  ).toEqual(['hanna'])
})

test('a notice holds what happened and to which record, and no word about a person', async () => {
  const id = await toMember(nora)
  const { body } = await (await as(nora)).get(`/v1/notices/${id}`)
  expect(Object.keys(body).sort()).toEqual(
    ['createdAt', 'id', 'kind', 'seenAt', 'subjectId', 'subjectKind'].sort(),
  )
})

test('seen once is seen for all who are told, and seen again changes nothing', async () => {
  const id = await toOrganization(nora.organizationId)
  const client = await as(nora)
  const first = await client.post(`/v1/notices/${id}/seen`)
  expect(first.status).toBe(200)
  const again = await (await as(nils)).post(`/v1/notices/${id}/seen`)
  expect(again.status).toBe(200)
  expect(again.body).toEqual(first.body)
  for (const member of [nora, nils, hanna]) {
    expect(await list(member)).not.toContain(id)
    expect(await list(member, '&seen=true')).toContain(id)
  }
  expect(await list(otto, '&seen=true')).not.toContain(id)
})

test('marking as seen can be repeated with the same key', async () => {
  const id = await toMember(nora)
  const client = await as(nora)
  const once = await client.post(`/v1/notices/${id}/seen`, undefined, { idempotencyKey: `seen-${id}` })
  const twice = await client.post(`/v1/notices/${id}/seen`, undefined, { idempotencyKey: `seen-${id}` })
  expect([once.status, twice.status]).toEqual([200, 200])
  expect(twice.body).toEqual(once.body)
})

test('the newest comes first, page by page, none twice and none left out', async () => {
  const client = await as(oda)
  const ids: string[] = []
  for (let at = 0; at < 7; at += 1) ids.unshift(await toMember(oda))
  // Three of them at the same instant: then the id decides.
  await sql(`update notices set created_at = date_trunc('second', now()) where id = any ($1)`, [
    ids.slice(2, 5),
  ])
  const all = await list(oda)
  const paged: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor ? `&cursor=${cursor}` : ''
    const { body } = await client.get(`/v1/notices?limit=2${query}`)
    paged.push(...body.items.map(({ id }) => id))
    cursor = body.nextCursor
  }
  expect(paged).toEqual(all)
  expect([...all].sort()).toEqual([...ids].sort())
})

test('roles that are never told anything have no list', async () => {
  for (const member of [cast.dora, cast.ada, cast.arne, cast.bea]) {
    expect((await (await as(member)).get('/v1/notices')).status, member.key).toBe(403)
    expect((await (await as(member)).get('/v1/me/mail')).status, member.key).toBe(403)
  }
  expect((await (await as(paul)).get('/v1/notices')).status).toBe(200)
})

test('the rhythm of e-mails is once a day until somebody chooses otherwise, each for themselves', async () => {
  const client = await as(nora)
  expect((await client.get('/v1/me/mail')).body).toEqual({ rhythm: 'daily', version: 0 })
  const changed = await client.edit('/v1/me/mail', { rhythm: 'at_once' })
  expect(changed.body).toEqual({ rhythm: 'at_once', version: 1 })
  expect((await client.get('/v1/me/mail')).body).toEqual({ rhythm: 'at_once', version: 1 })
  expect((await (await as(nils)).get('/v1/me/mail')).body).toEqual({ rhythm: 'daily', version: 0 })

  expect((await client.patch('/v1/me/mail', { rhythm: 'never' })).status).toBe(428)
  expect((await client.patch('/v1/me/mail', { rhythm: 'never' }, { ifMatch: '"0.AAAAAAAA"' })).status).toBe(
    412,
  )
  expect((await client.edit('/v1/me/mail', { rhythm: 'hourly' })).status).toBe(400)
  expect((await client.get('/v1/me/mail')).body).toEqual({ rhythm: 'at_once', version: 1 })
})

test('past the interface, a rhythm is set for oneself only, and a notice is never rewritten', async () => {
  const id = await toMember(anton)
  const forNils = `insert into mail_settings (tenant_id, id, rhythm) values ($1, $2, 'never')`
  await expect(asService(contextOf(nora), forNils, [nora.tenantId, nils.membershipId])).rejects.toMatchObject(
    {
      code: '42501',
    },
  )
  await expect(
    asService(contextOf(anton), `update notices set kind = 'task_assigned' where id = $1`, [id]),
  ).rejects.toMatchObject({ code: '42501' })
  const { rowCount } = await asService(contextOf(nora), 'update notices set seen_at = now() where id = $1', [
    id,
  ])
  expect(rowCount).toBe(0)
})
