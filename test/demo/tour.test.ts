// Does the tour notice a broken promise, and do its examples look the same every time?
import { expect, test } from 'vitest'
import { examplesOf, type Description } from '../../src/demo/tour/examples.ts'
import { createScribe, type Someone } from '../../src/demo/tour/scribe.ts'
import type { Answer } from '../../src/demo/voice.ts'

const anton = { id: '', name: 'Anton', organizationId: '' } as Someone
const answer = (status: number, body: object = {}) => Promise.resolve({ status, body } as Answer)

function listening() {
  const lines: string[] = []
  return { lines, ...createScribe((line) => lines.push(line), false) }
}

test('a promise that is not kept ends the tour with its name', () => {
  const { promise, counts } = listening()
  expect(() => promise('nobody gets lost', false)).toThrow('nobody gets lost')
  expect(counts.promises).toBe(0)
})

test('somebody who sees what they must not see ends the tour', async () => {
  const { refused, lines } = listening()
  await expect(refused(anton, 'reads the case', answer(200), 404, 'a case is not seen')).rejects.toThrow(
    'a case is not seen',
  )
  expect(lines).toEqual([])
})

test('what does not work ends the tour, and what works is told from the answer', async () => {
  const { saw, lines, counts } = listening()
  await expect(saw(anton, 'accepts', answer(409, { code: 'referral_not_open' }), () => '')).rejects.toThrow(
    'referral_not_open',
  )
  await saw(anton, 'accepts', answer(200, { status: 'accepted' }), ({ status }) => status)
  expect(lines).toEqual([expect.stringMatching(/Anton +accepts +→ accepted$/)])
  expect(counts).toEqual({ steps: 1, promises: 0, refusals: 0 })
})

const description: Description = {
  paths: {
    '/v1/things/{id}': {
      get: { operationId: 'things.read', responses: { 200: { content: { 'application/json': {} } } } },
    },
  },
}
const read = (id: string, response: object) => ({
  method: 'GET',
  url: `/v1/things/${id}`,
  status: 200,
  answers: 'application/json',
  request: undefined,
  response,
})

test('an example keeps its shape and loses ids, days and tokens of the day on which it was recorded', () => {
  const id = '0199f2f0-4d5e-7a31-8c11-aabbccddeeff'
  const on = (today: string, days: [string, string], thing: string) =>
    examplesOf(
      description,
      [
        read(thing, {
          id: thing,
          same: thing,
          on: days[0],
          at: `${days[1]}T21:07:08.123Z`,
          accessToken: thing.repeat(3),
        }),
      ],
      today,
    )
  const one = on('2030-01-10', ['2030-01-12', '2030-01-10'], id)
  expect(one).toEqual(on('2031-07-20', ['2031-07-22', '2031-07-20'], id.replace('0199', '019a')))
  const { response } = one['things.read'] as { response: Record<string, string> }
  expect(response['same']).toBe(response['id'])
  expect(response['on']).toBe('2026-03-04')
  expect(JSON.stringify(one)).not.toContain(id)
})

test('an operation that nobody has tried is named', () => {
  expect(() => examplesOf(description, [], '2030-01-10')).toThrow('things.read')
})
