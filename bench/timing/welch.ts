export interface Comparison {
  /** Welch's t of `a` against `b`; near 0 where both take the same time. */
  readonly t: number
  /** Mean of `a` less mean of `b`, in nanoseconds. */
  readonly differenceNs: number
  /** How many samples of each were left to compare. */
  readonly kept: readonly [a: number, b: number]
}

/**
 * Welch's t-test over what is left when the slowest samples are gone: those above the `keptShare` quantile of both sides
 * together. One bound for both, so that a side that is slow now and then loses more samples, and is not made equal.
 */
export function compareTimes(a: Float64Array, b: Float64Array, keptShare: number): Comparison {
  const pooled = new Float64Array(a.length + b.length)
  pooled.set(a)
  pooled.set(b, a.length)
  const boundNs = pooled.sort()[Math.ceil(pooled.length * keptShare) - 1] ?? Number.POSITIVE_INFINITY
  const isKept = (ns: number) => ns <= boundNs
  return welch(a.filter(isKept), b.filter(isKept))
}

function welch(a: Float64Array, b: Float64Array): Comparison {
  const [ofA, ofB] = [momentsOf(a), momentsOf(b)]
  const differenceNs = ofA.mean - ofB.mean
  const t = differenceNs / Math.sqrt(ofA.variance / a.length + ofB.variance / b.length)
  return { t, differenceNs, kept: [a.length, b.length] }
}

function momentsOf(values: Float64Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, variance: squares / (values.length - 1) }
}
