// Which addresses does a name have? A name server of this machine that answers what a test tells it (RFC 1035), or never.
import { createSocket } from 'node:dgram'
import { isIP } from 'node:net'

/** The addresses of a name: none, and it is not known; undefined, and nobody answers. */
export type Names = (name: string) => readonly string[] | undefined

const [ipv4, ipv6] = [1, 28]

export async function aNameServer(names: Names) {
  const socket = createSocket('udp4')
  /** Every question, with its kind. */
  const asked: string[] = []
  socket.on('message', (query, { address, port }) => {
    const { name, end } = nameIn(query)
    const type = query.readUInt16BE(end)
    asked.push(`${name} ${type === ipv4 ? 'A' : type === ipv6 ? 'AAAA' : type}`)
    const all = names(name)
    if (!all) return
    const found = all.filter((one) => type === (isIP(one) === 4 ? ipv4 : ipv6))
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(all.length > 0 ? 0x8180 : 0x8183, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(found.length, 6)
    const answers = found.map((one) => {
      const bytes = bytesOf(one)
      const answer = Buffer.alloc(12)
      // The name is the one of the question; it is good for no second.
      answer.writeUInt16BE(0xc00c, 0)
      answer.writeUInt16BE(type, 2)
      answer.writeUInt16BE(1, 4)
      answer.writeUInt16BE(bytes.length, 10)
      return Buffer.concat([answer, bytes])
    })
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...answers]), port, address)
  })
  await new Promise<void>((listening) => socket.bind(0, '127.0.0.1', listening))
  return {
    at: `127.0.0.1:${socket.address().port}`,
    asked,
    end: () => new Promise<void>((ended) => socket.close(() => ended())),
  }
}

function nameIn(query: Buffer) {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

function bytesOf(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  // As WHATWG writes it there is no IPv4 in it any more.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string) => text.split(':').filter((group) => group !== '')
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}
