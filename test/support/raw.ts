// How does a test say what no proper client says? Byte by byte, over a socket of its own.
import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  headers: Record<string, string>
  text: string
  /** Milliseconds from the first byte that was sent to the end of the connection. */
  after: number
}

export interface Slowly {
  /** Bytes that go out behind the first ones, so many milliseconds apart. */
  pieces: readonly (string | Buffer)[]
  apart: number
}

/** Everything that came back until the service closed the connection, or `most` milliseconds were over. */
export async function raw(
  address: string,
  bytes: string | Buffer,
  { most = 3_000, slowly }: { most?: number; slowly?: Slowly } = {},
) {
  const { hostname, port } = new URL(address)
  const socket = connect({ host: hostname, port: Number(port) })
  const pieces: Buffer[] = []
  socket.on('data', (piece) => pieces.push(piece))
  socket.on('error', () => {})
  await once(socket, 'connect')
  const began = Date.now()
  socket.write(bytes)
  const left = [...(slowly?.pieces ?? [])]
  const drip = setInterval(() => {
    const piece = left.shift()
    if (piece !== undefined && socket.writable) socket.write(piece)
  }, slowly?.apart ?? most)
  const late = setTimeout(() => socket.destroy(), most)
  await once(socket, 'close')
  clearInterval(drip)
  clearTimeout(late)
  // A length counts bytes, and each of these signs is one.
  return { text: Buffer.concat(pieces).toString('latin1'), after: Date.now() - began, ended: true }
}

/** One after the other, as HTTP/1.1 frames them by their length. */
export function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = text; rest.startsWith('HTTP/1.1');) {
    const end = rest.indexOf('\r\n\r\n')
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const at = line.indexOf(':')
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
      }),
    )
    const length = Number(headers['content-length'] ?? 0)
    const status = Number(first.split(' ')[1])
    answers.push({
      status,
      headers,
      text: Buffer.from(rest.slice(end + 4, end + 4 + length), 'latin1').toString(),
      after: 0,
    })
    rest = rest.slice(end + 4 + length)
  }
  return answers
}
