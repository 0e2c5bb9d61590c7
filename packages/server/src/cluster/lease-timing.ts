/** A clock may count between 1 − ρ and 1 + ρ seconds in a second. Published: outside it nothing is promised. */
const rateBound = 0.1

/** More than the resolution of two clocks, of which each is read twice. */
const marginMs = 10

export interface LeaseTiming {
  /** For so long after the clock was read for it, on the lease clock, a lease may be used. */
  readonly usableMs: number
  readonly renewEveryMs: number
  /** What failed is tried again after this long. */
  readonly retryAfterMs: number
  /** After so long on a monotonic clock nobody uses a lease any more that was asked for before. */
  readonly waitMs: number
}

/**
 * For a lease of L, with a margin m, W = L (1 + ρ) / (1 − ρ) + m outwaits every lease older than a commit.
 *
 * Let a change commit, and COMMIT return at the true time c. A lease that does not know the change was granted by a
 * statement that ran before the commit, and its node read its clock before it sent that statement: at some s < c. The
 * lease is used while the lease clock counts less than L − m since; that clock counts at least 1 − ρ in a second, so
 * the use ends before s + (L − m) / (1 − ρ). The barrier counts W from c on a clock that counts at most 1 + ρ in a
 * second, so it ends after c + W / (1 + ρ) > c + L / (1 − ρ). The margin, taken off the one and added to the other,
 * covers what the clocks cannot resolve.
 *
 * The same holds from any moment at which a node's row was seen: its last renewal ran before, so W after that moment
 * the lease is over, if the row shows no other renewal.
 */
export function leaseTiming(leaseMs: number): LeaseTiming {
  return {
    usableMs: leaseMs - marginMs,
    renewEveryMs: leaseMs / 10,
    retryAfterMs: leaseMs / 100,
    waitMs: Math.ceil((leaseMs * (1 + rateBound)) / (1 - rateBound)) + marginMs,
  }
}
