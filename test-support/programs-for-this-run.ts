import { mkdir, mkdtempDisposable, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import type { TestProject } from 'vitest/node'
import { programSources, programsVariable } from './programs.ts'

/** Below node_modules, where a program finds what is not bundled. */
const parent = join(import.meta.dirname, '..', 'node_modules', '.cache', 'cutover-programs')

/** A run that began longer ago is over. */
const longestRunMs = 24 * 3_600_000

/** Native, or looked for and not installed. */
const external = ['better-sqlite3', 'pg-native']

/** Files that lie beside a module are found from where it was. */
const whereItWas: Plugin = {
  name: 'where-it-was',
  transform: {
    filter: { code: /import\.meta\.url|__dirname/ },
    handler: (code, id) =>
      code
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
        .replaceAll(/\b__dirname\b/g, JSON.stringify(dirname(id))),
  },
}

/**
 * The programs, made of the sources as they are now and for this run alone. A test starts one hundreds of times: most of
 * a start from the sources is finding, stripping and compiling hundreds of files.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await mkdir(parent, { recursive: true })
  await removeLeft()
  const directory = await mkdtempDisposable(join(parent, 'run-'))
  await bundle(directory.path)
  project.onTestsRerun(() => bundle(directory.path))
  process.env[programsVariable] = directory.path
  return () => directory.remove()
}

/** What a run has left that was killed. */
async function removeLeft(): Promise<void> {
  const directories = (await readdir(parent)).map((name) => join(parent, name))
  for (const directory of directories) {
    const isOld = await stat(directory).then(
      ({ mtimeMs }) => mtimeMs < Date.now() - longestRunMs,
      () => false,
    )
    if (isOld) await rm(directory, { recursive: true, force: true })
  }
}

async function bundle(directory: string): Promise<void> {
  await using build = await rolldown({
    input: programSources,
    platform: 'node',
    resolve: { conditionNames: ['cutover-source', 'node', 'module-sync'] },
    external,
    plugins: [whereItWas],
    logLevel: 'warn',
  })
  await build.write({
    dir: directory,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  })
}
