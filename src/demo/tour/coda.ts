// What does nobody do in the main job, and yet needs an example? Played after the acts, only when recording.
import { TOTP } from 'otpauth'
import { setTimeout as sleep } from 'node:timers/promises'
import { daysAfter } from '../../modules/tasks/index.ts'
import { demoPassword } from '../index.ts'
import { createVoice, done, type Answer, type Body, type Carrier } from '../voice.ts'
import { halfAYear, inDays, offerOf, today, type Cast, type Known } from './scene.ts'

const ok = async (asked: Promise<Answer>) => done(await asked, 'the coda')

export async function coda(cast: Cast, carry: Carrier, { caseId, clientId }: Known) {
  await service(carry)
  await administration(cast, carry)
  await signingIn(cast, carry)
  await machines(cast, carry)
  await people(cast, clientId)
  await cases(cast, caseId)
  await contacts(cast)
  await wayOut(cast)
  await papers(cast)
  await waiting(cast)
  await meeting(cast)
  await inGoodTime(cast)
  await beingTold(cast)
  await following(cast)
  await broughtIn(cast)
  await sealing(cast)
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
    anybody.post('/v1/auth/token', {
      municipality: 'demo-lindenau',
      // Not Sina: she would first have to set a password of her own.
      email: 'nils.oder@lindenau.example',
      password: demoPassword,
    }),
  )
  const renewed = await ok(anybody.post('/v1/auth/refresh', { refreshToken: session['refreshToken'] }))
  await ok(createVoice(carry, String(renewed['accessToken'])).post('/v1/auth/logout'))
  await ok(voice.post(`/v1/memberships/${membership.id}/end`))
}

/** A first day: the administrator's password for three days, an own one, a second factor, and a lost telephone. */
async function signingIn({ ada }: Cast, carry: Carrier) {
  const { voice } = ada
  await ok(voice.patch('/v1/tenant/settings', { secondFactorRequired: 'none' }))
  const municipality = 'demo-lindenau'
  const email = 'ruth.neu@lindenau.example'
  const person = { email, name: 'Ruth Neu', language: 'de', password: demoPassword }
  const { id } = await ok(voice.post('/v1/users', person))
  const membership = { role: 'planner', organizationId: ada.organizationId }
  await ok(voice.post(`/v1/users/${id}/memberships`, membership))
  const { temporaryPassword } = await ok(voice.post(`/v1/users/${id}/reset-password`))

  async function enter(password: unknown, otp?: unknown) {
    const given = { municipality, email, password, ...(otp !== undefined && { otp }) }
    const { accessToken } = await ok(createVoice(carry).post('/v1/auth/token', given))
    return createVoice(carry, String(accessToken))
  }
  const first = await enter(temporaryPassword)
  const password = 'die Lampe steht am Fenster'
  const change = { currentPassword: temporaryPassword, newPassword: password }
  await ok(first.post('/v1/me/password', change))
  const own = await enter(password)
  const begun = await ok(own.post('/v1/me/second-factor', { currentPassword: password }))
  const device = new TOTP({ secret: String(begun['secret']) })
  const on = await ok(own.post('/v1/me/second-factor/confirm', { code: device.generate() }))
  const [one, another] = on['recoveryCodes'] as string[]
  const again = await enter(password, one)
  await ok(again.get('/v1/me/second-factor'))
  await ok(again.post('/v1/me/second-factor/end', { code: another }))
  await ok(voice.post(`/v1/users/${id}/remove-second-factor`))
}

/** Another system gets in, and the city's own identity provider. */
async function machines({ ada }: Cast, carry: Carrier) {
  const { voice } = ada
  const account = await ok(
    voice.post('/v1/service-accounts', {
      name: 'Übernahme aus dem alten System',
      role: 'planner',
      organizationId: ada.organizationId,
      scopes: ['organizations.list', 'offers.list'],
      addresses: ['192.0.2.0/24'],
      responsibleUserId: (await ok(voice.get('/v1/me'))).id,
    }),
  )
  const at = `/v1/service-accounts/${account.id}`
  const next = { label: 'Zweites Halbjahr', expiresOn: inDays(180) }
  const secret = await ok(voice.post(`${at}/keys`, { kind: 'secret', ...next }))
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  const key = await ok(voice.post(`${at}/keys`, { kind: 'public_key', ...next, jwk }))
  // The addresses of the example are nobody's.
  await ok(voice.patch(at, { addresses: [] }))
  const proof = {
    grant_type: 'client_credentials',
    client_id: String(account['clientId']),
    client_secret: String(secret['secret']),
    scope: 'offers.list',
  }
  await ok(
    createVoice(carry).post('/v1/auth/token', new URLSearchParams(proof).toString(), {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
  )
  await ok(voice.post(`/v1/service-account-keys/${secret.id}/revoke`))
  await ok(voice.get(`/v1/service-account-keys/${key.id}`))
  await ok(voice.get(at))
  await ok(voice.patch(at, { active: false }))
  await ok(voice.get('/v1/service-accounts?limit=2'))

  const provider = await ok(
    voice.post('/v1/identity-providers', {
      issuer: 'https://login.lindenau.example/realms/city',
      audience: 'https://lotse.lindenau.example',
      label: 'Keycloak der Stadt',
      linkByEmail: true,
      mappings: [
        {
          claim: 'realm_access.roles',
          value: 'lotse-planung',
          role: 'planner',
          organizationId: ada.organizationId,
        },
      ],
    }),
  )
  await ok(voice.get(`/v1/identity-providers/${provider.id}`))
  await ok(voice.patch(`/v1/identity-providers/${provider.id}`, { active: false }))
  await ok(voice.get('/v1/identity-providers?limit=2'))
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

/** Somebody at every door: guided on, taken up, and one who does not want it at present. */
async function contacts({ nora, hanna, anton, selma, ada, agnes }: Cast) {
  const rules = await ok(nora.voice.get('/v1/scope-rules'))
  const known = rules.items.find(({ problem }) => problem === 'buying')
  if (known) await ok(ada.voice.remove(`/v1/scope-rules/${known.id}`))
  const rule = await ok(
    ada.voice.post('/v1/scope-rules', { problem: 'buying', sector: 'debt', note: 'The debt advice helps.' }),
  )
  const scope = `/v1/scope-rules/${rule.id}`
  await ok(nora.voice.get(scope))
  await ok(ada.voice.patch(scope, { note: 'The debt advice helps, without an appointment.' }))

  const toNora = { toOrganizationId: nora.organizationId }
  const told = await ok(
    selma.voice.post('/v1/contacts', {
      name: 'Robin',
      reach: '0555 0100-30, after six',
      agreement: 'The navigators may call Robin on Thursday.',
      ...toNora,
    }),
  )
  await ok(nora.voice.get('/v1/contacts?box=received&limit=2'))
  await ok(nora.voice.get(`/v1/contacts/${told.id}`))
  await ok(
    nora.voice.post(`/v1/contacts/${told.id}/take-up`, { nextStep: 'Call Robin', nextStepOn: inDays(2) }),
  )

  const wrongDoor = await ok(anton.voice.post('/v1/contacts', { kind: 'wrong_door', problems: ['buying'] }))
  await ok(
    anton.voice.post(`/v1/contacts/${wrongDoor.id}/guide`, {
      place: 'Tagesklinik',
      contact: 'reception, 0555 0800-0',
      by: inDays(5),
      organizationId: agnes.organizationId,
    }),
  )
  await ok(anton.voice.patch(`/v1/contacts/${wrongDoor.id}`, { nextStepOn: inDays(5) }))
  await ok(agnes.voice.post(`/v1/contacts/${wrongDoor.id}/confirm`, { confirmedBy: 'place' }))

  const relative = await ok(
    anton.voice.post('/v1/contacts', { requesterRole: 'relative', mode: 'phone', ...toNora }),
  )
  await ok(nora.voice.post(`/v1/contacts/${relative.id}/decline`, { place: 'A talk for relatives' }))
  await ok(hanna.voice.get(`/v1/contacts/figures?from=${inDays(-30)}&until=${today()}`))
  await ok(ada.voice.remove(scope))
}

/** What two organisations agreed on, and a referral that waits, asks, begins and ends, and one that is redirected. */
async function waiting({ nora, anton, agnes, carla }: Cast) {
  const agreed = await ok(
    carla.voice.post('/v1/interfaces', {
      fromOrganizationId: nora.organizationId,
      toOrganizationId: anton.organizationId,
      answerDays: 5,
      agreement: 'A call on the same day when it is urgent.',
    }),
  )
  await ok(carla.voice.patch(`/v1/interfaces/${agreed.id}`, { answerDays: 4 }))
  await ok(nora.voice.get(`/v1/interfaces/${agreed.id}`))
  await ok(nora.voice.get(`/v1/interfaces?organizationId=${anton.organizationId}&limit=2`))
  const offer = await offerOf(anton, 'addiction_counselling')
  const places = { freePlaces: 0, waitingDays: 21, note: 'From May on two places more' }
  await ok(anton.voice.post(`/v1/offers/${offer.id}/capacity`, places))

  const client = await ok(
    nora.voice.post('/v1/clients', { identificationLevel: 'pseudonymous', alias: 'Amsel' }),
  )
  const { id: caseId } = await ok(
    nora.voice.post('/v1/cases', {
      clientId: client.id,
      requesterRole: 'self',
      referralSource: 'self_initiative',
      nextStep: 'Ask for a place',
      nextStepOn: inDays(1),
    }),
  )
  const release = await ok(
    nora.voice.post(`/v1/cases/${caseId}/releases`, {
      recipientOrganizationId: anton.organizationId,
      purpose: 'referral',
      purposeDetail: 'So that the counselling can begin',
      categories: ['clearing_summary', 'attendance_only'],
      validUntil: halfAYear(),
      proof: 'paper_signed',
      informationVersion: 1,
      informationLanguage: 'de',
      signedOn: today(),
    }),
  )
  async function referral() {
    const given = { offerId: offer.id, releaseId: release.id, situation: 'Looks for a place.' }
    const made = await ok(nora.voice.post(`/v1/cases/${caseId}/referrals`, given))
    return `/v1/referrals/${(await ok(nora.voice.post(`/v1/referrals/${made.id}/send`))).id}`
  }
  const at = await referral()
  await ok(anton.voice.post(`${at}/take`))
  await ok(anton.voice.post(`${at}/messages`, { text: 'Is an interpreter needed for the first talk?' }))
  await ok(nora.voice.post(`${at}/messages`, { text: 'No, but a talk after five would help.' }))
  await ok(anton.voice.get(`${at}/messages`))
  await ok(anton.voice.post(`${at}/waitlist`, { position: 2, expectedOn: inDays(21) }))
  const accepted = await ok(anton.voice.post(`${at}/accept`))
  const handover = await ok(
    nora.voice.post(`/v1/cases/${caseId}/handovers`, {
      referralId: accepted.id,
      type: 'written',
      sections: { situation: 'Comes on Tuesday.' },
    }),
  )
  await ok(nora.voice.post(`/v1/handovers/${handover.id}/offer`))
  await ok(anton.voice.post(`/v1/handovers/${handover.id}/accept`))
  await ok(nora.voice.post(`/v1/handovers/${handover.id}/confirm-arrival`, { confirmedBy: 'person' }))
  await ok(anton.voice.post(`${at}/conclude`, { outcome: 'improved' }))

  const { items } = await ok(nora.voice.get(`/v1/offers?organizationId=${agnes.organizationId}`))
  const instead = items.find(({ active }) => active === true)
  const note = 'A stay on the ward comes first here.'
  await ok(anton.voice.post(`${await referral()}/redirect`, { offerId: instead?.id, note }))
}

const letter = `%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [] /Count 0 >>
endobj
trailer
<< /Root 1 0 R /Size 3 >>
%%EOF
`

/** Documents go along, and somebody without an account is asked: given a link that is then taken back. */
async function papers({ nora, anton }: Cast) {
  const client = await ok(
    nora.voice.post('/v1/clients', { identificationLevel: 'pseudonymous', alias: 'Zeisig' }),
  )
  const { id: caseId } = await ok(
    nora.voice.post('/v1/cases', {
      clientId: client.id,
      requesterRole: 'self',
      referralSource: 'self_initiative',
      nextStep: 'Call back',
      nextStepOn: inDays(2),
    }),
  )
  const offer = await offerOf(anton, 'addiction_counselling')
  const { id: releaseId } = await ok(
    nora.voice.post(`/v1/cases/${caseId}/releases`, {
      recipientOrganizationId: anton.organizationId,
      purpose: 'referral',
      purposeDetail: 'So that the counselling knows the report',
      categories: ['clearing_summary', 'medication'],
      validUntil: halfAYear(),
      proof: 'paper_signed',
      informationVersion: 1,
      informationLanguage: 'de',
      signedOn: today(),
    }),
  )
  const made = await ok(
    nora.voice.post(`/v1/cases/${caseId}/referrals`, {
      offerId: offer.id,
      releaseId,
      situation: 'See the report.',
    }),
  )
  const at = `/v1/referrals/${made.id}`
  const form = [
    ['--part', 'Content-Disposition: form-data; name="category"', '', 'medication'],
    [
      '--part',
      'Content-Disposition: form-data; name="file"; filename="report.pdf"',
      'Content-Type: application/pdf',
    ],
    ['', letter],
    ['--part--', ''],
  ]
  const attach = () =>
    ok(
      nora.voice.post(`${at}/attachments`, form.flat().join('\r\n'), {
        headers: { 'content-type': 'multipart/form-data; boundary=part' },
      }),
    )
  await ok(nora.voice.send('DELETE', `/v1/attachments/${(await attach()).id}`))
  const { id: attachmentId } = await attach()
  await ok(nora.voice.post(`${at}/send`))
  await ok(anton.voice.get(`${at}/attachments`))
  await ok(anton.voice.get(`/v1/attachments/${attachmentId}`))
  await ok(nora.voice.get(`/v1/attachments/${attachmentId}`, { headers: { accept: 'application/json' } }))
  const link = await ok(
    nora.voice.post(`${at}/answer-link`, { email: 'post@praxis-am-anger.example', language: 'de' }),
  )
  await ok(nora.voice.get(`${at}/answer-link`))
  await ok(nora.voice.post(`/v1/answer-links/${link.id}/revoke`))
}

/** A case with every answer that the main job did not need: refused, declined, withdrawn, cancelled. */
async function wayOut({ nora, hanna, anton }: Cast) {
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
  await concept(hanna)
  await backAgain({ nora, anton }, await handover())
  const tasks = await ok(nora.voice.get('/v1/tasks?limit=2'))
  await ok(nora.voice.get(`/v1/tasks/${tasks.items[0]!.id}`))
}

/** What a handover needs here, from now on. */
async function concept({ voice }: Cast['hanna']) {
  const published = await ok(
    voice.post('/v1/handover-concepts', {
      types: {
        warm_joint: { required: ['situation'], answerDays: 3 },
        accompanied: { required: ['situation', 'client_view', 'fallback'], answerDays: 5 },
        emergency: { required: ['situation'], answerDays: 1 },
      },
    }),
  )
  await ok(voice.get('/v1/handover-concepts?limit=2'))
  await ok(voice.get(`/v1/handover-concepts/${published.id}`))
}

/** Arrived after a joint talk; then the help is shaky, and the person comes back as a new request. */
async function backAgain({ nora, anton }: Pick<Cast, 'nora' | 'anton'>, at: string) {
  const { acceptedAt } = await ok(anton.voice.post(`${at}/accept`))
  await ok(anton.voice.post(`${at}/joint-talk`, { heldAt: acceptedAt }))
  await ok(anton.voice.post(`${at}/confirm-arrival`, { confirmedBy: 'receiver' }))
  await ok(anton.voice.get(`${at}/sheet`))
  await ok(nora.voice.get(`${at}/sheet.pdf?language=da`))
  const nextStep = { text: 'Talk about it with her and the agency', on: inDays(4) }
  await ok(nora.voice.post(`${at}/stability`, { stability: 'shaky', nextStep }))
  await ok(
    anton.voice.post(`${at}/return`, {
      reason: 'other_help_needed',
      note: 'She agrees that the navigators look for a day clinic.',
      agreed: true,
    }),
  )
}

/** An appointment that is moved and then cancelled, and a try to reach the person. */
async function meeting({ nora }: Cast) {
  const client = await ok(
    nora.voice.post('/v1/clients', { identificationLevel: 'pseudonymous', alias: 'Zeisig' }),
  )
  const { id: caseId } = await ok(
    nora.voice.post('/v1/cases', {
      clientId: client.id,
      requesterRole: 'self',
      referralSource: 'self_initiative',
      nextStep: 'Arrange a first talk',
      nextStepOn: inDays(1),
    }),
  )
  const of = `/v1/cases/${caseId}`
  const planned = await ok(
    nora.voice.post(`${of}/appointments`, {
      startsAt: `${inDays(3)}T09:00:00Z`,
      minutes: 45,
      mode: 'in_person_office',
      place: 'Am Anger 3, first floor',
      interpreter: 'uk',
    }),
  )
  const at = `/v1/appointments/${planned.id}`
  await ok(nora.voice.patch(at, { startsAt: `${inDays(4)}T13:30:00Z` }))
  await ok(nora.voice.get(`${at}/calendar.ics`))
  const nextStep = { text: 'Call for another day', on: inDays(5) }
  await ok(nora.voice.post(`${at}/outcome`, { status: 'cancelled_by_person', nextStep }))
  await ok(nora.voice.get(`${of}/appointments?limit=2`))
  const attempt = await ok(
    nora.voice.post(`${of}/contact-attempts`, { mode: 'phone', outcome: 'not_reached', note: 'No answer.' }),
  )
  await ok(nora.voice.get(`/v1/contact-attempts/${attempt.id}`))
  await ok(nora.voice.get(`${of}/contact-attempts?limit=2`))
}

/** What is to be done by when, in law and among colleagues, and who stands in meanwhile. */
async function inGoodTime({ nora, nils }: Cast) {
  const client = await ok(
    nora.voice.post('/v1/clients', { identificationLevel: 'pseudonymous', alias: 'Stieglitz' }),
  )
  const { id: caseId } = await ok(
    nora.voice.post('/v1/cases', {
      clientId: client.id,
      requesterRole: 'self',
      referralSource: 'self_initiative',
      nextStep: 'Ask the pension insurance',
      nextStepOn: inDays(3),
    }),
  )
  const { membership } = await ok(nils.voice.get('/v1/me'))
  const { id: nilsId } = membership as { id: string }
  const task = await ok(
    nora.voice.post('/v1/tasks', {
      caseId,
      title: 'Ask for the papers',
      dueOn: inDays(2),
      ownerMembershipId: nilsId,
    }),
  )
  await ok(nils.voice.get('/v1/tasks?owner=me&limit=2'))
  await ok(nils.voice.patch(`/v1/tasks/${task.id}`, { dueOn: inDays(4) }))
  await ok(nils.voice.post(`/v1/tasks/${task.id}/done`))

  const clock = await ok(
    nora.voice.post(`/v1/cases/${caseId}/deadlines`, {
      kind: 'rehab_responsibility_2w',
      startedOn: inDays(-3),
    }),
  )
  await ok(nora.voice.get(`/v1/deadlines?caseId=${caseId}`))
  await ok(nora.voice.get(`/v1/deadlines/${clock.id}`))
  await ok(nora.voice.post(`/v1/deadlines/${clock.id}/stop`, { by: 'forwarded', on: inDays(-1) }))

  const away = await ok(
    nora.voice.post('/v1/substitutions', {
      substituteMembershipId: nilsId,
      fromOn: inDays(10),
      untilOn: inDays(24),
    }),
  )
  await ok(nils.voice.get('/v1/substitutions?limit=2'))
  await ok(nils.voice.get(`/v1/substitutions/${away.id}`))
  await ok(
    nils.voice.post(`/v1/substitutions/${away.id}/hand-back`, { note: 'All next steps are up to date.' }),
  )
}

/** What somebody is told, and how often an e-mail says that something waits. */
/** Nobody is called: the address belongs to no machine. */
async function following({ hanna }: Cast) {
  const { voice } = hanna
  await ok(voice.get('/v1/events?limit=2&types=referral.sent,referral.accepted'))
  const webhook = await ok(
    voice.post('/v1/webhooks', {
      url: 'https://system.example/lotse',
      eventTypes: ['referral.accepted', 'referral.declined', 'handover.arrived'],
    }),
  )
  const at = `/v1/webhooks/${webhook.id}`
  await ok(voice.get('/v1/webhooks?limit=2'))
  await ok(voice.get(at))
  await ok(voice.patch(at, { eventTypes: ['referral.accepted', 'handover.arrived', 'handover.failed'] }))
  await ok(voice.post(`${at}/rotate-secret`))
  const ping = await ok(voice.post(`${at}/test`))
  // Where jobs run, it is being called for at this very moment.
  for (let n = 0; n < 100; n += 1) {
    const [{ status, lastAttemptAt }] = (await ok(voice.get(`${at}/deliveries?limit=2`))).items as [Body]
    if (status !== 'pending' || (n === 20 && lastAttemptAt === null)) break
    await sleep(50)
  }
  await ok(voice.get(`/v1/webhook-deliveries/${ping.id}`))
  await ok(voice.post(`/v1/webhook-deliveries/${ping.id}/replay`))
  await ok(voice.post(`${at}/pause`))
  await ok(voice.post(`${at}/resume`))
  await ok(voice.remove(at))
}

/** From another system, by its own ids: a person, a case, a referral, and a line that names nobody. */
async function broughtIn({ nora, anton }: Cast) {
  const offer = await offerOf(anton, 'addiction_counselling')
  const opening = {
    requesterRole: 'self',
    referralSource: 'self_initiative',
    nextStep: 'Ask for a place',
    nextStepOn: inDays(3),
  }
  const lines = [
    { kind: 'client', externalId: 'kis:p:815', identificationLevel: 'anonymous', district: 'Hafen' },
    { kind: 'case', externalId: 'kis:c:4711', clientExternalId: 'kis:p:815', ...opening },
    {
      kind: 'referral',
      externalId: 'kis:r:42',
      caseExternalId: 'kis:c:4711',
      offerId: offer.id,
      situation: 'Looks for a place.',
    },
    { kind: 'case', externalId: 'kis:c:4712', clientExternalId: 'kis:p:816', ...opening },
  ]
  await ok(
    nora.voice.post('/v1/imports', lines.map((line) => JSON.stringify(line)).join('\n'), {
      headers: { 'content-type': 'application/x-ndjson' },
    }),
  )
}

async function beingTold({ anton }: Cast) {
  const [notice] = (await ok(anton.voice.get('/v1/notices?limit=2'))).items
  await ok(anton.voice.get(`/v1/notices/${notice!.id}`))
  await ok(anton.voice.post(`/v1/notices/${notice!.id}/seen`))
  await ok(anton.voice.get('/v1/me/mail'))
  await ok(anton.voice.patch('/v1/me/mail', { rhythm: 'at_once' }))
}

/** Under which heads the trail is sealed, for whoever keeps copies of them. */
async function sealing({ dora }: Cast) {
  await ok(dora.voice.get('/v1/audit/heads?limit=1'))
}
