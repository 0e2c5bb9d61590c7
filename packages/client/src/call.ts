import type { operations } from '@cutover/contract'
import type { ApiError } from './errors.ts'
import type { Repeatable } from './retry.ts'

/** What a caller may say of a single call. */
export interface CallOptions {
  /** Ends the call, pauses included; it then rejects with the signal's reason. A change may have happened all the same. */
  readonly signal?: AbortSignal | undefined
  /** For each attempt, in milliseconds, in place of the client's own: 1 to 2,147,483,647. */
  readonly timeoutMs?: number | undefined
}

/** As the OpenAPI document names it. */
export type OperationId = keyof typeof operations

export interface Call {
  readonly operation: OperationId
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Percent-encoded, from the root of the API. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** Headers that are new with each attempt, over the request target and the body as they are sent. */
  readonly sign?: ((target: string, body: string | undefined) => Readonly<Record<string, string>>) | undefined
  /** Whether it took away the reason of a refusal by which nothing was done: then the call is sent again at once. */
  readonly amend?: ((refusal: ApiError) => boolean) | undefined
  readonly repeatable: Repeatable
}

/** How it came to an answer. */
export interface Attempts {
  readonly attempts: number
  /** Whether an earlier one may have done what was asked for. */
  readonly mayBeDone: boolean
}

/** An answer with a good status, its body read to the end. */
export interface Reply extends Attempts {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}
