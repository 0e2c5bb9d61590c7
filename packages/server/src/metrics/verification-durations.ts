import type { Distribution } from './metric-family.ts'

/** As the API's description names them. */
const operations = ['verify', 'verifyBatch', 'verifyRequest'] as const
export type TimedOperation = (typeof operations)[number]

const boundsSeconds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
]

/** How long answers took, since this process started: each costs a few comparisons and two additions, and no memory. */
export class VerificationDurations {
  readonly #counts: Readonly<Record<TimedOperation, Float64Array>> = {
    verify: noCounts(),
    verifyBatch: noCounts(),
    verifyRequest: noCounts(),
  }
  readonly #sumsSeconds: Record<TimedOperation, number> = { verify: 0, verifyBatch: 0, verifyRequest: 0 }

  observe(operation: TimedOperation, durationMs: number): void {
    const seconds = durationMs / 1000
    let bucket = 0
    while (seconds > (boundsSeconds[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1
    const counts = this.#counts[operation]
    counts[bucket] = (counts[bucket] ?? 0) + 1
    this.#sumsSeconds[operation] += seconds
  }

  all(): readonly (Distribution & { readonly operation: TimedOperation })[] {
    return operations.map((operation) => ({
      operation,
      bounds: boundsSeconds,
      counts: [...this.#counts[operation]],
      sum: this.#sumsSeconds[operation],
    }))
  }
}

function noCounts(): Float64Array {
  return new Float64Array(boundsSeconds.length + 1)
}
