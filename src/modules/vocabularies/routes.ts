// Where can a client program read all codes with their labels?
import { z } from 'zod'
import { languages } from '../../platform/language.ts'
import type { App } from '../../platform/zod.ts'
import { vocabularies } from './data.ts'

const Text = z
  .object(Object.fromEntries(languages.map((language) => [language, z.string()])))
  .meta({ id: 'Text' })

const Entry = z
  .object({
    code: z.string(),
    ...Text.shape,
    countries: z.array(z.string()).optional().meta({ description: 'Only for these country profiles.' }),
    category: z.string().optional().meta({ description: 'The data category as which it leaves.' }),
    identifying: z.boolean().optional().meta({ description: 'Whether it tells who somebody is.' }),
    side: z.string().optional().meta({ description: 'On whose side such a reason lies.' }),
  })
  .meta({ id: 'VocabularyEntry' })

const Vocabularies = z
  .object({
    vocabularies: z.record(
      z.string(),
      z.object({
        title: Text,
        values: z.array(Entry),
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
