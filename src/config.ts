// What does the environment say? The only reader of process.env; every variable is described in .env.example.
import { isIP, isIPv4 } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { isNetwork } from './platform/outbound.ts'

const oneOf = <const C extends readonly string[]>(values: C) => z.enum(values, values.join(' or '))
const flag = oneOf(['true', 'false']).transform((value) => value === 'true')
const count = (min: number, max: number) => {
  const wrong = `a number from ${min} to ${max}`
  return z.coerce.number(wrong).int(wrong).min(min, wrong).max(max, wrong)
}
const database = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'like postgres://role:password@host:5432/lotse',
})
const key = '32 bytes in base64, as `openssl rand -base64 32` prints them'
const password = 'from 12 to 200 characters'
const proxies =
  'false or the addresses of your proxies, like 127.0.0.1 or 10.0.3.0/24 (not true: that would believe whatever any ' +
  'caller writes into X-Forwarded-For)'

const Environment = z
  .object({
    NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
    HOST: z.string().default('127.0.0.1'),
    PORT: count(0, 65_535).default(3000),
    DATA_DIR: z.string().default('data'),
    ANCHOR_DIR: z.string().optional(),
    DATABASE_URL: database.optional(),
    DATABASE_OWNER_URL: database.optional(),
    DATABASE_WORKER_URL: database.optional(),
    DATABASE_ADMIN_URL: database.optional(),
    DATABASE_POOL: count(2, 200).default(16),
    MASTER_KEY: z.base64(key).length(44, key).optional(),
    LOAD_DEMO: flag.optional(),
    BASE_URL: z.url({ protocol: /^https?$/, error: 'like http://127.0.0.1:3000' }).optional(),
    ADMIN_PASSWORD: z.string().min(12, password).max(200, password).optional(),
    LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    TRUST_PROXY: z
      .string()
      .default('false')
      .transform((text) => (text === 'false' ? [] : text.split(',').map((part) => part.trim())))
      .refine((given) => given.every(isProxy), proxies),
    REQUESTS_PER_MINUTE: count(10, 1_000_000).default(600),
    METRICS_TOKEN: z
      .string()
      .regex(/^[\x21-\x7e]{32,200}$/, 'at least 32 characters, as `openssl rand -hex 24` prints them')
      .optional(),
    SMTP_URL: z
      .url({ protocol: /^smtps?$/, error: 'like smtps://name:password@mail.lotse.example:465' })
      .optional(),
    MAIL_FROM: z.email('an e-mail address').max(254).optional(),
    PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'like https://lotse.example' }).optional(),
    INTERNAL_NETWORKS: z
      .string()
      .transform((list) => list.split(',').map((network) => network.trim()))
      .refine((list) => list.every(isNetwork), 'networks like 10.0.0.0/8,fd00::/8')
      .default([]),
  })
  .superRefine(({ SMTP_URL, MAIL_FROM, PUBLIC_URL }, context) => {
    for (const [name, value] of Object.entries({ MAIL_FROM, PUBLIC_URL }))
      if (SMTP_URL !== undefined && value === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'set where SMTP_URL is' })
  })
  .transform((env) => ({
    production: env.NODE_ENV === 'production',
    host: env.HOST,
    port: env.PORT,
    dataDir: env.DATA_DIR,
    anchorDir: env.ANCHOR_DIR ?? join(env.DATA_DIR, 'anchors'),
    databaseUrl: env.DATABASE_URL,
    databaseOwnerUrl: env.DATABASE_OWNER_URL,
    databaseWorkerUrl: env.DATABASE_WORKER_URL,
    databaseAdminUrl: env.DATABASE_ADMIN_URL,
    databasePool: env.DATABASE_POOL,
    masterKey: env.MASTER_KEY,
    loadDemo: env.LOAD_DEMO ?? env.DATABASE_URL === undefined,
    baseUrl: env.BASE_URL?.replace(/\/$/, ''),
    adminPassword: env.ADMIN_PASSWORD,
    logLevel: env.LOG_LEVEL,
    trustProxy: env.TRUST_PROXY,
    requestsPerMinute: env.REQUESTS_PER_MINUTE,
    metricsToken: env.METRICS_TOKEN,
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    publicUrl: env.PUBLIC_URL?.replace(/\/$/, ''),
    internalNetworks: env.INTERNAL_NETWORKS,
  }))

export type Config = z.output<typeof Environment>

/** npm waits for the scripts it starts, and passes on the signals it gets. */
export const startedByNpm = process.env.npm_lifecycle_event !== undefined

/** Every variable that is read, for the test that .env.example describes them all. */
export const variables = Object.keys(Environment.in.shape)

/** @throws Error with one line per variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  // An empty value is how Docker Compose says "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = Environment.safeParse(given)
  if (result.success) return result.data
  const wrong = new Set(
    result.error.issues.map(({ path, message }) => `  ${path.join('.')} must be ${message}`),
  )
  throw new Error(`The environment is not usable:\n${[...wrong].join('\n')}`)
}

/** `0.0.0.0/0` would be `true` by another name. */
function isProxy(text: string): boolean {
  if (text === 'loopback') return true
  const [, address = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? []
  const most = { 4: 32, 6: 128 }[isIP(address)]
  return most !== undefined && (bits === undefined || (Number(bits) >= 8 && Number(bits) <= most))
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

/** What the service needs and a command does not. @throws Error with one line per reason not to serve. */
export function refuseToServe(config: Config, demoPresent = config.loadDemo): void {
  const reasons: string[] = []
  // In a container, the file made instead would be gone with the next one, and every sealed name with it.
  if (config.production && config.databaseUrl && !config.masterKey)
    reasons.push('MASTER_KEY is missing: in production it is kept apart from the data (see .env.example).')
  if (demoPresent && (config.production || !isLoopback(config.host)))
    reasons.push(
      'The password of the demo accounts is public: they are served neither with NODE_ENV=production nor on a HOST ' +
        'that others can reach. Set LOAD_DEMO=false, with a database or data folder that never held them.',
    )
  if (reasons.length > 0) throw new Error(reasons.join('\n'))
}
