// npm run tenant: how does a municipality get its first unit and its administrator?
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { readConfig } from '../config.ts'
import { joinDatabase } from '../database.ts'
import { publishFirstGuide } from '../modules/clearing/index.ts'
import { installTenant } from '../modules/identity/index.ts'
import { codes } from '../modules/vocabularies/index.ts'
import { createDb } from '../platform/db.ts'
import { createPool } from '../platform/pool.ts'
import { Problem } from '../platform/problem.ts'
import { command } from './command.ts'

const example = `npm run tenant -- --slug lindenau --name "Stadt Lindenau" --kind city --country de \\
  --time-zone Europe/Berlin --language de --unit "Fachbereich Gesundheit" \\
  --admin-name "Ada Adler" --admin-email ada.adler@lindenau.example`

const text = (what: string) =>
  z.string(`${what} is missing`).trim().min(1, `${what} is missing`).max(200, `${what} is too long`)
const oneOf = <const C extends readonly [string, ...string[]]>(values: C) =>
  z.enum(values, `one of ${values.join(', ')}`)
const isTimeZone = (name: string) => Intl.supportedValuesOf('timeZone').includes(name)

const Options = z.object({
  slug: z
    .string('the short name is missing')
    .regex(
      /^[a-z][a-z0-9-]{1,40}$/,
      'the short name has 2 to 41 small letters, digits and hyphens; it never changes',
    ),
  name: text('the name of the municipality'),
  kind: oneOf(codes('tenant_kind')),
  country: oneOf(codes('country')),
  'time-zone': z.string('the time zone is missing').refine(isTimeZone, 'a name like Europe/Berlin'),
  language: oneOf(['de', 'en', 'da']),
  unit: text('the unit in which the administrator works'),
  'admin-name': text("the administrator's name"),
  'admin-email': z.email("the administrator's e-mail address is missing or none").max(254).toLowerCase(),
})
const names = Object.keys(Options.shape)

function given() {
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  })
  const result = Options.safeParse(values)
  if (result.success) return result.data
  const wrong = result.error.issues.map(({ path, message }) => `  --${path.join('.')}: ${message}`)
  throw new Error(`Not like this:\n${wrong.join('\n')}\nFor example:\n${example}`)
}

await command(async () => {
  const options = given()
  const config = readConfig()
  const password = config.adminPassword ?? randomBytes(15).toString('base64url')
  const database = await joinDatabase(config, console.log)
  const pool = createPool(database.serviceUrl, 1)
  try {
    await installTenant(
      createDb(pool),
      {
        slug: options.slug,
        name: options.name,
        kind: options.kind,
        country: options.country,
        timeZone: options['time-zone'],
        language: options.language,
        administration: options.unit,
        admin: { name: options['admin-name'], email: options['admin-email'], password },
      },
      publishFirstGuide,
    )
  } catch (error) {
    if (error instanceof Problem && error.code === 'already_exists')
      throw new Error(`There is a municipality "${options.slug}" already.`, { cause: error })
    throw error
  } finally {
    await pool.end()
    await database.stop()
  }
  console.log(`${options.name} is set up. Its administrator signs in at /v1/auth/token with
  municipality  ${options.slug}
  e-mail        ${options['admin-email']}
  password      ${config.adminPassword ? '(as set in ADMIN_PASSWORD)' : `${password}   (shown only now)`}`)
})
