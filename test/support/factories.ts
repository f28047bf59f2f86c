// How does a test get what it needs before it begins? Through the interface, with nothing but what must be said.
import { randomUUID } from 'node:crypto'
import { codes } from '../../src/modules/vocabularies/index.ts'
import { cast, offers, organizations, type Member } from './cast.ts'
import { aForm, aPdf } from './files.ts'
import type { Answer, Body, Client } from './http.ts'
import { password, type Organization } from './people.ts'

const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' })

/** A calendar day in the municipality's zone, some days from today. */
export function inDays(days: number): string {
  const day = new Date(`${calendar.format(new Date())}T00:00:00Z`)
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
    attached,
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
    const draft = { clientId, caseId: kase.id, releaseId: release.id, id: referral.id, by, to }
    if (attached === undefined) return { ...draft, attachmentId: '' }
    return { ...draft, attachmentId: (await anAttachment(referral.id, { text: attached, by })).id }
  }

  /** A letter that says `text` and is called so. */
  const anAttachment = (
    referralId: string,
    { text = 'A letter', category = 'clearing_summary', by = nora } = {},
  ) => made(by, `/v1/referrals/${referralId}/attachments`, aForm(category, aPdf(text), `${text}.pdf`))

  /** For whoever has no account; the code stands in the answer. */
  const anAnswerLink = (referralId: string, given: Record<string, unknown> = {}, by = nora) =>
    made(by, `/v1/referrals/${referralId}/answer-link`, { email: 'post@praxis.example', ...given })

  async function aSentReferral(giving: Giving = {}) {
    const draft = await aDraftReferral(giving)
    done(await (await as(draft.by)).post(`/v1/referrals/${draft.id}/send`))
    const answerLinkId = giving.linked ? (await anAnswerLink(draft.id, {}, draft.by)).id : ''
    return { ...draft, answerLinkId }
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
      type: giving.type ?? 'written',
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

  /** On the person's own word, so that no release has to run both ways. */
  async function anArrivedHandover(giving: Giving = {}) {
    const handover = await anAcceptedHandover(giving)
    const arrival = { confirmedBy: 'person' }
    done(await (await as(handover.by)).post(`/v1/handovers/${handover.id}/confirm-arrival`, arrival))
    return handover
  }

  /** It asks of a sheet in writing what every sheet needs anyway. */
  const aHandoverConcept = (given: Record<string, unknown> = {}, by = nora) =>
    made(by.municipality === 'lindenau' ? cast.carla : cast.orla, '/v1/handover-concepts', {
      types: { written: { required: ['situation'], answerDays: 7 }, ...given },
    })

  /** Between the own organisation and one that has just joined the network. */
  async function anInterface(by = nora) {
    const keeper = by.municipality === 'lindenau' ? cast.carla : cast.orla
    const joined = { kind: 'practice', sector: 'health', name: `Praxis ${randomUUID()}` }
    const { id } = await made(keeper, '/v1/organizations', joined)
    const between = { fromOrganizationId: by.organizationId, toOrganizationId: id }
    return made(keeper, '/v1/interfaces', { ...between, answerDays: 5 })
  }

  /** Of the member's organisation, set up by the administrator, and tried once. */
  async function aWebhook(by = nora, given: Record<string, unknown> = {}) {
    const keeper = by.municipality === 'lindenau' ? cast.ada : cast.orhan
    const { id, ...webhook } = await made(keeper, '/v1/webhooks', {
      url: 'https://system.example/lotse',
      eventTypes: ['referral.sent', 'referral.withdrawn'],
      organizationId: by.organizationId,
      ...given,
    })
    const { id: delivery } = await made(keeper, `/v1/webhooks/${id}/test`, {})
    return { ...webhook, id, delivery }
  }

  /** Another system, with a key; and an identity provider that nobody asks. */
  async function aMachine(by = nora) {
    const keeper = by.municipality === 'lindenau' ? cast.ada : cast.orhan
    const { id, clientId } = await made(keeper, '/v1/service-accounts', {
      name: 'Import',
      role: 'planner',
      organizationId: by.organizationId,
      scopes: ['me.read'],
      responsibleUserId: keeper.userId,
    })
    const [key, { id: provider }] = await Promise.all([
      made(keeper, `/v1/service-accounts/${id}/keys`, {
        kind: 'secret',
        label: 'One',
        expiresOn: inDays(30),
      }),
      made(keeper, '/v1/identity-providers', {
        issuer: `https://login.example/${id}`,
        audience: 'https://lotse.example',
        label: 'City',
      }),
    ])
    return {
      serviceAccount: id,
      serviceAccountKey: key.id,
      provider,
      clientId: String(clientId),
      secret: String(key['secret']),
    }
  }

  /** Somebody who came to a door and agreed that we keep how to call them. */
  const aContact = (given: Record<string, unknown> = {}, by = nora) =>
    made(by, '/v1/contacts', {
      name: 'Kanaria',
      reach: '0555 010203, after six',
      agreement: 'May be called on Thursday',
      problems: ['alcohol'],
      ...given,
    })

  /** The one rule of a municipality: it leaves gaming to the health sector. Made once, found from then on. */
  async function aScopeRule(by: Member): Promise<string> {
    const keeper = await as(by.municipality === 'lindenau' ? cast.ada : cast.orhan)
    await keeper.post('/v1/scope-rules', { problem: 'gaming', sector: 'health' })
    const { items } = done(await keeper.get('/v1/scope-rules')).body
    return items.find(({ problem }) => problem === 'gaming')!.id
  }

  /** In two days, unless it is said when. */
  const anAppointment = (caseId: string, given: Record<string, unknown> = {}, by = nora) =>
    made(by, `/v1/cases/${caseId}/appointments`, {
      startsAt: `${inDays(2)}T09:00:00Z`,
      mode: 'in_person_office',
      place: 'Am Anger 3',
      ...given,
    })

  const colleagues = new Map<string, Promise<string>>()
  /** Somebody else who works where this member works; in an agency somebody new. */
  function aColleagueOf({ organizationId, membershipId, role }: Member): Promise<string> {
    const known = Object.values(cast).find(
      (other) =>
        other.organizationId === organizationId &&
        other.membershipId !== membershipId &&
        (other.role === 'navigator' || other.role === 'navigation_head') &&
        other.key !== 'sina',
    )
    if (known) return Promise.resolve(known.membershipId)
    const arriving = colleagues.get(organizationId) ?? aNewMember(organizationId, role)
    colleagues.set(organizationId, arriving)
    return arriving
  }

  async function aNewMember(organizationId: string, role: string): Promise<string> {
    const email = `${randomUUID()}@lindenau.example`
    const user = await made(cast.ada, '/v1/users', { email, name: 'Ute Neu', language: 'de', password })
    return (await made(cast.ada, `/v1/users/${user.id}/memberships`, { role, organizationId })).id
  }

  let periods = 0
  /** Far ahead, and another one each time: nobody is away twice. */
  const aPeriod = () => {
    const from = 1000 + 3 * periods++
    return { fromOn: inDays(from), untilOn: inDays(from + 1) }
  }
  const aSubstitution = async (by = nora) =>
    made(by, '/v1/substitutions', { substituteMembershipId: await aColleagueOf(by), ...aPeriod() })

  const aTask = (caseId: string, given: Record<string, unknown> = {}, by = nora) =>
    made(by, '/v1/tasks', { caseId, title: 'Ask for the papers', dueOn: inDays(2), ...given })

  /** Today, by phone, and nobody answered. */
  const anAttempt = (caseId: string, given: Record<string, unknown> = {}, by = nora) =>
    made(by, `/v1/cases/${caseId}/contact-attempts`, { mode: 'phone', outcome: 'not_reached', ...given })

  return {
    anAppointment,
    anAttempt,
    aColleagueOf,
    aNewMember,
    aPeriod,
    aSubstitution,
    aTask,
    aContact,
    aScopeRule,
    aClient,
    aKnownClient,
    aCase,
    aCaseOfSomebodyKnown,
    aClearing,
    aFinishedClearing,
    aRelease,
    aDraftReferral,
    anAttachment,
    anAnswerLink,
    aSentReferral,
    anAcceptedReferral,
    aHandover,
    anOfferedHandover,
    anAcceptedHandover,
    anArrivedHandover,
    aHandoverConcept,
    anInterface,
    aWebhook,
    aMachine,
  }
}

interface Giving {
  /** The organisation that receives. */
  to?: Organization
  by?: Member
  clientId?: string
  situation?: string
  /** Of the handover; one in writing needs nothing but the sheet. */
  type?: string
  release?: Record<string, unknown>
  /** The words of a document that goes along. */
  attached?: string
  /** Somebody at the recipient may answer without an account. */
  linked?: boolean
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
