// How does a command end? With what it promised, or with one sentence and exit code 1.
import { sentence } from '../platform/sentence.ts'

export async function command(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    console.error(sentence(error))
    process.exitCode = 1
  }
}
