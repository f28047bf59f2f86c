// How is each action attempted? What its address names, a body that would do, and a record in the state it needs.
import { randomUUID } from 'node:crypto'
import type { Action } from '../../src/access.ts'
import { codes } from '../../src/modules/vocabularies/index.ts'
import type { Lotse } from '../support/app.ts'
import { ada, mira, nils, offers, organizations, type Member } from '../support/cast.ts'
import { done, inDays, today } from '../support/factories.ts'
import { aFile, aForm, aPdf } from '../support/files.ts'
import { organizations as places, password, type Organization } from '../support/people.ts'
import type { Kind, Records } from '../support/world.ts'
import type { Relation } from './expectation.ts'

export const incoming: Relation[] = ['received', 'withdrawn', 'expired']

export interface Attempt {
  /** What `:id` names, or what the body refers to. */
  names?: Kind
  query?: string
  body?: (records: Records, actor: Member, relation: Relation) => unknown
  /** Instead of a body in JSON, from somebody who is not signed in. */
  form?: () => Promise<string>
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
  const aDeadline = async (by: Member) => {
    const of = `/v1/cases/${(await aCase(by)).case}/deadlines`
    const given = { kind: 'rehab_responsibility_2w' }
    return { deadline: done(await (await as(by)).post(of, given)).body.id }
  }
  const anAppointment = async (by: Member) => ({
    appointment: (await make.anAppointment((await aCase(by)).case, {}, by)).id,
  })
  const aUser = async () => {
    const email = `${randomUUID()}@lindenau.example`
    const { body } = done(
      await (await as(ada)).post('/v1/users', { email, name: 'Ute Neu', language: 'de', password }),
    )
    const membership = { role: 'board_member', organizationId: ada.organizationId }
    const given = done(await (await as(ada)).post(`/v1/users/${body.id}/memberships`, membership))
    return { user: body.id, membership: given.body.id }
  }
  const aContact = async (by: Member) => ({
    contact: (await make.aContact({ name: 'Kanari-own-Vogel' }, by)).id,
  })
  const aContactFor = async (to: Organization) => {
    const given = { name: 'Kanari-received-Vogel', toOrganizationId: organizations[to] }
    return { contact: (await make.aContact(given, mira)).id }
  }
  const aGuided = async (by: Member, to: Organization, name: string) => {
    const { id } = await make.aContact({ name }, by)
    const place = { place: 'Dort', contact: '0555 0800-0', by: inDays(3) }
    const given = { ...place, organizationId: organizations[to], passOn: true }
    done(await (await as(by)).post(`/v1/contacts/${id}/guide`, given))
    return { contact: id }
  }
  // One rule for each problem: each attempt takes the next.
  const problems = codes('substance').filter((problem) => problem !== 'gaming')
  const nextProblem = () => {
    const next = problems.pop()!
    problems.unshift(next)
    return next
  }
  const aWebhook = async (by: Member) => ({ webhook: (await make.aWebhook(by)).id })
  const aPausedWebhook = async (by: Member) => {
    const { webhook } = await aWebhook(by)
    done(await (await as(ada)).post(`/v1/webhooks/${webhook}/pause`))
    return { webhook }
  }
  const aScopeRule = async (by: Member) => {
    const given = { problem: nextProblem(), sector: 'health' }
    return { scopeRule: done(await (await as(by)).post('/v1/scope-rules', given)).body.id }
  }
  const asReferral = async (made: Promise<{ id: string }>) => ({ referral: (await made).id })
  const asHandover = async (made: Promise<{ id: string }>) => ({ handover: (await made).id })
  const oursTo = (by: Member) => ({ by, to: elsewhere(by) })
  const theirs = (to: Organization) => ({ by: mira, to, situation: 'Kanari-received-Vogel' })

  return {
    'auth.sign_in': { body: (_, { municipality, email }) => ({ municipality, email, password }) },
    'auth.refresh': {},
    'auth.sign_out': {},

    'service_accounts.sign_in': {
      form: async () => {
        const { clientId, secret } = await make.aMachine()
        const proof = { client_id: clientId, client_secret: secret }
        return new URLSearchParams({ grant_type: 'client_credentials', ...proof }).toString()
      },
    },
    'service_accounts.read': { names: 'serviceAccount' },
    'service_accounts.create': {
      body: (_, { organizationId, userId }) => ({
        name: 'Import',
        role: 'planner',
        organizationId,
        scopes: ['me.read'],
        responsibleUserId: userId,
      }),
    },
    'service_accounts.update': { names: 'serviceAccount', body: () => ({ name: 'Renamed' }) },
    'service_accounts.add_key': {
      names: 'serviceAccount',
      body: () => ({ kind: 'secret', label: 'Another', expiresOn: inDays(3) }),
    },
    'service_accounts.read_key': { names: 'serviceAccountKey' },
    'service_accounts.revoke_key': { names: 'serviceAccountKey', fresh: (by) => make.aMachine(by) },
    'providers.read': { names: 'provider' },
    'providers.create': {
      body: () => ({
        issuer: `https://login.example/${randomUUID()}`,
        audience: 'https://lotse.example',
        label: 'Another',
      }),
    },
    'providers.update': { names: 'provider', body: () => ({ label: 'Renamed' }) },

    'passwords.change': { body: () => ({ currentPassword: password, newPassword: password }) },
    'passwords.reset': { names: 'user', fresh: aUser },
    'second_factor.start': { body: () => ({ currentPassword: password }) },
    'second_factor.confirm': { body: () => ({ code: '000000' }) },
    'second_factor.end': { body: () => ({ code: '00000-00000' }) },
    'second_factor.remove': { names: 'user', fresh: aUser },
    'tenants.update': { body: () => ({ secondFactorRequired: 'none' }) },

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
    'offers.capacity': { names: 'offer', body: () => ({ freePlaces: 2 }) },
    'interfaces.read': { names: 'interface' },
    'interfaces.create': {
      names: 'organization',
      body: ({ organization }) => ({
        fromOrganizationId: organization,
        toOrganizationId: organizations.wehr,
        answerDays: 5,
      }),
      fresh: async (by) => ({ organization: String((await make.anInterface(by))['toOrganizationId']) }),
    },
    'interfaces.update': { names: 'interface', body: () => ({ answerDays: 9 }) },

    'imports.run': {
      body: () => aFile({ kind: 'client', externalId: randomUUID(), identificationLevel: 'anonymous' }),
    },

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

    'contacts.register': { body: () => ({ kind: 'wrong_door' }) },
    'contacts.list': { query: 'box=received' },
    'contacts.read': { names: 'contact', fresh: aContact },
    'contacts.update': { names: 'contact', body: () => ({ nextStepOn: inDays(4) }), fresh: aContact },
    'contacts.guide': {
      names: 'contact',
      body: () => ({ place: 'Praxis am Anger', contact: '0555 0800-0', by: inDays(3) }),
      fresh: aContact,
    },
    'contacts.confirm': {
      names: 'contact',
      body: (_records, _actor, relation) => ({
        confirmedBy: incoming.includes(relation) ? 'place' : 'person',
      }),
      fresh: async (by) => aGuided(by, elsewhere(by), 'Kanari-own-Vogel'),
      received: async (to) => aGuided(mira, to, 'Kanari-received-Vogel'),
    },
    'contacts.take_up': {
      names: 'contact',
      body: () => ({ nextStep: 'Call', nextStepOn: inDays(1) }),
      fresh: aContact,
      received: aContactFor,
    },
    'contacts.decline': {
      names: 'contact',
      body: () => ({ place: 'Tagesklinik' }),
      fresh: aContact,
      received: aContactFor,
    },
    'contacts.figures': { query: `from=${inDays(-30)}&until=${today()}` },
    'scope.read': { names: 'scopeRule' },
    'scope.create': { body: () => ({ problem: nextProblem(), sector: 'health' }) },
    'scope.update': {
      names: 'scopeRule',
      body: () => ({ note: 'Ask the practice first' }),
      fresh: aScopeRule,
    },
    'scope.remove': { names: 'scopeRule', fresh: aScopeRule },

    'tasks.create': {
      names: 'case',
      body: (records) => ({ caseId: records.case, title: 'Ask for the papers', dueOn: inDays(2) }),
      fresh: aCase,
    },
    'tasks.read': { names: 'task' },
    'tasks.update': { names: 'task', body: () => ({ ownerMembershipId: null }), fresh: aTask },
    'tasks.done': { names: 'task', fresh: aTask },

    'deadlines.read': { names: 'deadline' },
    'deadlines.start': { names: 'case', body: () => ({ kind: 'rehab_responsibility_2w' }), fresh: aCase },
    'deadlines.stop': { names: 'deadline', body: () => ({ by: 'forwarded' }), fresh: aDeadline },

    'substitutions.create': {
      names: 'membership',
      body: ({ membership }) => ({ substituteMembershipId: membership, ...make.aPeriod() }),
      fresh: async (by) => ({ membership: await make.aColleagueOf(by) }),
    },
    'substitutions.read': { names: 'substitution' },
    'substitutions.hand_back': {
      names: 'substitution',
      fresh: async (by) => ({ substitution: (await make.aSubstitution(by)).id }),
    },

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
    'referrals.waitlist': {
      names: 'referral',
      body: () => ({ position: 2, expectedOn: inDays(20) }),
      received: (to) => asReferral(make.aSentReferral(theirs(to))),
    },
    'referrals.redirect': {
      names: 'referral',
      body: () => ({ offerId: offers.birkenhof }),
      received: (to) => asReferral(make.aSentReferral(theirs(to))),
    },
    'referrals.take': { names: 'referral', received: (to) => asReferral(make.aSentReferral(theirs(to))) },
    'referrals.conclude': {
      names: 'referral',
      body: () => ({ outcome: 'improved' }),
      fresh: async (by) => ({ referral: (await make.anArrivedHandover(oursTo(by))).referralId }),
      received: async (to) => ({ referral: (await make.anArrivedHandover(theirs(to))).referralId }),
    },
    'referrals.thread': { names: 'referral' },
    'referrals.write': {
      names: 'referral',
      body: () => ({ text: 'Which day suits?' }),
      fresh: (by) => asReferral(make.aSentReferral(oursTo(by))),
    },

    'attachments.add': {
      names: 'referral',
      body: () => aForm('clearing_summary', aPdf()),
      fresh: (by) => asReferral(make.aDraftReferral(oursTo(by))),
    },
    'attachments.list': { names: 'referral' },
    'attachments.read': { names: 'attachment' },
    'attachments.remove': {
      names: 'attachment',
      fresh: async (by) => {
        const { attachmentId } = await make.aDraftReferral({ ...oursTo(by), attached: 'A letter' })
        return { attachment: attachmentId }
      },
    },

    'answer_links.create': {
      names: 'referral',
      body: () => ({ email: 'post@praxis.example' }),
      fresh: (by) => asReferral(make.aSentReferral(oursTo(by))),
    },
    'answer_links.read': { names: 'referral' },
    'answer_links.revoke': {
      names: 'answerLink',
      fresh: async (by) => ({
        answerLink: (await make.aSentReferral({ ...oursTo(by), linked: true })).answerLinkId,
      }),
    },

    'webhooks.create': {
      names: 'organization',
      body: ({ organization }) => ({
        url: 'https://system.example/lotse',
        eventTypes: ['referral.sent'],
        organizationId: organization,
      }),
    },
    'webhooks.read': { names: 'webhook' },
    'webhooks.update': { names: 'webhook', body: () => ({ eventTypes: ['case.opened'] }) },
    'webhooks.remove': { names: 'webhook', fresh: aWebhook },
    'webhooks.rotate': { names: 'webhook' },
    'webhooks.pause': { names: 'webhook', fresh: aWebhook },
    'webhooks.resume': { names: 'webhook', fresh: aPausedWebhook },
    'webhooks.test': { names: 'webhook' },
    'webhooks.deliveries': { names: 'webhook' },
    'webhooks.delivery': { names: 'delivery' },
    'webhooks.replay': { names: 'delivery' },

    'notices.read': { names: 'notice' },
    'notices.seen': { names: 'notice' },
    'mail.update': { body: () => ({ rhythm: 'daily' }) },

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
    'handovers.joint_talk': {
      names: 'handover',
      body: () => ({ heldAt: new Date().toISOString() }),
      fresh: (by) => asHandover(make.anOfferedHandover({ ...oursTo(by), type: 'warm_joint' })),
      received: (to) => asHandover(make.anOfferedHandover({ ...theirs(to), type: 'warm_joint' })),
    },
    'handovers.stability': {
      names: 'handover',
      body: () => ({ stability: 'holds' }),
      fresh: (by) => asHandover(make.anArrivedHandover(oursTo(by))),
    },
    'handovers.return': {
      names: 'handover',
      body: () => ({ reason: 'person_wish', note: 'Agreed on the telephone.', agreed: true }),
      received: (to) => asHandover(make.anArrivedHandover(theirs(to))),
    },
    'handovers.sheet': { names: 'handover' },
    'handovers.print': { names: 'handover' },
    'handover_concepts.read': { names: 'handoverConcept' },
    'handover_concepts.publish': {
      body: () => ({ types: { written: { required: ['situation'], answerDays: 7 } } }),
    },

    'overview.journey': { names: 'case' },

    'appointments.plan': {
      names: 'case',
      body: () => ({ startsAt: `${inDays(5)}T08:00:00Z`, mode: 'phone', place: 'By phone' }),
      fresh: aCase,
    },
    'appointments.list_of_case': { names: 'case' },
    'appointments.read': { names: 'appointment' },
    'appointments.update': { names: 'appointment', body: () => ({ minutes: 30 }), fresh: anAppointment },
    'appointments.outcome': {
      names: 'appointment',
      body: () => ({ status: 'cancelled_by_person', nextStep: step }),
      fresh: anAppointment,
    },
    'appointments.calendar': { names: 'appointment' },
    'attempts.record': {
      names: 'case',
      body: () => ({ mode: 'letter', outcome: 'not_reached' }),
      fresh: aCase,
    },
    'attempts.list_of_case': { names: 'case' },
    'attempts.read': { names: 'attempt' },
  }
}
