// What does one run of the tests have in common? Made once by setup.ts, handed to every test file.
import type { Role } from '../../src/access.ts'
import type { Municipality, Organization, PersonKey } from './people.ts'

/** One of the cast, as the template database knows them. */
export interface Member {
  key: PersonKey
  name: string
  email: string
  role: Role
  municipality: Municipality
  tenantId: string
  userId: string
  membershipId: string
  organizationId: string
}

export interface Made {
  members: Record<PersonKey, Member>
  organizations: Record<Organization, string>
  /** One active offer of each organisation. */
  offers: Record<Organization, string>
}

export interface Run extends Made {
  /** A session of everybody, by membership: begun once, since a password costs what it should cost. */
  sessions: Record<string, string>
  adminUrl: string
  /** Of the template: a copy has another path. */
  ownerUrl: string
  serviceUrl: string
  workerUrl: string
  template: string
  masterKey: string
}

declare module 'vitest' {
  interface ProvidedContext {
    run: Run
  }
}

/** One of the cast asks in a second what a person asks in a day; what holds otherwise is looked at in edge.test.ts. */
export const unhurried = 1_000_000

export const at = (url: string, database: string) => {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.toString()
}
