export interface Clocks {
  /** Never goes back; may stand still while the machine sleeps. */
  monotonicMs(): number
  /** May be set to anything at any time. */
  wallMs(): number
}

/** Wall clocks count whole milliseconds, and the two clocks are read one after the other. */
const resolutionMs = 2

/**
 * A clock for leases: between two readings it counts as much as the monotonic clock or the wall clock, whichever
 * counted more, sample by sample. So a machine that slept cannot take an old lease for a new one, and one whose wall
 * clock is set back does not gain time; one whose wall clock is set forward loses its lease and renews.
 *
 * It is the monotonic clock plus what the wall clock gained on it. A gain counts once it is more than the clocks
 * resolve: the plain sum of larger samples would count every tick of the wall clock twice, and run up to twice as fast
 * as time when read often.
 */
export class LeaseClock {
  readonly #clocks: Clocks
  #gainedMs = 0
  /** Wall minus monotonic, at the last gain or lower since. */
  #offsetMs: number

  constructor(clocks: Clocks) {
    this.#clocks = clocks
    this.#offsetMs = clocks.wallMs() - clocks.monotonicMs()
  }

  /** Milliseconds since a moment of no meaning; never goes back. */
  nowMs(): number {
    const monotonicMs = this.#clocks.monotonicMs()
    const gainMs = this.#clocks.wallMs() - monotonicMs - this.#offsetMs
    if (gainMs > resolutionMs) this.#gainedMs += gainMs
    if (gainMs > resolutionMs || gainMs < 0) this.#offsetMs += gainMs
    return monotonicMs + this.#gainedMs
  }
}
