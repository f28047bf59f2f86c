// Who is responsible, and which step may a handover take now?
import { defineProblems } from '../../platform/problem.ts'
import type { Language, Text } from '../../platform/language.ts'
import { dated } from '../cases/index.ts'
import { contactAgain, daysAfter, recontactDays } from '../tasks/index.ts'
import type { Category } from '../releases/index.ts'
import { codes, extra, type Code } from '../vocabularies/index.ts'

type Status = Code<'handover_status'>
/** An internal change of lead is no handover to another organisation. */
export type Type = Exclude<Code<'handover_type'>, 'internal'>
export type Stability = Code<'stability'>
export type Section = Code<'handover_section'>
/** Which sections a type of handover needs, and within how many days it is answered. */
export interface Concept {
  types: { [T in Type]?: { required: Section[]; answerDays: number } | undefined }
}
export type Sections = { [S in Section]?: string | undefined }

export const refuse = defineProblems({
  handover_not_open: {
    status: 409,
    text: {
      de: 'In diesem Stand geht das mit der Übergabe nicht.',
      en: 'The handover is not in a state in which this is possible.',
      da: 'Dette er ikke muligt i overleveringens nuværende status.',
    },
  },
  referral_not_accepted: {
    status: 409,
    text: {
      de: 'Übergeben wird, wenn die empfangende Stelle die Vermittlung angenommen hat.',
      en: 'A handover follows once the recipient has accepted the referral.',
      da: 'Overlevering sker, når modtageren har accepteret henvisningen.',
    },
  },
  handover_already_open: {
    status: 409,
    text: {
      de: 'Zu dieser Vermittlung läuft schon eine Übergabe.',
      en: 'A handover of this referral is under way already.',
      da: 'En overlevering af denne henvisning er allerede i gang.',
    },
  },
  handover_without_situation: {
    status: 409,
    text: {
      de: 'Der Übergabebogen braucht mindestens die aktuelle Situation.',
      en: 'The handover sheet needs at least the present situation.',
      da: 'Overleveringsarket skal mindst beskrive den aktuelle situation.',
    },
  },
  handover_sections_missing: {
    status: 409,
    text: {
      de: 'Das Übergabekonzept verlangt für diese Art der Übergabe mehr. Was fehlt, steht unter „missingSections“.',
      en: 'The handover concept asks for more for this type of handover. What is missing is listed under "missingSections".',
      da: 'Overleveringskonceptet kræver mere til denne type overlevering. Det manglende står under "missingSections".',
    },
  },
  handover_accompanied_by_nobody: {
    status: 409,
    text: {
      de: 'Eine begleitete Übergabe nennt, wer begleitet.',
      en: 'An accompanied handover names who comes along.',
      da: 'En ledsaget overlevering angiver, hvem der ledsager.',
    },
  },
  handover_is_not_warm: {
    status: 409,
    text: {
      de: 'Ein gemeinsames Gespräch gehört nur zur warmen Übergabe.',
      en: 'A joint talk belongs to a warm handover only.',
      da: 'En fælles samtale hører kun til en varm overlevering.',
    },
  },
  joint_talk_out_of_time: {
    status: 409,
    text: {
      de: 'Das gemeinsame Gespräch fand nach dem Anbieten statt und nicht in der Zukunft.',
      en: 'The joint talk took place after the offer and not in the future.',
      da: 'Den fælles samtale fandt sted efter tilbuddet og ikke i fremtiden.',
    },
  },
  joint_talk_missing: {
    status: 409,
    text: {
      de: 'Zur warmen Übergabe gehört das gemeinsame Gespräch: bitte erst festhalten.',
      en: 'A warm handover includes the joint talk: please record it first.',
      da: 'Den fælles samtale hører til en varm overlevering: registrér den først.',
    },
  },
  stability_is_final: {
    status: 409,
    text: {
      de: 'Ob die Hilfe trägt, ist schon entschieden.',
      en: 'Whether the help holds has been decided already.',
      da: 'Det er allerede afgjort, om hjælpen holder.',
    },
  },
  shaky_needs_a_next_step: {
    status: 409,
    text: {
      de: 'Wenn es wackelt, braucht der Fall einen neuen nächsten Schritt mit Datum.',
      en: 'When it is shaky, the case needs a new dated next step.',
      da: 'Når det er usikkert, har sagen brug for et nyt næste skridt med dato.',
    },
  },
  handover_returned_already: {
    status: 409,
    text: {
      de: 'Diese Rückgabe läuft schon.',
      en: 'This return is under way already.',
      da: 'Denne tilbageføring er allerede i gang.',
    },
  },
  arrival_is_the_receivers_secret: {
    status: 409,
    text: {
      de: 'Die Entbindung gilt nur in eine Richtung oder nicht mehr: Ankommen, Nichterscheinen und Rückgabe darf die empfangende Stelle nicht mitteilen.',
      en: 'The release runs one way only, or no longer: the receiver may not tell back arrival, no-show or return.',
      da: 'Samtykket gælder kun én vej eller ikke længere: modtageren må ikke melde fremmøde, udeblivelse eller tilbageføring.',
    },
  },
  arrival_needs_another_witness: {
    status: 409,
    text: {
      de: 'Die empfangende Stelle bestätigt selbst; die abgebende hat es von der Person oder hat sie begleitet.',
      en: 'The receiver confirms itself; the giver knows it from the person or accompanied them.',
      da: 'Modtageren bekræfter selv; den afgivende ved det fra personen eller har ledsaget.',
    },
  },
  handover_under_way: {
    status: 409,
    text: {
      de: 'Eine angenommene Übergabe ist noch unterwegs: erst Ankommen oder Nichterscheinen festhalten.',
      en: 'An accepted handover is still under way: record arrival or no-show first.',
      da: 'En accepteret overlevering er stadig undervejs: registrér først fremmøde eller udeblivelse.',
    },
  },
})

declare module '../../platform/problem.ts' {
  interface Defined {
    handovers: typeof refuse
  }
}

const refuseAt = (code: Parameters<typeof refuse>[0], pointer: string) => refuse(code, [{ pointer, code }])

export const openStatuses = ['prepared', 'offered', 'accepted'] as const satisfies readonly Status[]

interface Standing {
  status: Status
  stability?: Stability | null
  takenBackAt?: string | null
}

/**
 * One function of the row: never nobody, never two. The receiver from arrival on, until the giver records that the help
 * has broken off or has taken up what was returned. The database computes the same in a generated column.
 */
export const responsible = ({ status, stability = null, takenBackAt = null }: Standing) =>
  status === 'arrived' && stability !== 'broken_off' && takenBackAt === null ? 'receiver' : 'giver'

function from<T extends { status: Status }>(row: T, ...allowed: Status[]): T {
  if (!allowed.includes(row.status)) throw refuse('handover_not_open')
  return row
}

export const sheetOpen = <T extends { status: Status }>(row: T) => from(row, 'prepared')

export function prepare(referral: { status: Code<'referral_status'> }) {
  if (referral.status !== 'accepted' && referral.status !== 'not_started')
    throw refuse('referral_not_accepted')
}

const filled = (sections: Sections) =>
  codes('handover_section').flatMap((section) => {
    const text = sections[section]?.trim()
    return text
      ? [{ section, text, category: extra('handover_section', section, 'category') as Category }]
      : []
  })

/** Every section belongs to one category; all that are used must be released. */
export function sheet(sections: Sections, required: readonly Section[] = []) {
  const parts = filled(sections)
  const has = (wanted: Section) => parts.some(({ section }) => section === wanted)
  const missingSections = required.filter((section) => !has(section))
  if (missingSections.length > 0) throw refuse('handover_sections_missing', [], { missingSections })
  if (!has('situation')) throw refuse('handover_without_situation')
  return { parts, categories: [...new Set(parts.map(({ category }) => category))] }
}

interface Prepared {
  status: Status
  type: Code<'handover_type'>
  accompaniedByMembershipId: string | null
}

/** What the concept to which a handover is bound asks of its type; without one only the situation is needed. */
export const asked = (concept: Concept | undefined, type: Code<'handover_type'>) =>
  type === 'internal' ? undefined : concept?.types[type]

export function offer(row: Prepared, days: number | undefined, now: string, today: string) {
  from(row, 'prepared')
  if (row.type === 'accompanied' && row.accompaniedByMembershipId === null)
    throw refuseAt('handover_accompanied_by_nobody', '/accompaniedByMembershipId')
  return {
    status: 'offered' as const,
    offeredAt: now,
    answerDueOn: days === undefined ? null : daysAfter(today, days),
  }
}

const warm = (type: Code<'handover_type'>) => type === 'warm_joint' || type === 'warm_phone'

/** The talk of giver, receiver and person; it may follow the receiver's yes, but not the arrival. */
export function jointTalk(
  row: { status: Status; type: Code<'handover_type'>; offeredAt: string | null },
  heldAt: string,
  now: string,
) {
  from(row, 'offered', 'accepted')
  if (!warm(row.type)) throw refuse('handover_is_not_warm')
  const held = Date.parse(heldAt)
  if (row.offeredAt === null || held < Date.parse(row.offeredAt) || held > Date.parse(now))
    throw refuseAt('joint_talk_out_of_time', '/heldAt')
  return { jointTalkAt: heldAt }
}

export function accept(row: { status: Status }, now: string) {
  from(row, 'offered')
  return { status: 'accepted' as const, acceptedAt: now }
}

export function refuseHandover(row: { status: Status }, reason: Code<'refusal_reason'>, note: string) {
  from(row, 'offered')
  return { status: 'refused' as const, refusalReason: reason, refusalNote: note || null }
}

export function cancel(row: { status: Status }, because: Code<'handover_cancellation'>) {
  from(row, ...openStatuses)
  return { status: 'cancelled' as const, cancellation: because }
}

export interface Witness {
  /** Whether the receiver's organisation speaks; otherwise the giver's. */
  receiver: boolean
  /** Direction of the release under which the sheet was disclosed; the receiver's secret otherwise. */
  direction: Code<'release_direction'> | undefined
}

// Arrival and no-show are the receiver's secret: telling them back needs a release that runs both ways.
function mayTell({ receiver, direction }: Witness) {
  if (receiver && direction !== 'both') throw refuse('arrival_is_the_receivers_secret')
}

interface Accepted {
  status: Status
  type: Code<'handover_type'>
  jointTalkAt: string | null
}

export function arrive(row: Accepted, by: Code<'arrival_source'>, witness: Witness, now: string) {
  from(row, 'accepted')
  if ((by === 'receiver') !== witness.receiver || (by === 'accompanied' && row.type !== 'accompanied'))
    throw refuseAt('arrival_needs_another_witness', '/confirmedBy')
  mayTell(witness)
  if (warm(row.type) && row.jointTalkAt === null) throw refuse('joint_talk_missing')
  return { status: 'arrived' as const, arrivedAt: now, arrivalConfirmedBy: by }
}

export function noShow(row: { status: Status }, witness: Witness, now: string) {
  from(row, 'accepted')
  mayTell(witness)
  return { status: 'failed' as const, failedAt: now }
}

/** Responsibility has moved, the case stays open: after two weeks somebody asks whether it holds. */
export const stabilityDays = 14

const askWhetherItHolds: Text = {
  de: 'Nachfragen, ob die Hilfe trägt (14 Tage nach dem Ankommen)',
  en: 'Ask whether the help holds (14 days after arrival)',
  da: 'Spørg, om hjælpen holder (14 dage efter fremmøde)',
}

const goAfterThem: Text = {
  de: 'Wieder Kontakt aufnehmen (Hilfe abgebrochen)',
  en: 'Make contact again (the help has broken off)',
  da: 'Tag kontakt igen (hjælpen er afbrudt)',
}

/** What the giver's case does next; its lead and the dated next step never lapse. */
export const afterwards = (outcome: 'arrived' | 'failed', language: Language, today: string) =>
  outcome === 'failed'
    ? contactAgain(language, today)
    : {
        status: 'open' as const,
        pauseReason: null,
        nextStep: askWhetherItHolds[language],
        nextStepOn: daysAfter(today, stabilityDays),
        phase: 'monitoring' as const,
      }

interface Step {
  text: string
  on: string
}

/** Asked after arrival; holding and breaking off are final, and somebody shaky is asked for again. */
export function check(
  row: Standing,
  stability: Stability,
  step: Step | undefined,
  now: string,
  today: string,
) {
  from(row, 'arrived')
  if (row.stability === 'holds' || row.stability === 'broken_off') throw refuse('stability_is_final')
  if (stability === 'shaky' && !step) throw refuseAt('shaky_needs_a_next_step', '/nextStep')
  if (step) dated(step.on, today, '/nextStep/on')
  return { stability, stabilityAt: now }
}

/** What the giver's case does next after the check; nothing changes where the help holds and nobody says what follows. */
export function afterCheck(stability: Stability, step: Step | undefined, language: Language, today: string) {
  const broken = stability === 'broken_off'
  if (!step && !broken) return undefined
  return {
    status: 'open' as const,
    pauseReason: null,
    nextStep: step?.text ?? goAfterThem[language],
    nextStepOn: step?.on ?? daysAfter(today, recontactDays[0]),
    ...(broken && { phase: 'linking' as const }),
  }
}

/**
 * A return is a new request, agreed with the person. It moves nothing by itself: the receiver stays responsible until the
 * giver's unit has taken the contact up; where that request has ended otherwise, it may ask once more.
 */
export function giveBack(
  row: Standing & { underWay: boolean },
  reason: Code<'return_reason'>,
  witness: Witness,
  now: string,
) {
  from(row, 'arrived')
  if (responsible(row) === 'giver') throw refuse('handover_not_open')
  if (row.underWay) throw refuse('handover_returned_already')
  mayTell(witness)
  return { returnedAt: now, returnReason: reason }
}
