// Is it known who works here, in which role, and bound to which secrecy?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { ada, anton, carla, hanna, nora, organizations, otto, selma } from '../support/cast.ts'
import { done } from '../support/factories.ts'
import { password } from '../support/people.ts'
import { contextOf } from '../support/sql.ts'

const { as, asService, nobody, sql } = await lotse()

test('everybody reads who they are, and nobody’s password', async () => {
  const { body, text } = await (await as(selma)).get('/v1/me')
  expect(body).toMatchObject({
    id: selma.userId,
    municipality: { slug: 'lindenau', country: 'de', timeZone: 'Europe/Berlin' },
    membership: { role: 'self_help_rep' },
    secrecyObligation: { basis: 'profession_203' },
  })
  expect(text).not.toMatch(/password|argon2|ostheim/i)
})

test('nobody obliges themselves to secrecy, not even by SQL', async () => {
  const own = await (
    await as(hanna)
  ).post(`/v1/users/${hanna.userId}/secrecy-obligations`, { basis: 'declared', boundOn: '2026-01-01' })
  expect(own).toMatchObject({ status: 409, body: { code: 'own_secrecy_obligation' } })
  const forged = asService(
    contextOf(hanna),
    `insert into secrecy_obligations (tenant_id, id, user_id, basis, bound_on, recorded_by_user_id)
     values (lotse.tenant_id(), gen_random_uuid(), lotse.user_id(), 'declared', '2026-01-01', lotse.user_id())`,
  )
  await expect(forged).rejects.toMatchObject({ code: '42501' })
})

test('an obligation is a fact of the past, and stays as it was recorded', async () => {
  const answer = await (
    await as(ada)
  ).post(`/v1/users/${nora.userId}/secrecy-obligations`, { basis: 'declared', boundOn: '2099-01-01' })
  expect(answer).toMatchObject({
    status: 409,
    body: { code: 'date_in_the_future', errors: [{ pointer: '/boundOn' }] },
  })
  for (const statement of [
    'update secrecy_obligations set bound_on = now()',
    'delete from secrecy_obligations',
  ])
    await expect(asService(contextOf(ada), statement)).rejects.toMatchObject({ code: '42501' })
})

test('one person may hold several memberships and acts under one of them at a time', async () => {
  const given = { role: 'board_member', organizationId: organizations.mitte }
  const second = done(await (await as(ada)).post(`/v1/users/${nora.userId}/memberships`, given)).body
  const signedIn = await nobody.post('/v1/auth/token', {
    municipality: 'lindenau',
    email: nora.email,
    password,
    membershipId: second.id,
  })
  const asBoardMember = { authorization: `Bearer ${String(signedIn.body['accessToken'])}` }
  expect((await nobody.get('/v1/me', { headers: asBoardMember })).body).toMatchObject({
    membership: { role: 'board_member' },
  })
  expect((await nobody.get('/v1/clients', { headers: asBoardMember })).status).toBe(403)
  expect((await (await as(nora)).get('/v1/clients')).status).toBe(200)
})

test('a membership ends once', async () => {
  const admin = await as(ada)
  const given = { role: 'planner', organizationId: organizations.mitte }
  const { id } = done(await admin.post(`/v1/users/${anton.userId}/memberships`, given)).body
  expect((await admin.post(`/v1/memberships/${id}/end`)).body['endedAt']).not.toBeNull()
  expect(await admin.post(`/v1/memberships/${id}/end`)).toMatchObject({
    status: 409,
    body: { code: 'membership_has_ended' },
  })
})

test('an address belongs to one person in a municipality, and to another one in the next', async () => {
  const same = { email: 'Doppelt@lindenau.example', name: 'Doris Doppelt', language: 'de', password }
  expect((await (await as(ada)).post('/v1/users', same)).body).toMatchObject({
    email: 'doppelt@lindenau.example',
  })
  expect(await (await as(ada)).post('/v1/users', same)).toMatchObject({
    status: 409,
    body: { code: 'already_exists' },
  })
  const { orhan } = await import('../support/cast.ts')
  expect((await (await as(orhan)).post('/v1/users', same)).status).toBe(201)
})

test('a password has twelve characters at least and is kept as argon2id only', async () => {
  const short = { email: 'kurz@lindenau.example', name: 'Kurt Kurz', language: 'de', password: 'too short' }
  expect(await (await as(ada)).post('/v1/users', short)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/password' }] },
  })
  const kept = await sql<{ password_hash: string }>('select password_hash from credentials')
  expect(kept.length).toBeGreaterThan(10)
  for (const { password_hash } of kept) expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(new Set(kept.map(({ password_hash }) => password_hash)).size).toBe(kept.length)
})

test('an administrator opens no case, and neither does a coordinator', async () => {
  for (const member of [ada, carla])
    for (const path of ['/v1/clients', '/v1/cases', '/v1/tasks', '/v1/audit-events'])
      expect((await (await as(member)).get(path)).status, `${member.key} ${path}`).toBe(403)
})

test('an organisation is not its own parent and has no parent elsewhere', async () => {
  const admin = await as(ada)
  expect(
    (await admin.edit(`/v1/organizations/${organizations.wehr}`, { parentId: organizations.birkenhof }))
      .status,
  ).toBe(200)
  expect(
    (await admin.edit(`/v1/organizations/${organizations.wehr}`, { parentId: otto.organizationId })).status,
  ).toBe(400)
  const own = await admin.edit(`/v1/organizations/${organizations.wehr}`, { parentId: organizations.wehr })
  expect(own).toMatchObject({ status: 400, body: { errors: [{ pointer: '/parentId' }] } })
})
