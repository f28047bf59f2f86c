// How does a test get a person part of the way: released, referred, handed over? Through the interface, step by step.
import { cast, offers, organizations, type Member } from './cast.ts'
import { done, factories, inDays, today } from './factories.ts'
import type { Body, Client } from './http.ts'
import type { Organization } from './people.ts'

/** Who answers for an organisation to which people are referred. */
export const receiverOf = {
  wehr: cast.anton,
  birkenhof: cast.agnes,
  jugendamt: cast.jule,
  aufbruch: cast.selma,
  nord: cast.mira,
} as const satisfies Partial<Record<Organization, Member>>
export type Receiver = keyof typeof receiverOf

/** Which data category each life domain of a clearing belongs to; written down once more, not read from the code. */
export const categoryOf = {
  substance_use: 'substance_use',
  social_family: 'family_children',
  health_physical: 'health_somatic',
  health_mental: 'health_mental',
  work_education: 'work_education',
  housing: 'housing_finance',
  finances_debt: 'housing_finance',
  legal: 'legal_matters',
  children_parenting: 'family_children',
  violence_safety: 'violence_safety',
  daily_structure: 'clearing_summary',
  mobility_driving: 'legal_matters',
  existing_help: 'existing_help',
  language_access: 'identity_contact',
} as const
type Domain = keyof typeof categoryOf
const domains = Object.keys(categoryOf) as Domain[]

/** A word that stands in the clearing under one life domain and nowhere else. */
export const canary = (domain: Domain) => `Kanarie-${domain}`
export const canariesOf = (category: string) =>
  domains.filter((domain) => categoryOf[domain] === category).map(canary)
export const allCanaries = domains.map(canary)

/** A word for each section of the handover sheet. */
export const sheet = {
  situation: 'Blatt-situation',
  background: 'Blatt-background',
  recommendation: 'Blatt-recommendation',
}

export const aYearAhead = () => `${inDays(365)}T00:00:00Z`

/** Everything that a release must have; `draft` until it is signed. */
export const releaseTo = (recipient: Organization) => ({
  recipientOrganizationId: organizations[recipient],
  purpose: 'referral',
  purposeDetail: 'So that the counselling can begin',
  categories: ['identity_contact', 'clearing_summary', 'help_plan', 'substance_use'],
  validUntil: aYearAhead(),
  proof: 'paper_signed',
  informationVersion: 1,
  informationLanguage: 'de',
})

type Given = Record<string, unknown>
type On = { caseId?: string; to?: Receiver }

export type Way = ReturnType<typeof way>

/** `const { aSentReferral } = way(as)`: each factory takes the steps before it unless it is told where to begin. */
export function way(as: (member: Member) => Promise<Client>, giver: Member = cast.nora) {
  const { aCase, aKnownClient } = factories(as)
  const post = async (by: Member, path: string, body?: unknown): Promise<Body> =>
    done(await (await as(by)).post(path, body)).body

  const aKnownCase = async (given: Given = {}) =>
    aCase({ clientId: (await aKnownClient({}, giver)).id, ...given }, giver)

  async function aFinishedClearing(given: Given = {}): Promise<Body> {
    const { caseId = (await aKnownCase()).id, ...change } = given
    const { id } = await post(giver, `/v1/cases/${String(caseId)}/clearings`)
    const ratings = Object.fromEntries(
      domains.map((domain) => [domain, { need: 'n2', note: canary(domain) }]),
    )
    done(await (await as(giver)).edit(`/v1/clearings/${id}`, { ratings, ...change }))
    return post(giver, `/v1/clearings/${id}/finish`)
  }

  async function aDraftRelease({ caseId, to = 'wehr', ...given }: Given & On = {}): Promise<Body> {
    const id = caseId ?? (await aKnownCase()).id
    return post(giver, `/v1/cases/${id}/releases`, { ...releaseTo(to), ...given })
  }
  const aRelease = (given: Given & On = {}) => aDraftRelease({ signedOn: today(), ...given })

  /** Rests on a release of its own unless `releaseId` is given; `null` for somebody who stays anonymous. */
  async function aDraftReferral({
    caseId,
    to = 'wehr',
    releaseId,
    ...given
  }: Given & On = {}): Promise<Body> {
    const id = caseId ?? (await aKnownCase()).id
    const rests =
      releaseId === null ? {} : { releaseId: releaseId ?? (await aRelease({ caseId: id, to })).id }
    return post(giver, `/v1/cases/${id}/referrals`, {
      offerId: offers[to],
      categories: ['identity_contact', 'substance_use'],
      situation: 'Brief-situation',
      ...rests,
      ...given,
    })
  }
  const aSentReferral = async (given: Given & On = {}) =>
    post(giver, `/v1/referrals/${(await aDraftReferral(given)).id}/send`)

  /** As the sender sees it. */
  async function anAcceptedReferral(given: Given & On = {}): Promise<Body> {
    const { id } = await aSentReferral(given)
    await post(receiverOf[given.to ?? 'wehr'], `/v1/referrals/${id}/accept`)
    return done(await (await as(giver)).get(`/v1/referrals/${id}`)).body
  }

  type Of = Given & On & { referral?: Body }
  async function aPreparedHandover({ referral, caseId, to, ...given }: Of = {}): Promise<Body> {
    const from = referral ?? (await anAcceptedReferral({ ...(caseId && { caseId }), ...(to && { to }) }))
    return post(giver, `/v1/cases/${String(from['caseId'])}/handovers`, {
      referralId: from.id,
      type: 'written',
      sections: sheet,
      ...given,
    })
  }
  const anOfferedHandover = async (given: Of = {}) =>
    post(giver, `/v1/handovers/${(await aPreparedHandover(given)).id}/offer`)

  const receiver = (given: Of) => receiverOf[given.to ?? 'wehr']
  const asGiverSees = async ({ id }: { id: string }) =>
    done(await (await as(giver)).get(`/v1/handovers/${id}`)).body

  /** As the giver sees it; `to` says who accepts where the handover begins with a referral. */
  async function anAcceptedHandover(given: Of = {}): Promise<Body> {
    const { id } = await anOfferedHandover(given)
    return asGiverSees(await post(receiver(given), `/v1/handovers/${id}/accept`))
  }
  async function anArrivedHandover(given: Of = {}): Promise<Body> {
    const { id } = await anAcceptedHandover(given)
    const confirmed = { confirmedBy: 'receiver' }
    return asGiverSees(await post(receiver(given), `/v1/handovers/${id}/confirm-arrival`, confirmed))
  }
  async function aFailedHandover(given: Of = {}): Promise<Body> {
    const { id } = await anAcceptedHandover(given)
    return asGiverSees(await post(receiver(given), `/v1/handovers/${id}/report-no-show`))
  }

  return {
    aKnownCase,
    aFinishedClearing,
    aDraftRelease,
    aRelease,
    aDraftReferral,
    aSentReferral,
    anAcceptedReferral,
    aPreparedHandover,
    anOfferedHandover,
    anAcceptedHandover,
    anArrivedHandover,
    aFailedHandover,
  }
}
