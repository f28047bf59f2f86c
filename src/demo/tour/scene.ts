// What do all acts of the tour share? The cast, the days in the city, and what became of the person so far.
import { dayIn } from '../../modules/deadlines/index.ts'
import { daysAfter } from '../../modules/tasks/index.ts'
import type { Code } from '../../modules/vocabularies/index.ts'
import { done, type Body } from '../voice.ts'
import type { Scribe, Someone } from './scribe.ts'

export interface Cast {
  /** Navigators and their head, in the city. */
  nora: Someone
  nils: Someone
  hanna: Someone
  /** An agency, a ward, the housing aid, the youth office, self-help. */
  anton: Someone
  agnes: Someone
  tarek: Someone
  jule: Someone
  selma: Someone
  /** Coordinator, planner, administrator, data protection officer. */
  carla: Someone
  paul: Someone
  ada: Someone
  dora: Someone
  /** A navigator of another municipality. */
  otto: Someone
}

export interface Scene extends Scribe {
  cast: Cast
  /** Makes the person of this run somebody new. */
  run: number
}

export interface Known {
  clientId: string
  caseId: string
  familyName: string
}

export interface Referred extends Known {
  releaseId: string
  referralId: string
}

export const list = (value: unknown) => value as string[]
export const bodies = (value: unknown) => value as Body[]

/** The calendar day in the city. */
export const today = () => dayIn('Europe/Berlin', new Date().toISOString())
export const inDays = (days: number) => daysAfter(today(), days)
export const halfAYear = () => `${inDays(180)}T12:00:00Z`

/** An offer of this kind that the organisation of this person makes; others may have come since the demo was loaded. */
export async function offerOf({ voice, organizationId }: Someone, type: Code<'offer_type'>): Promise<Body> {
  const { items } = done(
    await voice.get(`/v1/offers?type=${type}&organizationId=${organizationId}`),
    `looking for ${type}`,
  )
  return activeOf(items, type)
}

function activeOf(items: Body[], type: string): Body {
  const offer = items.find(({ active }) => active === true)
  if (!offer) throw new Error(`The demo has no active offer of the type ${type} any more.`)
  return offer
}

/** The same, of whoever makes such an offer. */
export const offerOfAnybody = async ({ voice }: Someone, type: Code<'offer_type'>): Promise<Body> =>
  activeOf(done(await voice.get(`/v1/offers?type=${type}`), `looking for ${type}`).items, type)
