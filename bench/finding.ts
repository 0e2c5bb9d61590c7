export type Unit = 'verifications/s' | 'requests/s' | 'pairs/s' | 'requests' | 'ms' | 'ns' | 'bytes' | 'MB'

/** What has to hold: of the ratio to the baseline, or of the figure itself. */
export type Target =
  | { readonly of: 'ratio'; readonly atLeast: number }
  | { readonly of: 'ratio'; readonly atMost: number }
  | { readonly of: 'figure'; readonly atLeast: number }
  | { readonly of: 'figure'; readonly atMost: number }

/** The targets that Cutover was given, each of which one or more findings settle. */
export type Aim =
  | 'verify'
  | 'two secrets'
  | 'verification'
  | 'batch'
  | 'latency'
  | 'ready'
  | 'keysets'
  | 'delete'
  | 'soak latency'
  | 'soak errors'
  | 'soak memory'
  | 'overload answers'
  | 'overload goodput'
  | 'overload memory'
  | 'overload recovery'
  | 'hostile'

export interface Measured {
  readonly what: string
  /** The median of `rounds`. */
  readonly figure: number
  readonly rounds: readonly number[]
}

/** How a figure grows with what is in the store, or with what serves it. */
export interface Curve {
  readonly what: string
  readonly over: string
  readonly points: readonly { readonly at: number; readonly figure: number; readonly rounds: readonly number[] }[]
}

export interface Finding {
  readonly unit: Unit
  readonly subject: Measured
  readonly baseline: Measured
  /** The median of the rounds' ratios, subject to baseline. */
  readonly ratio: number
  /** `null`: told for its own sake. */
  readonly target: Target | null
  readonly aim?: Aim
  /** What there was less of than the aim is about; absent: nothing. */
  readonly reducedTo?: string
  /** Of which `subject` is the last point and `baseline` the first. */
  readonly curve?: Curve
  /** What a reader has to know before believing the figure. */
  readonly cautions: readonly string[]
}

export function isMet({ target, ratio, subject }: Finding): boolean | null {
  if (target === null) return null
  const value = target.of === 'ratio' ? ratio : subject.figure
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
}
