// How much does a suite try, and what does it say afterwards? Little every day, the whole with `npm run test:security`.
import type { TestContext } from 'vitest'

export interface Figures {
  /** Requests of the fuzzer. */
  hostile: number
  /** Sequences of acts against the model. */
  sequences: number
  /** Rounds of a race that has a relative with twenty rounds every day. */
  races: number
  /** One of how many cells is tried with one of the two layers open. */
  layers: number
  /** Places at which each attack on the sealed trail is tried. */
  auditPositions: number
  roleFlips: 'sample' | 'all'
  policyFlips: 'sample' | 'all'
}

export const everyday: Figures = {
  hostile: 20_000,
  sequences: 300,
  races: 4,
  layers: 24,
  auditPositions: 20,
  roleFlips: 'sample',
  policyFlips: 'sample',
}

export const whole: Figures = {
  hostile: 1_000_000,
  sequences: 20_000,
  races: 20,
  layers: 1,
  auditPositions: 1000,
  roleFlips: 'all',
  policyFlips: 'all',
}

export interface Noted {
  suite: string
  tried: string
  found: string
  /** Of the defects that the suite keeps for itself, how many it found. */
  defects: string
}

declare module 'vitest' {
  interface ProvidedContext {
    figures: Figures
  }
  interface TaskMeta {
    noted?: Noted[]
  }
}

/** Printed with the end of the run. */
export function noted({ meta }: TestContext['task'], figures: Noted) {
  meta.noted = [...(meta.noted ?? []), figures]
}
