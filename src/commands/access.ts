// npm run access: who may attempt what, and who sees which rows? In words, from access.ts and from the policies.
import { readdir, readFile } from 'node:fs/promises'
import { access, roles, type Role, type Rule } from '../access.ts'
import { label } from '../modules/vocabularies/index.ts'
import { command } from './command.ts'

const narrow = {
  public: 'Anybody, without signing in,',
  login: 'Whoever signs in',
  provider: 'An identity provider of the municipality',
  installer: 'Whoever installs the service',
  clock: 'The clock of a municipality',
  courier: 'The courier of a municipality',
  messenger: 'What carries events to webhooks',
  sealer: 'The sealer of the audit trail',
  link_holder: 'Whoever holds a link for one answer',
}
const inWords = (role: Role) => label('role', role, 'en').replace(/ \(.*\)$/, '')

function who({ who, content }: Rule): string {
  if (typeof who === 'string') return narrow[who]
  const people = who.length === roles.length ? 'Every member' : who.map(inWords).join(' / ')
  return content ? `${people}, once their secrecy obligation is recorded,` : people
}

function attempts(): string {
  const sentences = new Map<string, string[]>()
  for (const rule of Object.values<Rule>(access)) {
    const subject = who(rule)
    sentences.set(subject, [...(sentences.get(subject) ?? []), rule.may])
  }
  return [...sentences]
    .map(([subject, may]) => `${subject} may\n${may.map((end) => `  ${end}`).join('\n')}`)
    .join('\n\n')
}

const verbs: Record<string, string> = {
  select: 'read',
  insert: 'add',
  update: 'change',
  delete: 'delete',
  all: 'all',
}

/** Every table with its policies, as the files of migrations/access say it. */
async function rows(): Promise<string> {
  const folder = new URL('../../migrations/access/', import.meta.url)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const sql = (await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')))).join('\n')

  const tables = new Map<string, string[]>()
  const reasons = new Map(
    [...sql.matchAll(/^comment on policy (\w+) on (\w+) is\s+'((?:[^']|'')*)'/gm)].map(
      ([, policy, table, text]) => [`${policy} on ${table}`, text!.replaceAll("''", "'")],
    ),
  )
  for (const [, policy, table = '', act = 'all'] of sql.matchAll(
    /^create policy (\w+) on (\w+)(?:\s+for (\w+))?/gm,
  )) {
    const reason = reasons.get(`${policy} on ${table}`)
    if (reason === undefined) throw new Error(`The policy ${policy} on ${table} has no comment.`)
    tables.set(table, [...(tables.get(table) ?? []), `  ${verbs[act]!.padEnd(7)} ${reason}`])
  }
  return [...tables]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([table, lines]) => `${table.replaceAll('_', ' ')}\n${lines.join('\n')}`)
    .join('\n\n')
}

await command(async () => {
  console.log(`WHO MAY ATTEMPT WHAT (src/access.ts; otherwise 403)

${attempts()}


WHO SEES WHICH ROWS (migrations/access; otherwise 404)
Always and only within one's own municipality. What no line here allows is impossible.

${await rows()}`)
})
