// Does Lotse call only whom it may call, and never wait or read longer than it said?
import { createServer, type Server, type Socket } from 'node:net'
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { createOutbound, OutboundRefused, type Outbound } from '../../src/platform/outbound.ts'
import { aNameServer, type Names } from '../support/names.ts'
import { authority, certificateOfElsewhere, serveTls } from '../support/tls.ts'

const strict = createOutbound({ networks: [] })
const local = createOutbound({ networks: ['127.0.0.0/8'], ca: authority })

/** The code with which it was refused; an answer, where there was one. */
const outcome = (calling: Promise<Response | void>) =>
  calling.then(
    (answer) => answer?.status ?? 'permitted',
    (error: unknown) => {
      if (!(error instanceof OutboundRefused)) throw error
      return error.code
    },
  )
const permitted = (outbound: Outbound, url: string) => outcome((async () => outbound.permits(url))())

/** Somebody's own name server, which may answer whatever they like. */
async function withNames(names: Names, work: (at: string, asked: string[]) => Promise<void>) {
  const { at, asked, end } = await aNameServer(names)
  try {
    await work(at, asked)
  } finally {
    await end()
  }
}

// Whoever comes here although nobody should.
let listener: Server
let port: number
let connections = 0
beforeAll(async () => {
  listener = createServer((socket: Socket) => {
    connections += 1
    socket.destroy()
  })
  // On every address of this machine, of both families.
  await new Promise<void>((listening) => listener.listen(0, '::', listening))
  port = (listener.address() as { port: number }).port
})
afterAll(() => new Promise<void>((closed) => void listener.close(() => closed())))

// Hosts that lead to this machine or into a network, each in a spelling that some parser somewhere has let through.
const hostile = [
  // Loopback and how it can be written.
  '127.0.0.1',
  '127.0.0.2',
  '127.255.255.254',
  '127.1',
  '127.0.1',
  '2130706433',
  '017700000001',
  '0x7f000001',
  '0x7F.1',
  '0177.0.0.1',
  '0177.0.0.0x1',
  '127.0.0.1.',
  '１２７.0.0.1',
  '127。0。0。1',
  '①②⑦.0.0.1',
  '%31%32%37.0.0.1',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'ｌｏｃａｌｈｏｓｔ',
  'loc%61lhost',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '0.0.0.0',
  '0',
  '0x0',
  '00000000',
  '0.1.2.3',
  // IPv4 written into IPv6.
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:8.8.8.8]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001::7f00:1]',
  '[::ffff:0:127.0.0.1]',
  // Private, shared, link-local; where clouds tell who one is and which keys one has.
  '10.0.0.1',
  '0xa000001',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.257',
  '100.64.0.1',
  '100.100.100.200',
  '100.127.255.255',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '169.254.0.1',
  '168.63.129.16',
  '192.0.0.192',
  '[fe80::1]',
  '[febf::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  // Documentation, benchmarks, relays, multicast, reserved.
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '198.18.0.1',
  '198.19.255.255',
  '192.88.99.1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '4294967295',
  '[2001:db8::1]',
  '[3fff::1]',
  '[2001:2::1]',
  '[2001:10::1]',
  '[ff02::1]',
  '[100::1]',
  '[5f00::1]',
  '[4000::1]',
]

test('no spelling of an address that is not public is ever connected to', async () => {
  expect(hostile.length).toBeGreaterThan(60)
  const urls = hostile.map((host) => `https://${host}:${port}/`)
  const answers = await Promise.all(urls.map((url) => outcome(strict(url))))
  expect(Object.fromEntries(answers.map((code, at) => [hostile[at], code]))).toEqual(
    Object.fromEntries(hostile.map((host) => [host, 'address_not_allowed'])),
  )
  // Asked without calling, the answer is the same, but for names: these are asked with every call only.
  const isName = (host: string) => /loc|ｌ/i.test(host)
  for (const [at, url] of urls.entries())
    expect(await permitted(strict, url), url).toBe(isName(hostile[at]!) ? 'permitted' : 'address_not_allowed')
  expect(connections).toBe(0)
})

test('the listener that counts would have been found', async () => {
  expect(await outcome(local(`https://127.0.0.1:${port}/`))).toBe('no_connection')
  expect(connections).toBe(1)
  connections = 0
})

test.each([
  ['', 'not_an_url'],
  ['/v1/events', 'not_an_url'],
  ['https://', 'not_an_url'],
  ['https://[fe80::1%25eth0]/', 'not_an_url'],
  ['https://[::1%lo]/', 'not_an_url'],
  ['https://a b.example/', 'not_an_url'],
  ['https://256.0.0.1/', 'not_an_url'],
  ['https://host.example:99999/', 'not_an_url'],
  ['file:///etc/passwd', 'scheme_not_allowed'],
  ['ftp://host.example/', 'scheme_not_allowed'],
  ['gopher://127.0.0.1:6379/_INFO', 'scheme_not_allowed'],
  ['data:text/plain,hello', 'scheme_not_allowed'],
  ['javascript:alert(1)', 'scheme_not_allowed'],
  ['unix:/var/run/docker.sock', 'scheme_not_allowed'],
  ['blob:https://host.example/1', 'scheme_not_allowed'],
  ['http://8.8.8.8:8080/', 'scheme_not_allowed'],
  ['https://name@8.8.8.8/', 'credentials_in_url'],
  ['https://name:secret@8.8.8.8/', 'credentials_in_url'],
  ['https://:secret@8.8.8.8/', 'credentials_in_url'],
  ['https://8.8.8.8@127.0.0.1/', 'credentials_in_url'],
  ['https://8.8.8.8:22/', 'port_not_allowed'],
  ['https://8.8.8.8:25/', 'port_not_allowed'],
  ['https://8.8.8.8:80/', 'port_not_allowed'],
  ['https://8.8.8.8:1023/', 'port_not_allowed'],
  ['https://8.8.8.8:0/', 'port_not_allowed'],
  ['http://8.8.8.8/', 'port_not_allowed'],
  ['https://127.0.0.1\\@8.8.8.8/', 'address_not_allowed'],
  ['https:127.0.0.1', 'address_not_allowed'],
  ['https:\t//127.0.0.1/', 'address_not_allowed'],
  ['https://127.0.0.1#@8.8.8.8/', 'address_not_allowed'],
  ['https://127.0.0.1?@8.8.8.8/', 'address_not_allowed'],
  ['http://name.example:8080/', 'scheme_not_allowed'],
] as const)('%s is refused: %s', async (url, code) => {
  expect(await permitted(strict, url)).toBe(code)
  await withNames(
    () => ['8.8.8.8'],
    async (at) => expect(await outcome(createOutbound({ networks: [], nameServers: [at] })(url))).toBe(code),
  )
})

test('whether a name exists, and where it leads, is told to nobody who only writes it down', async () => {
  await withNames(
    (name) => (name === 'inside.example' ? ['10.0.0.5'] : name === 'outside.example' ? ['8.8.8.8'] : []),
    async (at, asked) => {
      const outbound = createOutbound({ networks: ['10.0.0.0/8'], nameServers: [at] })
      for (const name of ['inside', 'outside', 'nobody'])
        expect(await permitted(outbound, `https://${name}.example/`)).toBe('permitted')
      expect(asked).toEqual([])
    },
  )
})

test('public addresses may be called, also of IPv6 and on a port from 1024 on', async () => {
  for (const host of ['8.8.8.8', '8.8.8.8:8443', '[2606:4700:4700::1111]', '[2a00:1450:4001::1]:8443'])
    expect(await permitted(strict, `https://${host}/hook?x=1`), host).toBe('permitted')
})

test("the operator's networks open what they name, and nothing beside it", async () => {
  const city = createOutbound({ networks: ['10.0.0.0/8', 'fd00::/8'] })
  expect(await permitted(city, 'https://10.1.2.3/')).toBe('permitted')
  expect(await permitted(city, 'https://[fd00::5]/')).toBe('permitted')
  expect(await permitted(city, 'https://11.1.2.3/')).toBe('permitted')
  for (const host of ['127.0.0.1', '192.168.0.1', '[::ffff:10.1.2.3]', '[64:ff9b::10.1.2.3]', '[fc00::1]'])
    expect(await permitted(city, `https://${host}/`), host).toBe('address_not_allowed')
  // Without TLS only this machine itself, and only when it is named.
  expect(await permitted(city, 'http://10.1.2.3:8080/')).toBe('scheme_not_allowed')
  expect(await permitted(local, 'http://127.0.0.1:8080/')).toBe('permitted')
})

test('INTERNAL_NETWORKS is a list of networks, and every one of them is read', () => {
  expect(readConfig({ INTERNAL_NETWORKS: '10.0.0.0/8, fd00::/8' }).internalNetworks).toEqual([
    '10.0.0.0/8',
    'fd00::/8',
  ])
  for (const wrong of ['10.0.0.0', '10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'intranet', '10.0.0.0/8,,'])
    expect(() => readConfig({ INTERNAL_NETWORKS: wrong }), wrong).toThrow(/INTERNAL_NETWORKS must be/)
})

/** A server of this machine, called as the operator allows it. */
async function served(
  handler: http.RequestListener,
  work: (url: string, port: number) => Promise<void>,
  certificate?: { cert: string; key: string },
) {
  const { url, port: at, end } = await serveTls(handler, certificate)
  try {
    await work(url, at)
  } finally {
    await end()
  }
}

test('what is asked arrives as it was asked, under the name that was asked for', async () => {
  let seen: unknown
  await served(
    (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { servername } = request.socket as unknown as { servername: string }
        const { method, url, headers } = request
        seen = {
          method,
          url,
          host: headers.host,
          own: headers['x-own'],
          body: String(Buffer.concat(parts)),
          servername,
        }
        response.writeHead(201, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] })
        response.end('{"answer":"grün"}')
      })
    },
    async (url, at) => {
      const answer = await local(`${url}/hook?x=1`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain', 'x-own': 'yes' },
        body: 'größer',
      })
      expect(answer).toBeInstanceOf(Response)
      expect(answer.status).toBe(201)
      expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
      expect(await answer.json()).toEqual({ answer: 'grün' })
      expect(seen).toEqual({
        method: 'POST',
        url: '/hook?x=1',
        host: `localhost:${at}`,
        own: 'yes',
        body: 'größer',
        servername: 'localhost',
      })
    },
  )
})

test('a name is asked once: what it answers a moment later reaches nobody', async () => {
  const plain = http.createServer((request, response) => void response.end(request.socket.localAddress))
  await new Promise<void>((listening) => plain.listen(0, '0.0.0.0', listening))
  const url = `http://rebinding.example:${(plain.address() as { port: number }).port}/`
  // First where it may go, then where it may not: an attacker's name server with a lifetime of zero seconds.
  let questions = 0
  await withNames(
    () => [(questions += 1) > 2 ? '127.0.0.9' : '127.0.0.1'],
    async (at, asked) => {
      const only = createOutbound({ networks: ['127.0.0.1/32'], nameServers: [at] })
      const answer = await only(url)
      expect(await answer.text()).toBe('127.0.0.1')
      expect([...asked].sort()).toEqual(['rebinding.example A', 'rebinding.example AAAA'])
      // Asked for another call, it is looked at again.
      expect(await outcome(only(url))).toBe('address_not_allowed')
      expect(asked).toHaveLength(4)
    },
  )
  await new Promise((closed) => plain.close(closed))
})

test('one forbidden address among several is enough to be refused', async () => {
  const faces = {
    'four.example': ['8.8.8.8', '127.0.0.1'],
    'six.example': ['2606:4700:4700::1111', 'fe80::1'],
    'both.example': ['8.8.8.8', '::ffff:10.0.0.1'],
  }
  await withNames(
    (name) => faces[name as keyof typeof faces],
    async (at) => {
      const asking = createOutbound({ networks: [], nameServers: [at] })
      for (const name of Object.keys(faces))
        expect(await outcome(asking(`https://${name}/`)), name).toBe('address_not_allowed')
    },
  )
})

test('a name that nobody knows, or that has no address, is not found', async () => {
  await withNames(
    () => [],
    async (at) => {
      const asking = createOutbound({ networks: [], nameServers: [at] })
      expect(await outcome(asking('https://nobody.example/'))).toBe('name_not_found')
    },
  )
})

test('what stands in the list of this machine counts before any name server', async () => {
  await withNames(
    () => ['8.8.8.8'],
    async (at, asked) => {
      const asking = createOutbound({ networks: [], nameServers: [at] })
      expect(await outcome(asking('https://LocalHost./'))).toBe('address_not_allowed')
      expect(asked).toEqual([])
    },
  )
})

test(
  'a name server that never answers is waited for by nobody but who asked it',
  { timeout: 20_000 },
  async () => {
    const took = async <T>(work: Promise<T>) => {
      const from = performance.now()
      return [await work, performance.now() - from] as const
    }
    await withNames(
      () => undefined,
      async (silent) =>
        withNames(
          () => [],
          async (at) => {
            const hanging = createOutbound({ networks: [], nameServers: [silent] })
            const well = createOutbound({ networks: [], nameServers: [at] })
            // More than there are threads in which a name could be looked up, a file read or a password checked.
            const waiting = Array.from({ length: 32 }, (_, n) =>
              took(outcome(hanging(`https://never-${n}.example/`))),
            )
            await sleep(50)
            const [code, ms] = await took(outcome(well('https://nobody.example/')))
            expect([code, ms < 500], String(ms)).toEqual(['name_not_found', true])
            // PostgreSQL, and whoever else is found by the way of the system.
            const [, system] = await took(lookup('localhost'))
            expect(system).toBeLessThan(500)
            const [, file] = await took(readFile('/etc/hosts'))
            expect(file).toBeLessThan(500)
            for (const [code, ms] of await Promise.all(waiting)) {
              expect(code).toBe('name_not_found')
              expect(ms).toBeLessThan(4_500)
            }
            // Nobody waits for an answer either when nobody wants it any more.
            const giving = AbortSignal.timeout(200)
            const [early, soon] = await took(outcome(hanging('https://never.example/', { signal: giving })))
            expect([early, soon < 1_000]).toEqual(['given_up', true])
          },
        ),
    )
  },
)

test('whoever calls is told whether the address is public, before anybody is reached', async () => {
  await withNames(
    (name) => (name === 'inside.example' ? ['127.0.0.1'] : ['8.8.8.8']),
    async (at) => {
      const asking = createOutbound({ networks: ['127.0.0.0/8'], nameServers: [at] })
      const seen: boolean[] = []
      const found = (isPublic: boolean) => {
        seen.push(isPublic)
        throw new Error('no further')
      }
      connections = 0
      await expect(asking(`https://inside.example:${port}/`, { found })).rejects.toThrow('no further')
      await expect(asking('https://outside.example/', { found })).rejects.toThrow('no further')
      expect(await outcome(strict('https://127.0.0.1/', { found }))).toBe('address_not_allowed')
      expect(seen).toEqual([false, true])
      expect(connections).toBe(0)
    },
  )
})

test('a redirect is an answer, and nobody follows it', async () => {
  connections = 0
  for (const status of [301, 302, 303, 307, 308])
    await served(
      (_, response) => {
        response.writeHead(status, { location: `https://127.0.0.1:${port}/` })
        response.end()
      },
      async (url) => {
        expect((await local(url)).status).toBe(status)
      },
    )
  expect(connections).toBe(0)
})

test('an answer of more than 64 KiB is refused, whatever it says about its length', async () => {
  const size = 64 * 1024
  for (const [length, code] of [
    [size, 200],
    [size + 1, 'too_large'],
  ] as const)
    await served(
      (_, response) => void response.end(Buffer.alloc(length, 'x')),
      async (url) => expect(await outcome(local(url))).toBe(code),
    )
  // Without an end, and without a length.
  let sent = 0
  await served(
    (_, response) => {
      const more = () => {
        while (!response.destroyed && sent < 50_000_000) {
          sent += 16_384
          if (!response.write(Buffer.alloc(16_384))) return void response.once('drain', more)
        }
      }
      more()
    },
    async (url) => expect(await outcome(local(url))).toBe('too_large'),
  )
  expect(sent).toBeLessThan(50_000_000)
  // Headers have a measure of their own.
  await served(
    (_, response) => {
      response.setHeader('x-large', 'x'.repeat(60_000))
      response.end()
    },
    async (url) => expect(['not_http', 'no_connection']).toContain(await outcome(local(url))),
  )
})

test(
  'whoever is slow has five seconds in all: to connect, to greet, to answer, byte by byte',
  { timeout: 15_000 },
  async () => {
    const took = async (calling: Promise<Response>) => {
      const from = performance.now()
      const code = await outcome(calling)
      return [code, Math.round((performance.now() - from) / 1000)]
    }
    // Somebody takes the connection and says nothing: no TLS ever begins.
    const mute = createServer((socket) => void socket.on('error', () => {}).resume())
    await new Promise<void>((listening) => mute.listen(0, '127.0.0.1', listening))
    const silent = await serveTls(() => {})
    const slow = await serveTls(async (_, response) => {
      response.writeHead(200)
      while (!response.destroyed) {
        response.write('x')
        await sleep(500)
      }
    })
    const half = await serveTls(
      (request) => void request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx'),
    )
    try {
      const early = AbortSignal.timeout(300)
      expect(
        await Promise.all([
          took(local(`https://127.0.0.1:${(mute.address() as { port: number }).port}/`)),
          took(local(silent.url)),
          took(local(slow.url)),
        ]),
      ).toEqual([
        ['took_too_long', 5],
        ['took_too_long', 5],
        ['took_too_long', 5],
      ])
      expect(await outcome(local(half.url))).toBe('no_connection')
      // Whoever breaks off has given up, whatever their reason: nobody over there was too slow.
      expect(await outcome(local(silent.url, { signal: early }))).toBe('given_up')
      expect(await outcome(local(silent.url, { signal: AbortSignal.abort() }))).toBe('given_up')
    } finally {
      await Promise.all([silent.end(), slow.end(), half.end(), new Promise((closed) => mute.close(closed))])
    }
  },
)

test('who cannot prove the name that was asked for is not spoken to', async () => {
  let reached = 0
  const count: http.RequestListener = (_, response) => {
    reached += 1
    response.end()
  }
  await served(
    count,
    async (url) => expect(await outcome(local(url))).toBe('tls_failed'),
    certificateOfElsewhere,
  )
  // An authority that nobody knows, also where the environment would let everything pass.
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  try {
    const unknowing = createOutbound({ networks: ['127.0.0.0/8'] })
    await served(count, async (url) => expect(await outcome(unknowing(url))).toBe('tls_failed'))
  } finally {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
  }
  expect(reached).toBe(0)
})

test('what is no HTTP is no answer, and an answer that stops half-way neither', async () => {
  const plain = http.createServer((_, response) => void response.end('ok'))
  await new Promise<void>((listening) => plain.listen(0, '127.0.0.1', listening))
  const at = (plain.address() as { port: number }).port
  try {
    expect(await outcome(local(`http://127.0.0.1:${at}/`))).toBe(200)
    expect(await outcome(strict(`http://127.0.0.1:${at}/`))).toBe('address_not_allowed')
    // TLS spoken to somebody who does not.
    expect(['tls_failed', 'no_connection']).toContain(await outcome(local(`https://127.0.0.1:${at}/`)))
  } finally {
    await new Promise((closed) => plain.close(closed))
  }
  const babbling = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
  })
  await new Promise<void>((listening) => babbling.listen(0, '127.0.0.1', listening))
  expect(await outcome(local(`http://127.0.0.1:${(babbling.address() as { port: number }).port}/`))).toBe(
    'not_http',
  )
  await new Promise((closed) => babbling.close(closed))
})

test('a refusal repeats nothing of the address or of what was sent', async () => {
  const error = await local('https://127.0.0.1:1024/secret-path', { body: 'secret-body' }).catch(
    (refused: unknown) => refused,
  )
  expect(error).toBeInstanceOf(OutboundRefused)
  expect(
    JSON.stringify({ ...(error as object), text: String(error), stack: (error as Error).stack }),
  ).not.toMatch(/secret|127\.0\.0\.1/)
})
