// How does one municipality of the demo come to life? Set up, told by its people, and not twice.
import { v7 as newId } from 'uuid'
import { publishFirstGuide } from '../modules/clearing/index.ts'
import { dayIn } from '../modules/deadlines/index.ts'
import { comesWithIt, hashOf, installTenant, tenantById, tenantIdOf } from '../modules/identity/index.ts'
import { actor } from '../platform/actor.ts'
import type { Db, Tx } from '../platform/db.ts'
import { ask } from '../platform/statement.ts'
import type { App } from '../platform/zod.ts'
import { emailOf, type Organization, type Person, type Place } from './place.ts'
import { auditorsEver } from './queries.ts'
import { known, stageOf, teller, type Teller } from './stage.ts'
import { signIn, type Carrier } from './voice.ts'

export const demoPassword = 'this password is public'

const asLogin = ({ slug }: Place) =>
  actor({ action: 'auth.sign_in', requestId: newId(), tenantId: tenantIdOf(slug) })

export async function begun(db: Db, place: Place): Promise<boolean> {
  const [tenants] = await db.read(asLogin(place), ask(tenantById, { id: tenantIdOf(place.slug) }))
  return tenants.length > 0
}

export async function complete(db: Db, place: Place): Promise<boolean> {
  const [auditors] = await db.read(asLogin(place), ask(auditorsEver, {}))
  return auditors.length > 0
}

/** Inside the process, through every hook that a request from outside passes. */
export function inside(app: App): Carrier {
  const inTurn = atATime(6)
  return ({ method, url, headers, body }) =>
    inTurn(async () => {
      const answer = await app.inject({ method, url, headers, ...(body !== undefined && { payload: body }) })
      const told = Object.entries(answer.headers).map(([name, value]) => [name, value?.toString()])
      return { status: answer.statusCode, bytes: answer.rawPayload, headers: Object.fromEntries(told) }
    })
}

/** All at once, requests on a slow machine would wait for a connection until they are refused. */
function atATime(most: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < most) running += 1
    else await new Promise<void>((turn) => waiting.push(turn))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

/**
 * Whatever happened before a kill is told again in the same words, and so does not happen again; days count from the
 * day on which the municipality was set up, so that the words stay the same.
 */
export async function load(place: Place, carry: Carrier, db: Db) {
  const { slug, name, kind, country, timeZone, language, administration } = place
  const as = async (person: Person) =>
    teller(
      person.name,
      await signIn(carry, { municipality: slug, email: emailOf(place, person), password: demoPassword }),
    )
  const admin = theOne(place, 'tenant_admin')
  const auditor = theOne(place, 'auditor')

  if (!(await begun(db, place))) {
    // Whom an administrator adds gets a password for three days: here nobody would have set their own one yet. All of them
    // have the same, so it is hashed once.
    const passwordHash = await hashOf(demoPassword)
    const peopled = (tx: Tx) => {
      publishFirstGuide(tx)
      for (const person of Object.values(place.people))
        if (person !== admin)
          comesWithIt(tx, { name: person.name, email: emailOf(place, person), language, passwordHash })
    }
    await installTenant(
      db,
      {
        slug,
        name,
        kind,
        country,
        timeZone,
        language,
        administration,
        admin: { name: admin.name, email: emailOf(place, admin), password: demoPassword },
      },
      peopled,
    )
  }

  const keeper = await as(admin)
  const [me, guides, users] = await Promise.all([
    keeper.read('/v1/me'),
    keeper.read('/v1/clearing-guides'),
    keeper.read('/v1/users?limit=200'),
  ])
  const userIds = new Map(users.items.map(({ id, email }) => [String(email), id]))
  const { organizationId } = me['membership'] as { organizationId: string }
  const offers = new Map<string, string>()
  const organizations = new Map([['administration', Promise.resolve(organizationId)]])
  const idOf = (key: string): Promise<string> => {
    const organization = place.organizations[key]
    if (!organizations.has(key) && organization) organizations.set(key, added(organization))
    return organizations.get(key) ?? Promise.reject(new Error(`the demo knows no ${key}`))
  }
  async function added({ in: parent, residences = [], ...organization }: Organization) {
    const { kind, sector, name, phone, email, address } = organization
    const parentId = parent === undefined ? null : await idOf(parent)
    const { id } = await keeper.tell('/v1/organizations', {
      kind,
      sector,
      name,
      phone,
      email,
      address,
      residences,
      parentId,
    })
    return id
  }
  async function offered([key, { offers: given = {} }]: [string, Organization]) {
    const organizationOf = await idOf(key)
    for (const [name, { for: targetGroups = [], ...offer }] of Object.entries(given)) {
      const { id } = await keeper.tell('/v1/offers', {
        ...offer,
        targetGroups,
        organizationId: organizationOf,
      })
      offers.set(name, id)
    }
  }
  async function joins(person: Person) {
    const { role, secrecy } = person
    const id = known(userIds, emailOf(place, person))
    if (secrecy)
      await keeper.tell(`/v1/users/${id}/secrecy-obligations`, { basis: secrecy, boundOn: '2025-01-15' })
    await keeper.tell(`/v1/users/${id}/memberships`, { role, organizationId: await idOf(person.in) })
  }

  await Promise.all([
    ...Object.entries(place.organizations).map(offered),
    ...(place.scope ?? []).map((rule) => keeper.tell('/v1/scope-rules', rule)),
    ...Object.values(place.people)
      .filter((person) => person !== admin && person !== auditor)
      .map(joins),
  ])

  // Nobody records their own obligation; a log of deliveries is read under secrecy too.
  const { id: adminId } = me
  const head = Object.values(place.people).find(({ role }) => role === 'navigation_head')
  if (head && admin.secrecy) {
    const voice = await as(head)
    await voice.tell(`/v1/users/${String(adminId)}/secrecy-obligations`, {
      basis: admin.secrecy,
      boundOn: '2025-01-15',
    })
  }

  const voices = new Map<string, Promise<Teller>>()
  await place.live(
    stageOf(
      dayIn(timeZone, String(guides.items[0]?.['publishedAt'])),
      dayIn(timeZone, new Date().toISOString()),
      {
        organizations: await settled(organizations),
        offers,
        as: (key) => {
          const person = place.people[key]
          if (!person) throw new Error(`nobody in ${name} is called ${key}`)
          const voice = voices.get(key) ?? as(person)
          voices.set(key, voice)
          return voice
        },
      },
    ),
  )
  await joins(auditor)
}

const settled = async (promised: Map<string, Promise<string>>) =>
  new Map(
    await Promise.all([...promised].map(async ([key, id]): Promise<[string, string]> => [key, await id])),
  )

function theOne({ name, people }: Place, role: Person['role']): Person {
  const [one, another] = Object.values(people).filter((person) => person.role === role)
  if (!one || another) throw new Error(`${name} needs exactly one ${role}`)
  return one
}
