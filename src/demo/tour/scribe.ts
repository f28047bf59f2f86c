// What does a newcomer read of the tour? Who did what and what they saw; each line comes from an answer.
import type { Answer, Body, Voice } from '../voice.ts'

export interface Someone {
  id: string
  name: string
  organizationId: string
  voice: Voice
}

const width = 62
export const heading = `    ${'who'.padEnd(6)} ${'did'.padEnd(width)} saw`

export type Scribe = ReturnType<typeof createScribe>

/** The sentence of the service, or what is missing where it names that. */
const why = ({ detail, code, missingCategories }: Body) =>
  Array.isArray(missingCategories) && missingCategories.length > 0
    ? `${String(code)}: ${missingCategories.join(', ')}`
    : String(detail)

export function createScribe(say: (line: string) => void, colours: boolean) {
  const paint = (code: number) => (text: string) => (colours ? `\u001B[${code}m${text}\u001B[0m` : text)
  const [bold, dim, red, green] = [paint(1), paint(2), paint(31), paint(32)] as const
  const counts = { steps: 0, promises: 0, refusals: 0 }

  const line = ({ name }: Someone, did: string, result: string) => {
    counts.steps += 1
    say(`${dim(String(counts.steps).padStart(3))} ${name.padEnd(6)} ${did.padEnd(width)} ${result}`)
  }
  const broken = (promise: string, { name }: Someone, did: string, { status, body }: Answer) =>
    new Error(
      `Broken promise: ${promise}. ${name} ${did}, and the answer was ${status} ${String(body['code'] ?? '')}.`,
    )

  return {
    counts,
    act: (title: string) => say(`\n${bold(title)}`),

    /** Succeeds; `tell` says in words what the answer holds. */
    saw: async (
      who: Someone,
      did: string,
      asked: Promise<Answer>,
      tell: (body: Body, answer: Answer) => string,
    ) => {
      const answer = await asked
      if (answer.status >= 300) throw broken('the main job can be done', who, did, answer)
      line(who, did, `→ ${tell(answer.body, answer)}`)
      return answer.body
    },

    /** Is refused with this status, in the words of the service itself. */
    refused: async (who: Someone, did: string, asked: Promise<Answer>, status: number, promise: string) => {
      const answer = await asked
      if (answer.status !== status) throw broken(promise, who, did, answer)
      counts.refusals += 1
      line(who, did, red(`✗ ${answer.status} ${why(answer.body)}`))
      return answer
    },

    /** What the steps before have shown. */
    promise: (text: string, kept: boolean) => {
      if (!kept) throw new Error(`Broken promise: ${text}.`)
      counts.promises += 1
      say(green(`    ✓ ${text}`))
    },
  }
}
