// What may leave, to whom, for what, until when? The release from confidentiality is the access rule.
import { defineProblems } from '../../platform/problem.ts'
import { extra, type Code } from '../vocabularies/index.ts'

export type Category = Code<'data_category'>
type Status = Code<'release_status'>

export const refuse = defineProblems({
  not_released: {
    status: 409,
    text: {
      de: 'Dafür liegt keine gültige Schweigepflichtentbindung vor. Was fehlt, steht unter „missingCategories“.',
      en: 'No valid release covers this. What is missing is listed under "missingCategories".',
      da: 'Der foreligger intet gyldigt samtykke til dette. Det manglende står under "missingCategories".',
    },
  },
  release_not_active: {
    status: 409,
    text: {
      de: 'Diese Entbindung gilt nicht: Sie ist nicht unterschrieben, abgelaufen, widerrufen oder ersetzt.',
      en: 'This release does not apply: it is not signed, expired, withdrawn or replaced.',
      da: 'Dette samtykke gælder ikke: det er ikke underskrevet, udløbet, tilbagekaldt eller erstattet.',
    },
  },
  release_not_draft: {
    status: 409,
    text: {
      de: 'Über diese Entbindung ist schon entschieden.',
      en: 'This release has been decided already.',
      da: 'Der er allerede truffet afgørelse om dette samtykke.',
    },
  },
  release_needs_a_known_person: {
    status: 409,
    text: {
      de: 'Wer anonym bleibt, kann nichts unterschreiben; anonym wird ohne Entbindung vermittelt.',
      en: 'Somebody who stays anonymous can sign nothing; anonymous people are referred without a release.',
      da: 'Den, der er anonym, kan ikke underskrive; anonyme henvises uden samtykke.',
    },
  },
  release_ends_in_the_past: {
    status: 409,
    text: {
      de: 'Die Gültigkeit endet in der Vergangenheit.',
      en: 'The validity ends in the past.',
      da: 'Gyldigheden slutter i fortiden.',
    },
  },
  release_signed_in_the_future: {
    status: 409,
    text: {
      de: 'Das Datum der Unterschrift liegt in der Zukunft.',
      en: 'The day of the signature lies in the future.',
      da: 'Underskriftsdatoen ligger i fremtiden.',
    },
  },
  release_to_the_own_unit: {
    status: 409,
    text: {
      de: 'Innerhalb der eigenen Stelle braucht es keine Entbindung; benannt wird eine andere Stelle.',
      en: 'Inside the own unit no release is needed; another organisation is named.',
      da: 'Inden for egen enhed kræves intet samtykke; der angives en anden instans.',
    },
  },
  oral_release_needs_a_reason: {
    status: 409,
    text: {
      de: 'Eine mündliche Entbindung ist die Ausnahme und braucht eine Begründung.',
      en: 'An oral release is the exception and needs a reason.',
      da: 'Et mundtligt samtykke er en undtagelse og kræver en begrundelse.',
    },
  },
  identifying_category: {
    status: 409,
    text: {
      de: 'Anonym kann nichts mitgegeben werden, was die Person erkennbar macht.',
      en: 'Nothing that identifies the person can go along anonymously.',
      da: 'Intet, der identificerer personen, kan gå med anonymt.',
    },
  },
  person_is_not_anonymous: {
    status: 409,
    text: {
      de: 'Ohne Entbindung wird nur vermittelt, wer anonym bleibt.',
      en: 'Only somebody who stays anonymous is referred without a release.',
      da: 'Kun den, der forbliver anonym, henvises uden samtykke.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    releases: typeof refuse
  }
}

interface Release {
  status: Status
  caseId: string
  recipientOrganizationId: string
  purpose: Code<'release_purpose'>
  categories: Category[]
  validUntil: string
}

export interface Wish {
  caseId: string
  recipientOrganizationId: string
  purpose: Code<'release_purpose'>
  categories: readonly Category[]
}

const applies = (release: Release, now: string) =>
  release.status === 'active' && Date.parse(release.validUntil) > Date.parse(now)

/**
 * Decided anew at the moment of leaving (§ 67b (2), § 76 SGB X): nothing is stripped silently, what no release covers
 * is named. Expired, withdrawn, refused and superseded releases cover nothing.
 */
export function released(release: Release | undefined, wish: Wish, now: string): asserts release is Release {
  const fits =
    release !== undefined &&
    applies(release, now) &&
    release.caseId === wish.caseId &&
    release.recipientOrganizationId === wish.recipientOrganizationId &&
    release.purpose === wish.purpose
  const missingCategories = wish.categories.filter(
    (category) => !fits || !release.categories.includes(category),
  )
  if (!fits || missingCategories.length > 0) throw refuse('not_released', [], { missingCategories })
}

export const identifying = (category: Category) => extra('data_category', category, 'identifying') === true

/** Somebody who stays anonymous is referred without a release, and without anything that identifies them. */
export function anonymously(level: Code<'identification_level'>, categories: readonly Category[]) {
  if (level !== 'anonymous') throw refuse('person_is_not_anonymous')
  const wrong = categories.filter(identifying)
  if (wrong.length > 0) throw refuse('identifying_category', [], { missingCategories: wrong })
}

interface Draft {
  discloserOrganizationId: string
  recipientOrganizationId: string
  validUntil: string
  proof: Code<'release_proof'>
  proofReason?: string | null | undefined
  signedOn?: string | undefined
}

export function drafted(draft: Draft, level: Code<'identification_level'>, now: string, today: string) {
  if (level === 'anonymous') throw refuse('release_needs_a_known_person')
  if (draft.recipientOrganizationId === draft.discloserOrganizationId) throw refuse('release_to_the_own_unit')
  if (Date.parse(draft.validUntil) <= Date.parse(now))
    throw refuse('release_ends_in_the_past', at('/validUntil'))
  if (draft.proof === 'oral_documented' && !draft.proofReason)
    throw refuse('oral_release_needs_a_reason', at('/proofReason'))
  if (draft.signedOn !== undefined) signedOn(draft.signedOn, today)
}

function signedOn(day: string, today: string) {
  if (day > today) throw refuse('release_signed_in_the_future', at('/signedOn'))
  return day
}

export function sign(
  release: { status: Status; validUntil: string },
  day: string,
  now: string,
  today: string,
) {
  if (release.status !== 'draft') throw refuse('release_not_draft')
  if (Date.parse(release.validUntil) <= Date.parse(now))
    throw refuse('release_ends_in_the_past', at('/validUntil'))
  return { status: 'active' as const, signedOn: signedOn(day, today), activatedAt: now }
}

/** Refusing blocks nothing but what would have left. */
export function refused(release: { status: Status }, now: string) {
  if (release.status !== 'draft') throw refuse('release_not_draft')
  return { status: 'refused' as const, refusedAt: now }
}

/** Art. 7 (3) GDPR: at any time, as easy as giving; an expired one may be withdrawn as well. */
export function withdrawn(release: { status: Status }, way: Code<'release_withdrawal_way'>, now: string) {
  if (release.status !== 'active') throw refuse('release_not_active')
  return { status: 'withdrawn' as const, withdrawnAt: now, withdrawnWay: way }
}

const at = (pointer: string) => [{ pointer, code: 'invalid_value' }]
