// Is whatever happened sealed once and for good, and is every later change of it found?
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { anchorFile, anchorHeads } from '../../src/platform/audit-anchor.ts'
import { exportTrail, headsFile, rowsFile } from '../../src/platform/audit-export.ts'
import {
  columnNames,
  createBatch,
  headOf,
  headOver,
  readRow,
  signed,
  type StoredHead,
} from '../../src/platform/audit-heads.ts'
import { sealNext, sealTrails } from '../../src/platform/audit-seal.ts'
import {
  readAnchors,
  readHeadWith,
  readLines,
  verifyTrail,
  type Check,
  type Finding,
} from '../../src/platform/audit-verify.ts'
import { createDb } from '../../src/platform/db.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createTree, leafHash, nodeHash, sha256 } from '../../src/platform/merkle.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { createPool } from '../../src/platform/pool.ts'
import { auditAttacks, blind } from '../security/audit.ts'
import { lotse, type Lotse } from '../support/app.ts'
import { ada, arne, dora, hanna, nora, odila, otto } from '../support/cast.ts'
import { done } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'

const folders: string[] = []
const aFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lotse-audit-'))
  folders.push(folder)
  return folder
}
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

const municipalities = [nora.tenantId, otto.tenantId]

/** Other files use the same server: what they have begun holds up the horizon until it has ended. */
async function settled({ sql }: Pick<Lotse, 'sql'>) {
  const [now] = await sql<{ xid: string }>('select pg_current_xact_id()::text as xid')
  const ended = 'select pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 as yes'
  while (!(await sql<{ yes: boolean }>(ended, [now!.xid]))[0]!.yes) await sleep(5)
}

async function sealAll(service: Lotse, tenantId: string, most?: number) {
  const { db, keys, log } = service
  const heads = []
  await settled(service)
  for (;;) {
    const head = await sealNext({ db, keys, log }, tenantId, most)
    if (!head) return heads
    heads.push(head)
  }
}

interface Verified {
  findings: Finding[]
  summaries: Awaited<ReturnType<typeof verifyTrail>>
}

/** What somebody else finds, with the files and the public key. */
async function verified({ db, keys }: Lotse, anchor?: string, of = municipalities): Promise<Verified> {
  const folder = await aFolder()
  await exportTrail(db, of, folder)
  return verifyFiles(folder, keys.audit.publicKey, anchor)
}

async function verifyFiles(
  folder: string,
  key: Lotse['keys']['audit']['publicKey'],
  anchor?: string,
): Promise<Verified> {
  const lines = async (path: string) => (await readFile(path, 'utf8')).split('\n')
  const findings: Finding[] = []
  const summaries = await verifyTrail(
    {
      rows: readLines(await lines(rowsFile(folder)), readRow),
      heads: readLines(await lines(headsFile(folder)), readHeadWith([key])),
      ...(anchor !== undefined && { anchors: readAnchors(anchor.split('\n'), [key]) }),
    },
    (finding) => findings.push(finding),
  )
  return { findings, summaries }
}

const something = async ({ as, aKnownClient, sql }: Lotse) => {
  const { id } = await aKnownClient({})
  await (await as(nora)).get(`/v1/clients/${id}`)
  await (await as(otto)).get(`/v1/clients/${id}`)
  await settled({ sql })
}

const insert = `insert into audit_events (tenant_id, action, status, object_ids, client_ids, fields, request_id)
  values ($1, 'cases.read', 200, '{}', '{}', '{}', $2)`

describe('the tree', () => {
  // The vectors of Certificate Transparency.
  const inputs = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ]
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ]

  test('is the one of RFC 9162', () => {
    const tree = createTree()
    expect(tree.root().toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    for (const [at, input] of inputs.entries()) {
      tree.add(leafHash(Buffer.from(input, 'hex').toString('latin1')))
      expect(tree.root().toString('hex'), `${at + 1} leaves`).toBe(roots[at])
    }
  })

  test('built leaf by leaf is the one that the RFC describes from above, for every size', () => {
    const leaves = Array.from({ length: 200 }, (_, at) => leafHash(`row ${at}`))
    const fromAbove = (these: Buffer[]): Buffer => {
      if (these.length === 1) return these[0]!
      const half = 2 ** Math.floor(Math.log2(these.length - 1))
      return nodeHash(fromAbove(these.slice(0, half)), fromAbove(these.slice(half)))
    }
    const tree = createTree()
    for (const [at, leaf] of leaves.entries()) {
      tree.add(leaf)
      expect(tree.root().equals(fromAbove(leaves.slice(0, at + 1))), `${at + 1} leaves`).toBe(true)
    }
  })

  test('no row passes for two: without the prefix of a leaf one would', () => {
    const bare = {
      leaf: (data: Buffer) => sha256(data),
      node: (a: Buffer, b: Buffer) => sha256(Buffer.concat([a, b])),
    }
    const [a, b] = [Buffer.from('one row'), Buffer.from('another')]
    const forged = Buffer.concat([bare.leaf(a), bare.leaf(b)])
    expect(bare.leaf(forged).equals(bare.node(bare.leaf(a), bare.leaf(b)))).toBe(true)
    const [left, right] = [leafHash('one row'), leafHash('another')]
    const asLeaf = leafHash(Buffer.concat([left, right]).toString('latin1'))
    const oneLeaf = createTree()
    oneLeaf.add(asLeaf)
    expect(oneLeaf.root().equals(nodeHash(left, right))).toBe(false)
  })
})

describe('a municipality’s trail', async () => {
  const service = await lotse()
  const { as, asService, db, keys, log, sql, urls } = service
  await something(service)

  test('is sealed by its own municipality’s rows only, each of them once, and the export says so', async () => {
    await sealAll(service, nora.tenantId)
    await sealAll(service, otto.tenantId)
    const { findings, summaries } = await verified(service)
    expect(findings).toEqual([])
    const there = await sql<{ id: string; n: number }>(
      `select tenant_id as id, count(*)::int as n from audit_events where action <> 'audit.seal' and action <> 'audit.export' group by 1`,
    )
    expect(new Set(there.map(({ id }) => id))).toEqual(new Set(municipalities))
    for (const { id, n } of there) {
      const { rows, unsealed, heads } = summaries.find(({ tenantId }) => tenantId === id)!
      expect(heads).toBeGreaterThan(0)
      expect(rows - unsealed).toBeGreaterThanOrEqual(n)
      // What the sealer did last, and the export itself, come under the next head.
      expect(unsealed).toBeLessThanOrEqual(2)
    }
  })

  test('every column is part of what is sealed', async () => {
    const columns = await sql<{ name: string }>(
      `select column_name as name from information_schema.columns where table_name = 'audit_events' order by 1`,
    )
    expect(columns.map(({ name }) => name)).toEqual([...columnNames].sort())
    expect([...columnNames].sort()).toEqual(columnNames)
  })

  test('a row is written as RFC 8785 wants it, whatever stands in it', async () => {
    const strange = `"quoted" \\ / \u0001\u001f\u007f\u2028 \n\t\r\b\f ü 𝄞 </script>`
    await sql(
      `insert into audit_events (tenant_id, action, status, object_ids, client_ids, fields, request_id, criteria)
       values ($1, 'cases.read', 200, array[$2::uuid], '{}', array['a,b', '"', '', $3], $3, 'null')`,
      [nora.tenantId, nora.userId, strange],
    )
    await sealAll(service, nora.tenantId)
    const folder = await aFolder()
    await exportTrail(db, municipalities, folder)
    const line = (await readFile(rowsFile(folder), 'utf8'))
      .split('\n')
      .find((one) => one.includes('</script>'))!
    const row = JSON.parse(line) as Record<string, unknown>
    expect(row['request_id']).toBe(strange)
    const inOrder = Object.fromEntries(
      Object.keys(row)
        .sort()
        .map((name) => [name, row[name]]),
    )
    expect(line).toBe(JSON.stringify(inOrder))
    expect(readRow(line).leaf.equals(leafHash(line))).toBe(true)
    expect((await verified(service)).findings).toEqual([])
  })

  test('a minute in which nothing happened is not sealed, and the sealer’s own row is nothing', async () => {
    await sealAll(service, nora.tenantId)
    const count = () => sql('select count(*) from audit_heads')
    const before = await count()
    expect(await sealNext({ db, keys, log }, nora.tenantId)).toBeUndefined()
    expect(await count()).toEqual(before)
  })

  test('no row is sealed twice by two processes', async () => {
    const pool = createPool(urls.service, 4)
    const other = { db: createDb(pool), keys, log }
    try {
      for (let round = 0; round < 8; round++) {
        await sql(insert, [nora.tenantId, `round ${round}`])
        await settled(service)
        await Promise.all(
          [0, 1, 2, 3].map((one) => sealNext(one % 2 ? other : { db, keys, log }, nora.tenantId)),
        )
      }
    } finally {
      await pool.end()
    }
    await sealAll(service, nora.tenantId)
    expect((await verified(service)).findings).toEqual([])
    const numbers = await sql<{ number: number }>(
      'select number from audit_heads where tenant_id = $1 order by number',
      [nora.tenantId],
    )
    expect(numbers.map(({ number }) => number)).toEqual(numbers.map((_, at) => at + 1))
  })

  test('a backlog is sealed in bounded heads, one municipality by turns with the others, and nothing stops the rest', async () => {
    await sql(
      `insert into audit_events (tenant_id, action, status, object_ids, client_ids, fields, request_id)
       select $1, 'cases.read', 200, '{}', '{}', '{}', 'backlog' from generate_series(1, 2500)`,
      [otto.tenantId],
    )
    const heads = await sealAll(service, otto.tenantId, 1_000)
    expect(heads.map(({ rows }) => rows)).toEqual([1_000, 1_000, expect.any(Number)])
    expect((await verified(service)).findings).toEqual([])
    // A municipality that does not exist, and an anchor that cannot be written, are reasons for nobody else to wait.
    const anchored: string[] = []
    await sql(insert, [otto.tenantId, 'after'])
    await settled(service)
    let failed = 0
    const round = {
      municipalities: async () => [nora.tenantId, otto.tenantId],
      signal: new AbortController().signal,
      failed: () => void (failed += 1),
      queue: async () => {},
      sleep: async () => {},
    }
    await sealTrails({ db, keys, log }, round, async (tenantId) => {
      anchored.push(tenantId)
      if (tenantId === nora.tenantId) throw new Error('no space left')
    })
    expect(anchored).toEqual(municipalities)
    expect(failed).toBe(1)
    expect(service.logged().join('')).toContain('the audit trail of a municipality was not sealed')
  })

  test('nobody changes or deletes the trail or a head, and only the sealer adds one', async () => {
    const contexts = [
      ...[nora, hanna, ada, dora, arne].map(contextOf),
      { tenant_id: nora.tenantId, role: 'sealer' },
    ]
    for (const context of contexts)
      for (const statement of [
        'update audit_events set status = 200',
        'update audit_events set xid = pg_current_xact_id()',
        'delete from audit_events',
        'truncate audit_events',
        'update audit_heads set number = number',
        'update audit_heads set signature = signature',
        'delete from audit_heads',
        'truncate audit_heads',
        'alter table audit_heads disable row level security',
        'drop table audit_heads',
      ])
        await expect(asService(context, statement), statement).rejects.toMatchObject({ code: '42501' })
    const copied = `insert into audit_heads select tenant_id, gen_random_uuid(), 900, encoding, rows, last_xid, last_id, root, marks,
      marks_hash, previous, at, key_id, signature from audit_heads where tenant_id = $1 limit 1`
    for (const member of [dora, arne])
      await expect(asService(contextOf(member), copied, [member.tenantId])).rejects.toThrow(
        'row-level security',
      )
    const elsewhere = `insert into audit_heads values ($1, gen_random_uuid(), 900, 1, 0, '0', gen_random_uuid(), '', '', '', '', now(), '', '')`
    await expect(
      asService({ tenant_id: nora.tenantId, role: 'sealer' }, elsewhere, [otto.tenantId]),
    ).rejects.toThrow('row-level security')
  })

  test('the sealer sees the trail of one municipality, and nothing else of it', async () => {
    const sealer = { tenant_id: nora.tenantId, role: 'sealer' }
    const { rows } = await asService(sealer, 'select distinct tenant_id as id from audit_events')
    expect(rows).toEqual([{ id: nora.tenantId }])
    for (const table of ['clients', 'cases', 'credentials', 'sessions', 'notices'])
      expect((await asService(sealer, `select from ${table}`)).rowCount, table).toBe(0)
    expect((await asService(contextOf(nora), 'select from audit_heads')).rowCount).toBe(0)
  })

  test('what is not sealed yet is found by an index, under row-level security too', async () => {
    const client = new pg.Client({ connectionString: urls.service })
    await client.connect()
    try {
      // As if the trail were long.
      await client.query(`begin; set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
        set local app.tenant_id = '${otto.tenantId}'; set local app.role = 'sealer'`)
      const { rows } = await client.query<Record<string, string>>(
        `explain select id from audit_events e where e.tenant_id = lotse.tenant_id() and (e.xid, e.id) > ('5', '${otto.userId}')
         and e.xid < lotse.counted_on(pg_snapshot_xmin(pg_current_snapshot())) order by e.xid, e.id limit 100`,
      )
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toMatch(/audit_events__by_transaction[^]*Index Cond: .*ROW\(xid, id\) > ROW/)
      expect(plan).not.toContain('Sort')
    } finally {
      await client.end()
    }
  })

  test('data protection officer and auditor read the heads of their own municipality, and nobody else does', async () => {
    await sealAll(service, nora.tenantId)
    const [{ n }] = (await sql<{ n: number }>(
      'select max(number) as n from audit_heads where tenant_id = $1',
      [nora.tenantId],
    )) as [{ n: number }]
    for (const reader of [dora, arne]) {
      const { status, body } = await (await as(reader)).get('/v1/audit/heads?limit=3')
      expect(status).toBe(200)
      expect(body.items.map((item) => item['number'])).toEqual([n, n - 1, n - 2])
      expect(new Set(body.items.map((item) => item['tenantId']))).toEqual(new Set([nora.tenantId]))
      expect(Object.keys(body.items[0]!)).not.toContain('marks')
      expect(body.nextCursor).not.toBeNull()
    }
    for (const stranger of [nora, hanna, ada]) {
      const { status, text } = await (await as(stranger)).get('/v1/audit/heads')
      expect(status).toBe(403)
      expect(text).not.toContain('signature')
    }
    const theirs = done(await (await as(odila)).get('/v1/audit/heads')).body
    expect(theirs.items.every((item) => item['tenantId'] === otto.tenantId)).toBe(true)
  })

  test('what the auditor has copied is an anchor', async () => {
    const { text } = await (
      await as(arne)
    ).get('/v1/audit/heads', { headers: { accept: 'application/x-ndjson' } })
    const { findings, summaries } = await verified(service, text)
    expect(findings).toEqual([])
    const [ours, theirs] = municipalities.map((id) => summaries.find(({ tenantId }) => tenantId === id)!)
    expect(ours!.anchored).toBe(ours!.heads)
    expect(theirs!.anchored).toBeNull()
  })

  test('whoever trusts no code of ours makes the same files with SQL, as the handbook says', async () => {
    const handbook = await readFile(new URL('../../docs/audit.md', import.meta.url), 'utf8')
    const [rows, heads] = [...handbook.matchAll(/```sql\n([^]+?)```/g)].map(([, text]) => text!)
    const folder = await aFolder()
    const write = async (file: string, text: string) => {
      const lines = await sql(text)
      await writeFile(file, lines.map((line) => `${JSON.stringify(Object.values(line)[0])}\n`).join(''))
    }
    await write(rowsFile(folder), rows!)
    await write(headsFile(folder), heads!)
    const { findings, summaries } = await verifyFiles(folder, keys.audit.publicKey)
    expect(findings).toEqual([])
    expect(summaries.map(({ heads: count }) => count > 0)).toEqual([true, true])
  })

  test('the column was added to a trail that was there already without writing it anew', async () => {
    const [column] = await sql(
      `select atthasmissing as kept from pg_attribute where attrelid = 'audit_events'::regclass and attname = 'xid'`,
    )
    expect(column).toEqual({ kept: true })
  })

  test('once a day there is a head even where nothing happened', async () => {
    await sealAll(service, otto.tenantId)
    expect(await sealNext({ db, keys, log }, otto.tenantId)).toBeUndefined()
    await sql(`update audit_heads set at = at - interval '25 hours' where tenant_id = $1`, [otto.tenantId])
    const head = await sealNext({ db, keys, log }, otto.tenantId)
    expect(head).toMatchObject({ tenantId: otto.tenantId })
    expect(await sealNext({ db, keys, log }, otto.tenantId)).toBeUndefined()
    const { summaries } = await verified(service)
    expect(summaries.find(({ tenantId }) => tenantId === otto.tenantId)!.longestGap).toBeGreaterThan(24.9)
  })
})

test('a clock that was put back leaves a trail that is as it was sealed', async () => {
  const service = await lotse()
  const { sql, keys } = service
  const heads = async () =>
    (
      await sql<StoredHead & Record<string, unknown>>(
        `select tenant_id as "tenantId", number, encoding, rows, last_xid as "lastXid", last_id as "lastId", root,
         marks_hash as "marksHash", previous, at::text as at, key_id as "keyId", signature
         from audit_heads where tenant_id = $1 order by number`,
        [nora.tenantId],
      )
    ).map((row) => headOf({ ...row, at: row.at.replace(' ', 'T') }))
  /** As the sealer would have written its last head by another clock. */
  async function sealedAt(hours: number) {
    const last = (await heads()).at(-1)!
    const at = new Date(Date.now() + hours * 3_600_000).toISOString().replace('Z', '000Z')
    const { signature } = signed({ ...last, at }, keys.audit.privateKey)
    await sql(
      `update audit_heads set at = $1, signature = decode($2, 'base64') where tenant_id = $3 and number = $4`,
      [at, signature, nora.tenantId, last.number],
    )
    return at
  }
  await something(service)
  await sealAll(service, nora.tenantId)
  const ahead = await sealedAt(5)
  await something(service)
  await sealAll(service, nora.tenantId)
  expect((await heads()).at(-1)!.at).toBe(ahead)
  const sound = await verified(service, undefined, [nora.tenantId])
  expect(sound.findings).toEqual([])
  expect(sound.summaries).toMatchObject([{ backward: 0 }])
  // An earlier version sealed like this: every head is signed and in its order, so it is said, and no finding.
  await sealedAt(-5)
  const backward = await verified(service, undefined, [nora.tenantId])
  expect(backward.findings).toEqual([])
  expect(backward.summaries).toMatchObject([{ backward: 1 }])
  await sql(`update audit_heads set at = at + interval '1 hour' where tenant_id = $1 and number = 1`, [
    nora.tenantId,
  ])
  expect((await verified(service, undefined, [nora.tenantId])).findings).toContainEqual(
    expect.objectContaining({ check: 'signature', head: 1 }),
  )
})

test(
  'eight writers that commit late lose no row: each is under one head; by ids, rows would have been lost',
  { timeout: 30_000 },
  async () => {
    const service = await lotse()
    const { sql, urls } = service
    const tenantId = nora.tenantId
    const pool = new pg.Pool({ connectionString: urls.admin, max: 9 })
    let writing = true
    const naive = new Set<string>()
    let last = '00000000-0000-0000-0000-000000000000'
    const lookById = async () => {
      const rows = await sql<{ id: string }>(
        'select id from audit_events where tenant_id = $1 and id > $2 order by id',
        [tenantId, last],
      )
      for (const { id } of rows) naive.add((last = id))
    }
    const write = async (name: string, times: number, wait: () => number) => {
      for (let time = 0; time < times; time++) {
        const client = await pool.connect()
        await client.query('begin')
        await client.query(insert, [tenantId, `${name} ${time} early`])
        await sleep(wait())
        await client.query(insert, [tenantId, `${name} ${time} late`])
        await client.query('commit')
        client.release()
      }
    }
    const sealing = (async () => {
      while (writing) {
        await sealNext(service, tenantId)
        await lookById()
      }
    })()
    try {
      // One that begins first and ends last, for certain.
      await Promise.all([
        write('slow', 1, () => 800),
        ...Array.from({ length: 8 }, (_, one) => write(`writer ${one}`, 12, () => Math.random() * 80)),
      ])
    } finally {
      writing = false
      await sealing
      await pool.end()
    }
    await lookById()
    await sealAll(service, tenantId)
    const [{ n: written }] = (await sql<{ n: number }>(
      `select count(*)::int as n from audit_events where tenant_id = $1 and request_id ~ '^(slow|writer)'`,
      [tenantId],
    )) as [{ n: number }]
    expect(written).toBe(2 * (1 + 8 * 12))
    const { findings, summaries } = await verified(service, undefined, [tenantId])
    expect(findings).toEqual([])
    expect(summaries[0]!.heads).toBeGreaterThan(1)
    expect(summaries[0]!.unsealed).toBeLessThanOrEqual(2)
    // The defect: whoever reads on from the highest id has not seen what was committed late.
    const [{ all }] = (await sql<{ all: string[] }>(
      `select array_agg(id) as all from audit_events where tenant_id = $1 and request_id ~ '^(slow|writer)'`,
      [tenantId],
    )) as [{ all: string[] }]
    const lost = all.filter((id) => !naive.has(id)).length
    process.stdout.write(`  audit: ${written} rows of 9 writers all sealed; read by ids, ${lost} were lost\n`)
    expect(lost).toBeGreaterThan(0)
  },
)

test('a trail that was restored on another server counts on, and is sealed in order', async () => {
  const service = await lotse()
  const { sql, urls, keys, log, db } = service
  await something(service)
  // Of a server that had counted further.
  await sql(`update audit_events set xid = (xid::text::bigint + 5000000000)::text::xid8`)
  await expect(sealNext({ db, keys, log }, nora.tenantId)).rejects.toThrow('npm run migrate')
  await sql(insert, [nora.tenantId, 'lost otherwise'])
  await sql(`delete from audit_events where request_id = 'lost otherwise'`)
  expect(await migrate(urls.owner)).toEqual([])
  await something(service)
  await sealAll(service, nora.tenantId)
  await something(service)
  await sealAll(service, nora.tenantId)
  const { findings, summaries } = await verified(service, undefined, [nora.tenantId])
  expect(findings).toEqual([])
  expect(summaries[0]!.unsealed).toBeLessThanOrEqual(2)
  const [row] = await sql<{ low: boolean }>(
    `select bool_or(xid < '5000000000') as low from audit_events where tenant_id = $1`,
    [nora.tenantId],
  )
  expect(row).toEqual({ low: false })
  expect(await migrate(urls.owner)).toEqual([])
})

describe('outside of the database', async () => {
  const service = await lotse()
  const { db, keys, sql } = service
  const [here, there] = [await aFolder(), await aFolder()]
  const anchor = (folder: string) => anchorHeads({ db, keys }, folder, nora.tenantId)
  const file = anchorFile(here, nora.tenantId)
  const read = () => readFile(file, 'utf8')
  const one = async (name: string) => {
    await sql(insert, [nora.tenantId, name])
    await settled(service)
    await sealNext(service, nora.tenantId)
  }

  test('every head is noted once, for its owner’s eyes only, and another process catches up', async () => {
    await one('a')
    await one('b')
    await anchor(here)
    await one('c')
    await anchor(here)
    await anchor(here)
    const lines = (await read()).trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { number: number }).number)).toEqual([1, 2, 3])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await anchor(there)
    expect(await readFile(anchorFile(there, nora.tenantId), 'utf8')).toBe(await read())
    expect((await verified(service, await read(), [nora.tenantId])).findings).toEqual([])
  })

  test('half a line, from a disk that was full, stays and is said again', async () => {
    const whole = await read()
    const lines = whole.trim().split('\n')
    await writeFile(file, `${lines.slice(0, 2).join('\n')}\n${lines[2]!.slice(0, 90)}`)
    await anchor(here)
    expect((await read()).split('\n')[3]).toBe(lines[2])
    expect((await verified(service, await read(), [nora.tenantId])).findings).toEqual([])
  })

  test('a database that says otherwise than the anchor is not noted', async () => {
    const before = await read()
    await sql('create table kept as select * from audit_heads')
    await sql('update audit_heads set root = sha256(root) where number = 3')
    await expect(anchor(here)).rejects.toThrow('another head 3')
    await sql('delete from audit_heads where number = 3')
    await expect(anchor(here)).rejects.toThrow('another head 3')
    await sql('insert into audit_heads select * from kept where number = 3')
    await one('d')
    await sql(
      'update audit_heads set signature = (select k.signature from kept k where number = 2) where number = 4',
    )
    await expect(anchor(here)).rejects.toThrow('head 4 is not signed with our key')
    expect(await read()).toBe(before)
  })
})

test('two processes that note into one folder at the same moment leave what agrees with the trail', async () => {
  const service = await lotse()
  const { sql, db, keys } = service
  const folder = await aFolder()
  for (let round = 0; round < 8; round++) {
    await sql(insert, [nora.tenantId, `round ${round}`])
    await sealAll(service, nora.tenantId)
    await Promise.all([0, 1].map(() => anchorHeads({ db, keys }, folder, nora.tenantId)))
  }
  const text = await readFile(anchorFile(folder, nora.tenantId), 'utf8')
  const { findings, summaries } = await verified(service, text, [nora.tenantId])
  expect(findings).toEqual([])
  expect(summaries[0]!.anchored).toBe(summaries[0]!.heads)
})

describe('somebody who is superuser of the database is found', async () => {
  const service = await lotse()
  const { sql, keys } = service
  const anchors = await aFolder()
  for (let one = 0; one < 4; one++) {
    await something(service)
    for (const tenantId of municipalities) await sealNext(service, tenantId)
  }
  for (const tenantId of municipalities) await anchorHeads(service, anchors, tenantId)
  await sql('create table kept_events as select * from audit_events')
  await sql('create table kept_heads as select * from audit_heads')
  const undo = () =>
    sql(`truncate audit_events, audit_heads; insert into audit_events select * from kept_events;
      insert into audit_heads select * from kept_heads`)
  const anchor = async () =>
    (await Promise.all(municipalities.map((id) => readFile(anchorFile(anchors, id), 'utf8')))).join('')

  const victim = `(select id from audit_events e where tenant_id = '${nora.tenantId}' and action = 'clients.read'
    and (xid, id) <= (select last_xid, last_id from audit_heads h where h.tenant_id = e.tenant_id and number = 3)
    and (xid, id) > (select last_xid, last_id from audit_heads h where h.tenant_id = e.tenant_id and number = 2) limit 1)`
  const of = nora.tenantId
  test.each<[string, string, Partial<Finding> & { check: Check }]>([
    [
      'edits a row',
      `update audit_events set user_id = null where id = ${victim}`,
      { head: 3, check: 'rows', says: 'changed after it was sealed' },
    ],
    [
      'deletes a row',
      `delete from audit_events where id = ${victim}`,
      { head: 3, check: 'rows', says: 'missing' },
    ],
    [
      'adds a row in between',
      `insert into audit_events select (jsonb_populate_record(e, jsonb_build_object('id', replace(id::text, '-7', '-6')))).*
         from audit_events e where id = ${victim}`,
      { head: 3, check: 'rows', says: 'was not there when this was sealed' },
    ],
    [
      'gives a row another place',
      `update audit_events set xid = (select xid from audit_events where tenant_id = '${of}' order by xid limit 1) where id = ${victim}`,
      { head: 3, check: 'rows', says: 'missing' },
    ],
    [
      'moves a row to another municipality',
      `update audit_events set tenant_id = '${otto.tenantId}' where id = ${victim}`,
      { head: 3, check: 'rows', says: 'missing' },
    ],
    [
      'edits a head',
      `update audit_heads set rows = rows + 1 where number = 3 and tenant_id = '${of}'`,
      { head: 3, check: 'signature' },
    ],
    [
      'puts an old head in the place of a new one',
      `update audit_heads h set root = o.root, marks = o.marks, marks_hash = o.marks_hash, rows = o.rows,
       signature = o.signature from audit_heads o where o.tenant_id = h.tenant_id and h.tenant_id = '${of}' and o.number = 1 and h.number = 3`,
      { head: 3, check: 'signature' },
    ],
    [
      'deletes a head',
      `delete from audit_heads where number = 2 and tenant_id = '${of}'`,
      { head: 2, check: 'number' },
    ],
    [
      'cuts off the end',
      `delete from audit_events where (xid, id) > (select last_xid, last_id from audit_heads h where number = 2 and h.tenant_id = audit_events.tenant_id);
       delete from audit_heads where number > 2`,
      { head: 3, check: 'anchor' },
    ],
  ])('who %s', async (_, attack, expected) => {
    try {
      await sql(attack)
      const { findings } = await verified(service, await anchor())
      expect(findings).toContainEqual(expect.objectContaining({ tenantId: of, ...expected }))
    } finally {
      await undo()
    }
    expect((await verified(service, await anchor())).findings).toEqual([])
  })

  test('who has another key', async () => {
    const folder = await aFolder()
    await exportTrail(service.db, municipalities, folder)
    const { findings } = await verifyFiles(folder, keysFrom(randomBytes(32)).audit.publicKey)
    expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(['signature']))
    expect(findings.length).toBeGreaterThan(4)
    expect((await verifyFiles(folder, keys.audit.publicKey)).findings).toEqual([])
  })
})

test(
  'the command exports, and verifies with the files and the public key alone',
  { timeout: 60_000 },
  async () => {
    const service = await lotse()
    await something(service)
    await settled(service)
    for (const tenantId of municipalities) await sealNext(service, tenantId)
    const folder = await aFolder()
    const [out, key, anchors] = [join(folder, 'export'), join(folder, 'key.pem'), join(folder, 'anchors')]
    for (const tenantId of municipalities) await anchorHeads(service, anchors, tenantId)
    const audit = (env: NodeJS.ProcessEnv, ...args: string[]) =>
      new Promise<{ code: unknown; said: string }>((resolve) => {
        execFile(
          process.execPath,
          ['src/run.mjs', 'commands/audit', ...args],
          { env: { PATH: process.env['PATH'], DATA_DIR: join(folder, 'nothing'), ...env } },
          (error, stdout, stderr) => resolve({ code: error ? error.code : 0, said: stdout + stderr }),
        )
      })
    const database = { DATABASE_URL: service.urls.service, DATABASE_WORKER_URL: service.urls.worker }
    const [printed, exported, unusable] = await Promise.all([
      audit({ MASTER_KEY: inject('run').masterKey }, 'key'),
      audit(database, 'export', '--out', out),
      audit({}, 'verify', join(folder, 'nowhere'), '--key', key),
    ])
    expect(printed.said).toContain(`key ${service.keys.audit.id}\n-----BEGIN PUBLIC KEY-----`)
    expect(exported).toMatchObject({
      code: 0,
      said: expect.stringMatching(/heads of 2 municipalities/) as string,
    })
    expect(unusable.code).toBe(2)
    expect(unusable.said).not.toContain('As it was sealed')
    await writeFile(key, printed.said)

    const changedOut = join(folder, 'changed')
    await cp(out, changedOut, { recursive: true })
    const rows = await readFile(rowsFile(out), 'utf8')
    await writeFile(rowsFile(changedOut), rows.replace('"status":404', '"status":200'))
    // The heads are read long before the first row comes: neither file waits for the other in vain.
    const longOut = join(folder, 'long')
    await cp(out, longOut, { recursive: true })
    await writeFile(rowsFile(longOut), '\n'.repeat(300_000) + rows)
    // Sealed by a clock that was put back: said, and no finding.
    const backOut = join(folder, 'back')
    await cp(out, backOut, { recursive: true })
    const lines = (await readFile(headsFile(out), 'utf8')).trim().split('\n')
    const of = lines.findIndex((line) => line.includes(nora.tenantId))
    const previous = readHeadWith([])(lines[of]!).head
    const { head } = headOver(
      createBatch(),
      { ...previous, previous, at: '2026-01-02T03:04:05.000006Z' },
      service.keys.audit,
    )
    lines.splice(of + 1, 0, JSON.stringify({ ...head, marks: '' }))
    await writeFile(headsFile(backOut), `${lines.join('\n')}\n`)
    const [sound, changed, long, cutOff, back] = await Promise.all([
      audit({}, 'verify', out, '--key', key, '--anchor', anchors),
      audit({}, 'verify', changedOut, '--key', key),
      audit({}, 'verify', longOut, '--key', key),
      audit({}, 'verify', out, '--key', join(folder, 'nothing')),
      audit({}, 'verify', backOut, '--key', key),
    ])
    expect(sound).toMatchObject({ code: 0, said: expect.stringContaining('\nAs it was sealed: ') as string })
    expect(sound.said).toMatch(new RegExp(`${nora.tenantId} +1 +\\d+ +\\d+ +\\d{4}-.* up to 1 +0`))
    expect(changed.code).toBe(1)
    expect(changed.said).toMatch(
      /✗ [0-9a-f-]{36}, head 1, row \d+, id [0-9a-f-]{36}: changed after it was sealed/,
    )
    expect(changed.said).toContain('NOT as it was sealed: 1 finding.')
    expect(long).toMatchObject({ code: 0, said: expect.stringContaining('\nAs it was sealed: ') as string })
    expect(cutOff.code).toBe(2)
    expect(back).toMatchObject({ code: 0, said: expect.stringContaining('\nAs it was sealed: ') as string })
    expect(back.said).toContain(`! ${nora.tenantId}: 1 head says an earlier time than the head before`)
    expect(sound.said).not.toContain('earlier time')
  },
)

// At a thousand places each: `npm run test:security`.
describe('an attack on the trail', () => {
  test('of eight kinds is found and located, wherever it is tried', { timeout: 60_000 }, async () => {
    const { classes, missed } = await auditAttacks({ positions: 20 })
    expect(missed).toEqual([])
    expect(classes.map(({ tried, found, located }) => [tried, found, located])).toEqual(
      Array.from({ length: 8 }, () => [20, 20, 20]),
    )
  })

  test.each<Check>(['line', 'order', 'number', 'chain', 'signature', 'anchor', 'marks', 'rows', 'root'])(
    'is missed by somebody who does not look at: %s',
    { timeout: 60_000 },
    async (check) => {
      const { tried, found, located } = await auditAttacks({ positions: 8, verify: blind(check) })
      expect(located).toBeLessThan(tried)
      // A missing head breaks the chain too; the number says which one it is.
      if (check !== 'number') expect(found).toBeLessThan(tried)
    },
  )
})
