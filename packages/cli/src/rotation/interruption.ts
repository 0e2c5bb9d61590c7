import { exitCodes } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Lets a step that has begun come to its end when the user says stop. The first signal is only noted, and wakes whoever
 * waits; a second one ends the process at once.
 */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #note = () => {
    this.release()
    this.#controller.abort()
  }

  constructor() {
    for (const signal of signals) process.on(signal, this.#note)
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Between two steps: here it is safe to stop. */
  throwIfAsked(): void {
    if (this.signal.aborted) throw interrupted()
  }

  release(): void {
    for (const signal of signals) process.off(signal, this.#note)
  }
}

export function interrupted(): Failure {
  return new Failure(exitCodes.interrupted, 'Interrupted')
}
