// Does a client by openapi-typescript and openapi-fetch take a referral through acceptance, decline and a lost race?
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './generated/schema.js'

// A list may also come as a stream or as a table: for JSON say so, for the others leave it open (`as`).
type Json = 'application/json' | 'application/problem+json'

const baseUrl = process.env['BASE_URL'] ?? 'http://127.0.0.1:3000'
const municipality = 'demo-lindenau'
const password = 'this password is public'
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const onDay = (days: number) => inDays(days).slice(0, 10)

async function signedIn(email: string) {
  const client = createClient<paths, Json>({ baseUrl })
  const { data, error } = await client.POST('/v1/auth/token', {
    params: { header: { 'Accept-Language': 'en' } },
    body: { municipality, email, password },
  })
  if (error) throw new Error(error.detail)
  if (!('accessToken' in data)) throw new Error('this is the answer for a machine')
  const options = { baseUrl, headers: { authorization: `Bearer ${data.accessToken}` } }
  return { ...createClient<paths, Json>(options), as: createClient<paths>(options) }
}

/** What was answered; a refusal says its code. */
async function done<T>(
  asked: Promise<{ data?: T; error?: components['schemas']['Problem']; response: Response }>,
) {
  const { data, error, response } = await asked
  if (data === undefined) throw new Error(`${response.status} ${error?.code}: ${error?.detail}`)
  return { data, etag: response.headers.get('etag') ?? '' }
}

const [nora, anton] = [
  await signedIn('nora.lenz@lindenau.example'),
  await signedIn('anton.brueck@lindenau.example'),
]
const { data: me } = await done(anton.GET('/v1/me'))
const { organizationId } = me.membership
const { data: offers } = await done(
  nora.GET('/v1/offers', { params: { query: { organizationId, limit: 10 } } }),
)
const offer = offers.items.find(({ active }) => active)
assert(offer)

const { data: person } = await done(
  nora.POST('/v1/clients', {
    params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
    body: { identificationLevel: 'pseudonymous', alias: 'Kranich' },
  }),
)
const { data: opened } = await done(
  nora.POST('/v1/cases', {
    body: {
      clientId: person.id,
      requesterRole: 'self',
      referralSource: 'self_initiative',
      nextStep: 'Ask for a place',
      nextStepOn: onDay(1),
    },
  }),
)
const { data: release } = await done(
  nora.POST('/v1/cases/{id}/releases', {
    params: { path: { id: opened.id } },
    body: {
      recipientOrganizationId: organizationId,
      purpose: 'referral',
      purposeDetail: 'So that the counselling can begin',
      categories: ['clearing_summary'],
      validUntil: inDays(180),
      proof: 'paper_signed',
      informationVersion: 1,
      informationLanguage: 'de',
      signedOn: onDay(0),
    },
  }),
)

const drafted = () =>
  done(
    nora.POST('/v1/cases/{id}/referrals', {
      params: { path: { id: opened.id } },
      body: { offerId: offer.id, releaseId: release.id, situation: 'Looks for a place.' },
    }),
  )
async function sent(id: string) {
  const { data } = await done(nora.POST('/v1/referrals/{id}/send', { params: { path: { id } } }))
  return { path: { id: data.id } }
}

// Declined, once: the key makes the repetition the same act.
const declined = await sent((await drafted()).data.id)
const header = { 'Idempotency-Key': crypto.randomUUID() }
for (const replayed of [null, 'true']) {
  const { data, response } = await anton.POST('/v1/referrals/{id}/decline', {
    params: { ...declined, header },
    body: { reason: 'no_capacity' },
  })
  assert.equal(data?.status, 'declined')
  assert.equal(response.headers.get('idempotent-replayed'), replayed)
}

// A draft that is changed names its version; a closed body refuses what nobody described.
const third = await drafted()
const changed = await done(
  nora.PATCH('/v1/referrals/{id}', {
    params: { path: { id: third.data.id }, header: { 'If-Match': third.etag } },
    body: { urgency: 'soon' },
  }),
)
assert.equal(changed.data.urgency, 'soon')

// A document goes along as multipart, and comes back as bytes.
const pdf = new Blob(['%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'], {
  type: 'application/pdf',
})
const attached = await done(
  nora.POST('/v1/referrals/{id}/attachments', {
    params: { path: { id: third.data.id } },
    body: { category: 'clearing_summary', file: 'letter.pdf' },
    bodySerializer({ category }) {
      const form = new FormData()
      form.set('category', category)
      form.set('file', pdf, 'letter.pdf')
      return form
    },
  }),
)
const downloaded = await nora.as.GET('/v1/attachments/{id}', {
  params: { path: { id: attached.data.id } },
  headers: { accept: 'application/pdf' },
  parseAs: 'arrayBuffer',
})
assert.equal(downloaded.data?.byteLength, pdf.size)

// Accepted, with the version that was read; the version before is refused with 412.
const first = await sent(third.data.id)
const read = await done(anton.GET('/v1/referrals/{id}', { params: first }))
assert.equal(read.data.status, 'sent')
await done(anton.POST('/v1/referrals/{id}/take', { params: first }))
const raced = await anton.POST('/v1/referrals/{id}/accept', {
  params: { ...first, header: { 'If-Match': read.etag, 'Accept-Language': 'en' } },
})
assert.equal(raced.response.status, 412)
assert.equal(raced.error?.code, 'stale')
const again = await done(anton.GET('/v1/referrals/{id}', { params: first }))
const accepted = await done(
  anton.POST('/v1/referrals/{id}/accept', { params: { ...first, header: { 'If-Match': again.etag } } }),
)
assert.equal(accepted.data.status, 'accepted')

// Nothing has changed: 304 without a body.
const unchanged = await anton.GET('/v1/referrals/{id}', {
  params: {
    ...first,
    header: { 'If-None-Match': (await done(anton.GET('/v1/referrals/{id}', { params: first }))).etag },
  },
})
assert.equal(unchanged.response.status, 304)

// A whole list as a stream, and as a table.
for (const accept of ['application/x-ndjson', 'text/csv']) {
  const { data } = await nora.as.GET('/v1/cases', { headers: { accept }, parseAs: 'text' })
  assert(typeof data === 'string' && data.includes(opened.id), accept)
}
const form = await nora.as.GET('/v1/releases/{id}/form.pdf', {
  params: { path: { id: release.id } },
  parseAs: 'blob',
})
assert.match(await form.data!.slice(0, 5).text(), /%PDF/)

console.log('openapi-typescript: accepted, 412, declined once, changed, attached, downloaded, streamed')
