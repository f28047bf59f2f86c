// Does a client by hey-api take a referral through acceptance, decline and a lost race?
import assert from 'node:assert/strict'
import { createClient, createConfig } from './generated/client/index.js'
import * as lotse from './generated/index.js'

const baseUrl = process.env['BASE_URL'] ?? 'http://127.0.0.1:3000'
const municipality = 'demo-lindenau'
const password = 'this password is public'
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const onDay = (days: number) => inDays(days).slice(0, 10)

async function signedIn(email: string) {
  const { data, error } = await lotse.authSignIn({
    client: createClient(createConfig({ baseUrl })),
    headers: { 'Accept-Language': 'en' },
    body: { municipality, email, password },
  })
  if (error) throw new Error(error.detail)
  if (!data || !('accessToken' in data)) throw new Error('this is the answer for a machine')
  return { client: createClient(createConfig({ baseUrl, auth: data.accessToken })) }
}

/** What was answered; a refusal says its code. */
async function done<T>(asked: Promise<{ data?: T; error?: lotse.Problem | undefined; response?: Response }>) {
  const { data, error, response } = await asked
  if (data === undefined) throw new Error(`${response?.status} ${error?.code}: ${error?.detail}`)
  return { data, etag: response?.headers.get('etag') ?? '' }
}

const [nora, anton] = [
  await signedIn('nora.lenz@lindenau.example'),
  await signedIn('anton.brueck@lindenau.example'),
]
const { data: me } = await done(lotse.meRead(anton))
const { organizationId } = me.membership
const { data: offers } = await done(lotse.offersList({ ...nora, query: { organizationId, limit: 10 } }))
const offer = offers.items.find(({ active }) => active)
assert(offer)

const { data: person } = await done(
  lotse.clientsCreate({
    ...nora,
    headers: { 'Idempotency-Key': crypto.randomUUID() },
    body: { identificationLevel: 'pseudonymous', alias: 'Reiher' },
  }),
)
const { data: opened } = await done(
  lotse.casesOpen({
    ...nora,
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
  lotse.releasesCreate({
    ...nora,
    path: { id: opened.id },
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
    lotse.referralsCreate({
      ...nora,
      path: { id: opened.id },
      body: { offerId: offer.id, releaseId: release.id, situation: 'Looks for a place.' },
    }),
  )
async function sent(id: string) {
  const { data } = await done(lotse.referralsSend({ ...nora, path: { id } }))
  return { ...anton, path: { id: data.id } }
}

const declined = await sent((await drafted()).data.id)
const headers = { 'Idempotency-Key': crypto.randomUUID() }
for (const replayed of [null, 'true']) {
  const { data, response } = await lotse.referralsDecline({
    ...declined,
    headers,
    body: { reason: 'no_capacity' },
  })
  assert.equal(data?.status, 'declined')
  assert.equal(response?.headers.get('idempotent-replayed'), replayed)
}

const third = await drafted()
const at = { ...nora, path: { id: third.data.id } }
const changed = await done(
  lotse.referralsUpdate({ ...at, headers: { 'If-Match': third.etag }, body: { urgency: 'soon' } }),
)
assert.equal(changed.data.urgency, 'soon')

const pdf = new File(
  ['%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'],
  'letter.pdf',
  {
    type: 'application/pdf',
  },
)
const attached = await done(
  lotse.attachmentsAdd({ ...at, body: { category: 'clearing_summary', file: pdf } }),
)
const downloaded = await lotse.attachmentsRead({
  ...nora,
  path: { id: attached.data.id },
  headers: { Accept: 'application/pdf' },
  parseAs: 'blob',
})
assert(downloaded.data instanceof Blob)
assert.equal(downloaded.data.size, pdf.size)

const first = await sent(third.data.id)
const read = await done(lotse.referralsRead(first))
assert.equal(read.data.status, 'sent')
await done(lotse.referralsTake(first))
const raced = await lotse.referralsAccept({ ...first, headers: { 'If-Match': read.etag } })
assert.equal(raced.response?.status, 412)
assert.equal(raced.error?.code, 'stale')
const again = await done(lotse.referralsRead(first))
const accepted = await done(lotse.referralsAccept({ ...first, headers: { 'If-Match': again.etag } }))
assert.equal(accepted.data.status, 'accepted')

const form = await done(lotse.releasesForm({ ...nora, path: { id: release.id }, parseAs: 'blob' }))
assert.match(await form.data.slice(0, 5).text(), /%PDF/)

console.log('hey-api: accepted, 412, declined once, changed, attached, downloaded')
