// Does a run that leaves something out say so, and fail when nobody has allowed it?
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { skips } from '../skips.ts'
import { verdictOn, type Seen } from '../support/report.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const passed: Seen = { file: 'a.test.ts', name: 'nobody gets lost', state: 'passed', mode: 'run' }
const skipped: Seen = { ...passed, name: 'this needs a key', state: 'skipped', mode: 'skip' }
const allowed = [
  {
    test: skipped.name,
    because: 'there is no key here',
    where: 'machines without a key',
    mayBeSkipped: (platform: string) => platform === 'win32',
  },
]

test('a run where everything ran has nothing to explain', () => {
  expect(verdictOn([passed], [])).toEqual({ lines: ['1 tests ran, 0 were skipped'], wrong: [] })
})

test('what may be skipped is named with its reason; elsewhere the same skip fails the run', () => {
  const here = verdictOn([passed, skipped], [], { allowed, platform: 'win32' })
  expect(here.wrong).toEqual([])
  expect(here.lines).toEqual([
    '1 tests ran, 1 were skipped',
    'skipped: "this needs a key" – there is no key here (allowed on machines without a key)',
  ])
  expect(verdictOn([passed, skipped], [], { allowed, platform: 'linux' }).wrong).toHaveLength(1)
})

test('a skip that nobody listed, a todo, an only, a file without a test and an empty run are found', () => {
  const wrongOf = (seen: Seen[], empty: string[] = []) => verdictOn(seen, empty, { allowed }).wrong.join()
  expect(wrongOf([passed, { ...skipped, name: 'another one' }])).toContain('does not say why')
  expect(wrongOf([passed, { ...skipped, mode: 'todo' }])).toContain('todo')
  expect(wrongOf([{ ...passed, mode: 'only' }])).toContain('only')
  expect(wrongOf([passed], ['b.test.ts'])).toContain('b.test.ts: no test')
  expect(wrongOf([])).toContain('not one')
})

test('every listed skip has a reason in words, and none is allowed everywhere', () => {
  for (const { because, where, mayBeSkipped } of skips) {
    expect(because.length).toBeGreaterThan(10)
    expect(where.length).toBeGreaterThan(5)
    expect(mayBeSkipped('linux')).toBe(false)
  }
})

test('a real run with such defects ends with an error and says which', { timeout: 60_000 }, async () => {
  await mkdir(join(root, 'node_modules/.cache'), { recursive: true })
  const folder = await mkdtemp(join(root, 'node_modules/.cache/lotse-'))
  const write = (name: string, text: string) =>
    writeFile(join(folder, name), `import { test } from 'vitest'\n${text}`)
  const run = (...files: string[]) =>
    new Promise<{ code: unknown; text: string }>((resolve) => {
      const given = ['run', '--root', folder, '--config', join(folder, 'vitest.config.ts'), ...files]
      const vitest = join(root, 'node_modules/vitest/vitest.mjs')
      execFile(process.execPath, [vitest, ...given], { env: { PATH: process.env['PATH'] } }, (error, out) =>
        resolve({ code: error?.code ?? 0, text: out }),
      )
    })
  try {
    const report = join(root, 'test/support/report.ts')
    await write(
      'vitest.config.ts',
      `export default { test: { reporters: [${JSON.stringify(report)}], include: ['*.test.ts'], maxWorkers: 1, exclude: [] } }`,
    )
    await write('fine.test.ts', `test('fine', () => {})`)
    await write(
      'defect.test.ts',
      `test('one', () => {}); test.skip('left out', () => {}); test.todo('later')`,
    )
    const [fine, defect] = await Promise.all([run('fine'), run('defect')])
    expect(fine).toMatchObject({ code: 0, text: expect.stringContaining('1 tests ran, 0 were') as string })
    expect(defect.code).toBe(1)
    expect(defect.text).toContain('1 tests ran, 2 were skipped')
    for (const name of ['left out', 'later']) expect(defect.text).toContain(name)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
