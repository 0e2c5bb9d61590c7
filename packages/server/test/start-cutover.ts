import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { type StartedFrom, startedFrom } from '../../../test-support/programs.ts'

const deadlineMs = 25_000

export type Environment = Readonly<Record<string, string>>

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A server in a process of its own. */
export interface CutoverProcess {
  readonly pid: number
  /** All it wrote until now; after `exited`, all it ever wrote. */
  readonly stdout: string
  readonly stderr: string
  readonly exited: Promise<Exit>
  kill(signal: NodeJS.Signals): Promise<Exit>
}

export interface RunningCutover extends CutoverProcess {
  /** `http://127.0.0.1:<port>`, as it announced it. */
  readonly address: string
  /** What a first start shows, this once. */
  readonly firstToken: string | null
}

export interface RefusedStart extends Exit {
  readonly stdout: string
  readonly stderr: string
}

export interface SpawnOptions {
  /** Octal, as of the shell that starts it. */
  readonly umask?: string
  /** Of the command line of the server. */
  readonly parameters?: readonly string[]
  readonly from?: StartedFrom
}

/** Keeps what is to be done at the end of whatever needs the process: of one test, unless it is told otherwise. */
export type AtEnd = (work: () => Promise<void>) => void

/** Starts a server that ends with the test, and resolves when it listens. Without a PORT it takes a free one. */
export async function startCutover(
  environment: Environment,
  options: SpawnOptions = {},
  atEnd: AtEnd = onTestFinished,
): Promise<RunningCutover> {
  const cutover = new SpawnedCutover(environment, options)
  atEnd(async () => {
    await cutover.kill('SIGKILL')
  })
  await cutover.listening()
  return cutover
}

/** As `startCutover`, for a server that several tests only ask: its caller ends it. */
export async function startSharedCutover(environment: Environment): Promise<RunningCutover> {
  const cutover = new SpawnedCutover(environment, {})
  await cutover.listening()
  return cutover
}

/** Starts a server that is expected to end by itself; one that goes on is ended, and its exit then tells. */
export async function attemptStart(environment: Environment, options: SpawnOptions = {}): Promise<RefusedStart> {
  const cutover = new SpawnedCutover(environment, options)
  onTestFinished(async () => {
    await cutover.kill('SIGKILL')
  })
  await Promise.race([cutover.exited, cutover.listening().catch(() => {})])
  const exit = cutover.address === '' ? await cutover.exited : await cutover.kill('SIGKILL')
  return { ...exit, stdout: cutover.stdout, stderr: cutover.stderr }
}

class SpawnedCutover implements RunningCutover {
  stdout = ''
  stderr = ''
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess

  constructor(environment: Environment, { umask, parameters = [], from = startedFrom('server') }: SpawnOptions) {
    const command = [process.execPath, ...from.flags, from.script, ...parameters]
    const [file = '', ...rest] =
      umask === undefined ? command : ['/bin/sh', '-c', 'umask "$0" && exec "$@"', umask, ...command]
    // None of the caller's own variables: they may hold settings of Cutover.
    const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: from.compileCache, PORT: '0', ...environment }
    const child = spawn(file, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.#child = child
    // `close` and not `exit`: only then is everything read that was written.
    this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get address(): string {
    return /^Cutover is listening at (\S+) /m.exec(this.stdout)?.[1] ?? ''
  }

  get firstToken(): string | null {
    return /^ {2}(cut_\w+)$/m.exec(this.stdout)?.[1] ?? null
  }

  async kill(signal: NodeJS.Signals): Promise<Exit> {
    this.#child.kill(signal)
    return this.exited
  }

  /** Resolves once the address is announced, which comes last. */
  async listening(): Promise<void> {
    const tooLong = AbortSignal.timeout(deadlineMs)
    const ended = this.exited.then(() => 'ended' as const)
    while (this.address === '') {
      const stdout = this.#child.stdout ?? this.#child
      const written = once(stdout, 'data', { signal: tooLong }).catch(() => 'late' as const)
      const next = await Promise.race([written, ended])
      if ((next === 'ended' && this.address === '') || next === 'late') {
        throw new Error(`Cutover does not listen (${String(next)}):\n${this.stdout}${this.stderr}`)
      }
    }
  }
}
