import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'

/**
 * Settings of the repository that would start programs of its own, or reach for the network: what is scanned may be
 * somebody else's.
 */
const harmless = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'log.showSignature=false', 'protocol.allow=never']

/** Those that a hook is started with point to its repository, not to the one that is scanned. */
const ofAnotherRepository = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR']

export interface GitOutput {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** git in a directory, with the messages that we read in English. */
export class Git {
  readonly #directory: string
  readonly #env: NodeJS.ProcessEnv

  constructor(directory: string, env: Readonly<Record<string, string | undefined>>) {
    this.#directory = directory
    this.#env = {
      ...env,
      LC_ALL: 'C',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_NO_LAZY_FETCH: '1',
      GIT_TERMINAL_PROMPT: '0',
    }
    for (const name of ofAnotherRepository) delete this.#env[name]
  }

  /** Rejects with ENOENT where there is no git. */
  async run(...parameters: readonly string[]): Promise<GitOutput> {
    const child = this.start(...parameters)
    child.stdin.end()
    const [stdout, stderr, [code]] = await Promise.all([buffer(child.stdout), text(child.stderr), once(child, 'close')])
    return { code: code ?? 1, stdout, stderr }
  }

  start(...parameters: readonly string[]): ChildProcessByStdio<Writable, Readable, Readable> {
    const settings = harmless.flatMap((setting) => ['-c', setting])
    const child = spawn('git', ['--no-pager', ...settings, ...parameters], {
      cwd: this.#directory,
      env: this.#env,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // It may end without reading all; why, its exit code says.
    child.stdin.on('error', () => {})
    return child
  }
}
