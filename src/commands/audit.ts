// npm run audit: is the audit trail the one that was sealed? Exported here, verified anywhere: with the files and a public key.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { exportTrail, headsFile, rowsFile } from '../platform/audit-export.ts'
import { readRow } from '../platform/audit-heads.ts'
import {
  readAnchors,
  readHeadWith,
  readLines,
  verifyTrail,
  type Anchors,
  type Finding,
  type Summary,
} from '../platform/audit-verify.ts'
import { keyIdOf, keysFrom, masterKey } from '../platform/keys.ts'
import { sentence } from '../platform/sentence.ts'

const usage = `npm run audit -- key                                     prints the public key
npm run audit -- export --out FOLDER                     writes rows and heads into files
npm run audit -- verify FOLDER --key FILE [--anchor FILE]  verifies them; --anchor also takes the folder of anchors

verify ends with 0: as it was sealed, 1: not as it was sealed, 2: it could not be looked at.`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    key: { type: 'string', multiple: true },
    anchor: { type: 'string', multiple: true },
  },
})

async function printKey() {
  const config = readConfig()
  const { audit } = keysFrom(await masterKey(config.masterKey, config.dataDir))
  console.log(`key ${audit.id}\n${audit.publicKey.export({ format: 'pem', type: 'spki' }).toString().trim()}`)
}

async function writeFiles(folder: string) {
  // Only here: whoever verifies has no database, and need not wait for the code that speaks to one.
  const [{ joinDatabase }, { createDb }, { createPool }] = await Promise.all([
    import('../database.ts'),
    import('../platform/db.ts'),
    import('../platform/pool.ts'),
  ])
  const database = await joinDatabase(readConfig(), (line) => console.error(line))
  const { serviceUrl, workerUrl } = database
  const pools = [createPool(serviceUrl, 2), ...(workerUrl ? [createPool(workerUrl, 1)] : [])] as const
  try {
    if (!pools[1])
      throw new Error(
        'DATABASE_WORKER_URL is missing: only the role of the queue knows which municipalities there are.',
      )
    const { rows: all } = await pools[1].query<{ id: string }>('select id from jobs.municipalities')
    const shown = progress('exported')
    const { rows, heads } = await exportTrail(
      createDb(pools[0]),
      all.map(({ id }) => id),
      folder,
      shown,
    )
    console.log(
      `${rowsFile(folder)}: ${rows} rows\n${headsFile(folder)}: ${heads} heads of ${all.length} municipalities`,
    )
  } finally {
    await Promise.all(pools.map((pool) => pool.end()))
    await database.stop()
  }
}

async function keysIn(files: readonly string[]): Promise<KeyObject[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const blocks = texts.flatMap(
    (text) => text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [],
  )
  if (blocks.length === 0)
    throw new Error('No public key: --key names a file that `npm run audit -- key` has printed.')
  return blocks.map((block) => createPublicKey(block))
}

/** Opened with the first line that is asked for: an interface whose file ends before anybody asks is never done. */
async function* linesOf(file: string) {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity })
}

async function anchorsIn(paths: readonly string[], keys: readonly KeyObject[]): Promise<Anchors> {
  const anchors: Anchors = new Map()
  for (const path of paths) {
    const folder = (await stat(path)).isDirectory()
    const names = folder
      ? (await readdir(path)).filter((name) => name.endsWith('.ndjson')).map((name) => join(path, name))
      : [path]
    for (const name of names) for await (const line of linesOf(name)) readAnchors([line], keys, anchors)
  }
  return anchors
}

/** @returns whether all is as it was sealed. */
async function verify(folder: string): Promise<boolean> {
  if (!values.key) throw new Error(`--key is missing.\n${usage}`)
  const keys = await keysIn(values.key)
  const anchors = await anchorsIn(values.anchor ?? [], keys)
  // A file that is not there is told before the first line is read.
  await Promise.all([rowsFile(folder), headsFile(folder)].map((file) => stat(file)))
  const findings: Finding[] = []
  let found = 0
  const summaries = await verifyTrail(
    {
      rows: readLines(linesOf(rowsFile(folder)), readRow),
      heads: readLines(linesOf(headsFile(folder)), readHeadWith(keys)),
      anchors,
    },
    (finding) => {
      found += 1
      if (findings.length < 200) findings.push(finding)
    },
    progress('verified'),
  )
  console.log(`key ${keys.map(keyIdOf).join(', ')}\n\n${table(summaries)}\n`)
  for (const finding of findings) console.log(`✗ ${placeOf(finding)}: ${finding.says}`)
  if (found > findings.length) console.log(`… and ${found - findings.length} more`)
  for (const { tenantId, longestGap } of summaries)
    if (longestGap > 25)
      console.log(
        `! ${tenantId}: ${Math.round(longestGap)} hours without a head; while the service runs there is one a day`,
      )
  for (const { tenantId, backward } of summaries)
    if (backward > 0)
      console.log(
        `! ${tenantId}: ${backward} ${backward === 1 ? 'head says' : 'heads say'} an earlier time than the head before: the clock of the server was put back`,
      )
  if (anchors.size === 0)
    console.log(
      '! without an anchor, rows that are missing at the end and heads that were made again with the key are not found',
    )
  const { rows, unsealed } = total(summaries)
  console.log(
    found > 0
      ? `\nNOT as it was sealed: ${found} ${found === 1 ? 'finding' : 'findings'}.`
      : `\nAs it was sealed: ${rows - unsealed} rows under ${total(summaries).heads} heads, and ${unsealed} after the last of them.`,
  )
  return found === 0
}

const total = (summaries: readonly Summary[]) => ({
  heads: summaries.reduce((sum, { heads }) => sum + heads, 0),
  rows: summaries.reduce((sum, { rows }) => sum + rows, 0),
  unsealed: summaries.reduce((sum, { unsealed }) => sum + unsealed, 0),
})

const placeOf = ({ tenantId, head, position, count = 1, id }: Finding) =>
  [
    tenantId || 'export',
    ...(head === undefined
      ? []
      : [count > 1 && position === undefined ? `heads ${head}–${head + count - 1}` : `head ${head}`]),
    ...(position === undefined
      ? []
      : [count > 1 ? `rows ${position}–${position + count - 1}` : `row ${position}`]),
    ...(id === undefined ? [] : [`id ${id}`]),
  ].join(', ')

function table(summaries: readonly Summary[]): string {
  const rows = [
    ['municipality', 'heads', 'rows', 'unsealed', 'last head', 'anchored', 'findings'],
    ...summaries.map(({ tenantId, heads, rows, unsealed, lastAt, anchored, findings }) => [
      tenantId,
      String(heads),
      String(rows),
      String(unsealed),
      lastAt?.slice(0, 16).replace('T', ' ') ?? '–',
      anchored === null ? '–' : `up to ${anchored}`,
      String(findings),
    ]),
  ]
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  const right = new Set([1, 2, 3, 6])
  return rows
    .map((row) =>
      row
        .map((text, at) => (right.has(at) ? text.padStart(widths[at]!) : text.padEnd(widths[at]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Every two seconds, beside the answer. */
function progress(what: string) {
  let last = Date.now()
  return (rows: number) => {
    if (Date.now() - last < 2_000) return
    last = Date.now()
    console.error(`${what} ${rows.toLocaleString('en')} rows …`)
  }
}

try {
  const [act, folder] = positionals
  if (act === 'key') await printKey()
  else if (act === 'export' && values.out !== undefined) await writeFiles(values.out)
  else if (act === 'verify' && folder !== undefined) process.exitCode = (await verify(folder)) ? 0 : 1
  else throw new Error(usage)
} catch (error) {
  console.error(sentence(error))
  process.exitCode = 2
}
