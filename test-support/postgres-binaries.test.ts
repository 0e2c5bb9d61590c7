import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { installedPackage, preparePostgresBinaries, type ServerUser } from './postgres-binaries.ts'
import { createTemporaryDirectory } from './temporary-directory.ts'

const run = promisify(execFile)
const user: ServerUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

/** As npm leaves the package when its install script may not run. */
async function copyWithoutLinks(to: string): Promise<string> {
  await cp(join(installedPackage(), 'native'), join(to, 'native'), { recursive: true, verbatimSymlinks: true })
  const libraries = join(to, 'native', 'lib')
  for (const entry of await readdir(libraries, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(libraries, entry.name))
  }
  return to
}

describe('preparePostgresBinaries', () => {
  it('makes the missing library links, also when several runs do it at once', async () => {
    await using directory = await createTemporaryDirectory()
    await chmod(directory.path, 0o755)
    const installed = await copyWithoutLinks(join(directory.path, 'package'))
    const prepare = () => preparePostgresBinaries(join(directory.path, 'unused'), user, installed)
    const [one] = await Promise.all([prepare(), prepare(), prepare()])
    expect(dirname(one.initdb)).toBe(join(installed, 'native', 'bin'))
    const { stdout } = await run(one.initdb, ['--version'], { ...user, cwd: '/' })
    expect(stdout).toMatch(/^initdb \(PostgreSQL\) 18\./)
  })

  it('runs from a copy when the installed package can be neither linked nor reached by the server', async () => {
    await using directory = await createTemporaryDirectory()
    await chmod(directory.path, 0o755)
    const home = join(directory.path, 'private')
    await mkdir(home)
    const installed = await copyWithoutLinks(join(home, 'package'))
    await chmod(join(installed, 'native', 'lib'), 0o500)
    await chmod(home, 0o700)
    const { postgres, initdb } = await preparePostgresBinaries(directory.path, user, installed)
    await chmod(join(installed, 'native', 'lib'), 0o700)
    expect(dirname(postgres)).toBe(join(directory.path, 'postgresql', 'native', 'bin'))
    const { stdout } = await run(initdb, ['--version'], { ...user, cwd: '/' })
    expect(stdout).toMatch(/^initdb \(PostgreSQL\) 18\./)
  })
})
