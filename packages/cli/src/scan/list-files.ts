import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { reasonOf } from '../private-file.ts'
import { Git } from './git.ts'

export interface FileToScan {
  /** A name is bytes: one that is not UTF-8 could not be opened as a string. */
  readonly path: Buffer
  readonly bytes: number
}

export interface ListOptions {
  /** Also what git ignores. */
  readonly all: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  unreadable(path: Buffer, reason: string): void
  warn(line: string): void
}

export interface FileList {
  readonly files: readonly FileToScan[]
  /** Repositories within this one, submodules for example: their files are in the list, their history is their own. */
  readonly repositories: readonly string[]
}

/**
 * The regular files below a directory: what git tracks and what it does not ignore, or outside of git all; never what
 * is in `.git`. Symbolic links are not followed: they may lead anywhere.
 */
export async function listFiles(directory: string, options: ListOptions): Promise<FileList> {
  const files: FileToScan[] = []
  const repositories: string[] = []
  const waiting = [directory]
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    const names = options.all ? null : await namesOfGit(each, options)
    for (const path of names === null ? walk(Buffer.from(each), options) : names) {
      const found = look(path, options)
      if (found === 'directory') {
        repositories.push(path.toString().replace(/\/$/, ''))
        waiting.push(path.toString())
      } else if (found !== null) files.push(found)
    }
  }
  return { files, repositories }
}

/** `null`: nothing that holds bytes of its own, or gone meanwhile: git lists what it tracks, whether it is there or not. */
function look(path: Buffer, options: ListOptions): FileToScan | 'directory' | null {
  try {
    const stats = lstatSync(path)
    if (stats.isDirectory()) return 'directory'
    return stats.isFile() ? { path, bytes: stats.size } : null
  } catch (error) {
    if (!isGone(error)) options.unreadable(path, reasonOf(error))
    return null
  }
}

export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function* walk(directory: Buffer, options: ListOptions): Generator<Buffer> {
  for (const entry of entriesOf(directory, options)) {
    if (entry.name.equals(gitDirectory)) continue
    const path = below(directory, entry.name)
    if (entry.isDirectory()) yield* walk(path, options)
    else yield path
  }
}

const gitDirectory = Buffer.from('.git')

function entriesOf(directory: Buffer, options: ListOptions): Dirent<Buffer>[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true, encoding: 'buffer' })
    return entries.sort((a, b) => Buffer.compare(a.name, b.name))
  } catch (error) {
    options.unreadable(directory, reasonOf(error))
    return []
  }
}

function below(directory: Buffer, name: Buffer): Buffer {
  if (directory.equals(here)) return name
  return directory.at(-1) === slash ? Buffer.concat([directory, name]) : Buffer.concat([directory, separator, name])
}

const here = Buffer.from('.')
const separator = Buffer.from('/')
const slash = 0x2f

/** `null`: git does not tell, and all has to be looked at. What was named is, also where git ignores all of it. */
async function namesOfGit(directory: string, { env, warn }: ListOptions): Promise<Buffer[] | null> {
  const git = new Git(directory, env)
  try {
    const place = await git.run('rev-parse', '--is-inside-work-tree')
    if (place.code !== 0 && !place.stderr.includes('not a git repository')) {
      warn(
        `git does not say what it ignores in ${directory}, so all is looked at: ${place.stderr.trim().split('\n')[0]}`,
      )
    }
    if (place.code === 0 && place.stdout.toString().trim() === 'false') {
      warn(`${directory} is the inside of a git repository: --git looks at what it holds`)
    }
    if (place.code !== 0 || place.stdout.toString().trim() !== 'true') return null
    if ((await git.run('check-ignore', '-q', '--', '.')).code === 0) return null
    const listed = await git.run('ls-files', '-z', '-co', '--exclude-standard', '--deduplicate')
    if (listed.code !== 0) return null
    return namesIn(listed.stdout).map((name) => below(Buffer.from(directory), name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    warn('git is not installed: what it would ignore is looked at as well')
    return null
  }
}

/** NUL after each. */
export function namesIn(listed: Buffer): Buffer[] {
  const names: Buffer[] = []
  for (let start = 0; start < listed.length; ) {
    const end = listed.indexOf(0, start)
    names.push(listed.subarray(start, end))
    start = end + 1
  }
  return names
}
