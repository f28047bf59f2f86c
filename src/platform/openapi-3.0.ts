// What do generators read that know only OpenAPI 3.0? The same document, said in the older words.
type Json = Record<string, unknown>
interface Schemas {
  components: { schemas: Record<string, Json> }
}

const nothing = { type: 'object', nullable: true, enum: [null] }

/**
 * 3.0 has no type "null", and "nullable" counts only beside a type: null beside a $ref needs a schema that has both.
 * `allOf` with "nullable" reads nicer and is wrong: a client that checks answers would refuse every null.
 */
function withoutNull(document: Schemas): Schemas {
  const orNull: Record<string, Json> = {}

  function nullable(branch: Json): Json {
    if (!('$ref' in branch)) return { ...branch, nullable: true }
    const reference = String(branch['$ref'])
    const name = reference.split('/').at(-1)!
    const { enum: values, ...schema } = document.components.schemas[name]!
    orNull[`${name}OrNull`] ??= said({
      ...schema,
      nullable: true,
      ...(values ? { enum: [...(values as []), null] } : {}),
    }) as Json
    return { $ref: `${reference}OrNull` }
  }

  function said(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(said)
    if (value === null || typeof value !== 'object') return value
    const { anyOf, ...rest } = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key.startsWith('example') ? inner : said(inner)]),
    )
    if (!Array.isArray(anyOf)) return rest
    const others = (anyOf as Json[]).filter(({ type }) => type !== 'null')
    if (others.length === anyOf.length) return { ...rest, anyOf }
    return others.length === 1
      ? { ...rest, ...nullable(others[0]!) }
      : { ...rest, anyOf: [...others, nothing] }
  }

  const made = said(document) as Schemas
  const { schemas } = Object.assign(made.components, { schemas: { ...made.components.schemas, ...orNull } })
  // What only stood beside null has no other use now; what it names may have none either.
  for (;;) {
    const text = JSON.stringify(made)
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`))
    if (unused.length === 0) return made
    for (const name of unused) delete schemas[name]
  }
}

/** Loaded only when somebody asks: nothing else needs the converter. */
export async function olderOf(document: object): Promise<object> {
  const { Converter } = await import('@apiture/openapi-down-convert')
  return new Converter(withoutNull(document as Schemas), { allOfTransform: true }).convert()
}
