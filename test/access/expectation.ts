// Who may do what to whose records, and what do they see? Written by hand from the promises; it imports nothing.

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

/** Whose record it is, as seen by whoever asks. */
export type Relation =
  // what is known about a person
  | 'own' // of the own unit
  | 'other unit' // of another unit of the same city, and meant for somebody else
  | 'shielded' // of the own unit, of a person on whom one is not named
  | 'received' // sent to the own organisation under a release that is valid
  | 'withdrawn' // the same, after the release was withdrawn
  | 'expired' // the same, after the release has run out
  // what everybody in a city knows
  | 'own organisation'
  | 'same city'
  // neither
  | 'in general' // no record is named
  | 'other city'
  | 'nowhere' // there is no such record

/** A status; of a success also whether facts about the person are seen, or only the thread of the referral. */
export type Answer = number | 'content' | 'thread'

export interface Line {
  who: readonly Role[]
  answers: Partial<Record<Relation, Answer>>
}

const everybody = roles
const navigators = ['navigator', 'navigation_head'] as const
const partners = ['network_professional', 'youth_welfare_professional', 'self_help_rep'] as const
const receivers = [...navigators, ...partners]
const keepers = ['tenant_admin', 'coordinator'] as const
// Whoever works with people somewhere in the network: no door is the wrong one.
const offices = ['coordinator', 'planner', 'prevention_officer', 'safeguarding_expert'] as const
const registrars = [...receivers, ...offices]

const line = (who: readonly Role[], answers: Line['answers']): Line => ({ who, answers })
const nothingThere = { 'other city': 404, nowhere: 404 } as const

const inGeneral = (who: readonly Role[], status = 200) => [line(who, { 'in general': status })]
const inTheCity = (who: readonly Role[], status = 200) => [
  line(who, { 'same city': status, ...nothingThere }),
]

/** What is known about a person belongs to the unit that works with them, and to nobody else. */
const ofTheUnit = (own: Answer = 200) => [
  line(navigators, { own, 'other unit': 404, shielded: 404, ...nothingThere }),
]
/** The same where the record is named in the body: then it is "unknown", foreign and nonexistent alike. */
const namedByTheUnit = (own: Answer) => [
  line(navigators, { own, 'other unit': 400, shielded: 400, 'other city': 400, nowhere: 400 }),
]

/** A referral or handover has two sides. Whoever is neither finds nothing. */
const ofTheGiver = (own: Answer, asReceiver: Answer = 409) => [
  ...ofTheUnit(own),
  line(navigators, { received: asReceiver }),
]
const ofTheReceiver = (
  answers: { received: Answer; withdrawn: Answer; expired: Answer },
  asGiver: Answer = 409,
) => [...ofTheUnit(asGiver), line(receivers, answers), line(partners, { 'other unit': 404, ...nothingThere })]

/** A contact belongs to the door where it was registered and to whoever is asked; an office sees what it registered. */
const atTheDoor = (own: Answer, asked: Answer) => [
  line(registrars, { own, 'other unit': 404, ...nothingThere }),
  line(receivers, { received: asked }),
]

const toldToTheLead = [
  ...ofTheUnit(),
  line([...partners, ...offices], { own: 404, 'other unit': 404, ...nothingThere }),
]

const connected = ['network_professional', 'youth_welfare_professional'] as const
/** A webhook belongs to an organisation; administrator and coordinator see to all of them. */
const ofTheConnected = (own: Answer = 200) => [
  line(keepers, { own, ...nothingThere }),
  line(['navigation_head'], { own, 'other unit': 404, ...nothingThere }),
  line(connected, { own: 404, 'other unit': 404, ...nothingThere }),
]

export const expectation: Record<string, Line[]> = {
  'health.live': inGeneral(everybody),
  'health.ready': inGeneral(everybody),
  // With the token of the installation only, and here there is none.
  'metrics.read': inGeneral(everybody, 404),
  'openapi.read': inGeneral(everybody),
  'openapi.read_older': inGeneral(everybody),
  'vocabularies.read': inGeneral(everybody),

  'auth.sign_in': inGeneral(everybody),
  'auth.refresh': inGeneral(everybody),
  'auth.sign_out': inGeneral(everybody, 204),
  // The right password twice is no new one; a code belongs to what is on. Tested with the module.
  'passwords.change': inGeneral(everybody, 409),
  'passwords.reset': inTheCity(['tenant_admin']),
  'second_factor.read': inGeneral(everybody),
  'second_factor.start': inGeneral(everybody),
  'second_factor.confirm': inGeneral(everybody, 409),
  'second_factor.end': inGeneral(everybody, 409),
  'second_factor.remove': inTheCity(['tenant_admin']),
  'me.read': inGeneral(everybody),

  'service_accounts.sign_in': inGeneral(everybody),
  'service_accounts.list': inGeneral(['tenant_admin']),
  'service_accounts.read': inTheCity(['tenant_admin']),
  'service_accounts.create': inGeneral(['tenant_admin'], 201),
  'service_accounts.update': inTheCity(['tenant_admin']),
  'service_accounts.add_key': inTheCity(['tenant_admin'], 201),
  'service_accounts.read_key': inTheCity(['tenant_admin']),
  'service_accounts.revoke_key': inTheCity(['tenant_admin']),
  'providers.sign_in': [],
  'providers.list': inGeneral(['tenant_admin']),
  'providers.read': inTheCity(['tenant_admin']),
  'providers.create': inGeneral(['tenant_admin'], 201),
  'providers.update': inTheCity(['tenant_admin']),

  'tenants.read': inGeneral(everybody),
  'tenants.update': inGeneral(['tenant_admin']),
  // From the command line only: there is nothing to call.
  'tenants.install': [],

  'organizations.list': inGeneral(everybody),
  'organizations.read': inTheCity(everybody),
  'organizations.create': inGeneral(keepers, 201),
  'organizations.update': inTheCity(keepers),
  'users.list': inGeneral(['tenant_admin', 'navigation_head']),
  'users.read': inTheCity(['tenant_admin', 'navigation_head']),
  'users.create': inGeneral(['tenant_admin'], 201),
  'users.update': inTheCity(['tenant_admin']),
  'memberships.create': inTheCity(['tenant_admin'], 201),
  'memberships.read': inTheCity(['tenant_admin', 'navigation_head']),
  'memberships.end': inTheCity(['tenant_admin']),
  'secrecy.read': inTheCity(['tenant_admin', 'navigation_head']),
  'secrecy.record': inTheCity(['tenant_admin', 'navigation_head'], 201),

  'offers.list': inGeneral(everybody),
  'offers.read': inTheCity(everybody),
  'offers.create': [
    line(keepers, { 'own organisation': 201, 'same city': 201, 'other city': 400, nowhere: 400 }),
    line(partners, { 'own organisation': 201, 'same city': 403, 'other city': 400, nowhere: 400 }),
  ],
  'offers.update': [
    line(keepers, { 'own organisation': 200, 'same city': 200, ...nothingThere }),
    line(partners, { 'own organisation': 200, 'same city': 404, ...nothingThere }),
  ],

  'offers.capacity': [
    line(keepers, { 'own organisation': 200, 'same city': 200, ...nothingThere }),
    line(partners, { 'own organisation': 200, 'same city': 404, ...nothingThere }),
    line(navigators, { 'own organisation': 200, 'other unit': 404, ...nothingThere }),
  ],
  'interfaces.list': inGeneral(everybody),
  'interfaces.read': inTheCity(everybody),
  'interfaces.create': [line(keepers, { 'same city': 201, 'other city': 400, nowhere: 400 })],
  'interfaces.update': inTheCity(keepers),

  'imports.run': inGeneral(navigators),

  'clients.create': inGeneral(navigators, 201),
  'clients.list': inGeneral(navigators),
  'clients.search': inGeneral(navigators),
  'clients.read': ofTheUnit('content'),
  'clients.update': ofTheUnit(),
  'clients.raise': ofTheUnit(),
  'clients.name_member': ofTheUnit(),

  'cases.open': namedByTheUnit(201),
  'cases.list': inGeneral(navigators),
  'cases.read': ofTheUnit('content'),
  'cases.update': ofTheUnit(),
  'cases.next_step': ofTheUnit(),
  'cases.pause': ofTheUnit(),
  'cases.resume': ofTheUnit(),
  'cases.close': ofTheUnit(),
  'cases.assign': [
    line(['navigation_head'], { own: 200, 'other unit': 404, shielded: 404, ...nothingThere }),
  ],
  'cases.leads': ofTheUnit(),

  'contacts.register': inGeneral(registrars, 201),
  'contacts.list': inGeneral(registrars),
  'contacts.read': atTheDoor('content', 'content'),
  // Whoever is asked answers; on goes the person with the door.
  'contacts.update': atTheDoor(200, 409),
  'contacts.guide': atTheDoor(200, 409),
  'contacts.confirm': atTheDoor(200, 200),
  'contacts.decline': atTheDoor(200, 200),
  'contacts.take_up': [
    line(navigators, { own: 200, 'other unit': 404, ...nothingThere }),
    line(navigators, { received: 200 }),
  ],
  'contacts.figures': inGeneral(['navigation_head', 'coordinator']),
  'scope.list': inGeneral(everybody),
  'scope.read': inTheCity(everybody),
  'scope.create': inGeneral(keepers, 201),
  'scope.update': inTheCity(keepers),
  'scope.remove': inTheCity(keepers, 204),

  'tasks.create': namedByTheUnit(201),
  'tasks.list': inGeneral(navigators),
  'tasks.read': ofTheUnit(),
  'tasks.update': ofTheUnit(),
  'tasks.done': ofTheUnit(),

  'deadlines.list': inGeneral(registrars),
  // Whoever was asked, and the coordinator of what others let pass: tested with the module.
  'deadlines.read': toldToTheLead,
  'deadlines.start': ofTheUnit(201),
  'deadlines.stop': ofTheUnit(),

  // About colleagues and not about people: the head arranges for anybody of the unit, tested with the module.
  'substitutions.create': [line(receivers, { own: 201, 'other unit': 400, 'other city': 400, nowhere: 400 })],
  'substitutions.list': inGeneral(receivers),
  'substitutions.read': [
    line(navigators, { own: 200, 'other unit': 404, ...nothingThere }),
    line(partners, { own: 404, 'other unit': 404, ...nothingThere }),
  ],
  'substitutions.hand_back': [line(receivers, { own: 200, 'other unit': 404, ...nothingThere })],

  'guides.list': inGeneral(everybody),
  'guides.read': inTheCity(everybody),
  'clearings.start': ofTheUnit(201),
  'clearings.list': ofTheUnit(),
  'clearings.read': ofTheUnit('content'),
  'clearings.update': ofTheUnit(),
  'clearings.pause': ofTheUnit(),
  'clearings.resume': ofTheUnit(),
  'clearings.finish': ofTheUnit(),
  'clearings.discard': ofTheUnit(),

  'releases.create': ofTheUnit(201),
  'releases.list': ofTheUnit(),
  'releases.read': ofTheUnit(),
  'releases.form': ofTheUnit(),
  'releases.sign': ofTheUnit(),
  'releases.refuse': ofTheUnit(),
  'releases.withdraw': ofTheUnit(),
  'disclosures.list': ofTheUnit('content'),

  'referrals.create': ofTheUnit(201),
  'referrals.list_of_case': ofTheUnit(),
  'referrals.list_of_client': ofTheUnit(),
  'referrals.list': inGeneral(receivers),
  'referrals.read': ofTheReceiver({ received: 'content', withdrawn: 'thread', expired: 'thread' }, 'content'),
  'referrals.update': ofTheGiver(200),
  'referrals.send': ofTheGiver(200),
  'referrals.withdraw': ofTheGiver(200),
  'referrals.accept': ofTheReceiver({ received: 'content', withdrawn: 409, expired: 'thread' }),
  'referrals.decline': ofTheReceiver({ received: 'thread', withdrawn: 409, expired: 'thread' }),
  'referrals.waitlist': ofTheReceiver({ received: 'content', withdrawn: 409, expired: 'thread' }),
  'referrals.redirect': ofTheReceiver({ received: 'thread', withdrawn: 409, expired: 'thread' }),
  'referrals.take': ofTheReceiver({ received: 'content', withdrawn: 409, expired: 'thread' }),
  // The recipient tells back only under a release that runs both ways; the giver knows it from the person.
  'referrals.conclude': ofTheReceiver({ received: 'thread', withdrawn: 409, expired: 409 }, 200),
  'referrals.thread': ofTheReceiver({ received: 'thread', withdrawn: 'thread', expired: 'thread' }, 200),
  'referrals.write': ofTheReceiver({ received: 201, withdrawn: 409, expired: 201 }, 201),

  'attachments.add': ofTheGiver(201),
  // The list does not say why it is empty: withdrawn or expired, nothing of it is there.
  'attachments.list': ofTheReceiver(
    { received: 'content', withdrawn: 'thread', expired: 'thread' },
    'content',
  ),
  'attachments.read': ofTheReceiver({ received: 'content', withdrawn: 404, expired: 404 }, 'content'),
  'attachments.remove': [
    ...ofTheUnit(204),
    line(navigators, { received: 409, withdrawn: 404, expired: 404 }),
  ],

  'handovers.prepare': namedByTheUnit(201),
  'handovers.list_of_case': ofTheUnit(),
  'handovers.list': inGeneral(receivers),
  'handovers.read': ofTheReceiver({ received: 'content', withdrawn: 'thread', expired: 'thread' }, 'content'),
  'handovers.update': ofTheGiver(200),
  'handovers.offer': ofTheGiver(200),
  'handovers.cancel': ofTheGiver(200),
  'handovers.accept': ofTheReceiver({ received: 'content', withdrawn: 409, expired: 'thread' }),
  'handovers.refuse': ofTheReceiver({ received: 'thread', withdrawn: 409, expired: 'thread' }),
  // The receiver tells back only under a release that runs both ways; the giver knows it from the person.
  'handovers.confirm_arrival': ofTheReceiver({ received: 'content', withdrawn: 409, expired: 409 }, 200),
  'handovers.report_no_show': ofTheReceiver({ received: 'content', withdrawn: 409, expired: 409 }, 200),
  // Either side was there.
  'handovers.joint_talk': ofTheReceiver({ received: 'content', withdrawn: 409, expired: 'thread' }, 200),
  'handovers.stability': ofTheGiver(200),
  'handovers.return': ofTheReceiver({ received: 'content', withdrawn: 409, expired: 409 }),
  'handovers.sheet': ofTheReceiver({ received: 'content', withdrawn: 404, expired: 404 }, 'content'),
  'handovers.print': ofTheReceiver({ received: 200, withdrawn: 404, expired: 404 }, 200),

  'handover_concepts.list': inGeneral(everybody),
  'handover_concepts.read': inTheCity(everybody),
  'handover_concepts.publish': inGeneral(['coordinator', 'navigation_head'], 201),

  // Of a day only ids and the words of the own unit are seen: tested with the module.
  'overview.day': inGeneral(registrars),
  'overview.journey': ofTheUnit(),

  'appointments.plan': ofTheUnit(201),
  'appointments.list_of_case': ofTheUnit(),
  'appointments.read': ofTheUnit('content'),
  'appointments.update': ofTheUnit(),
  'appointments.outcome': ofTheUnit(),
  // The place is all that a calendar entry says of it.
  'appointments.calendar': ofTheUnit('content'),
  'attempts.record': ofTheUnit(201),
  'attempts.list_of_case': ofTheUnit(),
  'attempts.read': ofTheUnit('content'),

  'answer_links.create': ofTheGiver(201),
  'answer_links.read': [...ofTheUnit(), line(navigators, { received: 404 })],
  'answer_links.revoke': [...ofTheUnit(), line(navigators, { received: 404 })],
  // Whoever follows a link is no member: tested with the module.
  'answers.show': [],
  'answers.unlock': [],
  'answers.download': [],
  'answers.give': [],

  // Whom what is told: tested with the module. Of a case it is the lead, the substitute and the head.
  'notices.list': inGeneral(registrars),
  'notices.read': toldToTheLead,
  'notices.seen': toldToTheLead,
  'mail.read': inGeneral(registrars),
  'mail.update': inGeneral(registrars),

  // Nobody's act: there is nothing to call.
  'clock.tick': [],
  'courier.mail': [],

  'events.list': inGeneral(receivers),
  'webhooks.list': inGeneral([...keepers, ...connected, 'navigation_head']),
  'webhooks.create': [
    line(keepers, { 'own organisation': 201, 'same city': 201, 'other city': 400, nowhere: 400 }),
    line(connected, { 'own organisation': 201, 'same city': 400, 'other city': 400, nowhere: 400 }),
    line(['navigation_head'], {
      'own organisation': 201,
      'other unit': 400,
      'other city': 400,
      nowhere: 400,
    }),
  ],
  'webhooks.read': [line(keepers, { 'other unit': 200 }), ...ofTheConnected()],
  'webhooks.update': ofTheConnected(),
  'webhooks.remove': ofTheConnected(204),
  'webhooks.rotate': ofTheConnected(),
  'webhooks.pause': ofTheConnected(),
  'webhooks.resume': ofTheConnected(),
  'webhooks.test': ofTheConnected(201),
  'webhooks.deliveries': [line(keepers, { 'other unit': 200 }), ...ofTheConnected()],
  'webhooks.delivery': [line(keepers, { 'other unit': 200 }), ...ofTheConnected()],
  'webhooks.replay': ofTheConnected(),
  'webhooks.deliver': [],

  'audit.read': inGeneral(['dpo']),
  'audit.heads': inGeneral(['dpo', 'auditor']),
  'audit.seal': [],
  'audit.export': [],
}

/** What somebody whose secrecy obligation has not been recorded may do: nothing about a person. */
export const withoutObligation = [
  'health.live',
  'health.ready',
  'metrics.read',
  'openapi.read',
  'openapi.read_older',
  'vocabularies.read',
  'auth.sign_in',
  'auth.refresh',
  'auth.sign_out',
  'passwords.change',
  'second_factor.read',
  'second_factor.start',
  'second_factor.confirm',
  'second_factor.end',
  'me.read',
  'tenants.read',
  'organizations.list',
  'organizations.read',
  'offers.list',
  'offers.read',
  'offers.capacity',
  'interfaces.list',
  'interfaces.read',
  'guides.list',
  'guides.read',
  'handover_concepts.list',
  'handover_concepts.read',
  'handover_concepts.publish',
  'scope.list',
  'scope.read',
  'mail.read',
  'mail.update',
]
