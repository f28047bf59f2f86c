// Does each wall stand alone? Once with the table of roles open for everybody, once without row-level security.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { access, roles, type Rule } from '../../src/access.ts'
import { createChecker } from '../support/answers.ts'
import { lotse } from '../support/app.ts'
import { cast, nora, otto, type Member } from '../support/cast.ts'
import { noted } from '../support/figures.ts'
import { createClient, type Client } from '../support/http.ts'
import { anyCanary } from '../support/world.ts'
import { actions, cellsOf, eachOf, isNoMember, matrix, succeeds, type Cell } from './cells.ts'

const service = await lotse()
const { as, routes, signIn, keys, log, urls, document } = service
const { own, recordsFor, call, table } = await matrix(service)

const every = inject('figures').layers
const mayBeAsked = actions.filter(
  (action) =>
    !isNoMember(action) && typeof (access[action] as Rule).who !== 'string' && action !== 'auth.sign_out',
)
/** Every cell, or one of so many, evenly over all actions. */
const cells = mayBeAsked.flatMap(cellsOf).filter((_, at) => at % every === 0)

const readable = routes.flatMap(({ method, url, config }) => {
  const { names, query = '' } = table[config!.action!] ?? {}
  const asks = method === 'GET' && typeof (access[config!.action!] as Rule).who !== 'string'
  return asks ? [`${url.replace(':id', names ? own[names] : '')}?${query}`.replace(/\?$/, '')] : []
})

test('there is a lot to read', () => expect(readable.length).toBeGreaterThan(25))

const secrets = /Kanari-(own|other-unit|shielded|other-city)-Vogel/g
/** What may be read of whom: of one's own unit its own people, and what one has recorded oneself. */
function foreignIn({ actor, relation, expected }: Cell, text: string): string[] {
  const navigates = actor.organizationId === nora.organizationId && actor.role.startsWith('navigat')
  const theirs = navigates || (relation === 'own' && succeeds(expected))
  return [...new Set(text.match(secrets) ?? [])].filter((found) => !(theirs && found === 'Kanari-own-Vogel'))
}
const foreigners = ['other unit', 'shielded', 'other city', 'nowhere']

describe('with every action open for every role, row-level security alone', () => {
  const rules = access as unknown as Record<string, { who: unknown; content?: boolean }>
  const before = structuredClone(rules)
  const open = () => {
    for (const rule of Object.values(rules))
      if (Array.isArray(rule.who)) Object.assign(rule, { who: roles, content: false })
  }
  const close = () => {
    for (const [action, rule] of Object.entries(before)) Object.assign(rules[action]!, rule)
  }
  beforeAll(open)
  afterAll(close)

  const strangers = Object.values(cast).filter(
    ({ organizationId }) => ![nora.organizationId, cast.agnes.organizationId].includes(organizationId),
  )

  test.each(strangers)('shows nothing about a person of Nora’s to $name ($role)', async (stranger) => {
    const client = await as(stranger)
    let opened = 0
    for (const path of readable) {
      const { status, text } = await client.get(path)
      expect(text, path).not.toContain('Kanari-own')
      if (status === 200) opened += 1
    }
    // The roles really were open: lists answered, though with nothing of Nora's.
    expect(opened).toBeGreaterThan(8)
  })

  test('still shows Nora her own', async () => {
    const answer = await (await as(nora)).get(`/v1/clients/${own.client}`)
    expect(answer.text).toMatch(anyCanary)
  })

  test(
    'leaks no row of another unit, of somebody shielded or of another city in any cell of the matrix',
    { timeout: 1_800_000 },
    async ({ task }) => {
      let opened = 0
      // With a wall open an operation may answer what it never answers otherwise: that is no leak.
      const asUnchecked = async (member: Member) =>
        createClient(service.address, () => {}, (await as(member)).token)
      const wrong = await eachOf(cells, async (cell) => {
        // What a cell needs is made as it always is: behind both walls.
        const records = await recordsFor(cell)
        const { status, text } = await call(cell, records, asUnchecked)
        if (cell.expected === 403 && status < 300) opened += 1
        const said = `${cell.action} ${cell.actor.role}, ${cell.relation}: ${status}`
        const foreign = foreignIn(cell, text).map((found) => `${said} shows ${found}`)
        // What belongs to a unit stays there, whatever the role: nobody reads or writes a foreign row.
        const mine = cellsOf(cell.action).find(
          ({ relation, actor, expected }) =>
            relation === cell.relation && actor.role === 'navigator' && expected === 404,
        )
        if (mine && foreigners.includes(cell.relation) && status < 300 && cell.expected !== 200)
          foreign.push(`${said} although no navigator finds it`)
        return foreign
      })
      noted(task, {
        suite: 'single layer: policies alone',
        tried: `${cells.length} cells with access.ts open (${opened} went further than 403)`,
        found: `${wrong.length} foreign rows`,
        defects: 'see flips of row policies',
      })
      expect(wrong).toEqual([])
      expect(opened).toBeGreaterThan(cells.length / 100)
    },
  )
})

test(
  'without row-level security the statements alone keep the municipalities apart, in every cell of the matrix',
  { timeout: 1_800_000 },
  async ({ task }) => {
    const open = await createApp({ databaseUrl: urls.admin, databasePool: 4, keys, log })
    try {
      const address = await open.app.listen({ host: '127.0.0.1', port: 0 })
      const check = createChecker(document)
      const clients = new Map<string, Promise<Client>>()
      const asOpen = (member: Member) => {
        const client =
          clients.get(member.key) ??
          signIn(member).then(({ accessToken }) => createClient(address, check, accessToken))
        clients.set(member.key, client)
        return client
      }
      const outsiders = Object.values(cast).filter(({ municipality }) => municipality === 'ostheim')
      const said = [/Kanari-(own|other-unit|shielded)/, /Lindenau/, /Nora/]
      for (const member of [otto, cast.oda, cast.olaf, cast.orhan, cast.odila]) {
        const client = await asOpen(member)
        for (const path of readable) {
          const { text } = await client.get(path)
          for (const secret of said) expect(text, `${member.key} ${path}`).not.toMatch(secret)
        }
      }
      // Whoever is asked from the other city, with the records of this one: 404 by the statement, or nothing.
      const asked = cells.filter(({ relation }) =>
        ['own', 'shielded', 'same city', 'in general'].includes(relation),
      )
      const wrong = await eachOf(asked, async ({ action, actor, relation, expected }) => {
        const twin = outsiders.find(({ role }) => role === actor.role)!
        const cell = { action, actor: twin, relation, expected }
        const { status, text } = await call(cell, own, asOpen)
        const what = `${action} ${twin.role}, ${relation} of the other city: ${status}`
        const shown = said
          .filter((secret) => secret.test(text))
          .map((secret) => `${what} shows ${secret.source}`)
        const names = table[action]?.names
        if (names && status < 300) shown.push(`${what} finds a foreign record`)
        return shown
      })
      // The wall really was down: another unit of the same city sees the case.
      const mira = await asOpen(cast.mira)
      expect((await mira.get(`/v1/cases/${own.case}`)).status).toBe(200)
      noted(task, {
        suite: 'single layer: statements alone',
        tried: `${asked.length} cells from the other city, as a role that no policy binds`,
        found: `${wrong.length} foreign rows`,
        defects: 'the wall that is down: another unit of the same city is seen',
      })
      expect(wrong).toEqual([])
    } finally {
      await open.app.close()
    }
  },
)

test('a cell that leaks is found', () => {
  const cell = (actor: Member): Cell => ({ action: 'cases.read', actor, relation: 'own', expected: 403 })
  expect(foreignIn(cell(nora), 'Kanari-own-Vogel')).toEqual([])
  expect(foreignIn(cell(nora), 'Kanari-shielded-Vogel')).toHaveLength(1)
  expect(foreignIn(cell(cast.paul), 'Kanari-own-Vogel')).toHaveLength(1)
  expect(foreignIn(cell(otto), 'x Kanari-own-Vogel')).toHaveLength(1)
})
