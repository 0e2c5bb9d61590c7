import type { Mutation } from './simulated-store.ts'

/** One change as its caller saw it; times are true times. */
export interface Operation extends Mutation {
  readonly machine: string
  readonly invokedMs: number
  /** `Infinity` until it was answered well. */
  okMs: number
  /** `unknown`: it happened or not, or will; `refused`, `unavailable`: it did not. */
  outcome: 'unknown' | 'ok' | 'refused' | 'unavailable'
  /** When, in true time, a retired secret ends. */
  endsMs: number
}

export interface Verification {
  readonly machine: string
  readonly secret: number
  readonly workspace: number
  readonly invokedMs: number
  /** When keyset and signature were compared. */
  comparedMs: number
  answeredMs: number
  outcome: 'none' | 'verified' | 'unverified' | 'unavailable'
  /** No fault can excuse that it is unavailable. */
  isCalm: boolean
  /** No clock was stepped that its node tells the store's time by. */
  isTimeSure: boolean
}

export interface History {
  readonly operations: Operation[]
  readonly verifications: Verification[]
}
