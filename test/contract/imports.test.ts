// Does every file know only what lies to its left? main → app → modules → platform, read from the import lines.
import { readdirSync, readFileSync } from 'node:fs'
import { join as path, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const order = [
  'vocabularies',
  'identity',
  'login',
  'machines',
  'events',
  'notices',
  'directory',
  'tasks',
  'deadlines',
  'substitutions',
  'clients',
  'cases',
  'contacts',
  'clearing',
  'releases',
  'referrals',
  'attachments',
  'handovers',
  'appointments',
  'answers',
  'overview',
  'privacy',
  'webhooks',
  'imports',
]

interface Import {
  from: string
  to: string
  onlyTypes: boolean
}

const src = fileURLToPath(new URL('../../src', import.meta.url))
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.m?ts$/.test(file))
const textOf = (file: string) => readFileSync(path(src, file), 'utf8')

function importsIn(file: string, text: string): Import[] {
  const lines = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm,
  )
  return [...lines].map(([, onlyTypes, a, b, c]) => {
    const to = (a ?? b ?? c)!
    return {
      from: file,
      to: to.startsWith('.') ? posix.normalize(`${posix.dirname(file)}/${to}`) : to,
      onlyTypes: onlyTypes !== undefined,
    }
  })
}

const moduleOf = (file: string) => /^modules\/([^/]+)\//.exec(file)?.[1]
const nameOf = (file: string) => posix.basename(file)
const isOurs = (file: string) => /\.(m?ts|json)$/.test(file) && !file.startsWith('..')

/** What a rule file may use while it runs; types may come from anywhere to the left. */
const pure = (to: string, from: string) =>
  ['platform/problem.ts', 'platform/language.ts', 'node:crypto', 'zod'].includes(to) ||
  to.endsWith('.json') ||
  nameOf(to) === 'index.ts' ||
  (posix.dirname(to) === posix.dirname(from) && !['queries.ts', 'routes.ts', 'table.ts'].includes(nameOf(to)))

function complaint({ from, to, onlyTypes }: Import): string | undefined {
  const mine = moduleOf(from)
  const theirs = moduleOf(to)
  if (from === 'access.ts') return 'access.ts imports nothing'
  if (from.startsWith('platform/') && isOurs(to) && !to.startsWith('platform/') && to !== 'access.ts')
    return 'the platform knows nothing about addiction help'
  if (mine && isOurs(to) && !theirs && !to.startsWith('platform/') && to !== 'access.ts')
    return 'a module knows other modules and the platform'
  if (mine && theirs && mine !== theirs) {
    const tables = nameOf(from) === 'table.ts' && nameOf(to) === 'table.ts'
    // A join is one statement over tables of the own module and of modules to its left.
    const join = nameOf(from) === 'queries.ts' && nameOf(to) === 'table.ts'
    if (nameOf(to) !== 'index.ts' && !tables && !join) return 'modules meet only through their face'
    if (!tables && order.indexOf(theirs) > order.indexOf(mine)) return 'a module imports only to its left'
  }
  if (nameOf(from) === 'rules.ts' && !onlyTypes && !pure(to, from)) return 'rules do no I/O'
  if (mine && to.startsWith('drizzle-orm') && !['queries.ts', 'table.ts'].includes(nameOf(from)))
    return 'SQL lives in queries.ts and table.ts'
  if (to === 'app.ts' && !/^(main|commands\/[^/]+)\.ts$/.test(from)) return 'only a process imports the app'
  if (isOurs(to) && to.startsWith('main.ts')) return 'nobody imports the process'
  return undefined
}

const complaints = (all: Import[]) =>
  all.flatMap((one) => (complaint(one) ? [`${one.from} → ${one.to}: ${complaint(one)}`] : []))

test('every module has its place in the order', () => {
  const modules = new Set(files.map(moduleOf).filter((name) => name !== undefined))
  expect([...modules].filter((name) => !order.includes(name))).toEqual([])
  expect(modules.size).toBeGreaterThan(5)
})

test('every file imports only what lies to its left', () => {
  const all = files.flatMap((file) => importsIn(file, textOf(file)))
  expect(all.length).toBeGreaterThan(100)
  expect(complaints(all)).toEqual([])
})

test('an import that is out of order is found', () => {
  const wrong = [
    ['access.ts', './app.ts'],
    ['platform/db.ts', '../modules/cases/index.ts'],
    ['modules/tasks/routes.ts', '../cases/index.ts'],
    ['modules/cases/routes.ts', '../clients/queries.ts'],
    ['modules/clients/queries.ts', '../cases/table.ts'],
    ['modules/cases/rules.ts', '../../platform/db.ts'],
    ['modules/cases/rules.ts', 'node:fs'],
    ['modules/cases/routes.ts', 'drizzle-orm'],
    ['modules/cases/routes.ts', '../../config.ts'],
    ['modules/cases/routes.ts', '../../app.ts'],
  ] as const
  for (const [from, to] of wrong)
    expect(complaints(importsIn(from, `import { x } from '${to}'`)), `${from} → ${to}`).toHaveLength(1)
})

test('a route stands in routes.ts, a statement in queries.ts, and the environment is read in one place', () => {
  const routes = files.filter((file) => moduleOf(file) && nameOf(file) !== 'routes.ts')
  expect(routes.filter((file) => /\bapp\.(get|post|put|patch|delete)\(/.test(textOf(file)))).toEqual([])
  const others = files.filter((file) => moduleOf(file) && !['queries.ts', 'table.ts'].includes(nameOf(file)))
  expect(
    others.filter((file) =>
      /\bsql`|\bq\s*\.(select|insert|update|delete)\(|\bpool\.query\(/.test(textOf(file)),
    ),
  ).toEqual([])
  expect(files.filter((file) => /process\.env/.test(textOf(file)) && file !== 'config.ts')).toEqual([])
})

test('every file opens with the question it answers', () => {
  expect(files.filter((file) => !/^(#!.*\n)?\/\/ .{15,}[?.:)]/.test(textOf(file)))).toEqual([])
})
