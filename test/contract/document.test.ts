// Is the description of the interface as good as the rules that anybody can check it with, and as our own?
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { olderOf } from '../../src/platform/openapi-3.0.ts'
import { lotse } from '../support/app.ts'

const { document, nobody } = await lotse()

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'lotse-document-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

// Any document, also one that is wrong.
// eslint-disable-next-line typescript/no-explicit-any
type Loose = any
const copy = () => structuredClone(document) as Loose

async function written(name: string, content: object) {
  const path = join(folder, name)
  await writeFile(path, JSON.stringify(content))
  return path
}

const run = (command: string, args: string[]) =>
  promisify(execFile)(join(root, 'node_modules/.bin', command), args, {
    cwd: folder,
    maxBuffer: 1e8,
    env: { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', REDOCLY_TELEMETRY: 'off' },
  }).catch((failed: { stdout: string }) => failed)

/** What Spectral finds, of every severity: with its own rules, those of OWASP, and ours. */
async function spectral(path: string) {
  const ruleset = join(root, 'openapi/spectral.yaml')
  const out = `${path}.found`
  await run('spectral', ['lint', '-r', ruleset, '-f', 'json', '-o', out, '-q', '--fail-severity=hint', path])
  const found = JSON.parse(await readFile(out, 'utf8')) as {
    code: string
    path: unknown[]
    message: string
  }[]
  return found.map(({ code, path: place, message }) => `${code} ${place.join('/')}: ${message}`)
}

async function redocly(...paths: string[]) {
  const config = join(root, 'openapi/redocly.yaml')
  const { stdout } = await run('redocly', ['lint', ...paths, '--config', config, '--format=json'])
  // One answer behind the other, for each file.
  const answers = JSON.parse(`[${stdout.slice(stdout.indexOf('{')).replaceAll('\n}{\n', '\n},{\n')}]`) as {
    problems: { ruleId: string; message: string; location: { pointer: string }[] }[]
  }[]
  expect(answers).toHaveLength(paths.length)
  return answers.flatMap(({ problems }) =>
    problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`),
  )
}

const older = await olderOf(document)

test('what is committed is what the code makes (npm run openapi)', async () => {
  const committed = (name: string) => readFile(join(root, 'openapi', name), 'utf8')
  const text = (made: object) => `${JSON.stringify(made, null, 2)}\n`
  // Not shown line by line: it is 40,000 of them.
  expect((await committed('openapi.json')) === text(document)).toBe(true)
  expect((await committed('openapi-3.0.json')) === text(older)).toBe(true)
})

test('Redocly finds nothing in its strictest form, in 3.1 and in 3.0.3', { timeout: 120_000 }, async () => {
  const both = await Promise.all([written('openapi.json', document), written('openapi-3.0.json', older)])
  expect(await redocly(...both)).toEqual([])
})

test('Spectral finds nothing: its own rules, OWASP, and our style', { timeout: 120_000 }, async () => {
  expect(await spectral(await written('ours.json', document))).toEqual([])
})

test('what is wrong is found by all three', { timeout: 120_000 }, async () => {
  const wrong = copy()
  const operation = wrong.paths['/v1/cases/{id}'].get
  delete operation.responses['429']
  delete operation.responses['401']
  operation.operationId = 'read case'
  wrong.components.schemas.Case.properties.concern = { type: 'string' }
  wrong.components.schemas.Case.properties.doors = { type: 'integer' }
  wrong.components.schemas.Alone = { type: 'object' }
  wrong.paths['/v1/cases/{id}'].patch.security = []
  // One resource is enough to be wrong in.
  for (const path of Object.keys(wrong.paths)) if (!path.startsWith('/v1/cases')) delete wrong.paths[path]
  const path = await written('wrong.json', wrong)
  const [bySpectral, byRedocly] = await Promise.all([spectral(path), redocly(path)])
  for (const rule of [
    'owasp:api2:2023-write-restricted',
    'owasp:api4:2023-rate-limit-responses-429',
    'owasp:api4:2023-string-limit',
    'owasp:api4:2023-string-restricted',
    'owasp:api4:2023-integer-limit',
    'owasp:api4:2023-integer-format',
    'owasp:api8:2023-define-error-responses-401',
    'oas3-unused-component',
    'lotse:operation-id',
  ])
    expect(
      bySpectral.filter((found) => found.startsWith(`${rule} `)),
      rule,
    ).not.toEqual([])
  expect(byRedocly.filter((found) => found.startsWith('no-unused-components'))).not.toEqual([])
})

// ---------------------------------------------------------------------------------------- each rule of our own style

type Rule = (document: object, options: object) => { message: string; path: (string | number)[] }[]
const { default: style, names } = (await import(join(root, 'openapi/functions/style.js'))) as {
  default: Rule
  names: string[]
}

const at = (made: Loose, path: string, method: string) => made.paths[path][method]
const moved = (made: Loose, from: string, to: string) => {
  made.paths[to] = made.paths[from]
  delete made.paths[from]
}
const without = (made: Loose, path: string, method: string, parameter: string) => {
  const operation = at(made, path, method)
  operation.parameters = operation.parameters.filter(
    (one: Loose) => one.$ref !== `#/components/parameters/${parameter}`,
  )
}

/** For each rule what breaks it, and nothing else that it looks at. */
const defects: Record<string, (made: Loose) => void> = {
  'paths are kebab-case below /v1': (made) => moved(made, '/v1/cases', '/v1/myCases'),
  'what is found by an id stands in a list, named in the plural': (made) =>
    moved(made, '/v1/cases/{id}', '/v1/case/{id}'),
  'what is done to a resource is a verb below it, by POST only': (made) => {
    made.paths['/v1/cases/{id}/close'].put = made.paths['/v1/cases/{id}/close'].post
  },
  'an operation is named noun.verb': (made) => {
    at(made, '/v1/cases', 'get').operationId = 'listCases'
  },
  'an operation has a short summary and a description of its own': (made) => {
    const list = at(made, '/v1/cases', 'get')
    const roles = /\n\nFor: .*$/.exec(list.description)
    list.description = `${list.summary}${roles![0]}`
  },
  'whatever is sent and received has an example': (made) => {
    delete at(made, '/v1/imports', 'post').responses['200'].content['application/x-ndjson'].examples
  },
  'every refusal is a problem document': (made) => {
    made.components.responses.NotFound.content = { 'application/json': { schema: { type: 'object' } } }
  },
  'whoever must be signed in may be told so': (made) => {
    delete at(made, '/v1/cases', 'get').responses['401']
  },
  'a change names the version that it changes': (made) => without(made, '/v1/cases/{id}', 'patch', 'IfMatch'),
  'a POST can be repeated': (made) => without(made, '/v1/cases', 'post', 'IdempotencyKey'),
  'a refusal is told in the language of the caller': (made) =>
    without(made, '/v1/cases', 'get', 'AcceptLanguage'),
  'a row with a version has an ETag, a new one a Location': (made) => {
    delete at(made, '/v1/cases', 'post').responses['201'].headers.Location
  },
  '304 comes only from what has an ETag': (made) => {
    delete at(made, '/v1/cases/{id}', 'get').responses['200'].headers.ETag
  },
  '412 comes only to whom named a version of a row': (made) => {
    at(made, '/v1/cases', 'post').responses['412'] = at(made, '/v1/cases/{id}', 'patch').responses['412']
  },
  'a list is a page: items and nextCursor, limit and cursor': (made) => {
    const list = at(made, '/v1/cases', 'get')
    list.parameters.find(({ name }: Loose) => name === 'limit').schema.maximum = 1000
  },
  'fields are camelCase': (made) => {
    made.components.schemas.Case.properties.next_step = { type: 'string' }
  },
  'query parameters are camelCase and described': (made) => {
    delete at(made, '/v1/cases', 'get').parameters.find(({ name }: Loose) => name === 'lead').description
  },
  'an id is a UUID': (made) => {
    made.components.schemas.Case.properties.clientId = { type: 'string' }
  },
  'an instant is named …At, a day …On': (made) => {
    made.components.schemas.Case.properties.opened = { type: 'string', format: 'date-time' }
  },
  'what is sent has a bound': (made) => {
    delete made.components.schemas.NewCase.properties.nextStep.maxLength
  },
  'a request is closed': (made) => {
    delete made.components.schemas.NewCase.additionalProperties
  },
  'an answer is open': (made) => {
    made.components.schemas.Case.additionalProperties = false
  },
  'every alternative has a name': (made) => {
    made.components.schemas.Case.properties.lead = {
      anyOf: [{ type: 'object', properties: {} }, { $ref: '#/components/schemas/Lead' }],
    }
  },
}

test('every rule of our style is shown a defect', () => {
  expect(Object.keys(defects).sort()).toEqual([...names].sort())
})

test.each(Object.entries(defects))('a break of the rule is found: %s', async (rule, spoil) => {
  const yaml = await readFile(join(root, 'openapi/spectral.yaml'), 'utf8')
  expect(yaml, 'the rule is switched on').toContain(rule)
  const [before, after] = [copy(), copy()]
  spoil(after)
  expect(style(after, { rule }).length).toBeGreaterThan(style(before, { rule }).length)
})

test('at most ten rules are off, each with a reason, none on signing in, limits or errors', async () => {
  const rulesets = ['openapi/spectral.yaml', 'openapi/spectral-3.0.yaml']
  const yaml = (await Promise.all(rulesets.map((path) => readFile(join(root, path), 'utf8')))).join('\n')
  const off = [...yaml.matchAll(/((?: *#.*\n)+)? *(\S+): off$/gm)]
  expect(off.length).toBeGreaterThan(0)
  expect(off.length).toBeLessThanOrEqual(10)
  for (const [, reason, rule] of off) {
    expect(reason, rule).toBeDefined()
    expect(rule).not.toMatch(/api2:|api4:|error|security|auth/)
  }
  // Redocly has no rule switched off, and nothing is ignored by a list elsewhere.
  expect(await readFile(join(root, 'openapi/redocly.yaml'), 'utf8')).not.toMatch(/: off$|ignore/m)
})

test('older generators get the same operations, served as they are checked', async () => {
  const { body } = await nobody.get<{ openapi: string; paths: object }>('/v1/openapi-3.0.json')
  expect(body.openapi).toBe('3.0.3')
  expect(Object.keys(body.paths).sort()).toEqual(Object.keys(document.paths).sort())
  const text = JSON.stringify(older)
  expect(text).not.toContain('"null"')
  expect(text).not.toMatch(/"type":\[/)
})
