// Does a policy in SQL let through what the walls say? Asked of rows that need not exist, for everybody who could ask.
import pg from 'pg'
import { contextOf } from '../support/sql.ts'
import { cast, nils, nora, organizations, otto } from '../support/cast.ts'
import { walls, type Acts, type Asker, type Let, type Row } from './walls.ts'

export interface Policy {
  table: string
  name: string
  cmd: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'
  qual: string | null
  check: string | null
}

export interface Flip {
  policy: Policy
  what: string
  /** What the policy becomes; null: there is none any more. */
  to: Policy | null
}

type Act = keyof Acts
const acts: readonly Act[] = ['see', 'add', 'change', 'into', 'remove']
const actsOf = {
  SELECT: ['see'],
  INSERT: ['add'],
  UPDATE: ['change', 'into'],
  DELETE: ['remove'],
} as const
/** The expressions of which one has to hold (PostgreSQL: permissive policies of one command are joined by OR). */
const expressionsOf = (policies: readonly Policy[], act: Act): string[] =>
  policies.flatMap(({ cmd, qual, check }) => {
    if (act === 'see') return cmd === 'SELECT' ? [qual!] : []
    if (act === 'add') return cmd === 'INSERT' ? [check!] : []
    if (act === 'change') return cmd === 'UPDATE' ? [qual!] : []
    if (act === 'into') return cmd === 'UPDATE' ? [check ?? qual!] : []
    return cmd === 'DELETE' ? [qual!] : []
  })

const shielded = '11111111-1111-4111-8111-111111111111'
const aCase = '22222222-2222-4222-8222-222222222222'
const aContact = '33333333-3333-4333-8333-333333333333'
const aLink = '44444444-4444-4444-8444-444444444444'
const aReferral = '55555555-5555-4555-8555-555555555555'
const elsewhere = '99999999-9999-4999-8999-999999999999'

/** Everybody who could ask, with the settings of their transaction and with what the walls know of them. */
export const askers = (() => {
  const of = (settings: Record<string, string>): { settings: Record<string, string>; me: Asker } => {
    const { tenant_id: tenant, user_id: user, membership_id: membership, role } = settings
    const units = (settings['compartments'] ?? '{}').slice(1, -1)
    const known = {
      tenant,
      user,
      membership,
      role,
      organization: settings['organization_id'],
      receives: settings['receiving_organization_id'],
      movingCase: settings['moving_case_id'],
      movingContact: settings['moving_contact_id'],
      credentialsOf: settings['credentials_of'],
      link: settings['link_id'],
      linkedReferral: settings['linked_referral_id'],
    }
    const said = Object.entries(known).filter(([, value]) => value !== undefined && value !== '')
    return { settings, me: { units: units === '' ? [] : units.split(','), ...Object.fromEntries(said) } }
  }
  const members = Object.values(cast).map((member) => of({ ...contextOf(member) } as Record<string, string>))
  const { anton, carla } = cast
  const more = [
    { ...contextOf(nils), compartments: `{${nils.organizationId},${shielded}}` },
    { ...contextOf(anton), moving_case_id: aCase },
    { ...contextOf(anton), moving_contact_id: aContact },
    { ...contextOf(carla), moving_contact_id: aContact },
    ...[nora, cast.hanna, cast.ada, cast.orhan].map((member) => ({
      ...contextOf(member),
      credentials_of: nora.userId,
    })),
    { ...contextOf(cast.ada), credentials_of: cast.ada.userId },
    ...[nora.tenantId, otto.tenantId].flatMap((tenant_id) => [
      ...[
        'login',
        'provider',
        'installer',
        'clock',
        'courier',
        'messenger',
        'sealer',
        'link_holder',
        'counter',
        'public',
      ].map((role) => ({
        tenant_id,
        role,
      })),
      { tenant_id, role: 'link_holder', link_id: aLink, linked_referral_id: aReferral },
      { tenant_id, role: 'link_holder', link_id: aLink },
    ]),
    {},
  ]
  return [...members, ...more.map((settings) => of(settings as Record<string, string>))]
})()

const people = [
  nora,
  nils,
  cast.hanna,
  cast.mira,
  cast.anton,
  cast.carla,
  cast.ada,
  cast.dora,
  otto,
  cast.olaf,
]
const ids = {
  tenant_id: [nora.tenantId, otto.tenantId],
  compartment_id: [organizations.mitte, organizations.nord, organizations.ostlotsen, shielded],
  case_id: [aCase],
  subject_id: [aContact, aReferral],
  referral_id: [aReferral],
}
const words: Record<string, string[]> = {
  role: ['navigator', 'planner'],
  to_role: ['coordinator', 'navigation_head', 'planner'],
  audience: ['organization', 'role', 'lead', 'member'],
  escalated_to: ['coordinator', 'head', 'navigation_head'],
}

export async function rowsOfTheWalls(url: string) {
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' })
  await client.connect()
  const { rows: policies } = await client.query<Policy>(
    `select tablename::text as table, policyname::text as name, cmd, qual, with_check as check from pg_policies
     where schemaname = 'public' order by 1, 2`,
  )
  const { rows: columns } = await client.query<{
    table: string
    name: string
    type: string
    codes: string[] | null
  }>(
    `select c.relname::text as table, a.attname::text as name, format_type(a.atttypid, null) as type,
       (select array_agg(m[1]) from pg_constraint k,
          regexp_matches(pg_get_constraintdef(k.oid), '''([a-z_0-9]+)''::text', 'g') m
        where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]) as codes
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
       and not c.relispartition
     order by 1, a.attnum`,
  )
  const { rows: clock } = await client.query<{ now: string }>(`select now()::text as now`)
  const now = new Date(clock[0]!.now).toISOString()
  const tables = [...new Set(columns.map(({ table }) => table))]

  /** What a column could hold, so that each of the askers meets something of their own and something foreign. */
  function valuesOf({ name, type, codes }: (typeof columns)[number]): (string | boolean | null)[] {
    if (type === 'boolean') return [true, false, null]
    if (/^timestamp|^date/.test(type))
      return [null, null, '2020-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z']
    if (type === 'text') return [...(codes ?? words[name] ?? ['a', 'b']), null]
    if (type !== 'uuid') return [null]
    if (name === 'tenant_id') return ids.tenant_id
    if (name in ids) return [...ids[name as 'case_id'], elsewhere, null]
    if (name === 'id')
      return [
        aCase,
        aLink,
        aReferral,
        elsewhere,
        ...people.flatMap(({ membershipId, userId }) => [membershipId, userId]),
      ]
    if (name.endsWith('membership_id')) return [...people.map(({ membershipId }) => membershipId), null]
    if (/user_id$|^principal_id$|^external_by$/.test(name))
      return [...people.map(({ userId }) => userId), null]
    if (name.endsWith('organization_id')) return [...people.map(({ organizationId }) => organizationId), null]
    return [elsewhere, null]
  }

  // The same rows in every run: what is found once is found again.
  let state = 42
  const chance = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const rowsOf = new Map<string, Row[]>()
  for (const table of tables) {
    const text = policies
      .map((policy) => (policy.table === table ? `${policy.qual} ${policy.check}` : ''))
      .join(' ')
    // In the text of a policy: `role` is a column, `lotse.role()` or 'role' would be something else.
    const asked = columns.filter(
      (one) => one.table === table && new RegExp(`(?<!['.])\\b${one.name}\\b(?!['(])`).test(text),
    )
    rowsOf.set(
      table,
      Array.from({ length: 40 + 30 * asked.length }, () =>
        Object.fromEntries(
          asked.map((column) => {
            const values = valuesOf(column)
            return [column.name, values[chance(values.length)]!]
          }),
        ),
      ),
    )
  }

  for (const [table, rows] of rowsOf)
    await client.query(
      `create temporary table "${table}" as select given.its_number, made.*
       from jsonb_array_elements(${pg.escapeLiteral(JSON.stringify(rows))}::jsonb) with ordinality as given(one, its_number),
         lateral jsonb_populate_record(null::public."${table}", given.one) as made`,
    )

  const settings = Object.keys(Object.assign({}, ...askers.map((asker) => asker.settings)) as object)
  /** For each asker the numbers of the rows that are let through. */
  async function letThrough(table: string, expressions: readonly string[]): Promise<string[]> {
    if (expressions.length === 0) return askers.map(() => '')
    const any = expressions.map((text) => `coalesce((${text}), false)`).join(' or ')
    const text = askers.map((asker) => {
      const set = settings.map(
        (name) => `set_config('app.${name}', ${pg.escapeLiteral(asker.settings[name] ?? '')}, true)`,
      )
      return `select ${set.join()}; select coalesce(string_agg(its_number::text, ',' order by its_number), '') as numbers from pg_temp."${table}" where ${any}`
    })
    const answers = (await client
      .query(`begin; ${text.join(';')}; rollback`)
      .catch(async (error: unknown) => {
        await client.query('rollback')
        throw error
      })) as unknown as pg.QueryResult[]
    return answers.flatMap(({ rows }) => {
      const numbers = (rows as { numbers?: string }[])[0]?.numbers
      return numbers === undefined ? [] : [numbers]
    })
  }

  const said = new Map<string, string[]>()
  function promised(table: string, act: Act): string[] {
    const answer = said.get(`${table} ${act}`) ?? read(table, act)
    said.set(`${table} ${act}`, answer)
    return answer
  }
  function read(table: string, act: Act): string[] {
    const entry = walls[table] ?? {}
    const lets: Let[] = entry[act] ?? (act === 'into' ? (entry.change ?? []) : [])
    const rows = rowsOf.get(table)!
    return askers.map(({ me }) =>
      rows
        .flatMap((row, at) =>
          me.tenant !== undefined && row['tenant_id'] === me.tenant && lets.some((one) => one(row, me, now))
            ? [at + 1]
            : [],
        )
        .join(),
    )
  }

  /** Where the policies of a table and the walls disagree: for whom, and an example of a row. */
  async function disagreements(
    table: string,
    among: readonly Policy[] = policies,
    looked: readonly Act[] = acts,
  ): Promise<string[]> {
    const wrong: string[] = []
    const mine = among.filter((policy) => policy.table === table)
    for (const act of looked) {
      const expected = promised(table, act)
      const found = await letThrough(table, expressionsOf(mine, act))
      askers.forEach(({ me }, at) => {
        if (found[at] === expected[at]) return
        const [a, b] = [new Set(found[at]!.split(',')), new Set(expected[at]!.split(','))]
        const open = [...a].find((number) => number !== '' && !b.has(number))
        const row = JSON.stringify(
          rowsOf.get(table)![Number(open ?? [...b].find((number) => !a.has(number))) - 1],
        )
        const who = `${me.role ?? 'nobody'}${(me.movingCase ?? me.movingContact) ? ' (moving)' : ''}`
        wrong.push(
          `${table}, ${act}: ${who} ${open ? 'gets what the walls keep' : 'misses what the walls let through'}: ${row}`,
        )
      })
    }
    return wrong
  }

  /** With one policy changed: is it noticed? */
  async function notices({ policy, to }: Flip): Promise<boolean> {
    const changed = policies.flatMap((one) => (one !== policy ? [one] : to ? [to] : []))
    return (await disagreements(policy.table, changed, actsOf[policy.cmd])).length > 0
  }

  return { policies, tables, rowsOf, disagreements, notices, end: () => client.end() }
}

/** The policy is gone; it asks the municipality only; it asks nothing; and without each single one of its conditions. */
export function flipsOf(policy: Policy): Flip[] {
  const onlyTenant = '(tenant_id = lotse.tenant_id())'
  const parts = (['qual', 'check'] as const).filter((part) => policy[part] !== null)
  return [
    { policy, what: 'is gone', to: null },
    ...parts.flatMap((part): Flip[] => {
      const text = policy[part]!
      const named = part === 'qual' ? 'using' : 'with check'
      const change = (what: string, expression: string): Flip => ({
        policy,
        what: `${named} ${what}`,
        to: { ...policy, [part]: expression },
      })
      const conditions = conditionsOf(text)
      return [
        ...(text === onlyTenant ? [] : [change('asks the municipality only', onlyTenant)]),
        change('asks nothing', 'true'),
        ...(conditions.length < 2
          ? []
          : conditions.map((gone) =>
              change(`without ${gone}`, conditions.filter((one) => one !== gone).join(' AND ') || 'true'),
            )),
      ]
    }),
  ]
}

/** `((a) AND (b) AND (c OR d))` → a, b, c OR d: as PostgreSQL writes a conjunction. */
function conditionsOf(text: string): string[] {
  const inner = text.slice(1, -1)
  const conditions: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < inner.length; at += 1) {
    if (inner[at] === '(') depth += 1
    if (inner[at] === ')') depth -= 1
    if (depth === 0 && inner.startsWith(' OR ', at)) return [text]
    if (depth === 0 && inner.startsWith(' AND ', at)) {
      conditions.push(inner.slice(from, at))
      from = at + 5
    }
  }
  return [...conditions, inner.slice(from)]
}
