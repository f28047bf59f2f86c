// How does a request go out exactly as it is meant? `fetch` tidies up, and takes twice as long; tests send a hundred thousand.
import { Agent, request } from 'node:http'

export interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body?: Buffer | string | undefined
}

export interface Received {
  status: number
  headers: Record<string, string>
  bytes: Buffer
}

/** Its connections stay open for the next request; `atOnce` of them at most. */
export function wire(address: string, atOnce = Infinity, patience = 0) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const { hostname, port } = new URL(address)
  const send = ({ method, path, headers, body }: Sent) =>
    new Promise<Received>((done, failed) => {
      const length =
        body === undefined || headers['transfer-encoding']
          ? {}
          : { 'content-length': String(Buffer.byteLength(body)) }
      const sent = request(
        { agent, hostname, port, method, path, headers: { ...headers, ...length } },
        (answer) => {
          const pieces: Buffer[] = []
          answer.on('data', (piece: Buffer) => pieces.push(piece))
          answer.on('error', failed)
          answer.on('end', () => {
            const received: Record<string, string> = {}
            for (const name in answer.headers) received[name] = String(answer.headers[name])
            done({ status: answer.statusCode!, headers: received, bytes: Buffer.concat(pieces) })
          })
        },
      )
      if (patience > 0) sent.setTimeout(patience, () => sent.destroy(new Error('no answer')))
      sent.on('error', failed)
      sent.on('continue', () => {})
      sent.end(body)
    })
  return { send, end: () => agent.destroy() }
}
