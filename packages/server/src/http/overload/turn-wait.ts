/** Less than that nobody asks for: the timer of it is set anew at most so often. */
const roundMs = 50

/**
 * How long a request may have waited for its turn. One thread answers all that have arrived, in rounds; while one lasts,
 * no timer fires. So a request has waited no longer than a timer is overdue, and no longer than since the last request
 * was read on its connection. (It may have arrived in the round before: then it waited longer than is told here.)
 *
 * Only what this thread worked meanwhile counts: a machine that kept it from running leaves it no more to do than before.
 */
export class TurnWait {
  #dueMs = Number.POSITIVE_INFINITY
  #workedAtDueMs = 0
  #readAtMs = new WeakMap<object, number>()

  /** @param connection - on which a request was read at `nowMs`, on the clock of `performance.now` */
  atMostMs(connection: object, nowMs: number): number {
    if (nowMs < this.#dueMs) {
      if (this.#dueMs === Number.POSITIVE_INFINITY) this.#setTimer(nowMs)
      return 0
    }
    const sinceMs = Math.max(this.#dueMs, this.#readAtMs.get(connection) ?? 0)
    this.#readAtMs.set(connection, nowMs)
    return Math.min(nowMs - sinceMs, workedMs() - this.#workedAtDueMs)
  }

  #setTimer(nowMs: number): void {
    this.#dueMs = nowMs + roundMs
    this.#workedAtDueMs = workedMs() + roundMs
    setTimeout(() => {
      this.#dueMs = Number.POSITIVE_INFINITY
    }, roundMs).unref()
  }
}

function workedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
