// How does a test get what it needs before it begins? Through the interface, with nothing but what must be said.
import { codes } from '../../src/modules/vocabularies/index.ts'
import { cast, offers, organizations, type Member } from './cast.ts'
import type { Answer, Body, Client } from './http.ts'
import type { Organization } from './people.ts'

/** A calendar day in the municipality's zone, some days from today. */
export function inDays(days: number): string {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date())
  const day = new Date(`${today}T00:00:00Z`)
  day.setUTCDate(day.getUTCDate() + days)
  return day.toISOString().slice(0, 10)
}
export const today = () => inDays(0)

const nora = cast.nora

export function factories(as: (member: Member) => Promise<Client>) {
  async function made(by: Member, path: string, given: unknown): Promise<Body> {
    return done(await (await as(by)).post(path, given)).body
  }

  const aClient = (given: Record<string, unknown> = {}, by = nora) =>
    made(by, '/v1/clients', { identificationLevel: 'anonymous', ...given })

  /** Somebody whom we know by name. The names are canaries: they must not turn up where they do not belong. */
  const aKnownClient = (given: Record<string, unknown> = {}, by = nora) =>
    aClient(
      {
        identificationLevel: 'identified',
        identity: {
          givenName: 'Kanaria',
          familyName: 'Vogelsang',
          birthDate: '1990-05-04',
          address: 'Käfiggasse 7',
        },
        reach: { phone: '0555 010203', modes: ['phone'] },
        ...given,
      },
      by,
    )

  async function aCase(given: Record<string, unknown> = {}, by = nora) {
    const clientId = given['clientId'] ?? (await aClient({}, by)).id
    return made(by, '/v1/cases', {
      clientId,
      requesterRole: 'self',
      referralSource: 'self_initiative',
      concern: 'Wants to drink less',
      nextStep: 'Call back',
      nextStepOn: inDays(3),
      ...given,
    })
  }

  /** Of somebody whom we know by name, so that something can be released. */
  const aCaseOfSomebodyKnown = async (given: Record<string, unknown> = {}, by = nora) =>
    aCase({ clientId: (await aKnownClient({}, by)).id, ...given }, by)

  const aClearing = (caseId: string, by = nora) => made(by, `/v1/cases/${caseId}/clearings`, undefined)

  /** Every life domain is rated or skipped; `note` stands in each of them. */
  async function aFinishedClearing(caseId: string, note = 'Talks about it openly', by = nora) {
    const { id } = await aClearing(caseId, by)
    const client = await as(by)
    const domains = codes('life_domain').map((domain, n) => [
      domain,
      n % 5 === 4 ? { skipped: 'not_relevant', note: '' } : { need: `n${n % 4}`, note },
    ])
    done(
      await client.edit(`/v1/clearings/${id}`, {
        ratings: Object.fromEntries(domains) as unknown,
        wishes: note,
      }),
    )
    return done(await client.post(`/v1/clearings/${id}/finish`)).body
  }

  /** Signed today unless `signedOn` says otherwise; `signedOn: undefined` leaves a draft. */
  const aRelease = (caseId: string, to: string, given: Record<string, unknown> = {}, by = nora) =>
    made(by, `/v1/cases/${caseId}/releases`, {
      recipientOrganizationId: to,
      purpose: 'referral',
      purposeDetail: 'So that the counselling can begin',
      categories: [
        'existence_of_contact',
        'identity_contact',
        'clearing_summary',
        'substance_use',
        'attendance_only',
      ],
      validUntil: `${inDays(90)}T12:00:00Z`,
      proof: 'paper_signed',
      informationVersion: 1,
      informationLanguage: 'de',
      signedOn: today(),
      ...given,
    })

  /** What is needed until something can be given on: a case, what is released, and a draft of the referral. */
  async function aDraftReferral({
    to = 'wehr',
    by = nora,
    situation = 'Has stopped and wants to stay stopped',
    ...more
  }: Giving = {}) {
    const clientId = more.clientId ?? (await aKnownClient({}, by)).id
    const kase = await aCase({ clientId }, by)
    const release = await aRelease(kase.id, organizations[to], more.release, by)
    const referral = await made(by, `/v1/cases/${kase.id}/referrals`, {
      offerId: offers[to],
      releaseId: release.id,
      categories: ['existence_of_contact', 'identity_contact'],
      situation,
    })
    return { clientId, caseId: kase.id, releaseId: release.id, id: referral.id, by, to }
  }

  async function aSentReferral(giving: Giving = {}) {
    const draft = await aDraftReferral(giving)
    done(await (await as(draft.by)).post(`/v1/referrals/${draft.id}/send`))
    return draft
  }

  async function anAcceptedReferral(giving: Giving = {}) {
    const sent = await aSentReferral(giving)
    done(await (await as(receiverAt(sent.to))).post(`/v1/referrals/${sent.id}/accept`))
    return sent
  }

  async function aHandover(giving: Giving = {}) {
    const { id: referralId, ...rest } = await anAcceptedReferral(giving)
    const { id } = await made(rest.by, `/v1/cases/${rest.caseId}/handovers`, {
      referralId,
      type: 'warm_phone',
      sections: { situation: giving.situation ?? 'Comes on Monday', client_view: 'Is glad about it' },
    })
    return { ...rest, referralId, id }
  }

  async function anOfferedHandover(giving: Giving = {}) {
    const handover = await aHandover(giving)
    done(await (await as(handover.by)).post(`/v1/handovers/${handover.id}/offer`))
    return handover
  }

  async function anAcceptedHandover(giving: Giving = {}) {
    const handover = await anOfferedHandover(giving)
    done(await (await as(receiverAt(handover.to))).post(`/v1/handovers/${handover.id}/accept`))
    return handover
  }

  return {
    aClient,
    aKnownClient,
    aCase,
    aCaseOfSomebodyKnown,
    aClearing,
    aFinishedClearing,
    aRelease,
    aDraftReferral,
    aSentReferral,
    anAcceptedReferral,
    aHandover,
    anOfferedHandover,
    anAcceptedHandover,
  }
}

interface Giving {
  /** The organisation that receives. */
  to?: Organization
  by?: Member
  clientId?: string
  situation?: string
  release?: Record<string, unknown>
}

/** Who answers for an organisation. */
export function receiverAt(organization: Organization): Member {
  const member = Object.values(cast).find(
    ({ organizationId, key }) => organizationId === organizations[organization] && key !== 'sina',
  )
  if (!member) throw new Error(`nobody works at ${organization}`)
  return member
}

/** @throws Error with what the service said when it did not succeed. */
export function done<T>(answer: Answer<T>): Answer<T> {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`)
  return answer
}
