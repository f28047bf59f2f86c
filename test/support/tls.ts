// Who answers on this machine, so that a test can call it by https? A throwaway authority (its key is gone) and two certificates.
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

const file = (name: string) => readFileSync(new URL(`tls/${name}`, import.meta.url), 'utf8')

/** What `createOutbound({ ca })` trusts. */
export const authority = file('authority.pem')
/** For `localhost` and 127.0.0.1. */
export const certificate = { cert: file('localhost.pem'), key: file('localhost.key.pem') }
/** By the same authority, for another name. */
export const certificateOfElsewhere = { cert: file('elsewhere.pem'), key: file('elsewhere.key.pem') }

/** A server on a free port of 127.0.0.1; `end` also ends what still hangs on it. */
export async function serveTls(handler: RequestListener, options = certificate) {
  const server = https.createServer(options, handler)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    url: `https://localhost:${port}`,
    end: () =>
      new Promise<void>((ended) => {
        server.close(() => ended())
        server.closeAllConnections()
      }),
  }
}
