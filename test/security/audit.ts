// Is every change of the sealed audit trail found, and where it is? Eight ways to change it, at many places each.
import {
  before,
  createBatch,
  headOver,
  readRow,
  type Head,
  type Row,
} from '../../src/platform/audit-heads.ts'
import {
  readAnchors,
  readHeadWith,
  readLine,
  verifyTrail,
  type Finding,
  type Read,
  type SealedHead,
} from '../../src/platform/audit-verify.ts'
import { anchorLine } from '../../src/platform/audit-anchor.ts'
import { keysFrom, type Keys } from '../../src/platform/keys.ts'

const ours = keysFrom(Buffer.alloc(32, 7)).audit
const theirs = keysFrom(Buffer.alloc(32, 8)).audit

// Numbers that look like chance and are the same every time.
function chance(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
const tenants = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-1111-5111-8111-${letter.repeat(12)}`)
const idOf = (tenant: number, at: number) => `01980a5e-${hex(at, 4)}-7000-8${hex(tenant, 3)}-000000000000`

interface RowOf {
  action: string
  at: string
  basis: string | null
  client_ids: string[]
  code: string | null
  criteria: string | null
  fields: string[]
  id: string
  membership_id: string | null
  object_ids: string[]
  request_id: string
  role: string | null
  status: number
  tenant_id: string
  user_id: string | null
  xid: string
}
const parsed = (line: string) => JSON.parse(line) as RowOf
const changed = (line: string, more: Partial<RowOf>) => JSON.stringify({ ...parsed(line), ...more })

/** One municipality: lines of rows as they are in the database, and of heads with the rows that lie under each. */
interface City {
  rows: string[]
  heads: string[]
  /** How many rows lie before the first row of each head, and before the unsealed rest. */
  starts: number[]
}

/** Sealed as the sealer does it: `rowsEach` under each of so many heads, some after the last. */
function aTrail(headsEach: number, rowsEach: number): City[] {
  const pick = chance(1)
  return tenants.map((tenantId, tenant) => {
    const rows: string[] = []
    const heads: string[] = []
    const starts: number[] = []
    let previous: Head | undefined
    const minute = (number: number, seconds: number) =>
      new Date(Date.UTC(2026, 2, 2, 9, number, seconds)).toISOString().replace('Z', '000Z')
    const addRows = (count: number, number: number) => {
      for (let at = 0; at < count; at++) {
        const xid = 700 + 3 * rows.length - (at % 3 === 2 ? 3 : 0)
        rows.push(
          JSON.stringify({
            action: ['clients.read', 'cases.list', 'referrals.send', 'cases.update'][pick(4)]!,
            at: minute(number, at % 60),
            basis: pick(4) === 0 ? 'release' : null,
            client_ids: [idOf(900 + tenant, pick(40))],
            code: null,
            criteria: null,
            fields: pick(3) === 0 ? ['phase', 'concern'] : [],
            id: idOf(tenant, rows.length),
            membership_id: idOf(800, pick(9)),
            object_ids: [idOf(700, pick(90)), idOf(700, pick(90))],
            request_id: idOf(600, rows.length),
            role: 'navigator',
            status: [200, 200, 200, 404][pick(4)]!,
            tenant_id: tenantId,
            user_id: idOf(500, pick(9)),
            xid: String(xid),
          } satisfies RowOf),
        )
      }
    }
    for (let number = 1; number <= headsEach; number++) {
      const start = rows.length
      starts.push(start)
      // Some minutes are empty.
      addRows(number % 7 === 5 ? 0 : rowsEach + pick(5), number)
      const these = rows.splice(start).sort(inOrder)
      rows.push(...these)
      const batch = createBatch()
      for (const line of these) batch.add(readRow(line).leaf)
      const last = these.length > 0 ? parsed(these.at(-1)!) : undefined
      const where = {
        tenantId,
        previous,
        lastXid: last?.xid ?? previous!.lastXid,
        lastId: last?.id ?? previous!.lastId,
        at: minute(number, 59),
      }
      const { head, marks } = headOver(batch, where, ours)
      heads.push(headLine(head, marks))
      previous = head
    }
    starts.push(rows.length)
    addRows(5, headsEach + 1)
    return { rows, heads, starts }
  })
}

const inOrder = (a: string, b: string) => (before(placeOf(a), placeOf(b)) ? -1 : 1)
const placeOf = (line: string) => {
  const { xid, id } = parsed(line)
  return { xid: Number(xid), id }
}
const headLine = (head: Head, marks: Buffer) => JSON.stringify({ ...head, marks: marks.toString('base64') })
const headAt = (line: string) => {
  const { marks } = JSON.parse(line) as { marks: string }
  return { head: readHeadWith([])(line).head, marks: Buffer.from(marks, 'base64') }
}

/** Where somebody attacks: the row `position` (from 1) of the head `number` (from 1) of a municipality. */
interface Place {
  tenant: number
  number: number
  position: number
  /** In the list of rows, from 0. */
  at: number
  /** Which way of doing it. */
  way: number
}

/** `covers`: a row that lies in the stretch of a finding. */
type Expected = Partial<Finding> & Pick<Finding, 'tenantId'> & { covers?: number }
interface Attacked {
  cities: City[]
  /** Each of these has to be among the findings. */
  expected: Expected[]
  anchored: boolean
}

const put = <T>(list: readonly T[], at: number, ...instead: T[]) => list.toSpliced(at, 1, ...instead)
const other = (tenant: number) => (tenant + 1) % tenants.length

/** The row of this municipality stands elsewhere: wherever its place in the order is now. */
const resorted = (rows: string[]) => rows.toSorted(inOrder)

/** The marks beside a head are changed along with the rows, which hides the place but not the head. */
function withMarks(city: City, number: number, change: (marks: Buffer[]) => Buffer[]): City {
  const { head, marks } = headAt(city.heads[number - 1]!)
  const each = Array.from({ length: marks.length / 8 }, (_, at) => marks.subarray(8 * at, 8 * at + 8))
  return { ...city, heads: put(city.heads, number - 1, headLine(head, Buffer.concat(change(each)))) }
}

/** All heads from here on are made again over the rows as they are now. */
function rebuilt(city: City, from: number, key: Keys['audit'], until = city.heads.length): City {
  const heads = [...city.heads]
  let previous = from > 1 ? headAt(heads[from - 2]!).head : undefined
  for (let number = from; number <= until; number++) {
    const { head } = headAt(heads[number - 1]!)
    const batch = createBatch()
    for (const line of city.rows.slice(city.starts[number - 1], city.starts[number]))
      batch.add(readRow(line).leaf)
    const made = headOver(
      batch,
      { tenantId: head.tenantId, previous, lastXid: head.lastXid, lastId: head.lastId, at: head.at },
      key,
    )
    heads[number - 1] = headLine(made.head, made.marks)
    previous = made.head
  }
  return { ...city, heads }
}

const edits: ((row: RowOf) => Partial<RowOf>)[] = [
  ({ status }) => ({ status: status === 200 ? 404 : 200 }),
  ({ action }) => ({ action: `${action}x` }),
  ({ at }) => ({ at: at.replace('.000', '.001') }),
  () => ({ user_id: null }),
  () => ({ membership_id: idOf(801, 0) }),
  ({ object_ids }) => ({ object_ids: object_ids.toReversed() }),
  () => ({ client_ids: [] }),
  ({ fields }) => ({ fields: [...fields, ''] }),
  () => ({ basis: 'none' }),
  () => ({ code: 'not_found' }),
  () => ({ criteria: '' }),
  ({ request_id }) => ({ request_id: request_id.toUpperCase() }),
  () => ({ role: null }),
]

const attacks: Record<string, (trail: City[], place: Place) => Attacked> = {
  edit(trail, { tenant, number, position, at, way }) {
    const city = trail[tenant]!
    const line = changed(city.rows[at]!, edits[way % edits.length]!(parsed(city.rows[at]!)))
    const edited = { ...city, rows: put(city.rows, at, line) }
    const tenantId = tenants[tenant]!
    if (way % 6 === 5) {
      // Only what would say where: so that a later change could not be located.
      const blurred = withMarks(city, number, (marks) => put(marks, position - 1, Buffer.alloc(8)))
      return {
        cities: put(trail, tenant, blurred),
        expected: [{ tenantId, head: number, check: 'marks' }],
        anchored: false,
      }
    }
    if (way % 6 === 4) {
      // Nothing says where any more.
      const { marks: _, ...head } = JSON.parse(city.heads[number - 1]!) as Record<string, unknown>
      return {
        cities: put(trail, tenant, { ...edited, heads: put(city.heads, number - 1, JSON.stringify(head)) }),
        expected: [{ tenantId, head: number, check: 'root' }],
        anchored: false,
      }
    }
    if (way % 4 === 3) {
      const hidden = withMarks(edited, number, (marks) =>
        put(marks, position - 1, readRow(line).leaf.subarray(0, 8)),
      )
      return {
        cities: put(trail, tenant, hidden),
        expected: [{ tenantId, head: number, check: 'root' }],
        anchored: false,
      }
    }
    return {
      cities: put(trail, tenant, edited),
      expected: [{ tenantId, head: number, position, count: 1, id: parsed(line).id }],
      anchored: false,
    }
  },

  delete(trail, { tenant, number, position, at, way }) {
    const city = trail[tenant]!
    const gone = { ...city, rows: city.rows.toSpliced(at, 1) }
    const tenantId = tenants[tenant]!
    if (way % 4 === 3) {
      const hidden = withMarks(gone, number, (marks) => marks.toSpliced(position - 1, 1))
      return {
        cities: put(trail, tenant, hidden),
        expected: [{ tenantId, head: number, check: 'root' }],
        anchored: false,
      }
    }
    return {
      cities: put(trail, tenant, gone),
      expected: [{ tenantId, head: number, position, count: 1 }],
      anchored: false,
    }
  },

  insert(trail, { tenant, number, position, at, way }) {
    const city = trail[tenant]!
    const tenantId = tenants[tenant]!
    if (way % 4 === 3)
      // The same row twice: a key forbids it in the database, nothing does in a file.
      return {
        cities: put(trail, tenant, { ...city, rows: city.rows.toSpliced(at, 0, city.rows[at]!) }),
        expected: [{ tenantId, check: 'order', id: parsed(city.rows[at]!).id }],
        anchored: false,
      }
    if (way % 8 === 6)
      return {
        cities: put(trail, tenant, {
          ...city,
          rows: city.rows.toSpliced(at, 0, '{"action":"clients.read"}'),
        }),
        expected: [{ tenantId: '', check: 'line' }],
        anchored: false,
      }
    // Just before a row that was sealed.
    const id = parsed(city.rows[at]!).id.replace('-7000-', '-6fff-')
    const line = changed(city.rows[at]!, { id, request_id: id })
    const added = { ...city, rows: city.rows.toSpliced(at, 0, line) }
    if (way % 4 === 2) {
      const hidden = withMarks(added, number, (marks) =>
        marks.toSpliced(position - 1, 0, readRow(line).leaf.subarray(0, 8)),
      )
      return {
        cities: put(trail, tenant, hidden),
        expected: [{ tenantId, head: number, check: 'root' }],
        anchored: false,
      }
    }
    return {
      cities: put(trail, tenant, added),
      expected: [{ tenantId, head: number, position, count: 1, id }],
      anchored: false,
    }
  },

  reorder(trail, { tenant, number, position, at, way }) {
    const city = trail[tenant]!
    const tenantId = tenants[tenant]!
    const first = city.starts[number - 1]!
    const to =
      position === 1
        ? at + 1 + (way % Math.max(1, city.starts[number]! - at - 1))
        : first + (way % (at - first))
    const [a, b] = [city.rows[at]!, city.rows[to]!]
    if (way % 2 === 0) {
      // Two lines of the export change places; of two neighbours one alone stands wrong.
      const rows = put(put(city.rows, at, b), to, a)
      const [sooner, later] = at < to ? [at, to] : [to, at]
      return {
        cities: put(trail, tenant, { ...city, rows }),
        expected: [
          { tenantId, check: 'order', id: parsed(city.rows[later]!).id },
          { tenantId, head: number, covers: later - first + 1 },
          // Of three in reverse any two may be said to stand wrong.
          ...(later - sooner > 2 ? [{ tenantId, head: number, covers: sooner - first + 1 }] : []),
        ],
        anchored: false,
      }
    }
    // In the database: two rows exchange their place, so that what was second was first.
    const swap = (line: string, { xid, id }: RowOf) => changed(line, { xid, id })
    const rows = put(put(city.rows, at, swap(b, parsed(a))), to, swap(a, parsed(b)))
    return {
      cities: put(trail, tenant, { ...city, rows }),
      expected: [position, to - first + 1].map((place) => ({ tenantId, head: number, covers: place })),
      anchored: false,
    }
  },

  'swap municipality'(trail, { tenant, number, position, at, way }) {
    const city = trail[tenant]!
    const [tenantId, theirId] = [tenants[tenant]!, tenants[other(tenant)]!]
    const their = trail[other(tenant)]!
    if (way % 3 === 2) {
      // The head of another municipality in the place of ours.
      const { head, marks } = headAt(their.heads[number - 1]!)
      const heads = put(city.heads, number - 1, headLine({ ...head, tenantId }, marks))
      return {
        cities: put(trail, tenant, { ...city, heads }),
        expected: [{ tenantId, head: number, check: 'signature' }],
        anchored: false,
      }
    }
    const line = changed(city.rows[at]!, { tenant_id: theirId })
    const moved = resorted([...their.rows, line])
    const there = moved.indexOf(line)
    const theirHead = their.starts.findIndex((start) => start > there)
    const cities = put(put(trail, tenant, { ...city, rows: city.rows.toSpliced(at, 1) }), other(tenant), {
      ...their,
      rows: moved,
    })
    return {
      cities,
      expected: [
        { tenantId, head: number, position, count: 1 },
        // After its last head nothing is sealed there yet.
        ...(theirHead < 0 || there >= their.starts.at(-1)!
          ? []
          : [{ tenantId: theirId, id: parsed(line).id }]),
      ],
      anchored: false,
    }
  },

  'replay an old head'(trail, { tenant, number, way }) {
    const city = trail[tenant]!
    const tenantId = tenants[tenant]!
    const place = Math.max(2, number)
    const old = headAt(city.heads[way % (place - 1)]!)
    if (way % 2 === 0) {
      // As it was, signature and all. At the very end that is a truncation, which only the anchor knows.
      const heads = put(city.heads, place - 1, headLine(old.head, old.marks))
      const end = place === city.heads.length
      return {
        cities: put(trail, tenant, { ...city, heads }),
        expected: [{ tenantId, head: place, check: end ? 'anchor' : 'number' }],
        anchored: end,
      }
    }
    const heads = put(city.heads, place - 1, headLine({ ...old.head, number: place }, old.marks))
    return {
      cities: put(trail, tenant, { ...city, heads }),
      expected: [{ tenantId, head: place, check: 'signature' }],
      anchored: false,
    }
  },

  rebuild(trail, { tenant, number, at, way }) {
    const city = trail[tenant]!
    const tenantId = tenants[tenant]!
    const edited = { ...city, rows: put(city.rows, at, changed(city.rows[at]!, { user_id: idOf(500, 77) })) }
    const done = (made: City, expected: Expected, anchored = false) => ({
      cities: put(trail, tenant, made),
      expected: [expected],
      anchored,
    })
    switch (way % 4) {
      case 0: // With a key of their own.
        return done(rebuilt(edited, number, theirs), { tenantId, head: number, check: 'signature' })
      case 1: {
        // With a key of their own, under the name of ours.
        const key = { ...theirs, id: ours.id }
        return done(rebuilt(edited, number, key), { tenantId, head: number, check: 'signature' })
      }
      case 2: // With our key: only what was noted outside tells.
        return done(rebuilt(edited, number, ours), { tenantId, head: number, check: 'anchor' }, true)
      default: {
        // With our key, but this one head only.
        const last = number === city.heads.length
        const made = rebuilt(edited, number, ours, number)
        return last
          ? done(made, { tenantId, head: number, check: 'anchor' }, true)
          : done(made, { tenantId, head: number + 1, check: 'chain' })
      }
    }
  },

  truncate(trail, { tenant, number, position, at, way }) {
    const city = trail[tenant]!
    const tenantId = tenants[tenant]!
    const end = city.starts[number - 1]!
    switch (way % 4) {
      case 0: // The end of the rows; the heads stay.
        return {
          cities: put(trail, tenant, { ...city, rows: city.rows.slice(0, at) }),
          expected: [{ tenantId, head: number, position }],
          anchored: false,
        }
      case 1: // Rows and heads.
        return {
          cities: put(trail, tenant, {
            ...city,
            rows: city.rows.slice(0, end),
            heads: city.heads.slice(0, number - 1),
          }),
          expected: [{ tenantId, head: number, check: 'anchor' }],
          anchored: true,
        }
      case 2: // The heads, as if the rest had never been sealed.
        return {
          cities: put(trail, tenant, { ...city, heads: city.heads.slice(0, number - 1) }),
          expected: [{ tenantId, head: number, check: 'anchor' }],
          anchored: true,
        }
      default: // All there is of the municipality.
        return {
          cities: put(trail, tenant, { rows: [], heads: [], starts: [0] }),
          expected: [{ tenantId, head: 1, check: 'anchor' }],
          anchored: true,
        }
    }
  },
}

export interface ClassOf {
  attack: string
  tried: number
  /** Something was found. */
  found: number
  /** What was found says where: municipality, head and, where the marks were left alone, the row; and nothing elsewhere. */
  located: number
}
export interface AuditAttacks {
  suite: string
  tried: number
  found: number
  located: number
  classes: ClassOf[]
  /** The first few that were not found, or not where they are. */
  missed: string[]
}

export type Verify = typeof verifyTrail

/** Eight ways × so many places, each on a trail that is sound otherwise. `verify` may be one that looks at less. */
export async function auditAttacks({
  positions,
  progress = () => {},
  verify = verifyTrail,
}: {
  positions: number
  progress?: (line: string) => void
  verify?: Verify
}): Promise<AuditAttacks> {
  // A thousand places: a thousand rows. For a sample a short trail will do.
  const trail = positions > 100 ? aTrail(14, 24) : aTrail(8, 6)
  const keys = [ours.publicKey]
  // What does not change from attack to attack is read once: rows and signatures by their text.
  const rowOf = remembered((line: string) => readLine(line, 0, readRow))
  const headOf = remembered((line: string) => readLine(line, 0, readHeadWith(keys)))
  const anchors = readAnchors(
    trail.flatMap(({ heads }) => heads.map((line) => anchorLine(headAt(line).head))),
    keys,
  )

  async function findingsIn({ cities, anchored }: Pick<Attacked, 'cities' | 'anchored'>) {
    const found: Finding[] = []
    const rows: Read<Row>[] = cities.flatMap((city) => city.rows.map(rowOf))
    const heads: Read<SealedHead>[] = cities.flatMap((city) => city.heads.map(headOf))
    await verify({ rows, heads, ...(anchored && { anchors }) }, (finding) => found.push(finding))
    return found
  }
  for (const anchored of [false, true]) {
    const [finding] = await findingsIn({ cities: trail, anchored })
    if (finding) throw new Error(`a sound trail was refused: ${JSON.stringify(finding)}`)
  }

  const missed: string[] = []
  const classes: ClassOf[] = []
  const steps = trail.flatMap(({ starts }, tenant) =>
    starts.slice(0, -1).flatMap((start, index) =>
      Array.from({ length: starts[index + 1]! - start }, (_, row) => ({
        tenant,
        number: index + 1,
        position: row + 1,
        at: start + row,
      })),
    ),
  )
  for (const [attack, change] of Object.entries(attacks)) {
    const result: ClassOf = { attack, tried: 0, found: 0, located: 0 }
    const pick = chance(attack.length * 7919)
    for (let one = 0; one < positions; one++) {
      // Every row of the trail before any of them again; below that, evenly over it.
      const at = positions >= steps.length ? one % steps.length : Math.floor((one * steps.length) / positions)
      const place = { ...steps[at]!, way: positions > 100 ? pick(1 << 20) : one }
      const attacked = change(trail, place)
      const findings = await findingsIn(attacked)
      const touched = new Set(attacked.expected.map(({ tenantId }) => tenantId))
      if (attack === 'swap municipality') touched.add(tenants[other(place.tenant)]!)
      const there = attacked.expected.every((expected) => findings.some((finding) => says(finding, expected)))
      const nowhereElse = findings.every(({ tenantId }) => touched.has(tenantId))
      result.tried += 1
      if (findings.length > 0) result.found += 1
      if (there && nowhereElse) result.located += 1
      else if (missed.length < 20)
        missed.push(
          `${attack} ${JSON.stringify(place)}: expected ${JSON.stringify(attacked.expected)}, found ${JSON.stringify(findings.slice(0, 4))}`,
        )
    }
    classes.push(result)
    progress(`${attack}: ${result.tried} tried, ${result.found} found, ${result.located} located`)
  }
  const sum = (of: 'tried' | 'found' | 'located') => classes.reduce((all, one) => all + one[of], 0)
  return {
    suite: 'audit trail',
    tried: sum('tried'),
    found: sum('found'),
    located: sum('located'),
    classes,
    missed,
  }
}

function says(finding: Finding, { covers, ...expected }: Expected): boolean {
  const { position = 0, count = 1 } = finding
  if (covers !== undefined && (covers < position || covers >= position + count)) return false
  return Object.entries(expected).every(([name, value]) => finding[name as keyof Finding] === value)
}

function remembered<T>(read: (line: string) => T) {
  const known = new Map<string, T>()
  return (line: string): T => {
    let value = known.get(line)
    if (value === undefined) known.set(line, (value = read(line)))
    return value
  }
}

/** Verifiers that do not look at one thing: each of them has to miss attacks, or that check is for nothing. */
export const blind = (check: Finding['check']): Verify => {
  return (trail, told, progress) =>
    verifyTrail(trail, (finding) => finding.check !== check && told(finding), progress)
}
