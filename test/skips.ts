// Which tests may be left out, why, and where? The run fails on every other one that is.
import { spawnSync } from 'node:child_process'

export interface Skip {
  /** The name of the test, from its outermost `describe` on, joined by " › ". */
  test: string
  /** Printed with every run that leaves it out. */
  because: string
  where: string
  /** Whether this machine is one of those. */
  mayBeSkipped: (platform: NodeJS.Platform) => boolean
  /** What a machine may lack whatever it is: looked at here, not believed of the test. */
  lacks?: () => boolean
}

const says = (command: string) => spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout ?? ''

const byProc = {
  because: 'it finds processes by /proc',
  where: 'machines without Linux',
  mayBeSkipped: (platform: NodeJS.Platform) => platform !== 'linux',
}

const byTools = {
  because: 'pg_dump and pg_restore of PostgreSQL 18 are missing (postgresql-client-18)',
  where: 'machines without them',
  mayBeSkipped: (platform: NodeJS.Platform) => platform === 'win32',
  lacks: () =>
    !/\) (1[89]|[2-9]\d)/.test(
      says('for dump in pg_dump /usr/lib/postgresql/*/bin/pg_dump; do $dump --version; done 2>/dev/null'),
    ),
}
const backups = [
  'what is put away is everything of one moment, for nobody else to read',
  'a drill brings it back, counts, starts the service on it, opens a name, and leaves nothing',
  'into an empty database it comes back for good; over anything, never',
  'a damaged file, another key, or a file alone is refused before anything is done',
  'a row that is missing is found',
  'a role that does not see every row makes no backup',
  'a backup from before the queue was changed comes back too',
]

export const skips: readonly Skip[] = [
  ...backups.map((test) => ({ test: `with the tools of PostgreSQL 18 › ${test}`, ...byTools })),
  {
    test: 'a full disk refuses what does not fit, whole and in words, and takes it again when there is room',
    because: 'a disk of its own needs Linux, root and `unshare -m`',
    where: 'machines without Linux, and for whoever may not mount one',
    mayBeSkipped: (platform) => platform !== 'linux',
    lacks: () => says('unshare -m sh -c "mount -t tmpfs lotse /mnt && echo mounted"').trim() !== 'mounted',
  },
  { test: 'kill -9 of service, guard and server together blocks nothing and loses nothing', ...byProc },
  { test: 'a server whose service and guard were killed is found and ended', ...byProc },
  { test: 'a service whose guard was killed still stops its server', ...byProc },
]
