// Does each wall stand alone? Once with the table of roles open for everybody, once without row-level security.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { access, roles, type Rule } from '../../src/access.ts'
import { createChecker } from '../support/answers.ts'
import { lotse } from '../support/app.ts'
import { cast, nora, otto } from '../support/cast.ts'
import { createClient } from '../support/http.ts'
import { anyCanary, worlds } from '../support/world.ts'
import { attempts } from './attempts.ts'

const service = await lotse()
const { as, routes, signIn, keys, log, urls, document } = service
const { own } = await worlds(service)
const table = attempts(service)

const readable = routes.flatMap(({ method, url, config }) => {
  const { names, query = '' } = table[config!.action!] ?? {}
  const asks = method === 'GET' && typeof (access[config!.action!] as Rule).who !== 'string'
  return asks ? [`${url.replace(':id', names ? own[names] : '')}?${query}`.replace(/\?$/, '')] : []
})

test('there is a lot to read', () => expect(readable.length).toBeGreaterThan(25))

describe('with every action open for every role, row-level security alone', () => {
  const rules = access as unknown as Record<string, { who: unknown; content?: boolean }>
  const before = structuredClone(rules)
  beforeAll(() => {
    for (const rule of Object.values(rules))
      if (Array.isArray(rule.who)) Object.assign(rule, { who: roles, content: false })
  })
  afterAll(() => {
    for (const [action, rule] of Object.entries(before)) Object.assign(rules[action]!, rule)
  })

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
})

test('without row-level security the statements alone keep the municipalities apart', async () => {
  const open = await createApp({ databaseUrl: urls.admin, databasePool: 2, keys, log })
  try {
    const address = await open.app.listen({ host: '127.0.0.1', port: 0 })
    const check = createChecker(document)
    for (const member of [otto, cast.oda, cast.olaf, cast.orhan, cast.odila]) {
      const client = createClient(address, check, (await signIn(member)).accessToken)
      for (const path of readable) {
        const { text } = await client.get(path)
        for (const secret of [/Kanari-own/, /Lindenau/, /Nora/])
          expect(text, `${member.key} ${path}`).not.toMatch(secret)
      }
    }
    // The wall really was down: another unit of the same city sees the case.
    const mira = createClient(address, check, (await signIn(cast.mira)).accessToken)
    expect((await mira.get(`/v1/cases/${own.case}`)).status).toBe(200)
  } finally {
    await open.app.close()
  }
})
