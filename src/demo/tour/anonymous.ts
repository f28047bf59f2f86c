// How is somebody helped who stays anonymous?
import type { Body } from '../voice.ts'
import { bodies, inDays, offerOf, type Scene } from './scene.ts'

export async function anonymous({ cast: { nora, selma }, act, saw, refused, promise }: Scene) {
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
  const offer = await offerOf(selma, 'self_help_group')
  const drafted = await nora.voice.post(`/v1/cases/${opened.body.id}/referrals`, {
    offerId: offer.id,
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
