// What does nobody do in the main job, and yet needs an example? Played after the acts, only when recording.
import { daysAfter } from '../../modules/tasks/index.ts'
import { demoPassword } from '../index.ts'
import { createVoice, done, type Answer, type Carrier } from '../voice.ts'
import { halfAYear, inDays, offerOf, today, type Cast, type Known } from './scene.ts'

const ok = async (asked: Promise<Answer>) => done(await asked, 'the coda')

export async function coda(cast: Cast, carry: Carrier, { caseId, clientId }: Known) {
  await service(carry)
  await administration(cast, carry)
  await people(cast, clientId)
  await cases(cast, caseId)
  await wayOut(cast)
}

async function service(carry: Carrier) {
  const anybody = createVoice(carry)
  for (const url of ['/health/live', '/health/ready', '/v1/vocabularies']) await ok(anybody.get(url))
}

async function administration({ ada, nora, hanna }: Cast, carry: Carrier) {
  const { voice } = ada
  await ok(nora.voice.get('/v1/tenant/settings'))
  await ok(voice.get('/v1/organizations?limit=2'))
  const organization = await ok(
    voice.post('/v1/organizations', {
      kind: 'service_provider',
      sector: 'addiction',
      name: 'Beratung am Mühlteich',
      phone: '0555 0900-10',
      address: 'Mühlteich 1',
      email: 'kontakt@muehlteich.example',
      website: 'https://muehlteich.example',
    }),
  )
  await ok(voice.patch(`/v1/organizations/${organization.id}`, { phone: '0555 0900-20' }))
  const offer = await ok(
    voice.post('/v1/offers', {
      organizationId: organization.id,
      type: 'addiction_counselling',
      name: 'Beratung auch am Abend',
      description: 'Montags bis 20 Uhr.',
      targetGroups: ['dependent_adult', 'relative'],
      languages: ['de', 'uk'],
    }),
  )
  await ok(voice.patch(`/v1/offers/${offer.id}`, { active: false }))

  const email = 'sina.neu@lindenau.example'
  const user = await ok(
    voice.post('/v1/users', { email, name: 'Sina Neu', language: 'de', password: demoPassword }),
  )
  await ok(voice.patch(`/v1/users/${user.id}`, { language: 'en' }))
  const membership = await ok(
    voice.post(`/v1/users/${user.id}/memberships`, {
      role: 'network_professional',
      organizationId: organization.id,
    }),
  )
  await ok(voice.get(`/v1/memberships/${membership.id}`))
  const obligation = await ok(
    hanna.voice.post(`/v1/users/${user.id}/secrecy-obligations`, {
      basis: 'profession_203',
      boundOn: '2025-01-15',
    }),
  )
  await ok(hanna.voice.get(`/v1/secrecy-obligations/${obligation.id}`))
  await ok(voice.get(`/v1/users/${user.id}`))
  await ok(voice.get('/v1/users?limit=2'))

  const anybody = createVoice(carry)
  const session = await ok(
    anybody.post('/v1/auth/token', { municipality: 'demo-lindenau', email, password: demoPassword }),
  )
  const renewed = await ok(anybody.post('/v1/auth/refresh', { refreshToken: session['refreshToken'] }))
  await ok(createVoice(carry, String(renewed['accessToken'])).post('/v1/auth/logout'))
  await ok(voice.post(`/v1/memberships/${membership.id}/end`))
}

async function people({ nora, nils, hanna }: Cast, clientId: string) {
  await ok(nora.voice.patch(`/v1/clients/${clientId}`, { district: 'Hafen', interpreterNeeded: false }))
  for (const url of ['/v1/clients?limit=2', `/v1/clients/${clientId}/referrals`])
    await ok(nora.voice.get(url))
  await ok(nora.voice.post('/v1/clients/search', { familyName: 'Alderbach', birthDate: '1987-06-05' }))
  const shielded = await ok(
    hanna.voice.post('/v1/clients', {
      identificationLevel: 'pseudonymous',
      alias: 'Colleague',
      shielded: true,
    }),
  )
  const { membership } = await ok(nils.voice.get('/v1/me'))
  const { id: membershipId } = membership as { id: string }
  await ok(hanna.voice.post(`/v1/clients/${shielded.id}/named-members`, { membershipId }))
}

async function cases({ nora, nils, hanna }: Cast, caseId: string) {
  const at = `/v1/cases/${caseId}`
  const again = await ok(nora.voice.post(`${at}/clearings`))
  await ok(nora.voice.post(`/v1/clearings/${again.id}/discard`))
  for (const list of ['clearings', 'releases', 'referrals', 'handovers'])
    await ok(nora.voice.get(`${at}/${list}`))
  await ok(nora.voice.get('/v1/clearing-guides'))

  await ok(nora.voice.post(`${at}/next-step`, { text: 'Ask how the week was', on: inDays(7) }))
  await ok(
    nora.voice.post(`${at}/pause`, { reason: 'away', text: 'Is back from her sister', on: inDays(21) }),
  )
  await ok(nora.voice.post(`${at}/resume`, { text: 'Ask how the week was', on: inDays(7) }))
  const { membership } = await ok(nils.voice.get('/v1/me'))
  const { id: membershipId } = membership as { id: string }
  await ok(hanna.voice.post(`${at}/assignments`, { membershipId, reason: 'Holidays' }))
  await ok(hanna.voice.get(`${at}/assignments`))
  const { clientId } = await ok(nils.voice.get(at))
  await ok(nils.voice.get(`/v1/cases?clientId=${String(clientId)}`))
  await ok(nils.voice.post(`${at}/close`, { endType: 'planned_regular', outcome: 'improved' }))
}

/** A case with every answer that the main job did not need: refused, declined, withdrawn, cancelled. */
async function wayOut({ nora, anton }: Cast) {
  const client = await ok(
    nora.voice.post('/v1/clients', { identificationLevel: 'pseudonymous', alias: 'Sperling' }),
  )
  const { id: caseId } = await ok(
    nora.voice.post('/v1/cases', {
      clientId: client.id,
      requesterRole: 'relative',
      referralSource: 'family_friends',
      nextStep: 'Call back',
      nextStepOn: inDays(1),
    }),
  )
  const offer = await offerOf(anton, 'addiction_counselling')
  const { organizationId } = anton
  await ok(anton.voice.get(`/v1/organizations/${organizationId}`))
  const release = (given: object) =>
    ok(
      nora.voice.post(`/v1/cases/${caseId}/releases`, {
        recipientOrganizationId: organizationId,
        purpose: 'referral',
        purposeDetail: 'A talk about the family',
        categories: ['clearing_summary', 'attendance_only'],
        validUntil: halfAYear(),
        proof: 'paper_signed',
        informationVersion: 1,
        informationLanguage: 'de',
        ...given,
      }),
    )
  const draft = await release({})
  await ok(nora.voice.post(`/v1/releases/${draft.id}/refuse`))
  const { id: releaseId } = await release({ signedOn: today() })
  await ok(nora.voice.get(`/v1/releases/${releaseId}`))

  async function referral() {
    const made = await ok(
      nora.voice.post(`/v1/cases/${caseId}/referrals`, {
        offerId: offer.id,
        releaseId,
        situation: 'Asks for a talk.',
      }),
    )
    return `/v1/referrals/${(await ok(nora.voice.post(`/v1/referrals/${made.id}/send`))).id}`
  }
  await ok(
    anton.voice.post(`${await referral()}/decline`, { reason: 'no_capacity', note: 'In three weeks again.' }),
  )
  await ok(nora.voice.post(`${await referral()}/withdraw`, { by: 'person' }))
  const accepted = await ok(anton.voice.post(`${await referral()}/accept`))
  await ok(anton.voice.get('/v1/referrals?box=in&limit=2'))

  async function handover() {
    const made = await ok(
      nora.voice.post(`/v1/cases/${caseId}/handovers`, { referralId: accepted.id, type: 'warm_joint' }),
    )
    const at = `/v1/handovers/${made.id}`
    const sections = { situation: 'Comes on Tuesday.' }
    await ok(nora.voice.patch(at, { meetingAt: `${daysAfter(today(), 3)}T08:00:00Z`, sections }))
    await ok(nora.voice.post(`${at}/offer`))
    return at
  }
  const refused = await handover()
  await ok(anton.voice.get(refused))
  await ok(anton.voice.post(`${refused}/refuse`, { reason: 'no_capacity', note: 'That day is full.' }))
  await ok(nora.voice.post(`${await handover()}/cancel`))
  await ok(anton.voice.get('/v1/handovers?box=in&limit=2'))
  const tasks = await ok(nora.voice.get('/v1/tasks?limit=2'))
  await ok(nora.voice.get(`/v1/tasks/${tasks.items[0]!.id}`))
}
