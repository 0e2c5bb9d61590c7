import type { ErrorListCode, ProblemCode } from '@cutover/contract'

/** One field of a request that was refused. */
export interface FieldFault {
  /** Path of the field, its parts separated by dots; empty for the body itself. */
  readonly field: string
  readonly message: string
}

/**
 * Codes of both dialects; `unexpected_answer` where something else than the API answered, a proxy for example. A later
 * server, and Intercom itself, may have further ones: give a `switch` a default.
 */
export type ApiErrorCode = ProblemCode | ErrorListCode | 'unexpected_answer'

export interface ApiErrorFacts {
  readonly status: number
  readonly code: ApiErrorCode
  readonly message: string
  readonly dialect: 'native' | 'intercom' | 'unknown'
  readonly requestId: string | undefined
  readonly attempts?: number | undefined
  readonly mayBeDone?: boolean | undefined
  readonly errors?: readonly FieldFault[] | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly serverTime?: string | undefined
  readonly skewMs?: number | undefined
}

/**
 * The server answered, and refused; nothing was done by this attempt, unless `status` is 500 or more. `message` is for
 * people and may change; `code` does not.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 0 where a browser hides a redirect. Below 300 the answer was good, and none of the API. */
  readonly status: number
  readonly code: ApiErrorCode
  /** `native`: an RFC 9457 problem; `intercom`: an `error.list`; `unknown`: neither. */
  readonly dialect: 'native' | 'intercom' | 'unknown'
  /** The UUID under which the server logged the request; name it to whoever runs the server. */
  readonly requestId: string | undefined
  /** One for each field that was refused; empty where no field is to blame. */
  readonly errors: readonly FieldFault[]
  /** How often the request was sent, from 1. */
  readonly attempts: number
  /**
   * Whether an earlier attempt may have done what this one was refused: its answer was lost, or said nothing. A
   * `rotation_conflict` is then perhaps with oneself.
   */
  readonly mayBeDone: boolean
  /** Whole seconds to wait before the next try, where the server said so. */
  readonly retryAfterSeconds: number | undefined
  /** Of `timestamp_out_of_range`: the time of the server, ISO 8601. */
  readonly serverTime: string | undefined
  /** Of `timestamp_out_of_range`: the signer's timestamp less the time of the server, in milliseconds. */
  readonly skewMs: number | undefined

  constructor(facts: ApiErrorFacts) {
    super(facts.message)
    this.status = facts.status
    this.code = facts.code
    this.dialect = facts.dialect
    this.requestId = facts.requestId
    this.errors = facts.errors ?? []
    this.attempts = facts.attempts ?? 1
    this.mayBeDone = facts.mayBeDone ?? false
    this.retryAfterSeconds = facts.retryAfterSeconds
    this.serverTime = facts.serverTime
    this.skewMs = facts.skewMs
  }
}

/** Nobody answered: no connection, or one that broke. A change may have happened all the same. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
}

/** The answer did not come in time, or not to its end. A change may have happened, or happen yet. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/** Whether what was asked for may have been done, though this is what came of it. */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status < 300
  return error instanceof NetworkError || error instanceof TimeoutError
}
