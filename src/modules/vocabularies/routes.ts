// Where can a client program read all codes with their labels?
import { z } from 'zod'
import { languages } from '../../platform/language.ts'
import type { App } from '../../platform/zod.ts'
import { vocabularies } from './data.ts'

const Text = z
  .object(Object.fromEntries(languages.map((language) => [language, z.string()])))
  .meta({ id: 'Text' })

const Vocabularies = z
  .object({
    vocabularies: z.record(
      z.string(),
      z.object({
        title: Text,
        values: z.array(z.looseObject({ code: z.string(), ...Text.shape })),
      }),
    ),
  })
  .meta({ id: 'Vocabularies' })

export function vocabularyRoutes(app: App) {
  app.get(
    '/v1/vocabularies',
    {
      config: { action: 'vocabularies.read' },
      schema: {
        summary: 'All codes with their labels',
        description:
          'In German, English and Danish; `countries` names the country profiles for which a code is meant.',
        response: { 200: Vocabularies },
      },
    },
    async () => ({ vocabularies: vocabularies as never }),
  )
}
