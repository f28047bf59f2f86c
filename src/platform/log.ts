// What may stand in the log? Ids, codes and times; never a body, a message with values, or an address.
import pino from 'pino'

export type Logger = pino.Logger

/** PostgreSQL and zod put values into messages and details: only the kind of an error and where it arose are kept. */
function errorWithoutValues(error: unknown) {
  const { name, code, constraint, table, routine, stack } = error as Record<string, unknown>
  const frames = String(stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
  return { name, code, constraint, table, routine, stack: frames }
}

export const createLog = (
  level: string,
  to: pino.DestinationStream = pino.destination({ dest: 1, sync: false }),
) =>
  pino(
    {
      level,
      base: null,
      redact: ['authorization', 'password', 'token', 'refreshToken'],
      serializers: { err: errorWithoutValues },
    },
    to,
  )
