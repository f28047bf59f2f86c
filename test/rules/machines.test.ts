// Which machine may get in with what, and what does a token say? Without a database.
import { expect, test } from 'vitest'
import { access } from '../../src/access.ts'
import {
  claimOf,
  clientIdOf,
  clientOf,
  endsSessions,
  granted,
  grantable,
  inStep,
  isAnotherKind,
  isLiving,
  isOfPerson,
  keyUntil,
  membershipFor,
  oneMoreKey,
  proofOf,
  scopesOf,
  textOf,
  withoutMapping,
} from '../../src/modules/machines/rules.ts'

const code = (work: () => unknown) => {
  try {
    work()
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}
const planner = { claim: 'groups', value: 'plan', role: 'planner', organizationId: 'a' } as const
const navigator = { claim: 'realm.roles', value: 'nav', role: 'navigator', organizationId: 'b' } as const

test('no machine gets what lets others in, whatever its role may', () => {
  const admin = Object.entries(access).flatMap(([action, { who }]) =>
    Array.isArray(who) && who.includes('tenant_admin' as never) ? [action] : [],
  )
  const open = admin.filter((action) => code(() => grantable([action], 'tenant_admin', access)) === undefined)
  expect(admin.length).toBeGreaterThan(open.length)
  expect(
    open.filter((action) => /^(service_accounts|providers|passwords|second_factor)\./.test(action)),
  ).toEqual([])
  expect(open.filter((action) => /^(users|memberships|secrecy)\./.test(action)).sort()).toEqual([
    'memberships.read',
    'secrecy.read',
    'users.list',
    'users.read',
  ])
  expect(code(() => grantable(['constructor'], 'navigator', access))).toBe('scope_not_grantable')
})

test('a key is good until today at least and for two years at most', () => {
  const at = (day: string) => code(() => keyUntil(day, '2026-03-02'))
  expect([at('2026-03-02'), at('2028-03-02')]).toEqual([undefined, undefined])
  expect([at('2026-03-01'), at('2028-03-03')]).toEqual(Array(2).fill('key_expiry_out_of_range'))
  expect(code(() => keyUntil('2030-02-28', '2028-02-29'))).toBeUndefined()
  expect([code(() => oneMoreKey(9)), code(() => oneMoreKey(10))]).toEqual([undefined, 'too_many_keys'])
})

test('a name of an account ends nothing; what it may and from where does', () => {
  const account = { scopes: ['a.b'], addresses: [], expiresOn: null, active: true, name: 'x' }
  expect(endsSessions(account, { ...account, name: 'y' } as never)).toBe(false)
  for (const change of [
    { scopes: [] },
    { addresses: ['::/0'] },
    { expiresOn: '2026-01-01' },
    { active: false },
  ])
    expect(endsSessions(account, { ...account, ...change })).toBe(true)
})

test('an account lives while it is active, its membership lasts and its last day is not over', () => {
  const account = { active: true, membershipEndedAt: null, expiresOn: '2026-03-02' }
  expect(isLiving(account, '2026-03-02')).toBe(true)
  expect(isLiving({ ...account, expiresOn: null }, '2099-01-01')).toBe(true)
  expect(isLiving(account, '2026-03-03')).toBe(false)
  expect(isLiving({ ...account, active: false }, '2026-03-02')).toBe(false)
  expect(isLiving({ ...account, membershipEndedAt: '2026-03-01T00:00:00Z' }, '2026-03-02')).toBe(false)
})

test('RFC 6749 § 2.3: one way to prove who it is, with the name said once', () => {
  const grant_type = 'client_credentials'
  const nothing = () => undefined
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  expect(proofOf({ grant_type, client_id: 'a', client_secret: 's' }, undefined, nothing)).toEqual({
    clientId: 'a',
    secret: 's',
  })
  expect(proofOf({ grant_type }, basic('a%2Eb:s%3At+u'), nothing)).toEqual({
    clientId: 'a.b',
    secret: 's:t u',
  })
  const refused = (form: object, authorization?: string) =>
    code(() => proofOf({ grant_type, ...form }, authorization, nothing))
  expect(refused({ client_id: 'a', client_secret: 's' }, basic('a:s'))).toBe('invalid_token_request')
  expect(refused({ client_id: 'b' }, basic('a:s'))).toBe('invalid_token_request')
  expect(refused({ client_assertion: 'x' })).toBe('invalid_token_request')
  for (const wrong of ['Basic', 'Basic !', basic('nothing'), basic(':s'), basic('a:%E0%A4%A'), 'Bearer x'])
    expect(refused({}, wrong), wrong).toBe('invalid_client')
  expect(refused({ client_secret: 's' })).toBe('invalid_client')
  expect(refused({})).toBe('invalid_client')
})

test('the municipality stands in the name of a client', () => {
  const id = '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'
  expect(clientOf(`lindenau.${id}`)).toEqual({ slug: 'lindenau', accountId: id })
  for (const wrong of [id, `.${id}`, `lindenau.${id}x`, `lindenau.x.${id}`, `LINDENAU.${id}`])
    expect(
      code(() => clientOf(wrong)),
      wrong,
    ).toBe('invalid_client')
})

test('scopes are asked for from what there is', () => {
  expect(granted(undefined, ['a.b', 'c.d'])).toEqual(['a.b', 'c.d'])
  expect(granted('c.d  c.d', ['a.b', 'c.d'])).toEqual(['c.d'])
  for (const wrong of ['e.f', 'a.b e.f', ' '])
    expect(code(() => granted(wrong, ['a.b']))).toBe('invalid_scope')
})

test('a claim is found by its whole name or by a way with dots, and nothing that nobody said is found', () => {
  const payload = {
    'https://city.example/roles': ['x'],
    realm: { roles: ['nav'] },
    name: ' Ada\u0000 ',
    list: [{ a: 1 }],
  }
  expect(claimOf(payload, 'https://city.example/roles')).toEqual(['x'])
  expect(claimOf(payload, 'realm.roles')).toEqual(['nav'])
  for (const none of [
    'realm.nothing',
    'realm.roles.0',
    'constructor',
    '__proto__',
    'realm.constructor',
    'list.length',
  ])
    expect(claimOf(payload, none), none).toBeUndefined()
  expect(textOf(payload, 'name', 10)).toBeUndefined()
  expect(textOf({ name: ' Ada ' }, 'name', 10)).toBe('Ada')
  expect(textOf({ name: 'x'.repeat(11) }, 'name', 10)).toBeUndefined()
})

test('what a provider has given follows its claims; what others have given is none of its business', () => {
  const mappings = [planner, navigator, { ...planner, value: 'also-plan' }]
  const held = (role: string, organizationId: string, providerId: string | null) => ({
    id: role,
    role,
    organizationId,
    providerId,
  })
  const both = { groups: ['plan', 'also-plan'], realm: { roles: 'nav' } }
  const given = (list: { role: string }[]) => list.map(({ role }) => role)
  const first = inStep([], mappings, both, 'p')
  expect([given(first.give), first.end]).toEqual([['planner', 'navigator'], []])
  const inPlace = [held('planner', 'a', 'p'), held('navigator', 'b', null), held('auditor', 'a', 'q')]
  const none = inStep(inPlace, mappings, both, 'p')
  expect([none.give, none.end]).toEqual([[], []])
  const gone = inStep(inPlace, mappings, { groups: 'plans' }, 'p')
  expect([gone.give, given(gone.end)]).toEqual([[], ['planner']])
  expect(given(withoutMapping(inPlace.slice(0, 1), [navigator]))).toEqual(['planner'])
  expect(withoutMapping(inPlace.slice(0, 1), [planner])).toEqual([])
})

test('one acts under the oldest membership or the one that is named', () => {
  const held = [{ id: 'old' }, { id: 'new' }]
  expect([membershipFor(held, undefined), membershipFor(held, 'new'), membershipFor(held, 'x')]).toEqual([
    { id: 'old' },
    { id: 'new' },
    undefined,
  ])
})

test('only scopes that are actions limit a session', () => {
  const isAction = (scope: string) => scope.includes('.')
  expect(scopesOf({ scope: 'openid email' }, isAction)).toBeNull()
  expect(scopesOf({}, isAction)).toBeNull()
  expect(scopesOf({ scope: 'openid a.b a.b' }, isAction)).toEqual(['a.b'])
  expect(scopesOf({ scope: ['a.b', 7] }, isAction)).toEqual(['a.b'])
})

test('an access token is told from the others, and a machine’s from a person’s', () => {
  expect(isAnotherKind({ typ: 'Bearer', sid: 'x', auth_time: 1 })).toBe(false)
  for (const other of [{ nonce: 'n' }, { at_hash: 'x' }, { events: {} }, { cnf: {} }, { typ: 'ID' }])
    expect(isAnotherKind(other)).toBe(true)
  expect(isOfPerson({ azp: 'x', idtyp: 'app' })).toBe(false)
  for (const person of [{ auth_time: 1 }, { sid: 'x' }, { scp: 'a' }, { idtyp: 'user' }])
    expect(isOfPerson(person)).toBe(true)
  expect(clientIdOf({ azp: 'b', client_id: 'a', appid: 'c' })).toBe('a')
  expect(clientIdOf({ appid: 'c', azp: 7 })).toBe('c')
})
