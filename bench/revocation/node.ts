import { setTimeout as pause } from 'node:timers/promises'
import { Connections } from './connection.ts'
import { type Environment, ServerProcess } from './server-process.ts'
import type { StoreLink } from './store-link.ts'
import type { WallClock } from './wall-clock.ts'

/** What one node is started with, each time. */
export interface NodeSetup {
  readonly environment: Environment
  readonly nodeArguments: readonly string[]
}

const startAgainMs = 300

/** One of the nodes: a process that may be stopped, killed and replaced, and its link to the store. */
export class Node {
  readonly name: string
  readonly link: StoreLink
  /** `null`: it cannot be set. */
  readonly clock: WallClock | null
  readonly #setup: NodeSetup
  readonly #onEnd: (name: string, printed: string) => void
  #process: ServerProcess | undefined
  #connections: Connections | undefined
  #printedBefore = ''
  #isToEnd = false

  /** `onEnd`: told when a process ends that nobody has ended, with what it printed. */
  constructor(
    name: string,
    link: StoreLink,
    clock: WallClock | null,
    setup: NodeSetup,
    onEnd: (name: string, printed: string) => void,
  ) {
    this.name = name
    this.link = link
    this.clock = clock
    this.#setup = setup
    this.#onEnd = onEnd
  }

  /** Resolves when it listens: it holds a lease then. Without a store a start is refused, and tried again. */
  async start(): Promise<void> {
    const { environment, nodeArguments } = this.#setup
    for (;;) {
      this.#printedBefore = this.printed
      this.#isToEnd = false
      this.#process = new ServerProcess({ ...environment, ...this.clock?.environment }, nodeArguments)
      const port = await this.#process.listening()
      if (port !== null) {
        this.#connections = new Connections(port)
        this.#watch(this.#process)
        return
      }
      await pause(startAgainMs)
    }
  }

  /** What all of its processes have printed. */
  get printed(): string {
    return this.#printedBefore + (this.#process?.printed ?? '')
  }

  /** `null`: nothing listens there. */
  get connections(): Connections | null {
    return this.#connections ?? null
  }

  /** Its clients keep their connections, and wait. */
  pause(): void {
    this.#process?.signal('SIGSTOP')
  }

  goOn(): void {
    this.#process?.signal('SIGCONT')
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const connections = this.#connections
    this.#connections = undefined
    this.#isToEnd = true
    this.#process?.signal(signal)
    await this.#process?.exited
    connections?.close()
  }

  #watch(process: ServerProcess): void {
    void process.exited.then(() => {
      if (!this.#isToEnd) this.#onEnd(this.name, process.printed)
    })
  }
}
