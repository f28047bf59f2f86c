// What does a bad line do? A TCP proxy between the service and PostgreSQL whose faults are switched on and off.
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

export type Fault =
  | 'none'
  | 'latency' // every piece comes 200 ms later
  | 'reset' // what is connected is cut, and whoever comes is cut at once
  | 'half-open' // nothing moves any more, and nobody is told
  | 'blackhole' // what is connected is cut; whoever comes is let in and hears nothing
  | 'trickle' // one byte a second

export type Proxy = Awaited<ReturnType<typeof openProxy>>

export async function openProxy(to: { host: string; port: number }) {
  let fault: Fault = 'none'
  const pairs = new Set<{ near: Socket; far: Socket }>()

  function forward(from: Socket, into: Socket) {
    const queue: Buffer[] = []
    let timer: NodeJS.Timeout | undefined
    const trickle = () => {
      timer = undefined
      const piece = queue.shift()
      if (!piece) return
      if (fault !== 'trickle') {
        into.write(piece)
        for (const rest of queue.splice(0)) into.write(rest)
        return
      }
      into.write(piece.subarray(0, 1))
      if (piece.length > 1) queue.unshift(piece.subarray(1))
      if (queue.length > 0) timer = setTimeout(trickle, 1_000)
    }
    from.on('data', (piece: Buffer) => {
      if (fault === 'half-open' || fault === 'blackhole') return
      if (fault === 'latency') return void setTimeout(() => into.writable && into.write(piece), 200)
      if (fault === 'trickle' || queue.length > 0) {
        queue.push(piece)
        timer ??= setTimeout(trickle, fault === 'trickle' ? 1_000 : 0)
        return
      }
      into.write(piece)
    })
    from.on('close', () => {
      clearTimeout(timer)
      into.destroy()
    })
    from.on('error', () => {})
  }

  const server = createServer((near) => {
    if (fault === 'reset') return void near.resetAndDestroy()
    const far = connect(to)
    const pair = { near, far }
    pairs.add(pair)
    near.on('close', () => pairs.delete(pair))
    forward(near, far)
    forward(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    set(next: Fault) {
      // What was swallowed would be missing for ever: a line that was dead is cut when it comes back.
      const wasDead = fault === 'half-open' || fault === 'blackhole'
      fault = next
      for (const pair of pairs) {
        if (next === 'reset' || next === 'blackhole' || wasDead) {
          pair.near.resetAndDestroy()
          pair.far.destroy()
        }
      }
    },
    async close() {
      for (const { near, far } of pairs) {
        near.destroy()
        far.destroy()
      }
      server.close()
      await once(server, 'close')
    },
  }
}
