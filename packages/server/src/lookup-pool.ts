import { DomainError } from './domain-error.ts'

export interface LookupPoolSettings {
  /** How many run at once: fewer than the store has connections. */
  readonly running: number
  /** How many may wait for their turn; more are refused, since an answer that comes too late helps nobody. */
  readonly waiting: number
}

/**
 * Through here goes all that callers can make the store look up before they have proven anything: unknown tokens,
 * workspaces that are not in memory. However many there are, they never take the connections of real work.
 */
export class LookupPool {
  readonly #settings: LookupPoolSettings
  readonly #queue: (() => void)[] = []
  #running = 0

  constructor(settings: LookupPoolSettings) {
    this.#settings = settings
  }

  async run<Result>(lookUp: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#settings.running) await this.#turn()
    else this.#running += 1
    try {
      return await lookUp()
    } finally {
      // Whoever is next takes this place over; it is never free in between.
      const next = this.#queue.shift()
      if (next) next()
      else this.#running -= 1
    }
  }

  #turn(): Promise<void> {
    if (this.#queue.length >= this.#settings.waiting) throw new DomainError('too_many_lookups')
    return new Promise((resolve) => {
      this.#queue.push(resolve)
    })
  }
}
