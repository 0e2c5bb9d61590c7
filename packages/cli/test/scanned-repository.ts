import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { runProgram } from './run-program.ts'

/** Neither the user's settings nor the machine's. */
const env = {
  ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', HOME: '/nonexistent' },
  ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' },
  ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' },
}

/** A repository of a test's own, with git itself. */
export class ScannedRepository implements AsyncDisposable {
  readonly path: string
  readonly #remove: () => Promise<void>
  #commits = 0

  private constructor(path: string, remove: () => Promise<void>) {
    this.path = path
    this.#remove = remove
  }

  static async create(): Promise<ScannedRepository> {
    const directory = await createTemporaryDirectory()
    const repository = new ScannedRepository(join(directory.path, 'repository'), () => directory.remove())
    await mkdir(repository.path)
    await repository.git('init', '-q', '-b', 'main')
    return repository
  }

  /** @returns what it printed, without the last line break */
  async git(...parameters: readonly string[]): Promise<string> {
    const time = `2026-11-21T12:00:${String(this.#commits).padStart(2, '0')}Z`
    const times = { GIT_AUTHOR_DATE: time, GIT_COMMITTER_DATE: time }
    const { code, stdout, stderr } = await runProgram(['git', ...parameters], {
      cwd: this.path,
      env: { ...env, ...times },
    })
    if (code !== 0) throw new Error(`git ${parameters[0]}: ${stderr}`)
    return stdout.trimEnd()
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(join(this.path, name)), { recursive: true })
    await writeFile(join(this.path, name), content)
  }

  /** Each a second after the one before. @returns its id */
  async commit(message = 'Change'): Promise<string> {
    this.#commits++
    await this.git('add', '-A')
    await this.git('commit', '-q', '--allow-empty', '-m', message)
    return this.git('rev-parse', 'HEAD')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#remove()
  }
}
