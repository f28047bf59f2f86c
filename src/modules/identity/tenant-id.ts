// Which id has a municipality? It follows from its short name, so that a sign-in finds it without reading any table.
import { v5 } from 'uuid'

const municipalities = '5f1b6a3e-0f51-4b5c-9b0e-6f2a7f6d1c11'
export const tenantIdOf = (slug: string) => v5(slug, municipalities)
