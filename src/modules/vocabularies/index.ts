// Which codes may a field hold? One list feeds zod, the database checks, OpenAPI and the public endpoint.
import { z } from 'zod'
import { vocabularies } from './data.ts'

export { vocabularies }
export type Vocabulary = keyof typeof vocabularies
export type Code<V extends Vocabulary> = (typeof vocabularies)[V]['values'][number]['code']

export const codes = <V extends Vocabulary>(vocabulary: V) =>
  vocabularies[vocabulary].values.map((value) => value.code) as unknown as readonly [Code<V>, ...Code<V>[]]

const pascal = (name: string) => name.replace(/(^|_)(\w)/g, (_, __, letter: string) => letter.toUpperCase())

const enums = new Map<Vocabulary, z.ZodType>()

/** The zod enum of a vocabulary; one named schema in OpenAPI however often it is used. */
export function code<V extends Vocabulary>(vocabulary: V): z.ZodEnum<{ [C in Code<V>]: C }> {
  const known = enums.get(vocabulary)
  if (known) return known as never
  const made = z.enum(codes(vocabulary)).meta({
    id: pascal(vocabulary),
    description: `${vocabularies[vocabulary].title.en}; labels: \`GET /v1/vocabularies\`, \`${vocabulary}\`.`,
  })
  enums.set(vocabulary, made)
  return made as never
}

/** What a code means beside its label: the data category of a life domain, the side of a decline reason. */
export function extra<V extends Vocabulary>(vocabulary: V, wanted: Code<V>, name: string): unknown {
  const entry = vocabularies[vocabulary].values.find((value) => value.code === wanted) as Record<
    string,
    unknown
  >
  return entry[name]
}

export const label = <V extends Vocabulary>(
  vocabulary: V,
  wanted: Code<V>,
  language: 'de' | 'en' | 'da',
): string =>
  (vocabularies[vocabulary].values.find((value) => value.code === wanted) as Record<string, string>)[
    language
  ]!

export { vocabularyRoutes } from './routes.ts'
