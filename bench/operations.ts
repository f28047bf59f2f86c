// Which requests are the operations made of, and who sends them?
import { createPrivateKey, sign } from 'node:crypto'
import { keysFrom } from '../src/platform/keys.ts'
import {
  agencies,
  agencyOf,
  casesOf,
  id,
  leadOf,
  masterKey,
  referralNumber,
  sampled,
  supply,
  unitOf,
  type Kind,
  type Size,
} from './layout.ts'

export interface Member {
  tenant: number
  n: number
}

export interface Call {
  method: 'GET' | 'POST'
  path: string
  by: Member
  /** Every id that can turn up in the SQL of this call, so that its SQL can be said of another call. */
  ids: string[]
}

const call = (method: Call['method'], path: string, by: Member, ...ids: string[]): Call => ({
  method,
  path,
  by,
  ids: [...(['tenant', 'user', 'membership', 'session'] as const).map((kind) => of(kind, by)), ...ids],
})
const of = (kind: Kind, { tenant, n }: Member) => id(kind, tenant, kind === 'tenant' ? 0 : n)

const spread = (size: Size, each: number, of: (tenant: number, n: number) => Call) =>
  Array.from({ length: each }, (_, at) =>
    sampled.map((tenant) => {
      const tens = Math.floor(casesOf(size, tenant) / 10)
      return of(tenant, 10 * (1 + Math.floor((at * tens) / each)))
    }),
  ).flat()

const newest = (size: Size, of: (tenant: number, n: number) => Call) =>
  Array.from({ length: supply }, (_, at) =>
    sampled.map((tenant) => of(tenant, casesOf(size, tenant) - at)),
  ).flat()

const ofUnit = (tenant: number, n: number) => id('organization', tenant, unitOf(n))

export const operations = {
  /** 1: a client with its open referrals, read by its navigator. */
  client: (size: Size) =>
    spread(size, 250, (tenant, n) => {
      const client = id('client', tenant, n)
      return call(
        'GET',
        `/v1/clients/${client}/referrals`,
        { tenant, n: leadOf(n) },
        client,
        ofUnit(tenant, n),
      )
    }),
  /** 2: the inbox of an agency, the newest 50. */
  inbox: () =>
    Array.from({ length: agencies }, (_, at) =>
      sampled.map((tenant) => {
        const agency = at + 1
        const organization = id('organization', tenant, 10 + agency)
        return call('GET', '/v1/referrals?box=in&limit=50', { tenant, n: 100 + agency }, organization)
      }),
    ).flat(),
  /** 3: finish a clearing of 58 answers. */
  finish: (size: Size) =>
    newest(size, (tenant, n) => {
      const clearing = id('clearing', tenant, 2 * n)
      const others = [
        id('case', tenant, n),
        id('client', tenant, n),
        ofUnit(tenant, n),
        id('guide', tenant, 1),
      ]
      const lead = { tenant, n: leadOf(n) }
      return call('POST', `/v1/clearings/${clearing}/finish`, lead, clearing, ...others)
    }),
  /** 4: accept a referral. */
  accept: (size: Size) =>
    newest(size, (tenant, n) => {
      const referral = id('referral', tenant, referralNumber(n, 3))
      const agency = agencyOf(n, 3)
      const others = [id('case', tenant, n), id('client', tenant, n), id('organization', tenant, 10 + agency)]
      return call(
        'POST',
        `/v1/referrals/${referral}/accept`,
        { tenant, n: 100 + agency },
        referral,
        ...others,
      )
    }),
}
export type Operation = keyof typeof operations | 'mix'
export const writes = (operation: Operation) =>
  operation === 'finish' || operation === 'accept' || operation === 'mix'

/** 60 : 20 : 5 : 5, until finder and reports exist for the rest. */
export function callsOf(operation: Operation, size: Size): Call[] {
  if (operation !== 'mix') return shuffled(operations[operation](size))
  const [client, inbox, finish, accept] = (['client', 'inbox', 'finish', 'accept'] as const).map((one) =>
    callsOf(one, size),
  )
  const kinds = shuffled([
    ...Array<Call[]>(12).fill(client!),
    ...Array<Call[]>(4).fill(inbox!),
    finish!,
    accept!,
  ])
  return Array.from({ length: finish!.length }, (_, round) =>
    kinds.map(
      (calls, at) =>
        calls[(calls === finish || calls === accept ? round : round * kinds.length + at) % calls.length]!,
    ),
  ).flat()
}

/** The same order in every run. */
function shuffled<T>(list: T[]): T[] {
  let state = 1
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  return list
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

const privateKey = createPrivateKey(keysFrom(masterKey).token.privateKey)
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = base64({ alg: 'EdDSA', typ: 'JWT' })

/** An access token of the product; another `jti` makes another token, which no cache has seen. */
export function token(by: Member, jti = 0): string {
  const now = Math.floor(Date.now() / 1000)
  const told = {
    sub: of('user', by),
    tenant: of('tenant', by),
    membership: of('membership', by),
    session: of('session', by),
  }
  const claims = `${header}.${base64({ ...told, jti: String(jti), iat: now, exp: now + 4 * 3600, iss: 'lotse', aud: 'lotse' })}`
  return `${claims}.${sign(null, Buffer.from(claims), privateKey).toString('base64url')}`
}
