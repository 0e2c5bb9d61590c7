/**
 * Reads that begin after they were asked for, one at a time: however many changes wait at once, they take one connection,
 * and what keeps this node a member is not behind them.
 */
export class SharedReads<Result> {
  readonly #readNow: () => Promise<Result>
  #running: Promise<unknown> | undefined
  #next: Promise<Result> | undefined

  constructor(readNow: () => Promise<Result>) {
    this.#readNow = readNow
  }

  read(): Promise<Result> {
    this.#next ??= this.#afterRunning()
    return this.#next
  }

  async #afterRunning(): Promise<Result> {
    await this.#running
    this.#next = undefined
    const reading = this.#readNow()
    this.#running = reading.catch(() => {})
    return reading
  }
}
