import { setTimeout as pause } from 'node:timers/promises'
import type { ObservedServer } from '../scale/observed-server.ts'
import type { SelfReport } from '../scale/self-report.ts'

interface Sample extends SelfReport {
  readonly atMs: number
}

/** Asks a server again and again how much memory it has, until it is disposed of. */
export class MemoryWatch implements AsyncDisposable {
  readonly #server: ObservedServer
  readonly #samples: Sample[] = []
  readonly #ended: Promise<void>
  /** One answers before the next is asked: an answer does not say to whom. */
  #asked: Promise<unknown> = Promise.resolve()
  #isEnding = false

  constructor(server: ObservedServer, everyMs: number) {
    this.#server = server
    this.#ended = this.#watch(everyMs)
  }

  /** Of the samples taken from one moment to another, on the clock of `performance.now`. */
  between(fromMs: number, toMs: number): readonly SelfReport[] {
    return this.#samples.filter(({ atMs }) => fromMs <= atMs && atMs < toMs)
  }

  collected(): Promise<SelfReport> {
    return this.#inTurn(() => this.#server.reportCollected())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    await this.#ended
  }

  async #watch(everyMs: number): Promise<void> {
    while (!this.#isEnding) {
      const report = await this.#inTurn(() => this.#server.report())
      this.#samples.push({ ...report, atMs: performance.now() })
      await pause(everyMs)
    }
  }

  #inTurn<Result>(ask: () => Promise<Result>): Promise<Result> {
    const answered = this.#asked.then(ask)
    this.#asked = answered
    return answered
  }
}
