// Which acts are no event for other systems, and why? Every other act that writes tells those who follow.

const ownAccount = "about the member's own account or session, which nobody else follows"
const staff = 'about staff and their accounts: no record of the way through the network'
const settings = 'a setting of the municipality, read where it is needed'
const connection = 'about the connection of other systems itself'
const told = 'what somebody is told, or has seen; what happened has its own event'

export const silent: Record<string, string> = {
  'auth.sign_in': ownAccount,
  'auth.refresh': ownAccount,
  'auth.sign_out': ownAccount,
  'service_accounts.sign_in': ownAccount,
  'passwords.change': ownAccount,
  'second_factor.start': ownAccount,
  'second_factor.confirm': ownAccount,
  'second_factor.end': ownAccount,
  'mail.update': ownAccount,

  'passwords.reset': staff,
  'second_factor.remove': staff,
  'users.create': staff,
  'users.update': staff,
  'memberships.create': staff,
  'memberships.end': staff,
  'secrecy.record': staff,
  'substitutions.create': 'who is absent is of no concern to another system; the lead stays',
  'substitutions.hand_back': 'who is absent is of no concern to another system; the lead stays',

  'organizations.create': settings,
  'organizations.update': settings,
  'tenants.update': settings,
  'interfaces.create': settings,
  'interfaces.update': settings,
  'scope.create': settings,
  'scope.update': settings,
  'scope.remove': settings,
  'handover_concepts.publish': settings,

  'service_accounts.create': connection,
  'service_accounts.update': connection,
  'service_accounts.add_key': connection,
  'service_accounts.revoke_key': connection,
  'providers.create': connection,
  'providers.update': connection,
  'webhooks.create': connection,
  'webhooks.update': connection,
  'webhooks.remove': connection,
  'webhooks.rotate': connection,
  'webhooks.pause': connection,
  'webhooks.resume': connection,
  'webhooks.test': connection,
  'webhooks.replay': connection,

  'notices.seen': told,
  'answer_links.create': 'another way for the same question; its answer is the event of the referral',
  'answer_links.revoke': 'another way for the same question; its answer is the event of the referral',

  'clients.search': 'writes nothing',
  'imports.run': 'each line is an act of its own, with an event of its own',
}
