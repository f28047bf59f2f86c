// How does a newcomer find a Lotse that lives? Three invented municipalities, told through the interface by their people.
import { v7 as newId } from 'uuid'
import { installTenant, tenantById, tenantIdOf } from '../modules/identity/index.ts'
import { publishFirstGuide } from '../modules/clearing/index.ts'
import { actor } from '../platform/actor.ts'
import type { Db } from '../platform/db.ts'
import { ask } from '../platform/statement.ts'
import type { App } from '../platform/zod.ts'
import { city } from './city.ts'
import { district } from './district.ts'
import { kommune } from './kommune.ts'
import { emailOf, type Organization, type Person, type Place } from './place.ts'
import { auditorsEver } from './queries.ts'
import { known, stageOf, teller, type Teller } from './stage.ts'
import { signIn, type Carrier } from './voice.ts'

const places: readonly Place[] = [city, district, kommune]

export const demoPassword = 'this password is public'

export const demoAccounts = places.flatMap((place) =>
  Object.values(place.people).map((person) => ({
    person: person.name,
    role: person.role,
    email: emailOf(place, person),
    municipality: place.slug,
  })),
)

/** Whether any demo municipality is there, also half a one. */
export const demoPresent = async (db: Db) =>
  (await Promise.all(places.map((place) => begun(db, place)))).some(Boolean)

/** Loads what is not there in full; answers whether anything was. */
export async function loadDemo(app: App, db: Db, told: (line: string) => void): Promise<boolean> {
  const wanted = await Promise.all(places.map(async (place) => ((await complete(db, place)) ? [] : [place])))
  const missing = wanted.flat()
  if (missing.length === 0) return false
  told(`loading the demo: ${missing.map(({ name }) => name).join(', ')}`)
  await Promise.all(missing.map((place) => load(place, inside(app), db)))
  return true
}

const asLogin = ({ slug }: Place) =>
  actor({ action: 'auth.sign_in', requestId: newId(), tenantId: tenantIdOf(slug) })

async function begun(db: Db, place: Place): Promise<boolean> {
  const [tenants] = await db.read(asLogin(place), ask(tenantById, { id: tenantIdOf(place.slug) }))
  return tenants.length > 0
}

async function complete(db: Db, place: Place): Promise<boolean> {
  const [auditors] = await db.read(asLogin(place), ask(auditorsEver, {}))
  return auditors.length > 0
}

/** Inside the process, through every hook that a request from outside passes. */
const inside =
  (app: App): Carrier =>
  async ({ method, url, headers, body }) => {
    const answer = await app.inject({ method, url, headers, ...(body !== undefined && { payload: body }) })
    const told = Object.entries(answer.headers).map(([name, value]) => [name, value?.toString()])
    return { status: answer.statusCode, bytes: answer.rawPayload, headers: Object.fromEntries(told) }
  }

/**
 * Whatever happened before a kill is told again in the same words, and so does not happen again; days count from the
 * day on which the municipality was set up, so that the words stay the same.
 */
async function load(place: Place, carry: Carrier, db: Db) {
  const { slug, name, kind, country, timeZone, language, administration } = place
  const as = async (person: Person) =>
    teller(
      person.name,
      await signIn(carry, { municipality: slug, email: emailOf(place, person), password: demoPassword }),
    )
  const [admin, auditor] = (['tenant_admin', 'auditor'] as const).map((role) => theOne(place, role))

  if (!(await begun(db, place)))
    await installTenant(
      db,
      {
        ...{ slug, name, kind, country, timeZone, language, administration },
        admin: { name: admin!.name, email: emailOf(place, admin!), password: demoPassword },
      },
      publishFirstGuide,
    )

  const keeper = await as(admin!)
  const [me, guides] = await Promise.all([keeper.read('/v1/me'), keeper.read('/v1/clearing-guides')])
  const { organizationId } = me['membership'] as { organizationId: string }
  const organizations = new Map([['administration', organizationId]])
  const offers = new Map<string, string>()

  const adding = new Map<string, Promise<string>>([['administration', Promise.resolve(organizationId)]])
  const idOf = (key: string): Promise<string> => {
    const organization = place.organizations[key]
    if (!adding.has(key) && organization) adding.set(key, found(key, organization))
    return adding.get(key) ?? Promise.reject(new Error(`the demo knows no ${key}`))
  }
  async function found(
    key: string,
    { in: parent, residences = [], offers: _, ...organization }: Organization,
  ) {
    const parentId = parent === undefined ? null : await idOf(parent)
    const { id } = await keeper.tell('/v1/organizations', { ...organization, parentId, residences })
    organizations.set(key, id)
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
  async function joins({ name, role, in: where, ...person }: Person) {
    const email = emailOf(place, { name, role, in: where })
    const { id } = await keeper.tell('/v1/users', { name, email, language, password: demoPassword })
    if (person.secrecy)
      await keeper.tell(`/v1/users/${id}/secrecy-obligations`, {
        basis: person.secrecy,
        boundOn: '2025-01-15',
      })
    await keeper.tell(`/v1/users/${id}/memberships`, { role, organizationId: await idOf(where) })
  }

  await Promise.all([
    ...Object.entries(place.organizations).map(offered),
    ...Object.values(place.people)
      .filter((person) => person !== admin && person !== auditor)
      .map(joins),
  ])

  const voices = new Map<string, Promise<Teller>>()
  const dayOf = (instant: Date) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(instant)
  await place.live(
    stageOf(dayOf(new Date(String(guides.items[0]?.['publishedAt']))), dayOf(new Date()), {
      organizations,
      offers,
      as: (key) => {
        const person = place.people[key]
        if (!person) throw new Error(`nobody in ${name} is called ${key}`)
        const voice = voices.get(key) ?? as(person)
        voices.set(key, voice)
        return voice
      },
    }),
  )
  await joins(auditor!)
}

function theOne({ name, people }: Place, role: Person['role']): Person {
  const [one, another] = Object.values(people).filter((person) => person.role === role)
  if (!one || another) throw new Error(`${name} needs exactly one ${role}`)
  return one
}
