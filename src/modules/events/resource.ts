// At which address is the record read to which something happened?
import type { Code } from '../vocabularies/index.ts'

const collections: Record<Code<'event_subject'>, string> = {
  client: 'clients',
  case: 'cases',
  contact: 'contacts',
  clearing: 'clearings',
  release: 'releases',
  referral: 'referrals',
  handover: 'handovers',
  appointment: 'appointments',
  attempt: 'contact-attempts',
  task: 'tasks',
  deadline: 'deadlines',
  offer: 'offers',
}

export const resourceOf = (kind: Code<'event_subject'>, id: string) => `/v1/${collections[kind]}/${id}`
