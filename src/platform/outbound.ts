// How does Lotse call an address that somebody else has named, without becoming their door into our own network?
import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP } from 'node:net'

/** One request, one answer: at most 64 KiB, within five seconds in all, and never from another address. */
export interface Outbound {
  /** @throws OutboundRefused, also when nothing answers: its code is all that may be told. */
  (url: string, init?: OutboundInit): Promise<Response>
  /**
   * What an address says by itself. Where its name leads is asked with every call and only then: whoever may write down an
   * address would learn from the answer which names there are inside. @throws OutboundRefused
   */
  permits(url: string): void
}

export interface OutboundInit {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Whoever breaks off by it is told `given_up`, whatever their reason: the other side has not failed. */
  signal?: AbortSignal
  /** Is told before anybody is called: what becomes of a call to an address that is not public is no stranger's business. */
  found?: (isPublic: boolean) => void
}

export const outboundRefusals = [
  'not_an_url',
  'scheme_not_allowed',
  'credentials_in_url',
  'port_not_allowed',
  'name_not_found',
  'address_not_allowed',
  'no_connection',
  'tls_failed',
  'took_too_long',
  'too_large',
  'not_http',
  'given_up',
] as const
export type OutboundRefusal = (typeof outboundRefusals)[number]

/** The code and nothing else: what the other side has said, and where it stands, is kept out of every log. */
export class OutboundRefused extends Error {
  readonly code: OutboundRefusal
  constructor(code: OutboundRefusal) {
    super(code)
    this.name = 'OutboundRefused'
    this.code = code
  }
}

const longest = 5_000
const largest = 64 * 1024

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6')

// IANA's registry of special addresses (RFC 6890), and one that is none of them: Azure's host answers there.
const special4 = networksOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])
// Of IPv6 only what is given to networks at all: so every spelling that carries an IPv4 address is outside of it
// (::/96, ::ffff:0:0/96, 64:ff9b::/96 and 64:ff9b:1::/48), and loopback, link-local, private and multicast too.
const global6 = networksOf(['2000::/3'])
// Teredo, benchmarking and ORCHID (2001::/23), documentation, 6to4, documentation again (RFC 9637).
const special6 = networksOf(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])
const loopback = networksOf(['127.0.0.0/8', '::1/128'])

/** @throws Error when one of them is no network like 10.0.0.0/8. */
export function networksOf(list: readonly string[]): (address: string) => boolean {
  // One for each family: a list of both takes an IPv4 address for one that is written into IPv6.
  const families = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const network of list) {
    const [, address = '', length = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(network) ?? []
    if (!isIP(address)) throw new Error(`${network} is no network like 10.0.0.0/8`)
    families[familyOf(address)].addSubnet(address, Number(length), familyOf(address))
  }
  return (address) =>
    isIP(address) !== 0 &&
    !address.includes('%') &&
    families[familyOf(address)].check(address, familyOf(address))
}

/** Written as networksOf reads it. */
export const isNetwork = (network: string) => {
  try {
    networksOf([network])
    return true
  } catch {
    return false
  }
}

const isPublic = (address: string) =>
  isIP(address) === 4 ? !special4(address) : global6(address) && !special6(address)

export interface Ways {
  /** What the operator allows although it is not public, like 10.0.0.0/8: a municipality's own systems. */
  networks: readonly string[]
  /** Instead of the authorities that are trusted everywhere. */
  ca?: string
  /** Instead of those that this machine asks, as `address:port`. */
  nameServers?: readonly string[]
}

export function createOutbound({ networks, ca, nameServers }: Ways): Outbound {
  const allowed = networksOf(networks)

  /** Every one of them: which one is called in the end is decided by who answers first. */
  function check({ protocol }: URL, addresses: Addresses) {
    for (const { address } of addresses) {
      const known = allowed(address)
      if (!known && !isPublic(address)) throw new OutboundRefused('address_not_allowed')
      if (protocol === 'http:' && !(known && loopback(address)))
        throw new OutboundRefused('scheme_not_allowed')
    }
  }

  async function outbound(given: string, init: OutboundInit = {}) {
    const time = timeFor(init.signal)
    const { url, host } = readAddress(given)
    // The name is asked once: whoever answers differently a moment later is not asked again.
    const addresses = isIP(host)
      ? [withFamily(host)]
      : await within(addressesOf(host, nameServers, time.signal), time)
    check(url, addresses)
    init.found?.(addresses.every(({ address }) => isPublic(address)))
    return await within(call(url, host, addresses, { ...init, signal: time.signal }, ca), time)
  }

  function permits(given: string) {
    const { url, host } = readAddress(given)
    if (isIP(host)) check(url, [withFamily(host)])
    else if (url.protocol === 'http:' && !allowed('127.0.0.1'))
      throw new OutboundRefused('scheme_not_allowed')
  }

  return Object.assign(outbound, { permits })
}

type Addresses = { address: string; family: number }[]

interface Time {
  signal: AbortSignal
  given: AbortSignal | undefined
}

function timeFor(given?: AbortSignal): Time {
  const ours = AbortSignal.timeout(longest)
  return { signal: given ? AbortSignal.any([given, ours]) : ours, given }
}

/** Decimal, octal and hexadecimal spellings of an address are one address once WHATWG's parser has read them. */
function readAddress(given: string): { url: URL; host: string } {
  if (!URL.canParse(given)) throw new OutboundRefused('not_an_url')
  const url = new URL(given)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new OutboundRefused('scheme_not_allowed')
  if (url.username || url.password) throw new OutboundRefused('credentials_in_url')
  // Below 1024 live the services of an operating system (mail, names, databases of old): none of them speaks HTTP.
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  if (port !== 443 && port < 1024) throw new OutboundRefused('port_not_allowed')
  // Without the dot of the root, which no certificate and no SNI knows (RFC 6066).
  return { url, host: url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '') }
}

/**
 * Asked over the network by c-ares, where only this call waits. getaddrinfo waits in one of the few threads that also check
 * passwords and find the database: one name server that never answers, and all of them wait with it. So names are full
 * names, without the search domains of this machine.
 */
async function addressesOf(
  host: string,
  nameServers: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Addresses> {
  const listed = await listedHere(host)
  if (listed.length > 0) return listed
  const resolver = new Resolver({ timeout: 2_000, tries: 1 })
  if (nameServers) resolver.setServers(nameServers)
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  signal.removeEventListener('abort', cancel)
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length === 0) throw new OutboundRefused('name_not_found')
  return addresses.map(withFamily)
}

const withFamily = (address: string) => ({ address, family: isIP(address) })

/** hosts(5): there Docker and Kubernetes note what an operator has named (`extra_hosts`, `hostAliases`). */
async function listedHere(host: string): Promise<Addresses> {
  const text = await readFile('/etc/hosts', 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/))
  return lines
    .filter(([address = '', ...names]) => isIP(address) !== 0 && names.includes(host))
    .map(([address]) => withFamily(address!))
}

/** Whoever has asked and waits no longer is told so; the work itself may go on to its end unheard. */
async function within<T>(work: Promise<T>, { signal, given }: Time): Promise<T> {
  let stop = () => {}
  const over = new Promise<never>((_, reject) => {
    stop = () => reject(new OutboundRefused(given?.aborted ? 'given_up' : 'took_too_long'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, over])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function call(url: URL, host: string, addresses: Addresses, init: OutboundInit, ca: string | undefined) {
  const { method = 'GET', headers = {}, body, signal } = init
  return new Promise<Response>((answer, reject) => {
    const refuse = (code: OutboundRefusal) => reject(new OutboundRefused(code))
    const request = (url.protocol === 'https:' ? https : http).request(
      {
        host,
        port: url.port || 443,
        path: `${url.pathname}${url.search}`,
        method,
        // Whatever the environment says: who answers proves who they are, and the name in it is the one asked for.
        rejectUnauthorized: true,
        ...(ca !== undefined && { ca }),
        ...(isIP(host) === 0 && { servername: host }),
        headers: {
          host: url.host,
          // What is packed small could unpack to anything.
          'accept-encoding': 'identity',
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
        // A connection of its own, to nobody but those who were looked at.
        agent: false,
        lookup: (_name, options, found) => {
          const [first] = addresses
          if (options.all) found(null, addresses)
          else found(null, first!.address, first!.family)
        },
        signal,
      },
      (incoming) => {
        const parts: Buffer[] = []
        let size = 0
        incoming.on('data', (part: Buffer) => {
          size += part.length
          parts.push(part)
          if (size <= largest) return
          refuse('too_large')
          request.destroy()
        })
        incoming.on('error', () => refuse('no_connection'))
        incoming.on('end', () => {
          if (!incoming.complete) return refuse('no_connection')
          try {
            answer(responseOf(incoming, Buffer.concat(parts)))
          } catch {
            refuse('not_http')
          }
        })
      },
    )
    request.on('error', (error: Error & { code?: string }) => refuse(nameOf(error)))
    // Nobody was asked to speak another protocol.
    request.on('upgrade', (_, socket) => {
      socket.destroy()
      refuse('not_http')
    })
    request.end(body)
  })
}

/** A redirect is an answer like any other: nobody goes there. */
function responseOf({ statusCode = 0, rawHeaders }: http.IncomingMessage, body: Buffer): Response {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!)
  const empty = [204, 205, 304].includes(statusCode)
  return new Response(empty ? null : new Uint8Array(body), { status: statusCode, headers })
}

function nameOf({ code = '' }: { code?: string }): OutboundRefusal {
  if (code.startsWith('HPE_')) return 'not_http'
  // OpenSSL's words for what is wrong with a certificate, and Node's own for a wrong name.
  if (/^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return 'tls_failed'
  return 'no_connection'
}
