// How does the clearing interview go, and who looks at its result?
import { codes } from '../../modules/vocabularies/index.ts'
import { ratings } from '../stage.ts'
import { bodies, today, type Known, type Scene } from './scene.ts'

export async function interview({ cast: { nora }, act, saw, refused, promise }: Scene, { caseId }: Known) {
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
    `the refusal names each of the ${bodies(open.body['errors']).length} life domains that are neither rated nor skipped`,
    bodies(open.body['errors']).length === bodies(guide['domains']).length - 1 &&
      bodies(open.body['errors']).length === codes('life_domain').length - 1,
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
