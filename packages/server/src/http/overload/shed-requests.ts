import type { FastifyBaseLogger } from 'fastify'

const logEveryMs = 10_000

/** How many requests were shed, since this process started; now and then the log says so as well. */
export class ShedRequests {
  readonly #log: Pick<FastifyBaseLogger, 'warn'>
  #count = 0
  #loggedAtMs = Number.NEGATIVE_INFINITY

  constructor(log: Pick<FastifyBaseLogger, 'warn'>) {
    this.#log = log
  }

  get count(): number {
    return this.#count
  }

  note(): void {
    this.#count += 1
    const nowMs = performance.now()
    if (nowMs - this.#loggedAtMs < logEveryMs) return
    this.#log.warn({ shed: this.#count }, 'more to do than this process can: verifications are answered with 503')
    this.#loggedAtMs = nowMs
  }
}
