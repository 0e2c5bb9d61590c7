import type * as recorded from '../../../../test-support/revocation/history.ts'
import type { Mutation } from './simulated-store.ts'

/** Times are true times. */
export interface Operation extends Mutation, recorded.Operation {
  readonly kind: Mutation['kind']
  readonly secret: number
  readonly machine: string
}

export interface Verification extends recorded.Verification {
  readonly workspace: number
}

export interface History {
  readonly operations: Operation[]
  readonly verifications: Verification[]
}
