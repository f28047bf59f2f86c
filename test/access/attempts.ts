// How is each action attempted? What its address names, a body that would do, and a record in the state it needs.
import { randomUUID } from 'node:crypto'
import type { Action } from '../../src/access.ts'
import type { Lotse } from '../support/app.ts'
import { ada, mira, nils, offers, organizations, type Member } from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import { organizations as places, password, type Organization } from '../support/people.ts'
import type { Kind, Records } from '../support/world.ts'
import type { Relation } from './expectation.ts'

export const incoming: Relation[] = ['received', 'withdrawn', 'expired']

export interface Attempt {
  /** What `:id` names, or what the body refers to. */
  names?: Kind
  query?: string
  body?: (records: Records, actor: Member, relation: Relation) => unknown
  /** A record that this can succeed on, where the one of the world is in another state or must stay as it is. */
  fresh?: (by: Member) => Promise<Partial<Records>>
  /** The same where it is the receiver's turn. */
  received?: (to: Organization) => Promise<Partial<Records>>
}

export const placeOf = ({ organizationId }: Member) =>
  (Object.keys(places) as Organization[]).find((key) => organizations[key] === organizationId) ?? 'wehr'

/** A partner of the actor's unit, never the unit itself. */
const elsewhere = (by: Member): Organization => (placeOf(by) === 'birkenhof' ? 'wehr' : 'birkenhof')

export function attempts({ as, ...make }: Lotse): Partial<Record<Action, Attempt>> {
  const step = { text: 'Call again', on: inDays(4) }
  const aCase = async (by: Member) => {
    const { id, clientId } = await make.aCaseOfSomebodyKnown({}, by)
    return { case: id, client: String(clientId) }
  }
  const aPausedCase = async (by: Member) => {
    const made = await aCase(by)
    done(await (await as(by)).post(`/v1/cases/${made.case}/pause`, { reason: 'away', ...step }))
    return made
  }
  const aClearing = async (by: Member) => ({
    clearing: (await make.aClearing((await aCase(by)).case, by)).id,
  })
  const aPausedClearing = async (by: Member) => {
    const made = await aClearing(by)
    done(await (await as(by)).post(`/v1/clearings/${made.clearing}/pause`))
    return made
  }
  const aRatedClearing = async (by: Member) => {
    const { clearing } = await aClearing(by)
    const client = await as(by)
    const { body } = await client.get<{ domains: { code: string }[] }>(
      `/v1/clearing-guides/${await guideOf(by)}`,
    )
    const ratings = Object.fromEntries(body.domains.map(({ code }) => [code, { need: 'n1' }]))
    done(await client.edit(`/v1/clearings/${clearing}`, { ratings }))
    return { clearing }
  }
  const guideOf = async (by: Member) => (await (await as(by)).get('/v1/clearing-guides')).body.items[0]!.id
  const aDraftRelease = async (by: Member) => {
    const { case: of } = await aCase(by)
    return {
      release: (await make.aRelease(of, organizations[elsewhere(by)], { signedOn: undefined }, by)).id,
    }
  }
  const aRelease = async (by: Member) => {
    const { case: of } = await aCase(by)
    return { release: (await make.aRelease(of, organizations[elsewhere(by)], {}, by)).id }
  }
  const aTask = async (by: Member) => {
    const { case: of } = await aCase(by)
    const { id } = await make.aClearing(of, by)
    const client = await as(by)
    done(await client.edit(`/v1/clearings/${id}`, { answers: { 'health_mental.suicidal': 'yes' } }))
    return { task: (await client.get(`/v1/tasks?caseId=${of}`)).body.items[0]!.id }
  }
  const aUser = async () => {
    const email = `${randomUUID()}@lindenau.example`
    const { body } = done(
      await (await as(ada)).post('/v1/users', { email, name: 'Ute Neu', language: 'de', password }),
    )
    const membership = { role: 'board_member', organizationId: ada.organizationId }
    const given = done(await (await as(ada)).post(`/v1/users/${body.id}/memberships`, membership))
    return { user: body.id, membership: given.body.id }
  }
  const asReferral = async (made: Promise<{ id: string }>) => ({ referral: (await made).id })
  const asHandover = async (made: Promise<{ id: string }>) => ({ handover: (await made).id })
  const oursTo = (by: Member) => ({ by, to: elsewhere(by) })
  const theirs = (to: Organization) => ({ by: mira, to, situation: 'Kanari-received-Vogel' })

  return {
    'auth.sign_in': { body: (_, { municipality, email }) => ({ municipality, email, password }) },
    'auth.refresh': {},
    'auth.sign_out': {},

    'organizations.read': { names: 'organization' },
    'organizations.create': { body: () => ({ kind: 'practice', sector: 'health', name: 'Praxis am Anger' }) },
    'organizations.update': { names: 'organization', body: () => ({ phone: '0555 1234' }) },
    'users.read': { names: 'user' },
    'users.create': {
      body: () => ({ email: `${randomUUID()}@lindenau.example`, name: 'Ute Neu', language: 'de', password }),
    },
    'users.update': { names: 'user', body: () => ({ language: 'en' }), fresh: aUser },
    'memberships.create': {
      names: 'user',
      body: (_, actor) => ({ role: 'auditor', organizationId: actor.organizationId }),
      fresh: aUser,
    },
    'memberships.read': { names: 'membership' },
    'memberships.end': { names: 'membership', fresh: aUser },
    'secrecy.read': { names: 'obligation' },
    'secrecy.record': { names: 'user', body: () => ({ basis: 'declared', boundOn: today() }), fresh: aUser },

    'offers.read': { names: 'offer' },
    'offers.create': {
      names: 'organization',
      body: ({ organization }) => ({ organizationId: organization, type: 'other', name: 'Offener Abend' }),
    },
    'offers.update': { names: 'offer', body: () => ({ description: 'Dienstags' }) },

    'clients.create': { body: () => ({ identificationLevel: 'anonymous' }) },
    'clients.search': { body: () => ({ familyName: 'Kanari-other-unit-Vogel' }) },
    'clients.read': { names: 'client' },
    'clients.update': { names: 'client', body: () => ({ interpreterNeeded: true }), fresh: aCase },
    'clients.raise': {
      names: 'client',
      body: () => ({ to: 'identified', reason: 'Wants to be called by name' }),
      fresh: async (by) => ({ client: (await make.aClient({}, by)).id }),
    },
    'clients.name_member': {
      names: 'client',
      body: () => ({ membershipId: nils.membershipId }),
      fresh: aCase,
    },

    'cases.open': {
      names: 'client',
      body: ({ client }) => ({
        clientId: client,
        requesterRole: 'self',
        referralSource: 'unknown',
        nextStep: 'Call',
        nextStepOn: inDays(1),
      }),
      fresh: aCase,
    },
    'cases.read': { names: 'case' },
    'cases.update': { names: 'case', body: () => ({ phase: 'planning' }), fresh: aCase },
    'cases.next_step': { names: 'case', body: () => step, fresh: aCase },
    'cases.pause': { names: 'case', body: () => ({ reason: 'away', ...step }), fresh: aCase },
    'cases.resume': { names: 'case', body: () => step, fresh: aPausedCase },
    'cases.close': { names: 'case', body: () => ({ endType: 'moved', outcome: 'unchanged' }), fresh: aCase },
    'cases.assign': {
      names: 'case',
      body: () => ({ membershipId: nils.membershipId, reason: 'Holiday' }),
      fresh: aCase,
    },
    'cases.leads': { names: 'case' },

    'tasks.read': { names: 'task' },
    'tasks.done': { names: 'task', fresh: aTask },

    'guides.read': { names: 'guide' },
    'clearings.start': { names: 'case', fresh: aCase },
    'clearings.list': { names: 'case' },
    'clearings.read': { names: 'clearing' },
    'clearings.update': { names: 'clearing', body: () => ({ strengths: 'Many' }), fresh: aClearing },
    'clearings.pause': { names: 'clearing', fresh: aClearing },
    'clearings.resume': { names: 'clearing', fresh: aPausedClearing },
    'clearings.finish': { names: 'clearing', fresh: aRatedClearing },
    'clearings.discard': { names: 'clearing', fresh: aClearing },

    'releases.create': {
      names: 'case',
      body: () => ({
        recipientOrganizationId: organizations.wehr,
        purpose: 'referral',
        purposeDetail: 'Counselling',
        categories: ['existence_of_contact'],
        validUntil: `${inDays(30)}T00:00:00Z`,
        proof: 'paper_signed',
        informationVersion: 1,
        informationLanguage: 'de',
      }),
      fresh: aCase,
    },
    'releases.list': { names: 'case' },
    'releases.read': { names: 'release' },
    'releases.form': { names: 'release' },
    'releases.sign': { names: 'release', body: () => ({ signedOn: today() }), fresh: aDraftRelease },
    'releases.refuse': { names: 'release', fresh: aDraftRelease },
    'releases.withdraw': { names: 'release', fresh: aRelease },
    'disclosures.list': { names: 'case' },

    'referrals.create': {
      names: 'case',
      body: () => ({ offerId: offers.wehr }),
      fresh: async (by) => ({ case: (await make.aCase({}, by)).id }),
    },
    'referrals.list_of_case': { names: 'case' },
    'referrals.list_of_client': { names: 'client' },
    'referrals.list': { query: 'box=in' },
    'referrals.read': { names: 'referral' },
    'referrals.update': {
      names: 'referral',
      body: () => ({ urgency: 'soon' }),
      fresh: (by) => asReferral(make.aDraftReferral(oursTo(by))),
    },
    'referrals.send': { names: 'referral', fresh: (by) => asReferral(make.aDraftReferral(oursTo(by))) },
    'referrals.withdraw': { names: 'referral', fresh: (by) => asReferral(make.aSentReferral(oursTo(by))) },
    'referrals.accept': { names: 'referral', received: (to) => asReferral(make.aSentReferral(theirs(to))) },
    'referrals.decline': {
      names: 'referral',
      body: () => ({ reason: 'no_capacity' }),
      received: (to) => asReferral(make.aSentReferral(theirs(to))),
    },

    'handovers.prepare': {
      names: 'case',
      body: ({ referral }) => ({ referralId: referral, type: 'written' }),
      fresh: async (by) => {
        const { caseId, id } = await make.anAcceptedReferral(oursTo(by))
        return { case: caseId, referral: id }
      },
    },
    'handovers.list_of_case': { names: 'case' },
    'handovers.list': { query: 'box=in' },
    'handovers.read': { names: 'handover' },
    'handovers.update': {
      names: 'handover',
      body: () => ({ type: 'written' }),
      fresh: (by) => asHandover(make.aHandover(oursTo(by))),
    },
    'handovers.offer': { names: 'handover', fresh: (by) => asHandover(make.aHandover(oursTo(by))) },
    'handovers.cancel': { names: 'handover', fresh: (by) => asHandover(make.aHandover(oursTo(by))) },
    'handovers.accept': {
      names: 'handover',
      received: (to) => asHandover(make.anOfferedHandover(theirs(to))),
    },
    'handovers.refuse': {
      names: 'handover',
      body: () => ({ reason: 'no_capacity' }),
      received: (to) => asHandover(make.anOfferedHandover(theirs(to))),
    },
    'handovers.confirm_arrival': {
      names: 'handover',
      body: (_records, _actor, relation) => ({
        confirmedBy: incoming.includes(relation) ? 'receiver' : 'person',
      }),
      fresh: (by) => asHandover(make.anAcceptedHandover(oursTo(by))),
      received: (to) => asHandover(make.anAcceptedHandover(theirs(to))),
    },
    'handovers.report_no_show': {
      names: 'handover',
      fresh: (by) => asHandover(make.anAcceptedHandover(oursTo(by))),
      received: (to) => asHandover(make.anAcceptedHandover(theirs(to))),
    },
  }
}
