// Who may attempt what? One table, action by role; which rows they then find is said in migrations/access.

export const roles = [
  'navigator',
  'navigation_head',
  'network_professional',
  'youth_welfare_professional',
  'self_help_rep',
  'coordinator',
  'planner',
  'board_member',
  'prevention_officer',
  'safeguarding_expert',
  'dpo',
  'tenant_admin',
  'auditor',
] as const

export type Role = (typeof roles)[number]

export interface Rule {
  /** Roles of members; or one of the actors without a membership. */
  who:
    | readonly Role[]
    | 'public'
    | 'login'
    | 'provider'
    | 'installer'
    | 'clock'
    | 'courier'
    | 'messenger'
    | 'sealer'
    | 'link_holder'
  /** Reads or writes what is known about a person: only for members with a recorded secrecy obligation. */
  content?: true
  /** What is attempted, as the end of the sentence "… may". */
  may: string
}

const everyone = roles
const navigators = ['navigator', 'navigation_head'] as const
// Whoever answers referrals and takes handovers, self-help on an equal footing; navigators are referred to as well.
const receivers = [
  'network_professional',
  'youth_welfare_professional',
  'self_help_rep',
  ...navigators,
] as const
const keepers = ['tenant_admin', 'coordinator'] as const
// Who connects other systems: for the own organisation, administrator and coordinator for any.
const integrators = [
  ...keepers,
  'network_professional',
  'youth_welfare_professional',
  'navigation_head',
] as const
// No door is the wrong one: whoever works with people anywhere in the network.
const registrars = [
  ...receivers,
  'coordinator',
  'planner',
  'prevention_officer',
  'safeguarding_expert',
] as const

export const access = {
  'health.live': { who: 'public', may: 'ask whether the process runs' },
  'health.ready': { who: 'public', may: 'ask whether the service can answer' },
  'metrics.read': {
    who: 'public',
    may: 'read the figures of this service, with the token of the installation',
  },
  'openapi.read': { who: 'public', may: 'read the description of this interface' },
  'openapi.read_older': { who: 'public', may: 'read the description of this interface for older programs' },
  'vocabularies.read': { who: 'public', may: 'read all codes with their labels' },

  'auth.sign_in': { who: 'login', may: 'sign in with e-mail and password' },
  'auth.refresh': { who: 'login', may: 'renew an access token once with each refresh token' },
  'auth.sign_out': { who: everyone, may: 'end the own session' },
  'passwords.change': { who: everyone, may: 'change the own password' },
  'passwords.reset': { who: ['tenant_admin'], may: 'give somebody else a temporary password' },
  'second_factor.read': { who: everyone, may: 'ask whether the own second factor is on' },
  'second_factor.start': { who: everyone, may: 'begin to set up a second factor' },
  'second_factor.confirm': { who: everyone, may: 'switch the own second factor on' },
  'second_factor.end': { who: everyone, may: 'switch the own second factor off' },
  'second_factor.remove': { who: ['tenant_admin'], may: 'take away the second factor of somebody else' },
  'me.read': { who: everyone, may: 'read who they are and under which membership they act' },
  'tenants.install': { who: 'installer', may: 'set up a municipality from the command line' },
  'tenants.read': { who: everyone, may: 'read the settings of the municipality' },
  'tenants.update': { who: ['tenant_admin'], may: 'change the settings of the municipality' },

  'organizations.list': { who: everyone, may: 'list the organisations of the network' },
  'organizations.read': { who: everyone, may: 'read an organisation' },
  'organizations.create': { who: keepers, may: 'add an organisation' },
  'organizations.update': { who: keepers, may: 'change an organisation' },
  'users.list': { who: ['tenant_admin', 'navigation_head'], may: 'list people with a login' },
  'users.read': { who: ['tenant_admin', 'navigation_head'], may: 'read a person with a login' },
  'users.create': { who: ['tenant_admin'], may: 'add a person with a login' },
  'users.update': { who: ['tenant_admin'], may: 'change or deactivate a person with a login' },
  'memberships.create': { who: ['tenant_admin'], may: 'give a membership' },
  'memberships.read': { who: ['tenant_admin', 'navigation_head'], may: 'read a membership' },
  'memberships.end': { who: ['tenant_admin'], may: 'end a membership' },
  'secrecy.read': { who: ['tenant_admin', 'navigation_head'], may: 'read a secrecy obligation' },
  'secrecy.record': {
    who: ['tenant_admin', 'navigation_head'],
    may: 'record the secrecy obligation of somebody else',
  },

  'offers.list': { who: everyone, may: 'list the offers of the network' },
  'offers.read': { who: everyone, may: 'read an offer' },
  'offers.create': {
    who: [...keepers, 'network_professional', 'youth_welfare_professional', 'self_help_rep'],
    may: 'add an offer',
  },
  'offers.update': {
    who: [...keepers, 'network_professional', 'youth_welfare_professional', 'self_help_rep'],
    may: 'change an offer',
  },

  'offers.capacity': {
    who: [...keepers, ...receivers],
    may: 'say how many places an offer has free',
  },
  'interfaces.list': { who: everyone, may: 'list what organisations have agreed on' },
  'interfaces.read': { who: everyone, may: 'read what two organisations have agreed on' },
  'interfaces.create': { who: keepers, may: 'record what two organisations have agreed on' },
  'interfaces.update': { who: keepers, may: 'change what two organisations have agreed on' },

  'clients.create': { who: navigators, content: true, may: 'record a person' },
  'clients.list': { who: navigators, content: true, may: 'list the people of the unit' },
  'clients.read': { who: navigators, content: true, may: 'read a person' },
  'clients.update': { who: navigators, content: true, may: 'change what is recorded about a person' },
  'clients.search': {
    who: navigators,
    content: true,
    may: 'search for a person by exact name, birth date, alias or code',
  },
  'clients.raise': { who: navigators, content: true, may: 'raise how far a person is known, with a reason' },
  'clients.name_member': { who: navigators, content: true, may: 'name a colleague on a shielded person' },

  'cases.open': { who: navigators, content: true, may: 'open a case' },
  'cases.list': { who: navigators, content: true, may: 'list the cases of the unit' },
  'cases.read': { who: navigators, content: true, may: 'read a case' },
  'cases.update': { who: navigators, content: true, may: 'change phase and concern of a case' },
  'cases.next_step': { who: navigators, content: true, may: 'set the next step of a case' },
  'cases.pause': { who: navigators, content: true, may: 'let a case rest' },
  'cases.resume': { who: navigators, content: true, may: 'take a resting case up again' },
  'cases.close': { who: navigators, content: true, may: 'close a case' },
  'cases.assign': { who: ['navigation_head'], content: true, may: 'give a case to another lead of the unit' },
  'cases.leads': { who: navigators, content: true, may: 'read who led a case when' },

  'contacts.register': { who: registrars, content: true, may: 'register a first contact at their door' },
  'contacts.list': { who: registrars, content: true, may: 'list contacts at their door or that ask them' },
  'contacts.read': { who: registrars, content: true, may: 'read a contact at their door or that asks them' },
  'contacts.update': {
    who: registrars,
    content: true,
    may: 'set the day on which their door looks again',
  },
  'contacts.guide': { who: registrars, content: true, may: 'guide somebody on from their door' },
  'contacts.confirm': { who: registrars, content: true, may: 'confirm that somebody guided on has arrived' },
  'contacts.take_up': { who: navigators, content: true, may: 'take a contact up as a case' },
  'contacts.decline': {
    who: registrars,
    content: true,
    may: 'record that the person wants no help at present',
  },
  'contacts.figures': {
    who: ['navigation_head', 'coordinator'],
    may: 'count how contacts ended and who was lost after the first one',
  },
  'scope.list': { who: everyone, may: 'list what other sectors are responsible for' },
  'scope.read': { who: everyone, may: 'read a scope rule' },
  'scope.create': { who: keepers, may: 'add a scope rule' },
  'scope.update': { who: keepers, may: 'change a scope rule' },
  'scope.remove': { who: keepers, may: 'end a scope rule' },

  'tasks.create': { who: navigators, content: true, may: 'write down what is to be done in a case' },
  'tasks.list': { who: navigators, content: true, may: 'list what is to be done' },
  'tasks.read': { who: navigators, content: true, may: 'read a task' },
  'tasks.update': { who: navigators, content: true, may: 'change title, day and owner of a task' },
  'tasks.done': { who: navigators, content: true, may: 'mark a task as done' },

  'deadlines.list': {
    who: registrars,
    content: true,
    may: 'list the deadlines of the unit or of the own organisation, as coordinator those that others let pass',
  },
  'deadlines.read': { who: registrars, content: true, may: 'read a deadline' },
  'deadlines.start': { who: navigators, content: true, may: 'register what starts a deadline of law' },
  'deadlines.stop': { who: navigators, content: true, may: 'record what stopped a deadline' },

  'substitutions.create': {
    who: receivers,
    content: true,
    may: 'arrange who stands in for them, as head for anybody of the unit',
  },
  'substitutions.list': {
    who: receivers,
    content: true,
    may: 'list who stands in for whom in the organisation',
  },
  'substitutions.read': { who: receivers, content: true, may: 'read a substitution' },
  'substitutions.hand_back': {
    who: receivers,
    content: true,
    may: 'hand back a substitution in which they take part, as head any of the unit',
  },

  'guides.list': { who: everyone, may: 'list the clearing guides' },
  'guides.read': { who: everyone, may: 'read a clearing guide' },
  'clearings.start': { who: navigators, content: true, may: 'begin a clearing' },
  'clearings.list': { who: navigators, content: true, may: 'list the clearings of a case' },
  'clearings.read': { who: navigators, content: true, may: 'read a clearing' },
  'clearings.update': { who: navigators, content: true, may: 'save answers and ratings of a clearing' },
  'clearings.pause': { who: navigators, content: true, may: 'interrupt a clearing' },
  'clearings.resume': { who: navigators, content: true, may: 'go on with an interrupted clearing' },
  'clearings.finish': { who: navigators, content: true, may: 'finish a clearing' },
  'clearings.discard': { who: navigators, content: true, may: 'discard a clearing' },

  'releases.create': {
    who: navigators,
    content: true,
    may: 'prepare or record a release from confidentiality',
  },
  'releases.list': { who: navigators, content: true, may: 'list the releases of a case' },
  'releases.read': { who: navigators, content: true, may: 'read a release' },
  'releases.form': { who: navigators, content: true, may: 'print the release for signing' },
  'releases.sign': { who: navigators, content: true, may: 'record that a release was signed' },
  'releases.refuse': { who: navigators, content: true, may: 'record that a release was refused' },
  'releases.withdraw': { who: navigators, content: true, may: 'record that a release was withdrawn' },
  'disclosures.list': { who: navigators, content: true, may: 'read what left, to whom and on which basis' },

  'referrals.create': { who: navigators, content: true, may: 'draft a referral' },
  'referrals.list_of_case': { who: navigators, content: true, may: 'list the referrals of a case' },
  'referrals.list_of_client': {
    who: navigators,
    content: true,
    may: 'read a person with their open referrals',
  },
  'referrals.list': {
    who: receivers,
    content: true,
    may: 'list the referrals sent or received by the organisation',
  },
  'referrals.read': {
    who: receivers,
    content: true,
    may: 'read a referral, as its recipient also what was disclosed',
  },
  'referrals.update': { who: navigators, content: true, may: 'change a draft referral' },
  'referrals.send': { who: navigators, content: true, may: 'send a referral' },
  'referrals.accept': { who: receivers, content: true, may: 'accept a referral to the own organisation' },
  'referrals.decline': { who: receivers, content: true, may: 'decline a referral to the own organisation' },
  'referrals.withdraw': { who: navigators, content: true, may: 'withdraw a referral' },

  'referrals.waitlist': {
    who: receivers,
    content: true,
    may: 'put a referral to the own organisation on the waiting list',
  },
  'referrals.redirect': {
    who: receivers,
    content: true,
    may: 'propose another offer for a referral to the own organisation',
  },
  'referrals.take': {
    who: receivers,
    content: true,
    may: 'look after a referral to the own organisation',
  },
  'referrals.conclude': {
    who: receivers,
    content: true,
    may: 'record how the help of a referral ended',
  },
  'referrals.thread': { who: receivers, content: true, may: 'read the thread of a referral' },
  'referrals.write': { who: receivers, content: true, may: 'write in the thread of a referral' },

  'attachments.add': { who: navigators, content: true, may: 'attach a document to a draft referral' },
  'attachments.list': { who: receivers, content: true, may: 'list the attachments of a referral' },
  'attachments.read': { who: receivers, content: true, may: 'open an attachment of a referral' },
  'attachments.remove': {
    who: navigators,
    content: true,
    may: 'take an attachment away from a draft referral',
  },

  'handovers.prepare': { who: navigators, content: true, may: 'prepare a handover' },
  'handovers.list_of_case': { who: navigators, content: true, may: 'list the handovers of a case' },
  'handovers.list': {
    who: receivers,
    content: true,
    may: 'list the handovers given or taken by the organisation',
  },
  'handovers.read': {
    who: receivers,
    content: true,
    may: 'read a handover, as its receiver also what was disclosed',
  },
  'handovers.update': { who: navigators, content: true, may: 'write the sheet of a handover' },
  'handovers.offer': { who: navigators, content: true, may: 'offer a handover' },
  'handovers.accept': { who: receivers, content: true, may: 'accept a handover to the own organisation' },
  'handovers.refuse': { who: receivers, content: true, may: 'refuse a handover to the own organisation' },
  'handovers.cancel': { who: navigators, content: true, may: "cancel a handover at the person's wish" },
  'handovers.confirm_arrival': { who: receivers, content: true, may: 'record that the person has arrived' },
  'handovers.report_no_show': { who: receivers, content: true, may: 'record that the person did not come' },
  'handovers.joint_talk': {
    who: receivers,
    content: true,
    may: 'record the joint talk of a warm handover',
  },
  'handovers.stability': { who: navigators, content: true, may: 'record whether the help holds' },
  'handovers.return': { who: receivers, content: true, may: 'return a person, as a new request' },
  'handovers.sheet': {
    who: receivers,
    content: true,
    may: 'read the handover sheet, as its receiver only what was disclosed',
  },
  'handovers.print': { who: receivers, content: true, may: 'print the handover sheet' },

  'handover_concepts.list': { who: everyone, may: 'list what a handover needs here' },
  'handover_concepts.read': { who: everyone, may: 'read what a handover needs here' },
  'handover_concepts.publish': {
    who: ['coordinator', 'navigation_head'],
    may: 'publish what a handover needs here',
  },

  'overview.day': {
    who: registrars,
    content: true,
    may: 'read what they have to do today',
  },
  'overview.journey': { who: navigators, content: true, may: 'read how long a person has been on the way' },

  'appointments.plan': { who: navigators, content: true, may: 'plan an appointment' },
  'appointments.list_of_case': { who: navigators, content: true, may: 'list the appointments of a case' },
  'appointments.read': { who: navigators, content: true, may: 'read an appointment' },
  'appointments.update': { who: navigators, content: true, may: 'move or change a planned appointment' },
  'appointments.outcome': { who: navigators, content: true, may: 'record how an appointment went' },
  'appointments.calendar': { who: navigators, content: true, may: 'take an appointment into a calendar' },
  'attempts.record': { who: navigators, content: true, may: 'record a try to reach a person' },
  'attempts.list_of_case': { who: navigators, content: true, may: 'list the tries to reach a person' },
  'attempts.read': { who: navigators, content: true, may: 'read a try to reach a person' },

  'answer_links.create': {
    who: navigators,
    content: true,
    may: 'let an agency without an account answer a referral by link',
  },
  'answer_links.read': { who: navigators, content: true, may: 'read what became of an answer link' },
  'answer_links.revoke': { who: navigators, content: true, may: 'revoke an answer link' },
  'answers.show': { who: 'link_holder', may: 'follow an answer link' },
  'answers.unlock': { who: 'link_holder', may: 'open an answer link with the code that was told' },
  'answers.download': { who: 'link_holder', may: 'open a document of the referral behind an opened link' },
  'answers.give': { who: 'link_holder', may: 'answer the referral behind an opened link, once' },

  'notices.list': { who: registrars, content: true, may: 'list what they are told' },
  'notices.read': { who: registrars, content: true, may: 'read what they are told' },
  'notices.seen': { who: registrars, content: true, may: 'mark what they are told as seen' },
  'mail.read': { who: registrars, may: 'read how often an e-mail reminds them' },
  'mail.update': { who: registrars, may: 'choose how often an e-mail reminds them' },

  'clock.tick': { who: 'clock', may: 'watch over deadlines and substitutions' },
  'courier.mail': { who: 'courier', may: 'remind by e-mail that something waits' },

  'events.list': { who: receivers, content: true, may: 'follow what happens to records of the organisation' },
  'webhooks.list': { who: integrators, may: 'list the webhooks of the organisation' },
  'webhooks.read': { who: integrators, may: 'read a webhook' },
  'webhooks.create': { who: integrators, may: 'set up a webhook' },
  'webhooks.update': { who: integrators, may: 'change address and events of a webhook' },
  'webhooks.remove': { who: integrators, may: 'take a webhook away' },
  'webhooks.rotate': { who: integrators, may: 'give a webhook a new secret' },
  'webhooks.pause': { who: integrators, may: 'let a webhook rest' },
  'webhooks.resume': { who: integrators, may: 'let a webhook call again' },
  'webhooks.test': { who: integrators, may: 'let a webhook call once to try it' },
  'webhooks.deliveries': {
    who: integrators,
    content: true,
    may: 'list what a webhook has called for, and what was answered',
  },
  'webhooks.delivery': { who: integrators, content: true, may: 'read a delivery of a webhook' },
  'webhooks.replay': { who: integrators, content: true, may: 'let a webhook call once more for an event' },
  'webhooks.deliver': { who: 'messenger', may: 'carry what happened to webhooks' },

  'imports.run': {
    who: navigators,
    content: true,
    may: 'bring in people, cases and referrals from another system, line by line',
  },

  'service_accounts.sign_in': { who: 'login', may: 'sign in as a service account with one of its keys' },
  'service_accounts.list': { who: ['tenant_admin'], may: 'list the accounts of other systems' },
  'service_accounts.read': { who: ['tenant_admin'], may: 'read the account of another system' },
  'service_accounts.create': { who: ['tenant_admin'], may: 'add an account for another system' },
  'service_accounts.update': {
    who: ['tenant_admin'],
    may: 'change or deactivate the account of another system',
  },
  'service_accounts.add_key': { who: ['tenant_admin'], may: 'make a key for the account of another system' },
  'service_accounts.read_key': { who: ['tenant_admin'], may: 'read when a key expires and was used last' },
  'service_accounts.revoke_key': { who: ['tenant_admin'], may: 'revoke a key' },
  'providers.sign_in': { who: 'provider', may: 'give and end the memberships that it is mapped to' },
  'providers.list': { who: ['tenant_admin'], may: 'list the identity providers of the municipality' },
  'providers.read': { who: ['tenant_admin'], may: 'read an identity provider' },
  'providers.create': { who: ['tenant_admin'], may: 'add an identity provider' },
  'providers.update': { who: ['tenant_admin'], may: 'change or deactivate an identity provider' },

  'audit.read': { who: ['dpo'], may: 'read the audit trail' },
  'audit.heads': { who: ['dpo', 'auditor'], may: 'list the heads under which the audit trail is sealed' },
  'audit.seal': { who: 'sealer', may: 'seal the audit trail of a municipality' },
  'audit.export': { who: 'sealer', may: 'write the sealed audit trail into files, from the command line' },
} as const satisfies Record<string, Rule>

export type Action = keyof typeof access

/** What the first half of an action is about, for the headings of the documentation. */
export const subjects: Record<string, string> = {
  answer_links: 'Links by which an agency without an account answers a referral, once.',
  appointments:
    'Appointments of a person: planned, then they took place, nobody came, or they were called off.',
  attachments: 'Documents that go along with a referral.',
  attempts: 'Tries to reach somebody; never changed.',
  audit: 'The audit trail: who read and did what, without values.',
  auth: 'Signing in, renewing and signing out.',
  cases: 'One lead and one dated next step until the case is closed.',
  clearings: 'The interview over fourteen life domains, with AUDIT-C.',
  clients: 'People: anonymous, under an alias or by name, as far as they wish to be known.',
  contacts: 'First contacts at any door, also the wrong one.',
  deadlines: 'Clocks with their ground; start and due day never change.',
  disclosures: 'The record of what left; never changed, never deleted.',
  events: 'What happened, as a feed to follow: kinds and ids, never a word about a person.',
  guides: 'The questions of the clearing interview.',
  handover_concepts: 'What a handover needs in this municipality.',
  handovers: 'How responsibility passes on, until arrival.',
  imports: 'Many records from another system at once, as often as needed.',
  interfaces: 'What two organisations have agreed on.',
  mail: 'How often an e-mail reminds me.',
  me: 'Who I am and under which membership I act.',
  memberships: 'A role in an organisation.',
  notices: 'What I am told, without a word about anybody.',
  offers: 'What the network offers, and how many places are free.',
  openapi: 'The description of this interface.',
  organizations: 'Providers, self-help groups and units of the municipality.',
  overview: 'What is to be done today, and how long somebody has been on the way.',
  passwords: 'Changing the own password, and setting a new one for somebody.',
  providers: 'Identity providers of the municipality (OpenID Connect).',
  referrals: 'The question to an offer, and its answer.',
  releases: 'What may leave, to whom, for what, until when.',
  scope: 'To which sector a concern is guided on that is not ours.',
  second_factor: 'The second factor of a sign-in.',
  secrecy: 'Recorded secrecy obligations of members.',
  service_accounts: 'Accounts of other systems, and their keys.',
  substitutions: 'Who stands in for whom, for days.',
  tasks: 'What a member or the lead does by a day.',
  tenants: 'The municipality and its settings.',
  users: 'People with a login.',
  vocabularies: 'All codes with their labels in German, English and Danish.',
  webhooks: 'Signed calls to another system when something happens.',
}
