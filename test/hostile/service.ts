// How does a harness hold a service that runs beside it: its address, its log, its memory, its end?
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Orders } from './server.ts'

export type Beside = Awaited<ReturnType<typeof startBeside>>

export async function startBeside(orders: Orders, onLine: (line: string) => void) {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [JSON.stringify(orders)], {
    // As in a small container: with the memory of a whole machine, V8 lets garbage lie, and growth says nothing.
    execArgv: ['--import', 'tsx/esm', '--expose-gc', '--max-old-space-size=192', '--max-semi-space-size=8'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let ended: string | undefined
  const end = once(child, 'exit').then(([code, signal]) => (ended = `${String(code)} ${String(signal)}`))
  const spoken: string[] = []
  createInterface({ input: child.stdout! }).on('line', onLine)
  createInterface({ input: child.stderr! }).on('line', (line) => {
    spoken.push(line)
    onLine(line)
  })
  const answer = async <T>() => {
    const [said] = (await Promise.race([
      once(child, 'message'),
      end.then(() => {
        throw new Error(`the service ended: ${ended} ${spoken.join('\n')}`)
      }),
    ])) as [T]
    return said
  }
  const { address } = await answer<{ address: string }>()
  return {
    address,
    /** What it said on its way out; undefined while it lives. */
    ended: () => ended,
    async memory(): Promise<number> {
      const said = answer<{ memory: number }>()
      child.send('memory')
      return (await said).memory
    },
    async stop() {
      if (ended === undefined) {
        child.send('end')
        const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
        await end
        clearTimeout(patience)
      }
    },
  }
}
