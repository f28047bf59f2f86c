// Is nobody turned away at any door, and is their name told only to whom they agreed?
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { contactsOfCase, requestAnew } from '../../src/modules/contacts/index.ts'
import { actor, type Actor } from '../../src/platform/actor.ts'
import { createVault } from '../../src/platform/seal.ts'
import { ask } from '../../src/platform/statement.ts'
import { lotse } from '../support/app.ts'
import {
  ada,
  agnes,
  anton,
  arne,
  bea,
  carla,
  cast,
  dora,
  emil,
  hanna,
  mira,
  mona,
  nils,
  nora,
  offers,
  organizations,
  otto,
  paul,
  petra,
  selma,
  type Member,
} from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import type { Answer } from '../support/http.ts'
import { contextOf } from '../support/sql.ts'
import { barrier } from '../concurrency/barrier.ts'

const it = await lotse()
const { as, aContact, aCase, aCaseOfSomebodyKnown, sql, asService, logged, nobody } = it
const { jule, orla } = { jule: cast.jule, orla: cast.orla }

const words = { name: 'Kanaria', reach: '0555 010203, after six', agreement: 'May be called on Thursday' }
const anyWord = /Kanaria|010203|on Thursday/
const place = { place: 'Praxis am Anger', contact: 'reception, 0555 0800-0', by: inDays(5) }
const step = { nextStep: 'Call', nextStepOn: inDays(1) }

const register = async (by: Member, given: object = {}) => (await as(by)).post('/v1/contacts', given)
const read = async (by: Member, { id }: { id: string }) => (await as(by)).get(`/v1/contacts/${id}`)
const act = async (by: Member, { id }: { id: string }, verb: string, given: object = {}) =>
  (await as(by)).post(`/v1/contacts/${id}/${verb}`, given)
const aGuided = async (to: string, given: object = {}, by = nora) => {
  const { id } = await aContact({}, by)
  return done(await act(by, { id }, 'guide', { ...place, organizationId: to, ...given })).body
}
const clocksOf = ({ id }: { id: string }) =>
  sql<{ kind: string; organization_id: string; due_on: string; stopped_by: string | null }>(
    'select kind, organization_id, due_on::text, stopped_by from deadlines where subject_id = $1 order by created_at, id',
    [id],
  )
const noticesOf = ({ id }: { id: string }) =>
  sql<{ kind: string; audience: string; to_organization_id: string; to_membership_id: string }>(
    'select kind, audience, to_organization_id, to_membership_id from notices where subject_id = $1 order by created_at, id',
    [id],
  )
const counted = async (table: string) =>
  (await sql<{ n: number }>(`select count(*)::int as n from ${table}`))[0]!.n

// ── Registering ────────────────────────────────────────────────────────────────────────────────────────────

test('anybody who works with people registers a first contact, at whatever door', async () => {
  for (const member of [nora, hanna, anton, agnes, jule, selma, carla, paul, petra, emil]) {
    const { status, body } = await register(member, { kind: 'wrong_door', mode: 'phone' })
    expect(status, member.role).toBe(201)
    expect(body).toMatchObject({
      box: 'registered',
      status: 'registered',
      organizationId: member.organizationId,
      doors: 1,
      person: null,
    })
    expect((await read(member, body)).body).toEqual(body)
  }
})

test('administrator, board, data protection and audit register nobody, and read nobody', async () => {
  const { id } = await aContact()
  for (const member of [ada, bea, dora, arne]) {
    expect((await register(member, words)).status, member.role).toBe(403)
    const answer = await read(member, { id })
    expect(answer.status).toBe(403)
    expect(answer.text).not.toMatch(anyWord)
  }
})

test('a self-help group says three things, and they reach the navigators if it says which', async () => {
  const { status, body } = await register(selma, words)
  expect(status).toBe(201)
  expect(body).toMatchObject({
    kind: 'inbound_referral',
    requesterRole: 'self_help',
    agreed: true,
    person: words,
    // Lindenau has two units: nobody is asked by chance, and the clock runs at the group.
    toOrganizationId: null,
  })
  expect(await clocksOf(body)).toMatchObject([
    { kind: 'contact_next_step', organization_id: selma.organizationId, stopped_by: null },
  ])
  const sent = await register(selma, { ...words, toOrganizationId: organizations.mitte })
  expect((await read(nora, sent.body)).body).toMatchObject({ box: 'received', person: words })
  expect((await read(mira, sent.body)).status).toBe(404)
})

test('where there is one unit only, a self-help group need not even name it', async () => {
  const { body } = await register(cast.okan, words)
  expect(body['toOrganizationId']).toBe(otto.organizationId)
  expect((await read(otto, body)).body['person']).toEqual(words)
  expect((await register(cast.okan, { ...words, kind: 'first_contact' })).body['toOrganizationId']).toBeNull()
})

test('a relative’s call is registered as such', async () => {
  const { body } = await register(anton, {
    requesterRole: 'relative',
    kind: 'callback_request',
    mode: 'phone',
  })
  expect(body).toMatchObject({
    requesterRole: 'relative',
    kind: 'callback_request',
    agreed: false,
    person: null,
  })
})

test.each([
  [{ name: words.name }, ['/name']],
  [{ name: words.name, reach: words.reach, agreed: true }, ['/name', '/reach']],
  [{ ...words, agreed: false }, ['/name', '/reach', '/agreement']],
])(
  'without recorded agreement %j is refused: nothing is kept, and nothing dropped silently',
  async (given, at) => {
    const before = await counted('contacts')
    const answer = await register(anton, given)
    expect(answer).toMatchObject({ status: 409, body: { code: 'name_without_agreement' } })
    expect(answer.body.errors.map(({ pointer }) => pointer)).toEqual(at)
    expect(answer.text).not.toMatch(anyWord)
    expect(await counted('contacts')).toBe(before)
  },
)

test('without agreement the contact is registered and guided all the same, anonymously', async () => {
  const { body } = await register(anton, { problems: ['alcohol'] })
  expect(body).toMatchObject({ agreed: false, person: null, status: 'registered' })
  expect(await sql('select from contact_people where id = $1', [body.id])).toEqual([])
  const guided = await act(anton, body, 'guide', {
    ...place,
    organizationId: organizations.birkenhof,
    passOn: true,
  })
  expect(guided.body).toMatchObject({ status: 'guiding', person: null })
  expect((await read(agnes, body)).body['person']).toBeNull()
})

test('name, reach and agreement are sealed: a dump shows none of them, nor does the log', async () => {
  const { id } = await aContact()
  const rows = await sql<{ line: string }>(
    `select c::text as line from contacts c where id = $1 union all
     select p::text || encode(p.sealed, 'escape') from contact_people p where id = $1`,
    [id],
  )
  expect(rows).toHaveLength(2)
  for (const { line } of rows) expect(line).not.toMatch(anyWord)
  expect(logged().join('\n')).not.toMatch(anyWord)
})

test('every open contact has a dated next step and a clock; the past is no next step', async () => {
  const contact = await aContact()
  expect(contact['nextStepOn']).not.toBeNull()
  expect(String(contact['nextStepOn']) > today()).toBe(true)
  expect(await clocksOf(contact)).toEqual([
    {
      kind: 'contact_next_step',
      organization_id: nora.organizationId,
      due_on: contact['nextStepOn'],
      stopped_by: null,
    },
  ])
  const chosen = await aContact({ nextStepOn: inDays(9) })
  expect((await clocksOf(chosen))[0]!.due_on).toBe(inDays(9))
  expect(await register(nora, { nextStepOn: inDays(-1) })).toMatchObject({
    status: 409,
    body: { code: 'next_step_in_the_past', errors: [{ pointer: '/nextStepOn' }] },
  })
  // Not even by hand.
  await expect(sql('update contacts set next_step_on = null where id = $1', [contact.id])).rejects.toThrow(
    'contacts__open_with_a_day',
  )
})

test('whoever was not reached is looked for on another day, and the clock begins anew', async () => {
  const { id } = await aContact({}, anton)
  const moved = await (await as(anton)).edit(`/v1/contacts/${id}`, { nextStepOn: inDays(9) })
  expect(moved).toMatchObject({
    status: 200,
    body: { nextStepOn: inDays(9), status: 'registered', doors: 1 },
  })
  const clocks = await sql<{ due: string; by: string | null }>(
    `select due_on::text as due, stopped_by as by from deadlines where subject_id = $1 order by stopped_by nulls last`,
    [id],
  )
  expect(clocks.map(({ by }) => by)).toEqual(['replaced', null])
  expect(clocks[1]!.due).toBe(inDays(9))
  expect(await (await as(anton)).edit(`/v1/contacts/${id}`, { nextStepOn: inDays(-1) })).toMatchObject({
    status: 409,
    body: { code: 'next_step_in_the_past', errors: [{ pointer: '/nextStepOn' }] },
  })
  for (const stranger of [otto, agnes])
    expect((await (await as(stranger)).get(`/v1/contacts/${id}`)).status).toBe(404)
})

test('the organisation that is asked is told, the own one is not', async () => {
  const asked = await aContact({ toOrganizationId: organizations.nord })
  expect(await noticesOf(asked)).toMatchObject([
    { kind: 'contact_received', audience: 'organization', to_organization_id: organizations.nord },
  ])
  expect(await noticesOf(await aContact())).toEqual([])
  expect(await noticesOf(await aContact({ toOrganizationId: organizations.mitte }))).toEqual([])
})

test('who came to one door before is not somebody new at the next', async () => {
  const first = await aContact({}, anton)
  await sql(`update contacts set first_contact_at = now() - interval '30 days', doors = 2 where id = $1`, [
    first.id,
  ])
  const second = await register(anton, { previousContactId: first.id })
  expect(second.body).toMatchObject({ previousContactId: first.id, doors: 3 })
  const { firstContactAt } = (await read(anton, first)).body
  expect(new Date(String(second.body['firstContactAt']))).toEqual(new Date(String(firstContactAt)))
  // The asked unit may go on from what it was sent, though not from what it cannot see.
  const sent = await aContact({ toOrganizationId: organizations.mitte }, agnes)
  expect((await register(nora, { previousContactId: sent.id })).body['doors']).toBe(2)
  for (const unseen of [first.id, '00000000-0000-4000-8000-000000000001'])
    expect(await register(nora, { previousContactId: unseen })).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: '/previousContactId' }] },
    })
})

test('whoever is asked does not learn at which door the person was before', async () => {
  const first = await aContact({}, anton)
  const second = await register(anton, { previousContactId: first.id, toOrganizationId: organizations.mitte })
  const seen = await read(nora, second.body)
  expect(seen.body).toMatchObject({ doors: 2, previousContactId: null })
  expect(seen.text).not.toContain(first.id)
})

// ── Who sees it ────────────────────────────────────────────────────────────────────────────────────────────

test('name and reach exist for the door and for whoever is asked, and for nobody else', async () => {
  const contact = await aContact({ toOrganizationId: organizations.nord }, anton)
  for (const insider of [anton, mira, mona])
    expect((await read(insider, contact)).body['person'], insider.key).toEqual(words)
  const select = 'select id from contact_people where id = $1'
  for (const insider of [anton, mira])
    expect((await asService(contextOf(insider), select, [contact.id])).rowCount).toBe(1)
  for (const stranger of [nora, hanna, agnes, jule, selma, carla, paul, petra, emil, otto, orla]) {
    const answer = await read(stranger, contact)
    expect(answer.status, stranger.key).toBe(404)
    expect(answer.text).not.toMatch(anyWord)
    expect((await asService(contextOf(stranger), select, [contact.id])).rowCount, stranger.key).toBe(0)
  }
  for (const stranger of [ada, dora, arne, bea])
    expect((await asService(contextOf(stranger), select, [contact.id])).rowCount, stranger.key).toBe(0)
  expect((await nobody.get(`/v1/contacts/${contact.id}`)).status).toBe(401)
})

test('a head of another unit counts the contact, and finds neither it nor the person', async () => {
  const contact = await aContact({}, anton)
  const row = 'select id from contacts where id = $1'
  const person = 'select id from contact_people where id = $1'
  for (const head of [hanna, mona, carla]) {
    expect((await asService(contextOf(head), row, [contact.id])).rowCount, head.key).toBe(1)
    expect((await asService(contextOf(head), person, [contact.id])).rowCount, head.key).toBe(0)
    expect((await read(head, contact)).status).toBe(404)
    const list = await (await as(head)).get('/v1/contacts?box=registered&limit=200')
    expect(list.text).not.toContain(contact.id)
    for (const verb of ['guide', 'confirm', 'decline'] as const) {
      const given = { guide: place, confirm: { confirmedBy: 'person' }, decline: { place: 'x' } }[verb]
      expect((await act(head, contact, verb, given)).status).toBe(404)
    }
  }
  for (const stranger of [nora, paul, ada, otto])
    expect((await asService(contextOf(stranger), row, [contact.id])).rowCount, stranger.key).toBe(0)
})

test('in offices without a door of their own only whoever registered a contact sees it', async () => {
  const contact = await aContact({}, paul)
  expect((await read(paul, contact)).body['person']).toEqual(words)
  // Petra works in the same administration.
  expect(petra.organizationId).toBe(paul.organizationId)
  expect((await read(petra, contact)).status).toBe(404)
  expect((await (await as(petra)).get('/v1/contacts?box=registered&limit=200')).text).not.toContain(
    contact.id,
  )
  expect((await (await as(paul)).get('/v1/contacts?box=registered&limit=200')).text).toContain(contact.id)
})

test('lists go through both boxes page by page, without names', async () => {
  const made: string[] = []
  for (let n = 0; n < 5; n += 1)
    made.unshift((await aContact({ toOrganizationId: organizations.aufbruch }, jule)).id)
  done(await act(jule, { id: made[0]! }, 'decline', { place: 'The group' }))
  const all = async (by: Member, query: string) => {
    const ids: string[] = []
    let cursor: string | null = null
    do {
      const from: string = cursor ? `&cursor=${cursor}` : ''
      const { body, text }: Answer = done(await (await as(by)).get(`/v1/contacts?${query}&limit=2${from}`))
      expect(text).not.toMatch(anyWord)
      ids.push(...body.items.map(({ id }) => id))
      cursor = body.nextCursor
    } while (cursor !== null)
    return ids
  }
  const theirs = (ids: string[]) => ids.filter((id) => made.includes(id))
  expect(theirs(await all(jule, 'box=registered'))).toEqual(made)
  expect(theirs(await all(selma, 'box=received'))).toEqual(made)
  expect(theirs(await all(selma, 'box=received&open=true'))).toEqual(made.slice(1))
  expect(theirs(await all(selma, 'box=received&open=false'))).toEqual(made.slice(0, 1))
  expect(theirs(await all(selma, 'box=registered'))).toEqual([])
  for (const stranger of [agnes, nora, otto])
    for (const box of ['registered', 'received'])
      expect(theirs(await all(stranger, `box=${box}`))).toEqual([])
})

// ── Guiding on ─────────────────────────────────────────────────────────────────────────────────────────────

test('guiding names place, contact and day, replaces the clock, and tells the place', async () => {
  const contact = await aContact()
  const guided = done(
    await act(nora, contact, 'guide', { ...place, offerId: offers.wehr, organizationId: organizations.wehr }),
  ).body
  expect(guided).toMatchObject({
    status: 'guiding',
    guidedPlace: place.place,
    guidedContact: place.contact,
    guidedOfferId: offers.wehr,
    toOrganizationId: organizations.wehr,
    nextStepOn: place.by,
    endedAt: null,
  })
  expect(await clocksOf(contact)).toMatchObject([
    { stopped_by: 'replaced' },
    { due_on: place.by, stopped_by: null, organization_id: nora.organizationId },
  ])
  expect(await noticesOf(contact)).toMatchObject([
    { kind: 'contact_received', to_organization_id: organizations.wehr },
  ])
})

test.each([['place'], ['contact'], ['by']])('nobody is sent anywhere without a %s', async (field) => {
  const contact = await aContact()
  const answer = await act(nora, contact, 'guide', { ...place, [field]: undefined })
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: `/${field}` }] } })
  expect((await read(nora, contact)).body.status).toBe('registered')
})

test('the place learns that somebody comes, and the name only if the person agreed to that too', async () => {
  const silent = await aGuided(organizations.birkenhof)
  const seen = await read(agnes, silent)
  expect(seen.body).toMatchObject({ status: 'guiding', person: null, agreed: true })
  expect(seen.text).not.toMatch(anyWord)
  const [row] = await sql('select to_organization_id from contact_people where id = $1', [silent.id])
  expect(row).toEqual({ to_organization_id: null })

  const told = await aGuided(organizations.birkenhof, { passOn: true })
  expect((await read(agnes, told)).body['person']).toEqual(words)
  // On to another place: the one before sees neither contact nor name any more.
  done(await act(nora, told, 'guide', { ...place, organizationId: organizations.wehr }))
  expect((await read(agnes, told)).status).toBe(404)
  expect(
    (await asService(contextOf(agnes), 'select from contact_people where id = $1', [told.id])).rowCount,
  ).toBe(0)
  expect((await read(anton, told)).body['person']).toBeNull()
  expect((await read(nora, told)).body['person']).toEqual(words)
})

test('who was asked with the name keeps it when the person is guided there', async () => {
  const contact = await aContact({ toOrganizationId: organizations.wehr })
  done(await act(nora, contact, 'guide', { ...place, organizationId: organizations.wehr }))
  expect((await read(anton, contact)).body['person']).toEqual(words)
  // Told once, not twice.
  expect(await noticesOf(contact)).toHaveLength(1)
})

test('an offer and an organisation that do not belong together are no place', async () => {
  const contact = await aContact()
  const given = { ...place, offerId: offers.wehr, organizationId: organizations.birkenhof }
  expect(await act(nora, contact, 'guide', given)).toMatchObject({
    status: 409,
    body: { code: 'offer_of_another_organization' },
  })
  for (const [field, id] of [
    ['organizationId', organizations.ostberatung],
    ['offerId', offers.ostberatung],
  ] as const)
    expect(await act(nora, contact, 'guide', { ...place, [field]: id })).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: `/${field}` }] },
    })
})

test('the asked organisation does not send on: it registers a contact of its own that points to this one', async () => {
  const contact = await aContact({ toOrganizationId: organizations.wehr })
  expect(await act(anton, contact, 'guide', place)).toMatchObject({
    status: 409,
    body: { code: 'only_the_door' },
  })
  const own = await register(anton, { previousContactId: contact.id, kind: 'wrong_door' })
  expect(own.body).toMatchObject({ doors: 2, previousContactId: contact.id })
  // The first door is still responsible until somebody confirms.
  expect((await read(nora, contact)).body).toMatchObject({ status: 'registered', endedAt: null })
})

test('a contact that was guided on ends only when somebody confirms the arrival', async () => {
  const contact = await aContact()
  expect(await act(nora, contact, 'confirm', { confirmedBy: 'person' })).toMatchObject({
    status: 409,
    body: { code: 'contact_not_guided' },
  })
  const guided = await aGuided(organizations.wehr)
  expect(await act(nora, guided, 'confirm', { confirmedBy: 'place' })).toMatchObject({
    status: 409,
    body: { code: 'only_the_place' },
  })
  expect(await act(anton, guided, 'confirm', { confirmedBy: 'person' })).toMatchObject({
    status: 409,
    body: { code: 'only_the_place' },
  })
  expect((await act(agnes, guided, 'confirm', { confirmedBy: 'place' })).status).toBe(404)
  expect((await read(nora, guided)).body['endedAt']).toBeNull()

  const confirmed = done(await act(anton, guided, 'confirm', { confirmedBy: 'place' })).body
  expect(confirmed).toMatchObject({ status: 'guided_elsewhere', confirmedBy: 'place', nextStepOn: null })
  expect(confirmed['endedAt']).not.toBeNull()
  // The clock ran at Nora's door; Anton's answer has stopped it, and Nora's unit is told.
  expect((await clocksOf(guided)).at(-1)).toMatchObject({
    stopped_by: 'arrived',
    organization_id: nora.organizationId,
  })
  expect((await noticesOf(guided)).at(-1)).toMatchObject({
    kind: 'contact_answered',
    to_organization_id: nora.organizationId,
  })
})

test('outside the network the person’s word counts, or that somebody went along', async () => {
  for (const confirmedBy of ['person', 'accompanied']) {
    const { id } = await aContact({}, paul)
    done(await act(paul, { id }, 'guide', place))
    expect(await act(paul, { id }, 'confirm', { confirmedBy: 'place' })).toMatchObject({ status: 409 })
    const { body } = done(await act(paul, { id }, 'confirm', { confirmedBy }))
    expect(body).toMatchObject({ status: 'guided_elsewhere', confirmedBy, toOrganizationId: null })
    expect((await clocksOf({ id })).at(-1)).toMatchObject({ stopped_by: 'arrived' })
    expect(await noticesOf({ id })).toEqual([])
  }
})

test('an office without an inbox is answered through whoever registered the contact', async () => {
  const contact = await aContact({}, paul)
  done(await act(paul, contact, 'guide', { ...place, organizationId: organizations.wehr }))
  done(await act(anton, contact, 'confirm', { confirmedBy: 'place' }))
  expect((await noticesOf(contact)).at(-1)).toMatchObject({
    kind: 'contact_answered',
    audience: 'member',
    to_membership_id: paul.membershipId,
  })
})

test('the answer of whoever was asked stops the clock of that contact, and no other of the same door', async () => {
  const [one, other] = [await aGuided(organizations.wehr), await aGuided(organizations.wehr)]
  done(await act(anton, one, 'confirm', { confirmedBy: 'place' }))
  expect((await clocksOf(other)).at(-1)).toMatchObject({ stopped_by: null })
  const stop = `update deadlines set stopped_at = now(), stopped_by = 'done' where subject_id = $1 and stopped_at is null`
  expect((await asService(contextOf(anton), stop, [other.id])).rowCount).toBe(0)
})

// ── Taking up ──────────────────────────────────────────────────────────────────────────────────────────────

test('taken up, somebody who told their name is a pseudonymous person with a case, a lead and a next step', async () => {
  const contact = await aContact({ toOrganizationId: organizations.mitte, requesterRole: 'relative' }, anton)
  const { body } = done(await act(nora, contact, 'take-up', { ...step, concern: 'Wants to talk' }))
  expect(body).toMatchObject({ status: 'taken_up', box: 'received', nextStepOn: null, person: words })
  const kase = (await (await as(nora)).get(`/v1/cases/${String(body['caseId'])}`)).body
  expect(kase).toMatchObject({
    clientId: body['clientId'],
    organizationId: organizations.mitte,
    leadMembershipId: nora.membershipId,
    status: 'open',
    requesterRole: 'relative',
    referralSource: 'family_friends',
    concern: 'Wants to talk',
    ...step,
  })
  const client = (await (await as(nora)).get(`/v1/clients/${String(body['clientId'])}`)).body
  expect(client).toMatchObject({
    identificationLevel: 'pseudonymous',
    alias: words.name,
    identity: null,
    reach: { when: words.reach, neutralSender: true, mayLeaveMessage: false },
  })
  expect((await clocksOf(contact)).at(-1)).toMatchObject({ stopped_by: 'done' })
  expect((await noticesOf(contact)).at(-1)).toMatchObject({
    kind: 'contact_answered',
    to_organization_id: organizations.wehr,
  })
  const leads = await (await as(nora)).get(`/v1/cases/${String(body['caseId'])}/assignments`)
  expect(leads.body.items).toHaveLength(1)
})

test('the door learns that the contact was taken up, and nothing of the case', async () => {
  const contact = await aContact({ toOrganizationId: organizations.mitte }, anton)
  const { body } = done(await act(nora, contact, 'take-up', step))
  const seen = await read(anton, contact)
  expect(seen.body).toMatchObject({ status: 'taken_up', caseId: null, clientId: null })
  expect(seen.text).not.toContain(String(body['caseId']))
  expect(seen.text).not.toContain(String(body['clientId']))
})

test('somebody who stayed anonymous is taken up as an anonymous person', async () => {
  const { body: contact } = await register(nora, {})
  const { body } = done(await act(nils, contact, 'take-up', { ...step, leadMembershipId: nora.membershipId }))
  const client = (await (await as(nora)).get(`/v1/clients/${String(body['clientId'])}`)).body
  expect(client).toMatchObject({ identificationLevel: 'anonymous', alias: null, reach: null })
  expect((await (await as(nora)).get(`/v1/cases/${String(body['caseId'])}`)).body).toMatchObject({
    leadMembershipId: nora.membershipId,
    referralSource: 'self_initiative',
  })
  // At the own door nobody has to be told.
  expect(await noticesOf(contact)).toEqual([])
})

test('a name that was not passed on does not come into the record of the unit either', async () => {
  const { id } = await aContact({}, anton)
  done(await act(anton, { id }, 'guide', { ...place, organizationId: organizations.mitte }))
  const { body } = done(await act(nora, { id }, 'take-up', step))
  const client = await (await as(nora)).get(`/v1/clients/${String(body['clientId'])}`)
  expect(client.body['identificationLevel']).toBe('anonymous')
  expect(client.text).not.toMatch(anyWord)
})

test('who has a running case already is taken up into it, without a second one', async () => {
  const kase = await aCaseOfSomebodyKnown()
  const contact = await aContact({ toOrganizationId: organizations.mitte }, selma)
  const [cases, clients] = [await counted('cases'), await counted('clients')]
  const { body } = done(await act(nora, contact, 'take-up', { caseId: kase.id }))
  expect(body).toMatchObject({ caseId: kase.id, clientId: kase['clientId'] })
  expect([await counted('cases'), await counted('clients')]).toEqual([cases, clients])
})

test('neither a closed case nor somebody else’s takes anybody up', async () => {
  const contact = await aContact({ toOrganizationId: organizations.mitte }, selma)
  const kase = await aCase()
  const end = { endType: 'moved', outcome: 'unchanged' }
  done(await (await as(nora)).post(`/v1/cases/${kase.id}/close`, end))
  expect(await act(nora, contact, 'take-up', { caseId: kase.id })).toMatchObject({
    status: 409,
    body: { code: 'case_closed' },
  })
  const foreign = [
    (await aCase({}, mira)).id,
    (await aCase({}, otto)).id,
    '00000000-0000-4000-8000-000000000001',
  ]
  for (const caseId of foreign)
    expect(await act(nora, contact, 'take-up', { caseId })).toMatchObject({
      status: 400,
      body: { code: 'unknown_reference', errors: [{ pointer: '/caseId' }] },
    })
  expect((await read(nora, contact)).body.status).toBe('registered')
})

test.each([
  [{}, '/nextStep'],
  [{ nextStep: 'Call' }, '/nextStepOn'],
  [{ caseId: '00000000-0000-4000-8000-000000000001', nextStep: 'Call' }, '/caseId'],
])('a case does not begin with %j', async (given, pointer) => {
  const contact = await aContact()
  const answer = await act(nora, contact, 'take-up', given)
  expect(answer.status).toBe(400)
  expect(answer.body.errors.map((error) => error.pointer)).toContain(pointer)
})

test('nothing of a take-up stays when its lead or its day is wrong', async () => {
  const contact = await aContact({ toOrganizationId: organizations.mitte }, anton)
  const before = [await counted('clients'), await counted('cases')]
  const attempts = [
    [{ ...step, nextStepOn: inDays(-1) }, 409, 'next_step_in_the_past'],
    [{ ...step, leadMembershipId: mira.membershipId }, 409, 'lead_outside_the_unit'],
    [{ ...step, leadMembershipId: otto.membershipId }, 400, 'unknown_reference'],
  ] as const
  for (const [given, status, code] of attempts)
    expect(await act(nora, contact, 'take-up', given)).toMatchObject({ status, body: { code } })
  expect([await counted('clients'), await counted('cases')]).toEqual(before)
  expect((await read(nora, contact)).body.status).toBe('registered')
})

test('only navigators take up, and only of the unit that is asked or has the door', async () => {
  const contact = await aContact({ toOrganizationId: organizations.nord }, anton)
  expect((await act(anton, contact, 'take-up', step)).status).toBe(403)
  for (const stranger of [nora, otto])
    expect((await act(stranger, contact, 'take-up', step)).status).toBe(404)
  expect((await act(mona, contact, 'take-up', step)).status).toBe(200)
})

test('when two take up at the same moment there is one case', async () => {
  const together = barrier(it)
  for (let round = 0; round < 5; round += 1) {
    const { id } = await aContact({ toOrganizationId: organizations.mitte }, anton)
    const [cases, clients] = [await counted('cases'), await counted('clients')]
    const answers = await together({ table: 'contacts', id }, [
      () => act(nora, { id }, 'take-up', step),
      () => act(nils, { id }, 'take-up', step),
    ])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(answers.find(({ status }) => status === 409)!.body.code).toBe('contact_ended')
    expect([await counted('cases'), await counted('clients')]).toEqual([cases + 1, clients + 1])
  }
})

test('a contact is taken up or guided on, never both', async () => {
  const together = barrier(it)
  const { id } = await aContact({ toOrganizationId: organizations.mitte }, anton)
  const answers = await together({ table: 'contacts', id }, [
    () => act(nora, { id }, 'take-up', step),
    () => act(anton, { id }, 'guide', place),
  ])
  const [row] = await sql('select status from contacts where id = $1', [id])
  const running = (await clocksOf({ id })).filter(({ stopped_by }) => stopped_by === null)
  expect(answers.map(({ status }) => status)).toContain(200)
  // Guided first leaves nobody asked any more: then the unit finds nothing to take up.
  if (row!['status'] === 'taken_up') {
    expect(answers.map(({ status }) => status)).toEqual([200, 409])
    expect(running).toEqual([])
  } else {
    expect(answers.map(({ status }) => status)).toEqual([404, 200])
    expect(running).toHaveLength(1)
  }
})

test('the same take-up said twice is one', async () => {
  const contact = await aContact({ toOrganizationId: organizations.mitte }, anton)
  const client = await as(nora)
  const path = `/v1/contacts/${contact.id}/take-up`
  const first = await client.post(path, step, { idempotencyKey: 'once' })
  const again = await client.post(path, step, { idempotencyKey: 'once' })
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(again.body).toEqual(first.body)
})

// ── The person's own word ──────────────────────────────────────────────────────────────────────────────────

test('a refusal is the person’s own, of a named place that was offered', async () => {
  const contact = await aContact()
  expect(await act(nora, contact, 'decline', {})).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/place' }] },
  })
  const { body } = done(
    await act(nora, contact, 'decline', { place: 'Angebot Am Wehr', organizationId: organizations.wehr }),
  )
  expect(body).toMatchObject({
    status: 'person_declined',
    declinedPlace: 'Angebot Am Wehr',
    declinedOrganizationId: organizations.wehr,
    nextStepOn: null,
  })
  expect((await clocksOf(contact)).at(-1)).toMatchObject({ stopped_by: 'other_choice' })
})

test('whoever was asked may hear the refusal; the door is told', async () => {
  const contact = await aContact({ toOrganizationId: organizations.mitte }, anton)
  const { body } = done(await act(nora, contact, 'decline', { place: 'Lotsenstelle Mitte' }))
  expect(body).toMatchObject({ declinedOrganizationId: organizations.mitte })
  expect((await noticesOf(contact)).at(-1)).toMatchObject({
    kind: 'contact_answered',
    to_organization_id: organizations.wehr,
  })
})

test('what has ended stays as it is, by the rule and by the wall', async () => {
  const contact = await aContact()
  done(await act(nora, contact, 'decline', { place: 'x' }))
  const attempts = {
    guide: place,
    confirm: { confirmedBy: 'person' },
    'take-up': step,
    decline: { place: 'y' },
  }
  for (const [verb, given] of Object.entries(attempts))
    expect(await act(nora, contact, verb, given), verb).toMatchObject({
      status: 409,
      body: { code: 'contact_ended' },
    })
  const reopen = `update contacts set status = 'registered', ended_at = null where id = $1`
  expect((await asService(contextOf(nora), reopen, [contact.id])).rowCount).toBe(0)
})

test('when and at which door somebody first came cannot be rewritten, not even by the service', async () => {
  const contact = await aContact()
  for (const change of [`first_contact_at = now()`, `doors = 1`, `organization_id = to_organization_id`])
    await expect(
      asService(contextOf(nora), `update contacts set ${change} where id = $1`, [contact.id]),
    ).rejects.toThrow('permission denied')
})

test('an answer names the version it saw: an older one is told so', async () => {
  const contact = await aContact()
  const { headers } = await read(nora, contact)
  done(await act(nora, contact, 'guide', place))
  const late = await (
    await as(nils)
  ).post(`/v1/contacts/${contact.id}/guide`, place, { ifMatch: headers['etag'] })
  expect(late).toMatchObject({ status: 412, body: { code: 'stale' } })
})

// ── Scope ──────────────────────────────────────────────────────────────────────────────────────────────────

const rule = { problem: 'gambling', sector: 'health', note: 'Ask the practice first' }

test('what another sector is responsible for is guided on to it, and never turned away', async () => {
  const keeper = await as(ada)
  const { body: made } = done(
    await keeper.post('/v1/scope-rules', { ...rule, organizationId: organizations.birkenhof }),
  )
  try {
    const given = { problems: ['gambling'], toOrganizationId: organizations.mitte }
    const outside = await aContact(given, anton)
    expect(outside).toMatchObject({ status: 'registered', outOfScope: true, responsibleSector: 'health' })
    const [cases, clients] = [await counted('cases'), await counted('clients')]
    expect(await act(nora, outside, 'take-up', step)).toMatchObject({
      status: 409,
      body: { code: 'out_of_scope', responsibleSector: 'health' },
    })
    expect([await counted('cases'), await counted('clients')]).toEqual([cases, clients])
    const to = { ...place, organizationId: organizations.birkenhof }
    expect((await act(anton, outside, 'guide', to)).status).toBe(200)
    expect((await act(agnes, outside, 'confirm', { confirmedBy: 'place' })).body.status).toBe(
      'guided_elsewhere',
    )
    // With alcohol beside it, it is ours.
    const both = await aContact({ ...given, problems: ['gambling', 'alcohol'] }, anton)
    expect(both).toMatchObject({ outOfScope: false, responsibleSector: null })
    // Ostheim has no rules at all.
    const elsewhere = await aContact({ problems: ['gambling'] }, otto)
    expect(elsewhere).toMatchObject({ outOfScope: false })
  } finally {
    const { headers } = await keeper.get(`/v1/scope-rules/${made.id}`)
    const path = `/v1/scope-rules/${made.id}`
    const removed = await keeper.send('DELETE', path, undefined, { 'if-match': headers['etag']! })
    expect(removed.status).toBe(204)
    expect((await keeper.get(path)).status).toBe(404)
  }
  // Widened again: what comes from now on is ours, and the rule can be made anew.
  expect(await aContact({ problems: ['gambling'] })).toMatchObject({ outOfScope: false })
})

test('a municipality may have no rules at all', async () => {
  const { body } = await (await as(otto)).get('/v1/scope-rules')
  expect(body.items).toEqual([])
})

test('there is one rule for a problem; everybody reads it, administrator and coordinator keep it', async () => {
  const { body } = done(
    await (await as(carla)).post('/v1/scope-rules', { problem: 'buying', sector: 'debt' }),
  )
  expect(body).toMatchObject({ problem: 'buying', sector: 'debt', organizationId: null, note: '' })
  expect(await (await as(ada)).post('/v1/scope-rules', { problem: 'buying', sector: 'debt' })).toMatchObject({
    status: 409,
    body: { code: 'already_exists' },
  })
  for (const reader of [nora, selma, bea, arne]) {
    const list = await (await as(reader)).get('/v1/scope-rules')
    expect(list.body.items.map(({ id }) => id)).toContain(body.id)
  }
  expect((await (await as(otto)).get(`/v1/scope-rules/${body.id}`)).status).toBe(404)
  const changed = await (
    await as(ada)
  ).edit(`/v1/scope-rules/${body.id}`, { note: 'Monday', sector: 'social_psychiatry' })
  expect(changed.body).toMatchObject({ note: 'Monday', sector: 'social_psychiatry', problem: 'buying' })
  expect((await (await as(nora)).edit(`/v1/scope-rules/${body.id}`, { note: 'x' })).status).toBe(403)
  for (const stranger of [nora, otto])
    expect(
      (await asService(contextOf(stranger), `update scope_rules set note = 'x' where id = $1`, [body.id]))
        .rowCount,
    ).toBe(0)
  const wrong = { problem: 'eating', sector: 'health', organizationId: organizations.ostberatung }
  expect(await (await as(ada)).post('/v1/scope-rules', wrong)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/organizationId' }] },
  })
})

// ── For other modules ──────────────────────────────────────────────────────────────────────────────────────

/** Somebody at the door of the database, as in the middle of another module's request. */
async function acting({ tenantId, userId, membershipId, ...member }: Member): Promise<Actor> {
  const { accessToken } = await it.signIn({ tenantId, userId, membershipId, ...member })
  const claims = Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()
  const { session: sessionId } = JSON.parse(claims) as { session: string }
  const requestId = randomUUID()
  return actor({ action: 'contacts.register', requestId, tenantId, userId, membershipId, sessionId })
}

test('a receiver that returns a person asks the unit anew, in its own transaction', async () => {
  const vault = createVault(it.keys)
  const made = await it.db.as(await acting(anton), async (tx) => {
    await tx.one(contactsOfCase, { caseId: randomUUID() })
    return requestAnew(tx, vault, {
      organizationId: anton.organizationId,
      toOrganizationId: organizations.mitte,
      person: words,
    })
  })
  expect((await read(nora, made)).body).toMatchObject({
    box: 'received',
    kind: 'inbound_referral',
    requesterRole: 'professional',
    person: words,
  })
  expect(await clocksOf(made)).toMatchObject([{ organization_id: organizations.wehr, stopped_by: null }])
  expect(await noticesOf(made)).toMatchObject([
    { kind: 'contact_received', to_organization_id: organizations.mitte },
  ])
  expect((await read(mira, made)).status).toBe(404)
})

test('the way of a person begins at the door where they first came, for the unit that holds the case only', async () => {
  const first = await aContact({}, anton)
  const second = await aContact({ previousContactId: first.id, toOrganizationId: organizations.mitte }, anton)
  const { body } = done(await act(nora, second, 'take-up', step))
  const way = async (member: Member) =>
    (await it.db.read(await acting(member), ask(contactsOfCase, { caseId: String(body['caseId']) })))[0]
  expect(await way(nora)).toMatchObject([
    {
      id: second.id,
      organizationId: organizations.wehr,
      organizationName: 'Suchtberatung Am Wehr',
      doors: 2,
      kind: 'first_contact',
    },
  ])
  for (const stranger of [mira, otto, mona]) expect(await way(stranger)).toEqual([])
})

test('a contact registered under another membership can still be guided on', async () => {
  const contact = await aContact({}, paul)
  const elsewhere = { role: 'network_professional', organizationId: organizations.birkenhof }
  const made = done(await (await as(ada)).post(`/v1/users/${paul.userId}/memberships`, elsewhere)).body
  try {
    const { client } = await it.signIn({ ...paul, membershipId: made.id })
    done(await client.post(`/v1/contacts/${contact.id}/guide`, place))
    const clocks = await clocksOf(contact)
    expect(clocks).toMatchObject([
      { stopped_by: 'replaced' },
      { stopped_by: null, organization_id: paul.organizationId, due_on: place.by },
    ])
  } finally {
    done(await (await as(ada)).post(`/v1/memberships/${made.id}/end`))
  }
})

// ── Figures ────────────────────────────────────────────────────────────────────────────────────────────────

interface Door {
  organizationId: string
  registered: number
  guidedAndConfirmed: number
  takenUp: number
  refused: number
  open: number
  lost: number
  refusedPlaces: { organizationId: string | null; refused: number }[]
}
const figures = async (by: Member, from: string, until: string) =>
  done(
    await (
      await as(by)
    ).get<{ doors: Door[]; total: Omit<Door, 'organizationId' | 'refusedPlaces'> }>(
      `/v1/contacts/figures?from=${from}&until=${until}`,
    ),
  )

test('who came to which door and how it ended is counted; who was lost after the first contact as well', async () => {
  // A year ago nothing else happened in these tests.
  const ids: string[] = []
  const at = async (by: Member, given: Record<string, unknown> = {}) => {
    const made = await aContact(given, by)
    ids.push(made.id)
    return made
  }
  const guidedTo = async (by: Member, to: string) => {
    const made = await at(by)
    return done(await act(by, made, 'guide', { ...place, organizationId: to })).body
  }
  const confirmed = await guidedTo(anton, organizations.birkenhof)
  done(await act(agnes, confirmed, 'confirm', { confirmedBy: 'place' }))
  done(await act(mira, await at(anton, { toOrganizationId: organizations.nord }), 'take-up', step))
  for (const organizationId of [organizations.birkenhof, organizations.birkenhof, null])
    done(await act(anton, await at(anton), 'decline', { place: 'Dort', organizationId }))
  await at(anton)
  const [neverHeardOf, neverConfirmed, justInTime] = [
    await at(anton),
    await guidedTo(anton, organizations.birkenhof),
    await guidedTo(anton, organizations.birkenhof),
  ]
  await sql('update contacts set next_step_on = $2 where id = any ($1)', [
    [neverHeardOf.id, neverConfirmed.id],
    inDays(-15),
  ])
  await sql('update contacts set next_step_on = $2 where id = $1', [justInTime.id, inDays(-14)])
  await at(selma)
  await sql(`update contacts set created_at = created_at - interval '400 days' where id = any ($1)`, [ids])

  const answer = await figures(hanna, inDays(-401), inDays(-399))
  const door = answer.body.doors.find(({ organizationId }) => organizationId === organizations.wehr)
  expect(door).toEqual({
    organizationId: organizations.wehr,
    registered: 9,
    guidedAndConfirmed: 1,
    takenUp: 1,
    refused: 3,
    open: 4,
    lost: 2,
    refusedPlaces: expect.arrayContaining([
      { organizationId: organizations.birkenhof, refused: 2 },
      { organizationId: null, refused: 1 },
    ]) as unknown,
  })
  expect(answer.body.doors).toHaveLength(2)
  expect(answer.body.total).toEqual({
    registered: 10,
    guidedAndConfirmed: 1,
    takenUp: 1,
    refused: 3,
    open: 5,
    lost: 2,
  })
  // Numbers only.
  for (const id of ids) expect(answer.text).not.toContain(id)
  expect(answer.text).not.toMatch(anyWord)
  expect((await figures(carla, inDays(-401), inDays(-399))).body).toEqual(answer.body)
  expect((await figures(hanna, inDays(-398), inDays(-397))).body.total.registered).toBe(0)

  // Another municipality has its own numbers, other roles none.
  expect((await figures(orla, inDays(-401), inDays(-399))).body).toMatchObject({
    doors: [],
    total: { registered: 0 },
  })
  for (const member of [nora, anton, ada, paul]) {
    const refused = await (
      await as(member)
    ).get(`/v1/contacts/figures?from=${inDays(-401)}&until=${inDays(-399)}`)
    expect(refused.status, member.role).toBe(403)
  }
})

test('a day of the figures is a day in the municipality, and the last one counts', async () => {
  const contact = await aContact({}, jule)
  // Half past midnight in Berlin is still the day before in UTC.
  await sql(`update contacts set created_at = '2024-06-10T22:30:00Z' where id = $1`, [contact.id])
  expect((await figures(hanna, '2024-06-11', '2024-06-11')).body.total.registered).toBe(1)
  expect((await figures(hanna, '2024-06-10', '2024-06-10')).body.total.registered).toBe(0)
  expect((await figures(hanna, '2024-06-12', '2024-06-13')).body.total.registered).toBe(0)
  const backwards = await (await as(hanna)).get('/v1/contacts/figures?from=2024-06-12&until=2024-06-11')
  expect(backwards.status).toBe(400)
})
