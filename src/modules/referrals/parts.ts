// What leaves with a referral? For each category that was asked for and released, what is known, and nothing else.
import type { byCategory } from '../clearing/index.ts'
import type { Known } from '../clients/index.ts'
import type { Category, Part } from '../releases/index.ts'

interface Source {
  categories: readonly Category[]
  situation: string
  known: Known
  person: { language: string | null; interpreterNeeded: boolean }
  /** What the last finished clearing says, by category; nothing when there is none. */
  clearing: ReturnType<typeof byCategory>
}

const given = (facts: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined && value !== null),
  ) as Part['facts']

const identity = ({ known, person }: Source): Part => {
  const { modes = [], ...reach } = known.reach ?? {}
  return {
    category: 'identity_contact',
    topic: 'identity',
    need: null,
    text: '',
    facts: given({ ...known.identity, ...reach, ...(modes.length > 0 && { modes }), ...person }),
  }
}

export function whatLeaves(source: Source): Part[] {
  return source.categories.flatMap((category): Part[] => [
    ...(category === 'identity_contact' ? [identity(source)] : []),
    ...(category === 'existence_of_contact'
      ? [{ category, topic: 'contact', need: null, text: '', facts: {} }]
      : []),
    ...(category === 'clearing_summary' && source.situation
      ? [{ category, topic: 'situation', need: null, text: source.situation, facts: {} }]
      : []),
    ...(source.clearing[category] ?? []),
  ])
}
