// In which of our three languages does a caller read?
export const languages = ['de', 'en', 'da'] as const
export type Language = (typeof languages)[number]
export type Text = Record<Language, string>

/** RFC 9110 § 12.5.4, the subset that matters: languages in the order of their weight; German where none is ours. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const weight = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find(Boolean)
      return { language: tag.split('-')[0], weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
  return (
    languages.find(
      (ours) => ours === wanted.find(({ language }) => languages.some((l) => l === language))?.language,
    ) ?? 'de'
  )
}
