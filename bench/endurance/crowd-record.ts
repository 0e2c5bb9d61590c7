import { percentile } from '../statistics.ts'
import { type Outcome, outcomes, type Phase, type PhaseFigures } from './crowd.ts'

const stepMs = 100
const stepsInSecond = 10

/** What became of the requests that were due in one phase. */
export class CrowdRecord {
  readonly #phase: Phase
  readonly #startMs: number
  readonly #counts = Object.fromEntries(outcomes.map((each) => [each, 0])) as Record<Outcome, number> // sound: all named
  readonly #answeredDueMs: number[] = []
  readonly #latenciesMs: number[] = []
  readonly #lostDueMs: number[] = []

  constructor(phase: Phase, startMs: number) {
    this.#phase = phase
    this.#startMs = startMs
  }

  get endMs(): number {
    return this.#startMs + this.#phase.durationMs
  }

  get meanGapMs(): number {
    return 1000 / this.#phase.ratePerSecond
  }

  add(outcome: Outcome, dueMs: number, nowMs: number): void {
    this.#counts[outcome] += 1
    if (outcome === 'answered') {
      this.#answeredDueMs.push(dueMs)
      this.#latenciesMs.push(nowMs - dueMs)
    } else this.#lostDueMs.push(dueMs)
  }

  figures(): PhaseFigures {
    const sorted = Float64Array.from(this.#latenciesMs).sort()
    const p99Ms = sorted.length === 0 ? 0 : percentile(sorted, 0.99)
    return { seconds: this.#phase.durationMs / 1000, counts: this.#counts, p99Ms }
  }

  /**
   * How long after its start the first second began whose requests were all answered, 99 of 100 within `calmMs`; in
   * steps of a tenth of a second. `null`: there was none.
   */
  calmAfterMs(calmMs: number): number | null {
    const steps = Math.floor(this.#phase.durationMs / stepMs)
    const inStep = (dueMs: number) => Math.floor((dueMs - this.#startMs) / stepMs)
    const latencies = Array.from({ length: steps }, (): number[] => [])
    for (const [index, dueMs] of this.#answeredDueMs.entries()) {
      latencies[inStep(dueMs)]?.push(this.#latenciesMs[index] ?? 0)
    }
    const lossy = new Set(this.#lostDueMs.map(inStep))
    for (let first = 0; first + stepsInSecond <= steps; first += 1) {
      const second = latencies.slice(first, first + stepsInSecond)
      const isLossless = second.every((_, offset) => !lossy.has(first + offset))
      const sorted = second.flat().sort((one, other) => one - other)
      if (isLossless && sorted.length > 0 && percentile(sorted, 0.99) <= calmMs) return first * stepMs
    }
    return null
  }
}
