// Does the document keep our style? Every rule of spectral.yaml that begins with "lotse:" is one function here.

const methods = ['get', 'put', 'post', 'patch', 'delete']

/** Every operation with its place. */
function* operationsOf({ paths = {} }) {
  for (const [path, item] of Object.entries(paths))
    for (const method of methods)
      if (item[method]) yield { path, method, operation: item[method], at: ['paths', path, method] }
}

/** Every schema inside one, with its place; what a $ref points to has its own. */
function* inside(schema, at) {
  if (schema === null || typeof schema !== 'object') return
  yield [schema, at]
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    yield* inside(inner, [...at, 'properties', name])
  for (const key of ['items', 'additionalProperties', 'propertyNames', 'not'])
    yield* inside(schema[key], [...at, key])
  for (const key of ['anyOf', 'oneOf', 'allOf'])
    for (const [index, branch] of (schema[key] ?? []).entries()) yield* inside(branch, [...at, key, index])
}

function* contentOf(content, at) {
  for (const [type, { schema }] of Object.entries(content ?? {}))
    yield* inside(schema, [...at, 'content', type, 'schema'])
}

/** Every schema of the document once: the named ones, and what stands in an operation. */
function* schemasOf(document) {
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {}))
    yield* inside(schema, ['components', 'schemas', name])
  for (const { operation, at } of operationsOf(document)) {
    for (const [index, { schema }] of (operation.parameters ?? []).entries())
      yield* inside(schema, [...at, 'parameters', index, 'schema'])
    yield* contentOf(operation.requestBody?.content, [...at, 'requestBody'])
    for (const [status, { content }] of Object.entries(operation.responses ?? {}))
      yield* contentOf(content, [...at, 'responses', status])
  }
}

function* propertiesOf(document) {
  for (const [schema, at] of schemasOf(document))
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      yield { name, property, at: [...at, 'properties', name] }
}

const named = (document, thing) => {
  const [, , kind, name] = thing?.$ref?.split('/') ?? []
  return name ? document.components?.[kind]?.[decodeURIComponent(name)] : thing
}
const parametersOf = (document, operation) =>
  (operation.parameters ?? []).map((parameter) => named(document, parameter) ?? {})
const headerOf = (document, operation, name) =>
  parametersOf(document, operation).find((one) => one.in === 'header' && one.name === name)
const successOf = (operation) =>
  Object.entries(operation.responses ?? {}).find(([status]) => status.startsWith('2')) ?? []
const answerOf = (document, operation) =>
  named(document, successOf(operation)[1]?.content?.['application/json']?.schema)
const typesOf = ({ type }) => (type === undefined ? [] : [type].flat())
/** Without the roles that the generator writes below it: those are nobody's own words. */
const ownWords = ({ description = '' }) => description.replace(/\n\nFor: [a-z_, ]+\.$/, '')
const forAnybody = ({ security }) => security?.some((one) => Object.keys(one).length === 0)

/** Schemas below the bodies of requests, through every $ref. */
function* sent(document) {
  const seen = new Set()
  function* through(start) {
    for (const [schema, at] of start) {
      yield [schema, at]
      const target = schema.$ref && named(document, schema)
      if (!target || seen.has(schema.$ref)) continue
      seen.add(schema.$ref)
      yield* through(inside(target, schema.$ref.slice(2).split('/')))
    }
  }
  for (const { operation, at } of operationsOf(document))
    yield* through(contentOf(operation.requestBody?.content, [...at, 'requestBody']))
}

const rules = {
  *'paths are kebab-case below /v1'(document) {
    for (const path of Object.keys(document.paths ?? {}))
      if (!/^\/v1(\/[a-z]+(-[a-z]+)*|\/\{[a-z][A-Za-z]*\})+(\.[a-z]+|-\d\.\d\.json)?$/.test(path))
        yield [`${path} is not kebab-case below /v1`, ['paths', path]]
  },
  *'what is found by an id stands in a list, named in the plural'(document) {
    for (const path of Object.keys(document.paths ?? {}))
      for (const [, noun] of path.matchAll(/\/([a-z-]+)\/\{/g))
        if (!noun.endsWith('s')) yield [`${noun} is no plural`, ['paths', path]]
  },
  *'what is done to a resource is a verb below it, by POST only'(document) {
    for (const [path, item] of Object.entries(document.paths ?? {})) {
      const isVerb = /\}\/[a-z-]+$/.test(path) && !path.endsWith('s')
      const also = methods.filter((method) => item[method] && method !== 'post' && method !== 'get')
      if (isVerb && also.length > 0) yield [`${also.join()} on a verb`, ['paths', path]]
    }
  },
  *'an operation is named noun.verb'(document) {
    for (const { operation, at } of operationsOf(document))
      if (!/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/.test(operation.operationId ?? ''))
        yield [`${operation.operationId} is not noun.verb`, [...at, 'operationId']]
  },
  *'an operation has a short summary and a description of its own'(document) {
    for (const { operation, at } of operationsOf(document)) {
      const { summary = '' } = operation
      const description = ownWords(operation)
      if (summary.length < 5 || summary.length > 90 || /[.!]$/.test(summary))
        yield ['the summary is no short phrase', [...at, 'summary']]
      if (description.length < 15 || description === summary)
        yield ['the description says too little', [...at, 'description']]
    }
  },
  *'whatever is sent and received has an example'(document, { bytes = [] }) {
    for (const { operation, at } of operationsOf(document)) {
      // The description of the interface is the example of itself.
      if (operation.operationId?.startsWith('openapi.')) continue
      const [status, answer] = successOf(operation)
      const bodies = [
        [operation.requestBody?.content, [...at, 'requestBody']],
        [answer?.content, [...at, 'responses', status]],
      ]
      for (const [content, place] of bodies)
        for (const [type, { example, examples = {} }] of Object.entries(content ?? {}))
          if (example === undefined && Object.keys(examples).length === 0 && !bytes.includes(type))
            yield [`no example of ${type}`, [...place, 'content', type]]
    }
  },
  *'every refusal is a problem document'(document) {
    for (const { operation, at } of operationsOf(document))
      for (const [status, given] of Object.entries(operation.responses ?? {})) {
        const response = named(document, given) ?? {}
        const types = Object.keys(response.content ?? {})
        if (/^[45]/.test(status) && (types.length !== 1 || types[0] !== 'application/problem+json'))
          yield [`${status} is no problem document`, [...at, 'responses', status]]
        if (/^[45]/.test(status) && !response.content?.['application/problem+json']?.examples)
          yield [`${status} has no example`, [...at, 'responses', status]]
      }
  },
  *'whoever must be signed in may be told so'(document) {
    for (const { operation, at } of operationsOf(document))
      if (!forAnybody(operation) && !operation.responses?.[401])
        yield ['401 is missing', [...at, 'responses']]
  },
  *'a change names the version that it changes'(document) {
    for (const { method, operation, at } of operationsOf(document)) {
      const answers = operation.responses ?? {}
      if (!['patch', 'put', 'delete'].includes(method) || operation['x-never-changes']) continue
      if (!headerOf(document, operation, 'If-Match')?.required) yield ['If-Match is not required', at]
      if (!answers[412] || !answers[428]) yield ['412 or 428 is missing', [...at, 'responses']]
    }
  },
  *'a POST can be repeated'(document) {
    for (const { path, method, operation, at } of operationsOf(document))
      if (
        method === 'post' &&
        !forAnybody(operation) &&
        !path.endsWith('/search') &&
        !operation['x-line-by-line']
      ) {
        if (!headerOf(document, operation, 'Idempotency-Key')) yield ['no Idempotency-Key', at]
        if (!operation.responses?.[422]) yield ['422 is missing', [...at, 'responses']]
      }
  },
  *'a refusal is told in the language of the caller'(document) {
    for (const { operation, at } of operationsOf(document))
      if (!headerOf(document, operation, 'Accept-Language')) yield ['no Accept-Language', at]
  },
  *'a row with a version has an ETag, a new one a Location'(document) {
    for (const { operation, at } of operationsOf(document)) {
      const [status, answer] = successOf(operation)
      const headers = answer?.headers ?? {}
      const { version } = answerOf(document, operation)?.properties ?? {}
      if (version && !forAnybody(operation) && !headers.ETag) yield ['no ETag', [...at, 'responses', status]]
      if (status === '201' && answerOf(document, operation)?.properties?.id && !headers.Location)
        yield ['no Location', [...at, 'responses', status]]
    }
  },
  *'304 comes only from what has an ETag'(document) {
    for (const { operation, at } of operationsOf(document)) {
      const [, answer] = successOf(operation)
      const asked = headerOf(document, operation, 'If-None-Match') !== undefined
      const mayBe = operation.responses?.[304] !== undefined
      if (asked !== mayBe) yield ['If-None-Match and 304 belong together', [...at, 'responses']]
      if (mayBe && !answer?.headers?.ETag) yield ['304 without an ETag', [...at, 'responses']]
    }
  },
  *'412 comes only to whom named a version of a row'(document) {
    for (const { path, operation, at } of operationsOf(document)) {
      const named = headerOf(document, operation, 'If-Match') !== undefined
      if (named !== (operation.responses?.[412] !== undefined))
        yield ['If-Match and 412 belong together', [...at, 'responses']]
      if (named && at[2] === 'post' && !path.includes('{id}')) yield ['there is no row yet', at]
    }
  },
  *'a list is a page: items and nextCursor, limit and cursor'(document) {
    for (const { operation, at } of operationsOf(document)) {
      const { items, nextCursor } = answerOf(document, operation)?.properties ?? {}
      const query = parametersOf(document, operation).filter((one) => one.in === 'query')
      const [limit, cursor] = ['limit', 'cursor'].map((name) => query.find((one) => one.name === name))
      if (Boolean(nextCursor) !== Boolean(cursor)) yield ['nextCursor and cursor belong together', at]
      if (nextCursor && !items) yield ['a page without items', at]
      if (cursor && !(limit?.schema?.maximum <= 200)) yield ['limit is not at most 200', at]
      for (const { name } of query)
        if (/^(offset|page|skip)$/.test(name)) yield [`${name}: pages follow a cursor`, at]
    }
  },
  *'fields are camelCase'(document, { codes = [] }) {
    for (const { name, at } of propertiesOf(document))
      if (!/^[a-z][A-Za-z0-9]*$/.test(name) && !codes.some((code) => at.includes(code)))
        yield [`${name} is not camelCase`, at]
  },
  *'query parameters are camelCase and described'(document) {
    for (const { operation, at } of operationsOf(document))
      for (const { name, in: where, description } of parametersOf(document, operation))
        if (where === 'query' && (!/^[a-z][A-Za-z0-9]*$/.test(name) || !description))
          yield [`${name} is not camelCase, or not described`, at]
  },
  *'an id is a UUID'(document, { others = [] }) {
    for (const { name, property, at } of propertiesOf(document)) {
      const one = property.items ?? property
      const isText = [one, ...(one.anyOf ?? [])].find((each) => typesOf(each).includes('string'))
      if (/(^id|Ids?)$/.test(name) && !others.includes(name) && isText && isText.format !== 'uuid')
        if (!others.some((schema) => at.includes(schema))) yield [`${name} is no UUID`, at]
    }
  },
  *'an instant is named …At, a day …On'(document) {
    for (const { name, property, at } of propertiesOf(document)) {
      if (property.format === 'date-time' && !/(^at|At|Until|Since|^from|^until|^since)$/.test(name))
        yield [`${name} is an instant`, at]
      if (property.format === 'date' && !/(^on|On|Date|^day|^from|^until|^by)$/.test(name))
        yield [`${name} is a day`, at]
      if (/[a-z](At|On)$/.test(name) && typesOf(property).includes('string') && !property.format)
        yield [`${name} is no instant and no day`, at]
    }
  },
  *'what is sent has a bound'(document) {
    for (const [schema, at] of sent(document)) {
      const types = typesOf(schema)
      const listed = 'enum' in schema || 'const' in schema
      if (types.includes('string') && !listed && schema.maxLength === undefined) yield ['no maxLength', at]
      if (types.includes('array') && schema.maxItems === undefined) yield ['no maxItems', at]
      if (
        (types.includes('number') || types.includes('integer')) &&
        (schema.minimum === undefined || schema.maximum === undefined) &&
        !listed
      )
        yield ['no minimum or maximum', at]
      if (schema.propertyNames && schema.maxProperties === undefined) yield ['no maxProperties', at]
    }
  },
  *'a request is closed'(document, { open = [] }) {
    for (const [schema, at] of sent(document))
      if (
        !open.some((name) => at.includes(name)) &&
        typesOf(schema).includes('object') &&
        schema.properties &&
        schema.additionalProperties !== false
      )
        yield ['what is not described would be taken', at]
  },
  *'an answer is open'(document) {
    const closed = new Set([...sent(document)].map(([, at]) => at.join('/')))
    for (const [schema, at] of schemasOf(document))
      if (schema.additionalProperties === false && !closed.has(at.join('/')))
        yield ['whoever reads it would break with the next field', at]
  },
  *'every alternative has a name'(document) {
    for (const [schema, at] of schemasOf(document))
      for (const key of ['anyOf', 'oneOf'])
        for (const [index, branch] of (schema[key] ?? []).entries())
          // "Or null" is no alternative.
          if (branch.properties && schema[key].filter(({ type }) => type !== 'null').length > 1)
            yield ['an object without a name', [...at, key, index]]
  },
}

export const names = Object.keys(rules)

export default function style(document, options) {
  const rule = rules[options.rule]
  if (!rule) throw new Error(`no such rule: ${options.rule}`)
  return [...rule(document, options)].map(([message, path]) => ({ message, path }))
}
