// Who ends PostgreSQL when the service is gone, however it went? Run as: node guard.mjs LOGFILE COMMAND ARGS…
// Plain JavaScript, because it has to start in 40 ms and without a loader.
import { spawn } from 'node:child_process'
import { appendFileSync, renameSync, statSync } from 'node:fs'

const LOG_BYTES = 1_000_000
const [logFile, command, ...args] = process.argv.slice(2)

// Our standard input is a pipe that only the service holds: the kernel closes it even after kill -9.
// So a signal is no reason to leave; whoever sends one to a whole group still finds the database when draining.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

const write = (text) => {
  try {
    appendFileSync(logFile, text, { mode: 0o600 })
    if (statSync(logFile).size > LOG_BYTES) renameSync(logFile, `${logFile}.1`)
  } catch {
    // A full disk must not end the guard.
  }
}

const postgres = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true })
postgres.stderr.on('data', write)
postgres.on('error', (error) => {
  write(`${error.message}\n`)
  process.exit(1)
})
// "close" comes when the last backend has ended too; it is awaited, but not for ever.
postgres.on('close', () => process.exit(0))
postgres.on('exit', () => setTimeout(() => process.exit(0), 2_000))

const stop = () => {
  postgres.kill('SIGINT') // fast: end the sessions, write everything, leave
  // Immediate: loses nothing, the next start recovers. PostgreSQL 18 needs it when SIGINT meets a recovery.
  setTimeout(() => postgres.kill('SIGQUIT'), 5_000)
  setTimeout(() => postgres.kill('SIGKILL'), 11_000)
}
process.stdin
  .on('error', () => {})
  .once('close', stop)
  .resume()
