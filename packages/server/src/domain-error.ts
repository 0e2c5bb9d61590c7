/** Why a use case refused. The transaction it was thrown in is rolled back; http owns status and words. */
export type DomainErrorCode =
  | 'token_invalid'
  | 'scope_missing'
  | 'workspace_required'
  | 'workspace_unknown'
  | 'secret_unknown'
  | 'token_unknown'
  | 'grant_refused'
  | 'rotated_already'
  | 'workspace_in_use'
  | 'too_many_secrets'
  | 'idempotency_key_reused'
  | 'idempotency_still_running'
  | 'idempotency_answer_destroyed'
  | 'store_unavailable'
  | 'lease_lost'
  | 'too_many_lookups'

export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly code: DomainErrorCode
  readonly limit: number | undefined
  /** A whole sentence, where the code alone does not say what to mend. */
  readonly detail: string | undefined

  constructor(code: DomainErrorCode, options: { cause?: unknown; limit?: number; detail?: string } = {}) {
    super(code, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.limit = options.limit
    this.detail = options.detail
  }
}
