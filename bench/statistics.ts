export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = at(sorted, Math.floor(sorted.length / 2))
  return sorted.length % 2 === 1 ? upper : (at(sorted, sorted.length / 2 - 1) + upper) / 2
}

/** The median of round by round ratios: a machine that slows down for a while slows both sides of a round. */
export function medianRatio(values: readonly number[], baseline: readonly number[]): number {
  return median(values.map((value, round) => value / at(baseline, round)))
}

/** The value that a share of all values (0 to 1) does not exceed; `sorted` ascending. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return at(sorted, Math.max(0, Math.ceil(sorted.length * share) - 1))
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index]
  if (value === undefined) throw new RangeError('nothing was measured')
  return value
}
