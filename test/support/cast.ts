// Whom does a test name? The people of people.ts, with the ids they have in the template database.
import { inject } from 'vitest'

const { members, organizations, offers } = inject('run')

export { organizations, offers }
export const cast = members
export const {
  ada,
  nora,
  nils,
  hanna,
  sina,
  mira,
  mona,
  anton,
  agnes,
  jule,
  selma,
  carla,
  paul,
  bea,
  petra,
  emil,
  dora,
  arne,
  orhan,
  otto,
  oda,
  olaf,
  odila,
} = members
export type { Member } from './run.ts'
