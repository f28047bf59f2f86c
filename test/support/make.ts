// How does the cast come into the template database? Through the interface, as in a real municipality, but with lasting passwords.
import type { Db } from '../../src/platform/db.ts'
import { publishFirstGuide } from '../../src/modules/clearing/index.ts'
import { comesWithIt, hashOf, installTenant } from '../../src/modules/identity/index.ts'
import type { Client } from './http.ts'
import {
  emailOf,
  municipalities,
  organizations,
  password,
  people,
  type Municipality,
  type Person,
} from './people.ts'
import type { Made, Member } from './run.ts'

type Open = (token?: string) => Client

export async function makeCast(db: Db, open: Open): Promise<Made> {
  const made = { members: {}, organizations: {}, offers: {} } as Made
  for (const at of Object.keys(municipalities) as Municipality[]) await makeMunicipality(at, made, db, open)
  return made
}

async function makeMunicipality(at: Municipality, made: Made, db: Db, open: Open) {
  const { name, administration, admin } = municipalities[at]
  const email = emailOf(admin)
  // All at once: whoever gets a password occupies a processor for a while, on purpose.
  const others = await Promise.all(
    entries(people)
      .filter(([key, person]) => person.at === at && key !== admin)
      .map(async ([key, person]) => ({ key, name: person.name, passwordHash: await hashOf(password) })),
  )
  const userIds = new Map<string, string>()
  const installed = await installTenant(
    db,
    {
      slug: at,
      name,
      administration,
      kind: 'city',
      country: 'de',
      timeZone: 'Europe/Berlin',
      language: 'de',
      admin: { name: people[admin].name, email, password },
    },
    (tx) => {
      publishFirstGuide(tx)
      for (const { key, name, passwordHash } of others)
        userIds.set(key, comesWithIt(tx, { name, email: emailOf(key), language: 'de', passwordHash }))
    },
  )
  const tokens = await open().post('/v1/auth/token', { municipality: at, email, password })
  const keeper = open(String(tokens.body['accessToken']))

  for (const [key, { at: where, ...organization }] of entries(organizations)) {
    if (where !== at) continue
    const { body } = expectCreated(await keeper.post('/v1/organizations', organization))
    made.organizations[key] = body.id
    const given = {
      organizationId: body.id,
      name: `Angebot: ${organization.name}`,
      ...offerOf[organization.kind],
    }
    made.offers[key] = expectCreated(await keeper.post('/v1/offers', given)).body.id
  }

  const members = entries(people).map(async ([key, given]): Promise<Member[]> => {
    const person: Person = given
    if (person.at !== at) return []
    const organizationId = person.in ? made.organizations[person.in] : installed.organizationId
    const member: Member = {
      key,
      name: person.name,
      email: emailOf(key),
      role: person.role,
      municipality: at,
      organizationId,
      tenantId: installed.id,
      userId: userIds.get(key) ?? installed.userId,
      membershipId: String(tokens.body['membershipId']),
    }
    if (key !== admin) {
      const membership = { role: person.role, organizationId }
      member.membershipId = expectCreated(
        await keeper.post(`/v1/users/${member.userId}/memberships`, membership),
      ).body.id
      if (!person.unbound)
        expectCreated(await keeper.post(`/v1/users/${member.userId}/secrecy-obligations`, bound))
    }
    return [member]
  })
  for (const member of (await Promise.all(members)).flat()) made.members[member.key] = member

  // Nobody obliges themselves: the administrator's own obligation is recorded by a head.
  const head = emailOf(at === 'lindenau' ? 'hanna' : 'oda')
  const signedIn = await open().post('/v1/auth/token', { municipality: at, email: head, password })
  const client = open(String(signedIn.body['accessToken']))
  expectCreated(await client.post(`/v1/users/${installed.userId}/secrecy-obligations`, bound))
}

const bound = { basis: 'profession_203', boundOn: '2026-01-15' }

const offerOf = {
  municipal_unit: { type: 'navigator_service' },
  service_provider: { type: 'addiction_counselling' },
  clinic: { type: 'day_treatment' },
  youth_office: { type: 'youth_welfare' },
  self_help: { type: 'self_help_group' },
}

const entries = <T extends object>(of: T) => Object.entries(of) as [keyof T & string, T[keyof T]][]

function expectCreated<T extends { status: number; text: string }>(answer: T): T {
  if (answer.status !== 201) throw new Error(`the cast cannot be made: ${answer.status} ${answer.text}`)
  return answer
}
