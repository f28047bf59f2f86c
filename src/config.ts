// What does the environment say? The only reader of process.env; every variable is described in .env.example.
import { z } from 'zod'

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

const Environment = z
  .object({
    NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
    HOST: z.string().default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    DATA_DIR: z.string().default('data'),
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(16),
    MASTER_KEY: z.base64().length(44).optional(),
    LOAD_DEMO: flag.optional(),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    TRUST_PROXY: flag.default(false),
  })
  .transform((env) => ({
    production: env.NODE_ENV === 'production',
    host: env.HOST,
    port: env.PORT,
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL,
    databaseOwnerUrl: env.DATABASE_OWNER_URL,
    databasePool: env.DATABASE_POOL,
    masterKey: env.MASTER_KEY,
    loadDemo: env.LOAD_DEMO ?? env.DATABASE_URL === undefined,
    logLevel: env.LOG_LEVEL,
    trustProxy: env.TRUST_PROXY,
  }))

export type Config = z.output<typeof Environment>

/** Every variable that is read, for the test that .env.example describes them all. */
export const variables = Object.keys(Environment.in.shape)

/** @throws Error with one line per variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  // An empty value is how Docker Compose says "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = Environment.safeParse(given)
  if (result.success) return result.data
  throw new Error(
    `The environment is not usable:\n${result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`).join('\n')}`,
  )
}
