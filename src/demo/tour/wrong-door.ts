// What becomes of somebody who stood at the wrong door: declined, shown another way, not come, found again, arrived?
import type { Body } from '../voice.ts'
import { bodies, halfAYear, inDays, list, offerOf, today, type Scene } from './scene.ts'
import type { Someone } from './scribe.ts'

/** What the tour knows of the one who came through two doors. */
export interface Guided {
  caseId: string
}

const letter = 'Sleeps at a friend’s and must leave there on Sunday.'

/** What stands in somebody's day about one record. */
const about = ({ items }: Body, subjectId: string) =>
  items.filter((entry) => entry['subjectId'] === subjectId).map(({ kind }) => String(kind))

const parts = ({ disclosed }: Body) =>
  disclosed === null
    ? 'of the person: nothing'
    : bodies((disclosed as Body)['parts'])
        .map(({ topic }) => String(topic))
        .join(', ')

export async function wrongDoor(scene: Scene): Promise<Guided> {
  const { cast, act, saw, refused, promise } = scene
  const { nora, anton, jule, selma, paul, otto } = cast
  act('10  The wrong door')
  const first = await saw(
    jule,
    'at the youth office meets somebody whom others can help',
    jule.voice.post('/v1/contacts', { kind: 'wrong_door' }),
    ({ status, doors, nextStepOn }) => `${status}, door ${String(doors)}; we look on ${String(nextStepOn)}`,
  )
  await saw(
    jule,
    'names a place, somebody who waits there, and by when',
    jule.voice.post(`/v1/contacts/${first.id}/guide`, {
      place: 'Gruppe Aufwind',
      contact: 'Selma, Wednesday at seven',
      by: inDays(2),
      organizationId: selma.organizationId,
    }),
    ({ status, guidedPlace }) => `${status}: ${String(guidedPlace)}`,
  )
  const awaits = await saw(
    selma,
    'of the self-help group reads her day',
    selma.voice.get('/v1/me/day'),
    (day) => about(day, first.id).join(),
  )
  promise(
    'nobody is sent away with an address: whoever is named is told',
    about(awaits, first.id).includes('contact_asked'),
  )
  await saw(
    selma,
    'confirms that the person has come',
    selma.voice.post(`/v1/contacts/${first.id}/confirm`, { confirmedBy: 'place' }),
    ({ status, confirmedBy }) => `${status}, said by the ${String(confirmedBy)}`,
  )
  const second = await saw(
    selma,
    'passes her on to the navigators: name, reach, what was agreed',
    selma.voice.post('/v1/contacts', {
      name: 'Robin',
      reach: '0555 7130, after six',
      agreement: 'The navigators may call Robin.',
      previousContactId: first.id,
    }),
    ({ status, doors, kind }) => `${status}, ${String(kind)}, door ${String(doors)}`,
  )
  promise('what somebody has been through is not forgotten: this is the second door', second['doors'] === 2)
  const seenBy = 'a contact exists for its door and for whoever is asked'
  const strangers: [Someone, string][] = [
    [anton, 'of an agency asks for this contact'],
    [paul, 'the planner asks for it'],
    [otto, 'a navigator of another municipality asks for it'],
  ]
  for (const [who, did] of strangers)
    await refused(who, did, who.voice.get(`/v1/contacts/${second.id}`), 404, seenBy)
  const day = await saw(
    nora,
    'reads her day',
    nora.voice.get('/v1/me/day'),
    (body) => `${body.items.length} entries; ${about(body, second.id).join()}`,
  )
  promise(
    'the navigators find it in their day, without a name',
    about(day, second.id).includes('contact_asked') && !JSON.stringify(day).includes('Robin'),
  )
  const taken = await saw(
    nora,
    'takes it up: a case with a lead and a dated next step',
    nora.voice.post(`/v1/contacts/${second.id}/take-up`, {
      nextStep: 'Call Robin',
      nextStepOn: inDays(1),
      concern: 'Drinks, and has nowhere to stay from Sunday on.',
    }),
    ({ status, person }) => `${status}: ${String((person as Body)['name'])}`,
  )
  const caseId = String(taken['caseId'])
  const told = await saw(
    selma,
    'looks what became of it',
    selma.voice.get(`/v1/contacts/${second.id}`),
    ({ status, caseId: ofCase }) => `${status}, case: ${String(ofCase)}`,
  )
  await refused(
    selma,
    'tries to read the case all the same',
    selma.voice.get(`/v1/cases/${caseId}`),
    403,
    'self-help sees no case',
  )
  promise('self-help learns that somebody took it up, and sees no case', told['caseId'] === null)
  return { caseId }
}

/** A release that is signed already, and a draft that rests on it. */
async function released({ cast: { nora }, saw }: Scene, caseId: string, to: Body, did: string) {
  return saw(
    nora,
    did,
    nora.voice.post(`/v1/cases/${caseId}/releases`, {
      recipientOrganizationId: to['organizationId'],
      purpose: 'referral',
      purposeDetail: 'A first talk, and telling us whether it took place',
      categories: ['clearing_summary', 'help_plan', 'attendance_only'],
      validUntil: halfAYear(),
      proof: 'paper_signed',
      informationVersion: 1,
      informationLanguage: 'de',
      signedOn: today(),
    }),
    ({ status }) => status,
  )
}

export async function refers({ cast: { nora }, saw }: Scene, caseId: string, given: object, did: string) {
  const { body } = await nora.voice.post(`/v1/cases/${caseId}/referrals`, { situation: letter, ...given })
  return saw(
    nora,
    did,
    nora.voice.post(`/v1/referrals/${body.id}/send`),
    ({ status, recipientOrganizationName }) => `${status}, to ${String(recipientOrganizationName)}`,
  )
}

export async function anotherWay(scene: Scene, { caseId }: Guided): Promise<string> {
  const { cast, act, saw, refused, promise } = scene
  const { nora, anton, agnes, tarek } = cast
  act('11  Declined, and shown another way')
  const detox = await offerOf(agnes, 'detox')
  const toWard = await released(scene, caseId, detox, 'records a release to the ward')
  const asked = await refers(
    scene,
    caseId,
    { offerId: detox.id, releaseId: toWard.id },
    'refers Robin to the ward',
  )
  const at = `/v1/referrals/${asked.id}`
  const untaken = await saw(agnes, 'of the ward reads her day', agnes.voice.get('/v1/me/day'), (day) =>
    about(day, asked.id).join(', '),
  )
  promise(
    'what nobody has taken stands in the day of everybody there',
    about(untaken, asked.id).includes('referral_untaken'),
  )
  await saw(
    agnes,
    'looks after it',
    agnes.voice.post(`${at}/take`),
    (body) => `${String(body['takenByName'])}; ${parts(body)}`,
  )
  await saw(
    agnes,
    'declines, with the reason',
    agnes.voice.post(`${at}/decline`, { reason: 'no_capacity', note: 'Places again in three weeks.' }),
    ({ status, declineReason, declineSide }) =>
      `${status}: ${String(declineReason)}, on the side of the ${String(declineSide)}`,
  )
  const after = agnes.voice.get(at)
  await saw(agnes, 'opens it once more', after, parts)
  promise('whoever declines sees nothing of the person any more', !(await after).text.includes(letter))
  const answered = await saw(nora, 'finds the answer in her day', nora.voice.get('/v1/me/day'), (day) =>
    day.items
      .filter(({ subjectId }) => subjectId === asked.id)
      .map(({ code }) => String(code))
      .join(),
  )
  promise(
    'the sender always learns the answer',
    answered.items.some(({ subjectId, code }) => subjectId === asked.id && code === 'referral_answered'),
  )

  const counselling = await offerOf(anton, 'addiction_counselling')
  const toAgency = await released(scene, caseId, counselling, 'records a release to an agency')
  const again = await refers(
    scene,
    caseId,
    { offerId: counselling.id, releaseId: toAgency.id },
    'refers Robin there',
  )
  await refused(
    anton,
    'of that agency asks for what the ward was sent',
    anton.voice.get(at),
    404,
    'an agency sees what was sent to it, and nothing else',
  )
  const housing = await offerOf(tarek, 'supported_housing')
  const redirected = await saw(
    anton,
    'proposes another offer: first a roof',
    anton.voice.post(`/v1/referrals/${again.id}/redirect`, {
      offerId: housing.id,
      note: 'We gladly begin as soon as there is a room.',
    }),
    (body) => `${body.status}; ${parts(body)}`,
  )
  promise(
    'whoever proposes another way sends nothing on, and sees no more of the person',
    redirected['disclosed'] === null,
  )
  const drafts = await saw(
    nora,
    'finds a draft to the offer that was proposed',
    nora.voice.get(`/v1/cases/${caseId}/referrals`),
    ({ items }) =>
      items
        .filter(({ status }) => status === 'draft')
        .map((draft) => `${draft.status}, to ${String(draft['recipientOrganizationName'])}`)
        .join(),
  )
  const draft = drafts.items.find(({ proposedByReferralId }) => proposedByReferralId === again.id)
  const draftAt = `/v1/referrals/${draft?.id}`
  const stays = 'the draft stays with the giver, and needs a release of its own'
  for (const [who, did] of [
    [anton, 'looks for that draft'],
    [tarek, 'of the housing aid looks for it, too'],
  ] as const)
    await refused(who, did, who.voice.get(draftAt), 404, stays)
  await refused(nora, 'sends it as it is', nora.voice.post(`${draftAt}/send`), 409, stays)
  const toHousing = await released(scene, caseId, housing, 'asks Robin, and records a release')
  await saw(
    nora,
    'lets the draft rest on it, in new words',
    nora.voice.patch(draftAt, { releaseId: toHousing.id, situation: letter }),
    ({ basis, status }) => `${status}, basis ${String(basis)}`,
  )
  await saw(nora, 'sends it', nora.voice.post(`${draftAt}/send`), ({ status }) => status)
  await saw(tarek, 'opens it', tarek.voice.get(draftAt), parts)
  await saw(tarek, 'accepts', tarek.voice.post(`${draftAt}/accept`), ({ status }) => status)
  promise(stays, draft !== undefined)
  return String(draft?.id)
}

const kindsIn = (items: Body[]) =>
  items.map(({ kind, dueOn }) => `${String(kind)} ${String(dueOn)}`).join(', ')
const recontacts = ({ items }: Body) => items.filter(({ kind }) => kind === 'recontact')
const running = ({ items }: Body, kind: string) =>
  items.filter((clock) => clock['kind'] === kind && clock['stoppedBy'] === null)
const responsible = (handover: Omit<Body, 'status'>) =>
  String(
    handover['responsibleOrganizationId'] === handover['giverOrganizationId']
      ? handover['giverOrganizationName']
      : handover['receiverOrganizationName'],
  )

async function hands(scene: Scene, caseId: string, referralId: string, situation: string): Promise<string> {
  const { cast, saw } = scene
  const { nora, tarek } = cast
  const { body } = await nora.voice.post(`/v1/cases/${caseId}/handovers`, {
    referralId,
    type: 'written',
    sections: { situation, fallback: 'If nobody comes: call the navigators on the same day.' },
  })
  const at = `/v1/handovers/${body.id}`
  await saw(nora, 'offers the handover', nora.voice.post(`${at}/offer`), ({ status }) => status)
  await saw(tarek, 'accepts it', tarek.voice.post(`${at}/accept`), ({ status }) => status)
  return at
}

export async function notGivenUp(scene: Scene, { caseId }: Guided, referralId: string) {
  const { cast, act, saw, refused, promise } = scene
  const { nora, tarek, otto } = cast
  act('12  She does not come, and is not given up')
  const { body: me } = await nora.voice.get('/v1/me')
  const planned = await saw(
    nora,
    'arranges the appointment, and goes along',
    nora.voice.post(`/v1/cases/${caseId}/appointments`, {
      startsAt: `${inDays(2)}T09:00:00Z`,
      mode: 'accompanied',
      place: 'Hafenstraße 8',
      organizationId: tarek.organizationId,
      accompaniedByMembershipId: (me['membership'] as Body).id,
      referralId,
    }),
    ({ status, startsAt }) => `${status}, ${String(startsAt).slice(0, 10)}`,
  )
  const calendar = nora.voice.get(`/v1/appointments/${planned.id}/calendar.ics`)
  await saw(nora, 'takes it into a calendar', calendar, (_, { text }) =>
    text
      .split(/\r?\n/)
      .filter((line) => /^(SUMMARY|LOCATION)/.test(line))
      .join(', '),
  )
  promise(
    'a calendar entry says where and when, and no word about the person or the reason',
    !/Robin|Drinks|Sucht|Wohn/.test((await calendar).text),
  )
  const at = await hands(scene, caseId, referralId, 'Comes on the day after tomorrow.')
  const failed = await saw(
    tarek,
    'reports that she did not come',
    tarek.voice.post(`${at}/report-no-show`),
    ({ status, ...of }) => `${status}, responsible: ${responsible(of)}`,
  )
  const tasks = await saw(
    nora,
    'looks at what is to be done',
    nora.voice.get(`/v1/tasks?caseId=${caseId}`),
    (body) => kindsIn(recontacts(body)),
  )
  const clocks = await saw(
    nora,
    'looks at the clocks of the case',
    nora.voice.get(`/v1/deadlines?caseId=${caseId}`),
    (body) => kindsIn(running(body, 'reengagement')),
  )
  promise(
    'a no-show moves no responsibility: three dated tries, and a clock that runs',
    failed['responsibleOrganizationId'] === failed['giverOrganizationId'] &&
      recontacts(tasks)
        .map(({ dueOn }) => dueOn)
        .join() === [2, 7, 14].map((days) => inDays(days)).join() &&
      running(clocks, 'reengagement').length === 1,
  )
  const attempts = `/v1/cases/${caseId}/contact-attempts`
  await saw(
    nora,
    'calls in the morning: nobody',
    nora.voice.post(attempts, { mode: 'phone', outcome: 'not_reached' }),
    ({ outcome }) => String(outcome),
  )
  await saw(
    nora,
    'goes there in the evening',
    nora.voice.post(attempts, { mode: 'outreach', outcome: 'reached', note: 'Had lost the address.' }),
    ({ outcome }) => String(outcome),
  )
  await refused(
    otto,
    'of another municipality asks for these tries',
    otto.voice.get(attempts),
    404,
    'what is tried is seen by the unit',
  )
  const left = await saw(
    nora,
    'looks again at what is to be done',
    nora.voice.get(`/v1/tasks?caseId=${caseId}`),
    (body) => `${recontacts(body).length} tries open`,
  )
  const stopped = await nora.voice.get(`/v1/deadlines?caseId=${caseId}`)
  promise(
    'whoever was reached is not called again: the tries are settled, the clock has stopped',
    recontacts(left).length === 0 && running(stopped.body, 'reengagement').length === 0,
  )
}

export async function arrives(scene: Scene, { caseId }: Guided, referralId: string) {
  const { cast, act, saw, refused, promise } = scene
  const { nora, hanna, carla, tarek, anton, otto } = cast
  act('13  She arrives: how long it took, and how many doors')
  const at = await hands(scene, caseId, referralId, 'Comes today, the navigator goes along.')
  const arrived = await saw(
    tarek,
    'confirms that she has arrived',
    tarek.voice.post(`${at}/confirm-arrival`, { confirmedBy: 'receiver' }),
    ({ status, ...of }) => `${status}, responsible: ${responsible(of)}`,
  )
  const clocks = await saw(
    nora,
    'looks at the clocks of the case',
    nora.voice.get(`/v1/deadlines?caseId=${caseId}`),
    (body) => kindsIn(running(body, 'stability_check')),
  )
  promise(
    'responsibility has moved, and after 14 days somebody asks whether the help holds',
    arrived['responsibleOrganizationId'] === arrived['receiverOrganizationId'] &&
      running(clocks, 'stability_check').some(({ dueOn }) => dueOn === inDays(14)),
  )
  const journeyAt = `/v1/cases/${caseId}/journey`
  const way = await saw(
    nora,
    'reads her way, from the first door to arrival',
    nora.voice.get(journeyAt),
    ({ days, doors, steps }) => `${String(doors)} doors, ${bodies(steps).length} steps, ${String(days)} days`,
  )
  const steps = bodies(way['steps']).map(({ kind, outcome }) => `${String(kind)} ${String(outcome)}`)
  promise(
    'the way counts both doors before us and every organisation that was tried, through decline and no-show',
    way['doors'] === 5 &&
      way['arrivedAt'] !== null &&
      ['answer declined', 'answer redirected', 'no_show null', 'arrival null'].every((step) =>
        steps.includes(step),
      ),
  )
  const inside = 'the way of a person exists for the unit that goes it with them'
  await refused(tarek, 'of the housing aid asks for it', tarek.voice.get(journeyAt), 403, inside)
  await refused(otto, 'of another municipality asks for it', otto.voice.get(journeyAt), 404, inside)

  const between = `from=${inDays(-30)}&until=${today()}`
  const figures = await saw(
    hanna,
    'the head counts how first contacts ended',
    hanna.voice.get(`/v1/contacts/figures?${between}`),
    ({ total }) => {
      const { registered, guidedAndConfirmed, takenUp, lost } = total as Body
      return `${String(registered)} registered, ${String(takenUp)} taken up, ${String(guidedAndConfirmed)} guided and confirmed, ${String(lost)} lost`
    },
  )
  promise(
    'figures name doors, and no person',
    !JSON.stringify(figures).includes('Robin') && !JSON.stringify(figures).includes(caseId),
  )
  await refused(
    anton,
    'of an agency asks for the figures',
    anton.voice.get(`/v1/contacts/figures?${between}`),
    403,
    'figures are for head and coordinator',
  )
  const unit = await saw(
    hanna,
    'reads what each of the unit has to carry',
    hanna.voice.get('/v1/me/day'),
    ({ caseload }) =>
      bodies(caseload)
        .map(({ running, overdue }) => `${String(running)} cases, ${String(overdue)} overdue`)
        .join('; '),
  )
  promise('the head sees every lead of the unit', bodies(unit['caseload']).length >= 3)
  const far = await saw(
    carla,
    'the coordinator reads her day',
    carla.voice.get('/v1/me/day'),
    ({ items, waiting }) => `${items.length} entries, ${list(waiting).length} organisations overdue`,
  )
  promise(
    'the coordinator sees what others have let pass, and never a case',
    !far.items.some((entry) => entry['caseId'] !== null) && !JSON.stringify(far).includes(caseId),
  )
}
