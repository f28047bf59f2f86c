// How does a person get from a first talk to help that holds? The main job, played by the demo people.
import { daysAfter } from '../../modules/tasks/index.ts'
import { codes } from '../../modules/vocabularies/index.ts'
import { ratings } from '../stage.ts'
import type { Answer, Body } from '../voice.ts'
import type { Scribe, Someone } from './scribe.ts'

export interface Cast {
  /** Navigators and their head, in the city. */
  nora: Someone
  nils: Someone
  hanna: Someone
  /** An agency, another one, the youth office, self-help. */
  anton: Someone
  agnes: Someone
  jule: Someone
  selma: Someone
  carla: Someone
  paul: Someone
  ada: Someone
  dora: Someone
  /** A navigator of another municipality. */
  otto: Someone
}

export interface Scene extends Scribe {
  cast: Cast
  /** Makes the person of this run somebody new. */
  run: number
}

const list = (value: unknown) => value as string[]
const bodies = (value: unknown) => value as Body[]
const problems = ({ body }: Answer) => bodies(body['errors'])
const fresh = (headers: Answer['headers']) => ({ headers: { 'if-match': headers['etag'] ?? '' } })

/** As it came, but for the number of the request itself. */
const unnumbered = ({ text, body }: Answer) => text.replace(String(body['requestId']), '')

const nowhere = '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'

function somebodyNew(run: number) {
  const beginnings = ['Alder', 'Birn', 'Esch', 'Hasel', 'Korn', 'Moos', 'Rohr', 'Schilf', 'Weiden', 'Wurzel']
  const ends = ['bach', 'dorn', 'feld', 'hain', 'kamp', 'mark', 'rain', 'stein', 'thal', 'wend']
  const familyName = `${beginnings[run % 10]}${ends[Math.floor(run / 10) % 10]}`
  return { givenName: 'Tilda', familyName, birthDate: '1987-06-05' }
}

/** The calendar day in the city. */
const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date())
const inDays = (days: number) => daysAfter(today(), days)
const halfAYear = () => `${inDays(180)}T12:00:00Z`

export async function play(scene: Scene) {
  const arrived = await becomesKnown(scene)
  await interview(scene, arrived)
  const released = await release(scene, arrived)
  const referral = await whoSeesIt(scene, { ...arrived, ...released })
  await handover(scene, arrived, referral)
  await withdrawal(scene, { ...arrived, ...released }, referral)
  await noShow(scene)
  await anonymous(scene)
  await audit(scene, arrived)
  return arrived
}

async function becomesKnown({ cast: { nora, nils, hanna }, run, act, saw, refused, promise }: Scene) {
  act('1  A person becomes known, no further than she wants')
  const name = somebodyNew(run)
  await refused(
    nora,
    'tries to keep a name of somebody who stays anonymous',
    nora.voice.post('/v1/clients', { identificationLevel: 'anonymous', identity: name }),
    409,
    'the level decides what may be recorded',
  )
  const person = await saw(
    nora,
    'records a person who gives only a nickname',
    nora.voice.post('/v1/clients', {
      identificationLevel: 'pseudonymous',
      alias: 'Eisvogel',
      ageBand: 'a35_39',
      gender: 'female',
      reach: { modes: ['phone'], phone: '0555 7100', when: 'before noon' },
    }),
    ({ identificationLevel, alias, identity }) =>
      `${String(identificationLevel)} "${String(alias)}", name: ${String(identity)}`,
  )
  promise('of a pseudonymous person no name is known', person['identity'] === null)

  const opening = {
    clientId: person.id,
    requesterRole: 'self',
    referralSource: 'gp_doctor',
    concern: 'Wants to drink less; was sent away at two wrong doors.',
    nextStep: 'Clearing interview in the office',
    nextStepOn: inDays(2),
  }
  await refused(
    nora,
    'opens a case whose next step lies in the past',
    nora.voice.post('/v1/cases', { ...opening, nextStepOn: inDays(-1) }),
    409,
    'a next step never lies in the past',
  )
  const once = { headers: { 'idempotency-key': `tour-${person.id}` } }
  const opened = await saw(
    nora,
    'opens a case',
    nora.voice.post('/v1/cases', opening, once),
    ({ status, phase, nextStepOn }) => `${status}, ${String(phase)}, next step on ${String(nextStepOn)}`,
  )
  const leads = await saw(
    nora,
    'asks who leads it',
    nora.voice.get(`/v1/cases/${opened.id}/assignments`),
    ({ items }) => `${items.filter(({ untilAt }) => untilAt === null).length} lead`,
  )
  promise(
    'from the first instant a case has exactly one lead and one dated next step',
    leads.items.filter(({ untilAt }) => untilAt === null).length === 1 && opened['nextStepOn'] !== null,
  )
  const again = await saw(
    nora,
    'sends the same request again, because the line broke',
    nora.voice.post('/v1/cases', opening, once),
    ({ id }, { headers }) =>
      `${id === opened.id ? 'the same case' : 'another case'}, replayed: ${headers['idempotent-replayed']}`,
  )
  promise('repeating a request opens no second case', again.id === opened.id)

  const known = await saw(
    nora,
    'raises her to "identified", with the reason, when she agrees',
    nora.voice.post(`/v1/clients/${person.id}/raise-level`, {
      to: 'identified',
      reason: 'Asks for a referral under her name.',
      identity: name,
    }),
    ({ identity }) => Object.values(identity as object).join(' '),
  )
  const same = await saw(
    nils,
    'records somebody of the same name the next day',
    nils.voice.post('/v1/clients', { identificationLevel: 'identified', identity: name }),
    (body) =>
      bodies(body['possiblySame'])
        .filter(({ id }) => id === person.id)
        .map(({ alike }) => `may be the same person: ${list(alike).join(', ')}`)
        .join(),
  )
  promise(
    'who may be the same person is shown, and nobody is merged by a machine',
    bodies(same['possiblySame']).some(({ id }) => id === known.id) && same.id !== known.id,
  )

  const [mine, hers] = await Promise.all(
    [nora, hanna].map(({ voice }) => voice.get(`/v1/cases/${opened.id}`)),
  )
  await saw(
    hanna,
    'corrects the concern that she has just read',
    hanna.voice.send(
      'PATCH',
      `/v1/cases/${opened.id}`,
      { concern: 'Wants to drink less.' },
      fresh(hers!.headers),
    ),
    ({ version }) => `version ${version}`,
  )
  await refused(
    nora,
    'saves over it with what she read before',
    nora.voice.send('PATCH', `/v1/cases/${opened.id}`, { concern: 'Something else.' }, fresh(mine!.headers)),
    412,
    'nobody overwrites what they have not read',
  )
  return { clientId: person.id, caseId: opened.id, name }
}

async function interview(
  { cast: { nora }, act, saw, refused, promise }: Scene,
  { caseId }: { caseId: string },
) {
  act('2  The clearing interview')
  const clearing = await saw(
    nora,
    'begins the clearing',
    nora.voice.post(`/v1/cases/${caseId}/clearings`),
    ({ guideKey, guideNumber }) => `guide ${String(guideKey)}, number ${String(guideNumber)}`,
  )
  const at = `/v1/clearings/${clearing.id}`
  const guide = await saw(
    nora,
    'opens the guide that is frozen for it',
    nora.voice.get(`/v1/clearing-guides/${String(clearing['guideId'])}`),
    ({ domains }) => `${bodies(domains).length} life domains`,
  )
  await saw(
    nora,
    'saves what was said so far',
    nora.voice.patch(at, {
      answers: {
        'substance_use.main': 'alcohol',
        'substance_use.wish': 'less',
        'violence_safety.current_danger': 'unsure',
      },
      ratings: { substance_use: { need: 'n3', note: 'Most evenings, more for a year.' } },
    }),
    ({ answers }) => `${Object.keys(answers as object).length} answers kept`,
  )
  const tasks = await saw(
    nora,
    'looks at what is to be done: one answer asks for care today',
    nora.voice.get(`/v1/tasks?caseId=${caseId}`),
    ({ items }) => items.map(({ kind, dueOn }) => `${String(kind)} due on ${String(dueOn)}`).join(),
  )
  promise(
    'an answer about safety is looked at the same day',
    tasks.items.some(({ kind, dueOn }) => kind === 'safety_prompt' && dueOn === today()),
  )
  await saw(
    nora,
    'has talked with her about it',
    nora.voice.post(`/v1/tasks/${tasks.items[0]?.id}/done`),
    ({ doneAt }) => (doneAt === null ? 'open' : 'done'),
  )
  await saw(nora, 'interrupts the interview', nora.voice.post(`${at}/pause`), ({ status }) => status)
  await saw(nora, 'goes on with it', nora.voice.post(`${at}/resume`), ({ status }) => status)
  const open = await refused(
    nora,
    'tries to finish it too early',
    nora.voice.post(`${at}/finish`),
    409,
    'a clearing leaves out no life domain without a reason',
  )
  promise(
    `the refusal names each of the ${problems(open).length} life domains that are neither rated nor skipped`,
    problems(open).length === bodies(guide['domains']).length - 1 &&
      problems(open).length === codes('life_domain').length - 1,
  )
  const draft = await saw(
    nora,
    'rates or skips the rest, and asks the AUDIT-C in German',
    nora.voice.patch(at, {
      ratings: ratings({
        substance_use: { need: 'n3', note: 'Most evenings, more for a year.' },
        social_family: { need: 'n2' },
        health_mental: { need: 'n3', note: 'Panic at night; has told nobody else.' },
        housing: { need: 'n2', note: 'Two rents behind.' },
        violence_safety: { need: 'n1' },
        legal: { skipped: 'person_declined' },
      }),
      strengths: 'Came by herself.',
      wishes: 'Somebody who listens.',
      auditC: { answers: [3, 2, 2], language: 'de' },
    }),
    ({ ratings: rated }) =>
      `${Object.keys(rated as object).length} of ${codes('life_domain').length} domains`,
  )
  const { officialWording, notice } = draft['auditC'] as {
    officialWording: boolean
    notice: { en: string } | null
  }
  promise(`an unofficial wording says so: "${notice?.en}"`, !officialWording && notice !== null)
  const finished = await saw(nora, 'finishes the clearing', nora.voice.post(`${at}/finish`), ({ auditC }) => {
    const { result } = auditC as { result: { score: number; cutoff: number; positive: boolean } }
    return `AUDIT-C ${result.score}, cut-off ${result.cutoff}: ${result.positive ? 'a hint, no diagnosis' : 'no hint'}`
  })
  const { result } = finished['auditC'] as { result: { score: number } }
  promise('the score is the sum of the answers', result.score === 3 + 2 + 2)
  await refused(
    nora,
    'tries to change it afterwards',
    nora.voice.patch(at, { wishes: '…' }),
    409,
    'a finished clearing is final',
  )
}

async function release(
  { cast: { nora, anton }, act, saw, refused, promise }: Scene,
  { caseId }: { caseId: string },
) {
  act('3  The release is the access rule')
  const offers = await saw(
    nora,
    'looks for counselling',
    nora.voice.get('/v1/offers?type=addiction_counselling'),
    ({ items }) => items.map(({ name }) => String(name)).join(),
  )
  const offer = offers.items[0]!
  const drafted = await saw(
    nora,
    'prepares a release: to whom, for what, which categories, until when',
    nora.voice.post(`/v1/cases/${caseId}/releases`, {
      recipientOrganizationId: offer['organizationId'],
      purpose: 'referral',
      purposeDetail: 'A first talk, and telling us whether it took place',
      categories: ['identity_contact', 'clearing_summary', 'substance_use', 'help_plan', 'attendance_only'],
      direction: 'both',
      validUntil: halfAYear(),
      proof: 'paper_signed',
      informationVersion: 1,
      informationLanguage: 'de',
    }),
    ({ status, categories }) => `${status}, ${list(categories).length} categories`,
  )
  await saw(
    nora,
    'prints the form',
    nora.voice.get(`/v1/releases/${drafted.id}/form.pdf`),
    (_, { bytes }) => `${bytes.subarray(0, 4).toString()}, ${Math.round(bytes.length / 1024)} KiB`,
  ).then(() => undefined)
  const form = await nora.voice.get(`/v1/releases/${drafted.id}/form.pdf`)
  promise('the release is a form to sign on paper', form.bytes.subarray(0, 4).toString() === '%PDF')

  const referral = await saw(
    nora,
    'drafts a referral that shall take mental health along',
    nora.voice.post(`/v1/cases/${caseId}/referrals`, {
      offerId: offer.id,
      releaseId: drafted.id,
      categories: ['identity_contact', 'substance_use', 'health_mental'],
      situation: 'Would like a first talk, in the morning if possible.',
      urgency: 'soon',
    }),
    ({ status, recipientOrganizationName }) => `${status}, to ${String(recipientOrganizationName)}`,
  )
  const at = `/v1/referrals/${referral.id}`
  await refused(
    anton,
    'of that agency looks for it',
    anton.voice.get(at),
    404,
    'a draft is seen by nobody else',
  )
  const unsigned = await refused(
    nora,
    'sends it before the release is signed',
    nora.voice.post(`${at}/send`),
    409,
    'nothing leaves on an unsigned release',
  )
  promise(
    `nothing leaves on an unsigned release: all of ${list(unsigned.body['missingCategories']).join(', ')} are missing`,
    list(unsigned.body['missingCategories']).length === 4,
  )
  await saw(
    nora,
    'records the signature',
    nora.voice.post(`/v1/releases/${drafted.id}/sign`, { signedOn: today(), copyGiven: true }),
    ({ status, signedOn }) => `${status}, signed on ${String(signedOn)}`,
  )
  const missing = await refused(
    nora,
    'sends it again',
    nora.voice.post(`${at}/send`),
    409,
    'only what is released may leave',
  )
  promise(
    `the refusal names what is not released: ${list(missing.body['missingCategories']).join()}`,
    list(missing.body['missingCategories']).join() === 'health_mental',
  )
  await saw(
    nora,
    'takes it out, as she wishes',
    nora.voice.patch(at, { categories: ['identity_contact', 'substance_use'] }),
    ({ categories }) => list(categories).join(', '),
  )
  await saw(
    nora,
    'sends the referral',
    nora.voice.post(`${at}/send`),
    ({ status, answerDueOn, seenAt }) =>
      `${status}, answer due on ${String(answerDueOn)}, seen: ${String(seenAt)}`,
  )
  return { releaseId: drafted.id, referralId: referral.id }
}

interface Sent {
  clientId: string
  caseId: string
  referralId: string
  releaseId: string
  name: ReturnType<typeof somebodyNew>
}

async function whoSeesIt(scene: Scene, { clientId, caseId, referralId, name }: Sent) {
  const { cast, act, saw, refused, promise } = scene
  const { nora, anton, agnes, jule, selma, carla, paul, ada, otto } = cast
  act('4  Who sees it, and who does not')
  const at = `/v1/referrals/${referralId}`
  const opened = await anton.voice.get(at)
  const parts = bodies((opened.body['disclosed'] as Body | null)?.['parts'])
  await saw(anton, 'of the agency opens the referral', Promise.resolve(opened), () =>
    parts.map(({ topic }) => String(topic)).join(', '),
  )
  promise('the agency sees the released name', opened.text.includes(name.familyName))
  promise(
    'what was not released is not there: nothing of mental health, housing or the case itself',
    !/Panic|rents|wrong doors/.test(opened.text) &&
      opened.body['caseId'] === null &&
      opened.body['clientId'] === null,
  )
  await saw(nora, 'looks whether anybody has opened it', nora.voice.get(at), ({ seenAt }) =>
    seenAt === null ? 'not seen yet' : 'seen',
  ).then(({ seenAt }) => promise('the sender learns that it was seen', seenAt !== null))

  const only = 'a referral exists for its sender and its recipient only'
  await refused(agnes, 'of another agency asks for the same referral', agnes.voice.get(at), 404, only)
  await refused(jule, 'of the youth office asks for it', jule.voice.get(at), 404, only)
  await refused(selma, 'of a self-help group asks for it', selma.voice.get(at), 404, only)
  await refused(carla, 'the coordinator asks for it', carla.voice.get(at), 403, only)
  await refused(paul, 'the planner asks for it', paul.voice.get(at), 403, only)
  await refused(ada, 'the administrator asks for it', ada.voice.get(at), 403, only)
  await refused(otto, 'a navigator of another municipality asks for it', otto.voice.get(at), 404, only)
  promise(only, true)

  const inside = 'case and person exist for the responsible unit only'
  await refused(
    anton,
    'tries to read the case behind it',
    anton.voice.get(`/v1/cases/${caseId}`),
    403,
    inside,
  )
  await refused(carla, 'tries to read the person', carla.voice.get(`/v1/clients/${clientId}`), 403, inside)
  const foreign = await refused(
    otto,
    'asks for the case by its id',
    otto.voice.get(`/v1/cases/${caseId}`),
    404,
    inside,
  )
  const none = await refused(
    otto,
    'asks for a case that never was',
    otto.voice.get(`/v1/cases/${nowhere}`),
    404,
    inside,
  )
  promise(
    `${inside}; to others it answers like one that never was, byte for byte`,
    unnumbered(foreign) === unnumbered(none),
  )
  return at
}

async function handover(scene: Scene, { caseId }: { caseId: string }, referralAt: string) {
  const { cast, act, saw, refused, promise } = scene
  const { nora, anton } = cast
  act('5  Handed over without a gap')
  const accepted = await saw(
    anton,
    'accepts the referral',
    anton.voice.post(`${referralAt}/accept`),
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

async function withdrawal(scene: Scene, { releaseId, caseId, name }: Sent, referralAt: string) {
  const { cast, act, saw, promise } = scene
  const { nora, anton } = cast
  act('6  She changes her mind')
  await saw(
    nora,
    'records that the release is withdrawn, said on the phone',
    nora.voice.post(`/v1/releases/${releaseId}/withdraw`, { way: 'oral' }),
    ({ status, withdrawnWay }) => `${status}, ${String(withdrawnWay)}`,
  )
  const next = anton.voice.get(referralAt)
  const seen = await saw(
    anton,
    'opens the referral once more',
    next,
    ({ status, withdrawnBy, disclosed }) =>
      `${status} (${String(withdrawnBy)}), of the person: ${String(disclosed)}`,
  )
  promise(
    'a withdrawal works with the next request: the agency sees nothing of her any more',
    seen['disclosed'] === null && !(await next).text.includes(name.familyName),
  )
  const ledger = await saw(
    nora,
    'reads the ledger of what ever left',
    nora.voice.get(`/v1/cases/${caseId}/disclosures`),
    ({ items }) => `${items.length} entries, ${items.filter(({ ended }) => ended).length} ended`,
  )
  promise('the ledger stays', ledger.items.length === 2 && ledger.items.every(({ ended }) => ended === true))
}

async function noShow({ cast: { nils, agnes }, run, act, saw, promise }: Scene) {
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
  const offers = await nils.voice.get('/v1/offers?type=detox')
  const offer = offers.body.items[0]!
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
    tasks.items.map(({ dueOn }) => dueOn).join() === [2, 7, 14].map(inDays).join(),
  )
}

async function anonymous({ cast: { nora, selma }, act, saw, refused, promise }: Scene) {
  act('8  Somebody stays anonymous')
  const person = await saw(
    nora,
    'records a person who tells nothing',
    nora.voice.post('/v1/clients', { identificationLevel: 'anonymous' }),
    ({ identificationLevel }) => String(identificationLevel),
  )
  const opened = await nora.voice.post('/v1/cases', {
    clientId: person.id,
    requesterRole: 'self',
    referralSource: 'unknown',
    nextStep: 'Comes by again',
    nextStepOn: inDays(7),
  })
  const offers = await nora.voice.get('/v1/offers?type=self_help_group')
  const drafted = await nora.voice.post(`/v1/cases/${opened.body.id}/referrals`, {
    offerId: offers.body.items[0]!.id,
    categories: ['identity_contact'],
    situation: 'Somebody would like to come on Wednesday without a name.',
  })
  const at = `/v1/referrals/${drafted.body.id}`
  await refused(
    nora,
    'tries to send along how to reach this person',
    nora.voice.post(`${at}/send`),
    409,
    'without a release nothing that identifies leaves',
  )
  await saw(
    nora,
    'takes that out',
    nora.voice.patch(at, { categories: [] }),
    ({ basis }) => `basis ${String(basis)}`,
  )
  await saw(
    nora,
    'refers to self-help, without a release',
    nora.voice.post(`${at}/send`),
    ({ status }) => status,
  )
  const seen = await saw(selma, 'of the self-help group opens it', selma.voice.get(at), ({ disclosed }) =>
    bodies((disclosed as Body)['parts'])
      .map(({ topic, text }) => `${String(topic)}: "${String(text)}"`)
      .join(),
  )
  promise(
    'whoever stays anonymous is helped all the same, and only the situation goes along',
    bodies((seen['disclosed'] as Body)['parts']).every(({ topic }) => topic === 'situation') &&
      seen['basis'] === 'anonymous',
  )
}

async function audit(
  { cast: { nora, anton, ada, dora }, act, saw, refused, promise }: Scene,
  { clientId }: { clientId: string },
) {
  act('9  Who looked at her record?')
  await refused(
    nora,
    'tries to read the audit trail',
    nora.voice.get('/v1/audit-events'),
    403,
    'only the data protection officer reads the trail',
  )
  await refused(
    ada,
    'the administrator tries it too',
    ada.voice.get('/v1/audit-events'),
    403,
    'only the data protection officer reads the trail',
  )
  const trail = await saw(
    dora,
    'the data protection officer asks by person',
    dora.voice.get(`/v1/audit-events?clientId=${clientId}&limit=200`),
    ({ items }) =>
      `${items.length} entries by ${new Set(items.map(({ userId }) => userId)).size} people, ${items.filter(({ status }) => Number(status) >= 400).length} of them refusals`,
  )
  const me = await anton.voice.get('/v1/me')
  const has = (action: string, more: (event: Body) => boolean = () => true) =>
    trail.items.some((event) => event['action'] === action && more(event))
  promise(
    'recording, raising, the interview, the release, sending and every look of the agency are in it',
    [
      'clients.create',
      'clients.raise',
      'cases.open',
      'clearings.finish',
      'releases.sign',
      'releases.withdraw',
    ].every((action) => has(action)) &&
      has('referrals.send', ({ basis }) => basis === 'release') &&
      has('referrals.read', ({ userId }) => userId === me.body.id),
  )
  promise(
    'attempts that were refused are in it as well',
    has(
      'clients.read',
      ({ status, code, role }) => Number(status) === 403 && code === 'not_allowed' && role === 'coordinator',
    ),
  )
  promise(
    'it holds no value, only ids and the names of fields',
    !/Panic|Eisvogel/.test(JSON.stringify(trail)),
  )
  const self = await dora.voice.get('/v1/me')
  const own = await saw(
    dora,
    'asks for what she did herself',
    dora.voice.get(`/v1/audit-events?userId=${self.body.id}`),
    ({ items }) =>
      items
        .slice(0, 3)
        .map(({ action }) => String(action))
        .join(', '),
  )
  promise(
    'her own reading is in it',
    own.items.some(({ action }) => action === 'audit.read'),
  )
}
