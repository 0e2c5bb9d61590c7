/** Why a use case refused. The transaction it was thrown in is rolled back; http owns status and words. */
export type DomainErrorCode =
  | 'token_invalid'
  | 'scope_missing'
  | 'workspace_required'
  | 'workspace_unknown'
  | 'secret_unknown'
  | 'token_unknown'
  | 'integrator_unknown'
  | 'timestamp_malformed'
  | 'timestamp_out_of_range'
  | 'signature_malformed'
  | 'signature_invalid'
  | 'signature_replayed'
  | 'too_many_signatures'
  | 'secret_retiring'
  | 'too_many_integrator_secrets'
  | 'grant_refused'
  | 'rotated_already'
  | 'workspace_in_use'
  | 'too_many_secrets'
  | 'invalid_state'
  | 'no_platform'
  | 'secret_in_use'
  | 'usage_unknown'
  | 'rotated_secret'
  | 'idempotency_key_reused'
  | 'idempotency_still_running'
  | 'idempotency_answer_destroyed'
  | 'store_unavailable'
  | 'lease_lost'
  | 'too_many_lookups'

export interface DomainErrorDetails {
  readonly limit?: number
  readonly retryAfterSeconds?: number
  /** The id or key of what there is none of. */
  readonly subject?: string
  /** A whole sentence, where the code alone does not say what to mend. */
  readonly detail?: string
}

export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly code: DomainErrorCode
  readonly details: DomainErrorDetails

  constructor(code: DomainErrorCode, details: DomainErrorDetails & { readonly cause?: unknown } = {}) {
    const { cause, ...rest } = details
    super(code, cause === undefined ? {} : { cause })
    this.code = code
    this.details = rest
  }
}
