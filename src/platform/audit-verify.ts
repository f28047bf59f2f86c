// Is this audit trail the one that was sealed? Asked of an export, without a database and without any secret.
import type { KeyObject } from 'node:crypto'
import {
  before,
  Head,
  hashOf,
  headIn,
  isSignedBy,
  markBytes,
  markOf,
  nothingBefore,
  type Position,
  type Row,
} from './audit-heads.ts'
import { createTree, sha256 } from './merkle.ts'

/** What was looked at when something was found; in the order in which it is looked at. */
export type Check = 'line' | 'order' | 'number' | 'chain' | 'signature' | 'anchor' | 'marks' | 'rows' | 'root'

export interface Finding {
  check: Check
  tenantId: string
  /** The head under which it lies, where there is one. */
  head?: number
  /** The rows of that head to which it applies, counted from 1 as they were sealed. */
  position?: number
  count?: number
  /** Of a row that is there. */
  id?: string
  says: string
}

export interface Summary {
  tenantId: string
  heads: number
  rows: number
  /** Rows after the last head: nothing is proved about them yet. */
  unsealed: number
  /** How many heads the anchor knows; null where none was given for this municipality. */
  anchored: number | null
  lastAt: string | null
  /** The longest time without a head, in hours, up to the last row: a day and a minute at most while the service runs. */
  longestGap: number
  /**
   * Heads that say an earlier instant than the head before. No finding: a clock was put back. What is proved is the order, by
   * place, number and chain; whoever could sign another instant could sign a later one as well.
   */
  backward: number
  findings: number
}

/** A line of an export after it was read; what could not be read says where it stood. */
export type Read<T> = { line: number; value: T } | { line: number; wrong: string }

export interface SealedHead {
  head: Head
  hash: string
  /** Whether its signature is that of one of the keys. */
  genuine: boolean
  marks: 'none' | 'changed' | string[]
}

export interface Trail {
  rows: AsyncIterable<Read<Row>> | Iterable<Read<Row>>
  heads: AsyncIterable<Read<SealedHead>> | Iterable<Read<SealedHead>>
  anchors?: Anchors
}

/** What a head says by itself. @throws Error for a line that is no head. */
export const readHeadWith =
  (keys: readonly KeyObject[]) =>
  (line: string): SealedHead => {
    const given = JSON.parse(line) as { marks?: unknown }
    const head = Head.parse(given)
    if (head.encoding !== 1) throw new Error(`encoding ${head.encoding} is not known here`)
    return { head, hash: hashOf(head), genuine: isSignedBy(head, keys), marks: marksOf(head, given.marks) }
  }

function marksOf(head: Head, given: unknown): SealedHead['marks'] {
  if (typeof given !== 'string') return 'none'
  const marks = Buffer.from(given, 'base64')
  if (sha256(marks).toString('hex') !== head.marksHash || marks.length !== head.rows * markBytes)
    return 'changed'
  return Array.from({ length: head.rows }, (_, at) =>
    marks.toString('hex', at * markBytes, (at + 1) * markBytes),
  )
}

export async function* readLines<T>(
  lines: AsyncIterable<string> | Iterable<string>,
  read: (line: string) => T,
): AsyncGenerator<Read<T>> {
  let line = 0
  for await (const text of lines) {
    line += 1
    if (text === '') continue
    yield readLine(text, line, read)
  }
}

export function readLine<T>(text: string, line: number, read: (line: string) => T): Read<T> {
  try {
    return { line, value: read(text) }
  } catch (error) {
    const { name, message } = error as Error
    return { line, wrong: name === 'ZodError' ? 'its fields are not as they should be' : message }
  }
}

/** By municipality, what was noted outside of the database. Held in memory: some hundred bytes for each head. */
export type Anchors = Map<string, { hashes: Map<number, string>; last: number; findings: Finding[] }>

export function readAnchors(
  lines: Iterable<string>,
  keys: readonly KeyObject[],
  anchors: Anchors = new Map(),
): Anchors {
  for (const text of lines) {
    if (text === '') continue
    const head = headIn(text)
    // Half a line, from a disk that was full; the next one says the same head again.
    if (!head) continue
    const { tenantId, number } = head
    const known = anchors.get(tenantId) ?? { hashes: new Map<number, string>(), last: 0, findings: [] }
    anchors.set(tenantId, known)
    const found = (says: string) => known.findings.push({ check: 'anchor', tenantId, head: number, says })
    const hash = hashOf(head)
    if (!isSignedBy(head, keys)) {
      found('the anchor itself holds a head that is not signed with this key')
      continue
    }
    const earlier = known.hashes.get(number)
    if (earlier !== undefined && earlier !== hash)
      found(
        'the anchor holds two different heads with this number: in between the trail was replaced, or restored from an older backup',
      )
    else known.hashes.set(number, hash)
    known.last = Math.max(known.last, number)
  }
  return anchors
}

interface Reader<T> {
  /** The next one, without taking it. */
  peek(): Promise<T | undefined>
  take(): Promise<T>
}

const endOf = ({ lastXid, lastId }: Head): Position => ({ xid: Number(lastXid), id: lastId })
const hours = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 3_600_000

/** How much is kept of one head at most, however many rows somebody has put there: what was sealed, and as many again. */
const mostExtra = 50_000

/**
 * Rows and heads by municipality, in the order in which they were sealed; in constant memory.
 * `told` hears every finding as it is made, and `progress` how many rows have been looked at.
 */
export async function verifyTrail(
  { rows, heads, anchors = new Map() }: Trail,
  told: (finding: Finding) => void,
  progress: (rows: number) => void = () => {},
): Promise<Summary[]> {
  let looked = 0
  const summaries: Summary[] = []
  let current: Summary | undefined
  const find = (finding: Finding) => {
    if (current?.tenantId === finding.tenantId) current.findings += 1
    told(finding)
  }

  const rowAt = inOrder(rows, (row) => row.tenantId, before, 'row', find)
  const headAt = inOrder(
    heads,
    ({ head }) => head.tenantId,
    (a, b) => a.head.number < b.head.number,
    'head',
    find,
  )

  for (;;) {
    const [row, head] = [await rowAt.peek(), await headAt.peek()]
    const tenantId = [row?.tenantId, head?.head.tenantId].filter((id) => id !== undefined).sort()[0]
    if (tenantId === undefined) break
    current = await municipality(tenantId)
    summaries.push(current)
  }
  for (const [tenantId, { last, findings }] of anchors) {
    if (summaries.some((summary) => summary.tenantId === tenantId)) continue
    current = { ...nothingOf(tenantId), anchored: last }
    summaries.push(current)
    findings.forEach(find)
    find({
      check: 'anchor',
      tenantId,
      head: 1,
      says: `all ${last} anchored heads are missing: the export has nothing of this municipality`,
    })
  }
  return summaries

  async function municipality(tenantId: string): Promise<Summary> {
    const anchor = anchors.get(tenantId)
    const summary: Summary = { ...nothingOf(tenantId), anchored: anchor?.last ?? null }
    current = summary
    anchor?.findings.forEach(find)
    let previous: SealedHead | undefined
    for (;;) {
      const next = await headAt.peek()
      if (next?.head.tenantId !== tenantId) break
      await headAt.take()
      checkHead(next, previous, anchor?.hashes)
      await checkRows(next)
      const { at } = next.head
      summary.heads += 1
      if (previous) {
        summary.longestGap = Math.max(summary.longestGap, hours(previous.head.at, at))
        if (at < previous.head.at) summary.backward += 1
      }
      summary.lastAt = at
      previous = next
    }
    for (;;) {
      const row = await rowAt.peek()
      if (row?.tenantId !== tenantId) break
      await rowAt.take()
      counted(summary)
      summary.unsealed += 1
      if (summary.lastAt !== null)
        summary.longestGap = Math.max(summary.longestGap, hours(summary.lastAt, row.at))
    }
    const end = previous?.head.number ?? 0
    if (anchor && anchor.last > end)
      find({
        check: 'anchor',
        tenantId,
        head: end + 1,
        count: anchor.last - end,
        says: `the trail ends too early: the anchor knows heads up to ${anchor.last}`,
      })
    return summary
  }

  function counted(summary: Summary) {
    summary.rows += 1
    looked += 1
    if (looked % 10_000 === 0) progress(looked)
  }

  function checkHead(
    { head, hash, genuine }: SealedHead,
    previous: SealedHead | undefined,
    anchored: Map<number, string> | undefined,
  ) {
    const { tenantId, number } = head
    const expected = (previous?.head.number ?? 0) + 1
    const says = (check: Check, text: string, more: Partial<Finding> = {}) =>
      find({ check, tenantId, head: number, says: text, ...more })
    if (number > expected)
      says(
        'number',
        number - expected > 1 ? `heads ${expected} to ${number - 1} are missing` : 'is missing',
        {
          head: expected,
          count: number - expected,
        },
      )
    if (head.previous !== (previous?.hash ?? nothingBefore))
      says('chain', 'does not go on from the head before it')
    if (previous && before(endOf(head), endOf(previous.head))) says('order', 'ends before the head before it')
    if (!genuine) says('signature', 'is not signed with this key, or was changed after it was signed')
    const known = anchored?.get(number)
    if (known !== undefined && known !== hash) says('anchor', 'is another one than was anchored')
  }

  async function checkRows({ head, marks }: SealedHead) {
    const { tenantId, number } = head
    const end = endOf(head)
    const tree = createTree()
    const there: Row[] = []
    const most = head.rows + mostExtra
    for (;;) {
      const row = await rowAt.peek()
      if (row?.tenantId !== tenantId || before(end, row)) break
      await rowAt.take()
      counted(current!)
      tree.add(row.leaf)
      if (there.length < most) there.push(row)
    }
    const says = (check: Check, text: string, more: Partial<Finding> = {}) =>
      find({ check, tenantId, head: number, says: text, ...more })
    if (marks === 'changed') says('marks', 'the marks beside this head were changed')
    if (tree.size === head.rows && tree.root().toString('hex') === head.root) return
    // Which rows, only the marks can tell.
    const differences = Array.isArray(marks) ? compare(marks, there) : []
    for (const { text, position, count, id } of differences)
      says('rows', text, { position, count, ...(id !== undefined && { id }) })
    const numbers = `${tree.size} rows instead of ${head.rows}`
    if (tree.size > there.length) says('rows', numbers)
    else if (differences.length === 0)
      says('root', tree.size === head.rows ? 'its rows are not those that were sealed' : numbers)
  }
}

const nothingOf = (tenantId: string): Summary => ({
  tenantId,
  heads: 0,
  rows: 0,
  unsealed: 0,
  anchored: null,
  lastAt: null,
  longestGap: 0,
  backward: 0,
  findings: 0,
})

interface Difference {
  text: string
  position: number
  count: number
  id: string | undefined
}

/** Both in the order of the trail, and equal marks are equal rows: between two that are equal, rows were lost, added or changed. */
function compare(sealed: readonly string[], there: readonly Row[]): Difference[] {
  const placeOf = new Map(sealed.map((mark, at) => [mark, at]))
  const found: Difference[] = []
  let [fromSealed, fromThere] = [0, 0]
  const between = (toSealed: number, toThere: number) => {
    const [lost, extra] = [toSealed - fromSealed, toThere - fromThere]
    const changed = Math.min(lost, extra)
    const say = (text: string, position: number, count: number, id?: string) => {
      if (count > 0) found.push({ text, position, count, id })
    }
    say('changed after it was sealed', fromSealed + 1, changed, there[fromThere]?.id)
    say('missing', fromSealed + changed + 1, lost - changed)
    say(
      'was not there when this was sealed',
      fromSealed + changed + 1,
      extra - changed,
      there[fromThere + changed]?.id,
    )
  }
  for (const [at, { leaf }] of there.entries()) {
    const place = placeOf.get(markOf(leaf).toString('hex'))
    if (place === undefined || place < fromSealed) continue
    between(place, at)
    fromSealed = place + 1
    fromThere = at + 1
  }
  between(sealed.length, there.length)
  return found
}

/**
 * An export is in order: by municipality, and in it as it was sealed. A line that stands somewhere else is said and passed
 * over; looking one line ahead tells a single one that comes too early from all that seem to come too late.
 */
function inOrder<T>(
  given: AsyncIterable<Read<T>> | Iterable<Read<T>>,
  tenantOf: (value: T) => string,
  comesBefore: (a: T, b: T) => boolean,
  what: 'row' | 'head',
  find: (finding: Finding) => void,
): Reader<T> {
  const follows = (a: T, b: T) =>
    tenantOf(a) < tenantOf(b) || (tenantOf(a) === tenantOf(b) && comesBefore(a, b))
  const passed = ({ line, value }: { line: number; value: T }) => {
    const named = value as Partial<SealedHead & Row>
    find({
      check: 'order',
      tenantId: tenantOf(value),
      ...(named.head && { head: named.head.number }),
      ...(named.id && { id: named.id }),
      says: `the ${what} in line ${line} stands in the wrong place, or twice`,
    })
  }
  const lines = (async function* () {
    let last: T | undefined
    let held: { line: number; value: T } | undefined
    for await (const read of given) {
      if ('wrong' in read) {
        find({
          check: 'line',
          tenantId: '',
          says: `the ${what} in line ${read.line} cannot be read: ${read.wrong}`,
        })
        continue
      }
      if (held && follows(held.value, read.value)) {
        yield held.value
        last = held.value
        held = read
      } else if (
        held &&
        (last === undefined || follows(last, read.value)) &&
        follows(read.value, held.value)
      ) {
        passed(held)
        held = read
      } else if (held) passed(read)
      else held = read
    }
    if (held) yield held.value
  })()
  let next: Promise<IteratorResult<T, void>> | undefined
  return {
    async peek() {
      const { value } = await (next ??= lines.next())
      return value ?? undefined
    },
    async take() {
      const { value } = await (next ??= lines.next())
      next = undefined
      if (value === undefined) throw new Error('nothing is left')
      return value
    },
  }
}
