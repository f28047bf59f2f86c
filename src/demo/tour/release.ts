// What leaves with a release, who sees it, and what is left of it when it is withdrawn?
import type { Answer, Body } from '../voice.ts'
import { bodies, halfAYear, list, offerOf, today, type Known, type Referred, type Scene } from './scene.ts'
import type { Someone } from './scribe.ts'

/** As it came, but for the number of the request itself. */
const unnumbered = ({ text, body }: Answer) => text.replace(String(body['requestId']), '')

const beginning = (bytes: Buffer) => bytes.subarray(0, 4).toString()

const nowhere = '01980a5e-7c3a-7d11-9c51-3f6a2b1c0d4e'

export async function release({ cast: { nora, anton }, act, saw, refused, promise }: Scene, known: Known) {
  const { caseId } = known
  act('3  The release is the access rule')
  const { id: offerId } = await offerOf(anton, 'addiction_counselling')
  const offer = await saw(
    nora,
    'looks at an offer of counselling',
    nora.voice.get(`/v1/offers/${offerId}`),
    ({ name, languages }) => `${String(name)} (${list(languages).join(', ')})`,
  )
  const drafted = await saw(
    nora,
    'prepares a release: recipient, purpose, categories, end',
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
  const printed = nora.voice.get(`/v1/releases/${drafted.id}/form.pdf`)
  await saw(
    nora,
    'prints the form',
    printed,
    (_, { bytes }) => `${beginning(bytes)}, ${Math.round(bytes.length / 1024)} KiB`,
  )
  promise('the release is a form to sign on paper', beginning((await printed).bytes) === '%PDF')

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
  return { ...known, releaseId: drafted.id, referralId: referral.id }
}

export async function whoSeesIt(scene: Scene, { clientId, caseId, referralId, familyName }: Referred) {
  const { cast, act, saw, refused, promise } = scene
  const { nora, anton, agnes, jule, selma, carla, paul, ada, otto } = cast
  act('4  Who sees it, and who does not')
  const at = `/v1/referrals/${referralId}`
  const opened = await anton.voice.get(at)
  const parts = bodies((opened.body['disclosed'] as Body | null)?.['parts'])
  await saw(anton, 'of the agency opens the referral', Promise.resolve(opened), () =>
    parts.map(({ topic }) => String(topic)).join(', '),
  )
  promise('the agency sees the released name', opened.text.includes(familyName))
  promise(
    'what was not released is not there: nothing of mental health, housing or the case itself',
    !/Panic|rents|wrong doors/.test(opened.text) &&
      opened.body['caseId'] === null &&
      opened.body['clientId'] === null,
  )
  const { seenAt } = await saw(nora, 'looks whether anybody has opened it', nora.voice.get(at), (body) =>
    body['seenAt'] === null ? 'not seen yet' : 'seen',
  )
  promise('the sender learns that it was seen', typeof seenAt === 'string')

  const only = 'a referral exists for its sender and its recipient only'
  const strangers: [Someone, string, number][] = [
    [agnes, 'of another agency asks for the same referral', 404],
    [jule, 'of the youth office asks for it', 404],
    [selma, 'of a self-help group asks for it', 404],
    [carla, 'the coordinator asks for it', 403],
    [paul, 'the planner asks for it', 403],
    [ada, 'the administrator asks for it', 403],
    [otto, 'a navigator of another municipality asks for it', 404],
  ]
  const told: string[] = []
  for (const [who, did, status] of strangers)
    told.push((await refused(who, did, who.voice.get(at), status, only)).text)
  promise(only, !told.some((text) => text.includes(familyName) || text.includes(caseId)))

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
}

export async function withdrawal(scene: Scene, { releaseId, referralId, caseId, familyName }: Referred) {
  const { cast, act, saw, promise } = scene
  const { nora, anton } = cast
  act('6  She changes her mind')
  await saw(
    nora,
    'records that the release is withdrawn, said on the phone',
    nora.voice.post(`/v1/releases/${releaseId}/withdraw`, { way: 'oral' }),
    ({ status, withdrawnWay }) => `${status}, ${String(withdrawnWay)}`,
  )
  const next = anton.voice.get(`/v1/referrals/${referralId}`)
  const seen = await saw(
    anton,
    'opens the referral once more',
    next,
    ({ status, withdrawnBy, disclosed }) =>
      `${status} (${String(withdrawnBy)}), of the person: ${String(disclosed)}`,
  )
  promise(
    'a withdrawal works with the next request: the agency sees nothing of her any more',
    seen['disclosed'] === null && !(await next).text.includes(familyName),
  )
  const ledger = await saw(
    nora,
    'reads the ledger of what ever left',
    nora.voice.get(`/v1/cases/${caseId}/disclosures`),
    ({ items }) => `${items.length} entries, ${items.filter(({ ended }) => ended).length} ended`,
  )
  promise('the ledger stays', ledger.items.length === 2 && ledger.items.every(({ ended }) => ended === true))
}
