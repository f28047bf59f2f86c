// How is a line of each kind written, found again, and compared with what is there?
import { ask, type Ask } from '../../platform/statement.ts'
import type { Vault } from '../../platform/seal.ts'
import { CaseChange, ownCase } from '../cases/index.ts'
import { ClientChange, codeIndex, isKnown, ownClient } from '../clients/index.ts'
import { ownReferral, ReferralChange } from '../referrals/index.ts'
import type { Meeting } from './rules.ts'
import type { ImportLine } from './schema.ts'

type Fields = Record<string, unknown>
/** A row of the caller's own: what a look-up by own id finds. */
export interface Own {
  id: string
  personCode?: Buffer | null
}
type Find = (externalId: string) => Ask<Own>

interface Kind {
  find: Find
  /** Fields in which an own id may stand for the id of another record. */
  references: Record<string, { field: string; find: Find }>
  /** Where the POST goes; what its address says is not in its body. */
  collection: (fields: Fields) => { url: string; body: Fields }
  one: (id: string) => string
  meeting: (present: Fields, own: Own, vault: Vault, tenantId: string) => Meeting
}

const findClient: Find = (externalId) => ask(ownClient, { externalId })
const findCase: Find = (externalId) => ask(ownCase, { externalId, closed: null, lead: null, clientId: null })
const findReferral: Find = (externalId) =>
  ask(ownReferral, { externalId, box: null, status: null, taken: null })

const isPartOf = (given: unknown, present: unknown) =>
  Array.isArray(given) && Array.isArray(present) && given.every((one) => present.includes(one))

export const kinds: Record<ImportLine['kind'], Kind> = {
  client: {
    find: findClient,
    references: {},
    collection: (body) => ({ url: '/v1/clients', body }),
    one: (id) => `/v1/clients/${id}`,
    meeting: (_, own, vault, tenantId) => ({
      editable: Object.keys(ClientChange.shape),
      begins: [],
      agrees: (field, given, present) =>
        // Whoever has come to be known further meanwhile is not known less because a file says so.
        (field === 'identificationLevel' && isKnown(present as never, given as never)) ||
        // Of the code only a hash is kept.
        (field === 'personCode' &&
          (own.personCode?.equals(codeIndex(vault, tenantId, String(given))) ?? false)),
    }),
  },
  case: {
    find: findCase,
    references: {
      clientExternalId: { field: 'clientId', find: findClient },
      previousCaseExternalId: { field: 'previousCaseId', find: findCase },
    },
    collection: (body) => ({ url: '/v1/cases', body }),
    one: (id) => `/v1/cases/${id}`,
    meeting: () => ({
      editable: Object.keys(CaseChange.shape),
      begins: ['leadMembershipId', 'nextStep', 'nextStepOn'],
    }),
  },
  referral: {
    find: findReferral,
    references: { caseExternalId: { field: 'caseId', find: findCase } },
    collection: ({ caseId, ...body }) => ({ url: `/v1/cases/${String(caseId)}/referrals`, body }),
    one: (id) => `/v1/referrals/${id}`,
    meeting: ({ status }) =>
      status === 'draft'
        ? { editable: Object.keys(ReferralChange.shape), begins: [] }
        : {
            editable: [],
            begins: [],
            // What was sent may hold more categories than the draft named: those of its letter and its documents.
            agrees: (field, given, present) => field === 'categories' && isPartOf(given, present),
          },
  },
}
