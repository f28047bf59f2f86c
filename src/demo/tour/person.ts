// How does a person become known, no further than they want?
import type { Answer, Body } from '../voice.ts'
import { bodies, inDays, list, type Known, type Scene } from './scene.ts'
import type { Someone } from './scribe.ts'

const fresh = (headers: Answer['headers']) => ({ headers: { 'if-match': headers['etag'] ?? '' } })

function somebodyNew(run: number) {
  const beginnings = ['Alder', 'Birn', 'Esch', 'Hasel', 'Korn', 'Moos', 'Rohr', 'Schilf', 'Weiden', 'Wurzel']
  const ends = ['bach', 'dorn', 'feld', 'hain', 'kamp', 'mark', 'rain', 'stein', 'thal', 'wend']
  const familyName = `${beginnings[run % 10]}${ends[Math.floor(run / 10) % 10]}`
  return { givenName: 'Tilda', familyName, birthDate: '1987-06-05' }
}

export async function introduces({ cast, act, saw }: Scene) {
  act('Who plays')
  for (const who of Object.values<Someone>({ ...cast }))
    await saw(
      who,
      'signs in and asks who they are',
      who.voice.get('/v1/me'),
      ({ membership, municipality }) => {
        const { role, organizationName } = membership as Body
        return `${String(role)}, ${String(organizationName)} (${String((municipality as Body)['name'])})`
      },
    )
}

export async function becomesKnown(scene: Scene): Promise<Known> {
  const { cast, run, act, saw, refused, promise } = scene
  const { nora, nils, hanna } = cast
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
    'records somebody of the same name, too',
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
  return { clientId: person.id, caseId: opened.id, familyName: name.familyName }
}
