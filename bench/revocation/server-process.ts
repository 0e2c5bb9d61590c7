import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { startedFrom, startedFromSource } from '../../test-support/programs.ts'
import { adopt } from '../processes.ts'

const startDeadlineMs = 60_000

export type Environment = Readonly<Record<string, string>>

/** A server in a process of its own: what it prints is kept for the report of a run that failed. */
export class ServerProcess {
  readonly exited: Promise<void>
  readonly #child: ChildProcess
  #printed = ''

  /** `nodeArguments`: of Node itself; whatever they are for, they find the sources as they are. */
  constructor(environment: Environment, nodeArguments: readonly string[] = []) {
    const from = nodeArguments.length === 0 ? startedFrom('server') : startedFromSource('server')
    this.#child = adopt(
      spawn(process.execPath, [...from.flags, ...nodeArguments, from.script], {
        env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: from.compileCache, PORT: '0', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#printed += text
      })
    }
    this.exited = once(this.#child, 'close').then(() => {})
  }

  get printed(): string {
    return this.#printed
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(name)
  }

  /** Resolves with the port once it is announced, which comes last; `null` when the process ended before. */
  async listening(): Promise<number | null> {
    const late = AbortSignal.timeout(startDeadlineMs)
    const ended = this.exited.then(() => null)
    const told = Promise.withResolvers<number>()
    const look = () => {
      const port = /^Cutover is listening at http:\/\/127\.0\.0\.1:(\d+)/m.exec(this.#printed)?.[1]
      if (port !== undefined) told.resolve(Number(port))
    }
    this.#child.stdout?.on('data', look)
    late.addEventListener('abort', () => told.reject(new Error(`a server did not start:\n${this.#printed}`)))
    return Promise.race([told.promise, ended])
  }
}
