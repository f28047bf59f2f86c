// Who looked at a record? The data protection officer finds it, and herself.
import type { Body } from '../voice.ts'
import type { Known, Scene } from './scene.ts'

export async function audit(
  { cast: { nora, anton, carla, ada, dora }, act, saw, refused, promise }: Scene,
  { clientId }: Known,
) {
  act('9  Who looked at her record?')
  await refused(
    nora,
    'tries to read the audit trail',
    nora.voice.get('/v1/audit-events'),
    403,
    'only the data protection officer reads the trail',
  )
  await refused(
    ada,
    'the administrator tries it too',
    ada.voice.get('/v1/audit-events'),
    403,
    'only the data protection officer reads the trail',
  )
  const trail = await saw(
    dora,
    'the data protection officer asks by person',
    dora.voice.get(`/v1/audit-events?clientId=${clientId}&limit=200`),
    ({ items }) =>
      `${items.length} entries by ${new Set(items.map(({ userId }) => userId)).size} people, ${items.filter(({ status }) => Number(status) >= 400).length} of them refusals`,
  )
  const has = (action: string, more: (event: Body) => boolean = () => true) =>
    trail.items.some((event) => event['action'] === action && more(event))
  const done = [
    'clients.create',
    'clients.raise',
    'cases.open',
    'clearings.finish',
    'releases.sign',
    'releases.withdraw',
  ]
  promise(
    'recording, raising, the interview, the release, sending and every look of the agency are in it',
    done.every((action) => has(action)) &&
      has('referrals.send', ({ basis }) => basis === 'release') &&
      has('referrals.read', ({ userId }) => userId === anton.id),
  )
  promise(
    'attempts that were refused are in it as well',
    has('clients.read', ({ status, userId }) => Number(status) === 403 && userId === carla.id),
  )
  promise(
    'it holds no value, only ids and the names of fields',
    !/Panic|Eisvogel/.test(JSON.stringify(trail)),
  )
  const own = await saw(
    dora,
    'asks for what she did herself',
    dora.voice.get(`/v1/audit-events?userId=${dora.id}`),
    ({ items }) =>
      items
        .slice(0, 3)
        .map(({ action }) => String(action))
        .join(', '),
  )
  promise(
    'her own reading is in it',
    own.items.some(({ action }) => action === 'audit.read'),
  )
}
