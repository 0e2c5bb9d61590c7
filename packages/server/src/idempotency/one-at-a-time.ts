import { DomainError } from '../domain-error.ts'

/**
 * Lets requests with one key through one after another, so that a repeat finds the answer of the first instead of
 * queueing in the store. Across processes the lock on the epoch does the same.
 */
export class OneAtATime {
  readonly #running = new Map<string, Promise<void>>()
  readonly #waitMs: number

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  async run<Result>(scope: string, work: () => Promise<Result>): Promise<Result> {
    const giveUpAt = performance.now() + this.#waitMs
    for (let running = this.#running.get(scope); running; running = this.#running.get(scope)) {
      await settledWithin(running, giveUpAt - performance.now())
    }
    const result = work()
    const settled = result.then(
      () => {},
      () => {},
    )
    this.#running.set(scope, settled)
    try {
      return await result
    } finally {
      this.#running.delete(scope)
    }
  }
}

async function settledWithin(running: Promise<void>, milliseconds: number): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new DomainError('idempotency_still_running')), milliseconds)
  try {
    await Promise.race([running, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
