import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')
const vite = join(dirname(fileURLToPath(import.meta.resolve('vite'))), '..', '..', 'bin', 'vite.js')
const stamp = join(root, 'dist', 'built-from.txt')

/** What the page is made of: its own sources, and those of the packages that it bundles. */
const sources = ['src', 'index.html', 'vite.config.ts', 'package.json', '../client/src', '../contract/src']

/** Builds the page that the server serves, unless it was built from these very sources. */
export async function ensureBuilt(): Promise<void> {
  const wanted = await fingerprint()
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return
  // A process of its own: the one of the tests would make it a page for development.
  await promisify(execFile)(process.execPath, [vite, 'build'], { cwd: root, env: { PATH: process.env['PATH'] } })
  await writeFile(stamp, wanted)
}

async function fingerprint(): Promise<string> {
  const lists = await Promise.all(sources.map((each) => filesOf(join(root, each))))
  const files = lists.flat().sort()
  const contents = await Promise.all(files.map(async (path) => `${path}\0${await readFile(path, 'utf8')}`))
  return hash('sha256', contents.join('\0'))
}

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null)
  if (entries === null) return [path]
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
