// What does an error that ends a start say to a person? One sentence, without a stack.
import { Problem } from './problem.ts'

const known: Record<string, (error: Failure) => string> = {
  EADDRINUSE: ({ address, port }) =>
    `Port ${port} on ${address} is taken: stop what uses it, or set PORT to another one (0 takes any).`,
  EADDRNOTAVAIL: ({ address }) => `HOST ${address} is no address of this machine.`,
  ENOTFOUND: ({ hostname }) => `There is no host named ${hostname}.`,
  ECONNREFUSED: ({ address, port }) => `No PostgreSQL answers on ${address}, port ${port}.`,
  EACCES: ({ path, port }) =>
    path ? `${path} may not be used by this user.` : `This user may not listen on port ${port}.`,
}

interface Failure {
  code?: string
  message?: string
  address?: string
  port?: number
  path?: string
  hostname?: string
}

export function sentence(error: unknown): string {
  if (error instanceof Problem) return error.kind.text.en
  // Node tries every address of a host, and then the message is empty.
  const failure = (error instanceof AggregateError ? error.errors[0] : error) as Failure
  return known[failure.code ?? '']?.(failure) ?? failure.message ?? String(error)
}
