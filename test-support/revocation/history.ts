/** One change as its caller saw it; times are of one clock, that of whoever recorded them. */
export interface Operation {
  readonly kind: 'create' | 'delete' | 'disable' | 'enable' | 'retire'
  readonly secret: number
  readonly invokedMs: number
  /** `Infinity` until it was answered well. */
  okMs: number
  /** `unknown`: it happened or not, or will; `refused`, `unavailable`: it did not. */
  outcome: 'unknown' | 'ok' | 'refused' | 'unavailable'
  /** When a retired secret ends. */
  endsMs: number
}

export interface Verification {
  readonly machine: string
  readonly secret: number
  /** Before its first byte was sent. */
  readonly invokedMs: number
  /** Keyset and signature were compared no earlier than this, and no later than `comparedByMs`. */
  comparedFromMs: number
  comparedByMs: number
  /** After its last byte was read. */
  answeredMs: number
  outcome: 'none' | 'verified' | 'unverified' | 'unavailable'
  /** No fault can excuse that it is unavailable. */
  isCalm: boolean
  /** No clock was stepped that its node tells the store's time by. */
  isTimeSure: boolean
}

export interface History {
  readonly operations: readonly Operation[]
  readonly verifications: readonly Verification[]
}
