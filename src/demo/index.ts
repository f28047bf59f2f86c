// How does a newcomer find a Lotse that lives? Three invented municipalities, told through the interface by their people, who come with a lasting password.
import type { Db } from '../platform/db.ts'
import type { App } from '../platform/zod.ts'
import { city } from './city.ts'
import { district } from './district.ts'
import { kommune } from './kommune.ts'
import { begun, complete, demoPassword, inside, load } from './load.ts'
import { emailOf, type Place } from './place.ts'

export { demoPassword }

const places: readonly Place[] = [city, district, kommune]

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
  const carry = inside(app)
  await Promise.all(missing.map((place) => load(place, carry, db)))
  return true
}
