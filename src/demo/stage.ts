// What does a story of the demo have at hand, and how is it told twice without happening twice?
import { codes, type Code } from '../modules/vocabularies/index.ts'
import { daysAfter } from '../modules/tasks/index.ts'
import { done, sameWords, type Body, type Voice } from './voice.ts'

export interface Stage {
  as(person: string): Promise<Teller>
  organization(key: string): string
  offer(key: string): string
  /** A day some days after the municipality was set up; never in the past. */
  day(days: number): string
  /** Half a year after the municipality was set up: as long as the releases of the demo hold. */
  until: string
  /** The day on which the municipality was set up. */
  first: string
}

export type Teller = ReturnType<typeof teller>

/** A demo person whose every request succeeds, and changes nothing when it is told again. */
export const teller = (name: string, voice: Voice) => ({
  read: async (url: string) => done(await voice.get(url), `${name} reads ${url}`),
  tell: async (url: string, body?: object) =>
    done(await voice.post(url, body, sameWords(url, body)), `${name} posts to ${url}`),
  patch: async (url: string, change: object) =>
    done(await voice.patch(url, change), `${name} changes ${url}`),
})

export const stageOf = (
  first: string,
  today: string,
  at: Pick<Stage, 'as'> & { organizations: Map<string, string>; offers: Map<string, string> },
): Stage => ({
  as: at.as,
  organization: (key) => known(at.organizations, key),
  offer: (key) => known(at.offers, key),
  day: (days) => {
    const day = daysAfter(first, days)
    return day < today ? today : day
  },
  until: `${daysAfter(first, 180)}T12:00:00Z`,
  first,
})

export function known(ids: Map<string, string>, key: string): string {
  const id = ids.get(key)
  if (id === undefined) throw new Error(`the demo knows no ${key}`)
  return id
}

interface Opening {
  requesterRole: Code<'requester_role'>
  referralSource: Code<'referral_source'>
  concern: string
  nextStep: string
  nextStepOn: string
}

/** Somebody is recorded and gets a case. The days of an interrupted loading may lie in the past by now: first look. */
export async function comes(by: Teller, person: object, opening: Opening): Promise<Body> {
  const { id: clientId } = await by.tell('/v1/clients', person)
  const [running, closed] = await Promise.all([
    by.read(`/v1/cases?clientId=${clientId}`),
    by.read(`/v1/cases?clientId=${clientId}&closed=true`),
  ])
  return running.items[0] ?? closed.items[0] ?? by.tell('/v1/cases', { clientId, ...opening })
}

type Domain = Code<'life_domain'>
type Ratings = Partial<Record<Domain, { need: string; note?: string } | { skipped: string; note?: string }>>

/** Every life domain: what was rated, and the rest skipped for good reason. */
export const ratings = (rated: Ratings) =>
  Object.fromEntries(
    codes('life_domain').map((domain) => [domain, rated[domain] ?? { skipped: 'not_relevant' }]),
  )

export async function clears(by: Teller, { id }: Body, said: object, { finish = true } = {}) {
  const clearing = await by.tell(`/v1/cases/${id}/clearings`)
  if (clearing.status !== 'started') return
  await by.patch(`/v1/clearings/${clearing.id}`, said)
  if (finish) await by.tell(`/v1/clearings/${clearing.id}/finish`)
}

interface Released {
  recipientOrganizationId: string
  recipientPerson?: string
  purposeDetail: string
  categories: Code<'data_category'>[]
}

export const releases = (by: Teller, { id }: Body, at: Stage, language: 'de' | 'da', released: Released) =>
  by.tell(`/v1/cases/${id}/releases`, {
    purpose: 'referral',
    direction: 'both',
    validUntil: at.until,
    proof: 'paper_signed',
    informationVersion: 1,
    informationLanguage: language,
    copyGiven: true,
    signedOn: at.first,
    ...released,
  })

interface Referred {
  offerId: string
  releaseId?: string
  categories?: Code<'data_category'>[]
  situation: string
  urgency?: Code<'urgency'>
}

export async function refers(by: Teller, { id }: Body, referred: Referred): Promise<Body> {
  const referral = await by.tell(`/v1/cases/${id}/referrals`, referred)
  return by.tell(`/v1/referrals/${referral.id}/send`)
}

/** Opened, then answered. */
export async function answers(by: Teller, { id }: Body, answer: 'accept' | 'decline', body?: object) {
  await by.read(`/v1/referrals/${id}`)
  return by.tell(`/v1/referrals/${id}/${answer}`, body)
}

export async function hands(
  by: Teller,
  { id }: Body,
  handover: { referralId: string; type: string; sections: object; accompaniedByMembershipId?: string },
) {
  const prepared = await by.tell(`/v1/cases/${id}/handovers`, handover)
  return by.tell(`/v1/handovers/${prepared.id}/offer`)
}
