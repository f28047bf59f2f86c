// How large are the invented municipalities, and which number makes which id? The same ids are counted in SQL by seed.ts.

export const sizes = { '10k': 10_000, '100k': 100_000, '1m': 1_000_000, '10m': 10_000_000 } as const
export type Size = keyof typeof sizes

/** Public, and good for invented data only: what it seals has to open again in the next run. */
export const masterKey = Buffer.alloc(32, 'lotse bench')

export const kinds = {
  tenant: 1,
  organization: 2,
  user: 3,
  membership: 4,
  session: 5,
  offer: 6,
  guide: 7,
  client: 8,
  case: 9,
  lead: 10,
  clearing: 11,
  referral: 12,
  release: 13,
  disclosure: 14,
  task: 15,
  obligation: 16,
} as const
export type Kind = keyof typeof kinds

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')

/** A valid UUIDv7 whose "time" is `n`, so that what is numbered later sorts later; seed.ts says the same in SQL. */
export function id(kind: Kind, tenant: number, n: number): string {
  const time = hex(n, 12)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(kinds[kind], 3)}-8${hex(tenant, 3)}-000000000000`
}

export const tenants = 20
/** The municipalities that requests are made in; the smallest has 465 cases among 10,000. */
export const sampled = Array.from({ length: 8 }, (_, at) => at + 1)
export const agencies = 4
export const navigators = 4
/** The newest cases of every sampled municipality: there a clearing waits to be finished and a referral for its answer. */
export const supply = 375

const weights = Array.from({ length: tenants }, (_, at) => 1 / Math.sqrt(at + 1))
const weight = weights.reduce((sum, one) => sum + one)
/** Sizes are skewed: the first municipality has a good eighth of all cases, the last 3 %. */
export const casesOf = (size: Size, tenant: number) =>
  Math.round((sizes[size] * weights[tenant - 1]!) / weight)

export const unitOf = (n: number) => 1 + (Math.floor(n / 10) % 2)
export const agencyOf = (n: number, at: number) => 1 + ((Math.floor(n / 10) + n + at) % agencies)
export const leadOf = (n: number) => unitOf(n) * 10 + 1 + (n % navigators)
/** Up to four referrals of case `n`; the last one waits for its answer. */
export const referralNumber = (n: number, at: number) => n * 4 + at
