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
    const deadline = AbortSignal.timeout(this.#waitMs)
    for (let running = this.#running.get(scope); running; running = this.#running.get(scope)) {
      await settledBefore(running, deadline)
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

function settledBefore(running: Promise<void>, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new DomainError('idempotency_still_running'))
    if (deadline.aborted) return giveUp()
    deadline.addEventListener('abort', giveUp, { once: true })
    running.then(() => {
      deadline.removeEventListener('abort', giveUp)
      resolve()
    })
  })
}
