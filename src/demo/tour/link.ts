// How does an agency answer that has no account? By a link in an e-mail and a code on the telephone.
import { createVoice, type Answer, type Body, type Carrier, type Method } from '../voice.ts'
import { halfAYear, offerOfAnybody, today, type Scene } from './scene.ts'
import type { Someone } from './scribe.ts'
import { refers, type Guided } from './wrong-door.ts'

export interface Letter {
  to: string
  subject: string
  text: string
}

/** What the tour has beside voices when the service is its own: the letterbox of everybody, and a browser. */
export interface Post {
  letterTo: (address: string) => Promise<Letter>
  carry: Carrier
}

const between = (text: string, pattern: RegExp) =>
  (pattern.exec(text)?.[1] ?? '').replace(/<[^>]+>|\s+/g, ' ').trim()

/** A browser without an account: it keeps a cookie, and goes where it is sent. */
function browser(carry: Carrier) {
  let cookie = ''
  return async function visit(method: Method, url: string, form?: Record<string, string>): Promise<Answer> {
    const { status, bytes, headers } = await carry({
      method,
      url,
      headers: {
        ...(cookie && { cookie }),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body: form && new URLSearchParams(form).toString(),
    })
    cookie = /^[^;]+/.exec(headers['set-cookie'] ?? '')?.[0] ?? cookie
    if (status === 303) return visit('GET', headers['location'] ?? '/')
    const text = bytes.toString()
    const said = { detail: between(text, /id="wrong">([^<]*)/) || between(text, /<h1>([^]*?)<\/h1>/) }
    return { status, bytes, text, headers, body: said as unknown as Body }
  }
}

const title = ({ detail }: Body) => String(detail)

export async function answersByLink(scene: Scene, { caseId }: Guided, { letterTo, carry }: Post) {
  const { cast, act, saw, refused, promise } = scene
  const { nora, anton, otto } = cast
  act('14  An agency without an account answers')
  const offer = await offerOfAnybody(nora, 'inpatient_rehab')
  const { body: release } = await nora.voice.post(`/v1/cases/${caseId}/releases`, {
    recipientOrganizationId: offer['organizationId'],
    purpose: 'referral',
    purposeDetail: 'Whether there is a place, and when',
    categories: ['clearing_summary', 'attendance_only'],
    validUntil: halfAYear(),
    proof: 'paper_signed',
    informationVersion: 1,
    informationLanguage: 'de',
    signedOn: today(),
  })
  const words = 'Would like to go to rehabilitation from the new room.'
  const referral = await refers(
    scene,
    caseId,
    { offerId: offer.id, releaseId: release.id, situation: words },
    'refers Robin to a clinic where nobody has an account',
  )
  const at = `/v1/referrals/${referral.id}/answer-link`
  const given = await saw(
    nora,
    'lets it answer by link, and tells the code by telephone',
    nora.voice.post(at, { language: 'en' }),
    ({ email, status, code }) => `${String(email)}, ${status}, code ${String(code)}`,
  )
  const code = String(given['code'])
  const again = await saw(
    nora,
    'looks for the code a second time',
    nora.voice.get(at),
    (link) => `code: ${String(link['code'])}`,
  )
  promise('the code is told once, and stored nowhere', again['code'] === null)
  await refused(
    anton,
    'of another agency asks for the link',
    anton.voice.get(at),
    403,
    'a link is the sender’s',
  )
  await refused(
    otto,
    'of another municipality asks for it',
    otto.voice.get(at),
    404,
    'a link is the sender’s',
  )

  const clinic: Someone = { id: '', name: 'Clinic', organizationId: '', voice: createVoice(carry) }
  const mail = await letterTo(String(given['email']))
  const link = new URL(between(mail.text, /(https?:\/\/\S+\/answer\/\S+)/)).pathname
  const visit = browser(carry)
  await saw(
    clinic,
    'reads its mail and follows the link',
    visit('GET', link),
    (page) => `"${mail.subject}" → ${title(page)}`,
  )
  promise(
    'the mail names no person, and neither does the page before the code',
    !/Robin/.test(mail.text + mail.subject) && !(await visit('GET', link)).text.includes(words),
  )
  const wrong = code === '000000' ? '000001' : '000000'
  await refused(
    clinic,
    'mistypes the code',
    visit('POST', link, { code: wrong }),
    403,
    'a link alone opens nothing',
  )
  const opened = visit('POST', link, { code })
  await saw(clinic, 'types what it was told, and reads the letter', opened, title)
  promise('with link and code it reads what was released, and no more', (await opened).text.includes(words))
  const stranger = browser(carry)
  const elsewhere = await stranger('GET', link)
  promise('who has the link but not the code reads nothing of it', !elsewhere.text.includes(words))
  await saw(
    clinic,
    'accepts',
    visit('POST', `${link}/answer`, { decision: 'accept', name: 'Dr. Uhl, admission' }),
    title,
  )
  const seen = await saw(
    nora,
    'reads the answer',
    nora.voice.get(`/v1/referrals/${referral.id}`),
    ({ status, answeredByName }) => `${status} by ${String(answeredByName)}`,
  )
  promise('the sender learns who answered, also without an account', seen.status === 'accepted')
  await refused(
    clinic,
    'follows the link once more',
    visit('GET', link),
    404,
    'a link answers one referral, once',
  )
}
