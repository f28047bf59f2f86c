// Is the environment read as .env.example describes it, and refused in sentences where it is not usable?
import { readFileSync } from 'node:fs'
import { BlockList } from 'node:net'
import { describe, expect, test } from 'vitest'
import { readConfig, refuseToServe, variables } from '../src/config.ts'

const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
const key = Buffer.alloc(32, 1).toString('base64')
const database = 'postgres://lotse_service:secret@db:5432/lotse'

/** The reasons not to serve, as one text. */
function refusal(env: NodeJS.ProcessEnv, demoPresent?: boolean): string {
  try {
    refuseToServe(readConfig(env), demoPresent)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

test('.env.example describes every variable and nothing else', () => {
  const described = [...example.matchAll(/(?:^#.+\n)+^([A-Z_]+)=/gm)].map(([, name]) => name)
  expect(new Set(described)).toEqual(new Set(variables))
  expect([...example.matchAll(/^[A-Z_]+=/gm)]).toHaveLength(variables.length)
})

test('the values of .env.example are the defaults', () => {
  const env = Object.fromEntries(
    [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
  )
  expect(readConfig(env)).toEqual(readConfig({}))
})

describe('docker-compose.yml', () => {
  const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
  const compose = read('docker-compose.yml')
  /** As it stands there. */
  function environmentOf(service: string): Map<string, string> {
    const [, block = ''] = new RegExp(`^  ${service}:\n((?: {4}.*\n|\n)+)`, 'm').exec(compose) ?? []
    const [, lines = ''] = /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(block) ?? []
    return new Map([...lines.matchAll(/^ {6}([A-Z_]+): (.+)$/gm)].map(([, name, value]) => [name!, value!]))
  }
  const passed = environmentOf('lotse')

  const notForIt = {
    image: ['NODE_ENV', 'HOST', 'PORT', 'LOAD_DEMO'],
    /** There is no embedded database, and the key comes from outside. */
    nothingInTheContainer: ['DATA_DIR'],
    otherServices: ['DATABASE_OWNER_URL', 'DATABASE_ADMIN_URL'],
    /** With `docker compose run -e`, and for a service that runs elsewhere. */
    oneCommand: ['ADMIN_PASSWORD', 'BASE_URL'],
  }

  test('passes every variable on, but for those that are not meant for the service there', () => {
    const named = [...passed.keys(), ...Object.values(notForIt).flat()]
    expect(named.sort()).toEqual([...variables].sort())
    for (const name of notForIt.image)
      expect(read('Dockerfile'), name).toMatch(new RegExp(`^ENV .*${name}=`, 'm'))
    for (const service of ['migrate', 'operations'])
      for (const name of environmentOf(service).keys()) expect(variables, service).toContain(name)
    const others = [...environmentOf('migrate').keys(), ...environmentOf('operations').keys()]
    for (const name of notForIt.otherServices) expect(others).toContain(name)
  })

  const secrets = ['MASTER_KEY', 'DATABASE_URL', 'DATABASE_WORKER_URL']
  test.each([...passed].filter(([name]) => ![...secrets, 'ANCHOR_DIR'].includes(name)))(
    '%s is taken from the environment',
    (name, value) => expect(value).toMatch(new RegExp(`^\\$\\{${name}:-[^}]*\\}$`)),
  )

  test('with its passwords and its key alone, it is an environment that serves', () => {
    const given: Record<string, string> = { MASTER_KEY: key, SERVICE_PASSWORD: 'a', WORKER_PASSWORD: 'b' }
    const set = (text: string) =>
      text.replace(
        /\$\{(\w+)(?::[-?]([^}]*))?\}/g,
        (_, name: string, otherwise = '') => given[name] ?? otherwise,
      )
    const env = Object.fromEntries([...passed].map(([name, value]) => [name, set(value)]))
    expect(refusal({ NODE_ENV: 'production', HOST: '0.0.0.0', LOAD_DEMO: 'false', ...env })).toBe('')
    // A proxy on the same machine reaches the container from the gateway of its network, and from nowhere else.
    const [, subnet, gateway] = /\{ subnet: (\S+), gateway: (\S+) \}/.exec(compose)!
    expect(readConfig(env).trustProxy).toEqual([gateway])
    const [from, bits] = subnet!.split('/')
    const network = new BlockList()
    network.addSubnet(from!, Number(bits))
    expect(network.check(gateway!)).toBe(true)
  })
})

test('nothing set means: loopback, embedded database, demo', () => {
  expect(readConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    databaseUrl: undefined,
    loadDemo: true,
    production: false,
  })
  expect(refusal({})).toBe('')
})

test("a database of one's own gets no demo unless told to", () => {
  expect(readConfig({ DATABASE_URL: database }).loadDemo).toBe(false)
  expect(readConfig({ DATABASE_URL: database, LOAD_DEMO: 'true' }).loadDemo).toBe(true)
})

test('the proxies that are believed are named, and "true" would believe everybody', () => {
  expect(readConfig({}).trustProxy).toEqual([])
  expect(readConfig({ TRUST_PROXY: '' }).trustProxy).toEqual([])
  expect(readConfig({ TRUST_PROXY: 'false' }).trustProxy).toEqual([])
  expect(readConfig({ TRUST_PROXY: '127.0.0.1, 10.0.3.0/24,fd00::/8,loopback' }).trustProxy).toEqual([
    '127.0.0.1',
    '10.0.3.0/24',
    'fd00::/8',
    'loopback',
  ])
  for (const wrong of [
    'true',
    '1',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0',
    'proxy.example',
    '10.0.0.1,',
    '*',
  ])
    expect(() => readConfig({ TRUST_PROXY: wrong }), wrong).toThrow(
      /TRUST_PROXY must be false or the addresses of your proxies, .+X-Forwarded-For/,
    )
})

test('what reads the figures is long enough not to be guessed', () => {
  expect(readConfig({}).metricsToken).toBeUndefined()
  expect(readConfig({ METRICS_TOKEN: 'x'.repeat(32) }).metricsToken).toBe('x'.repeat(32))
  for (const wrong of ['secret', 'with space'.repeat(4)])
    expect(() => readConfig({ METRICS_TOKEN: wrong })).toThrow(/METRICS_TOKEN must be at least 32 characters/)
})

test('every wrong variable is named, and no value is repeated', () => {
  const wrong = {
    PORT: 'eighty',
    DATABASE_URL: 'mysql://secret',
    MASTER_KEY: 'c2VjcmV0',
    LOAD_DEMO: 'secret',
    LOG_LEVEL: 'secret',
    ADMIN_PASSWORD: 'secret',
  }
  expect(() => readConfig(wrong)).toThrow(/^The environment is not usable:\n( {2}[A-Z_]+ must be .+\n?){6}$/)
  expect(() => readConfig(wrong)).not.toThrow(/secret|eighty|c2VjcmV0/)
})

test('e-mails need an address from which they come and one to which they lead', () => {
  const SMTP_URL = 'smtps://lotse:secret@mail.lotse.example:465'
  const complete = { SMTP_URL, MAIL_FROM: 'lotse@lotse.example', PUBLIC_URL: 'https://lotse.example/' }
  expect(readConfig(complete)).toMatchObject({ smtpUrl: SMTP_URL, publicUrl: 'https://lotse.example' })
  expect(() => readConfig({ ...complete, MAIL_FROM: '' })).toThrow('MAIL_FROM must be set where SMTP_URL is')
  expect(() => readConfig({ ...complete, PUBLIC_URL: '' })).toThrow(
    'PUBLIC_URL must be set where SMTP_URL is',
  )
  expect(() => readConfig({ ...complete, SMTP_URL: 'http://secret' })).toThrow(/SMTP_URL must be like smtps:/)
  expect(() => readConfig({ SMTP_URL })).not.toThrow(/secret/)
  expect(readConfig({ PUBLIC_URL: 'https://lotse.example' }).smtpUrl).toBeUndefined()
})

test('production needs a master key from outside the data', () => {
  const env = { NODE_ENV: 'production', DATABASE_URL: database }
  expect(refusal(env)).toMatch(/MASTER_KEY is missing/)
  expect(refusal({ ...env, MASTER_KEY: '' })).toMatch(/MASTER_KEY is missing/)
  expect(refusal({ ...env, MASTER_KEY: key })).toBe('')
})

test('demo accounts are refused in production and on an address that others reach', () => {
  expect(refusal({ NODE_ENV: 'production' })).toMatch(/demo accounts/)
  for (const HOST of ['0.0.0.0', '::', '192.0.2.1', 'lotse.example', '127.lotse.example'])
    expect(refusal({ HOST }), HOST).toMatch(/demo accounts/)
  for (const HOST of ['127.0.0.1', '127.8.9.1', '::1', 'localhost']) expect(refusal({ HOST }), HOST).toBe('')
})

test('demo accounts that are in the database already count as well', () => {
  const env = { HOST: '0.0.0.0', LOAD_DEMO: 'false' }
  expect(refusal(env, false)).toBe('')
  expect(refusal(env, true)).toMatch(/demo accounts/)
})
