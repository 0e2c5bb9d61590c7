import { setTimeout as pause } from 'node:timers/promises'

/** Lets clients wait for the moment at which a change hurts most. */
export class Moment {
  #next = Promise.withResolvers<void>()

  /** It is now. */
  strike(): void {
    this.#next.resolve()
    this.#next = Promise.withResolvers()
  }

  /** Resolves when it strikes, or after so long. */
  async wait(atMostMs: number): Promise<void> {
    await Promise.race([this.#next.promise, pause(atMostMs)])
  }
}
