import type { Finding } from '@cutover/contract'

/** What it means of an otherwise right signature that this secret made it. */
export type Standing = 'accepted' | 'wrong_platform' | 'disabled' | 'deleted' | 'expired' | 'of_integrator'

/** A secret that a signature is tried against. */
export interface Candidate {
  readonly id: string
  readonly integratorId: string | null
  readonly standing: Standing
  readonly material: string
}

/** What more a hint can tell than its finding. */
export type Note =
  | 'whitespace_signed'
  | 'whitespace_sent'
  | 'lower_case_signed'
  | 'upper_case_signed'
  | 'not_hex'
  | 'another_user'

export interface Diagnosis {
  readonly finding: Finding
  readonly note: Note | null
  /** Whose key it was; `null` where that is not known, or where there was none. */
  readonly candidate: Candidate | null
}

export const findingOfStanding = {
  accepted: 'verified',
  wrong_platform: 'wrong_platform',
  disabled: 'secret_disabled',
  deleted: 'secret_deleted',
  expired: 'secret_expired',
  of_integrator: 'integrator_secret_used',
} as const satisfies Record<Standing, Finding>
