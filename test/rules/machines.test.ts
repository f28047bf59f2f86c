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
  linkedTo,
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
  // Who needs a second factor is said in the settings.
  expect(open.filter((action) => /^(users|memberships|secrecy|tenants)\./.test(action)).sort()).toEqual([
    'memberships.read',
    'secrecy.read',
    'tenants.read',
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

const held = (role: string, organizationId: string, providerId: string | null, endedAt?: string) => ({
  id: role,
  role,
  organizationId,
  providerId,
  endedAt: endedAt ?? null,
})
const given = (list: { role: string }[]) => list.map(({ role }) => role)
const mapped = { id: 'p', mappings: [planner, navigator, { ...planner, value: 'also-plan' }] }
const both = { groups: ['plan', 'also-plan'], realm: { roles: 'nav' }, iat: 100 }

test('what a provider has given follows its claims; what others have given is none of its business', () => {
  const first = inStep([], mapped, both)
  expect([given(first.give), first.end]).toEqual([['planner', 'navigator'], []])
  const inPlace = [held('planner', 'a', 'p'), held('navigator', 'b', null), held('auditor', 'a', 'q')]
  const none = inStep(inPlace, mapped, both)
  expect([none.give, none.end]).toEqual([[], []])
  const gone = inStep(inPlace, mapped, { groups: 'plans', iat: 100 })
  expect([gone.give, given(gone.end)]).toEqual([[], ['planner']])
  expect(given(withoutMapping(inPlace.slice(0, 1), [navigator]))).toEqual(['planner'])
  expect(withoutMapping(inPlace.slice(0, 1), [planner])).toEqual([])
})

test('what a human has ended no provider gives again, whoever had given it, and nobody ends it twice', () => {
  const ended = '2026-03-01T08:00:00Z'
  for (const giver of ['p', 'q', null]) {
    const present = [held('planner', 'a', giver, ended)]
    expect(given(inStep(present, mapped, both).give)).toEqual(['navigator'])
    expect(inStep(present, mapped, { iat: 100 })).toMatchObject({ give: [], end: [] })
  }
  // Elsewhere, or in another role, nobody has ended anything.
  const elsewhere = [held('planner', 'b', 'p', ended), held('navigator', 'a', 'p', ended)]
  expect(given(inStep(elsewhere, mapped, both).give)).toEqual(['planner', 'navigator'])
})

test('a token older than the newest that was applied gives nothing and ends nothing', () => {
  const present = [held('planner', 'a', 'p')]
  const said = (iat: number) => inStep(present, mapped, { realm: { roles: 'nav' }, iat }, 100)
  expect(said(99.9)).toEqual({ give: [], end: [], isNewest: false })
  for (const [iat, isNewest] of [
    [100, false],
    [101, true],
  ] as const) {
    const { give, end, ...rest } = said(iat)
    expect([given(give), given(end), rest]).toEqual([['navigator'], ['planner'], { isNewest }])
  }
})

test('somebody seen for the first time is whoever has the proven address, somebody new, or nobody', () => {
  const one = { id: 'one', active: true, isSomebodyElse: false }
  const all = { linkByEmail: true, provision: true }
  const verified = { email_verified: true }
  const who = (namesakes: (typeof one)[], may = all, payload: object = verified) => {
    try {
      return linkedTo(namesakes, may, payload as never)
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  expect(who([one])).toBe('one')
  expect(who([])).toBeUndefined()
  expect(who([], { ...all, provision: false })).toBe('member_unknown')
  expect(who([one], { ...all, linkByEmail: false })).toBe('member_unknown')
  for (const email_verified of [undefined, false, 'true', 1])
    expect(who([one], all, { email_verified })).toBe('member_unknown')
  const other = { ...one, isSomebodyElse: true }
  expect(who([other])).toBe('member_unknown')
  // Deactivated: whoever would have been linked stays out, the next one under the address is somebody new.
  expect(who([{ ...one, active: false }])).toBe('member_unknown')
  expect(who([{ ...other, active: false }])).toBeUndefined()
  expect(who([{ ...other, active: false }], { ...all, provision: false })).toBe('member_unknown')
  expect(who([{ ...one, id: 'left', active: false }, one])).toBe('one')
  expect(who([{ ...other, id: 'left', active: false }, other])).toBe('member_unknown')
})

test('one acts under the oldest living membership or the living one that is named', () => {
  const ended = { id: 'ended', endedAt: '2026-03-01T08:00:00Z' }
  const living = [
    { id: 'old', endedAt: null },
    { id: 'new', endedAt: null },
  ]
  const under = (named?: string) => membershipFor([ended, ...living], named)?.id
  expect([under(), under('new'), under('ended'), under('x')]).toEqual(['old', 'new', undefined, undefined])
})

test('only scopes that are actions limit a session', () => {
  const isAction = (scope: string) => scope.includes('.')
  const ofPerson = (payload: object) => scopesOf(payload as never, isAction, false)
  expect(ofPerson({ scope: 'openid email' })).toBeNull()
  expect(ofPerson({ scp: 'openid access_as_user' })).toBeNull()
  expect(ofPerson({})).toBeNull()
  expect(ofPerson({ scope: 'openid a.b a.b' })).toEqual(['a.b'])
  expect(ofPerson({ scope: ['a.b', 7] })).toEqual(['a.b'])
  // Entra ID says `scp`, as a text; others as a list.
  expect(ofPerson({ scp: 'openid a.b' })).toEqual(['a.b'])
  expect(ofPerson({ scp: ['a.b'], scope: 'c.d' })).toEqual(['c.d', 'a.b'])
  // A person's roles are for the mappings; a machine's are what Entra ID calls its scopes.
  expect(ofPerson({ roles: ['a.b'] })).toBeNull()
  expect(scopesOf({ roles: ['a.b', 'Reader'], scope: 'c.d' }, isAction, true)).toEqual(['c.d', 'a.b'])
})

test('an access token is told from the others, and a machine’s from a person’s', () => {
  expect(isAnotherKind({ typ: 'Bearer', sid: 'x', auth_time: 1 })).toBe(false)
  for (const other of [{ nonce: 'n' }, { at_hash: 'x' }, { events: {} }, { cnf: {} }, { typ: 'ID' }])
    expect(isAnotherKind(other)).toBe(true)
  expect(isOfPerson({ azp: 'x', idtyp: 'app' }, 'JWT')).toBe(false)
  for (const person of [{ auth_time: 1 }, { sid: 'x' }, { scp: 'a' }, { idtyp: 'user' }])
    expect(isOfPerson(person, 'JWT')).toBe(true)
  // RFC 9068 § 2.2: the subject of a machine's own token is the client.
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) {
    expect(isOfPerson({ client_id: 'a', sub: 'a' }, typ)).toBe(false)
    for (const person of [{ client_id: 'a', sub: 'b' }, { client_id: 'a' }, { azp: 'a', sub: 'b' }])
      expect(isOfPerson(person, typ)).toBe(true)
  }
  expect(isOfPerson({ azp: 'a', sub: 'b' }, 'JWT')).toBe(false)
  expect(clientIdOf({ azp: 'b', client_id: 'a', appid: 'c' })).toBe('a')
  expect(clientIdOf({ appid: 'c', azp: 7 })).toBe('c')
})
