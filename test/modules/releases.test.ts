// Does nothing leave without the person's word, and does it end with the next request when they take it back?
import { expect, test } from 'vitest'
import { lotse } from '../support/app.ts'
import { anton, agnes, dora, hanna, mira, nora, organizations, otto } from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import { contextOf } from '../support/sql.ts'
import { allCanaries, releaseTo, sheet, way } from '../support/way.ts'

const { as, aCase, aClient, signIn, sql, asService } = await lotse()
const {
  aDraftRelease,
  aDraftReferral,
  aFinishedClearing,
  aKnownCase,
  anAcceptedHandover,
  anAcceptedReferral,
  anArrivedHandover,
  anOfferedHandover,
  aPreparedHandover,
  aRelease,
  aSentReferral,
} = way(as)

const withdraw = async ({ id }: { id: unknown }, by = nora) =>
  (await as(by)).post(`/v1/releases/${String(id)}/withdraw`)
const pointers = (errors: { pointer: string }[]) => errors.map(({ pointer }) => pointer)

// § 67b (2) SGB X: without these it is no release. Person and discloser follow from the case, never from the body.
test.each([
  'recipientOrganizationId',
  'purpose',
  'purposeDetail',
  'categories',
  'validUntil',
  'proof',
  'informationVersion',
  'informationLanguage',
])('a release without %s is refused with its pointer', async (field) => {
  const { id } = await aKnownCase()
  const given: Record<string, unknown> = { ...releaseTo('wehr'), signedOn: today() }
  delete given[field]
  const answer = await (await as(nora)).post(`/v1/cases/${id}/releases`, given)
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  expect(pointers(answer.body.errors)).toContain(`/${field}`)
  expect((await (await as(nora)).get(`/v1/cases/${id}/releases`)).body.items).toEqual([])
})

test.each([
  ['no category', { categories: [] }, '/categories'],
  ['"everything"', { categories: ['*'] }, '/categories/0'],
  ['"all"', { categories: ['all'] }, '/categories/0'],
  ['every category as one word', { categories: 'all' }, '/categories'],
  ['a category twice', { categories: ['help_plan', 'help_plan'] }, '/categories'],
  ['no recipient', { recipientOrganizationId: null }, '/recipientOrganizationId'],
  ['any recipient', { recipientOrganizationId: '*' }, '/recipientOrganizationId'],
  ['several recipients', { recipientOrganizationId: [organizations.wehr] }, '/recipientOrganizationId'],
  [
    'an organisation elsewhere',
    { recipientOrganizationId: organizations.ostberatung },
    '/recipientOrganizationId',
  ],
  ['no end', { validUntil: null }, '/validUntil'],
  ['an end that is no instant', { validUntil: 'infinity' }, '/validUntil'],
  ['an empty purpose', { purposeDetail: ' ' }, '/purposeDetail'],
  ['a text that nobody wrote', { informationVersion: 2 }, '/informationVersion'],
  ['somebody else as discloser', { discloserOrganizationId: organizations.nord }, '/discloserOrganizationId'],
  ['another person', { clientId: organizations.nord }, '/clientId'],
  [
    'a replacement that nobody signed',
    { supersedesId: organizations.nord, signedOn: undefined },
    '/signedOn',
  ],
])('a release with %s is impossible', async (_, change, pointer) => {
  const { id } = await aKnownCase()
  const answer = await (
    await as(nora)
  ).post(`/v1/cases/${id}/releases`, {
    ...releaseTo('wehr'),
    signedOn: today(),
    ...change,
  })
  expect(answer.status).toBe(400)
  expect(pointers(answer.body.errors)).toContain(pointer)
})

test('the database too knows neither an empty nor an unknown category, and no active release without a signature', async () => {
  const { id } = await aRelease()
  for (const change of [`categories = '{}'`, `categories = '{all}'`, 'signed_on = null', `purpose = 'any'`])
    await expect(sql(`update releases set ${change} where id = $1`, [id])).rejects.toThrow('check constraint')
})

test('a release runs in both directions unless the person says otherwise', async () => {
  expect(await aRelease()).toMatchObject({ status: 'active', direction: 'both', expired: false })
  expect((await aRelease({ direction: 'outward' }))['direction']).toBe('outward')
})

test('a draft is signed once, and applies from then on', async () => {
  const client = await as(nora)
  const draft = await aDraftRelease()
  expect(draft).toMatchObject({ status: 'draft', signedOn: null, copyGiven: false })
  const referral = await aDraftReferral({ caseId: String(draft['caseId']), releaseId: draft.id })
  const send = () => client.post(`/v1/referrals/${referral.id}/send`)
  expect((await send()).body.code).toBe('not_released')

  const signed = await client.post(`/v1/releases/${draft.id}/sign`, { signedOn: inDays(-1) })
  expect(signed).toMatchObject({
    status: 200,
    body: { status: 'active', signedOn: inDays(-1), copyGiven: true },
  })
  expect((await send()).status).toBe(200)
  const again = await client.post(`/v1/releases/${draft.id}/sign`, { signedOn: today() })
  expect(again).toMatchObject({ status: 409, body: { code: 'release_not_draft' } })
})

test('nobody signs tomorrow or for yesterday', async () => {
  const client = await as(nora)
  const { id } = await aDraftRelease()
  const tomorrow = await client.post(`/v1/releases/${id}/sign`, { signedOn: inDays(1) })
  expect(tomorrow).toMatchObject({ status: 409, body: { code: 'release_signed_in_the_future' } })
  await sql(`update releases set valid_until = now() - interval '1 second' where id = $1`, [id])
  const late = await client.post(`/v1/releases/${id}/sign`, { signedOn: today() })
  expect(late).toMatchObject({ status: 409, body: { code: 'release_ends_in_the_past' } })
  expect((await client.get(`/v1/releases/${id}`)).body).toMatchObject({ status: 'draft', expired: true })
})

test('refusing never blocks the case: the unit goes on, and nothing leaves', async () => {
  const client = await as(nora)
  const draft = await aDraftRelease()
  const caseId = String(draft['caseId'])
  const referral = await aDraftReferral({ caseId, releaseId: draft.id })
  done(await client.post(`/v1/releases/${draft.id}/refuse`))

  expect((await client.post(`/v1/referrals/${referral.id}/send`)).body).toMatchObject({
    code: 'not_released',
    missingCategories: ['identity_contact', 'substance_use', 'clearing_summary'],
  })
  done(await client.post(`/v1/cases/${caseId}/next-step`, { text: 'Talk again', on: inDays(7) }))
  done(await client.edit(`/v1/cases/${caseId}`, { concern: 'Goes on' }))
  expect((await aFinishedClearing({ caseId })).status).toBe('finished')
  expect((await aRelease({ caseId, to: 'birkenhof' })).status).toBe('active')
  expect((await client.get(`/v1/cases/${caseId}`)).body.status).toBe('open')
  expect((await client.get(`/v1/cases/${caseId}/disclosures`)).body.items).toEqual([])
  done(await client.post(`/v1/cases/${caseId}/close`, { endType: 'planned_regular', outcome: 'improved' }))
})

test('somebody who stays anonymous can sign nothing', async () => {
  const { id } = await aCase()
  const answer = await (await as(nora)).post(`/v1/cases/${id}/releases`, releaseTo('wehr'))
  expect(answer).toMatchObject({ status: 409, body: { code: 'release_needs_a_known_person' } })
  const pseudonymous = await aClient({ identificationLevel: 'pseudonymous', alias: 'Wolke' })
  const theirs = await aCase({ clientId: pseudonymous.id })
  expect((await aRelease({ caseId: theirs.id })).status).toBe('active')
})

test('what the form cannot promise is refused with a reason', async () => {
  const { id } = await aKnownCase()
  const refused = async (change: object) =>
    (await (await as(nora)).post(`/v1/cases/${id}/releases`, { ...releaseTo('wehr'), ...change })).body.code
  expect(await refused({ recipientOrganizationId: organizations.mitte })).toBe('release_to_the_own_unit')
  expect(await refused({ validUntil: `${inDays(-1)}T00:00:00Z` })).toBe('release_ends_in_the_past')
  expect(await refused({ proof: 'oral_documented' })).toBe('oral_release_needs_a_reason')
  expect(await refused({ signedOn: inDays(1) })).toBe('release_signed_in_the_future')
})

test('a release is seen by the unit that obtained it and by nobody else', async () => {
  const { id, caseId } = await aRelease()
  expect((await (await as(hanna)).get(`/v1/releases/${id}`)).status).toBe(200)
  for (const stranger of [mira, anton, agnes, dora, otto])
    for (const path of [
      `/v1/releases/${id}`,
      `/v1/releases/${id}/form.pdf`,
      `/v1/cases/${String(caseId)}/releases`,
    ]) {
      const answer = await (await as(stranger)).get(path)
      expect(answer.status, `${stranger.key} ${path}`).toBe(
        stranger === mira || stranger === otto ? 404 : 403,
      )
      expect(answer.text).not.toContain('counselling')
    }
  for (const verb of ['sign', 'refuse', 'withdraw'])
    for (const stranger of [mira, otto])
      expect(
        (
          await (
            await as(stranger)
          ).post(`/v1/releases/${id}/${verb}`, verb === 'sign' ? { signedOn: today() } : {})
        ).status,
      ).toBe(404)
  expect((await (await as(nora)).get(`/v1/releases/${id}`)).body.status).toBe('active')
})

test('the form is a PDF in the language in which the person is informed', async () => {
  const language = async (informationLanguage: string) => {
    const { id } = await aDraftRelease({ informationLanguage })
    const answer = await (await as(nora)).get(`/v1/releases/${id}/form.pdf`)
    expect(answer.headers['content-type']).toBe('application/pdf')
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.bytes.subarray(0, 4).toString()).toBe('%PDF')
    // Neither the name of the file nor the title of the window names the person.
    expect(answer.headers['content-disposition']).not.toContain('Vogelsang')
    return /\/Lang \((\w\w)-\w\w\)/.exec(answer.bytes.toString('latin1'))?.[1]
  }
  for (const code of ['de', 'en', 'da', 'es', 'fr']) expect(await language(code)).toBe(code)
})

// --- What rests on a release ends with it ---------------------------------------------------------------------

const seen = async (path: string, client = as(anton)) => (await (await client).get(path)).body['disclosed']

test('withdrawing needs no version and no reason, and no more steps than giving', async () => {
  const { id } = await aRelease()
  const answer = await withdraw({ id })
  expect(answer).toMatchObject({ status: 200, body: { status: 'withdrawn', withdrawnWay: 'oral' } })
  expect(answer.body['withdrawnAt']).not.toBeNull()
  const again = await withdraw({ id })
  expect(again).toMatchObject({ status: 409, body: { code: 'release_not_active' } })
  const draft = await withdraw(await aDraftRelease())
  expect(draft).toMatchObject({ status: 409, body: { code: 'release_not_active' } })
})

test('a colleague records a withdrawal too, also on an expired release', async () => {
  const release = await aRelease()
  await sql(`update releases set valid_until = now() - interval '1 day' where id = $1`, [release.id])
  expect(await withdraw(release, hanna)).toMatchObject({ status: 200, body: { status: 'withdrawn' } })
})

test('with the next request the recipient sees nothing of the person, in every session; thread and ledger stay', async () => {
  const caseId = (await aKnownCase()).id
  await aFinishedClearing({ caseId })
  const referral = await aSentReferral({ caseId })
  // Two sessions of the recipient, both already opened.
  const other = (await signIn(anton)).client
  const path = `/v1/referrals/${referral.id}`
  for (const client of [as(anton), Promise.resolve(other)])
    expect(JSON.stringify(await seen(path, client))).toContain('Vogelsang')
  const etag = (await other.get(path)).headers['etag']!

  done(await withdraw({ id: referral['releaseId'] }))

  for (const client of [await as(anton), other]) {
    const thread = await client.get(path)
    expect(thread).toMatchObject({
      status: 200,
      body: { status: 'withdrawn', withdrawnBy: 'release_withdrawn' },
    })
    expect(thread.body['disclosed']).toBeNull()
    for (const word of ['Vogelsang', 'Kanaria', 'Käfiggasse', '0555', 'Brief-situation', ...allCanaries])
      expect(thread.text).not.toContain(word)
  }
  // What somebody kept in a cache does not count as unchanged.
  expect((await other.get(path, { ifNoneMatch: etag })).status).toBe(200)

  const ledger = (await (await as(nora)).get(`/v1/cases/${caseId}/disclosures`)).body.items
  expect(ledger).toHaveLength(1)
  expect(ledger[0]).toMatchObject({ subjectId: referral.id, ended: true, basis: 'release' })
  expect(JSON.stringify(ledger[0]!['parts'])).toContain('Vogelsang')
  for (const stranger of [anton, otto, mira])
    expect((await (await as(stranger)).get(`/v1/cases/${caseId}/disclosures`)).text).not.toContain(
      'Vogelsang',
    )
})

test('the database alone shows a recipient nothing after a withdrawal, whatever is asked of it', async () => {
  const referral = await aSentReferral()
  const seenBy = async (member: typeof anton) =>
    (await asService(contextOf(member), 'select from disclosures where subject_id = $1', [referral.id]))
      .rowCount
  expect(await seenBy(anton)).toBe(1)
  for (const stranger of [agnes, mira, otto, dora]) expect(await seenBy(stranger)).toBe(0)
  done(await withdraw({ id: referral['releaseId'] }))
  expect(await seenBy(anton)).toBe(0)
  expect(await seenBy(nora)).toBe(1)
})

interface Resting {
  promise: string
  make: () => Promise<{ releaseId: unknown; id: string; path: string; before: string }>
  after: object
}

// Every table that rests on a release has at least one case here: the catalogue test below sees to it.
const resting: Record<string, Resting[]> = {
  referrals: (
    [
      ['draft', () => aDraftReferral()],
      ['sent', () => aSentReferral()],
      ['accepted', () => anAcceptedReferral()],
    ] as const
  ).map(([before, make]) => ({
    promise: `a referral that is ${before} ends with its release`,
    make: async () => {
      const { id, releaseId } = await make()
      return { id, releaseId, before, path: `/v1/referrals/${id}` }
    },
    after: { status: 'withdrawn', withdrawnBy: 'release_withdrawn' },
  })),
  handovers: (
    [
      ['prepared', () => aPreparedHandover()],
      ['offered', () => anOfferedHandover()],
      ['accepted', () => anAcceptedHandover()],
    ] as const
  ).map(([before, make]) => ({
    promise: `a handover that is ${before} ends with its release`,
    make: async () => {
      const { id, referralId } = await make()
      const { releaseId } = (await (await as(nora)).get(`/v1/referrals/${String(referralId)}`)).body
      return { id, releaseId, before, path: `/v1/handovers/${id}` }
    },
    after: { status: 'cancelled', cancellation: 'release_withdrawn' },
  })),
  disclosures: [
    {
      promise: 'a disclosure is no longer valid after its release, and stays as it was otherwise',
      make: async () => {
        const { id, releaseId } = await aSentReferral()
        return { id, releaseId, before: 'sent', path: `/v1/referrals/${id}` }
      },
      after: { disclosed: null },
    },
  ],
  releases: [
    {
      promise: 'a release that replaces another needs nothing of it: the replaced one has ended before',
      make: async () => {
        const old = await aRelease()
        const { id } = await aRelease({ caseId: String(old['caseId']), supersedesId: old.id })
        return { id, releaseId: id, before: 'active', path: `/v1/releases/${id}` }
      },
      after: { status: 'withdrawn' },
    },
  ],
}

for (const { promise, make, after } of Object.values(resting).flat())
  test(promise, async () => {
    const { path, releaseId, before } = await make()
    expect((await (await as(nora)).get(path)).body.status).toBe(before)
    done(await withdraw({ id: releaseId }))
    expect((await (await as(nora)).get(path)).body).toMatchObject(after)
    // In the same transaction: nothing open rests on it any more.
    const [left] = await sql<{ open: number }>(
      `select (select count(*) from referrals where release_id = $1 and status in ('draft', 'sent', 'waitlisted', 'accepted', 'started', 'not_started'))
            + (select count(*) from handovers where release_id = $1 and status in ('prepared', 'offered', 'accepted'))
            + (select count(*) from disclosures where release_id = $1 and valid_until > now()) as open`,
      [releaseId],
    )
    expect(Number(left!.open)).toBe(0)
  })

test('every table that rests on a release has its own case above', async () => {
  const tables = await sql<{ name: string }>(
    `select distinct conrelid::regclass::text as name from pg_constraint
     where contype = 'f' and confrelid = 'releases'::regclass order by 1`,
  )
  expect(tables.map(({ name }) => name)).toEqual(Object.keys(resting).toSorted())
  expect(tables.length).toBeGreaterThan(2)
})

test('a handover under way ends with the release: the receiver sees neither sheet nor person', async () => {
  const handover = await anAcceptedHandover()
  const path = `/v1/handovers/${handover.id}`
  expect(JSON.stringify(await seen(path))).toContain(sheet.background)
  const referral = await (await as(nora)).get(`/v1/referrals/${String(handover['referralId'])}`)
  done(await withdraw({ id: referral.body['releaseId'] }))
  const answer = await (await as(anton)).get(path)
  expect(answer.body).toMatchObject({ status: 'cancelled', disclosed: null, sections: null })
  for (const word of [...Object.values(sheet), 'Vogelsang']) expect(answer.text).not.toContain(word)
  for (const list of ['/v1/handovers?box=in', '/v1/referrals?box=in'])
    expect((await (await as(anton)).get(list)).text).not.toContain('Vogelsang')
})

test('who has arrived stays arrived: a later withdrawal moves no responsibility back', async () => {
  const handover = await anArrivedHandover()
  const referral = await (await as(nora)).get(`/v1/referrals/${String(handover['referralId'])}`)
  done(await withdraw({ id: referral.body['releaseId'] }))
  const after = (await (await as(nora)).get(`/v1/handovers/${handover.id}`)).body
  expect(after).toMatchObject({ status: 'arrived', responsibleOrganizationId: organizations.wehr })
  expect(await seen(`/v1/handovers/${handover.id}`)).toBeNull()
})

test('a withdrawal ends what rests on this release and nothing else', async () => {
  const caseId = (await aKnownCase()).id
  const [one, other] = [await aSentReferral({ caseId }), await aSentReferral({ caseId, to: 'birkenhof' })]
  done(await withdraw({ id: one['releaseId'] }))
  expect((await (await as(anton)).get(`/v1/referrals/${one.id}`)).body['disclosed']).toBeNull()
  const kept = await (await as(agnes)).get(`/v1/referrals/${other.id}`)
  expect(kept.body.status).toBe('sent')
  expect(kept.text).toContain('Vogelsang')
})

test('an expired release covers nothing: not to send, not to hand over, not to read', async () => {
  const client = await as(nora)
  const age = (id: unknown) =>
    sql(
      `with r as (update releases set valid_until = now() - interval '1 second' where id = $1)
       update disclosures set valid_until = least(valid_until, now() - interval '1 second') where release_id = $1`,
      [id],
    )
  const draft = await aDraftReferral()
  await age(draft['releaseId'])
  expect((await client.post(`/v1/referrals/${draft.id}/send`)).body.code).toBe('not_released')

  const handover = await aPreparedHandover()
  const { releaseId } = (await client.get(`/v1/referrals/${String(handover['referralId'])}`)).body
  expect(await seen(`/v1/referrals/${String(handover['referralId'])}`)).not.toBeNull()
  await age(releaseId)
  expect((await client.post(`/v1/handovers/${handover.id}/offer`)).body.code).toBe('not_released')
  const thread = await (await as(anton)).get(`/v1/referrals/${String(handover['referralId'])}`)
  expect(thread).toMatchObject({ status: 200, body: { status: 'accepted', disclosed: null } })
  expect(thread.text).not.toContain('Vogelsang')
  expect((await client.get(`/v1/releases/${String(releaseId)}`)).body).toMatchObject({
    status: 'active',
    expired: true,
  })
})

test('what was disclosed ends when the release ends, without anybody doing anything', async () => {
  const referral = await aSentReferral()
  const [release] = await sql('select valid_until from releases where id = $1', [referral['releaseId']])
  const [disclosure] = await sql('select valid_until from disclosures where subject_id = $1', [referral.id])
  expect(disclosure).toEqual(release)
  await sql('update disclosures set valid_until = now() where subject_id = $1', [referral.id])
  expect(await seen(`/v1/referrals/${referral.id}`)).toBeNull()
})

test('a signed release replaces another at once, and what rested on the old one ends', async () => {
  const client = await as(nora)
  const referral = await aSentReferral()
  const caseId = String(referral['caseId'])
  const newer = await aRelease({ caseId, supersedesId: referral['releaseId'], categories: ['substance_use'] })
  expect((await client.get(`/v1/releases/${String(referral['releaseId'])}`)).body).toMatchObject({
    status: 'superseded',
    supersededById: newer.id,
  })
  expect((await client.get(`/v1/referrals/${referral.id}`)).body).toMatchObject({
    status: 'withdrawn',
    withdrawnBy: 'release_ended',
  })
  expect(await seen(`/v1/referrals/${referral.id}`)).toBeNull()
  const again = await client.post(`/v1/cases/${caseId}/releases`, {
    ...releaseTo('wehr'),
    signedOn: today(),
    supersedesId: referral['releaseId'],
  })
  expect(again).toMatchObject({ status: 409, body: { code: 'release_not_active' } })
})

test('a release of another case is not replaced, and one of another unit does not exist', async () => {
  const [mine, other] = [await aRelease(), await aRelease()]
  const replace = (supersedesId: string) => ({ ...releaseTo('wehr'), signedOn: today(), supersedesId })
  const client = await as(nora)
  const wrong = await client.post(`/v1/cases/${String(mine['caseId'])}/releases`, replace(other.id))
  expect(wrong).toMatchObject({ status: 409, body: { code: 'release_not_active' } })
  const theirs = await way(as, mira).aRelease()
  for (const id of [theirs.id, '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e']) {
    const foreign = await client.post(`/v1/cases/${String(mine['caseId'])}/releases`, replace(id))
    expect(foreign).toMatchObject({ status: 400, body: { code: 'unknown_reference' } })
    expect(pointers(foreign.body.errors)).toEqual(['/supersedesId'])
  }
  expect((await client.get(`/v1/releases/${other.id}`)).body.status).toBe('active')
})

// --- The ledger -----------------------------------------------------------------------------------------------

test('the ledger is never changed and never deleted, except that a view ends', async () => {
  const { id, caseId } = await aSentReferral()
  const context = contextOf(nora)
  for (const change of [
    `categories = '{health_mental}'`,
    `recipient_organization_id = '${organizations.birkenhof}'`,
    `purpose = 'funding'`,
    `sealed = ''`,
    `made_at = now()`,
    `release_id = null`,
    `basis = 'anonymous'`,
  ])
    await expect(
      asService(context, `update disclosures set ${change} where subject_id = $1`, [id]),
      change,
    ).rejects.toThrow('permission denied')
  await expect(asService(context, 'delete from disclosures where subject_id = $1', [id])).rejects.toThrow(
    'permission denied',
  )
  const ending = `update disclosures set valid_until = now() where case_id = $1`
  expect((await asService(context, ending, [caseId])).rowCount).toBe(1)
  for (const stranger of [mira, agnes, otto])
    expect((await asService(contextOf(stranger), ending, [caseId])).rowCount).toBe(0)
  for (const stranger of [mira, agnes, otto])
    expect(
      (await asService(contextOf(stranger), 'select from disclosures where case_id = $1', [caseId])).rowCount,
    ).toBe(0)
})

test('what left is sealed: neither names nor words stand in the row', async () => {
  const caseId = (await aKnownCase()).id
  await aFinishedClearing({ caseId })
  const { id } = await aSentReferral({ caseId })
  const [row] = await sql<{ text: string; sealed: Buffer }>(
    `select d::text || encode(sealed, 'escape') as text, sealed from disclosures d where subject_id = $1`,
    [id],
  )
  expect(row!.sealed.length).toBeGreaterThan(100)
  for (const word of ['Vogelsang', 'Kanaria', 'Brief-situation', ...allCanaries]) {
    expect(row!.text).not.toContain(word)
    expect(row!.sealed.includes(word)).toBe(false)
  }
  // Neither can it be moved to another row: it was sealed for this one.
  const other = await aSentReferral()
  await sql(
    `update disclosures d set sealed = s.sealed, wrapped_key = s.wrapped_key from disclosures s
     where d.subject_id = $1 and s.subject_id = $2`,
    [other.id, id],
  )
  // The checker of the answers lets no such answer pass.
  const failing = (await as(anton)).get(`/v1/referrals/${other.id}`)
  await expect(failing).rejects.toThrow(/→ 500: our own failure\n(?!.*Vogelsang)/)
})

test('a release that has ended never changes again, whoever asks the database', async () => {
  const release = await aRelease()
  done(await withdraw(release))
  const change = `update releases set valid_until = now() + interval '1 year' where id = $1`
  expect((await asService(contextOf(nora), change, [release.id])).rowCount).toBe(0)
  await expect(
    asService(contextOf(nora), 'delete from releases where id = $1', [release.id]),
  ).rejects.toThrow('permission denied')
})
