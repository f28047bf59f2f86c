// How is one cell of the matrix tried, and what is looked at? Real requests, and the body beside the status.
import { access, type Action } from '../../src/access.ts'
import type { Lotse } from '../support/app.ts'
import { mira, offers, type Member } from '../support/cast.ts'
import type { Answer as Told, Client } from '../support/http.ts'
import type { Organization } from '../support/people.ts'
import { actors, anyCanary, aWorld, canary, nowhere, worlds, type Records } from '../support/world.ts'
import { attempts, incoming, placeOf } from './attempts.ts'
import { expectation, type Answer, type Relation } from './expectation.ts'

export interface Cell {
  action: Action
  actor: Member
  relation: Relation
  expected: Answer
}

export interface Audited {
  user: string
  action: string
  status: number
  request: string | null
  object: string | null
}

export const succeeds = (expected: Answer) => typeof expected === 'string' || expected < 300

export function cellsOf(action: Action): Cell[] {
  const lines = expectation[action] ?? []
  const relations = [...new Set(lines.flatMap(({ answers }) => Object.keys(answers) as Relation[]))]
  return actors.flatMap((actor) =>
    relations.flatMap((relation) => {
      const mine = lines.filter(({ who }) => who.includes(actor.role))
      if (mine.length === 0) return [{ action, actor, relation, expected: 403 }]
      const said = mine.find(({ answers }) => answers[relation] !== undefined)
      return said ? [{ action, actor, relation, expected: said.answers[relation]! }] : []
    }),
  )
}

export const actions = Object.keys(access) as Action[]
/** There is nothing that a member could call: the command line, the clock, the courier, the sealer, and whoever follows a link. */
export const isNoMember = (action: Action) =>
  ['installer', 'clock', 'courier', 'messenger', 'sealer', 'provider', 'link_holder'].includes(
    String(access[action].who),
  )

/** A few at a time, in any order. */
export async function eachOf<T, R>(
  given: readonly T[],
  work: (one: T) => Promise<R[]>,
  atOnce = 8,
): Promise<R[]> {
  const waiting = [...given]
  const answers: R[] = []
  const worker = async () => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) answers.push(...(await work(one)))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return answers
}

/** The records of every relation, and how a cell is tried on them. */
export async function matrix(service: Lotse) {
  const { as, signIn, nobody, routes, sql } = service
  const table = attempts(service)

  const { own, ...foreign } = await worlds(service)
  const inboxes = await Promise.all(
    (['mitte', 'wehr', 'jugendamt', 'aufbruch'] as const).map(async (to) => {
      const [received, withdrawn, expired] = await Promise.all([
        aWorld('received', service, mira, to),
        aWorld('received', service, mira, to),
        aWorld('received', service, mira, to),
      ])
      await (await as(mira)).post(`/v1/releases/${withdrawn.release}/withdraw`)
      await aged(expired)
      return [to, { received, withdrawn, expired }] as const
    }),
  )
  const inboxOf = new Map<Organization, (typeof inboxes)[number][1]>(inboxes)

  /** Time passes: whatever was released with these records has run out. */
  async function aged({ referral, handover }: Partial<Records>) {
    const subject = [referral ?? null, handover ?? null]
    await sql(
      `update disclosures set valid_until = now() - interval '1 minute' where subject_id = any ($1)`,
      [subject],
    )
    await sql(
      `update attachments set valid_until = now() - interval '1 minute' where valid_until is not null
       and referral_id in (select $1::uuid union select referral_id from handovers where id = $2::uuid)`,
      subject,
    )
    await sql(
      `update releases set valid_until = now() - interval '1 minute' where id in (select release_id from referrals where id = any ($1)
       union select release_id from handovers where id = any ($1))`,
      [subject],
    )
  }

  async function recordsFor({ action, actor, relation, expected }: Cell): Promise<Records> {
    const { fresh, received } = table[action] ?? {}
    const all = { ...nowhere(), ...own }
    switch (relation) {
      case 'own':
      case 'same city':
        return succeeds(expected) && fresh ? { ...all, ...(await fresh(actor)) } : all
      case 'own organisation':
        return { ...all, organization: actor.organizationId, offer: offers[placeOf(actor)] }
      case 'received':
      case 'withdrawn':
      case 'expired': {
        const place = placeOf(actor)
        const shared = inboxOf.get(place)?.[relation] ?? own
        if (!succeeds(expected) || !received) return shared
        const made = await received(place)
        if (relation === 'expired') await aged(made)
        return { ...shared, ...made }
      }
      case 'in general':
        return all
      case 'nowhere':
        return nowhere()
      default:
        return foreign[relation]
    }
  }

  /** `open`: whose client is asked, where it is another service on the same data. */
  async function call(
    cell: Cell,
    records: Records,
    open: (member: Member) => Promise<Client> = as,
  ): Promise<Told> {
    const { action, actor, relation } = cell
    const { names, query, body, form } = table[action] ?? {}
    if (action === 'auth.refresh')
      return nobody.post('/v1/auth/refresh', { refreshToken: (await signIn(actor)).refreshToken })
    const route = routes.find(({ config }) => config?.action === action)!
    const path = `${route.url.replace(':id', names ? records[names] : '')}${query ? `?${query}` : ''}`
    const client = action === 'auth.sign_out' ? (await signIn(actor)).client : await open(actor)
    if (form)
      return nobody.send('POST', path, await form(), { 'content-type': 'application/x-www-form-urlencoded' })
    const given = body?.(records, actor, relation)
    if (route.method === 'GET') return client.get(path)
    if (route.method === 'POST') return client.post(path, given)
    const { headers } = await client.get(path)
    const ifMatch = headers['etag'] ?? '"1.AAAAAAAA"'
    if (route.method === 'DELETE') return client.send('DELETE', path, undefined, { 'if-match': ifMatch })
    return client.patch(path, given, { ifMatch })
  }

  /** What is wrong with an answer: its status, and what its body shows of whom. */
  function judge({ action, actor, relation, expected }: Cell, { status, text, body }: Told): string[] {
    const wrong: string[] = []
    const says = (what: string) => wrong.push(`${action} ${actor.role}, ${relation}: ${what}`)
    if (typeof expected === 'number' ? status !== expected : status !== 200)
      says(`${status} ${body?.code ?? ''} instead of ${expected}`)
    const mine = incoming.includes(relation) ? 'received' : 'own'
    if (expected === 'content' && !text.includes(canary(mine))) says('shows nothing of the person')
    const shown = text.match(/Kanari-[a-z-]+-Vogel/g) ?? []
    const allowed = succeeds(expected) && expected !== 'thread' ? [canary(mine)] : []
    for (const found of new Set(shown)) if (!allowed.includes(found)) says(`shows ${found}`)
    if (status >= 400 && anyCanary.test(text)) says('a refusal says something about a person')
    return wrong
  }

  /** One cell: the status, what the body shows and what it does not, and a place in the audit trail. */
  async function holds(cell: Cell): Promise<string[]> {
    const { action, actor } = cell
    const records = await recordsFor(cell)
    const answer = await call(cell, records)
    tried.cells += 1
    if (access[action].who !== 'public' && access[action].who !== 'login') {
      const { names } = table[action] ?? {}
      const object =
        names && routes.find(({ config }) => config?.action === action)!.url.includes(':id')
          ? records[names]
          : null
      answered.push({
        user: actor.userId,
        action,
        status: answer.status,
        request: answer.status >= 400 ? answer.body.requestId : null,
        object,
      })
    }
    return judge(cell, answer)
  }

  const answered: Audited[] = []
  const tried = { cells: 0 }
  return { own, foreign, table, recordsFor, call, judge, holds, answered, tried }
}
