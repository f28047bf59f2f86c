// Does a list open in a spreadsheet as what it is: everything once, nothing run, and never half without a sign?
import { expect, test } from 'vitest'
import { z } from 'zod'
import { access, type Rule } from '../../src/access.ts'
import { preferred } from '../../src/platform/accept.ts'
import { csv } from '../../src/platform/csv.ts'
import { isList } from '../../src/platform/lists.ts'
import { list } from '../../src/platform/zod.ts'
import { lotse } from '../support/app.ts'
import { ada, anton, carla, cast, nora, otto, type Member } from '../support/cast.ts'

const { aClient, aSentReferral, address, routes, signIn, sql } = await lotse()

/** RFC 4180 with `;`, strictly: whatever it does not allow is an error. */
function parsed(text: string): string[][] {
  expect(text.startsWith('\uFEFF')).toBe(true)
  const rows: string[][] = []
  let at = 1
  while (at < text.length) {
    const row: string[] = []
    for (;;) {
      let cell = ''
      if (text[at] === '"') {
        for (at += 1; ; at += 1) {
          if (at >= text.length) throw new Error('a quoted cell does not end')
          if (text[at] === '"' && text[at + 1] === '"') at += 1
          else if (text[at] === '"') break
          cell += text[at]
        }
        at += 1
      } else
        for (; at < text.length && text[at] !== ';' && text[at] !== '\r'; at += 1) {
          if (/["\n]/.test(text[at]!)) throw new Error('a quote or a line break in a bare cell')
          cell += text[at]
        }
      row.push(cell)
      if (text[at] !== ';') break
      at += 1
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error('a row does not end with CRLF')
    at += 2
    rows.push(row)
  }
  return rows
}

const asRecords = (text: string) => {
  const [names = [], ...rows] = parsed(text)
  for (const row of rows) expect(row).toHaveLength(names.length)
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]!])))
}

const tokens = new Map<string, string>()
async function get(member: Member, path: string, accept = 'text/csv') {
  const token = tokens.get(member.key) ?? (await signIn(member)).accessToken
  tokens.set(member.key, token)
  return fetch(`${address}${path}`, { headers: { accept, authorization: `Bearer ${token}` } })
}
const textOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer()).toString()

// ── The form ───────────────────────────────────────────────────────────────────────────────────────────────

const Nested = z.object({
  id: z.string(),
  place: z.object({ name: z.string(), at: z.object({ day: z.string().nullable() }) }).nullable(),
  codes: z.array(z.string()),
  parts: z.array(z.object({ text: z.string() })).optional(),
  needs: z.record(z.string(), z.number()),
  count: z.number().nullable(),
  yes: z.boolean(),
})
const written = (items: z.input<typeof Nested>[]) => {
  const { head, page } = csv.of(list(Nested, 'Nested').shape.items.element)
  return asRecords(head + page(items))
}
const item = {
  id: 'a',
  place: { name: 'Hafen', at: { day: '2026-03-02' } },
  codes: ['x', 'y'],
  parts: [{ text: 'one' }],
  needs: { housing: 2 },
  count: -3,
  yes: false,
}

test('fields of an object are columns of their own, several values stand side by side, the rest is JSON', () => {
  expect(written([item])).toEqual([
    {
      id: 'a',
      'place.name': 'Hafen',
      'place.at.day': '2026-03-02',
      codes: 'x|y',
      parts: '[{"text":"one"}]',
      needs: '{"housing":2}',
      count: '-3',
      yes: 'false',
    },
  ])
  const [empty] = written([{ ...item, place: null, codes: [], parts: undefined, count: null }])
  expect(empty).toMatchObject({ 'place.name': '', 'place.at.day': '', codes: '', parts: '', count: '' })
  const [many] = written([{ ...item, codes: ['a|b', 'c\\'] }])
  expect(many!['codes']).toBe(String.raw`a\|b|c\\`)
})

test.each([`=cmd|' /C calc'!A0`, '=1+1', '+49 555 0100', '-2+3', '@SUM(A1)', '\t=1+1', '\r=1+1', '＝1+1'])(
  'text that begins like a formula is text: %j',
  (text) => {
    const [row] = written([{ ...item, id: text, codes: [text] }])
    expect(row!['id']).toBe(`'${text}`)
    expect(row!['codes']!.startsWith("'")).toBe(true)
  },
)

test.each([
  'says "no" and; goes',
  'first\nsecond',
  'first\r\nsecond',
  'a\rb',
  '"',
  ';',
  'Ärger über Øl – ß',
  "'quoted'",
])('what stands in a cell comes out of it: %j', (text) => {
  expect(written([{ ...item, id: text }])[0]!['id']).toBe(text)
})

// ── Over HTTP ──────────────────────────────────────────────────────────────────────────────────────────────

const isOpenTo = (action: string, { role }: Member) => {
  const { who } = access[action as keyof typeof access] as Rule
  return Array.isArray(who) && who.includes(role)
}
const lists = routes.filter(
  ({ method, schema, url }) =>
    method === 'GET' &&
    !url.includes(':') &&
    isList((schema?.response as Record<string, unknown> | undefined)?.['200']),
)

test('every list comes as a table, also an empty one, with the columns of its description', async () => {
  expect(lists.length).toBeGreaterThan(10)
  for (const { url, config } of lists) {
    const member = Object.values(cast).find(
      (one) => one.municipality === 'ostheim' && isOpenTo(config!.action!, one),
    )!
    const box = /referrals|handovers/.test(url) ? '?box=out' : /contacts/.test(url) ? '?box=registered' : ''
    const answer = await get(member, url + box)
    const text = await textOf(answer)
    expect(answer.status, `${url} ${text}`).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const [names] = parsed(text)
    expect(names, url).toContain('id')
    expect(new Set(names).size, url).toBe(names!.length)
  }
})

test('a table holds what the pages hold, is saved under the name of what it lists, and every page is audited', async () => {
  const { id } = await aClient({ district: 'Größe "Ä"; Öl' })
  await sql('delete from audit_events')
  const answer = await get(nora, '/v1/clients')
  const rows = asRecords(await textOf(answer))
  expect(rows.find((row) => row['id'] === id)).toMatchObject({
    district: 'Größe "Ä"; Öl',
    shielded: 'false',
    alias: '',
    version: '1',
  })
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="clients.csv"')
  expect(answer.headers.get('vary')).toBe('Accept')
  const trail = await sql<{ object_ids: string[] }>(
    `select object_ids from audit_events where action = 'clients.list'`,
  )
  const audited = trail.flatMap((row) => row.object_ids)
  expect(audited.toSorted()).toEqual(rows.map((row) => row['id']!).toSorted())
})

test('a table shows nobody what a page would not', async () => {
  const { id } = await aClient()
  const refused = await get(carla, '/v1/clients')
  expect(refused.status).toBe(403)
  expect(refused.headers.get('content-type')).toContain('application/problem+json')
  expect(await textOf(await get(otto, '/v1/clients'))).not.toContain(id)
  const sent = await aSentReferral({ situation: 'Kanari-own-Vogel' })
  const inbox = await textOf(await get(anton, '/v1/referrals?box=in'))
  expect(asRecords(inbox).find((row) => row['id'] === sent.id)).toMatchObject({
    clientId: '',
    caseId: '',
    externalId: '',
  })
  for (const secret of [sent.clientId, sent.caseId, 'Kanari']) expect(inbox).not.toContain(secret)
})

test('a long table is the whole list, with one row of names', async () => {
  await sql(
    `insert into organizations (tenant_id, id, kind, sector, name, residences)
     select $1, uuidv7(), 'service_provider', 'addiction', 'Stelle ' || n, '{}' from generate_series(1, 450) n`,
    [ada.tenantId],
  )
  const rows = asRecords(await textOf(await get(ada, '/v1/organizations')))
  const [{ count } = { count: 0 }] = await sql<{ count: number }>(
    'select count(*)::int from organizations where tenant_id = $1',
    [ada.tenantId],
  )
  expect(rows).toHaveLength(count)
  expect(new Set(rows.map((row) => row['id'])).size).toBe(count)
})

test.each(['text/csv', 'application/x-ndjson'])(
  'half a list as %s never looks like a whole one: the transfer is broken off',
  async (accept) => {
    // The last row by name cannot be shown: no version is below 1.
    const [broken] = await sql<{ id: string }>(
      `update organizations set version = 0 where id = (select id from organizations where tenant_id = $1
         order by name desc, id desc limit 1) returning id`,
      [ada.tenantId],
    )
    try {
      const answer = await get(ada, '/v1/organizations', accept)
      expect(answer.status).toBe(200)
      await expect(answer.text()).rejects.toThrow()
    } finally {
      await sql('update organizations set version = 1 where id = $1', [broken!.id])
    }
    expect(await textOf(await get(ada, '/v1/organizations', accept))).toContain(broken!.id)
  },
)

// ── Which form ─────────────────────────────────────────────────────────────────────────────────────────────

const json = 'application/json'
const ndjson = 'application/x-ndjson'

test.each([
  [undefined, json],
  ['*/*', json],
  ['', json],
  ['text/csv', 'text/csv'],
  ['TEXT/CSV;Q=1', 'text/csv'],
  ['text/*', 'text/csv'],
  ['application/*', json],
  ['application/json, text/plain, */*', json],
  ['text/csv;q=0.5, application/x-ndjson;q=0.9', ndjson],
  ['text/csv; charset=utf-8; q=0.8, application/json;q=0.7', 'text/csv'],
  ['application/json;q=0, */*', ndjson],
  ['application/json;q=0.1, */*;q=0.5', ndjson],
  ['text/html, application/xhtml+xml, */*;q=0.8', json],
  ['text/html', json],
  ['text/csv;q=0', json],
  ['text/csv;q=nonsense', json],
  [';;,,q=1', json],
] as const)('of %s the answer is %s', (accept, form) => {
  expect(preferred(accept, [json, ndjson, 'text/csv'])).toBe(form)
})

test('what no list can be is answered as JSON, and says that it depends on Accept', async () => {
  const answer = await get(nora, '/v1/clients', 'image/png')
  expect(answer.headers.get('content-type')).toContain('application/json')
  expect(answer.headers.get('vary')).toBe('Accept')
})
