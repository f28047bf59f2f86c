// Which rows are let through to whom? Written by hand from the promises, a second time beside the policies in SQL; it
// imports nothing. A policy that says something else is found by walls.test.ts, row by row.

export type Row = Record<string, string | boolean | null>

/** What a transaction knows of whoever asks; what it does not know is undefined, and equals nothing. */
export interface Asker {
  tenant?: string
  user?: string
  membership?: string
  role?: string
  organization?: string
  /** For which referrals and handovers are received. */
  receives?: string
  /** The units whose content is seen, and the shielded people on whom one is named. */
  units: readonly string[]
  movingCase?: string
  movingContact?: string
  /** Whose password or second factor is set or taken away. */
  credentialsOf?: string
  link?: string
  linkedReferral?: string
}

export type Let = (row: Row, me: Asker, now: string) => boolean

export interface Acts {
  see?: Let[]
  add?: Let[]
  /** The row as it was before. */
  change?: Let[]
  /** The row as it shall be; left out: as `change`. */
  into?: Let[]
  remove?: Let[]
}

const everybody: Let = () => true
const unit: Let = ({ compartment_id: unit }, me) => unit !== null && me.units.includes(String(unit))
const as =
  (...roles: string[]): Let =>
  (_, { role }) =>
    role !== undefined && roles.includes(role)
const own =
  (column: string, of: Exclude<keyof Asker, 'units'>): Let =>
  (row, me) =>
    me[of] !== undefined && row[column] === me[of]
const none =
  (column: string): Let =>
  (row) =>
    row[column] === null
const some =
  (column: string): Let =>
  (row) =>
    row[column] !== null
const one =
  (column: string, ...of: string[]): Let =>
  (row) =>
    of.includes(String(row[column]))
const unlike =
  (column: string, of: string): Let =>
  (row) =>
    row[column] !== null && row[column] !== of
const still =
  (column: string): Let =>
  (row, _, now) =>
    row[column] !== null && String(row[column]) > now
const past =
  (column: string): Let =>
  (row, _, now) =>
    row[column] !== null && String(row[column]) < now
const both =
  (...lets: Let[]): Let =>
  (...given) =>
    lets.every((lets) => lets(...given))

const keepers = as('tenant_admin', 'coordinator')
const moving = own('case_id', 'movingCase')
const named = [own('id', 'user'), as('tenant_admin')].map((who) => both(own('id', 'credentialsOf'), who))
/** What a unit writes down for itself, and what nobody changes afterwards. */
const kept: Acts = { see: [unit], add: [unit] }
const edited: Acts = { ...kept, change: [unit] }
/** The key under which a program knows a record is the program's own. */
const ownKey: Let = (row, me) => row['external_by'] === null || row['external_by'] === me.user
const keyed: Acts = { ...edited, add: [both(unit, ownKey)] }
const forgotten = (column: string, days = 90) =>
  both(as('clock'), (row, _, now) => {
    const before = new Date(Date.parse(now) - days * 86_400_000).toISOString()
    return row[column] !== null && String(row[column]) < before
  })
/** Whoever may let a program be told what happens in the own organisation. */
const teller = both(
  own('organization_id', 'organization'),
  as('network_professional', 'youth_welfare_professional', 'navigation_head'),
)
const notFromAnEvent = none('event_id')

const door = [own('organization_id', 'receives'), own('registered_by_user_id', 'user')]
const asked = own('to_organization_id', 'receives')
const recipient = own('recipient_organization_id', 'receives')
const sent = both(recipient, some('sent_at'))
const offered = both(own('receiver_organization_id', 'receives'), some('offered_at'))
const linked = own('id', 'linkedReferral')
const registrar = both(none('case_id'), own('organization_id', 'organization'))
const answering = both(none('case_id'), own('subject_id', 'movingContact'))
const obliged = both(
  own('organization_id', 'receives'),
  one('kind', 'referral_response', 'waitlist_expected', 'handover_response'),
)
const running = none('stopped_at')
const told = [
  own('to_membership_id', 'membership'),
  both(one('audience', 'organization'), own('to_organization_id', 'organization')),
  unit,
  both(one('audience', 'role'), own('to_role', 'role'), none('to_organization_id')),
  both(one('audience', 'role'), own('to_role', 'role'), own('to_organization_id', 'organization')),
]
const valid = still('valid_until')

export const walls: Record<string, Acts> = {
  // who is where
  tenants: { see: [everybody], add: [as('installer')], change: [as('tenant_admin')] },
  organizations: { see: [everybody], add: [keepers, as('installer')], change: [keepers] },
  users: {
    see: [everybody],
    add: [as('tenant_admin', 'installer'), both(as('provider'), one('kind', 'person'))],
    change: [as('tenant_admin')],
  },
  memberships: {
    see: [everybody],
    // What somebody gave by hand is none of a provider's business.
    add: [as('tenant_admin', 'installer'), both(as('provider'), some('provider_id'))],
    change: [as('tenant_admin'), both(as('provider'), some('provider_id'))],
  },
  secrecy_obligations: {
    see: [own('user_id', 'user'), as('tenant_admin', 'navigation_head', 'dpo')],
    // § 203 (4) StGB: nobody obliges themselves.
    add: [
      both(
        own('recorded_by_user_id', 'user'),
        (row, me) => row['user_id'] !== null && me.user !== undefined && row['user_id'] !== me.user,
        as('tenant_admin', 'navigation_head'),
      ),
    ],
  },
  // Read at login; set by oneself, or by the administrator for the one person who is named.
  credentials: {
    see: [as('login'), ...named],
    add: [as('tenant_admin', 'installer')],
    change: named,
  },
  second_factors: {
    see: [own('id', 'user'), as('login'), both(own('id', 'credentialsOf'), as('tenant_admin'))],
    add: [own('id', 'user')],
    change: [own('id', 'user'), as('login')],
    remove: named,
  },
  sessions: {
    see: [
      own('user_id', 'user'),
      as('login', 'tenant_admin'),
      both(as('provider'), some('origin_id')),
      forgotten('expires_at', 7),
    ],
    add: [as('login'), both(as('provider'), some('origin_id'))],
    change: [own('user_id', 'user'), as('login', 'tenant_admin')],
    remove: [forgotten('expires_at', 7)],
  },
  service_accounts: {
    see: [as('tenant_admin', 'login', 'provider')],
    add: [as('tenant_admin')],
    change: [as('tenant_admin')],
  },
  service_account_keys: {
    see: [as('tenant_admin', 'login')],
    add: [as('tenant_admin')],
    change: [as('tenant_admin', 'login')],
  },
  used_assertions: {
    see: [as('login')],
    add: [as('login')],
    remove: [both(as('login'), past('expires_at'))],
  },
  identity_providers: {
    see: [as('tenant_admin', 'provider')],
    add: [as('tenant_admin')],
    change: [as('tenant_admin')],
  },
  provider_subjects: { see: [as('provider')], add: [as('provider')], change: [as('provider')] },
  named_members: { see: [own('membership_id', 'membership'), unit], add: [unit] },

  // what the network knows
  offers: {
    see: [everybody],
    add: [keepers, own('organization_id', 'receives')],
    change: [keepers, own('organization_id', 'receives')],
  },
  interfaces: { see: [everybody], add: [keepers], change: [keepers] },
  scope_rules: { see: [everybody], add: [keepers], change: [keepers] },
  clearing_guides: { see: [everybody], add: [as('installer', 'navigation_head', 'coordinator')] },
  handover_concepts: { see: [everybody], add: [as('coordinator', 'navigation_head')] },

  // what a unit knows of a person
  clients: keyed,
  identification_steps: { see: [unit], add: [both(unit, own('by_user_id', 'user'))] },
  cases: {
    see: [unit, own('id', 'movingCase')],
    add: [both(unit, ownKey)],
    change: [unit, own('id', 'movingCase')].map((who) => both(who, unlike('status', 'closed'))),
    into: [unit, own('id', 'movingCase')],
  },
  case_leads: {
    see: [unit, both(as('courier'), none('until_at'))],
    add: [unit],
    change: [both(unit, none('until_at'))],
    into: [unit],
  },
  tasks: {
    see: [unit, moving],
    add: [unit, moving],
    change: [unit, moving].map((who) => both(who, none('done_at'))),
    into: [unit, moving],
  },
  clearings: { ...kept, change: [both(unit, one('status', 'started', 'paused'))], into: [unit] },
  appointments: { ...kept, change: [both(unit, one('status', 'planned'))], into: [unit] },
  contact_attempts: kept,
  releases: { ...kept, change: [both(unit, one('status', 'draft', 'active'))], into: [unit] },

  // what left it, and for how long
  disclosures: {
    see: [unit, both(recipient, valid), both(own('subject_id', 'linkedReferral'), valid)],
    add: [unit],
    change: [unit, both(recipient, valid), both(own('subject_id', 'linkedReferral'), valid)],
  },
  referrals: {
    see: [
      unit,
      sent,
      linked,
      both(moving, one('status', 'draft')),
      both(as('courier'), one('status', 'sent', 'waitlisted')),
    ],
    add: [both(unit, ownKey), both(moving, one('status', 'draft'))],
    change: [unit, sent, linked],
  },
  referral_letters: { ...edited, add: [unit, moving] },
  referral_messages: {
    see: [unit, recipient],
    add: [
      both(unit, own('from_organization_id', 'organization')),
      both(recipient, own('from_organization_id', 'receives')),
    ],
  },
  attachments: {
    see: [unit, both(recipient, valid), both(own('referral_id', 'linkedReferral'), valid)],
    add: [both(unit, none('valid_until'))],
    change: [unit, both(recipient, valid), both(own('referral_id', 'linkedReferral'), valid)],
    remove: [both(unit, none('valid_until'))],
  },
  answer_links: {
    see: [unit, own('id', 'link'), as('courier')],
    add: [unit],
    change: [
      ...[unit, own('id', 'link')].map((who) => both(who, none('answered_at'), none('revoked_at'))),
      as('courier'),
    ],
    into: [unit, own('id', 'link'), as('courier')],
  },
  handovers: { see: [unit, offered], add: [unit], change: [unit, offered] },
  handover_sheets: edited,

  // who came to which door
  contacts: {
    see: [...door, asked, as('navigation_head', 'coordinator')],
    add: [both(own('registered_by_user_id', 'user'), own('organization_id', 'organization'))],
    change: [...door, asked].map((who) => both(who, none('ended_at'))),
    into: [...door, asked],
  },
  contact_people: {
    see: [...door, asked],
    add: [own('registered_by_user_id', 'user')],
    change: door,
    into: [everybody],
  },

  // what has to happen, and who is told
  deadlines: {
    see: [
      unit,
      obliged,
      both(as('coordinator'), one('escalated_to', 'coordinator')),
      as('clock'),
      moving,
      registrar,
      answering,
      own('subject_id', 'linkedReferral'),
    ],
    add: [unit, own('organization_id', 'receives'), registrar, moving, answering],
    change: [
      unit,
      obliged,
      registrar,
      moving,
      answering,
      own('subject_id', 'linkedReferral'),
      as('clock'),
    ].map((who) => both(who, running)),
    into: [everybody],
  },
  substitutions: {
    see: [own('organization_id', 'receives'), as('clock', 'courier')],
    add: [own('organization_id', 'receives')],
    change: [own('organization_id', 'receives'), as('clock')].map((who) => both(who, none('ended_at'))),
    into: [everybody],
  },
  notices: { see: [...told, as('courier')], add: [everybody], change: [...told, as('courier')] },
  mail_settings: {
    see: [own('id', 'membership'), as('courier')],
    add: [own('id', 'membership'), as('courier')],
    change: [own('id', 'membership'), as('courier')],
  },

  // what programs are told
  events: {
    see: [
      unit,
      both(none('compartment_id'), own('organization_id', 'receives')),
      both(as('messenger'), ({ shielded }) => shielded === false),
      forgotten('at'),
    ],
    add: [everybody],
    remove: [forgotten('at')],
  },
  event_listeners: {
    see: [everybody],
    add: [keepers, own('id', 'organization')],
    remove: [keepers, as('messenger'), own('id', 'organization')],
  },
  webhooks: {
    see: [keepers, teller, as('messenger')],
    add: [keepers, teller],
    change: [keepers, teller, as('messenger')],
    remove: [keepers, teller],
  },
  webhook_deliveries: {
    see: [keepers, teller, as('messenger'), forgotten('created_at')],
    add: [as('messenger'), both(keepers, notFromAnEvent), both(teller, notFromAnEvent)],
    change: [keepers, teller, as('messenger')],
    remove: [keepers, teller, forgotten('created_at')],
  },

  // what the platform keeps
  audit_events: { see: [as('dpo', 'sealer')], add: [everybody] },
  audit_heads: { see: [as('dpo', 'auditor', 'sealer')], add: [as('sealer')] },
  attempt_counters: {
    see: [as('counter')],
    add: [as('counter')],
    change: [as('counter')],
    remove: [as('counter')],
  },
  idempotency_keys: {
    see: [own('principal_id', 'user'), forgotten('created_at', 1)],
    add: [own('principal_id', 'user')],
    remove: [forgotten('created_at', 1)],
  },
}
