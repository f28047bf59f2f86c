// What does a newcomer see when the service runs? Who to be, where to read, and what to try next.
import { demoAccounts, demoPassword } from './demo/index.ts'

export interface Started {
  host: string
  port: number
  /** The demo accounts can sign in here. */
  demo: boolean
  embedded: boolean
  seconds: number
}

// The accounts come first: they are many, and the end is what a small terminal still shows.
export function welcome({ host, port, demo, embedded, seconds }: Started): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  return `${demo ? accounts() : ''}
Lotse runs on ${url} (started in ${seconds.toFixed(1)} s${embedded ? ', with its own PostgreSQL' : ''}; Ctrl-C ends it).

  To read      ${url}/docs
  As OpenAPI   ${url}/v1/openapi.json

Next, in a second terminal:
${demo ? next(url) : '\n  npm run tenant      makes a municipality and its administrator\n'}
Below: one line of JSON per request.
`
}

function accounts() {
  const rows = demoAccounts.map(({ person, role, email, municipality }) => [
    person,
    role,
    municipality,
    email,
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const table = rows.map(
    (row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`,
  )
  return `
Demo accounts, all with the password "${demoPassword}":

${table.join('\n')}
`
}

function next(url: string) {
  const one = demoAccounts.find(({ role }) => role === 'navigator')
  const signIn = JSON.stringify({
    municipality: one?.municipality,
    email: one?.email,
    password: demoPassword,
  })
  return `
  npm run tour        follows one person from the first contact to the confirmed arrival

  curl -s ${url}/v1/auth/token -H 'content-type: application/json' \\
    -d '${signIn}'
`
}
