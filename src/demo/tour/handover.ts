// Who is responsible while a person goes from one organisation to another, and when they do not arrive?
import type { Body } from '../voice.ts'
import { halfAYear, inDays, offerOf, today, type Referred, type Scene } from './scene.ts'

export async function handover(scene: Scene, { caseId, referralId }: Referred) {
  const { cast, act, saw, refused, promise } = scene
  const { nora, anton } = cast
  act('5  Handed over without a gap')
  const accepted = await saw(
    anton,
    'accepts the referral',
    anton.voice.post(`/v1/referrals/${referralId}/accept`),
    ({ status, answeredByName }) => `${status} by ${String(answeredByName)}`,
  )
  const prepared = await saw(
    nora,
    'prepares the handover sheet',
    nora.voice.post(`/v1/cases/${caseId}/handovers`, {
      referralId: accepted.id,
      type: 'warm_phone',
      sections: {
        situation: 'First talk agreed for next week.',
        client_view: 'Wants to be asked, not told.',
        open_tasks: 'Rent arrears: talk with the landlord.',
      },
    }),
    ({ status, sections }) => `${status}, ${Object.keys(sections as object).length} sections`,
  )
  const at = `/v1/handovers/${prepared.id}`
  const giver = prepared['giverOrganizationId']
  const responsible = ({
    responsibleOrganizationId,
    giverOrganizationName,
    receiverOrganizationName,
  }: Body) =>
    `responsible: ${String(responsibleOrganizationId === giver ? giverOrganizationName : receiverOrganizationName)}`
  await saw(nora, 'offers it', nora.voice.post(`${at}/offer`), responsible)
  const taken = await saw(anton, 'accepts it', anton.voice.post(`${at}/accept`), responsible)
  promise('accepting alone moves no responsibility', taken['responsibleOrganizationId'] === giver)
  await refused(
    anton,
    'confirms the arrival before all three have talked',
    anton.voice.post(`${at}/confirm-arrival`, { confirmedBy: 'receiver' }),
    409,
    'a warm handover includes the joint talk',
  )
  await saw(
    nora,
    'records the talk of all three on the telephone',
    nora.voice.post(`${at}/joint-talk`, { heldAt: taken['acceptedAt'] }),
    ({ jointTalkAt }) => `talked on ${String(jointTalkAt).slice(0, 10)}`,
  )
  await refused(
    nora,
    'tries to close the case while she is on her way',
    nora.voice.post(`/v1/cases/${caseId}/close`, { endType: 'planned_regular', outcome: 'improved' }),
    409,
    'nobody is lost between two organisations',
  )
  const arrived = await saw(
    anton,
    'confirms that she has arrived',
    anton.voice.post(`${at}/confirm-arrival`, { confirmedBy: 'receiver' }),
    responsible,
  )
  promise(
    'responsibility moves with the arrival, and is never with nobody',
    arrived['responsibleOrganizationId'] === accepted['recipientOrganizationId'],
  )
  const after = await saw(
    nora,
    'reads her case',
    nora.voice.get(`/v1/cases/${caseId}`),
    ({ status, phase, nextStep, nextStepOn }) =>
      `${status}, ${String(phase)}; ${String(nextStepOn)}: ${String(nextStep)}`,
  )
  promise(
    'the case stays open in monitoring, with its stability check after 14 days',
    after['phase'] === 'monitoring' && after.status === 'open' && after['nextStepOn'] === inDays(14),
  )
}

export async function noShow({ cast: { nils, agnes }, run, act, saw, promise }: Scene) {
  act('7  Somebody does not come')
  const person = await nils.voice.post('/v1/clients', {
    identificationLevel: 'pseudonymous',
    alias: 'Kormoran',
    personCode: `on a card ${run}`,
    gender: 'male',
  })
  const opened = await saw(
    nils,
    'opens a case for "Kormoran", who holds a code and tells no name',
    nils.voice.post('/v1/cases', {
      clientId: person.body.id,
      requesterRole: 'self',
      referralSource: 'self_initiative',
      concern: 'Wants to stop and is afraid of the first nights.',
      nextStep: 'Ask for a place',
      nextStepOn: inDays(1),
    }),
    ({ nextStepOn }) => `next step on ${String(nextStepOn)}`,
  )
  const offer = await offerOf(agnes, 'detox')
  const released = await saw(
    nils,
    'records a release that is signed already',
    nils.voice.post(`/v1/cases/${opened.id}/releases`, {
      recipientOrganizationId: offer['organizationId'],
      purpose: 'referral',
      purposeDetail: 'A place on the ward',
      categories: ['clearing_summary', 'attendance_only'],
      validUntil: halfAYear(),
      proof: 'paper_signed',
      informationVersion: 1,
      informationLanguage: 'de',
      signedOn: today(),
    }),
    ({ status }) => status,
  )
  const drafted = await nils.voice.post(`/v1/cases/${opened.id}/referrals`, {
    offerId: offer.id,
    releaseId: released.id,
    situation: 'Asks for a place.',
  })
  const referralAt = `/v1/referrals/${drafted.body.id}`
  await saw(nils, 'refers him', nils.voice.post(`${referralAt}/send`), ({ status }) => status)
  await saw(agnes, 'of the clinic accepts', agnes.voice.post(`${referralAt}/accept`), ({ status }) => status)
  const prepared = await nils.voice.post(`/v1/cases/${opened.id}/handovers`, {
    referralId: drafted.body.id,
    type: 'written',
    sections: { situation: 'Comes on Monday at nine.' },
  })
  const at = `/v1/handovers/${prepared.body.id}`
  await saw(nils, 'offers the handover', nils.voice.post(`${at}/offer`), ({ status }) => status)
  await saw(agnes, 'accepts it', agnes.voice.post(`${at}/accept`), ({ status }) => status)
  const failed = await saw(
    agnes,
    'reports that he did not come',
    agnes.voice.post(`${at}/report-no-show`),
    ({ status, responsibleOrganizationId, giverOrganizationId, giverOrganizationName }) =>
      `${status}, responsible: ${responsibleOrganizationId === giverOrganizationId ? String(giverOrganizationName) : 'somebody else'}`,
  )
  promise(
    'a no-show moves no responsibility',
    failed['responsibleOrganizationId'] === failed['giverOrganizationId'],
  )
  const tasks = await saw(
    nils,
    'looks at what is to be done',
    nils.voice.get(`/v1/tasks?caseId=${opened.id}`),
    ({ items }) => items.map(({ kind, dueOn }) => `${String(kind)} ${String(dueOn)}`).join(', '),
  )
  promise(
    'there are three dated tasks to reach him again: after 2, 7 and 14 days',
    tasks.items.map(({ dueOn }) => dueOn).join() === [2, 7, 14].map((days) => inDays(days)).join(),
  )
}
