// Is a clearing saved piece by piece, complete when it is finished, and unchangeable ever after?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { anton, carla, hanna, mira, nora, otto } from '../support/cast.ts'
import { done, today } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'
import { codes } from '../../src/modules/vocabularies/index.ts'

const { as, aCase, aClient, sql, asService, logged } = await lotse()

const everyDomain = Object.fromEntries(
  codes('life_domain').map((domain) => [domain, { need: 'n1', note: '' }]),
)

async function begun(given: Record<string, unknown> = {}) {
  const { id: caseId } = await aCase(given)
  const { body } = done(await (await as(nora)).post(`/v1/cases/${caseId}/clearings`))
  return { caseId, id: body.id, path: `/v1/clearings/${body.id}`, begun: body }
}

async function finished(change: Record<string, unknown> = {}, given: Record<string, unknown> = {}) {
  const clearing = await begun(given)
  const client = await as(nora)
  done(await client.edit(clearing.path, { ratings: everyDomain, ...change }))
  return { ...clearing, body: done(await client.post(`${clearing.path}/finish`)).body }
}

test('everybody reads the guide: fourteen domains, three languages, and which wording is official', async () => {
  const client = await as(carla)
  const { items } = (await client.get('/v1/clearing-guides')).body
  expect(items).toHaveLength(1)
  const guide = (await client.get(`/v1/clearing-guides/${items[0]!.id}`)).body
  expect(guide['domains']).toHaveLength(14)
  expect(guide['auditC']).toMatchObject({ official: { en: true, de: false, da: false } })
  expect((guide['auditC'] as { notice: object }).notice).toHaveProperty('da')
  const foreign = await (await as(otto)).get(`/v1/clearing-guides/${items[0]!.id}`)
  expect(foreign.status).toBe(404)
})

test('a clearing begins with the newest guide and moves the case on', async () => {
  const { begun: body, caseId } = await begun()
  expect(body).toMatchObject({
    status: 'started',
    guideNumber: 1,
    previousClearingId: null,
    auditC: null,
    version: 1,
  })
  expect((await (await as(nora)).get(`/v1/cases/${caseId}`)).body).toMatchObject({
    phase: 'assessment',
    version: 2,
  })
})

test('what was saved is there again, and nothing of it in the log', async () => {
  const { path } = await begun()
  const client = await as(nora)
  const saved = done(
    await client.edit(path, {
      answers: { 'substance_use.main': 'alcohol', 'social_family.relationships': 'Kanarienvogel' },
      ratings: { housing: { skipped: 'later' } },
      wishes: 'Sleep again',
    }),
  )
  expect(saved.body).toMatchObject({ version: 2, ratings: { housing: { skipped: 'later', note: '' } } })
  done(await client.edit(path, { answers: { 'substance_use.main': null }, strengths: 'Patience' }))
  expect((await client.get(path)).body).toMatchObject({
    answers: { 'social_family.relationships': 'Kanarienvogel' },
    strengths: 'Patience',
    wishes: 'Sleep again',
    version: 3,
  })
  expect((await client.get(path)).body['answers']).not.toHaveProperty(['substance_use.main'])
  expect(logged().join('')).not.toContain('Kanarienvogel')
})

test('an answer that does not fit its question saves nothing', async () => {
  const { path } = await begun()
  const client = await as(nora)
  const answer = await client.edit(path, {
    answers: { 'substance_use.main': 'alcohol', 'substance_use.since_age': 200, 'housing.view': 'sea' },
  })
  expect(answer).toMatchObject({ status: 400, body: { code: 'answer_does_not_fit' } })
  expect(answer.body.errors.map(({ pointer, code }) => [pointer, code])).toEqual([
    ['/answers/substance_use.since_age', 'answer_does_not_fit'],
    ['/answers/housing.view', 'unknown_question'],
  ])
  expect((await client.get(path)).body).toMatchObject({ answers: {}, version: 1 })
})

test.each([
  [{ ratings: { housing: { need: 'nx' } } }, '/ratings/housing'],
  [{ ratings: { housing: { skipped: 'other' } } }, '/ratings/housing'],
  [{ ratings: { castle: { need: 'n1' } } }, '/ratings/castle'],
  [{ ratings: { housing: { need: 'n1', skipped: 'later' } } }, '/ratings/housing'],
  [{ auditC: { answers: [1, 2], language: 'de' } }, '/auditC/answers'],
  [{ auditC: { answers: [1, 2, 5], language: 'de' } }, '/auditC/answers/2'],
  [{ answers: { __proto__x: 'y' } }, '/answers/__proto__x'],
  [{ status: 'finished' }, '/status'],
])('%j is refused at its place', async (change, pointer) => {
  const { path } = await begun()
  const { status, body } = await (await as(nora)).edit(path, change)
  expect(status).toBe(400)
  expect(body.errors.map((error) => error.pointer).join(' ')).toContain(pointer)
})

test('every domain is rated or skipped before a clearing is finished', async () => {
  const { path } = await begun()
  const client = await as(nora)
  const { housing, legal, ...rest } = everyDomain
  done(await client.edit(path, { ratings: { ...rest, housing } }))
  const answer = await client.post(`${path}/finish`)
  expect(answer).toMatchObject({ status: 409, body: { code: 'clearing_incomplete' } })
  expect(answer.body.errors.map(({ pointer }) => pointer)).toEqual(['/ratings/legal'])
  done(await client.edit(path, { ratings: { legal: { skipped: 'person_declined' } } }))
  expect(done(await client.post(`${path}/finish`)).body).toMatchObject({ status: 'finished' })
  void legal
})

test('a finished clearing moves the case to planning and never changes again', async () => {
  const { path, caseId, body, id } = await finished({ wishes: 'Sleep again' })
  const client = await as(nora)
  expect(body['finishedAt']).toBeTruthy()
  expect((await client.get(`/v1/cases/${caseId}`)).body['phase']).toBe('planning')
  for (const answer of [
    await client.edit(path, { wishes: 'Other' }),
    await client.post(`${path}/pause`),
    await client.post(`${path}/resume`),
    await client.post(`${path}/finish`),
    await client.post(`${path}/discard`),
  ])
    expect(answer).toMatchObject({ status: 409, body: { code: 'clearing_is_final' } })
  const nobody = await asService(contextOf(nora), `update clearings set wishes = 'Other' where id = $1`, [id])
  expect(nobody.rowCount).toBe(0)
  await expect(asService(contextOf(nora), `delete from clearings where id = $1`, [id])).rejects.toThrow(
    'permission denied',
  )
  expect((await client.get(path)).text).toContain('Sleep again')
})

test('guide, case and person of a draft stay, and a published guide too, also for the service itself', async () => {
  const { id } = await begun()
  const tries = ['guide_id = id', 'case_id = id', 'client_id = id', 'previous_clearing_id = id']
  for (const change of tries)
    await expect(
      asService(contextOf(nora), `update clearings set ${change} where id = $1`, [id]),
    ).rejects.toThrow('permission denied')
  await expect(asService(contextOf(carla), `update clearing_guides set number = 2`)).rejects.toThrow(
    'permission denied',
  )
})

test('the next clearing points back to the finished one, not to a discarded one', async () => {
  const { id, caseId } = await finished()
  const client = await as(nora)
  const second = done(await client.post(`/v1/cases/${caseId}/clearings`)).body
  expect(second['previousClearingId']).toBe(id)
  expect(done(await client.post(`/v1/clearings/${second.id}/discard`)).body.status).toBe('discarded')
  const third = done(await client.post(`/v1/cases/${caseId}/clearings`)).body
  expect(third['previousClearingId']).toBe(id)
  const { items } = (await client.get(`/v1/cases/${caseId}/clearings`)).body
  expect(items.map((item) => item.id)).toEqual([third.id, second.id, id])
  expect(items[0]).not.toHaveProperty('answers')
  const page = (await client.get(`/v1/cases/${caseId}/clearings?limit=2`)).body
  const rest = (await client.get(`/v1/cases/${caseId}/clearings?limit=2&cursor=${page.nextCursor}`)).body
  expect([...page.items, ...rest.items].map((item) => item.id)).toEqual([third.id, second.id, id])
})

test('one clearing at a time in a case, also when several begin at once', async () => {
  const { id: caseId } = await aCase()
  const client = await as(nora)
  const answers = await Promise.all([1, 2, 3].map(() => client.post(`/v1/cases/${caseId}/clearings`)))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
  expect(answers.find(({ status }) => status === 409)!.body.code).toBe('clearing_under_way')
})

test('a paused clearing waits, and goes on where it stopped', async () => {
  const { path } = await begun()
  const client = await as(nora)
  done(await client.edit(path, { wishes: 'Sleep again' }))
  expect(done(await client.post(`${path}/pause`)).body.status).toBe('paused')
  expect((await client.edit(path, { wishes: '' })).body.code).toBe('clearing_paused')
  expect((await client.post(`${path}/finish`)).body.code).toBe('clearing_paused')
  expect(done(await client.post(`${path}/resume`)).body).toMatchObject({
    status: 'started',
    wishes: 'Sleep again',
  })
})

test('nothing begins or goes on in a closed case', async () => {
  const { caseId, path } = await begun()
  const client = await as(nora)
  done(
    await client.post(`/v1/cases/${caseId}/close`, {
      endType: codes('case_end_type')[0],
      outcome: codes('outcome_rating')[0],
    }),
  )
  for (const answer of [
    await client.edit(path, { wishes: 'Other' }),
    await client.post(`${path}/finish`),
    await client.post(`/v1/cases/${caseId}/clearings`),
  ])
    expect(answer).toMatchObject({ status: 409, body: { code: 'case_closed' } })
})

test('the AUDIT-C is scored by the municipality’s cut-off and says when its wording is our own', async () => {
  const { id: clientId } = await aClient({ gender: 'female' })
  const { body, path } = await finished({ auditC: { answers: [3, 0, 0], language: 'de' } }, { clientId })
  const expected = {
    answers: [3, 0, 0],
    officialWording: false,
    notice: { de: expect.stringContaining('Eigene Übersetzung') as string },
    result: { score: 3, positive: true, cutoff: 3, onlyFrequency: true },
  }
  expect(body['auditC']).toMatchObject(expected)
  expect((await (await as(nora)).get(path)).body['auditC']).toMatchObject(expected)

  const { id: man } = await aClient({ gender: 'male' })
  const english = await finished({ auditC: { answers: [3, 0, 0], language: 'en' } }, { clientId: man })
  expect(english.body['auditC']).toMatchObject({
    officialWording: true,
    notice: null,
    result: { positive: false, cutoff: 4 },
  })
})

test('without the AUDIT-C a clearing is finished all the same', async () => {
  const { body } = await finished()
  expect(body['auditC']).toBeNull()
})

test('fear for somebody’s safety makes a task for today, once per question', async () => {
  const { path, caseId, id } = await begun()
  const client = await as(nora)
  const tasks = async () => (await client.get(`/v1/tasks?caseId=${caseId}`)).body.items
  done(await client.edit(path, { answers: { 'health_mental.suicidal': 'earlier' } }))
  expect(await tasks()).toEqual([])
  done(await client.edit(path, { answers: { 'health_mental.suicidal': 'yes' } }))
  expect(await tasks()).toMatchObject([{ kind: 'safety_prompt', dueOn: today(), originId: id }])
  done(await client.edit(path, { answers: { 'health_mental.suicidal': 'no' } }))
  done(await client.edit(path, { answers: { 'health_mental.suicidal': 'yes' } }))
  expect(await tasks()).toHaveLength(1)
  done(await client.edit(path, { answers: { 'violence_safety.current_danger': 'unsure' } }))
  expect(await tasks()).toHaveLength(2)
  // No answer moves anything else by itself.
  expect((await client.get(`/v1/cases/${caseId}`)).body.status).toBe('open')
})

test('a refused save makes no task', async () => {
  const { path, caseId } = await begun()
  const client = await as(nora)
  const answer = await client.edit(path, {
    answers: { 'health_mental.suicidal': 'yes', 'housing.until': 'soon' },
  })
  expect(answer.status).toBe(400)
  expect((await client.get(`/v1/tasks?caseId=${caseId}`)).body.items).toEqual([])
})

test('two who save at once do not overwrite each other', async () => {
  const { path } = await begun()
  const { headers } = await (await as(nora)).get(path)
  const ifMatch = headers['etag']
  const answers = await Promise.all([
    (await as(nora)).patch(path, { wishes: 'One' }, { ifMatch }),
    (await as(hanna)).patch(path, { strengths: 'Two' }, { ifMatch }),
  ])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412])
  expect((await (await as(nora)).patch(path, { wishes: 'Three' })).status).toBe(428)
})

test('another unit and another municipality see nothing, and cannot tell it from nothing', async () => {
  const { path, caseId } = await finished({ wishes: 'Sleep again' })
  const nowhere = '/v1/clearings/01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'
  const said = ({ text }: { text: string }) => text.replace(/"requestId":"[\w-]+"/, '')
  for (const stranger of [mira, otto]) {
    const client = await as(stranger)
    const [theirs, nothing] = [await client.get(path), await client.get(nowhere)]
    expect(theirs.status).toBe(404)
    expect(said(theirs)).toBe(said(nothing))
    expect((await client.patch(path, { wishes: '' }, { ifMatch: '"1.abcdefgh"' })).status).toBe(404)
    for (const verb of ['pause', 'resume', 'finish', 'discard'])
      expect((await client.post(`${path}/${verb}`)).status).toBe(404)
    expect((await client.get(`/v1/cases/${caseId}/clearings`)).status).toBe(404)
    expect((await client.post(`/v1/cases/${caseId}/clearings`)).status).toBe(404)
  }
  for (const other of [anton, carla]) expect((await (await as(other)).get(path)).status).toBe(403)
})

test('a repeated start is the same clearing', async () => {
  const { id: caseId } = await aCase()
  const client = await as(nora)
  const [one, two] = [
    await client.post(`/v1/cases/${caseId}/clearings`, undefined, { idempotencyKey: 'clearing-1' }),
    await client.post(`/v1/cases/${caseId}/clearings`, undefined, { idempotencyKey: 'clearing-1' }),
  ]
  expect([one.status, two.status]).toEqual([201, 201])
  expect(two.body.id).toBe(one.body.id)
  expect(one.headers['location']).toBe(`/v1/clearings/${one.body.id}`)
})

test('without a published guide no clearing begins', async () => {
  await sql(`delete from clearing_guides where tenant_id = $1`, [otto.tenantId])
  const { id } = await aCase({}, otto)
  expect((await (await as(otto)).post(`/v1/cases/${id}/clearings`)).body.code).toBe('no_guide_published')
})
