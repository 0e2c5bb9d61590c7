const MAX_AHEAD_MS = 60_000
const MAX_CONTENTS = 10_000

/**
 * Gives each content a timestamp that it has not had before: the present one, or the next free one after it. Remembers
 * the last one of so many contents; of all others only that none had a later one than `#forgottenUpToMs`.
 */
export class UsedTimestamps {
  readonly #lastMs = new Map<string, number>()
  readonly #maxContents: number
  #forgottenUpToMs = 0

  constructor(maxContents = MAX_CONTENTS) {
    this.#maxContents = maxContents
  }

  /**
   * Never more than a minute ahead, which a verifier would refuse before long. Beyond that the clock was set back, or
   * one content was signed tens of thousands of times: the present time is the better answer, though it may repeat.
   */
  next(content: string, nowMs: number): number {
    const latestMs = nowMs + MAX_AHEAD_MS
    if (this.#forgottenUpToMs > latestMs) this.#forgottenUpToMs = 0
    const lastMs = this.#lastMs.get(content) ?? this.#forgottenUpToMs
    const timestampMs = lastMs >= latestMs ? nowMs : Math.max(nowMs, lastMs + 1)
    this.#lastMs.delete(content)
    this.#lastMs.set(content, timestampMs)
    this.#forgetOldest()
    return timestampMs
  }

  #forgetOldest(): void {
    const [oldest] = this.#lastMs.size > this.#maxContents ? this.#lastMs : []
    if (oldest === undefined) return
    const [content, lastMs] = oldest
    this.#lastMs.delete(content)
    this.#forgottenUpToMs = Math.max(this.#forgottenUpToMs, lastMs)
  }
}
