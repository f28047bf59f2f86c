// Runs what src says, quickly: node src/run.mjs main, node src/run.mjs commands/migrate --option …
// Node 20 reads no TypeScript, and through a loader, file by file, a start takes a second longer. So the files are joined,
// and what was joined is kept under the hash of what it was made of: it is never older than its sources.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
// Two folders deep, as the modules of src: what they read (migrations, openapi) lies at the same distance from there.
const joined = `${root}.joined/`
const [script] = process.argv.splice(2, 1)

const sources = readdirSync(`${root}src`, { recursive: true }).filter((name) => /\.(ts|json)$/.test(name))
const hash = createHash('sha256').update(readFileSync(`${root}package.json`))
for (const name of sources.sort()) hash.update(`\0${name}\0`).update(readFileSync(`${root}src/${name}`))
const folder = joined + hash.digest('hex').slice(0, 32)

/** Another start may do the same at this instant: whoever is first puts the whole folder there. */
async function join() {
  const { build } = await import('esbuild')
  mkdirSync(joined, { recursive: true })
  for (const name of readdirSync(joined)) {
    const made = statSync(joined + name, { throwIfNoEntry: false })?.mtimeMs
    if (made < Date.now() - 3_600_000) rmSync(joined + name, { recursive: true, force: true })
  }
  const draft = mkdtempSync(`${joined}draft-`)
  await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts', 'src/commands/*.ts'],
    outbase: 'src',
    // Flat, so that every file is at the depth of src/platform.
    entryNames: '[name]',
    outdir: draft,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'error',
  })
  try {
    chmodSync(draft, 0o755)
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true })
    if (!existsSync(folder)) throw error
  }
}

let file = `${folder}/${script.slice(script.lastIndexOf('/') + 1)}.mjs`
if (!existsSync(folder))
  await join().catch(async (error) => {
    // Installed by somebody else, who alone may write here.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error
    const { register } = await import('tsx/esm/api')
    register()
    file = `${root}src/${script}.ts`
  })
process.argv[1] = file
process.setSourceMapsEnabled(true)
await import(file)
