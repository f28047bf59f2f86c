// Does a start run what stands in src now, whoever else starts, and whoever may write there?
import { execFile, type ExecFileOptions } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder: string
let joined: string

// A copy of its own: what is tried here would leave its traces in the project.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lotse-run-'))
  joined = join(folder, '.joined')
  await mkdir(join(folder, 'src/commands'), { recursive: true })
  for (const name of ['package.json', 'src/run.mjs']) await cp(join(root, name), join(folder, name))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'src/main.ts'), `import { word } from './word.ts'\nconsole.log(word)\n`)
  await writeFile(
    join(folder, 'src/commands/say.ts'),
    `import { word } from '../word.ts'\nconsole.log([word, ...process.argv.slice(2)].join(' '))\n`,
  )
  await writes('first')
  await chmod(folder, 0o755)
})
afterAll(async () => {
  await chmod(folder, 0o755)
  await rm(folder, { recursive: true, force: true })
})

const writes = (word: string) =>
  writeFile(join(folder, 'src/word.ts'), `type Word = string\nexport const word: Word = '${word}'\n`)

async function runs(args: string[], options: ExecFileOptions = {}) {
  const { stdout } = await promisify(execFile)(process.execPath, ['src/run.mjs', ...args], {
    cwd: folder,
    ...options,
  })
  return String(stdout).trim()
}

test('a start runs what src says at that moment, and never what it said before', async () => {
  expect(await runs(['main'])).toBe('first')
  expect(await readdir(joined)).toHaveLength(1)
  expect(await runs(['commands/say', '--to', 'all'])).toBe('first --to all')
  expect(await readdir(joined), 'joined anew although nothing had changed').toHaveLength(1)

  await writes('second')
  expect(await runs(['main'])).toBe('second')
  await writes('first')
  expect(await runs(['main'])).toBe('first')
  expect(await readdir(joined)).toHaveLength(2)
})

test('what src reads as JSON counts as well', async () => {
  await writeFile(join(folder, 'src/word.json'), '"from a file"')
  await writeFile(
    join(folder, 'src/word.ts'),
    `import word from './word.json' with { type: 'json' }\nexport { word }\n`,
  )
  expect(await runs(['main'])).toBe('from a file')
  await writeFile(join(folder, 'src/word.json'), '"changed there"')
  expect(await runs(['main'])).toBe('changed there')
})

test('two that start at once after a change both run it, and leave no draft behind', async () => {
  await writes('third')
  expect(await Promise.all([runs(['main']), runs(['commands/say']), runs(['main'])])).toEqual(
    Array(3).fill('third'),
  )
  expect((await readdir(joined)).filter((name) => name.startsWith('draft'))).toEqual([])
})

test('what was joined long ago is cleared away with the next change', async () => {
  const old = await readdir(joined)
  for (const name of old) await utimes(join(joined, name), 0, 0)
  await writes('fourth')
  expect(await runs(['main'])).toBe('fourth')
  const now = await readdir(joined)
  expect(now).toHaveLength(1)
  expect(old).not.toContain(now[0])
})

test('whoever may not write where Lotse was installed runs it nevertheless, and leaves nothing there', async () => {
  await rm(joined, { recursive: true })
  await writes('fifth')
  await chmod(folder, 0o555)
  // Root may write everywhere.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const env = { PATH: process.env.PATH, HOME: '/nonexistent' }
  expect(await runs(['commands/say', 'on'], { ...nobody, env })).toBe('fifth on')
  expect(await readdir(folder)).not.toContain('.joined')
})
