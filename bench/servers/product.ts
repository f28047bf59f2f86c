// The product as `npm start` runs it, in a process of its own.
import pino from 'pino'
import { createApp } from '../../src/app.ts'
import { roundTrips } from '../../src/platform/batch.ts'
import { keysFrom } from '../../src/platform/keys.ts'
import { createLog } from '../../src/platform/log.ts'
import { masterKey } from '../layout.ts'
import { given, serve } from './serve.ts'

const { app } = await createApp({
  databaseUrl: given.serviceUrl,
  databasePool: given.pool,
  keys: keysFrom(masterKey),
  // One line per request, written as in production, kept nowhere.
  log: createLog('info', pino.destination({ dest: '/dev/null', sync: false })),
  // Counted as in production, and never reached.
  requestsPerMinute: 100_000_000,
})
await serve(app, () => roundTrips.count)
